"""Lay the subject on its background, in linear light of the output, so that white is exactly white."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import cv2
import numpy as np

from safelight.core.image import Pixels
from safelight.pixels.color import spaces
from safelight.pixels.color.spaces import Float32
from safelight.render.planes import OPAQUE, Plane, to_share

# (rows, columns) of pixels on the output grid -> their subject's light, (N, 3) linear in the output's primaries.
SubjectLight = Callable[[np.ndarray, np.ndarray], Float32]

_STRIP_ROWS = 256


def lay_on_background(
    pixels: Pixels,
    alpha: Plane,
    space: str,
    background: tuple[float, float, float],
    subject_light: SubjectLight | None = None,
) -> None:
    """Put `background` behind the subject, in place.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
        Changed: alpha 0 becomes the background's code value exactly, opaque pixels are left alone,
        those between are mixed in linear light.
    alpha : (H, W) uint16
    background : (r, g, b), linear light in the primaries of `space`, 0..1
    subject_light : callable or None
        The subject's own light at shared pixels; by default what the picture shows there.
    """
    light = np.asarray(background, np.float32)
    code = spaces.encode(light, space)
    plain = code if pixels.dtype == np.float32 else spaces.to_integers(code, _integer(pixels))
    page = np.ascontiguousarray(
        np.broadcast_to(plain, (min(_STRIP_ROWS, len(pixels)), *pixels.shape[1:])), pixels.dtype
    )
    for top in range(0, len(pixels), _STRIP_ROWS):
        strip, cover = pixels[top : top + _STRIP_ROWS], np.ascontiguousarray(alpha[top : top + _STRIP_ROWS])
        band = cv2.inRange(cover, 1, OPAQUE - 1)
        if band.any():
            rows, cols = np.nonzero(band)
            share = to_share(cover[rows, cols])[:, None]
            own = _decoded(strip[rows, cols], space) if subject_light is None else subject_light(rows + top, cols)
            strip[rows, cols] = _encoded(own * share + light * (1 - share), space, pixels)
        cv2.copyTo(cast(Any, page[: len(strip)]), (cover == 0).view(np.uint8), cast(Any, strip))


def write_band(pixels: Pixels, alpha: Plane, space: str, subject_light: SubjectLight) -> None:
    """Write the subject's own colors into the shared pixels, in place: for straight RGBA."""
    rows, cols = np.nonzero((alpha > 0) & (alpha < OPAQUE))
    if len(rows):
        pixels[rows, cols] = _encoded(subject_light(rows, cols), space, pixels)


def _decoded(codes: Pixels, space: str) -> Float32:
    return spaces.decode(spaces.to_float(codes), space)


def _encoded(light: Float32, space: str, like: Pixels) -> Pixels:
    code = spaces.encode(light, space)
    return code if like.dtype == np.float32 else spaces.to_integers(code, _integer(like))


def _integer(like: Pixels) -> type[np.uint8] | type[np.uint16]:
    return np.uint8 if like.dtype == np.uint8 else np.uint16
