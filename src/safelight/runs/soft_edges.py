"""Where a kept matte's edge is softest, for the light table: read once a matte, at the size of a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safelight.pixels.matte.soft_places import Box, find_soft_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safelight.store.blobs import Blobs

_SIDE_PX = 512
_DEPTH_SHIFT = 8  # mattes are kept with 16 bits


def soft_edges_of(blobs: Blobs, sha256: str) -> list[Box]:
    """Return the softest places of a matte, in 0..1 of the upright original, the most doubtful first.

    Raises
    ------
    BlobMissingError, BlobDamagedError
        If the store does not have the matte whole.
    """
    from safelight.pixels.matte.matte_png import decode_matte

    return find_soft_places(_at_screen_size(decode_matte(blobs.get(sha256))))


def _at_screen_size(full: NDArray[np.uint16]) -> NDArray[np.uint8]:
    import cv2

    height, width = full.shape
    scale = min(1.0, _SIDE_PX / max(height, width))
    small = cv2.resize(
        full, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small >> _DEPTH_SHIFT, np.uint8)
