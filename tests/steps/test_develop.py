"""Develop: what the curve keeps, what the proposal reads off a capture, and files it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.errors import ParameterError
from safelight.pixels.color import fused
from safelight.pixels.color.difference import lab_from
from safelight.pixels.tone.filmic import tone_curve
from safelight.steps.develop.step import PARAMS, step

stops = st.floats(-2, 5)
contrasts = st.floats(1, 2.5)
shares = st.floats(0, 1)
blacks = st.floats(0, 0.05)


def develop(light, **params):
    pixels = np.asarray(light, np.float32).reshape(1, -1, 3)
    view = step.paint(PARAMS.accept(params, fill=True))
    return fused.apply(pixels, "linear_rec2020", [view], "linear_rec2020", np.float32)[0]


def propose(light, *, scene_referred=True, **wanted):
    pixels = np.ascontiguousarray(light, np.float32)
    size = (pixels.shape[1], pixels.shape[0])
    return step.propose(Picture(Image(pixels, "linear_rec2020"), size, scene_referred), None, wanted, None)


def scene(level=0.18, spread=1.5, seed=0):
    """Patches of all sorts of light about `level`, in stops of standard deviation `spread`."""
    rng = np.random.default_rng(seed)
    light = level * 2.0 ** rng.normal(0, spread, (30, 40, 1)) * rng.uniform(0.8, 1.2, (30, 40, 3))
    return np.clip(np.kron(light, np.ones((4, 4, 1))), 0, 1).astype(np.float32)


@given(stops, contrasts, shares, blacks)
def test_the_curve_keeps_middle_gray_and_makes_white_white(lift, contrast, roll_off, black):
    white = 2.0**lift
    light = np.array([0.0, black, 0.18, white, 2 * white])
    out = tone_curve(light, white=white, contrast=contrast, roll_off=roll_off, black=black)
    assert np.allclose(out, [0, 0, 0.18, 1, 1], atol=1e-6)


@given(stops, contrasts, shares, blacks)
def test_more_light_is_never_less_on_the_screen(lift, contrast, roll_off, black):
    light = np.geomspace(1e-6, 2.0**lift, 300)
    out = tone_curve(light, white=2.0**lift, contrast=contrast, roll_off=roll_off, black=black)
    assert (np.diff(out) >= -1e-12).all()
    assert out.min() >= 0
    assert out.max() <= 1


@given(st.floats(0, 4), contrasts, shares)
def test_the_slope_at_middle_gray_is_the_contrast_asked_for(lift, contrast, roll_off):
    light = 0.18 * 2.0 ** np.array([-0.01, 0.01])
    out = tone_curve(light, white=2.0**lift, contrast=contrast, roll_off=roll_off)
    assert np.log2(out[1] / out[0]) / 0.02 == pytest.approx(max(contrast, 1.0), rel=2e-3)


def test_no_lift_and_no_contrast_is_no_curve():
    light = np.linspace(0, 1, 50)
    assert np.allclose(tone_curve(light, white=1.0, contrast=1.0, roll_off=0.7), light, atol=1e-6)


def test_a_longer_roll_off_keeps_highlights_further_from_white():
    early, late = (tone_curve(np.array([1.0]), white=4.0, contrast=1.3, roll_off=each)[0] for each in (1.0, 0.0))
    assert early < late - 0.05


@given(st.floats(0.001, 0.99), stops)
def test_gray_stays_gray(level, lift):
    out = develop([level] * 3, baseline_stops=round(lift, 2))
    assert np.ptp(out) < 2e-5


def test_sensor_clipping_becomes_white_whatever_the_lift():
    for lift in (-1.0, 0.0, 1.5, 3.0):
        assert develop([1.0, 1.0, 1.0], baseline_stops=lift) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("color", [(0.3, 0.15, 0.08), (0.08, 0.2, 0.1), (0.1, 0.14, 0.3), (0.25, 0.1, 0.2)])
def test_hues_of_cloth_and_paint_stay_within_four_degrees(color):
    before = lab_from(np.float32([color]), "linear_rec2020")[0]
    after = lab_from(develop(color, baseline_stops=1.0), "linear_rec2020")[0]
    turn = np.degrees(np.arctan2(after[2], after[1]) - np.arctan2(before[2], before[1]))
    assert abs((turn + 180) % 360 - 180) < 4


@pytest.mark.parametrize("color", [(0.9, 0.45, 0.1), (0.2, 0.5, 0.95), (0.95, 0.6, 0.45), (0.5, 0.2, 0.9)])
def test_the_middle_channel_keeps_its_place_between_the_others(color):
    low, middle, high = np.sort(develop(color, baseline_stops=0.5)[0])
    was_low, was_middle, was_high = np.sort(np.array(color))
    assert (middle - low) / (high - low) == pytest.approx((was_middle - was_low) / (was_high - was_low), abs=0.02)


@pytest.mark.parametrize("color", [(0.9, 0.45, 0.1), (0.5, 0.3, 0.2), (0.2, 0.5, 0.95), (0.6, 0.3, 0.9)])
def test_a_hue_turns_less_than_half_as_far_as_by_a_curve_on_each_channel(color):
    light = np.array([color])
    each_alone = tone_curve(2 * light, white=2.0, contrast=1.3, roll_off=0.7)

    def hue(rgb):
        lab = lab_from(np.ascontiguousarray(rgb, np.float32), "linear_rec2020")[0]
        return np.degrees(np.arctan2(lab[2], lab[1]))

    def turn(rgb):
        return abs((hue(rgb) - hue(light) + 180) % 360 - 180)

    assert turn(develop(color, baseline_stops=1.0)) < 0.5 * turn(each_alone) + 1


def test_an_edit_of_the_first_version_is_painted_by_this_one():
    assert step.upgraded(1, {"baseline_stops": 0.5})["baseline_stops"] == 0.5


def test_hostile_light_stays_in_its_pixel():
    light = np.full((4, 3), 0.2, np.float32)
    light[0], light[1], light[2] = np.nan, np.inf, -3
    assert develop(light)[3] == pytest.approx(develop([0.2] * 3)[0])


@given(st.floats(-3, -0.5))
def test_a_darker_capture_gets_more_lift_but_not_all_of_it(under):
    usual, dark = (propose(scene(0.05 * 2.0**each)).params["baseline_stops"] for each in (0, under))
    assert usual <= dark <= usual - under


def test_a_bright_capture_is_not_darkened():
    assert propose(scene(0.6, spread=0.3)).params["baseline_stops"] == 0


def test_highlights_hold_the_lift_back():
    dark = scene(0.02, spread=0.3)
    lamp = dark.copy()
    lamp[:20, :20] = 0.9
    assert propose(lamp).params["baseline_stops"] < propose(dark).params["baseline_stops"] - 1


def test_the_reasons_name_what_was_measured():
    light = scene(0.02, spread=0.5)
    light[:30, :30] = 1.0
    told = {each.code: each for each in propose(light).reasons}
    assert told["metered"].values["middle"] == pytest.approx(0.02, rel=0.3)
    assert told["clipped_highlights"].values["share"] == pytest.approx(900 / 19200, abs=0.002)
    assert "4.7% of the capture is clipped" in told["clipped_highlights"].text


def test_confidence_falls_with_clipping_and_darkness():
    usual, dark = propose(scene(0.1)), propose(scene(0.004))
    clipped = scene(0.1)
    clipped[:40, :40] = 1.0
    assert usual.confidence.value > 0.7
    assert usual.confidence.value > propose(clipped).confidence.value + 0.1
    assert usual.confidence.value > dark.confidence.value + 0.1


def test_a_file_finished_for_a_screen_is_left_alone():
    proposal = propose(scene(0.01), scene_referred=False)
    assert proposal.params == PARAMS.defaults()
    assert proposal.reasons[0].code == "display_referred"


def test_what_the_guide_fixes_holds():
    assert propose(scene(0.02), contrast=1.6, baseline_stops=0.5).params == {
        "baseline_stops": 0.5,
        "contrast": 1.6,
        "roll_off": 0.7,
        "black_point": pytest.approx(0.001, abs=0.001),
    }


def test_too_much_lift_is_refused_with_the_range():
    with pytest.raises(ParameterError, match=r"develop.baseline_stops is 9 stops; it takes -2 to 5 stops"):
        PARAMS.accept({"baseline_stops": 9})


@pytest.mark.parametrize("hostile", [np.zeros((8, 8, 3)), np.full((8, 8, 3), np.nan), np.ones((1, 1, 3))])
def test_a_capture_of_nothing_is_still_proposed(hostile):
    proposal = propose(hostile)
    assert 0 <= proposal.params["baseline_stops"] <= 3


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    ["raw/GOPR0024_x0_y900_1600x1200.dng", "raw/GPFR7066_x900_y1100_1600x1200.dng", "shoot-a/DSC_2146.dng"],
)
def test_a_real_capture_becomes_a_picture_with_room_at_both_ends(shared_data, name):
    rawpy = pytest.importorskip("rawpy")
    with rawpy.imread(str(shared_data / name)) as raw:
        codes = raw.postprocess(
            use_camera_wb=True,
            output_color=rawpy.ColorSpace(8),
            gamma=(1, 1),
            no_auto_bright=True,
            output_bps=16,
            half_size=True,
        )
    light = codes.astype(np.float32) / 65535
    proposal = propose(light)
    view = step.paint(proposal.params)
    shown = lab_from(fused.apply(light, "linear_rec2020", [view], "srgb", np.float32), "srgb")[..., 0]
    assert 25 < np.median(shown) < 70
    assert np.percentile(shown, 99) > 65
    assert (shown > 99.5).mean() < 0.03
    assert np.percentile(shown, 1) < 15
