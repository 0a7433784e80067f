"""A frame from afar: the small picture and its backdrop, which several measures look at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import luminance
from safelight.pixels.measure.light import Backdrop, find_backdrop

# Levels and colors of areas need no more; the borders of backdrops stay sharp enough.
SIDE_PX = 400

Number = TypeVar("Number", np.float32, np.uint8)


class Seen(Protocol):
    """A picture: `pixels` (H, W, 3 or 4) float32, linear light, not changed afterwards."""

    @property
    def pixels(self) -> Any:  # noqa: ANN401 - arrays of any float type
        """Its values."""


@dataclass(frozen=True, eq=False)
class Afar:
    """A frame at 360 to 400 px: `rgb` (H, W, 3) float32 in its own linear space, finite, and what it stands before."""

    rgb: NDArray[np.float32]

    @cached_property
    def backdrop(self) -> Backdrop:
        """The backdrop as the picture alone tells it, without a matte."""
        return find_backdrop(self.rgb)

    @cached_property
    def luminance(self) -> NDArray[np.float32]:
        """Luminance Y of a picture in linear Rec.2020, (H, W)."""
        return luminance(self.rgb)

    @cached_property
    def ranked(self) -> NDArray[np.float32]:
        """The luminances in order, (N,): what percentiles are read off, by more than one measure."""
        return np.sort(self.luminance, axis=None)


# The same picture object is looked at by measure after measure, and goes when the frame is done.
_SEEN: WeakKeyDictionary[Seen, Afar] = WeakKeyDictionary()
_ROOTS: WeakKeyDictionary[Seen, NDArray[np.float32]] = WeakKeyDictionary()


def from_afar(image: Seen) -> Afar:
    """Return a linear picture from afar; the same one for the same object.

    Parameters
    ----------
    image : a picture
        NaN counts as 0, infinity as 1.

    Examples
    --------
    >>> @dataclass(eq=False)
    ... class Picture:
    ...     pixels: NDArray[np.float32]
    >>> gray = Picture(pixels=np.full((900, 1200, 3), 0.18, np.float32))
    >>> from_afar(gray).rgb.shape, from_afar(gray) is from_afar(gray)
    ((300, 400, 3), True)
    """
    if image not in _SEEN:
        _SEEN[image] = Afar(_from_afar(finite(image.pixels)))
    return _SEEN[image]


def root_of_light(image: Seen) -> NDArray[np.float32]:
    """Return the square root of a picture's luminance at its own size, (H, W): the scale on which edges are looked for.

    Parameters
    ----------
    image : a picture in linear Rec.2020
        NaN and negative light count as 0, infinity as 1.

    Returns
    -------
    (H, W) float32
        The same array for the same object: leave it as it is.

    Examples
    --------
    >>> @dataclass(eq=False)
    ... class Picture:
    ...     pixels: NDArray[np.float32]
    >>> gray = Picture(pixels=np.full((30, 40, 3), 0.25, np.float32))
    >>> round(float(root_of_light(gray)[0, 0]), 3), root_of_light(gray) is root_of_light(gray)
    (0.5, True)
    """
    if image not in _ROOTS:
        light = luminance(finite(image.pixels))
        _ROOTS[image] = np.sqrt(np.maximum(light, np.float32(0.0), out=light), out=light)
    return _ROOTS[image]


def _from_afar(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Half the picture where that leaves nine tenths of the size at least, in a fifth of the time; else the size."""
    rows, columns = (each // 2 for each in rgb.shape[:2])
    if not 0.9 * SIDE_PX <= max(rows, columns) <= SIDE_PX or min(rows, columns) < 1:
        return shrunk(rgb, SIDE_PX)
    half = cv2.resize(rgb[: 2 * rows, : 2 * columns], (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.float32).reshape(rows, columns, 3)


def finite(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return three channels as float32 without NaN and infinity; the picture itself where it has none."""
    rgb = np.ascontiguousarray(pixels[..., :3], np.float32)
    flat = rgb.reshape(-1)
    # NaN and infinity survive a sum of squares, the fastest sum there is; one that overflows is looked at below.
    if math.isfinite(float(np.dot(flat, flat))):
        return rgb
    return np.nan_to_num(rgb, nan=0.0, posinf=1.0, neginf=0.0)


def shrunk(pixels: NDArray[Number], side_px: int) -> NDArray[Number]:
    """Return a picture, (H, W) or (H, W, C) of any type, reduced by area to at most `side_px` px on its long side."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side_px / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size == (width, height):
        return pixels
    small: Any = cv2.resize(cast("Any", pixels), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, pixels.dtype).reshape(size[1], size[0], *pixels.shape[2:])
