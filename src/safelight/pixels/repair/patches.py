"""PatchMatch: for each patch that a hole tears, the whole patch elsewhere that is most like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Shifts = NDArray[np.int32]
Holes = NDArray[np.bool_]

RADIUS = 3  # patches of 7 x 7, as in the papers
_EXACT = 6_000_000  # pairs of patches up to which all are compared
_REACHES = (8, 2, 1)  # how far neighbors tell each other of what they found, in px
_OFFSETS = np.array([(y, x) for y in range(-RADIUS, RADIUS + 1) for x in range(-RADIUS, RADIUS + 1)])


@dataclass(frozen=True, eq=False)
class Search:
    """One picture with its hole, ready to be searched.

    Parameters
    ----------
    code : (H, W, 3) float32
        Perceptually even values, the hole filled with the present guess.
    hole : (H, W) bool
    whole : (H, W) bool
        Centers of patches that hold nothing of the hole or of the frame's outside: where may be copied from.
    torn : (N, 2) int32
        Rows and columns of patches that the hole touches.
    """

    code: Float32
    hole: Holes
    whole: Holes
    torn: NDArray[np.int32]


def prepare(code: Float32, hole: Holes, banned: Holes) -> Search | None:
    """Return a search, or None if no whole patch is left to copy from.

    `banned` (H, W) bool is neither filled nor copied from: what is no backdrop, another defect.
    """
    import cv2

    box = np.ones((2 * RADIUS + 1,) * 2, np.uint8)
    bad = (hole | banned).astype(np.uint8)
    whole = cv2.dilate(bad, box) == 0
    whole[:RADIUS], whole[-RADIUS:], whole[:, :RADIUS], whole[:, -RADIUS:] = False, False, False, False
    if not whole.any():
        return None
    touched = cv2.dilate(hole.astype(np.uint8), box) > 0
    return Search(np.ascontiguousarray(code, np.float32), hole, whole, np.argwhere(touched).astype(np.int32))


def match(search: Search, first: Shifts | None, rng: np.random.Generator) -> tuple[Shifts, Float32]:
    """Find for each torn patch the shift (rows, columns) to the whole patch most like it.

    Parameters
    ----------
    search : Search
    first : (H, W, 2) int32 or None
        Shifts to begin with, from a coarser size.
    rng : numpy Generator
        Seeded by the caller: the same picture gives the same shifts.

    Returns
    -------
    shifts : (H, W, 2) int32
        0 where no torn patch is.
    distance : (H, W) float32
        Mean squared difference of the patches.

    Notes
    -----
    Small searches compare all pairs, which the matrix product makes cheap; larger ones are PatchMatch, all pixels
    at once: each looks at what its neighbors found, and at random places ever nearer to its own.

    References
    ----------
    Barnes et al., "PatchMatch", 2009. Wexler, Shechtman, Irani, "Space-time completion of video", 2007.
    """
    places = np.argwhere(search.whole).astype(np.int32)
    if first is None and len(places) * len(search.torn) > 8 * _EXACT:
        places = places[rng.choice(len(places), 8 * _EXACT // max(len(search.torn), 1), replace=False)]
    if first is None or len(places) * len(search.torn) <= _EXACT:
        found, distance = _compare_all(search, places)
    else:
        found, distance = _propagate(search, first, places, rng)
    height, width = search.hole.shape
    shifts, field = np.zeros((height, width, 2), np.int32), np.zeros((height, width), np.float32)
    rows, cols = search.torn.T
    shifts[rows, cols], field[rows, cols] = found, distance
    return shifts, field


def _patches(search: Search, rows: NDArray[np.int32], cols: NDArray[np.int32]) -> Float32:
    """(N, 49 * 3) float32; the frame's rim is repeated."""
    height, width = search.hole.shape
    y = np.clip(rows[:, None] + _OFFSETS[None, :, 0], 0, height - 1)
    x = np.clip(cols[:, None] + _OFFSETS[None, :, 1], 0, width - 1)
    flat = search.code.reshape(height * width, -1)
    return np.asarray(flat.take(y * width + x, axis=0).reshape(len(rows), -1), np.float32)


def _compare_all(search: Search, places: NDArray[np.int32]) -> tuple[Shifts, Float32]:
    sources = _patches(search, places[:, 0], places[:, 1])
    lengths = np.einsum("ij,ij->i", sources, sources)
    found = np.empty((len(search.torn), 2), np.int32)
    distance = np.empty(len(search.torn), np.float32)
    rows = max(1, 4_000_000 // len(places))
    for start in range(0, len(search.torn), rows):
        part = slice(start, start + rows)
        own = _patches(search, search.torn[part, 0], search.torn[part, 1])
        score = lengths[None] - 2 * own @ sources.T
        best = score.argmin(axis=1)
        found[part] = places[best] - search.torn[part]
        distance[part] = score[np.arange(len(own)), best] + np.einsum("ij,ij->i", own, own)
    return found, np.asarray(np.maximum(distance, 0) / sources.shape[1], np.float32)


def _propagate(
    search: Search, first: Shifts, places: NDArray[np.int32], rng: np.random.Generator
) -> tuple[Shifts, Float32]:
    height, width = search.hole.shape
    torn = search.torn
    own = _patches(search, torn[:, 0], torn[:, 1])
    best = first[torn[:, 0], torn[:, 1]].copy()
    lost = ~_allowed(search, torn + best)
    best[lost] = places[rng.integers(0, len(places), int(lost.sum()))] - torn[lost]
    distance = _distance(search, own, torn + best)
    field = np.zeros((height, width, 2), np.int32)
    for reach in _REACHES:
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            field[torn[:, 0], torn[:, 1]] = best
            rows = np.clip(torn[:, 0] - reach * down, 0, height - 1)
            cols = np.clip(torn[:, 1] - reach * right, 0, width - 1)
            _improve(search, own, best, distance, field[rows, cols])
        jump = rng.integers(-4 * reach, 4 * reach + 1, best.shape).astype(np.int32)
        _improve(search, own, best, distance, best + jump)
    return best, distance


def _improve(search: Search, own: Float32, best: Shifts, distance: Float32, other: Shifts) -> None:
    """Take the other shifts where they lead to a better patch; in place."""
    use = np.flatnonzero((other != best).any(axis=1) & _allowed(search, search.torn + other))
    if not len(use):
        return
    new = _distance(search, own[use], search.torn[use] + other[use])
    better = use[new < distance[use]]
    best[better] = other[better]
    distance[better] = new[new < distance[use]]


def _allowed(search: Search, at: NDArray[np.int32]) -> Holes:
    height, width = search.hole.shape
    inside = (at[:, 0] >= 0) & (at[:, 1] >= 0) & (at[:, 0] < height) & (at[:, 1] < width)
    held = np.clip(at, 0, (height - 1, width - 1))
    return np.asarray(inside & search.whole[held[:, 0], held[:, 1]])


def _distance(search: Search, own: Float32, at: NDArray[np.int32]) -> Float32:
    off = _patches(search, at[:, 0], at[:, 1])
    off -= own
    return np.asarray(np.einsum("ij,ij->i", off, off) / off.shape[1], np.float32)


def vote(search: Search, shifts: Shifts, distance: Float32) -> Float32:
    """Return the picture with its hole filled by what all patches that cover a pixel say of it, the better ones more.

    (H, W, 3) float32, a new array; outside the hole as it was.
    """
    height, width = search.hole.shape
    rows, cols = np.nonzero(search.hole)
    torn = np.zeros((height, width), dtype=np.bool_)
    torn[search.torn[:, 0], search.torn[:, 1]] = True
    spread = max(float(np.percentile(distance[torn], 75)), 1e-8)  # Wexler et al., 3.2
    flat = search.code.reshape(height * width, -1)
    total, weights = np.zeros((len(rows), flat.shape[1]), np.float32), np.zeros(len(rows), np.float32)
    for down, right in _OFFSETS:
        y, x = rows - down, cols - right
        inside = (y >= 0) & (x >= 0) & (y < height) & (x < width)
        y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
        shift = shifts[y, x]
        weight = np.exp(-distance[y, x] / (2 * spread)) * (inside & torn[y, x])
        total += weight[:, None] * flat.take((rows + shift[:, 0]) * width + cols + shift[:, 1], axis=0, mode="clip")
        weights += weight
    out = search.code.copy()
    out[rows, cols] = total / np.maximum(weights, 1e-12)[:, None]
    return out
