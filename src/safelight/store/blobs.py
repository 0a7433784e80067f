"""Bytes by their SHA-256: written once, never changed.

The order of writing is the promise: bytes hashed as they stream to ``tmp``,
sync, optional reading back, rename, sync of the folder; only then does the
name leave this module. Any process may put at any time, without a lock: two
that put the same bytes rename the same file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from safelight.errors import (
    BlobDamagedError,
    BlobMissingError,
    OriginalChangedError,
    ParameterError,
    StoreError,
    StoreOfflineError,
)
from safelight.store.io import Buffer, Disk, explained, read_chunks
from safelight.store.layout import Layout, locate

_NAME = re.compile(r"[0-9a-f]{64}\Z")
_TAIL = re.compile(r"[0-9a-f]{62}\Z")
_IN_TEXT = re.compile(rb'"([0-9a-f]{64})"')
# An edit with a thousand spots is some 100 kB; a larger JSON blob is data, not a list of blobs.
_LISTING_BYTES = 4 << 20


class Blobs:
    """The blobs of one store.

    Needs no database and no lock, so that workers make their own with `open_blobs`.

    Parameters
    ----------
    layout : Layout
    disk : Disk
    read_back : bool
        Read every new blob again before it gets its name: catches a disk that
        stores other bytes than it was given, for the price of one reading.
    """

    def __init__(self, layout: Layout, disk: Disk, *, read_back: bool = False) -> None:
        self._layout = layout
        self._disk = disk
        self._read_back = read_back

    def put(self, data: Buffer | Iterable[Buffer]) -> str:
        r"""Keep `data` and return its SHA-256; the same bytes twice are one blob.

        Parameters
        ----------
        data : bytes, bytearray, memoryview, or an iterable of them
            An iterable is hashed as it streams; nothing is held in memory.

        Returns
        -------
        str
            64 hex digits. When it is returned, the blob is on the platter.

        Raises
        ------
        StoreError
            If the disk is full, read-only or faulty; no part of the blob is left.

        Examples
        --------
        >>> blobs.put(b"matte") == blobs.put([b"mat", b"te"])  # doctest: +SKIP
        True
        """
        if isinstance(data, (bytes, bytearray, memoryview)):
            view = memoryview(data).cast("B")
            sha256 = hashlib.sha256(view).hexdigest()
            if self._keep_known(sha256, view.nbytes):
                return sha256
            data = (view,)
        with self._explained("keep a blob"), self._draft() as draft:
            hashed, count = hashlib.sha256(), 0
            for piece in data:
                self._disk.write(draft.handle, piece)
                hashed.update(piece)
                count += memoryview(piece).nbytes
            return self._finish(draft, hashed.hexdigest(), count, read_back=self._read_back)

    def put_file(self, path: Path | str, expected: str | None = None) -> str:
        """Copy a file into the store, read the copy back, and return its SHA-256.

        The file is only read. Where the file system can, the copy shares its
        extents and costs no space; it is hashed all the same.

        Parameters
        ----------
        path : path
        expected : str, optional
            The SHA-256 that the file must have.

        Raises
        ------
        OriginalChangedError
            If the file is not there, is not a plain file, is another than `expected`, or changed under the copy.
        StoreError
            As `put`.
        """
        source = _open_plain(Path(path))
        try:
            before = os.fstat(source)
            with self._explained("copy an original"), self._draft() as draft:
                hashed = hashlib.sha256()
                if self._disk.clone(source, draft.handle):
                    for piece in read_chunks(draft.handle):
                        hashed.update(piece)
                else:
                    for piece in _read_original(source, before.st_size, path):
                        self._disk.write(draft.handle, piece)
                        hashed.update(piece)
                after = os.fstat(source)
                count, sha256 = os.fstat(draft.handle).st_size, hashed.hexdigest()
                if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or count != after.st_size:
                    raise OriginalChangedError(f"{path} changed while it was copied; wait until it is whole, run again")
                if expected not in {None, sha256}:
                    raise OriginalChangedError(f"{path} is {sha256[:12]}…, not {str(expected)[:12]}… as it was before")
                return self._finish(draft, sha256, count, read_back=True)
        finally:
            os.close(source)

    def get(self, sha256: str, *, verify: bool = False) -> bytes:
        """Return a blob's bytes; with `verify`, hash them first.

        Raises
        ------
        BlobMissingError
            If it is not there.
        BlobDamagedError
            With `verify`, if its bytes do not hash to its name.
        """
        with self.open(sha256) as file, explained("read a blob", self.path(sha256)):
            data = file.read()
        if verify and hashlib.sha256(data).hexdigest() != sha256:
            raise BlobDamagedError(
                f"blob {sha256[:12]}… is damaged: its {len(data)} bytes hash to another name; run `safelight verify "
                "--read-data` and restore it from a backup"
            )
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading; for those that do not fit in memory."""
        path = self.path(sha256)
        with explained("read a blob", path, missing=lambda: self._missing(sha256)):
            return path.open("rb")

    def path(self, sha256: str) -> Path:
        """Return where a blob is, or would be.

        Raises
        ------
        ParameterError
            If `sha256` is not 64 lower-case hex digits.
        """
        if not isinstance(sha256, str) or not _NAME.match(sha256):
            raise ParameterError(f"{sha256!r} names no blob; it takes the 64 hex digits of a SHA-256")
        return self._layout.blobs / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        """Whether a blob of this name is there (its bytes are not read)."""
        return self.path(sha256).is_file()

    def remove(self, sha256: str) -> bool:
        """Remove a blob for ever, and say whether it was there; only an erasure does that."""
        path = self.path(sha256)
        with explained("erase a blob", path):
            if not path.exists():
                return False
            self._disk.unlink(path)
            self._disk.sync_folder(path.parent)
        return True

    def size(self, sha256: str) -> int:
        """Return a blob's size in bytes.

        Raises
        ------
        BlobMissingError
            If it is not there.
        """
        path = self.path(sha256)
        with explained("look at a blob", path, missing=lambda: self._missing(sha256)):
            return path.stat().st_size

    def iterate(self) -> Iterator[str]:
        """Yield the name of every blob, sorted."""
        for path in self._files():
            if path.parent.name != "blobs" and _TAIL.match(path.name):
                yield path.parent.name + path.name

    def strays(self) -> Iterator[Path]:
        """Yield what lies among the blobs and is none."""
        for path in self._files():
            if not _TAIL.match(path.name) or path.is_symlink():
                yield path

    def is_damaged(self, sha256: str) -> bool:
        """Whether the bytes of a blob do not hash to its name; every byte is read.

        Raises
        ------
        BlobMissingError
            If it is not there.
        """
        hashed = hashlib.sha256()
        with self.open(sha256) as file, explained("read a blob", self.path(sha256)):
            for piece in read_chunks(file.fileno()):
                hashed.update(piece)
        return hashed.hexdigest() != sha256

    def closure(self, names: Iterable[str]) -> dict[str, int]:
        """Return name and size of each blob of `names` that is here, and of those they list in turn.

        A blob lists others when it is JSON (an edit names its mattes).
        Names of no blob of ours, such as an original that was only referenced, are left out.
        """
        found: dict[str, int] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found or not _NAME.match(name):
                continue
            try:
                size = self.path(name).stat().st_size
            except OSError:
                continue
            found[name] = size
            waiting.extend(self._listed(name, size))
        return found

    def _listed(self, name: str, size: int) -> list[str]:
        if not 64 <= size <= _LISTING_BYTES:
            return []
        with self.open(name) as file:
            if file.peek(1)[:1] not in {b"{", b"["}:  # type: ignore[attr-defined] # open("rb") is buffered
                return []
            data = file.read()
        try:
            json.loads(data)
        except ValueError:
            return []
        return [each.decode("ascii") for each in _IN_TEXT.findall(data)]

    def _files(self) -> Iterator[Path]:
        with self._explained("list the blobs"):
            folders = sorted(self._layout.blobs.iterdir())
        for folder in folders:
            if folder.is_dir() and re.fullmatch("[0-9a-f]{2}", folder.name):
                yield from sorted(folder.iterdir())
            else:
                yield folder

    def _keep_known(self, sha256: str, count: int) -> bool:
        """Whether the blob is here whole; its name is synced, since another process may just have renamed it."""
        path = self.path(sha256)
        try:
            known = path.stat().st_size == count
        except OSError:
            return False
        if known:
            with self._explained("keep a blob"):
                self._disk.sync_folder(path.parent)
        return known

    def _finish(self, draft: _Draft, sha256: str, count: int, *, read_back: bool) -> str:
        disk, path = self._disk, self.path(sha256)
        disk.seal(draft.handle, 0o444)
        disk.sync(draft.handle)
        if read_back:
            _read_again(draft.handle, sha256)
        draft.close()
        if not self._keep_known(sha256, count):
            if not path.parent.is_dir():
                disk.make_folders([path.parent])
                disk.sync_folder(self._layout.blobs)
            disk.rename(draft.path, path)
            draft.renamed = True
            disk.sync_folder(path.parent)
        return sha256

    @contextlib.contextmanager
    def _draft(self) -> Iterator[_Draft]:
        path = self._layout.scratch()
        draft = _Draft(path, self._disk.create(path), self._disk)
        try:
            yield draft
        finally:
            draft.close()
            if not draft.renamed:
                with contextlib.suppress(OSError):
                    self._disk.unlink(path)

    def _explained(self, doing: str) -> contextlib.AbstractContextManager[None]:
        return explained(doing, self._layout.root)

    def _missing(self, sha256: str) -> StoreError:
        if not (self._layout.marker.exists() and self._layout.blobs.is_dir()):
            return StoreOfflineError(
                f"the store at {self._layout.root} is not there any more: its disk may not be mounted; "
                "mount it and run again"
            )
        return BlobMissingError(
            f"blob {sha256[:12]}… is not in the store at {self._layout.root}; run `safelight verify` to see what "
            "rests on it, and restore it from a backup"
        )


@dataclass
class _Draft:
    """A blob that is being written and has no name yet."""

    path: Path
    handle: int
    disk: Disk
    renamed: bool = False

    def close(self) -> None:
        """Close the handle, once."""
        handle, self.handle = self.handle, -1
        if handle >= 0:
            self.disk.close(handle)


def open_blobs(root: Path | str, *, disk: Disk | None = None, read_back: bool = False) -> Blobs:
    """Open the blobs of the store at `root` and nothing else; what a worker process does.

    Raises
    ------
    NoStoreError, StoreOfflineError
        As `safelight.store.layout.locate`.
    """
    return Blobs(locate(root)[0], disk or Disk(), read_back=read_back)


def _open_plain(path: Path) -> int:
    """Open a plain file for reading; a pipe in its place does not block."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise OriginalChangedError(f"{path} cannot be read ({problem.strerror}); is its disk mounted?") from problem
    if not os.path.isfile(handle):  # noqa: PTH113 - of the open file, not of the name
        os.close(handle)
        raise OriginalChangedError(f"{path} is not a plain file")
    return handle


def _read_original(source: int, size: int, path: Path | str) -> Iterator[bytes]:
    try:
        yield from read_chunks(source, size)
    except OSError as problem:
        raise OriginalChangedError(f"{path} cannot be read ({problem.strerror}); check its card or disk") from problem


def _read_again(handle: int, sha256: str) -> None:
    """Hash a synced file from the disk, as far as the kernel lets go of its own copy."""
    with contextlib.suppress(OSError):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(handle, 0, os.SEEK_SET)
    hashed = hashlib.sha256()
    for piece in read_chunks(handle):
        hashed.update(piece)
    if hashed.hexdigest() != sha256:
        raise BlobDamagedError(
            f"the disk gave back other bytes than were written (blob {sha256[:12]}…); nothing was kept: check the disk"
        )
