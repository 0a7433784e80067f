"""Surfaces with things on them, for the tests of repairs: linear light with a known truth behind."""

from __future__ import annotations

import cv2
import numpy as np


def paper(height=240, width=320, *, grain=0.01, seed=1):
    """Shaded paper with grain, (H, W, 3) float32 linear."""
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = 0.72 - 0.15 * rows / height - 0.05 * ((cols - width / 2) / width) ** 2
    return np.ascontiguousarray(shade[..., None] * (1 + grain * rng.normal(size=(height, width, 3))), np.float32)


def disc(shape, at, radius):
    """A mask, (H, W) bool, of a disc around (row, column)."""
    found = np.zeros(shape[:2], np.uint8)
    cv2.circle(found, (at[1], at[0]), radius, 1, -1)
    return found > 0


def read_from(light):
    return lambda y0, y1, x0, x1: light[y0:y1, x0:x1]
