"""A grade as one transform: exposure, contrast, CDL, curves, split tone, hue curves, saturation, in this order.

Exposure, hue curves and saturation act on linear Rec.2020 light; what lies between acts on its code
values by the sRGB curve, where even steps look even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.errors import ParameterError
from safelight.pixels.color import transforms
from safelight.pixels.color.spaces import WORKING, Matrix, matrix_to_xyz

SECTORS = ("red", "orange", "yellow", "green", "aqua", "blue", "purple", "magenta")
# Where the sectors lie on OpenColorIO's hue axis, which has magenta at 0 and red at 1/6.
_HUES = (1 / 6, 3 / 12, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 11 / 12, 0.0)
_S_DEPTH = 0.1  # how far contrast 1 moves the quarter tones, in code values
_TINT = 0.12  # how far a full tint moves a channel, in code values

# How much of a split tone falls on code values 0, 1/4, 1/2, 3/4 and 1: black and white keep their color.
_SHADOWS = np.array([0.0, 1.0, 0.4, 0.0, 0.0])
_HIGHLIGHTS = np.array([0.0, 0.0, 0.4, 1.0, 0.0])
_TONES = np.linspace(0, 1, 5)

Triple = tuple[float, float, float]
_ZEROS = (0.0,) * 8
_NEVER = ()


@dataclass(frozen=True)
class Grade:
    """What a colorist sets; the defaults change nothing.

    Parameters
    ----------
    exposure : float, stops
    contrast : float, -1 to 1
        An S through middle gray; black and white stay.
    slope, offset, power : (r, g, b)
        ASC CDL on code values, nothing clamped.
    curve, curve_red, curve_green, curve_blue : (x0, y0, x1, y1, ...)
        Points in code values, x rising, that a spline goes through; empty for none.
    hue_shift, hue_saturation, hue_lightness : eight floats
        For `SECTORS`: degrees, and -1 to 1.
    saturation : float
        0 is gray of the same luminance, 1 changes nothing.
    shadows_hue, highlights_hue : float, degrees
        0 red, 120 green, 240 blue.
    shadows_tint, highlights_tint : float, 0 to 1
    """

    exposure: float = 0.0
    contrast: float = 0.0
    slope: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    power: Triple = (1.0, 1.0, 1.0)
    curve: tuple[float, ...] = field(default=_NEVER)
    curve_red: tuple[float, ...] = field(default=_NEVER)
    curve_green: tuple[float, ...] = field(default=_NEVER)
    curve_blue: tuple[float, ...] = field(default=_NEVER)
    hue_shift: tuple[float, ...] = _ZEROS
    hue_saturation: tuple[float, ...] = _ZEROS
    hue_lightness: tuple[float, ...] = _ZEROS
    saturation: float = 1.0
    shadows_hue: float = 0.0
    shadows_tint: float = 0.0
    highlights_hue: float = 0.0
    highlights_tint: float = 0.0


NAMES = tuple(each.name for each in fields(Grade))


def grade_transform(grade: Grade) -> ocio.Transform:
    """Return a grade as a transform in linear Rec.2020; what stands at its default is no part of it.

    Raises
    ------
    ParameterError
        If the points of a curve are odd in number, fewer than two, or do not rise.

    Examples
    --------
    >>> len(list(grade_transform(Grade())))
    0
    """
    ops: list[ocio.Transform] = []
    if grade.exposure:
        ops.append(transforms.exposure(grade.exposure))
    coded = [*_contrast(grade), *_cdl(grade), *_curves(grade), *_split(grade)]
    if coded:
        ops += [transforms.coding("srgb"), *coded, transforms.decoding("srgb")]
    ops += _hues(grade)
    if grade.saturation != 1.0:
        ops.append(transforms.saturation(grade.saturation))
    return transforms.chain(*ops)


def _contrast(grade: Grade) -> list[ocio.Transform]:
    if not grade.contrast:
        return []
    depth = _S_DEPTH * grade.contrast
    points = [0.0, 0.0, 0.25, 0.25 - depth, 0.5, 0.5, 0.75, 0.75 + depth, 1.0, 1.0]
    return [_rgb_curve(ocio.GradingRGBCurve(master=ocio.GradingBSplineCurve(points)))]


def _cdl(grade: Grade) -> list[ocio.Transform]:
    if grade.slope == grade.power == (1.0, 1.0, 1.0) and grade.offset == (0.0, 0.0, 0.0):
        return []
    cdl = ocio.CDLTransform()
    cdl.setStyle(ocio.CDL_NO_CLAMP)
    cdl.setSlope(list(grade.slope))
    cdl.setOffset(list(grade.offset))
    cdl.setPower(list(grade.power))
    return [cdl]


def _curves(grade: Grade) -> list[ocio.Transform]:
    given = {"master": grade.curve, "red": grade.curve_red, "green": grade.curve_green, "blue": grade.curve_blue}
    used = {name: _spline(name, points) for name, points in given.items() if points}
    return [_rgb_curve(ocio.GradingRGBCurve(**used))] if used else []


def _spline(name: str, points: Sequence[float]) -> ocio.GradingBSplineCurve:
    xs = np.asarray(points[::2])
    if len(points) % 2 or len(points) < 4 or not (np.diff(xs) > 0).all():
        raise ParameterError(
            f"the {name} curve is {tuple(points)}; it takes pairs x, y of code values, two or more, x rising, "
            "like 0, 0, 0.25, 0.2, 1, 1"
        )
    return ocio.GradingBSplineCurve([float(each) for each in points])


def _split(grade: Grade) -> list[ocio.Transform]:
    if not (grade.shadows_tint or grade.highlights_tint):
        return []
    low = np.outer(_tint(grade.shadows_hue) * grade.shadows_tint, _SHADOWS)
    high = np.outer(_tint(grade.highlights_hue) * grade.highlights_tint, _HIGHLIGHTS)
    red, green, blue = (
        ocio.GradingBSplineCurve([float(each) for each in np.column_stack([_TONES, _TONES + moved]).ravel()])
        for moved in low + high
    )
    return [_rgb_curve(ocio.GradingRGBCurve(red, green, blue))]


def _tint(degrees: float) -> Matrix:
    """A direction of color without luminance, its largest channel `_TINT`."""
    at = np.cos(np.radians(degrees - np.array([0.0, 120.0, 240.0])))
    at = at - at @ matrix_to_xyz(WORKING)[1]
    return np.asarray(_TINT * at / np.abs(at).max())


def _rgb_curve(curve: ocio.GradingRGBCurve) -> ocio.Transform:
    return ocio.GradingRGBCurveTransform(curve, ocio.GRADING_VIDEO)


def _hues(grade: Grade) -> list[ocio.Transform]:
    if not any((*grade.hue_shift, *grade.hue_saturation, *grade.hue_lightness)):
        return []
    curve = ocio.GradingHueCurve(ocio.GRADING_LIN)
    curve.hue_sat = _around([1 + each for each in grade.hue_saturation], ocio.HUE_SAT)
    # OpenColorIO weighs lightness by saturation, so that grays stay: half a stop each way.
    curve.hue_lum = _around([2.0 ** (0.5 * each) for each in grade.hue_lightness], ocio.HUE_LUM)
    curve.hue_fx = _around([each / 360 for each in grade.hue_shift], ocio.HUE_FX)
    return [ocio.GradingHueCurveTransform(curve, ocio.GRADING_LIN)]


def _around(values: Sequence[float], sort: ocio.HueCurveType) -> ocio.GradingBSplineCurve:
    points = sorted(zip(_HUES, values, strict=True))
    return ocio.GradingBSplineCurve([float(each) for point in points for each in point], sort)
