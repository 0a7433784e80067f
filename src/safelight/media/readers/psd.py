"""PSD: the merged picture at its end, raw or PackBits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError, UnsupportedFormatError
from safelight.media.packbits import unpack_rows
from safelight.media.probe import Opened
from safelight.media.psd_header import PsdHeader
from safelight.media.readers import Allocate, Stored
from safelight.media.readers.tiff import lab_of_codes


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode the merged picture of a PSD; CMYK is stored inverted and comes out as ink."""
    del longest_side, allocate
    header: PsdHeader = opened.header
    model = opened.probe.model
    planes = _planes(opened, header)
    colors = {"gray": 1, "rgb": 3, "cmyk": 4, "lab": 3}[model]
    if header.channels < colors:
        raise UnreadableError(f"{opened.name} is a PSD of {header.channels} channels that claims {colors}")
    keep = colors + opened.probe.alpha
    pixels = np.ascontiguousarray(np.moveaxis(planes[:keep], 0, 2))
    if model == "lab":
        return Stored(lab_of_codes(pixels[:, :, :3], icc_codes=True), "lab")
    if model == "cmyk":
        pixels[:, :, :4] = np.iinfo(pixels.dtype).max - pixels[:, :, :4]
    return Stored(pixels, model, "straight" if opened.probe.alpha else "none")


def _planes(opened: Opened, header: PsdHeader) -> NDArray[Any]:
    dtype = np.dtype(">u2" if header.bits == 16 else "u1")
    shape = header.channels, header.height, header.width
    size = int(np.prod(shape)) * dtype.itemsize
    compression = int.from_bytes(opened.data[header.merged_at : header.merged_at + 2])
    body = opened.data[header.merged_at + 2 :]
    if compression == 0:
        raw = bytes(body[:size])
    elif compression == 1:
        row = header.width * dtype.itemsize
        raw = unpack_rows(body, header.channels * header.height, row, least=row)
    else:
        raise UnsupportedFormatError(
            f"{opened.name} is a PSD whose picture has compression {compression}; save it again"
        )
    if len(raw) < size:
        raise UnreadableError(
            f"{opened.name} is a damaged or cut PSD: {len(raw)} of {size} bytes of its picture are there"
        )
    return np.frombuffer(raw, dtype, size // dtype.itemsize).reshape(shape).astype(dtype.newbyteorder("="))
