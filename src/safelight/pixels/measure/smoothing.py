"""How much of a picture's fine texture is left, against its original, by frequency band and on skin apart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import lab_from

Float32 = NDArray[np.float32]
TILE_PX = 48
_BANDS = ((0.0, 1.0), (1.0, 2.0), (2.0, 4.0))  # sigmas in px: grain and pores, weave, folds of the skin
_LEAST_TILES = 6


@dataclass(frozen=True, eq=False)
class Texture:
    """Texture kept, as a share of the original's.

    `skin`, `other` : lowest tenth of the tiles of skin color and of all else, the worse of the two finer bands; None
    where fewer than six tiles show texture. `lost` (rows, columns) float32 of tiles: share lost.
    """

    skin: float | None
    other: float | None
    lost: Float32


def measure_texture(after: Float32, before: Float32, space: str) -> Texture:
    """Compare texture of two pictures on the same pixels.

    Parameters
    ----------
    after, before : (H, W, 3) float32, display code values 0..1 of `space`
    space : str

    Notes
    -----
    Bands of lightness are held against the contrast that the coarsest one kept: a picture made flatter, lighter or
    darker as a whole lost no texture. Tiles whose original shows little more than its quietest are noise, which may go.
    """
    labs = [np.asarray(lab_from(each, space), np.float32) for each in (after, before)]
    energies = [_energies(each[..., 0]) for each in labs]
    rows, cols = energies[0].shape[1:]
    if rows * cols < _LEAST_TILES:
        return Texture(None, None, np.zeros((rows, cols), np.float32))
    had, has = energies[1], energies[0]
    floor = np.percentile(had.reshape(len(_BANDS), -1), 10, axis=1)[:, None, None]
    textured = (had[1] > np.maximum(2.5 * floor[1], 0.15)) & (had[0] > 0.05)
    gain = np.clip(np.sqrt(has[2] / np.maximum(had[2], 1e-6)), 0.5, 2.0)  # contrast, by what no smoothing reaches
    kept = np.minimum(*(np.sqrt(has[band] / np.maximum(had[band], 1e-6)) / gain for band in (0, 1)))
    kept = np.where(textured, np.clip(kept, 0, 1), 1).astype(np.float32)
    skin = _skin(labs[1], (rows, cols)) & textured
    return Texture(_low(kept[skin]), _low(kept[textured & ~skin]), np.asarray(1 - kept, np.float32))


def _low(kept: Float32) -> float | None:
    """The lowest tenth: a face smoothed is a tenth of the picture."""
    return float(np.percentile(kept, 10)) if kept.size >= _LEAST_TILES else None


def _energies(lightness: Float32) -> Float32:
    """(bands, rows, columns): mean square of each band in each tile."""
    rows, cols = lightness.shape[0] // TILE_PX, lightness.shape[1] // TILE_PX
    found = []
    blurred = [lightness if not s else cv2.GaussianBlur(lightness, (0, 0), s) for s in (0.0, 1.0, 2.0, 4.0)]
    for fine, coarse in itertools.pairwise(blurred):
        band = (fine - coarse)[: rows * TILE_PX, : cols * TILE_PX]
        size = (max(cols, 1), max(rows, 1))
        small = cv2.resize(band * band, size, interpolation=cv2.INTER_AREA) if rows and cols else np.zeros((0, 0))
        found.append(np.asarray(small, np.float32).reshape(rows, cols))
    return np.asarray(np.stack(found), np.float32)


def _skin(lab: Float32, grid: tuple[int, int]) -> NDArray[np.bool_]:
    """Tiles of skin color, dark to light; wood and leather of that color count, too."""
    rows, cols = grid
    mean = cv2.resize(lab[: rows * TILE_PX, : cols * TILE_PX], (cols, rows), interpolation=cv2.INTER_AREA)
    hue = np.degrees(np.arctan2(mean[..., 2], mean[..., 1]))
    chroma = np.hypot(mean[..., 1], mean[..., 2])
    return np.asarray(
        (hue > 20) & (hue < 80) & (chroma > 8) & (chroma < 50) & (mean[..., 0] > 15) & (mean[..., 0] < 92)
    )
