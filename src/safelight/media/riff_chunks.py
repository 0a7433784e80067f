"""WebP: the chunks of its RIFF container, read without decoding a pixel."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.errors import UnreadableError


@dataclass
class WebpHeader:
    """What the chunks of a WebP say."""

    width: int = 0
    height: int = 0
    transparent: bool = False
    animated: bool = False
    lossless: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


def read_webp_header(data: memoryview) -> WebpHeader:
    """Read the chunks of a WebP.

    Raises
    ------
    UnreadableError
        If the file is shorter than it says, or holds no picture.
    """
    said = int.from_bytes(data[4:8], "little") + 8
    if said > len(data):
        raise UnreadableError(f"it is cut short: {len(data)} of {said} bytes are there")
    header, at = WebpHeader(), 12
    while at + 8 <= min(said, len(data)):
        kind, length = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise UnreadableError("it is cut short inside a chunk")
        _take(header, kind, body)
        at += 8 + length + length % 2
    if not header.width or not header.height:
        raise UnreadableError("it holds no picture")
    return header


def _take(header: WebpHeader, kind: bytes, body: memoryview) -> None:
    if kind == b"VP8X" and len(body) >= 10:
        flags = body[0]
        header.transparent, header.animated = bool(flags & 0x10), bool(flags & 0x02)
        header.width = 1 + int.from_bytes(body[4:7], "little")
        header.height = 1 + int.from_bytes(body[7:10], "little")
    elif kind == b"VP8 " and len(body) >= 10 and bytes(body[3:6]) == b"\x9d\x01\x2a":
        header.width = header.width or int.from_bytes(body[6:8], "little") & 0x3FFF
        header.height = header.height or int.from_bytes(body[8:10], "little") & 0x3FFF
    elif kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        header.width = header.width or 1 + (bits & 0x3FFF)
        header.height = header.height or 1 + (bits >> 14 & 0x3FFF)
        header.transparent = header.transparent or bool(bits >> 28 & 1)
        header.lossless = True
    elif kind == b"ICCP":
        header.icc = bytes(body)
    elif kind == b"EXIF":
        header.exif = bytes(body[6:] if bytes(body[:6]) == b"Exif\0\0" else body)
    elif kind == b"XMP ":
        header.xmp = bytes(body)
