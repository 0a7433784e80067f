"""What steps, checks and proofs look at: the original and finished pictures on other grids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from safelight.core.edit import Edit
from safelight.core.image import Image, Pixels
from safelight.core.step import Stage, Step, Tools
from safelight.pixels.color import fused
from safelight.pixels.color.light import light_of
from safelight.pixels.color.spaces import WORKING, Float32, matrix_between
from safelight.pixels.geometry.halve import halved_once
from safelight.pixels.geometry.map import GeometryMap, fitted
from safelight.pixels.geometry.resample import cut, resample_from
from safelight.render.plan import composed_geometry, plan
from safelight.render.planes import from_plane, on_grid, painted_matte, to_share
from safelight.render.source import LinearReader, separated, source_of

_SHRUNK = 3.0  # from here on blocks of pixels are averaged first, and what one pixel is rounded by does not count


def carry_original(
    original: Image,
    geometry: GeometryMap,
    *,
    full_size: tuple[int, int] | None = None,
    to_space: str | None = None,
    dtype: fused.Dtype | None = None,
) -> Image:
    """Return the untouched capture on the pixels of a rendered picture, for checks to look at side by side.

    Parameters
    ----------
    original : Image
        Upright, as decoded; a reduction of `full_size` if that is given.
    geometry : GeometryMap
        Of the `Rendered` picture.
    to_space, dtype
        Of the result; by default the original's own.

    Returns
    -------
    Image
        Opaque; black beyond the frame. Where no resampling is needed, the very same pixels.
    """
    source = replace(source_of(original), alpha=None)
    own = geometry.on_reduction(full_size or original.size, source.size)
    space = to_space or original.space
    depth: fused.Dtype = dtype or original.pixels.dtype.type
    if own.is_aligned():
        return Image(fused.apply(cut(source.pixels, own), source.space, (), space, depth), space)
    read = LinearReader.to_shrink(source) if own.reduction() >= _SHRUNK else LinearReader(source, None, None)
    light = resample_from(read, source.size, 3, own)
    return Image(fused.apply(light, source.space, (), space, depth, from_light=True), space)


def work_image(original: Image, long_side: int) -> Image:
    """Return an original as steps look at it: linear Rec.2020, float32, opaque, at most `long_side`.

    Parameters
    ----------
    original : Image
        Upright, as decoded; straight alpha is left away.
    long_side : int, px
        Nothing is enlarged.
    """
    geometry = GeometryMap.identity(*original.size).resized(*fitted(original.size, long_side))
    return carry_original(original, geometry, to_space=WORKING, dtype=np.float32)


def look_image(small: Image, long_side: int) -> Image:
    """Return a picture that was halved for looking as facts steps look at it: as `work_image`, for less.

    Parameters
    ----------
    small : Image
        Of any size and space; straight alpha is left away.
    long_side : int, px
        At most, and three quarters of it at least where there is as much. Nothing is enlarged.
    """
    light = light_of(cast(Pixels, halved_once(small, round(0.75 * long_side))), small.space)
    size = fitted((light.shape[1], light.shape[0]), long_side)
    if size != (light.shape[1], light.shape[0]):
        light = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)
    matrix = matrix_between(small.space, WORKING).astype(np.float32)
    cv2.transform(light, matrix, dst=light)  # in place: clearing new memory takes as long as the sum
    return Image(light.reshape(size[1], size[0], 3), WORKING)


def shrink_finished(image: Image, long_side: int, dtype: fused.Dtype | None = None) -> Image:
    """Return a finished picture in its own space, at most `long_side`, reduced in linear light, premultiplied.

    Parameters
    ----------
    image : Image
        Any depth, opaque or with straight alpha.
    long_side : int, px
        Nothing is enlarged: a smaller picture comes back as it is, in `dtype`.
    dtype : numpy uint8, uint16 or float32
        Of the result; by default the picture's own.

    Notes
    -----
    White stays exactly white: a kernel's weights sum to one.
    """
    depth: fused.Dtype = dtype or image.pixels.dtype.type
    source = source_of(image)
    grid = GeometryMap.identity(*source.size).resized(*fitted(source.size, long_side))
    if grid.is_aligned():
        color, alpha = fused.apply(source.pixels, source.space, (), source.space, depth), source.alpha
    else:
        read = LinearReader(source, source.alpha, None)
        light, alpha = separated(resample_from(read, source.size, read.channels, grid))
        color = fused.apply(light, source.space, (), source.space, depth, from_light=True)
    if alpha is None:
        return Image(color, image.space)
    return Image(cast(Pixels, np.dstack([color, from_plane(alpha, color)])), image.space, "straight")


def geometry_of(
    edit: Edit, steps: Callable[[str], Step], full_size: tuple[int, int], long_side: int | None = None
) -> GeometryMap:
    """Return the map that `render` would paint `edit` with, without painting it."""
    planned = plan(edit, steps, Stage.SHARPEN, scene_referred=True)
    return composed_geometry(planned, full_size, long_side, None)


def matte_of(edit: Edit, steps: Callable[[str], Step], tools: Tools, size: tuple[int, int]) -> Float32 | None:
    """Return the edit's matte over the whole original at (width, height) `size`, float32 0..1; None without one."""
    matte = painted_matte(plan(edit, steps, Stage.SHARPEN, scene_referred=True), tools)
    if matte is None:
        return None
    return to_share(on_grid(matte.alpha, GeometryMap.identity(*size), size))
