"""Alpha in the band between subject and backdrop, in linear light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def project_alpha(
    rgb: NDArray[np.float32], foreground: NDArray[np.float32], background: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find where a color lies between background and foreground.

    Parameters
    ----------
    rgb, foreground, background : (..., 3) float32, linear, same primaries
        The mixed color and what it is mixed of.

    Returns
    -------
    alpha : (...) float32
        ``<I - B, F - B> / |F - B|^2``, not clipped; 0 where F equals B.
    contrast : (...) float32
        ``|F - B|^2``: how much that is worth.

    Notes
    -----
    The least-squares solution of the compositing equation ``I = alpha F + (1 - alpha) B``.

    References
    ----------
    Y.-Y. Chuang et al., "A Bayesian approach to digital matting", 2001, equation 10.

    Examples
    --------
    >>> red, white = np.float32([0.5, 0, 0]), np.ones(3, np.float32)
    >>> round(float(project_alpha(0.25 * red + 0.75 * white, red, white)[0]), 3)
    0.25
    """
    step = foreground - background
    contrast = np.einsum("...i,...i->...", step, step)
    along = np.einsum("...i,...i->...", rgb - background, step)
    return np.asarray(along / np.maximum(contrast, 1e-9), np.float32), np.asarray(contrast, np.float32)


def estimate_alpha(
    rgb: NDArray[np.float32],
    foreground: NDArray[np.float32],
    background: NDArray[np.float32],
    expected: NDArray[np.float32],
    variance: NDArray[np.float32],
    *,
    doubt: float = 0.2,
) -> NDArray[np.float32]:
    """Weigh what the colors say against what the contour says.

    Parameters
    ----------
    rgb, foreground, background : (..., 3) float32, linear, same primaries
    expected : (...) float32, 0..1
        Alpha by the contour alone.
    variance : (...) float32, linear squared
        Variance of single colors about `foreground` and `background`: noise and texture.
    doubt : float
        Standard deviation of `expected`.

    Returns
    -------
    (...) float32, 0..1
        The most probable alpha for Gaussian errors of both. Where foreground and background have the same color it
        is `expected`.

    Examples
    --------
    >>> gray = np.full(3, 0.5, np.float32)
    >>> float(estimate_alpha(gray, gray, gray, np.float32(0.75), np.float32(1e-4)))
    0.75
    """
    alpha, contrast = project_alpha(rgb, foreground, background)
    sure = contrast / np.maximum(variance, 1e-8)
    prior = np.float32(1 / doubt**2)
    mixed = (sure * np.clip(alpha, -0.2, 1.2) + prior * expected) / (sure + prior)
    return np.asarray(np.clip(mixed, 0, 1), dtype=np.float32)


def snap_ends(alpha: NDArray[np.float32], margin: float = 0.02) -> NDArray[np.float32]:
    """Make nearly 0 exactly 0 and nearly 1 exactly 1, evenly in between.

    Noise leaves a veil of a hundredth over the band; on another background it shows as a gray rim.

    Examples
    --------
    >>> [round(float(x), 2) for x in snap_ends(np.float32([0.01, 0.5, 0.99]))]
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.clip((alpha - margin) / (1 - 2 * margin), 0, 1), dtype=np.float32)


def shift_and_feather(alpha: NDArray[np.float32], *, shift_px: float, feather_px: float) -> NDArray[np.float32]:
    """Choke or spread a matte, then soften its edge.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1
    shift_px : float, px
        Above 0 spreads the subject, below 0 chokes it.
    feather_px : float, px
        Standard deviation of the softening.

    Returns
    -------
    (H, W) float32, 0..1
        `alpha` itself for 0 and 0.

    Examples
    --------
    >>> alpha = np.zeros((9, 20), np.float32); alpha[:, 10:] = 1
    >>> float(shift_and_feather(alpha, shift_px=-2, feather_px=0)[4].sum())
    8.0
    """
    if shift_px:
        # Whole pixels by erosion or dilation of gray values, the rest by mixing in one more.
        whole, rest = int(abs(shift_px)), abs(shift_px) % 1
        move = cv2.dilate if shift_px > 0 else cv2.erode
        disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * whole + 1, 2 * whole + 1))
        alpha = move(alpha, disk) if whole else alpha
        if rest:
            more = move(alpha, np.ones((3, 3), np.uint8))
            alpha = np.asarray(alpha + np.float32(rest) * (more - alpha), np.float32)
    if feather_px:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), feather_px), np.float32)
    return alpha
