"""What a finished picture shows of its subject's shadow: where it falls, how soft and how deep it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.shadow_fall import measure_fall

Float32 = NDArray[np.float32]

_WORK = 800  # px, long side
_LEAST = 0.02  # of the ground's light: less is unevenness or rounding
_TINT = 0.12  # a shadow takes all channels' light alike, but for this much of what it takes
_LEAST_SHARE = 0.0008  # of the frame


@dataclass(frozen=True, eq=False)
class Cast:
    """A shadow as it is seen.

    Parameters
    ----------
    strength : float, 0..1
        Of the ground's light, that it takes where it is deepest; 0 where none is seen.
    direction_deg : float
        Where it falls: 0 right, 90 down; see `measure_fall`.
    softness : float
        Width of its rim between a quarter and three quarters of its depth, share of the subject's height.
    density : (h, w) float32, 0..1
        At work size.
    sure : float, 0..1
        How sure the direction is: a shadow that lies around the foot on all sides has none.
    """

    strength: float
    direction_deg: float
    softness: float
    density: Float32
    sure: float = 0.0


def measure_cast(light: Float32, alpha: Float32) -> Cast:
    """Measure the shadow that a subject casts on an even ground.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
        The finished picture.
    alpha : (H, W) float32, 0..1
        Above one half is the subject, shadow or none below.

    Returns
    -------
    Cast
        A strength of 0 where there is no subject, no ground or no shadow.

    Examples
    --------
    >>> picture = np.ones((200, 300, 3), np.float32)
    >>> alpha = np.zeros((200, 300), np.float32)
    >>> alpha[60:140, 100:200] = 1
    >>> picture[80:160, 110:210] = 0.6
    >>> found = measure_cast(picture, alpha)
    >>> round(found.strength, 1), 58 <= found.direction_deg <= 68
    (0.4, True)
    """
    small, cover = _reduced(light, alpha)
    solid = cv2.dilate((cover > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    nothing = Cast(0.0, 0.0, 0.0, np.zeros(cover.shape, np.float32))
    if not solid.any() or solid.all():
        return nothing
    ground = _ground(small, solid)
    taken = 1 - small / np.maximum(ground, np.float32(1e-4))
    density = np.where(solid, 0, np.clip(taken.mean(axis=-1), 0, 1)).astype(np.float32)
    tinted = (taken.max(axis=-1) - taken.min(axis=-1)) > _TINT * np.maximum(density, np.float32(0.1))
    density[tinted | (density < _LEAST)] = 0
    seen = density > 0
    if seen.mean() < _LEAST_SHARE:
        return nothing
    fall = measure_fall(density, (cover > 0.5).astype(np.float32))
    direction, sure = (90.0, 0.0) if fall is None else (fall.direction_deg, fall.sure)
    peak = float(np.percentile(density[seen], 99))
    held = np.flatnonzero((cover > 0.5).any(axis=1))
    return Cast(peak, direction, _softness(density, solid, peak) / float(held[-1] - held[0] + 1), density, sure)


def angle_between(one_deg: float, other_deg: float) -> float:
    """Return how far two directions lie apart, 0 to 180 degrees.

    Examples
    --------
    >>> angle_between(-170.0, 170.0)
    20.0
    """
    return abs((one_deg - other_deg + 180) % 360 - 180)


def _reduced(light: Float32, alpha: Float32) -> tuple[Float32, Float32]:
    scale = min(1.0, _WORK / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    # Every n-th pixel first: a shadow is smooth, and whole pictures are read for little.
    stride = max(1, int(0.5 / scale))
    planes = (np.ascontiguousarray(each[::stride, ::stride]) for each in (light[..., :3], alpha))
    first, second = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in planes)
    return np.asarray(first, np.float32), np.asarray(second, np.float32)


def _ground(light: Float32, solid: NDArray[np.bool_]) -> Float32:
    """The ground's light: the lightest decile of the frame's rim that is no subject."""
    rim = np.zeros(solid.shape, bool)
    side = max(2, min(solid.shape) // 40)
    rim[:side], rim[-side:], rim[:, :side], rim[:, -side:] = True, True, True, True
    free = light[rim & ~solid]
    if not len(free):
        free = light[~solid]
    return np.asarray(np.percentile(free, 90, axis=0), np.float32)


def _softness(density: Float32, solid: NDArray[np.bool_], peak: float) -> float:
    """Mean width of the rim, px: its area by the length of its middle line."""
    rim = (density > 0.25 * peak) & (density < 0.75 * peak)
    half = ((density > 0.5 * peak) | solid).astype(np.uint8)
    line = cv2.morphologyEx(half, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    near_subject = cv2.dilate(solid.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    length = float((line & ~near_subject).sum()) / 2
    return float(rim.sum()) / max(length, 1.0)
