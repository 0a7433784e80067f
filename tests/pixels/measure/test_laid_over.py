"""Frames laid over each other: what is the same, in other light, and in another color."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.laid_over import Apart, Ground, lay_over

STAYS = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def shirt(hue: int = 8) -> np.ndarray:
    """A soft-edged patch of one hue, in folds, on light gray."""
    folds = (110 + 40 * np.sin(np.arange(200) / 9)).astype(np.uint8)
    hsv = np.full((150, 200, 3), (0, 0, 225), np.uint8)
    hsv[30:125, 40:160] = np.stack(np.broadcast_arrays(hue, 150, folds[40:160]), axis=-1)
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), (0, 0), 1.0), np.uint8)


def test_a_frame_lies_on_itself() -> None:
    apart = lay_over(Ground(shirt()), shirt(), STAYS)
    assert apart.correlation == pytest.approx(1.0)
    assert (apart.color_middle, apart.color_high) == (0.0, 0.0)


@settings(deadline=None, max_examples=12)
@given(stops=st.floats(-1.2, 0.4))
def test_exposure_is_evened_out(stops: float) -> None:
    light = np.clip((shirt() / 255.0) ** 2.2 * 2.0**stops, 0, 1)
    apart = lay_over(Ground(shirt()), (light ** (1 / 2.2) * 255).round().astype(np.uint8), STAYS)
    assert apart.correlation > 0.98
    assert apart.color_middle < 2.5


@pytest.mark.parametrize(("hue", "least"), [(20, 9.0), (100, 25.0)])
def test_another_hue_is_as_far_apart_as_it_is(hue: int, least: float) -> None:
    apart = lay_over(Ground(shirt()), shirt(hue), STAYS)
    assert apart.color_middle > least
    assert apart.color_high >= apart.color_middle


def test_a_shift_is_taken_back_by_the_matrix() -> None:
    moved = np.roll(shirt(), 9, axis=1)
    back = np.array([[1.0, 0.0, -9.0], [0.0, 1.0, 0.0]])
    held, left = lay_over(Ground(shirt()), moved, back), lay_over(Ground(shirt()), moved, STAYS)
    assert held.correlation > 0.99 > left.correlation


def test_frames_that_hardly_overlap_say_nothing() -> None:
    away = np.array([[1.0, 0.0, 170.0], [0.0, 1.0, 0.0]])
    assert lay_over(Ground(shirt()), shirt(), away) == Apart(0.0, 99.0, 99.0)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_even_frames_of_one_tone_agree(level: int) -> None:
    even = np.full((60, 90, 3), level, np.uint8)
    assert lay_over(Ground(even), even, STAYS) == Apart(1.0, 0.0, 0.0)


def test_a_single_pixel_is_no_trouble() -> None:
    pixel = np.full((1, 1, 3), 90, np.uint8)
    assert lay_over(Ground(pixel), pixel, STAYS).color_middle in (0.0, 99.0)
