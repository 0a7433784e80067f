"""Grade and grain: what each parameter does, and that nothing happens unasked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.errors import ParameterError
from safelight.pixels.color import fused
from safelight.pixels.color.difference import lab_from
from safelight.pixels.color.spaces import decode, encode, luminance
from safelight.plugins import step_named

GRADE, GRAIN = step_named("grade"), step_named("grain")
CODES = np.random.default_rng(8).uniform(0.05, 0.95, (30, 40, 3)).astype(np.float32)
GRAYS = np.repeat(np.linspace(0, 1, 101, dtype=np.float32)[None, :, None], 3, axis=2)
RED, GREEN, BLUE = (np.float32([[each]]) for each in ([0.7, 0.2, 0.2], [0.2, 0.7, 0.2], [0.2, 0.2, 0.7]))


def graded(codes=CODES, **params):
    view = GRADE.paint(GRADE.params.accept(params, fill=True))
    return fused.apply(np.ascontiguousarray(codes), "srgb", [view], "srgb", np.float32)


def test_the_defaults_change_nothing():
    assert np.abs(graded() - CODES).max() < 1e-6
    codes = np.random.default_rng(0).integers(0, 256, (30, 30, 3)).astype(np.uint8)
    view = GRADE.paint(GRADE.params.defaults())
    assert np.abs(fused.apply(codes, "srgb", [view], "srgb", np.uint8).astype(int) - codes).max() <= 1


def test_a_stop_doubles_the_light():
    assert decode(graded(exposure=1.0), "srgb") == pytest.approx(2 * decode(CODES, "srgb"), rel=1e-4)


def test_contrast_keeps_black_middle_gray_and_white_and_spreads_the_rest():
    out = graded(GRAYS, contrast=0.5)[0, :, 0]
    assert out[[0, 50, 100]] == pytest.approx([0, 0.5, 1], abs=1e-4)
    assert out[25] == pytest.approx(0.2, abs=1e-3)
    assert out[75] == pytest.approx(0.8, abs=1e-3)
    assert (np.diff(out) > 0).all()


def test_the_cdl_is_slope_offset_power_on_code_values():
    slope, offset, power = (1.1, 1.0, 0.9), (0.02, 0.0, 0.05), (1.2, 1.0, 0.8)
    out = graded(GRAYS, slope=slope, offset=offset, power=power)
    # In code values of the working primaries a gray is the same in all three, so the formula can be read off before
    # the primaries turn: through linear light of Rec.2020.
    view = GRADE.paint(GRADE.params.accept({"slope": slope, "offset": offset, "power": power}, fill=True))
    working = fused.apply(decode(GRAYS, "srgb"), "linear_rec2020", [view], "linear_rec2020", np.float32)
    wanted = np.clip(GRAYS * slope + offset, 0, None) ** np.array(power)
    assert encode(working, "srgb") == pytest.approx(wanted, abs=1e-4)
    assert np.isfinite(out).all()


def test_a_curve_goes_through_its_points():
    out = graded(GRAYS, curve=(0, 0.05, 0.5, 0.6, 1, 0.95))[0, :, 0]
    assert out[[0, 50, 100]] == pytest.approx([0.05, 0.6, 0.95], abs=1e-3)


def test_a_channels_curve_moves_that_channel():
    before, after = (lab_from(each, "srgb") for each in (GRAYS, graded(GRAYS, curve_blue=(0, 0, 0.5, 0.6, 1, 1))))
    assert after[0, 50, 2] < before[0, 50, 2] - 5  # bluer


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ((0, 0, 0.5), "takes pairs x, y"),
        ((0.5, 0, 0.2, 1), "x rising"),
        ((0, 0, 0, 1), "x rising"),
        ((0.5, 0.5), "two or more"),
    ],
)
def test_a_curve_whose_points_do_not_rise_is_refused(points, message):
    with pytest.raises(ParameterError, match=message):
        graded(curve=points)


def test_a_curve_that_is_no_number_is_refused_with_its_range():
    with pytest.raises(ParameterError, match=r"grade.curve is .*each -1 to 2"):
        GRADE.params.accept({"curve": (0, float("nan"))})


def test_no_saturation_is_gray_of_the_same_luminance():
    out = graded(saturation=0.0)
    assert np.ptp(out, axis=2).max() < 1e-4
    light = lambda codes: luminance(fused.apply(codes, "srgb", (), "linear_rec2020", np.float32))  # noqa: E731
    assert light(out) == pytest.approx(light(CODES), rel=1e-3)


def test_a_hue_is_moved_and_its_opposite_is_not():
    params = {"hue_saturation": (-0.8, 0, 0, 0, 0, 0, 0, 0)}
    chroma = lambda codes: float(np.hypot(*lab_from(codes, "srgb")[0, 0, 1:]))  # noqa: E731
    assert chroma(graded(RED, **params)) < 0.6 * chroma(RED)
    assert chroma(graded(BLUE, **params)) == pytest.approx(chroma(BLUE), rel=0.02)


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=8), st.lists(st.floats(-30, 30), min_size=8, max_size=8))
@settings(max_examples=15, deadline=None)
def test_hue_curves_leave_grays_alone(saturation, shift):
    out = graded(GRAYS, hue_saturation=saturation, hue_shift=shift, hue_lightness=saturation)
    assert np.abs(out - GRAYS).max() < 1e-4


def test_a_tinted_shadow_keeps_black_and_white_and_highlights():
    out = lab_from(graded(GRAYS, shadows_tint=0.5, shadows_hue=240), "srgb")[0]
    assert out[25, 2] < -4
    assert np.abs(out[[0, 100], 1:]).max() < 0.1
    assert np.hypot(*out[80, 1:]) < 0.7


def test_hostile_light_does_no_harm_to_its_neighbors():
    light = np.full((2, 4, 3), 0.2, np.float32)
    light[0] = [[np.nan] * 3, [np.inf] * 3, [-5.0] * 3, [1e9] * 3]
    view = GRADE.paint(GRADE.params.accept({"contrast": 0.4, "hue_shift": (5,) * 8, "saturation": 1.2}, fill=True))
    out = fused.apply(light, "linear_rec2020", [view], "srgb", np.uint16)
    assert (out[1] == out[1, 0]).all()


def propose(step, **wanted):
    picture = Picture(Image(np.full((40, 60, 3), 0.2, np.float32), "linear_rec2020"), (60, 40))
    return step.propose(picture, None, wanted, None)


def test_nothing_is_invented():
    proposal = propose(GRADE)
    assert proposal.params == GRADE.params.defaults()
    assert "neither guide nor hero" in proposal.reasons[0].text


def test_a_grade_is_as_sure_as_what_it_does_to_the_picture():
    mild, harsh = propose(GRADE, contrast=0.1), propose(GRADE, exposure=3.0)
    assert mild.confidence.value > 0.95
    assert "contrast: colors move by" in mild.reasons[0].text
    assert harsh.confidence.value < 0.1
    assert [each.code for each in harsh.reasons] == ["grade", "grade_clips"]
    assert harsh.reasons[1].doubt


def grained(light, scale=1.0, **params):
    return GRAIN.paint(light, GRAIN.params.accept({"amount": 6.0, **params}, fill=True), scale)


MIDDLE = np.full((400, 400, 3), decode(np.float32([0.5]), "srgb")[0], np.float32)


def test_grain_has_the_strength_that_was_asked_for():
    codes = encode(grained(MIDDLE, seed=3), "srgb")
    assert codes.std() * 255 == pytest.approx(6.0, rel=0.05)
    assert codes.mean() == pytest.approx(0.5, abs=0.002)
    assert np.ptp(codes, axis=2).max() < 1e-5


@pytest.mark.parametrize("size", [0.5, 1.5, 4.0])
def test_grain_of_any_size_is_as_strong(size):
    assert encode(grained(MIDDLE, size_px=size), "srgb").std() * 255 == pytest.approx(6.0, rel=0.1)


def test_the_same_seed_is_the_same_grain_and_another_is_not():
    assert (grained(MIDDLE, seed=1) == grained(MIDDLE, seed=1)).all()
    assert (grained(MIDDLE, seed=1) != grained(MIDDLE, seed=2)).any()


def test_black_and_white_have_no_grain():
    ends = np.zeros((50, 50, 3), np.float32)
    ends[:25] = 1
    assert np.abs(grained(ends) - ends).max() < 1e-5


def test_a_smaller_view_shows_less_grain():
    assert grained(MIDDLE, 0.25).std() < 0.5 * grained(MIDDLE).std()


def test_no_grain_changes_no_bit():
    assert (grained(MIDDLE, amount=0.0) == MIDDLE).all()


def test_the_seed_is_the_pictures_own():
    assert propose(GRAIN).params["seed"] == propose(GRAIN).params["seed"] > 0
    assert propose(GRAIN, amount=4.0, seed=7).params["seed"] == 7
