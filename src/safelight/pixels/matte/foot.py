"""Find where a product ends and its own shadow begins, along its foot."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.lightness import Contrast, tint_of
from safelight.pixels.matte.parts import grown

_DEEPEST = -90.0  # L* below the backdrop: the very foot of a black product stands in a shadow nearly as dark as it
_REACH_PX = 30  # no farther from the known shadow
_SEED_PX = 25  # what lies this deep in the subject is subject
_STEEPER = 1.4  # of the new border against the old: measured between 1.0 and 1.5, crumbs against white faces eaten
_CARRIES_ON = 0.6  # of a piece's depth, that the shadow beside it has: a shadow does not end at a contour


def find_shadow_foot(
    subject: NDArray[np.bool_], shadow: NDArray[np.bool_], contrast: Contrast, *, color_tolerance: float
) -> NDArray[np.bool_]:
    """Find what is left of a shadow along the subject's foot, where bridged contours kept the flood away.

    Parameters
    ----------
    subject, shadow : (H, W) bool
        What was taken for subject, and the shadow beside it.
    contrast : Contrast
        The picture against its backdrop.
    color_tolerance : float, units of a*, b*
        As in `find_soft_shadow`.

    Returns
    -------
    (H, W) bool
        Part of `subject`.

    Notes
    -----
    Colorless, darker pixels near the shadow are flooded from the shadow and from the subject's inside, lowest step
    first (watershed): the two meet at the contour, also where it has gaps. A piece goes only if its border with the
    rest is steeper than the one it had with the shadow, and if the shadow beside it is nearly as deep: a white
    face has its own contour behind it and bare paper before it.

    References
    ----------
    F. Meyer, "Color image segmentation", 1992 (watershed from markers).

    Examples
    --------
    >>> x = np.tile(np.arange(80, dtype=np.float32), (60, 1))
    >>> fade = Contrast(np.where(x < 40, -70, -30 + (x - 40) * 0.75).astype(np.float32), x * 0)
    >>> foot = find_shadow_foot(x < 52, (x >= 52) & (x < 78), fade, color_tolerance=2.0)
    >>> bool(foot[30, 45:51].all()), bool(foot[30, :38].any())
    (True, False)
    """
    depth = np.maximum(-contrast.lightness, 0)
    inside = cv2.distanceTransform(subject.astype(np.uint8), cv2.DIST_L2, 3)
    near = grown(shadow, 2 * _REACH_PX + 1)
    shaded = (contrast.color < tint_of(contrast, color_tolerance)) & (contrast.lightness < 0)
    open_ground = subject & near & shaded & (contrast.lightness > _DEEPEST) & (inside < _SEED_PX)
    marks = np.where(open_ground, 0, np.where(subject, 2, 1)).astype(np.int32)
    # A quarter of an L* a step; what saturates is deeper than any shadow.
    planes = [np.clip(each, 0, 255).astype(np.uint8) for each in (2.8 * depth, 6 * contrast.color)]
    cv2.watershed(cv2.merge([*planes, np.zeros_like(planes[0])]), marks)
    foot = _that_fade(open_ground & (marks == 1), subject, contrast, depth)
    return np.asarray(grown(foot, 3) & open_ground)


def _that_fade(
    foot: NDArray[np.bool_], subject: NDArray[np.bool_], contrast: Contrast, depth: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """The pieces that belong to the shadow, not to the subject."""
    count, labels = cv2.connectedComponents(foot.astype(np.uint8), connectivity=8)

    def mean_of(plane: NDArray[np.float32], where: NDArray[np.bool_], of: NDArray[np.int32]) -> NDArray[np.float64]:
        total = np.bincount(of[where], weights=plane[where], minlength=count)
        return np.asarray(total / np.maximum(np.bincount(of[where], minlength=count), 1))

    steep = _steepness(contrast)
    beyond = ~subject
    old = mean_of(steep, foot & grown(beyond, 3), labels)
    new = mean_of(steep, foot & grown(subject & ~foot, 3), labels)
    wide = cv2.dilate(labels.astype(np.float32), np.ones((9, 9), np.uint8)).astype(np.int32)
    outer = mean_of(depth, (wide > 0) & beyond, wide)
    inner = mean_of(depth, foot & grown(beyond, 9), labels)
    keep = (new > _STEEPER * old) & (outer > _CARRIES_ON * inner)
    keep[0] = False
    return np.asarray(keep[labels])


def _steepness(contrast: Contrast) -> NDArray[np.float32]:
    """Slope of lightness and color together, the largest within a pixel."""
    across = [
        cv2.Sobel(plane, cv2.CV_32F, dx, 1 - dx, ksize=3, scale=1 / 8)
        for plane in (contrast.lightness, contrast.color)
        for dx in (0, 1)
    ]
    slope = np.sqrt(sum(each * each for each in across))
    return np.asarray(cv2.dilate(slope, np.ones((3, 3), np.uint8)), np.float32)
