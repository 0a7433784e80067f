"""The color of one person's skin, learned from the face found, and what else in the frame has it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import lab_from

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LEAST = 1e-4  # of white: below it a ratio of channels is noise
# ITA in degrees at which groups begin, after Chardon et al. 1991 and Del Bino and Bernerd 2013.
TONE_GROUPS = ((55.0, "very_light"), (41.0, "light"), (28.0, "intermediate"), (10.0, "tan"), (-30.0, "brown"))


@dataclass(frozen=True, eq=False)
class Complexion:
    """One person's skin.

    Parameters
    ----------
    middle : (2,) float64
        Median of log2(R/G) and log2(G/B).
    inverse : (2, 2) float64
        Of their covariance, by which colors are near or far.
    stops : float
        Median lightness, log2 of luminance.
    lab : (L*, a*, b*)
        Median CIE L*a*b* under D50.
    """

    middle: NDArray[np.float64]
    inverse: NDArray[np.float64]
    stops: float
    lab: tuple[float, float, float]

    @property
    def ita_deg(self) -> float:
        """Individual typology angle: over 55 is very light skin, under -30 dark."""
        return float(np.degrees(np.arctan2(self.lab[0] - 50.0, self.lab[2])))

    @property
    def group(self) -> str:
        """The tone group by ITA."""
        return tone_group(self.ita_deg)


def tone_group(ita_deg: float) -> str:
    """Return the group that an individual typology angle lies in.

    Examples
    --------
    >>> tone_group(60), tone_group(20), tone_group(-45)
    ('very_light', 'tan', 'dark')
    """
    return next((name for least, name in TONE_GROUPS if ita_deg > least), "dark")


def learn_complexion(light: Float32, bare: Mask, space: str = "linear_srgb") -> Complexion | None:
    """Learn a face's skin color from places where every face shows skin.

    Parameters
    ----------
    light : (H, W, 3) float32, linear, of `space`
    bare : (H, W) bool
        Discs on cheeks, forehead and nose.
    space : str
        Linear; ratios are of its channels.

    Returns
    -------
    Complexion or None
        None where fewer than 40 px can be told: black, clipped, none there.

    Notes
    -----
    Strands, glints and shade may lie on the half: medians and the spread of the nearer half are taken.
    """
    told = bare & (light.min(axis=2) > _LEAST) & (light.max(axis=2) < 0.995)
    if int(told.sum()) < 40:
        return None
    colors = _ratios(light[told]).astype(np.float64)
    middle = np.median(colors, axis=0)
    off = np.abs(colors - middle).sum(axis=1)
    near = colors[off <= np.median(off)]
    # The nearer half of a normal distribution spreads by about half; faces differ from part to part: at least 0.07.
    spread = np.cov((near - middle).T) * 4 + np.eye(2) * 0.07**2
    lab = np.median(lab_from(light[told][None], space)[0], axis=0)
    stops = float(np.median(np.log2(_luminance(light[told]))))
    inverse = np.asarray(np.linalg.inv(spread), np.float64)
    return Complexion(middle, inverse, stops, (float(lab[0]), float(lab[1]), float(lab[2])))


def skin_share(light: Float32, complexion: Complexion) -> Float32:
    """Return how much each pixel has the skin's color, (H, W) float32, 0..1.

    Light and shade may differ by two stops; color by three deviations at half.
    """
    safe = np.maximum(light, np.float32(_LEAST))
    off = _ratios(safe) - complexion.middle.astype(np.float32)
    far = np.sqrt(np.maximum(np.einsum("...i,ij,...j->...", off, complexion.inverse.astype(np.float32), off), 0))
    stops = np.log2(_luminance(safe)) - np.float32(complexion.stops)
    lit = np.clip((3.0 - np.abs(stops)) / 1.0, 0, 1)
    share = np.clip((4.0 - far) / 2.0, 0, 1) * lit
    # Glints on skin lose their color and stay skin.
    glint = np.clip((stops - 0.5) / 0.5, 0, 1) * np.clip((8.0 - far) / 3.0, 0, 1) * (off[..., 0] < 0.1)
    return np.asarray(np.maximum(share, glint), np.float32)


def solid(share: Float32, hole_px: float) -> Mask:
    """Return the mask of `share` without crumbs, its holes up to twice `hole_px` wide filled: spots are skin, too."""
    side = 2 * max(1, round(hole_px)) + 1
    mask = (cv2.GaussianBlur(share, (0, 0), max(0.8, hole_px / 4)) > 0.5).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc)
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, disc) > 0, np.bool_)


def _ratios(light: Float32) -> Float32:
    logs = np.log2(np.maximum(light, np.float32(_LEAST)))
    return np.stack([logs[..., 0] - logs[..., 1], logs[..., 1] - logs[..., 2]], axis=-1)


def _luminance(light: Float32) -> Float32:
    return np.asarray(light @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)
