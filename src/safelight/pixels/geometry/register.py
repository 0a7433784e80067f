"""Lay one picture of a subject over another: for judging a foreign file against its original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.geometry.map import GeometryMap

SIDE_PX = 1000  # enough for a fit to half a pixel of the pictures that people compare
LEAST_MATCHES = 12
# Above it the two pictures do not show the same thing at the same place.
LEAST_AGREEMENT = 0.6
CLEAR_AGREEMENT = 0.97


@dataclass(frozen=True)
class Registration:
    """How well one picture was laid over another, and the map that does it.

    `geometry` leads from the pixels of the picture to those of the original; None where no fit was found, and
    `why` says so. `agreement` is the correlation of the two after the fit, -1 to 1.
    """

    geometry: GeometryMap | None
    agreement: float
    why: str = ""


def register(picture: NDArray[np.uint8], original: NDArray[np.uint8]) -> Registration:
    """Find the shift, turn and scale that lay `picture` over `original`.

    Parameters
    ----------
    picture, original : (H, W, 3) uint8, display-encoded RGB
        Of any two sizes.

    Returns
    -------
    Registration

    Notes
    -----
    As it lies, where the sizes agree; local descriptors (SIFT, Lowe 2004) with a ratio test and a
    similarity transform by RANSAC (Fischler and Bolles 1981); a crop by correlation. Of these what
    agrees best, the correlation of the overlap being the proof.

    Examples
    --------
    >>> noise = np.random.default_rng(4).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    >>> scene = np.kron(noise, np.ones((6, 6, 1), np.uint8))
    >>> found = register(np.ascontiguousarray(scene[30:330, 60:420]), scene)
    >>> x, y = (found.geometry.matrix[0][2], found.geometry.matrix[1][2])
    >>> abs(x - 60) < 1 and abs(y - 30) < 1
    True
    """
    scale = min(1.0, SIDE_PX / max(*picture.shape[:2], *original.shape[:2]))
    small, large = _reduced(picture, scale), _reduced(original, scale)
    agreement, fit = 0.0, None
    for fitted in (_stay, _fit, _shift):
        found = fitted(small, large)
        reached = 0.0 if found is None else _agreement(small, large, found)
        if reached > agreement:
            agreement, fit = reached, found
        if agreement > CLEAR_AGREEMENT:
            break
    if fit is None or agreement < LEAST_AGREEMENT:
        return Registration(None, agreement, f"the two pictures agree by {agreement:.2f}, below {LEAST_AGREEMENT}")
    # Pixel centers lie at half, so scales act on corners and the maps compose.
    matrix = np.diag([1 / scale, 1 / scale, 1]) @ fit @ np.diag([scale, scale, 1])
    height, width = picture.shape[:2]
    return Registration(GeometryMap.of_matrix(matrix, width, height), agreement)


def _reduced(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _stay(small: NDArray[np.uint8], large: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Two pictures of one size most often lie on each other already."""
    return np.eye(3) if small.shape == large.shape else None


def _shift(small: NDArray[np.uint8], large: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """A crop at the same scale, found by correlation: stripes and weaves have no places of their own."""
    if small.shape[0] > large.shape[0] or small.shape[1] > large.shape[1] or small.std() < 1:
        return None
    score = cv2.matchTemplate(large, small, cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(score)
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _fit(small: NDArray[np.uint8], large: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Return the 3x3 similarity from the first picture to the second, or None."""
    sift: Any = cv2.SIFT_create(2000)  # type: ignore[attr-defined]
    points_a, found_a = sift.detectAndCompute(small, None)
    points_b, found_b = sift.detectAndCompute(large, None)
    if found_a is None or found_b is None or len(points_b) < 2:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(found_a, found_b, k=2)
    good = [each[0] for each in pairs if len(each) == 2 and each[0].distance < 0.75 * each[1].distance]
    if len(good) < LEAST_MATCHES:
        return None
    # OpenCV counts pixel centers at whole numbers; ours lie at half.
    a = np.array([points_a[each.queryIdx].pt for each in good], np.float64) + 0.5
    b = np.array([points_b[each.trainIdx].pt for each in good], np.float64) + 0.5
    affine, inside = cv2.estimateAffinePartial2D(a, b, ransacReprojThreshold=2.0)
    if affine is None or int(inside.sum()) < LEAST_MATCHES:
        return None
    return np.vstack([affine, [0.0, 0.0, 1.0]])


def _agreement(small: NDArray[np.uint8], large: NDArray[np.uint8], fit: NDArray[np.float64]) -> float:
    """Return the correlation of the first picture with the second where they overlap."""
    shift = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    centers = np.linalg.inv(shift) @ fit @ shift
    size = (small.shape[1], small.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(large, centers[:2], size, flags=flags)
    inside = cv2.warpAffine(np.full_like(large, 255), centers[:2], size, flags=flags) > 254
    if inside.sum() < 100:
        return 0.0
    one, two = small[inside].astype(np.float64), seen[inside].astype(np.float64)
    if one.std() < 1e-6 or two.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(one, two)[0, 1])
