"""Sidecars on disk: looked up and written through the folder itself, never through a link, whole or not at all.

Nothing here raises anything of its own but `OSError`: the caller records why a sidecar was not written and tries
again with the next command.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import PurePosixPath

from safelight.media.sidecar_xml import MOST_BYTES


class ChangedMeanwhileError(OSError):
    """The file is not the one that was read; it is left as it is now."""


def list_folder(root: str, folder: str) -> list[str]:
    """Return the names in ``folder`` of the shoot at ``root``; nothing is followed out of it."""
    with _opened(root, folder) as handle:
        return sorted(os.listdir(handle))  # noqa: PTH208 - inside an open folder


def read_beside(root: str, path: str) -> bytes | None:
    """Return the bytes of a sidecar, or None if there is none.

    Parameters
    ----------
    root : str
        The shoot's folder.
    path : str
        Below it, with ``/``.

    Raises
    ------
    OSError
        If it, or a folder on the way, is a link or no plain file, or cannot be read. One byte more than a sidecar may
        have is read of a larger file.
    """
    pure = PurePosixPath(path)
    with _opened(root, str(pure.parent)) as folder:
        return _read(folder, pure.name)


def write_beside(root: str, path: str, data: bytes, expected: bytes | None) -> None:
    """Put a sidecar in place so that a crash leaves the old one or the new one, never a piece.

    Parameters
    ----------
    root, path
        As `read_beside`.
    data : bytes
    expected : bytes or None
        What was read; None if there was none.

    Raises
    ------
    ChangedMeanwhileError
        If another program wrote it since.
    OSError
        If it is a link, the folder is read-only or full; the old one is untouched.
    """
    pure = PurePosixPath(path)
    with _opened(root, str(pure.parent)) as folder:
        mode = _mode(folder, pure.name)
        # Its ending says "no picture" to whoever lists the folder after a crash.
        draft = f".safelight-{os.getpid()}-{hashlib.sha256(os.fsencode(pure.name)).hexdigest()[:16]}.xmp"
        handle = os.open(
            draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder
        )
        try:
            _write(handle, data, mode)
            if _read(folder, pure.name) != expected:
                raise ChangedMeanwhileError(errno.EBUSY, f"another program wrote {pure.name} just now; run it again")
            os.replace(draft, pure.name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft, dir_fd=folder)
            raise
        os.fsync(folder)


def why_not(error: OSError, path: str) -> str:
    """Return one sentence for people: why a sidecar was not read or written, and the way out."""
    said = {
        errno.EACCES: "permission denied; give your account the right to write in its folder",
        errno.EPERM: "permission denied; give your account the right to write in its folder",
        errno.EROFS: "its disk is read-only; mount it writable",
        errno.ENOSPC: "the disk is full; free some space",
        errno.EDQUOT: "the disk quota is used up; free some space",
        errno.ELOOP: "it is a link; safelight writes only files that lie in the shoot",
        errno.ENOENT: "its folder is not there; mount its disk",
        errno.ENOTDIR: "its folder is not there; mount its disk",
    }
    return f"{path}: {said.get(error.errno or 0) or error.strerror or error}"


@contextlib.contextmanager
def _opened(root: str, folder: str) -> Iterator[int]:
    """Open a folder below `root` step by step, refusing links on the way."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    handle = os.open(root, flags)
    try:
        for part in PurePosixPath(folder).parts:
            if part in ("/", ".."):
                raise OSError(errno.ELOOP, "leads out of the shoot")
            inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    except NotADirectoryError as error:
        # Linux says "no directory" of a link that is not to be followed.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), folder) from error
    finally:
        os.close(handle)


def _read(folder: int, name: str) -> bytes | None:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ELOOP, "it is no plain file", name)
        pieces, left = [], MOST_BYTES + 1
        while left and (piece := os.read(handle, min(left, 1 << 20))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(handle)


def _mode(folder: int, name: str) -> int:
    """Return the permission bits to give: those of the file that is there, else what the folder's other files get."""
    try:
        return stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode) & 0o666
    except FileNotFoundError:
        return 0o644


def _write(handle: int, data: bytes, mode: int) -> None:
    try:
        os.fchmod(handle, mode)
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
