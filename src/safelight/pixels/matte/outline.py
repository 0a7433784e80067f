"""Draw a subject's outline anew where a steeper edge runs beside it, and tell where that edge is sharp."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.lightness import Contrast
from safelight.pixels.matte.parts import Parts, grown

Float32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

_INSIDE, _OUTSIDE, _STEP = 9.0, 5.0, 0.5  # px at 1600 px: how far from the outline an edge is looked for
_LEAST_LOOP = 80  # px of outline; shorter ones are islands and openings of a few pixels
_CHROMA = 2.0  # weight of a*, b* against L*: a shadow has an edge in lightness, seldom one in color
_KNEE = 2.5  # L*a*b* a pixel, at which an edge counts half
_COLORED, _BY_COLOR = 4.0, 0.25  # color of a subject from which it tells, and what a pixel on the wrong side costs
_SIDEWAYS, _STRAYS, _MOST_SIDEWAYS = 0.12, 0.002, 2
_LIES = 1.2  # px that a mask, drawn out to the faintest pixel, lies outside of the steepest place
_NEAR = 2.3  # px: what is that near is the blur of the same edge
# Of pieces between mask and edge, on rendered frames and composites: shadows begin at 2 to 7 L*a*b* a pixel and end at
# 10 to 66, stripes of a product begin at 6 to 30.
_ENDS, _STEEPER, _BEGINS, _RISE, _LIGHTER = 10.0, 1.05, 7.0, 3.0, 1.5
_BENT = 35.0  # degrees over 16 px: there, lines across the outline cross each other
_WIDE = 14.0  # px around a sharp edge, that it speaks for
_SPECK = 100  # px of area
_BURR, _BURR_FAINT, _BURR_SHARE = 7, 4.0, 0.3
_EVENED, _CLEAR = 10.0, 6.0  # px of sigma: an outline without its bumps; L*a*b* a pixel of an edge beside it
# Of pieces beyond that edge: their size in px, L* below the backdrop, L*a*b* to the ground beside and against what it
# is to the body. On rendered frames and composites, pieces of products lie 1 to 8 L* below; crumbs darker than 12 are
# shadow without exception, lighter ones can't be told from pale soles and labels.
_CRUMB_PX, _SHADED, _LIKE, _LIKER = (6, 400), -12.0, 8.0, 0.35


@dataclass(frozen=True)
class Outline:
    """A subject's mask with its outline settled.

    Parameters
    ----------
    mask : (H, W) bool
    sharp : (H, W) bool
        Near an edge that jumps at once and stays: all or nothing, a few pixels from it.
    distance_px : (H, W) float32, px
        To the nearest such edge.
    """

    mask: Bool
    sharp: Bool
    distance_px: Float32


def settle_outline(lab: Float32, mask: Bool, contrast: Contrast) -> Outline:
    """Find the closed line along a mask's outline that follows the steepest edge, and give up what lies beyond it.

    Parameters
    ----------
    lab : (H, W, 3) float32, CIE Lab
        The picture at work size.
    mask : (H, W) bool
        What was taken for subject, out to its faintest pixel.
    contrast : Contrast
        The picture against its backdrop, smoothed a little.

    Returns
    -------
    Outline
        Its mask is part of `mask`.

    Notes
    -----
    The picture is unrolled along the outline: a row for each pixel of it, a column for each half pixel across. The
    cheapest closed way down the rows (dynamic programming) is rewarded by steepness, in color more than in lightness,
    and, where the subject has a color, charged for colored pixels outside and colorless ones inside. A piece between
    outline and way goes when it begins faintly and ends steeply: a shadow's fringe does, a stripe of a product
    begins at an edge as well. What is within 2 px of the outline is the blur of the edge itself, and stays.

    References
    ----------
    A. Amini, T. Weymouth, R. Jain, "Using dynamic programming for solving variational problems in vision", 1990.

    Examples
    --------
    >>> x = np.tile(np.arange(160, dtype=np.float32), (160, 1))
    >>> disk = np.hypot(x - 80, x.T - 80)
    >>> color = np.where(disk < 40, 40, 0).astype(np.float32)
    >>> shade = np.where(disk < 40, -40, np.minimum(-20 + (disk - 40), 0)).astype(np.float32)
    >>> lab = np.dstack([80 + shade, color, color * 0])
    >>> found = settle_outline(lab, disk < 46, Contrast(shade, color))
    >>> bool(found.mask[disk < 40].all()), int((found.mask & (disk > 43)).sum())
    (True, 0)
    """
    scale = max(1.0, max(mask.shape) / 1600)
    settled = mask & ~_find_burrs(mask, contrast, scale)
    edges = np.zeros(mask.shape, np.uint8)
    loops, _ = cv2.findContours(settled.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for loop in loops:
        if len(loop) >= _LEAST_LOOP:
            strip = _unrolled(np.asarray(loop[:, 0], np.float32), lab, settled, contrast, scale)
            inward = _inward(strip, scale)
            clear = _that_fade(strip, inward, scale)
            settled &= ~_between(strip, inward, clear, mask.shape)
            # An edge farther in that nothing led to is a seam or a print; the outline is another one.
            _mark_sharp(strip, clear | (inward == 0), edges, scale)
    settled &= ~_find_crumbs(lab, settled, contrast, scale)
    settled &= ~_find_loose(settled, edges == 1, scale)
    distance, other = (cv2.distanceTransform((edges != kind).astype(np.uint8), cv2.DIST_L2, 5) for kind in (1, 2))
    sharp = (distance < other - 2) & (distance < _WIDE * scale)
    return Outline(np.asarray(settled), np.asarray(sharp), np.asarray(distance, np.float32))


@dataclass(frozen=True)
class _Strip:
    """A picture unrolled along an outline of N px: `across` (M,) px, above 0 inward; planes are (N, M)."""

    base: Float32
    normal: Float32
    across: Float32
    steep: Float32
    lightness: Float32
    way: NDArray[np.intp]
    usable: Bool

    @property
    def shift(self) -> Float32:
        """(N,) px inward, from the outline to the steepest edge."""
        return self.across[self.way]

    @property
    def ends(self) -> Float32:
        """(N,) L*a*b* a pixel, at that edge."""
        return np.asarray(self.steep[np.arange(len(self.way)), self.way])


def _unrolled(points: Float32, lab: Float32, mask: Bool, contrast: Contrast, scale: float) -> _Strip:
    base = _smooth(points, 1.5)
    trend = _smooth(points, 4)
    tangent = np.roll(trend, -3, axis=0) - np.roll(trend, 3, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-3)
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    height, width = mask.shape
    column, row = np.rint(base + 3 * normal).astype(np.intp).T
    if mask[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)].mean() < 0.5:
        normal = -normal
    across = np.arange(-_OUTSIDE, _INSIDE + 0.01, _STEP, dtype=np.float32) * np.float32(scale)
    x, y = (base[:, i : i + 1] + normal[:, i : i + 1] * across for i in (0, 1))
    steep = _steepness(np.dstack([_smooth(_read(np.ascontiguousarray(lab[..., i]), x, y), 1.5) for i in range(3)]))
    cost = -steep / (steep + _KNEE) + _STRAYS * (across / scale) ** 2
    cost += _wrong_side(_read(contrast.color, x, y), across, scale)
    turn = np.einsum("ni,ni->n", np.roll(tangent, -8, axis=0), np.roll(tangent, 8, axis=0))
    bent = _widened(turn < np.cos(np.radians(_BENT)), 6)
    rim = ((base < 12) | (base > np.array([width - 13, height - 13]))).any(axis=1)
    way = cheapest_way(np.asarray(cost, np.float32))
    return _Strip(base, normal, across, steep, _read(contrast.lightness, x, y), way, ~bent & ~rim)


def _read(plane: Float32, x: Float32, y: Float32) -> Float32:
    """Bilinear; OpenCV takes 32767 rows at most."""
    parts = [
        cv2.remap(plane, x[i : i + 32_000], y[i : i + 32_000], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for i in range(0, len(x), 32_000)
    ]
    return np.concatenate(parts)


def _smooth(rows: Float32, sigma: float) -> Float32:
    """Smooth along a closed line; its ends meet."""
    pad = int(4 * sigma) + 1
    wide = np.concatenate([rows[-pad:], rows, rows[:pad]])
    return np.asarray(cv2.GaussianBlur(wide, (1, 2 * pad + 1), sigmaX=1e-6, sigmaY=sigma)[pad:-pad], np.float32)


def _widened(yes: Bool, by: int) -> Bool:
    """Some rows more on either side."""
    return np.asarray(cv2.dilate(yes.astype(np.uint8)[:, None], np.ones((2 * by + 1, 1), np.uint8))[:, 0] > 0)


def _steepness(colors: Float32) -> Float32:
    """Slope across the outline, L*a*b* a pixel."""
    slope = np.zeros_like(colors)
    slope[:, 1:-1] = (colors[:, 2:] - colors[:, :-2]) / (2 * _STEP)
    return np.asarray(np.sqrt(slope[..., 0] ** 2 + _CHROMA**2 * (slope[..., 1] ** 2 + slope[..., 2] ** 2)), np.float32)


def _wrong_side(color: Float32, across: Float32, scale: float) -> Float32:
    """What an edge in each place would leave on the wrong side, where the subject has a color of its own."""
    own = _smooth(np.median(color[:, across >= (_INSIDE - 3) * scale], axis=1)[:, None], 8)
    share = np.clip(color / np.maximum(own, 1), 0, 1)
    wrong = np.cumsum(share, axis=1) + np.cumsum((1 - share)[:, ::-1], axis=1)[:, ::-1]
    weight = _BY_COLOR * _STEP * np.clip((own - _COLORED) / 8, 0, 1)
    return np.asarray(weight * (wrong - wrong.min(axis=1, keepdims=True)), np.float32)


def cheapest_way(cost: Float32) -> NDArray[np.intp]:
    """Return the column of each row, (N,), on the cheapest way down a closed strip of costs (N, M).

    Examples
    --------
    >>> cost = np.zeros((40, 5), np.float32); cost[:, 3] = -1
    >>> set(cheapest_way(cost).tolist())
    {3}
    """
    rows, columns = cost.shape
    # Some rows are walked before the first and after the last, so that the ends meet.
    lead = min(rows, 120)
    order = np.concatenate([np.arange(rows - lead, rows), np.arange(rows), np.arange(lead)])
    total = np.zeros(columns, np.float32)
    came = np.empty((len(order), columns), np.int8)
    tried = np.full((2 * _MOST_SIDEWAYS + 1, columns), 1e9, np.float32)
    every = np.arange(columns)
    for place, row in enumerate(order):
        tried[_MOST_SIDEWAYS] = total
        for aside in range(1, _MOST_SIDEWAYS + 1):
            tried[_MOST_SIDEWAYS - aside, aside:] = total[:-aside] + np.float32(aside * _SIDEWAYS)
            tried[_MOST_SIDEWAYS + aside, :-aside] = total[aside:] + np.float32(aside * _SIDEWAYS)
        best = tried.argmin(axis=0)
        came[place] = best - _MOST_SIDEWAYS
        total = tried[best, every] + cost[row]
    way = np.empty(len(order), np.intp)
    at = int(total.argmin())
    for place in range(len(order) - 1, -1, -1):
        way[place] = at
        at += int(came[place, at])
    return way[lead : lead + rows]


def _inward(strip: _Strip, scale: float) -> Float32:
    """(N,) px: how far beyond its blur the outline lies outside of the edge."""
    inward = _smooth(strip.shift[:, None], 1.5)[:, 0] - np.float32(_LIES * scale)
    return np.where(np.abs(inward) < scale, np.float32(0), inward)


def _that_fade(strip: _Strip, inward: Float32, scale: float) -> Bool:
    """(N,): where what lies between outline and edge belongs to a shadow."""
    clear = np.zeros(len(inward), np.bool_)
    for run in _runs(strip.usable & (inward > 0)):
        clear[run] = _fades(strip, run, scale, near=bool(inward[run].max() <= _NEAR * scale))
    return clear


def _between(strip: _Strip, inward: Float32, where: Bool, shape: tuple[int, ...], out_px: float = 1.2) -> Bool:
    """(H, W): from `out_px` outside of the outline to the edge."""
    gone = np.zeros(shape, np.uint8)
    outer, inner = strip.base - np.float32(out_px) * strip.normal, strip.base + strip.normal * inward[:, None]
    after = np.roll(np.arange(len(inward)), -1)
    corners = np.rint(16 * np.stack([outer, outer[after], inner[after], inner], axis=1)).astype(np.int32)
    for each in corners[where & where[after]]:
        cv2.fillConvexPoly(gone, each, 1, shift=4)
    return np.asarray(gone > 0)


def _runs(yes: Bool) -> Iterator[slice]:
    """Each unbroken stretch."""
    turns = np.flatnonzero(np.diff(np.concatenate([[0], yes.astype(np.int8), [0]])))
    return (slice(int(start), int(stop)) for start, stop in zip(turns[::2], turns[1::2], strict=True))


def _fades(strip: _Strip, run: slice, scale: float, *, near: bool) -> bool:
    """Whether a piece begins faintly and ends at a clear edge."""
    steep, way = strip.steep[run], strip.way[run]
    ends = float(np.median(strip.ends[run]))
    zero, place = int(np.argmin(np.abs(strip.across))), np.arange(len(strip.across))
    if near:
        return ends >= max(_ENDS, _STEEPER * float(np.median(steep[:, zero - 2 : zero + 5].max(axis=1))))
    before = (place >= zero - 3) & (place < way[:, None] - 3)
    begins = float(np.percentile((steep * before).max(axis=1), 80))
    light = strip.lightness[run][before]
    dark = not light.size or float(np.median(light)) < _LIGHTER
    return dark and begins < _BEGINS and ends > max(_ENDS, _RISE * begins)


def _mark_sharp(strip: _Strip, where: Bool, edges: NDArray[np.uint8], scale: float) -> None:
    """Draw 1 where the edge jumps and stays, 2 elsewhere."""
    behind = strip.across[None] - strip.shift[:, None]
    further = (strip.steep * ((behind > 2 * scale) & (behind < 6 * scale))).max(axis=1)
    sharp = strip.usable & where & (strip.ends > _ENDS) & (further < 0.5 * strip.ends)
    sharp &= _smooth(sharp[:, None].astype(np.float32), 4)[:, 0] > 0.6
    place = strip.base + strip.normal * strip.shift[:, None]
    column, row = (np.clip(np.rint(place[:, i]).astype(np.intp), 0, edges.shape[1 - i] - 1) for i in (0, 1))
    edges[row[~sharp], column[~sharp]] = 2
    edges[row[sharp], column[sharp]] = 1


def _find_loose(mask: Bool, sharp: Bool, scale: float) -> Bool:
    """Specks that a sharp edge parts from the subject and that lie open on their other side."""
    line = grown(sharp, 3)
    parts = Parts.of(mask & ~line, connectivity=8)
    rings = parts.rings(1)
    around = np.maximum(rings.sizes(), 1)
    loose = (parts.sizes() < _SPECK * scale**2) & (rings.counts(~mask) > 0.35 * around)
    loose &= rings.counts(line) > 0.2 * around
    loose[0] = False
    return parts.picked(loose)


def _find_crumbs(lab: Float32, mask: Bool, contrast: Contrast, scale: float) -> Bool:
    """Small pieces beyond the steepest edge that look like the shadow they lie in, and not like the body.

    Where crumbs hang on, the outline is too bumpy to be unrolled: an evened one is.
    """
    none = np.zeros(mask.shape, np.bool_)
    if not (grown(mask, 9) & ~mask & (contrast.lightness < _SHADED)).any():
        return none
    even = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), _EVENED * scale) > 0.5
    beyond = none.copy()
    loops, _ = cv2.findContours(even.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for loop in loops:
        if len(loop) >= _LEAST_LOOP:
            strip = _unrolled(np.asarray(loop[:, 0], np.float32), lab, mask, contrast, scale)
            edge = _smooth(strip.shift[:, None], 1.5)[:, 0] - np.float32(_LIES * scale)
            beyond |= _between(strip, edge, strip.usable & (strip.ends > _CLEAR), mask.shape, _OUTSIDE * scale)
    parts = Parts.of(mask & beyond, connectivity=8)
    near, behind = parts.rings(4), parts.rings(6)
    to_ground = _apart(parts, near.within(~mask), contrast)
    to_body = _apart(parts, behind.within(mask & ~beyond), contrast)
    area = parts.sizes() / scale**2
    crumb = (area >= _CRUMB_PX[0]) & (area < _CRUMB_PX[1]) & (near.counts(~mask) > 0)
    crumb &= (parts.means(contrast.lightness) < _SHADED) & (to_ground < _LIKE) & (to_ground < _LIKER * to_body)
    crumb[0] = False
    return parts.picked(crumb)


def _apart(parts: Parts, others: Parts, contrast: Contrast) -> NDArray[np.float64]:
    """(N,) L*a*b* from the mean of each part to the mean of what bears its label among the others."""
    lightness, color = (parts.means(each) - others.means(each) for each in (contrast.lightness, contrast.color))
    return np.hypot(lightness, color)


def _find_burrs(mask: Bool, contrast: Contrast, scale: float) -> Bool:
    """Small faint pieces that stick out of a clear outline: compression noise and shade, not a thread."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(_BURR * scale) + 1,) * 2)
    core = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disk) > 0
    parts = Parts.of(mask & ~core, connectivity=8)
    total = contrast.total
    own, behind = parts.means(total), parts.rings(6).within(core).means(total)
    burr = (own < _BURR_FAINT) & (own < _BURR_SHARE * behind) & (parts.sizes() < 40 * _BURR * scale**2)
    burr[0] = False
    return np.asarray(grown(parts.picked(burr), 3) & mask & ~core)
