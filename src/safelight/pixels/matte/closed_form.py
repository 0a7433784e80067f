"""Alpha in a band by the closed form of Levin, Lischinski and Weiss (2008): for edges before any background."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import solveh_banded
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import cg

from safelight.pixels.matte.trimap import Trimap

# Epsilon of the local line of colors, in code values squared (Levin's own choices are 1e-7 to 1e-4): the loose one
# where a band is narrow, the strict one where it is wide; measured on hard edges and on fur.
_LOOSE, _STRICT = 1e-5, 1e-7
_NARROW_PX, _WIDE_PX, _ALONG_PX = 9.0, 15.0, 25
_CHUNK = 60_000  # windows at a time: their colors and products take 30 MiB
_MOST_ENTRIES, _MOST_WORK = 24_000_000, 6e9  # of a factored band: 192 MiB and some 0.6 CPU s
_ROUNDS, _TOLERANCE = 400, 1e-4
_NEIGHBORS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


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
    Only windows that touch the band are set up, so time goes with its area. Pixels of a band, numbered along it
    (reverse Cuthill-McKee), make a matrix whose entries lie near its diagonal: it is factored at once, in time that
    goes with the band's width squared. Where that is too much, conjugate gradients under the diagonal take over.

    The line of colors is held to the more loosely where the band is narrow: an edge of some pixels has few samples
    and much texture beside it; hair has many.

    References
    ----------
    A. Levin, D. Lischinski, Y. Weiss, "A closed-form solution to natural image matting", 2008, equation 12.
    E. Cuthill, J. McKee, "Reducing the bandwidth of sparse symmetric matrices", 1969.

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
    box = _box_of(unknown)
    laplacian, pull = _band_laplacian(np.ascontiguousarray(codes[box]), unknown[box], trimap.subject[box])
    start = first[unknown].astype(np.float64)
    if trust:
        laplacian = laplacian + trust * sparse.identity(count, format="csr")
        pull = pull + trust * start
    alpha[unknown] = np.clip(_solved(laplacian, pull, start), 0, 1)
    return alpha


def _box_of(unknown: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns that the band lies in, and two more to each side, which its windows read."""
    found = (np.flatnonzero(unknown.any(axis=axis)) for axis in (1, 0))
    rows, columns = (slice(max(0, int(each[0]) - 2), int(each[-1]) + 3) for each in found)
    return rows, columns


def _solved(laplacian: sparse.csr_matrix, pull: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    order = reverse_cuthill_mckee(laplacian, symmetric_mode=True)
    place = np.empty_like(order)
    place[order] = np.arange(len(order), dtype=order.dtype)
    rows = np.repeat(place, np.diff(laplacian.indptr))
    below = place[laplacian.indices] - rows
    width = int(below.max(initial=0))
    if len(order) * (width + 1) <= _MOST_ENTRIES and len(order) * float(width + 1) ** 2 <= _MOST_WORK:
        lower = below >= 0
        bands = np.zeros((width + 1, len(order)))
        bands[below[lower], rows[lower]] = laplacian.data[lower]
        with contextlib.suppress(np.linalg.LinAlgError):  # a piece of the band that touches nothing known
            found = solveh_banded(bands, pull[order], overwrite_ab=True, lower=True, check_finite=False)
            return np.asarray(found[place])
    scale = sparse.diags(1 / np.maximum(laplacian.diagonal(), 1e-9))
    found, _ = cg(laplacian, pull, x0=start, rtol=_TOLERANCE, maxiter=_ROUNDS, M=scale)
    return np.asarray(found)


def _band_laplacian(
    codes: NDArray[np.float32], unknown: NDArray[np.bool_], subject: NDArray[np.bool_]
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """The matting Laplacian among unknown pixels, and what known subject pulls each of them by.

    What two pixels share over all windows that hold both lies in a table: a row for each of the 25 places of one
    beside the other, a column for each unknown pixel and one more for all that is known.
    """
    count = int(unknown.sum())
    padded = np.pad(unknown, 2)
    columns = padded.shape[1]
    at = np.flatnonzero(padded)
    number = np.full(padded.size, count, np.int32)
    number[at] = np.arange(count, dtype=np.int32)
    shared = np.zeros((25, count + 1), np.float32)
    loose = _looseness(unknown)
    touched = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    touched[[0, -1]] = 0
    touched[:, [0, -1]] = 0
    centers = np.flatnonzero(touched)
    for start in range(0, len(centers), _CHUNK):
        own = centers[start : start + _CHUNK]
        y, x = np.divmod(own, unknown.shape[1])
        middle = (y + 2) * columns + x + 2
        ids = [number[middle + dy * columns + dx] for dy, dx in _NEIGHBORS]
        for one, other, weight in _affinities(codes, own, loose[y, x]):
            (dy, dx), (qy, qx) = _NEIGHBORS[one], _NEIGHBORS[other]
            step = 5 * (qy - dy + 2) + qx - dx + 2
            shared[step, ids[one]] += weight
            if one != other:
                shared[24 - step, ids[other]] += weight
    shared = shared[:, :count]
    steps = [dy * columns + dx for dy in range(-2, 3) for dx in range(-2, 3)]
    inside = np.pad(subject, 2).ravel()
    pull = np.zeros(count)
    for weights, step in zip(shared, steps, strict=True):
        pull += weights * inside[at + step]
    near = np.stack([number[at + step] for step in steps], axis=1)
    values = -shared.T.astype(np.float64)
    values[:, 12] += shared.sum(axis=0, dtype=np.float64)  # each row sums to 0, known pixels counted
    unknown_too = near < count
    starts = np.concatenate([[0], np.cumsum(unknown_too.sum(axis=1))])
    matrix = sparse.csr_matrix((values[unknown_too], near[unknown_too], starts.astype(np.int32)), (count, count))
    return matrix, pull


def _looseness(unknown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Epsilon of each window, by how wide the band is around it."""
    depth = cv2.distanceTransform(unknown.astype(np.uint8), cv2.DIST_L2, 3)
    if depth.max() <= _NARROW_PX:
        return np.full(depth.shape, _LOOSE, np.float32)
    wide = cv2.dilate(depth, np.ones((_ALONG_PX, _ALONG_PX), np.uint8))
    share = np.clip((wide - _NARROW_PX) / (_WIDE_PX - _NARROW_PX), 0, 1)
    return np.asarray(_LOOSE * (_STRICT / _LOOSE) ** share, np.float32)


def _affinities(
    codes: NDArray[np.float32], centers: NDArray[np.intp], loose: NDArray[np.float32]
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Equation 12, for each pair of the nine places of windows: how far the two lie on one line of colors.

    Colors are turned by the Cholesky factor of their covariance, so that the equation's form is a plain product.
    """
    flat, columns = codes.reshape(-1, codes.shape[2]), codes.shape[1]
    rest = np.stack([flat[centers + dy * columns + dx, :3].T for dy, dx in _NEIGHBORS])
    rest -= rest.mean(axis=0)
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    spread = {each: np.einsum("kn,kn->n", rest[:, each[0]], rest[:, each[1]]) / np.float32(9) for each in pairs}
    for each in range(3):
        spread[each, each] += loose / 9
    first = np.sqrt(spread[0, 0])
    below, lowest = spread[0, 1] / first, spread[0, 2] / first
    second = np.sqrt(np.maximum(spread[1, 1] - below * below, loose / 9))
    beside = (spread[1, 2] - lowest * below) / second
    third = np.sqrt(np.maximum(spread[2, 2] - lowest * lowest - beside * beside, loose / 9))
    red = rest[:, 0] / first
    green = (rest[:, 1] - below * red) / second
    blue = (rest[:, 2] - lowest * red - beside * green) / third
    for one in range(9):
        for other in range(one, 9):
            product = red[one] * red[other] + green[one] * green[other] + blue[one] * blue[other]
            yield one, other, (1 + product) / np.float32(9)
