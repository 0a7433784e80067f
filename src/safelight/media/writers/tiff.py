"""TIFF written here: deflate or Zstandard with predictor in strips, straight alpha, and the metadata tags.

Own bytes rather than a library's, since those date their files or cannot write an Exif directory.
"""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.media.metadata import Metadata
from safelight.media.tiff_structure import read_directories
from safelight.media.tiff_writing import Tree, exif_tree, long, opaque, pack, rational, short

_STRIP_BYTES = 1 << 20
_LEVEL = 1  # of both; libdeflate's 3 takes four times as long for 10 % of bytes
_CODES = {"deflate": 8, "zstandard": 50000}
_RGB, _STRAIGHT = 2, 2
_HORIZONTAL, _FLOATING = 2, 3
_LARGEST = 2**32 - 1


def write(image: Image, metadata: Metadata, *, compression: str = "deflate") -> bytes:
    """Encode (H, W, 3 or 4) uint8, uint16 or float32; see `encode.encode`."""
    pixels = image.pixels
    row_bytes = pixels.shape[1] * pixels.shape[2] * pixels.dtype.itemsize
    rows = min(max(1, _STRIP_BYTES // row_bytes), image.height)
    tops = range(0, image.height, rows)
    with ThreadPoolExecutor(2) as pool:
        strips = list(pool.map(lambda top: _strip(pixels[top : top + rows], compression), tops))
    sizes = [len(each) for each in strips]
    padded = [each + bytes(len(each) % 2) for each in strips]
    starts = np.cumsum([8, *(len(each) for each in padded)]).tolist()
    if starts[-1] + len(metadata.xmp or b"") + (1 << 20) > _LARGEST:
        raise ParameterError("the TIFF would be larger than 4 GB; write it smaller or at 8 bits")
    tree = _tree(image, metadata, rows, starts[:-1], sizes)
    tree.values[259] = short(_CODES[compression])
    head = b"II*\0" + struct.pack("<I", starts[-1])
    return b"".join((head, *padded, pack(tree, starts[-1])))


def _strip(rows: NDArray[Any], compression: str) -> bytes:
    from imagecodecs import deflate_encode, delta_encode, floatpred_encode, zstd_encode

    if rows.dtype == np.float32:
        predicted = floatpred_encode(rows, axis=-2, dist=1)
    else:
        predicted = delta_encode(rows, axis=-2, dist=1)
    data: Any = np.ascontiguousarray(predicted)  # bytes to its readers
    if compression == "zstandard":
        return bytes(zstd_encode(data, level=_LEVEL))
    return bytes(deflate_encode(data, level=_LEVEL, raw=False))


def _tree(image: Image, metadata: Metadata, rows: int, starts: list[int], sizes: list[int]) -> Tree:
    pixels = image.pixels
    channels, bits = pixels.shape[2], pixels.dtype.itemsize * 8
    tree = _described(metadata.exif)
    tree.values |= {
        256: long(image.width),
        257: long(image.height),
        258: short(*[bits] * channels),
        262: short(_RGB),
        273: long(*starts),
        274: short(1),
        277: short(channels),
        278: long(rows),
        279: long(*sizes),
        284: short(1),
        317: short(_FLOATING if pixels.dtype == np.float32 else _HORIZONTAL),
        339: short(*[3 if pixels.dtype == np.float32 else 1] * channels),
    }
    tree.values.setdefault(282, rational(300, 1))
    tree.values.setdefault(283, rational(300, 1))
    tree.values.setdefault(296, short(2))
    if channels == 4:
        tree.values[338] = short(_STRAIGHT)
    if metadata.xmp:
        tree.values[700] = (1, metadata.xmp)
    if metadata.iptc:
        tree.values[33723] = opaque(metadata.iptc)
    if metadata.photoshop:
        tree.values[34377] = 1, metadata.photoshop
    if metadata.icc:
        tree.values[34675] = opaque(metadata.icc)
    return tree


def _described(exif: bytes | None) -> Tree:
    if not exif:
        return Tree()
    data = memoryview(exif)
    return exif_tree(data, read_directories(data))
