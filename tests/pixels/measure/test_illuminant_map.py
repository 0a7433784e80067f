"""Drift of the light over a frame: told from paint, dye and brightness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.illuminant_map import find_light_field, is_plain
from safelight.pixels.measure.neutral import angle_deg

SIDE = 240


def blocks(seed: int = 0) -> np.ndarray:
    """Large patches of paint in one light."""
    colors = np.random.default_rng(seed).uniform(0.08, 0.7, (4, 4, 3))
    return np.kron(colors, np.ones((SIDE // 4, SIDE // 4, 1))).astype(np.float32)


def fading(light: tuple[float, float, float], *, down: bool = False) -> np.ndarray:
    """From white light at one side to `light` at the other."""
    way = np.linspace(0, 1, SIDE, dtype=np.float32)
    way = way[:, None, None] if down else way[None, :, None]
    return (1.0 - way) + way * np.float32(light)


def usable(rgb: np.ndarray) -> np.ndarray:
    return np.ones(rgb.shape[:2], bool)


@pytest.mark.parametrize("light", [(1.2, 1.0, 0.7), (0.9, 1.0, 1.25)])
@pytest.mark.parametrize("down", [False, True])
def test_the_angle_between_the_ends_is_found_on_paint_of_any_color(
    light: tuple[float, float, float], down: bool
) -> None:
    found = find_light_field(blocks() * fading(light, down=down), usable(blocks()))
    assert found is not None
    assert found.spread_deg == pytest.approx(0.94 * angle_deg(light, (1, 1, 1)), rel=0.2)
    assert found.explained > 0.8


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 50))
def test_paint_in_one_light_does_not_drift(seed: int) -> None:
    found = find_light_field(blocks(seed), usable(blocks(seed)))
    assert found is not None and found.sure_deg < 0.1


def test_light_that_only_fades_in_brightness_does_not_drift() -> None:
    found = find_light_field(blocks() * fading((0.3, 0.3, 0.3)), usable(blocks()))
    assert found is not None and found.sure_deg < 0.1


def test_the_map_shows_both_ends_and_spares_the_middle() -> None:
    found = find_light_field(np.full((SIDE, SIDE, 3), 0.5, np.float32) * fading((1.2, 1.0, 0.7)), usable(blocks()))
    assert found is not None
    off = found.off_deg
    assert off.shape == (SIDE // 10, SIDE // 10)
    assert min(off[:, 0].mean(), off[:, -1].mean()) > 3.0 > 1.5 > off[:, 11:13].mean()


@pytest.mark.parametrize("value", [0.0, 0.5, np.nan, np.inf])
@pytest.mark.parametrize("shape", [(1, 1, 3), (30, 30, 3), (80, 80, 3)])
def test_hostile_pictures_have_no_drift_or_none_that_is_no_number(shape: tuple[int, ...], value: float) -> None:
    picture = np.full(shape, value, np.float32)
    found = find_light_field(picture, np.ones(shape[:2], bool))
    assert found is None or (found.sure_deg < 0.1 and np.isfinite(found.off_deg).all())


def test_clipped_pictures_have_no_field() -> None:
    assert find_light_field(np.ones((80, 80, 3), np.float32), np.zeros((80, 80), bool)) is None


def test_paper_is_plain_and_grained_wood_is_not() -> None:
    chance = np.random.default_rng(1)
    paper = np.full((80, 80, 3), 0.5, np.float32) * chance.uniform(0.97, 1.03, (80, 80, 1)).astype(np.float32)
    wood = paper * chance.uniform(0.9, 1.1, (80, 80, 3)).astype(np.float32)
    assert is_plain(paper, usable(paper)) and not is_plain(wood, usable(wood))
    assert not is_plain(paper, ~usable(paper))
