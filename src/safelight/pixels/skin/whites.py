"""Teeth and the whites of eyes: a little less yellow or red, a little lighter, and nothing around them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.skin.complexion import Complexion
from safelight.pixels.skin.regions import EYES, MOUTH, Points, polygon

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LESS_COLOR, _LIGHTER = 0.35, 0.10  # at strength 1: the share of color that goes, the stops that come
_LEAST_OPEN_MM = 3.0  # a mouth less open shows no row of teeth
_LEAST_EYE_PX = 40.0  # from corner to corner; the white of a smaller one is a few pixels of lashes


def teeth_field(light: Float32, points: Points, px_per_mm: float, strength: float, like: Complexion) -> Float32 | None:
    """Return the field that whitens teeth; None where no row of teeth shows.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
    points : (468, 2) float64, px
        Of the face.
    px_per_mm : float
    strength : float, 0..1
    like : Complexion
        The skin, in the space of `light`: teeth are less red.

    Returns
    -------
    (H, W, 3) float32, stops, or None
    """
    if float(np.linalg.norm(points[14] - points[13])) < _LEAST_OPEN_MM * px_per_mm:
        return None
    inside = polygon(points, MOUTH, (light.shape[0], light.shape[1]))
    return _field(light, inside, px_per_mm, strength, like)


def eyes_field(light: Float32, points: Points, px_per_mm: float, strength: float, like: Complexion) -> Float32 | None:
    """Return the field that clears the whites of both eyes, as `teeth_field`; None where they are too small."""
    shape = (light.shape[0], light.shape[1])
    fields = []
    for names in EYES:
        if float(np.linalg.norm(points[names[8]] - points[names[0]])) >= _LEAST_EYE_PX:
            one = _field(light, polygon(points, names, shape), px_per_mm, strength, like)
            if one is not None:
                fields.append(one)
    return np.asarray(sum(fields), np.float32) if fields else None


def _field(light: Float32, inside: Mask, unit: float, strength: float, like: Complexion) -> Float32 | None:
    logs = np.log2(np.maximum(light, np.float32(1e-4)))
    luma = logs @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    if int(inside.sum()) < 24:
        return None
    # White of a tooth or an eye: less red than skin, and of the lighter part of what the lids or lips enclose.
    red = logs[..., 0] - logs[..., 1]
    white = inside & (red < like.middle[0] - 0.12) & (luma > np.percentile(luma[inside], 45))
    white &= luma > like.stops - 1.8
    if int(white.sum()) < max(16, 0.08 * float(inside.sum())):
        return None
    weight = cv2.GaussianBlur(white.astype(np.float32), (0, 0), max(0.7, 0.4 * unit)) * inside
    color = logs - logs.mean(axis=2, keepdims=True)
    color = cv2.GaussianBlur(color, (0, 0), max(0.7, 0.6 * unit))
    field = np.float32(_LIGHTER) - np.float32(_LESS_COLOR) * color
    return np.asarray(np.float32(strength) * field * weight[..., None], np.float32)
