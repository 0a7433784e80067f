"""Studio scenes with a known alpha, drawn and composited in linear light."""

import cv2
import numpy as np


def disk(side=320, radius=80, center=None, blur=0.7):
    """Alpha of a disk whose edge is as soft as a lens makes it."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    cx, cy = center or (side / 2, side / 2)
    return cv2.GaussianBlur(np.clip(radius - np.hypot(x - cx, y - cy) + 0.5, 0, 1), (0, 0), blur)


def studio(side=320, level=0.7, vignette=0.3, slope=0.2, noise=0.003, seed=5):
    """A backdrop with vignetting, a gradient and noise; (backdrop, noise to add)."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    light = level * (1 - vignette * ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2) * (1 - slope * x)
    backdrop = np.repeat(light[..., None], 3, axis=2) * np.float32([1.0, 0.99, 0.97])
    grain = np.random.default_rng(seed).standard_normal(backdrop.shape).astype(np.float32) * np.float32(noise)
    return backdrop.astype(np.float32), grain


def composite(alpha, color, backdrop, grain=0.0):
    """``alpha F + (1 - alpha) B`` and noise, clipped at 0."""
    a = alpha[..., None]
    return np.maximum(a * np.float32(color) + (1 - a) * backdrop + grain, 0).astype(np.float32)


def shade(alpha, depth, blur, shift):
    """Share of light that a shadow of `alpha` leaves."""
    move = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
    moved = cv2.warpAffine(alpha, move, alpha.shape[::-1])
    return (1 - depth * cv2.GaussianBlur(moved, (0, 0), blur))[..., None].astype(np.float32)
