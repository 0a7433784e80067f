"""Find dust, lint, scratches and hot pixels: small things that do not belong to the surface they lie on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import Pixels
from safelight.pixels.repair.spots import Spot

_SCALES = ((3, 15), (7, 41))  # px of half the size: what is smoothed, against what surrounds it
_LEAST = 2.0  # levels of 8 bits that a speck differs at least from what surrounds it
_LARGEST = 0.006  # of the long side: what is wider is no dust
_LONGEST = 0.12  # of the long side, for hairs and scratches
_LEAST_SIDE = 3000  # px; of smaller pictures what is as large as in this one
_HOT = 24.0  # levels that a hot pixel stands above its neighbors
_BOLD = 40.0  # levels: what stands out more than this on the product is its print, its seam or its shine
_NEAR = 0.04  # of the long side: specks nearer than this count as a crowd
_MOST = 400  # candidates that are looked at closely: more is a texture


@dataclass(frozen=True)
class Speck:
    """Something found.

    Parameters
    ----------
    spot : Spot
        Its place, in px of the picture, with room for its soft edge; its label says what it looks like: ``"spot"``,
        ``"lint"``, ``"scratch"``, ``"hot_pixel"``.
    contrast : float, levels of 8 bits
        Above 0 lighter, below 0 darker than what surrounds it.
    alone : float
        Contrast against the unevenness of its surroundings: 3 and more stands out, 1 is texture.
    likely : float, 0..1
        Probability that a retoucher would take it out.
    on_backdrop : bool
        Whether it lies on what the frame's rim shows.
    """

    spot: Spot
    contrast: float
    alone: float
    likely: float
    on_backdrop: bool


def find_dust(pixels: Pixels) -> list[Speck]:
    """Find specks on even surfaces.

    Parameters
    ----------
    pixels : (H, W, 3) uint8 or uint16, display-referred code values
        At full size; a reduction hides what is looked for.

    Returns
    -------
    list of Speck
        The likeliest first. On a texture, at print and along edges nothing stands alone, and little is found.

    Notes
    -----
    Candidates are what a difference of means leaves above five times the noise and four times what is usual around it.
    Each is then held against a plane through a ring around it.
    """
    color: NDArray[Any] = pixels[..., :3]
    eight = np.ascontiguousarray(color if color.dtype == np.uint8 else color >> 8, np.uint8)
    height, width = eight.shape[:2]
    if min(height, width) < 64:
        return []
    half = cv2.resize(eight, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    gray = np.asarray(cv2.cvtColor(half, cv2.COLOR_RGB2GRAY))
    side = max(height, width, _LEAST_SIDE)
    largest, longest = _LARGEST * side, _LONGEST * side
    backdrop = _backdrop(half)
    found: list[Speck] = []
    for fine, wide in _SCALES:
        found += _at_scale(eight, gray, (fine, wide), (largest, longest), backdrop)
    found += _hot_pixels(eight, backdrop)
    return _alone(_apart(sorted(found, key=lambda each: -each.likely)), side)


def _at_scale(
    eight: NDArray[np.uint8],
    gray: NDArray[np.uint8],
    sizes: tuple[int, int],
    limits: tuple[float, float],
    backdrop: NDArray[np.bool_],
) -> list[Speck]:
    fine, wide = sizes
    smooth, around = cv2.blur(gray, (fine, fine)), cv2.blur(gray, (wide, wide))
    off = cv2.absdiff(smooth, around)
    small = cv2.resize(off.astype(np.float32), None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    # Sixteenths of a level, so that a median of bytes does: one speck does not make its surroundings restless.
    usual = cv2.medianBlur(np.minimum(small * 16, 255).astype(np.uint8), 11).astype(np.float32) / 16
    noise = float(np.median(usual)) * 1.25
    least = np.maximum(np.maximum(4.0 * usual, 5.0 * noise), _LEAST)
    level = cv2.resize(np.ceil(least).astype(np.uint8), gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    found: list[Speck] = []
    for one, other in ((around, smooth), (smooth, around)):  # darker, lighter: a speck's own rim is of the other kind
        found += _pieces(eight, cv2.compare(cv2.subtract(one, other), level, cv2.CMP_GE), limits, backdrop)
    return found


def _pieces(
    eight: NDArray[np.uint8], seen: NDArray[np.uint8], limits: tuple[float, float], backdrop: NDArray[np.bool_]
) -> list[Speck]:
    """Look at each connected piece that is no larger than a speck."""
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    if count < 2:
        return []
    sides = stats[1:, 2:4].max(axis=1) * 2.0
    fits = np.flatnonzero((sides <= limits[1]) & (stats[1:, 4] >= 2)) + 1
    strength = stats[fits, 4]
    fits = fits[np.argsort(-strength, kind="stable")[:_MOST]]
    specks = []
    for number in fits:
        x, y, w, h, area = (int(each) for each in stats[number])
        inside = labels[y : y + h, x : x + w] == number
        spot = _shape_of(inside, (x, y), area, limits[0])
        if spot is not None:
            speck = _looked_at(eight, spot, backdrop)
            if speck is not None:
                specks.append(speck)
    return specks


def _shape_of(inside: NDArray[np.bool_], at: tuple[int, int], area: int, largest: float) -> Spot | None:
    """A dot, a stroke or nothing, in px of the full size: by length and width of a piece of half the size."""
    rows, cols = np.nonzero(inside)
    places = np.column_stack([cols + at[0] + 0.5, rows + at[1] + 0.5]) * 2.0
    middle = places.mean(axis=0)
    centered = places - middle
    if len(places) < 3:
        return Spot(((float(middle[0]), float(middle[1])),), 3.0)
    spread, axes = np.linalg.eigh(centered.T @ centered / len(places))
    along = centered @ axes[:, 1]
    length, width = float(np.ptp(along)) + 2.0, 4.0 * area / (float(np.ptp(along)) + 2.0)
    if length < 3.2 * width:
        radius = float(np.hypot(centered[:, 0], centered[:, 1]).max()) + 1.0
        # A ring or a corner of something is no speck: a speck fills its circle.
        full = 4.0 * area / (np.pi * radius**2)
        return None if radius > largest or full < 0.35 else Spot(((float(middle[0]), float(middle[1])),), radius + 2.0)
    if width > largest:
        return None
    many = int(np.clip(length / max(8.0, 2 * width), 1, 24))
    edges = np.linspace(along.min(), along.max(), 2 * many + 1)
    line = [middle + axes[:, 1] * edges[0] + axes[:, 0] * _bend(centered, axes, along, edges[0], edges[1])]
    for at_ in range(1, 2 * many, 2):
        bend = _bend(centered, axes, along, edges[at_ - 1], edges[at_ + 1])
        line.append(middle + axes[:, 1] * edges[at_] + axes[:, 0] * bend)
    line.append(middle + axes[:, 1] * edges[-1] + axes[:, 0] * _bend(centered, axes, along, edges[-2], edges[-1]))
    points = tuple((float(x), float(y)) for x, y in line)
    straight = float(np.sqrt(spread[0])) < 0.5 * width + 1.0
    # A bend that the line cuts short is covered all the same.
    radius = float(np.percentile(_away(places, np.array(line)), 98)) + 2.0
    if radius > largest:
        return None
    return Spot(points, max(radius, width / 2 + 2.0), "scratch" if straight and length > 60 else "lint")


def _away(places: NDArray[Any], line: NDArray[Any]) -> NDArray[Any]:
    """How far each place (x, y) is from a line of points."""
    first, ahead = line[:-1], np.diff(line, axis=0)
    from_first = places[:, None] - first[None]
    along = (from_first * ahead).sum(axis=2) / np.maximum((ahead**2).sum(axis=1), 1e-9)
    gap = from_first - np.clip(along, 0, 1)[..., None] * ahead
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]).min(axis=1))


def _bend(centered: NDArray[Any], axes: NDArray[Any], along: NDArray[Any], low: float, high: float) -> float:
    """How far a stroke strays from its axis between two places along it."""
    here = (along >= low) & (along <= high)
    return float((centered[here] @ axes[:, 0]).mean()) if here.any() else 0.0


def _looked_at(eight: NDArray[np.uint8], spot: Spot, backdrop: NDArray[np.bool_]) -> Speck | None:
    """Hold a candidate against a plane through the ring around it, at full size."""
    from safelight.pixels.repair.spots import cover_of

    size = (eight.shape[1], eight.shape[0])
    ring_px = max(6.0, 0.8 * spot.radius_px)
    box = spot.box(size, margin=2 + ring_px)
    part = eight[box[1] : box[3], box[0] : box[2]].astype(np.float32)
    inner = cover_of(spot, box) > 0
    wider = cv2.dilate(inner.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if (~wider).sum() < 24 or not inner.any():
        return None
    gray = part @ np.array([0.299, 0.587, 0.114], np.float32)
    rows, cols = np.nonzero(~wider)
    basis = np.column_stack([np.ones(len(rows)), rows, cols])
    values = gray[rows, cols]
    kept = np.ones(len(rows), dtype=np.bool_)
    for _ in range(2):
        fit, *_rest = np.linalg.lstsq(basis[kept], values[kept], rcond=None)
        strays = np.abs(values - basis @ fit)
        kept = strays <= max(3 * float(np.median(strays)), 1.0)
    y, x = np.mgrid[: gray.shape[0], : gray.shape[1]]
    off = gray - (fit[0] + fit[1] * y + fit[2] * x)
    # Averaged over 3 px: a speck is more than one grain.
    even = cv2.blur(off.astype(np.float32), (3, 3)) if spot.label != "hot_pixel" else off
    values = even[inner]
    contrast = float(values[np.argmax(np.abs(values))])
    uneven = float(np.percentile(np.abs(even[~wider]), 97))
    alone = abs(contrast) / max(uneven, 0.6)
    at = (box[1] + box[3]) // 16, (box[0] + box[2]) // 16
    on_backdrop = bool(backdrop[min(at[0], len(backdrop) - 1), min(at[1], backdrop.shape[1] - 1)])
    return Speck(spot, contrast, alone, _likely(abs(contrast), alone, on_backdrop=on_backdrop), on_backdrop)


def _likely(contrast: float, alone: float, *, on_backdrop: bool) -> float:
    """Logistic in how much it stands alone and how well it is seen; weights after `benchmarks/dust.py`.

    What is bold on the product is seldom dust and often a letter: it is listed, for a person to say.
    """
    score = 2.4 * (min(alone, 6.0) - 2.6) + 0.15 * (min(contrast, 16.0) - 4.0) + (0.5 if on_backdrop else -4.0)
    if not on_backdrop:
        score -= 0.5 * min(max(contrast - _BOLD, 0.0), 30.0)
    return float(1 / (1 + np.exp(-score)))


def _hot_pixels(eight: NDArray[np.uint8], backdrop: NDArray[np.bool_]) -> list[Speck]:
    """Single pixels far above all their neighbors in one channel at least."""
    above = cv2.subtract(eight, cv2.medianBlur(eight, 3))
    most = cv2.max(cv2.max(above[..., 0], above[..., 1]), above[..., 2])
    rows, cols = np.nonzero(most > _HOT)
    if len(rows) > 20 * _MOST:
        return []  # noise, foliage or print: no sensor has so many
    found = []
    for row, col in zip(rows[: 5 * _MOST], cols[: 5 * _MOST], strict=True):
        around = most[max(0, row - 3) : row + 4, max(0, col - 3) : col + 4]
        if (around > _HOT / 2).sum() > 2:
            continue
        spot = Spot(((col + 0.5, row + 0.5),), 1.6, "hot_pixel")
        speck = _looked_at(eight, spot, backdrop)
        if speck is not None and speck.contrast > 0:
            found.append(speck)
        if len(found) >= _MOST:
            break
    return found


def _backdrop(half: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where an even surface reaches from the frame's rim, at an eighth of the full size; specks on it belong to it."""
    small = cv2.resize(half, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(small, 5)
    height, width = small.shape[:2]
    seen = np.zeros((height + 2, width + 2), np.uint8)
    how = 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
    rows, cols = np.linspace(0, height - 1, 12).astype(int), np.linspace(0, width - 1, 12).astype(int)
    places = [(int(c), r) for c in cols for r in (0, height - 1)] + [(c, int(r)) for r in rows for c in (0, width - 1)]
    usual = np.median(np.array([small[y, x] for x, y in places], np.float32), axis=0)
    for place in places:
        alike = np.abs(small[place[1], place[0]] - usual).max() < 30  # what the frame cuts off is no backdrop
        if alike and not seen[place[1] + 1, place[0] + 1]:
            cv2.floodFill(small, seen, place, 0, (2, 2, 2), (2, 2, 2), how)
    found = cv2.morphologyEx(seen[1:-1, 1:-1], cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return np.asarray(found > 0)


def _apart(specks: list[Speck]) -> list[Speck]:
    """One of those that overlap: the likeliest, which comes first."""
    kept: list[Speck] = []
    for each in specks:
        box = each.spot.box((1 << 30, 1 << 30))
        if not any(_overlap(box, other.spot.box((1 << 30, 1 << 30))) for other in kept):
            kept.append(each)
    return kept


def _alone(specks: list[Speck], side: float) -> list[Speck]:
    """Less likely where many lie close together: seams, print and pale cloth, not dust."""
    if not specks:
        return specks
    places = np.array([np.mean(each.spot.points, axis=0) for each in specks])
    counted = np.array([each.likely > 0.15 for each in specks])
    near = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) < _NEAR * side
    crowd = (near & counted[None]).sum(axis=1) - counted
    held = [replace(e, likely=e.likely / (1 + 0.7 * max(0, int(n) - 2))) for e, n in zip(specks, crowd, strict=True)]
    return sorted(held, key=lambda each: -each.likely)


def _overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
