"""Faults by framing and by eyes: off at 0, strict at 1, never invented."""

from __future__ import annotations

import pytest

from safelight.runs.frame_faults import blank_faults, eye_faults, framing_faults


def _people(state: str, openness: float = -1.5, faces: int = 1) -> dict:
    eyes = [{"openness": openness}, {"openness": openness}]
    return {"faces": [{"state": state, "eyes": eyes}] * faces}


def test_closed_eyes_are_a_sure_fault_and_a_glance_down_is_asked_about() -> None:
    (closed,) = eye_faults(_people("closed"), 0.5)
    assert closed.sure and closed.text.startswith("eyes closed (-1.5")
    (down,) = eye_faults(_people("looking_down"), 0.5)
    (laugh,) = eye_faults(_people("laughing"), 0.5)
    assert not down.sure and not laugh.sure


def test_half_shut_eyes_count_only_when_strict() -> None:
    assert list(eye_faults(_people("narrowed", 0.1), 0.5)) == []
    assert len(list(eye_faults(_people("narrowed", 0.1), 0.8))) == 1


@pytest.mark.parametrize("state", ["open", "cant_tell"])
def test_open_eyes_and_those_too_small_are_no_fault(state: str) -> None:
    assert list(eye_faults(_people(state), 1.0)) == []


def test_each_face_of_a_group_is_named() -> None:
    assert [each.text[:8] for each in eye_faults(_people("closed", faces=2), 0.5)] == ["face 1: ", "face 2: "]


def test_a_product_cut_off_is_asked_about_and_a_worn_one_is_not() -> None:
    facts = {"touching": {"top": 0.0, "left": 0.05}}
    (fault,) = framing_faults(facts, 0.5, "packshot")
    assert not fault.sure and "at the left, over 5.0%" in fault.text
    assert list(framing_faults(facts, 0.5, "on_model")) == []


def test_sensitivity_zero_is_off_and_more_is_stricter() -> None:
    facts = {"touching": {"left": 0.015}}
    assert list(framing_faults(facts, 0.0, "packshot")) == list(framing_faults(facts, 0.5, "packshot")) == []
    assert len(list(framing_faults(facts, 1.0, "packshot"))) == 1
    assert list(eye_faults(_people("closed"), 0.0)) == []


def test_nothing_measured_is_no_fault() -> None:
    assert list(framing_faults({}, 1.0, "packshot")) == [] == list(eye_faults({}, 1.0))


def test_a_lens_cap_is_a_sure_fault_and_an_even_frame_is_asked_about() -> None:
    assert [each.sure for each in blank_faults({"kind": "black", "level": 0.001})] == [True]
    assert [each.sure for each in blank_faults({"kind": "even", "level": 0.2})] == [False]
    assert list(blank_faults({"kind": "slate", "level": 0.2})) == [] == list(blank_faults({}))
