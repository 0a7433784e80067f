"""TIFF by libvips (libtiff), strict, with the kinds of color that libvips would alter taken as plain numbers."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Alpha
from safelight.errors import UnreadableError
from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored
from safelight.media.readers.libvips import load
from safelight.media.tiff_pages import TiffPage

_RGB = 2
_ZSTANDARD = 50000
_CIE_LAB, _ICC_LAB = 8, 9


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode the first picture of a TIFF; Lab comes as float32 L, a, b."""
    del longest_side, allocate
    page: TiffPage = opened.header
    if page.model == "lab":
        pixels = load("tiffload_buffer", opened, _called_rgb(opened.data, page))
        return Stored(lab_of_codes(pixels, icc_codes=page.photometric == _ICC_LAB), "lab")
    if page.compression == _ZSTANDARD:
        from safelight.media.readers.tiff_zstd import read_strips

        pixels = read_strips(opened.data, page, opened.name)
    else:
        pixels = load("tiffload_buffer", opened)
    colors = {"gray": 1, "rgb": 3, "cmyk": 4}[page.model]
    if pixels.shape[2] < colors:
        raise UnreadableError(f"{opened.name} is a TIFF of {pixels.shape[2]} channels that claims {colors}")
    keep = colors + (page.alpha != "none")
    alpha: Alpha = "none" if page.alpha == "none" else "straight"  # libvips divides premultiplied files
    return Stored(np.ascontiguousarray(_plain(pixels)[:, :, :keep]), page.model, alpha)


def _plain(pixels: NDArray[Any]) -> NDArray[Any]:
    if pixels.dtype in (np.uint8, np.uint16, np.float32):
        return pixels
    if pixels.dtype == np.float64:
        return pixels.astype(np.float32)
    raise UnreadableError(f"its pixels are {pixels.dtype}, which nothing here paints")


def _called_rgb(data: memoryview, page: TiffPage) -> bytes:
    """The same file with its photometric tag saying RGB, so that libvips hands over the stored numbers."""
    at, order = page.photometric_at
    patched = bytearray(data)
    struct.pack_into(order + "H", patched, at, _RGB)
    return bytes(patched)


def lab_of_codes(codes: NDArray[Any], *, icc_codes: bool) -> NDArray[np.float32]:
    """Turn stored Lab numbers into L in 0..100 and a, b, as TIFF 6.0 section 23 (signed a, b) or ICC writes them.

    Examples
    --------
    >>> lab_of_codes(np.array([[[255, 255, 1]]], np.uint8), icc_codes=False).tolist()
    [[[100.0, -1.0, 1.0]]]
    """
    wide = codes.dtype == np.uint16
    light = codes[..., :1].astype(np.float32) * np.float32(100 / (65535 if wide else 255))
    if icc_codes:
        around = codes[..., 1:3].astype(np.float32) / np.float32(257 if wide else 1) - np.float32(128)
    else:
        signed = codes[..., 1:3].view(np.int16 if wide else np.int8)
        around = signed.astype(np.float32) / np.float32(256 if wide else 1)
    return np.concatenate((light, around), axis=2)
