"""ΔE00 against its authors' data, and what holds of any color difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from safelight.pixels.color.difference import delta_e_76, delta_e_2000, lab_from

# Sharma, Wu, Dalal (2005), table 1: L1 a1 b1 L2 a2 b2 ΔE00.
SHARMA = np.array(
    [
        [50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425],
        [50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615],
        [50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412],
        [50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669],
        [50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461],
        [50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065],
        [50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492],
        [50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977],
        [50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030],
        [50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)
colors = arrays(np.float32, (5, 3), elements=st.floats(-100, 100, width=32))


@pytest.mark.parametrize("row", SHARMA, ids=[str(n) for n in range(1, 35)])
def test_the_34_pairs_of_sharma_wu_and_dalal_come_out_to_the_fourth_digit(row):
    assert float(delta_e_2000(row[:3], row[3:6])) == pytest.approx(row[6], abs=5e-5)


def test_single_precision_is_good_for_half_a_thousandth_on_the_same_pairs():
    pairs = SHARMA.astype(np.float32)
    assert np.abs(delta_e_2000(pairs[:, :3], pairs[:, 3:6]) - SHARMA[:, 6]).max() < 5e-4


@given(colors, colors)
def test_differences_are_the_same_both_ways_and_never_negative(one, two):
    there, back = delta_e_2000(one, two), delta_e_2000(two, one)
    assert (there >= 0).all()
    # Opposite hues have two mean hues; only there may a rounding choose the other.
    close = np.isclose(there, back, rtol=1e-3, atol=2e-3)
    opposite = np.abs(np.abs(np.arctan2(one[:, 2], one[:, 1]) - np.arctan2(two[:, 2], two[:, 1])) - np.pi) < 0.05
    assert (close | opposite).all()


@given(colors)
def test_a_color_is_nothing_away_from_itself(one):
    assert (delta_e_2000(one, one) == 0).all()


def test_one_reference_is_held_against_a_whole_picture():
    picture = np.zeros((4, 3, 3), np.float32)
    assert delta_e_2000(picture, np.float32([10, 0, 0])).shape == (4, 3)


def test_a_picture_tells_the_same_as_its_pixels():
    rng = np.random.default_rng(7)
    one, two = (rng.uniform(-50, 90, (90_000, 3)).astype(np.float32) for _ in range(2))
    whole = delta_e_2000(one, two)
    assert whole[80_000] == pytest.approx(float(delta_e_2000(one[80_000], two[80_000])), rel=1e-6)


def test_a_value_that_is_no_number_stays_none():
    assert np.isnan(delta_e_2000(np.full(3, np.nan), np.zeros(3)))


def test_delta_e_76_is_the_straight_distance():
    assert float(delta_e_76(np.float32([50, 1, 2]), np.float32([52, 3, 3]))) == pytest.approx(3)


def test_lab_of_srgb_agrees_with_colour_science():
    colour = pytest.importorskip("colour")
    rng = np.random.default_rng(3)
    rgb = rng.random((500, 3))
    d50 = np.array([0.3457, 0.3585])
    space = colour.RGB_COLOURSPACES["sRGB"].copy()
    space.use_derived_matrix_RGB_to_XYZ = True
    xyz = colour.RGB_to_XYZ(rgb, space, d50, "Bradford", apply_cctf_decoding=True)
    expected = colour.XYZ_to_Lab(xyz, d50)
    assert np.abs(lab_from(rgb.astype(np.float32), "srgb") - expected).max() < 2e-3


@pytest.mark.parametrize("space", ["srgb", "linear_srgb", "display_p3", "adobe_rgb", "prophoto_rgb", "linear_rec2020"])
def test_white_is_l_100_and_without_color_in_every_space(space):
    assert np.abs(lab_from(np.ones((1, 3), np.float32), space) - [100, 0, 0]).max() < 2e-3


def test_lab_of_an_8_bit_picture_is_refused_with_the_way_out():
    with pytest.raises(TypeError, match="to_float"):
        lab_from(np.zeros((1, 1, 3), np.uint8), "srgb")
