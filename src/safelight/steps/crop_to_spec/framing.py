"""Where the subject is, and the frame a spec asks for around it: boxes and numbers, no resampling."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.errors import ParameterError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]

_ASPECT = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)")
# Beyond, a frame is a slip of the finger, not a picture.
_MOST_PIXELS = 300_000_000


@dataclass(frozen=True)
class Spec:
    """What a channel asks of a frame; shares are of the frame's sides."""

    aspect: str
    fill: float
    align: str
    baseline: float
    margin: float
    pad: bool


@dataclass(frozen=True)
class Frame:
    """A crop in px of the original: its corner, its size; it may reach beyond the original."""

    x: int
    y: int
    width: int
    height: int


def aspect_of(text: str, width: int, height: int) -> float:
    """Return width / height of an aspect like ``4:5``; ``original`` is that of a picture `width` by `height` px.

    Raises
    ------
    ParameterError
        If it is neither, or beyond 1:10.

    Examples
    --------
    >>> aspect_of("4:5", 100, 100)
    0.8
    >>> aspect_of("original", 300, 200)
    1.5
    """
    if text == "original":
        return width / height
    found = _ASPECT.fullmatch(text)
    if found is None or float(found[1]) <= 0 or float(found[2]) <= 0:
        raise ParameterError(f"crop_to_spec.aspect is {text!r}; it takes width:height like 1:1 or 4:5, or original")
    ratio = float(found[1]) / float(found[2])
    if not 0.1 <= ratio <= 10.0:
        raise ParameterError(f"crop_to_spec.aspect is {text!r}; it takes 1:10 to 10:1, or original")
    return ratio


def subject_box(alpha: NDArray[np.float32]) -> tuple[Box | None, float]:
    """Find the subject in its matte.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1
        What is above 0.02 belongs to the subject, specks aside: areas under a thousandth of the largest one.

    Returns
    -------
    box : (x0, y0, x1, y1) in 0..1, or None for an empty matte
    speck_share : float
        Share of what is above 0.02 that was left out as specks.
    """
    import cv2
    import numpy as np

    inside = (np.nan_to_num(alpha) > 0.02).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    if count < 2:
        return None, 0.0
    parts = stats[1:]
    areas = parts[:, cv2.CC_STAT_AREA]
    kept = parts[areas >= 0.001 * areas.max()]
    left, top = kept[:, cv2.CC_STAT_LEFT], kept[:, cv2.CC_STAT_TOP]
    right, bottom = left + kept[:, cv2.CC_STAT_WIDTH], top + kept[:, cv2.CC_STAT_HEIGHT]
    height, width = alpha.shape
    box = (left.min() / width, top.min() / height, right.max() / width, bottom.max() / height)
    dropped = float(areas.sum() - kept[:, cv2.CC_STAT_AREA].sum()) / float(areas.sum())
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3])), dropped


def frame_for(subject: Box, spec: Spec, width: int, height: int) -> Frame:
    """Return the frame that shows `subject` as `spec` asks, at the scale of the original.

    The longest side of the subject's box, against the frame's side it runs
    along, takes `fill`; where the other side would then be too tight, that one
    does. Without `pad` the frame stays inside the original: it moves first, and
    shrinks, keeping its aspect, when it is larger than the original.

    Raises
    ------
    ParameterError
        If the frame would hold more than 300 million pixels.
    """
    x0, y0, x1, y1 = subject[0] * width, subject[1] * height, subject[2] * width, subject[3] * height
    share = max(0.01, min(spec.fill, 1.0 - 2.0 * spec.margin))
    aspect = aspect_of(spec.aspect, width, height)
    tall = max((y1 - y0) / share, (x1 - x0) / share / aspect)
    if not spec.pad:
        tall = min(tall, height, width / aspect)
    rows, columns = max(1, round(tall)), max(1, round(tall * aspect))
    if rows * columns > _MOST_PIXELS:
        raise ParameterError(
            f"crop_to_spec would make {columns} x {rows} px; at most 300 million: raise fill or set pad to false"
        )
    x, y = round((x0 + x1) / 2.0 - columns / 2.0), _top(y0, y1, rows, spec)
    if not spec.pad:
        columns, rows = min(columns, width), min(rows, height)
        x, y = min(max(0, x), width - columns), min(max(0, y), height - rows)
    return Frame(x, y, columns, rows)


def frame_of_box(box: Box, width: int, height: int) -> Frame:
    """Return a frame cut by hand, a box in 0..1 of the original, snapped to whole pixels."""
    if not (box[0] < box[2] and box[1] < box[3]):
        raise ParameterError(f"crop_to_spec.box is {box}; it takes x0, y0, x1, y1 with x0 < x1 and y0 < y1")
    x, y = round(box[0] * width), round(box[1] * height)
    return Frame(x, y, max(1, round(box[2] * width) - x), max(1, round(box[3] * height) - y))


def outside_share(frame: Frame, width: int, height: int) -> float:
    """Return the share of the frame's area that lies beyond the original."""
    across = max(0, min(frame.x + frame.width, width) - max(frame.x, 0))
    down = max(0, min(frame.y + frame.height, height) - max(frame.y, 0))
    return 1.0 - across * down / (frame.width * frame.height)


def _top(y0: float, y1: float, rows: int, spec: Spec) -> int:
    least = math.ceil(spec.margin * rows)
    if spec.align == "top":
        return round(y0) - max(least, round(rows * spec.baseline))
    if spec.align == "baseline":
        return round(y1) + max(least, round(rows * spec.baseline)) - rows
    return round((y0 + y1) / 2.0 - rows / 2.0)
