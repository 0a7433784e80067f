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


def denoise(half_a: Picture, half_b: Picture, guides: Picture, *, levels: int = 6, strength: float = 3.2) -> Picture:
    """Smooth render noise away and keep print, grain and reflections.

    Parameters
    ----------
    half_a, half_b : (H, W, 3) float32, linear
        Independent renders of the same picture.
    guides : (H, W, 7) float32
        Albedo (3), normal (3), depth (1), themselves nearly free of noise.
    levels : int
        Filter reach is 2**levels px.
    strength : float
        Standard deviations of light difference that count as noise.

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
    current = mean
    for level in range(levels):
        step = 2**level
        pad = lambda p: cv2.copyMakeBorder(p, step, step, step, step, cv2.BORDER_REFLECT)  # noqa: E731
        # compare softened light: single noisy pixels would otherwise keep to themselves
        light = cv2.GaussianBlur(current @ LUMINANCE, (0, 0), 0.8)
        wide, wide_guide, wide_light, wide_variance = pad(current), [pad(guide[..., k]) for k in range(7)], pad(light), pad(variance)
        total, weights, spread = current.copy(), np.ones_like(light), variance.copy()
        h, w = light.shape
        for dy, dx in taps:
            window = (slice(step + dy * step, step + dy * step + h), slice(step + dx * step, step + dx * step + w))
            apart = sum((wide_guide[k][window] - guide[..., k]) ** 2 for k in range(7))
            allowed = strength**2 * (variance + wide_variance[window]) + 1e-7
            weight = np.exp(-apart - (wide_light[window] - light) ** 2 / allowed)
            weight *= 0.5 if dy == 0 or dx == 0 else 0.25
            total += weight[..., None] * wide[window]
            weights += weight
            spread += weight**2 * wide_variance[window]
        current = total / weights[..., None]
        variance = spread / weights**2
    return current.astype(np.float32)
