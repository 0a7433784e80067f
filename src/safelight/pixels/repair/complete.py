"""Fill a hole from its surroundings: as a map of shifts that says from where each pixel is copied."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.repair.patches import RADIUS, Search, match, prepare, vote
from safelight.pixels.repair.poisson import solve_poisson

Float32 = NDArray[np.float32]
Holes = NDArray[np.bool_]

_THICK = 12  # px that a hole is at most thick at the coarsest size: patches on its rim meet in its middle
_LARGEST = 60_000  # torn patches at which PatchMatch ends; finer sizes take its shifts
_SMALL = 8_000  # torn patches up to which a size is gone through twice
_KEPT_SHIFTS = 40
_WHOLE_PX = 15  # window over which a shift must be right to be taken in one piece


@dataclass(frozen=True, eq=False)
class Filling:
    """Where each pixel of a hole is copied from.

    Parameters
    ----------
    shifts : (H, W, 2) int16, px
        Rows and columns to the source; 0 outside the hole.
    misfit : float, 0..1 code
        Root mean square by which the pieces differ from what is around and between them.
    pieces : int
        Different shifts.
    """

    shifts: NDArray[np.int16]
    misfit: float
    pieces: int


def complete(light: Float32, hole: Holes, banned: Holes, seed: int = 0) -> Filling | None:
    """Find from where each pixel of a hole is best copied.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
        A window with the hole in it and room around it to copy from; what is in the hole is not looked at.
    hole : (H, W) bool
    banned : (H, W) bool
        Not copied from.
    seed : int
        Of the random search.

    Returns
    -------
    Filling or None
        None if there is nothing to copy from.

    Notes
    -----
    From coarse to fine, patches vote for the hole's pixels and are searched anew (Wexler; Newson et al. 2014). Of the
    shifts found, those that occur most are then laid over the hole in whole pieces, each where it differs least over a
    window of 15 px (the offsets' statistics of He and Sun 2012): a piece keeps pores, weave and grain as they
    are, which an average of patches would smooth.
    """
    code = np.sqrt(np.maximum(light, 0)).astype(np.float32)
    sizes = _pyramid(code, hole, banned)
    rng = np.random.default_rng(seed)
    guess: Float32 | None = None
    shifts, search = None, None
    for level, (picture, inside, out) in enumerate(sizes):
        prepared = prepare(picture, inside, out)
        if prepared is None:
            continue  # too coarse to hold a whole patch beside the hole
        if shifts is not None and len(prepared.torn) > _LARGEST:
            break
        start = _start(picture, inside, guess)
        search = Search(start, prepared.hole, prepared.whole, prepared.torn)
        first = None if shifts is None else _doubled(shifts, inside.shape)
        rounds = 4 if shifts is None else (2 if len(prepared.torn) <= _SMALL else 1)
        for _ in range(rounds):
            shifts, distance = match(search, first, rng)
            search = Search(vote(search, shifts, distance), search.hole, search.whole, search.torn)
            first = shifts
        guess, done = search.code, level
    if shifts is None or search is None:
        return None
    pieces, misfit = _in_pieces(search, shifts)
    for inside in (each[1] for each in sizes[done + 1 :]):
        pieces = _doubled(pieces, inside.shape)
    pieces = _held(pieces, hole)
    return Filling(
        np.where(hole[..., None], pieces, 0).astype(np.int16),
        misfit,
        len(np.unique(pieces[hole].reshape(-1, 2), axis=0)),
    )


def _pyramid(code: Float32, hole: Holes, banned: Holes) -> list[tuple[Float32, Holes, Holes]]:
    """Coarse to fine; the known pixels' means, and whatever touches the hole is hole."""
    sizes = [(code, hole, banned & ~hole)]
    while True:
        picture, inside, out = sizes[-1]
        thick = 2 * float(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3).max())
        if thick <= _THICK or min(inside.shape) < 8 * RADIUS:
            return sizes[::-1]
        height, width = (side // 2 * 2 for side in inside.shape)
        size = (width // 2, height // 2)
        known = (~inside[:height, :width]).astype(np.float32)
        share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        mean = cv2.resize(picture[:height, :width] * known[..., None], size, interpolation=cv2.INTER_AREA)
        off = cv2.resize(out[:height, :width].astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        gone = share < 0.999
        sizes.append((np.asarray(mean / np.maximum(share, 0.25)[..., None], np.float32), gone, off & ~gone))


def _start(picture: Float32, hole: Holes, guess: Float32 | None) -> Float32:
    """The hole as the coarser size filled it, or as a membrane over it."""
    if guess is None:
        return solve_poisson(picture, None, hole)
    out = picture.copy()
    whole = cv2.resize(guess, (2 * guess.shape[1], 2 * guess.shape[0]), interpolation=cv2.INTER_LINEAR)
    whole = np.pad(
        whole, [(0, max(0, a - b)) for a, b in zip(hole.shape, whole.shape[:2], strict=True)] + [(0, 0)], "edge"
    )
    out[hole] = whole[: hole.shape[0], : hole.shape[1]][hole]
    return out


def _doubled(shifts: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Shifts of half the size at `shape`."""
    whole = np.repeat(np.repeat(shifts, 2, axis=0), 2, axis=1) * 2
    rest = [(0, max(0, a - b)) for a, b in zip(shape, whole.shape[:2], strict=True)]
    return np.asarray(np.pad(whole, [*rest, (0, 0)], "edge")[: shape[0], : shape[1]], np.int32)


def _in_pieces(search: Search, shifts: NDArray[np.int32]) -> tuple[NDArray[np.int32], float]:
    """Lay the commonest shifts over the hole, each where it differs least from the guess over a window."""
    hole = search.hole
    found, counts = np.unique(shifts[hole].reshape(-1, 2), axis=0, return_counts=True)
    kept = found[np.argsort(-counts, kind="stable")[:_KEPT_SHIFTS]]
    best = np.full(hole.shape, np.inf, np.float32)
    label = np.zeros(hole.shape, np.int32)
    near = cv2.dilate(hole.astype(np.uint8), np.ones((2 * RADIUS + 1,) * 2, np.uint8)) > 0
    rows, cols = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    for number, (down, right) in enumerate(kept):
        moved, ok = _moved(search, int(down), int(right), box)
        off = ((moved - search.code[box]) ** 2).mean(axis=2) * near[box]
        cost = cv2.blur(off, (_WHOLE_PX, _WHOLE_PX)) / np.maximum(
            cv2.blur(near[box].astype(np.float32), (_WHOLE_PX, _WHOLE_PX)), 1e-3
        )
        cost[~ok] = np.inf
        better = cost < best[box]
        best[box][better] = cost[better]
        label[box][better] = number
    label[box] = _tidied(label[box], len(kept))
    chosen = np.asarray(kept[label], np.int32)
    # Where a tidied label, or none, leads into the hole, the patch's own shift stands.
    rows_, cols_ = np.nonzero(hole)
    to_y, to_x = rows_ + chosen[hole][:, 0], cols_ + chosen[hole][:, 1]
    inside = (to_y >= 0) & (to_x >= 0) & (to_y < hole.shape[0]) & (to_x < hole.shape[1])
    held = search.whole[np.clip(to_y, 0, hole.shape[0] - 1), np.clip(to_x, 0, hole.shape[1] - 1)] & inside
    lost = ~held
    chosen[rows_[lost], cols_[lost]] = shifts[rows_[lost], cols_[lost]]
    fit = best[hole]
    fit = fit[np.isfinite(fit)]
    return chosen, float(np.sqrt(fit.mean())) if len(fit) else 1.0


def _moved(search: Search, down: int, right: int, box: tuple[slice, slice]) -> tuple[Float32, Holes]:
    """The window's part as the shift fills it, and where that is whole."""
    rows = np.arange(box[0].start, box[0].stop) + down
    cols = np.arange(box[1].start, box[1].stop) + right
    height, width = search.hole.shape
    y, x = np.clip(rows, 0, height - 1), np.clip(cols, 0, width - 1)
    inside = ((rows == y)[:, None]) & ((cols == x)[None])
    grid = np.ix_(y, x)
    return search.code[grid], search.whole[grid] & inside


def _tidied(label: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Labels without crumbs: a median of few labels is no label, so the commonest of a window counts."""
    share = np.full(label.shape, -1.0, np.float32)
    out = label.copy()
    for number in range(count):
        here = cv2.blur((label == number).astype(np.float32), (5, 5))
        more = here > share
        share[more], out[more] = here[more], number
    return out


def _held(shifts: NDArray[np.int32], hole: Holes) -> NDArray[np.int32]:
    """Shifts that stay inside the window after they were carried up."""
    height, width = hole.shape
    rows, cols = np.mgrid[:height, :width]
    to_y, to_x = np.clip(rows + shifts[..., 0], 0, height - 1), np.clip(cols + shifts[..., 1], 0, width - 1)
    return np.stack([to_y - rows, to_x - cols], axis=-1).astype(np.int32)
