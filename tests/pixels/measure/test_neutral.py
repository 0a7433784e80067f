"""Estimates of the light's color on scenes whose light is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.measure.neutral import (
    angle_deg,
    gray_edge,
    light_on_backdrop,
    shades_of_gray,
    spread_of_light,
    white_of_temperature,
)

lights = st.tuples(st.floats(0.5, 1.6), st.just(1.0), st.floats(0.4, 1.6))
_LOCUS = np.array([white_of_temperature(kelvin) for kelvin in np.geomspace(2200, 15000, 120)])
_SCENE = np.random.default_rng(2).uniform(0.02, 0.4, (90, 90, 3)).astype(np.float32)
_ALL = np.ones((90, 90), bool)


def test_incandescent_light_of_2856_k_is_illuminant_a() -> None:
    # CIE 15: illuminant A has x 0.44758, y 0.40745; the formula is a fit good to 0.001.
    from safelight.pixels.color.spaces import matrix_to_xyz

    xyz = matrix_to_xyz("linear_rec2020") @ white_of_temperature(2856.0)
    assert xyz[:2] / xyz.sum() == pytest.approx([0.44758, 0.40745], abs=0.001)


def test_daylight_of_5003_k_is_d50() -> None:
    from safelight.pixels.color.spaces import matrix_to_xyz

    xyz = matrix_to_xyz("linear_rec2020") @ white_of_temperature(5003.0)
    assert xyz[:2] / xyz.sum() == pytest.approx([0.3457, 0.3585], abs=0.0005)


def test_light_beyond_the_formula_is_refused_with_its_range() -> None:
    with pytest.raises(ValueError, match="takes 1667 to 25000 K"):
        white_of_temperature(900.0)


@given(light=lights)
def test_both_statistics_follow_the_light(light: tuple[float, float, float]) -> None:
    lit = _SCENE * np.float32(light)
    for method in (shades_of_gray, gray_edge):
        before, after = method(_SCENE, _ALL), method(lit, _ALL)
        assert before is not None and after is not None
        assert angle_deg(after, before * np.array(light)) < 0.1


@given(light=lights, exposure=st.floats(0.05, 0.5))
def test_gray_paper_gives_the_light_exactly(light: tuple[float, float, float], exposure: float) -> None:
    paper = np.ones((30, 30, 3), np.float32) * np.float32(light) * np.float32(exposure)
    found, share = light_on_backdrop(paper, np.zeros((30, 30, 3), bool), np.ones((30, 30), bool), _LOCUS)
    assert found is not None
    assert angle_deg(found, light) < 0.01
    assert share == 0.0


@pytest.mark.parametrize("kelvin", [2800, 3500, 4500, 8000, 11000])
def test_a_clipped_channel_is_completed_from_the_colors_of_light(kelvin: int) -> None:
    light = white_of_temperature(kelvin)
    paper = np.minimum(np.ones((30, 30, 3)) * light, 1.0).astype(np.float32)
    found, share = light_on_backdrop(paper, paper >= 1.0, np.ones((30, 30), bool), _LOCUS)
    assert found is not None
    assert share == 1.0
    assert angle_deg(found, light) < 1.0


def test_pure_white_paper_is_taken_as_neutral() -> None:
    paper = np.ones((30, 30, 3), np.float32)
    found, _ = light_on_backdrop(paper, paper >= 1.0, np.ones((30, 30), bool), _LOCUS)
    assert found is not None
    assert found.tolist() == [1.0, 1.0, 1.0]


def test_two_lamps_show_as_spread() -> None:
    paper = np.full((96, 96, 3), 0.5, np.float32)
    paper[:, 48:] *= np.float32([1.2, 1.0, 0.7])
    spread = spread_of_light(paper, np.ones((96, 96), bool))
    apart = angle_deg([1, 1, 1], [1.2, 1.0, 0.7])
    assert spread is not None
    assert apart * 0.4 < spread <= apart
    assert spread_of_light(paper[:, :48], np.ones((96, 48), bool)) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("value", [0.0, np.nan, -1.0])
def test_nothing_to_see_gives_no_estimate(value: float) -> None:
    dark = np.full((40, 40, 3), value, np.float32)
    usable = np.ones((40, 40), bool)
    assert shades_of_gray(dark, usable) is None
    assert gray_edge(dark, usable) is None
    assert spread_of_light(dark, np.zeros((40, 40), bool)) is None


def test_one_pixel_gives_no_estimate() -> None:
    one, usable = np.ones((1, 1, 3), np.float32), np.ones((1, 1), bool)
    assert shades_of_gray(one, usable) is None
    assert gray_edge(one, usable) is None
    assert light_on_backdrop(one, usable[..., None].repeat(3, 2), usable, _LOCUS) == (None, 0.0)
    assert spread_of_light(one, usable) is None
    assert np.isnan(angle_deg([0, 0, 0], [1, 1, 1]))
