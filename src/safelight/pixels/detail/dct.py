"""Denoise in blocks of cosines: every block position, or a few, shrunk and averaged."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
HARD = 2.7  # times the noise: what of a coefficient is taken for noise, after Yu and Sapiro 2011
_QUICK = ((0, 0), (4, 4))


@cache
def dct_matrix(size: int) -> Float32:
    """Return the orthonormal DCT-II, (size, size) float32.

    Examples
    --------
    >>> d = dct_matrix(8)
    >>> bool(np.allclose(d @ d.T, np.eye(8), atol=1e-6))
    True
    """
    k, x = np.arange(size)[:, None], np.arange(size)[None]
    matrix = np.cos(np.pi * (2 * x + 1) * k / (2 * size)) * np.sqrt(2 / size)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, np.float32)


def shrink(plane: Float32, sigma: float, *, quick: bool = False) -> Float32:
    """Denoise one plane.

    Parameters
    ----------
    plane : (H, W) float32
    sigma : float
        Standard deviation of its noise; 0 changes nothing.
    quick : bool
        Two block positions and one pass, instead of 24 and two.

    Returns
    -------
    (H, W) float32
        A new array.

    Notes
    -----
    First blocks of 16 at 8 positions, coefficients below 2.7 sigma dropped; then blocks of 8 at 16 positions, each
    coefficient weighed by what the first pass says of it (Wiener). Blocks that needed few coefficients count more.

    References
    ----------
    Yu, Sapiro, "DCT image denoising", IPOL 2011. Foi, Katkovnik, Egiazarian, "Pointwise shape-adaptive DCT", 2007.
    """
    if sigma <= 0:
        return plane.copy()
    if quick:
        return _pass(plane, sigma, 8, _QUICK, None)
    first = _pass(plane, sigma, 16, _positions(16, 4)[::2], None)
    return _pass(plane, sigma, 8, _positions(8, 2), first)


def _positions(size: int, step: int) -> tuple[tuple[int, int], ...]:
    return tuple((y, x) for y in range(0, size, step) for x in range(0, size, step))


def _pass(
    plane: Float32, sigma: float, size: int, positions: tuple[tuple[int, int], ...], pilot: Float32 | None
) -> Float32:
    height, width = plane.shape
    down, right = size - height % size, size - width % size  # room for each position to end on a whole block
    rim = (size, down + size, size, right + size, cv2.BORDER_REFLECT_101)
    framed = cv2.copyMakeBorder(plane, *rim)
    guide = None if pilot is None else cv2.copyMakeBorder(pilot, *rim)
    total, weights = np.zeros_like(framed), np.zeros_like(framed)
    rows, cols = (framed.shape[0] - size) // size * size, (framed.shape[1] - size) // size * size
    matrix = _block_matrix(size)
    for y, x in positions:
        part = np.s_[y : y + rows, x : x + cols]
        found = _blocks(framed[part], size) @ matrix.T
        if guide is None:
            kept = (np.abs(found) > np.float32(HARD * sigma)).astype(np.float32)
            kept[:, 0] = 1
            found *= kept
        else:
            kept = _blocks(guide[part], size) @ matrix.T
            kept *= kept
            kept /= kept + np.float32(sigma * sigma)
            kept[:, 0] = 1
            found *= kept
            kept *= kept
        weight = 1 / kept.sum(axis=1, keepdims=True)
        done = found @ matrix
        done *= weight
        total[part] += done.reshape(rows // size, cols // size, size, size).transpose(0, 2, 1, 3).reshape(rows, cols)
        spread = weight.reshape(rows // size, cols // size)
        weights[part] += cv2.resize(spread, (cols, rows), interpolation=cv2.INTER_NEAREST)
    inner = np.s_[size : size + height, size : size + width]
    return np.ascontiguousarray(total[inner] / weights[inner], np.float32)


@cache
def _block_matrix(size: int) -> Float32:
    """The two-dimensional DCT of a block as one matrix over its pixels: one product for all blocks."""
    matrix = dct_matrix(size)
    return np.asarray(np.kron(matrix, matrix), np.float32)


def _blocks(part: Float32, size: int) -> Float32:
    rows, cols = part.shape
    blocks = part.reshape(rows // size, size, cols // size, size).transpose(0, 2, 1, 3)
    return np.asarray(blocks.reshape(-1, size * size), np.float32)
