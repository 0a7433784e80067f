"""From an opened file to an upright picture in a known space."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.core.image import Alpha, Image
from safelight.errors import SafelightError
from safelight.media.metadata import Metadata
from safelight.media.orientation import turn_upright
from safelight.media.probe import Opened, Probe
from safelight.media.readers import Allocate, Stored, read_stored
from safelight.media.working import to_working
from safelight.pixels.color.spaces import WORKING


@dataclass(frozen=True)
class Decoded:
    """A picture as read.

    Parameters
    ----------
    image : Image
        Upright. Integers with the file's own space where that is a known one; else linear Rec.2020, uint16
        or float32. RAW: linear Rec.2020 uint16, 65535 = sensor clipping after as-shot white balance.
    full_size : (int, int)
        (width, height) of the upright original, whatever size `image` has.
    scene_referred : bool
        True for RAW.
    probe, metadata
        What the file says, and what it carries, as in the file.
    sha256 : str
        Of the whole file; "" for a picture decoded from memory.
    reasons : tuple of Reason
        What had to be assumed, or left out.
    """

    image: Image
    full_size: tuple[int, int]
    scene_referred: bool
    probe: Probe
    metadata: Metadata
    sha256: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Painted:
    """Pixels of a file, upright, with the space they are in."""

    pixels: NDArray[Any]
    space: str
    alpha: Alpha
    reasons: tuple[Reason, ...]


def paint(opened: Opened, longest_side: int | None, allocate: Allocate) -> Painted:
    """Decode an opened file to upright pixels in memory from `allocate`.

    Parameters
    ----------
    opened : Opened
        From `probe.open_picture`.
    longest_side : int or None
        Long side of the result, px, for a picture that is larger; None for full size.
    allocate : callable (shape, dtype) -> array
        Where the result goes; called once.

    Raises
    ------
    UnreadableError, UnsupportedFormatError
        If the pixels are damaged, cut short, or of a kind that is not read.
    """
    try:
        stored = read_stored(opened, longest_side, allocate)
        reasons = (*opened.reasons, *stored.reasons)
        if stored.placed:
            return Painted(stored.pixels, opened.probe.space, stored.alpha, reasons)
        return _finish(opened, stored, reasons, longest_side, allocate)
    except SafelightError as error:
        if opened.name in str(error):
            raise
        raise type(error)(f"{opened.name}: {error}") from None


def _finish(
    opened: Opened, stored: Stored, reasons: tuple[Reason, ...], longest_side: int | None, allocate: Allocate
) -> Painted:
    turned = stored.pixels if stored.upright else turn_upright(stored.pixels, opened.probe.orientation)
    if opened.convert_from is None:
        pixels, space = _widened_gray(turned, stored), opened.probe.space
    else:
        room = allocate if longest_side is None else np.empty
        pixels, more = to_working(turned, stored, opened.convert_from, room)
        space, reasons = WORKING, (*reasons, *more)
        if longest_side is None:
            return Painted(pixels, space, stored.alpha, reasons)
    if longest_side is not None:
        from safelight.media.reduce import reduce_to

        pixels = reduce_to(pixels, space, longest_side)
    out = allocate((pixels.shape[0], pixels.shape[1], pixels.shape[2]), pixels.dtype)
    np.copyto(out, pixels)
    return Painted(out, space, stored.alpha, reasons)


def _widened_gray(pixels: NDArray[Any], stored: Stored) -> NDArray[Any]:
    if stored.model != "gray":
        return pixels
    return np.concatenate((np.repeat(pixels[:, :, :1], 3, axis=2), pixels[:, :, 1:]), axis=2)


def decode_bytes(data: bytes, name: str, longest_side: int | None = None) -> Decoded:
    """Decode in this process; only for bytes that safelight itself wrote, never for foreign ones."""
    from safelight.media.probe import open_picture

    opened = open_picture(memoryview(data), name)
    painted = paint(opened, longest_side, np.empty)
    image = Image(painted.pixels, painted.space, painted.alpha)
    probe = replace(opened.probe, space=painted.space)
    return Decoded(image, probe.size, probe.scene_referred, probe, opened.metadata, "", painted.reasons)
