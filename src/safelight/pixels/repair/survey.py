"""What lies around a hole: plain surface, or a shadow, a reflection or structure that a hand must rebuild (R80)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.difference import lab_from

Float32 = NDArray[np.float32]
_WORK_PX = 400
_SECTORS = 24  # a shadow leaves an object on one side: the rim is read in pieces


@dataclass(frozen=True)
class Surroundings:
    """Measures of the rim around a hole, against the surface farther out.

    Parameters
    ----------
    shadow_share, reflection_share : float, 0..1
        Of the rim: darker than the surface in the same color; other in color, or lighter.
    shadow_depth : float, L*
        Of the darkest twelfth of the rim below the surface.
    structure : float, L*
        Root mean square of what the surface has beside shading: noise, weave, print, edges.
    edges_share : float, 0..1
        Of the rim, crossed by an edge well above that.
    frame_share : float, 0..1
        Of the rim, cut off by the frame.
    """

    shadow_share: float
    reflection_share: float
    shadow_depth: float
    structure: float
    edges_share: float
    frame_share: float


def survey(light: Float32, space: str, hole: NDArray[np.bool_]) -> Surroundings:
    """Measure what surrounds a hole.

    Parameters
    ----------
    light : (H, W, 3) float32, linear, primaries of `space`
        A window around the hole with room on all sides that the frame leaves.
    space : str
    hole : (H, W) bool
    """
    scale = min(1.0, _WORK_PX / max(hole.shape))
    size = (max(8, round(hole.shape[1] * scale)), max(8, round(hole.shape[0] * scale)))
    gone = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    small = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)
    lab = np.asarray(lab_from(small, space), np.float32)
    away = cv2.distanceTransform((~gone).astype(np.uint8), cv2.DIST_L2, 5)
    thick = 2 * float(cv2.distanceTransform(gone.astype(np.uint8), cv2.DIST_L2, 3).max())
    near = max(3.0, 0.12 * thick)
    rim = (away > 0.7) & (away <= near)
    far = away > 2 * near
    if rim.sum() < 12 or far.sum() < 40:
        return Surroundings(0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    surface, noise = _surface(lab, far)
    off = lab - surface
    fine = off[..., 0] - cv2.GaussianBlur(off[..., 0], (0, 0), 2.5)
    structure = float(np.sqrt(np.median(off[..., 0][far] ** 2)) * 1.4826)
    grain = float(np.median(np.abs(fine[far])) * 1.4826)
    rows, cols = np.nonzero(rim)
    sector = _sectors(rows, cols, gone)
    dark, other, edged, counted, depths = 0, 0, 0, 0, []
    for number in range(_SECTORS):
        here = sector == number
        if here.sum() < 4:
            continue
        counted += 1
        down, green, blue = np.median(off[rows[here], cols[here]], axis=0)
        moved = float(np.hypot(green, blue))
        depths.append(-float(down))
        if moved > max(2.5, 3 * noise) or down > max(2.0, 3 * noise):
            other += 1
        elif down < -max(1.2, 2.5 * noise):
            dark += 1
        if float(np.percentile(np.abs(fine[rows[here], cols[here]]), 90)) > max(3.0, 5 * grain):
            edged += 1
    total = max(counted, 1)
    depth = float(np.sort(depths)[-max(1, total // 12) :].mean()) if depths else 0.0
    return Surroundings(dark / total, other / total, depth, structure, edged / total, _cut_off(gone))


def _surface(lab: Float32, far: NDArray[np.bool_]) -> tuple[Float32, float]:
    """A quadratic surface through what lies farther out, without what strays from it, and how much the rest strays."""
    height, width = far.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    basis = np.stack([np.ones_like(y), y, x, y * y, x * y, x * x], axis=-1)
    rows, cols = np.nonzero(far)
    step = max(1, len(rows) // 8000)
    rows, cols = rows[::step], cols[::step]
    kept = np.ones(len(rows), dtype=np.bool_)
    model, spread = lab, 0.0
    for _ in range(4):
        fit, *_rest = np.linalg.lstsq(basis[rows, cols][kept], lab[rows, cols][kept], rcond=None)
        model = np.asarray(basis @ fit, np.float32)
        away = np.abs(lab - model)[rows, cols].max(axis=1)
        spread = float(np.median(away[kept]))
        kept = away <= max(3 * spread, 0.5)
    return model, spread


def _sectors(rows: NDArray[np.int64], cols: NDArray[np.int64], gone: NDArray[np.bool_]) -> NDArray[np.int64]:
    own = np.argwhere(gone).mean(axis=0)
    angle = np.arctan2(rows - own[0], cols - own[1])
    return np.asarray(((angle + np.pi) / (2 * np.pi) * _SECTORS).astype(np.int64) % _SECTORS)


def _cut_off(gone: NDArray[np.bool_]) -> float:
    """Share of a hole's contour that is the frame."""
    at_frame = int(gone[0].sum() + gone[-1].sum() + gone[:, 0].sum() + gone[:, -1].sum())
    inner = int((cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > gone).sum())
    return at_frame / max(at_frame + inner, 1)
