"""Stored numbers of any model and profile to linear Rec.2020, in the type that holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.errors import UnreadableError
from safelight.media import convert
from safelight.media.icc import Profile, read_profile, standard_profile
from safelight.media.readers import Stored
from safelight.pixels.color.spaces import D50, D65, adaptation, matrix_to_xyz

_COLORS = {"gray": 1, "rgb": 3, "cmyk": 4, "lab": 3}


def to_working(
    pixels: NDArray[Any], stored: Stored, profile: bytes | None, allocate: Callable[..., NDArray[Any]]
) -> tuple[NDArray[Any], tuple[Reason, ...]]:
    """Convert upright stored pixels to linear Rec.2020.

    Parameters
    ----------
    pixels : (H, W, C) uint8, uint16 or float32
        The numbers of `stored`, turned upright; alpha last.
    stored : Stored
        Model and alpha.
    profile : bytes or None
        Whose numbers they are; b"" for the built-in press profile with CMYK, and for Lab.
    allocate : callable (shape, dtype) -> array
        Called once.

    Returns
    -------
    ((H, W, 3 or 4) uint16 or float32, reasons)
        uint16 for 8-bit files whose profile lies within Rec.2020; float32 for the others. A profile that
        proves unusable is replaced (sRGB, or the press profile), and a reason with doubt says so.
    """
    numbers = np.ascontiguousarray(pixels[:, :, : _COLORS[stored.model]])
    if stored.model == "lab":
        out = allocate((*numbers.shape[:2], 3), np.dtype(np.float32))
        convert.lab_to_working(numbers, out)
        return out, ()
    found = read_profile(profile or b"")
    wide: NDArray[np.uint16] | None = None
    reasons: tuple[Reason, ...] = ()
    if found is None or not found.curves:
        wide, found, reasons = _through_tables(numbers, stored.model, profile or b"")
    has_alpha = stored.alpha != "none"
    dtype = np.dtype(np.uint16 if numbers.dtype == np.uint8 and not _reaches_beyond(found) else np.float32)
    out = allocate((*numbers.shape[:2], 3 + has_alpha), dtype)
    if wide is not None:
        convert.wide_to_working(wide, out)
    elif found is not None:
        convert.curves_to_working(numbers, found, out)
    if has_alpha:
        out[:, :, 3] = _as_type(pixels[:, :, -1], dtype)
    return out, reasons


def _through_tables(
    numbers: NDArray[Any], model: str, profile: bytes
) -> tuple[NDArray[np.uint16] | None, Profile | None, tuple[Reason, ...]]:
    """ProPhoto code values by LittleCMS; where it cannot use the profile, those of the built-in one, or sRGB."""
    codes = numbers
    if numbers.dtype == np.float32:
        codes = np.rint(np.clip(numbers, 0, 1) * 65535).astype(np.uint16)
    try:
        return convert.to_wide(codes, model, profile), None, ()
    except UnreadableError as error:
        if model == "cmyk":
            return convert.to_wide(codes, "cmyk", b""), None, (_unusable(f"{error}; a general press is assumed"),)
        plain = read_profile(standard_profile("srgb"))
        if model == "gray" and plain is not None:
            plain = Profile("sRGB", "GRAY", "mntr", "srgb", _white_column(plain), plain.curves[:1])
        return None, plain, (_unusable(f"{error}; its numbers are taken as sRGB"),)


def _white_column(profile: Profile) -> NDArray[np.float64]:
    return np.zeros((3, 1)) if profile.colorants is None else profile.colorants.sum(axis=1, keepdims=True)


def _unusable(text: str) -> Reason:
    return Reason("broken_profile", text, doubt=True)


def _reaches_beyond(profile: Profile | None) -> bool:
    """True if a profile reaches beyond Rec.2020, so that integers would cut colors off."""
    if profile is None or profile.colorants is None:
        return False
    matrix = np.linalg.inv(matrix_to_xyz("linear_rec2020")) @ adaptation(D50, D65)
    return bool((matrix @ profile.colorants).min() < -0.002)


def _as_type(alpha: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if alpha.dtype == dtype:
        return alpha
    full = 1.0 if alpha.dtype == np.float32 else float(np.iinfo(alpha.dtype).max)
    cover = alpha.astype(np.float32) / np.float32(full)
    return cover if dtype == np.float32 else np.rint(cover * 65535).astype(np.uint16)
