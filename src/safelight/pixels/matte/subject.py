"""Find the subject of a studio picture: what is neither backdrop nor its shadow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.backdrop import Backdrop
from safelight.pixels.matte.foot import find_shadow_foot
from safelight.pixels.matte.lightness import Contrast, contrast_between, lab_planes
from safelight.pixels.matte.parts import Parts
from safelight.pixels.matte.shadow import (
    bridged,
    find_hard_shadow,
    find_lines,
    find_soft_shadow,
    grow_from,
    has_penumbra,
    is_shape_of_shadow,
)
from safelight.pixels.matte.shadow_cut import find_clinging_shadow, find_islands


@dataclass(frozen=True)
class Subject:
    """A subject and the doubts about it.

    Parameters
    ----------
    mask : (H, W) bool
        The subject, holes left out.
    shadow : (H, W) bool
        Backdrop in the subject's shadow.
    hole_or_print : (H, W) bool
        Patches inside the subject that look exactly like the backdrop: filled, but they may be holes; or cut out, but
        they may be white print.
    shadow_or_subject : (H, W) bool
        Flat gray pieces at the edge that a single picture cannot tell from a hard shadow.
    ground_or_subject : (H, W) bool
        Pieces of `mask` that no edge parts from the ground: the subject is as pale as it, or ground was kept.
    contrast : Contrast
        The picture against its backdrop.
    threshold : float, L*a*b*
        Difference from the backdrop beyond which a pixel was taken for subject.
    steadiness : float, 0..1
        Overlap (IoU) of the subjects that thresholds half as high and half as low again would give.
    """

    mask: NDArray[np.bool_]
    shadow: NDArray[np.bool_]
    hole_or_print: NDArray[np.bool_]
    shadow_or_subject: NDArray[np.bool_]
    ground_or_subject: NDArray[np.bool_]
    contrast: Contrast
    threshold: float
    steadiness: float


def find_subject(rgb: NDArray[np.float32], backdrop: Backdrop, *, holes: bool = True) -> Subject:
    """Find what stands before the backdrop.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        The picture at work size, 1 to 2 MP.
    backdrop : Backdrop
        From `estimate_backdrop` of the same picture.
    holes : bool
        Whether openings in the subject (handles, loops) are cut out.

    Returns
    -------
    Subject

    Notes
    -----
    A pixel belongs to the subject when it differs from the backdrop by more than the backdrop's noise explains
    (hysteresis: faint pixels count only when joined to clear ones), unless it is a soft or hard shadow.

    Examples
    --------
    >>> from safelight.pixels.matte.backdrop import estimate_backdrop
    >>> picture = np.full((120, 160, 3), 0.8, np.float32); picture[30:90, 50:110] = (0.5, 0.02, 0.02)
    >>> found = find_subject(picture, estimate_backdrop(picture))
    >>> bool(found.mask[30:90, 50:110].all()), int(found.mask.sum()) < 4100
    (True, True)
    """
    lab = lab_planes(rgb)
    contrast = contrast_between(lab, lab_planes(backdrop.rgb))
    noise = float(np.hypot(backdrop.noise_lightness, backdrop.noise_color))
    smooth = Contrast(cv2.GaussianBlur(contrast.lightness, (0, 0), 0.7), cv2.GaussianBlur(contrast.color, (0, 0), 0.7))
    low = float(np.clip(max(0.6, 3.5 * noise, 2.0 * min(backdrop.misfit, 2.0)), 0, 8))
    tolerance = max(2.0, 3.0 * backdrop.noise_color + 1.0)
    total = smooth.total
    # Compression rings with a twentieth of an edge's height, up to 7 px away.
    low_here = np.maximum(low, 0.05 * cv2.dilate(total, np.ones((15, 15), np.uint8)))
    outside = grow_from(_frame(total.shape), total <= low)
    lines = find_lines(lab[..., 0], outside, steepest=1000 / max(total.shape))
    edges = bridged(lines)
    shadow = find_soft_shadow(smooth, edges, outside, color_tolerance=tolerance)
    differs = _keep_clear((total > low_here) & ~shadow, total, 2.5 * low, edges)
    differs &= ~_shadow_cores(differs, shadow, smooth, tolerance)
    hard = _hard_shadow(smooth, lab[..., 0], differs, tolerance, noise)
    rest = _keep_clear(differs & ~hard, total, 2.5 * low, edges)
    could_be = 0.02 * rest.sum() < hard.sum() < 0.5 * rest.sum() and has_penumbra(hard, contrast, outside)
    if could_be and is_shape_of_shadow(hard, rest, outside) > 0.5:
        differs, hard = _without_penumbra(rest, hard, smooth, tolerance), np.zeros_like(hard)
    beside = (total > low_here) & ~differs
    differs &= ~find_shadow_foot(differs, beside, smooth, color_tolerance=tolerance)
    differs = _keep_clear(differs, total, 2.5 * low, edges)
    differs &= ~_shaded_rim(differs, shadow, smooth, tolerance)
    shadow = (total > low_here) & ~differs
    clipped = bool(np.median(backdrop.rgb[..., 1]) > 0.99)
    mask, doubtful = _settle_holes(_tidy(differs), total, low, holes=holes, clipped=clipped)
    clinging = find_clinging_shadow(rgb, mask, smooth, lines, color_tolerance=tolerance)
    if clinging.any():
        mask = _keep_clear(mask & ~clinging, total, 2.5 * low, edges)
        shadow |= clinging
    mask &= ~find_islands(mask, (shadow | hard) & ~mask, smooth)
    near = cv2.dilate(mask.astype(np.uint8), np.ones((41, 41), np.uint8)) > 0
    return Subject(
        mask, shadow & ~mask, doubtful, hard, np.zeros_like(mask), contrast, low, _steadiness(total, shadow, low, near)
    )


def _shaded_rim(
    differs: NDArray[np.bool_], shadow: NDArray[np.bool_], contrast: Contrast, tolerance: float
) -> NDArray[np.bool_]:
    """The outermost 3 px of the subject that are as dark and as colorless as the shadow beside them: they belong to it.

    A shadow was followed up to the contour, whose own width is some pixels.
    """
    weight = (shadow & ~differs).astype(np.float32)
    mass = cv2.blur(weight, (7, 7))
    beside = cv2.blur(contrast.lightness * weight, (7, 7)) / np.maximum(mass, 1e-6)
    alike = (np.abs(contrast.lightness - beside) < 1.5) & (contrast.color < tolerance)
    return np.asarray(differs & (mass > 0.05) & alike)


def _shadow_cores(
    differs: NDArray[np.bool_], shadow: NDArray[np.bool_], contrast: Contrast, tolerance: float
) -> NDArray[np.bool_]:
    """Dark middles of shadows that fall apart from the subject: small, colorless, and set in shadow all around."""
    parts = Parts.of(differs, connectivity=8)
    area = parts.sizes()
    colored, lighter = parts.counts(contrast.color > tolerance), parts.counts(contrast.lightness > 0)
    rings = parts.rings(2)
    around, shaded = rings.sizes(), rings.counts(shadow)
    core = (area < 0.25 * area[1:].max(initial=0)) & (colored + lighter < 0.03 * area) & (shaded > 0.6 * around)
    core[0] = False
    return parts.picked(core)


def _hard_shadow(
    contrast: Contrast, lightness: NDArray[np.float32], differs: NDArray[np.bool_], tolerance: float, noise: float
) -> NDArray[np.bool_]:
    mean = cv2.blur(lightness, (5, 5))
    texture = np.sqrt(np.maximum(cv2.blur(lightness * lightness, (5, 5)) - mean * mean, 0))
    outside = grow_from(_frame(differs.shape), ~differs)
    return find_hard_shadow(
        contrast, texture, differs, outside, color_tolerance=min(tolerance, 2.5), quiet=max(0.6, 1.6 * noise)
    )


def _without_penumbra(
    rest: NDArray[np.bool_], hard: NDArray[np.bool_], contrast: Contrast, tolerance: float
) -> NDArray[np.bool_]:
    """Take off what lies along a hard shadow and is as colorless and no darker: its soft border."""
    depth = float(np.median(contrast.lightness[hard]))
    border = cv2.dilate(hard.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    border &= (contrast.color < tolerance) & (contrast.lightness < 0) & (contrast.lightness > depth - 3)
    kernel = np.ones((3, 3), np.uint8)
    joined = cv2.morphologyEx((rest & ~border).astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    return np.asarray(rest & cv2.dilate(joined.astype(np.uint8), kernel).astype(np.bool_) & ~border)


def _frame(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    frame = np.zeros(shape, dtype=np.bool_)
    frame[[0, -1]] = True
    frame[:, [0, -1]] = True
    return frame


def _keep_clear(
    differs: NDArray[np.bool_], total: NDArray[np.float32], clear: float, edges: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Parts that hold clearly different pixels; specks and faint stains of the backdrop fall out."""
    parts = Parts.of(differs, connectivity=8)
    strong, edged, area = (parts.counts(each) for each in (total > clear, edges, differs))
    # Dust: under 1/40000 of the frame, some 35 px at 1.4 MP.
    keep = (strong >= 0.1 * area) & (edged >= 4) & (area > differs.size / 40_000)
    keep |= (area > differs.size / 500) & (edged >= 0.02 * area)
    keep[0] = False
    return parts.picked(keep)


def _tidy(differs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close one-pixel cracks."""
    return np.asarray(cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0)


def _settle_holes(
    differs: NDArray[np.bool_], total: NDArray[np.float32], low: float, *, holes: bool, clipped: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Fill what is enclosed, unless it is large enough and bare enough to be an opening; mark the doubtful ones."""
    outside = grow_from(_frame(differs.shape), ~differs)
    enclosed = ~differs & ~outside
    parts = Parts.of(enclosed, connectivity=4)
    count, labels, area = parts.count, parts.labels, parts.sizes()
    whole = float((~outside).sum())
    thick = cv2.distanceTransform(enclosed.astype(np.uint8), cv2.DIST_L2, 3)
    widest = np.zeros(count)
    np.maximum.at(widest, labels[enclosed], thick[enclosed])
    # Two pixels off their borders, where an edge's own rings would count as difference.
    middle = labels[thick > 2]
    mean = np.bincount(middle, weights=total[thick > 2], minlength=count) / np.maximum(
        np.bincount(middle, minlength=count), 1
    )
    # Openings measured 0.32 to 0.85 of the threshold, print on unclipped paper 2.3 and more, on clipped paper 0.73.
    bare = (mean < (0.6 if clipped else 1.0) * low) & (widest > 2)
    # Print has strokes; a stroke 1.6 % of the frame wide is taken for an opening, and so is a long, thinner gap.
    side = max(differs.shape)
    least = (0.008 if clipped else 0.006) * side
    large, wide = (area > 0.004 * whole) & (widest > 0.004 * side), (area > 0.001 * whole) & (widest > least)
    opening = bare & (large | wide)
    opening[0] = False
    # Clipped white is white: there, even a large patch may be a white part of the product.
    doubtful = bare & (area > 0.0005 * whole) & (clipped | (area < 0.01 * whole))
    doubtful[0] = False
    mask = ~outside & ~parts.picked(opening) if holes else ~outside
    return np.asarray(mask), parts.picked(doubtful)


def _steadiness(total: NDArray[np.float32], shadow: NDArray[np.bool_], low: float, near: NDArray[np.bool_]) -> float:
    strict = (total > 1.5 * low) & ~shadow & near
    # Grain of the backdrop that a laxer threshold lets in is no other outline.
    lax = grow_from(strict, (total > low / 1.5) & ~shadow & near)
    either = int((strict | lax).sum())
    return float((strict & lax).sum() / either) if either else 0.0
