"""Originals that stay where the photographer put them: looked at, never touched.

A reference holds path, size, modification time and SHA-256. The file is read
again only when size or time moved. Nothing here writes, links or changes the
mode of a file outside the store.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from safelight.errors import OriginalChangedError
from safelight.store.io import read_chunks

if TYPE_CHECKING:
    from safelight.store.blobs import Blobs
    from safelight.store.ledger import Ledger

Looked = Literal["same", "moved_stat_same_hash", "changed", "offline"]


@dataclass(frozen=True)
class Reference:
    """A file as it was when it was read.

    Parameters
    ----------
    path : str
        Absolute; bytes that are not UTF-8 ride as surrogate escapes.
    size : int
        Bytes.
    mtime_ns : int
        Modification time, nanoseconds since 1970.
    sha256 : str
        Of the whole file.
    """

    path: str
    size: int
    mtime_ns: int
    sha256: str


def refer(path: Path | str) -> Reference:
    """Read a file once, only reading, and return its reference.

    Raises
    ------
    OriginalChangedError
        If it is missing, unreadable, no plain file, or changed while it was read.
    """
    found = _hashed(str(path))
    if isinstance(found, str):
        raise OriginalChangedError(f"{path} is {found}; mount its disk or bring the file back, and run again")
    return found


def look(reference: Reference) -> Looked:
    """Say what became of a referenced original.

    Returns
    -------
    {"same", "moved_stat_same_hash", "changed", "offline"}
        ``same``: size and time are as they were (bytes are not read).
        ``moved_stat_same_hash``: size or time moved, the bytes did not.
        ``changed``: other bytes, or something that is no file.
        ``offline``: it is not there or cannot be read, for whatever reason:
        an unmounted disk and a removed file look the same, and neither is
        a reason to forget anything.
    """
    try:
        now = os.stat(reference.path)  # noqa: PTH116 - a str may hold surrogate escapes
    except OSError:
        return "offline"
    if not stat.S_ISREG(now.st_mode):
        return "changed"
    if (now.st_size, now.st_mtime_ns) == (reference.size, reference.mtime_ns):
        return "same"
    found = _hashed(reference.path)
    if isinstance(found, str):
        return "offline" if found == "offline" else "changed"
    return "moved_stat_same_hash" if found.sha256 == reference.sha256 else "changed"


def require_same(reference: Reference) -> None:
    """Refuse an original that is not the one that was read.

    Raises
    ------
    OriginalChangedError
        Naming the file, and `changed` or `offline`.
    """
    found = look(reference)
    if found == "offline":
        raise OriginalChangedError(
            f"the original {reference.path} is offline; mount its disk or bring the file back, and run again"
        )
    if found == "changed":
        raise OriginalChangedError(
            f"the original {reference.path} changed since it was read ({reference.sha256[:12]}…); put the file back, "
            "or import it again as a new asset"
        )


def _hashed(path: str) -> Reference | Literal["offline", "changed"]:
    """Read a plain file as one state of it, or say why not."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return "offline"
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            return "changed"
        hashed = hashlib.sha256()
        for piece in read_chunks(handle, before.st_size):
            hashed.update(piece)
        after = os.fstat(handle)
    except OSError:
        return "offline"
    finally:
        os.close(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return "changed"
    return Reference(os.path.abspath(path), after.st_size, after.st_mtime_ns, hashed.hexdigest())  # noqa: PTH100


def where_they_lie(ledger: Ledger, blobs: Blobs, batch: str) -> dict[str, str]:
    """Return where each original of a batch lies now, by hash: its copy in the store, else its own place.

    One that is gone, or no longer what was read, is left out.
    """
    found: dict[str, str] = {}
    for each in ledger.sightings(batch=batch):
        sha256 = each.reference.sha256
        if sha256 in found:
            continue
        if each.copied and blobs.has(sha256):
            found[sha256] = str(blobs.path(sha256))
        elif look(each.reference) in ("same", "moved_stat_same_hash"):
            found[sha256] = each.reference.path
    return found
