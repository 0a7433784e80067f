"""Keep a cast shadow as see-through black, to lay on another background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.foreground import EdgeColors
from safelight.pixels.matte.solve import Matte


def add_shadow(matte: Matte, alpha: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], EdgeColors]:
    """Add the shadow's density to a matte.

    Parameters
    ----------
    matte : Matte
        The work-size solution, which knows the shadow.
    alpha : (H, W) uint16, 65535 = 1
        The subject's full-size matte.

    Returns
    -------
    alpha : (H, W) uint16
        Subject, and beside it the share of light that the shadow takes.
    colors : EdgeColors
        Black as the shadow's own color, on the backdrop as it is lit.

    Notes
    -----
    A shadow leaves ``(1 - s) B`` of the backdrop B: black of coverage s.
    """
    density = shadow_density(matte)
    wide = cv2.resize(density, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
    covered = alpha.astype(np.float32) / 65535
    both = np.rint((covered + (1 - covered) * wide) * 65535).astype(np.uint16)
    alone = (matte.alpha < 0.02) & (density > 0)
    foreground = np.where(alone[..., None], np.float32(0), matte.colors.foreground)
    background = np.where(alone[..., None], matte.backdrop.rgb, matte.colors.background)
    return both, EdgeColors(foreground, background).within(matte.trimap.unknown | (density > 0))


def shadow_density(matte: Matte) -> NDArray[np.float32]:
    """Return the share of the backdrop's light that the subject's shadow takes, (H, W) float32 0..1, at work size."""
    lit = np.maximum(matte.backdrop.rgb.mean(axis=-1), 1e-4)
    shade = np.maximum(matte.colors.background.mean(axis=-1), 0)
    density = np.clip(1 - shade / lit, 0, 1)
    reach = cv2.dilate(matte.subject.shadow.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(np.float32)
    return np.asarray(density * cv2.GaussianBlur(reach, (0, 0), 3), np.float32)
