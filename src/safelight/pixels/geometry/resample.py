"""Bring a picture onto another grid: once, in linear light, premultiplied by its alpha.

Upright maps are resampled along rows and columns with an antialiased cubic; turned
and tilted ones are first reduced to the density of the output, then interpolated.
An aligned map needs no arithmetic at all: `cut`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import Float32, Pixels
from safelight.pixels.geometry.map import GeometryMap

# Robidoux's sharp cubic (ImageMagick, "Resampling filters"): B + 2C = 1, chosen to keep vertical and horizontal
# lines. In linear light a sharper kernel draws a black rim inside dark subjects on white.
_B, _C = 0.2620145123990142, 0.3689927438004929
_RADIUS = 2.0
_STRIP_ROWS = 128  # output rows at a time
_TILE = 1024  # output pixels a side of a tile that is warped; OpenCV holds less than 32767


_BLOCK = 16  # output rows whose weights make one small dense matrix


Light = Float32 | NDArray[np.uint16]


class Read(Protocol):
    """How a source hands out linear light: a box of it, (rows, columns, channels), contiguous.

    float32; or uint16 over its full range, for a source of 8 bits that is about to be shrunk: it has no more to say.
    """

    def __call__(self, y0: int, y1: int, x0: int, x1: int) -> Light:
        """Return rows y0 to y1 and columns x0 to x1."""


def cut(pixels: Pixels, geometry: GeometryMap, fill: float = 0.0) -> Pixels:
    """Return what an aligned map shows, untouched; `fill` where it looks beyond the picture.

    Parameters
    ----------
    pixels : (H, W) or (H, W, C), any of the three types
    geometry : GeometryMap
        Aligned; refused otherwise.
    fill : float
        In the units of `pixels`.

    Returns
    -------
    (geometry.height, geometry.width[, C]) of the same type
        A view where the whole box lies inside, else a new array.

    Examples
    --------
    >>> ramp = np.arange(12, dtype=np.uint8).reshape(3, 4)
    >>> cut(ramp, GeometryMap.of_crop(2, 1, 3, 2), 255).tolist()
    [[6, 7, 255], [10, 11, 255]]
    """
    rows, cols = geometry.crop_rows_cols()
    height, width = pixels.shape[:2]
    if rows.start >= 0 and cols.start >= 0 and rows.stop <= height and cols.stop <= width:
        return pixels[rows, cols]
    out = np.full((geometry.height, geometry.width, *pixels.shape[2:]), fill, pixels.dtype)
    y0, y1 = max(0, rows.start), min(height, rows.stop)
    x0, x1 = max(0, cols.start), min(width, cols.stop)
    if y0 < y1 and x0 < x1:
        out[y0 - rows.start : y1 - rows.start, x0 - cols.start : x1 - cols.start] = pixels[y0:y1, x0:x1]
    return out


def resample(light: Float32, geometry: GeometryMap, fill: float = 0.0) -> Float32:
    """Return `light` on the grid of `geometry`.

    Parameters
    ----------
    light : (H, W, C) float32, linear, premultiplied if a channel is alpha
    geometry : GeometryMap
        From the output to the pixels of `light`.
    fill : float
        The light beyond the frame; edge pixels are mixed by how far they reach beyond.

    Returns
    -------
    (geometry.height, geometry.width, C) float32
        A new array. A uniform picture stays uniform; cubic kernels may overshoot an edge by some 3 %.

    Examples
    --------
    >>> gray = np.full((40, 60, 3), 0.18, np.float32)
    >>> small = resample(gray, GeometryMap.identity(60, 40).resized(15, 10))
    >>> small.shape, round(float(small[5, 5, 0]), 4)
    ((10, 15, 3), 0.18)
    """
    height, width, channels = light.shape
    return resample_from(lambda y0, y1, x0, x1: light[y0:y1, x0:x1], (width, height), channels, geometry, fill)


def resample_from(
    read: Read, size: tuple[int, int], channels: int, geometry: GeometryMap, fill: float = 0.0
) -> Float32:
    """Return a source that is read box by box on the grid of `geometry`; as `resample`, in little memory.

    `size` is (width, height) of the source. `read` is called with boxes inside of it.
    """
    out = np.empty((geometry.height, geometry.width, channels), np.float32)
    for (top, left), tile in resampled_tiles(read, size, channels, geometry, fill):
        out[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return out


def resampled_tiles(
    read: Read, size: tuple[int, int], channels: int, geometry: GeometryMap, fill: float = 0.0
) -> Iterator[tuple[tuple[int, int], Float32]]:
    """Yield the picture of `resample_from` piece by piece: ((top, left), (rows, columns, channels) float32)."""
    if geometry.is_upright():
        across = _Axis(size[0], geometry.width, geometry.matrix[0][0], geometry.matrix[0][2])
        for top in range(0, geometry.height, _STRIP_ROWS):
            rows = min(_STRIP_ROWS, geometry.height - top)
            tile = geometry.part(0, top, geometry.width, rows)
            down = _Axis(size[1], rows, tile.matrix[1][1], tile.matrix[1][2])
            yield (top, 0), _upright(read, channels, across, down, fill)
        return
    density = max(1.0, geometry.reduction())
    for top in range(0, geometry.height, _TILE):
        for left in range(0, geometry.width, _TILE):
            rows, cols = min(_TILE, geometry.height - top), min(_TILE, geometry.width - left)
            tile = geometry.part(left, top, cols, rows)
            yield (top, left), _turned(read, size, channels, tile, density, fill)


def reaches_beyond(geometry: GeometryMap, size: tuple[int, int]) -> bool:
    """Say whether the output shows anything beyond a source of (width, height) `size`."""
    x0, y0, x1, y1 = geometry.bounds()
    slack = 1e-3
    return x0 < -slack or y0 < -slack or x1 > size[0] + slack or y1 > size[1] + slack


def _upright(read: Read, channels: int, across: _Axis, down: _Axis, fill: float) -> Float32:
    """Rows and columns apart: shrink by a whole factor, then the cubic with what remains."""
    width, height = len(across.coverage), len(down.coverage)
    if across.empty or down.empty:
        return np.full((height, width, channels), fill, np.float32)
    box = cast(Light, np.ascontiguousarray(read(down.first, down.last, across.first, across.last)))
    small = _shrink(box, across, down)
    rows, cols = small.shape[:2]
    narrow = down.sums(small.reshape(rows, cols * channels)).reshape(height, cols, channels)
    # Columns are summed as rows of the transposed strip: long contiguous rows are what is fast.
    turned = _transposed(narrow).reshape(cols, height * channels)
    out = _transposed(across.sums(turned).reshape(width, height, channels))
    _fade(out, down.coverage, fill)
    _fade(out.swapaxes(0, 1), across.coverage, fill)
    return out


def _fade(lines: Float32, coverage: NDArray[np.float64], fill: float) -> None:
    """Mix `fill` into the lines that reach beyond the frame, in place."""
    beyond = np.flatnonzero(coverage < 1)
    if len(beyond):
        share = coverage[beyond, None, None].astype(np.float32)
        lines[beyond] = (lines[beyond] - np.float32(fill)) * share + np.float32(fill)


def _transposed(picture: Float32) -> Float32:
    """Rows as columns, contiguous."""
    height, width, channels = picture.shape  # OpenCV drops a single channel's axis
    return np.asarray(cv2.transpose(picture), np.float32).reshape(width, height, channels)


class _Axis:
    """One axis of an upright map: which source pixels it reads, and how they are weighed."""

    def __init__(self, length: int, out: int, scale: float, start: float) -> None:
        edges = start + scale * np.arange(out + 1)
        inside = np.clip(np.minimum(edges[1:], length) - np.maximum(edges[:-1], 0), 0, None)
        self.coverage = np.minimum(inside / scale, 1.0)
        self.coverage[self.coverage > 1 - 1e-3] = 1.0
        self.shrink = max(1, int(scale / 1.5))
        reach = _RADIUS * max(1.0, scale) + 1
        first, last = math.floor(edges[0] - reach), math.ceil(edges[-1] + reach)
        # Blocks start at multiples of the shrink, so that strips of one picture shrink alike.
        self.first = max(0, first // self.shrink * self.shrink)
        self.last = min(length, -(-last // self.shrink) * self.shrink)
        self.empty = self.first >= self.last or not self.coverage.any()
        self.scale = scale / self.shrink
        self.centers = (start - self.first) / self.shrink + self.scale * (np.arange(out) + 0.5)
        self._known: dict[int, list[tuple[int, int, Float32]]] = {}

    def sums(self, rows: Float32) -> Float32:
        """Return weighted sums of whole rows, one an output pixel: a few at a time, as a dense product."""
        out = np.empty((len(self.coverage), rows.shape[1]), np.float32)
        for at, first, weights in self._blocks(len(rows)):
            np.matmul(weights, rows[first : first + weights.shape[1]], out=out[at : at + len(weights)])
        return out

    def _blocks(self, length: int) -> list[tuple[int, int, Float32]]:
        """(first output, first source row, weights (outputs, source rows)), the same for every strip of `length`."""
        if length not in self._known:
            weight, index = self.weights(length)
            self._known[length] = [_block(weight, index, at) for at in range(0, len(weight), _BLOCK)]
        return self._known[length]

    def weights(self, length: int) -> tuple[Float32, NDArray[np.int32]]:
        """Weights (out, taps), each row with sum 1, and the source index of each tap, held inside."""
        stretch = max(1.0, self.scale)
        taps = math.ceil(2 * _RADIUS * stretch) + 1
        first = np.floor(self.centers - _RADIUS * stretch).astype(np.int64)
        index = first[:, None] + np.arange(taps)
        weight = _cubic((index + 0.5 - self.centers[:, None]) / stretch)
        weight /= weight.sum(axis=1, keepdims=True)
        return weight.astype(np.float32), np.clip(index, 0, length - 1).astype(np.int32)


def _block(weight: Float32, index: NDArray[np.int32], at: int) -> tuple[int, int, Float32]:
    some, where = weight[at : at + _BLOCK], index[at : at + _BLOCK]
    first = int(where.min())
    dense = np.zeros((len(some), int(where.max()) + 1 - first), np.float32)
    np.add.at(dense, (np.arange(len(some))[:, None], where - first), some)
    return at, first, dense


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mitchell and Netravali (1988), equation 8, with the B and C above."""
    x = np.abs(x)
    near = (12 - 9 * _B - 6 * _C) * x**3 + (-18 + 12 * _B + 6 * _C) * x**2 + (6 - 2 * _B)
    far = (-_B - 6 * _C) * x**3 + (6 * _B + 30 * _C) * x**2 + (-12 * _B - 48 * _C) * x + (8 * _B + 24 * _C)
    return np.asarray(np.where(x < 1, near, np.where(x < _RADIUS, far, 0)) / 6)


def _shrink(box: Light, across: _Axis, down: _Axis) -> Float32:
    """Means of whole blocks; the last block is filled up with the edge."""
    if across.shrink == down.shrink == 1:
        return _as_float(box)
    channels = box.shape[2]  # OpenCV drops a single channel's axis
    bottom, right = -box.shape[0] % down.shrink, -box.shape[1] % across.shrink
    if bottom or right:
        box = cast(Light, cv2.copyMakeBorder(box, 0, bottom, 0, right, cv2.BORDER_REPLICATE))
    size = (box.shape[1] // across.shrink, box.shape[0] // down.shrink)
    small = cast(Light, cv2.resize(box, size, interpolation=cv2.INTER_AREA))
    return _as_float(small).reshape(size[1], size[0], channels)


def _as_float(box: Light) -> Float32:
    if box.dtype == np.float32:
        return cast(Float32, box)
    return np.multiply(box, np.float32(1 / 65535), dtype=np.float32)


def _turned(
    read: Read, size: tuple[int, int], channels: int, geometry: GeometryMap, density: float, fill: float
) -> Float32:
    """A tile of a turned or tilted view: reduced upright to the output's density, then interpolated."""
    # One reduction for all tiles, or they would not meet.
    near = GeometryMap.identity(*size)
    if density > 1.1:
        near = near.resized(max(1, round(size[0] / density)), max(1, round(size[1] / density)))
    if geometry.optics is None:
        into = GeometryMap.of_matrix(near.inverse(*size).array @ geometry.array, *geometry.size)
    else:
        into = geometry.on_reduction(size, near.size)
    x0, y0, x1, y1 = into.bounds()
    left, right = max(0, math.floor(x0) - 4), min(near.width, math.ceil(x1) + 4)
    top, bottom = max(0, math.floor(y0) - 4), min(near.height, math.ceil(y1) + 4)
    blank = np.full((geometry.height, geometry.width, channels), fill, np.float32)
    if left >= right or top >= bottom:
        return blank
    if near.is_aligned():
        source = _as_float(cast(Light, np.ascontiguousarray(read(top, bottom, left, right))))
    else:
        source = resample_from(read, size, channels, near.part(left, top, right - left, bottom - top))
    if into.optics is not None:
        return _unbent(source, into, (left, top), fill)
    into = GeometryMap.of_matrix(GeometryMap.of_crop(-left, -top, 1, 1).array @ into.array, *geometry.size)
    out = _warp(source, into, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
    if not reaches_beyond(into, (source.shape[1], source.shape[0])):
        return out
    inside = _warp(np.ones((*source.shape[:2], 1), np.float32), into, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
    return np.asarray(out * inside + blank * (1 - inside), np.float32)


def _warp(source: Float32, geometry: GeometryMap, kernel: int, border: int) -> Float32:
    """OpenCV's warp, whose pixel centers lie on whole numbers."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    matrix = np.linalg.inv(half) @ geometry.array @ half
    flags = kernel | cv2.WARP_INVERSE_MAP
    if abs(matrix[2, 0]) + abs(matrix[2, 1]) < 1e-12:
        out = cv2.warpAffine(source, matrix[:2] / matrix[2, 2], geometry.size, flags=flags, borderMode=border)
    else:
        out = cv2.warpPerspective(source, matrix, geometry.size, flags=flags, borderMode=border)
    return np.asarray(out, np.float32).reshape(geometry.height, geometry.width, source.shape[2])


def _unbent(source: Float32, geometry: GeometryMap, corner: tuple[int, int], fill: float) -> Float32:
    """A tile seen through a lens; `source` begins at `corner`. Red and blue have their own magnifications."""
    optics = geometry.optics
    assert optics is not None
    channels = source.shape[2]
    colors = ("red", "green", "blue", "green")[:channels] if channels > 2 and optics.parts_colors else ("green",)
    places = {each: _places(geometry, corner, each) for each in dict.fromkeys((*colors, "green"))}

    def taken(pixels: Float32, color: str, kernel: int, border: int) -> Float32:
        out = cv2.remap(pixels, *places[color], interpolation=kernel, borderMode=border)
        return np.asarray(out, np.float32).reshape(geometry.height, geometry.width, pixels.shape[2])

    kernel, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
    if len(colors) == 1:
        out = taken(source, "green", kernel, border)
    else:
        planes = [np.ascontiguousarray(source[..., n : n + 1]) for n in range(channels)]
        out = np.concatenate([taken(*each, kernel, border) for each in zip(planes, colors, strict=True)], axis=2)
    x, y = places["green"]
    rows, cols = source.shape[:2]
    if x.min() >= -0.5 and y.min() >= -0.5 and x.max() <= cols - 0.5 and y.max() <= rows - 0.5:
        return out
    inside = taken(np.ones((rows, cols, 1), np.float32), "green", cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
    return np.asarray(out * inside + np.float32(fill) * (1 - inside), np.float32)


def _places(geometry: GeometryMap, corner: tuple[int, int], color: str) -> tuple[Float32, Float32]:
    """Where each pixel of a tile lies in a source that begins at `corner`; OpenCV has centers at whole numbers."""
    assert geometry.optics is not None
    x = np.arange(geometry.width, dtype=np.float32)[None] + np.float32(0.5)
    y = np.arange(geometry.height, dtype=np.float32)[:, None] + np.float32(0.5)
    (a, b, c), (d, e, f), (g, h, i) = geometry.array.astype(np.float32)
    across, down = a * x + b * y + c, d * x + e * y + f
    if abs(g) + abs(h) > 0 or i != 1:
        depth = g * x + h * y + i
        across, down = across / depth, down / depth
    across, down = geometry.optics.bend_axes(across, down, color)
    left, top = corner
    return np.asarray(across - np.float32(left + 0.5), np.float32), np.asarray(down - np.float32(top + 0.5), np.float32)
