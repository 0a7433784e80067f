"""Where the edge of a matte is softest or most ragged: the places that a person looks at before approving it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 0.14  # of a place, as a share of the frame's longer side
MOST = 4
_STEP = 4  # places are tried at a quarter of their side
_LEAST = 0.1  # of doubt along one side of a place: less is a smooth, hard edge or none
_APART = 0.66  # of a side: nearer ones are one place
_TURN = 0.25  # what a full jump beside a pixel weighs against a pixel of half coverage

Box = tuple[float, float, float, float]


def find_soft_places(alpha: NDArray[np.uint8], most: int = MOST) -> list[Box]:
    """Return the places of a matte's edge that deserve a look first, the most doubtful first.

    Parameters
    ----------
    alpha : (H, W) uint8
        Coverage as code values, 255 all; some 500 px on the longer side is enough.
    most : int
        How many places at most.

    Returns
    -------
    list of (x0, y0, x1, y1)
        In 0..1 of the matte's width and height; empty where there is no edge.

    Notes
    -----
    A pixel is doubtful by how far it is from all or nothing, ``4 a (1 - a)``, and by how steep the edge is beside it.

    Examples
    --------
    >>> find_soft_places(np.full((64, 64), 255, np.uint8))
    []
    """
    height, width = alpha.shape
    side = max(4, round(SIDE * max(width, height)))
    if height < side or width < side:
        return []
    step = max(1, round(side / _STEP))
    sums = _integral(_doubt(alpha))
    rows, columns = np.arange(0, height - side + 1, step), np.arange(0, width - side + 1, step)
    y, x = (each.ravel() for each in np.meshgrid(rows, columns, indexing="ij"))
    values = sums[y + side, x + side] - sums[y, x + side] - sums[y + side, x] + sums[y, x]
    chosen: list[tuple[int, int]] = []
    for at in np.argsort(-values, kind="stable"):
        if values[at] <= side * _LEAST or len(chosen) >= most:
            break
        if all(max(abs(int(x[at]) - a), abs(int(y[at]) - b)) > side * _APART for a, b in chosen):
            chosen.append((int(x[at]), int(y[at])))
    return [(a / width, b / height, (a + side) / width, (b + side) / height) for a, b in chosen]


def _doubt(alpha: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how doubtful each pixel is; the frame's own rim is left out, where nothing lies beside it."""
    own = alpha.astype(np.float32) / np.float32(255)
    found = np.zeros_like(own)
    middle = own[1:-1, 1:-1]
    jump = np.abs(own[1:-1, 2:] - own[1:-1, :-2]) + np.abs(own[2:, 1:-1] - own[:-2, 1:-1])
    found[1:-1, 1:-1] = 4 * middle * (1 - middle) + np.float32(_TURN) * np.minimum(jump, 1)
    return found


def _integral(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the sums over every rectangle from the corner, with a zero row and column before them."""
    sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=sums[1:, 1:])
    return sums
