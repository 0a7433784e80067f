"""Masks at large: what any subject of pixels asks of one, in the quickest way that gives the very same answer."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def majority(mask: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return what most pixels of a square around each are: a median of zeros and ones.

    Parameters
    ----------
    mask : (H, W) uint8, 0 or 1
    size : int, px, odd
        Side of the square, 1 to 255. Beyond the frame the border pixels are repeated.

    Returns
    -------
    (H, W) uint8, 0 or 1
        The same as ``cv2.medianBlur(mask, size)``, which ranks 256 values where a count says as much: for a
        thirtieth of its time.

    Examples
    --------
    >>> speck = np.zeros((5, 5), np.uint8)
    >>> speck[2, 2] = 1
    >>> int(majority(speck, 3).sum())
    0
    """
    of_square = cv2.boxFilter(mask, cv2.CV_16U, (size, size), normalize=False, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(of_square > size * size // 2).view(np.uint8)


def lines_held(plane: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and the columns, by number, that hold anything above 0.

    Parameters
    ----------
    plane : (H, W) of any real type, nothing below 0

    Examples
    --------
    >>> plane = np.zeros((4, 6), np.uint8)
    >>> plane[1, 2:5] = 7
    >>> [each.tolist() for each in lines_held(plane)]
    [[1], [2, 3, 4]]
    """
    # cv2.reduce walks columns one by one: ten times the time of numpy at 24 MP.
    return np.flatnonzero(plane.max(axis=1)), np.flatnonzero(plane.max(axis=0))
