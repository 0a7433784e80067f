"""Cut-outs on one sheet: placed, shaded by one light, laid over one another in linear light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.made_shadow import contact_density, drop_density, find_foot

Float32 = NDArray[np.float32]

_SHADE_PX = 1200  # shadows are soft: the sheet's longer side that they are made at
_SOFT, _FAR = 0.03, 0.03  # of the tallest piece: how far a shadow's rim fades, how far a drop shadow falls
_MOST_SHADE = 0.49  # so that a subject's own outline stays where alpha is one half
_SEEN = 0.5
_SEAM_PX = 3  # to both sides of a seam: where neither piece's edge colors reach
_STEP = 0.02  # of linear light, by which a seam may be lighter or darker than both of its sides


@dataclass(frozen=True, eq=False)
class Piece:
    """A cut-out and where it stands.

    Parameters
    ----------
    rgb : (h, w, 3) float32, linear light, straight
        The cut-out's box alone.
    alpha : (h, w) float32, 0..1
    at : (x, y) px of the sheet
        The middle of its foot.
    height : float, px of the sheet
        Of the subject.
    """

    rgb: Float32
    alpha: Float32
    at: tuple[float, float]
    height: float


@dataclass(frozen=True, eq=False)
class Sheet:
    """What was composed.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, straight
    alpha : (H, W) float32, 0..1
        Of all pieces together.
    density : (H, W) float32, 0..0.49
        Share of the ground's light that their shadows take.
    hidden : tuple of float, 0..1
        Of each piece, the share that others cover.
    outside : tuple of float, 0..1
        Of each piece, the share that lies beyond the sheet.
    margin : float, px
        The least empty edge; 0 where a piece is cut by the sheet's edge.
    seam : float, 0..1
        Of the border where one piece lies over another, the share that is lighter or darker than both sides.
    enlarged : float
        The largest scale of a piece against its capture; above 1 pixels are made up.
    """

    rgb: Float32
    alpha: Float32
    density: Float32
    hidden: tuple[float, ...]
    outside: tuple[float, ...]
    margin: float
    seam: float
    enlarged: float


def box_of_subject(alpha: Float32) -> tuple[int, int, int, int] | None:
    """Return the box (x0, y0, x1, y1) px of what is seen of a matte, ends excluded; None for an empty one.

    Examples
    --------
    >>> matte = np.zeros((20, 30), np.float32)
    >>> matte[5:15, 10:12] = 1
    >>> box_of_subject(matte)
    (10, 5, 12, 15)
    """
    seen = alpha > _SEEN
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def compose_sheet(
    pieces: Sequence[Piece],
    size: tuple[int, int],
    *,
    shadow: str = "contact",
    strength: float = 0.35,
    angle_deg: float = 90.0,
) -> Sheet:
    """Lay cut-outs on a sheet, the first farthest, with shadows of one light.

    Parameters
    ----------
    pieces : sequence of Piece
        Not empty; each shows something.
    size : (width, height) px
    shadow : {"none", "contact", "drop"}
    strength : float, 0..0.49
        Light that a shadow takes where it is deepest.
    angle_deg : float
        Where shadows fall: 0 right, 90 down.

    Raises
    ------
    ValueError
        Without pieces, or for one without a subject.

    Notes
    -----
    A piece F of alpha a and shadow density d over what is there, premultiplied P of coverage A, ground seen through
    shadows S: ``P' = a F + (1 - a) (1 - d) P``, ``A' = a + (1 - a) A``, ``S' = (1 - d) S``, in linear light. So shadows
    fall on what lies behind, pieces and ground alike. All shadows are as soft and as far in px, taken from the tallest
    piece: one light for one sheet. The ground's shadow ends at 0.49, where several lie over one another too.

    References
    ----------
    T. Porter, T. Duff, "Compositing digital images", 1984, operator over.
    """
    if not pieces:
        raise ValueError("a sheet without a piece shows nothing: name at least one cut-out")
    width, height = size
    premultiplied, cover = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    light, seen = np.ones((height, width), np.float32), np.full((height, width), -1, np.int16)
    tallest = max(each.height for each in pieces)
    areas, inside, owns, scales, seams = [], [], [], [], []
    for nth, piece in enumerate(pieces):
        color, alpha, box, whole, scale = _fitted(piece, size)
        placed = np.zeros((height, width), np.float32)
        placed[box] = alpha
        if shadow != "none" and strength > 0:
            density = _shade(placed, shadow, angle_deg, tallest) * np.float32(strength)
            premultiplied *= (1 - density)[..., None]
            light *= 1 - density
        before = premultiplied[box].copy()
        premultiplied[box] = color + (1 - alpha)[..., None] * before
        seams.append(_seam(premultiplied[box], alpha, cover[box], before))
        cover[box] = alpha + (1 - alpha) * cover[box]
        seen[placed > _SEEN] = nth
        owns.append(placed > _SEEN)
        areas.append(int(owns[-1].sum()))
        inside.append(areas[-1] / max(1.0, whole))
        scales.append(scale)
    straight = premultiplied / np.maximum(cover, np.float32(1e-6))[..., None]
    border, rough = (sum(each[n] for each in seams) for n in (0, 1))
    return Sheet(
        np.asarray(straight, np.float32),
        cover,
        np.asarray(np.minimum(1 - light, _MOST_SHADE), np.float32),
        tuple(1 - float((seen == n).sum()) / max(1, area) for n, area in enumerate(areas)),
        tuple(max(0.0, 1 - each) for each in inside),
        _margin(cover),
        rough / border if border else 0.0,
        max(scales),
    )


def _fitted(piece: Piece, size: tuple[int, int]) -> tuple[Float32, Float32, tuple[slice, slice], float, float]:
    """The piece at its size, premultiplied, cut to the sheet; its box there, its whole area and its scale."""
    subject = box_of_subject(piece.alpha)
    if subject is None:
        raise ValueError("a piece without a subject can't be placed: cut it out first")
    scale = piece.height / (subject[3] - subject[1])
    rows, columns = piece.alpha.shape
    fitted = max(1, round(columns * scale)), max(1, round(rows * scale))
    both = np.dstack([piece.rgb * piece.alpha[..., None], piece.alpha])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    both = cv2.resize(both, fitted, interpolation=way) if fitted != (columns, rows) else both
    alpha = np.clip(both[..., 3], 0, 1)
    whole = float((alpha > _SEEN).sum())
    left = round(piece.at[0] - scale * (subject[0] + subject[2]) / 2)
    top = round(piece.at[1] - scale * subject[3])
    y0, x0 = max(0, -top), max(0, -left)
    y1, x1 = min(fitted[1], size[1] - top), min(fitted[0], size[0] - left)
    if y1 <= y0 or x1 <= x0:
        return both[:0, :0, :3], alpha[:0, :0], (slice(0, 0), slice(0, 0)), whole, scale
    part = both[y0:y1, x0:x1]
    color = np.ascontiguousarray(np.maximum(part[..., :3], 0))
    return color, alpha[y0:y1, x0:x1], (slice(top + y0, top + y1), slice(left + x0, left + x1)), whole, scale


def _shade(placed: Float32, kind: str, angle_deg: float, tallest: float) -> Float32:
    """The density of one piece's shadow, 0..1, of the light that all have in common."""
    scale = min(1.0, _SHADE_PX / max(placed.shape))
    size = max(1, round(placed.shape[1] * scale)), max(1, round(placed.shape[0] * scale))
    small = np.asarray(cv2.resize(placed, size, interpolation=cv2.INTER_AREA), np.float32)
    foot = find_foot(small)
    if foot is None:
        return np.zeros_like(placed)
    own = tallest * scale / foot.height  # softness and distance are shares of a subject's own height
    make: dict[str, Callable[[], Float32]] = {
        "contact": lambda: contact_density(small, _SOFT * own, angle_deg),
        "drop": lambda: drop_density(small, angle_deg, _FAR * own, _SOFT * own / 2),
    }
    return np.asarray(cv2.resize(make[kind](), placed.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _seam(now: Float32, alpha: Float32, cover: Float32, behind: Float32) -> tuple[int, int]:
    """Pixels of the border with pieces behind, and those of them that stand out of both sides."""
    if not alpha.size:
        return 0, 0
    around = np.ones((2 * _SEAM_PX + 1, 2 * _SEAM_PX + 1), np.uint8)
    border = (alpha > 0.02) & (alpha < 0.98) & (cv2.erode(cover, around) > 0.98)
    if not border.any():
        return 0, 0
    own = (alpha >= 0.98).astype(np.float32)
    front, back = now.mean(axis=-1), behind.mean(axis=-1)
    sides = [
        (cv2.dilate(np.where(own > 0, front, -1), around), cv2.dilate(back, around)),
        (cv2.erode(np.where(own > 0, front, 9e9), around), cv2.erode(back, around)),
    ]
    most = np.maximum(*sides[0]) + _STEP
    least = np.minimum(*sides[1]) - _STEP
    known = border & (sides[0][0] >= 0)
    return int(known.sum()), int((known & ((front > most) | (front < least))).sum())


def _margin(cover: Float32) -> float:
    box = box_of_subject(cover)
    if box is None:
        return 0.0
    return float(min(box[0], box[1], cover.shape[1] - box[2], cover.shape[0] - box[3]))
