"""How sharp edges are: their blur in pixels, and the overshoot that sharpening leaves beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.region import reduce_to, to_levels

# Edges are looked for in this many tiles of this side, where the reduced picture has most of them:
# about 2 MP of a 24 MP picture, which is what keeps the check fast.
_TILES = 40
_TILE_PX = 208
_EDGES_PER_TILE = 64
_SECTORS = 4  # of direction
_SMALL_SIDE = 1024
# A profile reaches this far to both sides of its edge, in half pixels.
_REACH = 24
_OFFSETS = np.arange(-_REACH, _REACH + 1, dtype=np.float32) / 2
_MIDDLE = _REACH
# An edge's lobe ends where its slope falls under a tenth of the steepest; of a Gaussian's variance
# 0.823 lies within (cut at 2.146 sigma).
_LOBE_END = 0.1
_LOBE_SHARE = 0.823
# The slope is a difference over one pixel, which adds the variance of a box of one pixel.
_SLOPE_VARIANCE = 1 / 12
_LEAST_STEP = 16.0  # levels of 255: lower steps are texture, noise and JPEG blocks


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of a picture, one row each.

    Parameters
    ----------
    rows, columns : (n,) float32
        Where, in pixels of the picture.
    normals : (n, 2) float32
        Unit vector (x, y) from dark to light.
    blur_px : (n,) float32
        Standard deviation of the edge's spread; NaN where no clean step was found.
    overshoot : (n,) float32
        Height of the rim beyond the step, both sides' mean, as a share of the step; NaN likewise.
    step : (n,) float32
        Height of the step in levels of 255.
    """

    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    normals: NDArray[np.float32]
    blur_px: NDArray[np.float32]
    overshoot: NDArray[np.float32]
    step: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)

    def kept(self, which: NDArray[np.bool_]) -> Edges:
        """Return those edges for which `which` is true."""
        return Edges(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def find_edges(pixels: NDArray[Any], space: str, mask: NDArray[np.uint8]) -> Edges:
    """Find the clear edges inside `mask` and measure each.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) uint8, uint16 or float32
        The picture; it is read in tiles and never copied whole.
    space : str
        Its color space; linear light is encoded before it is looked at.
    mask : (H, W) uint8
        Not 0 where edges may lie; profiles reach 12 px beyond.

    Returns
    -------
    Edges
        At most about 2,500, from the 40 tiles that hold most of them; empty for a flat picture.

    Notes
    -----
    Blur is the standard deviation of the edge's line spread function within its main lobe.
    An edge blurred by a Gaussian of s px measures s (tested from 0.7 to 4 px). Variances add,
    so two pictures compare by ``sqrt(after**2 - before**2)``.

    References
    ----------
    ISO 12233:2017, edge spread and line spread functions.
    """
    found = [_edges_of(_read(pixels, space, tile), mask, tile) for tile in _pick_tiles(pixels, space, mask)]
    if not found:
        return _measured(np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32), np.zeros((0, 1, 1), np.float32))
    return Edges(*(np.concatenate([getattr(each, name) for each in found]) for name in Edges.__dataclass_fields__))


def measure_again(edges: Edges, pixels: NDArray[Any], space: str) -> Edges:
    """Measure the same edges on another picture of the same grid: the capture before, say.

    Parameters
    ----------
    edges : Edges
        Places and directions, of `find_edges`.
    pixels : (H, W, 3 or 4) uint8, uint16 or float32
        The other picture, same height and width.
    space : str
        Its color space.

    Returns
    -------
    Edges
        In the same order and number; NaN where the other picture has no such step.
        An edge may lie up to 3 px aside.
    """
    height, width = pixels.shape[:2]
    blur = np.full(len(edges), np.nan, np.float32)
    over, step = blur.copy(), np.zeros(len(edges), np.float32)
    cells = (edges.rows // _TILE_PX).astype(int) * 10_000 + (edges.columns // _TILE_PX).astype(int)
    for cell in np.unique(cells):
        these = np.flatnonzero(cells == cell)
        at = np.stack([edges.columns[these], edges.rows[these]], axis=1)
        x0, y0 = np.maximum(np.floor(at.min(axis=0)).astype(int) - 18, 0)
        x1, y1 = np.minimum(np.ceil(at.max(axis=0)).astype(int) + 19, (width, height))
        gray = _read(pixels, space, (x0, y0, x1, y1))
        again = _measured(at - (x0, y0), edges.normals[these], gray)
        blur[these], over[these], step[these] = again.blur_px, again.overshoot, again.step
    return Edges(edges.rows, edges.columns, edges.normals, blur, over, step)


def typical_blur(edges: Edges, quantile: float = 0.25, least: int = 12) -> tuple[float | None, NDArray[np.bool_]]:
    """Return how blurred the picture's better edges are, in the worst direction.

    Parameters
    ----------
    edges : Edges
    quantile : float
        Of the edges of one direction: one quarter are sharper than what is returned. Better edges
        tell focus; the rest are shading, depth and folds.
    least : int
        Directions with fewer edges are not judged.

    Returns
    -------
    (blur_px, worst)
        None if no direction has enough edges; and which edges belong to the worst direction.
        Motion blur leaves edges along it sharp, so the worst of four directions counts.
    """
    sector = _sector(edges.normals[:, 0], edges.normals[:, 1])
    clean = np.isfinite(edges.blur_px)
    best: tuple[float | None, NDArray[np.bool_]] = (None, np.zeros(len(edges), np.bool_))
    for each in range(_SECTORS):
        these = clean & (sector == each)
        if these.sum() < least:
            continue
        value = float(np.quantile(edges.blur_px[these], quantile))
        if best[0] is None or value > best[0]:
            best = value, these
    return best


def _read(pixels: NDArray[Any], space: str, tile: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return the luma of a tile as float32 levels 0..255."""
    x0, y0, x1, y1 = tile
    crop = pixels[y0:y1, x0:x1, :3]
    if crop.dtype == np.uint8 and not space.startswith("linear"):
        unit = crop.astype(np.float32)
    elif crop.dtype == np.uint16 and not space.startswith("linear"):
        unit = np.multiply(crop, np.float32(255 / 65535), dtype=np.float32)
    else:
        most = np.iinfo(crop.dtype).max if np.issubdtype(crop.dtype, np.integer) else 1
        unit = np.clip(np.nan_to_num(crop.astype(np.float32) / most), 0, 1)
        unit = (unit ** np.float32(1 / 2.2) if space.startswith("linear") else unit) * np.float32(255)
    gray: NDArray[np.float32] = cv2.cvtColor(unit, cv2.COLOR_RGB2GRAY)
    return gray


def _pick_tiles(pixels: NDArray[Any], space: str, mask: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Choose the tiles with most contrast, (x0, y0, x1, y1), from a reduced picture."""
    height, width = pixels.shape[:2]
    small = cv2.cvtColor(to_levels(reduce_to(pixels, _SMALL_SIDE), space), cv2.COLOR_RGB2GRAY)
    inside = cv2.resize(mask, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_NEAREST)
    slope = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strong = ((slope >= _LEAST_STEP) & (inside > 0)).astype(np.float32)
    grid = -(-width // _TILE_PX), -(-height // _TILE_PX)
    score = [
        (float(strong[_span(row, grid[1], small.shape[0]), _span(column, grid[0], small.shape[1])].sum()), row, column)
        for row in range(grid[1])
        for column in range(grid[0])
    ]
    chosen = [each for each in sorted(score, reverse=True)[:_TILES] if each[0] > 0]
    return [
        (
            column * _TILE_PX,
            row * _TILE_PX,
            min(width, (column + 1) * _TILE_PX),
            min(height, (row + 1) * _TILE_PX),
        )
        for _, row, column in chosen
    ]


def _span(index: int, count: int, length: int) -> slice:
    return slice(index * length // count, max(index * length // count + 1, (index + 1) * length // count))


def _edges_of(gray: NDArray[np.float32], mask: NDArray[np.uint8], tile: tuple[int, int, int, int]) -> Edges:
    """Find and measure the strongest edges of one tile; its outermost 13 px only serve the profiles."""
    x0, y0, x1, y1 = tile
    # Looked for in a blurred tile, so that soft edges are found as well as sharp ones.
    calm = cv2.GaussianBlur(gray, (0, 0), 1.5)
    dx, dy = cv2.Scharr(calm, cv2.CV_32F, 1, 0, scale=1 / 32), cv2.Scharr(calm, cv2.CV_32F, 0, 1, scale=1 / 32)
    slope = cv2.magnitude(dx, dy)
    ridge = _is_ridge(slope, dx, dy) & (mask[y0:y1, x0:x1] > 0)
    rim = int(_OFFSETS[-1]) + 1
    ridge[:rim], ridge[-rim:], ridge[:, :rim], ridge[:, -rim:] = False, False, False, False
    rows, columns = np.nonzero(ridge)
    pick = _chosen(_sector(dx[rows, columns], dy[rows, columns]), slope[rows, columns])
    rows, columns = rows[pick], columns[pick]
    strength = slope[rows, columns]
    normals = np.stack([dx[rows, columns], dy[rows, columns]], axis=1) / np.maximum(strength, 1e-6)[:, None]
    at = np.stack([columns, rows], axis=1).astype(np.float32)
    edges = _measured(at, normals.astype(np.float32), gray)
    moved = Edges(edges.rows + y0, edges.columns + x0, edges.normals, edges.blur_px, edges.overshoot, edges.step)
    return moved.kept(np.isfinite(moved.blur_px))


def _chosen(sector: NDArray[np.int64], strength: NDArray[np.float32]) -> NDArray[np.int64]:
    """Choose edges evenly over the tile, direction by direction, from the steeper four tenths of each.

    Not the steepest of all: those are the sharpest, and of a shaken picture only those along the motion.
    """
    picked = []
    for each in range(_SECTORS):
        these = np.flatnonzero(sector == each)
        if len(these) > _EDGES_PER_TILE // _SECTORS:
            least = np.partition(strength[these], int(0.6 * len(these)))[int(0.6 * len(these))]
            these = these[strength[these] >= least]
            these = these[np.linspace(0, len(these) - 1, _EDGES_PER_TILE // _SECTORS).astype(int)]
        picked.append(these)
    return np.concatenate(picked)


def _sector(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return which of four directions (0, 45, 90, 135 degrees) a normal is nearest to."""
    angle = np.degrees(np.arctan2(y, x)) % 180
    sector: NDArray[np.int64] = (np.floor((angle + 22.5) / 45) % _SECTORS).astype(np.int64)
    return sector


def _is_ridge(slope: NDArray[np.float32], dx: NDArray[np.float32], dy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Keep pixels steeper than both neighbors across the edge (nearest of four directions)."""
    found = np.zeros(slope.shape, np.bool_)
    rows, columns = np.nonzero(slope > 2.0)
    inner = (rows > 0) & (rows < slope.shape[0] - 1) & (columns > 0) & (columns < slope.shape[1] - 1)
    rows, columns = rows[inner], columns[inner]
    across, down, here = dx[rows, columns], dy[rows, columns], slope[rows, columns]
    # tan 22.5 degrees parts the four directions.
    x = np.where(np.abs(across) > 0.414 * np.abs(down), np.sign(across), 0).astype(int)
    y = np.where(np.abs(down) > 0.414 * np.abs(across), np.sign(down), 0).astype(int)
    keep = (here >= slope[rows + y, columns + x]) & (here > slope[rows - y, columns - x])
    found[rows[keep], columns[keep]] = True
    return found


def _measured(at: NDArray[Any], normals: NDArray[np.float32], gray: NDArray[np.float32]) -> Edges:
    """Measure edges at `at` (x, y) of a tile along their normals."""
    at = np.asarray(at, np.float32)
    if len(at) == 0:
        none = np.zeros(0, np.float32)
        return Edges(none, none, np.zeros((0, 2), np.float32), none, none, none)
    profiles = _profiles(at, normals, gray)
    slope = np.zeros_like(profiles)
    slope[:, 1:-1] = profiles[:, 2:] - profiles[:, :-2]  # over one pixel: levels per px
    near = slope[:, _MIDDLE - 6 : _MIDDLE + 7]
    peak_at = near.argmax(axis=1) + _MIDDLE - 6
    rows = np.arange(len(at))
    peak = slope[rows, peak_at]
    lobe = _main_lobe(slope, peak_at, peak)
    weight = np.where(lobe, np.maximum(slope, 0), 0).astype(np.float64)
    total = np.maximum(weight.sum(axis=1), 1e-9)
    mean = (weight * _OFFSETS).sum(axis=1) / total
    variance = (weight * (_OFFSETS - mean[:, None]) ** 2).sum(axis=1) / total / _LOBE_SHARE
    blur = np.sqrt(np.maximum(variance - _SLOPE_VARIANCE, 0.0))
    first, last = lobe.argmax(axis=1), lobe.shape[1] - 1 - lobe[:, ::-1].argmax(axis=1)
    step = profiles[rows, last] - profiles[rows, first]
    over = _overshoot(profiles, first, last)
    # A lobe that runs into the profile's end is no isolated step.
    clean = (step >= _LEAST_STEP) & (first > 1) & (last < lobe.shape[1] - 2)
    blur, over = np.where(clean, blur, np.nan), np.where(clean, over, np.nan)
    return Edges(at[:, 1], at[:, 0], normals, blur.astype(np.float32), over.astype(np.float32), step.astype(np.float32))


def _profiles(at: NDArray[np.float32], normals: NDArray[np.float32], gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sample across each edge, mean of three lines side by side, every half pixel from -12 to 12 px."""
    tangents = np.stack([-normals[:, 1], normals[:, 0]], axis=1)
    total = np.zeros((len(at), len(_OFFSETS)), np.float32)
    for aside in (-1.0, 0.0, 1.0):
        x = (at[:, 0] + aside * tangents[:, 0])[:, None] + normals[:, :1] * _OFFSETS
        y = (at[:, 1] + aside * tangents[:, 1])[:, None] + normals[:, 1:] * _OFFSETS
        total += cv2.remap(
            gray, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    return np.asarray(total / 3, np.float32)


def _main_lobe(slope: NDArray[np.float32], peak_at: NDArray[np.int64], peak: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark the run around the steepest point where the slope stays above a tenth of it."""
    steep = slope > _LOBE_END * np.maximum(peak, 1e-6)[:, None]
    index = np.arange(slope.shape[1])
    beyond = np.where(~steep & (index > peak_at[:, None]), index, slope.shape[1]).min(axis=1)
    before = np.where(~steep & (index < peak_at[:, None]), index, -1).max(axis=1)
    lobe: NDArray[np.bool_] = (index > before[:, None]) & (index < beyond[:, None])
    return lobe


def _overshoot(profiles: NDArray[np.float32], first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean height of both rims over what lies 3 to 6 px further out, as a share of the step between."""
    reach = profiles.shape[1]
    rows = np.arange(len(profiles))[:, None]
    out = np.arange(6, 13)
    high_far = np.median(profiles[rows, np.minimum(last[:, None] + out, reach - 1)], axis=1)
    low_far = np.median(profiles[rows, np.maximum(first[:, None] - out, 0)], axis=1)
    step = np.maximum(high_far - low_far, 1e-6)
    high = (profiles[rows[:, 0], last] - high_far) / step
    low = (low_far - profiles[rows[:, 0], first]) / step
    share = np.where(high_far - low_far >= _LEAST_STEP / 2, (high + low) / 2, np.nan)
    return np.clip(share, -1, 1)
