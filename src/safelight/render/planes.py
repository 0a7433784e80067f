"""Mattes and masks: gray planes over the upright original, carried to the grid they are needed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.core.step import Tools
from safelight.errors import UnreadableError
from safelight.pixels.color.spaces import Float32
from safelight.pixels.geometry.map import GeometryMap
from safelight.pixels.geometry.resample import cut, resample_from
from safelight.render.plan import Planned, of_kind

Plane = NDArray[np.uint16]
OPAQUE = 65535

# What a matte may offer beside alpha: the subject's own light in pixels that it shares with the backdrop.
# (rgb (N, 3) float32 linear Rec.2020, alpha (N,) float32, rows (N,), cols (N,)) -> (N, 3); rows and cols are
# places in the upright original, 0..1 of its height and width.
Foreground = Callable[[Float32, Float32, Float32, Float32], Float32]


@dataclass(frozen=True, eq=False)
class Matte:
    """Alpha over the whole upright original, at any reduction, and the subject's colors if they are known."""

    alpha: Plane
    foreground: Foreground | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return int(self.alpha.shape[1]), int(self.alpha.shape[0])


def painted_matte(planned: Sequence[Planned], tools: Tools) -> Matte | None:
    """Paint the edit's matte; None if no step makes one. Several multiply: each hides what it hides."""
    found: Matte | None = None
    for each in of_kind(planned, "matte"):
        if not each.artifacts:
            continue
        made = each.paint(each.bytes_of(tools))
        new = Matte(to_plane(getattr(made, "alpha", made)), getattr(made, "foreground", None))
        found = new if found is None else Matte(multiplied(found.alpha, new.alpha), new.foreground or found.foreground)
    return found


def mask_from(data: bytes, owner: str) -> Plane:
    """Read a mask artifact, a gray PNG that we wrote."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if picture is None:
        raise UnreadableError(f"the mask of {owner} is no picture ({len(data)} bytes): paint the mask again")
    return to_plane(picture if picture.ndim == 2 else picture[..., 0])


def to_plane(values: NDArray[Any]) -> Plane:
    """Return coverage as uint16 over its full range, from uint8, uint16 or float 0..1; a single channel."""
    gray = values[..., 0] if values.ndim == 3 else values
    if gray.dtype == np.uint16:
        return np.ascontiguousarray(gray)
    if gray.dtype == np.uint8:
        return np.asarray(np.multiply(gray, np.uint16(257), dtype=np.uint16))
    held = np.fmin(np.fmax(np.asarray(gray, np.float32), 0), 1)
    return np.asarray(np.rint(held * np.float32(OPAQUE)), np.uint16)


def to_share(plane: Plane) -> Float32:
    """Return a plane as float32, 0..1."""
    return np.multiply(plane, np.float32(1 / OPAQUE), dtype=np.float32)


def from_plane(plane: Plane, like: NDArray[Any]) -> NDArray[Any]:
    """Return a plane in the depth of `like`: uint8, uint16 or float32."""
    if like.dtype == np.uint16:
        return plane
    if like.dtype == np.uint8:
        return ((plane.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return to_share(plane)


def multiplied(one: Plane, two: Plane) -> Plane:
    """Return the coverage of both, on the larger of the two grids."""
    if one.size < two.size:
        one, two = two, one
    if one.shape != two.shape:
        grid = GeometryMap.identity(one.shape[1], one.shape[0])
        two = on_grid(two, grid, grid.size)
    return to_plane(to_share(one) * to_share(two))


def on_grid(plane: Plane, geometry: GeometryMap, full_size: tuple[int, int], beyond: float = 0.0) -> Plane:
    """Carry a plane over the original onto output pixels; `beyond` (0..1) holds outside the frame.

    `geometry` leads to the original of `full_size`, the plane may be any reduction of it. Without
    resampling the values are the very same.
    """
    own = geometry.on_reduction(full_size, (plane.shape[1], plane.shape[0]))
    if own.is_aligned():
        return np.asarray(cut(plane, own, round(beyond * OPAQUE)), np.uint16)
    height, width = plane.shape
    return to_plane(resample_from(lambda y0, y1, x0, x1: plane[y0:y1, x0:x1, None], (width, height), 1, own, beyond))
