"""Bayer sensors: from the numbers that LibRaw unpacked to scene-linear Rec.2020, tile by tile."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import WORKING, matrix_between, matrix_to_xyz
from safelight.pixels.raw.demosaic import REACH_PX, Float32, demosaic, halved
from safelight.pixels.raw.highlights import clipping_levels, hold_below_white, rebuild
from safelight.pixels.raw.relations import Survey, survey, survey_factor

UInt16 = NDArray[np.uint16]
_RED, _GREEN, _BLUE = 0, 1, 2
# A side of the squares that are developed one by one: a dozen float planes of one stay in a core's own cache, and their
# memory serves the next. Strips of a million pixels took twice the processor time, a third of it in page faults.
_TILE_PX = 320
_FULL = 65535.0
# sRGB's matrix from XYZ, against which LibRaw's tables of camera matrices are made.
_SRGB = "linear_srgb"


@dataclass(frozen=True, eq=False)
class Sensor:
    """A Bayer mosaic and what its numbers mean.

    Parameters
    ----------
    mosaic : (H, W) uint16
        The visible sites, as stored.
    colors : four of 0, 1, 2
        Red, green or blue of the sites (0, 0), (0, 1), (1, 0), (1, 1).
    black : four floats
        Number without light, of each of the four sites.
    gains : four floats
        From numbers above black to light with the white balance of the shot; 1 is where the first color clips.
    ceilings : three floats
        Where red, green and blue clip, in that light.
    to_working : (3, 3) float32
        From white-balanced camera colors to linear Rec.2020.
    """

    mosaic: UInt16
    colors: tuple[int, int, int, int]
    black: tuple[float, ...]
    gains: tuple[float, ...]
    ceilings: tuple[float, float, float]
    to_working: Float32

    @property
    def red(self) -> tuple[int, int]:
        """(row, column) of the first red site."""
        return divmod(self.colors.index(_RED), 2)


def sensor_of(raw: Any, camera: str) -> Sensor | None:  # noqa: ANN401 - LibRaw's object
    """Return the Bayer mosaic of an unpacked file, or None for what else there is: LibRaw develops that.

    X-Trans, Foveon, linear DNG and four-color sensors have no such mosaic; FinePix sensors are turned by 45
    degrees; a file without the white balance of the shot or without any camera matrix is left to LibRaw too.
    """
    if raw.raw_type.name != "Flat" or raw.num_colors != 3 or raw.color_desc != b"RGBG" or "FinePix" in camera:
        return None
    pattern, balance, matrix = raw.raw_pattern, list(raw.camera_whitebalance), camera_to_srgb(raw)
    mosaic = raw.raw_image_visible
    sizes = raw.sizes
    fits = mosaic is not None and mosaic.dtype == np.uint16 and mosaic.shape == (sizes.height, sizes.width)
    if pattern is None or pattern.shape != (2, 2) or matrix is None or not fits or min(mosaic.shape) < 16:
        return None
    if not all(0 < each < 1e4 for each in balance[:3]) or abs(sizes.pixel_aspect - 1) > 1e-3:
        return None
    # LibRaw counts colors from the first visible site.
    where = [int(raw.raw_color(sizes.top_margin + y, sizes.left_margin + x)) for y in (0, 1) for x in (0, 1)]
    colors = tuple(_GREEN if each == 3 else each for each in where)
    if sorted(colors) != [_RED, _GREEN, _GREEN, _BLUE] or _GREEN not in colors[:2] or _GREEN not in colors[2:]:
        return None
    black = tuple(float(raw.black_level_per_channel[each]) for each in where)
    white = float(raw.white_level)
    balance = [each if each > 0 else balance[_GREEN] for each in balance]
    least = min(balance[:3])
    if not all(each < white for each in black):
        return None
    gains = tuple(balance[n] / least / (white - b) for n, b in zip(where, black, strict=True))
    ceilings = [0.0, 0.0, 0.0]
    full = clipping_levels(_sampled(mosaic, cast(Any, colors)), white)
    for site, color in enumerate(colors):
        level = min(_clips_at(raw, where[site], white), full[color])
        ceilings[color] = (level - black[site]) * gains[site]
    to_working = (matrix_between(_SRGB, WORKING) @ matrix).astype(np.float32)
    return Sensor(
        cast(UInt16, mosaic), cast(Any, colors), black, gains, (ceilings[0], ceilings[1], ceilings[2]), to_working
    )


def _sampled(mosaic: UInt16, colors: tuple[int, ...]) -> UInt16:
    """Red, green and blue of every second block in every fourth row of blocks, (N, 3)."""
    planes = []
    for color in (_RED, _GREEN, _BLUE):
        y, x = divmod(colors.index(color), 2)
        planes.append(mosaic[y::8, x::4])
    rows, cols = (min(each.shape[n] for each in planes) for n in (0, 1))
    return np.stack([each[:rows, :cols].ravel() for each in planes], axis=1)


def _clips_at(raw: Any, channel: int, white: float) -> float:  # noqa: ANN401
    """The number at which a channel stops rising: what the maker says of it, where that is believable."""
    known = raw.camera_white_level_per_channel
    level = float(known[channel]) if known is not None else 0.0
    return level if 0.5 * white < level <= white else white


def camera_to_srgb(raw: Any) -> NDArray[np.float64] | None:  # noqa: ANN401
    """The matrix from white-balanced camera colors to linear sRGB, as LibRaw chooses it."""
    own = np.asarray(raw.color_matrix, np.float64)[:3, :3]
    if own[0, 0] > 0.125:  # the file's own, or none
        return own
    from_xyz = np.asarray(raw.rgb_xyz_matrix, np.float64)[:3]
    if not from_xyz.any():
        return None
    # What each color of sRGB looks like to the camera; rows are scaled so that white is white.
    seen = from_xyz @ matrix_to_xyz(_SRGB)
    return np.asarray(np.linalg.inv(seen / seen.sum(axis=1, keepdims=True)), np.float64)


def develop_full(sensor: Sensor, out: UInt16) -> None:
    """Write the full-size picture, (H, W, 3) uint16 linear Rec.2020, into `out`, upright as the sensor lay."""
    found = _survey(sensor)

    def tile(rows: range, cols: range) -> None:
        seen = _around(rows, REACH_PX, sensor.mosaic.shape[0]), _around(cols, REACH_PX, sensor.mosaic.shape[1])
        own = _within(rows, seen[0]), _within(cols, seen[1])
        rgb = np.ascontiguousarray(demosaic(_roots(sensor, *seen, found), sensor.red)[own])
        np.maximum(rgb, 0, out=rgb)
        np.multiply(rgb, rgb, out=rgb)
        out[rows.start : rows.stop, cols.start : cols.stop] = _finished(sensor, rgb)

    _each(tile, sensor.mosaic.shape)


def develop_box(sensor: Sensor, box: tuple[int, int, int, int]) -> UInt16:
    """Return the pixels of (x0, y0, x1, y1), as `develop_full` has them but for clipped places near its border."""
    x0, y0, x1, y1 = box
    # Whole blocks of the mosaic, with what its pixels look at around.
    left, top = (max(0, each - 2 * REACH_PX) // 2 * 2 for each in (x0, y0))
    part = sensor.mosaic[top : y1 + 2 * REACH_PX, left : x1 + 2 * REACH_PX]
    out = np.empty((*part.shape, 3), np.uint16)
    develop_full(replace(sensor, mosaic=part), out)
    return np.ascontiguousarray(out[y0 - top : y1 - top, x0 - left : x1 - left])


def develop_half(sensor: Sensor, out: UInt16) -> None:
    """Write the picture at half the size, (H // 2, W // 2, 3), into `out`; see `develop_full`."""
    found = _survey(sensor)
    height, width = (each // 2 * 2 for each in sensor.mosaic.shape)

    def tile(rows: range, cols: range) -> None:
        seen = _around(rows, 4, height), _around(cols, 4, width)
        own = tuple(slice(each.start // 2, each.stop // 2) for each in (_within(rows, seen[0]), _within(cols, seen[1])))
        rgb = np.ascontiguousarray(halved(_roots(sensor, *seen, found), sensor.red)[own])
        place = tuple(slice(each.start // 2, each.stop // 2) for each in (rows, cols))
        out[place] = _finished(sensor, rgb)

    _each(tile, (height, width))


def _around(part: range, reach: int, length: int) -> slice:
    """A part with what its pixels look at on both sides, cut to the sensor; it begins at an even place."""
    return slice(max(0, part.start - reach), min(length, part.stop + reach))


def _within(part: range, whole: slice) -> slice:
    return slice(part.start - whole.start, part.stop - whole.start)


def _roots(sensor: Sensor, rows: slice, cols: slice, found: Survey | None) -> Float32:
    """Square roots of white-balanced light of a box (from even places on), clipped sites rebuilt."""
    light = sensor.mosaic[rows, cols].astype(np.float32)
    width = light.shape[1]
    for y in (0, 1):
        lines = light[y::2]
        lines -= np.resize(np.array(sensor.black[2 * y : 2 * y + 2], np.float32), width)
        lines *= np.resize(np.array(sensor.gains[2 * y : 2 * y + 2], np.float32), width)
    np.maximum(light, 0, out=light)
    np.sqrt(light, out=light)
    if found is not None:
        height = light.shape[0] // 2 * 2
        whole = light[:height, : width // 2 * 2]
        sites = [whole[y::2, x::2] for y in (0, 1) for x in (0, 1)]
        box = (rows.start // 2, cols.start // 2, sensor.mosaic.shape[0] // 2, sensor.mosaic.shape[1] // 2)
        rebuild(sites, sensor.colors, found, box)
    return light


def _survey(sensor: Sensor) -> Survey | None:
    """Colors around clipped places; None where nothing is clipped."""
    mosaic = sensor.mosaic
    rows, cols = mosaic.shape[0] // 2, mosaic.shape[1] // 2
    limits = [0.96 * sensor.ceilings[color] / gain + black for color, gain, black in _sites(sensor)]
    if int(mosaic.max()) < min(limits):
        return None
    factor = survey_factor(rows, cols)
    size = max(1, cols // factor), max(1, rows // factor)
    light = np.zeros((size[1], size[0], 3), np.float32)
    clipped = np.zeros_like(light)
    for n, (color, gain, black) in enumerate(_sites(sensor)):
        plane = np.ascontiguousarray(mosaic[n // 2 :: 2, n % 2 :: 2][:rows, :cols])
        small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        share = np.float32(0.5 if color == _GREEN else 1.0)
        light[..., color] += np.maximum(small - np.float32(black), 0) * np.float32(gain) * share
        over = (plane >= limits[n]).astype(np.uint8) * np.uint8(255)
        clipped[..., color] += cv2.resize(over, size, interpolation=cv2.INTER_AREA)
    if not clipped.any():
        return None
    return survey(light, clipped > 0, sensor.ceilings)


def _sites(sensor: Sensor) -> list[tuple[int, float, float]]:
    """Color, gain and black of the four sites."""
    return list(zip(sensor.colors, sensor.gains, sensor.black, strict=True))


def _finished(sensor: Sensor, rgb: Float32) -> UInt16:
    """Linear Rec.2020, light beyond white held, as integers."""
    light = cv2.transform(rgb, sensor.to_working)
    hold_below_white(cast(Float32, light))
    return cast(UInt16, cv2.multiply(light, (1.0, 1.0, 1.0, 1.0), scale=_FULL, dtype=cv2.CV_16U))


def _each(work: Callable[[range, range], None], shape: tuple[int, ...]) -> None:
    """Do `work` on the rows and columns of tile after tile, on as many threads as the decoder was lent."""
    height, width = shape
    tops, lefts = (range(0, each, _TILE_PX) for each in shape)
    tiles = [
        (range(top, min(height, top + _TILE_PX)), range(left, min(width, left + _TILE_PX)))
        for top in tops
        for left in lefts
    ]
    threads = min(_lent_threads(), len(tiles))
    if threads < 2:
        for rows, cols in tiles:
            work(rows, cols)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda each: work(*each), tiles):
            pass


def _lent_threads() -> int:
    """What the sandbox lends native decoders, which LibRaw reads in the same place."""
    lent = os.environ.get("OMP_NUM_THREADS", "")
    return int(lent) if lent.isdigit() else 1
