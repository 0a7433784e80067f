"""Openings of a subject that a matte left closed: backdrop inside of what counts as subject."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

LOOK_PX = 1000  # long side at which openings are looked for
_NEAR_PX = 80  # of the subject: where the backdrop is read that an opening would show
_LEAST_SHARE = 0.0004  # of the subject, of one opening
_MOST_SHARE = 0.3  # more of it is a subject of the backdrop's color
_LEAST_CODE = 0.012  # 3 of 255 codes: what the backdrop's own model is off by
_FIRST_CODE = 0.1  # from the backdrop's median, for the first fit: how uneven a backdrop may be
_RIM_CODE = 0.05  # an opening has an edge


def find_closed_holes(code: Float32, alpha: Float32) -> NDArray[np.uint8]:
    """Map what of a subject shows its backdrop.

    Parameters
    ----------
    code : (H, W, 3) float32, encoded 0..1
        The untouched capture.
    alpha : (H, W) float32, 0..1, on the same pixels

    Returns
    -------
    (h, w) uint8 at work size
        255 where backdrop was left in; zeros where nothing can be told: no backdrop around, or a subject of its color.

    Notes
    -----
    The backdrop around the subject is a plane of second order in each channel. Inside, what lies within its noise, is
    no larger than a third of the subject and has an edge all round is an opening. White print on white
    paper before white paper looks the same: the measure warns, a person decides.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 0.002, (200, 300, 3)).astype(np.float32)
    >>> code, alpha = noise + np.float32(0.9), np.zeros((200, 300), np.float32)
    >>> alpha[50:150, 60:240] = 1
    >>> code[50:150, 60:240] -= np.float32(0.5)
    >>> code[80:110, 120:160] += np.float32(0.5)
    >>> int((find_closed_holes(code, alpha) > 0).sum())  # 30 x 40, and a pixel around it
    1344
    """
    scale = min(1.0, LOOK_PX / max(alpha.shape))
    small, cover = (np.ascontiguousarray(each, np.float32) for each in (code, alpha))
    if scale < 1:
        size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
        small, cover = (np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA)) for each in (small, cover))
    out = np.zeros(cover.shape, np.uint8)
    solid = (cover > 0.9).astype(np.uint8)
    outside = cover < 0.02
    near = cv2.dilate((cover > 0.5).astype(np.uint8), np.ones((2 * _NEAR_PX + 1,) * 2, np.uint8)) > 0
    off = cv2.erode(outside.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=1) > 0
    around = near & off
    if around.sum() < 500 or not solid.any():
        return out
    model, noise = _backdrop(small, around)
    limit = max(_LEAST_CODE, 3 * noise)
    away = cv2.blur(_apart(small, model), (3, 3))
    like = ((away < limit) & (cv2.erode(solid, np.ones((3, 3), np.uint8)) > 0)).astype(np.uint8)
    like = cv2.morphologyEx(like, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(like, connectivity=4)
    area = int(solid.sum())
    if like.sum() > _MOST_SHARE * area:
        return out
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < max(12, _LEAST_SHARE * area):
            continue
        x, y, w, h = (int(each) for each in stats[label, :4])
        box = slice(max(0, y - 6), y + h + 6), slice(max(0, x - 6), x + w + 6)
        piece = (labels[box] == label).astype(np.uint8)
        grown = cv2.dilate(piece, np.ones((3, 3), np.uint8))
        ring = (cv2.dilate(grown, np.ones((7, 7), np.uint8)) & ~grown) > 0
        if np.percentile(away[box][ring], 25) > _RIM_CODE:
            out[box][piece > 0] = 255
    # Opening and blurring took the rim of it.
    return np.asarray(cv2.dilate(out, np.ones((5, 5), np.uint8)) & (solid * 255), np.uint8)


def _apart(code: Float32, model: Float32) -> Float32:
    red, green, blue = cv2.split(cv2.absdiff(code, model))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)


def _backdrop(code: Float32, around: NDArray[np.bool_]) -> tuple[Float32, float]:
    """A plane of second order through the backdrop, and the noise about it."""
    height, width = around.shape
    rows, columns = np.nonzero(around)
    step = max(1, len(rows) // 20_000)
    rows, columns = rows[::step], columns[::step]

    def terms(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)

    basis = terms(rows / height, columns / width)
    seen = code[rows, columns].astype(np.float64)
    kept = np.abs(seen - np.median(seen, axis=0)).max(axis=1) < _FIRST_CODE  # crumbs and shadows lie farther off
    weights: NDArray[np.float64] = np.zeros((6, 3))
    for _ in range(3):  # twice again without what a shadow or a crumb is off
        weights = np.asarray(np.linalg.lstsq(basis[kept], seen[kept], rcond=None)[0], np.float64)
        apart = np.abs(basis @ weights - seen).max(axis=1)
        kept = apart < max(0.01, 2.5 * float(np.median(apart[kept])))
    noise = float(np.median(np.abs(basis[kept] @ weights - seen[kept]).max(axis=1)))
    y, x = (np.arange(side)[..., None] / side for side in (height, width))
    of_row = weights[0] + y * weights[2] + y * y * weights[5]
    of_column = x * weights[1] + x * x * weights[3]
    across = np.asarray(x[None] * weights[4], np.float32)
    model = of_row.astype(np.float32)[:, None] + of_column.astype(np.float32)[None]
    return np.asarray(model + y.astype(np.float32)[:, None] * across, np.float32), noise
