"""What a matte is like, in numbers that tell a good one from a bad one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.masks import majority
from safelight.pixels.matte.lightness import SHADE, lab_planes, tint_of
from safelight.pixels.matte.parts import grown
from safelight.pixels.matte.solve import Matte

_NEAR_PX, _CLEARLY, _COLORED = 60.0, 1.6, 5.0  # of the subject; times that shade's color; units of a*, b*


@dataclass(frozen=True)
class MatteFacts:
    """Measures of one matte. Shares are 0..1, differences are in L*a*b* units.

    Parameters
    ----------
    box : (x0, y0, x1, y1), 0..1 of width and height
        Around all that is more subject than not; all 0 if there is none.
    area_share : float
        Of the frame, that is subject.
    parts : int
        Separate pieces of at least 2 % of the subject.
    sides_touched : int
        Sides of the frame that the subject runs into.
    frame_share : float
        Of the frame's rim, that is subject.
    edge_contrast : float
        Middle difference of subject and backdrop across the contour.
    low_contrast_share : float
        Of the contour, where that difference is under 6.
    soft_share : float
        Of the contour, where the band is wide: hair, fur, blur.
    band_share : float
        Band to subject, by area.
    ragged_foot_share : float
        Of the contour beside the shadow, that no smooth foot would have: crumbs, spikes and loose partial alpha.
    ragged_share : float
        Of the whole contour, that a middle over 11 px takes off or puts on: crumbs, bites and breaks.
    shaded_rim_share : float
        Of the rim just inside the contour, that is as colorless and dark as the backdrop in a shadow, where the
        subject's middle is not: its own shadow, cut out with it.
    uncertain_share : float
        Of the subject, summed softness of alpha: 4 alpha (1 - alpha).
    hole_or_print_share, shadow_or_subject_share : float
        Of the subject: patches that one picture cannot decide.
    ground_share : float
        Of the subject: pieces that no edge parts from the ground.
    colored_ground_share : float
        To the subject: colored pixels that were left in the ground near it, where a shadow has no color.
    like_backdrop_share : float
        Of the subject's inside, that looks like the backdrop: white on white, glass, thin cloth.
    shadow_share : float
        Of the frame, that was taken for shadow.
    border_share, misfit, falloff_stops, noise : float
        Of the backdrop; see `Backdrop`.
    steadiness : float
        See `Subject`.
    """

    box: tuple[float, float, float, float]
    area_share: float
    parts: int
    sides_touched: int
    frame_share: float
    edge_contrast: float
    low_contrast_share: float
    soft_share: float
    band_share: float
    ragged_foot_share: float
    ragged_share: float
    shaded_rim_share: float
    uncertain_share: float
    hole_or_print_share: float
    shadow_or_subject_share: float
    ground_share: float
    colored_ground_share: float
    like_backdrop_share: float
    shadow_share: float
    border_share: float
    misfit: float
    falloff_stops: float
    noise: float
    steadiness: float


def survey_matte(matte: Matte) -> MatteFacts:
    """Measure a solved matte.

    Parameters
    ----------
    matte : Matte

    Returns
    -------
    MatteFacts

    Examples
    --------
    >>> from safelight.pixels.matte.solve import solve_matte
    >>> picture = np.full((120, 160, 3), 0.8, np.float32); picture[30:90, 40:120] = (0.5, 0.02, 0.02)
    >>> facts = survey_matte(solve_matte(picture))
    >>> facts.box, facts.area_share, facts.parts, facts.sides_touched
    ((0.25, 0.25, 0.75, 0.75), 0.25, 1, 0)
    """
    mask = matte.alpha > 0.5
    area = max(int(mask.sum()), 1)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    contour = mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) == 0)
    contrast = _contrast_across(matte, contour)
    rims = [mask[0], mask[-1], mask[:, 0], mask[:, -1]]
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3) > 6
    total = matte.subject.contrast.total
    like = (total < max(4.0, 2 * matte.subject.threshold)) & inside
    return MatteFacts(
        box=_box(mask),
        area_share=float(mask.mean()),
        parts=int((stats[1:count, cv2.CC_STAT_AREA] > 0.02 * area).sum()),
        sides_touched=sum(bool(rim.mean() > 0.002) for rim in rims),
        frame_share=float(np.concatenate(rims).mean()),
        edge_contrast=float(np.median(contrast)) if contrast.size else 0.0,
        low_contrast_share=float((contrast < 6).mean()) if contrast.size else 1.0,
        soft_share=_soft_share(matte, contour),
        band_share=float(matte.trimap.unknown.sum() / area),
        ragged_foot_share=_ragged_foot_share(matte, contour),
        ragged_share=_ragged_share(mask, contour),
        shaded_rim_share=_shaded_rim_share(matte, mask),
        uncertain_share=float((4 * matte.alpha * (1 - matte.alpha)).sum() / area),
        hole_or_print_share=float(matte.subject.hole_or_print.sum() / area),
        shadow_or_subject_share=float((matte.subject.shadow_or_subject & mask).sum() / area),
        ground_share=float((matte.subject.ground_or_subject & mask).sum() / area),
        colored_ground_share=float(_colored_ground(matte, mask).sum() / area),
        like_backdrop_share=float(like.sum() / max(int(inside.sum()), 1)),
        shadow_share=float(matte.subject.shadow.mean()),
        border_share=matte.backdrop.border_share,
        misfit=matte.backdrop.misfit,
        falloff_stops=matte.backdrop.falloff,
        noise=matte.backdrop.noise_lightness,
        steadiness=matte.subject.steadiness,
    )


def _colored_ground(matte: Matte, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ground near the subject with more color than the light that a subject throws into its shadow: print, a gem."""
    contrast, scale = matte.subject.contrast, max(1.0, max(mask.shape) / 1600)
    ground = ~grown(matte.alpha > 0.02, 7)
    near = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) < _NEAR_PX * scale
    colored = ground & near & (contrast.color > _CLEARLY * tint_of(contrast, *SHADE)) & (contrast.color > _COLORED)
    opened = cv2.morphologyEx(colored.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(opened > 0)


def _shaded_rim_share(matte: Matte, mask: NDArray[np.bool_]) -> float:
    """What a rim shows of shaded backdrop beyond what the middle shows of its like: gray products have both."""
    contrast, scale = matte.subject.contrast, max(1.0, max(mask.shape) / 1600)
    shaded = (
        (contrast.color < tint_of(contrast, *SHADE)) & (contrast.lightness < -1.5) & (contrast.lightness > -60) & mask
    )
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    rim, middle = (depth > 2 * scale) & (depth < 7 * scale), depth > 14 * scale
    of_rim, of_middle = (float(shaded[each].mean()) if each.any() else 0.0 for each in (rim, middle))
    # A product with a twentieth of its middle as gray as a shadow may have an edge of the same stuff.
    return of_rim * float(np.clip((0.05 - of_middle) / 0.05, 0, 1))


def _box(mask: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    height, width = mask.shape
    x0, x1, y0, y1 = (int(each) for each in (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1))
    return x0 / width, y0 / height, x1 / width, y1 / height


def _contrast_across(matte: Matte, contour: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Lab difference of both sides' colors at each pixel of the contour."""
    sides = (
        [
            lab_planes(np.ascontiguousarray(each[contour][None]))
            for each in (matte.colors.foreground, matte.colors.background)
        ]
        if contour.any()
        else []
    )
    return np.linalg.norm(sides[0] - sides[1], axis=-1).ravel() if sides else np.zeros(0, np.float32)


def _soft_share(matte: Matte, contour: NDArray[np.bool_]) -> float:
    """Share of the contour near which alpha stays between 0.1 and 0.9 for many pixels."""
    if not contour.any():
        return 0.0
    middle = ((matte.alpha > 0.1) & (matte.alpha < 0.9)).astype(np.float32)
    scale = max(1.0, max(middle.shape) / 1600)
    size = 2 * round(6 * scale) + 1
    width = cv2.boxFilter(middle, -1, (size, size))[contour] * size  # mean width of the transition, in px
    return float((width > 4 * scale).mean())


def _ragged_share(mask: NDArray[np.bool_], contour: NDArray[np.bool_]) -> float:
    """Pixels that a middle over 11 px turns over, to the contour's length: a clean one loses its corners alone."""
    scale = max(1.0, max(mask.shape) / 1600)
    some = mask.astype(np.uint8)
    smooth = majority(some, 2 * round(5 * scale) + 1)
    return float((some != smooth).sum() / max(int(contour.sum()), 1))


def _ragged_foot_share(matte: Matte, contour: NDArray[np.bool_]) -> float:
    """Pixels beside the shadow that a middle over 11 px takes off or puts on, to the contour's length there.

    A foot is smooth over that length, or it has a sole's profile inside; crumbs of its shadow are not.
    """
    scale = max(1.0, max(matte.alpha.shape) / 1600)
    beside = cv2.dilate(matte.subject.shadow.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    beside = cv2.morphologyEx(beside.astype(np.uint8), cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    near = cv2.dilate(beside, np.ones((2 * round(8 * scale) + 1,) * 2, np.uint8)) > 0
    length = int((contour & near).sum())
    if length < 40:
        return 0.0
    some = (matte.alpha > 0.15).astype(np.uint8)
    smooth = majority(some, 2 * round(5 * scale) + 1)
    return float(((some != smooth) & near).sum() / length)
