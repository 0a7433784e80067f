"""Percentiles and masked values of small pictures, many times a frame: what NumPy says, in a fifth of its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def percentiles(values: NDArray[np.floating[Any]], percents: Sequence[float]) -> NDArray[np.float64]:
    """Return percentiles, linear between ranks, as ``np.percentile``; NaN for no values.

    Parameters
    ----------
    values : any shape, float
        No NaN.
    percents : sequence of float, 0..100

    Notes
    -----
    NumPy sorts floats with vector instructions and partitions without: sorting 100,000 takes 0.6 ms, its
    percentile of them 2.5 ms.

    Examples
    --------
    >>> percentiles(np.array([3.0, 1.0, 2.0]), (0, 25, 50)).tolist()
    [1.0, 1.5, 2.0]
    """
    return percentiles_of_sorted(np.sort(values, axis=None), percents)


def percentiles_of_sorted(ordered: NDArray[np.floating[Any]], percents: Sequence[float]) -> NDArray[np.float64]:
    """Return percentiles, as `percentiles`, of values that are in order, (N,).

    Examples
    --------
    >>> percentiles_of_sorted(np.array([1.0, 2.0, 3.0]), (0, 25, 50)).tolist()
    [1.0, 1.5, 2.0]
    """
    if not len(ordered):
        return np.full(len(percents), np.nan)
    at = np.asarray(percents, np.float64) / 100.0 * (len(ordered) - 1)
    low = at.astype(np.intp)
    high = np.minimum(low + 1, len(ordered) - 1)
    below, above = ordered[low].astype(np.float64), ordered[high].astype(np.float64)
    return np.asarray(below + (at - low) * (above - below))


def median(values: NDArray[np.floating[Any]]) -> float:
    """Return the median; NaN for no values.

    Examples
    --------
    >>> median(np.array([4.0, 1.0, 3.0, 2.0]))
    2.5
    """
    return float(percentiles(values, (50,))[0])


def share_of(mask: NDArray[np.bool_]) -> float:
    """Return what share of a mask is true, 0..1; NaN for none. NumPy's mean of bools takes ten times as long.

    Examples
    --------
    >>> share_of(np.array([[True, False], [False, False]]))
    0.25
    """
    if not mask.size:
        return float("nan")
    return cv2.countNonZero(np.ascontiguousarray(mask).view(np.uint8).reshape(1, -1)) / mask.size


def inside(values: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[Any]:
    """Return ``values[mask]``: (N,) of a plane, (N, C) of a picture.

    Examples
    --------
    >>> inside(np.array([[1, 2], [3, 4]]), np.array([[True, False], [False, True]])).tolist()
    [1, 4]
    """
    return values.reshape(mask.size, *values.shape[mask.ndim :]).take(np.flatnonzero(mask), axis=0)
