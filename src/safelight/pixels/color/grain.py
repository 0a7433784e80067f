"""Film grain: noise of a size, added to code values where film shows it most."""

from __future__ import annotations

import cv2
import numpy as np

from safelight.pixels.color.spaces import Float32, decode, encode, luminance


def add_grain(rgb: Float32, amount: float, size_px: float, color: float, seed: int, scale: float = 1.0) -> Float32:
    """Add grain to a picture.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear Rec.2020
    amount : float, code values of 8 bits by the sRGB curve
        Standard deviation at middle gray, at 100 %; it falls to none at black and white as 4 v (1 - v).
    size_px : float, px at 100 %
        Width at half height of one grain.
    color : float, 0 to 1
        0 moves all channels alike, 1 each by its own.
    seed : int
        The same seed and shape give the same grain.
    scale : float, 0 to 1
        Pixels of `rgb` per original pixel: a view at a quarter has the grain of the large picture averaged.

    Returns
    -------
    (H, W, 3) float32, linear Rec.2020
        A new array; an `amount` of 0 returns the same values.
    """
    if amount == 0.0:
        return np.array(rgb, np.float32)
    height, width = rgb.shape[:2]
    noise = _noise(np.random.default_rng(seed), height, width, size_px * scale)
    if color:
        own = np.dstack([_noise(np.random.default_rng((seed, n)), height, width, size_px * scale) for n in range(3)])
        noises = np.sqrt(1 - color) * noise[..., None] + np.sqrt(color) * own
    else:
        noises = noise[..., None]
    # Averaging n x n pixels of grain g wide leaves about g / n of it once n is the wider.
    left = min(1.0, np.hypot(size_px, 1.0) * scale)
    tone = encode(np.clip(luminance(rgb), 0, 1), "srgb")
    strength = (4 * tone * (1 - tone) * np.float32(amount / 255 * left))[..., None]
    return decode(encode(rgb, "srgb") + strength * noises.astype(np.float32), "srgb")


def _noise(dice: np.random.Generator, height: int, width: int, size_px: float) -> Float32:
    """Noise of variance 1, blurred to grains of a width."""
    white = dice.standard_normal((height, width), np.float32)
    sigma = size_px / 2.355  # width at half height of a Gaussian
    if sigma < 0.25:
        return white
    soft = np.asarray(cv2.GaussianBlur(white, (0, 0), sigma), np.float32)
    # A Gaussian of sigma s leaves 1 / (4 pi s²) of white noise's variance; small ones are sampled, so measured.
    kernel = cv2.getGaussianKernel(2 * int(np.ceil(4 * sigma)) + 1, sigma)
    return soft / np.float32((kernel**2).sum())
