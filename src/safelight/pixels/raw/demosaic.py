"""Fill in the two colors that each photosite of a Bayer sensor did not see."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.errors import ParameterError

Float32 = NDArray[np.float32]
Site = tuple[int, int]

REACH_PX = 10  # how far a pixel of the result looks: a strip with this much on every side is exact
# Equal evidence from all sides, and no division by zero, where nothing changes: a tenth of a code of 14 bits.
_EVEN = np.float32(1e-5)
# The other color, seen along a row: half the neighbors' sum, bent as the own color bends (Hamilton and Adams 1997).
_ACROSS = np.array([[0.25, -0.5, 0.5, -0.5, 0.25]], np.float32)
_STEP = np.array([[-1, 0, 1]], np.float32)
# A difference of colors changes its sign from site to site: five of them are averaged with theirs.
_MEAN = np.array([[0.2, -0.2, 0.2, -0.2, 0.2]], np.float32)
_HALF_BENT = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 8
_LINEAR = np.array([0.5, 1.0, 0.5], np.float32)
_WINDOW = 4  # beyond the edge, what the windows of the outermost sites see
_BORDER = cv2.BORDER_REFLECT_101  # keeps the colors of the mosaic in step beyond the edge


def demosaic(mosaic: Float32, red: Site) -> Float32:
    """Return the picture that a Bayer mosaic was sampled from.

    Parameters
    ----------
    mosaic : (H, W) float32, at least 4 x 4
        White-balanced light, best as its square root: then dark colors beside bright ones cannot be pulled
        below black, and noise is about as strong everywhere. Left as it was.
    red : (row, column), each 0 or 1
        The first red site; blue lies diagonally from it.

    Returns
    -------
    (H, W, 3) float32, R, G, B in the units of `mosaic`
        What a site saw is kept exactly. Values are not clipped.

    Raises
    ------
    ParameterError
        If the mosaic is smaller than its pattern reaches.

    Notes
    -----
    Differences green minus red and green minus blue are estimated along rows and along columns, and
    averaged over the four directions by how little they change there: `w = 1 / (sum of |change|)^2` over
    5 x 5 sites. Differences at the other sites are interpolated linearly. Even colors stay even.

    References
    ----------
    Pekkucuksen, Altunbasak (2010), "Gradient based threshold free color filter array interpolation".
    Here on square roots: see benchmarks/results/raw.md for what that gains.

    Examples
    --------
    >>> even = demosaic(np.full((8, 8), 0.5, np.float32), red=(0, 0))
    >>> float(abs(even - 0.5).max()) < 1e-6
    True
    """
    height, width = mosaic.shape
    if height < 4 or width < 4:
        raise ParameterError(f"a Bayer mosaic to be filled in has at least 4 x 4 sites, got {width} x {height}")
    difference = _green_difference(mosaic)
    (ry, rx), (by, bx) = red, (1 - red[0], 1 - red[1])
    green = mosaic.copy()
    planes = []
    for y, x in ((ry, rx), (by, bx)):
        sparse = np.zeros_like(mosaic)
        sparse[y::2, x::2] = difference[y::2, x::2]
        green[y::2, x::2] += difference[y::2, x::2]
        planes.append(cv2.sepFilter2D(sparse, -1, _LINEAR, _LINEAR, borderType=_BORDER))
    for each in planes:
        np.subtract(green, each, out=each)
    return np.asarray(cv2.merge([planes[0], green, planes[1]]), np.float32)


def _green_difference(mosaic: Float32) -> Float32:
    """Green minus the site's own color, right at the red and blue sites only."""
    edge = _WINDOW
    wide = cv2.copyMakeBorder(mosaic, edge, edge, edge, edge, _BORDER)
    rows, cols = mosaic.shape
    total = np.zeros_like(mosaic)
    weights = np.zeros_like(mosaic)
    for down in (False, True):
        across = cv2.filter2D(wide, -1, _turned(_ACROSS, down=down), borderType=_BORDER)
        change = cv2.filter2D(across, -1, _turned(_STEP, down=down), borderType=_BORDER)
        np.abs(change, out=change)
        weight = cv2.boxFilter(change, -1, (5, 5), normalize=False, borderType=_BORDER)
        weight += _EVEN
        np.multiply(weight, weight, out=weight)
        np.divide(np.float32(1), weight, out=weight)
        mean = cv2.filter2D(across, -1, _turned(_MEAN, down=down), borderType=_BORDER)
        mean *= weight
        # The window that ends at a site is the one around the site two before it; so is the one that begins there.
        for shift in (edge - 2, edge + 2):
            y, x = (shift, edge) if down else (edge, shift)
            total += mean[y : y + rows, x : x + cols]
            weights += weight[y : y + rows, x : x + cols]
    np.divide(total, weights, out=total)
    return np.negative(total, out=total)


def _turned(kernel: Float32, *, down: bool) -> Float32:
    return np.ascontiguousarray(kernel.T) if down else kernel


def halved(roots: Float32, red: Site) -> Float32:
    """Return a picture of half the size: one pixel from each 2 x 2 sites.

    Parameters
    ----------
    roots : (H, W) float32
        Square roots of white-balanced light, as `demosaic` takes them best. An odd last row or column is left out.
    red : (row, column), each 0 or 1

    Returns
    -------
    (H // 2, W // 2, 3) float32, linear light

    Notes
    -----
    Green is the mean of its two sites. Red and blue are green plus what they differ from it at their own
    sites, moved by the quarter of a pixel that those lie from the middle of the four: edges get no colored rim, and
    red and blue are as sharp as green.

    Examples
    --------
    >>> halved(np.full((6, 8), 0.5, np.float32), red=(0, 1)).shape
    (3, 4, 3)
    """
    rows, cols = roots.shape[0] // 2 * 2, roots.shape[1] // 2 * 2
    (ry, rx), (by, bx) = red, (1 - red[0], 1 - red[1])
    # The greens in the rows of red and in those of blue.
    beside_red, beside_blue = (np.ascontiguousarray(roots[y:rows:2, x:cols:2]) for y, x in ((ry, bx), (by, rx)))
    green = np.sqrt((beside_red * beside_red + beside_blue * beside_blue) * np.float32(0.5))
    planes = []
    for y, x, along, across in ((ry, rx, beside_red, beside_blue), (by, bx, beside_blue, beside_red)):
        own = np.ascontiguousarray(roots[y:rows:2, x:cols:2])
        # Green at this site bends as the own color bends, along rows and columns alike.
        own = np.asarray(cv2.filter2D(own, -1, _HALF_BENT, borderType=cv2.BORDER_REPLICATE), np.float32)
        own -= _beside(along, 1 - x, 1) * np.float32(0.5)
        own -= _beside(across, 1 - y, 0) * np.float32(0.5)
        planes.append(np.maximum(green + _centered(own, (y, x)), 0))
    rgb = np.asarray(cv2.merge([planes[0], green, planes[1]]), np.float32)
    return np.multiply(rgb, rgb, out=rgb)


def _beside(plane: Float32, site: int, axis: int) -> Float32:
    """The mean of the two greens on both sides of a site; `site` is where they stand in the block along the axis."""
    weights = np.array([0.5, 0.5, 0] if site else [0, 0.5, 0.5], np.float32)
    kernel = weights[None] if axis == 1 else weights[:, None]
    return np.asarray(cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)


def _centered(plane: Float32, site: Site) -> Float32:
    """Move a plane from its site to the middle of the four: three quarters here, one quarter of the next."""
    down, across = (np.array([0, 0.75, 0.25] if each == 0 else [0.25, 0.75, 0], np.float32) for each in site)
    return np.asarray(cv2.sepFilter2D(plane, -1, across, down, borderType=cv2.BORDER_REPLICATE), np.float32)
