"""How a camera saw white in one shot: what raw converters need to speak of its white balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from safelight.media.raw_header import libraw
from safelight.pixels.color.spaces import WORKING, matrix_between, matrix_to_xyz

if TYPE_CHECKING:
    from safelight.media.probe import Opened

_SRGB = "linear_srgb"


@dataclass(frozen=True)
class CameraWhite:
    """A shot's white balance and what its camera's colors mean.

    Parameters
    ----------
    shot, daylight : three float
        What red, green and blue were multiplied with, and what they would be in daylight (D65); green 1.
    to_srgb : 3 x 3 float, rows
        From balanced camera colors to linear sRGB: the matrix that the picture is developed with.
    """

    shot: tuple[float, float, float]
    daylight: tuple[float, float, float]
    to_srgb: tuple[tuple[float, float, float], ...]

    def light_of(self, neutral: Sequence[float]) -> tuple[float, float]:
        """Return the chromaticity of the light under which something neutral looks like this in the developed picture.

        Parameters
        ----------
        neutral : three float
            Linear Rec.2020 of the picture as developed with the shot's own balance; (1, 1, 1) is that balance itself.

        Returns
        -------
        (x, y)
            CIE 1931. From one matrix, for daylight: a camera that has another for lamplight reads some 100 K off there.
        """
        matrix = np.asarray(self.to_srgb, np.float64)
        balanced = np.linalg.solve(matrix, matrix_between(WORKING, _SRGB) @ np.asarray(neutral, np.float64))
        as_daylight = matrix @ (balanced * np.asarray(self.daylight) / np.asarray(self.shot))
        light = matrix_to_xyz(_SRGB) @ as_daylight
        return float(light[0] / light.sum()), float(light[1] / light.sum())

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "shot": list(self.shot),
            "daylight": list(self.daylight),
            "to_srgb": [list(each) for each in self.to_srgb],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> CameraWhite:
        """Read what `to_data` wrote."""
        first, second, third = (_three(each) for each in data["to_srgb"])
        return cls(_three(data["shot"]), _three(data["daylight"]), (first, second, third))


def read_camera_white(opened: Opened) -> CameraWhite | None:
    """Return how the camera saw white; None for what is no RAW file or does not say. Foreign bytes: in the sandbox."""
    from safelight.media.readers.bayer import camera_to_srgb

    if opened.probe.format != "raw":
        return None
    with libraw(opened.data, opened.name, opened.probe.title) as raw:
        shot, daylight = (_relative(each) for each in (raw.camera_whitebalance, raw.daylight_whitebalance))
        matrix = camera_to_srgb(raw)
    if shot is None or daylight is None or matrix is None or not np.isfinite(matrix).all():
        return None
    first, second, third = (_three(each) for each in matrix)
    return CameraWhite(shot, daylight, (first, second, third))


def _relative(gains: Sequence[float]) -> tuple[float, float, float] | None:
    """Gains with green at 1; None where one is not there."""
    found: NDArray[np.float64] = np.asarray(gains[:3], np.float64)
    return _three(found / found[1]) if (found > 0).all() and np.isfinite(found).all() else None


def _three(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float]:
    first, second, third = (float(each) for each in values)
    return first, second, third
