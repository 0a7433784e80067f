"""Output sharpening, in strips, and only where there is a subject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import cv2
import numpy as np

from safelight.core.image import Pixels
from safelight.pixels.color.spaces import Float32, to_float, to_integers
from safelight.render.planes import Plane

_STRIP_ROWS = 256
REACH_PX = 32  # how far output sharpening may look; radii of print and screen sharpening stay below 10 px

Repaint = Callable[[Float32], Float32]


def sharpen_output(pixels: Pixels, alpha: Plane | None, repaints: Sequence[Repaint]) -> Pixels:
    """Return `pixels` repainted by `repaints`, each given rgb float32 code values 0..1.

    Pixels whose alpha is 0 keep their code value. Strips overlap by `REACH_PX`, so that a filter
    that looks no further gives what it gives on the whole picture.
    """
    if not repaints:
        return pixels
    out = pixels.copy()
    rows, cols = _subject(alpha, pixels.shape[:2])
    for top in range(rows.start, rows.stop, _STRIP_ROWS):
        bottom = min(rows.stop, top + _STRIP_ROWS)
        above, left = max(0, top - REACH_PX), max(0, cols.start - REACH_PX)
        below, right = min(pixels.shape[0], bottom + REACH_PX), min(pixels.shape[1], cols.stop + REACH_PX)
        rgb = to_float(pixels[above:below, left:right])
        for repaint in repaints:
            rgb = np.ascontiguousarray(repaint(rgb), np.float32)
        inner = rgb[top - above : bottom - above, cols.start - left : cols.stop - left]
        target = out[top:bottom, cols]
        new = (
            inner
            if pixels.dtype == np.float32
            else to_integers(inner, np.uint8 if pixels.dtype == np.uint8 else np.uint16)
        )
        if alpha is None:
            target[...] = new
        else:
            seen = (alpha[top:bottom, cols] > 0).view(np.uint8)
            kept = np.ascontiguousarray(target)
            target[...] = cv2.copyTo(cast(Any, new), seen, cast(Any, kept))
    return out


def _subject(alpha: Plane | None, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the box that holds all of the subject."""
    if alpha is None:
        return slice(0, shape[0]), slice(0, shape[1])
    rows = np.flatnonzero(alpha.max(axis=1))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    cols = np.flatnonzero(alpha[rows[0] : rows[-1] + 1].max(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)
