"""The colors a subject is made of, as a person would name them: clusters, each with its most frequent color."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import lab_from
from safelight.pixels.color.spaces import decode, encode, to_float

# Cloth, grain and noise are averaged as an instrument's opening of a few millimeters does.
_SIDE_PX = 400
_FIRST_SIDE_PX = 1600
_BIN = 2.0  # of a* and b*; of L* half of it
_EDGE = 0.98  # share of a reduced pixel that must be subject: what is mixed with the backdrop has no color of its own
_LEAST_PIXELS = 60


@dataclass(frozen=True, eq=False)
class ColorRegion:
    """A color of the subject.

    Parameters
    ----------
    lab : (3,) float64
        Median of the pixels around the most frequent lightness: CIE Lab, D50.
    share : float
        Of the subject's pixels that belong to it.
    mask : (h, w) uint8
        255 there, on a reduction of the picture to 400 px.
    """

    lab: NDArray[np.float64]
    share: float
    mask: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Colors:
    """A subject's colors, largest first, and the Lab picture (h, w, 3) that they were found in."""

    regions: tuple[ColorRegion, ...]
    lab: NDArray[np.float32]


def find_colors(pixels: NDArray[Any], space: str, mask: NDArray[np.uint8], least_share: float = 0.1) -> Colors:
    """Find the colors of a subject, blind to any reference.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
    space : str
    mask : (H, W) uint8
        255 on the subject.
    least_share : float, 0..1
        Of the subject; smaller colors are left out.

    Returns
    -------
    Colors
        No region if the subject is smaller than 60 pixels of the reduction.

    Notes
    -----
    Hills of the a*b* histogram (smoothed over 3 units), each split at the valleys of its L* histogram (smoothed over
    4 units); every pixel belongs to the hill it climbs. A region's color is the median around its peak of L*, so that
    neither folds nor highlights pull it.

    Examples
    --------
    >>> red = np.full((80, 80, 3), (200, 30, 40), np.uint8)
    >>> found = find_colors(red, "srgb", np.full((80, 80), 255, np.uint8))
    >>> [round(float(each)) for each in found.regions[0].lab], found.regions[0].share
    ([44, 64, 42], 1.0)
    """
    small, inside = _reduced(pixels, space, mask)
    lab = lab_from(small, space)
    total = int(inside.sum())
    if total < _LEAST_PIXELS:
        return Colors((), lab)
    values = lab[inside].astype(np.float64)
    regions = []
    hills = _hills_of_plane(values[:, 1:])
    for hill in np.unique(hills):
        mine = np.flatnonzero(hills == hill)
        if len(mine) < least_share * total:
            continue
        levels = _hills_of_line(values[mine, 0])
        for level in np.unique(levels):
            chosen = mine[levels == level]
            if len(chosen) < least_share * total:
                continue
            where = np.zeros(inside.shape, np.uint8)
            rows, columns = np.nonzero(inside)
            where[rows[chosen], columns[chosen]] = 255
            regions.append(ColorRegion(_typical(values[chosen]), len(chosen) / total, where))
    return Colors(tuple(sorted(regions, key=lambda each: -each.share)), lab)


def color_lit_like(
    colors: Colors, region: ColorRegion, lightness: float, least_share: float = 0.1
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return a region's color where it is lit as a swatch is: the part of it nearest to a lightness.

    Parameters
    ----------
    colors : Colors
    region : ColorRegion
        One of them.
    lightness : float, L*
    least_share : float, 0..1
        How much of the subject the part takes.

    Returns
    -------
    (lab, where)
        Median Lab of the part, and 255 on it. a* and b* have no say in what the part is.

    Notes
    -----
    A swatch is measured flat under even light. A product has that light only where it faces it; elsewhere shading
    lowers L* by ten and more, which is shape and no error of color.
    """
    inside = np.flatnonzero(region.mask.ravel())
    off = np.abs(colors.lab.reshape(-1, 3)[inside, 0] - lightness)
    count = min(len(inside), max(_LEAST_PIXELS, round(len(inside) * least_share / region.share)))
    part = inside[np.argsort(off, kind="stable")[:count]]
    where = np.zeros(region.mask.size, np.uint8)
    where[part] = 255
    lab = np.median(colors.lab.reshape(-1, 3)[part].astype(np.float64), axis=0)
    return np.asarray(lab), where.reshape(region.mask.shape)


def _reduced(
    pixels: NDArray[Any], space: str, mask: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The picture at 400 px, averaged in linear light, and where it is subject all over."""
    height, width = mask.shape
    for side in (_FIRST_SIDE_PX, _SIDE_PX):
        if max(height, width) <= side:
            continue
        scale = side / max(mask.shape)
        size = max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale))
        if side == _SIDE_PX:
            pixels = decode(to_float(np.ascontiguousarray(pixels[..., :3])), space)
        pixels = np.asarray(cv2.resize(pixels[..., :3], size, interpolation=cv2.INTER_AREA))
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA))
    if max(height, width) > _SIDE_PX:
        small = encode(np.asarray(pixels, np.float32), space)
    else:
        small = to_float(np.ascontiguousarray(pixels[..., :3]))
    return small, np.asarray(mask >= 255 * _EDGE)


def _hills_of_plane(ab: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each point the number of the hill of the a*b* histogram that it climbs."""
    bins = np.clip(((ab + 128) / _BIN).astype(np.int64), 0, 127)
    counts = np.zeros((128, 128), np.float32)
    np.add.at(counts, (bins[:, 0], bins[:, 1]), 1.0)
    smooth = cv2.GaussianBlur(counts, (0, 0), 3.0 / _BIN)
    top = _climb(smooth)
    return np.asarray(top[bins[:, 0], bins[:, 1]])


def _hills_of_line(lightness: NDArray[np.float64]) -> NDArray[np.int64]:
    bins = np.clip(lightness.astype(np.int64), 0, 100)
    counts = np.bincount(bins, minlength=101).astype(np.float32)[None]
    top = _climb(cv2.GaussianBlur(counts, (0, 0), 4.0))
    return np.asarray(top[0, bins])


def _climb(heights: NDArray[np.float32]) -> NDArray[np.int64]:
    """For each cell the index of the peak that steepest ascent over its eight neighbors leads to."""
    rows, columns = heights.shape
    framed = np.pad(heights, 1, constant_values=-1.0)
    index = np.arange(rows * columns).reshape(rows, columns)
    numbers = np.pad(index, 1, constant_values=0)
    best, goes = heights.copy(), index.copy()
    for dy in range(3):
        for dx in range(3):
            other = framed[dy : dy + rows, dx : dx + columns]
            higher = other > best
            best = np.where(higher, other, best)
            goes = np.where(higher, numbers[dy : dy + rows, dx : dx + columns], goes)
    flat = goes.ravel()
    for _ in range(8):  # 2**8 steps are more than the way across
        flat = flat[flat]
    return np.asarray(flat.reshape(rows, columns), np.int64)


def _typical(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median color of the pixels within 4 L* of the most frequent lightness."""
    counts = np.bincount(np.clip(values[:, 0].astype(np.int64), 0, 100), minlength=101).astype(np.float32)
    peak = int(np.argmax(cv2.GaussianBlur(counts[None], (0, 0), 2.0)[0])) + 0.5
    near = np.abs(values[:, 0] - peak) <= 4.0
    return np.asarray(np.median(values[near] if near.any() else values, axis=0), np.float64)
