"""How much two small pictures of one subject differ once one is laid over the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.light import table_of
from safelight.pixels.color.spaces import encode
from safelight.pixels.measure.ranked import inside, median, percentiles

# 2.5 px of 256 hide what remains of misplacement, focus and JPEG.
_SOFT_PX = 2.5
_NEARLY_CLIPPED = 249  # the last sRGB code below 0.95 of white
_LEAST_SUBJECT_PX, _LEAST_UNCLIPPED_PX = 200, 100
_MOST_EVENED, _LEAST_EVENED = 2.8, 0.35  # 1.5 stops


@dataclass(frozen=True)
class Apart:
    """What is left of the difference of two frames that lie on each other, exposure evened out.

    `correlation` is that of lightness over the subject, `color_middle` and `color_high` are the median and the 90th
    percentile of the difference of a*, b* there.
    """

    correlation: float
    color_middle: float
    color_high: float


_NO_OVERLAP = Apart(0.0, 99.0, 99.0)


@dataclass(frozen=True, eq=False)
class Ground:
    """A small picture that others are laid over: (H, W, 3) uint8, sRGB. What is asked of it each time is kept."""

    codes: NDArray[np.uint8]

    @cached_property
    def lab(self) -> NDArray[np.float32]:
        """CIE Lab, softened."""
        return _soft_lab(self.codes, 1.0)

    @cached_property
    def subject(self) -> NDArray[np.uint8]:
        """Where it differs from the frame's upper rim by more than 6 in L*, a* or b*: 255, else 0."""
        rim = np.median(self.lab[:3].reshape(-1, 3), axis=0)
        return cast("NDArray[np.uint8]", cv2.bitwise_not(cv2.inRange(self.lab, rim - 6.0, rim + 6.0)))

    @cached_property
    def unclipped(self) -> NDArray[np.uint8]:
        """Where no channel is nearly white: 255, else 0."""
        return _unclipped(self.codes)


def lay_over(ground: Ground, codes: NDArray[np.uint8], matrix: NDArray[np.float64]) -> Apart:
    """Lay one frame over another and measure what differs.

    Parameters
    ----------
    ground : Ground
    codes : (H, W, 3) uint8, sRGB
        The other frame.
    matrix : (2, 3) float64
        From its pixels to the ground's.

    Returns
    -------
    Apart
        No correlation, and colors 99 apart, where they overlap by less than 30 %.
    """
    height, width = ground.codes.shape[:2]
    moved = cast("NDArray[np.uint8]", cv2.warpAffine(codes, matrix, (width, height)))
    whole = cv2.warpAffine(np.full(codes.shape[:2], 255, np.uint8), matrix, (width, height))
    overlap = cv2.erode(cv2.inRange(whole, 251, 255), np.ones((9, 9), np.uint8))
    if cv2.countNonZero(overlap) < 0.3 * overlap.size:
        return _NO_OVERLAP
    subject = cv2.bitwise_and(overlap, ground.subject)
    if cv2.countNonZero(subject) < _LEAST_SUBJECT_PX:
        subject = overlap  # without a subject the whole overlap speaks
    lab = _soft_lab(moved, _exposure_between(ground, moved, subject))
    where: NDArray[np.bool_] = np.asarray(subject, np.uint8) > 0
    here, there = inside(ground.lab, where), inside(lab, where)
    return Apart(_correlation(here[:, 0], there[:, 0]), *_colors_apart(here, there))


def _exposure_between(ground: Ground, moved: NDArray[np.uint8], subject: Any) -> float:  # noqa: ANN401 - OpenCV's mask
    """What the light of `moved` is multiplied by to match the ground's, at most 1.5 stops; 1 where all is clipped."""
    seen = cv2.bitwise_and(cv2.bitwise_and(ground.unclipped, _unclipped(moved)), subject)
    if cv2.countNonZero(seen) < _LEAST_UNCLIPPED_PX:
        return 1.0
    here, there = (_middle_light(each, seen) for each in (ground.codes, moved))
    return min(_MOST_EVENED, max(_LEAST_EVENED, here / max(there, 1e-3)))


def _middle_light(codes: NDArray[np.uint8], where: Any) -> float:  # noqa: ANN401 - OpenCV's mask
    """The median of light over all three channels."""
    counts = sum(cv2.calcHist([codes], [channel], where, [256], [0, 256]).ravel() for channel in range(3))
    below = np.cumsum(counts)
    return float(table_of("srgb", "uint8")[int(np.searchsorted(below, below[-1] / 2))])


def _unclipped(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    top = (_NEARLY_CLIPPED,) * 3
    return cast("NDArray[np.uint8]", cv2.inRange(codes, (0, 0, 0), top))


def _soft_lab(codes: NDArray[np.uint8], brighter: float) -> NDArray[np.float32]:
    """CIE Lab of codes in `brighter` times their light, softened; each of the 256 codes is worked out once."""
    light = np.clip(table_of("srgb", "uint8") * np.float32(brighter), 0.0, 1.0)
    values = cv2.LUT(codes, encode(light, "srgb"))
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(values, cv2.COLOR_RGB2Lab), (0, 0), _SOFT_PX), np.float32)


def _correlation(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    if float(x.std()) < 0.5 or float(y.std()) < 0.5:
        return 1.0 if float(np.abs(x - y).max()) < 3.0 else 0.0  # even tones: nothing to correlate
    return float(np.corrcoef(x, y)[0, 1])


def _colors_apart(here: NDArray[np.float32], there: NDArray[np.float32]) -> tuple[float, float]:
    apart = np.hypot(here[:, 1] - there[:, 1], here[:, 2] - there[:, 2])
    return median(apart), float(percentiles(apart, (90,))[0])
