"""Wrinkles in cloth: shading wider than any thread, eased by a smooth field of light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_WRINKLE_STOPS = 0.35  # shading up to about this is a wrinkle; what is deeper is a fold, a seam, a shadow
_LIKE_STOPS, _LIKE_TINT = 1.3, 0.25  # from the cloth's own middle: farther is another cloth, the backdrop, a print
_STEEP_STOPS = 0.8
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, eq=False)
class Wrinkles:
    """What eases a piece of cloth.

    Parameters
    ----------
    stops : (H, W) float32
        ``light * 2**stops`` is the eased cloth; 0 at the rim and off the cloth.
    cloth : float
        Share of the piece that is cloth of its own color, 0..1.
    steep : float
        Share of it whose shading is too deep for a wrinkle: folds, seams, metal, stones.
    before, after : float, stops
        Standard deviation of the shading on the cloth, with wrinkles and eased.
    """

    stops: Float32
    cloth: float
    steep: float
    before: float
    after: float


def ease_wrinkles(light: Float32, fine_px: float, wide_px: float, strength: float) -> Wrinkles:
    """Return the field that eases shading between `fine_px` and `wide_px`.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
        One piece of cloth of one color, with what lies around it in its box.
    fine_px : float, px
        Weave and knit are finer, and stay.
    wide_px : float, px
        The form of the garment is wider, and stays.
    strength : float, 0..1
        Share of the shading that goes.

    Notes
    -----
    A wrinkle is shade: it changes the light and not the color. What differs in tint from the cloth's middle by some
    0.25 stops (print, trim, backdrop) is left alone, and so is what is deeper than 0.35 stops: a fold that shows how
    a garment falls. The field is as smooth as `fine_px`, so that the contrast of threads stays as it was.

    Examples
    --------
    >>> ripples = 0.3 * 2 ** (0.1 * np.sin(np.arange(240) / 12)).astype(np.float32)
    >>> cloth = np.repeat(np.tile(ripples, (200, 1))[..., None], 3, axis=2)
    >>> eased = ease_wrinkles(cloth, 4, 40, 0.8)
    >>> eased.after < 0.6 * eased.before
    True
    """
    logs = np.log2(np.maximum(light, np.float32(1e-4)))
    shade = cv2.GaussianBlur(np.asarray(logs @ _LUMA, np.float32), (0, 0), fine_px)
    tint = cv2.GaussianBlur(np.ascontiguousarray(logs[..., ::2] - logs[..., 1:2]), (0, 0), fine_px)
    same, weight = _cloth(shade, tint)
    band = _mean(shade, weight, max(1.0, 0.5 * fine_px)) - _mean(shade, weight, 0.5 * wide_px)
    form = cv2.GaussianBlur(shade, (0, 0), 0.5 * wide_px)
    steep = float((same * (np.abs(shade - form) > _STEEP_STOPS)).sum() / max(float(same.sum()), 1.0))
    small = np.exp(-((band / np.float32(_WRINKLE_STOPS)) ** 2) / 2)
    field = cv2.GaussianBlur(np.asarray(-np.float32(strength) * band * small, np.float32), (0, 0), fine_px)
    soft = _soft_rim(weight, 0.25 * wide_px)
    stops = np.asarray(field * soft, np.float32)
    inside = soft > 0.9
    before = float(band[inside].std()) if inside.any() else 0.0
    after = float((band + stops)[inside].std()) if inside.any() else 0.0
    return Wrinkles(stops, float(weight.mean()), steep, before, after)


def weave_kept(light: Float32, stops: Float32, fine_px: float) -> float:
    """Return the energy of all that is finer than `fine_px` after easing, as a share of that before; 1 for none.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
        At full size.
    stops : (H, W) float32
        What it is eased by, at the same size.
    """
    logs = np.asarray(np.log2(np.maximum(light, np.float32(1e-4))) @ _LUMA, np.float32)
    fine = [each - cv2.GaussianBlur(each, (0, 0), fine_px / 2) for each in (logs, logs + stops)]
    before, after = (float((each**2).mean()) for each in fine)
    return after / before if before > 1e-9 else 1.0


def _cloth(shade: Float32, tint: Float32) -> tuple[Float32, Float32]:
    """Where the piece has the tint of its middle, and where it also has its light; 0 or 1."""
    height, width = shade.shape
    inner = np.s_[height // 4 : max(height // 4 + 1, 3 * height // 4), width // 4 : max(width // 4 + 1, 3 * width // 4)]
    away = [np.abs(tint[..., each] - np.float32(np.median(tint[..., each][inner]))) for each in range(2)]
    same = np.maximum(*away) < _LIKE_TINT
    near = np.abs(shade - np.float32(np.median(shade[inner]))) < _LIKE_STOPS
    return np.asarray(same, np.float32), np.asarray(same & near, np.float32)


def _mean(values: Float32, weight: Float32, sigma: float) -> Float32:
    """Blur with what has no weight left out."""
    over = cv2.GaussianBlur(values * weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    under = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.where(under > 0.02, over / np.maximum(under, np.float32(0.02)), values), np.float32)


def _soft_rim(weight: Float32, reach: float) -> Float32:
    """1 well inside of the cloth, 0 at its rim and at that of the box."""
    inside = weight.astype(np.uint8)
    inside[[0, -1]], inside[:, [0, -1]] = 0, 0
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    share = np.clip(away / np.float32(max(reach, 2.0)), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
