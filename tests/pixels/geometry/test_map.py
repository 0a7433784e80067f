"""The geometry map: identity, inverse, composition, and what it says of itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.pixels.geometry.map import GeometryMap, fitted, largest_upright, straighten

sizes = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
angles = st.floats(-180, 180)
POINTS = [[0.5, 0.5], [120.25, 33.0], [400.0, 299.5]]


def maps():
    shift = st.floats(-500, 500)
    return st.builds(
        lambda angle, x, y, factor: (
            straighten(angle, 400, 300)
            .then(GeometryMap.of_crop(x, y, 300, 200))
            .resized(max(1, round(300 * factor)), max(1, round(200 * factor)))
        ),
        angles,
        shift,
        shift,
        st.floats(0.1, 3),
    )


def test_a_crop_moves_the_first_pixel_center_to_its_corner():
    assert GeometryMap.of_crop(10, 20, 5, 5).to_original([[0.5, 0.5]]).tolist() == [[10.5, 20.5]]


def test_half_the_size_shows_the_middle_of_four_pixels():
    assert GeometryMap.identity(8, 4).resized(4, 2).to_original([[0.5, 0.5]]).tolist() == [[1, 1]]


@given(maps())
def test_the_inverse_leads_back(geometry):
    back = geometry.inverse(400, 300)
    assert np.allclose(back.to_original(geometry.to_original(POINTS)), POINTS, atol=1e-5)
    assert np.allclose(geometry.from_original(geometry.to_original(POINTS)), POINTS, atol=1e-5)


@given(maps(), maps())
def test_then_is_one_after_the_other(one, two):
    both = one.then(two)
    assert np.allclose(both.to_original(POINTS), one.to_original(two.to_original(POINTS)), atol=1e-5)
    assert both.size == two.size


@given(maps())
def test_a_part_shows_what_the_whole_shows_there(geometry):
    part = geometry.part(7, 11, 20, 10)
    there = np.add(POINTS, [7, 11])
    assert np.allclose(part.to_original(POINTS), geometry.to_original(there), atol=1e-6)


@given(st.floats(-20, 20).filter(lambda a: abs(a) > 0.1))
def test_a_turn_is_neither_aligned_nor_upright(angle):
    turned = straighten(angle, 4000, 3000)
    assert not turned.is_aligned()
    assert not turned.is_upright()


def test_a_crop_by_whole_pixels_is_aligned_and_says_its_rows():
    crop = GeometryMap.of_crop(-3, 5, 40, 30)
    assert crop.is_aligned()
    assert crop.crop_rows_cols() == (slice(5, 35), slice(-3, 37))


def test_what_arithmetic_leaves_of_whole_numbers_is_still_aligned():
    crop = GeometryMap.of_crop(0.1 * 3 * 1000, 0.7 * 10, 6000, 4000)
    assert crop.is_aligned()


@pytest.mark.parametrize("crop", [(0.5, 0, 4, 4), (0, 0.01, 4, 4)])
def test_part_of_a_pixel_is_not_aligned(crop):
    geometry = GeometryMap.of_crop(*crop)
    assert not geometry.is_aligned()
    assert geometry.is_upright()
    with pytest.raises(ParameterError, match="resample, do not slice"):
        geometry.crop_rows_cols()


def test_a_mirror_is_not_upright():
    mirror = GeometryMap.of_matrix(np.array([[-1.0, 0, 40], [0, 1, 0], [0, 0, 1]]), 40, 30)
    assert not mirror.is_upright()
    assert not mirror.is_aligned()


@given(sizes, st.integers(1, 9000))
def test_fitting_never_enlarges_and_keeps_the_proportions(size, side):
    width, height = fitted(size, side)
    assert max(width, height) <= min(side, max(size)) or max(size) <= side
    assert abs(width * size[1] - height * size[0]) <= max(size)


@given(st.integers(10, 4000), st.integers(10, 4000), st.floats(-45, 45))
def test_the_largest_upright_box_lies_inside_the_turned_picture_and_touches_it(width, height, angle):
    w, h = largest_upright(width, height, angle)
    assert w / h == pytest.approx(width / height)
    turned = straighten(angle, width, height)
    box = [[width / 2 + x * w / 2, height / 2 + y * h / 2] for x in (-1, 1) for y in (-1, 1)]
    corners = turned.to_original(box)
    assert (corners > -1e-6).all()
    assert (corners < np.array([width, height]) + 1e-6).all()
    gaps = np.concatenate([corners.ravel(), (np.array([width, height]) - corners).ravel()])
    assert gaps.min() < 1e-6


@given(st.floats(0.05, 4))
def test_the_reduction_is_original_pixels_an_output_pixel(factor):
    geometry = GeometryMap.identity(4000, 4000).resized(round(4000 * factor), round(4000 * factor))
    assert geometry.reduction() == pytest.approx(4000 / round(4000 * factor))


def test_the_map_into_a_reduction_meets_the_same_places():
    crop = GeometryMap.of_crop(100, 60, 50, 40)
    small = crop.on_reduction((400, 300), (200, 150))
    assert small.to_original([[0, 0], [50, 40]]).tolist() == [[50, 30], [75, 50]]


def test_a_picture_without_pixels_is_refused():
    with pytest.raises(ParameterError, match="at least one pixel, got 0 x 3"):
        GeometryMap.identity(0, 3)


def test_a_map_without_a_way_back_is_refused():
    with pytest.raises(ParameterError, match="invertible"):
        GeometryMap.of_matrix(np.zeros((3, 3)), 4, 4)
