"""A second copy of originals, in a folder of the user's own: written beside its place, read back, then named."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress

from safelight.errors import StoreError
from safelight.media.names import display_name

_BLOCK = 1 << 20


def back_up(source: str, folder: str, path: str, sha256: str) -> str:
    """Copy a file to `path` below `folder`, unless the very same bytes lie there, and return a note.

    Parameters
    ----------
    source : str
        Where its bytes are read from.
    folder, path : str
        The copy keeps its place in the shoot.
    sha256 : str
        What the copy must have when it is read again.

    Raises
    ------
    StoreError
        If the copy can't be written or reads back otherwise, or another file of that name lies there already: it is
        never overwritten.
    """
    target = f"{folder}/{path}"
    shown = display_name(path)
    try:
        if os.path.lexists(target):
            return _already(target, shown, sha256)
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - bytes that are not UTF-8 stay
        draft = f"{os.path.dirname(target)}/.{sha256[:16]}.part"  # noqa: PTH120
        try:
            _copy(source, draft)
            if _hash_of(draft) != sha256:
                raise StoreError(f"the backup of {shown} reads back with other bytes; check the disk of {folder}")
            os.link(draft, target)  # unlike a rename, this never takes the place of a file that is there
        finally:
            with suppress(FileNotFoundError):
                os.unlink(draft)  # noqa: PTH108
        _sync_folder(os.path.dirname(target))  # noqa: PTH120
    except OSError as error:
        raise StoreError(f"{shown} can't be backed up to {folder} ({error.strerror or error})") from None
    return "backed up"


def _already(target: str, shown: str, sha256: str) -> str:
    if not os.path.isfile(target) or _hash_of(target) != sha256:  # noqa: PTH113
        raise StoreError(f"{shown}: another file of that name lies in the backup folder; it is left, choose another")
    return "was backed up already"


def _copy(source: str, draft: str) -> None:
    reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        writing = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            while block := os.read(reading, _BLOCK):
                view = memoryview(block)
                while view:
                    view = view[os.write(writing, view) :]
            os.fsync(writing)
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _hash_of(path: str) -> str:
    digest = hashlib.sha256()
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while block := os.read(handle, _BLOCK):
            digest.update(block)
    finally:
        os.close(handle)
    return digest.hexdigest()


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
