"""Many spots at once: each gets the place that it is healed from, none of them another spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from safelight.pixels.repair.mend import Box, Mend
from safelight.pixels.repair.spots import Source, Spot, cover_of, find_source, mend_of, window_of


def source_spots(
    spots: Sequence[Spot],
    size: tuple[int, int],
    lights: Callable[[Sequence[Box]], Sequence[NDArray[np.float32]]],
    kept_off: Callable[[Box], NDArray[np.bool_]] | None = None,
) -> list[tuple[Mend, Source] | None]:
    """Find a source for each spot.

    Parameters
    ----------
    spots : sequence of Spot
    size : (width, height) px
        Of the frame.
    lights : callable (boxes) -> windows
        Reads boxes (x0, y0, x1, y1) of the frame as linear Rec.2020, (h, w, 3) float32.
    kept_off : callable (box) -> (h, w) bool, or None
        What else of a box is not to be healed from: another surface, marks that stay.

    Returns
    -------
    list of (Mend, Source) or None
        In the order of `spots`; None where nothing beside a spot is left to heal from.
    """
    boxes, windows = [each.box(size) for each in spots], [window_of(each, size) for each in spots]
    found: list[tuple[Mend, Source] | None] = []
    for spot, box, window, light in zip(spots, boxes, windows, lights(windows), strict=True):
        banned = np.zeros(light.shape[:2], dtype=np.bool_) if kept_off is None else kept_off(window).copy()
        for other, where in zip(spots, boxes, strict=True):
            if other is not spot and _meet(where, window):
                banned |= cover_of(other, window) > 0
        source = find_source(light, cover_of(spot, box), (box[1] - window[1], box[0] - window[0]), banned)
        found.append(None if source is None else (mend_of(spot, box, source), source))
    return found


def _meet(one: Box, two: Box) -> bool:
    return one[0] < two[2] and one[2] > two[0] and one[1] < two[3] and one[3] > two[1]
