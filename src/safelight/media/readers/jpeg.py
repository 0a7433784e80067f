"""JPEG by libjpeg-turbo: RGB and gray straight into the result, CMYK as its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.errors import UnreadableError
from safelight.media.jpeg_segments import without_metadata
from safelight.media.probe import Opened
from safelight.media.readers import Allocate, Stored

# libjpeg's words for what leaves the picture whole: rubbish between header segments or before the end marker,
# and a profile that it cannot put together. Rubbish before a restart marker (0xd0 to 0xd7) is lost picture.
_IN_HEADER = ("bad ICC marker", "extraneous bytes before marker")
_AT_END = "before marker 0xd9"


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode a JPEG; with `longest_side`, at the smallest of libjpeg's eighths that is still larger."""
    import simplejpeg

    if opened.probe.model == "cmyk":
        return _read_cmyk(opened)
    least = _least_sides(opened, longest_side)
    height, width, _, _ = simplejpeg.decode_jpeg_header(opened.data, *least, strict=False)
    direct = longest_side is None and opened.probe.orientation == 1 and opened.convert_from is None
    gray = opened.probe.model == "gray" and opened.convert_from is not None
    room = allocate if direct else np.empty
    pixels = room((height, width, 1 if gray else 3), np.dtype(np.uint8))
    reasons = _decode_into(pixels, opened, least, "GRAY" if gray else "RGB")
    return Stored(pixels, "gray" if gray else "rgb", placed=direct, reasons=reasons)


def _decode_into(pixels: NDArray[Any], opened: Opened, least: tuple[int, int], colors: str) -> tuple[Reason, ...]:
    """Decode strictly; after a warning that leaves the picture whole, again, and say so."""
    import simplejpeg

    data: Any = opened.data
    for cleaned in (False, True):
        try:
            _strictly(data, pixels, least, colors)
        except ValueError as error:
            words = str(error)
            if _AT_END in words:
                simplejpeg.decode_jpeg(
                    data, colors, min_height=least[0], min_width=least[1], buffer=pixels, strict=False
                )
                return (_stray(words),)
            if cleaned or not any(each in words for each in _IN_HEADER):
                raise UnreadableError(_damage(opened.name, words)) from None
            data, first_words = without_metadata(opened.data), words
        else:
            return (_stray(first_words),) if cleaned else ()
    raise UnreadableError(_damage(opened.name, "stray bytes"))


def _strictly(data: Any, pixels: NDArray[Any], least: tuple[int, int], colors: str) -> None:  # noqa: ANN401
    import simplejpeg

    simplejpeg.decode_jpeg(data, colors, min_height=least[0], min_width=least[1], buffer=pixels, strict=True)


def _damage(name: str, words: str) -> str:
    kind = "cut" if "premature end" in words.lower() else "damaged"
    return f"{name} is a {kind} JPEG (libjpeg: {words}); copy it again from where it came from"


def _stray(words: str) -> Reason:
    return Reason("jpeg_warning", f"the JPEG holds stray bytes, its picture is whole (libjpeg: {words})", doubt=True)


def _least_sides(opened: Opened, longest_side: int | None) -> tuple[int, int]:
    """(height, width) that a scaled decode may not fall below; (0, 0) for full size."""
    header = opened.header
    long_side = max(header.width, header.height)
    if longest_side is None or longest_side >= long_side:
        return 0, 0
    scale = longest_side / long_side
    return max(1, round(header.height * scale)), max(1, round(header.width * scale))


def _read_cmyk(opened: Opened) -> Stored:
    from safelight.media.readers.libvips import load

    return Stored(load("jpegload_buffer", opened), "cmyk")
