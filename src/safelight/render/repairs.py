"""The stages sensor and repair, on the original's own grid: what they do not touch stays bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from safelight.core.image import Pixels
from safelight.core.step import Stage, Tools
from safelight.pixels.color import fused, spaces
from safelight.pixels.color.light import light_of
from safelight.pixels.color.spaces import WORKING, Float32
from safelight.pixels.repair.ease import Ease, eased_strips
from safelight.pixels.repair.mend import paint_mend
from safelight.pixels.repair.record import Repair
from safelight.render.plan import Planned
from safelight.render.source import Source, to_working


def repaired(source: Source, planned: Sequence[Planned], tools: Tools, scale: float) -> Source:
    """Paint the stages sensor and repair.

    Parameters
    ----------
    source : Source
        Left as it is.
    planned : sequence of Planned
        Of all stages; others are passed over.
    tools : Tools
        Asked for the repairs' artifacts.
    scale : float
        Pixels of the source per pixel of the full-size original.

    Returns
    -------
    Source
        The very same where nothing is to do. After a raster step linear Rec.2020, float32; after repairs alone the
        source's own space and depth, and outside their masks its own code values.
    """
    for each in planned:
        if each.step.stage not in (Stage.SENSOR, Stage.REPAIR):
            continue
        if each.step.kind == "repair":
            source = _mended(source, each.paint(each.bytes_of(tools)), scale)
            continue
        rgb = cast(Float32, fused.apply(source.pixels, source.space, (), WORKING, np.float32))
        rgb = np.ascontiguousarray(each.paint(rgb, each.params, scale), np.float32)
        source = Source(rgb, WORKING, source.alpha)
    return source


def _mended(source: Source, mends: Sequence[Repair], scale: float) -> Source:
    """Paint repairs one after the other: a later one may copy what an earlier one made."""
    if not mends:
        return source
    pixels = source.pixels.copy()

    def read(y0: int, y1: int, x0: int, x1: int) -> Float32:
        return to_working(light_of(pixels[y0:y1, x0:x1], source.space), source.space)

    for mend in mends:
        if isinstance(mend, Ease):
            for (x0, y0, x1, y1), stops in eased_strips(mend, source.size, scale):
                touched = stops.any(axis=2)
                if touched.any():
                    light = read(y0, y1, x0, x1) * np.exp2(stops)
                    codes = _codes(np.asarray(light, np.float32), source)
                    pixels[y0:y1, x0:x1][touched] = codes[touched]
            continue
        (x0, y0, x1, y1), light, cover = paint_mend(read, mend, source.size, scale)
        box = pixels[y0:y1, x0:x1]
        if not box.size:
            continue
        share = cover[..., None]
        if (cover < 1).any():
            light = np.ascontiguousarray(np.where(share < 1, read(y0, y1, x0, x1) * (1 - share) + light * share, light))
        codes = _codes(np.asarray(light, np.float32), source)
        touched = cover > 0
        box[touched] = codes[touched]
    return Source(pixels, source.space, source.alpha)


def _codes(light: Float32, source: Source) -> Pixels:
    """Linear Rec.2020 as code values of the source."""
    own = cv2.transform(light, spaces.matrix_between(WORKING, source.space).astype(np.float32))
    codes = spaces.encode(np.asarray(own, np.float32).reshape(light.shape), source.space)
    if source.pixels.dtype == np.float32:
        return codes
    return spaces.to_integers(codes, np.uint8 if source.pixels.dtype == np.uint8 else np.uint16)
