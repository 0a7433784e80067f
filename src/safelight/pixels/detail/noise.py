"""How strong the noise of a picture is, at each lightness, from the picture alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
KNOTS = 9  # lightness 0, 1/8 .. 1
_BLOCK = 8
_SMOOTHEST = 0.15  # of the blocks of a lightness: those with the least structure
_LEAST_BLOCKS = 24
_FROM, _TO, _ENTRIES = -0.25, 1.5, 16385  # of the tables that level noise


def measure_noise(code: Float32) -> NDArray[np.float32]:
    """Return the standard deviation of a picture's noise at nine lightnesses, for each channel.

    Parameters
    ----------
    code : (H, W, C) float32, display code values 0..1
        At full size: a reduction averages noise away.

    Returns
    -------
    (9, C) float32, in code values
        At lightness 0, 1/8 .. 1; where a picture shows no such lightness, of the nearest that it shows. All 0 for a
        picture of less than 64 px a side.

    Notes
    -----
    Blocks of 8 x 8 are sorted by lightness; of each lightness the seventh with the least low frequencies is taken, and
    the median of their high frequencies is the noise: what chose a block says nothing of what is measured on it.
    Clipped black and white have no noise and are left out.

    References
    ----------
    Ponomarenko et al., "An automatic approach to lossy compression of AVIRIS images", 2007.

    Examples
    --------
    >>> noisy = 0.5 + 0.05 * np.random.default_rng(0).normal(size=(256, 256, 1)).astype(np.float32)
    >>> bool(np.abs(measure_noise(noisy) - 0.05).max() < 0.003)
    True
    """
    height, width = (side // _BLOCK * _BLOCK for side in code.shape[:2])
    if min(height, width) < 64:
        return np.zeros((KNOTS, code.shape[2]), np.float32)
    step = max(1, int(np.sqrt(height * width / 4e6)))  # blocks enough in every second or third row of them
    found = [_of_channel(np.ascontiguousarray(code[:height, :width, each]), step) for each in range(code.shape[2])]
    return np.asarray(np.stack(found, axis=1), np.float32)


def _of_channel(plane: Float32, step: int) -> NDArray[np.float64]:
    from safelight.pixels.detail.dct import dct_matrix

    rows = plane.reshape(-1, _BLOCK, plane.shape[1])[::step]
    blocks = rows.reshape(len(rows), _BLOCK, -1, _BLOCK).transpose(0, 2, 1, 3).reshape(-1, _BLOCK, _BLOCK)
    matrix = dct_matrix(_BLOCK)
    coefficients = matrix @ blocks @ matrix.T
    order = np.add.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    low = (coefficients[:, (order > 0) & (order < 6)] ** 2).mean(axis=1)
    high = np.abs(coefficients[:, order >= 8])
    mean = coefficients[:, 0, 0] / _BLOCK
    inner = (blocks.min(axis=(1, 2)) > 0.002) & (blocks.max(axis=(1, 2)) < 0.998)
    sigma = np.full(KNOTS, np.nan)
    for knot in range(KNOTS):
        here = np.flatnonzero((np.abs(mean - knot / (KNOTS - 1)) < 0.09) & inner)
        if len(here) < _LEAST_BLOCKS:
            continue
        many = max(_LEAST_BLOCKS, int(_SMOOTHEST * len(here)))
        smooth = here[np.argpartition(low[here], many - 1)[:many]]
        sigma[knot] = float(np.median(high[smooth])) / 0.6745
    known = np.flatnonzero(np.isfinite(sigma))
    if not len(known):
        return np.zeros(KNOTS)
    return np.asarray(np.interp(np.arange(KNOTS), known, sigma[known]))


def level_out(code: Float32, noise: Float32) -> tuple[Float32, list[Float32]]:
    """Stretch code values so that their noise is 1 everywhere.

    Returns
    -------
    leveled : (H, W, C) float32
    tables : list of (N,) float32
        For each channel what each of N code values from -0.25 to 1.5 became; `level_back` reads them.

    Notes
    -----
    ``t(c) = integral of dc / sigma(c)``, the transform that stabilizes any noise that depends on the signal alone.
    """
    codes = np.linspace(_FROM, _TO, _ENTRIES)
    knots = np.linspace(0, 1, len(noise))
    planes, tables = [], []
    for each in range(code.shape[2]):
        slope = 1 / np.maximum(np.interp(codes, knots, noise[:, each]), 1e-5)
        table = np.concatenate([[0], np.cumsum((slope[1:] + slope[:-1]) / 2 * np.diff(codes))]).astype(np.float32)
        planes.append(looked_up(code[..., each], table, _FROM, _TO))
        tables.append(table)
    return np.asarray(cv2.merge(planes), np.float32), tables


def level_back(leveled: Float32, tables: list[Float32], after: NDArray[np.float32] | None = None) -> Float32:
    """Undo `level_out`; then take each channel through its row of `after`, over code values 0..1, where given."""
    codes, planes = np.linspace(_FROM, _TO, _ENTRIES), []
    for each, table in enumerate(tables):
        back = np.interp(np.linspace(table[0], table[-1], _ENTRIES), table, codes).astype(np.float32)
        if after is not None:
            back = np.interp(back, np.linspace(0, 1, after.shape[1]), after[each]).astype(np.float32)
        planes.append(looked_up(leveled[..., each], back, float(table[0]), float(table[-1])))
    return np.asarray(cv2.merge(planes), np.float32)


def looked_up(values: Float32, table: Float32, low: float, high: float) -> Float32:
    """Values through a table over low..high, straight between its entries; held at its ends."""
    last = len(table) - 1
    at = np.multiply(values, np.float32(last / (high - low)), dtype=np.float32)
    at -= np.float32(low * last / (high - low))
    np.fmin(np.fmax(at, np.float32(0), out=at), np.float32(last), out=at)  # no number counts as the lowest
    below = at.astype(np.int32)
    at -= below
    # A third of the time that cv2.remap takes over one row.
    found = np.diff(table, append=table[-1:]).astype(np.float32).take(below, mode="clip")
    found *= at
    found += table.take(below, mode="clip")
    return np.asarray(found, np.float32)


def shown(noise: Float32) -> float:
    """Return one figure for people: the mean noise in code values of 255."""
    return float(cv2.mean(np.ascontiguousarray(noise))[0] * 255)
