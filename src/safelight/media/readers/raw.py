"""Camera RAW: scene-linear Rec.2020 with the white balance of the shot, and nothing automatic.

LibRaw unpacks every file. What lies on a Bayer mosaic is developed here, see `bayer`; the rest by LibRaw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError
from safelight.media import chatter
from safelight.media.probe import Opened
from safelight.media.raw_header import libraw
from safelight.media.readers import Allocate, Stored, bayer

# What LibRaw prints, and does not raise, when it fills in for data that is not there.
_FILLED_IN = ("unexpected end of file", "data corrupted")


def read(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Develop a RAW file to linear Rec.2020 uint16, 65535 = sensor clipping after as-shot white balance.

    With `longest_side` of a third of the picture or less, each 2 x 2 block of the sensor becomes one pixel first.
    """
    # Between a half and a third, what 2 x 2 blocks alias of fine detail would still be seen (ΔE00 0.9 on average).
    half = longest_side is not None and 3 * longest_side <= max(opened.probe.size)
    chatter.drain()
    with libraw(opened.data, opened.name, opened.probe.title) as raw:
        raw.unpack()
        _refuse_filled_in(opened)
        sensor = bayer.sensor_of(raw, opened.probe.capture.model)
        if sensor is None:
            stored = Stored(_by_libraw(raw, half=half), "rgb", upright=True)
        elif half:
            rows, cols = sensor.mosaic.shape
            small = np.empty((rows // 2, cols // 2, 3), np.uint16)
            bayer.develop_half(sensor, small)
            stored = Stored(small, "rgb")
        else:
            placed = longest_side is None and opened.probe.orientation == 1
            shape = (*sensor.mosaic.shape, 3)
            pixels = allocate(shape, np.dtype(np.uint16)) if placed else np.empty(shape, np.uint16)
            bayer.develop_full(sensor, pixels)
            stored = Stored(pixels, "rgb", placed=placed)
    _refuse_filled_in(opened)
    return stored


def read_sensor(opened: Opened, allocate: Allocate) -> bayer.Sensor | None:
    """Return the Bayer mosaic of a RAW file, in memory from `allocate` ((H, W, 1) uint16); None where it has none."""
    chatter.drain()
    with libraw(opened.data, opened.name, opened.probe.title) as raw:
        raw.unpack()
        _refuse_filled_in(opened)
        sensor = bayer.sensor_of(raw, opened.probe.capture.model)
        if sensor is None:
            return None
        kept = allocate((*sensor.mosaic.shape, 1), np.dtype(np.uint16))[..., 0]
        np.copyto(kept, sensor.mosaic)  # LibRaw's own memory goes with it
    return replace(sensor, mosaic=kept)


def _by_libraw(raw: Any, *, half: bool) -> NDArray[Any]:  # noqa: ANN401 - LibRaw's object
    """What has no Bayer mosaic: X-Trans, Foveon, linear DNG; upright already."""
    import rawpy

    pixels: NDArray[Any] = raw.postprocess(
        demosaic_algorithm=rawpy.DemosaicAlgorithm.AHD,
        half_size=half,
        use_camera_wb=True,
        output_color=rawpy.ColorSpace.Rec2020,
        output_bps=16,
        gamma=(1, 1),
        no_auto_bright=True,
        # 0 keeps the camera's own white level: by default LibRaw lowers it to the brightest pixel of each
        # picture, so that two frames of one set would differ in exposure.
        adjust_maximum_thr=0.0,
        highlight_mode=rawpy.HighlightMode.Clip,
    )
    return np.ascontiguousarray(pixels)


def _refuse_filled_in(opened: Opened) -> None:
    said = chatter.drain().lower()
    if any(each in said for each in _FILLED_IN):
        raise UnreadableError(
            f"{opened.name} is a damaged or cut {opened.probe.title}: its sensor data ends early; "
            "copy it again from the card"
        )
