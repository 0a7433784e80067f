"""Layers of a PSD: what is in the stack, the mask of one layer, notes, guides and paths; a channel at a time."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError
from safelight.media.packbits import unpack_rows
from safelight.media.psd_header import PsdHeader, read_psd_header, section

_GUIDES, _FIRST_PATH, _LAST_PATH = 1032, 2000, 2999
_MASK, _COVER = -2, -1  # channel ids: a layer's mask, and its own transparency
_MOST_LAYERS, _MOST_NOTES, _MOST_CHARS = 2000, 100, 2000
# Blocks that say what a layer is: "Adobe Photoshop File Formats", additional layer information.
_KINDS = {
    b"TySh": "text",
    b"SoLd": "smart object",
    b"SoLE": "smart object",
    b"PlLd": "smart object",
    b"SoCo": "fill",
    b"GdFl": "fill",
    b"PtFl": "fill",
}
_ADJUSTMENTS = b"levl curv brit blnc hue2 hue  selc mixr grdm phfl nvrt post thrs expA vibA clrL blwh CgEd".split()
_GROUP, _GROUP_END = (1, 2), 3


@dataclass(frozen=True)
class PsdLayer:
    """One layer, or a group.

    Parameters
    ----------
    name : str
    kind : {"pixels", "group", "text", "adjustment", "smart object", "fill"}
    box : (x0, y0, x1, y1), px
        Of its pixels, on the picture; all 0 where it has none.
    shown : bool
        False where it or a group that it lies in is hidden.
    opacity : float, 0..1
        Its own times those of its groups.
    blend : str
        Photoshop's four letters, ``"norm"`` for normal.
    clipped : bool
        True if it shows only where the layer below does.
    mask : {"", "on", "off", "other"}
        A mask of pixels that works, one that is switched off, or one that other numbers change: density, feather, a
        vector path, a place that moves with the layer.
    covers : float, 0..1
        Share of the picture that its own pixels cover; 0 where it has none.
    """

    name: str
    kind: str = "pixels"
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    shown: bool = True
    opacity: float = 1.0
    blend: str = "norm"
    clipped: bool = False
    mask: str = ""
    covers: float = 0.0


@dataclass(frozen=True)
class Layered:
    """What a PSD holds beside its flat picture.

    Parameters
    ----------
    size : (width, height), px
    layers : tuple of PsdLayer
        Lowest first.
    notes : tuple of str
        Words that were pinned to it, then those of its text layers' names.
    guides : tuple of (``"row"`` or ``"column"``, place in px)
    paths : bytes
        Its saved paths as image resources, see `clipping_path.read_paths`.
    """

    size: tuple[int, int]
    layers: tuple[PsdLayer, ...]
    notes: tuple[str, ...] = ()
    guides: tuple[tuple[str, float], ...] = ()
    paths: bytes = b""


@dataclass(frozen=True)
class _Record:
    """A layer as the file keeps it: where its channels lie, by id, and where its mask does."""

    layer: PsdLayer
    channels: Mapping[int, tuple[int, int]]
    divider: int = 0
    mask_box: tuple[int, int, int, int] = (0, 0, 0, 0)
    outside: int = 0


def read_layers(data: memoryview) -> Layered:
    """Read what a PSD holds beside its flat picture; of pixels only how much of the picture a layer covers.

    Parameters
    ----------
    data : memoryview
        The whole file.

    Raises
    ------
    UnreadableError
        If it is cut short, or its layers reach beyond it.

    Notes
    -----
    16-bit files of Photoshop keep their layers in a block of their own (``Lr16``); others in the layers' section.

    References
    ----------
    Adobe Photoshop File Formats Specification, "Layer and mask information section".
    """
    header = read_psd_header(data)
    records = _in_groups(list(_records(data)))
    size = header.width, header.height
    layers = tuple(replace(each.layer, covers=_covers(data, header, each)) for each in records)
    said = (*_pinned(data), *(each.layer.name for each in records if each.layer.kind == "text"))
    paths = b"".join(_packed(number, *each) for number, each in sorted(_named(data).items()))
    return Layered(size, layers, said[:_MOST_NOTES], _guides(header.resources.get(_GUIDES, b"")), paths)


def read_mask(data: memoryview, name: str) -> NDArray[np.uint8] | None:
    """Return the mask of the one layer that is called `name`, over the whole picture.

    Returns
    -------
    (H, W) uint8 or None
        255 shows. None where no layer or several have the name, or where it has no mask.

    Raises
    ------
    UnreadableError
        If the mask is damaged or reaches far beyond the picture.
    """
    header = read_psd_header(data)
    found = [each for each in _records(data) if each.layer.name == name and not each.divider]
    if len(found) != 1 or not found[0].layer.mask or _MASK not in found[0].channels:
        return None
    x0, y0, x1, y1 = found[0].mask_box
    whole = np.full((header.height, header.width), found[0].outside, np.uint8)
    own = _plane(data, header, found[0].channels[_MASK], (y1 - y0, x1 - x0))
    top, left = max(0, y0), max(0, x0)
    part = own[top - y0 : max(top, min(y1, header.height)) - y0, left - x0 : max(left, min(x1, header.width)) - x0]
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole


def _records(data: memoryview) -> Iterator[_Record]:
    """Each record with where its channels lie, lowest layer first."""
    at, end = _layer_info(data)
    if end - at < 2:
        return
    (count,) = struct.unpack_from(">h", data, at)
    at += 2
    if abs(count) > _MOST_LAYERS:
        raise UnreadableError(f"it claims {abs(count)} layers; {_MOST_LAYERS} are read")
    records, lengths = [], []
    for _ in range(abs(count)):
        record, own, at = _record(data, at, end)
        records.append(record)
        lengths.append(own)
    for record, own in zip(records, lengths, strict=True):
        places = {}
        for channel, length in own:
            if at + length > end:
                raise UnreadableError("it is cut short: a layer's pixels reach beyond the layers' section")
            places[channel] = at, length
            at += length
        yield replace(record, channels=places)


def _record(data: memoryview, at: int, end: int) -> tuple[_Record, list[tuple[int, int]], int]:
    """One record, its channels with their lengths, and where the next begins."""
    try:
        y0, x0, y1, x1, count = struct.unpack_from(">iiiiH", data, at)
        at += 18
        own = [struct.unpack_from(">hI", data, at + 6 * nth) for nth in range(count)]
        at += 6 * count
        _, blend, opacity, clipped, flags, _, extra = struct.unpack_from(">4s4sBBBBI", data, at)
    except struct.error:
        raise UnreadableError("it is cut short inside a layer's record") from None
    at += 16
    if count > 60 or at + extra > end:
        raise UnreadableError("a layer's record reaches beyond the layers' section")
    body, after = bytes(data[at : at + extra]), at + extra
    mask, mask_box, outside, rest = _mask_of(body)
    (ranges,) = struct.unpack_from(">I", body, rest) if rest + 4 <= len(body) else (0,)
    rest += 4 + ranges
    length = body[rest] if rest < len(body) else 0
    name = body[rest + 1 : rest + 1 + length].decode("mac-roman")
    blocks = dict(_blocks(body, rest + (length + 4 & ~3)))
    if b"luni" in blocks:
        name = _unicode(blocks[b"luni"]) or name
    divider = int.from_bytes(blocks[b"lsct"][:4]) if b"lsct" in blocks else 0
    kind = next((word for key, word in _KINDS.items() if key in blocks), "")
    kind = kind or ("adjustment" if any(each in blocks for each in _ADJUSTMENTS) else "pixels")
    if mask == "on" and any(each in blocks for each in (b"vmsk", b"vsms")):
        mask = "other"
    layer = PsdLayer(
        name[:255],
        "group" if divider in _GROUP else kind,
        (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else (0, 0, 0, 0),
        not flags & 2,
        opacity / 255,
        blend.decode("latin-1").strip(),
        bool(clipped),
        mask,
    )
    return _Record(layer, {}, divider, mask_box, outside), own, after


def _mask_of(body: bytes) -> tuple[str, tuple[int, int, int, int], int, int]:
    """Whether a mask works, its box, its color outside of it, and where what follows it begins."""
    if len(body) < 4:
        return "", (0, 0, 0, 0), 0, len(body)
    (size,) = struct.unpack_from(">I", body)
    if size < 18 or len(body) < 22:
        return "", (0, 0, 0, 0), 0, 4 + size
    y0, x0, y1, x1, outside, flags = struct.unpack_from(">iiiiBB", body, 4)
    # Bits: 0 moves with the layer, 1 switched off, 4 other numbers (density, feather) apply.
    word = "off" if flags & 2 else "other" if flags & 16 else "on"
    if x1 < x0 or y1 < y0 or max(x1 - x0, y1 - y0) > 300_000:
        raise UnreadableError("a mask's box makes no sense")
    return word, (x0, y0, x1, y1), outside, 4 + size


def _in_groups(records: list[_Record]) -> list[_Record]:
    """Layers and groups with what their groups do to them; a group's end is left out."""
    found, around = [], [(True, 1.0)]
    for each in reversed(records):  # from the top: a group comes before what is in it
        if each.divider == _GROUP_END:
            around = around[:-1] or [(True, 1.0)]
            continue
        shown, opacity = around[-1]
        own = replace(each.layer, shown=each.layer.shown and shown, opacity=each.layer.opacity * opacity)
        if each.divider in _GROUP:
            around.append((own.shown, own.opacity))
        found.append(replace(each, layer=own))
    return found[::-1]


def _covers(data: memoryview, header: PsdHeader, record: _Record) -> float:
    x0, y0, x1, y1 = record.layer.box
    if record.layer.kind != "pixels" or x1 <= x0 or y1 <= y0:
        return 0.0
    size = header.width * header.height
    if _COVER not in record.channels or (x1 - x0) * (y1 - y0) > 4 * size:
        return min(1.0, (x1 - x0) * (y1 - y0) / size)
    plane = _plane(data, header, record.channels[_COVER], (y1 - y0, x1 - x0))
    inside = plane[max(0, -y0) : max(0, header.height - y0), max(0, -x0) : max(0, header.width - x0)]
    return float(inside.sum(dtype=np.int64)) / (255 * size)


def _plane(data: memoryview, header: PsdHeader, place: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode one channel to 8 bits; some programs write masks of 8 bits into files of 16."""
    at, length = place
    rows, columns = shape
    if not rows or not columns or length < 2:
        return np.zeros(shape, np.uint8)
    if rows * columns > 4 * header.width * header.height + 65_536:
        raise UnreadableError("a layer's mask is far larger than the picture")
    kind, body = int.from_bytes(data[at : at + 2]), data[at + 2 : at + length]
    raw = _unpacked(kind, body, rows, 2 * columns)
    wide = len(raw) >= 2 * rows * columns
    if len(raw) < rows * columns:
        raise UnreadableError(f"a layer's mask is damaged or cut: {len(raw)} of {rows * columns} bytes are there")
    plane = np.frombuffer(raw, ">u2" if wide else "u1", rows * columns).reshape(shape)
    if kind == 3:  # each value is the difference to its left neighbor
        plane = np.cumsum(plane, axis=1, dtype=np.uint16 if wide else np.uint8)
    return np.asarray((plane.astype(np.uint32) + 128) // 257 if wide else plane, np.uint8)


def _unpacked(kind: int, body: memoryview, rows: int, most: int) -> bytes:
    if kind == 0:
        return bytes(body[: rows * most])
    if kind in (2, 3):
        try:
            return zlib.decompressobj().decompress(bytes(body), rows * most)
        except zlib.error as error:
            raise UnreadableError(f"a layer's mask is damaged ({error})") from None
    if kind != 1:
        raise UnreadableError(f"a layer's mask has compression {kind}; 0 to 3 are read")
    return unpack_rows(body, rows, most)


# Blocks of the file


def _layer_info(data: memoryview) -> tuple[int, int]:
    """Where the layers' records begin and where their pixels end."""
    start, end = _layers_and_masks(data)
    if end - start < 4:
        return start, start
    (size,) = struct.unpack_from(">I", data, start)
    if size:
        if start + 4 + size > end:
            raise UnreadableError("it is cut short inside its layers")
        return start + 4, start + 4 + size
    for key, at, length in _file_blocks(data):
        if key in (b"Lr16", b"Lr32", b"Layr"):
            return at, at + length
    return start, start


def _layers_and_masks(data: memoryview) -> tuple[int, int]:
    _, at = section(data, 26)
    _, at = section(data, at)
    part, end = section(data, at)
    return at + 4, at + 4 + len(part) if end else at


def _file_blocks(data: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Each block behind the layers and the global mask: key, where its body begins, length."""
    start, end = _layers_and_masks(data)
    at = start
    for _ in range(2):  # the layers' records, then the global mask
        if at + 4 > end:
            return
        (size,) = struct.unpack_from(">I", data, at)
        at += 4 + size
    while at + 12 <= end:
        mark, key, length = struct.unpack_from(">4s4sI", data, at)
        if mark not in (b"8BIM", b"8B64"):
            at += 1  # blocks are padded, by 2 or by 4
            continue
        if at + 12 + length > end:
            return
        yield key, at + 12, length
        at += 12 + length


def _blocks(body: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 12 <= len(body):
        mark, key, length = struct.unpack_from(">4s4sI", body, at)
        if mark not in (b"8BIM", b"8B64"):
            return
        yield key, body[at + 12 : at + 12 + length]
        at += 12 + length + length % 2


def _unicode(body: bytes) -> str:
    (count,) = struct.unpack_from(">I", body) if len(body) >= 4 else (0,)
    return body[4 : 4 + 2 * count].decode("utf-16-be", "replace").rstrip("\0")


def _pinned(data: memoryview) -> Iterator[str]:
    """Text of each note pinned with the note tool (block ``Anno``)."""
    for key, at, length in _file_blocks(data):
        if key != b"Anno" or length < 8:
            continue
        body = bytes(data[at : at + length])
        (count,), place = struct.unpack_from(">I", body, 4), 8
        for _ in range(min(count, _MOST_NOTES)):
            if place + 8 > len(body):
                break
            (size,) = struct.unpack_from(">I", body, place)
            one = body[place : place + max(size, 8)]
            found = one.find(b"txtC")
            if one[4:8] == b"txtA" and found > 0:
                (letters,) = struct.unpack_from(">I", one, found + 4) if found + 8 <= len(one) else (0,)
                yield _words(one[found + 8 : found + 8 + letters])
            place += max(size, 8)


def _words(text: bytes) -> str:
    if text.startswith(b"\xfe\xff"):
        return text[2:].decode("utf-16-be", "replace").strip("\0 ")[:_MOST_CHARS]
    return text.decode("mac-roman").replace("\r", "\n").strip("\0 ")[:_MOST_CHARS]


def _guides(body: bytes) -> tuple[tuple[str, float], ...]:
    if len(body) < 16:
        return ()
    (count,) = struct.unpack_from(">I", body, 12)
    count = min(count, (len(body) - 16) // 5)
    found = (struct.unpack_from(">iB", body, 16 + 5 * nth) for nth in range(count))
    return tuple(("row" if way else "column", place / 32) for place, way in found)


def _named(data: memoryview) -> dict[int, tuple[bytes, bytes]]:
    from safelight.media.clipping_path import iterate_resources

    _, at = section(data, 26)
    resources, _ = section(data, at)
    return {
        number: (name, body)
        for number, name, body in iterate_resources(bytes(resources))
        if _FIRST_PATH <= number <= _LAST_PATH
    }


def _packed(number: int, name: bytes, body: bytes) -> bytes:
    title = bytes((len(name),)) + name
    title += bytes(len(title) % 2)
    return b"8BIM" + struct.pack(">H", number) + title + struct.pack(">I", len(body)) + body + bytes(len(body) % 2)


def to_data(found: Layered) -> dict[str, Any]:
    """Return JSON data, paths as hexadecimal digits."""
    return {
        "size": list(found.size),
        "layers": [vars(each) | {"box": list(each.box)} for each in found.layers],
        "notes": list(found.notes),
        "guides": [list(each) for each in found.guides],
        "paths": found.paths.hex(),
    }


def from_data(data: Mapping[str, Any]) -> Layered:
    """Read what `to_data` wrote."""
    layers = (PsdLayer(**{**each, "box": tuple(each["box"])}) for each in data["layers"])
    guides = tuple((str(way), float(place)) for way, place in data["guides"])
    width, height = (int(each) for each in data["size"])
    return Layered((width, height), tuple(layers), tuple(map(str, data["notes"])), guides, bytes.fromhex(data["paths"]))
