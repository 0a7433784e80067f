"""OpenColorIO transforms that act on linear Rec.2020: what color steps return.

Each builder returns one transform; `fused.apply` puts them between decoding and
encoding and paints all of them in one pass. They keep black at black and, but
for the LUTs, clip nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import ArrayLike

from safelight.errors import ParameterError
from safelight.pixels.color.spaces import WORKING, Matrix, adaptation, matrix_to_xyz, space_named

_SHAPED, _SHAPER = 4096, 2.4  # 4e-7 from the curve itself, measured on the view of a raw capture


def identity() -> ocio.Transform:
    """Return a transform that changes nothing."""
    return ocio.GroupTransform()


def chain(*transforms: ocio.Transform) -> ocio.Transform:
    """Return one transform that does `transforms` in order."""
    return ocio.GroupTransform(list(transforms))


def matrix(rows: ArrayLike) -> ocio.Transform:
    """Return the transform ``rgb -> rows @ rgb`` for a 3x3 matrix in linear Rec.2020."""
    values = np.eye(4)
    values[:3, :3] = np.asarray(rows, np.float64)
    if not np.isfinite(values).all():
        raise ParameterError(f"a color matrix takes nine finite numbers, got {values[:3, :3].tolist()}")
    return ocio.MatrixTransform(matrix=values.ravel().tolist())


def gain(red: float, green: float, blue: float) -> ocio.Transform:
    """Return the transform that multiplies the light of each channel; gains of 1 change nothing."""
    return matrix(np.diag([red, green, blue]))


def exposure(stops: float) -> ocio.Transform:
    """Return the transform that multiplies all light by ``2**stops``; exposures add."""
    return gain(*(2.0**stops,) * 3)


def adapt_white(white_from: tuple[float, float], white_to: tuple[float, float]) -> ocio.Transform:
    """Return the Bradford adaptation that carries the chromaticity `white_from` (CIE xy) to `white_to`."""
    to_xyz = matrix_to_xyz(WORKING)
    return matrix(np.linalg.inv(to_xyz) @ adaptation(white_from, white_to) @ to_xyz)


def saturation(amount: float) -> ocio.Transform:
    """Return the transform that scales colors about their luminance: 0 is gray, 1 changes nothing."""
    weights: Matrix = matrix_to_xyz(WORKING)[1]
    return matrix(amount * np.eye(3) + (1 - amount) * np.outer(np.ones(3), weights))


def curve(light_in: ArrayLike, light_out: ArrayLike) -> ocio.Transform:
    """Return a tone curve through points of linear light, applied to each channel.

    Parameters
    ----------
    light_in, light_out : sequences of float, equally long, `light_in` rising
        Straight between the points. Below the first and above the last point the end value
        holds; give points as far as the light goes.

    Raises
    ------
    ParameterError
        If the lengths differ, `light_in` does not rise, or a value is not finite.

    Notes
    -----
    Held in a 1-D LUT over all half floats: even steps of brightness from 6e-8 to 65504, so that
    neither shadows nor scene-referred highlights starve.
    """
    x, y = np.asarray(light_in, np.float64), np.asarray(light_out, np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.size < 2 or not (np.diff(x) > 0).all():
        raise ParameterError(f"a tone curve takes two or more points, in rising, got {x.tolist()} to {y.tolist()}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ParameterError("a tone curve takes finite numbers")
    return half_curve(np.interp(half_floats(), x, y))


def shaped_light(top: float) -> Matrix:
    """Return the 4096 levels of light, 0 to `top`, that `shaped_curve` holds: even steps of a 2.4 exponent."""
    return np.asarray(top * np.linspace(0.0, 1.0, _SHAPED) ** _SHAPER)


def shaped_curve(values: ArrayLike, top: float) -> ocio.Transform:
    """Return a tone curve for all channels whose `values` belong to `shaped_light(top)`.

    Less than half the time of `curve`; light below 0 counts as 0 and light above `top` as `top`.
    """
    table = np.asarray(values, np.float32)
    if table.shape != (_SHAPED,) or not top > 0:
        raise ParameterError(f"a shaped curve has {_SHAPED} values over 0 to a positive top, got {table.shape}, {top}")
    lut = ocio.Lut1DTransform(length=_SHAPED, inputHalfDomain=False)
    lut.setData(np.repeat(table[:, None], 3, axis=1).ravel())
    lut.setInterpolation(ocio.INTERP_LINEAR)
    shaper = ocio.ExponentTransform([_SHAPER] * 3 + [1.0], direction=ocio.TRANSFORM_DIR_INVERSE)
    return chain(gain(*(1 / top,) * 3), shaper, lut)


def half_floats() -> Matrix:
    """Return the light of each of the 65536 half floats by its bits; infinities as the largest, NaN as 0."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    return np.nan_to_num(halves, nan=0.0, posinf=65504.0, neginf=-65504.0)


def half_curve(values: ArrayLike) -> ocio.Transform:
    """Return a 1-D LUT for all channels whose 65536 `values` belong to `half_floats`."""
    table = np.asarray(values, np.float32)
    if table.shape != (65536,):
        raise ParameterError(f"a curve over half floats has 65536 values, got {table.shape}")
    lut = ocio.Lut1DTransform(length=65536, inputHalfDomain=True)
    lut.setData(np.repeat(table[:, None], 3, axis=1).ravel())
    return lut


def decoding(space: str) -> ocio.Transform:
    """Return the transform from code values of `space` to light, as a formula; below 1e-6 off the standard."""
    return _analytic(space, ocio.TRANSFORM_DIR_FORWARD)


def coding(space: str) -> ocio.Transform:
    """Return the transform from light to code values of `space`, as a formula; below 1e-5 off the standard."""
    return _analytic(space, ocio.TRANSFORM_DIR_INVERSE)


def _analytic(space: str, direction: Any) -> ocio.Transform:  # noqa: ANN401 - an ocio enum
    """OpenColorIO joins toe and curve smoothly, at code 0.0393; IEC 61966-2-1 at 0.04045."""
    gamma, offset = space_named(space).curve.gamma, space_named(space).curve.offset
    if gamma == 1.0:
        return identity()
    values, mirror = [gamma, gamma, gamma, 1.0], ocio.NEGATIVE_MIRROR
    if offset == 0.0:
        return ocio.ExponentTransform(values, negativeStyle=mirror, direction=direction)
    offsets = [offset, offset, offset, 0.0]
    return ocio.ExponentWithLinearTransform(gamma=values, offset=offsets, negativeStyle=mirror, direction=direction)
