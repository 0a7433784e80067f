"""Color temperature and tint: values of the standards, and an implementation that is not ours."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.color.temperature import TINT_SCALE, temperature_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it could use and is not installed
    import colour


# CIE 15, chromaticities of its illuminants.
@pytest.mark.parametrize(
    ("name", "xy", "kelvin"),
    [("A", (0.44757, 0.40745), 2856), ("D50", (0.34567, 0.35850), 5003), ("D65", (0.31272, 0.32903), 6504)],
)
def test_the_standard_illuminants_have_their_temperatures(name, xy, kelvin):
    assert temperature_of(*xy)[0] == pytest.approx(kelvin, abs=5)


def test_black_bodies_have_no_tint_and_daylight_is_a_little_green():
    assert temperature_of(0.44757, 0.40745)[1] == pytest.approx(0, abs=0.1)
    assert temperature_of(0.31272, 0.32903)[1] == pytest.approx(10, abs=1)


@settings(deadline=None, max_examples=40)  # the other one is slow at first
@given(kelvin=st.floats(2000, 24_000), duv=st.floats(-0.01, 0.01))
def test_another_implementation_of_the_paper_says_the_same(kelvin, duv):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        uv = colour.temperature.CCT_to_uv_Robertson1968((kelvin, duv))
        x, y = colour.UCS_uv_to_xy(uv)
        theirs = colour.temperature.uv_to_CCT_Robertson1968(uv)
    ours = temperature_of(float(x), float(y))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-3)
    assert ours[1] == pytest.approx(TINT_SCALE * theirs[1], abs=0.1)


@pytest.mark.parametrize("xy", [(0.7, 0.29), (0.15, 0.06), (1.5, 0.0), (float("nan"), 0.3)])
def test_light_of_no_temperature_has_none(xy):
    assert temperature_of(*xy) is None
