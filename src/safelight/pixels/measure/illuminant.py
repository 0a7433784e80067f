"""The color of one light over a whole picture, from its gray pixels and from its brightest and darkest ones."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.neutral import Rgb, gray_edge, is_finite
from safelight.pixels.measure.ranked import inside, percentiles

_DARKEST = np.float32(1e-4)
_FLAT = np.float32(1e-4)  # light that changes by less than this from pixel to pixel tells nothing of its surface
_BLOCK_PX = 7
_SMALLEST_PX = 16


def estimate_illuminants(rgb: NDArray[np.float32], usable: NDArray[np.bool_]) -> dict[str, Rgb]:
    """Return the color of the light as several methods see it, green = 1; a method that finds nothing is left out.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, any primaries
        A small picture, about 400 px; NaN and infinity are not usable.
    usable : (H, W) bool
        Neither clipped nor black.

    Returns
    -------
    dict of str to (3,) float64
        ``gray_index`` and ``gray_mode`` (`gray_pixels`), ``bright_and_dark``, ``mean_edge`` (gray edge, norm 1).

    Notes
    -----
    Each is free of exposure, and follows light through gains on the channels: exactly but for the pixels it chooses.

    Examples
    --------
    >>> gray = np.random.default_rng(1).uniform(0.1, 0.7, (60, 60, 1)).astype(np.float32) * np.float32([1, 1, 0.5])
    >>> found = estimate_illuminants(gray, np.ones((60, 60), bool))
    >>> sorted(found), found["gray_index"].round(3).tolist()
    (['bright_and_dark', 'gray_index', 'gray_mode', 'mean_edge'], [1.0, 1.0, 0.5])
    """
    whole = np.asarray(usable & is_finite(rgb))
    clean = np.where(whole[..., None], rgb, np.float32(0.0))
    mean, mode = gray_pixels(clean, whole)
    found = {
        "gray_index": mean,
        "gray_mode": mode,
        "bright_and_dark": bright_and_dark(clean, whole),
        "mean_edge": gray_edge(clean, whole, norm=1.0, blur_px=1.0),
    }
    return {name: light for name, light in found.items() if light is not None}


def gray_pixels(
    rgb: NDArray[np.float32], usable: NDArray[np.bool_], *, share: float = 0.001, wide_share: float = 0.005
) -> tuple[Rgb | None, Rgb | None]:
    """Estimate the light from the pixels that look gray under any light: where brightness changes and color does not.

    Parameters
    ----------
    rgb, usable
        As `estimate_illuminants` takes them.
    share, wide_share : float, 0..1
        The share of pixels, grayest first, whose mean is taken, and among which the mode is looked for.

    Returns
    -------
    mean, mode : (3,) float64 with green = 1, or None
        The mean of the grayest pixels; the color around which the wider choice is densest, brighter ones weighing
        more (mean shift on directions). None for a picture under 16 px a side or without 50 pixels to choose from.

    Notes
    -----
    The index is the change of log chromaticity over a pixel, averaged over 7 x 7, divided by the square root of the
    brightness: noise makes dark pixels colorful, and highlights are where light shows its own color.

    References
    ----------
    Y. Qian, J.-K. Kamarainen, J. Nikkanen and J. Matas, On finding gray pixels, CVPR 2019; Y. Qian et al., Revisiting
    gray pixel for statistical illumination estimation, VISAPP 2019 (mean shift).
    """
    index = gray_index(rgb, usable)
    if index is None:
        return None, None
    ranked = index.ravel()
    known = int(np.isfinite(ranked).sum())
    if known < 50:
        return None, None
    colors = rgb.reshape(-1, 3)
    few, many = (min(known, max(20, round(part * ranked.size))) for part in (share, wide_share))
    order = np.argpartition(ranked, min(many, ranked.size - 1))[:many]
    order = order[np.argsort(ranked[order], kind="stable")]
    return _per_green(colors[order[:few]].mean(axis=0)), _mode(colors[order].astype(np.float64))


def gray_index(rgb: NDArray[np.float32], usable: NDArray[np.bool_]) -> NDArray[np.float32] | None:
    """Return how colorful each pixel is under any light, 0 gray; infinite where nothing can be told, None if tiny.

    `rgb` and `usable` are those of `estimate_illuminants`; see `gray_pixels` for what it is made of.
    """
    if min(rgb.shape[:2]) < _SMALLEST_PX:
        return None
    clean = rgb if is_finite(rgb).all() else np.nan_to_num(rgb, nan=0.0, posinf=1.0, neginf=0.0)
    light = np.maximum(clean, _DARKEST)
    total = light[..., 0] + light[..., 1] + light[..., 2]
    flat = np.ones(total.shape, bool)
    for channel in cv2.split(light):
        flat &= _steepness(channel) <= _FLAT
    bad = cv2.dilate((~usable).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    bad |= flat | (total < percentiles(total, (5,))[0])
    if bad.all():
        return None
    red, blue = (_steepness(cv2.log(light[..., each] / total)) for each in (0, 2))
    index = cv2.magnitude(red, blue) / np.sqrt(np.maximum(total / 3.0, 1e-3))
    index[bad] = index[~bad].max()
    index = cv2.blur(index, (_BLOCK_PX, _BLOCK_PX), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.where(bad, np.float32(np.inf), index), np.float32)


def bright_and_dark(rgb: NDArray[np.float32], usable: NDArray[np.bool_], *, share: float = 0.035) -> Rgb | None:
    """Estimate the light as the main direction of the picture's brightest and darkest pixels; None under 200 px.

    References
    ----------
    D. Cheng, D. K. Prasad and M. S. Brown, Illuminant estimation for color constancy, J. Opt. Soc. Am. A 31 (2014).
    """
    colors = inside(rgb, usable)
    if len(colors) < 200:
        return None
    mean = np.array([colors[:, each].mean(dtype=np.float64) for each in range(3)])
    size = float(np.linalg.norm(mean))
    if size <= 0.0:
        return None
    along = colors @ (mean / size).astype(np.float32)
    count = max(1, round(share * len(colors)))
    low, high = np.sort(along)[[count - 1, -count]]
    chosen = colors[(along <= low) | (along >= high)].astype(np.float64)
    _, directions = np.linalg.eigh(chosen.T @ chosen)
    return _per_green(np.abs(directions[:, -1]))


def _steepness(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The gradient's size per pixel, over half a pixel of blur."""
    soft = cv2.GaussianBlur(values, (0, 0), 0.5, borderType=cv2.BORDER_REPLICATE)
    across = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _mode(colors: NDArray[np.float64], width_deg: float = 2.0) -> Rgb | None:
    """The densest direction by mean shift from ten of the colors; brighter ones weigh more."""
    sizes = np.linalg.norm(colors, axis=1)
    colors, sizes = colors[sizes > 0.0], sizes[sizes > 0.0]
    if len(colors) < 2:
        return None
    ways, narrow = colors / sizes[:, None], np.radians(width_deg) ** 2
    found: tuple[float, NDArray[np.float64]] | None = None
    for start in ways[np.linspace(0, len(ways) - 1, 10).astype(int)]:
        at, weight = start, sizes
        for _ in range(25):
            weight = np.exp((ways @ at - 1.0) / narrow) * sizes
            there = weight @ ways
            there /= np.linalg.norm(there)
            moved, at = 1.0 - float(there @ at), there
            if moved < 1e-10:
                break
        if found is None or float(weight.sum()) > found[0] * (1.0 + 1e-9):
            found = (float(weight.sum()), at)
    return None if found is None else _per_green(found[1])


def _per_green(light: NDArray[np.floating]) -> Rgb | None:
    values = np.asarray(light, np.float64)
    if not np.isfinite(values).all() or values.min() <= 1e-3 * values.max() or values.max() <= 0.0:
        return None
    return np.asarray(values / values[1])
