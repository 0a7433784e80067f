"""The renderer: what each stage does to pixels, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core.image import Image
from safelight.core.step import Stage
from safelight.errors import ParameterError, UnknownNameError, UsageError
from safelight.pixels.color import fused, spaces, transforms
from safelight.pixels.color.ceiling import ceiling_under
from safelight.pixels.color.oklab import to_oklab
from safelight.render.renderer import render

from .scenes import Kept, disc, edit_of, named, noise, png


def paint(original, edit, tools=None, **wanted):
    return render(original, edit, named, tools or Kept(), **({"scene_referred": False} | wanted))


def cutout_tools(plane, role="matte"):
    tools = Kept()
    return tools, {role: tools.put(role, png(plane), "image/png")}


@pytest.mark.parametrize("space", sorted(spaces.SPACES))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_empty_edit_returns_a_display_referred_picture_unharmed(space, dtype):
    original = Image(noise(dtype), space)
    painted = paint(original, edit_of(), to_space=space, dtype=dtype).image
    assert (painted.pixels == original.pixels).all()
    assert painted.space == space


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_corrections_of_nothing_return_it_within_a_code_value(dtype):
    original = Image(noise(dtype), "srgb")
    painted = paint(original, edit_of("gain", "stops"), dtype=dtype).image
    assert np.abs(painted.pixels.astype(int) - original.pixels).max() <= 1


def test_color_steps_of_all_stages_are_one_pass():
    original = Image(noise(), "adobe_rgb")
    edit = edit_of("curve", ("stops", {"by": 0.4}), ("gain", {"red": 1.1}))
    chain = [transforms.exposure(0.4), transforms.gain(1.1, 1, 1), named("curve").paint({})]
    how = {"keep_hue": True, "ceiling": ceiling_under(chain[:2], "adobe_rgb")}
    expected = fused.apply(original.pixels, "adobe_rgb", chain, "srgb", np.uint16, **how)
    assert np.abs(paint(original, edit).image.pixels.astype(int) - expected).max() <= 1


def test_the_view_is_painted_for_raw_only():
    light = Image(np.full((4, 4, 3), 0.36, np.float32), "linear_rec2020")
    wanted = {"to_space": "linear_rec2020", "dtype": np.float32}
    assert paint(light, edit_of("view"), **wanted).image.pixels == pytest.approx(0.36)
    assert paint(light, edit_of("view"), scene_referred=True, **wanted).image.pixels == pytest.approx(0.18)


def test_until_correction_leaves_the_look_the_crop_and_the_cutout_away():
    tools, artifacts = cutout_tools(disc(60, 90))
    edit = edit_of(
        ("stops", {"by": 1.0}), "gray", ("crop", {"width": 10, "height": 10}), "cutout", artifacts={"cutout": artifacts}
    )
    light = Image(noise().astype(np.float32) / 1000, "linear_rec2020")
    painted = paint(light, edit, tools, until=Stage.CORRECTION, to_space="linear_rec2020", dtype=np.float32)
    assert painted.alpha is None
    assert np.allclose(painted.image.pixels, light.pixels * 2, rtol=1e-5)


def test_repairs_come_before_color_in_linear_light():
    light = Image(np.full((4, 4, 3), 0.4, np.float32), "linear_rec2020")
    edit = edit_of(("stops", {"by": 1.0}), "spot")
    painted = paint(light, edit, to_space="linear_rec2020", dtype=np.float32)
    assert painted.image.pixels == pytest.approx(0.4)


def test_a_crop_by_whole_pixels_shows_the_very_same_pixels():
    original = Image(noise(), "srgb")
    painted = paint(original, edit_of(("crop", {"x": 7, "y": 9, "width": 30, "height": 20})), dtype=np.uint8)
    assert (painted.image.pixels == original.pixels[9:29, 7:37]).all()
    assert painted.geometry.crop_rows_cols() == (slice(9, 29), slice(7, 37))


def test_a_crop_beyond_the_frame_is_white_there():
    original = Image(noise(), "srgb")
    painted = paint(original, edit_of(("crop", {"x": -5, "y": 0, "width": 20, "height": 10})), dtype=np.uint8)
    assert (painted.image.pixels[:, :5] == 255).all()
    assert (painted.image.pixels[:, 5:] == original.pixels[:10, :15]).all()
    assert painted.alpha is None


def test_a_turned_crop_beyond_the_frame_is_white_there():
    original = Image(np.full((60, 90, 3), 40, np.uint8), "srgb")
    painted = paint(original, edit_of(("turn", {"angle": 20.0})), dtype=np.uint8).image.pixels
    assert (painted[0, 0] == 255).all()
    assert np.abs(painted[30, 45].astype(int) - 40).max() <= 1
    assert painted.min() >= 39


def test_geometry_steps_compose_to_one_map():
    edit = edit_of(("crop", {"x": 10, "y": 0, "width": 40, "height": 40}), ("turn", {"angle": 90.0}))
    geometry = paint(Image(noise(), "srgb"), edit).geometry
    assert geometry.size == (40, 40)
    assert np.allclose(geometry.to_original([[40, 20]]), [[30, 0]])


def test_a_reduced_picture_has_the_long_side_asked_for():
    assert paint(Image(noise(), "srgb"), edit_of(), long_side=30).image.size == (30, 20)
    assert paint(Image(noise(), "srgb"), edit_of(), long_side=300).image.size == (90, 60)


@pytest.mark.parametrize("long_side", [None, 40])
def test_a_region_is_what_the_whole_picture_shows_there(long_side):
    original, edit = Image(noise(), "srgb"), edit_of("curve", ("turn", {"angle": 3.0}))
    whole = paint(original, edit, long_side=long_side).image.pixels
    part = paint(original, edit, long_side=long_side, region=(5, 8, 20, 10)).image.pixels
    assert np.abs(part.astype(int) - whole[8:18, 5:25]).max() <= 400  # places of a turn are rounded to 1/32 px


def test_a_region_outside_is_refused():
    with pytest.raises(UsageError, match="outside the output of 90 x 60 px"):
        paint(Image(noise(), "srgb"), edit_of(), region=(90, 0, 5, 5))


def test_a_reduced_original_is_painted_by_the_map_of_the_full_one():
    small, full = Image(np.full((30, 45, 3), 90, np.uint8), "srgb"), (90, 60)
    painted = paint(small, edit_of(("crop", {"x": 20, "width": 40, "height": 40})), full_size=full, long_side=20)
    assert painted.image.size == (20, 20)
    assert painted.geometry.to_original([[0, 0], [20, 20]]).tolist() == [[20, 0], [60, 40]]
    assert np.abs(painted.image.pixels.astype(int) - 90 * 257).max() <= 1


# Composite


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("long_side", [None, 45])
def test_white_is_exactly_white_where_alpha_is_nothing(dtype, long_side):
    tools, artifacts = cutout_tools(disc(60, 90))
    edit = edit_of(("stops", {"by": -0.3}), "curve", "cutout", "background", artifacts={"cutout": artifacts})
    painted = paint(Image(noise(), "srgb"), edit, tools, dtype=dtype, long_side=long_side)
    white = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    assert (painted.image.pixels[painted.alpha == 0] == white).all()
    assert (painted.alpha == 0).mean() > 0.3
    assert painted.image.alpha == "none"


def test_opaque_pixels_keep_their_code_values():
    tools, artifacts = cutout_tools(disc(60, 90))
    original = Image(noise(), "srgb")
    painted = paint(original, edit_of("cutout", "background", artifacts={"cutout": artifacts}), tools)
    opaque = painted.alpha == 65535
    assert opaque.mean() > 0.1
    assert (painted.image.pixels[opaque] == original.pixels[opaque].astype(np.uint16) * 257).all()


@pytest.mark.parametrize("background", [(1.0, 1.0, 1.0), (0.2, 0.4, 0.1)])
def test_edges_are_mixed_in_linear_light_of_the_output(background):
    plane = np.full((10, 10), 65535 // 4, np.uint16)
    tools, artifacts = cutout_tools(plane)
    painted = paint(
        Image(np.full((10, 10, 3), 100, np.uint8), "srgb"),
        edit_of(
            "cutout",
            ("background", dict(zip(("red", "green", "blue"), background, strict=True))),
            artifacts={"cutout": artifacts},
        ),
        tools,
    )
    share, light = plane[0, 0] / 65535, float(spaces.decode(np.float32([100 / 255]), "srgb")[0])
    expected = spaces.encode(np.float32(share * light + (1 - share) * np.array(background)), "srgb") * 65535
    assert np.abs(painted.image.pixels[0, 0] - expected).max() <= 1


def test_the_look_never_tints_the_background():
    tools, artifacts = cutout_tools(disc(60, 90))
    edit = edit_of(
        ("gain", {"red": 0.5}), "gray", "cutout", ("background", {"red": 0.5}), artifacts={"cutout": artifacts}
    )
    painted = paint(Image(noise(), "srgb"), edit, tools)
    expected = spaces.to_integers(spaces.encode(np.float32([0.5, 1, 1]), "srgb"), np.uint16)
    assert (painted.image.pixels[painted.alpha == 0] == expected).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_matte_without_a_background_gives_straight_rgba(dtype):
    plane = disc(60, 90)
    tools, artifacts = cutout_tools(plane)
    original = Image(noise(), "srgb")
    painted = paint(original, edit_of("cutout", artifacts={"cutout": artifacts}), tools, dtype=dtype).image
    assert painted.alpha == "straight"
    rgb = fused.apply(original.pixels, "srgb", (), "srgb", dtype)
    assert (painted.pixels[..., :3] == rgb).all()
    depth = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    assert np.abs(painted.pixels[..., 3] / depth - plane / 65535).max() <= 0.5 / 255


def test_a_matte_at_a_quarter_of_the_size_lies_where_the_whole_one_does():
    whole, small = disc(400, 600, softness=60), disc(100, 150, softness=15)
    tools, artifacts = cutout_tools(small)
    painted = paint(
        Image(noise(height=400, width=600), "srgb"), edit_of("cutout", artifacts={"cutout": artifacts}), tools
    )
    assert np.abs(painted.alpha.astype(float) - whole).max() < 0.02 * 65535


def test_a_crop_beyond_the_frame_is_background_there():
    tools, artifacts = cutout_tools(np.full((60, 90), 65535, np.uint16))
    edit = edit_of(
        ("crop", {"x": -10, "width": 90, "height": 60}), "cutout", "background", artifacts={"cutout": artifacts}
    )
    painted = paint(Image(noise(), "srgb"), edit, tools)
    assert (painted.image.pixels[:, :10] == 65535).all()
    assert (painted.alpha[:, 10:] == 65535).all()


@pytest.mark.parametrize("long_side", [None, 60])
@pytest.mark.parametrize("background", [True, False])
def test_a_matte_that_knows_its_subject_keeps_the_backdrop_out_of_the_edge(long_side, background):
    tools, artifacts = cutout_tools(disc(80, 120, softness=20))
    green = np.zeros((80, 120, 3), np.float32)
    green[..., 0] = 0.9  # a red backdrop, everywhere but where the subject is opaque
    green[disc(80, 120, softness=20) == 65535] = [0, 0.5, 0]
    steps = ["clean_cutout", ("background", {"red": 0.0, "green": 0.0, "blue": 1.0})][: 2 if background else 1]
    painted = paint(
        Image(green, "linear_rec2020"),
        edit_of(*steps, artifacts={"clean_cutout": artifacts}),
        tools,
        to_space="linear_rec2020",
        dtype=np.float32,
        long_side=long_side,
    )
    seen = painted.alpha > 655
    assert painted.image.pixels[seen][:, 0].max() < 0.02
    share = painted.alpha[seen] / 65535
    assert painted.image.pixels[seen][:, 1] == pytest.approx(share * 0.5 if background else 0.5, abs=0.03)


def test_an_original_that_is_cut_out_already_keeps_its_alpha():
    pixels = np.dstack([noise(), (disc(60, 90) // 257).astype(np.uint8)])
    original = Image(pixels, "srgb", "straight")
    painted = paint(original, edit_of(), dtype=np.uint8).image
    assert (painted.pixels == pixels).all()
    assert (paint(original, edit_of("background"), dtype=np.uint8).image.pixels[0, 0] == 255).all()


def test_what_is_see_through_does_not_bleed_into_a_reduction():
    pixels = np.zeros((80, 80, 4), np.uint8)
    pixels[..., 0] = 255  # red, and none of it to be seen
    pixels[20:60, 20:60] = [0, 0, 255, 255]
    small = paint(Image(pixels, "srgb", "straight"), edit_of(), dtype=np.uint8, long_side=31).image.pixels
    assert small[small[..., 3] > 2][:, 0].max() <= 1


# Masks


@pytest.mark.parametrize("long_side", [None, 45])
def test_a_masked_color_step_is_lerp(long_side):
    light = Image(np.full((60, 90, 3), 0.2, np.float32), "linear_rec2020")
    ramp = np.tile(np.linspace(0, 65535, 90).astype(np.uint16), (60, 1))
    tools, artifacts = cutout_tools(ramp, "mask")
    edit = edit_of(("stops", {"by": 1.0}), ("gain", {"red": 2.0}), artifacts={"stops": artifacts})
    painted = paint(light, edit, tools, to_space="linear_rec2020", dtype=np.float32, long_side=long_side).image.pixels
    share = np.linspace(0, 1, 90) if long_side is None else np.linspace(0, 1, 90).reshape(45, 2).mean(axis=1)
    expected = 0.2 * (1 + share)
    inner = slice(2, -2)
    assert painted[30 if long_side is None else 15, inner, 1] == pytest.approx(expected[inner], abs=1e-4)
    assert painted[30 if long_side is None else 15, inner, 0] == pytest.approx(2 * expected[inner], abs=2e-4)


def test_a_mask_of_nothing_changes_nothing_and_one_of_all_is_none():
    original, edit = Image(noise(), "srgb"), [("stops", {"by": 1.0}), "curve"]
    without = paint(original, edit_of(*edit)).image.pixels.astype(int)
    for value, expected in ((0, paint(original, edit_of("curve")).image.pixels.astype(int)), (65535, without)):
        tools, artifacts = cutout_tools(np.full((60, 90), value, np.uint16), "mask")
        painted = paint(original, edit_of(*edit, artifacts={"stops": artifacts}), tools).image.pixels
        assert np.abs(painted.astype(int) - expected).max() <= 3


def test_a_mask_that_is_no_picture_is_refused():
    tools, artifacts = Kept(), {}
    artifacts["mask"] = tools.put("mask", b"not a picture", "image/png")
    with pytest.raises(Exception, match="mask of stops is no picture"):
        paint(Image(noise(), "srgb"), edit_of("stops", artifacts={"stops": artifacts}), tools)


def test_a_raster_step_in_the_grade_sees_what_came_before_it():
    light = Image(np.random.default_rng(0).random((20, 30, 3), dtype=np.float32), "linear_rec2020")
    painted = paint(
        light, edit_of(("stops", {"by": 1.0}), "local"), to_space="linear_rec2020", dtype=np.float32
    ).image.pixels
    assert np.allclose(painted, 2 * light.pixels[:, ::-1], rtol=1e-5)


# Sharpening


def test_sharpening_in_strips_is_sharpening_of_the_whole():
    original = Image(noise(height=700, width=50), "srgb")
    painted = paint(original, edit_of("sharpen")).image.pixels
    rgb = original.pixels.astype(np.float32) / 255
    expected = spaces.to_integers(named("sharpen").paint(rgb, {}, 1.0), np.uint16)
    assert np.abs(painted.astype(int) - expected).max() <= 1


def test_sharpening_leaves_the_background_alone():
    tools, artifacts = cutout_tools(disc(300, 200))
    edit = edit_of("cutout", "background", "darken", artifacts={"cutout": artifacts})
    painted = paint(Image(noise(height=300, width=200), "srgb"), edit, tools)
    assert (painted.image.pixels[painted.alpha == 0] == 65535).all()
    assert painted.image.pixels[painted.alpha == 65535].max() <= 32768


# What comes from outside


def test_nan_and_infinity_stay_where_they_are():
    light = np.full((60, 90, 3), 0.18, np.float32)
    light[10, 10], light[20, 20], light[30, 30] = np.nan, np.inf, -5
    painted = paint(Image(light, "linear_rec2020"), edit_of("curve")).image.pixels
    assert (painted[40:] == painted[50, 50]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_the_smallest_pictures_are_painted_too(size):
    original = Image(noise(height=size[0], width=size[1]), "srgb")
    edit = edit_of("curve", ("turn", {"angle": 1.0}), "sharpen", "background")
    assert paint(original, edit, long_side=2).image.pixels.dtype == np.uint16
    assert paint(original, edit).image.size == (size[1], size[0])


def test_the_original_is_left_as_it_was():
    tools, artifacts = cutout_tools(disc(60, 90))
    original = Image(noise(np.uint16), "srgb")
    before = original.pixels.copy()
    paint(original, edit_of("cutout", "background", "darken", artifacts={"cutout": artifacts}), tools)
    assert (original.pixels == before).all()


def test_an_unknown_step_is_refused_by_name():
    with pytest.raises(UnknownNameError, match="'cutuot'"):
        paint(Image(noise(), "srgb"), edit_of("cutuot"))


def test_parameters_of_a_newer_version_are_refused():
    from dataclasses import replace

    edit = edit_of("stops")
    newer = replace(edit, steps=(replace(edit.steps[0], version=2),))
    with pytest.raises(ParameterError, match="newer than the installed 1"):
        paint(Image(noise(), "srgb"), newer)


def test_data_without_a_color_space_is_refused():
    with pytest.raises(UsageError, match="without a color space"):
        paint(Image(noise(), "unmanaged"), edit_of())


def orange(height=64, width=96):
    """Light of a lit orange: half a stop over in red, a gradient across; on display-referred code values."""
    light = np.linspace(0.55, 0.98, width, dtype=np.float32)[None, :, None] * np.float32([1.0, 0.42, 0.06])
    return Image(spaces.to_integers(spaces.encode(np.repeat(light, height, axis=0), "srgb"), np.uint16), "srgb")


def hues_of(image):
    light = spaces.decode(spaces.to_float(image.pixels), "srgb").reshape(-1, 3)
    lab = to_oklab(light, "srgb")
    return np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))


@pytest.mark.parametrize("long_side", [None, 48], ids=["as it is", "resampled"])
def test_a_color_brightened_beyond_the_gamut_keeps_its_hue(long_side):
    wanted = hues_of(orange())
    brighter = paint(orange(), edit_of(("stops", {"by": 0.7})), long_side=long_side).image
    assert (brighter.pixels == 65535).any()
    assert np.abs(hues_of(brighter) - wanted.mean()).max() < 1.5
    clipped = np.clip(spaces.decode(spaces.to_float(orange().pixels), "srgb") * 2**0.7, 0, 1)
    channels = Image(spaces.to_integers(spaces.encode(clipped, "srgb"), np.uint16), "srgb")
    assert np.abs(hues_of(channels) - wanted.mean()).max() > 10  # what clipping channels does


def test_colors_inside_the_gamut_are_the_very_same_beside_one_that_is_not():
    picture = orange()
    picture.pixels[:32] //= 3
    painted = paint(picture, edit_of(("stops", {"by": 0.7}))).image.pixels[:32]
    assert (painted == fused.apply(picture.pixels[:32], "srgb", [transforms.exposure(0.7)], "srgb", np.uint16)).all()


def test_a_tile_keeps_hues_as_the_whole_does():
    edit = edit_of(("stops", {"by": 0.7}))
    whole = paint(orange(), edit).image.pixels
    assert (paint(orange(), edit, region=(40, 8, 30, 20)).image.pixels == whole[8:28, 40:70]).all()


def test_steps_look_at_light_that_nothing_was_taken_from():
    seen = paint(orange(), edit_of(("stops", {"by": 0.7})), to_space="linear_rec2020", dtype=np.float32).image.pixels
    light = fused.apply(orange().pixels, "srgb", [transforms.exposure(0.7)], "linear_rec2020", np.float32)
    assert seen.max() > 1
    assert seen == pytest.approx(light, abs=1e-5)
