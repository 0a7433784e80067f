"""TIFF directories to bytes: for EXIF blocks made from TIFF and RAW files, and for the TIFF files we write."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from safelight.media.exif import EXIF_IFD, GPS_IFD, INTEROP_IFD
from safelight.media.tiff_structure import TYPE_SIZE, Directory

# Tags of the first directory that describe the picture and not its storage; EXIF 3.0 table 4 and Windows' XP tags.
DESCRIPTIVE = (270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 316, 18246, 18249, *range(40091, 40096), 33432)
# Maker notes point into the file they came from; elsewhere they would lie.
_LEFT_OUT = (37500,)
_LAST_CLASSIC_TYPE = 12  # 13 to 18 are offsets, and BigTIFF's own
_SWAP = {2: 1, 7: 1, 1: 1, 6: 1, 3: 2, 8: 2, 4: 4, 9: 4, 11: 4, 5: 4, 10: 4, 12: 8}


@dataclass
class Tree:
    """A directory to be written: (type, little-endian bytes) by tag, and directories below it by tag."""

    values: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    children: dict[int, Tree] = field(default_factory=dict)


def short(*values: int) -> tuple[int, bytes]:
    """A value of type SHORT."""
    return 3, struct.pack(f"<{len(values)}H", *values)


def long(*values: int) -> tuple[int, bytes]:
    """A value of type LONG."""
    return 4, struct.pack(f"<{len(values)}I", *values)


def rational(numerator: int, denominator: int) -> tuple[int, bytes]:
    """A value of type RATIONAL."""
    return 5, struct.pack("<II", numerator, denominator)


def opaque(data: bytes) -> tuple[int, bytes]:
    """A value of type UNDEFINED."""
    return 7, data


def exif_tree(data: memoryview, chain: tuple[Directory, ...]) -> Tree:
    """Take the descriptive tags, Exif, GPS and Interoperability out of a TIFF structure, as a tree to be written."""
    first = chain[0]
    tree = _copy(data, first, DESCRIPTIVE)
    for tag in (EXIF_IFD, GPS_IFD):
        for child in first.children.get(tag, ())[:1]:
            tree.children[tag] = _copy(data, child, tuple(child.entries))
            for inner in child.children.get(INTEROP_IFD, ())[:1]:
                tree.children[tag].children[INTEROP_IFD] = _copy(data, inner, tuple(inner.entries))
    return tree


def exif_block(data: memoryview, chain: tuple[Directory, ...]) -> bytes | None:
    """Return the EXIF block of a TIFF-shaped file: a TIFF structure of its own without pixels, or None."""
    tree = exif_tree(data, chain)
    if not tree.values and not tree.children:
        return None
    return b"II*\0\x08\0\0\0" + pack(tree, 8)


def _copy(data: memoryview, directory: Directory, tags: tuple[int, ...]) -> Tree:
    tree = Tree()
    for tag in tags:
        entry = directory.entries.get(tag)
        if entry is None or tag in _LEFT_OUT or tag in (EXIF_IFD, GPS_IFD, INTEROP_IFD):
            continue
        raw = directory.raw(data, tag)
        if raw and entry.type <= _LAST_CLASSIC_TYPE:
            tree.values[tag] = (entry.type, _swapped(raw, entry.type) if directory.order == ">" else raw)
    return tree


def _swapped(raw: bytes, kind: int) -> bytes:
    size = _SWAP.get(kind, 1)
    return raw if size == 1 else b"".join(raw[at : at + size][::-1] for at in range(0, len(raw), size))


def pack(tree: Tree, at: int) -> bytes:
    """Lay a tree out as little-endian bytes that will stand at offset `at` (even), directories first."""
    tags = sorted({*tree.values, *tree.children})
    body_at = at + 2 + 12 * len(tags) + 4
    table, body = struct.pack("<H", len(tags)), b""
    for tag in tags:
        if tag in tree.children:
            child = pack(tree.children[tag], body_at + len(body))
            kind, count, slot = 4, 1, struct.pack("<I", body_at + len(body))
            body += child
        else:
            kind, value = tree.values[tag]
            count = len(value) // TYPE_SIZE[kind]
            slot = value.ljust(4, b"\0")
            if len(value) > 4:
                slot = struct.pack("<I", body_at + len(body))
                body += value + bytes(len(value) % 2)
        table += struct.pack("<HHI", tag, kind, count) + slot
    return table + struct.pack("<I", 0) + body
