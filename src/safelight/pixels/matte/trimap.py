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


def widen_soft_edges(
    trimap: Trimap, mask: NDArray[np.bool_], rough: NDArray[np.float32], *, deepest_px: float
) -> Trimap:
    """Open the band further where the subject lets the backdrop through: hair, fur, blur.

    Parameters
    ----------
    trimap : Trimap
        With a narrow band.
    mask : (H, W) bool
        The subject.
    rough : (H, W) float32
        A first alpha.
    deepest_px : float, px
        No deeper than this into the subject.

    Returns
    -------
    Trimap
        Known subject shrunk to where the first alpha, averaged over some px, says it is solid.

    Notes
    -----
    The average keeps a white stripe that runs out at the contour from being taken for hair.
    """
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    weight = mask.astype(np.float32)
    size = (0, 0)
    spread = deepest_px / 2
    mean = cv2.GaussianBlur(np.clip(rough, 0, 1) * weight, size, spread) / np.maximum(
        cv2.GaussianBlur(weight, size, spread), 1e-3
    )
    soft = mask & (inside <= deepest_px) & (mean < 0.85) & (rough < 0.95)
    return Trimap(np.asarray(trimap.subject & ~soft), trimap.background)
