import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.margin import measure_framing


def mask_of(x0, y0, x1, y1, width=200, height=100):
    mask = np.zeros((height, width), np.uint8)
    mask[y0:y1, x0:x1] = 255
    return mask


@settings(max_examples=60, deadline=None)
@given(
    x=st.tuples(st.integers(0, 199), st.integers(1, 100)),
    y=st.tuples(st.integers(0, 99), st.integers(1, 60)),
    size=st.sampled_from([(200, 100), (2500, 1300)]),
)
def test_the_box_is_exact_at_any_size(x, y, size):
    width, height = size
    scale = width // 200
    x0, y0 = x[0] * scale, min(y[0] * scale, height - 1)
    x1, y1 = min(width, x0 + x[1] * scale), min(height, y0 + y[1] * scale)
    assert measure_framing(mask_of(x0, y0, x1, y1, width, height)).box == (x0, y0, x1, y1)


def test_margins_and_box_fill_the_frame():
    found = measure_framing(mask_of(20, 10, 120, 90))
    left, top, right, bottom = found.margins
    assert left + right + 100 / 200 == pytest.approx(1)
    assert top + bottom + 80 / 100 == pytest.approx(1)
    assert found.fill == pytest.approx(0.8)
    assert found.off_x == pytest.approx(-0.15)


def test_a_cut_counts_the_subject_on_that_side_only():
    found = measure_framing(mask_of(0, 10, 50, 90))
    assert found.cut_px == {"left": 80, "top": 0, "right": 0, "bottom": 0}


def test_specks_are_left_out_and_two_parts_are_one_subject():
    mask = mask_of(50, 20, 100, 80)
    mask[20:80, 120:150] = 255
    mask[0, 199] = 255
    assert measure_framing(mask).box == (50, 20, 150, 80)


def test_an_empty_mask_has_no_box():
    assert measure_framing(np.zeros((50, 50), np.uint8)) is None
    assert measure_framing(np.zeros((3000, 50), np.uint8)) is None


def test_one_pixel_is_a_box():
    assert measure_framing(np.full((1, 1), 255, np.uint8)).fill == 1.0
