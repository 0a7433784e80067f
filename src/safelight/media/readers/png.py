"""PNG by libvips: palettes and 1, 2 and 4 bits are widened, transparency becomes a channel."""

from __future__ import annotations

from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored
from safelight.media.readers.libvips import load


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode a PNG at full size."""
    del longest_side, allocate
    pixels = load("pngload_buffer", opened)
    bands = pixels.shape[2]
    return Stored(pixels, "gray" if bands < 3 else "rgb", "straight" if bands in (2, 4) else "none")
