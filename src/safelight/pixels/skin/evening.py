"""Fields of light that even skin: blotches of color, unevenness of light, shine; all of them wider than any pore."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.skin.blemishes import masked_mean
from safelight.pixels.skin.complexion import Complexion

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Pores, hairs and fine lines stay below the one, the modeling of a face begins beyond the other.
_FINE_MM, _FORM_MM = 2.2, 9.0
_BLOTCH_STOPS = 0.12  # unevenness up to about this is blotch; what is stronger is form, a shadow, a feature
_MOST_SHINE = 0.7  # share of the glint that strength 1 takes: the rest is the roll-off
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def even_tone(
    light: Float32, weight: Float32, px_per_mm: float, *, color: float, shade: float, shine: float, like: Complexion
) -> Float32:
    """Return the field that evens skin.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
    weight : (H, W) float32, 0..1
        Where skin is and may be evened: soft at its rim, 0 on spots, features, hair.
    px_per_mm : float
    color : float, 0..1
        How much of blotches of color goes.
    shade : float, 0..1
        How much of small unevenness of light goes: dodge and burn at low frequency.
    shine : float, 0..1
        How much of glints goes.
    like : Complexion
        The skin without its glints.

    Returns
    -------
    (H, W, 3) float32, stops
        ``light * 2**field`` is the evened picture. 0 where `weight` is.

    Notes
    -----
    Frequency separation without a join: a factor that is smooth over 2 mm of skin leaves the contrast of everything
    finer, pores and hairs, as it is. Larger than 9 mm is the modeling of a face. A glint adds the light's own white
    to skin (dichromatic reflection, Shafer 1985): what it adds is told by the color that it takes away, and at most 0.7
    of it goes, so that the way up to the highlight stays a way up.
    """
    logs = np.log2(np.maximum(light, np.float32(1e-4)))
    counted = (weight > 0.05).astype(np.float32) * weight
    fine = masked_mean(logs, counted, _FINE_MM * px_per_mm)
    band = fine - masked_mean(logs, counted, _FORM_MM * px_per_mm)
    shades = (band @ _LUMA)[..., None]
    tints = band - shades
    field = np.zeros_like(logs)
    if color > 0:
        field -= np.float32(color) * tints * _small(np.abs(tints).max(axis=2, keepdims=True), 1.5 * _BLOTCH_STOPS)
    if shade > 0:
        field -= np.float32(shade) * shades * _small(np.abs(shades), _BLOTCH_STOPS)
    if shine > 0:
        field += _without_shine(fine, counted, like, shine * _MOST_SHINE)
    # Kept as smooth as what it was made of.
    field = cv2.GaussianBlur(field, (0, 0), max(0.8, 0.5 * _FINE_MM * px_per_mm), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(field.reshape(logs.shape) * weight[..., None], np.float32)


def _small(size: Float32, limit: float) -> Float32:
    """1 for what is small, falling to 0 at some three times `limit`."""
    return np.asarray(np.exp(-((size / np.float32(limit)) ** 2) / 2), np.float32)


def _without_shine(fine: Float32, weight: Float32, like: Complexion, share: float) -> Float32:
    """The field that takes a share of the white that lies over skin.

    ``R = d_R + s``, ``B = d_B + s``, ``d_R / d_B = q`` of the skin: ``s = (q B - R) / (q - 1)``.
    """
    low = np.exp2(fine)
    ratio = float(2.0 ** (like.middle[0] + like.middle[1]))
    if ratio < 1.15:  # skin that is nearly gray tells no glint
        return np.zeros_like(fine)
    over = (ratio * low[..., 2] - low[..., 0]) / (ratio - 1)
    # Only where it is lighter than the skin is on the whole: shade is grayer, too.
    bright = np.clip((np.log2(np.maximum(low @ _LUMA, 1e-4)) - np.float32(like.stops + 0.1)) / 0.5, 0, 1)
    over = np.clip(over, 0, 0.8 * low.min(axis=2)) * bright * (weight > 0.05)
    return np.asarray(
        np.log2(np.maximum(1 - np.float32(share) * over[..., None] / np.maximum(low, 1e-4), 0.3)), np.float32
    )


def skin_weight(skin: Mask, spots: Mask, px_per_mm: float) -> Float32:
    """Return where skin may be evened, 0..1: 0 on spots and at the skin's rim, rising over 4 mm."""
    free = (skin & ~spots).astype(np.uint8)
    free[[0, -1]], free[:, [0, -1]] = 0, 0
    side = 2 * max(1, round(2.0 * px_per_mm)) + 1
    inner = cv2.erode(free, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(inner, (0, 0), max(0.8, 1.2 * px_per_mm)) * free, np.float32)


def burnt_share(light: Float32, skin: Mask) -> float:
    """Return the share of skin that is burnt out: there no color is left to bring back."""
    inside = light[skin]
    return float((inside.max(axis=1) >= 0.98).mean()) if len(inside) else 0.0
