"""How far parts of a picture were moved against its original."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_WORK_PX = 1000
_CELL_PX = 16


@dataclass(frozen=True, eq=False)
class Displaced:
    """Movement beyond what the frame as a whole moved.

    `farthest` px of the picture, of a cell that shows structure and one beside it, None where too little shows;
    `share` of such cells that moved by more than a pixel of the reduction; `map` (rows, columns) float32 of cells, px.
    """

    farthest: float | None
    share: float
    map: NDArray[np.float32]


def measure_displaced(after: NDArray[np.uint8], before: NDArray[np.uint8]) -> Displaced:
    """Measure local movement between two pictures of one size.

    Parameters
    ----------
    after, before : (H, W) uint8, gray
        Of the same size; changes of tone are evened out locally.

    Notes
    -----
    Dense inverse search (Kroeger et al. 2016) at 1000 px, less a similarity fitted to all of it, as medians of cells of
    16 px that have structure in both directions: along an edge alone nothing is known.
    """
    scale = min(1.0, _WORK_PX / max(after.shape))
    size = (max(32, round(after.shape[1] * scale)), max(32, round(after.shape[0] * scale)))
    one, two = (_even(cv2.resize(each, size, interpolation=cv2.INTER_AREA)) for each in (before, after))
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(one, two, None)
    corners = cv2.cornerMinEigenVal(one, 7)
    rows, cols = size[1] // _CELL_PX, size[0] // _CELL_PX
    cut = np.s_[: rows * _CELL_PX, : cols * _CELL_PX]
    cells = flow[cut].reshape(rows, _CELL_PX, cols, _CELL_PX, 2).transpose(0, 2, 1, 3, 4).reshape(rows, cols, -1, 2)
    strong = corners[cut].reshape(rows, _CELL_PX, cols, _CELL_PX).max(axis=(1, 3))
    moved = np.median(cells, axis=2)
    known = strong > max(4e-4, float(np.percentile(strong, 30)))
    if known.sum() < 12:
        return Displaced(None, 0.0, np.zeros((rows, cols), np.float32))
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    basis = np.stack([np.ones_like(x), x, y], axis=-1)
    kept = known.copy()
    for _ in range(3):
        fit, *_rest = np.linalg.lstsq(basis[kept], moved[kept], rcond=None)
        rest = np.linalg.norm(moved - basis @ fit, axis=-1)
        kept = known & (rest <= max(3 * float(np.median(rest[kept])), 0.3))
    # One cell alone is a mismatch: a warp takes its neighbors along.
    rest = np.where(known, rest, 0).astype(np.float32)
    steady = np.minimum(rest, _second(rest))
    return Displaced(float(steady.max()) / scale, float((steady > 1).sum() / known.sum()), steady / np.float32(scale))


def _second(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The largest of the eight neighbors of each cell."""
    ring = np.ones((3, 3), np.uint8)
    ring[1, 1] = 0
    return np.asarray(cv2.dilate(values, ring), np.float32)


def _even(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without the light of a place: a grade moves nothing."""
    values = gray.astype(np.float32)
    mean = cv2.blur(values, (31, 31))
    spread = np.sqrt(np.maximum(cv2.blur(values * values, (31, 31)) - mean * mean, 16))
    return np.asarray(np.clip(128 + 40 * (values - mean) / spread, 0, 255), np.uint8)
