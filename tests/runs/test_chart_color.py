"""A chart as the reference of a frame's color: only where paper proves the light, tinted by what differs."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.pixels.color.chart_reference import NAMES, light_of_lab, reference_lab
from safelight.runs.chart_color import painted_patches, with_chart

LAB = reference_lab("classic_after_2014")


def metering(gains=(1.0, 1.0, 1.0), clipped=0.0):
    backdrop = {"found": True, "level": 0.8, "clipped": [clipped] * 3, "lighter_than": 0.9}
    return {"backdrop": backdrop, "neutral_gains": {"backdrop": list(gains)}}


def chart(doubts=(), left_out=0.5, usable=24):
    patches = [
        {
            "name": NAMES[n],
            "rgb": [float(v) for v in light_of_lab(LAB[n])],
            "reference_lab": [float(v) for v in LAB[n]],
            "usable": n < usable,
        }
        for n in range(24)
    ]
    fit = {"delta_e": {"left_out": [left_out, 2.0]}}
    return {"found": True, "doubts": list(doubts), "patches": patches, "matrix": fit}


@dataclass(frozen=True)
class Frame:
    """What of `runs.sort.Sorted` is asked."""

    path: str = "a.jpg"
    facts: Any = field(default_factory=lambda: {"metering": metering()})
    scene_referred: bool = False
    taken_at: str = "2026-03-01T10:00:00"


def of_chart(**more):
    return Frame("chart.jpg", {"chart": chart(**more), "metering": metering()})


def test_a_frame_in_the_charts_light_is_told_the_patches_as_they_were_photographed():
    told = with_chart(Frame(), [Frame()], [of_chart()])
    assert told["reference"] == "chart in chart.jpg"
    assert len(told["chart_patches"]) == 24
    assert told["chart_patches"][0]["light"] == pytest.approx(light_of_lab(LAB[0]), abs=1e-5)


def test_what_the_frames_paper_differs_tints_the_patches():
    # Paper that asks for half of red has twice the red light.
    told = with_chart(Frame(facts={"metering": metering((0.5, 1, 1))}), [Frame()], [of_chart()])
    light = np.array([each["light"] for each in told["chart_patches"]]) / light_of_lab(LAB)
    assert light[:, 0] == pytest.approx(2.0, rel=1e-3) and light[:, 1:] == pytest.approx(1.0, rel=1e-3)


def test_paper_that_is_clipped_proves_no_light():
    told = with_chart(Frame(facts={"metering": metering(clipped=0.9)}), [Frame()], [of_chart()])
    assert "no unclipped paper" in told["unproven"] and "chart_patches" not in told


def test_where_the_charts_frame_shows_no_paper_that_of_three_frames_stands_for_its_light():
    bare = Frame("chart.jpg", {"chart": chart(), "metering": {}})
    assert "unproven" in with_chart(Frame(), [Frame()] * 2, [bare])
    assert "chart_patches" in with_chart(Frame(), [Frame()] * 3, [bare])


@pytest.mark.parametrize("more", [{"doubts": ("glare",)}, {"usable": 11}])
def test_a_chart_that_says_too_little_says_nothing(more):
    assert with_chart(Frame(), [Frame()], [of_chart(**more)]) == {}


def test_a_chart_photographed_as_raw_says_nothing_of_finished_files():
    raw = Frame("chart.dng", {"chart": chart(), "metering": metering()}, scene_referred=True)
    assert with_chart(Frame(), [Frame()], [raw]) == {}


def test_the_chart_that_predicts_best_speaks():
    better = Frame("z.jpg", {"chart": chart(left_out=0.2), "metering": metering()})
    assert with_chart(Frame(), [], [of_chart(), better])["reference"] == "chart in z.jpg"


def test_patches_are_painted_by_corrections_and_never_by_the_grade_or_a_mask():
    edit = Edit("0" * 64, tuple(EditStep(name, 1, {}, Actor("step", name)) for name in ("white_balance", "grade")))
    asked = []

    def paint(image, colors):
        asked.extend(each.step for each in colors.steps)
        return Image(image.pixels * np.float32(2), image.space)

    patches = [{"name": "white", "light": [0.1, 0.2, 0.3], "lab": [50, 0, 0]}]
    seen = painted_patches(patches, edit, paint)
    assert asked == ["white_balance"]
    assert seen[0]["light"] == pytest.approx([0.2, 0.4, 0.6])
