"""Pieces at a mask's rim that the ground runs into without an edge: shadow, gaps and crumbs that were kept."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.lightness import SHADE, Contrast, tint_of
from safelight.pixels.matte.parts import Parts, grown

Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

_LIGHTER, _DARKEST = 1.5, -60.0  # L* against the backdrop
_DEEP_PX = 80.0
_OFF_PX = 6.0  # of ground: that far from the mask it is no fringe of the subject's own
_RING_PX = 2
_LEAST_PX = 12
# Of pieces and pictures, on 115 rendered frames and composites: a product as pale as its ground is run into over a
# hundredth of it and more, and where that ends there is no edge; a piece of ground ends at the product's own.
_PIECE = 0.008  # of the subject
# L*a*b* a pixel below which ground runs on, evenest first; and of the subject, what may be run into in all.
_LEVELS = ((1.5, 0.010), (2.0, 0.008), (3.0, 0.002))
_ENDS, _ENDS_WEAKEST = 2.0, 1.0  # times as steep around a piece as within: its middle, its weakest fifth
_ENDS_ALONE = 3.3  # its weakest fifth, where more of the subject is run into
# L* between a piece and the ground beside it: ground goes on as it is (0.1 to 2.9 on frames, composites and real
# packshots); white soles, toes and labels before white were 4 to 7 darker than theirs.
_GOES_ON, _BESIDE_PX = 3.0, 4


@dataclass(frozen=True)
class Ground:
    """What of a mask may be ground.

    Parameters
    ----------
    found : (H, W) bool
        Pieces that the ground runs into and that end at an edge: no part of the subject.
    doubtful : (H, W) bool
        The others: the subject itself may be as pale as its ground there.
    """

    found: Bool
    doubtful: Bool


def find_ground(lab: Float32, mask: Bool, contrast: Contrast) -> Ground:
    """Flood a mask from outside, over pixels as colorless and as even as shaded ground.

    Parameters
    ----------
    lab : (H, W, 3) float32, CIE Lab
        The picture at work size.
    mask : (H, W) bool
        What was taken for subject.
    contrast : Contrast
        The picture against its backdrop.

    Returns
    -------
    Ground
        Both parts lie in `mask`.

    Notes
    -----
    A piece of the mask that looks like shaded backdrop, with no edge between it and the backdrop, is backdrop: the
    only edge around it is the one where the subject begins. That edge tells such pieces from a product as white as
    its ground, into which the flood runs until noise or shading stops it; and the ground goes on in them as light as
    it is beside them, where a white sole before white is a little darker. Grain that hides the evenness hides the
    pieces as well: nothing is found then.

    Examples
    --------
    >>> x = np.tile(np.arange(320, dtype=np.float32), (320, 1))
    >>> disk = np.hypot(x - 160, x.T - 160)
    >>> color, shade = (np.where(disk < 100, each, 0).astype(np.float32) for each in (40, -40))
    >>> lab, crumb = np.dstack([80 + shade, color, color * 0]), (abs(x - 265) < 7) & (abs(x.T - 160) < 7)
    >>> ground = find_ground(lab, (disk < 100) | crumb, Contrast(shade, color))
    >>> bool((disk[ground.found] >= 100).all()), bool(ground.found[crumb & (disk > 103)].mean() > 0.8)
    (True, True)
    """
    scale = max(1.0, max(mask.shape) / 1600)
    steep = _steepness(lab)
    steepest = cv2.dilate(steep, np.ones((2 * _RING_PX + 1,) * 2, np.uint8))
    alike = contrast.color < tint_of(contrast, *SHADE)
    alike &= (contrast.lightness < _LIGHTER) & (contrast.lightness > _DARKEST)
    found, doubtful = np.zeros_like(mask), np.zeros_like(mask)
    for flat, most in _LEVELS:
        rest = mask & ~found
        pieces = _flooded(rest, alike, steep < flat, scale)
        certain = _end_at_an_edge(pieces, rest, steepest / np.float32(flat), most)
        certain &= _go_on(pieces, certain, rest, contrast.lightness)
        found |= pieces.picked(certain)
        if flat == _LEVELS[0][0]:
            doubtful = pieces.picked(~certain & (pieces.sizes() > 0))
    return Ground(found, doubtful & ~found)


def _flooded(mask: Bool, alike: Bool, even: Bool, scale: float) -> Parts:
    """The pieces of `mask`, not too deep in it, that ground beyond its fringe is joined to."""
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    open_ = (mask & alike & even & (depth < _DEEP_PX * scale)).astype(np.uint8)
    inside = cv2.morphologyEx(open_, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    outside = ~mask & even
    reached = Parts.of(np.asarray(inside | outside), connectivity=4)
    off = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) > _OFF_PX * scale
    from_off = reached.counts(np.asarray(outside & off)) > 0
    return Parts.of(reached.picked(from_off) & inside, connectivity=8)


def _steepness(lab: Float32) -> Float32:
    """L*a*b* a pixel, over some two pixels."""
    squares = np.zeros(lab.shape[:2], np.float32)
    for each in cv2.split(lab):
        smooth = cv2.GaussianBlur(each, (0, 0), 0.7)
        for x, y in ((1, 0), (0, 1)):
            slope = cv2.Sobel(smooth, cv2.CV_32F, x, y, scale=1 / 8)
            squares += slope * slope
    return np.asarray(np.sqrt(squares), np.float32)


def _end_at_an_edge(pieces: Parts, mask: Bool, near: Float32, most: float) -> Bool:
    """For each piece, whether it is small and an edge parts it from the rest, `near` times as steep as ground."""
    sizes, area = pieces.sizes(), max(1, int(mask.sum()))
    certain = np.zeros(pieces.count, dtype=np.bool_)
    few = sizes.sum() <= most * area
    rings = pieces.rings(1).labels
    inner = np.flatnonzero(((rings > 0) & mask).ravel())
    owner, ends = rings.ravel()[inner], near.ravel()[inner]
    order = np.argsort(owner, kind="stable")
    owner, ends = owner[order], ends[order]
    starts = np.searchsorted(owner, np.arange(pieces.count + 1))
    for each in np.flatnonzero((sizes >= _LEAST_PX) & (sizes <= _PIECE * area)):
        around = ends[starts[each] : starts[each + 1]]
        if not len(around):
            certain[each] = True
            continue
        weakest = np.percentile(around, 20)
        middle = np.median(around)
        certain[each] = weakest >= _ENDS_ALONE or (few and weakest >= _ENDS_WEAKEST and middle >= _ENDS)
    return certain


def _go_on(pieces: Parts, asked: Bool, mask: Bool, lightness: Float32) -> Bool:
    """For each piece that is asked for, whether the ground beside it is as light as the piece."""
    alike = np.zeros(pieces.count, dtype=np.bool_)
    size = 2 * _BESIDE_PX + 1
    for each in np.flatnonzero(asked):
        y, x = np.nonzero(pieces.labels == each)
        window = tuple(slice(max(0, int(v.min()) - _BESIDE_PX), int(v.max()) + _BESIDE_PX + 1) for v in (y, x))
        piece = pieces.labels[window] == each
        beside = grown(piece, size) & ~mask[window]
        light = lightness[window]
        alike[each] = bool(beside.any()) and abs(float(light[piece].mean() - light[beside].mean())) <= _GOES_ON
    return alike
