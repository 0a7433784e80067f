"""The rim along a subject's contour: lighter, darker or other in color than a clean edge would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import lab_from
from safelight.pixels.color.light import light_of
from safelight.pixels.color.spaces import Pixels, decode, encode, to_float

_NEAR, _FAR = (2.5, 5.0), (5.0, 10.0)  # px at work size: rings where both sides' own colors are read
_WORK = 1600  # px, long side near which those colors are read: whole blocks of pixels are averaged


@dataclass(frozen=True)
class Rim:
    """What lies along the contour that a clean edge would not have.

    Parameters
    ----------
    light, dark : float, L*
        Three in four pieces of the contour are at most this much too light, too dark: a halo runs along most of it,
        while print and folds that end at the edge do not.
    color : float, units of a*, b*
        The same for color.
    share : float, 0..1
        Of the contour's pieces, those over 4 in light or dark or over 6 in color.
    pieces : int
        Pieces measured; 0 if there is no contour.
    worst : (H, W) uint8
        Badness of the pieces, painted along the contour: 0 good, 255 is 20 L*a*b* or more.
    """

    light: float
    dark: float
    color: float
    share: float
    pieces: int
    worst: NDArray[np.uint8]


def measure_rim(pixels: Pixels, space: str, alpha: NDArray[np.float32] | None = None) -> Rim:
    """Compare the pixels along a contour with the mix of both sides that a clean edge is.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32
        A finished picture.
    space : str
        Its color space, a name of `safelight.pixels.color.spaces`.
    alpha : (H, W) float32, 0..1, optional
        The matte on the same pixels. Without one the contour is that of what differs from the border's color,
        and any mix of both sides counts as clean: a rim is then seen only where it is lighter, darker or other in color
        than both.

    Returns
    -------
    Rim

    Notes
    -----
    Each rim pixel is compared in CIE Lab with ``alpha F + (1 - alpha) B``, mixed in linear light. F and B are means of
    a ring 2.5 to 5 px off the contour (at 1600 px), and once more of one 5 to 10 px off; only what differs from
    both mixes to the same side counts, since light that falls off over the subject's edge is no rim. Differences are
    averaged over pieces of the contour some 24 px long, apart for each pixel of distance, so that texture cancels; a
    piece counts with its worst distance, less what its pixels 4 to 7 px inside show by themselves.

    Examples
    --------
    >>> alpha = np.zeros((120, 120), np.float32); alpha[30:90, 30:90] = 1
    >>> clean = np.where(alpha[..., None] > 0, np.float32(0.1), np.float32(0.6)).repeat(3, axis=2)
    >>> haloed = clean.copy(); haloed[30:90, 30:90] = 0.9; haloed[32:88, 32:88] = clean[32:88, 32:88]
    >>> measure_rim(clean, "linear_rec2020", alpha).light < 1
    True
    >>> measure_rim(haloed, "linear_rec2020", alpha).light > 20
    True
    """
    rgb = cast(Pixels, np.ascontiguousarray(pixels[..., :3]))
    block = max(1, round(max(rgb.shape[:2]) / _WORK))
    inside = np.asarray(alpha > 0.5) if alpha is not None else _off_background(rgb)
    empty = Rim(0.0, 0.0, 0.0, 0.0, 0, np.zeros(rgb.shape[:2], np.uint8))
    if not inside.any() or inside.all():
        return empty
    window = _window(inside, int(2 * _FAR[1] * block) + 4)
    cut, hole = inside[window], None if alpha is None else alpha[window]
    distance = _signed_distance(cut)
    near, far = _rings(rgb[window], space, distance, block)
    width = 3.0 * max(1.0, max(rgb.shape[:2]) / 3000)
    # A contour found by color lies at the faint foot of the edge, so the rim is looked for further in.
    deep = width if alpha is not None else 2 * width
    rim = cv2.inRange(distance, -width, deep) | cv2.inRange(distance, deep + width / 3, deep + 4 * width / 3)
    _clear_at_frame(rim, inside.shape, window)
    places = cv2.findNonZero(rim)
    if places is None:
        return empty
    x, y = (np.asarray(each, np.intp) for each in places.reshape(-1, 2).T)
    seen = near.is_seen(y, x) & far.is_seen(y, x)
    y, x = y[seen], x[seen]
    if not len(y):
        return empty
    found = rgb[window][y, x]
    off = _smaller(*(_off_mix(found, space, each, (y, x), hole) for each in (near, far)))
    depth = distance[y, x]
    return _by_pieces(off, (y, x), (depth, depth > deep + width / 3), rgb.shape[:2], window)


@dataclass(frozen=True)
class _Sides:
    """Linear colors of the inner and outer ring and where both are near, reduced; they are smooth, nearest will do."""

    inner: NDArray[np.float32]
    outer: NDArray[np.float32]
    seen: NDArray[np.bool_]
    full: tuple[int, int]

    def is_seen(self, y: NDArray[np.intp], x: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say for each place whether both rings are near."""
        return np.asarray(self.seen[self._under(y, x)])

    def at(self, y: NDArray[np.intp], x: NDArray[np.intp]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Both colors at each place."""
        under = self._under(y, x)
        return self.inner[under], self.outer[under]

    def _under(self, y: NDArray[np.intp], x: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows, columns = self.seen.shape
        return (
            np.minimum(y * rows // self.full[0], rows - 1),
            np.minimum(x * columns // self.full[1], columns - 1),
        )


def _off_background(rgb: Pixels) -> NDArray[np.bool_]:
    """Where the picture is not the border's color, within 3 % of full scale, grains left out."""
    code = to_float(rgb)
    color = np.median(np.concatenate([code[0], code[-1], code[:, 0], code[:, -1]]), axis=0)
    away = np.abs(code - color).max(axis=-1) > 0.03
    opened = cv2.morphologyEx(away.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(opened > 0)


def _window(inside: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return (
        slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + margin + 1),
        slice(max(int(columns[0]) - margin, 0), int(columns[-1]) + margin + 1),
    )


def _signed_distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance from the contour in px, above 0 inside; the first pixel on either side is at 0.5."""
    mask = np.ascontiguousarray(inside).view(np.uint8)
    within = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    without = cv2.distanceTransform(cv2.subtract(1, mask), cv2.DIST_L2, 3)
    # One of the two is 0 everywhere. Inside, half a pixel is taken off their difference; outside, it is added.
    return np.asarray(cv2.subtract(within, without) + (np.float32(0.5) - mask), np.float32)


def _clear_at_frame(
    rim: NDArray[np.uint8], shape: tuple[int, ...], window: tuple[slice, slice], margin: int = 4
) -> None:
    """Take out, in place, what lies within `margin` px of the picture's frame."""
    for axis, (lines, length) in enumerate(zip(window, shape, strict=False)):
        turned = rim.swapaxes(0, axis)
        turned[: max(0, margin - lines.start)] = 0
        turned[max(0, length - margin - lines.start) :] = 0


def _rings(rgb: Pixels, space: str, distance: NDArray[np.float32], block: int) -> tuple[_Sides, _Sides]:
    """Both sides' colors in the near and the far ring."""
    size = (max(1, distance.shape[1] // block), max(1, distance.shape[0] // block))
    full = size[1] * block, size[0] * block
    small, depth = rgb, distance
    if block > 1:
        small = cast(Pixels, cv2.resize(rgb[: full[0], : full[1]], size, interpolation=cv2.INTER_AREA))
        depth = cv2.resize(distance[: full[0], : full[1]], size, interpolation=cv2.INTER_AREA) / np.float32(block)
    linear = light_of(small, space)
    near, far = (_sides(linear, depth, ring, full) for ring in (_NEAR, _FAR))
    return near, far


def _sides(
    linear: NDArray[np.float32], depth: NDArray[np.float32], ring: tuple[float, float], full: tuple[int, int]
) -> _Sides:
    inner, inner_mass = _ring_mean(linear, cv2.inRange(depth, *ring))
    outer, outer_mass = _ring_mean(linear, cv2.inRange(depth, -ring[1], -ring[0]))
    return _Sides(inner, outer, np.asarray((inner_mass > 0.02) & (outer_mass > 0.02)), full)


def _ring_mean(linear: NDArray[np.float32], ring: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean color of a ring within some 12 px of each pair of pixels, and the share of the ring there; at half size."""
    half = (max(1, ring.shape[1] // 2), max(1, ring.shape[0] // 2))
    size = (round(_FAR[1] + 2) + 1,) * 2
    of_ring, share = (
        cv2.blur(cv2.resize(each, half, interpolation=cv2.INTER_AREA), size)
        for each in (cv2.copyTo(linear, ring), (ring > 0).astype(np.float32))
    )
    color = of_ring / np.maximum(share, 1e-6)[..., None]
    return np.asarray(color, np.float32), np.asarray(share, np.float32)


def _off_mix(
    rgb: Pixels,
    space: str,
    sides: _Sides,
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    alpha: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    """(N, 3): Lab of the pixels less Lab of the mix that belongs there."""
    found = to_float(rgb)
    inner, outer = sides.at(*at)
    step = inner - outer
    if alpha is None:
        along = np.sum((decode(found, space) - outer) * step, axis=-1) / np.maximum(np.sum(step * step, axis=-1), 1e-6)
        share = np.clip(along, 0, 1)
    else:
        share = alpha[at]
    mix = encode(np.asarray(outer + share[:, None] * step, np.float32), space)
    return np.asarray(lab_from(found, space) - lab_from(np.clip(mix, 0, None), space), np.float32)


def _smaller(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of two differences the smaller where they agree in sign, else 0."""
    least = np.minimum(np.abs(one), np.abs(other))
    return np.asarray(np.where(one * other > 0, np.copysign(least, one), 0), np.float32)


def _by_pieces(
    off: NDArray[np.float32],
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    depth: tuple[NDArray[np.float32], NDArray[np.bool_]],
    shape: tuple[int, ...],
    window: tuple[slice, slice],
) -> Rim:
    cell = round(24 * max(1.0, max(shape) / 3000))
    columns = -(-shape[1] // cell)
    place = (at[0] // cell) * columns + at[1] // cell
    layer = np.floor(depth[0]).astype(np.int64)
    layer -= layer.min()
    layers = int(layer.max()) + 1
    of_control = np.bincount(layer, weights=depth[1]) > 0
    key = place * layers + layer
    names, index, count = np.unique(key, return_inverse=True, return_counts=True)
    mean = np.stack([np.bincount(index, weights=each) for each in off.T], axis=-1) / count[:, None]
    enough = count >= cell // 3
    names, mean = names[enough], mean[enough]
    pieces, piece = np.unique(names // layers, return_inverse=True)
    if not len(pieces):
        return Rim(0.0, 0.0, 0.0, 0.0, 0, np.zeros(shape, np.uint8))
    inner = of_control[names % layers]
    light, dark, color = (
        np.maximum(_most(each[~inner], piece[~inner], len(pieces)) - _most(each[inner], piece[inner], len(pieces)), 0)
        for each in (mean[:, 0], -mean[:, 0], np.hypot(mean[:, 1], mean[:, 2]))
    )
    worst = np.maximum(np.maximum(light, dark), color)
    badness = np.zeros(int(place.max()) + 1)
    badness[pieces] = worst
    painted = np.zeros(shape, np.uint8)
    painted[at[0] + window[0].start, at[1] + window[1].start] = np.clip(badness[place] * (255 / 20), 0, 255)
    most = [float(np.percentile(each, 75)) for each in (light, dark, color)]
    bad = (np.maximum(light, dark) > 4) | (color > 6)
    return Rim(most[0], most[1], most[2], float(bad.mean()), len(pieces), painted)


def _most(values: NDArray[np.float64], piece: NDArray[np.intp], pieces: int) -> NDArray[np.float64]:
    """Largest value above 0 of each piece."""
    most = np.zeros(pieces)
    np.maximum.at(most, piece, values)
    return most
