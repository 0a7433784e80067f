"""AVIF by libvips (libheif and aom); 10 and 12 bits come as 16."""

from __future__ import annotations

from safelight.core.image import Alpha
from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored
from safelight.media.readers.libvips import load


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode an AVIF at full size; libheif has turned and mirrored it as its boxes say."""
    del longest_side, allocate
    pixels = load("heifload_buffer", opened)
    bands = pixels.shape[2]
    alpha: Alpha = "straight" if bands in (2, 4) else "none"
    return Stored(pixels, "gray" if bands < 3 else "rgb", alpha, upright=True)
