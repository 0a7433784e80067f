"""Parts of a face by its 468 points: where skin may be, and what on it is no skin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Points = NDArray[np.float64]

# Points of the face mesh by number (MediaPipe's canonical face); "left" is the picture's.
OVAL: tuple[int, ...] = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
OVAL += (152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (362, 382, 381, 380, 374, 373, 390, 249, 263, 466, 388, 387, 386, 385, 384, 398),
)
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
_NOSTRILS = (98, 97, 2, 326, 327, 64, 294, 79, 309, 238, 458)
# Where every face shows skin: cheeks, forehead, bridge of the nose.
BARE = (50, 101, 118, 205, 36, 280, 330, 347, 425, 266, 151, 108, 337, 69, 299, 6, 197, 195)
CHEEKS = (50, 101, 118, 36, 280, 330, 347, 266)
# Where beards grow: chin, jaw, upper lip.
BEARD = (152, 148, 377, 199, 200, 175, 171, 396, 170, 395, 164, 165, 391, 135, 364, 169, 394, 136, 365)
# Where the lower rims of glasses run, and their bridge.
UNDER_EYES = ((110, 24, 23, 22, 26), (339, 254, 253, 252, 256))
# Corners of the eyes and the mouth and the creases of the nose draw spots of shade: radius in mm around each point.
_CREASES: tuple[tuple[int, float], ...] = ((33, 8.0), (263, 8.0), (133, 7.0), (362, 7.0), (61, 8.0), (291, 8.0))
_CREASES += ((98, 6.0), (327, 6.0), (64, 6.0), (294, 6.0), (129, 6.0), (358, 6.0), (48, 5.0), (278, 5.0), (2, 5.0))
_LONG_MM, _WIDE_MM = 180.0, 140.0  # a grown face from hairline to chin, and from temple to temple


@dataclass(frozen=True, eq=False)
class Regions:
    """Masks over a picture of one face.

    `oval` is the face; `apart` what on it is no skin; `creased` that and where corners and creases look like spots.
    `px_per_mm` is what a millimeter of skin measures.
    """

    oval: Mask
    apart: Mask
    creased: Mask
    px_per_mm: float


def px_per_mm(points: Points) -> float:
    """Return how many px a millimeter of skin is, by the size of a grown face; a child's is a fifth smaller.

    Examples
    --------
    >>> face = np.zeros((468, 2))
    >>> face[152] = (0, 360)
    >>> px_per_mm(face)
    2.0
    """
    long = float(np.linalg.norm(points[152] - points[10]))
    wide = float(np.linalg.norm(points[454] - points[234]))
    return max(long / _LONG_MM, wide / _WIDE_MM)


def face_regions(points: Points, shape: tuple[int, int]) -> Regions:
    """Draw a face's parts.

    Parameters
    ----------
    points : (468, 2) float64, px
        x to the right, y down.
    shape : (height, width)
        Of the picture.

    Returns
    -------
    Regions
        `apart` holds eyes, brows, lips and nostrils with room for lashes and the points' own error: 3 mm.
    """
    unit = px_per_mm(points)
    apart = np.zeros(shape, np.uint8)
    hulls: tuple[tuple[int, ...], ...] = (*EYES, LIPS, _NOSTRILS)
    for names in hulls:
        _fill(apart, cv2.convexHull(points[list(names)].astype(np.float32)).reshape(-1, 2))
    for brow in BROWS:
        _fill(apart, points[list(brow)])
    creased = _grown(apart, 4.5 * unit)
    for name, reach_mm in _CREASES:
        x, y = points[name]
        cv2.circle(creased, (round(float(x)), round(float(y))), max(1, round(reach_mm * unit)), 1, -1)
    return Regions(polygon(points, OVAL, shape), _grown(apart, 3.0 * unit) > 0, creased > 0, unit)


def polygon(points: Points, names: tuple[int, ...], shape: tuple[int, int]) -> Mask:
    """Return what some of the points enclose, in their order."""
    mask = np.zeros(shape, np.uint8)
    _fill(mask, points[list(names)])
    return mask > 0


def around(points: Points, names: tuple[int, ...], radius_px: float, shape: tuple[int, int]) -> Mask:
    """Return discs around some of the points."""
    mask = np.zeros(shape, np.uint8)
    for x, y in points[list(names)]:
        cv2.circle(mask, (round(float(x)), round(float(y))), max(1, round(radius_px)), 1, -1)
    return mask > 0


def _fill(mask: NDArray[np.uint8], places: NDArray[np.floating]) -> None:
    # Eighths of a px, as the last argument says.
    cv2.fillPoly(mask, [np.rint((places - 0.5) * 8).astype(np.int32)], 1, cv2.LINE_8, 3)


def _grown(mask: NDArray[np.uint8], reach_px: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(reach_px)) + 1
    return np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))), np.uint8)
