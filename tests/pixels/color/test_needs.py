"""Working backward from a look: planted faults are found, and a frame that cannot carry it is named."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.needs import needs_of, warn_of


def curve(values):
    rows = "\n".join(f"{v:.6f} {v:.6f} {v:.6f}" for v in values)
    data = f"LUT_1D_SIZE {len(values)}\n{rows}\n".encode()
    return [lut_look(read_lut(data, "curve.cube"), "srgb", "srgb")]


RAMP = np.linspace(0, 1, 1025)


def test_a_look_that_does_nothing_asks_for_nothing():
    needs = needs_of([])
    assert (needs.crushed_below, needs.crushed_above, needs.falls, needs.beyond_gamut) == (0.0, 255.0, 0, 0.0)
    assert max(each.delta_e for each in needs.hues) < 0.01


def test_crushed_ends_are_found_where_they_were_planted():
    needs = needs_of(curve(np.clip((RAMP - 0.1) / 0.7, 0, 1)))  # below 25.5 black, above 204 white
    assert needs.crushed_below == pytest.approx(25.5, abs=2)
    assert needs.crushed_above == pytest.approx(204, abs=2)
    assert needs.steepest == pytest.approx(1 / 0.7, abs=0.05)


def test_a_steep_curve_is_found_where_it_is_steep():
    needs = needs_of(curve(np.clip(np.where(RAMP < 0.4, RAMP / 2, np.where(RAMP < 0.6, 0.2 + 3 * (RAMP - 0.4), 1 - (1 - RAMP) / 2)), 0, 1)))  # fmt: skip  # noqa: E501
    assert needs.steepest == pytest.approx(3, abs=0.1)
    assert 0.4 * 255 < needs.steepest_at < 0.6 * 255


def test_a_curve_that_falls_is_counted():
    assert needs_of(curve(np.where(RAMP < 0.5, RAMP, 1 - RAMP))).falls > 400


def test_a_lift_is_told_in_stops():
    assert needs_of([grade_transform(Grade(exposure=0.7))]).lift_mid_stops == pytest.approx(0.7, abs=0.02)


def test_tinted_neutrals_are_found():
    needs = needs_of([grade_transform(Grade(shadows_hue=240, shadows_tint=0.5))])
    assert needs.tint > 5
    assert 30 < needs.tint_at < 110


def test_the_hue_that_is_moved_most_comes_first():
    needs = needs_of([grade_transform(Grade(hue_saturation=(0, 0, 0, -1.0, 0, 0, 0, 0)))])
    assert needs.hues[0].hue in ("green", "lime", "mint")
    assert needs.hues[0].chroma_ratio < 0.7
    assert next(each for each in needs.hues if each.hue == "magenta").delta_e < 1


def test_a_frame_whose_shadows_the_look_crushes_is_warned_of():
    needs = needs_of(curve(np.clip((RAMP - 0.1) / 0.9, 0, 1)))
    dark = np.full((50, 50, 3), 0.05, np.float32)
    (warned,) = warn_of(needs, dark, bits=16)
    assert warned.code == "look_crushes_shadows"
    assert "100% of the frame is shadows below code value 2" in warned.text
    assert not warn_of(needs, np.full((50, 50, 3), 0.5, np.float32), bits=16)


def test_8_bits_under_a_steep_look_are_warned_of_and_16_are_not():
    needs = needs_of(curve(np.clip(3 * RAMP - 1, 0, 1)))
    middle = np.full((50, 50, 3), float(needs.steepest_at) / 255, np.float32)
    assert "look_bands" in {each.code for each in warn_of(needs, middle, bits=8)}
    assert "look_bands" not in {each.code for each in warn_of(needs, middle, bits=16)}
