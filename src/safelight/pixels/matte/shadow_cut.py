"""Part a subject from the shadow that clings to it: a minimum cut, and each piece it takes held against contours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.lightness import Contrast, lab_planes, tint_of
from safelight.pixels.matte.parts import Parts, grown

_DEEPEST = -60.0  # L* below the backdrop
_COLORFUL = 8.0, 0.3  # units of a*, b*, and more for each L* of depth: no shadow is tinted that much
_GRAY = 0.3  # of the subject: one that has less color than this is learned whole
_SHRINK = 3  # of work size: a cut takes its time by the pixel
_AROUND_PX = 7  # reduced: how far beyond the mask the cut may go
_ROUNDS = 2
_LEAST_PX = 18  # reduced; smaller pieces are the edge's own affair
# A shadow fades out where it ends and has the subject's contour behind it. Measured on rendered pictures: shadows have
# lines along 0.02 to 0.40 of their outer border and 0.5 to 1.0 of their inner one, faces of a product 0.67 to 1.0.
_FADES, _BEHIND, _MORE = 0.55, 0.45, 0.35
_OPEN = 0.8  # of the inner border, that the outer one has at least: measured 1.0 to 11, faces of a product 0.1 to 0.8
_TINTED = 6.5  # units of a*, b*, a shadow's mean: light from the product beside it
# Color that bleeds over a contour (chroma at half the size) is as light as the backdrop, and a few pixels wide.
_BLED_DEPTH, _BLED_COLOR, _BLED_BEHIND, _BLED_FADES, _BLED_WIDE = 4.0, 5.0, 0.95, 0.9, 3.0
_ISLAND = 0.02  # of the largest part
_AS_DARK = 1.5  # L* to what lies around: crumbs measured within 0.7, parts of products 36
_SURE_LINE = 0.9  # what ends at a line this closely is no shadow, however it is cut
_UNDECIDED = 0.05  # of the subject: when more than this is unsure, the cut is tried the other way


def find_clinging_shadow(
    rgb: NDArray[np.float32],
    mask: NDArray[np.bool_],
    contrast: Contrast,
    lines: NDArray[np.bool_],
    *,
    color_tolerance: float,
) -> NDArray[np.bool_]:
    """Find the pieces along a subject's outline that are its shadow.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        The picture at work size.
    mask : (H, W) bool
        What was taken for subject.
    contrast : Contrast
        The picture against its backdrop.
    lines : (H, W) bool
        Contours, from `find_lines`.
    color_tolerance : float, units of a*, b*
        As in `find_soft_shadow`.

    Returns
    -------
    (H, W) bool
        Part of `mask`.

    Notes
    -----
    Colors of what is surely subject and of what is surely backdrop or shadow are learned as mixtures; a minimum cut
    takes each pixel to the side its color belongs to, along contours. Whatever the cut takes off is proposed only:
    a piece goes if its outer border fades and the subject's contour lies behind it, for a gray face of a product may
    look like shadow but ends at a line. Worked out at a third of work size.

    References
    ----------
    C. Rother, V. Kolmogorov, A. Blake, "GrabCut", 2004.

    Examples
    --------
    >>> from safelight.pixels.matte.lightness import contrast_between
    >>> x = np.tile(np.arange(160, dtype=np.float32), (120, 1))
    >>> shade = np.where(x < 60, 0.25, np.clip(0.3 + (x - 60) / 60, 0.3, 0.8)).astype(np.float32)
    >>> picture = np.repeat(shade[..., None], 3, axis=2)
    >>> picture[:, :60] = (0.4, 0.05, 0.05)
    >>> plain = np.full_like(picture, 0.8)
    >>> seen = contrast_between(lab_planes(picture), lab_planes(plain))
    >>> lines = np.abs(x - 60) < 2
    >>> found = find_clinging_shadow(picture, x < 90, seen, lines, color_tolerance=2.0)
    >>> bool(found[60, 66:86].all()), bool(found[:, :56].any())
    (True, False)
    """
    size = (mask.shape[1] // _SHRINK, mask.shape[0] // _SHRINK)
    if min(size) < 2 or not mask.any():
        return np.zeros_like(mask)
    small = _reduced(mask, size) > 0.5
    color, lightness = _reduced(contrast.color, size), _reduced(contrast.lightness, size)
    seen = Contrast(lightness, color)
    alike = (color < tint_of(seen, color_tolerance)) & (lightness < 1) & (lightness > _DEEPEST)
    if (small & alike).sum() < _LEAST_PX:
        return np.zeros_like(mask)
    sure = small & _colorful(seen)
    lab, on_line = lab_planes(_reduced(rgb, size)), _reduced(lines, size) > 0
    found = np.zeros_like(small)
    for doubted in (alike, np.zeros_like(alike)):
        rest = small & ~found
        subject = _cut(lab, rest, doubted, sure)
        shadow, unsure = _that_fade(rest & ~_filled(subject, rest), rest, subject, on_line, seen)
        found |= shadow
        if unsure.sum() < _UNDECIDED * small.sum():
            break
    if not found.any():
        return np.zeros_like(mask)
    full = cv2.resize(found.astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return np.asarray(full & mask & ~_colorful(contrast))  # the cut is coarse; color is not


def find_islands(mask: NDArray[np.bool_], shadow: NDArray[np.bool_], contrast: Contrast) -> NDArray[np.bool_]:
    """Return the crumbs of a subject, (H, W) bool, that lie in its shadow and are as dark as it is all around.

    Examples
    --------
    >>> shade = np.full((60, 60), -20, np.float32)
    >>> mask = np.zeros((60, 60), bool); mask[:, :30] = mask[40:43, 45:48] = True
    >>> crumbs = find_islands(mask, ~mask, Contrast(shade, shade * 0))
    >>> int(crumbs.sum()), bool(crumbs[41, 46])
    (9, True)
    """
    parts = Parts.of(mask, connectivity=8)
    rings = parts.rings(3)
    area, around = parts.sizes(), np.maximum(rings.sizes(), 1)
    apart = np.abs(parts.means(contrast.lightness) - rings.means(contrast.lightness))
    crumb = (area < _ISLAND * area.max(initial=0)) & (rings.counts(shadow) > 0.9 * around)
    crumb &= (apart < _AS_DARK) & (parts.means(contrast.color) < _TINTED)
    crumb[0] = False
    return parts.picked(crumb)


def _colorful(contrast: Contrast) -> NDArray[np.bool_]:
    """More color than any shadow has."""
    return np.asarray(contrast.color > _COLORFUL[0] + _COLORFUL[1] * np.maximum(-contrast.lightness, 0))


def _reduced(plane: NDArray[np.float32] | NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(plane.astype(np.float32, copy=False), size, interpolation=cv2.INTER_AREA), np.float32)


def _cut(
    lab: NDArray[np.float32], mask: NDArray[np.bool_], alike: NDArray[np.bool_], sure: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The minimum cut around the mask: what keeps the subject's colors."""
    codes = np.dstack([lab[..., 0] * 2.2, lab[..., 1] * 2 + 128, lab[..., 2] * 2 + 128])
    picture = np.clip(codes, 0, 255).astype(np.uint8)
    near = grown(mask, 2 * _AROUND_PX + 1)
    marks = np.full(mask.shape, cv2.GC_BGD, np.uint8)
    marks[near] = cv2.GC_PR_BGD
    gray = (mask & ~alike).sum() < _GRAY * mask.sum()
    marks[mask if gray else mask & ~alike] = cv2.GC_PR_FGD
    marks[cv2.erode(sure.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = cv2.GC_FGD
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    window = slice(max(0, rows[0] - 8), rows[-1] + 9), slice(max(0, columns[0] - 8), columns[-1] + 9)
    inside = np.ascontiguousarray(marks[window])
    if not (inside & 1).any() or (inside & 1).all():
        return mask
    cv2.setRNGSeed(0)  # its mixtures start from random centers
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(picture[window]), inside, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    kept = np.zeros_like(mask)
    kept[window] = (inside & 1) > 0
    return kept


def _filled(subject: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The subject with whatever lies within it: only what the backdrop reaches, at the frame or in an opening, goes."""
    parts = Parts.of(~subject, connectivity=4)
    open_ground = parts.counts(~mask) > 0
    open_ground[0] = False
    return ~parts.picked(open_ground)


def _that_fade(
    gone: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    subject: NDArray[np.bool_],
    lines: NDArray[np.bool_],
    contrast: Contrast,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The pieces that end in the open and have a contour behind them; and those that do neither surely."""
    near_line = grown(lines, 3)
    parts = Parts.of(gone, connectivity=4)
    rings = parts.rings(1)
    area = parts.sizes()
    outer, inner = rings.counts(~mask), rings.counts(subject)
    fades = rings.counts(near_line & ~mask) / np.maximum(outer, 1)
    behind = rings.counts(near_line & subject) / np.maximum(inner, 1)
    color, depth = parts.means(contrast.color), parts.means(contrast.lightness)
    shade = (fades < _FADES) & ((behind > _BEHIND) & (behind - fades > _MORE) | (inner == 0)) & (color < _TINTED)
    bled = (np.abs(depth) < _BLED_DEPTH) & (color < _BLED_COLOR) & (behind > _BLED_BEHIND) & (fades < _BLED_FADES)
    bled &= area < _BLED_WIDE * outer
    keep = (area >= _LEAST_PX) & (outer > 0) & (outer > _OPEN * inner) & (shade | bled)
    unsure = ~keep & (fades < _SURE_LINE)
    keep[0] = unsure[0] = False
    return parts.picked(keep), parts.picked(unsure)
