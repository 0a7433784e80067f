"""Highlights: clipped sites are told by their neighbors, and light beyond white keeps its hue."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from safelight.pixels.color.spaces import WORKING, luminance, matrix_to_xyz
from safelight.pixels.raw.highlights import clipping_levels, hold_below_white, rebuild
from safelight.pixels.raw.relations import survey

CEILINGS = (2.0, 1.0, 1.6)
FULL = np.sqrt(np.array(CEILINGS, np.float32))


def shown(*colors):
    light = np.array([colors], np.float32)
    hold_below_white(light)
    return light[0]


@given(hnp.arrays(np.float32, (5, 3), elements=st.floats(0, 1, width=32)))
def test_light_up_to_white_is_left_alone(light):
    before = light[None].copy()
    hold_below_white(light[None])
    assert np.array_equal(light[None], before)


@given(hnp.arrays(np.float32, (6, 3), elements=st.floats(0, 8, width=32)))
def test_nothing_is_beyond_white_afterwards(light):
    held = light[None].copy()
    hold_below_white(held)
    assert held.max() <= 1 + 1e-5
    assert held.min() >= -1e-6


def test_twice_white_is_white():
    assert shown((2, 2, 2))[0].tolist() == [1, 1, 1]


@pytest.mark.parametrize("color", [(1.6, 0.9, 0.2), (1.3, 0.4, 0.3), (0.7, 1.2, 1.5), (1.1, 0.2, 1.4)])
def test_the_direction_from_gray_is_kept(color):
    before = np.array(color, np.float32) - luminance(np.float32([color]))[0]
    held = shown(color)[0]
    after = held - luminance(held[None])[0]
    cosine = before @ after / np.linalg.norm(before) / max(np.linalg.norm(after), 1e-6)
    assert cosine > 0.999


def test_pale_light_keeps_its_luminance_better_than_strong_light_does():
    weights = matrix_to_xyz(WORKING)[1]
    pale, strong = shown((0.9, 0.95, 1.2), (1.2, 0.1, 0.1))
    lost = [1 - weights @ held / (weights @ np.array(seen)) for held, seen in
            ((pale, (0.9, 0.95, 1.2)), (strong, (1.2, 0.1, 0.1)))]  # fmt: skip
    assert lost[0] < 0.03 < lost[1] < 0.2


def clipped_ramp(color, least=0.3, most=2.2):
    """Blocks of one color, brighter from left to right, clipped where the sensor is full; as square roots."""
    light = np.linspace(least, most, 120, dtype=np.float32)[None, :, None] * np.array(color, np.float32)
    truth = np.sqrt(np.repeat(light, 40, axis=0))
    return truth, np.minimum(truth, FULL)


def rebuilt(seen):
    found = survey(seen * seen, seen >= FULL * np.float32(0.9995), CEILINGS)
    sites = [seen[..., each].copy() for each in (0, 1, 1, 2)]
    rebuild(sites, (0, 1, 1, 2), found, (0, 0, *seen.shape[:2]))
    return np.stack([sites[0], sites[1], sites[3]], axis=2)


@pytest.mark.parametrize("color", [(0.8, 1.0, 0.9), (0.9, 1.0, 0.4), (0.5, 1.0, 1.0)])
def test_clipped_green_is_told_by_red_and_blue(color):
    truth, seen = clipped_ramp(color)
    only_green = (seen[..., 1] < truth[..., 1]) & (seen[..., 0] == truth[..., 0]) & (seen[..., 2] == truth[..., 2])
    before = np.abs(seen - truth)[only_green, 1].mean()
    after = np.abs(rebuilt(seen) - truth)[only_green, 1].mean()
    assert only_green.sum() > 200
    assert after < 0.25 * before


def shining(color, shine=1.6):
    """A surface of one color with a white highlight in its middle, as square roots: (truth, what a sensor sees)."""
    y, x = np.mgrid[-1:1:96j, -1:1:96j].astype(np.float32)
    shade = 0.5 + 0.4 * np.sqrt(np.maximum(1 - 0.4 * (x * x + y * y), 0))
    spot = shine * np.exp(-(x * x + y * y) / 0.08)
    light = shade[..., None] * np.array(color, np.float32) + spot[..., None].astype(np.float32)
    truth = np.sqrt(light)
    return truth, np.minimum(truth, FULL)


@given(st.tuples(st.floats(0.5, 0.95), st.floats(0.1, 0.95), st.floats(0.05, 0.25)))
def test_green_is_told_exactly_where_white_shine_lies_on_a_color(color):
    truth, seen = shining(color)
    only_green = (seen == truth).sum(axis=2) == 2
    assert only_green.sum() > 50
    off = np.abs(rebuilt(seen) ** 2 - truth**2)[only_green, 1]
    # What is left: sites between the soft limit and clipping keep a part of what they saw.
    assert off.mean() < 0.05 * (truth**2)[only_green, 1].mean()


@pytest.mark.parametrize("color", [(0.3, 0.5, 0.95), (0.95, 0.5, 0.2), (0.2, 0.7, 0.9), (0.9, 0.3, 0.3)])
def test_two_clipped_colors_keep_the_hue_of_their_surface(color):
    truth, seen = shining(color)
    two = (seen == truth).sum(axis=2) == 1
    assert two.sum() > 50
    turned = [np.abs(hue_of(each)[two] - hue_of(truth)[two]) for each in (rebuilt(seen), seen)]
    ours, clipped = (np.minimum(each, 2 * np.pi - each).mean() for each in turned)
    assert ours < 0.5 * clipped


def hue_of(roots):
    light = roots**2
    return np.arctan2(3**0.5 * (light[..., 1] - light[..., 2]), 2 * light[..., 0] - light[..., 1] - light[..., 2])


def test_far_from_any_rim_a_clipped_green_is_gray():
    full = np.zeros((200, 200, 3), np.float32)
    full[:] = np.sqrt(np.float32([1.3, 1.0, 1.3]))
    full[:, :2] = np.sqrt(np.float32([0.9, 0.5, 0.1]))
    middle = rebuilt(full)[100, 150] ** 2
    assert abs(middle[1] - 1.3) < 0.07


def test_where_all_is_clipped_the_colors_are_equal():
    full = np.repeat(np.float32([[FULL]]), 30, axis=0).repeat(30, axis=1)
    out = rebuilt(full)
    assert np.ptp(out, axis=2).max() < 1e-5


def test_nothing_is_darker_than_it_was_seen():
    _, seen = clipped_ramp((1.0, 0.3, 0.9))
    assert (rebuilt(seen) >= seen - 1e-6).all()


def test_a_picture_without_clipping_is_left_alone():
    truth, _ = clipped_ramp((0.5, 0.5, 0.5), 0.1, 1.5)
    assert np.array_equal(rebuilt(truth), truth)


def numbers_of(light, color):
    noise = np.random.default_rng(1).normal(1, 0.006, (len(light), 3))
    return (light[:, None] * np.array(color) * noise).clip(0, 16383)


def test_a_sensor_that_fills_up_early_is_found_out():
    light = np.random.default_rng(2).uniform(2000, 26000, 40_000)
    full = np.minimum(numbers_of(light, (0.5, 1.0, 0.6)), 15500).astype(np.uint16)
    red, green, _ = clipping_levels(full, 16383.0)
    assert red == 16383.0
    assert 15300 < green <= 15500


def test_an_even_white_backdrop_is_not_taken_for_clipped():
    light = np.concatenate([np.full(60_000, 13600.0), np.random.default_rng(3).uniform(500, 9000, 20_000)])
    seen = numbers_of(light, (0.5, 1.0, 0.6)).astype(np.uint16)
    assert clipping_levels(seen, 16383.0) == (16383.0,) * 3


def test_light_of_all_strengths_has_no_level_but_the_stated_one():
    light = np.random.default_rng(4).uniform(0, 16000, 40_000)
    assert clipping_levels(numbers_of(light, (0.5, 1.0, 0.6)).astype(np.uint16), 16383.0) == (16383.0,) * 3
