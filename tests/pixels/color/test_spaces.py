"""Spaces against published numbers, and what holds between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import UnknownNameError
from safelight.pixels.color import spaces

ENCODED = ("srgb", "display_p3", "adobe_rgb", "prophoto_rgb")
NAMES_OF_COLOUR = {
    "srgb": "sRGB",
    "display_p3": "Display P3",
    "adobe_rgb": "Adobe RGB (1998)",
    "prophoto_rgb": "ProPhoto RGB",
    "linear_rec2020": "ITU-R BT.2020",
}
values = st.floats(-2, 4, width=32)


@pytest.mark.parametrize(
    ("code", "light"),
    [(0.0, 0.0), (0.04045, 0.04045 / 12.92), (0.5, 0.21404114), (118 / 255, 0.18116424), (1.0, 1.0)],
)
def test_srgb_decodes_as_iec_61966_2_1_says(code, light):
    assert float(spaces.decode(np.float32([code]), "srgb")[0]) == pytest.approx(light, abs=2e-7)


def test_adobe_rgb_has_the_gamma_of_563_over_256():
    assert float(spaces.decode(np.float32([0.5]), "adobe_rgb")[0]) == pytest.approx(0.5 ** (563 / 256), abs=1e-7)


def test_the_matrix_of_srgb_is_that_of_the_standard_to_its_four_digits():
    expected = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    assert np.abs(spaces.matrix_to_xyz("srgb") - expected).max() < 6e-5


@pytest.mark.parametrize("name", NAMES_OF_COLOUR)
def test_matrices_agree_with_colour_science(name):
    colour = pytest.importorskip("colour")
    theirs = colour.RGB_COLOURSPACES[NAMES_OF_COLOUR[name]].copy()
    theirs.use_derived_matrix_RGB_to_XYZ = True
    assert np.abs(spaces.matrix_to_xyz(name) - theirs.matrix_RGB_to_XYZ).max() < 1e-4


@pytest.mark.parametrize(("one", "other"), [("srgb", "linear_rec2020"), ("adobe_rgb", "srgb"), ("display_p3", "srgb")])
def test_conversions_agree_with_colour_science(one, other):
    colour = pytest.importorskip("colour")
    rgb = np.random.default_rng(5).uniform(0.1, 0.9, (300, 3))
    theirs = [colour.RGB_COLOURSPACES[NAMES_OF_COLOUR[name]].copy() for name in (one, other)]
    for each in theirs:  # those printed in the standards are rounded to four digits
        each.use_derived_matrix_RGB_to_XYZ = each.use_derived_matrix_XYZ_to_RGB = True
    expected = colour.RGB_to_RGB(
        rgb,
        *theirs,
        "Bradford",
        apply_cctf_decoding=True,
        apply_cctf_encoding=other != "linear_rec2020",
    )
    ours = spaces.convert(rgb.astype(np.float32), one, other)
    inside = ((expected > 0) & (expected < 1)).all(axis=1)  # outside, theirs runs on straight and ours is mirrored
    assert inside.sum() > 100
    assert np.abs(ours - expected)[inside].max() < 2e-5


@given(st.lists(values, min_size=1, max_size=20), st.sampled_from(sorted(spaces.SPACES)))
def test_encoding_undoes_decoding_below_black_and_above_white_too(codes, name):
    codes = np.float32(codes)
    back = spaces.encode(spaces.decode(codes, name), name)
    # A plain exponent has no slope at black: single precision ends at 1e-38.
    assert np.allclose(back, codes, rtol=2e-5, atol=2e-6)


@given(st.lists(values, min_size=2, max_size=20), st.sampled_from(ENCODED))
def test_more_code_is_more_light(codes, name):
    light = spaces.decode(np.sort(np.float32(codes)), name)
    assert (np.diff(light) >= -1e-7).all()


@pytest.mark.parametrize("one", spaces.SPACES)
@pytest.mark.parametrize("other", spaces.SPACES)
def test_white_stays_white_between_all_spaces(one, other):
    assert np.abs(spaces.convert(np.ones((1, 3), np.float32), one, other) - 1).max() < 2e-6


def test_adapting_there_and_back_changes_nothing():
    there, back = spaces.adaptation(spaces.D65, spaces.D50), spaces.adaptation(spaces.D50, spaces.D65)
    assert np.abs(back @ there - np.eye(3)).max() < 1e-12


def test_the_luminance_of_white_is_one_and_green_has_most_of_it():
    assert float(spaces.luminance(np.ones(3, np.float32))) == pytest.approx(1, abs=1e-6)
    assert spaces.luminance(np.eye(3, dtype=np.float32)).argmax() == 1


def test_integers_are_rounded_half_to_even_clipped_and_never_undefined():
    codes = spaces.to_integers(np.float32([-1, 0.5 / 255, 1.5 / 255, 2, np.nan, np.inf, -np.inf]), np.uint8)
    assert codes.tolist() == [0, 0, 2, 255, 0, 255, 0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_integers_go_to_floats_and_back_unharmed(dtype):
    codes = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    assert (spaces.to_integers(spaces.to_float(codes), dtype) == codes).all()


@pytest.mark.parametrize("work", [spaces.decode, spaces.encode, lambda rgb, space: spaces.convert(rgb, space, "srgb")])
def test_an_8_bit_picture_is_refused_with_the_way_out(work):
    with pytest.raises(TypeError, match="to_float"):
        work(np.zeros((1, 1, 3), np.uint8), "srgb")


def test_an_unknown_space_is_refused_with_the_list():
    with pytest.raises(UnknownNameError, match=r"no color space called 'sRGB'; there are: srgb, linear_srgb"):
        spaces.space_named("sRGB")
