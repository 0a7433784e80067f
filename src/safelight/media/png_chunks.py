"""PNG: its chunks, read without decoding a pixel."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from safelight.errors import UnreadableError

_MOST_TEXT = 16 * 1024 * 1024
_XMP_KEYWORD = b"XML:com.adobe.xmp\0"


@dataclass
class PngHeader:
    """What the chunks of a PNG say; `color` is its color type, `coded` (primaries, transfer) of cICP."""

    width: int = 0
    height: int = 0
    bits: int = 0
    color: int = 0
    transparent: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    srgb: bool = False
    gamma: float | None = None
    coded: tuple[int, int] | None = None


def read_png_header(data: memoryview) -> PngHeader:
    """Read all chunks but the pixels; see that the file ends where a PNG ends.

    Raises
    ------
    UnreadableError
        If the first chunk is no IHDR, a chunk reaches beyond the file, or there is no IDAT or IEND.
    """
    header, at, pixels = PngHeader(), 8, False
    while True:
        if at + 12 > len(data):
            raise UnreadableError("it is cut short: it has no end chunk")
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise UnreadableError(f"it is cut short inside its chunk {_spelled(kind)}")
        body = data[at + 8 : at + 8 + length]
        if at == 8 and (kind != b"IHDR" or length != 13):
            raise UnreadableError("it does not begin with an IHDR chunk")
        if kind == b"IEND":
            break
        pixels = pixels or kind == b"IDAT"
        _take(header, kind, body)
        at += 12 + length
    if not pixels:
        raise UnreadableError("it has no pixels (no IDAT chunk)")
    if not header.width or not header.height:
        raise UnreadableError(f"its header says {header.width} x {header.height} px")
    return header


def peek_png_size(data: memoryview) -> tuple[int, int]:
    """Return (width, height) from the first chunk alone; (0, 0) where it is not there."""
    if len(data) < 24 or bytes(data[12:16]) != b"IHDR":
        return 0, 0
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _take(header: PngHeader, kind: bytes, body: memoryview) -> None:
    if kind == b"IHDR":
        header.width, header.height, header.bits, header.color = struct.unpack_from(">IIBB", body)
        header.transparent = header.color in (4, 6)
    elif kind == b"tRNS":
        header.transparent = True
    elif kind == b"iCCP":
        name_end = bytes(body[:81]).find(b"\0")
        header.icc = _inflate(bytes(body[name_end + 2 :])) if name_end >= 0 else b""
    elif kind == b"eXIf":
        header.exif = bytes(body)
    elif kind == b"sRGB":
        header.srgb = True
    elif kind == b"gAMA" and len(body) == 4:
        header.gamma = int.from_bytes(body) / 100_000
    elif kind == b"cICP" and len(body) == 4:
        header.coded = (body[0], body[1])
    elif kind == b"iTXt" and bytes(body[:18]) == _XMP_KEYWORD:
        header.xmp = _international_text(bytes(body[18:]))


def _international_text(body: bytes) -> bytes | None:
    """The text of an iTXt chunk after its keyword: two flags, language, translated keyword, text."""
    parts = body[2:].split(b"\0", 2)
    if len(body) < 4 or len(parts) != 3:
        return None
    return (_inflate(parts[2]) or None) if body[0] else parts[2]


def _inflate(packed: bytes) -> bytes:
    """Unpack at most 16 MiB; b"" if damaged or larger (a bomb)."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(packed, _MOST_TEXT)
    except zlib.error:
        return b""
    return found if unpacker.eof else b""


def _spelled(kind: bytes) -> str:
    return kind.decode("ascii") if kind.isalpha() and kind.isascii() else f"0x{kind.hex()}"
