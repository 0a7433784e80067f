"""The original as the renderer reads it: color and alpha apart, in linear light box by box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np

from safelight.core.image import Image, Pixels
from safelight.errors import UsageError
from safelight.pixels.color import spaces
from safelight.pixels.color.ceiling import is_clipped_in
from safelight.pixels.color.light import light_of, short_table_of
from safelight.pixels.color.spaces import WORKING, Float32
from safelight.pixels.geometry.resample import Light, Read
from safelight.render.planes import OPAQUE, Foreground, Plane, to_plane, to_share


@dataclass(frozen=True, eq=False)
class Source:
    """Color (H, W, 3) in a space, and alpha (H, W) or None."""

    pixels: Pixels
    space: str
    alpha: Plane | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[0])


def source_of(original: Image) -> Source:
    """Take an original apart into color and alpha.

    Raises
    ------
    UsageError
        If it holds no color ("unmanaged").
    """
    if original.space == "unmanaged":
        raise UsageError("data without a color space cannot be rendered: decode the file to a color picture first")
    spaces.space_named(original.space)
    if original.alpha == "none":
        return Source(original.pixels, original.space)
    alpha = to_plane(original.pixels[..., 3])
    color = cast(Pixels, np.ascontiguousarray(original.pixels[..., :3]))
    if original.alpha == "premultiplied":
        share = np.maximum(to_share(alpha), np.float32(1 / OPAQUE))[..., None]
        return Source(np.asarray(spaces.to_float(color) / share, np.float32), original.space, alpha)
    return Source(color, original.space, alpha)


def clipping_of(original: Image) -> str | None:
    """Return the space in whose code values a finished file is clipped, at its white; None where nothing says so.

    Floats hold what is brighter, and linear integers were converted from numbers whose ceiling is not known any more.
    """
    whole = original.pixels.dtype != np.float32 and original.space != "unmanaged"
    return original.space if whole and is_clipped_in(original.space) else None


def clipping_named(profile: str | None, bits: int | None) -> str | None:
    """Return what `clipping_of` says of a decoded file, from what was measured of it: profile and bits a channel.

    Examples
    --------
    >>> clipping_named("display_p3", 8), clipping_named("Epson RGB", 8), clipping_named("srgb", 32)
    ('display_p3', None, None)
    """
    known = profile in spaces.SPACES and (bits or 8) <= 16
    return profile if known and profile is not None and is_clipped_in(profile) else None


class LinearReader:
    """Hands out boxes of a source in linear light of its own primaries; with alpha, premultiplied and fourth.

    Parameters
    ----------
    source : Source
    alpha : (H, W) uint16 or None
        On the source's grid.
    foreground : callable or None
        The subject's own light for pixels that it shares with the backdrop; see `planes.Foreground`.
    """

    def __init__(self, source: Source, alpha: Plane | None, foreground: Foreground | None) -> None:
        self._source, self._alpha, self._foreground = source, alpha, foreground
        self.channels = 3 if alpha is None else 4

    def __call__(self, y0: int, y1: int, x0: int, x1: int) -> Float32:
        """Return the box, (rows, columns, 3 or 4) float32."""
        light = self.cleaned(y0, y1, x0, x1, self._alpha, self._foreground)
        return premultiplied(light, None if self._alpha is None else self._alpha[y0:y1, x0:x1])

    @classmethod
    def to_shrink(cls, source: Source) -> Read:
        """Return what reads an opaque source that is about to be shrunk, in 16-bit light where that loses nothing.

        8-bit codes have no more to say, and what is linear 16 bits (a RAW) is handed on as it is.
        """
        if source.pixels.dtype == np.uint16 and spaces.space_named(source.space).curve.gamma == 1.0:
            return lambda y0, y1, x0, x1: cast(Light, source.pixels[y0:y1, x0:x1])
        if source.pixels.dtype != np.uint8:
            return cls(source, None, None)
        table = short_table_of(source.space)

        def read(y0: int, y1: int, x0: int, x1: int) -> Light:
            return cast(Light, cv2.LUT(cast(Any, np.ascontiguousarray(source.pixels[y0:y1, x0:x1])), table))

        return read

    def cleaned(
        self, y0: int, y1: int, x0: int, x1: int, alpha: Plane | None, foreground: Foreground | None
    ) -> Float32:
        """Return a box's light, the backdrop's taken out of the pixels that the subject shares with it."""
        light = self._light(self._source.pixels[y0:y1, x0:x1])
        if alpha is None or foreground is None:
            return light
        cover = alpha[y0:y1, x0:x1]
        rows, cols = np.nonzero((cover > 0) & (cover < OPAQUE))
        if len(rows):
            light = np.array(light)
            mixed = to_working(light[rows, cols], self._source.space)
            clean = foreground_at(foreground, mixed, cover[rows, cols], (rows + y0, cols + x0), self._source.size)
            light[rows, cols] = clean @ spaces.matrix_between(WORKING, self._source.space).T.astype(np.float32)
        return light

    def _light(self, box: Pixels) -> Float32:
        return light_of(box, self._source.space)


def premultiplied(light: Float32, alpha: Plane | None) -> Float32:
    """Return light times its alpha, with alpha as the fourth channel; opaque light as it is."""
    if alpha is None:
        return light
    share = to_share(alpha)
    out = np.empty((*share.shape, 4), np.float32)
    np.multiply(light, share[..., None], out=out[..., :3])
    out[..., 3] = share
    return out


def separated(light: Float32) -> tuple[Float32, Plane | None]:
    """Return color and alpha of what `premultiplied` made, after it was resampled."""
    if light.shape[2] == 3:
        return light, None
    share = light[..., 3:]
    # Half a step of a 16-bit matte: what has less has no color worth keeping.
    color = np.ascontiguousarray(light[..., :3] / np.maximum(share, np.float32(0.5 / OPAQUE)), np.float32)
    return color, to_plane(share)


def foreground_at(
    foreground: Foreground | None,
    rgb: Float32,
    alpha: Plane,
    places: tuple[np.ndarray, np.ndarray],
    size: tuple[int, int],
) -> Float32:
    """Ask a matte for the subject's light at pixels (rows, columns) of a grid of (width, height) `size`."""
    if foreground is None:
        return rgb
    rows = ((places[0] + 0.5) / size[1]).astype(np.float32)
    cols = ((places[1] + 0.5) / size[0]).astype(np.float32)
    return np.ascontiguousarray(foreground(rgb, to_share(alpha), rows, cols), np.float32)


def to_working(light: Float32, space: str) -> Float32:
    """Carry linear light of the primaries of `space`, (..., 3), to linear Rec.2020."""
    matrix = spaces.matrix_between(space, WORKING).astype(np.float32)
    if light.ndim == 3:
        return np.asarray(cv2.transform(light, matrix), np.float32)
    return np.asarray(light @ matrix.T, np.float32)
