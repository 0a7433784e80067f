"""A person's hand on a matte: brush, click, box and scribble. Each stroke gives a new matte; the old one is left."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SEGMENT_PX = 700  # long side at which a scribble is grown; its edge is then worked out at full size
_FINE, _STRIP_PX = 4, 256
_BAND_PX = 3.0  # to either side of a grown edge, in px of that size


@dataclass(frozen=True)
class Stroke:
    """What a hand drew.

    Parameters
    ----------
    points : (N, 2) float, px
        (x, y) of the upright original, 0 at its left and upper edge.
    radius_px : float, px
        Of the brush; above 0.
    adds : bool
        True paints subject, False takes away.
    hardness : float, 0..1
        Share of the radius that is fully covered; beyond, the brush fades.
    flow : float, 0..1
        Coverage of one stroke, however often it crosses itself.

    Raises
    ------
    ValueError
        If one of them is outside its range, or there is no point.
    """

    points: tuple[tuple[float, float], ...]
    radius_px: float
    adds: bool
    hardness: float = 1.0
    flow: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what can't be drawn, with the range."""
        if not self.points or not np.isfinite(np.asarray(self.points, float)).all():
            raise ValueError("a stroke needs one point (x, y) at least, in px, all finite")
        if not 0 < self.radius_px <= 2000:
            raise ValueError(f"radius_px is {self.radius_px}; it takes more than 0, at most 2000 px")
        for name, value in (("hardness", self.hardness), ("flow", self.flow)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} is {value}; it takes 0 to 1 (default 1)")


def brush(alpha: NDArray[np.uint16], stroke: Stroke) -> NDArray[np.uint16]:
    """Paint or take away along a stroke.

    Parameters
    ----------
    alpha : (H, W) uint16, 65535 = 1

    Returns
    -------
    (H, W) uint16
        A new matte. Painting gives ``a + c (1 - a)``, taking away ``a (1 - c)``, c the brush's coverage.

    Examples
    --------
    >>> empty = np.zeros((40, 60), np.uint16)
    >>> dot = brush(empty, Stroke(((30.0, 20.0),), 8, adds=True))
    >>> int(dot[20, 30]), int(dot[20, 45]), int(brush(dot, Stroke(((30.0, 20.0),), 9, adds=False))[20, 30])
    (65535, 0, 0)
    """
    out = alpha.copy()
    window, cover = _coverage(alpha.shape, stroke)
    if cover.size:
        own = alpha[window].astype(np.float32)
        painted = own + cover * (65535 - own) if stroke.adds else own * (1 - cover)
        out[window] = np.rint(painted).astype(np.uint16)
    return out


def scribble(rgb: NDArray[np.uint8], alpha: NDArray[np.uint16], strokes: tuple[Stroke, ...]) -> NDArray[np.uint16]:
    """Grow strokes over what they mean and work out the edge: a few lines instead of an outline.

    Parameters
    ----------
    rgb : (H, W, 3) uint8, encoded
        The upright original.
    alpha : (H, W) uint16, 65535 = 1
        The matte so far; all 0 for a first one.
    strokes : tuple of Stroke
        Later ones win where they cross.

    Returns
    -------
    (H, W) uint16
        `alpha` changed around the strokes only: a stroke that adds grows within what is not subject yet, one that takes
        away within the subject, both as far as the picture's own edges.

    Notes
    -----
    A watershed of the colors from markers (strokes; the other side far away from them), then alpha along the new edge
    by a guided filter (He et al. 2010).

    Examples
    --------
    >>> picture = np.full((120, 160, 3), 230, np.uint8); picture[30:90, 40:120] = (160, 20, 20)
    >>> line = Stroke(((60.0, 60.0), (100.0, 60.0)), 4, adds=True)
    >>> found = scribble(picture, np.zeros((120, 160), np.uint16), (line,))
    >>> bool((found[34:86, 44:116] > 60000).all()), bool((found[:24] < 2000).all())
    (True, True)
    """
    scale = min(1.0, _SEGMENT_PX / max(alpha.shape))
    size = (max(8, round(alpha.shape[1] * scale)), max(8, round(alpha.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    before = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 32767
    marks = _marks(before, strokes, scale)
    grown = marks.copy()
    cv2.watershed(np.ascontiguousarray(cv2.GaussianBlur(small, (0, 0), 0.8)), grown)
    grown = np.where(grown == -1, np.where(before, 3, 1), grown)
    takes = any(not each.adds for each in strokes)
    after = (grown == 2) | before & ~(takes & (grown == 1))
    changed = (after != before).astype(np.uint8)
    if not changed.any():
        return alpha.copy()
    return _with_edge(rgb, alpha, after, changed)


def click_matte(rgb: NDArray[np.uint8], at: tuple[float, float]) -> NDArray[np.uint16]:
    """Return a first matte of what lies under a click (x, y in px): as `scribble` of one dot on nothing."""
    side = max(rgb.shape[:2])
    return scribble(rgb, np.zeros(rgb.shape[:2], np.uint16), (Stroke((at,), max(4.0, side / 100), adds=True),))


def box_matte(rgb: NDArray[np.uint8], box: tuple[float, float, float, float]) -> NDArray[np.uint16]:
    """Return a first matte of what stands inside a box (x0, y0, x1, y1 in px); outside it is all background.

    Raises
    ------
    ValueError
        If the box is empty or outside the picture.
    """
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = (
        max(0, round(box[0])),
        max(0, round(box[1])),
        min(width, round(box[2])),
        min(height, round(box[3])),
    )
    if x1 - x0 < 8 or y1 - y0 < 8:
        raise ValueError(f"the box {box} holds less than 8 x 8 px of a picture of {width} x {height}")
    cut = np.ascontiguousarray(rgb[y0:y1, x0:x1])
    middle = ((x1 - x0) / 2, (y1 - y0) / 2)
    reach = 0.25 * (x1 - x0), 0.25 * (y1 - y0)
    cross = tuple(
        (middle[0] + a * reach[0], middle[1] + b * reach[1]) for a, b in ((-1, 0), (1, 0), (0, 0), (0, -1), (0, 1))
    )
    found = np.zeros((height, width), np.uint16)
    own = scribble(cut, np.zeros(cut.shape[:2], np.uint16), (Stroke(cross, max(3.0, min(reach) / 10), adds=True),))
    found[y0:y1, x0:x1] = own
    return found


def fill_outline(
    alpha: NDArray[np.uint16], points: tuple[tuple[float, float], ...], *, adds: bool
) -> NDArray[np.uint16]:
    """Paint or take away what lies inside a closed outline, its edge soft over one pixel.

    Parameters
    ----------
    alpha : (H, W) uint16, 65535 = 1
    points : (N, 2) float, px
        (x, y) of the upright original, in the order that they are joined; the last one goes back to the first.
    adds : bool
        True paints subject, False takes away.

    Returns
    -------
    (H, W) uint16
        A new matte: the larger of the two coverages, or `alpha` without the outline's.

    Raises
    ------
    ValueError
        If there are fewer than three points, or one is not finite.

    Examples
    --------
    >>> square = ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0))
    >>> found = fill_outline(np.zeros((40, 40), np.uint16), square, adds=True)
    >>> int(found[20, 20]), int(found[20, 5]), int(fill_outline(found, square, adds=False).max())
    (65535, 0, 0)
    """
    at = np.asarray(points, np.float64)
    if len(at) < 3 or not np.isfinite(at).all():
        raise ValueError(f"an outline needs three points (x, y) at least, in px, all finite; got {len(at)}")
    at = np.clip(at, -1e5, 1e5)
    out = alpha.copy()
    (x0, y0), (x1, y1) = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int)
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(alpha.shape[1], x1), min(alpha.shape[0], y1)
    if x1 <= x0 or y1 <= y0:
        return out
    # Drawn _FINE times as large, strip by strip, and averaged: OpenCV's own soft edge lies half a pixel outside.
    for top in range(y0, y1, _STRIP_PX):
        rows = min(_STRIP_PX, y1 - top)
        fine = np.zeros((rows * _FINE, (x1 - x0) * _FINE), np.uint8)
        fixed = np.rint(((at - (x0, top)) * _FINE - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(fine, [fixed.reshape(-1, 1, 2)], 255, cv2.LINE_8, 4)
        cover = cv2.resize(fine, (x1 - x0, rows), interpolation=cv2.INTER_AREA).astype(np.uint16) * 257
        part = np.s_[top : top + rows, x0:x1]
        out[part] = np.maximum(out[part], cover) if adds else np.minimum(out[part], 65535 - cover)
    return out


def _coverage(shape: tuple[int, ...], stroke: Stroke) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
    """The window a stroke reaches and its coverage there, 0..flow."""
    points = np.asarray(stroke.points, np.float64)
    low, high = points.min(axis=0) - stroke.radius_px - 2, points.max(axis=0) + stroke.radius_px + 2
    x0, y0 = (max(0, int(each)) for each in low)
    x1, y1 = (max(0, min(int(each) + 1, side)) for each, side in zip(high, (shape[1], shape[0]), strict=True))
    window = slice(y0, max(y0, y1)), slice(x0, max(x0, x1))
    if y1 <= y0 or x1 <= x0:
        return window, np.zeros((0, 0), np.float32)
    line = np.full((y1 - y0, x1 - x0), 255, np.uint8)
    at = np.rint(points - 0.5 - (x0, y0)).astype(np.int32)
    cv2.polylines(line, [at.reshape(-1, 1, 2)], isClosed=False, color=0)
    for x, y in at:
        if 0 <= y < line.shape[0] and 0 <= x < line.shape[1]:
            line[y, x] = 0
    if line.all():
        return window, np.zeros((0, 0), np.float32)
    away = cv2.distanceTransform(line, cv2.DIST_L2, 5)
    # From full at the hard core to nothing at the radius; a hard brush still has one pixel of soft edge.
    core = stroke.hardness * (stroke.radius_px - 0.5)
    fade = np.clip((stroke.radius_px + 0.5 - away) / max(stroke.radius_px + 0.5 - core, 1.0), 0, 1)
    return window, np.asarray(stroke.flow * fade, np.float32)


def _marks(before: NDArray[np.bool_], strokes: tuple[Stroke, ...], scale: float) -> NDArray[np.int32]:
    """Markers of the watershed: 2 subject, 1 background, 3 neither, 0 to be found."""
    marks = np.zeros(before.shape, np.int32)
    # One pixel inside: OpenCV's watershed does not look at the outermost ones.
    marks[1], marks[-2], marks[:, 1], marks[:, -2] = 1, 1, 1, 1
    if any(not each.adds for each in strokes):
        # What is taken away grows within the subject, against the subject's own deep inside.
        marks[_kept(before, strokes, scale)] = 2
        marks[~before] = 1
    else:
        marks[before] = 3  # what is there already neither grows nor goes
    for each in strokes:
        scaled = Stroke(
            tuple((x * scale, y * scale) for x, y in each.points), max(1.0, each.radius_px * scale), each.adds
        )
        window, cover = _coverage(before.shape, scaled)
        if cover.size:
            marks[window][cover > 0.5] = 2 if each.adds else 1
    return marks


def _kept(before: NDArray[np.bool_], strokes: tuple[Stroke, ...], scale: float) -> NDArray[np.bool_]:
    """What of a subject surely stays when strokes take away: its deep inside where no stroke is.

    A deep part that a stroke touches goes whole if there is another one, else as far as six radii around the stroke.
    """
    inside = cv2.distanceTransform(before.astype(np.uint8), cv2.DIST_L2, 3)
    count, labels = cv2.connectedComponents((inside > 0.5 * float(inside.max())).astype(np.uint8))
    deep = labels > 0
    touched = np.zeros(count, dtype=np.bool_)
    around = np.zeros(before.shape, np.uint8)
    for each in strokes:
        if not each.adds:
            for x, y in each.points:
                at = min(max(int(y * scale), 0), len(before) - 1), min(max(int(x * scale), 0), before.shape[1] - 1)
                touched[labels[at]] = True
                cv2.circle(around, at[::-1], max(2, round(6 * each.radius_px * scale)), 1, -1)
    touched[0] = False
    if int(touched.sum()) < count - 1:
        return np.asarray(deep & ~touched[labels])
    return np.asarray(deep & (around == 0))


def _with_edge(
    rgb: NDArray[np.uint8], alpha: NDArray[np.uint16], after: NDArray[np.bool_], changed: NDArray[np.uint8]
) -> NDArray[np.uint16]:
    """Carry the change to full size: alpha by the picture's own edge near it, as it was elsewhere."""
    height, width = alpha.shape
    scale = after.shape[0] / height
    near = cv2.dilate(changed, np.ones((2 * int(2 * _BAND_PX) + 1,) * 2, np.uint8))
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    y0, x0 = (max(0, int((each[0] - 4) / scale)) for each in (rows, columns))
    y1, x1 = min(height, int((rows[-1] + 5) / scale)), min(width, int((columns[-1] + 5) / scale))
    window = np.s_[y0:y1, x0:x1]
    full = (width, height)
    mask = cv2.resize(after.astype(np.float32), full, interpolation=cv2.INTER_LINEAR)[window]
    guide = cv2.cvtColor(np.ascontiguousarray(rgb[window]), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    radius = max(2, round(_BAND_PX / scale))
    fine = np.clip(cv2.ximgproc.guidedFilter(guide, np.ascontiguousarray(mask), radius, 1e-4), 0, 1)
    solid = (mask > 0.5).astype(np.uint8)
    deep = cv2.distanceTransform(solid, cv2.DIST_L2, 3) > 2 * radius
    far = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 3) > 2 * radius
    fine = np.where(deep, 1, np.where(far, 0, np.clip((fine - 0.1) / 0.8, 0, 1)))
    touched = cv2.resize(near, full, interpolation=cv2.INTER_NEAREST)[window] > 0
    out = alpha.copy()
    out[window] = np.where(touched, np.rint(65535 * fine), alpha[window]).astype(np.uint16)
    return out
