"""From a studio picture to its matte: backdrop, subject, outline, trimap, colors, alpha, in that order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.alpha import estimate_alpha, project_alpha, snap_ends
from safelight.pixels.matte.backdrop import Backdrop, estimate_backdrop
from safelight.pixels.matte.extend import extend_colors, extend_nearest
from safelight.pixels.matte.foreground import EdgeColors
from safelight.pixels.matte.ground import find_ground
from safelight.pixels.matte.lightness import Contrast, lab_planes
from safelight.pixels.matte.outline import Outline, settle_outline
from safelight.pixels.matte.parts import grown
from safelight.pixels.matte.subject import Subject, find_subject
from safelight.pixels.matte.trimap import Trimap, find_soft_edges, make_trimap

Window = tuple[slice, slice]
_SHARP_PX = 2.5, 1.5  # of the band, inside and outside of a sharp edge
_GROUND_ROUNDS = 2  # what is settled anew may show more
_SETTLED_PX = 40  # around ground that was given up
_AROUND_PX = 64  # at work size: the band and all that is averaged along it


@dataclass(frozen=True)
class Matte:
    """A matte at work size and everything it was made of.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1, straight
    trimap : Trimap
    colors : EdgeColors
        Both sides' colors, valid over the whole frame.
    variance : (H, W) float32, linear squared
        Of single colors about `colors`: noise and texture.
    subject : Subject
    backdrop : Backdrop
    """

    alpha: NDArray[np.float32]
    trimap: Trimap
    colors: EdgeColors
    variance: NDArray[np.float32]
    subject: Subject
    backdrop: Backdrop


def solve_matte(rgb: NDArray[np.float32], *, holes: bool = True) -> Matte:
    """Separate a subject from its studio backdrop.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        1 to 2 MP; larger pictures are solved reduced, then refined by `refine_matte`.
    holes : bool
        Whether openings in the subject (handles, loops) are cut out.

    Returns
    -------
    Matte
        Always one; whether to believe it is another matter: see `Subject` and `Backdrop`.

    Raises
    ------
    ValueError
        As `estimate_backdrop`.

    Examples
    --------
    >>> picture = np.full((120, 160, 3), 0.8, np.float32); picture[30:90, 50:110] = (0.5, 0.02, 0.02)
    >>> matte = solve_matte(picture)
    >>> float(matte.alpha[60, 80]), float(matte.alpha[10, 10]), round(float(matte.alpha.sum()))
    (1.0, 0.0, 3600)
    """
    backdrop = estimate_backdrop(rgb)
    subject = find_subject(rgb, backdrop, holes=holes)
    window = _window_of(subject.mask)
    part, total = np.ascontiguousarray(rgb[window]), subject.contrast.total[window]
    outline, doubtful = _settled(part, subject, window)
    subject = _given_up(subject, outline, doubtful, window)
    scale = max(1.0, max(subject.mask.shape) / 1600)
    return _pasted(rgb, window, _solve_edge(part, outline, total, backdrop, scale), subject, backdrop)


def _settled(rgb: NDArray[np.float32], subject: Subject, window: Window) -> tuple[Outline, NDArray[np.bool_]]:
    """The outline on its steepest edge and off the ground, and what of its mask may be ground all the same."""
    lab, seen = lab_planes(rgb), Contrast(subject.contrast.lightness[window], subject.contrast.color[window])
    smooth = Contrast(*(np.asarray(cv2.GaussianBlur(each, (0, 0), 0.7)) for each in (seen.lightness, seen.color)))
    outline = settle_outline(lab, subject.mask[window], smooth)
    for _ in range(_GROUND_ROUNDS):
        ground = find_ground(lab, outline.mask, seen)
        if not ground.found.any():
            break
        near = grown(ground.found, 2 * _SETTLED_PX + 1)
        anew = settle_outline(lab, outline.mask & ~ground.found, smooth)
        outline = Outline(
            np.where(near, anew.mask, outline.mask),
            np.where(near, anew.sharp, outline.sharp),
            np.where(near, anew.distance_px, outline.distance_px),
        )
    return outline, ground.doubtful & outline.mask


def _given_up(subject: Subject, outline: Outline, doubtful: NDArray[np.bool_], window: Window) -> Subject:
    """What the outline gave up is shadow."""
    mask, shadow, alike = subject.mask.copy(), subject.shadow.copy(), np.zeros_like(subject.mask)
    shadow[window] |= mask[window] & ~outline.mask
    mask[window], alike[window] = outline.mask, doubtful
    return replace(subject, mask=mask, shadow=shadow, ground_or_subject=alike)


@dataclass(frozen=True)
class _Edge:
    """What is worked out around the subject alone."""

    alpha: NDArray[np.float32]
    trimap: Trimap
    colors: EdgeColors
    variance: NDArray[np.float32]


def _solve_edge(
    rgb: NDArray[np.float32], outline: Outline, total: NDArray[np.float32], backdrop: Backdrop, scale: float
) -> _Edge:
    mask = outline.mask
    trimap = _narrowed(_open_soft_edges(rgb, mask, scale), outline, scale)
    colors = EdgeColors(
        extend_nearest(rgb, _foreground_seeds(mask, total, trimap)),
        extend_colors(rgb, trimap.background.astype(np.float32)),
    )
    variance = edge_variance(rgb, trimap, backdrop)
    alpha = _solve_band(rgb, mask, trimap, colors, variance)
    # What fell out of the band as a crumb is known: the full-size pixels are not asked again.
    trimap = Trimap(trimap.subject, trimap.background | (trimap.unknown & (alpha <= 0) & ~grown(alpha > 0, 3)))
    return _Edge(alpha, trimap, colors, variance)


def _narrowed(trimap: Trimap, outline: Outline, scale: float) -> Trimap:
    """The band, a few pixels wide along sharp edges: a dip of alpha inside of one is a color of the subject's own."""
    inside, outside = (outline.sharp & (outline.distance_px > px * scale) for px in _SHARP_PX)
    return Trimap(
        np.asarray(trimap.subject | (outline.mask & inside)), np.asarray(trimap.background | (~outline.mask & outside))
    )


def _window_of(mask: NDArray[np.bool_]) -> Window:
    """The rows and columns that hold the subject with some backdrop around: beyond, there is nothing to work out."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    return (
        slice(max(0, int(rows[0]) - _AROUND_PX), int(rows[-1]) + _AROUND_PX + 1),
        slice(max(0, int(columns[0]) - _AROUND_PX), int(columns[-1]) + _AROUND_PX + 1),
    )


def _pasted(rgb: NDArray[np.float32], window: Window, edge: _Edge, subject: Subject, backdrop: Backdrop) -> Matte:
    """The matte over the whole frame: beyond the window all is backdrop, with its own color."""
    alpha, variance = (np.zeros(rgb.shape[:2], np.float32) for _ in range(2))
    foreground, background = np.zeros_like(rgb), rgb.copy()
    inside, outside = np.zeros(rgb.shape[:2], np.bool_), np.ones(rgb.shape[:2], np.bool_)
    alpha[window], variance[window] = edge.alpha, edge.variance
    foreground[window], background[window] = edge.colors.foreground, edge.colors.background
    inside[window], outside[window] = edge.trimap.subject, edge.trimap.background
    return Matte(alpha, Trimap(inside, outside), EdgeColors(foreground, background), variance, subject, backdrop)


def _solve_band(
    rgb: NDArray[np.float32],
    mask: NDArray[np.bool_],
    trimap: Trimap,
    colors: EdgeColors,
    variance: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Alpha in the band: first with the mask's contour as expectation, then with that of the first alpha."""
    band = trimap.unknown
    sides = rgb[band], colors.foreground[band], colors.background[band]
    alpha = trimap.subject.astype(np.float32)
    expected = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)
    for _ in range(2):
        alpha[band] = snap_ends(estimate_alpha(*sides, expected[band], variance[band]))
        expected = cv2.GaussianBlur((alpha > 0.5).astype(np.float32), (0, 0), 0.8)
    return _without_crumbs(alpha, trimap)


def _without_crumbs(alpha: NDArray[np.float32], trimap: Trimap) -> NDArray[np.float32]:
    """Take out faint specks that no part of the subject reaches: compression noise along the contour."""
    _, labels = cv2.connectedComponents((alpha > 0.05).astype(np.uint8), connectivity=8)
    solid = trimap.subject | (alpha > 0.9)
    held = np.zeros(int(labels.max()) + 1, dtype=np.bool_)
    held[np.unique(labels[solid])] = True
    sizes = np.bincount(labels.ravel(), minlength=len(held))
    held &= sizes > 12
    held[0] = True
    return np.asarray(np.where(held[labels], alpha, 0), np.float32)


def _open_soft_edges(rgb: NDArray[np.float32], mask: NDArray[np.bool_], scale: float) -> Trimap:
    """The trimap, its band widened where a first alpha says the edge is soft."""
    narrow = make_trimap(mask, inside_px=3.5 * scale, outside_px=2.0 * scale)
    deep = make_trimap(mask, inside_px=12 * scale, outside_px=2.0 * scale)
    half = [_half(each.astype(np.float32)) for each in (deep.subject, deep.background)]
    small = _half(rgb)
    sides = [extend_colors(small, np.asarray(each >= 1, np.float32)) for each in half]
    rough, contrast = project_alpha(small, *sides)
    mix = sides[1] + np.clip(rough, 0, 1)[..., None] * (sides[0] - sides[1])
    misfit = np.linalg.norm(small - mix, axis=-1) / np.sqrt(np.maximum(contrast, 1e-4))
    planes = (cv2.resize(each, mask.shape[::-1], interpolation=cv2.INTER_LINEAR) for each in (rough, misfit))
    soft = find_soft_edges(mask, *planes, scale=scale)
    return Trimap(np.asarray(narrow.subject & ~soft), narrow.background)


def _half(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    size = (max(1, picture.shape[1] // 2), max(1, picture.shape[0] // 2))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _foreground_seeds(mask: NDArray[np.bool_], total: NDArray[np.float32], trimap: Trimap) -> NDArray[np.float32]:
    """Known subject, and the middle lines of parts too thin to have any, if they are no fainter than what is near."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    ridge = mask & (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8)) - 0.01)
    far = cv2.dilate(trimap.subject.astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    clear = total > 0.3 * cv2.dilate(total, np.ones((25, 25), np.uint8))
    return np.asarray(trimap.subject + 0.3 * (ridge & far & clear), np.float32)


def edge_variance(rgb: NDArray[np.float32], trimap: Trimap, backdrop: Backdrop) -> NDArray[np.float32]:
    """Noise of the picture, and texture of the subject along its contour."""
    light = np.ascontiguousarray(rgb[..., 1])
    known = trimap.subject.astype(np.float32)
    size, sigma = (0, 0), 4.0
    weight = np.maximum(cv2.GaussianBlur(known, size, sigma), 1e-4)
    mean = cv2.GaussianBlur(light * known, size, sigma) / weight
    square = cv2.GaussianBlur(light * light * known, size, sigma) / weight
    texture = np.maximum(square - mean * mean, 0)
    # L* to linear near the backdrop's own lightness: dY = 3 Y^(2/3) dL / 116.
    level = np.float32(np.median(backdrop.rgb[..., 1]))
    noise = (3 * level ** (2 / 3) / 116 * max(backdrop.noise_lightness, 0.15)) ** 2
    return np.asarray(0.3 * texture + 3 * noise + 2e-6, dtype=np.float32)
