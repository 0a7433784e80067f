"""Lights found by what paper shows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure import lamps
from safelight.pixels.measure.lamps import find_lights, nearest_light

LIGHTS = np.array([[0.0, 0.0, -1.0], [0.4, -0.5, -1.0], [0.0, 0.0, -2.2]])


def papers(seed: int, counts: tuple[int, ...]) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.repeat(LIGHTS[: len(counts)], counts, axis=0) + draw.normal(0, 0.004, (sum(counts), 3))


def by_hand(seen: np.ndarray) -> np.ndarray:
    """The rule as it is said, pair by pair."""

    def apart(one: np.ndarray, other: np.ndarray) -> float:
        a, b = (np.array([2 ** each[0], 1.0, 2 ** each[1]]) for each in (one, other))
        cosine = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        return max(math.degrees(math.acos(min(1.0, cosine))) / 2.5, abs(one[2] - other[2]) / 0.5)

    left, found = list(range(len(seen))), []
    while left:
        balls = [[other for other in left if apart(seen[one], seen[other]) <= 1] for one in left]
        ball = max(balls, key=len)
        if len(ball) < 3:
            break
        found.append(np.median(seen[ball], axis=0))
        left = [each for each in left if each not in ball and apart(seen[each], found[-1]) > 1]
    return np.array(found, float).reshape(-1, 3)


def test_the_light_with_most_frames_goes_first() -> None:
    found = find_lights(papers(1, (4, 9, 5)))
    assert found == pytest.approx(LIGHTS[[1, 2, 0]], abs=0.01)


@settings(deadline=None, max_examples=40)
@given(
    seen=st.lists(st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-3, -0.5)), max_size=30),
    rows=st.sampled_from([1, 4, 512]),
)
def test_counting_once_finds_what_counting_every_time_finds(seen: list[tuple[float, ...]], rows: int) -> None:
    before, lamps._ROWS = lamps._ROWS, rows
    try:
        found = find_lights(np.array(seen, float).reshape(-1, 3))
    finally:
        lamps._ROWS = before
    assert found == pytest.approx(by_hand(np.array(seen, float).reshape(-1, 3)))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_frames_are_no_light(count: int) -> None:
    assert find_lights(np.zeros((count, 3))).shape == (0, 3)


def test_each_frame_is_counted_to_the_light_nearest_to_it() -> None:
    seen = papers(3, (5, 6, 7))
    assert nearest_light(seen, LIGHTS).tolist() == [0] * 5 + [1] * 6 + [2] * 7
