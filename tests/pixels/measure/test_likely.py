"""Which frames are held against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safelight.pixels.measure import likely
from safelight.pixels.measure.likely import candidates


@dataclass(frozen=True, eq=False)
class Frame:
    layout: NDArray[np.float32]
    colors: NDArray[np.float32]
    aspect: float = 0.58


def shoot(seed: int, count: int) -> list[Frame]:
    draw = np.random.default_rng(seed)
    layouts, colors = draw.normal(0, 0.9, (count, 48)), draw.random((count, 144)) / 20
    return [Frame(a.astype(np.float32), b.astype(np.float32)) for a, b in zip(layouts, colors, strict=True)]


def by_hand(frames: list[Frame], times: list[float | None], gap: float, most: int) -> set[tuple[int, int]]:
    """Every pair looked at, as the rule says it."""
    layouts, colors = np.stack([each.layout for each in frames]), np.stack([each.colors for each in frames])
    found = set()
    for one in range(len(frames)):
        apart = np.linalg.norm(layouts - layouts[one], axis=1) / np.sqrt(48)
        hues = np.linalg.norm(colors - colors[one], axis=1)
        in_time = [
            other
            for other, at in enumerate(times)
            if other != one and (at is None or times[one] is None or abs(at - times[one]) <= gap)
        ]
        fits = [other for other in in_time if apart[other] < 1.6 and hues[other] < 0.7]
        nearest = sorted(fits, key=lambda other: apart[other] + hues[other])[:most]
        soon = [other for other in in_time if other - one in (1, 2) and apart[other] < 3.2]
        found |= {(min(one, other), max(one, other)) for other in (*nearest, *soon)}
    return found


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1000),
    times=st.lists(st.one_of(st.none(), st.floats(0, 200)), min_size=2, max_size=40),
    gap=st.floats(0, 250),
    most=st.integers(1, 4),
)
def test_a_window_of_time_finds_what_a_look_at_all_pairs_finds(
    seed: int, times: list[float | None], gap: float, most: int
) -> None:
    frames = shoot(seed, len(times))
    assert set(candidates(frames, most=most, times=times, time_gap_s=gap)) == by_hand(frames, times, gap, most)


def test_the_work_grows_with_the_frames_and_not_with_their_square(monkeypatch) -> None:
    cells = []
    distances = likely._distances
    monkeypatch.setattr(likely, "_distances", lambda a, b: cells.append(len(a) * len(b)) or distances(a, b))
    for count in (1000, 4000):
        candidates(shoot(1, count), times=[5.0 * each for each in range(count)], time_gap_s=60.0)
        cells.append(0)
    small, large = sum(cells[: cells.index(0)]), sum(cells[cells.index(0) :])
    assert large < 5 * small


def test_frames_of_another_shape_are_held_against_each_other_only_one_after_the_other() -> None:
    wide, tall = shoot(2, 1)[0], shoot(2, 1)[0]
    frames = [wide, *shoot(3, 3), Frame(tall.layout, tall.colors, -0.58)]
    assert (0, 4) not in candidates(frames)
    assert (0, 1) in candidates([wide, Frame(tall.layout, tall.colors, -0.58)])
