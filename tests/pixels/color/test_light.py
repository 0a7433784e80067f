import numpy as np
import pytest

from safelight.errors import UnknownNameError
from safelight.pixels.color.light import codes_of, light_of, luminance_of
from safelight.pixels.color.spaces import convert, decode, luminance, to_float, to_integers

SPACES = ("srgb", "display_p3", "adobe_rgb", "prophoto_rgb", "linear_rec2020")


def colors(dtype, seed=3):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    return (np.random.default_rng(seed).random((40, 50, 3)) * top).astype(dtype)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_table_gives_the_light_that_the_formula_gives(space, dtype):
    pixels = colors(dtype)
    np.testing.assert_allclose(light_of(pixels, space), decode(to_float(pixels), space), rtol=1e-6, atol=1e-7)


def test_light_is_a_new_array_also_for_floats():
    pixels = colors(np.float32)
    assert light_of(pixels, "linear_rec2020") is not pixels


@pytest.mark.parametrize("space", SPACES)
def test_luminance_is_that_of_the_working_space(space):
    pixels = colors(np.uint16)
    wanted = luminance(convert(to_float(pixels), space, "linear_rec2020"))
    np.testing.assert_allclose(luminance_of(pixels, space), wanted, atol=2e-6)


def test_codes_for_looking_are_those_of_the_exact_pass_within_one():
    light = colors(np.float32)
    exact = to_integers(convert(light, "linear_rec2020", "srgb"), np.uint8).astype(int)
    assert np.abs(codes_of(light, "linear_rec2020", "srgb").astype(int) - exact).max() <= 1


def test_codes_hold_what_lies_outside():
    light = np.float32([[[4, 4, 4], [-1, -1, -1], [np.nan] * 3]])
    assert codes_of(light, "srgb", "srgb")[0].tolist() == [[255] * 3, [0] * 3, [0] * 3]


def test_an_unknown_space_is_refused_by_name():
    with pytest.raises(UnknownNameError, match="kodachrome"):
        light_of(colors(np.uint8), "kodachrome")
