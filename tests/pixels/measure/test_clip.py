import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from safelight.pixels.measure.clip import measure_clipping, newly_clipped


def everywhere(pixels):
    return np.full(pixels.shape[:2], 255, np.uint8)


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, (17, 23, 3)))
def test_shares_are_what_counting_by_hand_gives(pixels):
    found = measure_clipping(pixels, everywhere(pixels))
    assert found.high == pytest.approx(tuple((pixels >= 254).mean(axis=(0, 1))))
    assert found.low == pytest.approx(tuple((pixels <= 1).mean(axis=(0, 1))))
    assert found.blown == pytest.approx((pixels >= 254).all(axis=2).mean())
    assert found.crushed == pytest.approx((pixels <= 1).all(axis=2).mean())
    assert np.array_equal(found.any_high > 0, (pixels >= 254).any(axis=2))
    assert np.array_equal(found.all_low > 0, (pixels <= 1).all(axis=2))


@settings(max_examples=20, deadline=None)
@given(arrays(np.uint8, (9, 11, 3)))
def test_depth_does_not_change_the_count(pixels):
    mask = everywhere(pixels)
    eight = measure_clipping(pixels, mask)
    for deep in (pixels.astype(np.uint16) * 257, (pixels / np.float32(255)).astype(np.float32)):
        same = measure_clipping(deep, mask)
        assert (same.high, same.low, same.blown) == (eight.high, eight.low, eight.blown)


def test_only_the_mask_counts():
    pixels = np.full((10, 10, 3), 255, np.uint8)
    pixels[:5] = 100
    mask = everywhere(pixels)
    mask[5:] = 0
    assert measure_clipping(pixels, mask).blown == 0


def test_float_values_beyond_the_ends_and_infinities_are_clipped():
    pixels = np.full((2, 2, 3), 0.5, np.float32)
    pixels[0, 0], pixels[0, 1], pixels[1, 0] = 1.7, np.inf, -0.2
    found = measure_clipping(pixels, everywhere(pixels))
    assert (found.blown, found.crushed) == (0.5, 0.25)


def test_the_largest_area_is_connected():
    pixels = np.full((100, 100, 3), 90, np.uint8)
    pixels[10:20, 10:20] = 255
    pixels[50:80, 50:80] = 0
    assert measure_clipping(pixels, everywhere(pixels)).largest == pytest.approx(0.09)


def test_the_largest_area_of_a_large_picture_is_right_within_a_percent():
    pixels = np.full((3001, 2503, 3), 90, np.uint8)
    pixels[1000:2000, 700:1700] = 255
    found = measure_clipping(pixels, everywhere(pixels))
    assert found.largest == pytest.approx(1_000_000 / (3001 * 2503), rel=0.01)


def test_what_was_clipped_at_the_capture_is_not_new():
    before = np.full((20, 20, 3), 200, np.uint8)
    before[:10] = 255
    clipped = np.full((20, 20), 255, np.uint8)
    count, where = newly_clipped(clipped, before, high=True)
    assert count == 200
    assert (where[10:] == 255).all()
    assert not where[:10].any()


def test_the_capture_may_be_linear_float():
    before = np.full((20, 20, 3), 0.4, np.float32)
    assert newly_clipped(np.full((20, 20), 255, np.uint8), before, high=True)[0] == 400
    assert newly_clipped(np.zeros((20, 20), np.uint8), before, high=True) == (0.0, None)
