"""Light that was lost where it should not be: pale, warm surfaces at the end of the range."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.light import all_channels

# Linear light of the least channel: a saturated garment clips one channel too and lies below, white lies above.
_PALEST, _LEAST_PALE = 0.85, 0.2


def pale_clipped_share(own: NDArray[np.float32], high: NDArray[np.bool_]) -> float:
    """Return how much of what is not pure white has lost its red while it is pale and warm.

    Parameters
    ----------
    own : (H, W, 3) float32, linear light in the primaries the file clipped in, 1.0 = white
        A small picture, about 400 px.
    high : (H, W, 3) bool
        Where each channel is clipped.

    Returns
    -------
    float, 0..1
        0 where everything is pure white.

    Notes
    -----
    Before white paper an overexposed frame cannot be told by its backdrop, and its white things may be meant white.
    But skin, wood and cream reflect red most and have room in blue: a frame exposed right keeps their red below the
    end of the range. Red clipped with green above blue and blue between 0.2 and 0.85 is light that was lost. A pixel
    beside white is left out, since edges of paper mix with anything.

    Examples
    --------
    >>> skin = np.full((20, 20, 3), (1.0, 0.7, 0.5), np.float32)
    >>> pale_clipped_share(skin, skin >= 1.0), pale_clipped_share(0.5 * skin, 0.5 * skin >= 1.0)
    (1.0, 0.0)
    """
    colored = ~all_channels(high)
    inner = cv2.erode(colored.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    count = cv2.countNonZero(inner.view(np.uint8))
    if count == 0:
        return 0.0
    # Few pixels have lost their red and kept their blue: only these are looked at.
    red, green, blue = own.reshape(-1, 3)[np.flatnonzero(high[..., 0] & ~high[..., 2] & inner)].T
    pale = (green > blue) & (blue > _LEAST_PALE) & (blue < _PALEST) & (red > 0.0)
    return float(pale.sum() / count)
