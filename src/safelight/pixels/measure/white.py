"""Whether a background is exactly the color it was asked to be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import to_float
from safelight.pixels.measure.region import WHITE_LEAST, as_mask, connected_to_border

# A JPEG block rings this far: a perfect cutout on white encoded at quality 95 is exact beyond it.
NEAR_PX = 16
_OFF_CONTOUR_PX = 3
# A coverage below 1/50 cannot be told from background: black at 0.02 over white is 253 in sRGB.
_COVERED = 0.02
_UNSHADED = 0.002  # of light: a quarter of a level of 255 below white
_TILE = 128  # px: small tiles leave most of the picture, away from the contour, unmeasured
# Classes of the map: subject, right at the contour, near, far.
_SUBJECT, _CONTOUR, _NEAR, _FAR = 0, 1, 2, 3
_MOST_COMPARED = 50_000


@dataclass(frozen=True, eq=False)
class Background:
    """How a background keeps to its color.

    Parameters
    ----------
    pixels, far_pixels : int
        Background pixels, and those of them farther than 16 px from the subject.
    border_off : int
        Pixels of the outermost ring that are not exactly the color, the subject's included.
    far_off : int
        Far background pixels that are not exactly the color.
    near_offset : float or None
        Levels of 255 between the mean of the near background and the color, in the worst channel;
        None where there is no near background.
    near_mean : (r, g, b) or None
        That mean, in levels of 255.
    near_delta_e : float or None
        Largest ΔE00 to the color of a 3 x 3 mean, 3 to 16 px off the contour.
    border_bad, far_bad, near_bad : (H, W) uint8
        Where: 0 is exact, else levels of 255 off, at least 1.
    """

    pixels: int
    far_pixels: int
    border_off: int
    far_off: int
    near_offset: float | None
    near_mean: tuple[float, float, float] | None
    near_delta_e: float | None
    border_bad: NDArray[np.uint8]
    far_bad: NDArray[np.uint8]
    near_bad: NDArray[np.uint8]


def measure_background(
    pixels: NDArray[Any],
    space: str,
    color: tuple[int, int, int] = (255, 255, 255),
    alpha: NDArray[np.float32] | None = None,
    bleed: Collection[str] = (),
    *,
    shaded: bool = False,
) -> Background:
    """Hold a background against one color, exactly.

    Parameters
    ----------
    pixels : (H, W, 3) uint8 or uint16, display-referred
        As decoded from the delivered file.
    space : str
        Its color space.
    color : (r, g, b), 0..255 in code values of `space`
        What the background must be.
    alpha : (H, W) float32 or None
        The matte; the background is where it is at most 0.02. Without one (a file made elsewhere) it is
        what lies within 5 levels of `color` (250 and up for white) and is connected to the border.
    bleed : collection of "left", "top", "right", "bottom"
        Sides where the subject may leave the frame: there its own border pixels, and those within
        16 px of it, are not counted.
    shaded : bool
        A shadow was asked for: the background is where `alpha`, which holds it, takes less than half a level.

    Returns
    -------
    Background

    Notes
    -----
    The rule: every border pixel and every background pixel farther than 16 px from the subject is exactly
    the color; nearer, the mean is within 0.5 levels of it and, from 3 px off the contour, ΔE00 after a 3 px
    mean is at most 2. A perfect cutout on white, as JPEG of quality 95 in 4:4:4, measures 254.9 and 1.7.
    """
    if pixels.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"measure_background reads decoded files, uint8 or uint16, got {pixels.dtype}: encode first")
    level = 1 if pixels.dtype == np.uint8 else 257
    target = tuple(float(each * level) for each in color)
    background = _background(pixels, color, level, alpha, _UNSHADED if shaded else _COVERED)
    zones = _zones(background)
    off = cv2.bitwise_not(cv2.inRange(pixels, target, target))
    off = cv2.bitwise_and(off, background)
    bad = _levels_off(pixels, off, target, level)
    near = cv2.inRange(zones, _CONTOUR, _NEAR)
    far = as_mask(zones == _FAR)
    near_bad, far_bad = cv2.bitwise_and(bad, near), cv2.bitwise_and(bad, far)
    border_bad = _border(pixels, target, level, zones, bleed)
    mean = _mean_near(pixels, near, off, target, level)
    return Background(
        pixels=cv2.countNonZero(background),
        far_pixels=cv2.countNonZero(far),
        border_off=cv2.countNonZero(border_bad),
        far_off=cv2.countNonZero(far_bad),
        near_offset=None if mean is None else max(abs(m - c) for m, c in zip(mean, color, strict=True)),
        near_mean=mean,
        near_delta_e=_worst_difference(pixels, space, zones, off, target) if mean is not None else None,
        border_bad=border_bad,
        far_bad=far_bad,
        near_bad=near_bad,
    )


def _background(
    pixels: NDArray[Any], color: tuple[int, int, int], level: int, alpha: NDArray[np.float32] | None, covered: float
) -> NDArray[np.uint8]:
    if alpha is not None:
        return as_mask(alpha <= covered)
    room = 255 - WHITE_LEAST
    low = tuple(float(max(0, each - room) * level) for each in color)
    high = tuple(float(min(255, each + room) * level) for each in color)
    return connected_to_border(cv2.inRange(pixels, low, high))


def _zones(background: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Class each pixel by its distance from the subject; only tiles on the contour are measured."""
    height, width = background.shape
    zones = np.full((height, width), _FAR, np.uint8)
    pad = NEAR_PX + 2
    for y in range(0, height, _TILE):
        for x in range(0, width, _TILE):
            y0, x0 = max(0, y - pad), max(0, x - pad)
            around = background[y0 : y + _TILE + pad, x0 : x + _TILE + pad]
            covered = cv2.countNonZero(around)
            inside = zones[y : y + _TILE, x : x + _TILE]
            if covered == 0:
                inside[:] = _SUBJECT
            elif covered < around.size:
                far = cv2.distanceTransform(np.ascontiguousarray(around), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
                far = far[y - y0 : y - y0 + inside.shape[0], x - x0 : x - x0 + inside.shape[1]]
                inside[far <= NEAR_PX] = _NEAR
                inside[far < _OFF_CONTOUR_PX] = _CONTOUR
                inside[far == 0] = _SUBJECT
    return zones


def _levels_off(
    pixels: NDArray[Any], off: NDArray[np.uint8], target: tuple[float, ...], level: int
) -> NDArray[np.uint8]:
    """Return how many levels of 255 the worst channel is off where `off` says so, at least 1; else 0."""
    bad = np.zeros(off.shape, np.uint8)
    for y in range(0, off.shape[0], _TILE):
        strip, wrong = pixels[y : y + _TILE], off[y : y + _TILE]
        count = cv2.countNonZero(wrong)
        if count > wrong.size // 20:  # most of it: whole strips are faster than single pixels
            red, green, blue = cv2.split(cv2.absdiff(strip, target))
            bad[y : y + _TILE] = cv2.bitwise_and(_levels(cv2.max(cv2.max(red, green), blue), level), wrong)
        elif count:
            columns, rows = cv2.findNonZero(wrong).reshape(-1, 2).T
            apart = np.abs(strip[rows, columns].astype(np.int32) - np.asarray(target, np.int32)).max(axis=1)
            bad[y + rows, columns] = _levels(apart, level)
    return bad


def _levels(apart: NDArray[Any], level: int) -> NDArray[np.uint8]:
    """Turn code values into levels of 255, rounded up."""
    if level == 1:
        return apart.astype(np.uint8)
    levels: NDArray[np.uint8] = np.minimum(-(-apart.astype(np.int32) // level), 255).astype(np.uint8)
    return levels


def _border(
    pixels: NDArray[Any], target: tuple[float, ...], level: int, zones: NDArray[np.uint8], bleed: Collection[str]
) -> NDArray[np.uint8]:
    """Return how many levels of 255 each pixel of the outermost ring is off, the subject's pixels included."""
    ring = np.zeros(zones.shape, np.uint8)
    every = slice(None)
    sides: dict[str, Any] = {"top": (0, every), "bottom": (-1, every), "left": (every, 0), "right": (every, -1)}
    for side, where in sides.items():
        apart = np.abs(pixels[where].astype(np.int32) - np.asarray(target, np.int32)).max(axis=1)
        counted = zones[where] == _FAR if side in bleed else np.True_
        ring[where] = np.maximum(ring[where], _levels(apart, level) * counted)
    return ring


def _mean_near(
    pixels: NDArray[Any], near: NDArray[np.uint8], off: NDArray[np.uint8], target: tuple[float, ...], level: int
) -> tuple[float, float, float] | None:
    """Return the mean color of the near background in levels of 255; None where there is none."""
    count = cv2.countNonZero(near)
    if count == 0:
        return None
    wrong = cv2.bitwise_and(near, off)
    others = cv2.countNonZero(wrong)
    if others == 0:
        return target[0] / level, target[1] / level, target[2] / level
    mean = cv2.mean(pixels, wrong)
    r, g, b = (
        (each * others + goal * (count - others)) / count / level for each, goal in zip(mean, target, strict=False)
    )
    return r, g, b


def _worst_difference(
    pixels: NDArray[Any], space: str, zones: NDArray[np.uint8], off: NDArray[np.uint8], target: tuple[float, ...]
) -> float:
    """Return the largest ΔE00 to the target of 3 x 3 means, 3 to 16 px off the contour."""
    touched = cv2.bitwise_and(cv2.dilate(off, np.ones((3, 3), np.uint8)), as_mask(zones == _NEAR))
    found = cv2.findNonZero(touched)
    if found is None:
        return 0.0
    columns, rows = found.reshape(-1, 2).T.astype(np.int64)
    mean = np.zeros((len(rows), 3), np.float32)
    full = np.float32(np.iinfo(pixels.dtype).max)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            row = np.clip(rows + down, 0, pixels.shape[0] - 1)
            column = np.clip(columns + right, 0, pixels.shape[1] - 1)
            mean += to_float(pixels[row, column]) / 9
    goal = np.asarray(target, np.float32) / full
    # ΔE00 grows with the offset, so the largest is among the farthest by code value.
    apart = np.abs(mean - goal).max(axis=1)
    if len(apart) > _MOST_COMPARED:
        mean = mean[np.argpartition(apart, -_MOST_COMPARED)[-_MOST_COMPARED:]]
    lab, wanted = lab_from(mean, space), lab_from(goal[None], space)
    return float(delta_e_2000(lab, wanted).max())
