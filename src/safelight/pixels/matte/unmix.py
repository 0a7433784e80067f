"""Take a flat picture on a known ground apart: how much of the ground shows at each pixel, and what lies over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def least_coverage(light: Float32, ground: Float32) -> Float32:
    """Return the least alpha that explains a picture on a ground.

    Parameters
    ----------
    light : (..., 3) float32, linear, straight
        What is seen; values from 0 to 1.
    ground : (3,) or (..., 3) float32, linear, same primaries, 0..1

    Returns
    -------
    (...) float32, 0..1
        The smallest coverage for which a color within 0..1 over the ground gives `light`: darker than the ground it
        is that of black, lighter that of white, in the channel that asks for most.

    Notes
    -----
    ``P = a S + (1 - a) G`` with S within 0..1 gives ``a >= (G - P) / G`` and ``a >= (P - G) / (1 - G)``.

    Examples
    --------
    >>> white = np.ones(3, np.float32)
    >>> least_coverage(np.array([[1, 1, 1], [0.25, 0.5, 0.5]], np.float32), white).tolist()
    [0.0, 0.75]
    """
    away = light - ground
    darker = -away / np.maximum(ground, np.float32(1e-6))
    lighter = away / np.maximum(1 - ground, np.float32(1e-6))
    # On a pure ground one of the two has no room: nothing is lighter than white.
    lighter = np.where(ground >= 1, np.float32(0), lighter)
    darker = np.where(ground <= 0, np.float32(0), darker)
    return np.asarray(np.clip(np.maximum(darker, lighter).max(axis=-1), 0, 1), np.float32)


def unmix(light: Float32, alpha: Float32, ground: Float32) -> Float32:
    """Return what lies over a ground, straight.

    Parameters
    ----------
    light : (..., 3) float32, linear
        What is seen.
    alpha : (...) float32, 0..1
        How much of it is not the ground; where it is 0, `light` comes back.
    ground : (3,) or (..., 3) float32, linear, same primaries

    Returns
    -------
    (..., 3) float32, 0..1
        ``(P - (1 - a) G) / a``. Laid on the ground again it is what was seen, where `alpha` is at least
        `least_coverage`.

    Examples
    --------
    >>> over = unmix(np.array([[0.6, 0.6, 0.6]], np.float32), np.array([0.5], np.float32), np.ones(3, np.float32))
    >>> over.round(3).tolist()
    [[0.20000000298023224, 0.20000000298023224, 0.20000000298023224]]
    """
    share = alpha[..., None]
    over = (light - (1 - share) * ground) / np.maximum(share, np.float32(1 / 65535))
    return np.asarray(np.where(share > 0, np.clip(over, 0, 1), light), np.float32)
