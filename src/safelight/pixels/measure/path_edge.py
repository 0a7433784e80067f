"""How far a clipping path lies from the edge that it should follow, along the whole path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_EVERY_PX = 2.0  # along the path
_REACH_PX = 8.0  # to both sides
_STEP_PX = 0.25
_HARD_PX = 4.0  # an edge that takes longer from a tenth to nine tenths is soft: hair, cloth, blur
_LEAST_CONTRAST = 0.06  # of the code range, between the two sides, where no matte is known


@dataclass(frozen=True, eq=False)
class PathEdge:
    """What was found along a path, sample by sample.

    Parameters
    ----------
    points : (N, 2) float64, px
        x, y on the path.
    off_px : (N,) float32
        Distance to the edge along the normal; the reach, 8 px, where no edge lies within it.
    hard : (N,) bool
        Where the edge is hard, or missing although the matte is known: there the path must sit on it.
    """

    points: Points
    off_px: NDArray[np.float32]
    hard: NDArray[np.bool_]

    def percentile(self, share: float) -> float | None:
        """Return the distance that `share` percent of the hard edge stay below; None without hard edge."""
        return float(np.percentile(self.off_px[self.hard], share)) if self.hard.any() else None

    def share_beyond(self, limit_px: float) -> float:
        """Return the share, 0..1, of the hard edge that lies farther off."""
        return float((self.off_px[self.hard] > limit_px).mean()) if self.hard.any() else 0.0


def measure_path_edge(plane: NDArray[np.float32], rings: Sequence[Points], *, is_matte: bool) -> PathEdge:
    """Compare a path with the edge beneath it.

    Parameters
    ----------
    plane : (H, W) float32, 0..1
        A matte, whose contour at one half is the edge; or a picture's code values in the channel that shows the
        subject best, where the edge is half way between both sides.
    rings : sequence of (N, 2) float64, px
        Closed; pixel centers at half.
    is_matte : bool

    Returns
    -------
    PathEdge

    Notes
    -----
    Profiles of 16 px are read along the normals, every 2 px, and the crossing nearest to the path is taken, placed
    between two readings by linear interpolation. Beside true corners, where a normal means nothing, the nearest
    crossing along either side counts.

    Examples
    --------
    >>> alpha = np.zeros((100, 120), np.float32)
    >>> alpha[20:80, 30:90] = 1
    >>> square = np.array([[30, 20], [90, 20], [90, 80], [30, 80]], float)
    >>> found = measure_path_edge(alpha, [square + 0.75], is_matte=True)
    >>> round(found.percentile(50), 1)
    0.8
    """
    points, normals = _sampled(rings)
    if not len(points):
        return PathEdge(np.empty((0, 2)), np.empty(0, np.float32), np.empty(0, bool))
    along = np.arange(-_REACH_PX, _REACH_PX + _STEP_PX / 2, _STEP_PX)
    places = points[:, None] + along[None, :, None] * normals[:, None]
    read = _read(plane, places)
    if is_matte:
        level, seen = read - np.float32(0.5), np.ones(len(read), bool)
        width = _width(read, along)
    else:
        ends = read[:, :8].mean(axis=1), read[:, -8:].mean(axis=1)
        contrast = np.abs(ends[0] - ends[1])
        seen = contrast > _LEAST_CONTRAST
        level = read - ((ends[0] + ends[1]) / 2)[:, None]
        low = np.minimum(*ends)[:, None]
        width = _width((read - low) / np.maximum(contrast, np.float32(1e-6))[:, None], along)
    off = _nearest_crossing(level, along)
    return PathEdge(points, off, seen & ((width < _HARD_PX) | (off >= _REACH_PX)))


def _sampled(rings: Sequence[Points]) -> tuple[Points, Points]:
    """Points every 2 px along closed rings, with unit normals."""
    points, normals = [np.empty((0, 2))], [np.empty((0, 2))]
    for ring in rings:
        closed = np.vstack([ring, ring[:1]])
        steps = np.hypot(*np.diff(closed, axis=0).T)
        length = np.concatenate([[0.0], np.cumsum(steps)])
        if length[-1] < 4 * _EVERY_PX:
            continue
        at = np.arange(_EVERY_PX / 2, length[-1], _EVERY_PX)
        here, ahead, back = (
            np.column_stack([np.interp(place % length[-1], length, closed[:, axis]) for axis in (0, 1)])
            for place in (at, at + 1.0, at - 1.0)
        )
        tangent = ahead - back
        size = np.maximum(np.hypot(*tangent.T), 1e-9)
        points.append(here)
        normals.append(np.column_stack([-tangent[:, 1], tangent[:, 0]]) / size[:, None])
    return np.vstack(points), np.vstack(normals)


def _read(plane: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Bilinear readings at (N, K, 2) places in px, centers at half; the rim goes on beyond the frame."""
    flat = (places.reshape(-1, 2) - 0.5).astype(np.float32)
    out = np.empty(len(flat), np.float32)
    for start in range(0, len(flat), 32_000):  # OpenCV holds less than 32,767 rows
        part = flat[start : start + 32_000, None]
        out[start : start + 32_000] = cv2.remap(
            plane, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )[:, 0]
    return out.reshape(places.shape[:2])


def _nearest_crossing(level: NDArray[np.float32], along: NDArray[np.float64]) -> NDArray[np.float32]:
    one, two = level[:, :-1], level[:, 1:]
    crosses = (one >= 0) != (two >= 0)
    share = one / np.where(crosses, one - two, 1)
    off = np.abs(along[:-1] + share * _STEP_PX)
    return np.asarray(np.where(crosses, off, _REACH_PX).min(axis=1), np.float32)


def _width(read: NDArray[np.float32], along: NDArray[np.float64]) -> NDArray[np.float32]:
    """How long a profile takes between a tenth and nine tenths, px."""
    between = (read > 0.1) & (read < 0.9)
    return np.asarray(between.sum(axis=1) * (along[1] - along[0]), np.float32)
