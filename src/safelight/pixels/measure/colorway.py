"""The color of a product: what the subject is made of, not what it stands before, with a name from a short list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.oklab import to_oklab
from safelight.pixels.color.spaces import decode
from safelight.pixels.measure.light import find_backdrop, subject_mask

SIDE_PX = 160  # a color needs no detail
LEAST_SHARE = 0.12  # of the subject, for a color to be one of its colors
# Names that a shop sorts by, each with sRGB colors that stand for it. Measured cloth in shade and in light lies between
# them; the nearest stands for all. Chosen from the CSS colors and common dye names, not from any measurement set.
_NAMED = {
    "black": ("#141416", "#26262a"),
    "charcoal": ("#3c3d41", "#4a4a4d"),
    "gray": ("#6e7072", "#8e8f91", "#aeb0b2"),
    "silver": ("#c4c6c8",),
    "white": ("#e6e7e9", "#f8f8f8"),
    "cream": ("#f0e8d2", "#e8dcbc"),
    "beige": ("#d2c1a0", "#bfae94"),
    "camel": ("#b58e5f", "#a68458"),
    "brown": ("#5e4330", "#7a5a40", "#463830"),
    "khaki": ("#8a8064", "#6c6654"),
    "olive": ("#5f6234", "#7a7c3c"),
    "green": ("#1f7a45", "#2f5d3f", "#4fa35e"),
    "mint": ("#8fd9b6", "#7fe0b0"),
    "teal": ("#11706e", "#2a8c88"),
    "turquoise": ("#3fc0bd", "#76cfc8"),
    "sky": ("#3fa2ea", "#8cc4ec"),
    "blue": ("#1f4fc4", "#2a3fa8", "#3f6fb5"),
    "navy": ("#1c2444", "#2a2f52", "#3d4463"),
    "purple": ("#5b2f9e", "#6f3f8c"),
    "lilac": ("#b79bd8", "#a98fc0"),
    "pink": ("#e68aa0", "#f2b6c6", "#d85f86"),
    "burgundy": ("#6a1f30", "#4f1a26"),
    "red": ("#c4202c", "#d8443c", "#a8202a"),
    "orange": ("#e87a24", "#e89a3c"),
    "yellow": ("#f0cf3a", "#e6d85f"),
}
NAMES: tuple[str, ...] = tuple(_NAMED)
# Skin of every tone lies in this wedge of Oklab: hue in degrees, chroma, lightness.
_SKIN_HUE, _SKIN_CHROMA, _SKIN_LIGHT = (28.0, 75.0), (0.035, 0.115), (0.25, 0.92)
_PAPER = 0.025  # Oklab: nearer to the backdrop's color is a hole that it shows through
_ENOUGH = 0.35  # of the subject must be left when holes or skin are taken away; else they are the subject
_LIGHT_WEIGHT = 0.5  # shading moves lightness and hardly the rest: a fold is no other color


@dataclass(frozen=True)
class Swatch:
    """One color of a subject: Oklab (L 0..1, a, b), its share of the subject 0..1, and its name."""

    oklab: tuple[float, float, float]
    share: float
    name: str


@dataclass(frozen=True)
class Colorway:
    """The colors of a subject, the main one first; empty where there is no subject to look at.

    `margin` is how much nearer the main color lies to its name than to the next, 0..1: 0 is a toss-up. `covers` is the
    subject's share of the frame, 0..1: a frame that is all subject is a swatch, or nothing at all.
    """

    swatches: tuple[Swatch, ...]
    margin: float
    covers: float = 0.0

    @property
    def name(self) -> str:
        """The main color's name, or ""."""
        return self.swatches[0].name if self.swatches else ""


def measure_colorway(rgb: NDArray[np.float32], alpha: NDArray[np.float32] | None = None) -> Colorway:
    """Return the colors of the subject.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020, 1.0 = display white
        White balanced: a cast moves every color.
    alpha : (H, W) float32 0..1, optional
        The subject's matte; by default what is not the backdrop.

    Returns
    -------
    Colorway

    Notes
    -----
    Pixels near the middle of the subject weigh more: on a model the garment for sale is in the middle, what is worn
    with it and skin at the edges. Skin is left out where enough else is left; what is of skin's color itself stays.
    Clusters by k-means in Oklab with lightness halved, started from the lightness-sorted pixels, so that the same
    picture gives the same colors.

    References
    ----------
    Ottosson, "A perceptual color space for image processing", 2020.

    Examples
    --------
    >>> red = np.full((64, 64, 3), 0.85, np.float32)
    >>> red[16:48, 16:48] = (0.35, 0.05, 0.03)
    >>> measure_colorway(red).name
    'red'
    """
    small, matte = _reduced(rgb, alpha)
    backdrop = find_backdrop(small, matte)
    mask = subject_mask(backdrop, matte)
    if mask.sum() < 16:
        return Colorway((), 0.0)
    lab = to_oklab(np.ascontiguousarray(small[mask])).astype(np.float32).reshape(-1, 3)
    weight = _centrality(mask)
    if backdrop.found and matte is None:
        paper = to_oklab(np.median(small[backdrop.mask], axis=0)[None].astype(np.float32))[0]
        lab, weight = _without(lab, weight, np.linalg.norm(lab - paper, axis=1) < _PAPER)
    lab, weight = _without(lab, weight, _is_skin(lab))
    found = _clusters(lab, weight)
    main = found[0][0]
    near = sorted((_distance(main, each), name) for name, colors in _named().items() for each in colors)
    other = next(far for far, name in near if name != near[0][1])
    margin = float((other - near[0][0]) / max(other, 1e-6))
    swatches: dict[str, Swatch] = {}
    for center, share in found:
        name = name_of(center)
        # Deeper folds of the same name add to its share; the first stands for it.
        first = swatches.get(name)
        oklab = first.oklab if first else _rounded(center)
        swatches[name] = Swatch(oklab, round(share + (first.share if first else 0.0), 4), name)
    told = tuple(each for at, each in enumerate(swatches.values()) if at == 0 or each.share >= LEAST_SHARE)
    return Colorway(told, round(margin, 3), round(float(mask.mean()), 4))


def name_of(oklab: NDArray[np.float32] | Sequence[float]) -> str:
    """Return the name of a color.

    Examples
    --------
    >>> name_of((0.97, 0.0, 0.0)), name_of((0.15, 0.0, 0.0)), name_of((0.55, 0.2, 0.11))
    ('white', 'black', 'red')
    """
    color = np.asarray(oklab, np.float32)
    return min((_distance(color, each), name) for name, colors in _named().items() for each in colors)[1]


def group_colorways(found: Mapping[str, Colorway], limit: float = 0.075) -> dict[str, tuple[str, ...]]:
    """Return the colorways among the views of one article: a name for each, and who has it.

    Parameters
    ----------
    found : mapping of view to Colorway
        Of one article; other articles may share a color and are no colorway of this one.
    limit : float, Oklab distance with lightness halved
        How far apart two views of one colorway may lie.

    Returns
    -------
    dict of name to views, both sorted
        Views without colors stand under "". Two colorways of one name are told apart by a number: ``"blue 2"``.

    Notes
    -----
    Average linkage: two groups are one if their views lie within the limit on average, so that one odd view joins
    nothing to everything. The order of the views does not matter.

    Examples
    --------
    >>> red = Colorway((Swatch((0.55, 0.2, 0.1), 1, "red"),), 1)
    >>> navy = Colorway((Swatch((0.28, 0, -0.06), 1, "navy"),), 1)
    >>> group_colorways({"front": red, "back": red, "side": navy})
    {'navy': ('side',), 'red': ('back', 'front')}
    """
    known = {view: np.asarray(each.swatches[0].oklab) for view, each in sorted(found.items()) if each.swatches}
    groups = [[view] for view in known]
    while len(groups) > 1:
        pairs = [
            (float(np.mean([_distance(known[a], known[b]) for a in one for b in other])), at, to)
            for at, one in enumerate(groups)
            for to, other in enumerate(groups[:at])
        ]
        nearest, at, to = min(pairs)
        if nearest > limit:
            break
        groups[to] = sorted(groups[to] + groups.pop(at))
    named: dict[str, tuple[str, ...]] = {}
    for views in sorted(groups):
        name = name_of(np.mean([known[view] for view in views], axis=0))
        number = next(n for n in range(1, len(groups) + 2) if (f"{name} {n}" if n > 1 else name) not in named)
        named[f"{name} {number}" if number > 1 else name] = tuple(views)
    blank = tuple(sorted(view for view, each in found.items() if not each.swatches))
    return dict(sorted(named.items())) | ({"": blank} if blank else {})


def _rounded(color: NDArray[np.float32]) -> tuple[float, float, float]:
    return round(float(color[0]), 4), round(float(color[1]), 4), round(float(color[2]), 4)


def _reduced(
    rgb: NDArray[np.float32], alpha: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    # Shrunk first: whole pictures are large, and one pixel that is no number spoils a block and not the color.
    small = _shrunk(np.ascontiguousarray(rgb[..., :3], np.float32))
    small = np.clip(np.nan_to_num(small, posinf=1.0), 0.0, 4.0)
    return small, None if alpha is None else np.nan_to_num(_shrunk(np.ascontiguousarray(alpha, np.float32)))


def _shrunk(values: NDArray[np.float32]) -> NDArray[np.float32]:
    reduction = max(1.0, max(values.shape[:2]) / SIDE_PX)
    size = (max(1, round(values.shape[1] / reduction)), max(1, round(values.shape[0] / reduction)))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _centrality(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a weight for each pixel of the mask: 1 in the middle of the subject's box, 0.14 at its corners."""
    rows, columns = np.nonzero(mask)
    y = (rows - (rows.min() + rows.max()) / 2) / max(np.ptp(rows) / 2, 1)
    x = (columns - (columns.min() + columns.max()) / 2) / max(np.ptp(columns) / 2, 1)
    return np.asarray(np.exp(-(x * x + y * y)), np.float32)


def _without(
    lab: NDArray[np.float32], weight: NDArray[np.float32], gone: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Take pixels away if enough are left."""
    if weight[~gone].sum() <= _ENOUGH * weight.sum():
        return lab, weight
    return lab[~gone], weight[~gone]


def _is_skin(lab: NDArray[np.float32]) -> NDArray[np.bool_]:
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    inside = (hue > _SKIN_HUE[0]) & (hue < _SKIN_HUE[1]) & (chroma > _SKIN_CHROMA[0]) & (chroma < _SKIN_CHROMA[1])
    return np.asarray(inside & (lab[:, 0] > _SKIN_LIGHT[0]) & (lab[:, 0] < _SKIN_LIGHT[1]))


def _clusters(
    lab: NDArray[np.float32], weight: NDArray[np.float32], count: int = 5
) -> list[tuple[NDArray[np.float32], float]]:
    """Return weighted cluster centers and shares, the largest first; clusters that lie together are one."""
    scaled = lab * np.array([_LIGHT_WEIGHT, 1, 1], np.float32)
    order = np.argsort(lab[:, 0], kind="stable")
    centers = scaled[order[np.linspace(0, len(order) - 1, min(count, len(order))).astype(int)]].copy()
    label = np.zeros(len(lab), int)
    for _ in range(12):
        # |x - c|² less |x|², which is the same for every center.
        label = np.argmin((centers * centers).sum(axis=1) - 2 * scaled @ centers.T, axis=1)
        for each in range(len(centers)):
            own = label == each
            if own.any():
                centers[each] = np.average(scaled[own], axis=0, weights=weight[own])
    total = float(weight.sum())
    parts = []
    for each in range(len(centers)):
        own = label == each
        if own.any():
            parts.append((np.average(lab[own], axis=0, weights=weight[own]), float(weight[own].sum()) / total))
    return _joined(parts)


def _joined(parts: list[tuple[NDArray[np.float32], float]]) -> list[tuple[NDArray[np.float32], float]]:
    """Join clusters nearer than a fold's shading is wide, and sort by share."""
    held = sorted(parts, key=lambda each: -each[1])
    joined: list[tuple[NDArray[np.float32], float]] = []
    for center, share in held:
        at = next((n for n, (other, _) in enumerate(joined) if _distance(center, other) < 0.07), None)
        if at is None:
            joined.append((center, share))
        else:
            other, had = joined[at]
            joined[at] = (np.asarray((other * had + center * share) / (had + share), np.float32), had + share)
    return sorted(joined, key=lambda each: -each[1])


def _distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    apart = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    return float(np.sqrt((_LIGHT_WEIGHT * apart[0]) ** 2 + apart[1] ** 2 + apart[2] ** 2))


@cache
def _named() -> Mapping[str, NDArray[np.float32]]:
    """Return the colors that stand for each name, in Oklab."""
    found = {}
    for name, codes in _NAMED.items():
        rgb = np.array([[int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)] for code in codes], np.float32)
        found[name] = to_oklab(decode(rgb, "srgb"), "linear_srgb")
    return MappingProxyType(found)
