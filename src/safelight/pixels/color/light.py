"""Code values to linear light and back by table: integers have so few values that each is worked out once."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import (
    WORKING,
    Float32,
    Pixels,
    decode,
    encode,
    matrix_between,
    matrix_to_xyz,
)


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


def luminance_of(pixels: Pixels, space: str) -> Float32:
    """Return the luminance Y, of linear Rec.2020's white, of code values of a space.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32
    space : str

    Returns
    -------
    (H, W) float32
        White has Y 1.

    Examples
    --------
    >>> round(float(luminance_of(np.full((1, 1, 3), 65535, np.uint16), "display_p3")[0, 0]), 5)
    1.0
    """
    light = light_of(pixels, space)
    return np.asarray(cv2.transform(light, weights_of(space)), np.float32).reshape(light.shape[:2])


@cache
def weights_of(space: str) -> Float32:
    """Return how much of luminance Y each channel of a space's linear light makes up, (1, 3) float32."""
    weights = matrix_to_xyz(WORKING)[1] @ matrix_between(space, WORKING)
    return np.asarray(weights[None], np.float32)


def codes_of(light: Float32, from_space: str, to_space: str) -> NDArray[np.uint8]:
    """Return 8-bit code values of a space for linear light of another's primaries: to look at, not to deliver.

    Parameters
    ----------
    light : (H, W, 3) float32, linear, primaries of `from_space`
        Clipped to 0..1 in `to_space`; NaN counts as 0.
    from_space, to_space : str

    Returns
    -------
    (H, W, 3) uint8
        Within one code value of OpenColorIO's.

    Examples
    --------
    >>> codes_of(np.full((1, 1, 3), 0.18, np.float32), "linear_rec2020", "srgb")[0, 0].tolist()
    [118, 118, 118]
    """
    held = cv2.transform(light, matrix_between(from_space, to_space).astype(np.float32))
    whole = cv2.addWeighted(held, 65535.0, held, 0.0, 0.0, dtype=cv2.CV_16U)
    return np.asarray(cv2.LUT(whole, codes_table_of(to_space)), np.uint8)


@cache
def curve_of(space: str) -> Float32:
    """Return the code value, 0..1, of every 16-bit light, float32 (65536,)."""
    return encode(np.arange(65536, dtype=np.float32) / np.float32(65535), space)


@cache
def codes_table_of(space: str) -> NDArray[np.uint8]:
    """Return the 8-bit code value of every 16-bit light, (65536,) uint8."""
    return np.asarray(np.rint(curve_of(space) * np.float32(255)), np.uint8)
