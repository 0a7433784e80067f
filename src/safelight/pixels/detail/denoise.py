"""Take noise out of a picture: its light and its color apart, each as far as it is noisy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.detail.dct import dct_matrix, shrink
from safelight.pixels.detail.noise import level_back, level_out

Float32 = NDArray[np.float32]
_TILE_PX, _RIM_PX = 1024, 32
_COLOR = 1.4  # color has less detail to lose: 0.3 dB better at AWGN 50, no worse at 15
# Light and two colors, orthonormal, so that independent noise stays as strong in each (after Dabov et al. 2007).
_OPPONENT = np.array(
    [[1 / 3**0.5] * 3, [1 / 2**0.5, 0, -1 / 2**0.5], [1 / 6**0.5, -2 / 6**0.5, 1 / 6**0.5]], np.float32
)


def denoise(
    code: Float32,
    noise: Float32,
    *,
    luminance: float = 1.0,
    color: float = 1.0,
    detail: float = 0.0,
    quick: bool = False,
) -> Float32:
    """Denoise a picture.

    Parameters
    ----------
    code : (H, W, 3) float32, display code values, 0..1 with anything beyond
    noise : (9, 3) float32
        From `measure_noise`.
    luminance, color : float, 0..2
        1 takes out what was measured, 0 nothing; each its own.
    detail : float, 0..1
        Share of what was taken out of the light that is given back as it was: grain that is wanted.
    quick : bool
        A fourth of the time, some 0.8 dB less.

    Returns
    -------
    (H, W, 3) float32
        A new array; a picture without noise comes back as it is.

    Examples
    --------
    >>> clean = np.full((64, 64, 3), 0.5, np.float32)
    >>> noisy = clean + 0.05 * np.random.default_rng(0).normal(size=clean.shape).astype(np.float32)
    >>> done = denoise(noisy, np.full((9, 3), 0.05, np.float32))
    >>> bool(np.abs(done - clean).std() < 0.01)
    True
    """
    if not (noise > 1e-5).any() or (luminance <= 0 and color <= 0):
        return code.copy()
    floor = np.maximum(noise, np.float32(0.05) * noise.max())
    out = np.empty_like(code)
    after = _unclipped(floor) if code.min() >= 0 and code.max() <= 1 else None
    height, width = code.shape[:2]

    def work(top: int, left: int) -> None:
        y0, x0 = max(0, top - _RIM_PX), max(0, left - _RIM_PX)
        y1, x1 = min(height, top + _TILE_PX + _RIM_PX), min(width, left + _TILE_PX + _RIM_PX)
        done = _tile(code[y0:y1, x0:x1], floor, after, (luminance, color, detail), quick=quick)
        bottom, right = min(height, top + _TILE_PX), min(width, left + _TILE_PX)
        out[top:bottom, left:right] = done[top - y0 : bottom - y0, left - x0 : right - x0]

    tiles = [(top, left) for top in range(0, height, _TILE_PX) for left in range(0, width, _TILE_PX)]
    threads = min(len(tiles), max(1, cv2.getNumThreads()))  # as many as whoever runs us gives OpenCV
    if threads == 1:
        for each in tiles:
            work(*each)
        return out
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda each: work(*each), tiles))
    return out


def _unclipped(noise: Float32) -> Float32:
    """Undo what clipping did to the mean: noise that black cuts off below leaves it too light, white too dark.

    Returns (C, N): what each of N means from 0 to 1 was before.

    ``E[min(max(x + sigma n, 0), 1)] = x (F(b) - F(a)) + sigma (f(a) - f(b)) + 1 - F(b)``, a, b the distances to black,
    white in sigma, F and f the normal distribution and its density; inverted by table.
    """
    from scipy.special import ndtr

    x = np.linspace(0, 1, 2049)
    tables = []
    for each in range(noise.shape[1]):
        sigma = np.maximum(np.interp(x, np.linspace(0, 1, len(noise)), noise[:, each]), 1e-5)
        a, b = -x / sigma, (1 - x) / sigma
        density = np.exp(-a * a / 2) - np.exp(-b * b / 2)
        mean = x * (ndtr(b) - ndtr(a)) + sigma * density / np.sqrt(2 * np.pi) + 1 - ndtr(b)
        tables.append(np.interp(x, np.maximum.accumulate(mean), x))
    return np.asarray(tables, np.float32)


def _tile(
    code: Float32, noise: Float32, after: Float32 | None, how: tuple[float, float, float], *, quick: bool
) -> Float32:
    luminance, color, detail = how
    leveled, tables = level_out(np.ascontiguousarray(code), noise)
    planes = cv2.split(cv2.transform(leveled, _OPPONENT))
    light = shrink(planes[0], luminance * _strength(planes[0]), quick=quick)
    if detail > 0:
        light = light + np.float32(detail) * (planes[0] - light)
    colors = [_color_plane(each, _COLOR * color * _strength(each), quick=quick) for each in planes[1:]]
    back = cv2.transform(cv2.merge([np.asarray(light, np.float32), *colors]), np.ascontiguousarray(_OPPONENT.T))
    return level_back(np.asarray(back, np.float32), tables, after)


def _color_plane(plane: Float32, sigma: float, *, quick: bool) -> Float32:
    """Color has little detail: quick work does it at half the size."""
    if not quick or min(plane.shape) < 32:
        return shrink(plane, sigma, quick=quick)
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    half = shrink(np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32), sigma / 2, quick=True)
    return np.asarray(cv2.resize(half, plane.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _strength(plane: Float32) -> float:
    """What is left of the noise's 1 in a plane: channels whose noise goes together leave less in color."""
    rows, cols = (side // 8 * 8 for side in plane.shape)
    if min(rows, cols) < 16:
        return 1.0
    step = max(1, rows // 8 // 24)
    matrix = dct_matrix(8)
    blocks = plane[:rows, :cols].reshape(rows // 8, 8, cols // 8, 8)[::step].transpose(0, 2, 1, 3)
    high = (matrix[5:] @ blocks @ matrix[5:].T).reshape(-1, 9)
    energy = np.median(np.abs(high), axis=1)
    quiet = high[energy <= np.percentile(energy, 50)]  # the other half may hold texture as fine as noise
    # The quieter half of blocks shows 0.86 of the noise; measured on white noise.
    return float(np.clip(np.median(np.abs(quiet)) / 0.6745 / _QUIET_HALF, 0.05, 1.3))


_QUIET_HALF = 0.78
