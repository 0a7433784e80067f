"""Detail that is lost at the top or the bottom of the code values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# One code value of 8 bits from the end counts as lost: no eye and no later step finds detail there.
_TOP, _BOTTOM = 254 / 255, 1 / 255
# The capture still had detail where it stayed this far from the end.
_KEPT = 2 / 255
_MOST_SAMPLES = 1_000_000
_SMALL_SIDE = 1024
_STRIP = 128


@dataclass(frozen=True, eq=False)
class Clipping:
    """What is clipped inside a mask; shares are 0..1 of the mask's pixels.

    Parameters
    ----------
    pixels : int
        Pixels of the mask.
    high, low : (red, green, blue)
        Share at the top and at the bottom, channel by channel.
    blown, crushed : float
        Share that is at the top, at the bottom, in all three channels: no detail left at all.
    largest : float
        The largest connected blown or crushed area.
    any_high, all_high, any_low, all_low : (H, W) uint8
        255 there.
    """

    pixels: int
    high: tuple[float, float, float]
    low: tuple[float, float, float]
    blown: float
    crushed: float
    largest: float
    any_high: NDArray[np.uint8]
    all_high: NDArray[np.uint8]
    any_low: NDArray[np.uint8]
    all_low: NDArray[np.uint8]


def measure_clipping(pixels: NDArray[Any], mask: NDArray[np.uint8]) -> Clipping:
    """Count what is clipped inside `mask`.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, display-referred
        Any space in which 0 and the full range (1.0) are the ends.
    mask : (H, W) uint8
        255 on the pixels that count, else 0; at least one.

    Returns
    -------
    Clipping
        Within one 8-bit code value of an end counts as clipped.

    Examples
    --------
    >>> picture = np.full((10, 10, 3), 128, np.uint8)
    >>> picture[:2, :, 0] = 255
    >>> found = measure_clipping(picture, np.full((10, 10), 255, np.uint8))
    >>> found.high, found.blown
    ((0.2, 0.0, 0.0), 0.0)
    """
    top, bottom, _ = _ends(pixels)
    total = cv2.countNonZero(mask)
    maps = tuple(np.zeros(mask.shape, np.uint8) for _ in range(4))
    counts = np.zeros(8)
    # Strips stay in the cache; most hold nothing clipped and cost one comparison.
    for y in range(0, mask.shape[0], _STRIP):
        strip, inside = pixels[y : y + _STRIP], mask[y : y + _STRIP]
        if not cv2.countNonZero(inside):
            continue
        sound = cv2.inRange(strip, (_next(bottom, top, strip.dtype),) * 3, (_next(top, bottom, strip.dtype),) * 3)
        clipped = cv2.bitwise_and(cv2.bitwise_not(sound), inside)
        found = cv2.findNonZero(clipped)
        if found is None:
            continue
        columns, rows = np.asarray(found).reshape(-1, 2).T
        rgb = strip[rows, columns]
        high, low = rgb >= top, rgb <= bottom
        kinds = high.any(axis=1), high.all(axis=1), low.any(axis=1), low.all(axis=1)
        for each, kind in zip(maps, kinds, strict=True):
            each[y + rows[kind], columns[kind]] = 255
        counts += [*high.sum(axis=0), *low.sum(axis=0), kinds[1].sum(), kinds[3].sum()]
    shares = [float(each) for each in counts / total]
    any_high, all_high, any_low, all_low = maps
    return Clipping(
        pixels=total,
        high=(shares[0], shares[1], shares[2]),
        low=(shares[3], shares[4], shares[5]),
        blown=shares[6],
        crushed=shares[7],
        largest=max(_largest(all_high) if shares[6] else 0.0, _largest(all_low) if shares[7] else 0.0) / total,
        any_high=any_high,
        all_high=all_high,
        any_low=any_low,
        all_low=all_low,
    )


def newly_clipped(
    clipped: NDArray[np.uint8], original: NDArray[Any], *, high: bool
) -> tuple[float, NDArray[np.uint8] | None]:
    """Tell which `clipped` pixels still had detail in the original.

    Parameters
    ----------
    clipped : (H, W) uint8
        Not 0 where the finished picture is clipped in any channel.
    original : (H, W, 3 or 4) uint8, uint16 or float32
        The capture on the same pixels, in any space.
    high : bool
        Whether the top or the bottom is meant.

    Returns
    -------
    (pixels, where)
        How many pixels lost their detail after the capture, and a map of them, 255 there (None if
        none are clipped). Of more than a million clipped pixels every n-th is looked at.
    """
    rows, columns = _sampled(clipped)
    if not len(rows):
        return 0.0, None
    rgb = original[rows, columns, :3].astype(np.float32) / np.float32(_ends(original)[2])
    kept = (rgb < _TOP - _KEPT).all(axis=1) if high else (rgb > _BOTTOM + _KEPT).all(axis=1)
    where = np.zeros(clipped.shape, np.uint8)
    where[rows[kept], columns[kept]] = 255
    return float(kept.mean()) * cv2.countNonZero(clipped), where


def _ends(pixels: NDArray[Any]) -> tuple[float, float, float]:
    """Return from where the top counts, up to where the bottom counts, and full scale."""
    if pixels.dtype == np.float32:
        return _TOP, _BOTTOM, 1.0
    full = float(np.iinfo(pixels.dtype).max)
    return float(np.ceil(full * _TOP)), float(np.floor(full * _BOTTOM)), full


def _next(value: float, toward: float, dtype: Any) -> float:  # noqa: ANN401 - a dtype
    """Return the neighbor of `value` in the direction of `toward`, since inRange includes its ends."""
    if dtype == np.float32:
        return float(np.nextafter(np.float32(value), np.float32(toward)))
    return value + (1 if toward > value else -1)


def _sampled(mask: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the mask's pixels, at most about a million of them, evenly taken."""
    found = cv2.findNonZero(mask)
    if found is None:
        none = np.zeros(0, np.int64)
        return none, none
    every = max(1, len(found) // _MOST_SAMPLES)
    points = found.reshape(-1, 2)[::every].astype(np.int64)
    return points[:, 1], points[:, 0]


def _largest(mask: NDArray[np.uint8]) -> float:
    """Return the pixels of the largest connected area, found at a reduction to 1024 px for speed."""
    step = max(1, -(-max(mask.shape) // _SMALL_SIDE))
    size = mask.shape[1] // step, mask.shape[0] // step
    if step == 1 or 0 in size:
        step, small = 1, mask
    else:
        whole = mask[: size[1] * step, : size[0] * step]
        small = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats((small > 127).astype(np.uint8), connectivity=8)
    return float(stats[1:, cv2.CC_STAT_AREA].max(initial=0) * step * step)
