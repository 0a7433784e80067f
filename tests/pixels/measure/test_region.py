import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from safelight.pixels.measure.places import find_places, heat_of
from safelight.pixels.measure.region import connected_to_border, find_subject, reduce_to, to_levels


def test_a_matte_is_taken_at_one_half():
    alpha = np.linspace(0, 1, 100, dtype=np.float32)[None].repeat(10, axis=0)
    region = find_subject(np.zeros((10, 100, 3), np.uint8), "srgb", alpha)
    assert region.source == "matte"
    assert (region.mask > 0).sum() == 500


@pytest.mark.parametrize("backdrop", [(255, 255, 255), (206, 206, 206), (90, 140, 200)])
def test_one_colored_backdrops_are_told_from_the_subject(backdrop):
    picture = np.full((200, 300, 3), backdrop, np.uint8)
    picture[60:140, 100:200] = (20, 60, 30)
    region = find_subject(picture, "srgb", None)
    assert region.source == "backdrop"
    assert (region.mask > 0).sum() == pytest.approx(80 * 100, rel=0.01)


def test_a_busy_picture_is_all_subject():
    busy = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    region = find_subject(busy, "srgb", None)
    assert region.source == "frame"
    assert (region.mask == 255).all()


def test_linear_float_and_display_integers_give_the_same_subject():
    picture = np.full((200, 300, 3), 255, np.uint8)
    picture[60:140, 100:200] = (20, 60, 30)
    linear = ((picture / 255.0) ** 2.2).astype(np.float32)
    one, other = find_subject(picture, "srgb", None), find_subject(linear, "linear_rec2020", None)
    assert np.array_equal(one.mask, other.mask)


def test_an_island_is_not_connected_to_the_border():
    candidates = np.zeros((20, 20), np.uint8)
    candidates[0] = candidates[5:8, 5:8] = 255
    assert connected_to_border(candidates).sum() == 20 * 255


def test_nan_and_infinity_have_levels():
    assert to_levels(np.array([[[np.nan, np.inf, -1]]], np.float32), "srgb").tolist() == [[[0, 255, 0]]]


def test_nothing_is_ever_enlarged():
    picture = np.zeros((5, 9, 3), np.uint8)
    assert reduce_to(picture, 100) is picture


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, (40, 60)))
def test_boxes_are_never_empty_nor_the_frame_and_hold_what_is_worst(bad):
    for place in find_places(bad):
        x0, y0, x1, y1 = place.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert (x1 - x0) * (y1 - y0) < 0.999
        assert place.pixels > 0


def test_no_bad_pixel_no_place():
    assert find_places(np.zeros((40, 60), np.uint8)) == []


def test_one_bad_pixel_of_24_mp_is_found_in_place():
    bad = np.zeros((6000, 4000), np.uint8)
    bad[4321, 1234] = 1
    (place,) = find_places(bad)
    assert place.pixels == 1
    x0, y0, x1, y1 = place.box
    assert x0 < 1234.5 / 4000 < x1
    assert y0 < 4321.5 / 6000 < y1
    assert (x1 - x0) * 4000 < 12
    assert heat_of(bad).sum() == 1


def test_heat_is_at_most_512_a_side():
    assert max(heat_of(np.zeros((5000, 333), np.uint8)).shape) <= 512
