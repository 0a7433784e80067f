"""How a lens bent a picture: radial distortion, projection and the colors' own magnifications."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import ParameterError

Points = NDArray[np.float64]
Floats = NDArray[Any]

_STRAIGHT = (1.0, 0.0, 0.0, 0.0, 0.0)
_TOGETHER = (1.0, 0.0, 0.0)
_STEEPEST = math.radians(89.0)  # a flat picture holds no more of what a fisheye saw
_FARTHEST = 4.0  # half diagonals: what a wide frame around a fisheye may ask for

# Distance from the middle on the film, in focal lengths, of light that comes in at an angle to the axis, and back.
_FROM_ANGLE: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {
        "equidistant": lambda angle: angle,
        "equisolid": lambda angle: 2 * np.sin(angle / 2),
        "stereographic": lambda angle: 2 * np.tan(angle / 2),
        "orthographic": np.sin,
    }
)
_TO_ANGLE: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {
        "equidistant": lambda radius: radius,
        "equisolid": lambda radius: 2 * np.arcsin(np.clip(radius / 2, -1, 1)),
        "stereographic": lambda radius: 2 * np.arctan(radius / 2),
        "orthographic": lambda radius: np.arcsin(np.clip(radius, -1, 1)),
    }
)
PROJECTIONS = ("rectilinear", *_FROM_ANGLE)


@dataclass(frozen=True)
class Optics:
    """From a picture as a perfect lens draws it to the picture that was taken.

    Lengths are in half diagonals of the picture, so that the numbers hold at any size.

    Parameters
    ----------
    size : (width, height) px
        Of the upright original.
    distortion : five floats
        Radius taken / radius meant: ``c0 + c1 r + c2 r^2 + c3 r^3 + c4 r^4``.
    red, blue : three floats
        Radius of that color / radius of green: ``v + c r + b r^2``.
    projection : {"rectilinear", "equidistant", "equisolid", "stereographic", "orthographic"}
        How the lens lays angles on the film; what is not rectilinear is a fisheye.
    focal : float
        With a fisheye its focal length.
    center : (x, y), 0..1 of the picture
        The optical axis.
    frame : (width, height) px or None
        The picture that coordinates are meant in; None for `size`. A reduction has its own.

    Raises
    ------
    ParameterError
        If a number is not finite, the lens would fold the picture over, or the projection is unknown.

    References
    ----------
    The lensfun manual, "Lens models": poly3, poly5, ptlens and the projections are cases of this.

    Examples
    --------
    >>> barrel = Optics((600, 400), distortion=(1.0, 0.0, -0.05, 0.0, 0.0))
    >>> np.round(barrel.bend([[600.0, 400.0]]), 3).tolist()
    [[585.0, 390.0]]
    >>> np.round(barrel.unbend([[585.0, 390.0]]), 3).tolist()
    [[600.0, 400.0]]
    """

    size: tuple[int, int]
    distortion: tuple[float, float, float, float, float] = _STRAIGHT
    red: tuple[float, float, float] = _TOGETHER
    blue: tuple[float, float, float] = _TOGETHER
    projection: str = "rectilinear"
    focal: float = 1.0
    center: tuple[float, float] = (0.5, 0.5)
    frame: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Refuse a lens that is none."""
        numbers = (*self.distortion, *self.red, *self.blue, self.focal, *self.center)
        if not all(math.isfinite(each) for each in numbers) or self.focal <= 0:
            raise ParameterError(f"a lens takes finite numbers and a focal length above 0, got {numbers}")
        if self.projection not in PROJECTIONS:
            raise ParameterError(f"projection is {self.projection!r}; it takes {', '.join(PROJECTIONS)}")
        seen = np.linspace(0, 1, 65)
        if (np.diff(seen * self._ratio(seen)) <= 0).any():
            raise ParameterError(f"distortion {self.distortion} folds the picture over before its corners: check it")

    @property
    def parts_colors(self) -> bool:
        """True if red or blue is magnified otherwise than green."""
        return self.red != _TOGETHER or self.blue != _TOGETHER

    @property
    def is_straight(self) -> bool:
        """True if nothing is bent."""
        return self.distortion == _STRAIGHT and self.projection == "rectilinear" and not self.parts_colors

    def on(self, frame: tuple[int, int]) -> Optics:
        """Return the same lens for the coordinates of a reduction, (width, height) `frame`."""
        return replace(self, frame=frame)

    def bend(self, points: Sequence[Sequence[float]] | Floats, color: str = "green") -> Points:
        """Return where `points`, (N, 2) of x and y as a perfect lens draws them, lie in the picture taken."""
        flat = np.asarray(points, np.float64).reshape(-1, 2)
        return np.column_stack(self.bend_axes(flat[:, 0], flat[:, 1], color))

    def bend_axes(self, x: Floats, y: Floats, color: str = "green") -> tuple[Floats, Floats]:
        """As `bend`, for arrays of x and of y of any shape that fit each other; their dtype is kept."""
        center, unit = self._center, self._unit
        across, down = (x - center[0]) / unit[0], (y - center[1]) / unit[1]
        radius = np.sqrt(across * across + down * down)
        ratio = np.ones_like(radius)
        if self.projection != "rectilinear":
            ratio = self._fisheye_ratio(radius)
        radius = radius * ratio
        own = self._ratio(radius)
        ratio *= own
        if color != "green":
            v, c, b = self.red if color == "red" else self.blue
            radius *= own
            ratio *= v + radius * (c + radius * radius.dtype.type(b))
        return center[0] + across * ratio * unit[0], center[1] + down * ratio * unit[1]

    def unbend(self, points: Sequence[Sequence[float]] | Floats) -> Points:
        """Return where `points`, (N, 2) of x and y of the picture taken, lie for a perfect lens."""
        flat = np.asarray(points, np.float64).reshape(-1, 2)
        center, unit = np.asarray(self._center), np.asarray(self._unit)
        offset = (flat - center) / unit
        taken = np.hypot(offset[:, 0], offset[:, 1])
        meant = self._undistorted(taken)
        if self.projection != "rectilinear":
            angle = np.minimum(_TO_ANGLE[self.projection](meant / self.focal), _STEEPEST)
            meant = self.focal * np.tan(angle)
        ratio = np.divide(meant, taken, out=np.full_like(taken, 1 / self.distortion[0]), where=taken > 1e-9)
        return np.asarray(center + offset * ratio[:, None] * unit, np.float64)

    @property
    def _center(self) -> tuple[float, float]:
        width, height = self.frame or self.size
        return self.center[0] * width, self.center[1] * height

    @property
    def _unit(self) -> tuple[float, float]:
        """Pixels of the frame in half a diagonal, along x and y: a reduction is rounded to whole pixels."""
        half = math.hypot(*self.size) / 2
        width, height = self.frame or self.size
        return half * width / self.size[0], half * height / self.size[1]

    def _ratio(self, radius: Floats) -> Floats:
        c0, c1, c2, c3, c4 = (radius.dtype.type(each) for each in self.distortion)
        return np.asarray(c0 + radius * (c1 + radius * (c2 + radius * (c3 + radius * c4))))

    def _fisheye_ratio(self, radius: Floats) -> Floats:
        focal = radius.dtype.type(self.focal)
        meant = np.maximum(radius, radius.dtype.type(1e-6))
        return np.asarray(_FROM_ANGLE[self.projection](np.arctan(meant / focal)) * focal / meant)

    def _undistorted(self, taken: Points) -> Points:
        """The radius that is distorted to `taken`: from a table, then by Newton's method."""
        if self.distortion == _STRAIGHT:
            return taken.copy()
        steps = np.linspace(0, _FARTHEST, 4001)
        bent = steps * self._ratio(steps)
        falling = np.flatnonzero(np.diff(bent) <= 0)
        last = int(falling[0]) if len(falling) else len(steps) - 1
        radius = np.interp(taken, bent[: last + 1], steps[: last + 1])
        c0, c1, c2, c3, c4 = self.distortion
        for _ in range(3):
            slope = c0 + radius * (2 * c1 + radius * (3 * c2 + radius * (4 * c3 + radius * 5 * c4)))
            step = (radius * self._ratio(radius) - taken) / np.maximum(slope, 1e-3)
            radius = np.clip(radius - step, 0, steps[last])
        return np.asarray(radius, np.float64)


def filling_zoom(optics: Optics) -> float:
    """Return the least enlargement about the axis at which the corrected frame shows nothing beyond the picture.

    Parameters
    ----------
    optics : Optics

    Returns
    -------
    float, 0.5 to 4
        Below 1 where the lens drew the edges together (barrel), above 1 where it pulled them out (pincushion).

    Examples
    --------
    >>> filling_zoom(Optics((600, 400)))
    1.0
    >>> 0.9 < filling_zoom(Optics((600, 400), distortion=(1.0, 0.0, -0.05, 0.0, 0.0))) < 1.0
    True
    """
    if optics.is_straight:
        return 1.0
    width, height = optics.size
    x, y = np.linspace(0, width, 65), np.linspace(0, height, 65)
    sides = [(x, 0 * x), (x, 0 * x + height), (0 * y, y), (0 * y + width, y)]
    rim = np.concatenate([np.column_stack(each) for each in sides])
    middle = np.array([optics.center[0] * width, optics.center[1] * height])

    def fits(zoom: float) -> bool:
        colors = ("red", "green", "blue") if optics.parts_colors else ("green",)
        for color in colors:
            found = optics.bend(middle + (rim - middle) / zoom, color)
            if found.min() < -1e-3 or (found > np.array([width, height]) + 1e-3).any():
                return False
        return True

    low, high = 0.5, 4.0
    if fits(low):
        return low
    for _ in range(40):
        between = (low + high) / 2
        low, high = (low, between) if fits(between) else (between, high)
    return high
