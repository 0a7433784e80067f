"""The skeleton of TIFF: directories and tags, as TIFF, EXIF and most RAW files have them.

Nothing here trusts the file: offsets are checked, loops end, counts are limited.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from safelight.errors import UnreadableError

# Bytes of one value by TIFF type, TIFF 6.0 page 15, BigTIFF's 16 to 18 added.
TYPE_SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MOST_DIRECTORIES = 64
_MOST_ENTRIES = 4096
_MOST_BYTES = 64 * 1024 * 1024
_SUB_DIRECTORIES = (330, 34665, 34853, 40965)  # SubIFDs, Exif, GPS, Interoperability


@dataclass(frozen=True)
class Entry:
    """One tag: where its value lies, so that it can be read or patched in place."""

    tag: int
    type: int
    count: int
    at: int
    size: int


@dataclass(frozen=True)
class Directory:
    """One image file directory; `link_at` is where the offset of the next one is written."""

    at: int
    order: str
    entries: dict[int, Entry]
    link_at: int
    next_at: int
    children: dict[int, tuple[Directory, ...]] = field(default_factory=dict)

    def numbers(self, data: memoryview, tag: int) -> tuple[float, ...]:
        """Return a tag's numbers, rationals as quotients; () where it is absent or not numeric."""
        entry = self.entries.get(tag)
        return () if entry is None else _numbers(data, self.order, entry)

    def number(self, data: memoryview, tag: int, default: float = 0.0) -> float:
        """Return a tag's first number, or `default`."""
        found = self.numbers(data, tag)
        return found[0] if found else default

    def raw(self, data: memoryview, tag: int) -> bytes:
        """Return a tag's bytes as they stand; b"" where it is absent or reaches beyond the file."""
        entry = self.entries.get(tag)
        if entry is None or entry.size > _MOST_BYTES or entry.at + entry.size > len(data):
            return b""
        return bytes(data[entry.at : entry.at + entry.size])

    def text(self, data: memoryview, tag: int) -> str:
        """Return a tag's text up to its first NUL, stripped."""
        return self.raw(data, tag).split(b"\0")[0].decode("utf-8", "replace").strip()

    def family(self) -> Iterator[Directory]:
        """Yield the directory itself and all below it."""
        yield self
        for group in self.children.values():
            for child in group:
                yield from child.family()


def is_tiff_header(head: bytes | memoryview) -> bool:
    """True if `head` starts as TIFF or BigTIFF, in either byte order."""
    return bytes(head[:4]) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_directories(data: memoryview, *, variants: bool = False) -> tuple[Directory, ...]:
    """Read the chain of directories with their sub-directories.

    Parameters
    ----------
    data : memoryview of bytes
        A whole TIFF file or EXIF block, starting at its byte order mark.
    variants : bool
        True also reads the headers that RAW makers changed (ORF, RW2).

    Raises
    ------
    UnreadableError
        If there is no header, or the first directory lies outside the data.
    """
    order, big, first = _header(data, variants=variants)
    reader = _Reader(data, order, big)
    chain = reader.chain(first)
    if not chain:
        raise UnreadableError(f"its first directory is said to be at byte {first} of {len(data)}")
    return chain


def _header(data: memoryview, *, variants: bool) -> tuple[str, bool, int]:
    head = bytes(data[:16])
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8 or not (variants or is_tiff_header(head)):
        raise UnreadableError("it does not start with a TIFF header")
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    if big and len(head) < 16:
        raise UnreadableError("its BigTIFF header is cut short")
    first = struct.unpack(order + "Q", head[8:16])[0] if big else struct.unpack(order + "I", head[4:8])[0]
    return order, big, first


class _Reader:
    """Walks directories once each; a directory that was seen is not read again."""

    def __init__(self, data: memoryview, order: str, big: bool) -> None:  # noqa: FBT001 - private
        self.data, self.order, self.big = data, order, big
        self.seen: set[int] = set()

    def chain(self, at: int, depth: int = 0) -> tuple[Directory, ...]:
        found = []
        while at and at not in self.seen and len(self.seen) < _MOST_DIRECTORIES and depth < 8:
            self.seen.add(at)
            directory = self.directory(at, depth)
            if directory is None:
                break
            found.append(directory)
            at = directory.next_at
        return tuple(found)

    def directory(self, at: int, depth: int) -> Directory | None:
        count_code, count_size, entry_size, link_code, link_size = (
            ("Q", 8, 20, "Q", 8) if self.big else ("H", 2, 12, "I", 4)
        )
        if at + count_size > len(self.data):
            return None
        (count,) = struct.unpack_from(self.order + count_code, self.data, at)
        count = min(count, _MOST_ENTRIES, (len(self.data) - at - count_size) // entry_size)
        entries: dict[int, Entry] = {}
        for index in range(count):
            entry = self.entry(at + count_size + index * entry_size)
            if entry is not None:
                entries.setdefault(entry.tag, entry)
        link_at = at + count_size + count * entry_size
        fits = link_at + link_size <= len(self.data)
        next_at = struct.unpack_from(self.order + link_code, self.data, link_at)[0] if fits else 0
        found = Directory(at, self.order, entries, link_at if fits else -1, next_at)
        for tag in _SUB_DIRECTORIES:
            for child_at in found.numbers(self.data, tag)[:16]:
                group = self.chain(int(child_at), depth + 1)
                found.children[tag] = found.children.get(tag, ()) + group[:1]
        return found

    def entry(self, at: int) -> Entry | None:
        code, head, slot = ("HHQ", 12, 8) if self.big else ("HHI", 8, 4)
        tag, kind, count = struct.unpack_from(self.order + code, self.data, at)
        size = TYPE_SIZE.get(kind, 0) * count
        if not size:
            return None
        if size <= slot:
            return Entry(tag, kind, count, at + head, size)
        (value_at,) = struct.unpack_from(self.order + ("Q" if self.big else "I"), self.data, at + head)
        return Entry(tag, kind, count, value_at, size)


def _numbers(data: memoryview, order: str, entry: Entry) -> tuple[float, ...]:
    if entry.at + entry.size > len(data) or entry.size > _MOST_BYTES:
        return ()
    if entry.type in (5, 10):
        code = "I" if entry.type == 5 else "i"
        flat = struct.unpack_from(f"{order}{2 * entry.count}{code}", data, entry.at)
        return tuple(a / b if b else float("nan") for a, b in zip(flat[::2], flat[1::2], strict=True))
    if entry.type not in _CODES:
        return ()
    return struct.unpack_from(f"{order}{entry.count}{_CODES[entry.type]}", data, entry.at)
