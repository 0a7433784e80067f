"""What a file clipped under a cast is white once balanced; what was not clipped, and lamps, keep their color."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.pixels.color import fused, spaces, transforms
from safelight.pixels.color.ceiling import FROM, Ceiling, ceiling_under, raise_clipped, raised
from safelight.pixels.color.difference import lab_from
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.render.source import clipping_of

TUNGSTEN, SHADE, MAGENTA = (1.35, 1.0, 0.62), (0.82, 1.0, 1.28), (1.25, 0.95, 1.2)
CASTS = (TUNGSTEN, SHADE, MAGENTA)
TO_WORKING = spaces.matrix_between("srgb", "linear_rec2020")


def photographed(light, cast, dtype=np.uint8):
    """What a camera's file holds of (..., 3) linear sRGB under a cast: clipped and encoded."""
    seen = (light @ TO_WORKING.T * cast) @ np.linalg.inv(TO_WORKING).T
    return spaces.to_integers(spaces.encode(np.clip(seen, 0, 1).astype(np.float32), "srgb"), dtype)


def balance(cast):
    return [transforms.gain(*(1 / each for each in cast))]


def balanced(codes, cast, dtype=np.float32, *, raise_it=True):
    chain = balance(cast)
    ceiling = ceiling_under(chain, "srgb") if raise_it else None
    return fused.apply(codes, "srgb", chain, "srgb", dtype, keep_hue=True, ceiling=ceiling)


def chroma(codes):
    return np.hypot(*np.moveaxis(lab_from(np.clip(codes, 0, 1).astype(np.float32), "srgb")[..., 1:], -1, 0))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("cast", CASTS)
def test_clipped_paper_is_white_once_balanced(cast, dtype):
    paper = photographed(np.full((4, 5, 3), 1.0), cast, dtype)
    before, after = balanced(paper, cast, raise_it=False), balanced(paper, cast)
    assert chroma(before).max() > 8
    assert chroma(after).max() < 1
    assert after.min() > 0.97  # white, and never a gray highlight


@pytest.mark.parametrize("cast", CASTS)
def test_a_gray_ramp_that_runs_into_clipping_has_no_seam(cast):
    ramp = np.repeat(np.linspace(0.5, 1.4, 600)[None, :, None], 3, axis=2)
    out = balanced(photographed(ramp, cast, np.uint16), cast)
    assert chroma(out).max() < 1
    assert np.diff(np.clip(out, 0, 1), axis=1).min() > -0.004  # it never gets darker on its way up
    assert np.abs(np.diff(np.clip(out, 0, 1), axis=1)).max() < 0.01


def test_a_lamp_clipped_in_red_alone_keeps_its_color():
    lamp = np.float32([[[1.6, 0.15, 0.04]]])
    codes = photographed(lamp, TUNGSTEN)
    assert codes[0, 0, 0] == 255
    assert np.abs(balanced(codes, TUNGSTEN) - balanced(codes, TUNGSTEN, raise_it=False)).max() < 1e-5


def test_a_yellow_that_clips_in_warm_light_is_yellow_and_not_green():
    flower = np.float32([[[1.1, 1.0, 0.2]]])
    seen = balanced(photographed(flower, TUNGSTEN), TUNGSTEN)[0, 0]
    plain = balanced(photographed(flower, TUNGSTEN), TUNGSTEN, raise_it=False)[0, 0]
    assert plain[0] < 0.9 * plain[1]
    assert seen[0] == pytest.approx(seen[1], abs=0.02)
    assert seen[2] < 0.6


def test_a_pale_blue_whose_red_is_just_clipped_stays_pale_blue():
    shirt = np.float32([[[0.76, 0.82, 0.95]]])
    lab, truth = (
        lab_from(each.astype(np.float32), "srgb")[0, 0]
        for each in (balanced(photographed(shirt, TUNGSTEN), TUNGSTEN), spaces.encode(shirt, "srgb"))
    )
    assert np.abs(lab - truth)[1:].max() < 3
    assert lab[2] < -5


def test_what_is_clipped_in_all_channels_is_gray_at_the_level_of_the_brightest():
    chain = [*balance(TUNGSTEN), transforms.exposure(-1.5)]
    ceiling = ceiling_under(chain, "srgb")
    out = fused.apply(np.full((1, 1, 3), 255, np.uint8), "srgb", chain, "linear_rec2020", np.float32, ceiling=ceiling)
    assert np.ptp(out) < 1e-3
    assert out[0, 0, 0] == pytest.approx(2**-1.5 / 0.62, rel=0.1)


@pytest.mark.parametrize("stops", [-1.0, 0.0, 0.7])
def test_exposure_alone_changes_nothing_of_it(stops):
    codes = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    chain = [transforms.exposure(stops)]
    ceiling = ceiling_under(chain, "srgb")
    assert ceiling is not None
    assert not ceiling.is_seen
    plain = fused.apply(codes, "srgb", chain, "srgb", np.uint8)
    assert (fused.apply(codes, "srgb", chain, "srgb", np.uint8, ceiling=ceiling) == plain).all()


colors = st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 3), min_size=1, max_size=20)
neutrals = st.tuples(*[st.floats(0.1, 1.0)] * 3)


@given(light=colors, neutral=neutrals)
@settings(max_examples=60, deadline=None)
def test_nothing_is_lowered_nothing_below_the_ceiling_moves_and_no_channel_becomes_the_top(light, neutral):
    light, scale = np.float32(light), np.float32(neutral)
    out = raised(light, Ceiling("srgb", neutral))
    assert (out >= light - 1e-6).all()
    assert (out[light <= FROM] == light[light <= FROM]).all()
    assert (out / scale <= (light / scale).max(axis=1, keepdims=True) * 1.00001).all()


@given(light=colors, neutral=neutrals, factor=st.floats(0.2, 5.0))
@settings(max_examples=30, deadline=None)
def test_the_level_of_what_becomes_gray_does_not_count(light, neutral, factor):
    one, two = (raised(np.float32(light), Ceiling("srgb", tuple(n * f for n in neutral))) for f in (1.0, factor))
    assert np.allclose(one, two, atol=1e-5)


def test_a_weak_correction_raises_little_and_none_nothing():
    white = np.float32([[1.0, 0.96, 0.99]])
    assert (raised(white, Ceiling("srgb", (1.0, 1.0, 1.0))) == white).all()
    assert np.abs(raised(white, Ceiling("srgb", (1.0, 0.98, 0.97))) - white).max() < 0.03


def test_light_in_other_primaries_is_raised_as_the_codes_of_its_file():
    codes = photographed(np.random.default_rng(1).random((30, 40, 3)) * 1.3, SHADE)
    ceiling = ceiling_under(balance(SHADE), "srgb")
    own = raise_clipped(codes, "srgb", ceiling)
    wide = raise_clipped(fused.apply(codes, "srgb", (), "linear_rec2020", np.float32), "linear_rec2020", ceiling)
    assert np.abs(own @ TO_WORKING.T.astype(np.float32) - wide).max() < 1e-4
    assert np.abs(own - spaces.decode(spaces.to_float(codes), "srgb")).max() > 0.1


def test_a_strip_is_painted_as_the_whole():
    codes = photographed(np.random.default_rng(2).random((90, 500, 3)) * 1.3, TUNGSTEN)
    whole = balanced(codes, TUNGSTEN, np.uint16)
    assert (balanced(codes[40:47], TUNGSTEN, np.uint16) == whole[40:47]).all()


def test_a_correction_that_is_no_matrix_or_a_wild_one_says_nothing_of_the_ceiling():
    bent = transforms.curve([0, 0.5, 1], [0, 0.6, 1])
    assert ceiling_under([bent, *balance(SHADE)], "srgb") is None
    assert ceiling_under([], "srgb") is None
    assert ceiling_under([transforms.matrix(np.ones((3, 3)))], "srgb") is None
    assert ceiling_under([transforms.gain(1.0, 1.0, 500.0)], "srgb") is None


def test_what_is_not_finite_stays_so_and_harms_nobody():
    light = np.float32([[np.nan, 1, 1], [np.inf, 1, 0.6], [-np.inf, 1, 1], [1, 1, 0.62]])
    with np.errstate(invalid="ignore"):
        out = raised(light, Ceiling("srgb", (1.0, 0.74, 0.46)))
    assert np.isfinite(out[3]).all()


# In a render


def edit_of(cast):
    stops = {name: float(np.log2(1 / cast[at])) for name, at in (("red", 0), ("blue", 2))}
    params = step_named("white_balance").params.accept(stops, fill=True)
    return Edit("ab" * 32).with_step(EditStep("white_balance", 2, params, Actor("person", "Ines")))


def painted(pixels, space="srgb", *, cast=TUNGSTEN, scene=False, **more):
    return render(Image(pixels, space), edit_of(cast), step_named, None, scene_referred=scene, **more).image.pixels


def test_a_render_of_a_finished_file_raises_what_it_clipped():
    paper = photographed(np.full((64, 96, 3), 1.0), TUNGSTEN)
    assert painted(paper, dtype=np.uint8).min() >= 253
    assert painted(paper, dtype=np.uint8, long_side=40).min() >= 253


def test_raw_linear_integers_and_floats_are_left_as_they_are():
    paper = photographed(np.full((8, 8, 3), 1.0), TUNGSTEN, np.uint16)
    light = spaces.to_integers(spaces.decode(spaces.to_float(paper), "srgb"), np.uint16)
    assert clipping_of(Image(paper, "srgb")) == "srgb"
    assert clipping_of(Image(light, "linear_rec2020")) is None
    assert clipping_of(Image(spaces.to_float(paper), "srgb")) is None
    scene = painted(light, "linear_rec2020", scene=True)
    assert np.ptp(scene[0, 0].astype(int)) > 2000


def test_light_that_steps_look_at_is_raised_as_its_file():
    codes = photographed(np.random.default_rng(3).random((40, 60, 3)) * 1.2, TUNGSTEN)
    floats = {"to_space": "linear_rec2020", "dtype": np.float32}
    from_file = painted(codes, **floats)
    light = fused.apply(codes, "srgb", (), "linear_rec2020", np.float32)
    assert np.abs(painted(light, "linear_rec2020", clipped_in="srgb", **floats) - from_file).max() < 1e-3
