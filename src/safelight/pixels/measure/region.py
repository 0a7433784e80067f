"""Where the subject is: from its matte, or from the even backdrop around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Source = Literal["matte", "backdrop", "frame"]

# A backdrop is white from here on: USABILITY of marketplaces reads 250 and up as background.
WHITE_LEAST = 250
# A colored or gray backdrop is even when most of the border lies this near to its median.
_EVEN_LEVELS = 8
_EVEN_SHARE = 0.6
_SMALL_SIDE = 1024
_HOLE_RIM = 215


@dataclass(frozen=True, eq=False)
class Region:
    """The subject on a picture's own grid.

    Parameters
    ----------
    mask : (H, W) uint8
        255 on the subject, 0 beside it.
    source : {"matte", "backdrop", "frame"}
        Known from a matte; found as what is not even backdrop; or nothing found: the whole frame.
    """

    mask: NDArray[np.uint8]
    source: Source


def find_subject(pixels: NDArray[Any], space: str, alpha: NDArray[np.float32] | None) -> Region:
    """Tell the subject from its backdrop.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) uint8, uint16 or float32, display-referred
        The picture. Integers hold code values over their full range, floats 0..1.
    space : str
        Its color space; names that begin with ``linear`` are linear light.
    alpha : (H, W) float32, 0..1, or None
        The matte; the subject is where it is above one half. Without one the
        subject is what an even backdrop, connected to the border, leaves: first
        white (all channels at least 250 of 255), else the border's median color
        if six in ten border pixels are within 8 levels of it.

    Returns
    -------
    Region
        A new mask, precise to the pixel for a matte and to about 1/1000 of the side without one.

    Examples
    --------
    >>> white = np.full((60, 80, 3), 255, np.uint8)
    >>> white[20:40, 30:50] = 90
    >>> region = find_subject(white, "srgb", None)
    >>> region.source, round(float((region.mask > 0).mean()), 2)
    ('backdrop', 0.08)
    """
    if alpha is not None:
        return Region(as_mask(alpha > 0.5), "matte")
    height, width = pixels.shape[:2]
    # A median of 3 x 3, so that noise does not cut the backdrop into islands and edges stay in place.
    small = cv2.medianBlur(to_levels(reduce_to(pixels, _SMALL_SIDE), space), 3)
    backdrop = _even_backdrop(small)
    if backdrop is None:
        return Region(np.full((height, width), 255, np.uint8), "frame")
    subject = cv2.bitwise_not(backdrop)
    if subject.shape != (height, width):
        subject = cv2.resize(subject, (width, height), interpolation=cv2.INTER_NEAREST)
    return Region(subject, "backdrop")


def as_mask(which: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return 255 where `which` is true, else 0.

    As fast as cv2.compare, which takes a picture of one to four pixels for a scalar.

    Examples
    --------
    >>> as_mask(np.array([True, False])).tolist()
    [255, 0]
    """
    return np.negative(which.view(np.uint8))


def connected_to_border(candidates: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep those of the `candidates` that reach the picture's border.

    Parameters
    ----------
    candidates : (H, W) uint8
        Not 0 where a pixel may belong to the background.

    Returns
    -------
    (H, W) uint8
        255 where a path of candidates, side by side, leads to the border; a new array.

    Examples
    --------
    >>> ring = np.full((5, 5), 255, np.uint8)
    >>> ring[1:4, 1:4] = 0
    >>> ring[2, 2] = 255
    >>> int((connected_to_border(ring) > 0).sum())
    16
    """
    height, width = candidates.shape
    framed = np.full((height + 2, width + 2), 255, np.uint8)
    framed[1:-1, 1:-1] = as_mask(candidates > 0)
    # The frame of one pixel joins all border pixels, so that one fill from the corner reaches them.
    cv2.floodFill(framed, None, (0, 0), 128)
    return as_mask(framed[1:-1, 1:-1] == 128)


def to_levels(pixels: NDArray[Any], space: str) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 code values for looking at; linear light is encoded with a plain exponent of 1/2.2.

    Good for finding things, not for measuring color. A new array unless `pixels` already is what is returned.

    Examples
    --------
    >>> int(to_levels(np.full((1, 1, 3), 65535, np.uint16), "srgb")[0, 0, 0])
    255
    """
    rgb = pixels[..., :3]
    if rgb.dtype == np.uint8 and not space.startswith("linear"):
        return np.ascontiguousarray(rgb)
    if rgb.dtype == np.uint16 and not space.startswith("linear"):
        return np.asarray(cv2.convertScaleAbs(np.ascontiguousarray(rgb), alpha=255 / 65535), np.uint8)
    most = np.iinfo(rgb.dtype).max if np.issubdtype(rgb.dtype, np.integer) else 1
    unit = np.clip(np.nan_to_num(rgb.astype(np.float32) / most), 0, 1)
    if space.startswith("linear"):
        unit = unit ** np.float32(1 / 2.2)
    levels: NDArray[np.uint8] = np.rint(unit * 255).astype(np.uint8)
    return levels


def reduce_to(pixels: NDArray[Any], longest_side: int) -> NDArray[Any]:
    """Return `pixels` reduced until no side is longer than `longest_side`; never enlarged.

    For finding things fast: each pixel is the mean of the 2 x 2 nearest ones (4 ms for 24 MP),
    not of the whole area (70 ms), so fine texture may alias.

    Examples
    --------
    >>> reduce_to(np.zeros((200, 100, 3), np.uint8), 50).shape
    (50, 25, 3)
    """
    height, width = pixels.shape[:2]
    ratio = longest_side / max(height, width)
    if ratio >= 1:
        return pixels
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    reduced: NDArray[Any] = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    return reduced


def _even_backdrop(levels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Find white or one-colored backdrop on (h, w, 3) code values; None where there is none."""
    white = connected_to_border(cv2.inRange(levels, (WHITE_LEAST,) * 3, (255,) * 3))
    if _border_share(white) >= 0.25:
        return np.asarray(cv2.bitwise_or(white, _holes(levels, white)), np.uint8)
    border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]]).astype(np.int16)
    middle = np.median(border, axis=0)
    if (np.abs(border - middle).max(axis=1) <= _EVEN_LEVELS).mean() < _EVEN_SHARE:
        return None
    low, high = np.clip(middle - _EVEN_LEVELS - 4, 0, 255), np.clip(middle + _EVEN_LEVELS + 4, 0, 255)
    return connected_to_border(cv2.inRange(levels, low, high))


def _holes(levels: NDArray[np.uint8], backdrop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Find white seen through the subject: a handle's inside, not a highlight.

    A highlight falls off gently, so that its rim is nearly white; a hole ends at the product's color.
    """
    white = cv2.bitwise_and(cv2.inRange(levels, (WHITE_LEAST,) * 3, (255,) * 3), cv2.bitwise_not(backdrop))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(white, connectivity=4)
    lightness = levels.min(axis=2)
    holes = np.zeros(white.shape, np.uint8)
    for each in range(1, count):
        x, y, wide, high, area = (int(v) for v in stats[each])
        if area < max(12, white.size // 20_000):
            continue
        box = np.s_[max(0, y - 4) : y + high + 4, max(0, x - 4) : x + wide + 4]
        part = (labels[box] == each).astype(np.uint8)
        near, far = cv2.dilate(part, np.ones((3, 3), np.uint8)), cv2.dilate(part, np.ones((7, 7), np.uint8))
        ring = lightness[box][(far > 0) & (near == 0)]
        if ring.size and np.median(ring) < _HOLE_RIM:
            holes[box][part > 0] = 255
    return holes


def _border_share(mask: NDArray[np.uint8]) -> float:
    edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return float((edge > 0).mean())
