"""From a rough guess of where the subject is (a network's) to a matte: for subjects before any background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.alpha import estimate_alpha, snap_ends
from safelight.pixels.matte.backdrop import Backdrop
from safelight.pixels.matte.closed_form import closed_form
from safelight.pixels.matte.extend import extend_colors, extend_nearest
from safelight.pixels.matte.foreground import EdgeColors
from safelight.pixels.matte.lightness import contrast_between, lab_planes
from safelight.pixels.matte.solve import Matte, edge_variance
from safelight.pixels.matte.subject import Subject
from safelight.pixels.matte.trimap import Trimap

_LEAST_GUESS = 0.001  # of the frame, that a guess must see as subject, and as something else
_CUT_PX = 300_000  # pixels at which colors decide: more make the contour no better and cost their share
_WIDE_STEPS = 2.5  # steps of the guess to either side of its contour, within which colors may overrule it
_LOW, _HIGH = 0.1, 0.9  # of the guess: beyond, it is believed
_PIECE_PX = 5
_INSIDE_PX, _OUTSIDE_PX = 2, 3  # of the band along the cut, at that size
_ROUNDS = 3
_NOISE_LIGHTNESS = 0.6  # L*: photographs on any background have more than a studio's paper
_DOUBT = 0.08  # standard deviation of the closed form's alpha against what both sides' colors say


@dataclass(frozen=True)
class GuessFacts:
    """How far a guess may be believed.

    Parameters
    ----------
    unsure_share : float
        Summed softness of the guess, 4 p (1 - p), over its area: 0 for one that is sure everywhere.
    overruled_share : float
        What the picture's colors took off the guess or put onto it, over its area.
    pieces_share : float
        The same over the cut's area, in pieces of at least 5 px each way: no mere shift of the contour.
    """

    unsure_share: float
    overruled_share: float
    pieces_share: float


def sees_subject(share: NDArray[np.float32]) -> bool:
    """Say whether a guess, (H, W) float32 0..1, sees a subject and something else, so that there is a contour.

    Examples
    --------
    >>> sees_subject(np.zeros((9, 9), np.float32)), sees_subject(np.eye(9, dtype=np.float32))
    (False, True)
    """
    return bool(_LEAST_GUESS < float((share > 0.5).mean()) < 1 - _LEAST_GUESS)


def solve_guess(rgb: NDArray[np.float32], share: NDArray[np.float32], *, step_px: float) -> tuple[Matte, GuessFacts]:
    """Work out a matte from a guess.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        At work size, 1 to 2 MP.
    share : (H, W) float32, 0..1
        How probable the subject is at each pixel.
    step_px : float, px
        What one pixel of the network is at work size: the guess's contour is no better.

    Returns
    -------
    Matte, GuessFacts
        The matte's `backdrop` is what lies around the subject, carried behind it; it has no shadow of its own.

    Raises
    ------
    ValueError
        If the guess sees no subject, or nothing else.

    Notes
    -----
    Colors of both sides decide within some steps of the guess's contour (GrabCut: Rother, Kolmogorov, Blake 2004),
    the closed form in a band along the cut, and each pixel's own color at full size.

    Examples
    --------
    >>> picture = np.full((120, 160, 3), 0.6, np.float32); picture[30:90, 40:120] = (0.5, 0.02, 0.02)
    >>> rough = np.zeros((120, 160), np.float32); rough[34:92, 38:118] = 1
    >>> matte, facts = solve_guess(picture, cv2.GaussianBlur(rough, (0, 0), 3), step_px=4)
    >>> abs(int((matte.alpha > 0.5).sum()) - 60 * 80) < 120
    True
    """
    if not sees_subject(share):
        raise ValueError("the guess sees no subject, or nothing but it: there is no contour to work out")
    small, rough, scale = _reduced(rgb, share)
    codes = np.sqrt(np.clip(small, 0, 1))
    cut = _cut_by_color(codes, rough, max(1.0, step_px * scale))
    area = max(1.0, float(rough.sum()))
    moved = (cut != (rough > 0.5)).astype(np.uint8)
    pieces = cv2.morphologyEx(moved, cv2.MORPH_OPEN, np.ones((_PIECE_PX, _PIECE_PX), np.uint8))
    facts = GuessFacts(
        float((4 * rough * (1 - rough)).sum() / area),
        float(moved.sum() / area),
        float(pieces.sum() / max(1, int(cut.sum()))),
    )
    narrow = _band(cut)
    alpha = closed_form(codes, narrow, cut.astype(np.float32))
    return _at_work_size(rgb, alpha, narrow), facts


def _reduced(
    rgb: NDArray[np.float32], share: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    scale = min(1.0, (_CUT_PX / share.size) ** 0.5)
    size = (max(16, round(share.shape[1] * scale)), max(16, round(share.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    rough = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), np.asarray(np.clip(rough, 0, 1), np.float32), scale


def _cut_by_color(codes: NDArray[np.float32], rough: NDArray[np.float32], step: float) -> NDArray[np.bool_]:
    """The guess's contour moved to where the colors of both sides part."""
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(_WIDE_STEPS * step) + 1,) * 2)
    inside = cv2.erode((rough > _HIGH).astype(np.uint8), round_, borderValue=1)
    outside = cv2.dilate((rough > _LOW).astype(np.uint8), round_) == 0
    marks = np.where(rough > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[inside > 0], marks[outside] = cv2.GC_FGD, cv2.GC_BGD
    if not outside.any() or not inside.any():  # colors of one side are unknown: the guess stands
        return np.asarray(rough > 0.5)
    picture = np.rint(codes[..., ::-1] * 255).astype(np.uint8)
    cv2.setRNGSeed(7)  # its first colors are drawn at random; the same picture gives the same cut
    cv2.grabCut(picture, marks, None, np.zeros((1, 65)), np.zeros((1, 65)), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD))


def _band(cut: NDArray[np.bool_]) -> Trimap:
    mask = cut.astype(np.uint8)
    inside = cv2.erode(mask, np.ones((2 * _INSIDE_PX + 1,) * 2, np.uint8), borderValue=1) > 0
    outside = cv2.dilate(mask, np.ones((2 * _OUTSIDE_PX + 1,) * 2, np.uint8)) == 0
    return Trimap(np.asarray(inside), np.asarray(outside))


def _at_work_size(rgb: NDArray[np.float32], alpha: NDArray[np.float32], narrow: Trimap) -> Matte:
    size = rgb.shape[1], rgb.shape[0]
    expected = np.asarray(np.clip(cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC), 0, 1), np.float32)
    inside, outside = (
        cv2.resize(each.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT) > 0
        for each in (narrow.subject, narrow.background)
    )
    trimap = Trimap(np.asarray(inside), np.asarray(outside))
    sure_in, sure_out = inside | (expected > 0.99), outside | (expected < 0.01)
    colors = EdgeColors(
        extend_nearest(rgb, sure_in.astype(np.float32)), extend_colors(rgb, sure_out.astype(np.float32))
    )
    mask = expected > 0.5
    behind = np.where(mask[..., None], colors.background, rgb).astype(np.float32)
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    backdrop = Backdrop(
        rgb=behind,
        noise_lightness=_NOISE_LIGHTNESS,
        noise_color=_NOISE_LIGHTNESS,
        misfit=0.0,
        border_share=float(1 - rim.mean()),
        area_share=float(1 - mask.mean()),
        falloff=0.0,
        seen=np.ones((1, 1), np.bool_),
    )
    variance = edge_variance(rgb, trimap, backdrop)
    found = trimap.subject.astype(np.float32)
    band = trimap.unknown
    sides = rgb[band], colors.foreground[band], colors.background[band]
    found[band] = snap_ends(estimate_alpha(*sides, expected[band], variance[band], doubt=_DOUBT))
    return Matte(found, trimap, colors, variance, _subject(rgb, mask, colors), backdrop)


def _subject(rgb: NDArray[np.float32], mask: NDArray[np.bool_], colors: EdgeColors) -> Subject:
    none = np.zeros(mask.shape, np.bool_)
    contrast = contrast_between(lab_planes(rgb), lab_planes(colors.background))
    return Subject(mask, none, none, none, none, contrast, 0.0, 1.0)
