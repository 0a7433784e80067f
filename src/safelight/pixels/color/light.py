"""Code values to linear light by table: integers have so few values that each is worked out once."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import Float32, Pixels, decode


def light_of(pixels: Pixels, space: str) -> Float32:
    """Return the linear light of a picture, in the primaries of its space.

    Parameters
    ----------
    pixels : (H, W, C) uint8, uint16 or float32
        Code values of `space`.
    space : str
        A name of `safelight.pixels.color.spaces`.

    Returns
    -------
    (H, W, C) float32, linear, 1.0 = display white
        A new array.

    Raises
    ------
    UnknownNameError
        If the space is unknown.

    Examples
    --------
    >>> light_of(np.full((1, 1, 3), 255, np.uint8), "srgb").tolist()
    [[[1.0, 1.0, 1.0]]]
    """
    if pixels.dtype == np.float32:
        return decode(np.asarray(pixels, np.float32), space)
    whole = cast(Any, np.ascontiguousarray(pixels))
    return np.asarray(cv2.LUT(whole, table_of(space, pixels.dtype.name)), np.float32).reshape(pixels.shape)


@cache
def table_of(space: str, depth: str) -> Float32:
    """Return the light of every code value of "uint8" or "uint16", float32 (256 or 65536,)."""
    top = 255 if depth == "uint8" else 65535
    return decode(np.arange(top + 1, dtype=np.float32) / np.float32(top), space)


@cache
def short_table_of(space: str) -> NDArray[np.uint16]:
    """Return the light of every 8-bit code value as uint16 over its full range."""
    return np.asarray(np.rint(table_of(space, "uint8") * np.float32(65535)), np.uint16)
