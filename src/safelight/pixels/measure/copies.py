"""Places of one picture that are copies of each other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_BLOCK = 16
_CLOSE = 0.5  # levels that twins differ on the mean of their cosines: what JPEG at 92 leaves
_UNLIKE = 3 * _CLOSE  # in the capture: what a tone curve and a second JPEG leave of natural twins is less
_LEAST_AWAY = 20  # px: neighbors are alike
_LEAST_BLOCKS = 12  # of one offset


@dataclass(frozen=True, eq=False)
class Copies:
    """`share` of the textured blocks that have a twin; `blocks` how many; `map` (H, W) uint8, 255 where."""

    share: float
    blocks: int
    map: NDArray[np.uint8]


def find_copies(gray: NDArray[np.uint8], original: NDArray[np.uint8] | None = None) -> Copies:
    """Find blocks that recur at one offset with the same grain.

    Parameters
    ----------
    gray : (H, W) uint8
        A picture with grain: in one without (a render, flat art) pattern repeats by itself.
    original : (H, W) uint8 or None
        The capture on the same pixels: blocks that were alike there too (print, knit, even paper) are no copies.

    Notes
    -----
    Blocks of 16 px are described by their lowest cosines without the mean, so that healed light does not hide them,
    sorted, and each held against those next to it; twins count where many share one offset (Fridrich et al. 2003).
    """
    height, width = gray.shape
    empty = np.zeros((height, width), np.uint8)
    if min(height, width) < 4 * _BLOCK:
        return Copies(0.0, 0, empty)
    values = gray.astype(np.float32)
    rows, cols = np.mgrid[0 : height - _BLOCK, 0 : width - _BLOCK]
    described = _describe(values, rows.ravel(), cols.ravel())
    rough = described.std(axis=1) > 1.5
    places = np.column_stack([rows.ravel(), cols.ravel()])[rough]
    described = described[rough]
    if len(places) < _LEAST_BLOCKS:
        return Copies(0.0, 0, empty)
    pairs = []
    for first in ((0, 4, 5, 1), (4, 0, 1, 9), (5, 1, 0, 4)):
        order = np.lexsort(np.rint(described[:, first[::-1]] / 1.5).T)
        for ahead in (1, 2, 3):
            a, b = order[:-ahead], order[ahead:]
            far = np.abs(places[a] - places[b]).max(axis=1) > _LEAST_AWAY
            a, b = a[far], b[far]
            close = np.abs(described[a, :8] - described[b, :8]).mean(axis=1) < _CLOSE
            a, b = a[close], b[close]
            close = np.abs(described[a] - described[b]).mean(axis=1) < _CLOSE
            pairs.append(np.column_stack([a[close], b[close]]))
    twins = np.concatenate(pairs)
    if original is not None and len(twins):
        twins = twins[_unlike(original, places[twins[:, 0]], places[twins[:, 1]])]
    if not len(twins):
        return Copies(0.0, 0, empty)
    shift = places[twins[:, 1]] - places[twins[:, 0]]
    flip = (shift[:, 0] < 0) | ((shift[:, 0] == 0) & (shift[:, 1] < 0))
    shift[flip] *= -1
    _, back, counts = np.unique(shift, axis=0, return_inverse=True, return_counts=True)
    kept = twins[counts[back.ravel()] >= _LEAST_BLOCKS]
    for row, col in places[np.unique(kept)]:
        empty[row : row + _BLOCK, col : col + _BLOCK] = 255
    blocks = len(np.unique(kept))
    return Copies(blocks / len(places), blocks, empty)


def _unlike(gray: NDArray[np.uint8], one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.bool_]:
    """True for each pair of places whose blocks differ in `gray`."""
    values = gray.astype(np.float32)
    first, second = _describe(values, one[:, 0], one[:, 1]), _describe(values, two[:, 0], two[:, 1])
    return np.asarray(np.abs(first - second).mean(axis=1) > _UNLIKE, np.bool_)


def _describe(values: NDArray[np.float32], rows: NDArray[np.int64], cols: NDArray[np.int64]) -> NDArray[np.float32]:
    """(N, 24) the lowest cosines of each block, without its mean: by filters, since blocks overlap."""
    k = np.arange(5)[:, None]
    basis = np.cos(np.pi * (2 * np.arange(_BLOCK)[None] + 1) * k / (2 * _BLOCK)) * np.sqrt(2 / _BLOCK)
    found = []
    for down in range(5):
        for right in range(5):
            if down == right == 0:
                continue
            filtered = cv2.sepFilter2D(
                values, cv2.CV_32F, basis[right], basis[down], anchor=(0, 0), borderType=cv2.BORDER_REFLECT
            )
            found.append(filtered[rows, cols] / 4)
    return np.asarray(np.stack(found, axis=1), np.float32)
