"""Turning stored pixels upright."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def turn_upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn or mirror stored pixels so that the picture stands upright.

    Parameters
    ----------
    pixels : (H, W, C) any type
    orientation : int, 1 to 8
        EXIF's: where the stored first row and column lie in the upright picture.

    Returns
    -------
    (H, W, C) or (W, H, C), C-contiguous
        `pixels` itself for orientation 1.

    References
    ----------
    EXIF 3.0 (CIPA DC-008), tag 274.

    Examples
    --------
    >>> turn_upright(np.array([[[1], [2]]], np.uint8), 6)[:, :, 0].tolist()
    [[1], [2]]
    >>> turn_upright(np.array([[[1], [2]]], np.uint8), 8)[:, :, 0].tolist()
    [[2], [1]]
    """
    if orientation == 1:
        return pixels
    if pixels.shape[2] > 4:  # OpenCV turns up to four channels
        return np.concatenate([turn_upright(each, orientation) for each in _halves(pixels)], axis=2)
    turned = _TURNS[orientation](np.ascontiguousarray(pixels))
    return np.ascontiguousarray(turned).reshape(turned.shape[0], turned.shape[1], pixels.shape[2])


def _halves(pixels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    return pixels[:, :, :4], pixels[:, :, 4:]


_TURNS: Mapping[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda stored: cv2.flip(stored, 1),
    3: lambda stored: cv2.rotate(stored, cv2.ROTATE_180),
    4: lambda stored: cv2.flip(stored, 0),
    5: cv2.transpose,
    6: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_CLOCKWISE),
    7: lambda stored: cv2.flip(cv2.transpose(stored), -1),
    8: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
