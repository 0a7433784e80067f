"""The smaller picture that a file carries of itself, believed only once it has been decoded."""

from __future__ import annotations

from dataclasses import replace
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

_NEARLY, _MOST_TRIED = 0.9, 4
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
        if opened.probe.scene_referred:
            pixels, space = _from_raw(opened, limits, longest_side)
        else:
            pixels, space = _from_exif(opened, limits)
    except (MediaError, LookupError):
        return None
    if not _has_its_shape(pixels.shape[1], pixels.shape[0], opened):
        return None
    small = pixels if longest_side is None else reduce_to(pixels, space, longest_side)
    out = allocate((small.shape[0], small.shape[1], small.shape[2]), small.dtype)
    np.copyto(out, small)
    return Painted(out, space, "none", ())


def read_raw_preview(opened: Opened, limits: Settings, allocate: Allocate) -> tuple[Painted, int] | None:
    """Decode a RAW's preview as it lies, into memory from `allocate`; with the EXIF orientation that turns it upright.

    None where `paint_preview` has none; previews that are no JPEG in a known space are turned already.
    """
    try:
        inner = _jpeg_of_raw(opened, limits)
        if inner is None:
            pixels, space = _of_bitmap(opened)
            return (
                (Painted(pixels, space, "none", ()), 1)
                if _has_its_shape(pixels.shape[1], pixels.shape[0], opened)
                else None
            )
        orientation = _turn_of(inner, opened)
        lying = replace(inner, probe=replace(inner.probe, orientation=1))
        painted = paint(lying, None, allocate)
    except (MediaError, LookupError):
        return None
    height, width = painted.pixels.shape[:2]
    upright = (height, width) if orientation >= 5 else (width, height)
    return (painted, orientation) if _has_its_shape(*upright, opened) else None


def _has_its_shape(width: int, height: int, opened: Opened) -> bool:
    return abs((width / height) / (opened.probe.width / opened.probe.height) - 1) <= _ASPECT_TOLERANCE


def _from_exif(opened: Opened, limits: Settings) -> tuple[NDArray[Any], str]:
    block = opened.metadata.exif or b""
    place = read_exif(block).thumbnail
    if place is None:
        raise LookupError("no thumbnail")
    pixels, space = _jpeg(block[place[0] : place[0] + place[1]], opened, limits)
    return turn_upright(pixels, opened.probe.orientation), space


def _from_raw(opened: Opened, limits: Settings, longest_side: int | None) -> tuple[NDArray[Any], str]:
    """The preview upright; of a JPEG no more is decoded than `longest_side` takes: at full size its light is 290 MB."""
    inner = _jpeg_of_raw(opened, limits)
    if inner is None:
        return _of_bitmap(opened)
    turn = 1 if inner.probe.orientation != 1 else _turn_of(inner, opened)
    painted = paint(inner, longest_side, np.empty)
    return turn_upright(painted.pixels, turn), painted.space


def _of_bitmap(opened: Opened) -> tuple[NDArray[Any], str]:
    thumbnail = _thumbnail_of(opened)
    if isinstance(thumbnail, bytes):
        raise LookupError("no bitmap")
    header: RawHeader = opened.header
    landscape = thumbnail.shape[1] >= thumbnail.shape[0]
    stands = landscape != (header.sensor[0] >= header.sensor[1])
    return (thumbnail if stands else turn_upright(thumbnail, opened.probe.orientation)), "srgb"


def _jpeg_of_raw(opened: Opened, limits: Settings) -> Opened | None:
    """The JPEG of a RAW: one of nearly its size where the directories say it lies, else what LibRaw finds."""
    header: RawHeader = opened.header
    for at, size in header.jpegs[:_MOST_TRIED]:
        try:
            inner = open_picture(opened.data[at : at + size], opened.name, limits)
        except MediaError:  # a lossless JPEG of the sensor
            continue
        if inner.probe.format == "jpeg" and max(inner.probe.size) >= _NEARLY * max(opened.probe.size):
            return inner
    thumbnail = _thumbnail_of(opened)
    return open_picture(memoryview(thumbnail), opened.name, limits) if isinstance(thumbnail, bytes) else None


def _thumbnail_of(opened: Opened) -> bytes | NDArray[Any]:
    """The preview as LibRaw finds it: a JPEG, or pixels."""
    import rawpy

    with libraw(opened.data, opened.name, opened.probe.title) as raw:
        try:
            thumbnail = raw.extract_thumb()
        except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
            raise LookupError("no preview") from None
        if thumbnail.format == rawpy.ThumbFormat.JPEG:
            return bytes(thumbnail.data)
        return np.ascontiguousarray(thumbnail.data)


def _turn_of(inner: Opened, opened: Opened) -> int:
    """What turns a preview upright: its own orientation, else the RAW's, unless it stands already."""
    if inner.probe.orientation != 1:
        return inner.probe.orientation
    header: RawHeader = opened.header
    landscape = inner.probe.width >= inner.probe.height
    return 1 if landscape != (header.sensor[0] >= header.sensor[1]) else opened.probe.orientation


def _jpeg(data: bytes, opened: Opened, limits: Settings) -> tuple[NDArray[Any], str]:
    inner = open_picture(memoryview(data), opened.name, limits)
    painted = paint(inner, None, np.empty)
    return painted.pixels, painted.space
