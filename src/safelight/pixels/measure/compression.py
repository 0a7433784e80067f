"""What JPEG and its kin leave behind: blocks with visible borders, and ripples beside edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

TILE_PX = 64
_GRID_PX = 8
_SMOOTH_LEVELS = 6.0  # steps beyond it are edges of the scene, not borders of blocks
_BORDER_LEVELS = 48.0
_LEAST_STEPS = 96  # border pixels that a tile is judged by
_EDGE_LEVELS = 90.0  # Sobel: an edge of some 22 levels, strong enough to ripple
_OFF_EDGE_PX, _NEAR_PX, _FAR_PX = 2, 7, 22
_LIKE_LEVELS = 12.0  # the same surface near the edge and away from it
_CALM_LEVELS = 3.0  # of the capture's grain: on a rougher surface nobody sees ripples
_LEAST_PX = 60
_WORST = 98.0  # percentile of tiles


@dataclass(frozen=True, eq=False)
class Compression:
    """What was found, in levels of 8 bits.

    Parameters
    ----------
    blocking : float or None
        How much higher steps are at borders of blocks than within them, in the worst fiftieth of tiles; None where
        nothing is smooth enough to show it.
    ringing : float or None
        How much farther than elsewhere a smooth surface is from the capture beside an edge, likewise; None without a
        capture: texture and ripples look the same by themselves.
    blocks, ripples : (rows, columns) float32
        Both by tile of 64 px; 0 where nothing was measured.
    """

    blocking: float | None
    ringing: float | None
    blocks: Float32
    ripples: Float32


def measure_compression(luma: Float32, before: Float32 | None = None) -> Compression:
    """Measure blocking and ringing on a file as it was written.

    Parameters
    ----------
    luma : (H, W) float32, code values, 0..255
        At 100 %: reduced or turned by a fraction, blocks have no grid of 8 px any more and are not found.

    before : (H, W) float32 or None
        The capture on the same pixels.

    Notes
    -----
    Blocking: |first difference| at every eighth column less the mean of the two beside it, in smooth places, by tile;
    of the eight places that a grid can lie at the worst over the whole picture is taken, since a crop shifts it, and
    what the middle one of them shows is taken off. Ringing: what differs from the mean of 9 x 9 px, less what does in
    the capture as strong as the tone curve left it, 2 to 7 px beside an edge, less the same 9 to 22 px away on the same
    surface; the edge itself is in no mean.

    Examples
    --------
    >>> flat = np.full((128, 128), 128, np.float32)
    >>> found = measure_compression(flat + np.kron(np.indices((16, 16)).sum(0) % 2, np.ones((8, 8))).astype(np.float32))
    >>> round(found.blocking, 1)
    1.0
    """
    across, down = _blocks(luma), _blocks(np.ascontiguousarray(luma.T)).T
    blocks = np.maximum(across, down)
    ripples = np.full_like(blocks, np.nan) if before is None else _ripples(luma, before)
    return Compression(_worst(blocks), _worst(ripples), np.nan_to_num(blocks), np.nan_to_num(ripples))


def _worst(tiles: Float32) -> float | None:
    known = tiles[np.isfinite(tiles)]
    return float(np.percentile(known, _WORST)) if known.size else None


def _blocks(luma: Float32) -> Float32:
    """By tile, how much higher vertical borders stand out than the places beside them; NaN where nothing is smooth."""
    width = luma.shape[1]
    step = np.abs(np.diff(luma, axis=1, append=luma[:, -1:]))
    beside = cv2.blur(step, (3, 1), borderType=cv2.BORDER_REFLECT) * 3
    beside -= step
    excess = step - beside / 2
    inside = cv2.max(np.roll(step, 1, axis=1), np.roll(step, -1, axis=1))  # the border itself may be high
    calm = ((cv2.dilate(inside, np.ones((3, 1), np.uint8)) < _SMOOTH_LEVELS) & (step < _BORDER_LEVELS)).astype(
        np.float32
    )
    excess *= calm
    sums = []
    for phase in range(_GRID_PX):
        at = (np.arange(width) % _GRID_PX == phase).astype(np.float32)[None]
        count = _by_tile(calm * at)
        total = _by_tile(excess * at)
        with np.errstate(invalid="ignore", divide="ignore"):
            sums.append(np.where(count >= _LEAST_STEPS, total / count, np.nan))
    found = np.stack(sums)
    overall = np.nansum(np.nan_to_num(found), axis=(1, 2))
    worst = int(np.argmax(overall))
    others = [each for each in range(_GRID_PX) if each != worst]
    usual = np.median(found[others], axis=0)
    return np.asarray(np.maximum(found[worst] - usual, 0), np.float32)


def _by_tile(values: Float32) -> Float32:
    height, width = values.shape
    rows, cols = max(1, height // TILE_PX), max(1, width // TILE_PX)
    inner = values[: rows * TILE_PX, : cols * TILE_PX]
    down, right = rows * TILE_PX - inner.shape[0], cols * TILE_PX - inner.shape[1]
    inner = cv2.copyMakeBorder(inner, 0, down, 0, right, cv2.BORDER_CONSTANT, value=0)
    mean = cv2.resize(inner, (cols, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(mean * TILE_PX * TILE_PX, np.float32)


def _ripples(luma: Float32, before: Float32) -> Float32:
    """By tile, how far from the capture the surface is beside edges, beyond that farther away; NaN without one."""
    slope = cv2.magnitude(cv2.Sobel(before, cv2.CV_32F, 1, 0), cv2.Sobel(before, cv2.CV_32F, 0, 1))
    edge = (slope > _EDGE_LEVELS).astype(np.uint8)
    on, near, far = (cv2.dilate(edge, _disc(each)) for each in (_OFF_EDGE_PX, _NEAR_PX, _FAR_PX))
    wide = cv2.dilate(edge, _disc(_NEAR_PX + 2))
    off = (on == 0).astype(np.float32)
    fine, known = _fine(luma, off), _fine(before, off)
    rough = np.abs(fine - known * _gain(fine, known))
    away = ((far > 0) & (wide == 0)).astype(np.float32)
    side = (2 * _FAR_PX + 1, 2 * _FAR_PX + 1)
    count = cv2.blur(away, side)
    with np.errstate(invalid="ignore", divide="ignore"):
        base = cv2.blur(before * away, side) / count
        grain = cv2.blur(np.minimum(np.abs(known), 16) * away, side) / count
        usual = cv2.blur(np.minimum(rough, 16) * away, side) / count
    soft = cv2.blur(before, (5, 5))
    beside = (near > 0) & (on == 0) & (count > 0.02) & (np.abs(soft - base) < _LIKE_LEVELS) & (grain < _CALM_LEVELS)
    many = _by_tile(beside.astype(np.float32))
    with np.errstate(invalid="ignore", divide="ignore"):
        more = _by_tile(np.where(beside, np.minimum(rough, 16) - usual, 0).astype(np.float32)) / many
    return np.asarray(np.where(many >= _LEAST_PX, np.maximum(more, 0), np.nan), np.float32)


def _fine(luma: Float32, off: Float32) -> Float32:
    """What differs from the mean of 9 x 9 px, with edges in no mean; 0 on them."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(
            np.nan_to_num((luma - cv2.blur(luma * off, (9, 9)) / cv2.blur(off, (9, 9))) * off), np.float32
        )


def _gain(fine: Float32, known: Float32) -> Float32:
    """How much stronger fine texture is than in the capture, by place: what a tone curve does is no ripple."""
    both, own = cv2.blur(fine * known, (33, 33)), cv2.blur(known * known, (33, 33))
    return np.asarray(np.clip((both + 0.5) / (own + 0.5), 0.5, 2), np.float32)


def _disc(radius: int) -> NDArray[Any]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
