"""Differences as the eye grades them: fast Lab planes of a linear picture, and how far it stands off its backdrop."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Linear Rec.2020 to linear sRGB, both D65 (ITU-R BT.2087-0, annex 2, inverted); OpenCV's Lab starts from sRGB.
_TO_SRGB = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
)


@dataclass(frozen=True)
class Contrast:
    """How a picture differs from its backdrop, pixel by pixel.

    Parameters
    ----------
    lightness : (H, W) float32, L*
        Picture minus backdrop; below 0 where the picture is darker.
    color : (H, W) float32, units of a* and b*
        Distance of the picture's color from that of the *shaded* backdrop: the backdrop's own color in
        whatever light falls there. A shadow of a neutral lamp has 0, however deep it is.
    """

    lightness: NDArray[np.float32]
    color: NDArray[np.float32]

    @property
    def total(self) -> NDArray[np.float32]:
        """(H, W) float32: both together, as a plain distance."""
        return np.asarray(cv2.magnitude(self.lightness, self.color), dtype=np.float32)


SHADE = 3.0, 0.08  # `tint_of` of what is as gray as shaded paper: nearer than what a shadow may have
TINT = 0.15  # units of a*, b* for each L* of depth: red on white paper measures 0.1 to 0.15


def tint_of(contrast: Contrast, tolerance: float, tint: float = TINT) -> NDArray[np.float32]:
    """Return how much color a shadow may have: light that the subject throws into it tints it, the more the deeper.

    Parameters
    ----------
    contrast : Contrast
    tolerance : float, units of a* and b*
        What noise explains.
    tint : float, units of a*, b* for each L* of depth

    Returns
    -------
    (H, W) float32, units of a* and b*

    Examples
    --------
    >>> deep = np.full((1, 1), -20, np.float32)
    >>> round(float(tint_of(Contrast(deep, deep * 0), 2.0)[0, 0]), 3)
    5.0
    """
    return np.asarray(tolerance + tint * np.maximum(-contrast.lightness, 0), np.float32)


def lab_planes(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return quick CIE Lab of a linear picture, for comparing neighbors, not for reporting color.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        Values outside the sRGB gamut or 0..1 are clipped.

    Returns
    -------
    (H, W, 3) float32
        L* 0..100, a* and b* (D65), from OpenCV's tables: within some 0.2 of the exact formula,
        six times as fast.

    Examples
    --------
    >>> [round(float(x)) + 0 for x in lab_planes(np.full((1, 1, 3), 0.1842, np.float32))[0, 0]]
    [50, 0, 0]
    """
    srgb = cv2.transform(rgb, _TO_SRGB)
    np.clip(srgb, 0.0, 1.0, out=srgb)
    return np.asarray(cv2.cvtColor(srgb, cv2.COLOR_LRGB2Lab), dtype=np.float32)


def contrast_between(picture_lab: NDArray[np.float32], backdrop_lab: NDArray[np.float32]) -> Contrast:
    """Compare a picture with its backdrop, color apart from light.

    Parameters
    ----------
    picture_lab, backdrop_lab : (H, W, 3) float32
        From `lab_planes`.

    Returns
    -------
    Contrast

    Notes
    -----
    Under light reduced to a share s, the cube roots of X, Y, Z all shrink by s**(1/3); so do L* + 16, a* and b*.
    The shaded backdrop's a* and b* are therefore the backdrop's times (L* + 16) / (L*_backdrop + 16).

    References
    ----------
    CIE 15:2018, formula of L*a*b*.

    Examples
    --------
    >>> full = np.full((1, 1, 3), 0.5, np.float32) * np.float32([1, 0.9, 0.8])
    >>> shaded = contrast_between(lab_planes(full * np.float32(0.4)), lab_planes(full))
    >>> bool(shaded.lightness[0, 0] < -20), bool(shaded.color[0, 0] < 0.5)
    (True, True)
    """
    lightness = picture_lab[..., 0] - backdrop_lab[..., 0]
    shade = (picture_lab[..., 0] + 16) / (backdrop_lab[..., 0] + 16)
    a = picture_lab[..., 1] - shade * backdrop_lab[..., 1]
    b = picture_lab[..., 2] - shade * backdrop_lab[..., 2]
    return Contrast(lightness, np.asarray(cv2.magnitude(a, b), dtype=np.float32))
