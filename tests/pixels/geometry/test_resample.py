"""Resampling: what is uniform stays so, light is neither lost nor moved, and cuts change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.pixels.geometry.map import GeometryMap, fitted, straighten
from safelight.pixels.geometry.resample import cut, reaches_beyond, resample, resample_from


def waves(width, height, period=40.0):
    y, x = np.mgrid[0:height, 0:width] + 0.5
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * x / period) * np.cos(2 * np.pi * y / (1.3 * period))
    return np.repeat(wave[..., None], 3, axis=2).astype(np.float32)


def reduced(width, height, long_side):
    return GeometryMap.identity(width, height).resized(*fitted((width, height), long_side))


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=40)
def test_a_uniform_picture_stays_uniform_at_any_size(width, height, new_width, new_height):
    flat = np.full((height, width, 3), 0.37, np.float32)
    out = resample(flat, GeometryMap.identity(width, height).resized(new_width, new_height))
    assert out.shape == (new_height, new_width, 3)
    assert np.abs(out - 0.37).max() < 1e-5


@given(st.floats(-180, 180))
@settings(max_examples=25)
def test_a_uniform_picture_stays_uniform_inside_when_it_is_turned(angle):
    flat = np.full((90, 120, 3), 0.37, np.float32)
    turned = straighten(angle, 120, 90).part(40, 30, 40, 30)
    if reaches_beyond(turned, (120, 90)):
        return
    assert np.abs(resample(flat, turned) - 0.37).max() < 1e-4


@pytest.mark.parametrize("long_side", [37, 100, 149, 150, 200, 299])
def test_reducing_keeps_the_light(long_side):
    picture = np.random.default_rng(0).random((200, 300, 3), dtype=np.float32)
    out = resample(picture, reduced(300, 200, long_side))
    assert out.mean() == pytest.approx(picture.mean(), abs=2e-3)


@pytest.mark.parametrize("long_side", [75, 120, 250, 500])
def test_a_slow_wave_comes_out_where_it_was(long_side):
    geometry = reduced(500, 400, long_side)
    expected = waves(500, 400)
    out = resample(expected, geometry)
    places = geometry.to_original([[x + 0.5, y + 0.5] for y in range(out.shape[0]) for x in range(out.shape[1])])
    truth = 0.5 + 0.4 * np.sin(2 * np.pi * places[:, 0] / 40) * np.cos(2 * np.pi * places[:, 1] / 52)
    error = np.abs(out[..., 0].ravel() - truth)
    # The kernel dims waves of 6 output pixels; it must not move them.
    assert error.max() < (0.2 if long_side == 75 else 0.08)
    assert np.corrcoef(out[..., 0].ravel(), truth)[0, 1] > 0.995


def test_turning_there_and_back_returns_the_picture():
    picture = waves(300, 200)
    there, back = straighten(7.3, 300, 200), straighten(-7.3, 300, 200)
    again = resample(resample(picture, there), back)
    assert np.abs(again - picture)[50:150, 75:225].max() < 5e-3  # places are rounded to 1/32 px


def test_a_quarter_turn_moves_every_pixel_and_changes_none():
    picture = np.random.default_rng(1).random((64, 64, 3), dtype=np.float32)
    assert np.abs(resample(picture, straighten(90, 64, 64)) - np.rot90(picture, -1)).max() < 1e-4


def test_a_turned_and_reduced_picture_agrees_with_turning_at_full_size():
    picture = waves(800, 600, period=90)
    turn = straighten(5, 800, 600).part(100, 100, 600, 400)
    small = resample(picture, turn.resized(150, 100))
    full = resample(resample(picture, turn), reduced(600, 400, 150))
    assert np.abs(small - full).max() < 0.01


@pytest.mark.parametrize("long_side", [100, 230, 640])
def test_strips_and_tiles_leave_no_seam(long_side):
    picture = np.random.default_rng(2).random((700, 640, 3), dtype=np.float32)
    geometry = reduced(640, 700, long_side)
    whole = resample(picture, geometry)
    part = resample(picture, geometry.part(10, 20, 40, 30))
    assert np.abs(whole[20:50, 10:50] - part).max() < 1e-5


def test_turned_tiles_leave_no_seam():
    picture = waves(1500, 1200)
    turn = straighten(3, 1500, 1200)
    whole = resample(picture, turn)
    part = resample(picture, turn.part(1000, 900, 100, 200))
    assert np.abs(whole[900:1100, 1000:1100] - part).max() < 5e-3  # places are rounded to 1/32 px


def test_beyond_the_frame_is_the_fill_and_the_edge_is_sharp():
    flat = np.ones((40, 40, 3), np.float32)
    out = resample(flat, GeometryMap.of_crop(-10.5, 0, 40, 40), fill=0.0)
    assert (out[:, :10] == 0).all()
    assert out[:, 10] == pytest.approx(0.5, abs=1e-6)
    assert out[:, 11:] == pytest.approx(1.0, abs=1e-5)


def test_a_view_wholly_beyond_the_frame_is_all_fill():
    flat = np.ones((20, 20, 3), np.float32)
    assert (resample(flat, GeometryMap.of_crop(100.5, 0, 10, 10), fill=0.25) == 0.25).all()
    turned = straighten(10, 20, 20).then(GeometryMap.of_crop(500, 500, 5, 5))
    assert (resample(flat, turned, fill=0.25) == 0.25).all()


def test_an_edge_overshoots_by_no_more_than_four_percent():
    edge = np.zeros((60, 600, 3), np.float32)
    edge[:, 301:] = 1
    out = resample(edge, reduced(600, 60, 190))
    assert out.max() < 1.04
    assert out.min() > -0.04


def test_a_source_is_asked_only_for_what_is_inside_it():
    asked = []

    def read(y0, y1, x0, x1):
        asked.append((y0, y1, x0, x1))
        return np.ones((y1 - y0, x1 - x0, 3), np.float32)

    for geometry in (
        GeometryMap.of_crop(-20, -20, 140, 90).resized(70, 45),
        straighten(12, 100, 50).resized(40, 20),
        straighten(12, 100, 50),
    ):
        resample_from(read, (100, 50), 3, geometry)
    assert all(0 <= y0 < y1 <= 50 and 0 <= x0 < x1 <= 100 for y0, y1, x0, x1 in asked)


def test_one_pixel_fills_any_size():
    assert np.abs(resample(np.full((1, 1, 3), 0.3, np.float32), reduced(1, 1, 5)) - 0.3).max() < 1e-6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_cut_inside_is_a_view_of_the_very_same_pixels(dtype):
    picture = np.arange(60).reshape(5, 4, 3).astype(dtype)
    inside = cut(picture, GeometryMap.of_crop(1, 2, 2, 3))
    assert (inside == picture[2:5, 1:3]).all()
    assert inside.base is not None


def test_a_cut_beyond_is_filled():
    assert cut(np.ones((2, 2), np.uint16), GeometryMap.of_crop(-1, -1, 2, 2), 9).tolist() == [[9, 9], [9, 1]]
    assert cut(np.ones((2, 2), np.uint16), GeometryMap.of_crop(7, 7, 2, 1), 9).tolist() == [[9, 9]]


def test_a_cut_by_part_of_a_pixel_is_refused():
    with pytest.raises(ParameterError, match="resample"):
        cut(np.ones((4, 4), np.uint8), GeometryMap.of_crop(0.5, 0, 2, 2))


def test_a_single_channel_shrinks_over_a_ragged_edge():
    plane = np.full((4001, 6007, 1), 0.25, np.float32)
    small = resample(plane, GeometryMap.identity(6007, 4001).resized(1600, 1066))
    assert small.shape == (1066, 1600, 1)
    assert np.allclose(small, 0.25, atol=1e-6)
