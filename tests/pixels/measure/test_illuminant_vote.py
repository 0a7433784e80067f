"""Opinions on the light: agreement is sure, a stray does not drag, nothing wild comes out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.illuminant_vote import Vote, agree

stops = st.floats(-4, 4)


def vote(name: str, red: float, blue: float) -> Vote:
    return Vote(name, red, blue, 0.8, 0.5)


def test_opinions_that_agree_are_followed_with_a_small_error() -> None:
    found = agree([vote(each, -0.4, 0.7) for each in "abcd"], "finished", most_stops=1.3)
    assert (found.red, found.blue) == (pytest.approx(-0.4, abs=0.04), pytest.approx(0.7, abs=0.04))
    assert found.error_deg < 2.0


def test_a_stray_opinion_costs_confidence_and_does_not_drag() -> None:
    near = [vote(each, -0.4, 0.7) for each in "abc"]
    alone = agree(near, "finished", most_stops=1.3)
    stray = agree([*near, vote("d", 0.6, -0.5)], "finished", most_stops=1.3)
    assert abs(stray.red - alone.red) < 0.05 and abs(stray.blue - alone.blue) < 0.05
    assert stray.error_deg > alone.error_deg


def test_one_weak_opinion_does_not_move_a_finished_file_as_far_as_it_asks() -> None:
    assert abs(agree([vote("a", 0.5, -0.7)], "finished", most_stops=1.3).red) < 0.2


@settings(deadline=None, max_examples=40)
@given(found=st.lists(st.tuples(stops, stops), max_size=5), order=st.randoms(use_true_random=False))
def test_order_does_not_matter_and_nothing_goes_beyond_the_bound(
    found: list[tuple[float, float]], order: object
) -> None:
    votes = [vote(str(number), *each) for number, each in enumerate(found)]
    one = agree(votes, "as_shot", most_stops=2.0)
    order.shuffle(votes)  # type: ignore[attr-defined]
    assert agree(votes, "as_shot", most_stops=2.0) == one
    assert max(abs(one.red), abs(one.blue)) <= 2.0
    assert 0.0 <= one.error_deg <= 90.0


def test_opinions_that_are_no_numbers_are_left_out() -> None:
    good = [vote("a", 0.2, -0.3), vote("b", 0.2, -0.3)]
    assert agree([*good, vote("c", np.nan, 0.0)], "finished", most_stops=1.3) == agree(good, "finished", most_stops=1.3)


def test_nothing_said_leaves_everything_as_it_is() -> None:
    found = agree([], "finished", most_stops=1.3)
    assert (found.red, found.blue) == (0.0, 0.0)
    assert found.error_deg > 2.0
