"""Carry known colors into places where they are not known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def extend_colors(
    rgb: NDArray[np.float32], known: NDArray[np.float32], *, coarsest_px: int = 4, trust: float = 0.02
) -> NDArray[np.float32]:
    """Fill a picture smoothly from the pixels where it is known.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear
        Values count only where `known` is above 0.
    known : (H, W) float32, 0..1
        Trust in each pixel.
    coarsest_px : int, px
        The pyramid stops when a side is this short.
    trust : float, 0..1
        A level whose weight is at least this is used as it is; below, the next coarser level takes over in proportion.

    Returns
    -------
    (H, W, 3) float32, linear
        The known colors where they are known, the nearest ones carried smoothly elsewhere;
        0 everywhere if nothing is known.

    Notes
    -----
    Constants are kept exactly; the fill stays within the range of the known colors.

    References
    ----------
    S. J. Gortler et al., "The Lumigraph", 1996, section 3.4 (pull-push).

    Examples
    --------
    >>> rgb = np.zeros((8, 8, 3), np.float32); rgb[:, :2] = 0.25
    >>> known = np.zeros((8, 8), np.float32); known[:, :2] = 1
    >>> bool(np.allclose(extend_colors(rgb, known), 0.25))
    True
    """
    levels = []
    color, weight = _times(rgb, known), np.ascontiguousarray(known)
    while True:
        levels.append((color, weight))
        if min(weight.shape) <= coarsest_px:
            break
        color, weight = cv2.pyrDown(color), cv2.pyrDown(weight)
    color, weight = levels[-1]
    filled = _spread_mean(color, weight)
    for color, weight in reversed(levels[:-1]):
        height, width = weight.shape
        share = np.minimum(weight / np.float32(trust), np.float32(1))
        own = _times(color, share / np.maximum(weight, np.float32(1e-6)))
        filled = cv2.add(_times(cv2.pyrUp(filled, dstsize=(width, height)), 1 - share), own)
    return np.asarray(filled, dtype=np.float32)


def _times(rgb: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each channel times one weight a pixel; four times as fast as numpy's (H, W, 3) by (H, W, 1)."""
    return np.asarray(cv2.multiply(rgb, cv2.merge((weight, weight, weight))), np.float32)


def extend_nearest(
    rgb: NDArray[np.float32], known: NDArray[np.float32], *, spread_px: float = 1.8
) -> NDArray[np.float32]:
    """Fill a picture with the color of the nearest known place.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear
    known : (H, W) float32, 0..1
        Trust in each pixel; above 0 it counts as known.
    spread_px : float, px
        Standard deviation of the averaging among known colors.

    Returns
    -------
    (H, W, 3) float32, linear
        Known colors averaged among themselves, so that noise draws no streaks, then carried straight outward: a
        narrow lining keeps its own color, which `extend_colors` would mix with what lies behind it. 0 everywhere if
        nothing is known.

    Examples
    --------
    >>> rgb = np.zeros((4, 8, 3), np.float32); rgb[:, :2] = 0.25; rgb[:, 6:] = 0.75
    >>> known = np.float32(rgb[..., 0] > 0)
    >>> extend_nearest(rgb, known, spread_px=0.5)[2, :, 0].round(3).tolist()
    [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75]
    """
    if not known.any():
        return np.zeros_like(rgb)
    mass = cv2.GaussianBlur(known, (0, 0), spread_px)
    soft = _times(cv2.GaussianBlur(_times(rgb, known), (0, 0), spread_px), 1 / np.maximum(mass, np.float32(1e-6)))
    unknown = (known <= 0).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(unknown, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    # The color of each label, then of each pixel: one gather of few colors instead of one of the whole picture.
    places = np.flatnonzero(unknown.ravel() == 0)
    of_label = np.zeros((int(labels.max()) + 1, 3), np.float32)
    of_label[labels.ravel()[places]] = soft.reshape(-1, 3)[places]
    return np.asarray(of_label.take(labels, axis=0), np.float32)


def _spread_mean(color: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Own mean where there is weight, the level's mean elsewhere."""
    total = float(weight.sum())
    if total <= 0:
        return np.zeros_like(color)
    mean = color.reshape(-1, 3).sum(axis=0) / total
    share = np.minimum(weight / np.float32(0.02), 1.0)[..., None]
    return np.asarray(mean + share * (color / np.maximum(weight, 1e-6)[..., None] - mean), dtype=np.float32)
