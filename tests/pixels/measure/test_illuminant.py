"""Estimates of the light: right on gray, led by gains, silent on what tells nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.illuminant import bright_and_dark, estimate_illuminants, gray_index, gray_pixels
from safelight.pixels.measure.neutral import angle_deg

gain = st.floats(0.6, 1.6)
NAMES = {"gray_index", "gray_mode", "bright_and_dark", "mean_edge"}


def scene(seed: int = 0, side: int = 160) -> np.ndarray:
    """Colored blocks that change in hue from pixel to pixel, with a gray, shaded third among them."""
    chance = np.random.default_rng(seed)
    picture = np.kron(chance.uniform(0.05, 0.7, (8, 8, 3)), np.ones((side // 8, side // 8, 1)))
    picture *= chance.uniform(0.9, 1.1, picture.shape)
    shade = np.linspace(0.15, 0.75, side)[:, None, None] * chance.uniform(0.93, 1.07, (side, side, 1))
    picture[:, : side // 3] = shade[:, : side // 3]
    return picture.astype(np.float32)


def all_usable(rgb: np.ndarray) -> np.ndarray:
    return np.ones(rgb.shape[:2], bool)


def test_gray_things_among_colored_ones_show_the_light_within_a_degree() -> None:
    lit = scene() * np.float32([1.3, 1.0, 0.6])
    found = estimate_illuminants(lit, all_usable(lit))
    assert set(found) == NAMES
    for name in ("gray_index", "gray_mode"):
        assert angle_deg(found[name], [1.3, 1.0, 0.6]) < 1.0


@settings(deadline=None, max_examples=15)
@given(scale=st.floats(0.25, 1.4), seed=st.integers(0, 5))
def test_no_estimate_depends_on_exposure(scale: float, seed: int) -> None:
    lit = scene(seed, 96)
    known, other = (estimate_illuminants(np.float32(each) * lit, all_usable(lit)) for each in (1.0, scale))
    for name in NAMES:
        assert angle_deg(known[name], other[name]) < 0.5, name


@settings(deadline=None, max_examples=15)
@given(red=gain, blue=gain, seed=st.integers(0, 5))
def test_gains_on_the_light_are_followed(red: float, blue: float, seed: int) -> None:
    lit, gains = scene(seed, 96), np.array([red, 1.0, blue])
    plain = estimate_illuminants(lit, all_usable(lit))
    under = estimate_illuminants(lit * gains.astype(np.float32), all_usable(lit))
    # The mean of edges follows exactly; the others choose their pixels anew.
    allowed = {"mean_edge": 0.05, "gray_index": 1.5, "gray_mode": 1.5, "bright_and_dark": 4.0}
    for name, most in allowed.items():
        assert angle_deg(plain[name] * gains, under[name]) < most, name


@pytest.mark.parametrize("value", [0.0, 0.18, 1.0, np.nan, np.inf, -1.0, (1.0, 0.0, 0.0)])
@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 400, 3), (64, 64, 3)])
def test_hostile_pictures_give_finite_lights_or_none(shape: tuple[int, ...], value: object) -> None:
    picture = np.empty(shape, np.float32)
    picture[...] = value
    for usable in (np.ones(shape[:2], bool), np.zeros(shape[:2], bool)):
        for light in estimate_illuminants(picture, usable).values():
            assert np.isfinite(light).all() and (light > 0).all()


def test_saturated_pictures_have_no_gray_pixels() -> None:
    picture = np.ones((64, 64, 3), np.float32)
    assert gray_pixels(picture, np.zeros((64, 64), bool)) == (None, None)


def test_flat_pictures_have_no_index() -> None:
    assert gray_index(np.full((64, 64, 3), 0.4, np.float32), np.ones((64, 64), bool)) is None


def test_two_hundred_pixels_are_the_least_for_bright_and_dark() -> None:
    gray = np.full((20, 20, 3), 0.3, np.float32)
    few = np.zeros((20, 20), bool)
    few[0, :10] = True
    assert bright_and_dark(gray, few) is None
    found = bright_and_dark(gray, all_usable(gray))
    assert found is not None and found == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)
