"""JPEG: its marker segments, read without decoding a pixel."""

from __future__ import annotations

from dataclasses import dataclass, field

from safelight.errors import UnreadableError

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_ICC = b"ICC_PROFILE\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_MOST_METADATA = 64 * 1024 * 1024

# Start-of-frame markers: C4, C8 and CC are tables and extensions.
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


@dataclass
class JpegHeader:
    """What stands before the pixels of a JPEG.

    `sampling` holds (horizontal, vertical) factors by component; `adobe_transform` is None without an APP14.
    """

    width: int = 0
    height: int = 0
    bits: int = 0
    frame: int = 0
    sampling: tuple[tuple[int, int], ...] = ()
    adobe_transform: int | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    xmp_extended: dict[bytes, dict[int, bytes]] = field(default_factory=dict)
    icc_parts: dict[int, bytes] = field(default_factory=dict)
    icc_count: int = 0
    photoshop: bytes = b""

    @property
    def icc(self) -> bytes | None:
        """The profile put together from its segments; b"" when some are missing, None when there is none."""
        if not self.icc_parts:
            return None
        if sorted(self.icc_parts) != list(range(1, self.icc_count + 1)):
            return b""
        return b"".join(self.icc_parts[each] for each in sorted(self.icc_parts))

    @property
    def subsampling(self) -> str:
        """``"4:4:4"``, ``"4:2:2"``, ``"4:2:0"``..., or "" for gray and CMYK."""
        return _SUBSAMPLING.get(_ratio(self.sampling), "") if len(self.sampling) == 3 else ""


_SUBSAMPLING = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1", (4, 2): "4:1:0"}


def _ratio(sampling: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    (across, down), (chroma_across, chroma_down) = sampling[0], sampling[1]
    return across // max(chroma_across, 1), down // max(chroma_down, 1)


def read_jpeg_header(data: memoryview) -> JpegHeader:
    """Read the segments up to the first scan.

    Parameters
    ----------
    data : memoryview of bytes
        A whole JPEG file.

    Raises
    ------
    UnreadableError
        If it ends before a frame and a scan were found, or says 0 pixels.
    """
    header = JpegHeader()
    at, kept = 2, 0
    while True:
        marker, body, at = _next_segment(data, at)
        if marker == 0xDA:
            break
        kept += len(body)
        if kept > _MOST_METADATA:
            raise UnreadableError("its metadata is larger than 64 MiB")
        _take(header, marker, body)
    if not header.width or not header.height:
        raise UnreadableError(f"its header says {header.width} x {header.height} px")
    return header


def _next_segment(data: memoryview, at: int) -> tuple[int, memoryview, int]:
    while at + 1 < len(data) and not (data[at] == 0xFF and data[at + 1] not in (0x00, 0xFF)):
        at += 1  # fill bytes, or rubbish between segments, which decoders skip too
    if at + 3 >= len(data):
        raise UnreadableError("it is cut short: it ends before its picture begins")
    marker = data[at + 1]
    if marker == 0x01 or 0xD0 <= marker <= 0xD8:
        return marker, data[:0], at + 2
    if marker == 0xD9:
        raise UnreadableError("it ends before its picture begins")
    length = int.from_bytes(data[at + 2 : at + 4])
    if length < 2 or at + 2 + length > len(data):
        raise UnreadableError("it is cut short inside its header")
    return marker, data[at + 4 : at + 2 + length], at + 2 + length


def _take(header: JpegHeader, marker: int, body: memoryview) -> None:
    if marker in _FRAMES and not header.frame and len(body) >= 6:
        header.frame, header.bits = marker, body[0]
        header.height, header.width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
        parts = range(6, min(6 + 3 * body[5], len(body) - 2), 3)
        header.sampling = tuple((body[each + 1] >> 4, body[each + 1] & 15) for each in parts)
    elif marker == 0xE1:
        _take_app1(header, bytes(body))
    elif marker == 0xE2 and bytes(body[:12]) == _ICC and len(body) > 14:
        header.icc_parts.setdefault(body[12], bytes(body[14:]))
        header.icc_count = body[13]
    elif marker == 0xED and bytes(body[:14]) == _PHOTOSHOP:
        header.photoshop += bytes(body[14:])
    elif marker == 0xEE and bytes(body[:5]) == b"Adobe" and len(body) >= 12:
        header.adobe_transform = body[11]


def _take_app1(header: JpegHeader, body: bytes) -> None:
    if body[:6] == _EXIF and header.exif is None:
        header.exif = body[6:]
    elif body[:29] == _XMP and header.xmp is None:
        header.xmp = body[29:]
    elif body[:35] == _XMP_EXTENDED and len(body) > 75:
        parts = header.xmp_extended.setdefault(body[35:67], {})
        parts[int.from_bytes(body[71:75])] = body[75:]


def without_metadata(data: memoryview) -> bytes:
    """Return the same JPEG without stray bytes between its header segments, and with no APP segment but Adobe's.

    From the first scan on nothing is touched.
    """
    out, at = bytearray(b"\xff\xd8"), 2
    while True:
        marker, body, after = _next_segment(data, at)
        start = after - len(body) - 4
        if marker == 0xDA:
            return bytes(out) + bytes(data[start:])
        is_metadata = (0xE0 <= marker <= 0xEF and marker != 0xEE) or marker == 0xFE
        if len(body) and not is_metadata:
            out += bytes(data[start:after])
        at = after
