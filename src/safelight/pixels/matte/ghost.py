"""A ghost mannequin's draft: the inside of a neck, seen on a second shot, laid behind the opening of the first."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from safelight.pixels.color.difference import delta_e_2000, lab_from

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LOOK_PX = 1000  # contours of a garment tell no more at a larger size
_LOBE_ROWS = 0.04  # of the subject's height: what of a mannequin's neck is looked at first
_LOBE_WIDTH = 0.5  # of the subject's width, that a neck is narrower than
_NEAR_TINT, _NEAR_LIGHT = 9.0, 28.0  # a*b* and L* from the neck's color, within which a pixel is the mannequin's
_MIDDLE = 0.6  # of the subject's width: a neck opens there
_LEAST_DIP = 0.02  # of the subject's height
_LEAST_WIDTH = 0.06  # of the subject's width
_LEVEL = 0.6  # of the opening's depth, by which its two ends may differ in height
_ROUNDS = 200
_STILL = 1e-6  # of a turn or of the frame: nothing moves any more
_TRUSTED = 0.75  # of the contour, in each round the best fitting part: hems and cuffs may lie otherwise
_FAR_GAIN = 3.0  # between two shots of one set; beyond it they are not of one light


@dataclass(frozen=True, eq=False)
class Opening:
    """Where a neck opens.

    Parameters
    ----------
    left, right : (x, y) px
        The collar's highest points on both sides.
    rim : (n,) float32, px
        The row of the garment's front edge, for each column from left to right.
    """

    left: tuple[int, int]
    right: tuple[int, int]
    rim: Float32

    @property
    def width(self) -> int:
        """Columns from one side of the collar to the other."""
        return self.right[0] - self.left[0]

    def within(self, box: tuple[slice, slice]) -> Opening:
        """Return it in px of a part (rows, columns) of the picture."""
        y, x = box[0].start, box[1].start
        moved = [(each[0] - x, each[1] - y) for each in (self.left, self.right)]
        return Opening(moved[0], moved[1], self.rim - np.float32(y))


@dataclass(frozen=True, eq=False)
class Placement:
    """How the second shot lies on the first.

    Parameters
    ----------
    matrix : (2, 3) float64
        From px of the second to px of the first: shift, turn and one scale.
    misfit : float, 0..1 of the first's longer side
        Nine tenths of the shoulders' contour lie nearer than this.
    """

    matrix: NDArray[np.float64]
    misfit: float

    def within(self, box: tuple[slice, slice]) -> Placement:
        """Return it in px of a part (rows, columns) of the first."""
        matrix = self.matrix.copy()
        matrix[:, 2] -= (box[1].start, box[0].start)
        return Placement(matrix, self.misfit)

    @property
    def scale(self) -> float:
        """How much the second shot is enlarged."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def turn_deg(self) -> float:
        """How far it is turned, clockwise."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))


@dataclass(frozen=True, eq=False)
class Joined:
    """Both shots as one.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, straight
    alpha : (H, W) float32, 0..1
    piece : (H, W) float32, 0..1
        What shows of the second shot.
    gap : float, 0..1
        Of the opening below the collar's ends, where nothing lies behind.
    neck_step : float, 0..1 of the opening's width
        The larger of the two steps in the outline where the collars meet.
    shade : float, ΔE00
        Between both collars where they meet; the larger of two.
    gain : (float, float, float)
        What the second shot's light was multiplied by.
    """

    rgb: Float32
    alpha: Float32
    piece: Float32
    gap: float
    neck_step: float
    shade: float
    gain: tuple[float, float, float]


def without_mannequin(rgb: Float32, alpha: Float32, space: str = "linear_rec2020") -> tuple[Float32, float]:
    """Take a mannequin's neck out of a garment's matte.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light of `space`
    alpha : (H, W) float32, 0..1
        Of garment and mannequin.

    Returns
    -------
    alpha : (H, W) float32
        Of the garment alone; the very same where no narrow neck stands on top, or where the garment is of the
        mannequin's color, so that they can't be told apart.
    share : float, 0..1
        Of the subject, that was taken off.

    Notes
    -----
    The neck is the narrow lobe on top; what is connected to it and of its color, lighter or darker, is the mannequin's.
    """
    scale, small_alpha = _reduced(alpha)
    mask = small_alpha > 0.5
    if not mask.any():
        return alpha, 0.0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = len(rows), columns[-1] - columns[0] + 1
    lobe = np.zeros_like(mask)
    lobe[: rows[0] + max(3, round(_LOBE_ROWS * height))] = mask[: rows[0] + max(3, round(_LOBE_ROWS * height))]
    across = np.flatnonzero(lobe.any(axis=0))
    inner = cv2.erode(lobe.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if across[-1] - across[0] + 1 > _LOBE_WIDTH * width or not inner.any():
        return alpha, 0.0
    size = mask.shape[1], mask.shape[0]
    lab = lab_from(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32), space)
    away = lab - np.median(lab[inner], axis=0)
    alike = (np.abs(away[..., 0]) < _NEAR_LIGHT) & (np.hypot(away[..., 1], away[..., 2]) < _NEAR_TINT) & mask
    alike = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(alike)
    own = np.isin(labels, np.setdiff1d(np.unique(labels[inner]), [0]))
    own = cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)) > 0
    own |= lobe & (cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)  # its soft rim
    share = float((own & mask).sum() / mask.sum())
    if not 0.001 < share < 0.35:
        return alpha, 0.0
    # A pixel of the garment's edge goes along: it holds the mannequin's light, and the inside lies behind it anyway.
    wide = cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    gone = cv2.resize(wide, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    kept = alpha * (1 - np.clip(cv2.GaussianBlur(gone, (0, 0), max(0.6, 0.5 / scale)) * 2 - 0.5, 0, 1))
    return _without_crumbs(np.asarray(kept, np.float32), gone > 0.01, max(1, round(2 / scale))), share


def _without_crumbs(alpha: Float32, gone: Mask, reach: int) -> Float32:
    """A matte without what a removal left around it: thin threads of a soft edge that belong to nothing."""
    solid = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    held = cv2.dilate(_largest(solid > 0).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    near = cv2.dilate(gone.astype(np.uint8), np.ones((8 * reach + 1,) * 2, np.uint8)) > 0
    return np.where(near & ~held, np.float32(0), alpha)


def find_opening(alpha: Float32) -> Opening | None:
    """Find where a garment's neck opens: the deepest dip of its upper outline between two higher points.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1
        Of the garment alone.

    Returns
    -------
    Opening or None
        None where the outline has no dip in its middle: a turtleneck, a closed hood, a neck that was left in.

    Examples
    --------
    >>> garment = np.zeros((60, 80), np.float32); garment[10:50, 10:70] = 1; garment[10:18, 30:50] = 0
    >>> found = find_opening(garment)
    >>> found.left, found.right, int(found.rim.max())
    ((29, 10), (50, 10), 18)
    """
    mask = _largest(alpha > 0.5)
    columns = np.flatnonzero(mask.any(axis=0))
    if len(columns) < 8:
        return None
    spare = (1 - _MIDDLE) / 2 * len(columns)
    first, last = round(columns[0] + spare), round(columns[-1] - spare)
    top = np.argmax(mask[:, first : last + 1], axis=0).astype(np.float32)
    top[~mask[:, first : last + 1].any(axis=0)] = mask.shape[0]
    level = np.maximum(np.minimum.accumulate(top), np.minimum.accumulate(top[::-1])[::-1])
    dip = top - level
    at = int(np.argmax(dip))
    if dip[at] < _LEAST_DIP * np.flatnonzero(mask.any(axis=1)).size:
        return None
    # The points nearest to the dip that are as high as its sides get.
    left = int(np.flatnonzero(top[:at] <= top[:at].min())[-1])
    right = at + int(np.flatnonzero(top[at:] <= top[at:].min())[0])
    uneven = abs(float(top[left] - top[right])) > _LEVEL * float(top[at] - max(top[left], top[right]))
    if uneven or right - left < _LEAST_WIDTH * len(columns):
        return None  # the nook between a shoulder and a neck that was left in
    return Opening((first + left, int(top[left])), (first + right, int(top[right])), top[left : right + 1].copy())


def place_inner(outer: Float32, inner: Float32, opening: Opening) -> Placement:
    """Work out how a second shot of a garment lies on the first, by the outlines of both.

    Parameters
    ----------
    outer, inner : (H, W) float32, 0..1
        Mattes of the garment on both shots; they may be of different sizes.
    opening : Opening
        Of the outer: its outline in the neck is not the inner's.

    Returns
    -------
    Placement

    Notes
    -----
    Iterated closest points (Besl and McKay 1992) with one shift, turn and scale, trimmed to the best three quarters
    (Chetverikov et al. 2005).
    """
    mine, own = _outline(outer), _outline(inner)
    near = 2 * max(3, round(max(outer.shape) / _LOOK_PX)) + 1
    neck = cv2.dilate(_pocket(outer, opening).astype(np.uint8), np.ones((near, near), np.uint8)) > 0
    x, y = np.rint(mine).astype(int).T
    mine = mine[~neck[y.clip(0, neck.shape[0] - 1), x.clip(0, neck.shape[1] - 1)]]
    to, start = _as_complex(mine), _as_complex(own)
    turn = complex(float(np.ptp(mine[:, 0]) / max(1.0, np.ptp(own[:, 0]))), 0)
    shift = complex((mine[:, 0].min() + mine[:, 0].max()) / 2, mine[:, 1].max())
    shift -= turn * complex((own[:, 0].min() + own[:, 0].max()) / 2, own[:, 1].max())
    far = np.zeros(len(to))
    for _ in range(_ROUNDS):
        moved = turn * start + shift
        found = cKDTree(np.column_stack([moved.real, moved.imag])).query(mine)
        far, which = np.asarray(found[0], np.float64), np.asarray(found[1], np.int64)
        kept = far <= np.quantile(far, _TRUSTED)
        a, b = start[which[kept]], to[kept]
        middle, goal = a.mean(), b.mean()
        before = turn, shift
        turn = complex(np.vdot(a - middle, b - goal) / max(1e-9, float((np.abs(a - middle) ** 2).sum())))
        shift = complex(goal - turn * middle)
        if abs(turn - before[0]) < _STILL and abs(shift - before[1]) < _STILL * max(outer.shape):
            break
    upper = mine[:, 1] < mine[:, 1].min() + 0.4 * np.ptp(mine[:, 1])
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    return Placement(matrix, float(np.quantile(far[upper], 0.9)) / max(outer.shape))


def join_shots(
    outer: Float32,
    outer_alpha: Float32,
    inner: Float32,
    inner_alpha: Float32,
    opening: Opening,
    placement: Placement,
    *,
    depth: float = 0.25,
    space: str = "linear_rec2020",
) -> Joined:
    """Lay the second shot behind the opening of the first.

    Parameters
    ----------
    outer, inner : (H, W, 3) float32, linear light, straight
    outer_alpha, inner_alpha : (H, W) float32, 0..1
        `outer_alpha` of the garment alone.
    opening, placement : Opening, Placement
    depth : float, 0..1
        How much of its light the inside loses right behind the front edge.
    space : str
        The color space of both, linear.

    Returns
    -------
    Joined
        Outside of the opening the outer shot, value for value.

    Notes
    -----
    ``P = a O + (1 - a) b I g s`` over ``a + (1 - a) b``: the inner I of coverage b, its light matched by one gain g a
    channel over the cloth that both shots show, and darkened by s toward the front edge.
    """
    size = outer_alpha.shape[::-1]
    laid = _carried(inner, placement, size)
    cover = cv2.warpAffine(inner_alpha, placement.matrix, size, flags=cv2.INTER_LINEAR)
    gain = _gain(outer, outer_alpha, laid, cover)
    pocket = _pocket(outer_alpha, opening)
    behind = np.asarray(cover * pocket, np.float32)
    off = cv2.distanceTransform((outer_alpha < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    shade = 1 - np.float32(depth) * np.exp(-off / np.float32(max(2.0, 0.15 * opening.width)))
    light = np.maximum(laid, 0) * np.asarray(gain, np.float32) * shade[..., None]
    piece = np.asarray((1 - outer_alpha) * behind, np.float32)
    alpha = np.asarray(outer_alpha + piece, np.float32)
    rgb = outer.copy()
    shown = piece > 0
    mixed = outer[shown] * outer_alpha[shown][:, None] + light[shown] * piece[shown][:, None]
    rgb[shown] = mixed / np.maximum(alpha[shown], np.float32(1e-6))[:, None]
    must = pocket & (outer_alpha < 0.02) & _below_line(outer_alpha.shape, opening)
    gap = float((behind[must] < 0.9).mean()) if must.any() else 0.0
    ends = _step_at(alpha, opening.left[0], -1), _step_at(alpha, opening.right[0], 1)
    step = max(ends) / max(1, opening.width)
    shade_off = max(_apart(rgb, alpha, piece, each, opening.width, space) for each in (opening.left, opening.right))
    return Joined(rgb, alpha, piece, gap, step, shade_off, gain)


def _carried(inner: Float32, placement: Placement, size: tuple[int, int]) -> Float32:
    """The second shot on the first's pixels, as sharp as it was, without the rims that a cubic leaves in light."""
    sharp, plain = (
        cv2.warpAffine(inner, placement.matrix, size, flags=each, borderMode=cv2.BORDER_REPLICATE)
        for each in (cv2.INTER_CUBIC, cv2.INTER_LINEAR)
    )
    around = np.ones((3, 3), np.uint8)
    return np.asarray(np.clip(sharp, cv2.erode(plain, around), cv2.dilate(plain, around)), np.float32)


def _below_line(shape: tuple[int, ...], opening: Opening) -> Mask:
    """What lies below the line from one end of the collar to the other."""
    (x0, y0), (x1, y1) = opening.left, opening.right
    line = y0 + (y1 - y0) * (np.arange(shape[1]) - x0) / max(1, x1 - x0)
    return np.asarray(np.arange(shape[0])[:, None] > line[None])


def _pocket(outer_alpha: Float32, opening: Opening) -> Mask:
    """The opening: what is seen through the neck, under a collar that bends over it too, and the room above."""
    columns = np.arange(outer_alpha.shape[1])
    between = (columns >= opening.left[0]) & (columns <= opening.right[0])
    free = (outer_alpha < 0.999) & (_below_line(outer_alpha.shape, opening) | between[None])
    _, labels = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)
    deepest = int(np.argmax(opening.rim))
    own = labels[max(0, int(opening.rim[deepest]) - 2), opening.left[0] + deepest]
    return np.asarray((labels == own) & (own > 0))


def _gain(outer: Float32, outer_alpha: Float32, inner: Float32, cover: Float32) -> tuple[float, float, float]:
    """Light of the first over that of the second, where both show the same cloth; 1 where they share none."""
    both = ((outer_alpha > 0.98) & (cover > 0.98)).astype(np.uint8)
    both = cv2.erode(both, np.ones((9, 9), np.uint8)) > 0
    both &= (inner.min(axis=-1) > 1e-3) & (outer.min(axis=-1) > 1e-3)
    if both.sum() < 100:
        return 1.0, 1.0, 1.0
    ratio = np.median(outer[both] / inner[both], axis=0).clip(1 / _FAR_GAIN, _FAR_GAIN)
    return float(ratio[0]), float(ratio[1]), float(ratio[2])


def _step_at(alpha: Float32, column: int, way: int) -> float:
    """The jump of the upper outline between both sides of a collar's end, less what its own slope explains; px."""
    tops = np.argmax(alpha > 0.5, axis=0).astype(np.float64)
    out, back = (tops[np.clip(column + side * np.array([2, 3, 4]) * way, 0, len(tops) - 1)] for side in (1, -1))
    jump = abs(float(np.median(out)) - float(np.median(back)))
    slope = max(abs(float(out[2] - out[0])), abs(float(back[2] - back[0])))
    return max(0.0, jump - 2 * slope - 2)


def _apart(rgb: Float32, alpha: Float32, piece: Float32, end: tuple[int, int], width: int, space: str) -> float:
    """ΔE00 of both shots beside a collar's end; 0 where one of them does not reach it."""
    reach = max(4, round(0.08 * width))
    x, y = end
    box = np.s_[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
    sure, share = alpha[box] > 0.98, piece[box]
    sides = [rgb[box][sure & each] for each in (share > 0.95, share < 0.05)]
    if min(len(each) for each in sides) < 6:
        return 0.0
    one, other = (lab_from(np.median(each, axis=0)[None].astype(np.float32), space) for each in sides)
    return float(delta_e_2000(one, other)[0])


def _reduced(alpha: Float32) -> tuple[float, Float32]:
    scale = min(1.0, _LOOK_PX / max(alpha.shape))
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    return scale, np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)


def _largest(mask: Mask) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return mask if count < 2 else np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def _outline(alpha: Float32) -> NDArray[np.float64]:
    """Points (x, y) of the largest piece's contour, in px of `alpha`, from a reduction of it."""
    scale, small = _reduced(alpha)
    mask = _largest(small > 0.5)
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        raise ValueError("a matte without a subject has no outline to lie on another: cut the garment out first")
    points = max(found, key=len)[:, 0].astype(np.float64)
    return np.asarray((points + 0.5) / scale - 0.5, np.float64)


def _as_complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(points[:, 0] + 1j * points[:, 1], np.complex128)
