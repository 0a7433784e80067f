"""How sharp edges are, in pixels: the width of blur at 100 %, and whether it has a direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

FocusKind = Literal["sharp", "defocus", "motion", "cant_tell"]

# Widths of the derivative filters in px: a pair (a, 2a) resolves blur from a/2 to about 2.5 a.
_SCALES = (0.8, 1.6, 3.2, 6.4)
_BINS = 8
_LEAST_EDGES = 40
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
    clean = np.nan_to_num(luminance, nan=0.0, posinf=4.0, neginf=0.0)
    return np.sqrt(np.clip(clean, 0.0, 4.0), dtype=np.float32)


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
    (g1, _, _), (g2, x2, y2), (g3, _, _), (g4, _, _) = (_gradient(luma, scale) for scale in _SCALES)
    keep = _ridges(g2, x2, y2) & (g2 > max(0.012, 5.0 * _noise_of_gradient(luma)))
    keep[:6] = keep[-6:] = False
    keep[:, :6] = keep[:, -6:] = False
    if mask is not None:
        keep &= mask
    angle = np.degrees(np.arctan2(y2[keep], x2[keep])) % 180.0
    fine = _sigma(g1[keep], g2[keep], _SCALES[0], _SCALES[1])
    coarse = _sigma(g2[keep], g3[keep], _SCALES[1], _SCALES[2])
    wide = _sigma(g3[keep], g4[keep], _SCALES[2], _SCALES[3])
    return Edges(fine, coarse, wide, g2[keep], angle.astype(np.float32))


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


def typical_blur(edges: Edges) -> float:
    """Return the blur of the sharp quarter among the stronger half of `edges`, in px; NaN for fewer than 40 edges."""
    if len(edges) < _LEAST_EDGES:
        return float("nan")
    strong = edges.strength >= np.median(edges.strength)
    return _blur(edges, strong)


def _gradient(
    luma: NDArray[np.float32], scale: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    soft = cv2.GaussianBlur(luma, (0, 0), scale, borderType=cv2.BORDER_REFLECT_101)
    across, down = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32), cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32)
    height = cv2.magnitude(across, down)
    return np.asarray(height, np.float32), np.asarray(across, np.float32), np.asarray(down, np.float32)


def _noise_of_gradient(luma: NDArray[np.float32]) -> float:
    # Immerkaer's mask cancels edges; the median instead of his mean leaves texture out too. A Gaussian derivative of
    # width a passes 1 / (sqrt(8 pi) a²) of the noise along each axis.
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    noise = float(np.median(np.abs(cv2.filter2D(luma, cv2.CV_32F, mask)))) / (0.6745 * 6.0)
    return noise / (math.sqrt(8.0 * math.pi) * _SCALES[1] ** 2)


def _ridges(height: NDArray[np.float32], across: NDArray[np.float32], down: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the gradient is not lower than its two neighbors along its own direction, to the nearest 45 degrees."""
    octant = np.round(np.arctan2(down, across) * (4 / np.pi)).astype(np.int8) % 4
    padded = cv2.copyMakeBorder(height, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    found = np.zeros(height.shape, bool)
    rows, columns = height.shape
    for each, (dx, dy) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
        ahead = padded[1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
        behind = padded[1 - dy : 1 - dy + rows, 1 - dx : 1 - dx + columns]
        found |= (octant == each) & (height >= ahead) & (height > behind)
    return found


def _sigma(fine: NDArray[np.float32], coarse: NDArray[np.float32], narrow: float, wide: float) -> NDArray[np.float32]:
    # The central difference itself is a box of 2 px: 4 / 12 more variance along the gradient.
    ratio = (fine / np.maximum(coarse, 1e-9)) ** 2
    squared = (wide**2 + 1 / 3 - ratio * (narrow**2 + 1 / 3)) / np.maximum(ratio - 1.0, 1e-4)
    return np.sqrt(np.clip(squared, 0.04, 100.0)).astype(np.float32)


def _blur(edges: Edges, chosen: NDArray[np.bool_]) -> float:
    fine, coarse, wide = (
        float(np.percentile(pair[chosen], _SHARP_SHARE)) for pair in (edges.fine_px, edges.coarse_px, edges.wide_px)
    )
    # Beyond 2.5 times its narrow filter a pair sees a ramp, not an edge. The widest pair reads too little where a
    # second edge is near, so it may only raise the number.
    if fine < 2.0:
        return fine
    return coarse if coarse < 3.0 else max(coarse, wide)


def _sharper_half(crops: list[Edges]) -> list[Edges]:
    ranked = sorted(crops, key=typical_blur)
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
        strong = near & (edges.strength >= np.percentile(edges.strength[near], 60))
        found.append((float(angle), _blur(edges, strong)))
    return found


def _axis(by_direction: dict[float, float], fallback: float) -> float:
    """The axis along which blur is widest: the phase of its second harmonic, since directions repeat every 180 deg."""
    total = sum(blur**2 * np.exp(2j * np.radians(angle)) for angle, blur in by_direction.items())
    if len(by_direction) < _BINS or abs(total) < 1e-6:
        return -fallback % 180.0
    return float(-np.degrees(np.angle(total)) / 2.0 % 180.0)
