import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.measure.white import measure_background
from tests.checks.targets import packshot


def white_with_subject(size=120, width=40):
    picture = np.full((size, size, 3), 255, np.uint8)
    alpha = np.zeros((size, size), np.float32)
    start = (size - width) // 2
    picture[start : start + width, start : start + width] = (30, 60, 90)
    alpha[start : start + width, start : start + width] = 1
    return picture, alpha, start


@settings(max_examples=30, deadline=None)
@given(distance=st.integers(1, 35))
def test_a_speck_counts_as_far_from_17_px_on(distance):
    picture, alpha, start = white_with_subject()
    picture[60, start - distance] = 254
    found = measure_background(picture, "srgb", alpha=alpha)
    assert found.far_off == (1 if distance > 16 else 0)


def test_the_distance_is_straight_not_along_the_grid():
    picture, alpha, start = white_with_subject()
    picture[start - 12, start - 12] = 254  # 12 * sqrt 2 = 17.0
    assert measure_background(picture, "srgb", alpha=alpha).far_off == 1


def test_tiles_do_not_show():
    """A picture of several tiles, its contour on their borders, against the plain definition."""
    import cv2

    rng = np.random.default_rng(3)
    alpha = np.zeros((700, 600), np.float32)
    alpha[200:520, 240:300] = 1
    picture = rng.integers(250, 256, (700, 600, 3)).astype(np.uint8)
    found = measure_background(picture, "srgb", alpha=alpha)
    away = cv2.distanceTransform((alpha <= 0.02).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    off = (picture != 255).any(axis=2)
    assert found.far_off == (off & (away > 16)).sum()
    near = (away > 0) & (away <= 16)
    assert found.near_mean == pytest.approx(picture[near].mean(axis=0), abs=1e-3)
    mean = cv2.blur(picture.astype(np.float32), (3, 3), borderType=cv2.BORDER_REPLICATE) / 255
    apart = delta_e_2000(lab_from(np.ascontiguousarray(mean), "srgb"), lab_from(np.ones((1, 3), np.float32), "srgb"))
    assert found.near_delta_e == pytest.approx(apart[(away >= 3) & (away <= 16)].max(), abs=1e-3)


@pytest.mark.parametrize("color", [(255, 255, 255), (240, 241, 242), (0, 0, 0)])
def test_an_exact_background_has_nothing_off(color):
    picture, alpha, _ = white_with_subject()
    picture[alpha == 0] = color
    for matte in (alpha, None):
        found = measure_background(picture, "srgb", color, matte)
        assert (found.border_off, found.far_off, found.near_offset, found.near_delta_e) == (0, 0, 0, 0)


def test_a_foreign_file_has_as_background_what_is_250_and_connected_to_the_border():
    picture, _, _ = white_with_subject()
    picture[:, :5] = 251
    picture[60, 60] = 252  # inside the subject: no background
    found = measure_background(picture, "srgb")
    assert found.pixels == 120 * 120 - 40 * 40
    assert found.far_off == 5 * 120


def test_maps_say_how_far_off():
    picture, alpha, _ = white_with_subject()
    picture[3, 3] = (255, 250, 255)
    assert measure_background(picture, "srgb", alpha=alpha).far_bad[3, 3] == 5


def test_float_pictures_are_refused_with_the_way_out():
    with pytest.raises(TypeError, match="reads decoded files, uint8 or uint16, got float32: encode first"):
        measure_background(np.ones((4, 4, 3), np.float32), "srgb")


def test_a_packshot_composited_on_white_is_exact():
    picture, alpha = packshot()
    found = measure_background(picture, "srgb", alpha=alpha)
    assert (found.border_off, found.far_off) == (0, 0)
    assert found.near_offset < 0.1
