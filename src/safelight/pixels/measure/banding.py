"""Bands in what should be a smooth gradient: plateaus without noise, with steps of several levels between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_TILE_PX = 96
# Bands of a long gradient are hundreds of pixels wide: every fourth and every sixteenth pixel sees them in a tile too.
_STRIDES = (1, 4, 16)
# A gradient spans this many levels of 8 bits over a tile: less is flat, more is an edge.
_RANGE = (2.5, 64.0)
_FLAT_LEVELS = 1.0  # within 5 x 5 pixels; noise of a camera at base ISO is 0.7 levels and more, a range of 3 and more
_LEAST_FLAT = 0.45  # share of a tile; steps lie between plateaus
_LEAST_STEP = 1.5  # one level is what 8 bits are; from two on an eye finds the edge on a large soft field
_LEAST_PLATEAUS = 3
_MOST_TILES = 600


@dataclass(frozen=True, eq=False)
class Banding:
    """What was found in a picture's gradients.

    Parameters
    ----------
    share : float
        Of the looked-at tiles, 0..1, that show bands.
    gradients : float
        Share of tiles that hold a smooth gradient at all.
    step : float
        Height of the steps in levels of 8 bits, median over the banded tiles; 0 without bands.
    steps : (rows, columns) float32
        Height by tile, 0 where there are none; -1 where a tile was not looked at.
    """

    share: float
    gradients: float
    step: float
    steps: NDArray[np.float32]


def measure_banding(pixels: NDArray[Any]) -> Banding:
    """Find posterized gradients at 100 %.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values for a display
        Full scale is 255, 65535 or 1.0.

    Returns
    -------
    Banding
        All zero for pictures without a whole tile of 96 px.

    Notes
    -----
    Of each tile the channel with the widest range is looked at. A band is told from a gradient by what lies between
    its steps: nothing. Noise, grain and dither fill plateaus, and hide steps from the eye too.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(0.2, 0.6, 480, dtype=np.float32)[None, :, None], (96, 1, 3))
    >>> measure_banding((np.rint(ramp * 51) * 5).astype(np.uint8)).share
    1.0
    >>> measure_banding(np.rint(ramp * 255).astype(np.uint8)).share
    0.0
    """
    maps = [
        _steps_at(pixels[::stride, ::stride])
        for stride in _STRIDES
        if stride == 1 or min(pixels.shape[:2]) >= stride * _TILE_PX
    ]
    if not maps[0][0].size:
        return Banding(0.0, 0.0, 0.0, np.zeros((0, 0), np.float32))
    size = maps[0][0].shape[1], maps[0][0].shape[0]
    steps = np.max([cv2.resize(each, size, interpolation=cv2.INTER_NEAREST) for each, _ in maps], axis=0)
    seen = steps[steps >= 0]
    banded = seen[seen > 0]
    step = float(np.median(banded)) if banded.size else 0.0
    return Banding(banded.size / seen.size, max(each for _, each in maps), step, steps)


def _steps_at(pixels: NDArray[Any]) -> tuple[NDArray[np.float32], float]:
    """Heights of steps by tile, and the share of tiles with a gradient."""
    rows, columns = pixels.shape[0] // _TILE_PX, pixels.shape[1] // _TILE_PX
    steps = np.full((rows, columns), -1.0, np.float32)
    every = max(1, -(-rows * columns // _MOST_TILES))
    gradients = 0
    for number in range(0, rows * columns, every):
        row, column = divmod(number, columns)
        y, x = row * _TILE_PX, column * _TILE_PX
        height, is_gradient = _step_of(_levels(pixels[y : y + _TILE_PX, x : x + _TILE_PX]))
        steps[row, column] = height
        gradients += is_gradient
    return steps, gradients / max(1, -(-rows * columns // every))


def _levels(tile: NDArray[Any]) -> NDArray[np.float32]:
    """The channel with the widest range, in levels of 8 bits."""
    full = 1.0 if tile.dtype == np.float32 else float(np.iinfo(tile.dtype).max)
    values = np.nan_to_num(tile[..., :3].astype(np.float32), posinf=full, neginf=0.0) * np.float32(255 / full)
    small = values[::4, ::4].reshape(-1, 3)
    return np.ascontiguousarray(values[..., int(np.argmax(np.ptp(small, axis=0)))])


def _step_of(levels: NDArray[np.float32]) -> tuple[float, bool]:
    """Height of the steps of one tile (0 for none), and whether it holds a smooth gradient."""
    low, high = np.percentile(levels, [2, 98])
    if not _RANGE[0] <= high - low <= _RANGE[1]:
        return 0.0, False
    smooth = cv2.GaussianBlur(levels, (0, 0), 4.0)
    # Texture and edges differ from their own mean by more than half of a step that could be a band's.
    if float(np.percentile(np.abs(levels - smooth), 90)) > max(2.0, 0.25 * float(high - low)):
        return 0.0, False
    median = cv2.medianBlur(np.ascontiguousarray(levels), 3)
    box = np.ones((5, 5), np.uint8)
    flat = cv2.dilate(median, box) - cv2.erode(median, box) <= _FLAT_LEVELS
    if flat.mean() < _LEAST_FLAT:
        return 0.0, True
    plateaus = _plateaus(median[flat], levels.size)
    if len(plateaus) < _LEAST_PLATEAUS:
        return 0.0, True
    step = float(np.median(np.diff(plateaus)))
    return (step if step >= _LEAST_STEP else 0.0), True


def _plateaus(values: NDArray[np.float32], area: int) -> NDArray[np.float64]:
    """Levels that at least a fiftieth of the tile has, neighbors within one level taken together."""
    found, counts = np.unique(np.rint(values * 2) / 2, return_counts=True)
    groups = np.split(np.arange(len(found)), np.flatnonzero(np.diff(found) > 1.0) + 1)
    kept = [each for each in groups if counts[each].sum() >= 0.02 * area]
    return np.array([np.average(found[each], weights=counts[each]) for each in kept], np.float64)
