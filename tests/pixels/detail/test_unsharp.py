"""Unsharp mask: laws, halos, speed."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.detail.unsharp import unsharp_mask

_NOISE = np.random.default_rng(4).uniform(0, 1, (150, 90, 3)).astype(np.float32)


def _luma(rgb: np.ndarray) -> np.ndarray:
    return cv2.transform(rgb, np.float32([[0.2126, 0.7152, 0.0722]]))


def test_a_step_is_sharpened_by_the_formula() -> None:
    # Far from any limit: y + amount (y - blurred y), with the same Gaussian.
    ramp = np.zeros((40, 60, 3), np.float32)
    ramp += np.clip(np.arange(60, dtype=np.float32) / 60, 0.3, 0.7)[None, :, None]
    blurred = cv2.GaussianBlur(ramp, (7, 7), 1.0, borderType=cv2.BORDER_REPLICATE)
    expected = ramp + 0.5 * (ramp - blurred)
    assert unsharp_mask(ramp, amount=0.5, radius_px=1.0, halo=0.2) == pytest.approx(expected, abs=1e-5)


@settings(deadline=None, max_examples=15)
@given(radius=st.floats(0.2, 3.0))
def test_no_amount_changes_nothing(radius: float) -> None:
    assert np.array_equal(unsharp_mask(_NOISE, amount=0.0, radius_px=radius), _NOISE)


@settings(deadline=None, max_examples=20)
@given(amount=st.floats(0.0, 3.0), radius=st.floats(0.3, 3.0), halo=st.floats(0.0, 0.1))
def test_no_pixel_overshoots_its_neighbors_by_more_than_the_halo(amount: float, radius: float, halo: float) -> None:
    before, after = _luma(_NOISE), _luma(unsharp_mask(_NOISE, amount=amount, radius_px=radius, halo=halo))
    around = np.ones((3, 3), np.uint8)
    assert (after <= cv2.dilate(before, around) + halo + 1e-5).all()
    assert (after >= cv2.erode(before, around) - halo - 1e-5).all()


def test_all_channels_get_the_same_so_hue_stays() -> None:
    more = unsharp_mask(_NOISE, amount=1.0, radius_px=1.0) - _NOISE
    assert np.ptp(more, axis=2).max() < 1e-6


def test_strips_leave_no_seam() -> None:
    tall = np.random.default_rng(6).uniform(0, 1, (400, 50, 3)).astype(np.float32)
    whole = unsharp_mask(tall, amount=0.8, radius_px=1.2)
    part = unsharp_mask(np.ascontiguousarray(tall[60:160]), amount=0.8, radius_px=1.2)
    assert part[10:-10] == pytest.approx(whole[70:150], abs=1e-6)


def test_a_flat_white_border_stays_white() -> None:
    shot = np.ones((400, 600, 3), np.float32)
    shot[150:250, 200:400] = _NOISE[:100].repeat(3, axis=1)[:, :200]
    sharp = unsharp_mask(shot, amount=1.0, radius_px=1.0)
    assert np.array_equal(sharp[:, :190], shot[:, :190])
    assert np.array_equal(sharp[:96], shot[:96])
    assert np.abs(sharp[:140] - shot[:140]).max() < 1e-6


def test_differences_under_the_threshold_are_left_alone() -> None:
    faint = 0.5 + 0.002 * (_NOISE - 0.5)
    assert unsharp_mask(faint, amount=3.0, radius_px=1.0, threshold=0.004) == pytest.approx(faint, abs=1e-6)


def test_a_blurred_edge_becomes_steeper() -> None:
    edge = cv2.GaussianBlur(np.float32(np.arange(80) > 40)[None, :].repeat(80, axis=0), (0, 0), 1.0)
    rgb = np.ascontiguousarray(np.repeat(edge[..., None], 3, axis=2))
    steeper = np.abs(np.diff(unsharp_mask(rgb, amount=0.8, radius_px=1.0)[40, :, 0])).max()
    assert steeper > 1.15 * np.abs(np.diff(edge[40])).max()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 50, 3), (50, 1, 3), (97, 3, 3)])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.5, 3.0])
def test_even_pictures_of_any_shape_return(shape: tuple[int, int, int], value: float) -> None:
    even = np.full(shape, value, np.float32)
    assert unsharp_mask(even, amount=2.0, radius_px=2.0) == pytest.approx(even, abs=1e-6)


def test_nan_stays_where_it_is() -> None:
    holed = _NOISE.copy()
    holed[75, 45] = np.nan
    sharp = unsharp_mask(holed, amount=1.0, radius_px=1.0)
    assert np.isfinite(sharp[:60]).all()
    assert np.isfinite(sharp[90:]).all()


def test_integers_and_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="float32, got"):
        unsharp_mask(np.zeros((4, 4, 3), np.uint8), amount=1.0, radius_px=1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="amount of 0 or more, got -1"):
        unsharp_mask(_NOISE, amount=-1.0, radius_px=1.0)
    with pytest.raises(ValueError, match="radius_px of 0 or more, got nan"):
        unsharp_mask(_NOISE, amount=1.0, radius_px=float("nan"))


def test_six_megapixels_take_a_fraction_of_a_second() -> None:
    texture = cv2.resize(_NOISE, (3000, 2000))
    start = time.process_time()
    unsharp_mask(texture, amount=0.5, radius_px=0.8, threshold=0.004)
    assert time.process_time() - start < 1  # measured: 0.09; a slow machine is no failure
