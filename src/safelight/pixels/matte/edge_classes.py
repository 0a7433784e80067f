"""What kind of edge each piece of a contour is, how sure its alpha is there, and where a hand must go at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.lightness import lab_planes
from safelight.pixels.matte.solve import Matte

CLASSES = ("hard", "soft", "hair", "open_weave", "translucent", "reflective", "low_contrast")
# Set by judgment, uncalibrated: hair is a rough mask only (R75), glass is seldom passed as it is.
_SURE = (0.97, 0.85, 0.35, 0.4, 0.3, 0.6, 0.5)
_PIECE_PX = 48  # at 1600 px: a piece as long as a fingertip in a packshot
_FAINT = 6.0  # L*a*b* across the contour, under which its place is a guess


@dataclass(frozen=True)
class EdgePiece:
    """One piece of the contour.

    `box` is (x0, y0, x1, y1) in 0..1 of the picture; `name` its class; `share` of the whole contour;
    `confidence` the probability that its alpha passes unchanged; `contrast` in L*a*b* across it.
    """

    box: tuple[float, float, float, float]
    name: str
    share: float
    confidence: float
    contrast: float


@dataclass(frozen=True)
class EdgeMap:
    """The classes of a contour.

    Parameters
    ----------
    classes : (H / 2, W / 2) uint8
        0 off the contour, else 1 + the index in `CLASSES`.
    shares : dict of str to float
        Of the contour, by class; they sum to 1, or are all 0 without a contour.
    pieces : tuple of EdgePiece
        Least sure first.
    """

    classes: NDArray[np.uint8]
    shares: dict[str, float]
    pieces: tuple[EdgePiece, ...]

    def to_facts(self, most: int = 12) -> dict[str, Any]:
        """Return shares and the least sure pieces as JSON data."""
        doubtful = [each for each in self.pieces if each.confidence < 0.7][:most]
        return {
            "edge_shares": {name: round(share, 4) for name, share in self.shares.items()},
            "edge_pieces": [
                {
                    "box": [round(each, 4) for each in piece.box],
                    "class": piece.name,
                    "share": round(piece.share, 4),
                    "confidence": round(piece.confidence, 3),
                }
                for piece in doubtful
            ],
        }


def classify_edges(rgb: NDArray[np.float32], matte: Matte) -> EdgeMap:
    """Tell hard edges from hair, open weave, translucent, reflective and low-contrast ones.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        The picture that was solved.
    matte : Matte
        From `solve_matte` of it.

    Returns
    -------
    EdgeMap

    Notes
    -----
    Each contour pixel is judged by what lies around it: the width of its transition and whether that has fine streaks
    (hair), whether the subject behind it looks like the backdrop in many small places (open weave) or all over
    (translucent), whether it is colorless with steep lights (reflective), and how far both sides differ. One class
    holds for a piece; classes that ask for a hand win over those that do not.

    Examples
    --------
    >>> from safelight.pixels.matte.solve import solve_matte
    >>> picture = np.full((120, 160, 3), 0.8, np.float32); picture[30:90, 40:120] = (0.5, 0.02, 0.02)
    >>> found = classify_edges(picture, solve_matte(picture))
    >>> found.shares["hard"], found.pieces[0].confidence > 0.9
    (1.0, True)
    """
    small, seen = _halved(rgb, matte)
    mask = (seen.alpha > 0.5).astype(np.uint8)
    contour = (mask > 0) & (cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1) == 0)
    classes = np.zeros(mask.shape, np.uint8)
    y, x = np.nonzero(contour)
    if not len(y):
        return EdgeMap(classes, dict.fromkeys(CLASSES, 0.0), ())
    scale = max(1.0, max(mask.shape) / 800)
    contrast = _contrast(seen, (y, x))
    votes = _votes(small, seen, mask, (y, x), contrast, scale)
    chosen = _settled(votes, (y, x), mask.shape, scale)
    classes[y, x] = chosen + 1
    counts = np.bincount(chosen, minlength=len(CLASSES)) / len(chosen)
    shares = {name: float(count) for name, count in zip(CLASSES, counts, strict=True)}
    return EdgeMap(classes, shares, _pieces(chosen, (y, x), contrast, mask.shape, scale))


@dataclass(frozen=True)
class _Seen:
    """What of a matte is looked at, at half its size: all that counts here is averaged over more pixels than that."""

    alpha: NDArray[np.float32]
    middle: NDArray[np.float32]
    fine: NDArray[np.float32]
    total: NDArray[np.float32]
    foreground: NDArray[np.float32]
    background: NDArray[np.float32]
    threshold: float


def _halved(rgb: NDArray[np.float32], matte: Matte) -> tuple[NDArray[np.float32], _Seen]:
    size = (max(1, rgb.shape[1] // 2), max(1, rgb.shape[0] // 2))
    total = matte.subject.contrast.total
    # Widths and streaks are those of full pixels; only what is averaged is halved.
    middle = ((matte.alpha > 0.1) & (matte.alpha < 0.9)).astype(np.float32)
    fine = np.abs(total - cv2.blur(total, (3, 3)))
    planes = (rgb, matte.alpha, middle, fine, total, matte.colors.foreground, matte.colors.background)
    small, *rest = (np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.float32) for each in planes)
    alpha, wide, streaks, differs, foreground, background = rest
    seen = _Seen(alpha, wide, streaks, differs, foreground, background, matte.subject.threshold)
    return small, seen


Places = tuple[NDArray[np.intp], NDArray[np.intp]]


def _contrast(seen: _Seen, at: Places) -> NDArray[np.float32]:
    sides = [lab_planes(np.ascontiguousarray(each[at][None])) for each in (seen.foreground, seen.background)]
    return np.asarray(np.linalg.norm(sides[0] - sides[1], axis=-1).ravel(), np.float32)


def _votes(
    rgb: NDArray[np.float32],
    seen: _Seen,
    mask: NDArray[np.uint8],
    at: Places,
    contrast: NDArray[np.float32],
    scale: float,
) -> list[NDArray[np.bool_]]:
    """For each class but hard, in the order of `CLASSES`: whether a contour pixel shows it."""
    reach = 2 * round(3 * scale) + 1
    box = (reach, reach)
    wide = 2 * cv2.boxFilter(seen.middle, -1, box)[at] * reach
    soft = wide > 4 * scale
    total = seen.total
    fine = cv2.boxFilter(seen.fine, -1, box) / np.maximum(cv2.boxFilter(total, -1, box), 1)
    hair = soft & (fine[at] > 0.05) & (wide > 5 * scale)
    inner = 4 * reach + 1
    inside = (cv2.distanceTransform(mask, cv2.DIST_L2, 3) > 2 * scale).astype(np.float32)
    mass = np.maximum(cv2.boxFilter(inside, -1, (inner, inner)), 1e-4)
    faint = (total < max(4.0, 2 * seen.threshold)).astype(np.float32) * inside
    like = (cv2.boxFilter(faint, -1, (inner, inner)) / mass)[at]
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(faint, (0, 0), 1.0), cv2.CV_32F)) * inside
    speckled = (cv2.boxFilter(edges, -1, (inner, inner)) / mass)[at]
    solid = inside * (1 - faint)
    clear = (
        cv2.boxFilter(total * solid, -1, (inner, inner)) / np.maximum(cv2.boxFilter(solid, -1, (inner, inner)), 1e-4)
    )[at]
    mesh = (like > 0.08) & (like < 0.7) & (speckled > 0.05) & (clear > 15)
    translucent = (like > 0.35) & ~mesh & (contrast > 1.5)
    lab = lab_planes(rgb)
    gray = (np.hypot(lab[..., 1], lab[..., 2]) < 9).astype(np.float32) * inside
    swing = _deviation(lab[..., 0], inside, inner, mass)[at]
    neutral = (cv2.boxFilter(gray, -1, (inner, inner)) / mass)[at]
    shine = (cv2.boxFilter((lab[..., 0] > 85).astype(np.float32) * inside, -1, (inner, inner)) / mass)[at]
    reflective = (neutral > 0.85) & (swing > 14) & (shine > 0.01) & (shine < 0.6) & ~soft
    return [soft, hair, mesh, translucent, reflective, contrast < _FAINT]


def _deviation(
    plane: NDArray[np.float32], inside: NDArray[np.float32], size: int, mass: NDArray[np.float32]
) -> NDArray[np.float32]:
    mean = cv2.boxFilter(plane * inside, -1, (size, size)) / mass
    square = cv2.boxFilter(plane * plane * inside, -1, (size, size)) / mass
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float32)


# From the class that asks most for a hand to the one that asks least; a third of a piece is enough for it.
_FIRST = (3, 4, 2, 5, 6, 1)


def _settled(
    votes: list[NDArray[np.bool_]], at: Places, shape: tuple[int, ...], scale: float, least: float = 0.4
) -> NDArray[np.intp]:
    """One class a contour pixel: the first whose share of the contour within half a piece is large enough."""
    size = (2 * round(_PIECE_PX * scale / 4) + 1,) * 2
    plane = np.zeros(shape, np.float32)
    plane[at] = 1
    near = np.maximum(cv2.boxFilter(plane, -1, size, normalize=False)[at], 1)
    chosen = np.zeros(len(at[0]), np.intp)
    for index in reversed(_FIRST):
        plane[at] = votes[index - 1]
        share = cv2.boxFilter(plane, -1, size, normalize=False)[at] / near
        chosen[share > least] = index
    return chosen


def _pieces(
    chosen: NDArray[np.intp], at: Places, contrast: NDArray[np.float32], shape: tuple[int, ...], scale: float
) -> tuple[EdgePiece, ...]:
    cell = max(1, round(_PIECE_PX * scale / 2))
    height, width = shape
    columns = -(-width // cell)
    names, index = np.unique(((at[0] // cell) * columns + at[1] // cell), return_inverse=True)
    found = []
    for each in range(len(names)):
        here = index == each
        y, x = at[0][here], at[1][here]
        kind = int(np.bincount(chosen[here], minlength=len(CLASSES)).argmax())
        middle = float(np.median(contrast[here]))
        sure = _SURE[kind] * min(1.0, max(0.2, middle / 12))
        box = (x.min() / width, y.min() / height, (x.max() + 1) / width, (y.max() + 1) / height)
        found.append(EdgePiece(tuple(map(float, box)), CLASSES[kind], float(here.mean()), sure, middle))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda piece: piece.confidence))
