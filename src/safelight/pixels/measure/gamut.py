"""Colors that a delivery space does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import convert, to_float

_SIDE_PX = 1024
# Two codes of 8 bits under zero: less is rounding and noise.
_TOLERANCE = 2 / 255


@dataclass(frozen=True, eq=False)
class Gamut:
    """Where colors lie outside.

    Parameters
    ----------
    outside : float
        Share of the looked-at pixels, 0..1, whose color (not their exposure) is outside.
    loss : float
        Mean ΔE00 of those from their clipped color; 0 without any.
    where : (h, w) float32
        ΔE00 to the clipped color by pixel, 0 inside; on a reduction to 1024 px.
    """

    outside: float
    loss: float
    where: NDArray[np.float32]


def measure_gamut(pixels: NDArray[Any], space: str, target: str, mask: NDArray[np.uint8] | None = None) -> Gamut:
    """Measure which colors of a picture its delivery space cannot hold, before anything is mapped into it.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
        The picture in a space that holds them.
    space, target : str
        Names of `safelight.pixels.color.spaces.SPACES`.
    mask : (H, W) uint8, optional
        255 where pixels count.

    Returns
    -------
    Gamut
        Light above white is exposure and is brought down to white first, in its own color.

    Examples
    --------
    >>> green = np.zeros((8, 8, 3), np.uint8)
    >>> green[..., 1] = 255
    >>> measure_gamut(green, "display_p3", "srgb").outside, measure_gamut(green, "srgb", "srgb").outside
    (1.0, 0.0)
    """
    height, width = pixels.shape[:2]
    ratio = min(1.0, _SIDE_PX / max(height, width))
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    small = np.ascontiguousarray(cv2.resize(pixels[..., :3], size, interpolation=cv2.INTER_AREA))
    values = convert(to_float(small), space, target)
    counted = np.ones(values.shape[:2], bool)
    if mask is not None:
        counted = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA)) > 127
    # In the target's own curve a color above white keeps its ratios closely enough to be told from a clipped one.
    held = values / np.maximum(1.0, values.max(axis=2, keepdims=True))
    out = (held.min(axis=2) < -_TOLERANCE) & counted
    where = np.zeros(out.shape, np.float32)
    if out.any():
        colors = np.ascontiguousarray(held[out])
        where[out] = delta_e_2000(lab_from(colors, target), lab_from(np.clip(colors, 0, 1), target))
    total = max(1, int(counted.sum()))
    return Gamut(float(out.sum()) / total, float(where[out].mean()) if out.any() else 0.0, where)
