"""A smooth field of light over a place: what evens skin or cloth without touching its texture, kept as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Box = tuple[int, int, int, int]

LEAST_STOPS = 1e-3  # a quarter of a 16-bit code of white: below it nothing is painted
_STRIP_ROWS = 256


@dataclass(frozen=True, eq=False)
class Ease:
    """One field.

    Parameters
    ----------
    box : (x0, y0, x1, y1), px of the full-size upright original
        That the field covers.
    stops : (h, w, 3) float32
        At any size: spread over the box straight between its values, which stand for the middles of equal parts. What
        is above 0 gets lighter, in linear Rec.2020.
    label : str
        What is eased, for people: ``"skin"``, ``"teeth"``, ``"eyes"``.
    """

    box: Box
    stops: Float32
    label: str = ""

    @property
    def cover(self) -> NDArray[np.uint8]:
        """The mask over the box at full size: 255 is changed, 0 never touched."""
        parts = [np.abs(stops).max(axis=2) > LEAST_STOPS for _, stops in _spread(self, self.box[2:], 1.0)]
        return np.asarray(np.concatenate(parts).astype(np.uint8) * np.uint8(255), np.uint8)


def eased_strips(ease: Ease, size: tuple[int, int], scale: float = 1.0) -> Iterator[tuple[Box, Float32]]:
    """Return what a field does to a picture, strip by strip.

    Parameters
    ----------
    ease : Ease
    size : (width, height) px
        Of the picture.
    scale : float, at most 1
        Its pixels per pixel of the full-size original.

    Yields
    ------
    box : (x0, y0, x1, y1), px of that picture
    stops : (h, w, 3) float32
        What its light is raised by; exactly 0 where nothing is to be touched.
    """
    for box, stops in _spread(ease, size, scale):
        stops[np.abs(stops).max(axis=2) <= LEAST_STOPS] = 0
        yield box, stops


def _spread(ease: Ease, size: tuple[int, int], scale: float) -> Iterator[tuple[Box, Float32]]:
    x0, y0, x1, y1 = (each * scale for each in ease.box)
    left, top = max(0, int(np.floor(x0))), max(0, int(np.floor(y0)))
    right, bottom = min(size[0], int(np.ceil(x1))), min(size[1], int(np.ceil(y1)))
    if right <= left:
        return
    high, wide = ease.stops.shape[:2]
    cols = (np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x0)) * np.float32(wide / (x1 - x0)) - 0.5
    for first in range(top, bottom, _STRIP_ROWS):
        last = min(bottom, first + _STRIP_ROWS)
        rows = (np.arange(first, last, dtype=np.float32) + np.float32(0.5 - y0)) * np.float32(high / (y1 - y0)) - 0.5
        shape = (last - first, right - left)
        across = np.ascontiguousarray(np.broadcast_to(cols, shape), np.float32)
        down = np.ascontiguousarray(np.broadcast_to(rows[:, None], shape), np.float32)
        found = cv2.remap(ease.stops, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        yield (left, first, right, last), np.asarray(found, np.float32)
