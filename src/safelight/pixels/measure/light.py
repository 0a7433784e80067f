"""How much light there is, and where: levels in stops, clipping, backdrop and subject."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import decode
from safelight.pixels.measure.ranked import inside, percentiles, percentiles_of_sorted, share_of

MIDDLE_GRAY = 0.18
# Below 2^-10 of white (9.5 stops under it) an 8-bit file holds no more than its first three codes.
_FLOOR = 2.0**-10
# Lit seamless paper around a subject; a garment's folds differ more.
_EVEN_STOPS = 0.15
_MOST_SAMPLES = 8192  # the median of so many lies within a hundredth of a stop of that of all
_RIM = 0.06  # of the long side: what lies there is background in nearly every frame
PERCENTILES = (0.5, 1, 5, 25, 50, 75, 95, 99, 99.5)


@dataclass(frozen=True)
class Backdrop:
    """What the subject stands before.

    `mask` (H, W) bool is where it lies; `share` of the frame; `border_share` of the frame's border that it meets;
    `level` its median luminance, linear, 1.0 = white; `uniformity_stops` between its 5th and 95th percentile.
    `rim_structure` is told of any frame, see `rim_structure`; NaN for one smaller than 16 px.
    """

    found: bool
    mask: NDArray[np.bool_]
    share: float
    border_share: float
    level: float
    uniformity_stops: float
    rim_structure: float = math.nan


def stops_from_middle_gray(luminance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return linear luminance in photographic stops relative to middle gray (0.18).

    Values below 2**-10, negatives and NaN count as 2**-10 (7.5 stops below middle gray).

    Examples
    --------
    >>> stops_from_middle_gray(np.array([0.18, 0.36, 0.09], np.float32)).round(3).tolist()
    [0.0, 1.0, -1.0]
    """
    return np.asarray(np.log2(_held(luminance) * np.float32(1.0 / MIDDLE_GRAY)), np.float32)


def percentiles_stops(luminance: NDArray[np.float32]) -> dict[str, float]:
    """Return the percentiles of luminance, in stops from middle gray; keys ``"0.5"`` to ``"99.5"``, empty if no pixel.

    Exposure adds: light times 2**s moves each by s, as far as nothing meets the floor.
    """
    return percentiles_stops_of_sorted(np.sort(_held(luminance), axis=None))


def percentiles_stops_of_sorted(ordered: NDArray[np.float32]) -> dict[str, float]:
    """Return what `percentiles_stops` does, of luminances that are in order, (N,), none NaN."""
    if ordered.size == 0:
        return {}
    # The floor keeps the order; so does the logarithm, so that nine numbers need it and not all.
    values = stops_from_middle_gray(percentiles_of_sorted(_held(ordered), PERCENTILES).astype(np.float32))
    return {f"{each:g}": round(float(value), 3) for each, value in zip(PERCENTILES, values, strict=True)}


def _held(luminance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Luminance from the floor up, without NaN and infinity; NumPy's own replacement takes ten times as long."""
    held = np.fmax(luminance, np.float32(_FLOOR))  # of NaN and a number the number
    if math.isfinite(float(held.sum(dtype=np.float64))):
        return np.asarray(held, np.float32)
    return np.where(np.isinf(held), np.float32(2.0**8), held).astype(np.float32)


def clipped_high(own: NDArray[np.float32], space: str) -> NDArray[np.bool_]:
    """Tell, channel by channel, where code values are at the top: 254 of 255 and more.

    Parameters
    ----------
    own : (..., 3) float32, linear light in the primaries of `space`
        Clipping happens in the space the file was written in; in another the same pixel looks unclipped. NaN is
        clipped.
    space : str
        That space's name; its transfer function says how much light code 253.5 is.
    """
    return np.asarray(~(own < _light_of_code(253.5, space)))


def clipped_low(own: NDArray[np.float32], space: str) -> NDArray[np.bool_]:
    """Tell, channel by channel, where code values are at the bottom: 1 of 255 and less; else as `clipped_high`."""
    return np.asarray(~(own > _light_of_code(1.5, space)))


def _light_of_code(code: float, space: str) -> np.float32:
    return np.float32(decode(np.array([code / 255.0], np.float32), space)[0])


def mostly(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return a mask on a coarser grid: where it holds for more than half of a field.

    Parameters
    ----------
    mask : (H, W, 3) bool
    size : (int, int)
        (width, height) of the grid.
    """
    if not share_of(mask):  # most frames have nothing at an end
        return np.zeros((size[1], size[0], 3), bool)
    whole = mask.view(np.uint8) * np.uint8(255)
    if mask.shape[:2] != (2 * size[1], 2 * size[0]):
        whole = whole.astype(np.float32)  # OpenCV takes half as long as for integers, but at exactly a half
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA) > 128).reshape(size[1], size[0], 3)


def any_channel(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where any of three channels is true; NumPy's own reduction of so short an axis takes ten times as long."""
    first, second, third = _planes(mask)
    return np.asarray((first | second | third).view(np.bool_))


def all_channels(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where all three channels are true."""
    first, second, third = _planes(mask)
    return np.asarray((first & second & third).view(np.bool_))


def _planes(mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], ...]:
    """The three channels one after the other: NumPy takes seven times as long for every third byte."""
    whole = np.ascontiguousarray(mask).view(np.uint8)
    planes = cv2.split(whole.reshape(-1, 1, 3))
    return tuple(np.asarray(each, np.uint8).reshape(mask.shape[:-1]) for each in planes)


def channel_mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of three channels."""
    return np.asarray((values[..., 0] + values[..., 1] + values[..., 2]) / np.float32(3.0), np.float32)


def channel_medians(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the median of each of three channels inside a mask, (3,); of very many pixels every n-th is taken."""
    places = np.flatnonzero(mask)
    places = places[:: max(1, len(places) // _MOST_SAMPLES)]
    if not len(places):
        return np.full(3, np.nan, np.float32)
    ordered = np.sort(np.ascontiguousarray(values.reshape(-1, 3)[places].T), axis=1)
    low, high = ordered[:, (len(places) - 1) // 2], ordered[:, len(places) // 2]
    return np.asarray((low + high) / np.float32(2.0), np.float32)


def find_backdrop(rgb: NDArray[np.float32], alpha: NDArray[np.float32] | None = None) -> Backdrop:
    """Find the backdrop: the smooth field that reaches the frame's border.

    Parameters
    ----------
    rgb : (H, W, 3) float32, linear light, any primaries
        A small picture, 300 to 500 px; NaN counts as black.
    alpha : (H, W) float32 0..1, optional
        The subject's matte; where it is above 0.02 there is no backdrop.

    Returns
    -------
    Backdrop
        `found` if it takes 8 % of the frame and meets a quarter of its border within 2.5 stops; lit paper, even
        within 0.15 stops, needs 4 % of the frame and 8 % of its border.

    Notes
    -----
    Smooth is less than 0.08 stops a pixel in light and in the ratios of the channels. Fields that meet the border
    belong to the backdrop if they lie within 1 stop and a quarter stop of color of the first of them, so that a
    leg does not cut it in two. The first is the lightest, if it is as even as lit paper, else the largest.
    """
    height, width = rgb.shape[:2]
    none = Backdrop(
        found=False,
        mask=np.zeros((height, width), bool),
        share=0.0,
        border_share=0.0,
        level=float("nan"),
        uniformity_stops=float("nan"),
    )
    if min(height, width) < 16:
        return none
    stops = stops_from_middle_gray(rgb)
    smooth = _is_smooth(stops)
    rim = rim_structure(smooth)
    none = replace(none, rim_structure=rim)
    if alpha is not None:
        smooth &= cv2.dilate((alpha > 0.02).astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(smooth.astype(np.uint8), connectivity=4)
    at_border = np.bincount(_border(labels), minlength=count)
    at_border[0] = 0
    if at_border.max(initial=0) == 0:
        return none
    mask = _first_and_like(np.asarray(labels, np.int32), np.asarray(stats), np.flatnonzero(at_border), stops)
    border_share = float(np.mean(_border(cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)))))
    light = channel_mean(stops)
    low, middle, high = (float(each) for each in percentiles(inside(light, mask), (5, 50, 95)))
    share = share_of(mask)
    if high - low < _EVEN_STOPS:
        found = share >= 0.04 and border_share >= 0.08
    else:
        found = share >= 0.08 and border_share >= 0.25 and high - low <= 2.5
    # A frame of one even color is as likely cloth as paper.
    found = found and share <= 0.98
    return Backdrop(found, mask, share, border_share, float(2.0**middle * MIDDLE_GRAY), high - low, rim)


def rim_structure(smooth: NDArray[np.bool_]) -> float:
    """Return how much structure runs along a frame's rim: near 0 before paper, above 0.15 before a busy background.

    Parameters
    ----------
    smooth : (H, W) bool
        Where light and color change by less than a step that is seen.

    Returns
    -------
    float, 0 to 1
        Share of a band of 6 % of the long side that is not smooth, of the second quietest of the four sides: a subject
        that runs out of the frame at a side or two is no background.

    Examples
    --------
    >>> frame = np.ones((100, 100), bool)
    >>> frame[90:, 30:70] = False  # legs that run out at the bottom
    >>> rim_structure(frame)
    0.0
    >>> rim_structure(~np.ones((100, 100), bool))
    1.0
    """
    deep = max(1, round(_RIM * max(smooth.shape)))
    bands = (smooth[:deep], smooth[-deep:], smooth[:, :deep], smooth[:, -deep:])
    return sorted(1.0 - share_of(np.ascontiguousarray(each)) for each in bands)[1]


def subject_mask(backdrop: Backdrop, alpha: NDArray[np.float32] | None = None) -> NDArray[np.bool_]:
    """Return where the subject is: the matte above one half, else what is 3 px off the backdrop, else everything."""
    if alpha is not None and bool((alpha > 0.5).any()):
        return alpha > 0.5
    if not backdrop.found:
        return np.ones_like(backdrop.mask)
    # The rim that is too steep for the backdrop but belongs to its shadow or blur is left out by the dilation.
    subject = cv2.dilate(backdrop.mask.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    return np.asarray(subject if share_of(subject) else ~backdrop.mask)


def _is_smooth(stops: NDArray[np.float32]) -> NDArray[np.bool_]:
    soft = cv2.GaussianBlur(stops, (0, 0), 0.8, borderType=cv2.BORDER_REPLICATE)
    across = cv2.Scharr(soft, cv2.CV_32F, 1, 0, scale=1 / 32, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Scharr(soft, cv2.CV_32F, 0, 1, scale=1 / 32, borderType=cv2.BORDER_REPLICATE)
    steep = cv2.magnitude(across.reshape(stops.shape[0], -1), down.reshape(stops.shape[0], -1))
    return all_channels(np.asarray(steep < 0.08).reshape(stops.shape))


def _border(labels: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])


def _first_and_like(
    labels: NDArray[np.int32], stats: NDArray[np.int32], at_border: NDArray[np.intp], stops: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """The field that looks most like a backdrop, and those that look like it."""
    sizes = stats[:, cv2.CC_STAT_AREA]
    ranked = sorted(at_border.tolist(), key=lambda each: -int(sizes[each]))[:12]
    boxes = {each: _box_of(stats[each]) for each in ranked}
    fields = {each: labels[box] == each for each, box in boxes.items()}
    middles = {each: channel_medians(stops[box], fields[each]) for each, box in boxes.items()}
    large = {each: boxes[each] for each in ranked if sizes[each] >= 0.04 * labels.size}
    first = middles[_paper(large, middles, fields, stops) or ranked[0]]
    mask = np.zeros(labels.shape, bool)
    for each, middle in middles.items():
        off = middle - first
        if abs(float(off.mean())) <= 1.0 and float(np.ptp(off)) <= 0.25:
            mask[boxes[each]] |= fields[each]
    return mask


def _box_of(stats: NDArray[np.int32]) -> tuple[slice, slice]:
    x, y, width, height = (int(each) for each in stats[:4])
    return slice(y, y + height), slice(x, x + width)


def _paper(
    large: dict[int, tuple[slice, slice]],
    middles: dict[int, NDArray[np.float32]],
    fields: dict[int, NDArray[np.bool_]],
    stops: NDArray[np.float32],
) -> int | None:
    """The lightest large field, if it is as even as lit paper: in a close-up the garment is the larger one."""
    if not large:
        return None
    lightest = max(large, key=lambda each: float(middles[each].mean()))
    low, high = percentiles(inside(channel_mean(stops[large[lightest]]), fields[lightest]), (5, 95))
    return lightest if high - low < _EVEN_STOPS else None
