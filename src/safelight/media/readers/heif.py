"""HEIC by pillow-heif, where the extra `heic` is installed."""

from __future__ import annotations

import numpy as np

from safelight.core.image import Alpha
from safelight.errors import UnreadableError
from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode a HEIC at full size; 10 and 12 bits come as 16."""
    del longest_side, allocate
    import pillow_heif

    try:
        found = pillow_heif.open_heif(bytes(opened.data), convert_hdr_to_8bit=False, bgr_mode=False)
        pixels = np.asarray(found)
    except (ValueError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableError(f"{opened.name} is a damaged or cut HEIC (libheif: {error})") from None
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    alpha: Alpha = "straight" if pixels.shape[2] in (2, 4) else "none"
    model = "gray" if pixels.shape[2] < 3 else "rgb"
    return Stored(np.ascontiguousarray(pixels), model, alpha, upright=True)
