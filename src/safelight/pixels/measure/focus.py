"""How sharp edges are, in pixels: the width of blur at 100 %, and whether it has a direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.light import luminance_of, table_of, weights_of
from safelight.pixels.color.spaces import Pixels
from safelight.pixels.measure.ranked import median, percentiles

FocusKind = Literal["sharp", "defocus", "motion", "cant_tell"]

# Widths of the derivative filters in px: a pair (a, 2a) resolves blur from a/2 to about 2.5 a.
_SCALES = (0.8, 1.6, 3.2, 6.4)
# The central difference itself is a box of 2 px: 4 / 12 more variance along the gradient. On every second px it is one
# of 4, and reading between two px adds 1 / 6 of their distance squared on average.
_VARIANCES = tuple(
    scale**2 + step**2 / 3 + (step**2 / 6 if step > 1 else 0) for scale, step in zip(_SCALES, (1, 1, 2, 4), strict=True)
)
_BINS = 8
_LEAST_EDGES = 40
_MOST_EDGES = 1000  # of one crop
# A subject's own soft edges (folds, shading) are wider than the lens made them: the sharp quarter tells of the lens.
_SHARP_SHARE = 25
_MOTION_RATIO = 1.6


@dataclass(frozen=True)
class Edges:
    """Edge points: blur in px by three pairs of scales, fine to wide; strength and direction of the gradient."""

    fine_px: NDArray[np.float32]
    coarse_px: NDArray[np.float32]
    wide_px: NDArray[np.float32]
    strength: NDArray[np.float32]
    angle_deg: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.fine_px)

    @cached_property
    def typical_px(self) -> float:
        """Blur of the sharp quarter among the stronger half, in px; NaN for fewer than 40 edges."""
        if len(self) < _LEAST_EDGES:
            return float("nan")
        return _blur(self, self.strength >= median(self.strength))


@dataclass(frozen=True)
class Focus:
    """Blur of a picture at 100 %.

    `blur_px` is the Gaussian sigma of the blur in its worst direction, `least_px` in its best; NaN where it cannot be
    told. `direction_deg` is that of the movement (0 along a row, 90 along a column, counter-clockwise as one sees it)
    and `motion_px` its length; both NaN without motion. `edges` is the number of edge points they rest on.
    """

    kind: FocusKind
    blur_px: float
    least_px: float
    direction_deg: float
    motion_px: float
    edges: int


def focus_luma(luminance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scale on which edges are measured: the square root of linear light, which evens out photon noise.

    Parameters
    ----------
    luminance : (H, W) float32, linear light, 1.0 = white
        NaN and negative values count as 0; values above 4 as 4.
    """
    return np.sqrt(np.fmin(np.fmax(luminance, np.float32(0.0)), np.float32(4.0)), dtype=np.float32)


def focus_luma_of(pixels: Pixels, space: str) -> NDArray[np.float32]:
    """Return the scale on which edges are measured for code values of a space.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32
    space : str

    Returns
    -------
    (H, W) float32
        As `focus_luma` of their luminance. Of 8-bit codes the three are weighted first, and the sum is looked up, in a
        quarter of the time: the same for grays, up to a quarter lower for saturated colors; edges are as wide.
    """
    if pixels.dtype != np.uint8 or space.startswith("linear"):
        return focus_luma(luminance_of(pixels, space))
    gray = cv2.transform(cast(Any, pixels), weights_of(space))
    return np.asarray(cv2.LUT(gray, _lumas_of_codes(space)), np.float32).reshape(pixels.shape[:2])


@cache
def _lumas_of_codes(space: str) -> NDArray[np.float32]:
    return np.sqrt(table_of(space, "uint8"))


def find_edges(luma: NDArray[np.float32], *, mask: NDArray[np.bool_] | None = None) -> Edges:
    """Find edges and measure how blurred each of them is.

    A step edge blurred by sigma and looked at through a Gaussian derivative of
    width a has a gradient of height 1 / sqrt(2 pi (sigma² + a²)). Two widths
    a < b give the ratio R of the heights, and sigma² = (b² - R² a²) / (R² - 1).

    Parameters
    ----------
    luma : (H, W) float32 from `focus_luma`
        A crop of the picture at 100 %.
    mask : (H, W) bool, optional
        Where edges count; everywhere by default.

    Returns
    -------
    Edges
        Ridges of the gradient that stand clear of the noise, at least 6 px off the crop's border; none in a crop
        smaller than 24 px.

    References
    ----------
    S. Zhuo and T. Sim, Defocus map estimation from a single image, Pattern Recognition 44 (2011); J. Immerkaer, Fast
    noise variance estimation, Computer Vision and Image Understanding 64 (1996).
    """
    if min(luma.shape) < 24:
        none = np.zeros(0, np.float32)
        return Edges(none, none, none, none, none)
    soft = _blurred(luma, _SCALES[1])
    g2, x2, y2 = _gradient(soft, 1)
    strong = g2 > max(0.012, 5.0 * _noise_of_gradient(luma))
    strong[:6] = strong[-6:] = False
    strong[:, :6] = strong[:, -6:] = False
    if mask is not None:
        strong &= mask
    places = _thinned(np.flatnonzero(strong), 5 * _MOST_EDGES)
    places = _thinned(places[_is_ridge(g2, x2, y2, places)], _MOST_EDGES)
    rows, columns = np.divmod(places, luma.shape[1])
    # What is blurred by several px is looked at on every second px, then on every fourth: a quarter of the work each.
    half = _blurred(soft[::2, ::2], math.sqrt(_SCALES[2] ** 2 - _SCALES[1] ** 2) / 2)
    quarter = _blurred(half[::2, ::2], math.sqrt(_SCALES[3] ** 2 - _SCALES[2] ** 2) / 4)
    heights = [_gradient_at(_blurred(luma, _SCALES[0]), places), g2.ravel()[places]]
    heights += [_sampled(_gradient(each, step)[0], rows, columns, step) for each, step in ((half, 2), (quarter, 4))]
    fine, coarse, wide = (_sigma(heights[n], heights[n + 1], _VARIANCES[n], _VARIANCES[n + 1]) for n in range(3))
    angle = np.degrees(np.arctan2(y2.ravel()[places], x2.ravel()[places])) % 180.0
    return Edges(fine, coarse, wide, heights[1], angle.astype(np.float32))


def measure_focus(crops: Sequence[Edges], *, limit_px: float = 1.2) -> Focus:
    """Tell how sharp a picture is from the edges in several crops of it.

    Half of the crops with the sharpest edges speak for the picture: what lies
    before or behind the plane of focus is meant to be soft. Their edges are
    sorted by direction; a blur that differs by direction is movement.

    Parameters
    ----------
    crops : sequence of Edges, one a crop
    limit_px : float, px
        Blur up to which a picture counts as sharp.

    Notes
    -----
    Movement over L px is a box filter with a sigma of L / sqrt(12); its length is good to a factor of about 2.
    """
    edges = _join(_sharper_half([each for each in crops if len(each) >= _LEAST_EDGES]))
    by_direction = {angle: blur for angle, blur in _by_direction(edges) if blur is not None}
    if len(by_direction) < 2:
        return Focus("cant_tell", np.nan, np.nan, np.nan, np.nan, len(edges))
    worst_deg = max(by_direction, key=by_direction.__getitem__)
    # The mean of the two softest directions: one of sixteen numbers is an outlier too easily.
    worst = float(np.mean(sorted(by_direction.values())[-2:]))
    best = min(by_direction.values())
    if worst <= limit_px:
        return Focus("sharp", worst, best, np.nan, np.nan, len(edges))
    if worst / best >= _MOTION_RATIO and len(by_direction) >= _BINS // 2:
        length = float(np.sqrt(12.0 * max(worst**2 - best**2, 0.0)))
        return Focus("motion", worst, best, _axis(by_direction, worst_deg), length, len(edges))
    return Focus("defocus", worst, best, np.nan, np.nan, len(edges))


def _thinned(places: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Every n-th of very many: texture of ten thousand edges tells no more than a sixth of them."""
    return places[:: -(-len(places) // most) or 1]


def _blurred(luma: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    return np.asarray(
        cv2.GaussianBlur(np.ascontiguousarray(luma), (0, 0), scale, borderType=cv2.BORDER_REFLECT_101), np.float32
    )


def _gradient(
    soft: NDArray[np.float32], step: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Height of the gradient per px of the picture, and its two parts; `soft` has every `step`-th px."""
    per_px = 1 / (32 * step)
    across, down = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=per_px), cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=per_px)
    height = cv2.magnitude(across, down)
    return np.asarray(height, np.float32), np.asarray(across, np.float32), np.asarray(down, np.float32)


def _gradient_at(soft: NDArray[np.float32], places: NDArray[np.intp]) -> NDArray[np.float32]:
    """Height of the gradient at places (flat, none at the border) as `_gradient` has it, in a third of its time."""
    flat, row = soft.ravel(), soft.shape[1]
    above, here, below = ([flat.take(places + (down * row + right)) for right in (-1, 0, 1)] for down in (-1, 0, 1))
    across = 3.0 * (above[2] - above[0] + below[2] - below[0]) + 10.0 * (here[2] - here[0])
    down = 3.0 * (below[0] - above[0] + below[2] - above[2]) + 10.0 * (below[1] - above[1])
    return np.asarray(np.hypot(across, down) * np.float32(1 / 32), np.float32)


def _sampled(
    height: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp], step: int
) -> NDArray[np.float32]:
    """Heights at px of the picture, from a field that has every `step`-th."""
    if not len(rows):
        return np.zeros(0, np.float32)
    x, y = ((each / step).astype(np.float32).reshape(1, -1) for each in (columns, rows))
    # OpenCV takes 32,767 px a side.
    parts = [
        cv2.remap(
            height,
            x[:, at : at + 32_000],
            y[:, at : at + 32_000],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for at in range(0, x.shape[1], 32_000)
    ]
    return np.concatenate([np.asarray(each, np.float32).ravel() for each in parts])


def _noise_of_gradient(luma: NDArray[np.float32]) -> float:
    # Immerkaer's mask cancels edges; the median instead of his mean leaves texture out too. A Gaussian derivative of
    # width a passes 1 / (sqrt(8 pi) a²) of the noise along each axis.
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    # The middle half each way: the median of some ten thousand px is as good.
    rows, columns = (slice(each // 4, each // 4 + max(8, each // 2)) for each in luma.shape)
    noise = median(np.abs(cv2.filter2D(luma[rows, columns], cv2.CV_32F, mask)[::2, ::2])) / (0.6745 * 6.0)
    return noise / (math.sqrt(8.0 * math.pi) * _SCALES[1] ** 2)


def _is_ridge(
    height: NDArray[np.float32], across: NDArray[np.float32], down: NDArray[np.float32], places: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the gradient at places (flat, none at the border) is not lower than its two neighbors along itself.

    To the nearest 45 degrees.
    """
    x, y, flat = across.ravel()[places], down.ravel()[places], height.ravel()
    # tan 22.5 and 67.5 degrees part the four directions.
    wide, tall = np.abs(x) * np.float32(0.41421356), np.abs(y) * np.float32(0.41421356)
    dx, dy = (np.abs(x) > tall) * np.sign(x), (np.abs(y) > wide) * np.sign(y)
    step = (dy * height.shape[1] + dx).astype(np.intp)
    # Whichever way the gradient points, of two equal neighbors the first in reading order is kept.
    step = np.abs(step)
    here = flat[places]
    return np.asarray((here >= flat[places + step]) & (here > flat[places - step]))


def _sigma(fine: NDArray[np.float32], coarse: NDArray[np.float32], narrow: float, wide: float) -> NDArray[np.float32]:
    """Blur from the heights of two gradients and the variances of what they were taken with."""
    ratio = (fine / np.maximum(coarse, 1e-9)) ** 2
    squared = (wide - ratio * narrow) / np.maximum(ratio - 1.0, 1e-4)
    return np.sqrt(np.clip(squared, 0.04, 100.0)).astype(np.float32)


def _blur(edges: Edges, chosen: NDArray[np.bool_]) -> float:
    def sharp_part(pair: NDArray[np.float32]) -> float:
        return float(percentiles(pair[chosen], (_SHARP_SHARE,))[0])

    # Beyond 2.5 times its narrow filter a pair sees a ramp, not an edge. The widest pair reads too little where a
    # second edge is near, so it may only raise the number.
    fine = sharp_part(edges.fine_px)
    if fine < 2.0:
        return fine
    coarse = sharp_part(edges.coarse_px)
    return coarse if coarse < 3.0 else max(coarse, sharp_part(edges.wide_px))


def _sharper_half(crops: list[Edges]) -> list[Edges]:
    ranked = sorted(crops, key=lambda each: each.typical_px)
    return ranked[: max(4, (len(ranked) + 1) // 2)]


def _join(crops: list[Edges]) -> Edges:
    names = ("fine_px", "coarse_px", "wide_px", "strength", "angle_deg")
    none = np.zeros(0, np.float32)
    return Edges(*(np.concatenate([none, *(getattr(each, name) for each in crops)]) for name in names))


def _by_direction(edges: Edges) -> list[tuple[float, float | None]]:
    """Blur for each direction of the gradient; None where too few edges run that way."""
    found: list[tuple[float, float | None]] = []
    for angle in np.arange(_BINS) * (180.0 / _BINS):
        off = np.abs((edges.angle_deg - angle + 90.0) % 180.0 - 90.0)
        near = off < 180.0 / _BINS * 0.75
        if near.sum() < _LEAST_EDGES:
            found.append((float(angle), None))
            continue
        strong = near & (edges.strength >= percentiles(edges.strength[near], (60,))[0])
        found.append((float(angle), _blur(edges, strong)))
    return found


def _axis(by_direction: dict[float, float], fallback: float) -> float:
    """The axis along which blur is widest: the phase of its second harmonic, since directions repeat every 180 deg."""
    total = sum(blur**2 * np.exp(2j * np.radians(angle)) for angle, blur in by_direction.items())
    if len(by_direction) < _BINS or abs(total) < 1e-6:
        return -fallback % 180.0
    return float(-np.degrees(np.angle(total)) / 2.0 % 180.0)
