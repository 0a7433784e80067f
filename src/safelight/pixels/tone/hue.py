"""A tone curve that keeps hue: the largest and the smallest channel are curved, the middle one keeps its place."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import NDArray

from safelight.pixels.color import transforms

_SIDE = 33
_SHAPER = 2.4  # steps of the table are even to the eye


def hue_keeping_curve(values: NDArray[np.float64], top: float) -> ocio.Transform:
    """Return a tone curve for linear Rec.2020 that turns no hue.

    Parameters
    ----------
    values : float64, rising from 0 to 1
        What becomes of the light `transforms.shaped_light(top)`.
    top : float
        The light that becomes 1; more counts as that, less than 0 as 0.

    Returns
    -------
    OpenColorIO transform
        A 1-D LUT for all channels, exact for grays, then a table of 33 x 33 x 33 that puts the middle channel
        where it belongs.

    Notes
    -----
    A curve on each channel pulls strong colors towards red, green and blue, orange towards yellow, skin towards
    pink, because it bends the middle channel by itself. Here it lies between the other two as it lay in the
    light: ``y2 = y3 + (x2 - x3) (y1 - y3) / (x1 - x3)``, with `x` the light, `y` the curve's and 1 to 3 the
    channels from large to small. Bright colors still go to white, as the curve's shoulder draws them together. The
    table's tetrahedra are split where the order of the channels changes, so that it is smooth within each.

    References
    ----------
    The way of the DNG SDK's reference tone curve; Smith (1978), "Color gamut transform pairs": hue as the place
    of the middle channel.

    Examples
    --------
    >>> light = transforms.shaped_light(1.0)
    >>> isinstance(hue_keeping_curve(light**0.5, 1.0), ocio.GroupTransform)
    True
    """
    return _curve(values.tobytes(), top)


@lru_cache(maxsize=8)
def _curve(packed: bytes, top: float) -> ocio.Transform:
    """The same curve is asked for by every picture that an edit is painted on."""
    values = np.frombuffer(packed, np.float64)
    table = ocio.Lut3DTransform(gridSize=_SIDE)
    table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    table.setData(hue_table(transforms.shaped_light(top), values).ravel())
    into, back = (
        ocio.ExponentTransform([_SHAPER] * 3 + [1.0], direction=each)
        for each in (ocio.TRANSFORM_DIR_INVERSE, ocio.TRANSFORM_DIR_FORWARD)
    )
    return transforms.chain(transforms.shaped_curve(values, top), into, table, back)


def hue_table(light: NDArray[np.float64], values: NDArray[np.float64], side: int = _SIDE) -> NDArray[np.float32]:
    """Return where colors come to lie that a curve on each channel has bent.

    Parameters
    ----------
    light, values : (N,) float64, rising
        The curve.
    side : int
        Steps of the table along each channel.

    Returns
    -------
    (side, side, side, 3) float32
        Indexed by red, green, blue after the curve, in even steps of ``value**(1/2.4)``; so are the results.
        Grays and the outer two channels are left where they are.
    """
    steps = np.linspace(0, 1, side)
    bent = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1) ** _SHAPER
    # Of a curve that lies at 0 for a while, its last dark place counts: there it begins to rise.
    first = max(0, int(np.searchsorted(values, 0.0, side="right")) - 1)
    taken = np.interp(bent, values[first:], light[first:])
    most, least = taken.max(axis=-1, keepdims=True), taken.min(axis=-1, keepdims=True)
    place = np.divide(taken - least, most - least, out=np.zeros_like(taken), where=most > least)
    high, low = bent.max(axis=-1, keepdims=True), bent.min(axis=-1, keepdims=True)
    return np.asarray((low + place * (high - low)) ** (1 / _SHAPER), np.float32)
