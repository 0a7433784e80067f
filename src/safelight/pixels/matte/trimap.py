"""Divide a picture into known subject, known backdrop, and the band between where alpha is worked out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Trimap:
    """Known subject, known background, and the rest.

    Parameters
    ----------
    subject, background : (H, W) bool
        Where alpha is surely 1, surely 0. They do not overlap.
    """

    subject: NDArray[np.bool_]
    background: NDArray[np.bool_]

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """(H, W) bool: the band."""
        return np.asarray(~(self.subject | self.background))

    def as_gray(self) -> NDArray[np.uint8]:
        """(H, W) uint8 to look at: 255 subject, 0 background, 128 unknown."""
        gray = np.full(self.subject.shape, 128, np.uint8)
        gray[self.subject], gray[self.background] = 255, 0
        return gray


def make_trimap(mask: NDArray[np.bool_], *, inside_px: float, outside_px: float) -> Trimap:
    """Leave a band along a mask's contour open.

    Parameters
    ----------
    mask : (H, W) bool
        The subject.
    inside_px, outside_px : float, px
        Width of the band on either side of the contour.

    Returns
    -------
    Trimap
        The frame's own edge is no contour: a subject cut by it is known there.

    Examples
    --------
    >>> mask = np.zeros((9, 20), bool); mask[:, 10:] = True
    >>> make_trimap(mask, inside_px=2, outside_px=3).as_gray()[4].tolist()[6:13]
    [0, 128, 128, 128, 128, 128, 255]
    """
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return Trimap(np.asarray(mask & (inside > inside_px)), np.asarray(~mask & (outside > outside_px)))


def find_soft_edges(
    mask: NDArray[np.bool_], rough: NDArray[np.float32], misfit: NDArray[np.float32], *, scale: float = 1.0
) -> NDArray[np.bool_]:
    """Find where a subject fades out: hair, fur, blur.

    Parameters
    ----------
    mask : (H, W) bool
        The subject, out to its faintest pixel.
    rough : (H, W) float32
        A first alpha, with the subject's colors taken from well inside.
    misfit : (H, W) float32
        How far the color is from any mix of both sides, as a share of their distance.
    scale : float
        Pixels per pixel of a 1600 px picture.

    Returns
    -------
    (H, W) bool
        The outer 12 px of the mask where it is soft.

    Notes
    -----
    A hard edge jumps within 3 px and then stays, at whatever level: a pink lining of a black watch has a rough alpha
    of one half and is as solid as the rest. A soft one gains twice as much again by 7 px; hair, told by
    its fine streaks, at least as much again.

    Examples
    --------
    >>> mask = np.ones((40, 40), bool); mask[:, :8] = False
    >>> ramp = np.clip(np.tile(np.arange(-8, 32, dtype=np.float32), (40, 1)) / 10, 0, 1)
    >>> bool(find_soft_edges(mask, ramp, ramp * 0)[20, 12])
    True
    >>> bool(find_soft_edges(mask, np.float32(mask) * 0.5, ramp * 0)[20, 12])
    False
    """
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5) / scale
    level = np.clip(rough, 0, 1)
    near = _ring_mean(level, (inside > 0.5) & (inside < 3.2), scale)
    further = _ring_mean(level, (inside > 4) & (inside < 7.5), scale)
    fine = np.abs(level - cv2.blur(level, (3, 3)))
    strands = _ring_mean(fine, (inside > 3) & (inside < 9), scale) > 0.04
    # A ramp 10 px wide has a ratio of 0.3; a lining or a lit fold over 0.45; strands of hair may start at half.
    soft = (near < np.where(strands, 0.55, 0.38) * further) & (further > 0.1)
    # A color that is no mix of both sides is another material.
    soft &= _ring_mean(misfit, (inside > 1) & (inside < 6), scale) < 0.08
    wide = cv2.dilate(soft.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(mask & (inside <= 12) & wide)


def _ring_mean(level: NDArray[np.float32], ring: NDArray[np.bool_], scale: float) -> NDArray[np.float32]:
    """Mean of a ring around each pixel; -1 where the ring is not near."""
    size = (2 * round(8 * scale) + 1,) * 2
    weight = ring.astype(np.float32)
    mass = cv2.blur(weight, size)
    mean = cv2.blur(level * weight, size) / np.maximum(mass, 1e-6)
    return np.asarray(np.where(mass > 0.01, mean, -1), np.float32)
