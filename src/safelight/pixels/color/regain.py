"""Hues that a pass of integers lost at the ends of its range, painted anew along the gamut's edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.gamut import into_gamut
from safelight.pixels.color.spaces import Pixels, decode

Plane = NDArray[np.uint8] | NDArray[np.uint16]
Paint = Callable[[Any], Any]


@dataclass(frozen=True)
class Hues:
    """How clipped colors are painted anew: from the source's values to light of `space`, and from there to integers."""

    to_light: Paint
    to_codes: Paint
    space: str

    def regain(self, source: Pixels, target: Pixels, needed: Plane | None) -> None:
        """Paint anew, in `target`, what was clipped in some channels and not in all: only there a hue can have turned.

        Parameters
        ----------
        source, target : (H, W, 3), contiguous
            What a pass was given, and the integers it made of it.
        needed : (H, W) or None
            Where it is 0 nobody will see the color.
        """
        places = partly_clipped(target, needed)
        if places is None:
            return
        light = self.to_light(source.reshape(-1, 3)[places][None])
        half = 0.5 / (255 if target.dtype == np.uint8 else 65535)  # what rounds to an end was not clipped
        low, high = (float(each) for each in decode(np.array([-half, 1 + half], np.float32), self.space))
        outside = np.flatnonzero(cv2.inRange(light, (low,) * 3, (high,) * 3) == 0)
        if outside.size:
            inside = into_gamut(light[0, outside], self.space)[None]
            target.reshape(-1, 3)[places[outside]] = self.to_codes(inside)[0]


def partly_clipped(target: Pixels, needed: Plane | None = None) -> NDArray[np.intp] | None:
    """Return the pixels in which some channel stands at an end of its range and the others do not; None for none.

    Parameters
    ----------
    target : (H, W, 3) uint8 or uint16, contiguous
    needed : (H, W) or None
        Pixels where it is 0 are left out.

    Examples
    --------
    >>> partly_clipped(np.array([[[255, 255, 255], [255, 9, 9], [9, 9, 9]]], np.uint8)).tolist()
    [1]
    """
    given: Any = target
    top = int(np.iinfo(given.dtype).max)
    channels: Any = cv2.inRange(given.reshape(len(given), -1), 1, top - 1)
    if cv2.countNonZero(channels) == channels.size:
        return None
    planes = cv2.split(given)
    least, most = cv2.min(cv2.min(*planes[:2]), planes[2]), cv2.max(cv2.max(*planes[:2]), planes[2])
    ends = cv2.bitwise_or(_holds(least, 0, cv2.CMP_EQ), _holds(most, top, cv2.CMP_EQ))
    mixed = cv2.bitwise_and(_holds(least, top, cv2.CMP_LT), _holds(most, 0, cv2.CMP_GT))
    mixed = cv2.bitwise_and(mixed, ends)
    if needed is not None:
        mixed = cv2.bitwise_and(mixed, _holds(needed, 0, cv2.CMP_GT))
    return np.flatnonzero(mixed) if cv2.countNonZero(mixed) else None


def _holds(plane: Any, number: int, how: int) -> Any:  # noqa: ANN401 - OpenCV's arrays
    """255 where `plane` compares so."""
    return cv2.compare(plane, number, how)
