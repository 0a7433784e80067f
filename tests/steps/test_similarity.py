"""Similarity over a shoot: groups, their best, and what is kept apart."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from safelight.core.step import Member
from safelight.steps.similarity import step

from ..pixels.measure.test_similarity import _moved, _product
from .pictures import picture


def _member(name: str, shot: np.ndarray, second: int, **facts: Any) -> Member:
    from safelight.pixels.color.spaces import convert, to_float

    frame, tools = picture(convert(to_float(np.ascontiguousarray(shot)), "srgb", "linear_rec2020"))
    made = json.loads(json.dumps(dict(step.propose(frame, None, {}, tools).facts)))
    return Member(name, f"2026-01-01T10:00:{second:02d}", name, {"similarity": made, **facts})


def _gather(members: list[Member]) -> dict[str, Any]:
    assert step.gather is not None
    return dict(step.gather(members, {}))


def _focus(kind: str, blur: float) -> dict[str, Any]:
    return {"kind": kind, "blur_px": blur}


def test_a_burst_is_one_group_whose_sharpest_frame_is_best() -> None:
    burst = [
        _member("a", _product(), 1, focus=_focus("sharp", 0.9)),
        _member("b", _moved(_product(), 5, 0.5, 1.0), 2, focus=_focus("sharp", 0.6)),
        _member("c", _moved(_product(), -4, -0.5, 1.01), 3, focus=_focus("motion", 0.5)),
    ]
    other = _member("d", _product(7), 4, focus=_focus("sharp", 0.5))
    found = _gather([*burst, other])
    assert found["groups"] == [["b", "a", "c"]]
    assert found["best"]["b"].startswith("sharpest of 3: edges 0.60 px wide against 0.90 px")
    assert _gather([other, *burst[::-1]]) == found


def test_look_alikes_of_articles_with_different_names_are_not_grouped() -> None:
    def member(name: str, sku: str, second: int) -> Member:
        own = _member(name, _moved(_product(), second, 0.2, 1.0), second)
        return Member(own.asset, own.taken_at, own.name, {**own.facts, "article": {"sku": sku}})

    two = [member("a", "TEA-1", 1), member("b", "TEA-1", 2), member("c", "TEA-2", 3), member("d", "TEA-2", 4)]
    assert [sorted(each) for each in _gather(two)["groups"]] == [["a", "b"], ["c", "d"]]
    nameless = [member("a", "TEA-1", 1), member("b", "", 2)]
    assert [sorted(each) for each in _gather(nameless)["groups"]] == [["a", "b"]]


def test_frames_farther_apart_in_time_than_the_gap_are_not_grouped() -> None:
    members = [_member("a", _product(), 1), _member("b", _moved(_product(), 3, 0.3, 1.0), 41)]
    assert step.gather is not None
    assert step.gather(members, {"time_gap_s": 40.0})["groups"] == [["a", "b"]]
    assert step.gather(members, {"time_gap_s": 39.0})["groups"] == []


def test_a_frame_without_a_time_may_join_any_group() -> None:
    first = _member("a", _product(), 1)
    late = Member("b", "", "b", _member("b", _product(), 2).facts)
    assert step.gather is not None
    assert step.gather([first, late], {"time_gap_s": 0.0})["groups"] == [["b", "a"]]


def test_full_similarity_takes_what_lies_on_each_other_and_nothing_else() -> None:
    same, moved = _member("b", _product(), 2), _member("c", _moved(_product(), 9, 2.5, 1.05), 3)
    first = _member("a", _product(), 1)
    assert step.gather is not None
    assert step.gather([first, same, moved], {"similarity": 1.0})["groups"] == [["a", "b"]]
    assert step.gather([first, same, moved], {"similarity": 0.9})["groups"] == [["a", "b", "c"]]


def test_colorways_of_one_shape_are_not_grouped() -> None:
    assert _gather([_member("red", _product(), 1), _member("green", _product(hue=60), 2)])["groups"] == []


def test_equally_sharp_frames_are_ranked_by_exposure() -> None:
    members = [
        _member("clipped", _product(), 1, focus=_focus("sharp", 0.6), metering={"subject_clipped": 0.2}),
        _member("kept", _product(), 2, focus=_focus("sharp", 0.62), metering={"subject_clipped": 0.0}),
    ]
    found = _gather(members)
    assert found["groups"] == [["kept", "clipped"]]
    assert found["best"]["kept"].startswith("least clipped of 2: 0.0 % against 20.0 %")


def _face(state: str = "open", blur: float | None = 0.5) -> dict[str, Any]:
    return {"faces": [{"height_px": 400.0, "state": state, "eye_blur_px": blur, "eyes": []}]}


@pytest.mark.parametrize("state", ["closed", "one_closed", "looking_down", "laughing", "narrowed"])
def test_open_eyes_go_before_a_little_more_sharpness(state: str) -> None:
    members = [
        _member("blink", _product(), 1, focus=_focus("sharp", 0.6), people=_face(state)),
        _member("open", _product(), 2, focus=_focus("sharp", 1.0), people=_face("open")),
    ]
    found = _gather(members)
    assert found["groups"] == [["open", "blink"]]
    assert found["best"]["open"].startswith("eyes open, not so in the next of 2")
    assert found["behind"]["blink"] == "eyes open, not so here"


def test_eyes_that_nobody_can_tell_are_not_held_against_a_frame() -> None:
    members = [
        _member("first", _product(), 1, focus=_focus("sharp", 0.6), people=_face("cant_tell", None)),
        _member("second", _product(), 2, focus=_focus("sharp", 0.6), people=_face("open")),
    ]
    assert _gather(members)["groups"] == [["first", "second"]]


def test_the_sharper_eye_goes_first_whatever_is_sharp_behind_it() -> None:
    members = [
        _member("wall", _product(), 1, focus=_focus("sharp", 0.6), people=_face(blur=1.4)),
        _member("eye", _product(), 2, focus=_focus("sharp", 0.9), people=_face(blur=0.6)),
    ]
    found = _gather(members)
    assert found["groups"] == [["eye", "wall"]]
    assert found["best"]["eye"] == "sharpest of 2: eyes 0.60 px wide against 1.40 px"


def test_a_whole_subject_goes_before_one_that_the_frame_cuts_off() -> None:
    def framed(name: str, second: int, *sides: str) -> Member:
        return _member(name, _product(), second, focus=_focus("sharp", 0.6), framing={"cut_off": list(sides)})

    found = _gather([framed("cut", 1, "left", "top"), framed("whole", 2, "top")])
    assert found["groups"] == [["whole", "cut"]]
    assert "cuts off least of 2: at top against at left and top" in found["best"]["whole"]
    # What all frames of a scene share has no say.
    assert _gather([framed("one", 1, "top"), framed("two", 2, "top")])["groups"] == [["one", "two"]]


def test_of_two_alike_the_straighter_goes_first() -> None:
    members = [
        _member("tilted", _product(), 1, focus=_focus("sharp", 0.6), framing={"tilt_deg": 4.0}),
        _member("straight", _product(), 2, focus=_focus("sharp", 0.6), framing={"tilt_deg": -0.2}),
    ]
    assert _gather(members)["best"] == {"straight": "straightest of 2; as sharp as the next (0.60 px)"}


def test_frames_without_other_facts_are_ranked_by_time() -> None:
    found = _gather([_member("late", _product(), 9), _member("early", _product(), 1)])
    assert found["best"] == {"early": "first taken of 2 alike; focus not measured"}


def test_one_asset_seen_twice_is_one_frame() -> None:
    one = _member("same", _product(), 1)
    assert _gather([one, one])["groups"] == []


def test_an_empty_or_unmeasured_shoot_has_no_groups() -> None:
    assert _gather([])["groups"] == []
    assert _gather([Member("a", "", "a", {}), Member("b", "", "b", {})]) == {
        "groups": [],
        "best": {},
        "behind": {},
        "compared": 0,
    }


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, -1.0])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 90, 3), (64, 64, 3)])
def test_hostile_frames_are_described(shape: tuple[int, ...], value: float) -> None:
    frame, tools = picture(np.full(shape, value, np.float32))
    found = step.propose(frame, None, {}, tools)
    json.dumps(dict(found.facts), allow_nan=False)
    assert found.confidence is not None and found.confidence.value < 0.6
