"""What makes a face one for a person: a beard, glasses, heavy make-up, skin that is covered or burnt out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.skin.complexion import Complexion
from safelight.pixels.skin.regions import BEARD, EYES, LIPS, Points, Regions, around, polygon

Float32 = NDArray[np.float32]
_RIM_STOPS = 0.5  # a rim of glasses is so much darker than the skin on both sides of it


@dataclass(frozen=True)
class Misgivings:
    """Shares 0..1 and stops of what is no bare skin.

    `beard` : share of chin, jaw and upper lip that has not the skin's color. `glasses` : share of the way around the
    lower half of the eyes along which a dark line runs, the clearer eye. `lipstick` : how much redder lips are than
    skin, stops of R/G; bare lips have up to some 0.6. `covered` : share of the rest of the face that is not the
    skin's color: hair, a hand, a mask, ink.
    """

    beard: float
    glasses: float
    lipstick: float
    covered: float


def look_for_misgivings(
    light: Float32, points: Points, regions: Regions, share: Float32, like: Complexion
) -> Misgivings:
    """Measure what speaks against working on a face.

    Parameters
    ----------
    light : (H, W, 3) float32, linear sRGB
    points : (468, 2) float64, px
    regions : Regions
    share : (H, W) float32, 0..1
        How much each pixel has the skin's color.
    like : Complexion
        Learned on `light`.
    """
    shape = (light.shape[0], light.shape[1])
    unit = regions.px_per_mm
    lower = around(points, BEARD, 5.0 * unit, shape) & regions.oval & ~regions.apart
    upper = regions.oval & ~regions.apart & ~lower
    logs = np.log2(np.maximum(light, np.float32(1e-4)))
    lips = polygon(points, LIPS, shape)
    red = float(np.median((logs[..., 0] - logs[..., 1])[lips])) - float(like.middle[0]) if lips.any() else 0.0
    return Misgivings(_missing(share, lower), _rims(logs, points, unit), red, _missing(share, upper))


def _missing(share: Float32, where: NDArray[np.bool_]) -> float:
    return float((share[where] < 0.4).mean()) if where.any() else 0.0


def _rims(logs: Float32, points: Points, unit: float) -> float:
    """Dark lines 14 to 28 mm below the middle of an eye, as a share of the angles from ear to nose."""
    luma = np.ascontiguousarray(logs @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    side = 2 * max(1, round(2.5 * unit)) + 1
    dark = cv2.morphologyEx(luma, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)) - luma
    down = points[152] - points[10]
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    right = np.array([down[1], -down[0]])
    found = []
    for names in EYES:
        middle = points[list(names)].mean(axis=0)
        seen = []
        for angle in np.radians(np.arange(25, 156, 10)):
            way = right * np.cos(angle) + down * np.sin(angle)
            places = middle + np.arange(14.0, 28.0, 0.7)[:, None] * unit * way
            cols, rows = np.rint(places).astype(int).T
            held = (rows >= 0) & (rows < luma.shape[0]) & (cols >= 0) & (cols < luma.shape[1])
            seen.append(bool(held.any()) and float(dark[rows[held], cols[held]].max()) > _RIM_STOPS)
        found.append(float(np.mean(seen)))
    return max(found)
