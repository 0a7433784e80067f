"""The color spaces of safelight: primaries, white point and transfer function of each, and numpy between them.

Everything here is derived from published chromaticities; no matrix is typed in.
Out-of-gamut and over-range values survive: curves are mirrored below zero and
run on above one, so that `decode` and `encode` are inverse everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnknownNameError

Float32 = NDArray[np.float32]
Pixels = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]
Matrix = NDArray[np.float64]

WORKING = "linear_rec2020"
D65 = (0.3127, 0.3290)  # CIE 15, rounded as IEC 61966-2-1, BT.2020 and SMPTE EG 432-1 state it
D50 = (0.3457, 0.3585)  # ISO 22028-2 (ROMM); XYZ 0.9643, 1, 0.8251

# Cone response matrix of the Bradford transform, ICC.1:2022 annex E.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class Curve:
    """A transfer function: ``linear = ((code + offset) / (1 + offset)) ** gamma``, straight below `toe`.

    With ``offset == 0`` it is a plain exponent, with ``gamma == 1`` linear light.
    `toe` is the code value below which ``linear = code / slope``.
    """

    gamma: float = 1.0
    offset: float = 0.0
    toe: float = 0.0
    slope: float = 1.0


@dataclass(frozen=True)
class Space:
    """A color space: xy of red, green and blue, xy of white, and the curve between code values and light."""

    name: str
    primaries: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    white: tuple[float, float]
    curve: Curve


_BT709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
_ROMM = ((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105))
_BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_SRGB_CURVE = Curve(2.4, 0.055, 0.04045, 12.92)  # IEC 61966-2-1

SPACES: Mapping[str, Space] = MappingProxyType(
    {
        each.name: each
        for each in (
            Space("srgb", _BT709, D65, _SRGB_CURVE),
            Space("linear_srgb", _BT709, D65, Curve()),
            Space("display_p3", _P3, D65, _SRGB_CURVE),
            Space("adobe_rgb", _ADOBE, D65, Curve(563 / 256)),  # Adobe RGB (1998) Color Image Encoding, 4.3.1.2
            # The profile that files carry has a plain exponent, 1.8 as u8Fixed8; ISO 22028-2's toe differs below 1/512.
            Space("prophoto_rgb", _ROMM, D50, Curve(461 / 256)),
            Space("linear_rec2020", _BT2020, D65, Curve()),
        )
    }
)


def space_named(name: str) -> Space:
    """Return the space called `name`.

    Raises
    ------
    UnknownNameError
        With the list of the spaces there are.

    Examples
    --------
    >>> space_named("adobe_rgb").curve.gamma
    2.19921875
    """
    if name not in SPACES:
        raise UnknownNameError(f"no color space called {name!r}; there are: {', '.join(SPACES)}")
    return SPACES[name]


@cache
def matrix_to_xyz(name: str) -> Matrix:
    """Return the matrix from linear RGB of the space `name` to CIE XYZ under its own white, Y of white 1.

    References
    ----------
    SMPTE RP 177, derivation of the normalised primary matrix.
    """
    space = space_named(name)
    columns = np.array([_xyz_of(xy) for xy in space.primaries]).T
    scales = np.linalg.solve(columns, _xyz_of(space.white))
    return np.asarray(columns * scales, np.float64)


def adaptation(white_from: tuple[float, float], white_to: tuple[float, float]) -> Matrix:
    """Return the Bradford matrix that carries XYZ under one white to XYZ under another, whites as CIE xy.

    Adapting there and back is the identity.
    """
    ratio = (_BRADFORD @ _xyz_of(white_to)) / (_BRADFORD @ _xyz_of(white_from))
    return np.asarray(np.linalg.inv(_BRADFORD) @ (ratio[:, None] * _BRADFORD))


@cache
def matrix_between(from_space: str, to_space: str) -> Matrix:
    """Return the matrix from linear RGB of one space to linear RGB of another, Bradford between their whites.

    Examples
    --------
    >>> np.round(matrix_between("srgb", "linear_rec2020") @ np.ones(3), 6).tolist()
    [1.0, 1.0, 1.0]
    """
    adapt = adaptation(space_named(from_space).white, space_named(to_space).white)
    return np.asarray(np.linalg.inv(matrix_to_xyz(to_space)) @ adapt @ matrix_to_xyz(from_space))


def decode(rgb: Float32, space: str) -> Float32:
    """Turn code values into linear light of the same primaries.

    Parameters
    ----------
    rgb : (...) float32, code values of `space`, 1.0 is full scale
        Below 0 the curve is mirrored; above 1 it runs on.
    space : str
        A name of `SPACES`.

    Returns
    -------
    (...) float32, linear light
        A new array.

    Raises
    ------
    TypeError
        If `rgb` is not floating point.
    UnknownNameError
        If there is no such space.

    Examples
    --------
    >>> round(float(decode(np.float32([0.5]), "srgb")[0]), 4)
    0.214
    """
    values, curve = _floating(rgb, "decode"), space_named(space).curve
    if curve.gamma == 1.0:
        return values.copy()
    size = np.abs(values)
    bent = ((size + np.float32(curve.offset)) / np.float32(1 + curve.offset)) ** np.float32(curve.gamma)
    light = np.where(size <= np.float32(curve.toe), size / np.float32(curve.slope), bent)
    return np.copysign(light, values).astype(np.float32, copy=False)


def encode(rgb: Float32, space: str) -> Float32:
    """Turn linear light of the primaries of `space` into its code values; the inverse of `decode`.

    Examples
    --------
    >>> round(float(encode(np.float32([0.214]), "srgb")[0]), 3)
    0.5
    """
    values, curve = _floating(rgb, "encode"), space_named(space).curve
    if curve.gamma == 1.0:
        return values.copy()
    size = np.abs(values)
    # (1 + o) p - o, written so that white comes out as exactly 1.
    bent = np.float32(1 + curve.offset) * (size ** np.float32(1 / curve.gamma) - 1) + 1
    knee = np.float32(curve.toe / curve.slope)
    code = np.where(size <= knee, size * np.float32(curve.slope), bent)
    return np.copysign(code, values).astype(np.float32, copy=False)


def convert(rgb: Float32, from_space: str, to_space: str) -> Float32:
    """Carry a float picture from one space to another, nothing clipped.

    Parameters
    ----------
    rgb : (..., 3) float32, values of `from_space`
    from_space, to_space : str
        Names of `SPACES`.

    Returns
    -------
    (..., 3) float32, values of `to_space`
        A new array, painted by OpenColorIO with errors below 1e-5.

    Raises
    ------
    TypeError
        If `rgb` is not floating point.

    Examples
    --------
    >>> white = convert(np.ones((1, 3), np.float32), "srgb", "linear_rec2020")
    >>> np.round(white, 5).tolist()
    [[1.0, 1.0, 1.0]]
    """
    from safelight.pixels.color import fused

    values = np.ascontiguousarray(_floating(rgb, "convert"))
    flat = fused.apply(values.reshape(1, -1, 3), from_space, (), to_space, np.float32)
    return np.asarray(flat, np.float32).reshape(values.shape)


def to_float(pixels: Pixels) -> Float32:
    """Return code values as float32, full scale 1.0; float32 comes back as a copy.

    Examples
    --------
    >>> to_float(np.array([0, 255], np.uint8)).tolist()
    [0.0, 1.0]
    """
    if pixels.dtype == np.float32:
        return np.array(pixels, np.float32)
    scale = np.float32(1 / (255 if pixels.dtype == np.uint8 else 65535))
    return np.multiply(pixels, scale, dtype=np.float32)


def to_integers(rgb: Float32, dtype: type[np.uint8] | type[np.uint16]) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return float values as integers over their full range: half to even, clipped to 0..1, NaN to 0.

    Examples
    --------
    >>> to_integers(np.float32([-1, 0.5, 2]), np.uint8).tolist()
    [0, 128, 255]
    """
    top = np.float32(np.iinfo(dtype).max)
    # fmax, unlike clip, lets a NaN become 0 instead of an undefined integer.
    codes = np.fmax(_floating(rgb, "to_integers"), np.float32(0))
    codes = np.asarray(np.minimum(codes, np.float32(1), out=codes if codes.ndim else None))
    codes = np.rint(np.multiply(codes, top, out=codes), out=codes)
    return codes.astype(np.uint8) if dtype == np.uint8 else codes.astype(np.uint16)


def luminance(rgb: Float32) -> Float32:
    """Return the luminance Y of linear Rec.2020 light.

    Parameters
    ----------
    rgb : (..., 3) float32, linear Rec.2020

    Returns
    -------
    (...) float32
        White (1, 1, 1) has Y 1.

    Examples
    --------
    >>> round(float(luminance(np.float32([1, 1, 1]))), 6)
    1.0
    """
    weights = matrix_to_xyz(WORKING)[1].astype(np.float32)
    return np.asarray(_floating(rgb, "luminance") @ weights, np.float32)


def _xyz_of(xy: tuple[float, float]) -> Matrix:
    """XYZ of a chromaticity with Y 1."""
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _floating(values: Float32, who: str) -> Float32:
    """`values` as float32, refusing integers, which hold code values of a full scale that a float has not."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(f"{who} works on float values with 1.0 as full scale, got {array.dtype}: use to_float first")
    return array.astype(np.float32, copy=False)
