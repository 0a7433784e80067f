"""What of a clipping path a person should look at again, at several zooms: thin lines and sharp corners."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.bezier import Knot, Subpath

_ZOOMS = (1.0, 2.0, 4.0)  # 100, 200 and 400 %: a miss of half a pixel shows from 200 % on
_SHARP_DEG = 80.0  # turns by more end in a point


@dataclass(frozen=True)
class PathPlace:
    """A place to look at.

    `kind` is ``"thin_line"`` (`value`: its width in px) or ``"sharp_corner"`` (`value`: degrees it turns by);
    `box` is (x0, y0, x1, y1) in 0..1 of the picture, some 24 px around the place; `zooms` say how near to look.
    """

    kind: str
    box: tuple[float, float, float, float]
    value: float
    zooms: tuple[float, ...] = _ZOOMS


def list_path_places(
    path: tuple[Subpath, ...], alpha: NDArray[np.float32] | NDArray[np.uint16], *, thin_px: float = 6.0
) -> tuple[PathPlace, ...]:
    """List what prepress desks check twice.

    Parameters
    ----------
    path : tuple of subpaths
        From `fit_path` of the same matte.
    alpha : (H, W) float32 0..1, or uint16 with 65535 = 1
    thin_px : float, px
        A part of the subject narrower than this over at least its own width is a thin line.

    Returns
    -------
    tuple of PathPlace
        Corners first, sharpest first; then lines, thinnest first.

    Examples
    --------
    >>> from safelight.pixels.matte.bezier import fit_path
    >>> from safelight.pixels.matte.contour import trace_contours
    >>> alpha = np.zeros((80, 120), np.float32); alpha[20:60, 20:60] = 1; alpha[38:41, 60:110] = 1
    >>> kinds = [each.kind for each in list_path_places(fit_path(trace_contours(alpha)), alpha)]
    >>> kinds.count("thin_line"), kinds.count("sharp_corner") >= 4
    (1, True)
    """
    height, width = alpha.shape
    corners = [(turn, knot) for knots in path for knot in knots if knot.corner and (turn := _turn(knot)) > _SHARP_DEG]
    found = [
        PathPlace("sharp_corner", _box(knot.x, knot.y, knot.x, knot.y, (width, height)), round(turn, 1))
        for turn, knot in sorted(corners, key=lambda each: -each[0])
    ]
    return (*found, *_thin_lines(alpha, thin_px))


def _turn(knot: Knot) -> float:
    into = atan2(knot.y - knot.into[1], knot.x - knot.into[0])
    out = atan2(knot.out[1] - knot.y, knot.out[0] - knot.x)
    return abs((degrees(out - into) + 180) % 360 - 180)


def _thin_lines(alpha: NDArray[np.float32] | NDArray[np.uint16], thin_px: float) -> list[PathPlace]:
    """What an opening of `thin_px` takes away, if it is longer than wide and not the rim of something thick."""
    half = 0.5 if alpha.dtype == np.float32 else 32767
    solid = (alpha > half).astype(np.uint8)
    size = round(thin_px) | 1
    opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    lost = solid & ~cv2.dilate(opened, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lost, connectivity=8)
    inside = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    found = []
    for label, (x, y, w, h, area) in enumerate(stats):
        if label == 0 or max(w, h) < 2 * thin_px:
            continue
        piece = labels[y : y + h, x : x + w] == label
        wide = 2 * float(inside[y : y + h, x : x + w][piece].max())
        if area <= 1.2 * wide * np.hypot(w, h):
            found.append(PathPlace("thin_line", _box(x, y, x + w, y + h, solid.shape[::-1]), round(wide, 1)))
    return sorted(found, key=lambda each: each.value)


def _box(
    x0: float, y0: float, x1: float, y1: float, size: tuple[int, ...], air: float = 12.0
) -> tuple[float, float, float, float]:
    width, height = size
    return (
        max(0.0, (x0 - air) / width),
        max(0.0, (y0 - air) / height),
        min(1.0, (x1 + air) / width),
        min(1.0, (y1 + air) / height),
    )
