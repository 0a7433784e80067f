"""Near-duplicates compared piece by piece."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.core.step import Member
from safelight.errors import WorkError
from safelight.pixels.measure.similarity import describe
from safelight.plugins import step_named
from safelight.runs import alike
from safelight.runs.alike import with_alikes

STEP = step_named("similarity")


def scene(seed, shift=0):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (24, 36, 3), dtype=np.uint8)
    whole = cv2.resize(small, (300, 200), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.roll(whole, shift, axis=1)[20:-20, 20:-20])


def members(count, burst=3):
    """Bursts of `burst` frames of one scene each, a second apart."""
    return [
        Member(
            f"a{n:03}",
            f"2026-03-01T10:{n // 60:02}:{n % 60:02}",
            f"{n:03}.jpg",
            {"similarity": describe(scene(n // burst, n % burst)).to_data()},
        )
        for n in range(count)
    ]


def here(work):
    for name, function, payload in work:
        yield name, function(payload), None


def test_pieces_make_the_groups_that_the_whole_makes(monkeypatch):
    monkeypatch.setattr(alike, "_FRAMES_A_JOB", 4)  # bursts of three lie across the joints
    frames = members(30)
    whole = STEP.gather(frames, {})["groups"]
    pieces = STEP.gather(with_alikes(frames, 0.9, 60.0, here), {})["groups"]
    assert len(whole) == 10
    assert {frozenset(each) for each in pieces} == {frozenset(each) for each in whole}


def test_frames_farther_apart_than_the_gap_are_not_compared():
    frames = members(2, burst=2)
    late = Member("late", "2026-03-01T11:00:00", "late.jpg", frames[0].facts)
    told = with_alikes([*frames, late], 0.9, 60.0, here)
    assert [each.facts["alike"]["to"] for each in told] == [["a001"], [], []]


def test_frames_without_a_time_may_join_any_other():
    frames = [Member(each.asset, "", each.name, each.facts) for each in members(3)]
    assert STEP.gather(with_alikes(frames, 0.9, 60.0, here), {})["groups"] == [["a000", "a001", "a002"]]


def test_a_worker_that_fails_stops_the_comparing():
    def failing(work):
        for name, _, _ in work:
            yield name, None, WorkError("the worker ran out of memory")

    with pytest.raises(WorkError, match="out of memory"):
        with_alikes(members(3), 0.9, 60.0, failing)


def test_frames_that_another_step_described_are_left_to_it():
    strange = [Member("a", "", "a.jpg", {"similarity": {"embedding": [1, 2]}})]
    assert with_alikes(strange, 0.9, 60.0, here) == strange


def test_nothing_is_compared_of_an_empty_shoot():
    assert with_alikes([], 0.9, 60.0, here) == []
