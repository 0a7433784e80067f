"""What hard goods live on, held against the capture: highlights, contrast, and edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

TILE_PX = 32
_GLINT_SHARE = 0.012  # of the long side: what is wider is a light surface, not a glint
_GLINT_LEVELS = 40.0  # above its surroundings
_GLINT_LUMA = 170.0
_LEAST_GLINT_PX = 4
_KEPT = 0.7  # of its height: a highlight that has less is lost
_SLACK_PX = 2  # that registration leaves
_FEW = 6.0  # glints: fewer in the capture, and one invented one is still a small share
_LEAST_CONTRAST, _LEAST_EDGE = 5.0, 26.0  # levels that a tile must have had
_LEAST_EDGE_PX = 24
_WORST = 5.0  # percentile of tiles
_LEAST_TILES = 3


@dataclass(frozen=True, eq=False)
class Speculars:
    """Shares, 0..1 and a little beyond; None where the capture had too little to lose.

    Parameters
    ----------
    highlights_kept : float or None
        Of the capture's small highlights, by size and height, that are still there.
    highlights_invented : float
        Of highlights that the capture has not, against those that it has.
    contrast_kept, edges_kept : float or None
        Of local contrast over 3 to 12 px, and of the steepness of edges, in the worst twentieth of tiles.
    lost, invented : (H, W) uint8
        255 where.
    contrast, edges : (rows, columns) float32
        Kept by tile of 32 px; 1 where nothing was measured.
    """

    highlights_kept: float | None
    highlights_invented: float
    contrast_kept: float | None
    edges_kept: float | None
    lost: NDArray[np.uint8]
    invented: NDArray[np.uint8]
    contrast: Float32
    edges: Float32


def measure_speculars(luma: Float32, before: Float32) -> Speculars:
    """Measure what a picture kept of its capture's highlights, contrast and edges.

    Parameters
    ----------
    luma, before : (H, W) float32, code values, 0..255
        The picture and its capture on the same pixels.

    Notes
    -----
    The capture is first laid through the tone curve that best explains the picture, so that a curve loses nothing.
    A highlight is what a top-hat finds: narrower than 1.2 % of the long side, at least 40 levels above what is around.

    Examples
    --------
    >>> ring = np.full((128, 128), 60, np.float32)
    >>> for x in range(20, 120, 12):
    ...     ring[60:63, x : x + 3] = 250
    >>> dull = ring.copy()
    >>> dull[:, :64] = 60
    >>> round(measure_speculars(dull, ring).highlights_kept, 2)  # five of nine
    0.56
    """
    toned = _toned(before, luma)
    lost, invented, kept, more = _highlights(luma, toned)
    contrast, contrast_kept = _share(_band(luma), _band(toned), _LEAST_CONTRAST)
    edges, edges_kept = _steepness(luma, toned)
    return Speculars(kept, more, contrast_kept, edges_kept, lost, invented, contrast, edges)


def _toned(before: Float32, after: Float32) -> Float32:
    """The capture through the rising curve that medians of the picture by its lightness give."""
    small = [each[::4, ::4].ravel() for each in (cv2.blur(before, (5, 5)), cv2.blur(after, (5, 5)))]
    bins = np.clip(small[0].astype(np.int32) // 8, 0, 31)
    at, to = [], []
    for each in range(32):
        here = bins == each
        if here.sum() >= 12:
            at.append(float(small[0][here].mean()))
            to.append(float(np.median(small[1][here])))
    if len(at) < 2:
        return before + np.float32(np.median(small[1] - small[0]))
    to_ = np.maximum.accumulate(to)
    ends_at, ends_to = [-1.0, *at, 256.0], [to_[0] - at[0] - 1, *to_, to_[-1] + 256 - at[-1]]
    table = np.interp(np.arange(256), ends_at, ends_to).astype(np.float32)
    index = np.clip(before, 0, 254.999)
    low = index.astype(np.int32)
    return np.asarray(table[low] + (index - low) * (table[low + 1] - table[low]), np.float32)


def _highlights(luma: Float32, toned: Float32) -> tuple[NDArray[np.uint8], NDArray[np.uint8], float | None, float]:
    reach = max(3, round(_GLINT_SHARE * max(luma.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    now, then = (cv2.morphologyEx(each, cv2.MORPH_TOPHAT, disc) for each in (luma, toned))
    lost, gone, had = _missing(then, now, toned)
    made, new, has = _missing(now, then, luma)
    return lost, made, None if had == 0 else 1 - gone / had, new / max(had, has - new, _FEW * _GLINT_LEVELS)


def _missing(here: Float32, there: Float32, luma: Float32) -> tuple[NDArray[np.uint8], float, float]:
    """Mark highlights of one top-hat that the other has not; their weight, and that of all."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        ((here > _GLINT_LEVELS) & (luma > _GLINT_LUMA)).astype(np.uint8), connectivity=8
    )
    slack = cv2.dilate(there, np.ones((2 * _SLACK_PX + 1,) * 2, np.uint8))
    marked = np.zeros(here.shape, np.uint8)
    whole = missing = 0.0
    for number in range(1, len(stats)):
        x, y, wide, high, area = (int(each) for each in stats[number])
        if area < _LEAST_GLINT_PX:
            continue
        part = np.s_[y : y + high, x : x + wide]
        own = labels[part] == number
        height = float(here[part][own].mean())
        weight = height * float(np.sqrt(area))
        whole += weight
        if float(slack[part][own].mean()) < _KEPT * height:
            missing += weight
            marked[part][own] = 255
    return marked, missing, whole


def _band(luma: Float32) -> Float32:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.5) - cv2.GaussianBlur(luma, (0, 0), 6.0), np.float32)


def _share(after: Float32, before: Float32, least: float) -> tuple[Float32, float | None]:
    """Root mean squares by tile, after as share of before, and the worst twentieth's."""
    had, has = (np.sqrt(_by_tile(each * each)) for each in (before, after))
    known = had > least
    kept = np.where(known, has / np.maximum(had, 1e-3), 1).astype(np.float32)
    return kept, float(np.percentile(kept[known], _WORST)) if known.sum() >= _LEAST_TILES else None


def _steepness(luma: Float32, toned: Float32) -> tuple[Float32, float | None]:
    now, then = (_slope(each) for each in (luma, toned))
    edge = (then > _LEAST_EDGE).astype(np.float32)
    now = cv2.dilate(now, np.ones((3, 3), np.uint8))  # registration leaves a pixel
    then = cv2.dilate(then, np.ones((3, 3), np.uint8))
    many = _by_tile(edge) * TILE_PX * TILE_PX
    known = many >= _LEAST_EDGE_PX
    kept = np.where(known, _by_tile(now * edge) / np.maximum(_by_tile(then * edge), 1e-3), 1).astype(np.float32)
    return kept, float(np.percentile(kept[known], _WORST)) if known.sum() >= _LEAST_TILES else None


def _slope(luma: Float32) -> Float32:
    """Central differences, levels a pixel."""
    down = cv2.filter2D(luma, cv2.CV_32F, np.array([[-0.5], [0], [0.5]], np.float32))
    across = cv2.filter2D(luma, cv2.CV_32F, np.array([[-0.5, 0, 0.5]], np.float32))
    return np.asarray(cv2.magnitude(down, across), np.float32)


def _by_tile(values: Float32) -> Float32:
    """Means of whole tiles, at least one."""
    rows, cols = (max(1, each // TILE_PX) for each in values.shape)
    inner = np.ascontiguousarray(values[: rows * TILE_PX, : cols * TILE_PX])
    return np.asarray(cv2.resize(inner, (cols, rows), interpolation=cv2.INTER_AREA), np.float32).reshape(rows, cols)
