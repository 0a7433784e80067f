"""The studio backdrop as it would look without the subject: its color and how the light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.extend import extend_colors
from safelight.pixels.matte.lightness import lab_planes

_BLOCKS = 128  # long side of the grid the model is fitted on
_SWING = 1.3  # L*a*b* over three neighboring blocks that one surface in one light may show
_DARK = 0.004  # linear; keeps the logarithm finite and quiet on a black backdrop


@dataclass(frozen=True)
class Backdrop:
    """A model of the backdrop and what it rests on.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        The backdrop over the whole frame, also behind the subject, without cast shadows.
    noise_lightness, noise_color : float, L* and units of a*, b*
        Standard deviation of single backdrop pixels about their neighborhood.
    misfit : float, L*a*b*
        Root mean square distance of backdrop blocks from the model: wrinkles, texture, light not modeled.
    border_share : float, 0..1
        Share of the frame's rim that is this backdrop.
    area_share : float, 0..1
        Share of the frame that is this backdrop.
    falloff : float, stops
        Brightest against darkest place of the model: vignetting and gradient.
    seen : (rows, columns) bool
        Blocks of the frame taken as backdrop.
    """

    rgb: NDArray[np.float32]
    noise_lightness: float
    noise_color: float
    misfit: float
    border_share: float
    area_share: float
    falloff: float
    seen: NDArray[np.bool_]


def estimate_backdrop(rgb: NDArray[np.float32]) -> Backdrop:
    """Model the backdrop of a studio picture from what is visible of it.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
        At least 16 px a side; about 1600 px long is enough, the model is smooth.

    Returns
    -------
    Backdrop
        Always one, however bad: `border_share` and `misfit` say how far to believe it.

    Raises
    ------
    ValueError
        If the picture is under 16 px a side or holds NaN or infinity.

    Notes
    -----
    Block means are joined to the frame's rim wherever neighbors differ little: vignetting, gradients and the sweep of a
    paper roll change slowly, a subject's contour does not. A robust polynomial of the logarithm follows
    the light; what it leaves (a horizon, a second lamp) is added as a smooth residual of the blocks that fit.
    Shadows are darker than the model and count for little.

    Examples
    --------
    >>> y, x = np.mgrid[0:90, 0:120].astype(np.float32)
    >>> light = 0.8 - 0.3 * ((x - 60) ** 2 + (y - 45) ** 2) / 60**2
    >>> picture = np.repeat(light[..., None], 3, axis=2)
    >>> picture[30:60, 40:80] = (0.5, 0.02, 0.02)
    >>> model = estimate_backdrop(picture)
    >>> bool(abs(model.rgb[45, 60, 1] - 0.8) < 0.03), model.border_share
    (True, 1.0)
    """
    if min(rgb.shape[:2]) < 16:
        raise ValueError(f"a backdrop needs 16 px a side, got {rgb.shape[1]} x {rgb.shape[0]}")
    if not np.isfinite(rgb).all():
        raise ValueError("the picture holds NaN or infinity; decode it again")
    height, width = rgb.shape[:2]
    scale = min(1.0, _BLOCKS / max(height, width))
    grid = (max(8, round(width * scale)), max(8, round(height * scale)))
    blocks = cv2.resize(np.maximum(rgb, 0), grid, interpolation=cv2.INTER_AREA)
    lab = lab_planes(blocks)
    rough = _roughness(rgb, grid)
    seen = _reached_from_rim(lab, rough)
    model, fits = _fit(blocks, lab, seen)
    full = cv2.resize(model, (width, height), interpolation=cv2.INTER_CUBIC)
    np.maximum(full, 0, out=full)
    misfit = lab - lab_planes(model)
    rms = float(np.sqrt(np.mean(np.sum(misfit[fits] ** 2, axis=-1)))) if fits.any() else 100.0
    noise = _noise(rgb, cv2.resize(fits.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0)
    rim = _rim(fits.shape)
    y = np.log2(np.maximum(model.mean(axis=-1), _DARK))
    return Backdrop(full, *noise, rms, float(fits[rim].mean()), float(fits.mean()), float(np.ptp(y)), fits)


def _roughness(rgb: NDArray[np.float32], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Standard deviation of L* inside each block."""
    lightness = np.cbrt(np.clip(rgb[..., 1], 0, 1)) * 116
    mean = cv2.resize(lightness, grid, interpolation=cv2.INTER_AREA)
    square = cv2.resize(lightness * lightness, grid, interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), dtype=np.float32)


def _rim(shape: tuple[int, ...], share: float = 0.03) -> NDArray[np.bool_]:
    """True on the blocks along the frame."""
    deep = max(1, round(share * min(shape)))
    rim = np.ones(shape, dtype=np.bool_)
    rim[deep:-deep, deep:-deep] = False
    return rim


def _reached_from_rim(lab: NDArray[np.float32], rough: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Blocks joined to each other over small differences, of the region that holds most of the rim."""
    quiet = float(np.percentile(rough[_rim(rough.shape)], 40))
    kernel = np.ones((3, 3), np.uint8)
    even = _without_common_steps(lab)
    swing = (cv2.dilate(even, kernel) - cv2.erode(even, kernel)).max(axis=-1)
    smooth = (rough < max(2.5 * quiet, 1.5)) & (swing < _SWING + 2.0 * quiet)
    count, labels = cv2.connectedComponents(smooth.astype(np.uint8), connectivity=4)
    on_rim = np.bincount(labels[_rim(labels.shape)], minlength=count)
    on_rim[0] = 0
    if on_rim.max() == 0:
        return np.asarray(_rim(labels.shape))
    return _join_alike(lab, labels, on_rim)


def _without_common_steps(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take out what whole rows or columns do together along the frame: the fold of a backdrop, light from a side."""
    deep = max(2, min(lab.shape[:2]) // 8)
    rows = np.median(np.concatenate([lab[:, :deep], lab[:, -deep:]], axis=1), axis=1, keepdims=True)
    even = lab - rows
    columns = np.median(np.concatenate([even[:deep], even[-deep:]]), axis=0, keepdims=True)
    return np.ascontiguousarray(even - columns, np.float32)


def _join_alike(lab: NDArray[np.float32], labels: NDArray[np.int32], on_rim: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The largest region and those on the rim that look like it: a subject may cut the backdrop in two."""
    main = int(on_rim.argmax())
    seen = labels == main
    low, high = np.percentile(lab[seen], [5, 95], axis=0)
    for each in np.flatnonzero(on_rim > 0):
        if each != main:
            middle = np.median(lab[labels == each], axis=0)
            if np.all(middle > low - 2.5) and np.all(middle < high + 2.5):
                seen |= labels == each
    return np.asarray(seen)


def _fit(
    blocks: NDArray[np.float32], lab: NDArray[np.float32], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The smooth model on the grid, and the blocks that agree with it."""
    rows, columns = seen.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    logs = np.log(blocks + _DARK)
    fits = seen
    model = blocks
    # The order grows as the picture bears it: a subject that hides the middle leaves high orders free to swing.
    for order, tolerance in ((1, 9.0), (2, 5.0), (2, 3.5), (3 if seen.mean() > 0.35 else 2, 3.0)):
        terms = np.stack([x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)], axis=-1)
        curve: NDArray[np.float64] = np.asarray(terms @ _robust(terms[fits], logs[fits]))
        smooth = curve + _row_steps(logs - curve, seen)
        model = np.exp(np.clip(smooth, -8, 2)).astype(np.float32) - np.float32(_DARK)
        off = np.linalg.norm(lab - lab_planes(np.maximum(model, 0)), axis=-1)
        agree = seen & (off < tolerance)
        if agree.sum() < max(12, 0.25 * seen.sum()):
            break
        fits = agree
    model = np.maximum(model + _smooth_rest(blocks - model, fits), 0)
    off = np.linalg.norm(lab - lab_planes(model), axis=-1)
    return model, np.asarray(seen & (off < 3.0))


def _robust(terms: NDArray[np.float64], values: NDArray[np.float32]) -> NDArray[np.floating]:
    """Least squares that mistrusts blocks darker than the rest, for shadows (reweighted, Tukey's biweight)."""
    weight = np.ones(len(terms))
    solution: NDArray[np.floating] = np.zeros((terms.shape[1], values.shape[1]))
    for _ in range(6):
        weighted = terms * weight[:, None]
        ridge = 1e-6 * len(terms) * np.eye(terms.shape[1])
        solution = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ values)
        off = (values - terms @ solution).mean(axis=1)
        spread = max(1.4826 * float(np.median(np.abs(off - np.median(off)))), 2e-3)
        # Too dark is forgiven half as far as too bright.
        reach = np.where(off < 0, 3.0, 6.0) * spread
        weight = np.clip(1 - (off / reach) ** 2, 0.001, 1) ** 2
    return solution


def _row_steps(rest: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What whole rows have in common beyond the polynomial: the fold where a wall becomes floor.

    Read along both sides of the frame, where shadows seldom fall, and believed as far as both sides agree.
    """
    side = max(2, rest.shape[1] // 8)
    left = _row_middle(rest[:, :side], seen[:, :side])
    right = _row_middle(rest[:, -side:], seen[:, -side:])
    if left is None or right is None:
        return np.zeros_like(rest)
    steps = np.where(left * right > 0, np.sign(left) * np.minimum(np.abs(left), np.abs(right)), 0)
    steps = cv2.GaussianBlur(steps, (1, 0), sigmaX=0.1, sigmaY=0.8, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.broadcast_to(steps[:, None], rest.shape))


def _row_middle(rest: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Middle value of each row where half of it is seen, bridged between; None if that is less than half the rows."""
    known = np.flatnonzero(seen.mean(axis=1) > 0.5)
    if len(known) < len(rest) / 2:
        return None
    middle = np.nanmedian(np.where(seen[known, :, None], rest[known], np.nan), axis=1)
    rows = np.arange(len(rest))
    return np.stack([np.interp(rows, known, column) for column in middle.T], axis=-1)


def _smooth_rest(rest: NDArray[np.float32], fits: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The residual of the blocks that fit, carried smoothly over the frame."""
    weight = cv2.erode(fits.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).astype(np.float32)
    if weight.sum() < 12:
        weight = fits.astype(np.float32)
    # 2 % of the frame: wide enough to bridge noise, short enough to follow a second lamp.
    sigma = 0.02 * max(fits.shape)
    soft = cv2.GaussianBlur(np.asarray(rest, np.float32) * weight[..., None], (0, 0), sigma)
    mass = cv2.GaussianBlur(weight, (0, 0), sigma)
    return extend_colors(soft / np.maximum(mass, 1e-4)[..., None], np.minimum(mass, 1.0))


def _noise(rgb: NDArray[np.float32], where: NDArray[np.bool_]) -> tuple[float, float]:
    """Standard deviation of single pixels in L* and in a*, b*, from differences of neighbors."""
    if where.sum() < 64:
        return 1.0, 1.0
    half = rgb.shape[1] // 2 * 2
    # Every fourth row of a megapixel still gives a hundred thousand pairs.
    every = max(1, min(4, rgb.shape[0] // 100))
    lab = lab_planes(np.ascontiguousarray(rgb[::every, :half]))
    mask = where[::every, :half]
    both = mask[:, 0::2] & mask[:, 1::2]
    step = np.abs((lab[:, 1::2] - lab[:, 0::2])[both])
    if not len(step):
        return 1.0, 1.0
    # The mean of what is not an edge: a middle value would call an 8-bit plain without noise. sqrt(pi)/2 of a
    # difference's mean size is one sample's standard deviation.
    quiet = np.minimum(step, np.percentile(step, 95, axis=0) + 1e-3)
    spread = 0.8862 * quiet.mean(axis=0)
    return float(spread[0]), float(np.hypot(spread[1], spread[2]))
