"""What a person changed in a picture: how much, how far, and where; two pictures of one size, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import Float32, Pixels, convert, to_float
from safelight.pixels.measure.places import find_places, heat_of

_STRIP_ROWS = 256
_SAMPLES = 60_000  # of the changed pixels, whose color difference is taken: their mean is known to 1 %
_TILE_PX = 512


@dataclass(frozen=True, eq=False)
class Changed:
    """What is other in one picture than in another.

    Parameters
    ----------
    share : float, 0..1
        Of the pixels that changed by more than the tolerance.
    delta_e, delta_e_most : float, ΔE00
        Mean and 99th percentile over the changed pixels; 0 where none changed.
    places : tuple of (x0, y0, x1, y1), 0..1
        Where, the largest first; at most 12.
    heat : (h, w) uint8
        At most 512 a side: 0 is unchanged, 255 changed by a tenth of the code range and more.
    """

    share: float
    delta_e: float
    delta_e_most: float
    places: tuple[tuple[float, float, float, float], ...]
    heat: NDArray[np.uint8]


def measure_changed(
    one: Pixels, space_one: str, two: Pixels, space_two: str, *, tolerance: float, at_most: int = 12
) -> Changed:
    """Compare two pictures of one size.

    Parameters
    ----------
    one, two : (H, W, 3) uint8, uint16 or float32, display-referred
        Each in its own space; the second is carried into the first's.
    space_one, space_two : str
    tolerance : float, 0..1 of the code range
        What is no change: rounding, or a lossy file's noise. Differences are averaged over 3 x 3 pixels first, so
        that single codes of noise count for little and a retouched spot for all it is.
    at_most : int
        Places.

    Raises
    ------
    ValueError
        If the sizes differ: lay one on the other first.

    Examples
    --------
    >>> flat = np.full((60, 80, 3), 128, np.uint8)
    >>> spot = flat.copy()
    >>> spot[20:30, 30:50] = 160
    >>> found = measure_changed(flat, "srgb", spot, "srgb", tolerance=0.01)
    >>> round(found.share, 3), len(found.places), found.delta_e > 5
    (0.055, 1, True)
    """
    if one.shape[:2] != two.shape[:2]:
        raise ValueError(f"pictures of {one.shape[:2]} and {two.shape[:2]} cannot be compared pixel by pixel")
    height, width = one.shape[:2]
    bad = np.zeros((height, width), np.uint8)
    for top in range(0, height, _STRIP_ROWS):
        first, last = max(0, top - 1), min(height, top + _STRIP_ROWS + 1)
        apart = np.abs(_codes(one[first:last], space_one, space_one) - _codes(two[first:last], space_two, space_one))
        mean = np.asarray(cv2.blur(apart.max(axis=-1), (3, 3)), np.float32)
        kept = mean[top - first : top - first + min(_STRIP_ROWS, height - top)]
        bad[top : top + len(kept)] = np.where(kept > tolerance, np.clip(kept * 2550, 1, 255), 0).astype(np.uint8)
    count = int(np.count_nonzero(bad))
    mean_e, most_e = _differences(one, space_one, two, space_two, bad) if count else (0.0, 0.0)
    places = tuple(each.box for each in find_places(bad, at_most))
    return Changed(count / bad.size, mean_e, most_e, places, heat_of(bad))


def measure_shift(one: Pixels, two: Pixels) -> tuple[float, float, float]:
    """Return how far the second picture's content lies from the first's, where there is most detail.

    Parameters
    ----------
    one, two : (H, W, 3) uint8, uint16 or float32, code values, one size

    Returns
    -------
    (right_px, down_px, trust)
        Found by phase correlation in the tile with most detail; `trust` is the height of its peak, 0..1. Zeros where
        there is no detail.

    Examples
    --------
    >>> noise = np.random.default_rng(2).integers(0, 255, (600, 700, 3)).astype(np.uint8)
    >>> right, down, trust = measure_shift(noise[20:540, 30:630], noise[16:536, 23:623])
    >>> round(right), round(down), trust > 0.5
    (7, 4, True)
    """
    gray_one, gray_two = _gray(one), _gray(two)
    side = min(_TILE_PX, *gray_one.shape)
    detail = cv2.boxFilter(np.abs(cv2.Laplacian(gray_one, cv2.CV_32F)), cv2.CV_32F, (side, side))
    half = side // 2
    inner = detail[half : gray_one.shape[0] - half + 1, half : gray_one.shape[1] - half + 1]
    row, column = np.unravel_index(int(inner.argmax()), inner.shape)
    tiles = [each[row : row + side, column : column + side] for each in (gray_one, gray_two)]
    if min(float(each.std()) for each in tiles) < 1e-3:
        return 0.0, 0.0, 0.0
    (right, down), trust = cv2.phaseCorrelate(tiles[0], tiles[1], cv2.createHanningWindow((side, side), cv2.CV_32F))
    return float(right), float(down), float(trust)


def _gray(pixels: Pixels) -> Float32:
    """Mean of the channels, 0..1, float32, strip by strip."""
    top = {"uint8": 255.0, "uint16": 65535.0}.get(pixels.dtype.name, 1.0)
    out = np.empty(pixels.shape[:2], np.float32)
    for row in range(0, len(out), _STRIP_ROWS):
        strip = pixels[row : row + _STRIP_ROWS, :, :3]
        out[row : row + _STRIP_ROWS] = strip.mean(axis=-1, dtype=np.float32) / np.float32(top)
    return out


def _codes(pixels: Pixels, space: str, wanted: str) -> Float32:
    values = to_float(cast(Pixels, np.ascontiguousarray(pixels[..., :3])))
    return values if space == wanted else convert(values, space, wanted)


def _differences(
    one: Pixels, space_one: str, two: Pixels, space_two: str, bad: NDArray[np.uint8]
) -> tuple[float, float]:
    rows, columns = np.nonzero(bad)
    step = max(1, len(rows) // _SAMPLES)
    rows, columns = rows[::step], columns[::step]
    seen = ((one[rows, columns, :3], space_one), (two[rows, columns, :3], space_two))
    labs = [lab_from(to_float(cast(Pixels, np.ascontiguousarray(pixels))), space) for pixels, space in seen]
    apart = delta_e_2000(*labs)
    return float(apart.mean()), float(np.percentile(apart, 99))
