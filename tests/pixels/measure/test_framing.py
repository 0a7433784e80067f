"""Framing: margins, cut-off sides, tilt."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.framing import measure_tilt, place_subject


def _shelves(turn_deg: float, height: int = 600, width: int = 800) -> np.ndarray:
    """Shelves and uprights, turned counter-clockwise, with four times the pixels averaged."""
    side = 2 * max(height, width)
    big = np.full((side, side), 200, np.uint8)
    for at in range(80, side, 150):
        big[at : at + 9] = 60
        big[:, at : at + 6] = 90
    turned = cv2.warpAffine(big, cv2.getRotationMatrix2D((side / 2, side / 2), turn_deg, 1.0), (side, side))
    top, left = (side - height) // 2, (side - width) // 2
    return np.ascontiguousarray(turned[top : top + height, left : left + width])


@pytest.mark.parametrize("turn", [-4.5, -2.0, -0.5, 0.0, 0.3, 1.0, 3.2, 5.0])
def test_tilt_is_read_to_a_fifth_of_a_degree(turn: float) -> None:
    assert measure_tilt(_shelves(turn)).degrees == pytest.approx(turn, abs=0.2)


def test_a_mirrored_picture_tilts_the_other_way() -> None:
    picture = _shelves(2.0)
    assert measure_tilt(np.ascontiguousarray(picture[:, ::-1])).degrees == pytest.approx(-2.0, abs=0.2)


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (400, 600)])
def test_nothing_straight_is_cannot_tell(shape: tuple[int, int]) -> None:
    assert math.isnan(measure_tilt(np.full(shape, 128, np.uint8)).degrees)


def test_noise_and_a_disk_have_no_tilt() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (500, 700), np.uint8)
    disk = cv2.circle(np.full((500, 700), 220, np.uint8), (350, 250), 180, 40, -1)
    assert math.isnan(measure_tilt(noise).degrees)
    assert math.isnan(measure_tilt(disk).degrees)


@settings(max_examples=25)
@given(st.integers(5, 60), st.integers(5, 40), st.integers(10, 60), st.integers(10, 40))
def test_margins_add_up_to_the_frame(x: int, y: int, width: int, height: int) -> None:
    mask = np.zeros((90, 130), bool)
    mask[y : y + height, x : x + width] = True
    x0, y0, x1, y1 = place_subject(mask).box
    assert (x0 * 130, y0 * 90) == pytest.approx((x, y), abs=0.02)
    assert ((x1 - x0) * 130, (y1 - y0) * 90) == pytest.approx((width, height), abs=0.02)


def test_islands_are_dust() -> None:
    mask = np.zeros((200, 200), bool)
    mask[80:120, 80:120] = True
    mask[0, 0] = True
    placing = place_subject(mask)
    assert placing.touching == (0.0, 0.0, 0.0, 0.0)
    assert placing.box == (0.4, 0.4, 0.6, 0.6)


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (2, 500), (300, 1)])
def test_odd_masks_are_measured(shape: tuple[int, int], filled: bool) -> None:
    placing = place_subject(np.full(shape, filled))
    assert (placing.box is not None) == filled
    assert set(placing.touching) == {float(filled)}
