"""Shadows made from a matte: contact along the foot, drop beside the subject, and where a reflection begins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_TOUCHES = 0.06  # of the subject's height: what hangs farther above its lowest point casts no contact shadow
_STANDS = 0.25  # of the height: the foot of a box seen over its corner rises so far
_FLAT = 0.35  # a contact shadow lies on the floor, seen from a little above: so much shorter than it is wide
_LEAN = 0.6  # of the softness, that the soft rim lies to the side away from a light from straight across
_CORE = 0.25  # of the softness: the dark line where nothing of the light gets in


@dataclass(frozen=True, eq=False)
class Shade:
    """What lies between a subject and its background.

    Parameters
    ----------
    density : (h, w) uint8 or uint16, or None
        Share of the background's light that is taken, over the whole upright original at any reduction.
    feet : (w,) float32 or None
        Where a reflection begins in each column, share of the original's height; None for no reflection.
    holds : (w,) float32, 0..1, or None
        How much of the reflection each column gives: none where nothing stands.
    strength : float, 0..1
        Of the reflection where it begins.
    fade : float
        How far the reflection reaches, share of the original's height.
    """

    density: NDArray[np.uint8] | NDArray[np.uint16] | None
    feet: Float32 | None = None
    holds: Float32 | None = None
    strength: float = 0.0
    fade: float = 0.0


@dataclass(frozen=True, eq=False)
class Foot:
    """Where a subject stands.

    `rows` (W,) is the lowest row of the subject in each column, px, -1 without subject; `weight` (W,) 0..1 how far the
    column touches the floor; `base` the lowest row, `height` the subject's height, `uneven` the standard deviation of
    the touching rows, all px; `cut` is True where the subject runs out of the frame below.
    """

    rows: Float32
    weight: Float32
    base: float
    height: float
    uneven: float
    cut: bool


def find_foot(alpha: Float32) -> Foot | None:
    """Find where a subject stands; None for an empty matte.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1

    Examples
    --------
    >>> box = np.zeros((60, 80), np.float32)
    >>> box[10:40, 20:60] = 1
    >>> foot = find_foot(box)
    >>> foot.base, foot.height, foot.uneven, foot.cut
    (39.0, 30.0, 0.0, False)
    """
    solid = alpha > 0.5
    if not solid.any():
        return None
    held = np.flatnonzero(solid.any(axis=1))
    base, height = float(held[-1]), float(held[-1] - held[0] + 1)
    inside = solid.any(axis=0)
    lowest = len(alpha) - 1 - np.argmax(solid[::-1], axis=0)
    rows = np.where(inside, lowest, -1).astype(np.float32)
    above = (base - rows) / (_TOUCHES * height)
    weight = np.where(inside, np.clip(1 - above, 0, 1), 0).astype(np.float32)
    touching = rows[weight > 0]
    return Foot(rows, weight, base, height, float(touching.std()), bool(solid[-1].any()))


def contact_density(alpha: Float32, softness: float, angle_deg: float = 90.0) -> Float32:
    """Return the shadow where a subject touches the floor: dark at the contact, gone within a little more than that.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1
    softness : float
        Share of the subject's height over which it fades sideways.
    angle_deg : float
        Where the light throws shadows, 0 right, 90 down: the soft rim leans to that side; the dark line stays.

    Returns
    -------
    (H, W) float32, 0..1
        1 at its darkest; zeros for an empty matte.
    """
    out = np.zeros_like(alpha)
    foot = find_foot(alpha)
    if foot is None:
        return out
    sigma = max(1.0, softness * foot.height)
    out += np.float32(0.6) * _leaned(_along(foot, alpha.shape, sigma), _LEAN * sigma * np.cos(np.deg2rad(angle_deg)))
    out += np.float32(0.4) * _along(foot, alpha.shape, max(1.0, _CORE * sigma))
    return np.asarray(out / max(float(out.max()), 1e-6), np.float32)


def _along(foot: Foot, shape: tuple[int, ...], sigma: float) -> Float32:
    """A band along the foot, blurred: wide across, flat down; so deep below the contact as it fades above it."""
    band = np.zeros(shape, np.float32)
    half = max(1, round(0.5 * _FLAT * sigma))
    for column in np.flatnonzero(foot.weight > 0):
        row = int(foot.rows[column])
        band[max(0, row - half) : row + half + 1, column] = foot.weight[column]
    blurred = cv2.GaussianBlur(band, (0, 0), sigmaX=sigma, sigmaY=max(0.6, _FLAT * sigma))
    return np.asarray(blurred / max(float(blurred.max()), 1e-6), np.float32)


def _leaned(band: Float32, by_px: float) -> Float32:
    if abs(by_px) < 1e-6:
        return band
    return np.asarray(cv2.warpAffine(band, np.array([[1, 0, by_px], [0, 1, 0]], np.float32), band.shape[::-1]))


def drop_density(alpha: Float32, angle_deg: float, distance: float, softness: float) -> Float32:
    """Return a drop shadow: the subject's own shape, moved and softened.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1
    angle_deg : float
        Where it falls: 0 to the right, 90 down.
    distance, softness : float
        Shares of the subject's height.

    Returns
    -------
    (H, W) float32, 0..1

    Examples
    --------
    >>> dot = np.zeros((64, 64), np.float32)
    >>> dot[20:30, 20:30] = 1
    >>> fallen = drop_density(dot, 90.0, 2.0, 0.1)
    >>> int(fallen.sum(axis=1).argmax()), int(fallen.sum(axis=0).argmax()) in range(20, 30)
    (44, True)
    """
    foot = find_foot(alpha)
    if foot is None:
        return np.zeros_like(alpha)
    turn = np.deg2rad(angle_deg)
    by = distance * foot.height * np.array([np.cos(turn), np.sin(turn)])
    shift = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float32)
    moved = cv2.warpAffine(np.asarray(alpha, np.float32), shift, alpha.shape[::-1], flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), max(0.8, softness * foot.height)).clip(0, 1), np.float32)


def reflection_foot(alpha: Float32) -> tuple[Float32, Float32]:
    """Return where a reflection begins in each column, and how much of it each column gives.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1, not empty

    Returns
    -------
    (feet, holds)
        (W,) float32: px from the top, the lower edge of the lowest pixel; and 0..1.

    Notes
    -----
    A floor mirrors what stands on it about the line where it stands: of a box seen over its corner that line is bent,
    of a bottle round. Each column is therefore mirrored about its own foot, smoothed a little. What hangs higher
    than a quarter of the subject's height above the floor has no foot of its own and gives no reflection.
    """
    from scipy.ndimage import median_filter  # half a second to import, and few pictures have a reflection

    foot = find_foot(alpha)
    width = alpha.shape[1]
    if foot is None:
        return np.zeros(width, np.float32), np.zeros(width, np.float32)
    stands = (foot.rows >= 0) & (foot.base - foot.rows < _STANDS * foot.height)
    columns = np.arange(width, dtype=np.float32)
    feet = np.interp(columns, columns[stands], foot.rows[stands] + 1).astype(np.float32)
    # Crumbs below a rough edge are no feet: the median of a twentieth of the height passes over them.
    side = 2 * max(1, round(0.025 * foot.height)) + 1
    calm = np.asarray(median_filter(feet, side, mode="nearest"), np.float32)
    sigma = max(1.0, 0.006 * foot.height)
    smooth = cv2.GaussianBlur(calm[None], (0, 0), sigmaX=sigma, sigmaY=0.1, borderType=cv2.BORDER_REPLICATE)[0]
    holds = cv2.blur(stands.astype(np.float32)[None], (3, 1))[0]
    return np.asarray(smooth, np.float32), np.asarray(holds, np.float32)


def foot_roughness(alpha: Float32) -> float:
    """Return how far a subject's lower edge jumps about its own smooth line, share of its height; 0 without subject.

    Examples
    --------
    >>> box = np.zeros((200, 200), np.float32)
    >>> box[20:120, 40:160] = 1
    >>> foot_roughness(box)
    0.0
    """
    foot = find_foot(alpha)
    if foot is None:
        return 0.0
    feet, holds = reflection_foot(alpha)
    known = (holds > 0.5) & (foot.rows >= 0)
    return float(np.abs(foot.rows + 1 - feet)[known].mean() / foot.height) if known.any() else 0.0


def share_outside(alpha: Float32, angle_deg: float, distance: float) -> float:
    """Return the share of a drop shadow that falls out of the frame, 0..1."""
    whole = float((alpha > 0.5).sum())
    kept = float((drop_density(alpha, angle_deg, distance, 0.0) > 0.5).sum())
    return max(0.0, 1.0 - kept / whole) if whole else 0.0
