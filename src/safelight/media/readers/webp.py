"""WebP by libvips."""

from __future__ import annotations

from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored
from safelight.media.readers.libvips import load


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode a WebP at full size."""
    del longest_side, allocate
    pixels = load("webpload_buffer", opened)
    return Stored(pixels, "rgb", "straight" if pixels.shape[2] == 4 else "none")
