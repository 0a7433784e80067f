"""From the numbers of a parameter to places in px, and from an original to windows of linear light."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.errors import ParameterError
from safelight.pixels.color.light import light_of
from safelight.pixels.color.spaces import WORKING, Pixels, matrix_between
from safelight.pixels.repair.spots import Spot

Float32 = NDArray[np.float32]
_PIECE_PX = 80.0


def groups_of(values: Sequence[float], names: Sequence[str], owner: str) -> list[tuple[float, ...]]:
    """Cut a list of numbers into groups, one a mark.

    Parameters
    ----------
    values : sequence of float
        Names ending in ``_px`` are px above 0 and at most 4000; all others are 0..1 of the frame.
    names : sequence of str
    owner : str
        The parameter, for the message.

    Raises
    ------
    ParameterError
        If the numbers are no whole groups, or one is outside its range.

    Examples
    --------
    >>> groups_of([0.5, 0.25, 8], ("x", "y", "radius_px"), "heal.spots")
    [(0.5, 0.25, 8.0)]
    >>> groups_of([0.5, 0.25], ("x", "y", "radius_px"), "heal.spots")
    Traceback (most recent call last):
    safelight.errors.ParameterError: heal.spots has 2 numbers; it takes groups of 3: x, y, radius_px
    """
    many = len(names)
    if len(values) % many:
        raise ParameterError(f"{owner} has {len(values)} numbers; it takes groups of {many}: {', '.join(names)}")
    found = [tuple(float(each) for each in values[at : at + many]) for at in range(0, len(values), many)]
    for number, group in enumerate(found, 1):
        for name, value in zip(names, group, strict=True):
            most = 4000.0 if name.endswith("_px") else 1.0
            least = 0.1 if name.endswith("_px") else 0.0
            if not least <= value <= most:
                raise ParameterError(f"{owner}: {name} of mark {number} is {value:g}; it takes {least:g} to {most:g}")
    return found


def dots(values: Sequence[float], owner: str, size: tuple[int, int], label: str = "spot") -> list[Spot]:
    """Return dots from groups of x, y (0..1 of the frame) and radius_px."""
    found = groups_of(values, ("x", "y", "radius_px"), owner)
    return [Spot(((x * size[0], y * size[1]),), radius, label) for x, y, radius in found]


def lines(values: Sequence[float], owner: str, size: tuple[int, int], label: str = "scratch") -> list[Spot]:
    """Return straight strokes, in pieces, from groups of x0, y0, x1, y1 (0..1 of the frame) and radius_px."""
    found = groups_of(values, ("x0", "y0", "x1", "y1", "radius_px"), owner)
    made: list[Spot] = []
    for x0, y0, x1, y1, radius in found:
        first, last = np.array([x0 * size[0], y0 * size[1]]), np.array([x1 * size[0], y1 * size[1]])
        # In pieces, each healed from beside itself: a long scratch crosses more than one surface.
        many = max(1, round(float(np.linalg.norm(last - first)) / max(_PIECE_PX, 8 * radius)))
        ends = [tuple(float(each) for each in first + (last - first) * at / many) for at in range(many + 1)]
        made += [Spot((a, b), radius, label) for a, b in itertools.pairwise(ends)]  # type: ignore[arg-type]
    return made


def working_light(pixels: Pixels, space: str) -> Float32:
    """Return code values of a space as linear Rec.2020, (H, W, 3) float32; alpha is left away."""
    light = light_of(cast(Pixels, np.ascontiguousarray(pixels[..., :3])), space)
    if space == WORKING:
        return light
    return np.asarray(cv2.transform(light, matrix_between(space, WORKING).astype(np.float32)), np.float32)
