"""Which frames of a shoot are worth holding against each other: neighbors by signature and in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_LAYOUT_REACH = 1.6
_COLORS_REACH = 0.7
_ASPECT_REACH = 0.1
_ROWS = 256
_NEXT = (1, 2)  # frames that follow at once, whatever they look like


class Signed(Protocol):
    """What candidates are chosen by."""

    @property
    def layout(self) -> NDArray[np.float32]:
        """As `similarity.Descriptor` has it."""

    @property
    def colors(self) -> NDArray[np.float32]:
        """As `similarity.Descriptor` has it."""

    @property
    def aspect(self) -> float:
        """As `similarity.Descriptor` has it."""


def candidates(
    frames: Sequence[Signed],
    *,
    most: int = 10,
    times: Sequence[float | None] = (),
    time_gap_s: float = math.inf,
) -> list[tuple[int, int]]:
    """Return the pairs worth comparing: neighbors by signature, and neighbors in the given order.

    Parameters
    ----------
    frames : sequence of Descriptor, or of `Signed`
        In the order they were taken.
    most : int
        Nearest frames looked at for each one, so that thousands of frames on the same white paper stay a few dozen
        thousand pairs.
    times : sequence of float or None, seconds
        When each was taken; a frame without a time may join any other.
    time_gap_s : float, seconds
        Frames taken farther apart are not held against each other.

    Returns
    -------
    list of (int, int)
        Places in `frames`, lower first, the likeliest pairs first.

    Notes
    -----
    Frames with a time are looked for in their window of time only, so that the work grows with the frames, not with
    their square. Those without one are held against all, a few hundred rows of the table of distances at once: 3 s of
    processor time for ten thousand.
    """
    if len(frames) < 2:
        return []
    layouts, colors = np.stack([each.layout for each in frames]), np.stack([each.colors for each in frames])
    aspects = np.array([each.aspect for each in frames], np.float32)
    taken = np.array([np.nan if each is None else each for each in times] or [np.nan] * len(frames))
    found: dict[tuple[int, int], float] = {}
    for rows, columns in _windows(taken, time_gap_s):
        apart = _distances(layouts[rows], layouts[columns]) / math.sqrt(layouts.shape[1])
        both = apart + _distances(colors[rows], colors[columns])
        near = ~(np.abs(taken[rows][:, None] - taken[columns]) > time_gap_s) & (rows[:, None] != columns)
        fits = near & (apart < _LAYOUT_REACH) & (both - apart < _COLORS_REACH)
        fits &= np.abs(aspects[rows][:, None] - aspects[columns]) < _ASPECT_REACH
        soon = np.isin(columns - rows[:, None], _NEXT) & near & (apart < 2 * _LAYOUT_REACH)
        for at, place in enumerate(rows.tolist()):
            likely = np.flatnonzero(fits[at])
            nearest = likely[np.argsort(both[at][likely], kind="stable")[:most]]
            for other in {*nearest.tolist(), *np.flatnonzero(soon[at]).tolist()}:
                pair = sorted((place, int(columns[other])))
                found[pair[0], pair[1]] = round(float(both[at, other]), 5)
    return sorted(found, key=lambda pair: (found[pair], pair))


def _windows(taken: NDArray[np.float64], time_gap_s: float) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows of the table of distances with the columns that can be near them in time; both in order."""
    untimed = np.flatnonzero(np.isnan(taken))
    timed = np.flatnonzero(~np.isnan(taken))
    timed = timed[np.argsort(taken[timed], kind="stable")]
    clock, everything = taken[timed], np.arange(len(taken))
    parts = [(untimed[at : at + _ROWS], everything) for at in range(0, len(untimed), _ROWS)]
    for at in range(0, len(timed), _ROWS):
        rows = timed[at : at + _ROWS]
        first = np.searchsorted(clock, clock[at] - time_gap_s, "left")
        last = np.searchsorted(clock, clock[min(at + _ROWS, len(clock)) - 1] + time_gap_s, "right")
        parts.append((np.sort(rows), np.sort(np.concatenate([untimed, timed[first:last]]))))
    return parts


def _distances(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distances of rows, by one product: (N, M)."""
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2.0 * (some @ others.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float32)
