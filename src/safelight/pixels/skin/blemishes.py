"""Find what stands out of skin: blemishes, and moles and freckles, told apart by what they take of each color."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_RADII_MM = (0.8, 1.2, 1.8, 2.7, 4.0)  # from a whitehead to a boil
_LEAST_PX = 1.3  # radius under which a spot is a pixel or two
_LEAST_STOPS = 0.08  # of green light that a spot takes at least to be seen
_LEAST_Z = 3.0  # deviations of what the skin around does by itself
_MOST = 200
# What blood takes of red is less than half of what it takes of green; of what melanin takes, three fifths and more;
# shade takes the same of all (Tsumura, Haneishi, Miyake 1999).
_BLOOD, _MELANIN, _SHADE = 0.42, 0.56, 0.9


@dataclass(frozen=True)
class Blemish:
    """Something that stands out of skin.

    Parameters
    ----------
    x, y, radius_px : float
        In px of the picture looked at; the radius holds its soft rim.
    kind : str
        ``"blemish"`` (red), ``"light"`` (a whitehead, a flake), ``"mole"``, ``"freckle"``.
    stops : float
        Green light that it takes, log2; negative where it is lighter.
    share_red : float
        Red light taken as a share of that.
    stands_out : float
        Against what the skin around does by itself, deviations.
    likely : float, 0..1
        Probability that it is a spot of its kind, and no pore, hair or glint.
    """

    x: float
    y: float
    radius_px: float
    kind: str
    stops: float
    share_red: float
    stands_out: float
    likely: float


def find_blemishes(light: Float32, skin: Mask, where: Mask, px_per_mm: float) -> list[Blemish]:
    """Find spots on skin.

    Parameters
    ----------
    light : (H, W, 3) float32, linear sRGB
    skin : (H, W) bool
        What a spot is held against.
    where : (H, W) bool
        The part of it where spots are looked for, at a distance from the skin's rim.
    px_per_mm : float
        Of the face: sizes are those of skin.

    Returns
    -------
    list of Blemish
        The likeliest first; at most 200.

    Notes
    -----
    In log2 of light what a spot takes is the same on every skin. Each size is a difference of masked means; a spot
    is a peak of it that stands out from what the skin does over some centimeters around, that is round, and that
    does not take the same of every color as a shade does.
    """
    if not skin.any() or px_per_mm * _RADII_MM[-1] < _LEAST_PX:
        return []
    logs = np.log2(np.maximum(light, np.float32(1e-4)))
    side = 2 * max(1, round(1.5 * px_per_mm)) + 1
    inner = cv2.erode(skin.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0
    inner &= where
    found: list[Blemish] = []
    for radius_mm in _RADII_MM:
        radius = radius_mm * px_per_mm
        if radius >= _LEAST_PX:
            found += _of_size(logs, skin, inner, radius, px_per_mm)
    found = _apart(sorted(found, key=lambda each: -abs(each.stops) * each.stands_out))
    return sorted(_named(found, px_per_mm), key=lambda each: -each.likely)[:_MOST]


def _of_size(logs: Float32, skin: Mask, inner: Mask, radius: float, unit: float) -> list[Blemish]:
    weight = skin.astype(np.float32)
    near = masked_mean(logs, weight, 0.6 * radius)
    wide = masked_mean(logs, weight, 2.0 * radius)
    taken = wide - near  # stops of light that a place takes more than its surroundings
    green = taken[..., 1]
    usual = _usual(green, weight, 12.0 * unit)
    z = green / usual
    found = []
    for sign in (1.0, -1.0):
        value = np.where(inner, sign * z, 0).astype(np.float32)
        window = 2 * max(1, round(radius)) + 1
        peak = (value >= cv2.dilate(value, np.ones((window, window), np.uint8))) & (value > _LEAST_Z)
        rows, cols = np.nonzero(peak)
        order = np.argsort(-value[rows, cols])[: 2 * _MOST]
        for row, col in zip(rows[order].tolist(), cols[order].tolist(), strict=True):
            one = _looked_at(logs, skin, taken, (row, col), radius, float(value[row, col]))
            if one is not None:
                found.append(one)
    return found


def masked_mean(values: Float32, weight: Float32, sigma: float) -> Float32:
    """Return the mean of `values` under a Gaussian, of what `weight` counts alone; where nothing counts, 0."""
    down = max(1, int(sigma / 4))
    if down > 1:  # a wide mean needs few samples
        size = (max(1, values.shape[1] // down), max(1, values.shape[0] // down))
        small_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA)
        mean = _mean(np.asarray(small, np.float32), np.asarray(small_weight, np.float32), sigma / down)
        return np.asarray(cv2.resize(mean, values.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return _mean(values * weight[..., None], weight, sigma)


def _mean(weighted: Float32, weight: Float32, sigma: float) -> Float32:
    total = cv2.GaussianBlur(weighted, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    total = total.reshape(*weight.shape, -1)  # OpenCV drops the axis of a single plane
    held = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.where(held[..., None] > 1e-3, total / np.maximum(held, 1e-3)[..., None], 0), np.float32)


def _usual(values: Float32, weight: Float32, sigma: float) -> Float32:
    """What the skin does by itself: the larger of its whole and its local mean deviation, a few spots left aside."""
    size = np.abs(values)
    whole = float(np.median(size[weight > 0])) * 1.48
    held = np.minimum(size, 3 * whole)[..., None]
    local = masked_mean(np.asarray(held, np.float32), weight, sigma)
    local = local.reshape(values.shape) * np.float32(1.25)
    return np.asarray(np.maximum(np.maximum(local, whole), 0.008), np.float32)


def _looked_at(
    logs: Float32, skin: Mask, taken: Float32, at: tuple[int, int], radius: float, z: float
) -> Blemish | None:
    """Hold a peak against a ring around it."""
    row, col = at
    # Color is written at half the size in most files: what a spot takes of it lies up to 2 px around.
    first, last = max(1.9 * radius, radius + 2.5), max(3.0 * radius, radius + 4.5)
    reach = int(np.ceil(last)) + 1
    y0, y1 = max(0, row - reach), min(logs.shape[0], row + reach + 1)
    x0, x1 = max(0, col - reach), min(logs.shape[1], col + reach + 1)
    window, held = logs[y0:y1, x0:x1], skin[y0:y1, x0:x1]
    rows, cols = np.mgrid[y0 - row : y1 - row, x0 - col : x1 - col].astype(np.float32)
    away = np.hypot(rows, cols)
    ring = (away > first) & (away < last) & held
    if int(ring.sum()) < 0.5 * np.pi * (last**2 - first**2):
        return None
    # A plane through the ring is the skin as it would be.
    design = np.stack([np.ones_like(rows), rows, cols], axis=-1)
    plane = np.linalg.lstsq(design[ring], window[ring], rcond=None)[0]
    off = (design @ plane - window).astype(np.float32)
    core = away <= max(0.6 * radius, 1.0)
    stops = off[core].mean(axis=0)
    green = float(stops[1])
    if abs(green) < _LEAST_STOPS:
        return None
    rough = float(off[ring][:, 1].std())
    whole = off[(away <= first) & held].sum(axis=0)
    share_red = float(whole[0]) / (float(whole[1]) if abs(whole[1]) > 1e-3 else green)
    extent, roundness = _shape(off[..., 1] / np.float32(green), away, held, radius)
    if roundness <= 0:
        return None
    stands = abs(green) / max(rough, 0.01)
    likely = _likely(z, abs(green), stands, roundness)
    kind = _kind(green, share_red)
    if not kind:
        return None
    return Blemish(col + 0.5, row + 0.5, extent, kind, green, share_red, stands, likely)


def _shape(part: Float32, away: Float32, held: Mask, radius: float) -> tuple[float, float]:
    """Extent in px and roundness 0..1 of what takes half as much as the middle; roundness 0 where it runs away."""
    half = ((cv2.GaussianBlur(part, (0, 0), max(0.5, 0.25 * radius)) > 0.5) & held).astype(np.uint8)
    _, labels = cv2.connectedComponents(half, connectivity=4)
    middle = np.unravel_index(int(np.argmin(away)), away.shape)
    own = labels[middle]
    if own == 0:
        return 0.0, 0.0
    mine = labels == own
    farthest, area = float(away[mine].max()), float(mine.sum())
    if farthest > 2.6 * radius:
        return 0.0, 0.0
    # Of a disc all that lies as far as its farthest point is its own.
    roundness = min(1.0, area / (np.pi * (farthest + 0.5) ** 2))
    equal = float(np.sqrt(area / np.pi))
    return 1.7 * equal + 1.0, roundness if roundness > 0.3 else 0.0


def _likely(z: float, stops: float, stands: float, roundness: float) -> float:
    score = 0.45 * (z - 5.5) + 9.0 * (stops - 0.16) + 0.8 * (stands - 3.2) + 4.0 * (roundness - 0.55)
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def _kind(green: float, share_red: float) -> str:
    if green < 0:
        return "light" if share_red < 1.2 else ""
    if not -0.2 < share_red < _SHADE:  # below: red that was added by compression, no light that was taken
        return ""
    return "blemish" if share_red < (_BLOOD + _MELANIN) / 2 else "brown"


def _apart(found: list[Blemish]) -> list[Blemish]:
    """The strongest of those that overlap."""
    kept: list[Blemish] = []
    for each in found:
        if all(np.hypot(each.x - one.x, each.y - one.y) > 0.9 * max(each.radius_px, one.radius_px) for one in kept):
            kept.append(each)
    return kept


def _named(found: list[Blemish], unit: float) -> list[Blemish]:
    """Brown spots are moles where they are dark or wide, else freckles."""
    named = []
    for each in found:
        kind = each.kind
        if kind == "brown":
            kind = "mole" if each.stops > 0.45 or each.radius_px > 3.5 * unit else "freckle"
        told = (each.x, each.y, each.radius_px, kind, each.stops, each.share_red, each.stands_out, each.likely)
        named.append(Blemish(*told))
    return named


def told_apart(share_red: float) -> float:
    """Return how surely blood and melanin are told apart by the red light that a spot takes, 0 (not at all) to 1."""
    return float(min(1.0, abs(share_red - (_BLOOD + _MELANIN) / 2) / 0.15))
