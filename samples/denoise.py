"""A mild denoiser for path-traced pictures, so that few samples are enough.

An edge-avoiding a-trous wavelet filter: neighbors at growing distance are
averaged where albedo, normal and depth agree and where the light differs by no
more than the noise measured between two half renders.

References
----------
Dammertz, Sewtz, Hanika, Lensch: Edge-Avoiding A-Trous Wavelet Transform for
fast Global Illumination Filtering, HPG 2010. The variance-driven light weight
follows Schied et al., Spatiotemporal Variance-Guided Filtering, HPG 2017.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def _cut_fireflies(a: Picture, b: Picture) -> tuple[Picture, Picture]:
    """Where one half is far brighter than the other's surroundings, cap it."""
    out = []
    for one, other in ((a, b), (b, a)):
        around = cv2.dilate(cv2.medianBlur(other, 5), np.ones((5, 5), np.uint8))
        out.append(np.minimum(one, 1.6 * around + 0.08))
    return out[0], out[1]


def _pad(picture: Picture, border: int) -> Picture:
    """Mirror a picture outward by `border` px."""
    return cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_REFLECT)


def denoise(
    half_a: Picture, half_b: Picture, guides: Picture, alpha: Picture, *,
    levels: int = 6, strength: float = 3.2, paper_strength: float = 5.5, keep: float = 0.10,
) -> Picture:  # fmt: skip
    """Smooth render noise away and keep print, grain and reflections.

    Parameters
    ----------
    half_a, half_b : (H, W, 3) float32, linear
        Independent renders of the same picture.
    guides : (H, W, 7) float32
        Albedo (3), normal (3), depth (1), themselves nearly free of noise.
    alpha : (H, W) float32, 0 to 1
        Where the product is.
    levels : int
        Filter reach is 2**levels px.
    strength, paper_strength : float
        Standard deviations of light difference that count as noise, on the
        product and on the backdrop, where nothing is finer than a soft shadow.
    keep : float, 0 to 1
        Share of what was removed that is put back, as grain.

    Returns
    -------
    (H, W, 3) float32, linear
    """
    half_a, half_b = _cut_fireflies(half_a, half_b)
    mean = (half_a + half_b) / 2
    noise = ((half_a - half_b) @ LUMINANCE / 2) ** 2
    variance = cv2.GaussianBlur(noise, (0, 0), 3.0)
    scale = np.array([1 / 0.08] * 3 + [1 / 0.25] * 3 + [1 / 0.15], np.float32)
    guide = guides * scale
    # one step's spread of kernel (1, 2, 1)/4 in both directions
    taps = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
    tolerance = (strength * alpha + paper_strength * (1 - alpha)) ** 2
    current = mean
    for level in range(levels):
        step = 2**level
        # compare softened light: single noisy pixels would otherwise keep to themselves
        light = cv2.GaussianBlur(current @ LUMINANCE, (0, 0), 0.8)
        wide, wide_light, wide_variance = _pad(current, step), _pad(light, step), _pad(variance, step)
        wide_guide = [_pad(guide[..., k], step) for k in range(7)]
        total, weights, spread = current.copy(), np.ones_like(light), variance.copy()
        h, w = light.shape
        for dy, dx in taps:
            window = (slice(step + dy * step, step + dy * step + h), slice(step + dx * step, step + dx * step + w))
            apart = sum((wide_guide[k][window] - guide[..., k]) ** 2 for k in range(7))
            allowed = tolerance * (variance + wide_variance[window]) + 1e-7
            weight = np.exp(-apart - (wide_light[window] - light) ** 2 / allowed)
            weight *= 0.5 if dy == 0 or dx == 0 else 0.25
            total += weight[..., None] * wide[window]
            weights += weight
            spread += weight**2 * wide_variance[window]
        current = total / weights[..., None]
        variance = spread / weights**2
    return (current + keep * (mean - current)).astype(np.float32)


def clean_edges(linear: Picture, alpha: Picture) -> Picture:
    """Lay the product over the backdrop again along its outline, with its true alpha.

    Few samples leave a ragged outline that no filter may cross. There, the
    colors just inside and just outside (within some 4 px) are composited with
    the matte, which is far less noisy. Pixels with no such neighbors, as in
    fluff, stay as they were.

    Parameters
    ----------
    linear : (H, W, 3) float32, linear
    alpha : (H, W) float32, 0 to 1, straight

    Returns
    -------
    (H, W, 3) float32, linear
    """
    colors, sure = [], np.ones_like(alpha)
    for side in (alpha > 0.99, alpha < 0.01):
        # one pixel of distance: the pixels next to the outline hold its noise, too
        weight = cv2.erode(side.astype(np.float32), np.ones((3, 3), np.uint8)) + 1e-3 * side
        near = cv2.GaussianBlur(weight, (0, 0), 1.6)
        color = cv2.GaussianBlur(linear * weight[..., None], (0, 0), 1.6)
        colors.append(color / np.maximum(near, 1e-8)[..., None])
        sure *= np.clip(near / 0.03, 0, 1)
    laid = colors[0] * alpha[..., None] + colors[1] * (1 - alpha[..., None])
    outline = cv2.dilate(((alpha > 0.01) & (alpha < 0.99)).astype(np.float32), np.ones((3, 3), np.uint8))
    blend = (outline * sure)[..., None]
    return (linear * (1 - blend) + laid * blend).astype(np.float32)
