"""What the 24 patches of a ColorChecker Classic are known to be: CIE Lab under D50, and as light.

Calibrite's (X-Rite's) charts changed their pigments in November 2014; both sets of
published values stand here, and `matrix_fit` tells which one a photographed chart is nearer to.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from safelight.errors import UnknownNameError
from safelight.pixels.color.spaces import D50, WORKING, Matrix, adaptation, matrix_to_xyz, space_named

ROWS, COLUMNS = 4, 6
NEUTRALS = range(18, 24)  # white, neutral 8, 6.5, 5, 3.5, black: the last row, left to right
NAMES = (
    *("dark skin", "light skin", "blue sky", "foliage", "blue flower", "bluish green"),
    *("orange", "purplish blue", "moderate red", "purple", "yellow green", "orange yellow"),
    *("blue", "green", "red", "yellow", "magenta", "cyan"),
    *("white", "neutral 8", "neutral 6.5", "neutral 5", "neutral 3.5", "black"),
)

# X-Rite, "New color specifications for ColorChecker SG and Classic charts" (2016); the values of charts
# made before November 2014 as D. Pascale, "RGB coordinates of the Macbeth ColorChecker" (2006), lists them.
# fmt: off
_BEFORE_2014 = (
    (37.986, 13.555, 14.059), (65.711, 18.130, 17.810), (49.927, -4.880, -21.925),
    (43.139, -13.095, 21.905), (55.112, 8.844, -25.399), (70.719, -33.397, -0.199),
    (62.661, 36.067, 57.096), (40.020, 10.410, -45.964), (51.124, 48.239, 16.248),
    (30.325, 22.976, -21.587), (72.532, -23.709, 57.255), (71.941, 19.363, 67.857),
    (28.778, 14.179, -50.297), (55.261, -38.342, 31.370), (42.101, 53.378, 28.190),
    (81.733, 4.039, 79.819), (51.935, 49.986, -14.574), (51.038, -28.631, -28.638),
    (96.539, -0.425, 1.186), (81.257, -0.638, -0.335), (66.766, -0.734, -0.504),
    (50.867, -0.153, -0.270), (35.656, -0.421, -1.231), (20.461, -0.079, -0.973),
)
_AFTER_2014 = (
    (37.54, 14.37, 14.92), (64.66, 19.27, 17.50), (49.32, -3.82, -22.54),
    (43.46, -12.74, 22.72), (54.94, 9.61, -24.79), (70.48, -32.26, -0.37),
    (62.73, 35.83, 56.50), (39.43, 10.75, -45.17), (50.57, 48.64, 16.67),
    (30.10, 22.54, -20.87), (71.77, -24.13, 58.19), (71.51, 18.24, 67.37),
    (28.37, 15.42, -49.80), (54.38, -39.72, 32.27), (42.43, 51.05, 28.62),
    (81.80, 2.67, 80.41), (50.63, 51.28, -14.12), (49.57, -29.71, -28.32),
    (95.19, -1.03, 2.93), (81.29, -0.57, 0.44), (66.89, -0.75, -0.06),
    (50.76, -0.13, 0.14), (35.63, -0.46, -0.48), (20.64, 0.07, -0.46),
)
# fmt: on

CHARTS: Mapping[str, tuple[tuple[float, float, float], ...]] = MappingProxyType(
    {"classic_after_2014": _AFTER_2014, "classic_before_2014": _BEFORE_2014}
)


def reference_lab(chart: str) -> Matrix:
    """Return the published colors of a chart, in reading order with the neutrals as the last row.

    Returns
    -------
    (24, 3) float64, CIE Lab, D50, 2 degrees

    Raises
    ------
    UnknownNameError
        With the charts there are.

    Examples
    --------
    >>> reference_lab("classic_after_2014")[18].tolist()
    [95.19, -1.03, 2.93]
    """
    if chart not in CHARTS:
        raise UnknownNameError(f"no chart called {chart!r}; there are: {', '.join(CHARTS)}")
    return np.array(CHARTS[chart], np.float64)


@cache
def _rgb_from_xyz() -> Matrix:
    """XYZ under D50 to linear Rec.2020, Bradford between the whites."""
    back = adaptation(D50, space_named(WORKING).white)
    return np.asarray(np.linalg.inv(matrix_to_xyz(WORKING)) @ back)


@cache
def _white() -> NDArray[np.float64]:
    x, y = D50
    return np.array([x / y, 1.0, (1 - x - y) / y])


def light_of_lab(lab: ArrayLike) -> NDArray[np.float64]:
    """Return colors in CIE Lab (D50) as linear Rec.2020 light, white (100, 0, 0) being (1, 1, 1).

    Parameters
    ----------
    lab : (..., 3)

    Returns
    -------
    (..., 3) float64
        Below 0 for colors outside Rec.2020; nothing is clipped.

    References
    ----------
    CIE 15:2018, 8.2.1, inverted.

    Examples
    --------
    >>> light_of_lab([100.0, 0.0, 0.0]).round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    values = np.asarray(lab, np.float64)
    fy = (values[..., 0] + 16) / 116
    f = np.stack([fy + values[..., 1] / 500, fy, fy - values[..., 2] / 200], axis=-1)
    ratio = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    return np.asarray((ratio * _white()) @ _rgb_from_xyz().T)


def lab_of_light(rgb: ArrayLike) -> NDArray[np.float64]:
    """Return linear Rec.2020 light as CIE Lab (D50), in float64: the inverse of `light_of_lab`.

    For a few colors; whole pictures go through `difference.lab_from`.
    """
    xyz = np.asarray(rgb, np.float64) @ np.linalg.inv(_rgb_from_xyz()).T / _white()
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    l, a, b = 116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])  # noqa: E741
    return np.stack([l, a, b], axis=-1)
