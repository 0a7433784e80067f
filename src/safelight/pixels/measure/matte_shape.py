"""Faults that a matte shows by its shape alone: frayed edges, uneven insides, bitten holes, what was left behind."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.masks import majority

_WORK = 1000  # px, long side at which shapes are read
_PIECE_PX = 24


@dataclass(frozen=True)
class MatteFaults:
    """What is wrong with a matte's shape. Maps are (H, W) uint8 at work size, 0 where nothing is wrong.

    Parameters
    ----------
    frayed : float, %
        Of the contour's pieces of 24 px, those whose line leaves its own middle over 9 px by a pixel and more.
    uneven : float, %
        Of the subject, by area: see-through places inside it, away from its edge.
    bitten : float, %
        Of the subject, by area: closed openings of at most a hundredth of it each.
    residue : float, per mille
        Of the frame: loose pieces, and veils beyond the edge.
    contour_px : int
        Length of the contour; 0 where the matte holds no subject.
    """

    frayed: float
    uneven: float
    bitten: float
    residue: float
    contour_px: int
    frayed_map: NDArray[np.uint8]
    uneven_map: NDArray[np.uint8]
    bitten_map: NDArray[np.uint8]
    residue_map: NDArray[np.uint8]


def measure_matte_shape(alpha: NDArray[np.float32], code: NDArray[np.float32] | None = None) -> MatteFaults:
    """Measure what a reviewer would mark in a matte without knowing the picture.

    Parameters
    ----------
    alpha : (H, W) float32, 0..1
        Full size; read at 1000 px.
    code : (H, W, 3) float32, encoded 0..1, optional
        The untouched picture on the same pixels or a reduction of them: openings that show its backdrop are true.

    Returns
    -------
    MatteFaults

    Notes
    -----
    A soft edge is no fault: what lies within 10 px of the contour counts neither as uneven nor as residue, and hair up
    to 40 px beyond it does not if it is joined to the subject.

    Examples
    --------
    >>> alpha = np.zeros((200, 300), np.float32); alpha[50:150, 60:240] = 1
    >>> clean = measure_matte_shape(alpha)
    >>> clean.uneven, clean.bitten, clean.residue
    (0.0, 0.0, 0.0)
    >>> alpha[90:96, 100:106] = 0; alpha[10:14, 20:24] = 0.6
    >>> worse = measure_matte_shape(alpha)
    >>> worse.bitten > 0, worse.residue > 0
    (True, True)
    """
    small = _at_work_size(alpha)
    solid = (small > 0.5).astype(np.uint8)
    contour = solid & ~cv2.erode(solid, np.ones((3, 3), np.uint8), borderValue=1)
    area, length = int(solid.sum()), int(contour.sum())
    nothing = np.zeros(small.shape, np.uint8)
    if not length:
        return MatteFaults(0.0, 0.0, 0.0, 0.0, 0, nothing, nothing, nothing, nothing)
    holes = _holes(solid, area)
    if code is not None:
        holes = _not_backdrop(holes, small, code)
    filled = solid | holes
    frayed, frayed_map = _frayed(filled, contour)
    uneven_map = _uneven(small, filled)
    residue_map = _residue(small, filled)
    return MatteFaults(
        frayed,
        100 * float((uneven_map > 0).sum()) / area,
        100 * float(holes.sum()) / area,
        1000 * float((residue_map > 0).mean()),
        length,
        frayed_map,
        uneven_map,
        holes * 255,
        residue_map,
    )


def _at_work_size(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    scale = _WORK / max(alpha.shape)
    if scale >= 1:
        return np.asarray(alpha, np.float32)
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)


def _holes(solid: NDArray[np.uint8], area: int) -> NDArray[np.uint8]:
    """Closed openings small enough to be a bite, with a rim in between so that frayed hair does not count."""
    closed = (1 - solid).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=4)
    sizes = stats[:, cv2.CC_STAT_AREA]
    edge = np.zeros(count, dtype=np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        edge[np.unique(side)] = True
    small = (sizes >= 6) & (sizes < 0.01 * area) & ~edge
    small[0] = False
    return np.asarray(small[labels], np.uint8)


def _not_backdrop(holes: NDArray[np.uint8], alpha: NDArray[np.float32], code: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Of closed openings those whose picture is other than the backdrop around the subject."""
    picture = cv2.resize(code, alpha.shape[::-1], interpolation=cv2.INTER_AREA)
    count, labels = cv2.connectedComponents(holes, connectivity=4)
    bare = (alpha < 0.02) & (holes == 0)
    if count == 1 or not bare.any():
        return holes
    behind = np.median(picture[bare], axis=0)
    sizes = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    mean = np.stack([np.bincount(labels.ravel(), picture[..., each].ravel(), count) for each in range(3)], -1)
    # Its own shadow makes an opening darker, evenly: a tenth of full scale and the same in every channel.
    off = mean / sizes[:, None] - behind
    other = (np.ptp(off, axis=1) > 0.05) | (off.mean(axis=1) > 0.05) | (off.mean(axis=1) < -0.35)
    other[0] = False
    return np.asarray(other[labels], np.uint8)


def _frayed(solid: NDArray[np.uint8], contour: NDArray[np.uint8]) -> tuple[float, NDArray[np.uint8]]:
    """Spikes and nicks: what a middle over 9 px takes off or puts on, deeper than a corner's own rounding."""
    off = (solid != majority(solid, 9)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(off, connectivity=8)
    # A right corner loses some 5 px to the middle; a bite of 3 px by 3 is more.
    real = stats[:, cv2.CC_STAT_AREA] >= 8
    real[0] = False
    bad = real[labels]
    rows, columns = (-(-side // _PIECE_PX) for side in solid.shape)

    def cells(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        y, x = np.nonzero(mask)
        return np.bincount((y // _PIECE_PX) * columns + x // _PIECE_PX, minlength=rows * columns) > 0

    along = cells(contour > 0)
    share = float((cells(bad) & along).sum() / along.sum())
    return 100 * share, (bad * 255).astype(np.uint8)


def _uneven(alpha: NDArray[np.float32], solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    deep = cv2.distanceTransform(solid, cv2.DIST_L2, 5) > 10
    thin = (alpha < 0.97) & deep
    opened = cv2.morphologyEx(thin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return np.asarray(np.where(opened > 0, np.clip(255 * (1 - alpha), 1, 255), 0), np.uint8)


def _residue(alpha: NDArray[np.float32], solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    some = (alpha > 0.02).astype(np.uint8)
    far = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(some, connectivity=8)
    sizes = stats[:, cv2.CC_STAT_AREA]
    # A piece of 2 % of the largest one is a second product, not dirt.
    loose = sizes < 0.02 * sizes[1:].max(initial=1)
    loose[0] = False
    heavy = np.bincount(labels.ravel(), weights=alpha.ravel(), minlength=count) >= 1.5
    veil = cv2.morphologyEx(some, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    veil &= (far > 10) & (alpha < 0.5)
    bad = (loose & heavy)[labels] | veil
    return np.asarray(np.where(bad, np.clip(64 + 191 * alpha, 64, 255), 0), np.uint8)
