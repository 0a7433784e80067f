"""Eyes: lids and cascade as witnesses, the head and the mouth as excuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.measure.eyes import Head, count_hits, head_of, judge_face, lid_opening, see_eye, smile_of

STRAIGHT = Head(0.0, 0.0)
CORNERS = np.array([[0.0, 0.0], [10.0, 0.0]])


def _lids(height: float):
    x = np.array([[4.0, 0.0], [5.0, 0.0], [6.0, 0.0]])
    half = np.array([0.0, height / 2])
    return x - half, x + half


def test_lids_a_third_of_the_width_apart_read_a_third() -> None:
    assert lid_opening(CORNERS, *_lids(3.3), STRAIGHT) == pytest.approx(0.33)


@given(st.floats(0.01, 100), st.floats(-3, 3), st.floats(-500, 500))
def test_opening_knows_no_size_turn_or_place(scale: float, turn: float, shift: float) -> None:
    rotation = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = [each @ rotation.T + shift for each in (CORNERS, *_lids(3.0))]
    assert lid_opening(*moved, STRAIGHT) == pytest.approx(0.3, rel=1e-6)


def test_a_lowered_head_shows_its_lids_nearer_and_a_turned_one_farther_than_they_are() -> None:
    assert lid_opening(CORNERS, *_lids(3.0), Head(30.0, 0.0)) > 0.3
    assert lid_opening(CORNERS, *_lids(3.0), Head(0.0, 30.0)) < 0.3


def test_no_width_is_no_opening() -> None:
    assert lid_opening(np.zeros((2, 2)), *_lids(1.0), STRAIGHT) == 0.0
    assert smile_of(np.zeros((468, 3))) == 0.0
    assert head_of(np.zeros((468, 3))).yaw_deg == 0.0


@given(st.floats(0, 0.6), st.integers(0, 300), st.floats(0, 0.2))
def test_a_wider_eye_never_reads_less_open(opening: float, hits: int, more: float) -> None:
    assert see_eye(80, opening + more, hits, 16).openness >= see_eye(80, opening, hits, 16).openness


def test_small_eyes_are_not_judged() -> None:
    assert see_eye(15.9, 0.05, 0, 16.0).state == "cant_tell"


def _face(states, head=STRAIGHT, smile=0.6, widths=(80.0, 80.0)):
    numbers = {"open": (0.35, 90), "closed": (0.08, 3), "narrowed": (0.24, 42)}
    eyes = [see_eye(width, *numbers[state], 16) for state, width in zip(states, widths, strict=True)]
    return judge_face(eyes, head, smile)


def test_a_blink_is_told_from_a_laugh_and_a_glance_down() -> None:
    assert _face(("closed", "closed")) == "closed"
    assert _face(("closed", "closed"), smile=0.75) == "laughing"
    assert _face(("closed", "closed"), head=Head(20.0, 0.0)) == "looking_down"
    assert _face(("closed", "open")) == "one_closed"
    assert _face(("narrowed", "narrowed")) == "narrowed"
    assert _face(("open", "open"), smile=0.75) == "open"


def test_an_eye_that_the_turned_head_hides_has_no_say() -> None:
    assert _face(("open", "closed"), widths=(80.0, 40.0)) == "open"


def test_a_face_without_eyes_cannot_be_told() -> None:
    assert judge_face([], STRAIGHT, 0.6) == "cant_tell"


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_an_even_patch_is_no_eye(value: float) -> None:
    assert count_hits(np.full((64, 64, 3), value, np.float32)) == 0
