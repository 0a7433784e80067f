"""From an opened file to an upright picture in a known space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.core.image import Alpha, Image
from safelight.errors import SafelightError, UnreadableError
from safelight.media.metadata import Metadata
from safelight.media.orientation import turn_upright
from safelight.media.probe import Opened, Probe
from safelight.media.readers import Allocate, Stored, read_stored


@dataclass(frozen=True)
class Decoded:
    """A picture as read.

    Parameters
    ----------
    image : Image
        Upright. Integers with the file's own space where that is a known one; else linear Rec.2020, uint16
        or float32. RAW: linear Rec.2020 uint16, 65535 = sensor clipping after as-shot white balance.
    full_size : (int, int)
        (width, height) of the upright original, whatever size `image` has.
    scene_referred : bool
        True for RAW.
    probe, metadata
        What the file says, and what it carries, as in the file.
    sha256 : str
        Of the whole file; "" for a picture decoded from memory.
    reasons : tuple of Reason
        What had to be assumed, or left out.
    """

    image: Image
    full_size: tuple[int, int]
    scene_referred: bool
    probe: Probe
    metadata: Metadata
    sha256: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Painted:
    """Pixels of a file, upright, with the space they are in."""

    pixels: NDArray[Any]
    space: str
    alpha: Alpha
    reasons: tuple[Reason, ...]


def paint(opened: Opened, longest_side: int | None, allocate: Allocate) -> Painted:
    """Decode an opened file to upright pixels in memory from `allocate`.

    Parameters
    ----------
    opened : Opened
        From `probe.open_picture`.
    longest_side : int or None
        Long side of the result, px, for a picture that is larger; None for full size.
    allocate : callable (shape, dtype) -> array
        Where the result goes; called once.

    Raises
    ------
    UnreadableError, UnsupportedFormatError
        If the pixels are damaged, cut short, or of a kind that is not read.
    """
    try:
        stored = read_stored(opened, longest_side, allocate)
        reasons = (*opened.reasons, *stored.reasons)
        if stored.placed:
            return Painted(stored.pixels, opened.probe.space, stored.alpha, reasons)
        return _finish(opened, stored, reasons, longest_side, allocate)
    except SafelightError as error:
        if opened.name in str(error):
            raise
        raise type(error)(f"{opened.name}: {error}") from None


def _finish(
    opened: Opened, stored: Stored, reasons: tuple[Reason, ...], longest_side: int | None, allocate: Allocate
) -> Painted:
    turned = stored.pixels if stored.upright else turn_upright(stored.pixels, opened.probe.orientation)
    if opened.convert_from is None:
        pixels, space = _widened_gray(turned, stored), opened.probe.space
    else:
        room = allocate if longest_side is None else np.empty
        pixels, more = _converted(turned, stored, opened, room)
        space, reasons = opened.probe.space if not more else "srgb", (*reasons, *more)
        if longest_side is None and not more:
            return Painted(pixels, space, stored.alpha, reasons)
    if longest_side is not None:
        from safelight.media.reduce import reduce_to

        pixels = reduce_to(pixels, space, longest_side)
    out = allocate((pixels.shape[0], pixels.shape[1], pixels.shape[2]), pixels.dtype)
    np.copyto(out, pixels)
    return Painted(out, space, stored.alpha, reasons)


def _widened_gray(pixels: NDArray[Any], stored: Stored) -> NDArray[Any]:
    if stored.model != "gray":
        return pixels
    return np.concatenate((np.repeat(pixels[:, :, :1], 3, axis=2), pixels[:, :, 1:]), axis=2)


def _converted(
    pixels: NDArray[Any], stored: Stored, opened: Opened, room: Callable[..., NDArray[Any]]
) -> tuple[NDArray[Any], tuple[Reason, ...]]:
    """Linear Rec.2020; or, where the profile proves unusable, the numbers as sRGB with a doubt."""
    from safelight.media import convert

    colors = {"gray": 1, "rgb": 3, "cmyk": 4, "lab": 3}[stored.model]
    height, width = pixels.shape[:2]
    has_alpha = stored.alpha != "none"
    if stored.model == "lab":
        out = room((height, width, 3 + has_alpha), np.dtype(np.float32))
        convert.lab_to_working(pixels[:, :, :3], out)
        return out, ()
    numbers, lost = _integers(np.ascontiguousarray(pixels[:, :, :colors]))
    try:
        wide = convert.to_wide(numbers, stored.model, opened.convert_from or b"")
    except UnreadableError as error:
        if stored.model == "cmyk":
            wide = convert.to_wide(numbers, "cmyk", b"")
            lost = (*lost, _unusable(f"{error}; a general offset press is assumed"))
        else:
            return _widened_gray(pixels, stored), (_unusable(f"{error}; its numbers are taken as sRGB"),)
    dtype = np.dtype(np.uint16 if numbers.dtype == np.uint8 and not _is_wide(opened) else np.float32)
    out = room((height, width, 3 + has_alpha), dtype)
    convert.wide_to_working(wide, out)
    if has_alpha:
        out[:, :, 3] = _as_type(pixels[:, :, -1], dtype)
    return out, ()


def _unusable(text: str) -> Reason:
    return Reason("broken_profile", text, doubt=True)


def _integers(pixels: NDArray[Any]) -> tuple[NDArray[Any], tuple[Reason, ...]]:
    if pixels.dtype != np.float32:
        return pixels, ()
    codes = np.rint(np.clip(pixels, 0, 1) * 65535).astype(np.uint16)
    return codes, ()


def _is_wide(opened: Opened) -> bool:
    """True if a profile reaches beyond Rec.2020, so that integers would cut colors off."""
    from safelight.media.icc import read_profile
    from safelight.pixels.color.spaces import D50, D65, adaptation, matrix_to_xyz

    profile = read_profile(opened.convert_from or b"")
    if profile is None or profile.colorants is None:
        return False
    to_working = np.linalg.inv(matrix_to_xyz("linear_rec2020")) @ adaptation(D50, D65)
    return bool((to_working @ profile.colorants).min() < -0.002)


def _as_type(alpha: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if alpha.dtype == dtype:
        return alpha
    full = 1.0 if alpha.dtype == np.float32 else float(np.iinfo(alpha.dtype).max)
    cover = alpha.astype(np.float32) / np.float32(full)
    return cover if dtype == np.float32 else np.rint(cover * 65535).astype(np.uint16)


def decode_bytes(data: bytes, name: str, longest_side: int | None = None) -> Decoded:
    """Decode in this process; only for bytes that safelight itself wrote, never for foreign ones."""
    from safelight.media.probe import open_picture

    opened = open_picture(memoryview(data), name)
    painted = paint(opened, longest_side, np.empty)
    image = Image(painted.pixels, painted.space, painted.alpha)
    probe = replace(opened.probe, space=painted.space)
    return Decoded(image, probe.size, probe.scene_referred, probe, opened.metadata, "", painted.reasons)
