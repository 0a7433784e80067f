"""Color matrices from charts: published values, laws, and no wild ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.errors import ParameterError, UnknownNameError
from safelight.pixels.color.chart_reference import CHARTS, lab_of_light, light_of_lab, reference_lab
from safelight.pixels.color.chart_transform import correction_transform
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.fused import paint_as_is
from safelight.pixels.color.matrix_fit import (
    MOST_COEFFICIENT,
    MOST_CONDITION,
    Correction,
    features,
    fit_chart,
    undo_tone,
)

AFTER = "classic_after_2014"
LIGHT = light_of_lab(reference_lab(AFTER))
CAMERA = np.array([[0.75, 0.2, 0.05], [0.1, 0.8, 0.1], [0.02, 0.2, 0.78]])
PLACES = np.array([[(column - 2.5) / 2.5, (row - 1.5) / 2.5] for row in range(4) for column in range(6)])


def test_neutral_5_of_the_new_chart_is_the_published_lab():
    assert reference_lab(AFTER)[21].tolist() == [50.76, -0.13, 0.14]


def test_an_unknown_chart_is_refused_with_those_there_are():
    with pytest.raises(UnknownNameError, match="no chart called 'sg'; there are: classic_after_2014"):
        reference_lab("sg")


@pytest.mark.parametrize("chart", CHARTS)
def test_light_of_lab_and_back_is_the_identity_and_agrees_with_whole_pictures(chart):
    lab = reference_lab(chart)
    assert lab_of_light(light_of_lab(lab)) == pytest.approx(lab, abs=1e-9)
    assert lab_from(light_of_lab(lab).astype(np.float32), "linear_rec2020") == pytest.approx(lab, abs=1e-3)


@settings(deadline=None, max_examples=8)
@given(stops=st.floats(-3, 3), red=st.floats(0.4, 2.0), blue=st.floats(0.4, 2.0), mix=st.floats(0.0, 1.0))
def test_any_linear_camera_under_any_light_is_undone(stops, red, blue, mix):
    camera = (1 - mix) * np.eye(3) + mix * CAMERA
    seen = LIGHT @ camera.T * np.array([red, 1.0, blue]) * 2.0**stops
    made = fit_chart(seen, charts=(AFTER,))
    assert np.nanmean(made.left_out) < 0.5
    assert made.doubts == ()


def test_light_that_falls_off_over_the_chart_is_allowed_for():
    seen = LIGHT @ CAMERA.T * 2.0 ** (PLACES @ np.array([0.3, -0.2]))[:, None]
    blind, aware = (fit_chart(seen, places=places, charts=(AFTER,)) for places in (None, PLACES))
    assert np.nanmean(aware.left_out) < 0.5 * np.nanmean(blind.left_out)
    # The balance's own grays lie in one row, so that part of the fall there is taken for exposure.
    assert aware.correction.slope == pytest.approx((0.3, -0.2), abs=0.06)


def test_gray_stays_gray():
    seen = LIGHT @ CAMERA.T * np.random.default_rng(1).normal(1, 0.01, (24, 1))
    made = fit_chart(seen, charts=(AFTER,))
    assert made.correction.model == "linear_white"
    assert made.correction.rows.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-9)


def test_the_pigments_are_told_by_fit():
    for name in CHARTS:
        assert fit_chart(light_of_lab(reference_lab(name)) @ CAMERA.T).chart == name


def test_a_camera_that_is_right_is_left_alone():
    made = fit_chart(0.7 * LIGHT, charts=(AFTER,))
    assert made.correction.model == "identity"
    assert made.correction.gains == pytest.approx(np.full(3, 1 / 0.7))


def test_contrast_is_undone_only_when_asked_for():
    seen = (LIGHT @ CAMERA.T) ** 1.6
    plain, whole = (fit_chart(seen, charts=(AFTER,), undo_contrast=undo) for undo in (False, True))
    assert plain.correction.tone == (0.0, 1.0, 0.0)
    assert whole.correction.tone[1] == pytest.approx(1 / 1.6, abs=0.05)
    assert np.nanmean(whole.left_out) < 0.4 * np.nanmean(plain.left_out)


def test_too_few_patches_are_refused_with_the_count():
    usable = np.arange(24) > 8
    with pytest.raises(ParameterError, match="15 of 24 patches and 6 of 6 grays are usable; 18 and 3 are needed"):
        fit_chart(LIGHT, usable=usable)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -0.1])
def test_light_that_is_no_light_is_refused(value):
    seen = LIGHT.copy()
    seen[3, 1] = value
    with pytest.raises(ParameterError, match="24 patches of three positive, finite numbers"):
        fit_chart(seen)


@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 1000))
def test_nonsense_never_becomes_a_wild_matrix(seed):
    made = fit_chart(np.random.default_rng(seed).uniform(0.01, 1.0, (24, 3)), charts=(AFTER,), undo_contrast=True)
    assert np.abs(made.correction.rows).max() <= MOST_COEFFICIENT
    assert made.correction.model == "identity" or made.correction.condition <= MOST_CONDITION
    assert made.doubts and "patches left out are still" in made.doubts[-1]


@given(scale=st.floats(0.01, 8.0))
def test_root_polynomials_hold_at_any_exposure(scale):
    assert features(scale * LIGHT) == pytest.approx(scale * features(LIGHT), rel=1e-9)


def test_undoing_a_tone_goes_on_straight_beyond_the_patches_and_keeps_black():
    tone = (-0.1, 0.8, -0.05)
    light = np.array([0.0, 1e-4, 1e-3, 0.01, 0.18, 1.0, 4.0, 16.0])
    out = undo_tone(light, tone)
    assert out[0] == 0.0 and (np.diff(out) > 0).all()


def _roots() -> np.ndarray:
    rows = np.hstack([np.linalg.inv(CAMERA), np.array([[0.1, -0.12, 0.05], [-0.08, 0.1, 0.02], [0.05, -0.1, 0.1]])])
    return rows / rows.sum(axis=1, keepdims=True)


def test_the_painted_root_polynomial_is_the_formula_within_a_tenth_of_a_delta_e():
    rows = _roots()
    light = (np.random.default_rng(2).random((20_000, 3)) ** 2.2).astype(np.float32)
    wanted = features(light.astype(np.float64)) @ rows.T
    seen = paint_as_is(light[None], correction_transform(rows[:, :3].ravel(), rows[:, 3:].ravel()))[0]
    inside = (wanted > 0.005).all(axis=1)
    off = delta_e_2000(lab_of_light(seen[inside]), lab_of_light(wanted[inside]))
    assert off.mean() < 0.02
    assert np.percentile(off, 99) < 0.1


def test_the_painted_correction_is_the_fitted_one():
    made = Correction("linear_white", np.hstack([np.linalg.inv(CAMERA), np.zeros((3, 3))]), np.array([1.2, 1, 0.8]),
                      (0.05, 0.9, -0.02))  # fmt: skip
    transform = correction_transform(made.matrix.ravel(), [0.0] * 9, made.gains.tolist(), made.tone)
    seen = paint_as_is(LIGHT.astype(np.float32)[None], transform)[0]
    assert delta_e_2000(lab_of_light(seen), lab_of_light(made.apply(LIGHT))).max() < 0.05


@pytest.mark.parametrize("numbers", [[np.nan] * 9, [np.inf] + [0.0] * 8])
def test_a_correction_of_no_numbers_is_refused(numbers):
    with pytest.raises(ParameterError, match="finite numbers"):
        correction_transform(numbers, [0.0] * 9)
