"""A repair as data, and how it is painted: copied by shifts, joined to its surroundings, at any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.repair.poisson import solve_poisson

Float32 = NDArray[np.float32]
Box = tuple[int, int, int, int]
Read = Callable[[int, int, int, int], Float32]
How = Literal["heal", "clone"]
_RIM = 6  # px around a mask that a healing is tied to
_BLUR_PX = 2.0  # grain is a seventh of itself over it, shading is as it was


@dataclass(frozen=True, eq=False)
class Mend:
    """One place that is repaired.

    Parameters
    ----------
    box : (x0, y0, x1, y1), px of the full-size upright original
        Around the mask.
    cover : (h, w) uint8
        The mask: 255 is repaired, 0 never touched.
    shifts : (h, w, 2) int16, or (1, 1, 2) for one shift everywhere, px
        Rows and columns to where each pixel is copied from.
    how : {"heal", "clone"}
        Heal takes the source's texture and the surroundings' light; clone takes the source as it is.
    label : str
        What was repaired, for people: ``"spot"``, ``"scratch"``, ``"object"``.
    """

    box: Box
    cover: NDArray[np.uint8]
    shifts: NDArray[np.int16]
    how: How = "heal"
    label: str = ""


def paint_mend(read: Read, mend: Mend, size: tuple[int, int], scale: float = 1.0) -> tuple[Box, Float32, Float32]:
    """Paint one repair.

    Parameters
    ----------
    read : callable (y0, y1, x0, x1) -> (rows, columns, 3) float32, linear light
        A box of the picture as it is now, inside its frame.
    mend : Mend
    size : (width, height) px
        Of the picture that `read` reads.
    scale : float, at most 1
        Its pixels per pixel of the full-size original.

    Returns
    -------
    box : (x0, y0, x1, y1), px of that picture
    light : (h, w, 3) float32
        What becomes of the box.
    cover : (h, w) float32, 0..1
        Where it does; 0 is to be left alone.

    Notes
    -----
    Healing adds to the source what it lacks to stand in the light of its new place: a membrane tied to what is around
    (Poisson), and where two pieces meet a step that takes away theirs. It is worked out on blurred light: every pore
    and grain of the source arrives as it was.
    """
    box, cover, shifts = _at(mend, size, scale)
    x0, y0, x1, y1 = box
    height, width = cover.shape
    # The rim around: what a healing is tied to.
    px0, py0, px1, py1 = max(0, x0 - _RIM), max(0, y0 - _RIM), min(size[0], x1 + _RIM), min(size[1], y1 + _RIM)
    inner = np.s_[y0 - py0 : y0 - py0 + height, x0 - px0 : x0 - px0 + width]
    hole = np.zeros((py1 - py0, px1 - px0), dtype=np.bool_)
    hole[inner] = cover > 0
    field = np.zeros((*hole.shape, 2), np.float32)
    field[inner] = shifts
    field = _spread(field, hole)
    rows = field[..., 0] + np.arange(py0, py1, dtype=np.float32)[:, None]
    cols = field[..., 1] + np.arange(px0, px1, dtype=np.float32)[None]
    reach = _reach(rows, cols, (px0, py0, px1, py1), size)
    light = read(reach[1], reach[3], reach[0], reach[2])
    rows -= np.float32(reach[1])
    cols -= np.float32(reach[0])
    source = _copied(light, rows, cols)
    if mend.how == "heal":
        at = np.s_[py0 - reach[1] : py1 - reach[1], px0 - reach[0] : px1 - reach[0]]
        source = source + _offset(light, light[at], source, (rows, cols), hole, at)
    return box, np.ascontiguousarray(source[inner], np.float32), cover


def _copied(light: Float32, rows: Float32, cols: Float32) -> Float32:
    return np.asarray(cv2.remap(light, cols, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _spread(field: Float32, hole: NDArray[np.bool_]) -> Float32:
    """The shifts of a hole with those of the nearest hole's pixel around it."""
    if not hole.any() or hole.all():
        return field
    rows, cols = np.nonzero(hole)
    outside = (~hole).astype(np.uint8)
    _, label = cv2.distanceTransformWithLabels(outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    named = np.zeros(int(label.max()) + 1, np.int64)
    named[label[rows, cols]] = np.arange(len(rows))
    nearest = named[label]
    return np.asarray(field[rows[nearest], cols[nearest]], np.float32)


def _offset(
    light: Float32,
    own: Float32,
    source: Float32,
    places: tuple[Float32, Float32],
    hole: NDArray[np.bool_],
    at: tuple[slice, slice],
) -> Float32:
    """What the source lacks to stand in the light of the place: even within a piece, without a step between two.

    Worked out on blurred light, so that grain is neither read as a step nor smoothed by the joint.
    """
    rows, cols = places
    known = np.ones(light.shape[:2], np.float32)
    known[at][hole] = 0
    share = _blurred(known)
    even = _blurred(light * known[..., None]) / np.maximum(share, 1e-3)[..., None]
    # Around the hole: own light less what the nearest shift copies there, where that is no part of the hole.
    usable = (cv2.remap(known, cols, rows, cv2.INTER_LINEAR) > 0.99) & ~hole
    weight = usable.astype(np.float32)
    tied = _blurred((own - source) * weight[..., None])
    held = _blurred(weight)
    tied /= np.maximum(held, 1e-3)[..., None]
    tied[held < 1e-3] = 0
    return solve_poisson(tied, _steps_between(np.asarray(even, np.float32), rows, cols, hole), hole)


def _blurred(values: Float32) -> Float32:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), _BLUR_PX, borderType=cv2.BORDER_REPLICATE), np.float32)


def _steps_between(even: Float32, rows: Float32, cols: Float32, hole: NDArray[np.bool_]) -> Float32 | None:
    """The Laplacian that takes away the steps where pieces meet: the difference there is the mean of what both say."""
    first = rows - np.arange(len(rows), dtype=np.float32)[:, None], cols - np.arange(rows.shape[1], dtype=np.float32)
    if all(np.ptp(each[hole]) < 1e-3 for each in first):
        return None  # one piece
    total = np.zeros((*hole.shape, even.shape[2]), np.float32)
    here = _copied(even, rows, cols)
    for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        there = _moved(here, down, right)  # the neighbor's own value
        by_own = _copied(even, rows + down, cols + right) - here
        by_its = there - _copied(even, _moved(rows, down, right) - down, _moved(cols, down, right) - right)
        both = _moved(hole.astype(np.float32), down, right)[..., None]
        total += both * ((by_own + by_its) / 2 - (there - here))
    return np.asarray(total * hole[..., None], np.float32)


def _moved(values: Float32, down: int, right: int) -> Float32:
    """The values of the neighbor (down, right), 0 beyond the rim."""
    out = np.zeros_like(values)
    height, width = values.shape[:2]
    to = np.s_[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    of = np.s_[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    out[to] = values[of]
    return out


def _at(mend: Mend, size: tuple[int, int], scale: float) -> tuple[Box, Float32, Float32]:
    """Box, cover 0..1 and shifts of a mend on a picture of `size`."""
    x0, y0, x1, y1 = mend.box
    shape = mend.cover.shape
    shifts = np.broadcast_to(mend.shifts, (*shape, 2)).astype(np.float32)
    if scale == 1.0:
        cx0, cy0, cx1, cy1 = max(0, x0), max(0, y0), min(size[0], x1), min(size[1], y1)
        cut = np.s_[cy0 - y0 : cy1 - y0, cx0 - x0 : cx1 - x0]
        cover = np.asarray(mend.cover[cut], np.float32) / np.float32(255)
        return (cx0, cy0, cx1, cy1), cover, np.ascontiguousarray(shifts[cut])
    sx0, sy0 = max(0, int(np.floor(x0 * scale))), max(0, int(np.floor(y0 * scale)))
    sx1, sy1 = min(size[0], int(np.ceil(x1 * scale))), min(size[1], int(np.ceil(y1 * scale)))
    sx1, sy1 = max(sx1, sx0 + 1), max(sy1, sy0 + 1)
    cover = np.zeros((sy1 - sy0, sx1 - sx0), np.float32)
    # Each pixel of the reduction is covered as the full-size pixels under it are on the whole.
    rows, cols = np.nonzero(mend.cover)
    at = np.clip(((rows + y0 + 0.5) * scale).astype(int) - sy0, 0, sy1 - sy0 - 1)
    to = np.clip(((cols + x0 + 0.5) * scale).astype(int) - sx0, 0, sx1 - sx0 - 1)
    np.add.at(cover, (at, to), mend.cover[rows, cols].astype(np.float32) / np.float32(255) * np.float32(scale**2))
    y = np.clip(((np.arange(sy0, sy1) + 0.5) / scale).astype(int) - y0, 0, shape[0] - 1)
    x = np.clip(((np.arange(sx0, sx1) + 0.5) / scale).astype(int) - x0, 0, shape[1] - 1)
    return (sx0, sy0, sx1, sy1), np.minimum(cover, 1), shifts[np.ix_(y, x)] * np.float32(scale)


def _reach(rows: Float32, cols: Float32, own: Box, size: tuple[int, int]) -> Box:
    """The box that holds the place itself and all its sources, with their neighbors."""
    if not rows.size:
        return own
    y0, y1 = int(np.floor(rows.min())) - 1, int(np.ceil(rows.max())) + 3
    x0, x1 = int(np.floor(cols.min())) - 1, int(np.ceil(cols.max())) + 3
    return (
        max(0, min(own[0], x0)),
        max(0, min(own[1], y0)),
        min(size[0], max(own[2], x1)),
        min(size[1], max(own[3], y1)),
    )
