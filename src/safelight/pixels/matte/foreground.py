"""True subject colors under a soft edge, without the backdrop's light in them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.matte.matte_png import pack_png

# Colors are kept as square roots in 8 bits: a step is at most 0.8 % of white, and some 0.4 L* in the middle.
_TOP = 255.0


@dataclass(frozen=True)
class EdgeColors:
    """Colors on both sides of the contour, carried across the band.

    Parameters
    ----------
    foreground, background : (H, W, 3) float32, linear Rec.2020
        Smooth; valid in the band and a little beyond, 0 elsewhere.
    """

    foreground: NDArray[np.float32]
    background: NDArray[np.float32]

    def within(self, band: NDArray[np.bool_]) -> EdgeColors:
        """Return these colors around `band` ((H, W) bool) only, 0 elsewhere: few bytes."""
        near = cv2.dilate(band.astype(np.uint8), np.ones((7, 7), np.uint8))
        foreground, background = (cv2.copyTo(each, near) for each in (self.foreground, self.background))
        return EdgeColors(np.asarray(foreground, np.float32), np.asarray(background, np.float32))

    def clean(
        self, rgb: NDArray[np.float32], alpha: NDArray[np.float32], box: tuple[float, float, float, float]
    ) -> NDArray[np.float32]:
        """Remove spill from a crop of the picture that lies at `box` (x0, y0, x1, y1 in 0..1), where 0 < alpha < 1."""
        out = rgb.copy()
        y, x = np.nonzero((alpha > 0) & (alpha < 1))
        rows = (box[1] + (y + 0.5) / alpha.shape[0] * (box[3] - box[1])).astype(np.float32)
        columns = (box[0] + (x + 0.5) / alpha.shape[1] * (box[2] - box[0])).astype(np.float32)
        out[y, x] = self.clean_at(rgb[y, x], alpha[y, x], rows, columns)
        return out

    def clean_at(
        self,
        rgb: NDArray[np.float32],
        alpha: NDArray[np.float32],
        rows: NDArray[np.float32],
        columns: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Remove spill from scattered pixels (N, 3) at `rows` and `columns`, 0..1 of the upright original."""
        if not len(alpha):
            return rgb
        height, width = self.foreground.shape[:2]
        at = columns * np.float32(width) - np.float32(0.5), rows * np.float32(height) - np.float32(0.5)
        foreground, background = sample_plane(self.foreground, at), sample_plane(self.background, at)
        reached = np.asarray(background.any(axis=-1) | foreground.any(axis=-1))
        cleaned = remove_spill(rgb, alpha, foreground, background)
        return np.asarray(np.where(reached[:, None], cleaned, rgb), np.float32)

    def to_png(self) -> bytes:
        """Return both as one 8-bit RGB PNG: foreground above, background below, each value a square root."""
        both = [cv2.max(each, 0.0) for each in (self.foreground, self.background)]
        return pack_png(np.concatenate([cv2.convertScaleAbs(cv2.sqrt(each), alpha=_TOP) for each in both]))

    @staticmethod
    def from_png(data: bytes) -> EdgeColors:
        """Read what `to_png` wrote."""
        code = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if code is None or code.shape[0] % 2:
            raise ValueError("these bytes are no edge colors: an RGB PNG of foreground above background")
        table = np.square(np.arange(256, dtype=np.float32) / np.float32(_TOP))
        linear = np.asarray(cv2.LUT(cv2.cvtColor(code, cv2.COLOR_BGR2RGB), table), np.float32)
        half = len(linear) // 2
        return EdgeColors(linear[:half], linear[half:])


def remove_spill(
    rgb: NDArray[np.float32],
    alpha: NDArray[np.float32],
    foreground: NDArray[np.float32],
    background: NDArray[np.float32],
    *,
    reach: float = 0.35,
) -> NDArray[np.float32]:
    """Return the subject's own color of pixels that are partly backdrop.

    Parameters
    ----------
    rgb, foreground, background : (..., 3) float32, linear, same primaries
        Mixed colors, and the smooth ones of both sides.
    alpha : (...) float32, 0..1, straight
    reach : float
        How far a solved color may lie from `foreground`, as a share of the stop between them; what is beyond is noise.

    Returns
    -------
    (..., 3) float32, linear, straight
        `rgb` where alpha is 1, `foreground` where it is 0.

    Notes
    -----
    ``F = (I - (1 - alpha) B) / alpha`` keeps all detail, and all noise divided by alpha; so the solution is
    trusted in proportion to alpha and held near the smooth foreground.

    References
    ----------
    T. Germer et al., "Fast multi-level foreground estimation", 2020, for the equation.

    Examples
    --------
    >>> red, white = np.float32([[0.5, 0.0, 0.0]]), np.ones((1, 3), np.float32)
    >>> mixed = 0.6 * red + 0.4 * white
    >>> remove_spill(mixed, np.float32([0.6]), red, white).round(3).tolist()
    [[0.5, 0.0, 0.0]]
    """
    a = alpha[..., None]
    solved = (rgb - (1 - a) * background) / np.maximum(a, 0.02)
    room = np.float32(reach) * foreground + np.float32(0.02)
    held = np.clip(solved, foreground - room, foreground + room)
    mixed = foreground + a * (held - foreground)
    # Toward alpha 1 the picture itself returns, so that the matte's inner border cannot be seen.
    own = np.clip((a - 0.9) / 0.1, 0, 1)
    return np.asarray(np.maximum(mixed + own * (rgb - mixed), 0), dtype=np.float32)


def sample_plane(
    plane: NDArray[np.float32], at: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Read a plane at scattered places, bilinear.

    Parameters
    ----------
    plane : (H, W) or (H, W, 3) float32
    at : (x, y), each (N,) float32, px
        Column and row, pixel centers at whole numbers; outside, the nearest edge counts.

    Returns
    -------
    (N,) or (N, 3) float32

    Examples
    --------
    >>> sample_plane(np.float32([[0, 1], [2, 3]]), (np.float32([0.5]), np.float32([0.5]))).tolist()
    [1.5]
    """
    count, side = len(at[0]), 1024
    # OpenCV takes 32767 rows at most, so the list is folded.
    rows = -(-count // side)
    x, y = (np.resize(each, rows * side).reshape(rows, side) for each in at)
    found = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found.reshape(rows * side, *plane.shape[2:])[:count], np.float32)
