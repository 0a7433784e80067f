"""A camera RAW whose truth is known: a DNG made here, of any sensor values."""

from __future__ import annotations

import io
import struct

import numpy as np
import tifffile
from PIL import Image as Pillow

WHITE = 16_383
NEUTRAL = (0.5, 1.0, 0.625)  # what the sensor sees of a white card: red half, blue five eighths of green
_D65 = 21
_EXIF, _NO_PLACE = 34_665, 0x7FFF_FFFF
# XYZ D65 to linear sRGB: a camera that sees as that space does.
_MATRIX = (3.2404542, -1.5371385, -0.4985314, -0.9692660, 1.8760108, 0.0415560, 0.0556434, -0.2040259, 1.0572252)


def make_dng(mosaic: np.ndarray, *, orientation: int = 1, black: int = 0, preview: bytes | None = None) -> bytes:
    """A DNG of an RGGB mosaic of uint16, uncompressed; with a JPEG of it, as cameras add one."""
    matrix = [part for value in _MATRIX for part in (round(value * 10_000), 10_000)]
    neutral = [part for value in NEUTRAL for part in (round(value * 10_000), 10_000)]
    tags = [
        (50706, 1, 4, b"\1\4\0\0", True),
        (50708, 2, 0, "Safelight Test", True),
        (271, 2, 0, "Safelight", True),
        (272, 2, 0, "Test", True),
        (274, 3, 1, orientation, True),
        (33421, 3, 2, (2, 2), True),
        (33422, 1, 4, bytes((0, 1, 1, 2)), True),
        (50714, 3, 1, black, True),
        (50717, 3, 1, WHITE, True),
        (50721, "2i", 9, matrix, True),
        (50728, "2I", 3, neutral, True),
        (50778, 3, 1, _D65, True),
    ]
    if preview is not None:
        tags.append((_EXIF + 1, 4, 1, _NO_PLACE, True))  # tifffile writes no EXIF pointer
    out = io.BytesIO()
    with tifffile.TiffWriter(out, byteorder="<") as writer:
        writer.write(mosaic, photometric="cfa", extratags=tags, metadata=None, software=None)
        if preview is not None:
            with Pillow.open(io.BytesIO(preview)) as seen:
                width, height = seen.size
            writer.write(
                iter([preview]),
                shape=(height, width, 3),
                dtype=np.uint8,
                photometric="ycbcr",
                compression="jpeg",
                rowsperstrip=height,
                subfiletype=1,
                metadata=None,
            )
    return out.getvalue()


def with_preview(preview: bytes, sensor: tuple[int, int] | None = None) -> bytes:
    """A DNG with a JPEG of itself: an even gray on a sensor of the preview's size, or of (width, height)."""
    with Pillow.open(io.BytesIO(preview)) as seen:
        width, height = sensor or seen.size
    return _with_exif(make_dng(np.tile(gray_card(0.4, 2), (height // 2, width // 2)), preview=preview))


def _with_exif(data: bytes) -> bytes:
    """The same file with an EXIF directory at its end: 1/125 s, f/8, ISO 100, 50 mm, a lens."""
    data += bytes(len(data) % 2)
    at, lens = len(data), b"Test 50mm\0"
    values = at + 2 + 5 * 12 + 4
    parts = struct.pack("<IIIIII", 1, 125, 8, 1, 50, 1) + lens
    entries = [
        struct.pack("<HHII", 33434, 5, 1, values),
        struct.pack("<HHII", 33437, 5, 1, values + 8),
        struct.pack("<HHIHH", 34855, 3, 1, 100, 0),
        struct.pack("<HHII", 37386, 5, 1, values + 16),
        struct.pack("<HHII", 42036, 2, len(lens), values + 24),
    ]
    directory = struct.pack("<H", 5) + b"".join(entries) + bytes(4) + parts
    place = data.index(struct.pack("<HHII", _EXIF + 1, 4, 1, _NO_PLACE))
    return data[:place] + struct.pack("<HHII", _EXIF, 4, 1, at) + data[place + 12 :] + directory


def gray_card(share: float, size: int = 64) -> np.ndarray:
    """The mosaic of an even gray that fills `share` of the sensor's range, in green."""
    mosaic = np.empty((size, size), np.uint16)
    red, green, blue = (round(share * WHITE * each) for each in NEUTRAL)
    mosaic[0::2, 0::2], mosaic[0::2, 1::2], mosaic[1::2, 0::2], mosaic[1::2, 1::2] = red, green, green, blue
    return mosaic
