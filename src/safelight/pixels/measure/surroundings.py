"""What stands around a product and is to look alike in all its pictures: the backdrop, and skin."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import delta_e_76, delta_e_2000, lab_from
from safelight.pixels.color.spaces import to_float
from safelight.pixels.measure.color_drift import Lab, markers_of

_SIDE_PX = 320
_LEAST_SHARE = 0.04  # of the frame
_EVEN, _EVEN_SHARE = 8.0, 0.7  # ΔE*ab from the middle, and how much of a backdrop stays within: else it is a scene


def surroundings_of(pixels: NDArray[Any], space: str, subject: NDArray[np.uint8]) -> dict[str, Lab]:
    """Measure the backdrop and the skin of a finished picture.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
    space : str
    subject : (H, W) uint8
        255 on the subject.

    Returns
    -------
    dict of str to Lab (D50)
        ``backdrop``: its median, where it is even and covers 4 % of the frame; ``skin``: as `color_drift.markers_of`
        finds what has its hue. What does not show is left out.

    Examples
    --------
    >>> gray = np.full((40, 40, 3), 200, np.uint8)
    >>> surroundings_of(gray, "srgb", np.zeros((40, 40), np.uint8))["backdrop"]
    (80.6, 0.0, 0.0)
    """
    ratio = min(1.0, _SIDE_PX / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[1] * ratio)), max(1, round(pixels.shape[0] * ratio))
    small = np.ascontiguousarray(cv2.resize(pixels[..., :3], size, interpolation=cv2.INTER_AREA))
    behind = cv2.resize(subject, size, interpolation=cv2.INTER_AREA) == 0
    found = {name: lab for name, lab in markers_of(pixels, space).items() if name == "skin"}
    if behind.mean() >= _LEAST_SHARE:
        lab = lab_from(to_float(small), space)[behind].astype(np.float64)
        middle = np.median(lab, axis=0)
        if (delta_e_76(lab, middle) < _EVEN).mean() >= _EVEN_SHARE:
            first, second, third = (round(float(each), 2) + 0.0 for each in middle)
            found["backdrop"] = (first, second, third)
    return found


def off_from(name: str, own: Lab, reference: Lab) -> float:
    """Return ΔE00 between what two pictures show of `name`.

    Skin is held at the reference's lightness, since faces, arms and legs are lit differently; a backdrop is not.

    Examples
    --------
    >>> off_from("skin", (60.0, 15.0, 20.0), (70.0, 15.0, 20.0))
    0.0
    """
    light = reference[0] if name == "skin" else own[0]
    return float(delta_e_2000(np.array([light, *own[1:]]), np.array(reference)))
