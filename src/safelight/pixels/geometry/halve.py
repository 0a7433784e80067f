"""Halving a picture until it is small enough to look at: the fastest honest reduction there is."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

LOOK_PX = 800  # what measures of a whole frame look at, at least, where the frame has it


class HasPixels(Protocol):
    """A picture: `pixels` (H, W, C), not changed afterwards."""

    @property
    def pixels(self) -> Any:  # noqa: ANN401 - arrays of any type
        """Its values."""


# Several measures look at the same picture at the same size; it goes with the picture.
_HALVED: WeakKeyDictionary[HasPixels, dict[int, NDArray[Any]]] = WeakKeyDictionary()


def halved(pixels: NDArray[Any], least_px: int = LOOK_PX) -> NDArray[Any]:
    """Return a picture halved as often as leaves it `least_px` px on its long side.

    Parameters
    ----------
    pixels : (H, W, C) uint8, uint16 or float32
        In any encoding. An odd last row or column falls away.
    least_px : int, px

    Returns
    -------
    (h, w, C) of the same type
        `pixels` itself where it is smaller than twice `least_px`. Each value is the mean of 2 x 2, 4 x 4, 8 x 8 code
        values, as a scaled JPEG decode gives: for looking and measuring, not for painting, which averages light.

    Examples
    --------
    >>> halved(np.full((16, 40, 3), 7, np.uint8), 15).shape
    (8, 20, 3)
    """
    for _ in range(halvings(pixels.shape, least_px)):
        rows, columns = (each // 2 for each in pixels.shape[:2])
        half = cv2.resize(pixels[: 2 * rows, : 2 * columns], (columns, rows), interpolation=cv2.INTER_AREA)
        pixels = np.asarray(half).reshape(rows, columns, pixels.shape[2])
    return pixels


def halvings(shape: tuple[int, ...], least_px: int) -> int:
    """Return how often `halved` halves a picture of (rows, columns, ...).

    Examples
    --------
    >>> halvings((4000, 6000, 3), 800), halvings((1, 6000), 800), halvings((400, 600), 800)
    (2, 0, 0)
    """
    rows, columns, times = shape[0], shape[1], 0
    while max(rows, columns) >= 2 * least_px and min(rows, columns) >= 2:
        rows, columns, times = rows // 2, columns // 2, times + 1
    return times


def halved_once(image: HasPixels, least_px: int) -> NDArray[Any]:
    """Return three channels of a picture as `halved` does; the same array for the same object: leave it as it is.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(eq=False)
    ... class Picture:
    ...     pixels: NDArray[np.uint8]
    >>> picture = Picture(np.zeros((900, 1200, 3), np.uint8))
    >>> halved_once(picture, 400).shape, halved_once(picture, 400) is halved_once(picture, 400)
    ((450, 600, 3), True)
    """
    known, times = _HALVED.setdefault(image, {}), halvings(image.pixels.shape, least_px)
    if times not in known:
        known[times] = np.ascontiguousarray(halved(image.pixels[..., :3], least_px))
    return known[times]
