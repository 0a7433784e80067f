"""Alpha in a band by the closed form of Levin, Lischinski and Weiss (2008): for edges before any background."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg.blas import stbsv
from scipy.linalg.lapack import spbtrf
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import cg

from safelight.pixels.matte.trimap import Trimap

# Epsilon of the local line of colors, in code values squared (Levin's own choices are 1e-7 to 1e-4): the loose one
# where a band is narrow, the strict one where it is wide; measured on hard edges and on fur.
_LOOSE, _STRICT = 1e-5, 1e-7
_NARROW_PX, _WIDE_PX, _ALONG_PX = 9.0, 15.0, 25
_CHUNK = 60_000  # windows at a time: their colors and products take 30 MiB
_MOST_TAIL, _MOST_WORK = 16_000_000, 1.6e10  # entries at a band's widest place, 64 MiB; and some 0.8 CPU s
_PIECE, _PART = 2000, 1024  # pixels of a band that are worth a factor of their own; and a width of their own
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
    (reverse Cuthill-McKee), make a matrix whose entries lie near its diagonal: it is factored in parts, in time that
    goes with the square of the band's width at each place. Where that is too much, conjugate gradients under the
    diagonal take over.

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
    if not unknown.any():
        return alpha
    box = _box_of(unknown)
    corner = box[0].start * codes.shape[1] + box[1].start
    band = _band_laplacian(np.ascontiguousarray(codes), corner, unknown[box], trimap.subject[box])
    start = np.asarray(first[unknown], np.float32)[band.order]
    if trust:
        band.entries[0] += np.float32(trust)
        band.pull[:] += np.float32(trust) * start
    found = np.empty_like(start)
    found[band.order] = np.clip(_solved(band, start), 0, 1)
    alpha[unknown] = found
    return alpha


def _box_of(unknown: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns that the band lies in, and two more to each side, which its windows read."""
    found = (np.flatnonzero(unknown.any(axis=axis)) for axis in (1, 0))
    rows, columns = (slice(max(0, int(each[0]) - 2), int(each[-1]) + 3) for each in found)
    return rows, columns


@dataclass(frozen=True, eq=False)
class _Band:
    """The matting Laplacian among the unknown pixels of a band, numbered along it, and how known subject pulls them.

    Parameters
    ----------
    order : (n,) int
        The pixels' places row by row.
    beside : (13, n) int32
        Number of the pixel at each place of the half window, the pixel itself first; n for what is known.
    entries : (13, n) float32
        The matrix there; the other half is the same.
    pull : (n,) float32
    farthest : (n,) int32
        The highest number that shares a window with each.
    """

    order: NDArray[np.intp]
    beside: NDArray[np.int32]
    entries: NDArray[np.float32]
    pull: NDArray[np.float32]
    farthest: NDArray[np.int32]

    def matrix(self) -> sparse.csr_matrix:
        """Return the whole matrix, double precision."""
        count = len(self.pull)
        place, own = np.nonzero(self.beside < count)
        values = self.entries[place, own].astype(np.float64)
        values[place == 0] /= 2
        half = sparse.coo_matrix((values, (own, self.beside[place, own])), (count, count)).tocsr()
        return (half + half.T).tocsr()


def _solved(band: _Band, start: NDArray[np.float32]) -> NDArray[np.float32]:
    """Factor the band piece by piece, in single precision; pieces too wide for that go on by conjugate gradients.

    Held against double precision on bands of 41,000 to 60,000 pixels: off by 4e-5 on average, 0.004 at most.
    """
    found = np.empty(len(start), np.float32)
    left: list[slice] = []
    for begin, end in _pieces(band.farthest):
        own, reach, part = slice(begin, end), band.farthest[begin:end] - begin, None
        away = (reach - np.arange(end - begin)).astype(np.float64)
        if away.max() ** 2 <= _MOST_TAIL and float((away**2).sum()) <= _MOST_WORK:
            part = _factored(band.beside[:, own] - begin, band.entries[:, own], band.pull[own], reach)
        if part is None:
            left.append(own)
        else:
            found[own] = part
    if left:
        whole = band.matrix()
        for own in left:
            mine = whole[own, own]
            scale = sparse.diags(1 / np.maximum(mine.diagonal(), 1e-9))
            first = start[own].astype(np.float64)
            found[own], _ = cg(mine, band.pull[own], x0=first, rtol=_TOLERANCE, maxiter=_ROUNDS, M=scale)
    return found


def _pieces(farthest: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Where an ordered band falls apart: runs that share no window with each other, small ones taken together."""
    ends = np.flatnonzero(np.maximum.accumulate(farthest) <= np.arange(len(farthest))) + 1
    found, begin = [], 0
    for end in ends:
        if end - begin >= _PIECE or end == len(farthest):
            found.append((begin, int(end)))
            begin = int(end)
    return found


@dataclass(frozen=True, eq=False)
class _Chunk:
    """Part of a factor: rows `begin` to `end`, and `tail` more that the next part begins with."""

    begin: int
    end: int
    tail: int
    lower: NDArray[np.float32]
    below: NDArray[np.float32]


def _factored(
    near: NDArray[np.int32], entries: NDArray[np.float32], pull: NDArray[np.float32], reach: NDArray[np.int32]
) -> NDArray[np.float32] | None:
    """Solve one piece, `reach` the last neighbor of each row; None where it has no factor.

    A band is as wide as its widest place, and time goes with the square. So it is factored in parts, each as wide as it
    has to be: a part takes along the rows that it shares with the next (its tail), and hands them on as the product
    of their factor, with all before eliminated.
    """
    size, right = len(pull), pull.copy()
    answer = np.empty(size, np.float32)
    chunks: list[_Chunk] = []
    begin, carried = 0, np.zeros((0, 0), np.float32)
    while begin < size:
        wide = int((reach[begin : begin + _PART] - np.arange(begin, min(size, begin + _PART))).max())
        end = min(size, begin + max(_PART, 4 * wide, len(carried) + 1))
        tail = int(reach[begin:end].max()) + 1 - end
        lower = _banded(
            near, entries, (begin, end + tail), int((reach[begin:end] - np.arange(begin, end)).max()), carried
        )
        lower, failed = spbtrf(lower, lower=1, overwrite_ab=1)
        if failed:
            return None
        width = len(lower) - 1
        solved = stbsv(width, lower, right[begin : end + tail], lower=1)
        answer[begin:end] = solved[: end - begin]
        below = _dense(lower[:, end - begin :])
        right[end : end + tail] = below @ solved[end - begin :]
        chunks.append(_Chunk(begin, end, tail, lower, below))
        carried, begin = below @ below.T, end
    for each in reversed(chunks):
        known = answer[each.end : each.end + each.tail]
        both = np.concatenate([answer[each.begin : each.end], each.below.T @ known])
        answer[each.begin : each.end] = stbsv(len(each.lower) - 1, each.lower, both, lower=1, trans=1)[
            : each.end - each.begin
        ]
    return answer if np.isfinite(answer).all() else None


def _banded(
    near: NDArray[np.int32],
    entries: NDArray[np.float32],
    rows: tuple[int, int],
    width: int,
    carried: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Rows of a piece as LAPACK takes a band below the diagonal; the first corner is what the part before left."""
    begin, end = rows
    beside, own = near[:, begin:end], np.arange(begin, end, dtype=np.int32)
    first, last = np.minimum(own, beside), np.maximum(own, beside)
    known = (first >= begin) & (last < end) & (last >= begin + len(carried))
    size = end - begin
    memory = np.zeros(size * (width + 1) + 1, np.float32)  # the last for all that lies elsewhere
    bands = memory[:-1].reshape(size, width + 1)
    square, diagonals = _square_and_band(len(carried), width)
    square[:] = carried
    bands[: len(carried)] = diagonals
    memory[np.where(known, first * width + (last - begin * (width + 1)), len(memory) - 1)] = entries[:, begin:end]
    return bands.T


def _dense(lower: NDArray[np.float32]) -> NDArray[np.float32]:
    """The last rows of a banded factor, as a square."""
    square, diagonals = _square_and_band(lower.shape[1], len(lower) - 1)
    diagonals[:] = lower.T
    return square.T


def _square_and_band(size: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Zeros as a square, and the same memory as rows from its diagonal on: band[row, n] is square[row, row + n]."""
    memory = np.zeros((size, size + width), np.float32)
    down = memory.strides[0] + memory.strides[1]
    return memory[:, :size], as_strided(memory, (size, width + 1), (down, memory.strides[1]))


def _band_laplacian(
    codes: NDArray[np.float32], corner: int, unknown: NDArray[np.bool_], subject: NDArray[np.bool_]
) -> _Band:
    """Set up the matting Laplacian of a band, pixel by pixel from the windows around it.

    `unknown` and `subject` are a box of the picture that `codes` is the whole of, with its first pixel at `corner`.
    What two pixels share is summed over the windows that hold both. Each pixel looks up its windows' products, place
    by place: looking up is a third of the time that adding into pixels takes. A matrix as this is the same below and
    above its diagonal, and its rows sum to zero with all that is known, so half of it is enough: the diagonal
    is the number of windows less what a pixel shares with itself.
    """
    padded, inside = np.pad(unknown, 2), np.pad(subject, 2).ravel()
    columns = padded.shape[1]
    at = np.flatnonzero(padded)
    number = np.full(padded.size, len(at), np.int32)
    order, farthest = _along(at, number, columns)
    at = at[order]
    number[at] = np.arange(len(at), dtype=np.int32)
    touched = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    touched[[0, -1]] = 0
    touched[:, [0, -1]] = 0
    rows, across = np.divmod(np.flatnonzero(touched), unknown.shape[1])
    centers = (rows + 2) * columns + across + 2
    window = np.full(padded.size, len(centers), np.int32)
    window[centers] = np.arange(len(centers), dtype=np.int32)
    shifts = [dy * columns + dx for dy, dx in _NEIGHBORS]
    windows = [window[at - each] for each in shifts]
    lines = _color_lines(codes, corner + rows * codes.shape[1] + across, _looseness(unknown, (rows, across)))
    entries = _shared(lines, windows)
    for each in windows:
        entries[0] += each < len(centers)
    beside = np.stack([number[at + each] for each in _places(columns)[12:]])
    return _Band(order, beside, entries, _pulled(lines, windows, [inside[centers + each] for each in shifts]), farthest)


def _places(columns: int) -> NDArray[np.intp]:
    """The 25 places around a pixel, two to each side, as steps in rows of so many columns."""
    return np.array([dy * columns + dx for dy in range(-2, 3) for dx in range(-2, 3)], np.intp)


def _along(at: NDArray[np.intp], number: NDArray[np.int32], columns: int) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """An order of the pixels along their band, and for each in that order the last one that shares a window with it."""
    count = len(at)
    number[at] = np.arange(count, dtype=np.int32)
    near = np.take(number, at[:, None] + _places(columns))
    unknown_too = near < count
    starts = np.zeros(count + 1, np.int32)
    np.cumsum(unknown_too.sum(axis=1), out=starts[1:])
    indices = near[unknown_too]
    graph = sparse.csr_matrix((np.ones(len(indices), np.int8), indices, starts), (count, count))
    order = reverse_cuthill_mckee(graph, symmetric_mode=True)
    place = np.empty(count, np.int32)
    place[order] = np.arange(count, dtype=np.int32)
    farthest = np.maximum.reduceat(place[indices], starts[:-1])[order]
    return np.asarray(order, np.intp), np.asarray(farthest, np.int32)


def _shared(lines: NDArray[np.float32], windows: list[NDArray[np.int32]]) -> NDArray[np.float32]:
    """Equation 12 summed over the windows that two pixels share, for each place of the half window; below zero."""
    entries = np.zeros((13, len(windows[0])), np.float32)
    pairs = np.zeros(lines.shape[2] + 1, np.float32)
    more = np.empty(lines.shape[2], np.float32)
    for one, other in combinations_with_replacement(range(9), 2):
        (dy, dx), (qy, qx) = _NEIGHBORS[one], _NEIGHBORS[other]
        np.multiply(lines[one, 0], lines[other, 0], out=pairs[:-1])
        for channel in (1, 2):
            pairs[:-1] += np.multiply(lines[one, channel], lines[other, channel], out=more)
        pairs[:-1] += np.float32(1 / 9)
        entries[5 * (qy - dy) + qx - dx] -= pairs[windows[one]]
    return entries


def _pulled(
    lines: NDArray[np.float32], windows: list[NDArray[np.int32]], inside: list[NDArray[np.bool_]]
) -> NDArray[np.float32]:
    """What each unknown pixel shares with known subject, over all its windows."""
    held = np.zeros(lines.shape[2], np.float32)
    along = np.zeros((3, lines.shape[2]), np.float32)
    for line, each in zip(lines, inside, strict=True):
        held += each
        along += line * each
    pull = np.zeros(len(windows[0]), np.float32)
    share = np.zeros(lines.shape[2] + 1, np.float32)
    for line, window in zip(lines, windows, strict=True):
        np.sum(line * along, axis=0, out=share[:-1])
        share[:-1] += held / np.float32(9)
        pull += share[window]
    return pull


def _looseness(unknown: NDArray[np.bool_], at: tuple[NDArray[np.intp], NDArray[np.intp]]) -> NDArray[np.float32]:
    """Epsilon of the windows `at` these rows and columns, by how wide the band is around each."""
    depth = cv2.distanceTransform(unknown.astype(np.uint8), cv2.DIST_L2, 3)
    if depth.max() <= _NARROW_PX:
        return np.full(len(at[0]), _LOOSE, np.float32)
    wide = cv2.dilate(depth, np.ones((_ALONG_PX, _ALONG_PX), np.uint8))[at]
    share = np.clip((wide - _NARROW_PX) / (_WIDE_PX - _NARROW_PX), 0, 1)
    return np.asarray(_LOOSE * (_STRICT / _LOOSE) ** share, np.float32)


def _color_lines(
    codes: NDArray[np.float32], centers: NDArray[np.intp], loose: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(9, 3, windows): the nine colors of each window, such that equation 12 of two is 1/9 and their plain product.

    Colors are taken from their mean and turned by the Cholesky factor of their covariance; a third of that each, as
    the equation divides by nine.
    """
    columns, channels = codes.shape[1:]
    flat, lines = codes.ravel(), np.empty((9, 3, len(centers)), np.float32)
    for start in range(0, len(centers), _CHUNK):
        own = channels * centers[start : start + _CHUNK]
        part = lines[..., start : start + len(own)]
        for place, (dy, dx) in enumerate(_NEIGHBORS):
            for channel in range(3):
                np.take(flat, own + (channels * (dy * columns + dx) + channel), out=part[place, channel], mode="clip")
        _turn(part, loose[start : start + len(own)])
    return lines


def _turn(rest: NDArray[np.float32], loose: NDArray[np.float32]) -> None:
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
    rest[:, 0] /= 3 * first
    rest[:, 1] = (rest[:, 1] / 3 - below * rest[:, 0]) / second
    rest[:, 2] = (rest[:, 2] / 3 - lowest * rest[:, 0] - beside * rest[:, 1]) / third
