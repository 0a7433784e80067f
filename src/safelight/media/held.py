"""A picture that the decoder keeps for a moment: a small version of it, then parts of it at 100 %.

Culling looks at a frame from afar and at a dozen places near. Handing over all of its pixels would cost as much as
decoding them; turning a whole frame upright as much again. So the frame stays as it was stored, and what is asked
for is cut and turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.core.image import Alpha
from safelight.media.decode import Painted, paint
from safelight.media.orientation import turn_upright
from safelight.media.previews import read_raw_preview
from safelight.media.probe import Opened
from safelight.media.readers import Allocate, read_stored
from safelight.media.readers.bayer import Sensor, develop_box, develop_full, develop_half
from safelight.media.readers.raw import read_sensor
from safelight.pixels.geometry.halve import halved
from safelight.settings import Settings

Box = tuple[int, int, int, int]

# A frame of 60 MP in 8 bits. Memory that is used again is not cleared again: a fifth of the time of a decode.
_MOST_KEPT_BYTES = 192 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Held:
    """A decoded picture as it was stored.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) any type
        Not turned yet.
    orientation : int, 1 to 8
        How it has to be turned.
    space, alpha, reasons
        As `decode.Painted` has them.
    is_preview : bool
        True where these are the pixels of the file's own smaller picture.
    sensor : Sensor or None
        The mosaic that `pixels` (H, W, 1) are: a RAW is developed where it is looked at, not whole.
    """

    pixels: NDArray[Any]
    orientation: int
    space: str
    alpha: Alpha
    reasons: tuple[Reason, ...]
    is_preview: bool = False
    sensor: Sensor | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), upright."""
        height, width = self.pixels.shape[:2]
        return (height, width) if self.orientation >= 5 else (width, height)


class Memory:
    """Room for the frame that is held, used again for the next."""

    def __init__(self) -> None:
        self._bytes = np.empty(0, np.uint8)

    def allocate(self, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return an array of that shape; what was returned before is overwritten."""
        size = int(np.prod(shape)) * dtype.itemsize
        if size > _MOST_KEPT_BYTES:
            return np.empty(shape, dtype)
        if size > len(self._bytes):
            self._bytes = np.empty(0, np.uint8)  # let go of the old before the new is asked for
            self._bytes = np.empty(size, np.uint8)
        return self._bytes[:size].view(dtype).reshape(shape)


def hold(opened: Opened, limits: Settings, allocate: Allocate, *, preview: bool) -> Held:
    """Decode an opened file at full size, to be looked at.

    Parameters
    ----------
    opened : Opened
    limits : Settings
    allocate : callable
        Where its pixels go.
    preview : bool
        Whether a RAW's own preview will do, where it has one that holds.
    """
    if preview and opened.probe.scene_referred:
        seen = read_raw_preview(opened, limits, allocate)
        if seen is not None:
            lies, orientation = seen
            reasons = (*opened.reasons, *lies.reasons)
            return Held(lies.pixels, orientation, lies.space, lies.alpha, reasons, is_preview=True)
    if opened.probe.format == "raw":
        sensor = read_sensor(opened, allocate)
        if sensor is not None:
            turn, space = opened.probe.orientation, opened.probe.space
            return Held(sensor.mosaic[..., None], turn, space, "none", opened.reasons, sensor=sensor)
    if opened.probe.format != "jpeg" or opened.convert_from is not None:
        whole = paint(opened, None, allocate)
        return Held(whole.pixels, 1, whole.space, whole.alpha, whole.reasons)
    # A JPEG in a known space is kept as it lies.
    lying = replace(opened, probe=replace(opened.probe, orientation=1))
    stored = read_stored(lying, None, allocate)
    return Held(
        stored.pixels, opened.probe.orientation, opened.probe.space, stored.alpha, (*opened.reasons, *stored.reasons)
    )


def reduced(held: Held, least: int) -> Painted:
    """Return the picture halved as often as leaves it `least` px on its long side, upright.

    See `safelight.pixels.geometry.halve`.
    """
    pixels = halved(_developed(held, least), least)
    turned = turn_upright(pixels, held.orientation)
    return Painted(np.ascontiguousarray(turned), held.space, held.alpha, held.reasons)


def cut(held: Held, box: Box) -> NDArray[Any]:
    """Return the pixels of (x0, y0, x1, y1), px of the upright picture, upright."""
    height, width = held.pixels.shape[:2]
    x0, y0, x1, y1 = _as_stored(box, held.orientation, width, height)
    if held.sensor is not None:
        return turn_upright(develop_box(held.sensor, (x0, y0, x1, y1)), held.orientation)
    return turn_upright(np.ascontiguousarray(held.pixels[y0:y1, x0:x1]), held.orientation)


def _developed(held: Held, least: int) -> NDArray[Any]:
    """The whole picture as it was stored; of a mosaic at half the size, if that leaves `least` px."""
    if held.sensor is None:
        return held.pixels
    height, width = held.pixels.shape[:2]
    if max(height, width) < 2 * least:
        whole = np.empty((height, width, 3), np.uint16)
        develop_full(held.sensor, whole)
        return whole
    half = np.empty((height // 2, width // 2, 3), np.uint16)
    develop_half(held.sensor, half)
    return half


def within(box: Sequence[int], size: tuple[int, int]) -> Box:
    """Return a box cut to a picture of (width, height), never empty.

    Examples
    --------
    >>> within((-5, 10, 40, 90), (30, 50)), within((99, 99, 120, 120), (30, 50))
    ((0, 10, 30, 50), (29, 49, 30, 50))
    """
    x0, y0 = (min(max(0, int(at)), side - 1) for at, side in zip(box[:2], size, strict=True))
    x1, y1 = (min(max(at + 1, int(end)), side) for at, end, side in zip((x0, y0), box[2:], size, strict=True))
    return x0, y0, x1, y1


def _as_stored(box: Box, orientation: int, width: int, height: int) -> Box:
    """Where an upright box lies in stored pixels of (width, height); see `orientation.turn_upright`."""
    x0, y0, x1, y1 = box
    if orientation >= 5:  # rows and columns change places
        x0, y0, x1, y1 = y0, x0, y1, x1
    if orientation in (2, 3, 7, 8):
        x0, x1 = width - x1, width - x0
    if orientation in (3, 4, 6, 7):
        y0, y1 = height - y1, height - y0
    return x0, y0, x1, y1
