"""Contours to a fraction of a pixel, and the curves along them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte.bezier import find_corners, fit_path, flatten_path, path_area
from safelight.pixels.matte.contour import paint_rings, signed_area, trace_contours


def disk(side, radius, center=None):
    cy, cx = center or (side / 2, side / 2)
    y, x = np.mgrid[0:side, 0:side] + 0.5
    return np.clip(radius + 0.5 - np.hypot(x - cx, y - cy), 0, 1).astype(np.float32)


def off_curve(ring, path):
    """Largest distance of a ring's points from a path."""
    from scipy.spatial import cKDTree

    return float(cKDTree(np.concatenate(flatten_path(path, steps=600))).query(ring)[0].max())


@settings(max_examples=25, deadline=None)
@given(radius=st.floats(12, 50), dx=st.floats(-1, 1), dy=st.floats(-1, 1))
def test_a_disk_of_any_size_and_place_is_traced_and_fitted(radius, dx, dy):
    (ring,) = trace_contours(disk(120, radius, (60 + dy, 60 + dx)))
    (knots,) = path = fit_path([ring])
    assert np.abs(np.hypot(ring[:, 0] - 60 - dx, ring[:, 1] - 60 - dy) - radius).max() < 0.15
    assert off_curve(ring, path) <= 0.41
    assert len(knots) <= 14
    assert path_area(path) == pytest.approx(np.pi * radius**2, rel=0.01)


def test_a_hole_runs_the_other_way_and_is_taken_off():
    rings = trace_contours(disk(200, 80) - disk(200, 30))
    assert [signed_area(each) > 0 for each in rings] == [True, False]
    assert path_area(fit_path(rings)) == pytest.approx(np.pi * (80**2 - 30**2), rel=0.002)


def test_a_ring_painted_again_is_the_matte():
    alpha = disk(160, 60) - disk(160, 21, (70.3, 85.9))
    assert np.abs(paint_rings(trace_contours(alpha), (160, 160)) - alpha).max() < 0.2
    assert paint_rings(trace_contours(alpha), (160, 160)).sum() == pytest.approx(alpha.sum(), rel=1e-3)


def test_a_turned_square_keeps_four_true_corners_and_little_more():
    corners = np.array([[60, 18], [102, 60], [60, 102], [18, 60.0]])
    ring = np.concatenate([a + (b - a) * np.linspace(0, 1, 80, endpoint=False)[:, None] for a, b in
                           zip(corners, np.roll(corners, -1, axis=0), strict=True)])  # fmt: skip
    (ring,) = trace_contours(paint_rings([ring], (120, 120)))
    (knots,) = fit_path([ring])
    assert len(find_corners(ring)) == 4
    sharp = np.array([(each.x, each.y) for each in knots if each.corner])
    assert len(sharp) == 4 and len(knots) <= 8
    assert np.abs(np.sort(sharp, axis=0) - np.sort(corners, axis=0)).max() < 1.0


def test_a_subject_cut_by_the_frame_is_closed_along_it():
    (ring,) = trace_contours(np.ones((40, 60), np.float32))
    assert abs(signed_area(ring)) == pytest.approx(2400, rel=0.01)


@pytest.mark.parametrize("alpha", [np.zeros((9, 9), np.float32), np.full((9, 9), 0.4, np.float32)])
def test_nothing_has_no_contour(alpha):
    assert trace_contours(alpha) == []


def test_a_saddle_of_two_touching_pixels_is_closed_either_way():
    alpha = np.zeros((12, 12), np.float32)
    alpha[2:6, 2:6] = alpha[6:10, 6:10] = 1
    assert sum(signed_area(each) for each in trace_contours(alpha, least_px=0)) == pytest.approx(32, abs=3)


def test_a_tolerance_of_0_is_refused():
    with pytest.raises(ValueError, match="tolerance_px is 0; it takes a number above 0"):
        fit_path([np.zeros((4, 2))], tolerance_px=0)


@pytest.mark.data
@pytest.mark.parametrize("name", ["apple-drink", "digital-product", "pauls-blanace-420-1"])
def test_paths_of_hard_products_are_half_a_pixel_off_at_most(shared_data, name):
    import cv2

    code = cv2.imread(str(shared_data / "matting" / "products" / f"{name}_alpha.png"), cv2.IMREAD_UNCHANGED)
    rings = trace_contours(code / np.float32(255))
    path = fit_path(rings)
    assert off_curve(np.concatenate(rings), path) <= 0.5
    area = sum(signed_area(each) for each in rings)
    assert path_area(path) == pytest.approx(area, rel=0.002)
    assert sum(map(len, path)) < sum(map(len, rings)) / 10
