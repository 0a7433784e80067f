"""From a source to colored output pixels with their alpha: sliced where pixels meet, resampled where they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from safelight.pixels.color import fused, spaces
from safelight.pixels.color.gamut import into_gamut
from safelight.pixels.color.spaces import WORKING, Float32, Pixels
from safelight.pixels.geometry.map import GeometryMap
from safelight.pixels.geometry.resample import Read, cut, reaches_beyond, resample_from, resampled_tiles
from safelight.render.colors import Layer, at, paint_colors
from safelight.render.composite import SubjectLight
from safelight.render.planes import OPAQUE, Foreground, Matte, Plane, multiplied, on_grid
from safelight.render.source import LinearReader, Source, foreground_at, premultiplied, separated

# From a map of the pixels that colors are painted on to what the color steps do there.
LayersOn = Callable[[GeometryMap], list[Layer]]


@dataclass(frozen=True, eq=False)
class Output:
    """What is asked for: the map into the source's pixels, space and depth."""

    own: GeometryMap
    space: str
    dtype: fused.Dtype
    threads: int = 1


@dataclass(frozen=True, eq=False)
class Painted:
    """Colored pixels, their alpha, and the subject's light where it shares a pixel with the backdrop."""

    pixels: Pixels
    alpha: Plane | None
    subject_light: SubjectLight | None = None


def paint_output(source: Source, output: Output, matte: Matte | None, layers_on: LayersOn) -> Painted:
    """Color a source and bring it onto the output's grid.

    Parameters
    ----------
    source : Source
        After sensor and repair.
    output : Output
    matte : Matte or None
    layers_on : callable
        Asked once, for the grid that colors are painted on.

    Notes
    -----
    Where output pixels are source pixels there is one pass from integers to integers. Else what people
    see is colored first, as the stages say, and resampled in linear light of the output: a small render
    is the large one shrunk. Linear output, which steps look at, is resampled first: a tenth of the work,
    and the same up to what a curve does across an edge.
    """
    if output.own.is_aligned():
        return _sliced(source, output, matte, layers_on(output.own))
    alpha = source.alpha
    if matte is not None:
        over = on_grid(matte.alpha, GeometryMap.identity(*source.size), source.size)
        alpha = over if alpha is None else multiplied(alpha, over)
    if alpha is None and reaches_beyond(output.own, source.size):
        alpha = np.full((source.size[1], source.size[0]), OPAQUE, np.uint16)
    foreground = None if matte is None else matte.foreground
    if spaces.space_named(output.space).curve.gamma == 1.0:
        return _resampled_first(source, output, alpha, foreground, layers_on(output.own))
    return _colored_first(source, output, alpha, foreground, layers_on(GeometryMap.identity(*source.size)))


def _sliced(source: Source, output: Output, matte: Matte | None, layers: list[Layer]) -> Painted:
    """Output pixels are source pixels."""
    own = output.own
    seen = cut(source.pixels, own)
    alpha = _coverage(source, own, needed=matte is None)
    if matte is not None:
        over = on_grid(matte.alpha, own, source.size)
        alpha = over if alpha is None else multiplied(alpha, over)
    pixels = paint_colors(seen, source.space, layers, output.space, output.dtype, needed=alpha, threads=output.threads)
    if matte is None or matte.foreground is None or alpha is None:
        return Painted(pixels, alpha)
    cover, foreground = alpha, matte.foreground
    top, left = (each.start for each in own.crop_rows_cols())

    def subject_light(rows: np.ndarray, cols: np.ndarray) -> Float32:
        """Clean single pixels and color them as the whole; a raster step needs neighbors and is passed over."""
        light = fused.apply(cast(Pixels, seen[rows, cols][None]), source.space, (), WORKING, np.float32)
        places = rows + top, cols + left
        clean = foreground_at(foreground, cast(Float32, light)[0], cover[rows, cols], places, source.size)
        local = [each for each in at(layers, rows, cols) if each.repaint is None]
        local = at(local, None)
        colored = paint_colors(clean[None], WORKING, local, output.space, np.float32, to_light=True)
        light = np.asarray(colored[0], np.float32)
        return light if output.dtype == np.float32 else into_gamut(light, output.space)

    return Painted(pixels, alpha, subject_light)


def _resampled_first(
    source: Source, output: Output, alpha: Plane | None, foreground: Foreground | None, layers: list[Layer]
) -> Painted:
    """Resample in linear light of the source, then color."""
    read = LinearReader(source, alpha, foreground)
    whole = any(each.repaint is not None for each in layers)
    if whole:
        light, cover = separated(resample_from(read, source.size, read.channels, output.own))
        return Painted(paint_colors(light, source.space, layers, output.space, output.dtype, from_light=True), cover)

    def finish(light: Float32, box: tuple[slice, slice]) -> Pixels:
        return paint_colors(light, source.space, at(layers, *box), output.space, output.dtype, from_light=True)

    return _by_tiles(read, source.size, read.channels, output, finish)


def _colored_first(
    source: Source, output: Output, alpha: Plane | None, foreground: Foreground | None, layers: list[Layer]
) -> Painted:
    """Color box by box into linear light of the output, and resample that."""
    if any(each.repaint is not None for each in layers):
        # A raster step sees the whole picture, its edge already clean.
        read_whole = LinearReader(source, None, None)
        light = read_whole.cleaned(0, source.size[1], 0, source.size[0], alpha, foreground)
        painted = paint_colors(light, source.space, layers, WORKING, np.float32, from_light=True)
        source, layers, foreground = Source(painted, WORKING, source.alpha), [], None
    clean = LinearReader(source, None, None)

    def read(y0: int, y1: int, x0: int, x1: int) -> Float32:
        box = slice(y0, y1), slice(x0, x1)
        local = at(layers, *box)
        pixels, is_light = source.pixels[box], False
        if foreground is not None:
            pixels, is_light = clean.cleaned(y0, y1, x0, x1, alpha, foreground), True
        exact = output.dtype == np.float32
        light = paint_colors(
            pixels, source.space, local, output.space, np.float32, from_light=is_light, to_light=True, exact=exact
        )
        if output.dtype != np.float32:
            covered = None if alpha is None else alpha[box]
            light = into_gamut(cast(Float32, light), output.space, covered)  # as the integers of a large render are
        return premultiplied(cast(Float32, light), None if alpha is None else alpha[box])

    def finish(light: Float32, _box: tuple[slice, slice]) -> Pixels:
        return fused.apply(light, output.space, (), output.space, output.dtype, from_light=True)

    return _by_tiles(read, source.size, 3 if alpha is None else 4, output, finish)


def _by_tiles(
    read: Read,
    size: tuple[int, int],
    channels: int,
    output: Output,
    finish: Callable[[Float32, tuple[slice, slice]], Pixels],
) -> Painted:
    """Resample and finish tile by tile: only integers are ever held whole."""
    width, height = output.own.size
    pixels = cast(Pixels, np.empty((height, width, 3), np.dtype(output.dtype)))
    alpha = None if channels == 3 else np.empty((height, width), np.uint16)
    for (top, left), tile in resampled_tiles(read, size, channels, output.own):
        box = slice(top, top + tile.shape[0]), slice(left, left + tile.shape[1])
        light, cover = separated(tile)
        pixels[box] = finish(light, box)
        if alpha is not None and cover is not None:
            alpha[box] = cover
    return Painted(pixels, alpha)


def _coverage(source: Source, own: GeometryMap, *, needed: bool) -> Plane | None:
    """The source's alpha on an aligned output; 0 beyond the frame, which a matte would say too."""
    if source.alpha is not None:
        return np.ascontiguousarray(cut(source.alpha, own), np.uint16)
    if not needed or not reaches_beyond(own, source.size):
        return None
    width, height = source.size
    return np.ascontiguousarray(cut(np.full((height, width), OPAQUE, np.uint16), own), np.uint16)
