"""What should stay the same over a batch: measured by frame, compared from the first to the last."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.checks.color_drift import check
from safelight.pixels.color.chart_reference import light_of_lab
from safelight.pixels.color.spaces import convert, to_integers
from safelight.pixels.measure.color_drift import drift_over, is_drift, markers_of

from .targets import judged, seen


def frame(neutral=(62.0, 0.0, 0.0), product=(45.0, 40.0, 10.0), skin=None):
    light = np.empty((120, 160, 3))
    light[:] = light_of_lab(neutral)
    light[30:90, 40:120] = light_of_lab(product)
    light[100:, :40] = light_of_lab((12.0, neutral[1] / 2, neutral[2] / 2))
    if skin is not None:
        light[:25] = light_of_lab(skin)
    return to_integers(convert(light.astype(np.float32), "linear_rec2020", "srgb"), np.uint8)


def batch(drift: float, count: int = 24):
    rng = np.random.default_rng(8)
    colors = rng.uniform([30, -40, -40], [70, 40, 40], (count, 3))
    return [
        markers_of(frame((62, rng.normal(0, 0.2), drift * n / (count - 1) + rng.normal(0, 0.2)), colors[n]), "srgb")
        for n in range(count)
    ]


def test_a_light_that_warms_through_the_day_is_found_in_neutrals_and_shadows():
    found = {each.marker: each for each in drift_over(batch(7.0))}
    assert is_drift(found["neutrals"]) and is_drift(found["shadows"])
    assert found["neutrals"].last[2] - found["neutrals"].first[2] == pytest.approx(5.5, abs=1.5)


def test_a_batch_that_stays_is_none_whatever_products_it_shows():
    assert not any(is_drift(each) for each in drift_over(batch(0.0)))


def test_skin_is_measured_where_it_shows():
    assert markers_of(frame(skin=(66, 15, 18)), "srgb")["skin"] == pytest.approx((66, 15, 18), abs=1.0)
    assert "skin" not in markers_of(frame(), "srgb")


def test_few_frames_are_no_batch():
    assert drift_over(batch(9.0)[:5]) == ()


def test_a_frame_is_held_against_the_batchs_markers():
    shared = {"neutrals": [62.0, 0.0, 0.0], "skin": [66.0, 15.0, 18.0]}
    verdict, values, _ = judged(check, seen(frame((62, 0, 6)), expected={"batch_markers": shared}))
    assert verdict.word == "warn"
    assert values["neutrals_drift"] > 4 and values["skin_drift"] is None
    assert judged(check, seen(frame(), expected={"batch_markers": {"neutrals": [62, 0, 0]}}))[0].word == "pass"


@given(order=st.permutations(range(12)))
def test_within_a_quarter_the_order_does_not_matter(order):
    frames = [{"neutrals": (60.0, 0.1 * n, 0.0)} for n in range(12)]
    shuffled = [frames[i] for i in sorted(order[:3])] + frames[3:]
    assert len(drift_over(shuffled)) == 1


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_pictures_have_no_markers(level):
    assert markers_of(np.full((50, 50, 3), level, np.uint8), "srgb") == {}
