"""The contour of a matte, to a fraction of a pixel: where coverage is one half."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def trace_contours(alpha: NDArray[np.float32] | NDArray[np.uint16], *, least_px: float = 12.0) -> list[Points]:
    """Follow the lines on which a matte is one half.

    Parameters
    ----------
    alpha : (H, W) float32 0..1, or uint16 with 65535 = 1
    least_px : float, px squared
        Rings that enclose less are specks and left out.

    Returns
    -------
    list of (N, 2) float64
        Closed rings of (x, y) in px, 0 at the picture's left and upper edge, so that the first pixel's center is
        0.5; the first point is not repeated. Outer rings have a positive `signed_area`, holes a negative one; largest
        first. A subject cut by the frame is closed along it.

    Notes
    -----
    Marching squares with linear interpolation; where a cell is a saddle, its mean says which corners join.

    References
    ----------
    W. E. Lorensen and H. E. Cline, "Marching cubes", 1987, in two dimensions.

    Examples
    --------
    >>> y, x = np.mgrid[0:64, 0:64] + 0.5
    >>> disk = np.clip(20.5 - np.hypot(x - 32, y - 32), 0, 1).astype(np.float32)
    >>> ring, = trace_contours(disk)
    >>> round(signed_area(ring) / (np.pi * 20**2), 3), bool(abs(np.hypot(*(ring - 32).T) - 20).max() < 0.1)
    (1.0, True)
    """
    rows, columns = (np.flatnonzero((alpha > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return []
    window = alpha[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    half = 0.5 if alpha.dtype == np.float32 else 32767.5
    level = np.pad(window.astype(np.float32) - np.float32(half), 1, constant_values=-half)
    # Exactly one half is a hair inside, so that no crossing falls on a pixel's center.
    level[level == 0] = np.float32(1e-3 * half)
    rings = _linked(level)
    offset = np.array([columns[0] - 0.5, rows[0] - 0.5])
    found = [ring + offset for ring in rings]
    sized = sorted(((signed_area(ring), ring) for ring in found), key=lambda each: -abs(each[0]))
    return [ring for area, ring in sized if abs(area) >= least_px]


def signed_area(ring: Points) -> float:
    """Return the area a closed ring encloses, above 0 where it runs clockwise on the screen (y down).

    Examples
    --------
    >>> signed_area(np.array([[0, 0], [2, 0], [2, 2], [0, 2.0]]))
    4.0
    """
    x, y = ring.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _linked(level: NDArray[np.float32]) -> list[Points]:
    """Rings of crossings, clockwise on the screen around what is inside."""
    inside = level > 0
    height, width = level.shape
    code = inside[:-1, :-1] + 2 * inside[:-1, 1:] + 4 * inside[1:, 1:] + 8 * inside[1:, :-1]
    y, x = np.nonzero((code > 0) & (code < 15))
    case = code[y, x]
    middle = (level[y, x] + level[y, x + 1] + level[y + 1, x + 1] + level[y + 1, x]) > 0
    # Names of a cell's four sides: those between rows are counted behind those along rows.
    side = np.stack(
        [y * width + x, height * width + y * width + x + 1, (y + 1) * width + x, height * width + y * width + x]
    )
    table = np.array(_WAYS)
    chosen = np.where((case == 5) & middle, 16, np.where((case == 10) & middle, 17, case))
    following: dict[int, int] = {}
    for each in range(2):
        start, end = table[chosen, each, 0], table[chosen, each, 1]
        real = start >= 0
        at = np.arange(len(case))[real]
        following.update(zip(side[start[real], at].tolist(), side[end[real], at].tolist(), strict=True))
    return [_placed(np.array(names), level)[::-1] for names in _rings(following)]


# Sides: 0 above, 1 right, 2 below, 3 left. Each way leaves the inside on its left; rings are turned round at the end.
_NONE = (-1, -1)
_WAYS = (
    (_NONE, _NONE), ((3, 0), _NONE), ((0, 1), _NONE), ((3, 1), _NONE),
    ((1, 2), _NONE), ((3, 0), (1, 2)), ((0, 2), _NONE), ((3, 2), _NONE),
    ((2, 3), _NONE), ((2, 0), _NONE), ((0, 1), (2, 3)), ((2, 1), _NONE),
    ((1, 3), _NONE), ((1, 0), _NONE), ((0, 3), _NONE), (_NONE, _NONE),
    ((1, 0), (3, 2)), ((0, 3), (2, 1)),
)  # fmt: skip


def _rings(following: dict[int, int]) -> list[list[int]]:
    found = []
    while following:
        first, name = following.popitem()
        ring = [first]
        while name != first:
            ring.append(name)
            name = following.pop(name)
        found.append(ring)
    return found


def _placed(names: NDArray[np.int64], level: NDArray[np.float32]) -> Points:
    """Where the crossings lie, pixel centers at whole numbers of the padded array."""
    height, width = level.shape
    down = names >= height * width
    y, x = np.divmod(names - down * height * width, width)
    here, there = level[y, x], level[y + down, x + ~down]
    share = here / (here - there)
    return np.stack([x + share * ~down, y + share * down], axis=-1).astype(np.float64)


def paint_rings(rings: list[Points], size: tuple[int, int]) -> NDArray[np.float32]:
    """Fill rings, holes left open, with their coverage.

    Parameters
    ----------
    rings : list of (N, 2) float
        As `trace_contours` returns them; holes run the other way round.
    size : (int, int)
        (width, height) of the picture.

    Returns
    -------
    (H, W) float32, 0..1
        Exact along rows, to an eighth of a pixel across them.

    Examples
    --------
    >>> square = np.array([[1, 1], [3, 1], [3, 2.5], [1, 2.5]])
    >>> paint_rings([square], (4, 4))[:, 1].tolist()
    [0.0, 1.0, 0.5, 0.0]
    """
    width, height = size
    crossings = [_crossed(ring, height * _SUBROWS) for ring in rings if len(ring) > 2]
    if not crossings:
        return np.zeros((height, width), np.float32)
    rows, x, sign = (np.concatenate(each) for each in zip(*crossings, strict=True))
    x = np.clip(x, 0, width)
    column = np.minimum(x.astype(np.int64), width - 1)
    # A crossing covers the rest of its own pixel, and from the next one on everything.
    own = sign * (column + 1 - x)
    place = (rows // _SUBROWS) * (width + 1) + column
    count = height * (width + 1)
    steps = np.bincount(place, weights=own, minlength=count) + np.bincount(
        place + 1, weights=sign - own, minlength=count
    )
    covered = np.cumsum(steps.reshape(height, width + 1), axis=1)[:, :width] / _SUBROWS
    return np.clip(covered, 0, 1).astype(np.float32)


_SUBROWS = 8


def _crossed(ring: Points, lines: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Where a ring crosses the middles of sub-rows: (sub-row, x, +1 going up, -1 going down)."""
    begin, end = ring, np.roll(ring, -1, axis=0)
    first, last = (each[:, 1] * _SUBROWS - 0.5 for each in (begin, end))
    low, high = np.ceil(np.minimum(first, last)), np.ceil(np.maximum(first, last))
    low, high = (np.clip(each, 0, lines).astype(np.int64) for each in (low, high))
    count = high - low
    edge = np.repeat(np.arange(len(ring)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + low[edge]
    share = (row - first[edge]) / (last - first)[edge]
    x = begin[edge, 0] + share * (end - begin)[edge, 0]
    return row, x, np.sign(first - last)[edge]
