"""JPEG by libjpeg-turbo: RGB and gray straight into the result, CMYK as its numbers."""

from __future__ import annotations

import numpy as np

from safelight.core.edit import Reason
from safelight.errors import UnreadableError
from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored

# libjpeg's words when rubbish stands between two markers, or a profile in a segment: the picture itself is whole.
_HARMLESS = ("extraneous bytes before marker", "bad ICC marker")


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode a JPEG; with `longest_side`, at the smallest of libjpeg's eighths that is still larger."""
    import simplejpeg

    probe, strict, reasons = opened.probe, True, ()
    if probe.model == "cmyk":
        return _read_cmyk(opened)
    least = _least_sides(opened, longest_side)
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(opened.data, *least)
    except ValueError as error:
        strict, reasons = _forgive(opened.name, error)
        height, width, _, _ = simplejpeg.decode_jpeg_header(opened.data, *least, strict=False)
    direct = longest_side is None and probe.orientation == 1 and opened.convert_from is None
    room = allocate if direct else np.empty
    if probe.model == "gray" and opened.convert_from is not None:
        return _read_gray(opened, least)
    pixels = room((height, width, 3), np.dtype(np.uint8))
    try:
        simplejpeg.decode_jpeg(
            opened.data, "RGB", min_height=least[0], min_width=least[1], buffer=pixels, strict=strict
        )
    except ValueError as error:
        _, reasons = _forgive(opened.name, error)
        simplejpeg.decode_jpeg(opened.data, "RGB", min_height=least[0], min_width=least[1], buffer=pixels, strict=False)
    return Stored(pixels, "rgb", placed=direct, reasons=reasons)


def _least_sides(opened: Opened, longest_side: int | None) -> tuple[int, int]:
    """(height, width) that a scaled decode may not fall below; (0, 0) for full size."""
    header = opened.header
    long_side = max(header.width, header.height)
    if longest_side is None or longest_side >= long_side:
        return 0, 0
    scale = longest_side / long_side
    return max(1, round(header.height * scale)), max(1, round(header.width * scale))


def _forgive(name: str, error: ValueError) -> tuple[bool, tuple[Reason, ...]]:
    """Go on after a warning that leaves the picture whole; refuse everything else."""
    words = str(error)
    if not any(each in words for each in _HARMLESS):
        cut = "premature end" in words.lower()
        raise UnreadableError(
            f"{name} is a {'cut' if cut else 'damaged'} JPEG (libjpeg: {words}); copy it again from where it came from"
        ) from None
    return False, (Reason("jpeg_warning", f"the JPEG holds stray bytes (libjpeg: {words})", doubt=True),)


def _read_gray(opened: Opened, least: tuple[int, int]) -> Stored:
    import simplejpeg

    try:
        pixels = simplejpeg.decode_jpeg(opened.data, "GRAY", min_height=least[0], min_width=least[1])
    except ValueError as error:
        _forgive(opened.name, error)
        pixels = simplejpeg.decode_jpeg(opened.data, "GRAY", strict=False)
    return Stored(pixels, "gray")


def _read_cmyk(opened: Opened) -> Stored:
    from safelight.media.readers.libvips import load

    return Stored(load("jpegload_buffer", opened), "cmyk")
