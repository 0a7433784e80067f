"""Strips of a TIFF under Zstandard, which the libtiff inside libvips lacks: how masters are kept in the store."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.tiff_pages import TiffPage
from safelight.media.tiff_structure import read_directories

_OFFSETS, _ROWS, _COUNTS, _PREDICTOR = 273, 278, 279, 317


def read_strips(data: memoryview, page: TiffPage, name: str) -> NDArray[Any]:
    """Decode the strips of a chunky, little-endian TIFF of 8 or 16 bits.

    Parameters
    ----------
    data : memoryview
        The whole file.
    page : TiffPage
        Of its first directory.
    name : str
        For the error.

    Returns
    -------
    (H, W, samples) uint8 or uint16

    Raises
    ------
    UnsupportedFormatError
        If it is tiled, planar, big-endian or of floats.
    UnreadableError
        If a strip is damaged or holds other than its rows.
    """
    from imagecodecs import ZstdError, delta_decode, zstd_decode

    first = read_directories(data)[0]
    offsets, counts = ([int(each) for each in first.numbers(data, tag)] for tag in (_OFFSETS, _COUNTS))
    predictor = int(first.number(data, _PREDICTOR, 1))
    if not offsets or page.planar or page.is_float or first.order == ">" or predictor not in (1, 2):
        raise UnsupportedFormatError(
            f"{name} is a TIFF under Zstandard with tiles, planes, floats or big-endian numbers; save it with ZIP"
        )
    pixels = np.empty((page.height, page.width, page.samples), np.uint8 if page.bits == 8 else np.uint16)
    rows = min(max(1, int(first.number(data, _ROWS, page.height))), page.height)
    for number, top in enumerate(range(0, page.height, rows)):
        strip = pixels[top : top + rows]
        try:
            found = zstd_decode(bytes(data[offsets[number] : offsets[number] + counts[number]]), out=strip.nbytes)
        except ZstdError:
            found = b""
        if len(found) != strip.nbytes:
            raise UnreadableError(f"{name} is a damaged or cut TIFF: strip {number} does not decode; copy it again")
        stored = np.frombuffer(found, pixels.dtype).reshape(strip.shape)
        if predictor == 1:
            strip[...] = stored
        else:
            delta_decode(stored, axis=-2, dist=1, out=strip)
    return pixels
