"""Alpha in a band by the closed form of Levin, Lischinski and Weiss (2008): for edges before any background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg

from safelight.pixels.matte.trimap import Trimap

_EPSILON = 1e-5  # of the local line of colors, in code values squared: Levin's own choice is 1e-7 to 1e-4
_CHUNK = 60_000  # windows at a time: (n, 9, 9) float32 take 20 MiB
_ROUNDS, _TOLERANCE = 400, 1e-4
_NEIGHBORS = np.array([(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])


def closed_form(
    codes: NDArray[np.float32], trimap: Trimap, first: NDArray[np.float32], trust: float = 0.0
) -> NDArray[np.float32]:
    """Work out alpha in the band of a trimap.

    Parameters
    ----------
    codes : (H, W, 3) float32, sRGB code values 0..1
        Alpha mixes light; over three pixels of noise and texture the lines of colors hold better in code values.
    trimap : Trimap
    first : (H, W) float32, 0..1
        A first alpha, to begin with and, with `trust`, to stay near.
    trust : float, 0 or more
        Weight of `first` against the picture's own lines of colors; 0 is the published method.

    Returns
    -------
    (H, W) float32, 0..1
        1 and 0 where the trimap knows.

    Notes
    -----
    Only windows that touch the band are set up, so time goes with its area: some 0.8 CPU s for 50,000 pixels.
    Solved by conjugate gradients under the diagonal.

    Examples
    --------
    >>> ramp = np.clip((np.arange(24, dtype=np.float32) - 8) / 8, 0, 1)
    >>> picture = np.repeat(np.tile(ramp, (12, 1))[..., None], 3, axis=2)
    >>> known = Trimap(picture[..., 0] >= 1, picture[..., 0] <= 0)
    >>> alpha = closed_form(picture, known, np.full((12, 24), 0.5, np.float32))
    >>> bool(np.abs(alpha - picture[..., 0]).max() < 0.02)
    True
    """
    unknown = trimap.unknown
    alpha = trimap.subject.astype(np.float32)
    count = int(unknown.sum())
    if not count:
        return alpha
    number = np.full(unknown.shape, -1, np.int64)
    number[unknown] = np.arange(count)
    laplacian, pull = _band_laplacian(codes, unknown, number, trimap.subject)
    start = first[unknown].astype(np.float64)
    if trust:
        laplacian = laplacian + trust * sparse.identity(count, format="csr")
        pull = pull + trust * start
    diagonal = laplacian.diagonal()
    scale = sparse.diags(1 / np.maximum(diagonal, 1e-9))
    found, _ = cg(laplacian, pull, x0=start, rtol=_TOLERANCE, maxiter=_ROUNDS, M=scale)
    alpha[unknown] = np.clip(found, 0, 1)
    return alpha


def _band_laplacian(
    codes: NDArray[np.float32], unknown: NDArray[np.bool_], number: NDArray[np.int64], subject: NDArray[np.bool_]
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """The matting Laplacian among unknown pixels, and what known subject pulls each of them by."""
    count = int(unknown.sum())
    touched = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    touched[[0, -1]] = 0
    touched[:, [0, -1]] = 0
    centers = np.argwhere(touched)
    total: sparse.csr_matrix = sparse.csr_matrix((count, count))
    pull = np.zeros(count)
    for start in range(0, len(centers), _CHUNK):
        places = centers[start : start + _CHUNK, None] + _NEIGHBORS
        y, x = places[..., 0], places[..., 1]
        weight = _affinity(codes[y, x])
        at = number[y, x]
        rows = np.broadcast_to(at[:, :, None], weight.shape)
        columns = np.broadcast_to(at[:, None, :], weight.shape)
        inner = (rows >= 0) & (columns >= 0)
        # What two pixels of one window share; each row of the Laplacian sums to 0, known pixels counted.
        part = sparse.coo_matrix((-weight[inner], (rows[inner], columns[inner])), (count, count)).tocsr()
        degree = np.bincount(at[at >= 0], weights=weight.sum(axis=2)[at >= 0], minlength=count)
        total = total + part + sparse.diags(degree, format="csr")
        drawn = np.where(subject[y, x][:, None, :], weight, 0).sum(axis=2)
        pull += np.bincount(at[at >= 0], weights=drawn[at >= 0], minlength=count)
    return total, pull


def _affinity(colors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Equation 12 for windows (n, 9, 3): how far each two pixels lie on one line of colors, (n, 9, 9)."""
    rest = colors - colors.mean(axis=1, keepdims=True)
    spread = np.einsum("nki,nkj->nij", rest, rest) / 9 + np.eye(3, dtype=np.float32) * (_EPSILON / 9)
    turned = np.linalg.solve(spread, rest.transpose(0, 2, 1))
    return np.asarray((1 + rest @ turned) / 9, np.float32)
