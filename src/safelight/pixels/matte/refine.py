"""Carry a matte from work size to full size: alpha is worked out again, in the band only, from the full pixels."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import WORKING, Pixels, convert, decode, matrix_between
from safelight.pixels.masks import lines_held
from safelight.pixels.matte.alpha import estimate_alpha, snap_ends
from safelight.pixels.matte.foreground import sample_plane
from safelight.pixels.matte.solve import Matte

_CHUNK = 1 << 20  # pixels of the band worked on at a time: some 60 MiB


def refine_matte(matte: Matte, pixels: Pixels, space: str) -> NDArray[np.uint16]:
    """Work out alpha at full size in the band, from the full-size picture.

    Parameters
    ----------
    matte : Matte
        Solved on a reduction of the same picture.
    pixels : (H, W, 3 or 4) uint8, uint16 or float32
        The full-size picture, edge to edge with the reduction; a fourth channel is not looked at.
    space : str
        Its color space, a name of `safelight.pixels.color.spaces`.

    Returns
    -------
    (H, W) uint16, linear coverage, 65535 = 1
        Straight alpha.

    Notes
    -----
    Colors of both sides are smooth, so the reduction's are interpolated; alpha is not, so each pixel of the band
    is projected anew. Time goes with the length of the contour, not with the area.

    Examples
    --------
    >>> from safelight.pixels.matte.solve import solve_matte
    >>> full = np.full((480, 640, 3), 0.8, np.float32); full[122:362, 202:442] = (0.5, 0.02, 0.02)
    >>> small = cv2.resize(full, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    >>> alpha = refine_matte(solve_matte(small), full, "linear_rec2020")
    >>> alpha.shape, abs(int(alpha.astype(np.int64).sum()) // 65535 - 240 * 240) < 60
    ((480, 640), True)
    """
    height, width = pixels.shape[:2]
    kinds = matte.trimap.subject.astype(np.uint8) + np.uint8(2) * matte.trimap.unknown
    full = cv2.resize(kinds, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    known = np.asarray(cv2.LUT(full, np.where(np.arange(256) == 1, 65535, 0).astype(np.uint16)), np.uint16)
    band = _places(full, 2)
    to_linear = _linear_reader(pixels, space)
    rows, columns = matte.alpha.shape
    for start in range(0, len(band), _CHUNK):
        x, y = band[start : start + _CHUNK].T
        across, down = (x + 0.5) * (columns / width) - 0.5, (y + 0.5) * (rows / height) - 0.5
        at = across.astype(np.float32), down.astype(np.float32)
        rgb = to_linear(y, x)
        alpha = estimate_alpha(
            rgb,
            sample_plane(matte.colors.foreground, at),
            sample_plane(matte.colors.background, at),
            sample_plane(matte.alpha, at),
            sample_plane(matte.variance, at),
        )
        known[y, x] = np.rint(snap_ends(alpha) * 65535).astype(np.uint16)
    return np.asarray(known)


def _places(kinds: NDArray[np.uint8], kind: int) -> NDArray[np.intp]:
    """(N, 2): column and row of each pixel of a kind; only the box that holds them is walked."""
    found = cv2.inRange(kinds, kind, kind)
    lines, columns = lines_held(found)
    if not len(lines):
        return np.zeros((0, 2), np.intp)
    box = found[lines[0] : lines[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(cv2.findNonZero(box).reshape(-1, 2) + np.array([columns[0], lines[0]], np.intp), np.intp)


def _linear_reader(pixels: Pixels, space: str) -> Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float32]]:
    """A function of rows and columns that reads linear Rec.2020; integers go through a table of their curve."""
    if pixels.dtype == np.float32:
        return lambda y, x: convert(np.asarray(pixels[y, x, :3], np.float32), space, WORKING)
    top = 255 if pixels.dtype == np.uint8 else 65535
    ramp = np.linspace(0, 1, top + 1, dtype=np.float32)
    table = decode(np.repeat(ramp[:, None], 3, axis=1), space)[:, 0].copy()
    matrix = matrix_between(space, WORKING).astype(np.float32)
    return lambda y, x: np.asarray(table[pixels[y, x, :3]] @ matrix.T, np.float32)
