"""EXIF: what it says of a capture, and patches in place that leave foreign tags untouched."""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field

from safelight.core.facts import Capture
from safelight.errors import UnreadableError
from safelight.media.tiff_structure import Directory, Entry, read_directories

ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD = 274, 34665, 34853, 40965
_COLOR_SPACE, _PIXEL_WIDTH, _PIXEL_HEIGHT = 40961, 40962, 40963
_THUMBNAIL_AT, _THUMBNAIL_SIZE = 513, 514
_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)")


@dataclass(frozen=True)
class ExifFacts:
    """What an EXIF block says that reading needs.

    `orientation` is 1 to 8 (1 where it says nothing sensible); `adobe_rgb` where it claims that space.
    """

    orientation: int = 1
    capture: Capture = field(default_factory=Capture)
    adobe_rgb: bool = False
    thumbnail: tuple[int, int] | None = None
    make_model: tuple[str, str] = ("", "")


def read_exif(block: bytes | memoryview | None) -> ExifFacts:
    """Read an EXIF block (from its byte order mark); a damaged one says nothing.

    Examples
    --------
    >>> read_exif(b"rubbish").orientation
    1
    """
    if not block:
        return ExifFacts()
    data = memoryview(block)
    try:
        chain = read_directories(data, variants=True)
    except (UnreadableError, struct.error):
        return ExifFacts()
    return facts_of(data, chain)


def facts_of(data: memoryview, chain: tuple[Directory, ...]) -> ExifFacts:
    """Read `ExifFacts` from directories that were read already."""
    first = chain[0]
    exif = next(iter(first.children.get(EXIF_IFD, ())), None)
    orientation = int(_finite(first.number(data, ORIENTATION, 1)) or 1)
    return ExifFacts(
        orientation=orientation if 1 <= orientation <= 8 else 1,
        capture=_capture(data, first, exif),
        adobe_rgb=_claims_adobe_rgb(data, exif),
        thumbnail=_thumbnail(data, chain),
    )


def _capture(data: memoryview, first: Directory, exif: Directory | None) -> Capture:
    make, model = first.text(data, 271), first.text(data, 272)
    if exif is None:
        return Capture(make=make, model=model, taken_at=_date(first.text(data, 306)))
    flash = exif.numbers(data, 37385)
    return Capture(
        make=make,
        model=model,
        lens=exif.text(data, 42036),
        taken_at=_date(exif.text(data, 36867)) or _date(exif.text(data, 36868)) or _date(first.text(data, 306)),
        iso=_positive(exif.number(data, 34855)),
        shutter_s=_positive(exif.number(data, 33434)),
        aperture_f=_positive(exif.number(data, 33437)),
        focal_mm=_positive(exif.number(data, 37386)),
        flash=bool(int(flash[0]) & 1) if flash else None,
    )


def _date(text: str) -> str:
    """ISO 8601 without a zone; "" for 0000:00:00 and other dates that no calendar has."""
    found = _DATE.match(text)
    if not found:
        return ""
    year, month, day, hour, minute, second = (int(each) for each in found.groups())
    real = year >= 1826 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}" if real else ""


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _positive(value: float) -> float | None:
    return float(value) if math.isfinite(value) and value > 0 else None


def _claims_adobe_rgb(data: memoryview, exif: Directory | None) -> bool:
    """DCF 2.0: uncalibrated, and interoperability index R03. Some cameras write ColorSpace 2 instead."""
    if exif is None:
        return False
    space = exif.number(data, _COLOR_SPACE)
    index = next((each.text(data, 1) for each in exif.children.get(INTEROP_IFD, ())), "")
    return space == 2 or (space == 0xFFFF and index == "R03")


def _thumbnail(data: memoryview, chain: tuple[Directory, ...]) -> tuple[int, int] | None:
    """(offset, bytes) of the JPEG thumbnail in the second directory, if it lies within the block."""
    if len(chain) < 2:
        return None
    at, size = int(chain[1].number(data, _THUMBNAIL_AT)), int(chain[1].number(data, _THUMBNAIL_SIZE))
    return (at, size) if at > 0 and size > 0 and at + size <= len(data) else None


def patch_exif(block: bytes, *, width: int, height: int, space: str) -> bytes:
    """Return an EXIF block that is true for a rewritten picture; foreign tags keep their bytes and places.

    Parameters
    ----------
    block : bytes
        From its byte order mark on.
    width, height : int
        Of the written picture, px.
    space : str
        Its color space; only ``"srgb"`` and ``"adobe_rgb"`` have a claim in EXIF, others are "uncalibrated".

    Returns
    -------
    bytes
        Orientation 1, pixel dimensions and color space as written, and no thumbnail: the second directory is
        unlinked and the thumbnail's bytes are zeroed, since it shows what may have been cropped away.
        b"" if the block cannot be read.
    """
    try:
        chain = read_directories(memoryview(block))
    except (UnreadableError, struct.error):
        return b""
    out = bytearray(block)
    first = chain[0]
    _set(out, first, ORIENTATION, 1)
    _set(out, first, 256, width)
    _set(out, first, 257, height)
    for exif in first.children.get(EXIF_IFD, ()):
        _set(out, exif, _PIXEL_WIDTH, width)
        _set(out, exif, _PIXEL_HEIGHT, height)
        _set(out, exif, _COLOR_SPACE, 1 if space == "srgb" else 0xFFFF)
        for interop in exif.children.get(INTEROP_IFD, ()):
            _set_text(out, interop.entries.get(1), b"R03\0" if space == "adobe_rgb" else b"R98\0")
    return _without_thumbnail(out, memoryview(block), chain)


def _without_thumbnail(out: bytearray, data: memoryview, chain: tuple[Directory, ...]) -> bytes:
    found = _thumbnail(data, chain)
    if len(chain) > 1 and chain[0].link_at >= 0:
        struct.pack_into(chain[0].order + "I", out, chain[0].link_at, 0)
    if found is None:
        return bytes(out)
    at, size = found
    out[at : at + size] = bytes(size)
    return bytes(out[:at]) if at + size >= len(out) - 1 else bytes(out)


def _set(out: bytearray, directory: Directory, tag: int, value: int) -> None:
    entry = directory.entries.get(tag)
    codes = {1: "B", 3: "H", 4: "I", 9: "i"}
    if entry is None or entry.count != 1 or entry.type not in codes or entry.at + entry.size > len(out):
        return
    if value < 256**entry.size:
        struct.pack_into(directory.order + codes[entry.type], out, entry.at, value)


def _set_text(out: bytearray, entry: Entry | None, value: bytes) -> None:
    if entry is not None and entry.type == 2 and entry.size == len(value) and entry.at + entry.size <= len(out):
        out[entry.at : entry.at + entry.size] = value
