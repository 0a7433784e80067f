"""A smaller picture for looking at: by area, in linear light, premultiplied."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import decode, encode, space_named, to_float, to_integers


def reduce_to(pixels: NDArray[Any], space: str, longest_side: int) -> NDArray[Any]:
    """Shrink a picture so that its long side has `longest_side` pixels.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) uint8, uint16 or float32, code values of `space`, straight alpha
    space : str
        A name of `pixels.color.spaces.SPACES`.
    longest_side : int, px
        A picture that is no larger is returned as it is.

    Returns
    -------
    (h, w, 3 or 4) of the same type
        Each pixel is the mean light of the area it covers: a checkerboard becomes the gray that it looks
        like from afar.

    Examples
    --------
    >>> checks = np.uint8([[[255] * 3, [0] * 3], [[0] * 3, [255] * 3]])
    >>> reduce_to(checks, "srgb", 1).tolist()
    [[[188, 188, 188]]]
    """
    height, width = pixels.shape[:2]
    if longest_side >= max(height, width):
        return pixels
    scale = longest_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    light = _linear(pixels[:, :, :3], space)
    if pixels.shape[2] == 3:
        small = _shaped(cv2.resize(light, size, interpolation=cv2.INTER_AREA), size, 3)
        return _codes(small, space, pixels.dtype)
    alpha = to_float(np.ascontiguousarray(pixels[:, :, 3:]))
    both = _shaped(cv2.resize(np.dstack((light * alpha, alpha)), size, interpolation=cv2.INTER_AREA), size, 4)
    cover = both[:, :, 3:]
    straight = np.where(cover > 0, both[:, :, :3] / np.maximum(cover, np.float32(1e-6)), 0).astype(np.float32)
    colors = _codes(straight, space, pixels.dtype)
    return np.dstack((colors, _codes(cover, "linear_srgb", pixels.dtype)))


def _shaped(pixels: NDArray[Any], size: tuple[int, int], channels: int) -> NDArray[np.float32]:
    return np.asarray(pixels, np.float32).reshape(size[1], size[0], channels)


def _linear(pixels: NDArray[Any], space: str) -> NDArray[np.float32]:
    """Code values to light; integers through a table, which is exact and some ten times faster."""
    if pixels.dtype == np.float32:
        return decode(pixels, space)
    if space_named(space).curve.gamma == 1.0:
        return to_float(np.ascontiguousarray(pixels))
    full = np.iinfo(pixels.dtype).max
    table = decode(np.linspace(0, 1, full + 1, dtype=np.float32), space)
    if pixels.dtype == np.uint8:
        return np.asarray(cv2.LUT(np.ascontiguousarray(pixels), table), np.float32).reshape(pixels.shape)
    return np.asarray(np.take(table, pixels), np.float32)


def _codes(light: NDArray[np.float32], space: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    values = encode(light, space)
    return values if dtype == np.float32 else to_integers(values, dtype.type)
