"""OpenColorIO's hue curves on light at a quarter of its time, and the very same values.

The op (GradingHueCurve, style linear) takes a color apart into hue, saturation and luma, reads eight splines at every
pixel, and puts the color together again. Here the splines that hang on hue alone are read from tables, each entry mixed
with the next. The tables are read off the op itself::

    saturation' = saturation gain(hue)
    luma' = luma (1 - lost(hue) min(1, saturation'))
    hue' = hue + turn(hue)

That is painted between OpenColorIO's own fixed functions, exactly. Most colors need less. With c the pure color of a
hue (its largest channel 1, its smallest 0), w its luma, e = c - w and q the sum of abs(e), a color is its luma Y and
D e, and its saturation, from a luma of 0.01 up, is::

    1.4 q D / (K + D sum(e))                            K = 0.15 + 3 Y

So, where luma is kept, all that hangs on hue is multiplied out to three tables, of n and of two channels of m e(hue')::

    painted = Y + m e(hue') D K / (K + n D)
    m = gain q / q'                                     n = sum(e) - m sum(e')

Colors that are dark, far outside the gamut or at a limit of the op are painted the first way, and so are the few hues
whose entry holds a corner of the hexagon: only what is straight within 2e-6 is read between two entries.

A block is painted in planes that its thread keeps, so that none of them is asked of the system and given back to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import local
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import NDArray

from safelight.pixels.color.singles import picked, put_back
from safelight.pixels.color.spaces import Float32

_Paint = Callable[[Any], Any]

_ENTRIES = 6 * 1360  # the points of a grade and the corners of the hexagon lie on entries
_SATURATION, _BRIGHTNESS = 0.3, 0.5  # of the colors that are read off: no limit of the op is near
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])  # of the op, whatever the primaries
_ELSE = ("lum_sat", "sat_sat", "lum_lum", "sat_lum")
_STRAIGHT, _GENTLE = 2e-6, 2.0
_BRIGHT, _GLARE = 0.01, 1e4  # luma between which the formula is the op's, and far from what overflows
_BELOW = -0.04  # with no channel below this, K + D sum(e), which is 0.15 and all channels, is far from the op's limit
_FEW = 1000  # so many colors are painted quicker by the op in one call than by `in_full` in ten
_LEAST, _MOST = 1e-6, 4.0  # of K / (K + n D): where it is more, small errors grow
_LUMAS = 49.0  # the op lets a channel be so many lumas below luma: D' is at most 50 Y / w'


@dataclass(frozen=True, eq=False)
class HueCurves:
    """How to paint hue curves: (H, W, 3) float32, light of any primaries; 1e-5 of a color from OpenColorIO.

    Parameters
    ----------
    paint : block -> block
        The block may be changed in its place.
    is_gentle : bool
        No color inside the gamut has its distance from gray, and so what is off in it, more than doubled.
    """

    paint: Callable[[Any], Any]
    is_gentle: bool

    def __call__(self, block: Any) -> Any:  # noqa: ANN401 - as the other lookups
        """Paint one block."""
        return self.paint(block)


class _Dial(NamedTuple):
    """A function of hue: what stands at each entry, and how far it is to the next; (1, 65536), the rest unused."""

    at: Float32
    on: Float32


def hue_curves(op: ocio.Transform, in_place: Callable[[ocio.Transform], _Paint]) -> HueCurves | None:
    """Return how to paint hue curves, or None for an op that is something else or does more.

    Parameters
    ----------
    op : an OpenColorIO transform
    in_place : op -> (H, W, 3) float32 -> the same
        How OpenColorIO paints an op, on contiguous values in their place.

    Examples
    --------
    >>> hue_curves(ocio.MatrixTransform(), lambda op: lambda block: block) is None
    True
    """
    if not _is_of_hue_alone(op):
        return None
    kind, back = ocio.FIXED_FUNCTION_RGB_TO_HSY_LIN, ocio.TRANSFORM_DIR_INVERSE
    take_apart = in_place(ocio.FixedFunctionTransform(kind))
    put_together = in_place(ocio.FixedFunctionTransform(kind, direction=back))

    wheel = np.full((1, 2 * _ENTRIES + 1, 3), (0.0, _SATURATION, _BRIGHTNESS), np.float32)
    wheel[0, :, 0] = hues = np.arange(2 * _ENTRIES + 1) / (2 * _ENTRIES)
    after = np.moveaxis(take_apart(in_place(op)(put_together(wheel)))[0].astype(np.float64), 1, 0)
    gain, kept = after[1] / _SATURATION, after[2] / _BRIGHTNESS
    gray = gain < 1e-5  # gray has no hue
    turn = np.where(gray, 0, (after[0] - hues + 0.5) % 1 - 0.5)
    lost = np.where(gray, 0, (1 - kept) / np.where(gray, 1, after[1]))
    if not np.isfinite(after).all() or after[1].max() > 1:
        return None
    turns, gains, losses = (_dial(each[::2]) for each in (turn, gain, lost))

    def in_full(block: Any) -> Any:  # noqa: ANN401 - as the other lookups
        parts = take_apart(np.ascontiguousarray(block))
        with np.errstate(all="ignore"):
            read = _reader(parts[..., 0] * np.float32(_ENTRIES))
            parts[..., 1] *= read(gains)
            parts[..., 2] *= 1 - read(losses) * np.minimum(parts[..., 1], 1)
            parts[..., 0] += read(turns)
        return put_together(parts)

    quick, most = _multiplied_out(hues, turn, gain)
    if np.abs(1 - kept).max() > 1e-5:
        return HueCurves(in_full, most <= _GENTLE)
    exactly = in_place(op)

    def where_not_held(colors: Any) -> Any:  # noqa: ANN401 - as the other lookups
        return (exactly if colors.size < 3 * _FEW else in_full)(colors)

    return HueCurves(lambda block: _paint(np.ascontiguousarray(block), quick, where_not_held), most <= _GENTLE)


def _is_of_hue_alone(op: ocio.Transform) -> bool:
    if not isinstance(op, ocio.GradingHueCurveTransform) or op.getStyle() != ocio.GRADING_LIN:
        return False
    if op.getDirection() != ocio.TRANSFORM_DIR_FORWARD or op.getRGBToHSY() != ocio.HSY_TRANSFORM_1:
        return False
    given, plain = op.getValue(), ocio.GradingHueCurve(ocio.GRADING_LIN)
    return all(getattr(given, name) == getattr(plain, name) for name in _ELSE)


class _Quick(NamedTuple):
    n: _Dial
    red: _Dial  # of m e(hue')
    blue: _Dial
    is_wild: bool  # a color inside the gamut may come to a limit of the op


def _multiplied_out(
    hues: NDArray[np.float64], turn: NDArray[np.float64], gain: NDArray[np.float64]
) -> tuple[_Quick, float]:
    """Tables over hues from red on, out of functions of hues from magenta on, and the most that a D may grow.

    Every other hue is there for proof alone.
    """
    sixth = (len(hues) - 1) // 6
    turn, gain = (np.append(np.roll(each[:-1], -sixth), each[sixth]) for each in (turn, gain))
    before, after = _less_luma(hues), _less_luma(hues + turn)
    m = gain * np.abs(before).sum(axis=1) / np.abs(after).sum(axis=1)
    n = before.sum(axis=1) - m * after.sum(axis=1)
    every = np.column_stack([n, m * after[:, 0], m * after[:, 2]])
    bend = np.abs(every[1::2] - (every[:-1:2] + every[2::2]) / 2).max(axis=1)
    dials = [_dial(each[::2]) for each in every.T]
    dials[0].on[0, :_ENTRIES][bend > _STRAIGHT] = np.nan  # such a hue is held by nothing and painted in full
    below = before.min(axis=1)  # -w, which is what e is below 0
    share = 1 + n / (-3 * below)  # of K + n D in K, at most light
    # D w is at most Y - _BELOW, five times Y, and what a pixel's share of K is at most is _MOST
    wild = 5 * _MOST * float((m * after.min(axis=1) / below).max()) > _LUMAS
    return _Quick(dials[0], dials[1], dials[2], wild), float((m / share).max()) if share.min() > 0 else np.inf


def _less_luma(hues: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return e of hues in turns from red."""
    away = np.abs((6 * hues[:, None] - np.array([0.0, 2.0, 4.0]) + 3) % 6 - 3)
    pure = np.clip(2 - away, 0, 1)
    return np.asarray(pure - (pure @ _WEIGHTS)[:, None])


def _dial(values: NDArray[np.float64]) -> _Dial:
    at, on = (np.zeros((1, 65536), np.float32) for _ in range(2))
    at[0, : _ENTRIES + 1], on[0, :_ENTRIES] = values, np.diff(values)
    return _Dial(at, on)


def _reader(place: Float32) -> Callable[[_Dial], Float32]:
    """How to read a dial at places among its entries."""
    below = np.floor(place)
    index: Any = below.astype(np.uint16)
    rest = np.subtract(place, below, out=below)

    def read(dial: _Dial) -> Float32:
        return _read(dial, index, rest, np.empty_like(rest), np.empty_like(rest))

    return read


def _read(dial: _Dial, index: Any, rest: Float32, out: Float32, spare: Float32) -> Float32:  # noqa: ANN401 - OpenCV's
    """Put what a dial has at `index` and `rest` of an entry into `out`."""
    cv2.LUT(index, dial.at, dst=cast(Any, out))
    cv2.LUT(index, dial.on, dst=cast(Any, spare))
    cv2.accumulateProduct(cast(Any, spare), cast(Any, rest), cast(Any, out))
    return out


class _Planes(local):
    """What a thread paints in: as many planes as `_paint` needs, and a block of three channels."""

    def __init__(self) -> None:
        self._flat = np.empty(0, np.float32)
        self._index = np.empty(0, np.uint16)

    def of(self, height: int, width: int) -> tuple[Any, Any, Any]:
        """Return seven (H, W) float32 planes, a (H, W) uint16 one and a (H, W, 3) float32 block, of any content."""
        size = height * width
        if self._index.size < size:
            self._flat, self._index = np.empty(10 * size, np.float32), np.empty(size, np.uint16)
        flat = self._flat[: 10 * size]
        planes = tuple(flat[n * size : (n + 1) * size].reshape(height, width) for n in range(7))
        return planes, self._index[:size].reshape(height, width), flat[7 * size :].reshape(height, width, 3)


_PLANES = _Planes()
_LUMA = _WEIGHTS.astype(np.float32)[None]
_PLACE = np.array([[_ENTRIES / 360, 0, 0]], np.float32)  # of a hue in degrees among the entries
# Green undoes what red and blue do to luma: (luma, red, blue) to a color.
_AWAY = -_WEIGHTS / _WEIGHTS[1]
_COLOR = np.array([[1, 1, 0], [1, _AWAY[0], _AWAY[2]], [1, 0, 1]], np.float32)


def _paint(block: Float32, quick: _Quick, in_full: _Paint) -> Float32:
    given: Any = block
    (luma, rest, spread, spare, k, share, blue), index, three = _PLANES.of(*block.shape[:2])
    cv2.transform(given, _LUMA, dst=luma)
    cv2.cvtColor(given, cv2.COLOR_RGB2HSV, dst=three)
    cv2.transform(three, _PLACE, dst=rest)
    cv2.extractChannel(three, 1, dst=spread)
    cv2.extractChannel(three, 2, dst=spare)
    with np.errstate(all="ignore"):
        spread *= spare
        spare -= spread
        least = cv2.minMaxLoc(spare)[0]
        far_out = None if least >= _BELOW else spare < _BELOW
        np.floor(rest, out=spare)
        np.copyto(index, spare, casting="unsafe")
        rest -= spare
        cv2.addWeighted(luma, 3.0, luma, 0.0, 0.15, dst=k)
        _read(quick.n, index, rest, share, spare)
        share *= spread
        share += k
        np.divide(k, share, out=share)
        is_held = np.asarray(cv2.inRange(share, _LEAST, _MOST))  # what is no number is not
        if far_out is not None:
            is_held[far_out] = 0
        darkest, brightest = cv2.minMaxLoc(luma)[:2]
        if not (darkest >= _BRIGHT and brightest <= _GLARE):
            is_held &= cv2.inRange(luma, _BRIGHT, _GLARE)
        spread *= share
        red = _read(quick.red, index, rest, k, spare)
        red *= spread
        _read(quick.blue, index, rest, blue, spare)
        blue *= spread
        cv2.merge([luma, red, blue], three)
        if quick.is_wild:
            green = np.asarray(cv2.addWeighted(red, _AWAY[0], blue, _AWAY[2], 0.0))
            is_held[np.minimum(np.minimum(red, blue), green) < -_LUMAS * luma] = 0
    held = cv2.countNonZero(cast(Any, is_held))
    if held == is_held.size:
        return np.asarray(cv2.transform(three, _COLOR, dst=given))
    if 2 * held < is_held.size:
        return cast(Float32, in_full(block))
    places = np.flatnonzero(is_held == 0)
    singles = in_full(picked(block, places))
    cv2.transform(three, _COLOR, dst=given)
    put_back(block, places, singles)
    return block
