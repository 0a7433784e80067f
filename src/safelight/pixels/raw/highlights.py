"""What a clipped photosite would have seen, and how light beyond clipping comes to lie at white."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import WORKING, matrix_to_xyz
from safelight.pixels.raw.relations import Survey

Float32 = NDArray[np.float32]

# From this share of clipping on, in light, a site counts as clipped: fully at 1.
_SOFT = 0.96
_BINS = 256
_PILE = 6.0  # how much fuller than those below it a step of numbers is where they pile up


def clipping_levels(numbers: NDArray[np.uint16], white: float) -> tuple[float, float, float]:
    """Return the numbers at which red, green and blue stopped rising.

    Parameters
    ----------
    numbers : (N, 3) uint16
        Red, green and blue of 2 x 2 blocks, as stored; a sample of the sensor will do.
    white : float
        The white level that the file states.

    Returns
    -------
    three floats
        Where a color's numbers pile up near the top, the foot of the pile; else `white`. Sensors often fill up
        some percent below what their files state, and clipped light that is not known for clipped turns magenta.

    Notes
    -----
    An even backdrop piles up too. But over it all colors are even, each at its own height; over clipped light the
    others go on changing, or are clipped at about the same number.

    Examples
    --------
    >>> light = np.arange(4000, 24000, dtype=np.uint16)[:, None] * np.array([0.5, 1.0, 0.6])
    >>> full = np.minimum(light, 15500).astype(np.uint16)
    >>> 15300 < clipping_levels(full, 16383.0)[1] <= 15500
    True
    """
    found = [white, white, white]
    for color in range(3):
        foot = _foot_of_pile(numbers[:, color], white)
        if foot is None:
            continue
        piled = numbers[numbers[:, color] >= foot].astype(np.float64)
        spread = piled.std(axis=0) / np.maximum(piled.mean(axis=0), 1)
        others = [each for each in range(3) if each != color]
        changing = any(spread[each] > max(0.03, 2.5 * spread[color]) for each in others)
        as_high = any(np.median(piled[:, each]) > 0.93 * foot for each in others)
        if changing or as_high:
            found[color] = foot
    return found[0], found[1], found[2]


def _foot_of_pile(numbers: NDArray[np.uint16], white: float) -> float | None:
    """The lower end of a heap of numbers near the top with hardly anything above it."""
    # Each number is placed once, with how often it occurs: a third of the time of placing every site.
    often = np.bincount(numbers)
    found = np.histogram(np.arange(len(often)), bins=_BINS, range=(0, white), weights=often)
    counts = found[0].astype(np.float64)
    first = _BINS * 3 // 4
    peak = first + int(counts[first:].argmax())
    usual = np.median(counts[first - _BINS // 8 : peak - _BINS // 32])
    if counts[peak] < max(_PILE * usual, 1e-4 * numbers.size, 50):
        return None
    if counts[peak + _BINS // 32 :].sum() > 0.1 * counts[peak - _BINS // 64 : peak + _BINS // 32].sum():
        return None
    foot = peak
    while foot > first and counts[foot - 1] > 0.2 * counts[peak]:
        foot -= 1
    return float(white * foot / _BINS)


def rebuild(sites: Sequence[Float32], colors: Sequence[int], found: Survey, box: tuple[int, int, int, int]) -> None:
    """Raise clipped sites to what their neighbors of other colors tell, in place.

    Parameters
    ----------
    sites : four (h, w) float32 arrays
        The sites of each 2 x 2 block, square roots of white-balanced light; writable.
    colors : four of 0, 1, 2
        What each of them saw.
    found : Survey
    box : (top, left, height, width) in blocks
        Of the sensor that the survey covers: top and left of `sites`, height and width of all of it.

    Notes
    -----
    A clipped color is told by the other two; where one of these is clipped too, first that which clips last is told
    by the one that is left, then the other by both. No color becomes less than it was seen. Where all
    three are clipped nothing is known but that it is light: they become equal.
    """
    limits = [np.float32((found.ceilings[color] * _SOFT) ** 0.5) for color in colors]
    over = [each > limit for each, limit in zip(sites, limits, strict=True)]
    place = _holding(over[0] | over[1] | over[2] | over[3])
    if place is None:
        return
    sites = [each[place] for each in sites]
    box = (box[0] + place[0].start, box[1] + place[1].start, *box[2:])
    seen: list[Float32] = []
    for color in range(3):
        same = [each for each, of in zip(sites, colors, strict=True) if of == color]
        seen.append(same[0] if len(same) == 1 else np.asarray((same[0] + same[1]) * np.float32(0.5)))
    hard = [_clipped_share(seen[color], found.ceilings[color]) for color in range(3)]
    values = [each * each for each in seen]
    _tell(values, hard, found, box)
    everything = hard[0] * hard[1] * hard[2]
    if everything.any():
        top = np.maximum(np.maximum(values[0], values[1]), values[2])
        values = [each + (top - each) * everything for each in values]
    for each, color in zip(sites, colors, strict=True):
        raised = np.maximum(np.sqrt(values[color]) - each, 0) * _clipped_share(each, found.ceilings[color])
        np.add(each, raised, out=each)


def _tell(values: list[Float32], hard: list[Float32], found: Survey, box: tuple[int, int, int, int]) -> None:
    """Raise the clipped share of each color to what the others tell of it; light, in place."""

    def by_two(color: int) -> Float32:
        one, two = (values[each] for each in range(3) if each != color)
        a, b = _at(found.from_two[color], one.shape, box)
        mean = (one + two) * np.float32(0.5)
        return mean + a * (one - two) + b * mean

    def by_one(known: int, color: int) -> Float32:
        slope, offset = _at(found.from_one[known, color], values[known].shape, box)
        return slope * values[known] + offset

    def raise_to(color: int, told: Float32) -> None:
        values[color] += np.maximum(told - values[color], 0) * hard[color]

    first, second, last = sorted(range(3), key=lambda each: found.ceilings[each])
    if hard[last].any():
        told = by_two(last)
        if hard[first].any() or hard[second].any():
            free_first, free_second = 1 - hard[first], 1 - hard[second]
            told = told * (free_first * free_second) + by_one(first, last) * (free_first * hard[second])
            told += by_one(second, last) * (hard[first] * free_second) + values[last] * (hard[first] * hard[second])
        raise_to(last, told)
    if hard[second].any():
        told = by_two(second)
        if hard[first].any():
            told = told * (1 - hard[first]) + by_one(last, second) * hard[first]
        raise_to(second, told)
    if hard[first].any():
        raise_to(first, by_two(first))


def _holding(marked: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """The smallest box that holds all that is marked."""
    rows = np.flatnonzero(marked.any(axis=1))
    if not len(rows):
        return None
    cols = np.flatnonzero(marked.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)


def _clipped_share(roots: Float32, ceiling: float) -> Float32:
    """0 below the soft limit, 1 at clipping, of square roots of light."""
    soft, full = (np.float32(each**0.5) for each in (ceiling * _SOFT, ceiling))
    return np.asarray(np.clip((roots - soft) / (full - soft), 0, 1), np.float32)


def _at(maps: Float32, shape: tuple[int, ...], box: tuple[int, int, int, int]) -> tuple[Float32, Float32]:
    """Two maps of the survey on the grid of a strip, linear between its pixels."""
    top, left, height, width = box
    down, across = maps.shape[0] / height, maps.shape[1] / width
    grid = np.array([[across, 0, (left + 0.5) * across - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(maps, grid, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return out[..., 0], out[..., 1]


def hold_below_white(rgb: Float32) -> None:
    """Bring light beyond 1 to white or to the brightest light of its hue, in place.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020, writable
        Light up to 1 is left alone.

    Notes
    -----
    Two ways keep hue: towards gray of the same luminance until the largest channel is 1, which is right
    for clouds and paper, and less of the same light, which is right for lamps and saturated cloth. They are
    mixed by how little color there is, ``sqrt(min / max)``. Clipping each channel turns orange to yellow.

    Examples
    --------
    >>> light = np.float32([[[2.0, 2.0, 2.0], [1.5, 0.75, 0.3], [0.5, 0.2, 0.1]]])
    >>> hold_below_white(light)
    >>> [[round(float(v), 2) for v in each] for each in light[0]]
    [[1.0, 1.0, 1.0], [1.0, 0.68, 0.48], [0.5, 0.2, 0.1]]
    """
    if not float(rgb.max(initial=0)) > 1:
        return
    red, green, blue = cv2.split(rgb)
    most = np.asarray(cv2.max(cv2.max(red, green), blue))
    rows, cols = np.nonzero(most > 1)
    if not len(rows):
        return
    light, top = rgb[rows, cols], most[rows, cols][:, None]
    weights = matrix_to_xyz(WORKING)[1].astype(np.float32)
    luminance = (light @ weights)[:, None]
    toward = np.clip((1 - luminance) / np.maximum(top - luminance, np.float32(1e-6)), 0, 1)
    gray = np.minimum(luminance, 1)
    pale = gray + (light - luminance) * toward
    mixed = np.sqrt(np.clip(light.min(axis=1, keepdims=True) / top, 0, 1))
    rgb[rows, cols] = pale * mixed + light / top * (1 - mixed)
