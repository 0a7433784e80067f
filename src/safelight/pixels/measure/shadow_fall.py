"""Where a shadow falls, told by laying shadows of the subject's own shape beside it until one fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Ground = Literal["floor", "wall"]

_WORK = 120  # px, long side: a shadow is smooth, and three degrees still move its tip by a pixel
_COARSE_DEG, _FINE_DEG = 15, 3
_REACHES: dict[Ground, tuple[float, ...]] = {"floor": (0.25, 0.5, 0.9), "wall": (0.05, 0.12, 0.25)}
_SOFT = 0.04  # of the subject's height: between a bare lamp's rim and a softbox's
_FLATTEST = 0.06  # a floor seen edge-on would turn its shadow into a line
_ELSEWHERE_DEG = 60.0
# Where shadows lie around a foot on all sides every direction fits alike: 0.02 to 0.15 under softboxes from both
# sides, 0.2 and more where one lamp leads. Fits of the right direction are 0.78 and more on rendered packshots.
_MARGIN, _MARGIN_SPAN = 0.05, 0.2
_FIT, _FIT_SPAN = 0.6, 0.25
_MOST = 0.9


@dataclass(frozen=True)
class Fall:
    """Where a shadow falls.

    Parameters
    ----------
    direction_deg : float
        In the picture: 0 right, 90 down, -180 to 180.
    on : {"floor", "wall"}
        A floor's shadow starts at the foot and leans; a wall's is the subject's shape, moved.
    reach : float
        How far it falls, share of the subject's height.
    fit : float, -1..1
        Correlation of the shadow with the one laid beside it.
    margin : float, 0..2
        How much better it fits than any that falls more than 60 degrees elsewhere.
    """

    direction_deg: float
    on: Ground
    reach: float
    fit: float
    margin: float

    @property
    def sure(self) -> float:
        """How sure the direction is, 0 to 0.9: it must fit, and no other as well."""
        alone = min(max((self.margin - _MARGIN) / _MARGIN_SPAN, 0.0), 1.0)
        fits = min(max((self.fit - _FIT) / _FIT_SPAN, 0.0), 1.0)
        return round(_MOST * alone * fits, 3)

    @property
    def drop_deg(self) -> float:
        """Where the same light throws a shadow on a wall behind: 0 right, 90 down.

        Notes
        -----
        A lamp at (x, y, z) lays a point of height h at ``-h x / z`` across the floor, and throws it on a wall at
        distance d by ``-d x / y`` across and ``d z / y`` down: the slant ``x / z`` is that of the floor, ``reach cos
        direction``, whatever the camera's height.
        """
        if self.on == "wall":
            return self.direction_deg
        return float(np.rad2deg(np.arctan2(1.0, self.reach * np.cos(np.deg2rad(self.direction_deg)))))


def measure_fall(density: Float32, subject: Float32) -> Fall | None:
    """Find the direction in which a subject's shadow falls.

    Parameters
    ----------
    density : (H, W) float32, 0..1
        Share of the ground's light that is taken; what lies under the subject is not looked at.
    subject : (H, W) float32, 0..1
        The matte.

    Returns
    -------
    Fall or None
        None without a subject, without ground beside it, or without a shadow.

    Notes
    -----
    The subject's own outline is laid beside it as a shadow, on the floor (sheared about its foot) and on the wall
    (moved), in all directions and three reaches each; the best by correlation over the ground that is seen is refined
    to three degrees. The line between the middles of subject and shadow, tried first, is off by 40 degrees on floors,
    the line from the foot by 75 on walls.

    Examples
    --------
    >>> subject = np.zeros((160, 200), np.float32)
    >>> subject[40:120, 80:120] = 1
    >>> moved = cv2.GaussianBlur(np.roll(subject, (8, 8), (0, 1)), (0, 0), 2) * np.float32(0.4)
    >>> found = measure_fall(moved, subject)
    >>> found.on, abs(found.direction_deg - 45) < 7
    ('wall', True)
    """
    scale = min(1.0, _WORK / max(subject.shape))
    size = (max(1, round(subject.shape[1] * scale)), max(1, round(subject.shape[0] * scale)))
    cover, shade = (
        np.asarray(cv2.resize(np.asarray(each, np.float32), size, interpolation=cv2.INTER_AREA))
        for each in (subject, density)
    )
    free = cv2.dilate((cover > 0.4).astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    held = np.flatnonzero((cover > 0.5).any(axis=1))
    seen = shade[free]
    if not len(held) or len(seen) < 16 or float(seen.std()) < 1e-4:
        return None
    base, height = float(held[-1] + 0.5), float(held[-1] - held[0] + 0.5)
    wanted = seen - seen.mean()
    wanted /= np.linalg.norm(wanted)

    def fit(on: Ground, angle: float, reach: float) -> float:
        laid = cv2.warpAffine(cover, _laid(on, angle, reach, base, height), size)
        own = cv2.GaussianBlur(laid, (0, 0), max(0.8, _SOFT * height))[free]
        own = own - own.mean()
        return float(own @ wanted) / max(float(np.linalg.norm(own)), 1e-9)

    coarse = {each: fit(*each) for each in _every()}
    best = max(coarse, key=lambda each: coarse[each])
    elsewhere = max(value for each, value in coarse.items() if _apart(each[1], best[1]) > _ELSEWHERE_DEG)
    fine = {each: fit(*each) for each in _near(*best)}
    found = max(fine, key=lambda each: fine[each])
    on, angle, reach = found
    return Fall((angle + 180) % 360 - 180, on, reach, fine[found], coarse[best] - elsewhere)


def _every() -> Iterator[tuple[Ground, float, float]]:
    for on, reaches in _REACHES.items():
        for angle in range(-180, 180, _COARSE_DEG):
            yield from ((on, float(angle), reach) for reach in reaches)


def _near(on: Ground, angle: float, reach: float) -> Iterator[tuple[Ground, float, float]]:
    for off in range(_FINE_DEG - _COARSE_DEG, _COARSE_DEG, _FINE_DEG):
        yield from ((on, angle + off, reach * by) for by in (0.75, 1.0, 1.33))


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def _laid(on: Ground, angle_deg: float, reach: float, base: float, height: float) -> Float32:
    """The map that lays a subject's outline down as its shadow; about its foot on a floor."""
    across, down = float(np.cos(np.deg2rad(angle_deg))), float(np.sin(np.deg2rad(angle_deg)))
    if on == "wall":
        return np.array([[1, 0, reach * height * across], [0, 1, reach * height * down]], np.float32)
    steep = -reach * down
    if abs(steep) < _FLATTEST:
        steep = -_FLATTEST if steep < 0 else _FLATTEST
    return np.array([[1, -reach * across, base * reach * across], [0, steep, base - steep * base]], np.float32)
