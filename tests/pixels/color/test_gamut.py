"""Into the gamut along the hue: inside bit for bit, outside no channel is clipped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from safelight.pixels.color import fused, spaces, transforms
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.gamut import gamut_transform, into_gamut, keep_hues
from safelight.pixels.color.oklab import from_oklab, to_oklab

WIDE = np.random.default_rng(0).uniform(-0.2, 1.5, (4000, 3)).astype(np.float32)


def hue(light):
    lab = to_oklab(light, "srgb")
    return np.degrees(np.arctan2(lab[:, 2], lab[:, 1])), np.hypot(lab[:, 1], lab[:, 2])


def turned(one, two):
    return np.abs((two - one + 180) % 360 - 180)


def test_ottossons_values_of_oklab():
    # His table of XYZ to Lab: X = (0.95, 1, 1.089) is (1, 0, 0), and (1, 0, 0) is (0.450, 1.236, -0.019).
    light = np.linalg.solve(spaces.matrix_to_xyz("srgb"), [1.0, 0.0, 0.0]).astype(np.float32)
    assert to_oklab(light[None], "srgb")[0] == pytest.approx([0.450, 1.236, -0.019], abs=2e-3)


def test_oklab_and_back_is_the_same_light():
    assert np.abs(from_oklab(to_oklab(WIDE)) - WIDE).max() < 1e-5


@settings(max_examples=50)
@given(hnp.arrays(np.float32, (5, 3), elements=st.floats(0, 1, width=32)))
def test_inside_nothing_changes_a_bit(light):
    assert (into_gamut(light, "srgb") == light).all()


def test_outside_comes_inside_and_keeps_its_hue():
    inside = into_gamut(WIDE, "srgb")
    assert inside.min() >= 0
    assert inside.max() <= 1
    (before, _), (after, chroma) = hue(WIDE), hue(inside)
    clipped, _ = hue(np.clip(WIDE, 0, 1))
    sure = chroma > 0.03
    assert np.percentile(turned(before, after)[sure], 99) < 1.0
    assert np.percentile(turned(before, clipped)[sure], 99) > 20  # what clipping channels does


def test_twice_is_once():
    once = into_gamut(WIDE, "srgb")
    assert np.abs(into_gamut(once, "srgb") - once).max() == 0


def test_a_gray_above_white_becomes_white_and_stays_gray():
    gray = np.repeat(np.float32([[1.2], [3.0], [-0.1], [0.5]]), 3, axis=1)
    out = into_gamut(gray, "srgb")
    assert np.ptp(out, axis=1).max() < 1e-4
    assert out[0] == pytest.approx(1, abs=1e-3)
    assert out[2] == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_hostile_light_becomes_a_color(bad):
    out = into_gamut(np.float32([[bad, 0.2, 0.1], [0.3, 0.3, 0.3]]), "srgb")
    assert np.isfinite(out).all()
    assert (out[1] == np.float32(0.3)).all()


def test_the_table_for_chains_and_screens_is_the_identity_inside():
    codes = np.random.default_rng(1).random((40, 50, 3)).astype(np.float32)
    out = fused.apply(codes, "srgb", [gamut_transform("srgb")], "srgb", np.float32)
    assert np.abs(out - codes).max() < 2e-6


def test_the_table_is_near_the_map_outside():
    codes = np.random.default_rng(2).uniform(-0.2, 1.4, (1, 5000, 3)).astype(np.float32)
    out = np.clip(fused.apply(codes, "srgb", [gamut_transform("srgb")], "srgb", np.float32), 0, 1)
    off = delta_e_2000(lab_from(out, "srgb"), lab_from(keep_hues(codes, "srgb"), "srgb"))
    assert off.mean() < 0.5
    assert np.percentile(off, 95) < 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_pass_that_keeps_hues_leaves_every_pixel_inside_as_it_was(dtype):
    codes = np.random.default_rng(3).random((60, 80, 3)).astype(np.float32)
    pixels = spaces.to_integers(codes, dtype)
    chain = [transforms.exposure(0.7), transforms.saturation(1.3)]
    plain = fused.apply(pixels, "srgb", chain, "srgb", dtype)
    kept = fused.apply(pixels, "srgb", chain, "srgb", dtype, keep_hue=True)
    floats = fused.apply(pixels, "srgb", chain, "srgb", np.float32)
    outside = ((floats < 0) | (floats > 1)).any(axis=2)
    assert (plain[~outside] == kept[~outside]).all()
    assert (plain[outside] != kept[outside]).any()
    off = delta_e_2000(lab_from(spaces.to_float(kept), "srgb"), lab_from(keep_hues(floats, "srgb"), "srgb"))
    assert off.max() < 1.0
    assert off.mean() < (0.2 if dtype == np.uint8 else 0.02)


def test_doing_nothing_with_hues_kept_is_doing_nothing():
    pixels = np.random.default_rng(4).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    assert (fused.apply(pixels, "srgb", (), "srgb", np.uint8, keep_hue=True) == pixels).all()


def test_a_white_backdrop_stays_exactly_white():
    white = np.full((10, 10, 3), 250, np.uint8)
    assert (fused.apply(white, "srgb", [transforms.exposure(0.5)], "srgb", np.uint8, keep_hue=True) == 255).all()
