"""Exposure: stops add, groups share an anchor, white paper goes near white."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.step import Group, Member
from safelight.errors import ParameterError
from safelight.steps.exposure import step
from safelight.steps.metering import step as metering

from .pictures import camera_file, packshot, picture

some_stops = st.floats(-2.5, 2.5).map(lambda each: round(each, 2))


def _paint(params: dict[str, Any], rgb: np.ndarray) -> np.ndarray:
    from safelight.pixels.color import fused

    assert step.paint is not None
    return np.asarray(fused.apply(rgb, "linear_rec2020", [step.paint(params)], "linear_rec2020", np.float32))


def _plain(stops: float) -> dict[str, Any]:
    return {"stops": stops, "highlight_protection": 0.0}


def _metered(linear: np.ndarray) -> Any:
    frame, tools = camera_file(linear)
    return replace(frame, facts={"metering": metering.propose(frame, None, {}, tools).facts}), tools


def _group(frames: list[Any]) -> Group:
    members = [Member(f"f{k}", f"2026-01-01T10:00:{k:02d}", f"f{k}", each.facts) for k, each in enumerate(frames)]
    assert step.gather is not None
    found = step.gather(members, {})
    assert step.gather(members[::-1], {}) == found
    return Group("key", tuple(each.asset for each in members), {"exposure": found})


def test_one_stop_doubles_middle_gray() -> None:
    assert _paint(_plain(1.0), np.full((1, 1, 3), 0.18, np.float32))[0, 0, 0] == pytest.approx(0.36, rel=1e-5)


@settings(deadline=None, max_examples=25)
@given(a=some_stops, b=some_stops)
def test_exposures_add(a: float, b: float) -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (4, 4, 3)).astype(np.float32)
    assert _paint(_plain(b), _paint(_plain(a), rgb)) == pytest.approx(_paint(_plain(a + b), rgb), rel=1e-4)


def test_zero_stops_changes_nothing() -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (4, 4, 3)).astype(np.float32)
    assert _paint(_plain(0.0), rgb) == pytest.approx(rgb, abs=1e-7)


def test_protected_highlights_stay_under_white_and_keep_their_order() -> None:
    ramp = np.repeat(np.linspace(0, 1, 101, dtype=np.float32)[None, :, None], 3, axis=2)
    painted = _paint({"stops": 1.0, "highlight_protection": 1.0}, np.ascontiguousarray(ramp))[0, :, 0]
    assert painted[:45] == pytest.approx(2 * ramp[0, :45, 0], abs=1e-3)
    assert (np.diff(painted) > -1e-6).all()
    assert painted.max() <= 1.0001


@pytest.mark.parametrize("level", [0.3, 0.45, 0.6, 0.75])
def test_gray_paper_of_a_packshot_is_brought_near_white(level: float) -> None:
    frame, tools = _metered(packshot(level))
    params = dict(step.propose(frame, None, {}, tools).params)
    assert 0.88 <= float(_paint(params, frame.image.pixels)[2, 2].mean()) <= 0.96


@pytest.mark.parametrize("level", [0.9, 1.0, 1.5])
def test_paper_that_is_white_already_is_left_alone(level: float) -> None:
    frame, tools = _metered(packshot(level))
    assert step.propose(frame, None, {}, tools).params["stops"] == 0.0


def test_a_blown_out_subject_is_doubted() -> None:
    good, tools = _metered(packshot(0.9))
    blown, _ = _metered(packshot(0.9) * np.float32(3.5))
    fine, poor = step.propose(good, None, {}, tools), step.propose(blown, None, {}, tools)
    assert fine.confidence is not None and poor.confidence is not None
    assert poor.confidence.value < 0.5 < fine.confidence.value
    assert "subject_clipped" in [each.code for each in poor.reasons if each.doubt]


def test_white_paper_with_skin_that_lost_its_red_is_doubted() -> None:
    scene = packshot(1.0)
    scene[80:160, 80:160] = (0.75, 0.5, 0.36)
    good, tools = _metered(scene)
    scene[80:160, 80:160] *= 1.6
    over, _ = _metered(scene)
    fine, poor = step.propose(good, None, {}, tools), step.propose(over, None, {}, tools)
    assert fine.confidence is not None and poor.confidence is not None
    assert poor.confidence.value < 0.5 < fine.confidence.value
    assert "pale_clipped" in [each.code for each in poor.reasons if each.doubt]
    assert "pale_clipped" not in [each.code for each in fine.reasons]


def test_members_within_a_third_of_a_stop_get_the_very_same_stops() -> None:
    frames = [_metered(packshot(level))[0] for level in (0.5, 0.52, 0.48, 0.55)]
    group, tools = _group(frames), camera_file(packshot())[1]
    assert len({step.propose(each, group, {}, tools).params["stops"] for each in frames}) == 1


def test_an_underexposed_member_is_brought_to_the_anchor_and_singled_out() -> None:
    frames = [_metered(packshot(0.6))[0] for _ in range(4)] + [_metered(packshot(0.15))[0]]
    group, tools = _group(frames), camera_file(packshot())[1]
    usual, dark = step.propose(frames[0], group, {}, tools), step.propose(frames[4], group, {}, tools)
    assert float(dark.params["stops"]) - float(usual.params["stops"]) == pytest.approx(2.0, abs=0.05)
    assert "singled_out" in [each.code for each in dark.reasons if each.doubt]


@pytest.mark.parametrize("value", [0.0, 1.0, 0.18, np.nan])
@pytest.mark.parametrize("shape", [(1, 1, 3), (64, 64, 3)])
def test_hostile_pictures_get_bounded_stops(shape: tuple[int, ...], value: float) -> None:
    frame, tools = picture(np.full(shape, value, np.float32))
    frame = replace(frame, facts={"metering": metering.propose(frame, None, {}, tools).facts})
    found = step.propose(frame, None, {}, tools)
    assert -5.0 <= float(found.params["stops"]) <= 5.0
    assert found.confidence is not None


def test_a_black_picture_is_left_alone_and_doubted() -> None:
    dice = np.random.default_rng(1)
    frame, tools = _metered((dice.random((200, 300, 3)) * 0.002).astype(np.float32))
    proposal = step.propose(frame, None, {}, tools)
    assert proposal.params["stops"] == 0.0
    assert proposal.confidence.value < 0.2
    assert proposal.reasons[0].code == "all_black"


def test_an_unmetered_frame_and_an_empty_group_change_nothing() -> None:
    frame, tools = picture(np.full((8, 8, 3), 0.2, np.float32))
    assert step.propose(frame, None, {}, tools).params["stops"] == 0.0
    assert step.gather is not None
    assert step.gather([], {}) == {}


def test_six_stops_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"exposure.stops is 6 stops; it takes -5 to 5 stops"):
        step.params.accept({"stops": 6})
