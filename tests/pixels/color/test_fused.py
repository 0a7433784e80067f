"""The one pass: exact where it can be, held to numpy where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.pixels.color import fused, spaces, transforms

DEPTHS = (np.uint8, np.uint16)


def chart(dtype, seed=0, shape=(61, 47, 3)):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)


def apart(one, two):
    return int(np.abs(one.astype(np.int64) - two.astype(np.int64)).max())


@pytest.mark.parametrize("space", spaces.SPACES)
@pytest.mark.parametrize("dtype", [*DEPTHS, np.float32])
def test_doing_nothing_returns_the_very_same_values(space, dtype):
    codes = chart(np.uint16).astype(np.float32) / 65535 if dtype == np.float32 else chart(dtype)
    assert (fused.apply(codes, space, (), space, dtype) == codes).all()


def test_8_bits_become_16_and_come_back_unharmed():
    codes = chart(np.uint8)
    wide = fused.apply(codes, "srgb", (), "srgb", np.uint16)
    assert (wide == codes.astype(np.uint16) * 257).all()
    assert (fused.apply(wide, "srgb", (), "srgb", np.uint8) == codes).all()


@pytest.mark.parametrize("space", ["srgb", "adobe_rgb", "display_p3", "prophoto_rgb"])
@pytest.mark.parametrize(("dtype", "allowed"), [(np.uint8, 1), (np.uint16, 2)])
def test_a_picture_goes_through_linear_rec2020_and_back_within_a_code_value_or_two(space, dtype, allowed):
    codes = chart(dtype)
    if space == "adobe_rgb" and dtype == np.uint16:
        # A plain exponent near black magnifies the last bit of the brighter channels: from 1/1000 up it is lost.
        codes = np.maximum(codes, 1 + codes.max(axis=2, keepdims=True) // 64)
    light = fused.apply(codes, space, (), "linear_rec2020", np.float32)
    assert apart(fused.apply(light, "linear_rec2020", (), space, dtype), codes) <= allowed


@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("space", ["srgb", "adobe_rgb", "display_p3"])
def test_a_gain_of_one_stays_within_a_code_value(space, dtype):
    codes = chart(dtype)
    assert apart(fused.apply(codes, space, [transforms.gain(1, 1, 1)], space, dtype), codes) <= 1


def in_numpy(codes, gains, space, to_space):
    light = spaces.decode(spaces.to_float(codes), space).astype(np.float64)
    light = light @ spaces.matrix_between(space, "linear_rec2020").T * gains
    return light @ spaces.matrix_between("linear_rec2020", to_space).T


@pytest.mark.parametrize("to_space", ["srgb", "adobe_rgb", "linear_rec2020"])
def test_floats_agree_with_numpy_to_a_hundred_thousandth(to_space):
    codes, gains = chart(np.uint8), np.array([1.2, 1.0, 0.8])
    painted = fused.apply(codes, "srgb", [transforms.gain(*gains)], to_space, np.float32)
    expected = spaces.encode(in_numpy(codes, gains, "srgb", to_space).astype(np.float32), to_space)
    # Below 0.001 of light Adobe's exponent magnifies single precision.
    sure = np.abs(in_numpy(codes, gains, "srgb", to_space)) > (1e-3 if to_space == "adobe_rgb" else 0)
    assert np.abs(painted - expected)[sure].max() < 1e-5


def test_integers_agree_with_numpy_to_a_code_value_of_sixteen_bits():
    codes, gains = chart(np.uint8), np.array([1.2, 1.0, 0.8])
    painted = fused.apply(codes, "srgb", [transforms.gain(*gains)], "srgb", np.uint16)
    light = in_numpy(codes, gains, "srgb", "srgb").astype(np.float32)
    assert apart(painted, spaces.to_integers(spaces.encode(light, "srgb"), np.uint16)) <= 1


def test_what_is_outside_the_output_survives_in_floats():
    green = np.float32([[[0.0, 1.0, 0.0]]])
    srgb = fused.apply(green, "linear_rec2020", (), "srgb", np.float32)
    assert srgb.min() < 0 and srgb.max() > 1
    assert np.abs(fused.apply(srgb, "srgb", (), "linear_rec2020", np.float32) - green).max() < 1e-5


@settings(max_examples=25)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_exposures_add(one, two):
    light = np.float32([[[0.02, 0.18, 0.5]]])
    after = fused.apply(
        light, "linear_rec2020", [transforms.exposure(one), transforms.exposure(two)], "linear_rec2020", np.float32
    )
    once = fused.apply(light, "linear_rec2020", [transforms.exposure(one + two)], "linear_rec2020", np.float32)
    assert np.allclose(after, once, rtol=1e-5)


def test_one_stop_doubles_middle_gray():
    gray = np.full((1, 1, 3), 0.18, np.float32)
    assert fused.apply(gray, "linear_rec2020", [transforms.exposure(1)], "linear_rec2020", np.float32) == pytest.approx(
        0.36, abs=1e-6
    )


def test_a_view_with_strides_is_painted_as_what_it_shows():
    codes = chart(np.uint8, shape=(40, 60, 3))
    view = codes[::2, ::-1]
    want = fused.apply(np.ascontiguousarray(view), "srgb", [transforms.exposure(1)], "srgb", np.uint8)
    assert (fused.apply(view, "srgb", [transforms.exposure(1)], "srgb", np.uint8) == want).all()


def test_threads_and_strips_change_no_pixel():
    codes = chart(np.uint8, shape=(700, 900, 3))
    chain = [transforms.gain(1.1, 1, 0.9)]
    whole = fused.apply(codes, "srgb", chain, "srgb", np.uint16)
    assert (fused.apply(codes, "srgb", chain, "srgb", np.uint16, threads=2) == whole).all()
    assert (fused.apply(codes[100:103], "srgb", chain, "srgb", np.uint16) == whole[100:103]).all()


def test_the_input_is_left_as_it_was():
    codes = chart(np.uint8)
    before = codes.copy()
    fused.apply(codes, "srgb", [transforms.exposure(2)], "srgb", np.uint8)
    assert (codes == before).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -5.0])
def test_hostile_values_do_no_harm_to_their_neighbors(bad):
    light = np.full((2, 2, 3), 0.18, np.float32)
    good = fused.apply(light, "linear_rec2020", [transforms.exposure(1)], "srgb", np.uint16)
    light[0, 0] = bad
    painted = fused.apply(light, "linear_rec2020", [transforms.exposure(1)], "srgb", np.uint16)
    assert (painted[1] == good[1]).all()


def test_double_precision_is_refused():
    with pytest.raises(TypeError, match="uint8, uint16 or float32, got float64"):
        fused.apply(np.zeros((1, 1, 3)), "srgb", (), "srgb", np.uint8)


def test_four_channels_are_refused():
    with pytest.raises(TypeError, match=r"paints \(H, W, 3\)"):
        fused.apply(np.zeros((1, 1, 4), np.uint8), "srgb", (), "srgb", np.uint8)


def test_a_tone_curve_goes_through_its_points():
    light = np.float32([[[0.0, 0.25, 0.5], [0.75, 1.0, 3.0]]])
    curve = transforms.curve([0, 0.5, 1, 4], [0.1, 0.3, 1, 2.5])
    painted = fused.apply(light, "linear_rec2020", [curve], "linear_rec2020", np.float32)
    assert np.abs(painted - [[[0.1, 0.2, 0.3], [0.65, 1.0, 2.0]]]).max() < 1e-5


def test_a_tone_curve_that_does_not_rise_is_refused():
    with pytest.raises(ParameterError, match="rising"):
        transforms.curve([0, 1, 1], [0, 1, 2])


def test_no_saturation_is_gray_of_the_same_luminance():
    light = np.float32([[[0.8, 0.1, 0.3]]])
    gray = fused.apply(light, "linear_rec2020", [transforms.saturation(0)], "linear_rec2020", np.float32)
    assert np.ptp(gray) < 1e-6
    assert gray[0, 0, 0] == pytest.approx(float(spaces.luminance(light)[0, 0]), abs=1e-6)


def test_adapting_a_white_makes_it_the_other_white():
    to_xyz = spaces.matrix_to_xyz("linear_rec2020")
    x, y = 0.4476, 0.4074  # illuminant A
    tungsten = np.linalg.solve(to_xyz, [x / y, 1, (1 - x - y) / y]).astype(np.float32)
    turned = transforms.adapt_white((x, y), spaces.D65)
    painted = fused.apply(tungsten[None, None], "linear_rec2020", [turned], "linear_rec2020", np.float32)
    assert np.abs(painted - 1).max() < 1e-5


def test_a_shaped_curve_is_the_curve_between_black_and_its_top():
    light = np.random.default_rng(0).uniform(0, 3, (20, 30, 3)).astype(np.float32)
    bent = lambda x: x / (x + 0.3)  # noqa: E731
    view = transforms.shaped_curve(bent(transforms.shaped_light(3.0)), 3.0)
    painted = fused.apply(light, "linear_rec2020", [view], "linear_rec2020", np.float32)
    assert np.abs(painted - bent(light)).max() < 1e-5
    held = fused.apply(np.float32([[[-1, 3, 9]]]), "linear_rec2020", [view], "linear_rec2020", np.float32)
    assert held[0, 0] == pytest.approx([0, bent(3.0), bent(3.0)], abs=1e-5)


def test_a_shaped_curve_of_another_length_is_refused():
    with pytest.raises(ParameterError, match="4096 values"):
        transforms.shaped_curve(np.zeros(10), 1.0)
