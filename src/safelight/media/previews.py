"""The smaller picture that a file carries of itself, believed only once it has been decoded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import MediaError
from safelight.media.decode import Painted, paint
from safelight.media.exif import read_exif
from safelight.media.orientation import turn_upright
from safelight.media.probe import Opened, open_picture
from safelight.media.raw_header import RawHeader, libraw
from safelight.media.readers import Allocate
from safelight.media.reduce import reduce_to
from safelight.settings import Settings

_ASPECT_TOLERANCE = 0.1  # cameras crop previews to the video's shape by a few per cent; more is another picture


def paint_preview(opened: Opened, longest_side: int | None, limits: Settings, allocate: Allocate) -> Painted | None:
    """Decode the embedded preview of an opened file, upright.

    Parameters
    ----------
    opened : Opened
        From `probe.open_picture`.
    longest_side : int or None
        Long side of the result, px, where the preview is larger.
    limits : Settings
        Hold for the preview as for any picture.
    allocate : callable
        Where the result goes.

    Returns
    -------
    Painted or None
        None where there is no preview, it cannot be decoded, or it does not have the picture's shape
        (some RAW libraries hand back the first strip only).
    """
    try:
        pixels, space = _from_raw(opened, limits) if opened.probe.scene_referred else _from_exif(opened, limits)
    except (MediaError, LookupError):
        return None
    height, width = pixels.shape[:2]
    aspect = (width / height) / (opened.probe.width / opened.probe.height)
    if abs(aspect - 1) > _ASPECT_TOLERANCE:
        return None
    small = pixels if longest_side is None else reduce_to(pixels, space, longest_side)
    out = allocate((small.shape[0], small.shape[1], small.shape[2]), small.dtype)
    np.copyto(out, small)
    return Painted(out, space, "none", ())


def _from_exif(opened: Opened, limits: Settings) -> tuple[NDArray[Any], str]:
    block = opened.metadata.exif or b""
    place = read_exif(block).thumbnail
    if place is None:
        raise LookupError("no thumbnail")
    pixels, space = _jpeg(block[place[0] : place[0] + place[1]], opened, limits)
    return turn_upright(pixels, opened.probe.orientation), space


def _from_raw(opened: Opened, limits: Settings) -> tuple[NDArray[Any], str]:
    import rawpy

    header: RawHeader = opened.header
    with libraw(opened.data, opened.name, opened.probe.title) as raw:
        try:
            thumbnail = raw.extract_thumb()
        except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
            raise LookupError("no preview") from None
    if thumbnail.format == rawpy.ThumbFormat.JPEG:
        data = bytes(thumbnail.data)
        pixels, space = _jpeg(data, opened, limits)
        turned_itself = read_exif(open_picture(memoryview(data), opened.name, limits).metadata.exif).orientation != 1
    else:
        pixels, space, turned_itself = np.ascontiguousarray(thumbnail.data), "srgb", False
    landscape = pixels.shape[1] >= pixels.shape[0]
    stands = turned_itself or landscape != (header.sensor[0] >= header.sensor[1])
    return (pixels if stands else turn_upright(pixels, opened.probe.orientation)), space


def _jpeg(data: bytes, opened: Opened, limits: Settings) -> tuple[NDArray[Any], str]:
    inner = open_picture(memoryview(data), opened.name, limits)
    painted = paint(inner, None, np.empty)
    return painted.pixels, painted.space
