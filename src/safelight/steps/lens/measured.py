"""What a lens does to places, in pixels: the numbers that the reasons name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from safelight.pixels.geometry.optics import Optics


def largest_shift(optics: Optics) -> float:
    """Return how far the lens moved the place that it moved most, px."""
    width, height = optics.size
    grid = np.stack(np.meshgrid(np.linspace(0, width, 21), np.linspace(0, height, 21)), axis=-1).reshape(-1, 2)
    return float(np.linalg.norm(optics.bend(grid) - grid, axis=1).max())


def color_shift(optics: Optics, color: str) -> float:
    """Return how far a color lies from green in the corner, px."""
    corner = [[0.0, 0.0]]
    return float(np.linalg.norm(optics.bend(corner, color) - optics.bend(corner)))


def corner_stretch(optics: Optics, zoom: float) -> float:
    """Return how many times more the corner of the result is enlarged than its middle, along the diagonal."""
    width, height = optics.size
    middle = np.array(optics.center) * (width, height)
    corner = middle + (np.array([width, height]) - middle) / zoom * 0.98
    away = (corner - middle) / np.linalg.norm(corner - middle)
    taken = [np.linalg.norm(np.diff(optics.bend(np.array([each, each + away])), axis=0)) for each in (corner, middle)]
    return float(taken[1] / max(float(taken[0]), 1e-6))
