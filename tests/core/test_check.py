from __future__ import annotations

import numpy as np
import pytest

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, judge, worst
from safelight.core.image import Image
from safelight.errors import ParameterError, UnknownNameError

RIM = Check(
    "halo",
    1,
    "a light rim",
    (
        MeasureSpec("rim", "L*", "rim above the mix", "at_most", 2.0, 4.0),
        MeasureSpec("fill", "%", "share of the frame", "at_least", None, 80.0),
    ),
    lambda _: Findings(()),
)


def words(**values):
    return judge(RIM, Findings(tuple(Measure(k, v, "") for k, v in values.items()))).word


@pytest.mark.parametrize(
    ("rim", "word"), [(1.9, "pass"), (2.0, "pass"), (2.1, "warn"), (4.0, "warn"), (4.1, "fail"), (None, "warn")]
)
def test_a_measure_is_held_against_its_limits_with_the_limit_itself_allowed(rim, word):
    assert words(rim=rim) == word


def test_the_verdict_is_the_worst_of_its_measures():
    assert words(rim=1.0, fill=79.0) == "fail"
    assert worst([]) == "pass"


def test_a_changed_limit_judges_again_without_measuring_again():
    findings = Findings((Measure("rim", 3.0, "L*"),))
    assert judge(RIM, findings).word == "warn"
    assert judge(RIM, findings, {"rim": 2.5}).word == "fail"
    assert judge(RIM, findings, {"rim": 9.0, "rim.warn": 3.5}).word == "pass"


def test_a_limit_for_an_unknown_measure_is_refused_with_the_list():
    with pytest.raises(UnknownNameError, match="check halo has no measure 'rimm'; it takes: rim, fill"):
        judge(RIM, Findings(()), {"rimm": 1.0})
    with pytest.raises(ParameterError, match=r"limit halo\.rim is nan; it takes a number"):
        judge(RIM, Findings(()), {"rim": float("nan")})


@pytest.mark.parametrize("box", [(0.2, 0.2, 0.2, 0.4), (0, 0, 1, 1), (-0.1, 0, 0.5, 0.5), (0.5, 0.5, 0.4, 0.9)])
def test_an_empty_or_whole_frame_overlay_is_refused(box):
    with pytest.raises(ValueError, match="evidence"):
        Evidence("rim", box, 1.0)


@pytest.mark.parametrize(
    ("pixels", "alpha"),
    [
        (np.zeros((2, 2, 3), np.float64), "none"),
        (np.zeros((0, 2, 3), np.uint8), "none"),
        (np.zeros((2, 2), np.uint8), "none"),
        (np.zeros((2, 2, 4), np.uint8), "none"),
        (np.zeros((2, 2, 3), np.uint8), "straight"),
        (np.zeros((4, 4, 3), np.uint8)[::2], "none"),
    ],
)
def test_an_image_that_could_not_be_painted_is_refused(pixels, alpha):
    with pytest.raises(ValueError, match=r"Image|channels"):
        Image(pixels, "srgb", alpha)
