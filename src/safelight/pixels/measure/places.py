"""From a map of what is wrong to the places that a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_HEAT_SIDE = 512
# A box larger than this share of the picture shows nobody anything: the worst cell of a 4 x 4 grid does.
_LARGEST_BOX = 0.4


@dataclass(frozen=True)
class Place:
    """A box in 0..1 of the picture's width and height (x0, y0, x1, y1), and how many bad pixels it holds."""

    box: tuple[float, float, float, float]
    pixels: int


def find_places(bad: NDArray[np.uint8], at_most: int = 3, margin_px: int = 4) -> list[Place]:
    """Box the places with the most bad pixels.

    Parameters
    ----------
    bad : (H, W) uint8
        Not 0 where something is wrong.
    at_most : int
        How many places to return, worst first.
    margin_px : int
        Room around each, in pixels of `bad`.

    Returns
    -------
    list of Place
        Empty if nothing is wrong. No box is empty and none covers more than
        four tenths of the picture: of a larger area its worst sixteenth is shown.

    Examples
    --------
    >>> bad = np.zeros((100, 200), np.uint8)
    >>> bad[40:50, 60:90] = 255
    >>> [(tuple(round(each, 2) for each in place.box), place.pixels) for place in find_places(bad)]
    [((0.28, 0.36, 0.47, 0.54), 300)]
    """
    height, width = bad.shape
    step = max(1, -(-max(height, width) // _HEAT_SIDE))
    # Neighbors at this reduction belong to one place, so that speckle does not become a thousand boxes.
    counts = _block_sums(bad, step)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((counts > 0).astype(np.uint8), connectivity=8)
    sums = np.bincount(labels.ravel(), weights=counts.ravel(), minlength=len(stats))
    order = [int(each) for each in np.argsort(-sums[1:]) + 1][:at_most]
    found = [_place(stats[each], int(sums[each]), counts * (labels == each), step, margin_px, bad) for each in order]
    return [each for each in found if _share(each.box) < 0.999]


def heat_of(badness: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reduce a map of badness to at most 512 a side, keeping the worst of each block.

    Parameters
    ----------
    badness : (H, W) uint8
        0 is good, 255 is worst.

    Returns
    -------
    (h, w) uint8
        A new array, both sides at most 512.

    Examples
    --------
    >>> map_ = np.zeros((2048, 1024), np.uint8)
    >>> map_[1000, 500] = 200
    >>> heat_of(map_).shape, int(heat_of(map_).max())
    ((512, 256), 200)
    """
    step = max(1, -(-max(badness.shape) // _HEAT_SIDE))
    if step == 1:
        return badness.copy()
    spread = cv2.dilate(_padded(badness, step), np.ones((step, step), np.uint8), anchor=(0, 0))
    return np.ascontiguousarray(spread[::step, ::step])


def _place(
    stat: NDArray[np.int32], total: int, counts: NDArray[Any], step: int, margin: int, bad: NDArray[np.uint8]
) -> Place:
    height, width = bad.shape
    x0, y0, wide, high = (int(each) * step for each in stat[:4])
    inside = bad[y0 : y0 + high, x0 : x0 + wide]
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    x0, x1, y0, y1 = x0 + columns[0], x0 + columns[-1] + 1, y0 + rows[0], y0 + rows[-1] + 1
    if (x1 - x0) * (y1 - y0) > _LARGEST_BOX * width * height:
        x0, y0, x1, y1, total = _worst_cell(counts, step, width, height)
    return Place(
        (
            float(max(0, x0 - margin) / width),
            float(max(0, y0 - margin) / height),
            float(min(width, x1 + margin) / width),
            float(min(height, y1 + margin) / height),
        ),
        total,
    )


def _share(box: tuple[float, float, float, float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _worst_cell(counts: NDArray[Any], step: int, width: int, height: int) -> tuple[int, int, int, int, int]:
    """Return the cell of a 4 x 4 grid that holds the most bad pixels."""
    rows = np.array_split(np.arange(counts.shape[0]), min(4, counts.shape[0]))
    columns = np.array_split(np.arange(counts.shape[1]), min(4, counts.shape[1]))
    cells = [(int(counts[np.ix_(r, c)].sum()), r, c) for r in rows for c in columns]
    total, r, c = max(cells, key=lambda each: each[0])
    return (
        int(c[0]) * step,
        int(r[0]) * step,
        min(width, int(c[-1] + 1) * step),
        min(height, int(r[-1] + 1) * step),
        total,
    )


def _padded(values: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    down, right = -values.shape[0] % step, -values.shape[1] % step
    framed: NDArray[np.uint8] = cv2.copyMakeBorder(values, 0, down, 0, right, cv2.BORDER_CONSTANT, value=0)
    return framed


def _block_sums(bad: NDArray[np.uint8], step: int) -> NDArray[np.int64]:
    ones = (bad > 0).astype(np.uint8)
    if step == 1:
        return ones.astype(np.int64)
    framed = _padded(ones, step)
    size = framed.shape[1] // step, framed.shape[0] // step
    # An area reduction of float32 is the exact mean of each block.
    share = cv2.resize(framed.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    counts: NDArray[np.int64] = np.rint(share * (step * step)).astype(np.int64)
    return counts
