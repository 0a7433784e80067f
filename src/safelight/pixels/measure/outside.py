"""What changed outside a mask, between two pictures on the same pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError


@dataclass(frozen=True, eq=False)
class Outside:
    """Change outside a mask, in levels of 255.

    `largest`; `usual` what 99.9 % of the outside stays below; `share` of it that changed by a level and more;
    `everywhere` if most of it did; `heat` and `bad` (H, W) uint8 maps of where.
    """

    largest: float
    usual: float
    share: float
    everywhere: bool
    heat: NDArray[np.uint8]
    bad: NDArray[np.uint8]


def measure_outside(after: NDArray[Any], before: NDArray[Any], mask: bytes, spread_px: int) -> Outside:
    """Measure change outside a mask.

    Parameters
    ----------
    after, before : (H, W, 3 or 4) uint8 or uint16
        Of the same size; alpha is not looked at.
    mask : bytes
        A gray picture of the same frame, any reduction; above 0 is inside.
    spread_px : int
        How far beyond the mask a change may reach.

    Raises
    ------
    UnreadableError
        If the mask is no picture.

    Examples
    --------
    >>> one = np.full((40, 60, 3), 90, np.uint8); two = one.copy(); two[3, 5] = 99; two[20, 30] = 0
    >>> mask = np.zeros((40, 60), np.uint8); mask[18:23, 28:33] = 255
    >>> measure_outside(two, one, cv2.imencode(".png", mask)[1].tobytes(), 0).largest
    9.0
    """
    found = cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_GRAYSCALE)
    if found is None:
        raise UnreadableError("the repair mask is no picture: save it as a gray PNG over the whole frame")
    height, width = after.shape[:2]
    if found.shape != (height, width):
        found = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    inside = (found > 0).astype(np.uint8)
    if spread_px:
        inside = cv2.dilate(inside, np.ones((2 * spread_px + 1,) * 2, np.uint8))
    unit = {"uint8": 1.0, "uint16": 1 / 257}.get(after.dtype.name, 255.0)
    other = {"uint8": 1.0, "uint16": 1 / 257}.get(before.dtype.name, 255.0)
    if after.dtype == np.uint8 and before.dtype == np.uint8:
        off = cv2.absdiff(np.ascontiguousarray(after[..., :3]), np.ascontiguousarray(before[..., :3])).max(axis=2)
        off = off.astype(np.float32)
    else:
        off = np.abs(after[..., :3].astype(np.float32) * unit - before[..., :3].astype(np.float32) * other).max(axis=2)
    off[inside > 0] = 0
    outside = off[inside == 0]
    if not outside.size:
        empty = np.zeros((height, width), np.uint8)
        return Outside(0.0, 0.0, 0.0, everywhere=False, heat=empty, bad=empty)
    share = float((outside >= 0.999).mean())
    usual = float(np.percentile(outside[:: max(1, outside.size // 1_000_000)], 99.9))
    everywhere = share > 0.5 and float(np.median(outside)) >= 2
    bad = np.where(off >= max(1.0, 0.5 * float(outside.max())), 255, 0).astype(np.uint8)
    return Outside(float(outside.max()), usual, share, everywhere, np.clip(off * 16, 0, 255).astype(np.uint8), bad)
