"""Spots and strokes: their masks, and the place beside each that is best healed from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.repair.mend import Box, Mend

Float32 = NDArray[np.float32]
_WORK_RADIUS = 10.0  # px; larger spots are matched on a reduction: what is around them counts, not its finest grain
_REACH = 6.0  # radii to which a source is looked for, at least 32 px
_TEXTURE = 4.0  # how much a source of other texture costs, against one of other light


@dataclass(frozen=True)
class Spot:
    """A dot, or a stroke along points, that is healed.

    Parameters
    ----------
    points : tuple of (x, y), px of the full-size upright original
        0 at its left and upper edge.
    radius_px : float
        All of the spot lies within it.
    label : str
        ``"spot"``, ``"scratch"``, ``"lint"``, ``"hot_pixel"``...
    """

    points: tuple[tuple[float, float], ...]
    radius_px: float
    label: str = "spot"

    def box(self, size: tuple[int, int], margin: float = 0.0) -> Box:
        """Return (x0, y0, x1, y1) around it in a frame of (width, height), at least 1 px."""
        reach = self.radius_px + margin
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        x0, y0 = max(0, int(np.floor(min(xs) - reach))), max(0, int(np.floor(min(ys) - reach)))
        x1, y1 = min(size[0], int(np.ceil(max(xs) + reach))), min(size[1], int(np.ceil(max(ys) + reach)))
        x0, y0 = min(x0, size[0] - 1), min(y0, size[1] - 1)
        return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def cover_of(spot: Spot, box: Box) -> NDArray[np.uint8]:
    """Return a spot's mask in a box, 255 where a pixel's center lies within its radius.

    Examples
    --------
    >>> dot = Spot(((5.0, 5.0),), 2.0)
    >>> int((cover_of(dot, dot.box((10, 10))) > 0).sum())
    12
    """
    x0, y0, x1, y1 = box
    rows = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5)
    cols = np.arange(x0, x1, dtype=np.float32)[None] + np.float32(0.5)
    nearest = np.full((y1 - y0, x1 - x0), np.inf, np.float32)
    ends = zip(spot.points, spot.points[1:] or spot.points, strict=False)
    for (ax, ay), (bx, by) in ends:
        length = (bx - ax) ** 2 + (by - ay) ** 2
        along = ((cols - ax) * (bx - ax) + (rows - ay) * (by - ay)) / max(length, 1e-9)
        along = np.clip(along, 0, 1)
        away = (cols - ax - along * (bx - ax)) ** 2 + (rows - ay - along * (by - ay)) ** 2
        np.minimum(nearest, away, out=nearest)
    covered = (nearest <= max(spot.radius_px, 0.71) ** 2).astype(np.uint8)  # at least the pixel that it lies in
    return np.asarray(covered * np.uint8(255), np.uint8)


@dataclass(frozen=True, eq=False)
class Source:
    """Where a spot is healed from.

    `shift` (rows, columns) px; `misfit` root mean square off what surrounds the spot, 0..1 code; `texture` its grain
    as a share of the surroundings' own.
    """

    shift: tuple[int, int]
    misfit: float
    texture: float


def find_source(
    light: Float32, cover: NDArray[np.uint8], at: tuple[int, int], banned: NDArray[np.bool_]
) -> Source | None:
    """Find the place whose rim looks like the rim of a spot and whose middle has the same texture.

    Parameters
    ----------
    light : (H, W, 3) float32, linear
        A window with the spot and room around it.
    cover : (h, w) uint8
        The spot's mask.
    at : (row, column)
        Of its corner in the window.
    banned : (H, W) bool
        Not to be copied from: other spots, another surface.

    Returns
    -------
    Source or None
        None if no place in the window is free.

    Notes
    -----
    Template matching of the rim alone; a place that holds another defect betrays itself by its texture.
    """
    framed = np.pad(cover > 0, 1).astype(np.uint8)
    factor = max(1, int(float(cv2.distanceTransform(framed, cv2.DIST_L2, 3).max()) / _WORK_RADIUS))
    spot = np.zeros(light.shape[:2], np.uint8)
    spot[at[0] : at[0] + cover.shape[0], at[1] : at[1] + cover.shape[1]] = (cover > 0).astype(np.uint8)
    if factor > 1:
        size = (light.shape[1] // factor, light.shape[0] // factor)
        whole = np.s_[: size[1] * factor, : size[0] * factor]
        light = np.asarray(cv2.resize(light[whole], size, interpolation=cv2.INTER_AREA), np.float32)
        spot, off = (
            (cv2.resize(each[whole].astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
            for each in (spot, banned)
        )
        banned = off > 0
    found = _best(np.sqrt(np.maximum(light, 0)), spot, banned)
    if found is None:
        return None
    return Source((found[0][0] * factor, found[0][1] * factor), *found[1:])


def _best(
    code: Float32, spot: NDArray[np.uint8], banned: NDArray[np.bool_]
) -> tuple[tuple[int, int], float, float] | None:
    rows, cols = np.nonzero(spot)
    if not len(rows):
        return None
    y0, y1, x0, x1 = rows.min(), rows.max() + 1, cols.min(), cols.max() + 1
    thick = float(cv2.distanceTransform(np.pad(spot[y0:y1, x0:x1], 1), cv2.DIST_L2, 3).max())
    rim = max(3, round(0.7 * thick))
    ty0, tx0 = max(0, y0 - rim), max(0, x0 - rim)
    ty1, tx1 = min(code.shape[0], y1 + rim), min(code.shape[1], x1 + rim)
    shape = np.s_[ty0:ty1, tx0:tx1]
    mask = spot[shape]
    # One pixel beside a spot is often still of the spot.
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    ring = ((near == 0) & ~banned[shape]).astype(np.float32)
    if ring.sum() < 8 or code.shape[0] < 4 or code.shape[1] < 4:
        return None
    rings = np.ascontiguousarray(np.repeat(ring[..., None], 3, axis=2))
    off = cv2.matchTemplate(code, np.ascontiguousarray(code[shape]), cv2.TM_SQDIFF, mask=rings)
    off = np.maximum(np.asarray(off, np.float32), 0) / (3 * ring.sum())
    high, wide = off.shape
    # No pixel of the source may be of the spot, of another one, or banned.
    taken = cv2.dilate(((spot > 0) | banned).astype(np.uint8), np.ones((3, 3), np.uint8))
    overlap = cv2.matchTemplate(taken.astype(np.float32), mask.astype(np.float32), cv2.TM_CCORR)
    # A defect in the source itself shows as another texture than the rim's.
    gray = code.mean(axis=2)
    fine = np.abs(gray - cv2.GaussianBlur(gray, (0, 0), 2))
    inner = cv2.matchTemplate(fine, mask.astype(np.float32), cv2.TM_CCORR) / max(int(mask.sum()), 1)
    outer = float((fine[shape] * ring).sum() / ring.sum())
    score = off + _TEXTURE * (inner - outer) ** 2
    score[overlap > 0.5] = np.inf
    # Of places that are as good, the nearer.
    away = np.hypot(np.arange(high)[:, None] - ty0, np.arange(wide)[None] - tx0)
    score = score + 1e-7 * away
    place = int(np.argmin(score))
    row, col = divmod(place, wide)
    if not np.isfinite(score[row, col]):
        return None
    texture = float(inner[row, col]) / max(outer, 1e-5)
    return (row - ty0, col - tx0), float(np.sqrt(off[row, col])), texture


def window_of(spot: Spot, size: tuple[int, int]) -> Box:
    """Return the window of a frame in which a spot's source is looked for."""
    return spot.box(size, margin=max(32.0, _REACH * spot.radius_px))


def mend_of(spot: Spot, box: Box, source: Source) -> Mend:
    """Return the repair of a spot."""
    return Mend(box, cover_of(spot, box), np.array(source.shift, np.int16).reshape(1, 1, 2), "heal", spot.label)
