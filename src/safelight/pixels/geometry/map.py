"""The geometry map: which place of the original each output pixel shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import ParameterError
from safelight.pixels.geometry.optics import Optics

Matrix = NDArray[np.float64]
Row = tuple[float, float, float]
_EXACT = 1e-3  # px: far below what any kernel resolves, far above what arithmetic leaves of a whole number


@dataclass(frozen=True)
class GeometryMap:
    """A map from output pixels to original pixels, with the size of the output: projective, then through a lens.

    Parameters
    ----------
    matrix : three rows of three floats
        Takes (x, y, 1) in the output to (x, y, w) in the original. Continuous pixel
        coordinates: the first pixel reaches from 0 to 1 and has its center at 0.5.
    width, height : int, px
        Size of the output.
    optics : Optics or None
        How the lens bent what the matrix leads to; None leaves the map projective.

    Raises
    ------
    ParameterError
        If the output is empty or the matrix cannot be turned round.

    Examples
    --------
    >>> crop = GeometryMap.of_crop(10, 20, 300, 200)
    >>> crop.to_original([[0.5, 0.5]]).tolist()
    [[10.5, 20.5]]
    >>> crop.is_aligned()
    True
    """

    matrix: tuple[Row, Row, Row]
    width: int
    height: int
    optics: Optics | None = None

    def __post_init__(self) -> None:
        """Refuse an output without pixels and a map without a way back."""
        if self.width < 1 or self.height < 1:
            raise ParameterError(f"a picture has at least one pixel, got {self.width} x {self.height}")
        values = np.asarray(self.matrix, np.float64)
        if values.shape != (3, 3) or not np.isfinite(values).all() or abs(np.linalg.det(values)) < 1e-15:
            raise ParameterError(f"a geometry map takes an invertible 3x3 matrix, got {self.matrix}")

    @staticmethod
    def of_matrix(matrix: Matrix, width: int, height: int, optics: Optics | None = None) -> GeometryMap:
        """Return the map of a 3x3 array, seen through `optics`."""
        first, second, third = ((float(a), float(b), float(c)) for a, b, c in matrix)
        return GeometryMap((first, second, third), int(width), int(height), optics)

    @staticmethod
    def identity(width: int, height: int) -> GeometryMap:
        """Return the map that shows the whole original as it is."""
        return GeometryMap.of_matrix(np.eye(3), width, height)

    @staticmethod
    def of_crop(x: float, y: float, width: int, height: int) -> GeometryMap:
        """Return the map that shows `width` by `height` pixels from (x, y) on; outside the original is allowed."""
        return GeometryMap.of_matrix(_shift(x, y), width, height)

    @property
    def array(self) -> Matrix:
        """The matrix as a (3, 3) array."""
        return np.asarray(self.matrix, np.float64)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the output."""
        return self.width, self.height

    def to_original(self, points: Sequence[Sequence[float]] | NDArray[np.floating[Any]]) -> Matrix:
        """Return where output `points`, (N, 2) of x and y in px, lie in the original."""
        straight = _project(self.array, points)
        return straight if self.optics is None else self.optics.bend(straight)

    def from_original(self, points: Sequence[Sequence[float]] | NDArray[np.floating[Any]]) -> Matrix:
        """Return where original `points`, (N, 2) of x and y in px, come to lie in the output."""
        return _project(_inverted(self.array), points if self.optics is None else self.optics.unbend(points))

    def inverse(self, width: int, height: int) -> GeometryMap:
        """Return the way back: a map whose output is the original, `width` by `height` pixels.

        Raises
        ------
        ParameterError
            Through a lens there is no such map; `from_original` carries points.
        """
        if self.optics is not None:
            raise ParameterError("a map through a lens has no inverse map: carry points with from_original")
        return GeometryMap.of_matrix(_scaled_to_one(_inverted(self.array)), width, height)

    def then(self, later: GeometryMap) -> GeometryMap:
        """Return this map followed by `later`, whose original is this map's output.

        Raises
        ------
        ParameterError
            If `later` leads through a lens: light went through the lens first.
        """
        if later.optics is not None:
            if self.optics is not None or not np.array_equal(self.array, np.eye(3)):
                raise ParameterError("a lens comes before every other geometry: put its map first")
            return later
        together = _scaled_to_one(self.array @ later.array)
        return GeometryMap.of_matrix(together, later.width, later.height, self.optics)

    def resized(self, width: int, height: int) -> GeometryMap:
        """Return the same view on `width` by `height` output pixels, edge to edge."""
        matrix = self.array @ _scale(self.width / width, self.height / height)
        return GeometryMap.of_matrix(matrix, width, height, self.optics)

    def on_reduction(self, full: tuple[int, int], reduced: tuple[int, int]) -> GeometryMap:
        """Return the map into a reduction of the original, (width, height) `reduced` instead of `full`."""
        factors = _scale(reduced[0] / full[0], reduced[1] / full[1])
        optics = None if self.optics is None else self.optics.on(reduced)
        return GeometryMap.of_matrix(_scaled_to_one(factors @ self.array), self.width, self.height, optics)

    def part(self, x: int, y: int, width: int, height: int) -> GeometryMap:
        """Return the map of a box of the output: a tile, a region, a strip."""
        return self.then(GeometryMap.of_crop(x, y, width, height))

    def is_aligned(self) -> bool:
        """Say whether output pixels are original pixels, moved by whole numbers: nothing needs resampling."""
        whole = _shift(round(self.matrix[0][2]), round(self.matrix[1][2]))
        return self._agrees(whole)

    def is_upright(self) -> bool:
        """Say whether the map only moves and scales, so that rows stay rows: no mirror, turn or tilt."""
        (a, _, c), (_, e, f), _ = self.matrix
        return a > 0 and e > 0 and self._agrees(_shift(c, f) @ _scale(a, e))

    def _agrees(self, other: Matrix) -> bool:
        """Whether `other` sends the corners of the output to the same places, and no lens bends what lies between."""
        if self.optics is not None:
            return False
        w, h = self.width, self.height
        corners = [[0, 0], [w, 0], [0, h], [w, h]]
        return bool(np.abs(self.to_original(corners) - _project(other, corners)).max() < _EXACT)

    def crop_rows_cols(self) -> tuple[slice, slice]:
        """Return the rows and columns of the original that an aligned map shows; they may lie outside of it.

        Raises
        ------
        ParameterError
            If the map is not aligned: then there are no such rows.
        """
        if not self.is_aligned():
            raise ParameterError("this map turns, scales or moves by part of a pixel: resample, do not slice")
        x, y = round(self.matrix[0][2]), round(self.matrix[1][2])
        return slice(y, y + self.height), slice(x, x + self.width)

    def reduction(self) -> float:
        """Return how many original pixels an output pixel spans at the middle of the output, by area."""
        x, y = self.width / 2, self.height / 2
        corners = self.to_original([[x - 0.5, y - 0.5], [x + 0.5, y - 0.5], [x - 0.5, y + 0.5]])
        (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
        return math.sqrt(abs(ax * by - ay * bx))

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of the original that the output shows, as its upright hull."""
        w, h = self.width, self.height
        rim = [[0, 0], [w, 0], [0, h], [w, h]] if self.optics is None else _rim(w, h)
        corners = self.to_original(rim)
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


def fitted(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """Return `size` scaled so that the longer side is `long_side`, never enlarged; at least one pixel each.

    Examples
    --------
    >>> fitted((6000, 4000), 1600)
    (1600, 1067)
    """
    factor = min(1.0, long_side / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def straighten(angle_deg: float, width: int, height: int) -> GeometryMap:
    """Return the map that turns a picture about its middle, same size; corners then show what lies outside.

    Parameters
    ----------
    angle_deg : float, degrees
        Positive turns the picture clockwise.
    width, height : int, px

    Examples
    --------
    >>> np.round(straighten(90, 4, 4).to_original([[4, 2]]), 6).tolist()
    [[2.0, 0.0]]
    """
    angle = math.radians(angle_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    there, back = _shift(width / 2, height / 2), _shift(-width / 2, -height / 2)
    return GeometryMap.of_matrix(there @ turn @ back, width, height)


def largest_upright(width: float, height: float, angle_deg: float) -> tuple[float, float]:
    """Return width and height of the largest box, of the picture's proportions, inside it after a turn.

    Examples
    --------
    >>> [round(each, 3) for each in largest_upright(400, 300, 0.0)]
    [400.0, 300.0]
    """
    cos, sin = abs(math.cos(math.radians(angle_deg))), abs(math.sin(math.radians(angle_deg)))
    # The box's hull, turned back, must fit: k (w cos + h sin) <= w and k (w sin + h cos) <= h.
    factor = min(width / (width * cos + height * sin), height / (width * sin + height * cos))
    return width * factor, height * factor


def _rim(width: int, height: int, steps: int = 33) -> Matrix:
    """Places along the rim of the output: a lens bends its sides."""
    x, y = np.linspace(0, width, steps), np.linspace(0, height, steps)
    sides = [(x, 0 * x), (x, 0 * x + height), (0 * y, y), (0 * y + width, y)]
    return np.concatenate([np.column_stack(each) for each in sides])


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _scale(x: float, y: float) -> Matrix:
    return np.diag([x, y, 1.0])


def _inverted(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _scaled_to_one(matrix: Matrix) -> Matrix:
    """The same projective map with 1 in the corner, where it can be."""
    return matrix / matrix[2, 2] if abs(matrix[2, 2]) > 1e-12 else matrix


def _project(matrix: Matrix, points: Sequence[Sequence[float]] | NDArray[np.floating[Any]]) -> Matrix:
    flat = np.asarray(points, np.float64).reshape(-1, 2)
    x, y, w = matrix @ np.column_stack([flat, np.ones(len(flat))]).T
    return np.column_stack([x / w, y / w])
