"""What lies between subject and background: a shadow's density and a reflection, on the output's pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from safelight.core.image import Pixels
from safelight.core.step import Tools
from safelight.pixels.color import spaces
from safelight.pixels.color.spaces import Float32
from safelight.pixels.geometry.map import GeometryMap, fitted
from safelight.pixels.matte.made_shadow import Shade
from safelight.render.painting import Painted
from safelight.render.plan import Planned, of_kind
from safelight.render.planes import OPAQUE, Plane, on_grid, to_plane, to_share

_STRIP_ROWS = 256
_WORK_PX = 1600  # shadows are soft: what they are made of needs no more


@dataclass(frozen=True, eq=False)
class Under:
    """On the output's pixels: density of black (H, W) uint16; the reflection's pixels and coverage, or None."""

    density: Plane
    mirrored: Pixels | None = None
    cover: Plane | None = None


def painted_shade(planned: Sequence[Planned], tools: Tools, alpha: Plane) -> Shade | None:
    """Return what the edit's shadow step makes under a matte over the whole original; None without one."""
    for each in of_kind(planned, "shadow"):
        size = fitted((alpha.shape[1], alpha.shape[0]), _WORK_PX)
        small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) if size[::-1] != alpha.shape else alpha
        made = each.paint(each.params, each.bytes_of(tools), to_share(np.ascontiguousarray(small)))
        if made is not None:
            return cast(Shade, made)
    return None


def under_of(
    shade: Shade, geometry: GeometryMap, full: tuple[int, int], repaint: Callable[[GeometryMap], Painted]
) -> Under:
    """Bring a shadow onto the output's pixels.

    Parameters
    ----------
    shade : Shade
    geometry : GeometryMap
        From the output's pixels to the full-size original.
    full : (width, height) px
    repaint : callable (map) -> Painted
        Paints the subject elsewhere: a reflection is the subject as it is, seen upside down.
    """
    width, height = geometry.size
    density = np.zeros((height, width), np.uint16)
    if shade.density is not None:
        density = on_grid(to_plane(shade.density), geometry, full)
    if shade.feet is None or shade.holds is None or shade.strength <= 0 or shade.fade <= 0:
        return Under(density)
    feet, holds = _feet_on(geometry, full, shade.feet, shade.holds)
    line = round(2 * float(feet.max())) / 2  # on half pixels the mirror meets rows: a quarter of a pixel off at most
    seen = repaint(geometry.part(0, round(2 * line) - height, width, height))
    if seen.alpha is None:
        return Under(density)
    # The whole is mirrored about one line; each column then slides to its own foot.
    rows = np.arange(height, dtype=np.float32)[:, None]
    down = np.ascontiguousarray(np.broadcast_to(rows + 2 * (np.float32(line) - feet), (height, width)), np.float32)
    across = np.ascontiguousarray(np.broadcast_to(np.arange(width, dtype=np.float32), (height, width)))
    slid = [
        cv2.remap(np.ascontiguousarray(each[::-1]), across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        for each in (seen.pixels, seen.alpha)
    ]
    below = (rows + 0.5 - feet) * np.float32(geometry.reduction() / (shade.fade * full[1]))
    share = np.where(below < 0, 0, np.float32(shade.strength) * np.clip(1 - below, 0, 1) ** 1.5) * holds
    cover = to_plane(to_share(np.asarray(slid[1], np.uint16)) * share.astype(np.float32))
    return Under(density, cast(Pixels, slid[0]), cover)


def _feet_on(geometry: GeometryMap, full: tuple[int, int], feet: Float32, holds: Float32) -> tuple[Float32, Float32]:
    """Carry where each column of the original stands to the columns of the output; rows from the top, px."""
    middle = [[x + 0.5, geometry.height / 2] for x in range(geometry.width)]
    across = geometry.to_original(middle)[:, 0] / full[0]
    own = (np.arange(len(feet)) + 0.5) / len(feet)
    down = np.interp(across, own, feet)
    rows = geometry.from_original(np.column_stack([across * full[0], down * full[1]]))[:, 1]
    return rows.astype(np.float32), np.interp(across, own, holds, 0.0, 0.0).astype(np.float32)


def lay_under(
    pixels: Pixels, alpha: Plane, space: str, background: tuple[float, float, float] | None, under: Under
) -> Plane:
    """Mix a shadow in between subject and background, in place, and return the coverage of all that is no background.

    Parameters
    ----------
    pixels : (H, W, 3) uint8, uint16 or float32, code values of `space`
        The subject on its background; without one straight, as `write_band` leaves it.
    alpha : (H, W) uint16
        The subject's.
    background : (r, g, b) linear, or None

    Notes
    -----
    Background B under black of density k under the reflection R of coverage r under the subject of alpha a:
    ``P = a S + (1 - a) ((1 - r) (1 - k) B + r R)``, in linear light.
    """
    total = alpha.copy()
    for top in range(0, len(pixels), _STRIP_ROWS):
        box = slice(top, top + _STRIP_ROWS)
        cover = None if under.cover is None else under.cover[box]
        taken = under.density[box] > 0 if cover is None else (under.density[box] > 0) | (cover > 0)
        rows, cols = np.nonzero(taken & (alpha[box] < OPAQUE))
        if not len(rows):
            continue
        at = rows + top, cols
        a, k = to_share(alpha[at])[:, None], to_share(under.density[at])[:, None]
        r = np.zeros_like(a) if under.cover is None else to_share(under.cover[at])[:, None]
        mirrored = _light(under.mirrored, at, space) if under.mirrored is not None else np.float32(0)
        seen = _light(pixels, at, space)
        whole = 1 - (1 - a) * (1 - k) * (1 - r)
        if background is None:
            light = (seen * a + (1 - a) * r * mirrored) / np.maximum(whole, np.float32(1 / OPAQUE))
        else:
            behind = np.asarray(background, np.float32)
            light = seen + (1 - a) * ((1 - r) * (1 - k) * behind + r * mirrored - behind)
        code = spaces.encode(np.asarray(np.maximum(light, 0), np.float32), space)
        integers = np.uint8 if pixels.dtype == np.uint8 else np.uint16
        pixels[at] = code if pixels.dtype == np.float32 else spaces.to_integers(code, integers)
        total[at] = to_plane(whole)[:, 0]
    return total


def _light(pixels: Pixels, at: tuple[np.ndarray, np.ndarray], space: str) -> Float32:
    return spaces.decode(spaces.to_float(cast(Pixels, pixels[at])), space)
