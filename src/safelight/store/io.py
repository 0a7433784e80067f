"""The one thin layer through which the store changes anything on a disk.

Blobs, marker, lock and database call a `Disk` for every write, sync, rename,
new folder, removal and commit, in the order in which they must reach the
platter. A test puts another `Disk` in its place: one that fails or stops at
the k-th call, or one that writes a log from which every crash state is rebuilt.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.errors import StoreError, StoreOfflineError

if TYPE_CHECKING:
    from sqlalchemy import Connection

Buffer = bytes | bytearray | memoryview

CHUNK_BYTES = 1 << 20
# <linux/fs.h>: _IOW(0x94, 9, int). Shares the extents of two files where the file system can (btrfs, XFS, bcachefs).
_FICLONE = 0x40049409


class Disk:
    """A disk as it is: each method is one operation that may fail, and nothing is retried.

    A handle is a file descriptor. Errors leave as `OSError` (or the database
    driver's); `explained` turns them into sentences.
    """

    def create(self, path: Path) -> int:
        """Make the new file `path` (it must not exist) and return a handle to write it; mode 0600."""
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def write(self, handle: int, data: Buffer) -> None:
        """Append all of `data`."""
        view = memoryview(data).cast("B")
        while view:
            view = view[os.write(handle, view) :]

    def clone(self, source: int, handle: int) -> bool:
        """Share the bytes of `source` with the empty file `handle`; False where the file system cannot."""
        try:
            fcntl.ioctl(handle, _FICLONE, source)
        except OSError as problem:
            if problem.errno in {errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS, errno.EPERM}:
                return False
            raise
        return True

    def seal(self, handle: int, mode: int) -> None:
        """Set the mode of an open file."""
        os.fchmod(handle, mode)

    def sync(self, handle: int) -> None:
        """Wait until the bytes of an open file are on the platter."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Close a handle."""
        os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give `old` the name `new`, in one stroke, over whatever had it."""
        old.rename(new)

    def sync_folder(self, path: Path) -> None:
        """Wait until the names in a folder are on the platter."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def make_folders(self, paths: Iterable[Path]) -> None:
        """Make folders that may be there already; their parents must be."""
        for path in paths:
            path.mkdir(exist_ok=True)

    def unlink(self, path: Path) -> None:
        """Remove a file of our own; one that is gone already is no error."""
        path.unlink(missing_ok=True)

    def remove_tree(self, path: Path) -> None:
        """Remove an unfinished folder of our own, as far as it goes."""
        shutil.rmtree(path, ignore_errors=True)

    def commit(self, connection: Connection) -> None:
        """Commit the database transaction; with synchronous=FULL it is on the platter when this returns."""
        connection.commit()

    def dump(self, connection: Connection, path: Path) -> None:
        """Write a whole copy of the database as one new file."""
        connection.exec_driver_sql("VACUUM INTO ?", (os.fsdecode(path),))

    def fold(self, connection: Connection) -> None:
        """Move the write-ahead log into the database and empty it."""
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


def write_whole(disk: Disk, path: Path, data: bytes, scratch: Path, mode: int = 0o644) -> None:
    """Put a small file in place so that a crash leaves the old one or the new one, never a piece.

    Parameters
    ----------
    disk : Disk
    path : Path
        Its final name; its folder must be there.
    data : bytes
    scratch : Path
        A name that nobody else uses, on the same file system.
    mode : int
        Permission bits of the file.
    """
    handle = disk.create(scratch)
    try:
        disk.write(handle, data)
        disk.seal(handle, mode)
        disk.sync(handle)
    except OSError:
        disk.close(handle)
        with contextlib.suppress(OSError):
            disk.unlink(scratch)
        raise
    disk.close(handle)
    disk.rename(scratch, path)
    disk.sync_folder(path.parent)


def read_chunks(handle: int, most: int | None = None) -> Iterator[bytes]:
    """Yield what is left of an open file in pieces of `CHUNK_BYTES`; at most `most` bytes of one that grows."""
    left = sys.maxsize if most is None else most
    while piece := os.read(handle, min(CHUNK_BYTES, left)):
        left -= len(piece)
        yield piece


@contextlib.contextmanager
def explained(doing: str, place: Path, *, missing: Callable[[], StoreError] | None = None) -> Iterator[None]:
    """Turn an `OSError` inside the block into a `StoreError` that says what to do.

    Parameters
    ----------
    doing : str
        What was being done, for the sentence: ``"keep a blob"``.
    place : Path
        Where; its file system is asked for the space left.
    missing : callable returning the error to raise, optional
        For a file or folder that is not there; by default the store counts as offline.
    """
    try:
        yield
    except OSError as problem:
        if problem.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ESTALE, errno.ENOTCONN}:
            if missing is not None:
                raise missing() from problem
            raise StoreOfflineError(
                f"could not {doing}: {problem.filename or place} is not there; if the store is on a disk "
                "that is not mounted, mount it and run again"
            ) from problem
        raise StoreError(f"could not {doing} at {place}: {_way_out(problem, place)}") from problem


def _way_out(problem: OSError, place: Path) -> str:
    match problem.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"the disk is full ({_free(place)}); free some space and run again, nothing was recorded"
        case errno.EROFS:
            return "the disk is mounted read-only, often after a fault; check it, mount it writable and run again"
        case errno.EACCES | errno.EPERM:
            return "permission denied; give your account the right to write there"
        case errno.EMFILE | errno.ENFILE:
            return "too many files are open; raise `ulimit -n` or use fewer workers, and run again"
        case errno.EIO:
            return "the disk reports a fault; copy the store to another disk and run `safelight verify --read-data`"
        case errno.EFBIG:
            return "the file is larger than the file system or `ulimit -f` allows"
        case _:
            return problem.strerror or str(problem)


def _free(place: Path) -> str:
    try:
        return f"{shutil.disk_usage(place).free / 1e6:.1f} MB free"
    except OSError:
        return "free space unknown"
