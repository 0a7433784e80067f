"""Tell the shadow that a subject casts on its backdrop from the subject."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.lightness import Contrast, tint_of
from safelight.pixels.matte.parts import Parts

_ABRUPT = 0.35  # of the slope, that stands out from the slopes within 3 px: a contour under 2 px of blur has 0.4
_CLIFF = 3.0  # L* per px that no shadow reaches
_DEEPEST = -50.0  # L* below the backdrop: what is darker is no shadow in a lit studio
_PRINT = 2.5  # L* by which print differs from the face it lies on


def find_soft_shadow(
    contrast: Contrast, edges: NDArray[np.bool_], outside: NDArray[np.bool_], *, color_tolerance: float
) -> NDArray[np.bool_]:
    """Find the soft shadow around a subject: darker backdrop that fades without a contour.

    Parameters
    ----------
    contrast : Contrast
        The picture against its backdrop.
    edges : (H, W) bool
        Contours, from `find_lines`, `bridged`: a shadow does not cross them.
    outside : (H, W) bool
        What is surely bare backdrop.
    color_tolerance : float, units of a*, b*
        A shadow keeps the backdrop's color this closely.

    Returns
    -------
    (H, W) bool
        Shaded backdrop joined to `outside` over places that fade.

    Notes
    -----
    Where the subject has no more contrast than its own shadow the contour has gaps; the region is opened by 7 px, so
    that a shadow does not leak into the subject through a crack. If it still surrounds small things (print on a
    product's face) it has leaked, and wider openings up to 61 px are tried; if none helps, they lie in a shadow.

    Examples
    --------
    >>> dark = np.zeros((9, 40), np.float32); dark[:, 10:] = -np.minimum(np.arange(30), 12)
    >>> dark[:, 30:] = -60
    >>> edges = np.zeros(dark.shape, bool); edges[:, 30] = True
    >>> found = find_soft_shadow(Contrast(dark, dark * 0), edges, dark == 0, color_tolerance=2)
    >>> found[4, [12, 28, 35]].tolist()
    [True, True, False]
    """
    fades = (contrast.color < tint_of(contrast, color_tolerance)) & (contrast.lightness < 0) & ~edges | outside
    first: NDArray[np.bool_] | None = None
    for width in (7, 15, 31, 61):
        shadow = _flood(outside, fades, width)
        first = shadow if first is None else first
        if not _holds_islands(shadow, outside, contrast):
            return shadow
    return shadow if first is None else first


def _flood(outside: NDArray[np.bool_], fades: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """What `outside` reaches through places at least `width` px wide."""
    disk = (
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        if width < 20
        else np.ones((width, width), np.uint8)
    )
    frame = np.pad(fades, width, mode="edge").astype(np.uint8)
    wide = cv2.morphologyEx(frame, cv2.MORPH_OPEN, disk)[width:-width, width:-width] > 0
    return np.asarray(grow_from(outside, wide | outside) & ~outside)


def _holds_islands(shadow: NDArray[np.bool_], outside: NDArray[np.bool_], contrast: Contrast) -> bool:
    """Whether a supposed shadow surrounds small separate things, as a face of a product surrounds its print.

    Grain in a shadow is as light as the shadow beside it; print is not.
    """
    parts = Parts.of(~(shadow | outside), connectivity=8)
    area, rings = parts.sizes(), parts.rings(3)
    around, shaded = rings.sizes(), rings.counts(shadow)
    small = (area > shadow.size / 20_000) & (area < 0.1 * max(int(area[1:].max(initial=1)), 1))
    small &= shaded > 0.95 * around
    small[0] = False
    if not small.any():
        return False
    inside, beside = parts.means(contrast.lightness), rings.means(contrast.lightness)
    return bool((small & (np.abs(inside - beside) > _PRINT)).any())


def find_lines(
    lightness: NDArray[np.float32], bare: NDArray[np.bool_], *, steepest: float = 1.0, faintest: float = 0.22
) -> NDArray[np.bool_]:
    """Find the pixels that contours are made of: places where lightness steps, not fades.

    Parameters
    ----------
    lightness : (H, W) float32, L*
    bare : (H, W) bool
        Empty backdrop, for the noise of slopes.
    steepest : float, L* per px
        Anything steeper is a contour.
    faintest : float, L* per px
        A slope that stands out from the slopes within 3 px by this, and by four times what noise does,
        is a contour, however low.

    Returns
    -------
    (H, W) bool

    Notes
    -----
    A penumbra is as steep at 3 px distance as here; a step is not. The difference is a white top-hat of the slope.
    It keeps the edge of a white product whole where its own shadow is just as light.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(0, 20, 80, dtype=np.float32), (20, 1)); ramp[:, 40:] += 2
    >>> found = find_lines(ramp, np.zeros(ramp.shape, bool))
    >>> bool(found[10, 40]), bool(found[10, 20])
    (True, False)
    """
    slope = _slope(lightness)
    stands_out = cv2.morphologyEx(slope, cv2.MORPH_TOPHAT, np.ones((7, 7), np.uint8))
    if bare.sum() > 1000:
        faintest = max(faintest, 4 * float(stands_out[bare].mean()))
    steps = (slope > max(steepest, 2 * faintest)) | (stands_out > faintest)
    # Where a product touches the ground its shadow falls off as steeply as some contours, but over more pixels.
    steps &= (stands_out > _ABRUPT * slope) | (slope > _CLIFF)
    return np.asarray(_long(steps) > 0)


def bridged(lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whole contours: one as light as its own shadow is dotted, and gaps of up to 10 px are closed."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
    return np.asarray(cv2.morphologyEx(lines.astype(np.uint8), cv2.MORPH_CLOSE, disk) > 0)


def _long(steps: NDArray[np.bool_], least_px: int = 14) -> NDArray[np.uint8]:
    """Steps that join to a line with gaps of 4 px at most; grain is scattered and falls out."""
    joined = cv2.morphologyEx(steps.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    line = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= least_px
    line[0] = False
    return np.asarray((line[labels] & steps).astype(np.uint8))


def _slope(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Steepness in L* per px, over about two pixels."""
    soft = cv2.GaussianBlur(lightness, (0, 0), 1.0)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    along = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(cv2.magnitude(across, along), np.float32)


def has_penumbra(shadow: NDArray[np.bool_], contrast: Contrast, outside: NDArray[np.bool_]) -> bool:
    """Tell whether a supposed shadow ends as softly as shadows do.

    Parameters
    ----------
    shadow, outside : (H, W) bool
        The supposed shadow, and bare backdrop.
    contrast : Contrast
        The picture against its backdrop.

    Returns
    -------
    bool
        True if along the backdrop, over two pixels, it never falls by more than 0.27 of its depth a pixel. A lens
        draws a product's edge with 0.36 (a step under a blur of 1 px); no lamp is a point.

    Examples
    --------
    >>> x = np.tile(np.arange(60, dtype=np.float32), (40, 1))
    >>> def ends(width):
    ...     dark = Contrast((-20 * np.clip((30 - x) / width + 0.5, 0, 1)).astype(np.float32), x * 0)
    ...     return has_penumbra(x < 25, dark, x > 35)
    >>> ends(width=8.0), ends(width=1.0)
    (True, False)
    """
    near = cv2.dilate(outside.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    border = cv2.dilate(shadow.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    rim = shadow & near & (cv2.erode(shadow.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    if not rim.any():
        return False
    slope = np.where(border & ~outside | near & border, _slope(contrast.lightness), 0).astype(np.float32)
    steepest = cv2.dilate(slope, np.ones((17, 17), np.uint8))[rim]
    return bool(np.median(steepest / np.maximum(-contrast.lightness[rim], 1)) < 0.27)


def find_hard_shadow(
    contrast: Contrast,
    texture: NDArray[np.float32],
    subject: NDArray[np.bool_],
    outside: NDArray[np.bool_],
    *,
    color_tolerance: float,
    quiet: float,
) -> NDArray[np.bool_]:
    """Find flat, colorless, darker pieces of a subject that lie along the backdrop: hard shadows.

    Parameters
    ----------
    contrast : Contrast
        The picture against its backdrop.
    texture : (H, W) float32, L*
        Local standard deviation of lightness.
    subject, outside : (H, W) bool
        What differs from the backdrop, and what is bare backdrop.
    color_tolerance : float, units of a*, b*
        As in `find_soft_shadow`.
    quiet : float, L*
        The backdrop's own texture; a shadow on it has no more.

    Returns
    -------
    (H, W) bool
        Pieces that would be a shadow. A gray, smooth product looks the same in a single picture: the caller
        weighs size against what remains, and says so.

    Notes
    -----
    A piece counts if a fifth of its outline lies along the backdrop and its depth is even (standard deviation under
    4 L*). `is_shape_of_shadow` tells whether the pieces together have the outline of the rest.
    """
    flat = subject & (contrast.color < color_tolerance) & (contrast.lightness < -8) & (texture < quiet)
    flat &= contrast.lightness > -45
    core = cv2.morphologyEx(flat.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
    near = cv2.dilate(outside.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    found = np.zeros(subject.shape, dtype=np.bool_)
    kernel = np.ones((3, 3), np.uint8)
    for label in np.argsort(-stats[:, cv2.CC_STAT_AREA])[:60]:
        x, y, w, h, area = stats[label]
        if label == 0 or area < 40:
            continue
        window = np.s_[y : y + h, x : x + w]
        piece = labels[window] == label
        rim = piece & (cv2.erode(piece.astype(np.uint8), kernel, borderValue=0) == 0)
        if float(near[window][rim].mean()) > 0.2 and float(contrast.lightness[window][piece].std()) < 4.0:
            found[window] |= piece
    return found


def is_shape_of_shadow(shadow: NDArray[np.bool_], subject: NDArray[np.bool_], bare: NDArray[np.bool_]) -> float:
    """Say how well a supposed shadow is the outline of its subject, moved.

    Parameters
    ----------
    shadow, subject, bare : (H, W) bool
        The supposed shadow, the subject without it, and the lit backdrop.

    Returns
    -------
    float, up to 1
        The best share, over all moves within a tenth of the frame, of `shadow` that the moved subject covers,
        less what it would also have shaded but did not. 1 for a perfect shadow on a wall behind; 0 or below for a
        gray part of the product.

    Notes
    -----
    Correlations of the areas at a reduced size, by Fourier transform. Shadows on a floor are bent and score lower.

    Examples
    --------
    >>> subject = np.zeros((100, 100), bool); subject[30:60, 30:60] = True
    >>> shadow = np.roll(subject, (6, 6), (0, 1)) & ~subject
    >>> is_shape_of_shadow(shadow, subject, ~(subject | shadow)) > 0.9
    True
    """
    scale = min(1.0, 200 / max(shadow.shape))
    small = [
        cv2.resize(each.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for each in (shadow, subject, bare)
    ]
    area = float(small[0].sum())
    if area == 0 or small[1].sum() == 0:
        return 0.0
    rows, columns = (cv2.getOptimalDFTSize(2 * each) for each in small[0].shape)
    gain = small[0] - 0.5 * small[2]
    moved = np.fft.irfft2(
        np.fft.rfft2(gain, (rows, columns)) * np.conj(np.fft.rfft2(small[1], (rows, columns))), (rows, columns)
    )
    reach = max(2, max(small[0].shape) // 10)
    window = np.roll(moved, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    return float(window.max()) / area


def grow_from(seed: NDArray[np.bool_], within: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the connected parts of `within` that hold a pixel of `seed`.

    Parameters
    ----------
    seed, within : (H, W) bool

    Returns
    -------
    (H, W) bool

    Examples
    --------
    >>> within = np.array([[True, True, False, True]])
    >>> grow_from(np.array([[True, False, False, False]]), within).tolist()
    [[True, True, False, False]]
    """
    parts = Parts.of(within, connectivity=4)
    touched = np.zeros(parts.count, dtype=np.bool_)
    touched[parts.labels[seed & within]] = True
    touched[0] = False
    return parts.picked(touched)
