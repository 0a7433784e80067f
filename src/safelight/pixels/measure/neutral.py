"""What color the light had: estimates of the illuminant, and how far they agree."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from safelight.pixels.color.spaces import WORKING, matrix_to_xyz
from safelight.pixels.measure.light import any_channel, channel_medians
from safelight.pixels.measure.ranked import share_of

Rgb = NDArray[np.float64]

# x of CIE daylight and of a black body, as cubics in 1/T; y of a black body as cubics in x.
_DAYLIGHT_BELOW_7000 = (-4.6070e9, 2.9678e6, 0.09911e3, 0.244063)
_DAYLIGHT_ABOVE_7000 = (-2.0064e9, 1.9018e6, 0.24748e3, 0.237040)
_BLACK_BODY = (-0.2661239e9, -0.2343589e6, 0.8776956e3, 0.179910)
_BLACK_BODY_Y_BELOW_2222 = (-1.1063814, -1.34811020, 2.18555832, -0.20219683)
_BLACK_BODY_Y = (-0.9549476, -1.37418593, 2.09137015, -0.16748867)


def angle_deg(first: ArrayLike, second: ArrayLike) -> float:
    """Return the angle between two colors of light, in degrees: the field's error of a white balance.

    Free of how bright either is; NaN if one of them is black or not finite.

    Examples
    --------
    >>> round(angle_deg([1, 1, 1], [2, 2, 2]), 3), round(angle_deg([1, 0, 0], [0, 1, 0]), 3)
    (0.0, 90.0)
    """
    (a, b, c), (x, y, z) = (np.asarray(each, np.float64).tolist() for each in (first, second))
    size = math.hypot(a, b, c) * math.hypot(x, y, z)
    if not math.isfinite(size) or size <= 0.0:
        return math.nan
    # The cross product keeps its digits near zero, where the arc cosine loses them.
    across = math.hypot(b * z - c * y, c * x - a * z, a * y - b * x)
    return math.degrees(math.atan2(across, a * x + b * y + c * z))


def white_of_temperature(kelvin: float) -> Rgb:
    """Return the color of common light in linear Rec.2020, green = 1; D65 is (1, 1, 1).

    Parameters
    ----------
    kelvin : float, K, 1667 to 25000
        CIE daylight from 4000 K up, a black body (lamps) below.

    References
    ----------
    CIE 015, Colorimetry (daylight); B. Kim et al., Design of advanced color temperature control system for HDTV
    applications, J. Korean Physical Society 41 (2002) (black body).

    Examples
    --------
    >>> white_of_temperature(6504.0).round(2).tolist()
    [1.0, 1.0, 1.0]
    """
    if not 1667.0 <= kelvin <= 25000.0:
        raise ValueError(f"light of {kelvin:g} K is beyond the formula; it takes 1667 to 25000 K")
    if kelvin >= 4000.0:
        x = _cubic(_DAYLIGHT_BELOW_7000 if kelvin <= 7000.0 else _DAYLIGHT_ABOVE_7000, 1.0 / kelvin)
        y = -3.0 * x**2 + 2.870 * x - 0.275
    else:
        x = _cubic(_BLACK_BODY, 1.0 / kelvin)
        y = _cubic(_BLACK_BODY_Y_BELOW_2222 if kelvin <= 2222.0 else _BLACK_BODY_Y, x)
    rgb = np.linalg.solve(matrix_to_xyz(WORKING), np.array([x / y, 1.0, (1.0 - x - y) / y]))
    return np.asarray(rgb / rgb[1])


def shades_of_gray(rgb: NDArray[np.float32], usable: NDArray[np.bool_], *, norm: float = 6.0) -> Rgb | None:
    """Estimate the light as the Minkowski mean of the picture.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, any primaries
    usable : (H, W) bool
        Pixels that are neither clipped nor black.
    norm : float
        1 is gray world, infinity the brightest pixel; 6 did best in the paper.

    Returns
    -------
    (3,) float64 with green = 1, or None when fewer than 200 pixels are usable.

    References
    ----------
    G. Finlayson and E. Trezzi, Shades of gray and colour constancy, Color Imaging Conference 12 (2004).
    """
    return _minkowski(_planes(rgb), usable & is_finite(rgb), norm)


def gray_edge(
    rgb: NDArray[np.float32], usable: NDArray[np.bool_], *, norm: float = 6.0, blur_px: float = 1.5
) -> Rgb | None:
    """Estimate the light as the Minkowski mean of the picture's gradients; else as `shades_of_gray`.

    A gradient that touches an unusable pixel is left out.

    References
    ----------
    J. van de Weijer, T. Gevers and A. Gijsenij, Edge-based color constancy, IEEE Trans. Image Processing 16 (2007).
    """
    if min(rgb.shape[:2]) < 8:
        return None
    bad = ~(usable & is_finite(rgb))
    near = cv2.dilate(bad.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    soft = [cv2.GaussianBlur(plane, (0, 0), blur_px) for plane in _planes(rgb)]
    steep = [cv2.magnitude(cv2.Scharr(each, cv2.CV_32F, 1, 0), cv2.Scharr(each, cv2.CV_32F, 0, 1)) for each in soft]
    return _minkowski([np.asarray(each, np.float32) for each in steep], ~near, norm)


def light_on_backdrop(
    rgb: NDArray[np.float32],
    clipped: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    locus: NDArray[np.float64],
) -> tuple[Rgb | None, float]:
    """Read the light off the backdrop, taken to be neutral.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, in the primaries the file clipped in
    clipped : (H, W, 3) bool
        Where each channel is clipped.
    mask : (H, W) bool
        The backdrop.
    locus : (N, 3) float64, same primaries, green = 1
        Colors that light usually has, to complete a clipped channel from.

    Returns
    -------
    light : (3,) float64 with green = 1, or None for a mask under 50 px
        The median of its unclipped pixels. Where one or two channels are
        clipped, what is left of them is completed from `locus`, and a clipped
        channel never reads lower than its clipped value. All three clipped
        tell nothing but white: (1, 1, 1).
    clipped_share : float, 0..1
        Share of the backdrop with a clipped channel.
    """
    if share_of(mask) * mask.size < 50:
        return None, 0.0
    tainted = mask & any_channel(clipped)
    clipped_share = share_of(tainted) / share_of(mask)
    if clipped_share < 0.7:
        return _per_green(channel_medians(rgb, mask & ~tainted)), clipped_share
    middle = channel_medians(rgb, mask).astype(np.float64)
    gone = np.array([clipped[..., each][mask].mean() > 0.5 for each in range(3)])
    if gone.all() or not gone.any():
        return _per_green(middle), clipped_share
    return _per_green(_complete(middle, gone, locus)), clipped_share


def spread_of_light(
    rgb: NDArray[np.float32], usable: NDArray[np.bool_], *, tiles: int = 8, least_share: float = 0.3
) -> float | None:
    """Return how far the color of light differs over the frame: the mixed-light indicator, in degrees.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light
    usable : (H, W) bool
        What should be neutral: the backdrop or achromatic places, not clipped, not black.
    tiles : int
        The frame is cut into tiles x tiles.
    least_share : float
        A tile counts with this share of usable pixels.

    Returns
    -------
    float or None
        The 90th percentile of the angle between a tile's median and the median of all tiles; None with fewer than 6.
    """
    found = _tile_medians(rgb, usable, tiles, least_share)
    if len(found) < 6:
        return None
    middle = np.median(found / np.maximum(found[:, 1:2], 1e-6), axis=0)
    return float(np.percentile([angle_deg(each, middle) for each in found], 90))


def _tile_medians(
    rgb: NDArray[np.float32], usable: NDArray[np.bool_], tiles: int, least_share: float
) -> NDArray[np.float32]:
    """The median of each channel over the usable pixels of each tile that holds enough of them, (N, 3).

    All tiles are sorted at once; a last row or column that makes no whole tile falls away.
    """
    rows, columns = (each // tiles for each in usable.shape)
    count = rows * columns
    if count == 0:
        return np.zeros((0, 3), np.float32)
    part = np.s_[: rows * tiles, : columns * tiles]
    kept = usable[part].reshape(tiles, rows, tiles, columns)
    known = kept.sum(axis=(1, 3), dtype=np.int64).reshape(-1)
    enough = np.flatnonzero((known >= least_share * count) & (known > 0))
    found = np.empty((len(enough), 3), np.float32)
    low, high = (known[enough] - 1) // 2, known[enough] // 2
    at = np.arange(len(enough))
    for channel in range(3):
        plane = np.where(usable[part], rgb[part][..., channel], np.float32(np.inf)).reshape(tiles, rows, tiles, columns)
        ordered = np.sort(plane.transpose(0, 2, 1, 3).reshape(-1, count)[enough], axis=1)
        found[:, channel] = (ordered[at, low] + ordered[at, high]) / np.float32(2.0)
    return found


def is_finite(rgb: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return where no channel is NaN or infinite; a picture without any, the usual one, is told by its sum."""
    if math.isfinite(float(rgb.sum(dtype=np.float64))):
        return np.ones(rgb.shape[:2], bool)
    return np.asarray(np.isfinite(rgb).all(axis=2))


def _cubic(terms: tuple[float, float, float, float], x: float) -> float:
    return ((terms[0] * x + terms[1]) * x + terms[2]) * x + terms[3]


def _planes(rgb: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    if math.isfinite(float(rgb.sum(dtype=np.float64))):
        return [np.asarray(each, np.float32) for each in cv2.split(rgb)]
    clean = np.nan_to_num(rgb, nan=0.0, posinf=1.0, neginf=0.0)
    return [np.ascontiguousarray(clean[..., each]) for each in range(3)]


def _minkowski(planes: Sequence[NDArray[np.float32]], counted: NDArray[np.bool_], norm: float) -> Rgb | None:
    """The Minkowski mean of each plane over the counted pixels; None for fewer than 200 of them, or all black."""
    if int(counted.sum()) < 200:
        return None
    mask = counted.astype(np.uint8)
    peak = max(cv2.minMaxLoc(plane, mask)[1] for plane in planes)
    if peak <= 0.0:
        return None
    sums = []
    for plane in planes:
        share = cv2.max(plane * np.float32(1.0 / peak), 0.0)
        sums.append(cv2.mean(share if norm == 1.0 else cv2.pow(share, norm), mask)[0] ** (1.0 / norm))
    return _per_green(np.array(sums))


def _per_green(rgb: NDArray[np.floating]) -> Rgb | None:
    values = np.asarray(rgb, np.float64)
    if not np.isfinite(values).all() or values.min() <= 1e-4:
        return None
    return np.asarray(values / values[1])


def _complete(seen: Rgb, gone: NDArray[np.bool_], locus: NDArray[np.float64]) -> Rgb:
    """Fill clipped channels from the usual color of light that fits the unclipped ones best."""
    if gone.sum() == 2:
        # Light of a black body reddens and blues in order, so green lies between: it is the lesser of the clipped two
        # and is taken at its clipped value.
        anchor, known = 1, int(np.flatnonzero(~gone)[0])
    else:
        anchor, known = (int(each) for each in np.flatnonzero(~gone))
    if anchor == known:
        return seen
    ratios = np.log(locus[:, known] / locus[:, anchor])
    best = locus[int(np.argmin(np.abs(ratios - np.log(seen[known] / seen[anchor]))))]
    full = seen.copy()
    for channel in np.flatnonzero(gone):
        if channel != anchor:
            full[channel] = max(seen[channel], best[channel] / best[anchor] * seen[anchor])
    return full
