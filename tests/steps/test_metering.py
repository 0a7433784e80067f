"""Metering: facts of frames whose light is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.steps.metering import step

from .pictures import camera_file, packshot, picture


def _facts(linear: np.ndarray, **more: object) -> dict:
    frame, tools = camera_file(linear, **more)
    return dict(step.propose(frame, None, {}, tools).facts)


def test_paper_at_half_of_white_is_metered_as_such() -> None:
    facts = _facts(packshot(0.5))
    assert facts["backdrop"]["level"] == pytest.approx(0.5, rel=0.02)
    assert facts["backdrop"]["lighter_than"] > 0.95


@settings(deadline=None, max_examples=10)
@given(red=st.floats(0.75, 1.3), blue=st.floats(0.65, 1.4))
def test_the_gains_that_make_unclipped_paper_neutral_are_found(red: float, blue: float) -> None:
    gains = _facts(packshot(0.5, (red, 1.0, blue)))["neutral_gains"]["backdrop"]
    assert gains[0] == pytest.approx(1 / red, rel=0.02)
    assert gains[2] == pytest.approx(1 / blue, rel=0.02)


def test_clipping_is_counted_in_the_space_of_the_file() -> None:
    # sRGB (255, 128, 128): red clips in the file, yet in linear Rec.2020 its red is only 0.68.
    from safelight.pixels.color.spaces import convert

    color = convert(np.float32([[[1.0, 0.5, 0.5]]]), "srgb", "linear_rec2020")
    frame, tools = picture(np.broadcast_to(color, (40, 40, 3)))
    assert float(color[0, 0, 0]) < 0.8
    assert step.propose(frame, None, {}, tools).facts["clipped_high"] == [1.0, 0.0, 0.0]


def test_a_lamp_at_one_side_of_the_paper_is_reported_as_mixed_light() -> None:
    scene = packshot(0.5)
    toward = np.linspace(0, 1, scene.shape[1], dtype=np.float32)[None, :, None]
    scene *= 1 + toward * (np.float32([1.25, 1.0, 0.6]) - 1)
    frame, tools = camera_file(scene)
    found = step.propose(frame, None, {}, tools)
    assert found.facts["mixed_light_deg"] > 4.0
    assert "mixed_light" in [each.code for each in found.reasons if each.doubt]


def test_facts_are_json() -> None:
    facts = _facts(packshot())
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


@pytest.mark.parametrize("value", [0.0, 1.0, 0.18, np.nan, np.inf, -1.0])
@pytest.mark.parametrize("shape", [(1, 1, 3), (50, 3, 3), (64, 64, 3)])
def test_hostile_pictures_are_metered_without_a_number_that_is_none(shape: tuple[int, ...], value: float) -> None:
    frame, tools = picture(np.full(shape, value, np.float32))
    found = step.propose(frame, None, {}, tools)
    json.dumps(dict(found.facts), allow_nan=False)
    assert found.confidence is not None


def test_confidence_falls_where_the_estimates_disagree() -> None:
    plain, tools = camera_file(packshot())
    red = packshot()
    red[60:180, 60:180] = (0.5, 0.02, 0.02)
    colored, other = camera_file(red)
    sure, unsure = step.propose(plain, None, {}, tools).confidence, step.propose(colored, None, {}, other).confidence
    assert sure is not None and unsure is not None
    assert sure.value > unsure.value
