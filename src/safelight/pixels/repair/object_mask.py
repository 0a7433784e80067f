"""The mask of an object that goes: from a click, a box or a brush."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import lab_from
from safelight.pixels.repair.mend import Box

Float32 = NDArray[np.float32]
_WORK_PX = 600  # long side at which an object is told from what it stands on
_LEAST_OFF = 4.0  # L*a*b* that an object differs at least


def mask_in_box(light: Float32, space: str, inner: Box, grow_px: float) -> NDArray[np.uint8]:
    """Mask what stands inside a box drawn around it.

    Parameters
    ----------
    light : (H, W, 3) float32, linear, primaries of `space`
        A window around the box, with some of the surface it stands on.
    space : str
        A linear space of `pixels.color.spaces`.
    inner : (x0, y0, x1, y1) px of the window
        The box; nothing outside it is masked.
    grow_px : float
        Room around what was found: its soft edge and its own faint shadow.

    Returns
    -------
    (H, W) uint8
        255 or 0. The whole box where nothing in it differs from what is around: the hand knows better.

    Notes
    -----
    The surface is a plane in L*a*b* fitted to the box's rim; the object is what differs from it by more than the rim
    itself does.
    """
    off, noise, scale = _off_surface(light, space, inner)
    height, width = off.shape
    box = _scaled(inner, scale, (width, height))
    inside = np.zeros(off.shape, np.uint8)
    inside[box[1] : box[3], box[0] : box[2]] = 1
    found = ((off > max(_LEAST_OFF, 4 * noise)) & (inside > 0)).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if found.sum() < 4:
        return _whole(light, inner)
    found = _filled(cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)))
    return _at_full(found, light, grow_px, inner)


def mask_at_click(light: Float32, space: str, at: tuple[float, float], grow_px: float) -> NDArray[np.uint8] | None:
    """Mask the one thing that lies under a click; None if the click lies on the surface itself or nothing ends there.

    As `mask_in_box`, with the window's own rim as the surface and only the piece that holds (x, y).
    """
    height, width = light.shape[:2]
    off, noise, scale = _off_surface(light, space, (0, 0, width, height))
    found = (off > max(_LEAST_OFF, 4 * noise)).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels = cv2.connectedComponents(_filled(found))
    row, col = (min(max(int(each * scale), 0), side - 1) for each, side in zip(at[::-1], off.shape, strict=True))
    named = int(labels[row, col])
    if named == 0:
        return None
    piece = (labels == named).astype(np.uint8)
    if piece[0].any() or piece[-1].any() or piece[:, 0].any() or piece[:, -1].any():
        return None
    return _at_full(piece, light, grow_px, (0, 0, width, height))


def _off_surface(light: Float32, space: str, inner: Box) -> tuple[Float32, float, float]:
    """How far each pixel of a reduction is from the surface around the box, the surface's own noise, and the scale."""
    scale = min(1.0, _WORK_PX / max(light.shape[:2]))
    size = (max(8, round(light.shape[1] * scale)), max(8, round(light.shape[0] * scale)))
    small = cv2.resize(light, size, interpolation=cv2.INTER_AREA) if scale < 1 else cv2.GaussianBlur(light, (0, 0), 0.8)
    lab = np.asarray(lab_from(np.asarray(small, np.float32), space), np.float32)
    box = _scaled(inner, scale, size)
    rim = np.ones(lab.shape[:2], dtype=np.bool_)
    margin = max(2, round(0.04 * min(box[2] - box[0], box[3] - box[1])))
    rim[box[1] + margin : box[3] - margin, box[0] + margin : box[2] - margin] = False
    rows, cols = np.nonzero(rim)
    even = np.column_stack([np.ones(len(rows)), rows / size[1], cols / size[0]])
    y, x = np.mgrid[: size[1], : size[0]]
    plane = np.stack([np.ones(y.shape), y / size[1], x / size[0]], axis=-1)
    values, kept = lab[rows, cols], np.ones(len(rows), dtype=np.bool_)
    off, spread = np.zeros(lab.shape[:2], np.float32), 0.0
    for _ in range(4):  # what stands on the rim, too, is left out of it
        fit, *_rest = np.linalg.lstsq(even[kept], values[kept], rcond=None)
        off = np.asarray(np.sqrt(((lab - plane @ fit) ** 2).sum(axis=-1)), np.float32)
        spread = float(np.median(off[rows, cols][kept]))
        kept = off[rows, cols] <= max(3 * spread, 1.0)
    return off, spread, scale


def _scaled(box: Box, scale: float, size: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = (round(each * scale) for each in box)
    return max(0, x0), max(0, y0), min(size[0], max(x1, x0 + 1)), min(size[1], max(y1, y0 + 1))


def _whole(light: Float32, inner: Box) -> NDArray[np.uint8]:
    out = np.zeros(light.shape[:2], np.uint8)
    out[inner[1] : inner[3], inner[0] : inner[2]] = 255
    return out


def _filled(found: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without holes: what is seen through a handle goes with it."""
    framed = cv2.copyMakeBorder(found, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(framed, None, (0, 0), 2)
    return np.asarray((framed[1:-1, 1:-1] != 2).astype(np.uint8))


def _at_full(found: NDArray[np.uint8], light: Float32, grow_px: float, inner: Box) -> NDArray[np.uint8]:
    height, width = light.shape[:2]
    whole = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.25
    room = grow_px + 0.5 * max(width, height) / max(found.shape)
    reach = cv2.distanceTransform((~whole).astype(np.uint8), cv2.DIST_L2, 5) <= room
    out = np.zeros((height, width), np.uint8)
    x0, y0, x1, y1 = inner
    out[y0:y1, x0:x1] = reach[y0:y1, x0:x1] * np.uint8(255)
    return out
