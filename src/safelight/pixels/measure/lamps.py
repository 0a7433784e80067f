"""Which papers were lit alike: lights found among thousands of frames by what their paper shows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# A frame belongs to a light if its paper is this near to the light's median.
TOLERANCE_DEG = 2.5
TOLERANCE_STOPS = 0.5
# Fewer frames in other light are strays, not a light of their own.
LEAST_FRAMES = 3
_ROWS = 512


def find_lights(papers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lights that three frames or more were taken in, the one with most frames first.

    Parameters
    ----------
    papers : (N, 3) float64
        What each frame's paper shows: stops of red and of blue over green, and of light.

    Returns
    -------
    (M, 3) float64
        The median paper of each light; of lights with as many frames, the one of the earliest frame goes first.

    Notes
    -----
    The ball of papers within the tolerance that holds the most is the next light; its frames, and those that fit its
    median, are taken out. How many each ball holds is counted once and kept up: a table of N by N, 512 rows at a
    time, 1 s for ten thousand frames, however many lights there are.

    Examples
    --------
    >>> find_lights(np.array([[0, 0, -1], [0.01, 0, -1], [0, 0, -1.01], [0.5, -0.5, -1]], float)).round(2).tolist()
    [[0.0, 0.0, -1.0]]
    """
    count = len(papers)
    everything, left = np.arange(count), np.ones(count, bool)
    held = _count_fits(papers, everything, everything)
    middles = []
    while left.any():
        most = int(np.argmax(np.where(left, held, -1)))
        if held[most] < LEAST_FRAMES:
            break
        ball = left & _fits(papers, papers[most])
        middles.append(np.median(papers[ball], axis=0))
        taken = ball | (left & _fits(papers, middles[-1]))
        left &= ~taken
        rest = np.flatnonzero(left)
        held[rest] -= _count_fits(papers, rest, np.flatnonzero(taken))
    return np.array(middles, np.float64).reshape(-1, 3)


def nearest_light(papers: NDArray[np.float64], lights: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return for each paper the place of the light nearest to it, by color and by level alike.

    Examples
    --------
    >>> nearest_light(np.array([[0.0, 0.0, -1.2]]), np.array([[0.5, 0.0, -1.2], [0.0, 0.0, -1.0]])).tolist()
    [1]
    """
    directions, found = _directions(lights), np.zeros(len(papers), np.intp)
    for at in range(0, len(papers), _ROWS):
        some = papers[at : at + _ROWS]
        angle = np.degrees(np.arccos(np.clip(_directions(some) @ directions.T, -1.0, 1.0)))
        stops = np.abs(some[:, 2:] - lights[:, 2])
        found[at : at + _ROWS] = np.argmin(np.maximum(angle / TOLERANCE_DEG, stops / TOLERANCE_STOPS), axis=1)
    return found


def _fits(papers: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.bool_]:
    return _table(papers, middle[None])[:, 0]


def _count_fits(papers: NDArray[np.float64], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.int64]:
    """How many of `columns` fit each of `rows`."""
    counts = np.zeros(len(rows), np.int64)
    for at in range(0, len(rows), _ROWS):
        counts[at : at + _ROWS] = _table(papers[rows[at : at + _ROWS]], papers[columns]).sum(axis=1)
    return counts


def _table(some: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    alike = _directions(some) @ _directions(others).T >= math.cos(math.radians(TOLERANCE_DEG)) - 1e-12
    return np.asarray(alike & (np.abs(some[:, 2:] - others[:, 2]) <= TOLERANCE_STOPS))


def _directions(papers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colors of papers as vectors of length 1 in linear RGB."""
    rgb = np.stack([2.0 ** papers[:, 0], np.ones(len(papers)), 2.0 ** papers[:, 1]], axis=1)
    return np.asarray(rgb / np.linalg.norm(rgb, axis=1, keepdims=True))
