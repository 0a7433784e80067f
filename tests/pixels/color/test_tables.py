"""Painting by table: OpenColorIO is the definition, and integers are held to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.color import fused, spaces, transforms
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.flatten import leaves_of, parts_of
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.tables import Lookups

CORRECTED = [transforms.gain(1.15, 1.0, 0.85), transforms.exposure(0.4)]
KNEE = transforms.curve([-1, 0, 0.9, 1.5, 4, 65000], [-1, 0, 0.9, 0.985, 1, 1])
HUES = grade_transform(Grade(hue_shift=(6.0, 0, -4.0, 0, 0, 5.0, 0, 0), hue_saturation=(0.2, 0, 0, -0.3, 0, 0, 0, 0)))


def chart(dtype, seed=3, shape=(70, 90, 3)):
    codes = np.random.default_rng(seed).random(shape).astype(np.float32)
    codes[:10] = np.linspace(0, 1, shape[1])[None, :, None]
    codes[10:20] *= 0.04
    return codes if dtype == np.float32 else spaces.to_integers(codes, dtype)


def exactly(pixels, chain, to_space="srgb"):
    """The chain in floats, each op by OpenColorIO, then rounded once."""
    return fused.apply(spaces.to_float(pixels), "srgb", chain, to_space, np.float32)


def way_of(chain, dtype_in, dtype_out, space="srgb"):
    return fused.Pass(space, chain, "srgb", dtype_in, dtype_out)._quick


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("chain", [CORRECTED, [*CORRECTED, KNEE]], ids=["gains", "knee"])
def test_8_bits_are_within_a_code_value(dtype, chain):
    pixels = chart(dtype)
    assert isinstance(way_of(chain, dtype, np.uint8), Lookups)
    painted = fused.apply(pixels, "srgb", chain, "srgb", np.uint8)
    wanted = spaces.to_integers(exactly(pixels, chain), np.uint8)
    assert np.abs(painted.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_16_bits_through_matrices_are_within_a_code_value(dtype):
    pixels = chart(dtype)
    painted = fused.apply(pixels, "srgb", CORRECTED, "srgb", np.uint16)
    assert np.abs(painted.astype(int) - spaces.to_integers(exactly(pixels, CORRECTED), np.uint16)).max() <= 1


def test_16_bits_through_a_curve_are_within_a_tenth_of_a_delta_e():
    pixels, chain = chart(np.uint16), [*CORRECTED, KNEE]
    painted = spaces.to_float(fused.apply(pixels, "srgb", chain, "srgb", np.uint16))
    wanted = np.clip(exactly(pixels, chain), 0, 1)
    assert delta_e_2000(lab_from(painted, "srgb"), lab_from(wanted, "srgb")).max() < 0.1


def test_floats_asked_for_exactly_are_left_to_opencolorio():
    assert way_of([*CORRECTED, KNEE], np.float32, np.float32, "linear_rec2020") is None


@given(stops=st.floats(-3, 3), red=st.floats(0.5, 2))
@settings(max_examples=20, deadline=None)
def test_any_gains_are_within_a_code_value(stops, red):
    pixels, chain = chart(np.uint8, shape=(20, 30, 3)), [transforms.gain(red, 1, 1 / red), transforms.exposure(stops)]
    painted = fused.apply(pixels, "srgb", chain, "srgb", np.uint8)
    assert np.abs(painted.astype(int) - spaces.to_integers(exactly(pixels, chain), np.uint8)).max() <= 1


def test_grays_stay_gray_under_a_gain_alike_for_all():
    gray = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    painted = fused.apply(gray, "srgb", [transforms.exposure(0.37)], "srgb", np.uint8)
    assert np.ptp(painted.astype(int), axis=2).max() <= 1
    assert (np.diff(painted[0].astype(int), axis=0) >= 0).all()


def test_light_without_end_becomes_white_and_what_is_no_number_black():
    light = np.full((2, 3, 3), 0.18, np.float32)
    light[0, 0], light[0, 1], light[0, 2] = np.inf, np.nan, -np.inf
    for dtype in (np.uint8, np.uint16):
        painted = fused.apply(light, "linear_rec2020", [transforms.exposure(1)], "srgb", dtype)
        assert (painted[0, 2] == 0).all()
        assert (painted[1] == painted[1, 0, 0]).all()


def test_a_strip_is_painted_as_the_whole():
    pixels, chain = chart(np.uint16, shape=(300, 200, 3)), [*CORRECTED, KNEE, HUES]
    whole = fused.apply(pixels, "srgb", chain, "srgb", np.uint16, threads=2)
    assert (fused.apply(pixels[120:123], "srgb", chain, "srgb", np.uint16) == whole[120:123]).all()


def test_the_input_is_left_as_it_was():
    light = chart(np.float32)
    before = light.copy()
    fused.apply(light, "linear_rec2020", [HUES], "srgb", np.uint16)
    assert (light == before).all()


def test_matrices_are_multiplied_out_and_those_that_do_nothing_dropped():
    group = transforms.chain(transforms.gain(2, 2, 2), transforms.gain(0.5, 0.5, 0.5), transforms.coding("srgb"))
    assert [each.sort for each in parts_of(leaves_of(group))] == ["curve"]


def test_a_matrix_after_another_acts_after_it():
    mix = np.array([[0.8, 0.2, 0.0], [0.0, 1.0, 0.0], [0.1, 0.0, 0.9]])
    (part,) = parts_of(leaves_of(transforms.chain(transforms.matrix(mix), transforms.gain(2, 1, 1))))
    assert part.rows == pytest.approx(np.diag([2.0, 1.0, 1.0]) @ mix)
