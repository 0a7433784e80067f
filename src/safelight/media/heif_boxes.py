"""AVIF and HEIC: the boxes that say size, depth, orientation and color, read without decoding a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from safelight.errors import UnreadableError

_MOST_BOXES = 20_000
_MOST_ITEM = 64 * 1024 * 1024


@dataclass
class HeifHeader:
    """What the boxes say of the primary picture; `turned` is true where width and height swap upright."""

    width: int = 0
    height: int = 0
    bits: int = 8
    channels: int = 3
    transparent: bool = False
    turned: bool = False
    icc: bytes | None = None
    coded: tuple[int, int] | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


@dataclass
class _Meta:
    properties: list[tuple[bytes, memoryview]] = field(default_factory=list)
    belongs: dict[int, list[int]] = field(default_factory=dict)
    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    places: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    aux_alpha: bool = False
    item_data: memoryview = field(default_factory=lambda: memoryview(b""))


def read_heif_header(data: memoryview) -> HeifHeader:
    """Read the boxes of an AVIF or HEIC file.

    Raises
    ------
    UnreadableError
        If the file ends inside a box, or says no size of its primary picture.
    """
    meta = None
    for kind, body, _ in _boxes(data, 0, len(data), strict=True):
        if kind == b"meta":
            meta = _read_meta(data, body)
            break
    if meta is None:
        raise UnreadableError("it holds no still picture")
    for places in meta.places.values():
        for at, length in places:
            if at + length > len(data):
                raise UnreadableError(f"it is cut short: {len(data)} of at least {at + length} bytes are there")
    header = HeifHeader()
    for index in meta.belongs.get(meta.primary, []):
        if 0 < index <= len(meta.properties):
            _take(header, *meta.properties[index - 1])
    if header.icc is None and header.coded is None:
        _take_color_of_tiles(header, meta)
    header.transparent = meta.aux_alpha
    if not header.width or not header.height:
        raise UnreadableError("it says no size of its picture")
    header.exif = _exif_item(data, meta)
    header.xmp = _item(data, meta, b"mime")
    return header


def _boxes(data: memoryview, at: int, end: int, *, strict: bool = False) -> Iterator[tuple[bytes, memoryview, int]]:
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        size, kind, head = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8]), 8
        if size == 1 and at + 16 <= end:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        size = end - at if size == 0 else size
        if size < head or at + size > end:
            if strict:
                raise UnreadableError(
                    f"it is cut short inside its box {kind.decode('ascii') if kind.isalnum() else kind.hex()}"
                )
            return
        yield kind, data[at + head : at + size], at + head
        at += size


def _read_meta(data: memoryview, body: memoryview) -> _Meta:
    meta = _Meta()
    inside = body[4:]
    readers = {b"pitm": _read_pitm, b"iinf": _read_iinf, b"iloc": _read_iloc, b"iprp": _read_iprp}
    for kind, box, _ in _boxes(inside, 0, len(inside)):
        if kind == b"idat":
            meta.item_data = box
        elif kind in readers:
            readers[kind](meta, box)
    return meta


def _read_pitm(meta: _Meta, box: memoryview) -> None:
    meta.primary = int.from_bytes(box[4:6] if box[0] == 0 else box[4:8])


def _read_iinf(meta: _Meta, box: memoryview) -> None:
    start = 6 if box[0] == 0 else 8
    for kind, entry, _ in _boxes(box, start, len(box)):
        if kind == b"infe" and len(entry) > 12:
            wide = 2 if entry[0] >= 3 else 0
            item = int.from_bytes(entry[4 : 6 + wide])
            meta.kinds[item] = bytes(entry[8 + wide : 12 + wide])


def _read_iloc(meta: _Meta, box: memoryview) -> None:
    version = box[0]
    offset_size, length_size, base_size = box[4] >> 4, box[4] & 15, box[5] >> 4
    index_size = box[5] & 15 if version in (1, 2) else 0
    reader = _Numbers(box, 6)
    for _ in range(reader.take(2 if version < 2 else 4)):
        item = reader.take(2 if version < 2 else 4)
        method = reader.take(2) & 15 if version in (1, 2) else 0
        reader.take(2)
        base = reader.take(base_size)
        places = []
        for _ in range(reader.take(2)):
            reader.take(index_size)
            at = base + reader.take(offset_size)
            places.append((at, reader.take(length_size)))
        if reader.at > len(box):
            return
        if method == 0:
            meta.places[item] = places


class _Numbers:
    """Takes big-endian numbers one after the other; 0 beyond the end."""

    def __init__(self, data: memoryview, at: int) -> None:
        self.data, self.at = data, at

    def take(self, size: int) -> int:
        found = int.from_bytes(self.data[self.at : self.at + size]) if self.at < len(self.data) else 0
        self.at += size
        return found


def _read_iprp(meta: _Meta, box: memoryview) -> None:
    for kind, body, _ in _boxes(box, 0, len(box)):
        if kind == b"ipco":
            meta.properties = [(each, inside) for each, inside, _ in _boxes(body, 0, len(body))]
            meta.aux_alpha = any(each == b"auxC" and b"alpha" in bytes(inside) for each, inside in meta.properties)
        elif kind == b"ipma" and len(body) >= 8:
            _read_ipma(meta, body)


def _read_ipma(meta: _Meta, body: memoryview) -> None:
    wide = 2 if body[3] & 1 else 1
    reader = _Numbers(body, 4)
    for _ in range(min(reader.take(4), _MOST_BOXES)):
        item = reader.take(2 if body[0] < 1 else 4)
        mask = 0x7FFF if wide == 2 else 0x7F
        meta.belongs[item] = [reader.take(wide) & mask for _ in range(reader.take(1))]


def _take(header: HeifHeader, kind: bytes, body: memoryview) -> None:
    if kind == b"ispe" and len(body) >= 12:
        header.width, header.height = int.from_bytes(body[4:8]), int.from_bytes(body[8:12])
    elif kind == b"pixi" and len(body) >= 6:
        header.channels, header.bits = body[4], body[5]
    elif kind == b"irot" and len(body) >= 1:
        header.turned = bool(body[0] & 1)
    elif kind == b"colr" and bytes(body[:4]) in (b"prof", b"rICC"):
        header.icc = bytes(body[4:])
    elif kind == b"colr" and bytes(body[:4]) == b"nclx" and len(body) >= 8:
        header.coded = (int.from_bytes(body[4:6]), int.from_bytes(body[6:8]))


def _take_color_of_tiles(header: HeifHeader, meta: _Meta) -> None:
    """Cameras that tile a picture give its color to the tiles alone."""
    for kind, body in meta.properties:
        if kind == b"colr":
            _take(header, kind, body)
            return


def _item(data: memoryview, meta: _Meta, kind: bytes) -> bytes | None:
    for item, its_kind in meta.kinds.items():
        places = meta.places.get(item, [])
        if its_kind == kind and places and sum(length for _, length in places) <= _MOST_ITEM:
            return b"".join(bytes(data[at : at + length]) for at, length in places)
    return None


def _exif_item(data: memoryview, meta: _Meta) -> bytes | None:
    """An Exif item starts with the distance to its TIFF header."""
    block = _item(data, meta, b"Exif")
    if block is None or len(block) < 8:
        return None
    skip = 4 + int.from_bytes(block[:4])
    return block[skip:] if skip < len(block) else None
