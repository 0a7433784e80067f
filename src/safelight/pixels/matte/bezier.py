"""A clipping path: few Bezier curves along a contour, with true corners."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.contour import Points, signed_area

_CORNER_DEG = 38.0  # a turn within the reach below that is a corner, not a bend
_REACH_PX = 5.0
_BEND_DEG = 26.0  # of such a turn, what half the reach must show: a small radius spreads it evenly, a corner does not
_THIRDS = np.array([[0.0], [1 / 3], [2 / 3], [1.0]])
_ROUNDS = 4  # of Newton's method for each curve, before it is divided


@dataclass(frozen=True)
class Knot:
    """An anchor with its two handles, in px, x to the right and y down, 0 at the picture's edge.

    `corner` knots have handles that move apart; at the others they stay in one line.
    """

    x: float
    y: float
    into: tuple[float, float]
    out: tuple[float, float]
    corner: bool = False


Subpath = tuple[Knot, ...]


def fit_path(rings: list[Points], *, tolerance_px: float = 0.4) -> tuple[Subpath, ...]:
    """Fit closed Bezier subpaths to contours.

    Parameters
    ----------
    rings : list of (N, 2) float64, px
        From `trace_contours`.
    tolerance_px : float, px
        No contour point farther from its curve.

    Returns
    -------
    tuple of subpaths
        One a ring, each a tuple of knots; curve i runs from knot i to knot i + 1, the last one back to the first.

    Raises
    ------
    ValueError
        If the tolerance is not above 0.

    Notes
    -----
    Corners are found first and kept exactly; between them curves are fitted by least squares with tangents shared
    on both sides of a smooth knot, parameters mended by Newton's method, and divided where they miss most.

    References
    ----------
    P. J. Schneider, "An algorithm for automatically fitting digitized curves", Graphics Gems, 1990.

    Examples
    --------
    >>> t = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    >>> circle = 100 + 60 * np.stack([np.cos(t), np.sin(t)], axis=-1)
    >>> path, = fit_path([circle])
    >>> len(path) <= 8, any(each.corner for each in path)
    (True, False)
    """
    if not tolerance_px > 0:
        raise ValueError(f"tolerance_px is {tolerance_px}; it takes a number above 0 (default 0.4)")
    # A hundredth of its size: small holes keep their area within 0.5 %.
    sized = ((ring, 0.01 * abs(signed_area(ring)) ** 0.5) for ring in rings if len(ring) >= 3)
    return tuple(_fit_ring(ring, min(tolerance_px, max(0.1, most))) for ring, most in sized)


def find_corners(ring: Points) -> NDArray[np.intp]:
    """Return the places of a closed ring where it turns at once.

    Examples
    --------
    >>> side = np.arange(0, 40, 0.5)
    >>> square = np.concatenate([np.stack(each, -1) for each in
    ...     ((side, side * 0), (side * 0 + 40, side), (40 - side, side * 0 + 40), (side * 0, 40 - side))])
    >>> find_corners(square).tolist()
    [0, 80, 160, 240]
    """
    along = _lengths(ring)
    total = float(along[-1])
    if total < 4 * _REACH_PX:
        return np.zeros(0, np.intp)
    wide, near = (_turn_deg(ring, along, reach) for reach in (_REACH_PX, _REACH_PX / 2))
    found: list[int] = []
    for each in np.argsort(-(wide + near)):
        if wide[each] < _CORNER_DEG:
            continue
        gaps = [abs(along[each] - along[other]) for other in found]
        apart = all(min(gap, total - gap) > _REACH_PX for gap in gaps)
        if apart and near[each] >= _BEND_DEG:
            found.append(int(each))
    return np.array(sorted(found), np.intp)


def flatten_path(path: tuple[Subpath, ...], *, steps: int = 24) -> list[Points]:
    """Return each subpath as a polygon of `steps` points a curve."""
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    rings = []
    for knots in path:
        pairs = zip(knots, (*knots[1:], knots[0]), strict=True)
        curves = [np.array([(a.x, a.y), a.out, b.into, (b.x, b.y)]) for a, b in pairs]
        rings.append(np.concatenate([_at(each, t) for each in curves]))
    return rings


def path_area(path: tuple[Subpath, ...]) -> float:
    """Return the area a path encloses in px squared, holes taken off."""
    return abs(sum(signed_area(ring) for ring in flatten_path(path)))


def _lengths(ring: Points) -> NDArray[np.float64]:
    """Length along a closed ring at each point, and back at the first."""
    step = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    return np.concatenate([[0.0], np.cumsum(step)])


def _turn_deg(ring: Points, along: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Angle between the chords from `reach` before to here and from here to `reach` behind."""
    total = along[-1]
    closed = np.concatenate([ring, ring[:1]])
    before, behind = (
        np.stack([np.interp((along[:-1] + shift) % total, along, closed[:, axis]) for axis in (0, 1)], axis=-1)
        for shift in (-reach, reach)
    )
    one, other = ring - before, behind - ring
    cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return np.asarray(np.abs(np.degrees(np.arctan2(cross, (one * other).sum(axis=1)))))


def _fit_ring(ring: Points, tolerance: float) -> Subpath:
    corners = find_corners(ring)
    first = int(corners[0]) if len(corners) else int(np.argmax(ring[:, 0]))
    turned = np.roll(ring, -first, axis=0)
    closed = np.concatenate([turned, turned[:1]])
    stops = [*(int(each) - first for each in corners), len(ring)] if len(corners) else [0, len(ring)]
    shared = None if len(corners) else _tangent(np.concatenate([turned[-8:], turned[:9]]), 8)
    tips = {stop % len(ring): _true_corner(turned, stop % len(ring)) for stop in stops} if len(corners) else {}
    curves: list[Points] = []
    for begin, end in pairwise(stops):
        piece = closed[begin : end + 1] if shared is not None else _between_corners(closed, begin, end, tips)
        start = _end_tangent(piece) if shared is None else shared
        stop = -_end_tangent(piece[::-1]) if shared is None else shared
        curves += _fit_piece(piece, start, stop, tolerance)
    sharp = {tuple(each) for each in tips.values()}
    knots = []
    for before, curve in zip([curves[-1], *curves[:-1]], curves, strict=True):
        x, y = (float(each) for each in curve[0])
        into, out = ((float(point[0]), float(point[1])) for point in (before[2], curve[1]))
        knots.append(Knot(x, y, into, out, corner=tuple(curve[0]) in sharp))
    return tuple(knots)


def _true_corner(ring: Points, at: int) -> Points:
    """Where the two sides of a corner meet: a lens and a pixel grid round its tip by up to a pixel."""
    sides = []
    for way in (-1, 1):
        side = ring[(at + way * np.arange(2, 8)) % len(ring)]
        middle = side.mean(axis=0)
        sides.append((middle, np.linalg.svd(side - middle)[2][0]))
    (one, along), (other, across) = sides
    cross = along[0] * across[1] - along[1] * across[0]
    if abs(cross) < 0.3:
        return np.asarray(ring[at])
    gap = other - one
    met = one + along * (gap[0] * across[1] - gap[1] * across[0]) / cross
    near = ring[(at + np.arange(-3, 4)) % len(ring)]
    off = np.minimum(*(np.abs((near - point) @ (-way[1], way[0])) for point, way in sides))
    return np.asarray(met if np.hypot(*(met - ring[at])) < 1.2 and off.max() < 0.3 else ring[at])


def _between_corners(closed: Points, begin: int, end: int, tips: dict[int, Points]) -> Points:
    """The points from one corner to the next, without those that its tip replaces."""
    first, last = tips[begin], tips[end % (len(closed) - 1)]
    inner = closed[begin + 1 : end]
    far = np.ones(len(inner), dtype=np.bool_)
    for tip, own in ((first, closed[begin]), (last, closed[end])):
        if (tip != own).any():
            far &= np.hypot(*(inner - tip).T) > 1.5
    return np.concatenate([first[None], inner[far], last[None]])


def _end_tangent(piece: Points) -> NDArray[np.float64]:
    """Direction in which a piece leaves its first point: through the mean of its next pixels."""
    reach = piece[1 : max(2, min(7, len(piece)))] - piece[0]
    return _unit(reach.mean(axis=0))


def _tangent(piece: Points, at: int, reach: int = 6) -> NDArray[np.float64]:
    """Direction of travel at an inner point."""
    low, high = max(0, at - reach), min(len(piece) - 1, at + reach)
    return _unit(piece[high] - piece[low])


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / max(float(np.hypot(*vector)), 1e-9)


def _fit_piece(piece: Points, start: NDArray[np.float64], stop: NDArray[np.float64], tolerance: float) -> list[Points]:
    """One curve if it holds, else two from the worst place on; without recursion deeper than the contour is long."""
    done: list[Points] = []
    waiting = [(piece, start, stop)]
    while waiting:
        points, begin, end = waiting.pop()
        curve, miss, worst = _fit_one(points, begin, end, tolerance)
        if miss <= tolerance:
            done.append(curve)
            continue
        if len(points) < 4:  # too short to divide: straight from point to point
            done += [a + (b - a) * _THIRDS for a, b in pairwise(points)]
            continue
        cut = min(max(worst, 2), len(points) - 3) if len(points) > 5 else len(points) // 2
        across = _tangent(points, cut)
        waiting += [(points[cut:], across, end), (points[: cut + 1], begin, across)]
    return done


def _fit_one(
    points: Points, start: NDArray[np.float64], stop: NDArray[np.float64], tolerance: float
) -> tuple[Points, float, int]:
    step = np.hypot(*np.diff(points, axis=0).T)
    t = np.concatenate([[0.0], np.cumsum(step)])
    t /= max(t[-1], 1e-9)
    curve, miss, worst = np.zeros((4, 2)), np.inf, 0
    for _ in range(_ROUNDS + 1):
        curve = _least_squares(points, t, start, stop)
        off = np.hypot(*(_at(curve, t[:, None]) - points).T)
        worst, miss = int(off.argmax()), float(off.max())
        if miss <= tolerance or miss > 12 * tolerance:
            break
        t = _newton(curve, points, t)
    return curve, miss, worst


def _least_squares(
    points: Points, t: NDArray[np.float64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> Points:
    """Lengths of the two handles along their tangents; a third of the chord where the equations do not hold."""
    first, last = points[0], points[-1]
    b0, b1, b2, b3 = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
    one, other = b1[:, None] * start, b2[:, None] * -stop
    rest = points - (b0 + b1)[:, None] * first - (b2 + b3)[:, None] * last
    c00, c01, c11 = (one * one).sum(), (one * other).sum(), (other * other).sum()
    x0, x1 = (rest * one).sum(), (rest * other).sum()
    determinant = c00 * c11 - c01 * c01
    chord = float(np.hypot(*(last - first)))
    lengths = np.array([chord / 3, chord / 3])
    if determinant > 1e-9:
        solved = np.array([x0 * c11 - x1 * c01, c00 * x1 - c01 * x0]) / determinant
        if (solved > 1e-3 * chord).all() and (solved < 3 * chord).all():
            lengths = solved
    return np.stack([first, first + lengths[0] * start, last - lengths[1] * stop, last])


def _newton(curve: Points, points: Points, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move each parameter toward the nearest place of the curve."""
    slope, bend = 3 * np.diff(curve, axis=0), 6 * np.diff(curve, n=2, axis=0)
    s = t[:, None]
    off = _at(curve, s) - points
    d1 = (1 - s) ** 2 * slope[0] + 2 * s * (1 - s) * slope[1] + s**2 * slope[2]
    d2 = (1 - s) * bend[0] + s * bend[1]
    top, bottom = (off * d1).sum(axis=1), (d1 * d1).sum(axis=1) + (off * d2).sum(axis=1)
    moved = np.where(np.abs(bottom) > 1e-9, t - top / np.where(np.abs(bottom) > 1e-9, bottom, 1), t)
    return np.asarray(np.maximum.accumulate(np.clip(moved, 0, 1)))


def _at(curve: Points, t: NDArray[np.float64]) -> Points:
    s = 1 - t
    return np.asarray(s**3 * curve[0] + 3 * s**2 * t * curve[1] + 3 * s * t**2 * curve[2] + t**3 * curve[3])
