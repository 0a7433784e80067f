"""What was composed into a picture from elsewhere, and how well it meets what was photographed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

LOOK_PX = 1200  # on the longer side: pictures are looked at in this size
_OTHER = 0.1  # of the code range, beyond what one line a channel explains: another thing stands here
_LEAST_SHARE = 0.003  # of the subject; smaller pieces are repairs
_REACH = 0.012  # of the longer side: how far beside the joint its ends are looked at


@dataclass(frozen=True, eq=False)
class Joints:
    """Measures of the joint between a composed piece and the rest.

    Parameters
    ----------
    share : float, 0..1
        Of the subject, that was composed in.
    gap : float, 0..1
        Of the joint's length, where the ground shows through.
    step : float, 0..1 of the longer side
        The deepest notch or bump in the outline where the joint comes to it.
    shade : float, L*
        Between both sides where the joint comes to the outline; the larger of its ends.
    bad : (H, W) uint8
        255 where a joint gapes or steps.
    joint : (H, W) uint8
        255 along the joint.
    """

    share: float
    gap: float
    step: float
    shade: float
    bad: NDArray[np.uint8]
    joint: NDArray[np.uint8]


def measure_joints(codes: Float32, original: Float32, alpha: Float32) -> Joints | None:
    """Find the largest composed piece and measure its joint.

    Parameters
    ----------
    codes, original : (H, W, 3) float32, code values 0..1
        The finished picture and the capture on the same pixels, at most `LOOK_PX` on the longer side.
    alpha : (H, W) float32, 0..1
        The finished picture's matte.

    Returns
    -------
    Joints or None
        None where the subject shows what its capture shows: nothing was composed in, or so little that it is a repair.

    Notes
    -----
    A grade moves all code values of a channel alike: the line that most of the subject keeps to is taken off first.
    """
    mask = alpha > 0.5
    if not mask.any():
        return None
    other = _other(codes, original, mask)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(other)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    share = float(stats[best, cv2.CC_STAT_AREA] / mask.sum())
    rest = (mask & (labels != best)).astype(np.uint8)
    if not _LEAST_SHARE < share < 0.6 or not rest.any():
        return None
    piece = cv2.morphologyEx((labels == best).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    wide = np.ones((9, 9), np.uint8)
    near = (cv2.dilate(piece, wide) & cv2.dilate(rest, wide)) > 0
    reach = max(4, round(_REACH * max(mask.shape)))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    solid = mask.astype(np.uint8)
    outside = _open_ground(solid)
    ends = near & (cv2.dilate(outside, np.ones((5, 5), np.uint8)) > 0)
    gaping = near & ~mask & (outside == 0)
    # Where the joint comes to the outline, the ground between two collars is no slit.
    slit = near & ~mask & (cv2.morphologyEx(solid, cv2.MORPH_CLOSE, wide) > 0)
    slit &= cv2.dilate(ends.astype(np.uint8), disk) == 0
    length = max(1, int(_thin(near).sum()))
    notch = (cv2.morphologyEx(solid, cv2.MORPH_CLOSE, disk) ^ cv2.morphologyEx(solid, cv2.MORPH_OPEN, disk)) > 0
    notch &= cv2.dilate(ends.astype(np.uint8), disk) > 0
    depth = cv2.distanceTransform(notch.astype(np.uint8), cv2.DIST_L2, 3)
    gap = float(_thin(gaping | slit).sum() / length)
    bad = np.where(gaping | slit | (depth > 1.5), 255, 0).astype(np.uint8)
    shade = _shade_at(codes, ends, piece, rest, reach)
    joint = np.where(_thin(near), 255, 0).astype(np.uint8)
    return Joints(share, min(1.0, gap), 2 * float(depth.max()) / max(mask.shape), shade, bad, joint)


def _other(codes: Float32, original: Float32, mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 where the subject is another thing than on the capture."""
    away = np.zeros(mask.shape, np.float32)
    for channel in range(3):
        was, now = original[..., channel], codes[..., channel]
        slope, offset = _line(was[mask], now[mask])
        away = np.maximum(away, np.abs(now - (slope * was + offset)))
    away = cv2.GaussianBlur(away, (0, 0), 1.0)
    return np.asarray(
        cv2.morphologyEx(((away > _OTHER) & mask).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8
    )


def _line(was: Float32, now: Float32) -> tuple[float, float]:
    """The line that most pixels keep to; those far from it count for nothing (Tukey's weights)."""
    every = max(1, len(was) // 20_000)
    x, y = was[::every].astype(np.float64), now[::every].astype(np.float64)
    slope, offset = 1.0, float(np.median(y - x))
    for _ in range(8):
        off = np.abs(y - (slope * x + offset))
        spread = max(0.01, 3 * float(np.median(off)))
        weight = np.clip(1 - (off / (2 * spread)) ** 2, 0, 1) ** 2
        total = weight.sum()
        mean_x, mean_y = (weight * x).sum() / total, (weight * y).sum() / total
        wide = (weight * (x - mean_x) ** 2).sum()
        # An even cloth shows no slope of its own: it keeps the last one.
        slope = slope if wide < 1e-4 * total else float((weight * (x - mean_x) * (y - mean_y)).sum() / wide)
        offset = float(mean_y - slope * mean_x)
    return slope, offset


def _open_ground(solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 for the ground that reaches the frame's rim."""
    framed = cv2.copyMakeBorder(1 - solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, labels = cv2.connectedComponents(framed, connectivity=4)
    return np.asarray((labels == labels[0, 0])[1:-1, 1:-1], np.uint8)


def _thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """About one pixel of a line's width: each whose neighbor above or left is not of it."""
    found = np.zeros_like(mask)
    found[1:] = mask[1:] & ~mask[:-1]
    found[:, 1:] |= mask[:, 1:] & ~mask[:, :-1]
    return found


def _shade_at(
    codes: Float32, ends: NDArray[np.bool_], piece: NDArray[np.uint8], rest: NDArray[np.uint8], reach: int
) -> float:
    """The largest difference of lightness between both sides, over the places where a joint ends."""
    light = cv2.cvtColor(np.ascontiguousarray(codes), cv2.COLOR_RGB2LAB)[..., 0]
    count, labels = cv2.connectedComponents(cv2.dilate(ends.astype(np.uint8), np.ones((5, 5), np.uint8)))
    found = 0.0
    for each in range(1, count):
        around = cv2.dilate((labels == each).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
        sides = [light[around & (cv2.erode(side, np.ones((3, 3), np.uint8)) > 0)] for side in (piece, rest)]
        if min(len(side) for side in sides) >= 8:
            found = max(found, abs(float(np.median(sides[0])) - float(np.median(sides[1]))))
    return found
