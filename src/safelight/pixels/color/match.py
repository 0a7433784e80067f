"""Lend a picture the palette and mood of another: as parameters one can read, and as a table.

Lightness is matched by quantiles, color by a linear map in Oklab's a, b: either scaled axis by axis, or by the
linear Monge-Kantorovich transport, which carries one covariance into the other with the least movement.
Both are held back: slopes and stretches have limits, black and white stay, skin and neutrals move less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from safelight.errors import ParameterError
from safelight.pixels.color import fused
from safelight.pixels.color.bake import lattice
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.gamut import into_gamut
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.oklab import from_oklab, to_oklab
from safelight.pixels.color.spaces import Float32, Matrix, decode, encode

Method = Literal["transport", "axes"]

_MOST = 40_000  # pixels a side of the match; more change nothing that is seen
_KNOTS = 33
_SLOPES = (0.5, 2.0)  # of the lightness curve
_STRETCH = (0.5, 1.7)  # of the color map's axes
_SHIFT = 0.06  # Oklab: the farthest that the middle of all colors goes
_NOISE = 2e-4  # variance added to both, so that a gray picture asks for no wild stretch
# Skin of all tones lies about this hue of Oklab; half a turn of 25 degrees either side.
_SKIN_HUE, _SKIN_WIDTH = np.radians(52.0), np.radians(25.0)
_SKIN_CHROMA = (0.03, 0.16)
_NEUTRAL = 0.02  # Oklab chroma


@dataclass(frozen=True)
class Protection:
    """How much less skin and neutrals move, 0 to 1."""

    skin: float = 0.6
    neutrals: float = 0.7


@dataclass(frozen=True, eq=False)
class Match:
    """A look taken from a reference.

    Parameters
    ----------
    grade : Grade
        What of it parameters can say: curve, saturation, tinted shadows and highlights.
    table : (33², 33, 3) float32
        All of it, over sRGB code values both ways, in the order of `bake.lattice`.
    facts : mapping
        ``moved``: mean ΔE00 from the pictures to their look; ``explained``: the share of it that `grade` alone does;
        ``distance_before`` and ``distance_after``: how far the palettes are apart (`palette_distance`).
    """

    grade: Grade
    table: Float32
    facts: Mapping[str, float]


def match_look(
    reference: Float32,
    pictures: Sequence[Float32],
    *,
    strength: float = 1.0,
    method: Method = "transport",
    protection: Protection | None = None,
) -> Match:
    """Find the look that lends `pictures` the palette and mood of `reference`.

    Parameters
    ----------
    reference : (H, W, 3) float32, sRGB code values
    pictures : sequence of (H, W, 3) float32, sRGB code values
        Neutrally corrected; one look is found for all of them.
    strength : float, 0 to 1
    method : {"transport", "axes"}
    protection : Protection or None

    Raises
    ------
    ParameterError
        If there is no picture, or `strength` is outside 0 to 1.

    References
    ----------
    Pitié, F., Kokaram, A. (2007), "The linear Monge-Kantorovitch linear colour mapping for example-based
    colour transfer".
    """
    if not pictures or not 0 <= strength <= 1:
        raise ParameterError(
            f"a match takes one picture or more and a strength of 0 to 1, got {len(pictures)}, {strength}"
        )
    wanted = _samples([reference])
    given = _samples(pictures)
    carry = _carrier(_lab(given), _lab(wanted), method, protection or Protection(), strength)
    table = _through(lattice(_KNOTS), carry)
    grade = _as_grade(_carrier(_lab(given), _lab(wanted), method, Protection(0.0, 0.0), strength))
    looked = _through(given, carry)
    moved = delta_e_2000(lab_from(given, "srgb"), lab_from(looked, "srgb"))
    graded = np.clip(fused.apply(given[None], "srgb", [grade_transform(grade)], "srgb", np.float32)[0], 0, 1)
    left = delta_e_2000(lab_from(np.asarray(graded, np.float32), "srgb"), lab_from(looked, "srgb"))
    facts = {
        "moved": round(float(moved.mean()), 2),
        "explained": round(max(0.0, 1 - float(left.mean()) / max(float(moved.mean()), 1e-6)), 2),
        "distance_before": palette_distance(given, wanted),
        "distance_after": palette_distance(looked, wanted),
    }
    return Match(grade, table, facts)


def palette_distance(one: Float32, two: Float32) -> float:
    """Return how far apart two palettes lie: the mean over 64 directions of Oklab of the distance of their quantiles.

    Parameters
    ----------
    one, two : (..., 3) float32, sRGB code values

    Returns
    -------
    float
        0 for the same colors in any order; in hundredths of Oklab (sliced Wasserstein distance).
    """
    first, second = _lab(one.reshape(-1, 3)), _lab(two.reshape(-1, 3))
    ways = np.random.default_rng(64).normal(size=(64, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    shares = np.linspace(0.01, 0.99, 99)
    apart = [np.abs(np.quantile(first @ way, shares) - np.quantile(second @ way, shares)).mean() for way in ways]
    return round(100 * float(np.mean(apart)), 2)


@dataclass(frozen=True, eq=False)
class _Carrier:
    """The map itself, on Oklab."""

    light: Float32  # lightness out at even steps of lightness in
    rows: Matrix
    given: Matrix
    wanted: Matrix
    protection: Protection
    strength: float

    def __call__(self, lab: Float32) -> Float32:
        target = np.empty_like(lab)
        target[:, 0] = np.interp(lab[:, 0], np.linspace(0, 1, len(self.light)), self.light)
        target[:, 1:] = (lab[:, 1:] - self.given) @ self.rows.T + self.wanted
        # Black and white have no color to give: what moves fades out towards them.
        room = np.clip(4 * lab[:, 0] * (1 - lab[:, 0]), 0, 1)[:, None] ** 0.5
        free = 1 - self.protection.skin * _is_skin(lab)
        gray = 1 - self.protection.neutrals * np.exp(-((np.hypot(lab[:, 1], lab[:, 2]) / _NEUTRAL) ** 2))
        out = lab.copy()
        out[:, 0] += self.strength * (1 - 0.5 * (1 - free)) * (target[:, 0] - lab[:, 0])
        out[:, 1:] += self.strength * (free * gray)[:, None] * room * (target[:, 1:] - lab[:, 1:])
        return out


def _carrier(given: Float32, wanted: Float32, method: Method, protection: Protection, strength: float) -> _Carrier:
    one, two = given[:, 1:].mean(axis=0), wanted[:, 1:].mean(axis=0)
    far = float(np.hypot(*(two - one)))
    middle = one + (two - one) * min(1.0, _SHIFT / max(far, 1e-6))
    spread = [np.cov(each[:, 1:].T) + _NOISE * np.eye(2) for each in (given, wanted)]
    if method == "axes":
        rows = np.diag(np.sqrt(np.diag(spread[1]) / np.diag(spread[0])))
    else:
        half = _power(spread[0], 0.5)
        back = _power(spread[0], -0.5)
        rows = back @ _power(half @ spread[1] @ half, 0.5) @ back
    values, ways = np.linalg.eigh((rows + rows.T) / 2)
    rows = (ways * np.clip(values, *_STRETCH)) @ ways.T
    return _Carrier(_light_curve(given[:, 0], wanted[:, 0]), rows, one, middle, protection, strength)


def _power(symmetric: Matrix, exponent: float) -> Matrix:
    values, ways = np.linalg.eigh(symmetric)
    return np.asarray((ways * np.maximum(values, 1e-12) ** exponent) @ ways.T)


def _light_curve(given: Float32, wanted: Float32) -> Float32:
    """Quantiles to quantiles, smooth, rising, its slope within limits, black and white staying."""
    shares = np.linspace(0.02, 0.98, 25)
    x = np.concatenate([[0.0], np.quantile(given, shares), [1.0]])
    y = np.concatenate([[0.0], np.quantile(wanted, shares), [1.0]])
    x = np.maximum.accumulate(x + np.arange(len(x)) * 1e-6)
    at = np.linspace(0, 1, _KNOTS)
    step = np.clip(np.diff(np.interp(at, x, y)) * (_KNOTS - 1), *_SLOPES)
    window = np.exp(-0.5 * (np.arange(-6, 7) / 2.5) ** 2)
    step = np.convolve(np.pad(step, 6, "edge"), window / window.sum(), "valid")
    rising = np.concatenate([[0.0], np.cumsum(step)])
    return np.asarray(rising / rising[-1], np.float32)


def _is_skin(lab: Float32) -> Float32:
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    near = np.exp(-(((hue - _SKIN_HUE + np.pi) % (2 * np.pi) - np.pi) ** 2) / _SKIN_WIDTH**2)
    low, high = _SKIN_CHROMA
    enough = np.clip(chroma / low, 0, 1) * np.clip(2 - chroma / high, 0, 1)
    return np.asarray(near * enough * np.clip((lab[:, 0] - 0.15) / 0.15, 0, 1), np.float32)


def _samples(pictures: Sequence[Float32]) -> Float32:
    """As many pixels of each, evenly spread, codes 0 to 1."""
    each_most = max(1, _MOST // len(pictures))
    taken = []
    for picture in pictures:
        flat = np.clip(np.nan_to_num(picture.reshape(-1, 3)), 0, 1)
        taken.append(flat[:: max(1, len(flat) // each_most)])
    return np.ascontiguousarray(np.concatenate(taken), np.float32)


def _lab(codes: Float32) -> Float32:
    return to_oklab(decode(codes, "srgb"), "srgb")


def _through(codes: Float32, carry: _Carrier) -> Float32:
    flat = codes.reshape(-1, 3)
    light = into_gamut(from_oklab(carry(_lab(flat)), "srgb"), "srgb")
    return np.clip(encode(light, "srgb"), 0, 1).reshape(codes.shape)


def _as_grade(carry: _Carrier) -> Grade:
    """The parameters that say most of a map."""
    tones = np.linspace(0, 1, 5)
    gray = np.repeat(tones[:, None], 3, axis=1).astype(np.float32)
    lab = _lab(gray)
    moved = carry(lab)
    straight = np.column_stack([moved[:, 0], np.zeros((5, 2))]).astype(np.float32)
    heights = np.clip(encode(from_oklab(straight, "srgb"), "srgb").mean(axis=1), 0, 1)
    curve = tuple(round(float(each), 4) for each in np.column_stack([tones, heights]).ravel())
    stretch = float(np.sqrt(max(np.linalg.det(carry.rows), 0.0)))
    saturation = round(min(2.0, 1 + carry.strength * (stretch - 1)), 2)
    found = Grade(curve=curve, saturation=saturation)
    shadows, highlights = (
        _tint_for(moved[n, 1:], at, name) for n, at, name in ((1, 0.25, "shadows"), (3, 0.75, "highlights"))
    )
    return replace(
        found,
        shadows_hue=shadows[0],
        shadows_tint=shadows[1],
        highlights_hue=highlights[0],
        highlights_tint=highlights[1],
    )


def _tint_for(color: Float32, tone: float, zone: str) -> tuple[float, float]:
    """The hue and amount of a tint that gives gray at `tone` the color (a, b)."""
    gray = np.full((1, 1, 3), tone, np.float32)
    hues = np.arange(0.0, 360.0, 10.0)
    trials = [Grade(**{f"{zone}_hue": float(hue), f"{zone}_tint": 0.5}) for hue in hues]  # type: ignore[arg-type]
    shifts = np.array(
        [
            _lab(np.asarray(fused.apply(gray, "srgb", [grade_transform(each)], "srgb", np.float32)[0], np.float32))[
                0, 1:
            ]
            for each in trials
        ]
    )
    along = shifts @ color / np.maximum(np.linalg.norm(shifts, axis=1), 1e-9)
    best = int(along.argmax())
    amount = 0.5 * float(along[best]) / float(np.linalg.norm(shifts[best]))
    return float(hues[best]), round(min(1.0, max(0.0, amount)), 2)
