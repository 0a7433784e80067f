"""What a color is of the others around clipped light: learned where nothing is clipped, carried inward from the rim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Pair = tuple[int, int]

_SURVEY_PX = 320  # long side that colors are learned at
_NEAREST_PX = 1.5  # of the survey: what speaks first; each further look is twice as wide
_FURTHER = 0.1  # weight of a look against the next narrower one
_NARROWEST_PX = 4  # where the looks end, at the whole picture's mean
# Weights of gray against what was learned, relative to the light and in full: far from any rim, gray wins.
_RIDGE, _GRAY = (1e-4, 1e-3), (1e-7, 1e-5)
_HALFWAY = 0.05  # weight of a slope between a gain and a sum, relative to the light squared


@dataclass(frozen=True, eq=False)
class Survey:
    """How red, green and blue hang together, over the whole sensor from edge to edge, in white-balanced light.

    Parameters
    ----------
    from_two : three of (h, w, 2) float32
        Factors (a, b) of each color: ``color = mean + a (one - two) + b mean`` of the other two.
    from_one : (h, w, 2) float32 by (known, told)
        Slope and offset: ``told = slope known + offset``.
    ceilings : three floats
        Where red, green and blue clip.
    """

    from_two: tuple[Float32, Float32, Float32]
    from_one: dict[Pair, Float32]
    ceilings: tuple[float, float, float]


def survey_factor(height: int, width: int) -> int:
    """Return by how much blocks of 2 x 2 sites, `height` by `width` of them, are reduced for a survey."""
    return max(1, round(max(height, width) / _SURVEY_PX))


def survey(light: Float32, clipped: NDArray[np.bool_], ceilings: Sequence[float]) -> Survey:
    """Learn how the colors around clipped places hang together.

    Parameters
    ----------
    light : (h, w, 3) float32
        The whole sensor, reduced to a few hundred pixels: white-balanced R, G, B.
    clipped : (h, w, 3) bool
        Where any site of the color that went into the pixel is clipped.
    ceilings : three floats
        Where each color clips, in the unit of `light`.

    Returns
    -------
    Survey
        At each place what the nearest bright pixels tell that are not clipped, and gray where none is near.

    Notes
    -----
    What shines is its own color times a shade plus the lamp's white (Shafer 1985). In it the differences of two colors
    keep their ratio whatever the shade and the shine, so a color is told by the other two exactly: ``b`` is 0 and
    ``a`` is a constant of the material. ``b`` serves what has no difference to go by, as magenta. From one color alone
    shade and shine cannot be told apart: the slope learned there is held between 1 (only the shine changes)
    and the ratio of both (only the shade does).

    References
    ----------
    S. Shafer, Using color to separate reflection components, Color Research and Application 10 (1985).

    Examples
    --------
    >>> color, shine = np.array([0.3, 0.6, 0.9]), np.linspace(0, 0.4, 64)[None, :, None]
    >>> light = np.repeat(color + shine, 64, axis=0).astype(np.float32)
    >>> a, b = survey(light, np.zeros(light.shape, bool), (2.0, 1.0, 1.6)).from_two[1][32, 32]
    >>> red, blue = 0.9, 1.5  # green is told as 1.2, beyond its ceiling
    >>> bool(abs((1 + b) * (red + blue) / 2 + a * (red - blue) - 1.2) < 0.02)
    True
    """
    full = np.asarray(ceilings, np.float32)
    weight = np.clip((light / full).max(axis=2), 0.02, 1) ** 4
    two = _from_two(light, weight * ~clipped.any(axis=2))
    one: dict[Pair, Float32] = {}
    for first, second in ((0, 1), (0, 2), (1, 2)):
        known = weight * ~(clipped[..., first] | clipped[..., second])
        one |= _from_one(light, known, (first, second))
    red, green, blue = (float(each) for each in ceilings)
    return Survey(two, one, (red, green, blue))


def _from_two(light: Float32, weight: Float32) -> tuple[Float32, Float32, Float32]:
    """Factors of each color by weighed least squares over the neighborhood."""
    pairs = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    sums = dict(zip(pairs, _gathered([weight * light[..., i] * light[..., j] for i, j in pairs]), strict=True))
    red, green, blue = (_two_factors(sums, color) for color in range(3))
    return red, green, blue


def _two_factors(sums: dict[Pair, Float32], color: int) -> Float32:
    # With d = one - two and m their mean: minimize sum w (color - m - a d - b m)^2 + ridges.
    def of(i: int, j: int) -> Float32:
        return sums[min(i, j), max(i, j)]

    one, two = (each for each in range(3) if each != color)
    dd = of(one, one) + of(two, two) - 2 * of(one, two)
    mm = (of(one, one) + of(two, two) + 2 * of(one, two)) / 4
    dm = (of(one, one) - of(two, two)) / 2
    off_d = of(color, one) - of(color, two) - dm
    off_m = (of(color, one) + of(color, two)) / 2 - mm
    dd, mm = (each + ridge * mm + gray for each, ridge, gray in zip((dd, mm), _RIDGE, _GRAY, strict=True))
    solved = np.stack([off_d * mm - off_m * dm, off_m * dd - off_d * dm], axis=2) / (dd * mm - dm * dm)[..., None]
    return np.ascontiguousarray(solved, np.float32)


def _from_one(light: Float32, weight: Float32, pair: Pair) -> dict[Pair, Float32]:
    """Slope and offset of each of two colors from the other."""
    x, y = light[..., pair[0]], light[..., pair[1]]
    count, *sums = _gathered([weight, weight * x, weight * y, weight * x * x, weight * y * y, weight * x * y])
    mean_x, mean_y, xx, yy, xy = (each / (count + np.float32(1e-9)) for each in sums)
    both = xy - mean_x * mean_y
    told = {}
    for key, own, other, spread in (
        (pair, mean_x, mean_y, xx - mean_x * mean_x),
        (pair[::-1], mean_y, mean_x, yy - mean_y * mean_y),
    ):
        ratio = (other + np.float32(1e-4)) / (own + np.float32(1e-4))
        ridge = _HALFWAY * own * own + np.float32(1e-9)
        slope = (both + ridge * np.sqrt(ratio)) / (np.maximum(spread, 0) + ridge)
        slope = np.clip(slope, np.minimum(ratio, 1), np.maximum(ratio, 1))
        told[key] = np.ascontiguousarray(np.stack([slope, other - slope * own], axis=2), np.float32)
    return told


def _gathered(maps: list[Float32]) -> list[Float32]:
    """Sums over neighborhoods of all sizes, the nearest foremost, of (h, w) each."""
    most = 4  # channels that OpenCV resizes at once
    out: list[Float32] = []
    for begin in range(0, len(maps), most):
        part = np.stack(maps[begin : begin + most], axis=2).astype(np.float32)
        looked = _looked(part)
        out += [looked[..., each] for each in range(part.shape[2])]
    return out


def _looked(maps: Float32) -> Float32:
    near = np.asarray(cv2.GaussianBlur(maps, (0, 0), _NEAREST_PX), np.float32).reshape(maps.shape)
    height, width = maps.shape[:2]
    if min(height, width) <= _NARROWEST_PX:
        return np.asarray(near + np.float32(_FURTHER) * maps.mean(axis=(0, 1)), np.float32)
    half = cv2.resize(maps, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    further = cv2.resize(_looked(half.reshape(height // 2, width // 2, -1)), (width, height))
    return np.asarray(near + np.float32(_FURTHER) * further.reshape(maps.shape), np.float32)
