"""Levels, clipping, backdrop and subject."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.measure.light import (
    clipped_high,
    clipped_low,
    find_backdrop,
    mostly,
    percentiles_stops,
    stops_from_middle_gray,
    subject_mask,
)


def _packshot(paper: float = 0.7, subject: float = 0.1) -> np.ndarray:
    rgb = np.full((200, 160, 3), paper, np.float32)
    rgb[50:150, 40:120] = subject
    return rgb


def test_white_lies_2_47_stops_above_middle_gray() -> None:
    # log2(1 / 0.18) = 2.474
    assert float(stops_from_middle_gray(np.float32([1.0]))[0]) == pytest.approx(2.474, abs=0.001)


@given(stops=st.floats(-2, 2))
def test_exposure_moves_every_percentile_alike(stops: float) -> None:
    light = np.linspace(0.05, 0.9, 500, dtype=np.float32)
    before, after = percentiles_stops(light), percentiles_stops(light * np.float32(2.0**stops))
    assert all(after[key] - before[key] == pytest.approx(stops, abs=0.003) for key in before)


def test_code_254_of_255_is_clipped_and_253_is_not() -> None:
    from safelight.pixels.color.spaces import decode

    light = decode(np.float32([1, 2, 253, 254]) / np.float32(255), "srgb")
    assert clipped_high(light, "srgb").tolist() == [False, False, False, True]
    assert clipped_low(light, "srgb").tolist() == [True, False, False, False]
    assert clipped_high(np.float32([np.nan]), "srgb").tolist() == [True]


def test_paper_around_a_subject_is_the_backdrop() -> None:
    found = find_backdrop(_packshot())
    assert found.found
    assert found.level == pytest.approx(0.7, rel=0.01)
    assert found.share == pytest.approx(0.75, abs=0.05)
    assert not found.mask[100, 80]
    assert subject_mask(found)[100, 80]


def test_light_falling_off_over_the_paper_is_one_backdrop() -> None:
    rgb = _packshot() * np.geomspace(1.0, 0.5, 160, dtype=np.float32)[None, :, None]
    found = find_backdrop(rgb)
    assert found.found
    assert found.uniformity_stops == pytest.approx(0.9, abs=0.1)


def test_in_a_close_up_the_paper_is_told_from_the_larger_garment() -> None:
    rgb = np.full((200, 160, 3), 0.02, np.float32)
    rgb *= np.linspace(0.7, 1.3, 200, dtype=np.float32)[:, None, None]
    rgb[:, :30] = 0.95
    assert find_backdrop(rgb).level == pytest.approx(0.95, rel=0.01)


def test_a_busy_scene_has_no_backdrop() -> None:
    busy = np.random.default_rng(1).uniform(0.02, 1.0, (120, 120, 3)).astype(np.float32)
    found = find_backdrop(busy)
    assert not found.found
    assert subject_mask(found).all()


def test_the_matte_keeps_a_white_product_off_the_white_paper() -> None:
    rgb = np.full((200, 160, 3), 0.9, np.float32)
    alpha = np.zeros((200, 160), np.float32)
    alpha[50:150, 40:120] = 1.0
    found = find_backdrop(rgb, alpha)
    assert not found.mask[100, 80]
    assert subject_mask(found, alpha).sum() == 8000


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (15, 15, 3)])
def test_a_sliver_has_no_backdrop(shape: tuple[int, int, int]) -> None:
    assert not find_backdrop(np.ones(shape, np.float32)).found


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 0.0])
def test_hostile_values_measure_as_numbers(value: float) -> None:
    rgb = np.full((64, 64, 3), value, np.float32)
    found = find_backdrop(rgb)
    assert np.isfinite(found.level)
    assert all(np.isfinite(each) for each in percentiles_stops(rgb[..., 0]).values())


def test_no_pixel_has_no_percentile() -> None:
    assert percentiles_stops(np.zeros(0, np.float32)) == {}


@pytest.mark.parametrize("size", [(30, 20), (31, 19)])
def test_a_field_is_clipped_from_more_than_a_half_on(size) -> None:
    mask = np.zeros((40, 60, 3), bool)
    mask[:, :30, 0] = True
    mask[::2, 1::2, 2] = True  # a quarter of each field
    found = mostly(mask, size)
    assert found.shape == (size[1], size[0], 3)
    assert found[..., 0].mean() == pytest.approx(0.5, abs=0.02)
    assert not found[..., 1].any()
    assert not found[..., 2].any()


def test_nan_and_infinity_have_a_place_in_stops() -> None:
    found = stops_from_middle_gray(np.float32([np.nan, -np.inf, -1.0, np.inf]))
    assert found[:3].tolist() == pytest.approx([np.log2(2.0**-10 / 0.18)] * 3, abs=0.001)
    assert found[3] == pytest.approx(np.log2(2.0**8 / 0.18), abs=0.001)
