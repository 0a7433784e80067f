"""Where in a frame the color of the light changes: mixed light, told from colored things."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.measure.neutral import is_finite
from safelight.pixels.measure.ranked import inside, median

_CELL_PX = 10
_LEAST_USABLE = 0.6
_EVEN_STOPS = 0.12  # standard deviation of log chromaticity in a cell of one material
_STEP_STOPS = 0.1  # between cells of one material; paint differs by more
_DISTANCES = (1, 2, 4)  # in cells: far pairs see a drift that 8-bit codes hide from near ones
_PLAIN_STOPS = 0.0028
_LEAST_PAIRS, _LEAST_CELLS = 30, 20


@dataclass(frozen=True)
class LightField:
    """How the color of the light drifts over a frame.

    Parameters
    ----------
    spread_deg : float
        Angle between the light at one end of the drift and at the other (its 3rd and 97th percentile).
    explained : float, 0..1
        Share of all small color differences between neighbors that one drift over the frame explains. Mixed light
        bends all materials the same way; dye, folds and bounced light each their own.
    cells : (rows, columns) bool
        Where the light could be told.
    off_deg : (rows, columns) float32
        Angle of each such cell's light to the middle of the drift; 0 elsewhere. A cell is 10 px wide and high.
    """

    spread_deg: float
    explained: float
    cells: NDArray[np.bool_]
    off_deg: NDArray[np.float32]

    @property
    def sure_deg(self) -> float:
        """The spread, less what the drift leaves unexplained: what may be held against a limit."""
        return self.spread_deg * math.sqrt(self.explained)


def find_light_field(rgb: NDArray[np.float32], usable: NDArray[np.bool_]) -> LightField | None:
    """Find the drift in the color of the light that all materials of a frame share.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, any primaries
        A small picture, about 400 px.
    usable : (H, W) bool
        Neither clipped nor black, and finite.

    Returns
    -------
    LightField or None
        None where fewer than 20 cells of 10 px show one material with its neighbors.

    Notes
    -----
    Log chromaticity is material plus light. Between neighboring cells of one material the difference is light alone,
    whatever the material's color; a plane is fitted to these differences by Huber weights. A gradient of brightness
    has no part in it. Light that changes within one material only (a painted gradient) is not told from mixed light.
    The idea of reading light from small differences is that of E. H. Land and J. J. McCann, Lightness and retinex
    theory, J. Opt. Soc. Am. 61 (1971).

    Examples
    --------
    >>> paper = np.full((200, 200, 3), 0.5, np.float32)
    >>> paper[..., 2] *= np.linspace(0.8, 1.25, 200, dtype=np.float32)
    >>> found = find_light_field(paper, np.ones((200, 200), bool))
    >>> 11 < found.spread_deg < 15, found.explained > 0.95
    (True, True)
    """
    usable = np.asarray(usable & is_finite(rgb))
    if min(usable.shape) < 4 * _CELL_PX:
        return None
    colors, good = _cells(rgb, usable)
    place = _places(good.shape)
    run, rise, seen = _pairs(colors, good, place)
    if len(run) < _LEAST_PAIRS or int(seen.sum()) < _LEAST_CELLS:
        return None
    slope, explained = _fit(run, rise)
    drift = place @ slope
    drift -= np.median(drift[seen], axis=0)
    along = np.linalg.svd(drift[seen] - drift[seen].mean(axis=0), full_matrices=False)[2][0]
    low, high = np.percentile(drift[seen] @ along, (3, 97))
    spread = float(_angle(low * along, high * along))
    return LightField(
        spread, explained, seen, np.where(seen, _angle(_local(colors, seen, drift)), 0).astype(np.float32)
    )


def is_plain(rgb: NDArray[np.float32], mask: NDArray[np.bool_]) -> bool:
    """Tell paper, cloth and painted walls from wood and stone, whose own color changes from place to place.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, any primaries
        A small picture, about 400 px.
    mask : (H, W) bool
        The surface in question, unclipped.

    Returns
    -------
    bool
        True if log chromaticity differs by less than 0.0028 stops (median) from its mean over some 10 px, in red or in
        blue; paper in studio pictures measures up to 0.0019, wooden floors 0.003 and more. False for a mask without
        a place 9 px wide.
    """
    inner = cv2.erode(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    if not inner.any():
        return False
    green = _log(rgb[..., 1])
    for channel in (0, 2):
        ratio = cv2.subtract(_log(rgb[..., channel]), green)
        # A pixel of blur takes the steps of 8-bit codes away.
        fine, coarse = (cv2.GaussianBlur(ratio, (0, 0), each) for each in (1.0, 3.0))
        grain = median(inside(np.asarray(cv2.absdiff(fine, coarse), np.float32), inner)) / math.log(2.0)
        if grain < _PLAIN_STOPS:
            return True
    return False


def _log(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithm from 1e-4 up; NaN counts as that."""
    return np.asarray(cv2.log(np.fmax(plane, np.float32(1e-4))), np.float32)


def _cells(rgb: NDArray[np.float32], usable: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean log chromaticity (rows, columns, 2) in stops, and which cells show one material."""
    rows, columns = (each // _CELL_PX for each in usable.shape)
    part, size = np.s_[: rows * _CELL_PX, : columns * _CELL_PX], (columns, rows)
    mask = usable[part].astype(np.float32)
    share = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    logs = [cv2.log(np.maximum(np.nan_to_num(rgb[part][..., each]), np.float32(1e-4))) for each in range(3)]
    means, spread = [], np.zeros((rows, columns), np.float32)
    for channel in (0, 2):
        ratio = (logs[channel] - logs[1]) * (mask / np.float32(np.log(2.0)))
        mean, square = (
            cv2.resize(each, size, interpolation=cv2.INTER_AREA) / np.maximum(share, np.float32(1e-3))
            for each in (ratio, ratio * ratio)
        )
        spread = np.maximum(spread, square - mean * mean)
        means.append(mean)
    return np.stack(means, axis=-1).astype(np.float64), (share > _LEAST_USABLE) & (spread < _EVEN_STOPS**2)


def _places(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """X and y of each cell, 0 in the middle, 1 for the longer side."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    side = max(shape[:2])
    return np.stack([x - (shape[1] - 1) / 2, y - (shape[0] - 1) / 2], axis=-1) / side


def _pairs(
    colors: NDArray[np.float64], good: NDArray[np.bool_], place: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Differences in place and in color between cells of one material, and the cells that have a neighbor."""
    seen = np.zeros_like(good)
    run, rise = [], []
    for far in _DISTANCES:
        for down, right in ((0, far), (far, 0)):
            here = np.s_[: good.shape[0] - down, : good.shape[1] - right]
            there = np.s_[down:, right:]
            apart = colors[there] - colors[here]
            alike = good[here] & good[there] & (np.abs(apart).max(axis=2) < _STEP_STOPS * far**0.5)
            run.append((place[there] - place[here])[alike])
            rise.append(apart[alike])
            seen[here] |= alike
            seen[there] |= alike
    return np.concatenate(run), np.concatenate(rise), seen


def _fit(run: NDArray[np.float64], rise: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Slopes (2, 2) in stops over the longer side, by iterated Huber weights, and the share they explain."""
    weight: NDArray[np.float64] = np.ones(len(run))
    slope: NDArray[np.float64] = np.zeros((2, 2))
    left: NDArray[np.float64] = np.zeros(len(run))
    for _ in range(8):
        heavy = run.T * weight
        slope = np.asarray(np.linalg.solve(heavy @ run + 1e-6 * np.eye(2), heavy @ rise), np.float64)
        left = np.sqrt(((rise - run @ slope) ** 2).sum(axis=1))
        usual = 1.48 * median(left) + 0.01
        weight = np.minimum(1.0, usual / np.maximum(left, 1e-9))
    total = float((weight * (rise**2).sum(axis=1)).sum())
    explained = 1.0 - float((weight * left**2).sum()) / total if total > 1e-12 else 0.0
    return slope, min(1.0, max(0.0, explained))


def _local(colors: NDArray[np.float64], seen: NDArray[np.bool_], drift: NDArray[np.float64]) -> NDArray[np.float64]:
    """The light of each cell in stops: the color of its material's region with the material taken out."""
    found = drift.copy()
    labels = _regions(colors, seen)
    for region in range(1, int(labels.max()) + 1):
        inside = labels == region
        if int(inside.sum()) >= _LEAST_CELLS:
            found[inside] = colors[inside] - np.median(colors[inside] - drift[inside], axis=0)
    return found


def _regions(colors: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Cells of one material that hang together: connected, with no step of paint between."""
    rows, columns = seen.shape
    wide = np.zeros((2 * rows - 1, 2 * columns - 1), np.uint8)
    wide[::2, ::2] = seen
    wide[::2, 1::2] = seen[:, 1:] & seen[:, :-1] & (np.abs(np.diff(colors, axis=1)).max(axis=2) < _STEP_STOPS)
    wide[1::2, ::2] = seen[1:] & seen[:-1] & (np.abs(np.diff(colors, axis=0)).max(axis=2) < _STEP_STOPS)
    _, labels = cv2.connectedComponents(wide, connectivity=4)
    return np.asarray(labels[::2, ::2], np.int32)


def _angle(stops: NDArray[np.float64], other: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Degrees between lights given in stops of red and blue over green; to neutral where there is no other."""
    one, two = (_unit(each) for each in (stops, np.zeros(2) if other is None else other))
    return np.asarray(np.degrees(np.arccos(np.clip((one * two).sum(axis=-1), -1.0, 1.0))))


def _unit(stops: NDArray[np.float64]) -> NDArray[np.float64]:
    light = np.stack([2.0 ** stops[..., 0], np.ones(stops.shape[:-1]), 2.0 ** stops[..., 1]], axis=-1)
    return np.asarray(light / np.linalg.norm(light, axis=-1, keepdims=True))
