"""A lens in the map: points there and back, straight lines, colors, and what a map says of itself."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.pixels.geometry.map import GeometryMap, straighten
from safelight.pixels.geometry.optics import PROJECTIONS, Optics, filling_zoom
from safelight.pixels.geometry.resample import reaches_beyond, resample

SIZE = (600, 400)
BARREL = Optics(SIZE, (1.03, 0.0, -0.16, 0.1, 0.0))
PINCUSHION = Optics(SIZE, (0.99, 0.0, 0.016, 0.014, 0.0))
COLORED = Optics(SIZE, BARREL.distortion, red=(1.004, 0.0, 0.0), blue=(0.997, 0.0, 0.001))
FISHEYES = [Optics(SIZE, (1.05, 0, -0.1, 0, 0), projection=each, focal=1.1) for each in PROJECTIONS[1:]]


def through(optics, zoom=1.0):
    x, y = optics.size[0] / 2, optics.size[1] / 2
    look = np.array([[1 / zoom, 0, x - x / zoom], [0, 1 / zoom, y - y / zoom], [0, 0, 1]])
    return GeometryMap.of_matrix(look, *optics.size, optics)


def grid(size=SIZE, steps=15):
    return np.stack(np.meshgrid(np.linspace(0, size[0], steps), np.linspace(0, size[1], steps)), -1).reshape(-1, 2)


@given(
    st.floats(0.9, 1.1),
    st.floats(-0.15, 0.1),
    st.floats(-0.05, 0.1),
    st.floats(-0.05, 0.05),
    st.sampled_from(PROJECTIONS),
)
def test_points_come_back_within_a_twentieth_of_a_pixel(c0, c2, c3, c4, projection):
    optics = Optics((6000, 4000), (c0, 0.0, c2, c3, c4), projection=projection, focal=1.2)
    points = grid((6000, 4000))
    assert np.abs(optics.unbend(optics.bend(points)) - points).max() < 0.05


def test_the_polynomial_is_the_one_declared():
    corner = BARREL.bend([[600.0, 400.0]])[0]
    assert corner == pytest.approx(np.array([300, 200]) * (1 + 1.03 - 0.16 + 0.1), abs=1e-9)


@pytest.mark.parametrize("optics", [BARREL, PINCUSHION, *FISHEYES])
def test_a_straight_line_that_the_lens_bent_comes_back_straight(optics):
    line = np.column_stack([np.linspace(40, 560, 60), np.linspace(60, 120, 60)])
    bent = optics.bend(line)
    back = optics.unbend(bent)

    def bow(points):
        away = points - points[0]
        along = away[-1] / np.linalg.norm(away[-1])
        return np.abs(away @ np.array([-along[1], along[0]])).max()

    assert bow(bent) > 0.5
    assert bow(back) < 0.01


def test_a_rendered_line_that_the_lens_bent_comes_back_straight():
    wide = np.column_stack([np.linspace(-100, 700, 400), np.full(400, 70.0)])
    bent = np.round((BARREL.bend(wide) - 0.5) * 16).astype(np.int32)
    drawn = np.zeros((400, 600), np.uint8)
    cv2.polylines(drawn, [bent], isClosed=False, color=255, thickness=5, lineType=cv2.LINE_AA, shift=4)
    out = resample((drawn / 255).astype(np.float32)[..., None], through(BARREL))[..., 0]
    rows = np.arange(400)[:, None] + 0.5

    def heights(picture):
        part = picture[:, 30:-30].astype(np.float64)
        return (part * rows).sum(axis=0) / part.sum(axis=0)

    assert np.ptp(heights(drawn)) > 4.5
    assert np.abs(heights(out) - 70).max() < 0.15


def test_red_and_blue_come_to_lie_on_green():
    y, x = np.mgrid[:400, :600].astype(np.float32)
    channels = []
    for color in ("red", "green", "blue"):
        # Where the taken picture shows a pixel, a perfect one had its own place: sample the pattern there.
        taken = np.column_stack([x.ravel() + 0.5, y.ravel() + 0.5]).astype(np.float64)
        meant = taken.copy()
        for _ in range(20):
            meant += taken - COLORED.bend(meant, color)
        channels.append((0.5 + 0.3 * np.sin(meant[:, 0] / 6) * np.sin(meant[:, 1] / 6)).reshape(400, 600))
    taken_picture = np.stack(channels, -1).astype(np.float32)
    inner = (slice(20, -20), slice(20, -20))
    out = resample(taken_picture, through(COLORED))[inner]
    plain = resample(taken_picture, through(BARREL))[inner]
    assert np.ptp(plain, axis=2).mean() > 0.025
    assert np.ptp(out, axis=2).mean() < 0.003


def test_the_filling_zoom_leaves_no_empty_corner_and_wastes_nothing():
    for optics in (BARREL, PINCUSHION, COLORED):
        zoom = filling_zoom(optics)
        assert not reaches_beyond(through(optics, zoom), SIZE)
        assert reaches_beyond(through(optics, zoom * 0.99), SIZE)


def test_a_picture_of_one_color_stays_one_color():
    gray = np.full((400, 600, 3), 0.18, np.float32)
    out = resample(gray, through(COLORED, filling_zoom(COLORED)))
    assert np.abs(out - 0.18).max() < 1e-6


@pytest.mark.parametrize("optics", [BARREL, COLORED, FISHEYES[1]])
def test_a_crop_a_reduction_and_a_tile_show_what_the_whole_shows_there(optics):
    whole = through(optics, 1.1)
    points = grid((200, 100), 5)
    crop = whole.then(GeometryMap.of_crop(50, 30, 300, 200)).part(20, 10, 200, 100)
    assert np.allclose(crop.to_original(points), whole.to_original(np.add(points, [70, 40])), atol=1e-6)
    half = whole.on_reduction(SIZE, (301, 199))
    assert np.allclose(half.to_original(points), whole.to_original(points) * [301 / 600, 199 / 400], atol=1e-6)
    assert np.allclose(whole.resized(300, 200).to_original(points), whole.to_original(points * 2), atol=1e-6)
    assert np.allclose(crop.from_original(crop.to_original(points)), points, atol=0.01)


def test_tiles_of_a_corrected_picture_meet():
    rng = np.random.default_rng(5)
    light = cv2.GaussianBlur(rng.random((1300, 1500, 3)).astype(np.float32), (0, 0), 2)
    optics = Optics((1500, 1300), BARREL.distortion, red=(1.002, 0, 0))
    whole = resample(light, through(optics))
    part = resample(light, through(optics).part(1000, 1000, 60, 60))
    assert np.abs(part - whole[1000:1060, 1000:1060]).max() < 2e-3


def test_a_bent_map_is_neither_aligned_nor_upright():
    assert not through(BARREL).is_aligned()
    assert not through(BARREL).is_upright()


def test_bounds_hold_what_a_lens_bends_outwards():
    assert through(PINCUSHION).bounds()[0] < 0 or through(PINCUSHION).bounds()[2] <= 600
    x0, y0, x1, y1 = through(BARREL).bounds()
    inside = through(BARREL).to_original(grid())
    assert inside[:, 0].min() >= x0 - 1e-6
    assert inside[:, 1].max() <= y1 + 1e-6
    assert (x1 > x0) and (y1 > y0)


def test_a_lens_after_a_crop_is_refused_with_the_way_out():
    with pytest.raises(ParameterError, match="a lens comes before every other geometry: put its map first"):
        straighten(3, 600, 400).then(through(BARREL))


def test_an_inverse_map_through_a_lens_is_refused_with_the_way_out():
    with pytest.raises(ParameterError, match="carry points with from_original"):
        through(BARREL).inverse(600, 400)


def test_a_lens_that_folds_the_picture_is_refused():
    with pytest.raises(ParameterError, match="folds the picture over"):
        Optics(SIZE, (1.0, 0.0, -0.6, 0.0, 0.0))


def test_an_unknown_projection_is_refused_with_the_list():
    with pytest.raises(ParameterError, match="projection is 'fish'; it takes rectilinear, equidistant"):
        Optics(SIZE, projection="fish")


def test_a_lens_of_no_numbers_is_refused():
    with pytest.raises(ParameterError, match="finite numbers"):
        Optics(SIZE, (float("nan"), 0, 0, 0, 0))
