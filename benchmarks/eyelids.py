"""Closed eyes that nobody photographed: the upper lid of a portrait drawn down over its eye.

No free photographs of closed eyes are at hand. These proxies keep the person's
own skin, light and grain: the skin between brow and upper lid is stretched
down, column by column, until the lid lies `amount` of the way to the lower
lid, and a lash line is darkened along it. What they lack: the wrinkles of a
lid that is squeezed, the lashes that hang over the cheek, the fold that goes
away, and any makeup on the lid itself. They are weak evidence, a lower bar
that a detector must pass and no proof that it works on people.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_LASH_LINE = 0.06  # widths of the eye
_SKIN_ABOVE = 0.30


def close_eyes(pixels: np.ndarray, eyes: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], amount: float):
    """Return the picture with its lids down.

    `pixels` (H, W, 3) uint8; each eye is its corners (2, 2), upper (n, 2) and lower lid (n, 2) in px of the picture;
    `amount` 0 leaves it as it is, 1 closes it.
    """
    closed = pixels
    for corners, upper, lower in eyes:
        closed = _close(closed, corners, upper, lower, amount)
    return closed


def _close(pixels, corners, upper, lower, amount):
    across = corners[1] - corners[0]
    width = float(np.linalg.norm(across))
    along = across / width
    normal = np.array([-along[1], along[0]])
    middle = corners.mean(axis=0)
    axes = np.stack([along, normal], axis=1)
    top, bottom = _arch((upper - middle) @ axes, width) - _LASH_LINE * width, _arch((lower - middle) @ axes, width)

    height, length = pixels.shape[:2]
    reach = width * 1.4
    x0, x1 = max(0, int(middle[0] - reach)), min(length, int(middle[0] + reach))
    y0, y1 = max(0, int(middle[1] - reach)), min(height, int(middle[1] + reach))
    rows, columns = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    dx, dy = columns + 0.5 - middle[0], rows + 0.5 - middle[1]
    x, y = dx * along[0] + dy * along[1], dx * normal[0] + dy * normal[1]
    arch = np.clip(1 - (x / (width * 0.53)) ** 2, 0, 1)

    lid, below = top * arch, bottom * arch
    target = lid + (0.95 * below - lid) * amount
    skin = lid - _SKIN_ABOVE * width * np.sqrt(arch)
    share = (y - skin) / np.maximum(target - skin, 1e-3)
    stretched = (y > skin) & (y <= target) & (arch > 0)
    source = np.where(stretched, skin + share * (lid - skin), y)
    source = np.where((y > target) & (y < below) & (arch > 0) & (amount >= 1), below, source)
    at_x = (x * along[0] + source * normal[0] + middle[0] - 0.5).astype(np.float32)
    at_y = (x * along[1] + source * normal[1] + middle[1] - 0.5).astype(np.float32)
    drawn = cv2.remap(pixels, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    seam = np.exp(-(((y - target) / (0.035 * width)) ** 2)) * np.clip(1.5 * arch, 0, 1) * (0.25 + 0.4 * (amount >= 1))
    out = pixels.copy()
    out[y0:y1, x0:x1] = np.rint(drawn * (1 - seam[..., None])).astype(np.uint8)
    return out


def _arch(points, width):
    """The height of the parabola through both corners that fits a lid best."""
    weight = 1 - (points[:, 0] / (width / 2)) ** 2
    return float((points[:, 1] * weight).sum() / (weight**2).sum())
