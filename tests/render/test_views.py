"""What steps and checks look at: the same places, the same light."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.core.image import Image
from safelight.pixels.color import spaces
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.geometry.map import GeometryMap, straighten
from safelight.pixels.geometry.resample import resample
from safelight.render.renderer import carry_original, geometry_of, matte_of, render, shrink_finished, work_image

from .scenes import Kept, disc, edit_of, named, noise, png


def chart(height=800, width=1200):
    """Patches as a lens draws them, a ramp and fine stripes: what a grade does to edges shows here."""
    rng = np.random.default_rng(11)
    picture = np.kron(rng.integers(20, 236, (4, 6, 3)), np.ones((height // 4, width // 6, 1)))
    picture = cv2.GaussianBlur(picture, (0, 0), 1.2)
    picture[height // 2 : height // 2 + 60] = np.linspace(0, 255, width)[None, :, None]
    x = np.arange(width)
    picture[100:160] = (128 + 100 * np.sin(x / 9.0))[None, :, None]
    return np.ascontiguousarray(picture.astype(np.uint8))


def law_of_free_scale(original, edit, tools):
    """ΔE00 between the render at a quarter and the full render shrunk."""
    wanted = {"scene_referred": False, "dtype": np.float32}
    quarter = render(original, edit, named, tools, long_side=max(original.size) // 4, **wanted)
    full = render(original, edit, named, tools, **wanted)
    shrunk = shrink_finished(full.image, max(original.size) // 4)
    return delta_e_2000(lab_from(quarter.image.pixels, "srgb"), lab_from(shrunk.pixels, "srgb"))


@pytest.mark.parametrize("steps", [("curve",), (("stops", {"by": 0.5}), "curve"), ("gray",)])
def test_rendering_at_a_quarter_is_the_full_render_shrunk(steps):
    apart = law_of_free_scale(Image(chart(), "srgb"), edit_of(*steps), Kept())
    assert apart.mean() < 0.5
    assert np.percentile(apart, 99) < 2


@pytest.mark.data
@pytest.mark.parametrize("name", ["denoise/kodim05_clean.png", "denoise/kodim07_clean.png"])
def test_a_photograph_at_a_quarter_is_the_full_render_shrunk(shared_data, name):
    photograph = cv2.imread(str(shared_data / name))[..., ::-1]
    edit = edit_of(("stops", {"by": 0.5}), ("gain", {"red": 1.15}), "curve")
    apart = law_of_free_scale(Image(np.ascontiguousarray(photograph), "srgb"), edit, Kept())
    assert apart.mean() < 0.5
    assert np.percentile(apart, 99) < 2


def test_a_cut_out_quarter_is_the_full_render_shrunk():
    tools = Kept()
    artifacts = {"cutout": {"matte": tools.put("matte", png(disc(800, 1200)), "image/png")}}
    original, edit = Image(chart(), "srgb"), edit_of("curve", "cutout", "background", artifacts=artifacts)
    apart = law_of_free_scale(original, edit, tools)
    assert apart.mean() < 0.5
    assert np.percentile(apart, 99) < 2


def test_the_capture_lies_on_the_very_same_pixels_as_the_picture():
    original = Image(noise(), "adobe_rgb")
    crop = GeometryMap.of_crop(5, 6, 20, 10)
    carried = carry_original(original, crop)
    assert (carried.pixels == original.pixels[6:16, 5:25]).all()
    assert (carried.space, carried.pixels.dtype) == ("adobe_rgb", np.uint8)


def test_the_capture_turns_with_the_picture():
    light = np.random.default_rng(0).random((60, 90, 3), dtype=np.float32)
    turn = straighten(9, 90, 60).resized(45, 30)
    carried = carry_original(Image(light, "linear_rec2020"), turn)
    assert np.abs(carried.pixels - resample(light, turn)).max() < 1e-5


def test_the_capture_may_be_asked_for_in_another_space_and_depth():
    carried = carry_original(Image(noise(), "srgb"), GeometryMap.identity(90, 60), to_space="srgb", dtype=np.uint16)
    assert (carried.pixels == noise().astype(np.uint16) * 257).all()


def test_steps_look_at_linear_light():
    seen = work_image(Image(np.full((60, 90, 3), 118, np.uint8), "srgb"), 45)
    assert seen.size == (45, 30)
    assert (seen.space, seen.pixels.dtype) == ("linear_rec2020", np.float32)
    assert seen.pixels == pytest.approx(float(spaces.decode(np.float32([118 / 255]), "srgb")[0]), abs=1e-5)


def test_steps_are_shown_the_color_of_what_is_cut_out_already():
    pixels = np.dstack([np.full((60, 90, 3), 118, np.uint8), np.zeros((60, 90), np.uint8)])
    assert work_image(Image(pixels, "srgb", "straight"), 45).pixels.shape == (30, 45, 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_white_page_stays_exactly_white_when_it_is_shrunk(dtype):
    white = Image(np.full((333, 777, 3), np.iinfo(dtype).max, dtype), "srgb")
    assert (shrink_finished(white, 100, np.uint8).pixels == 255).all()


def test_a_small_finished_picture_only_changes_its_depth():
    image = Image(noise(np.uint16), "srgb")
    assert (shrink_finished(image, 1000).pixels == image.pixels).all()
    assert shrink_finished(image, 1000, np.uint8).pixels.dtype == np.uint8


def test_a_finished_cutout_is_shrunk_with_its_alpha():
    image = Image(np.dstack([noise(np.uint16), disc(60, 90)]), "srgb", "straight")
    small = shrink_finished(image, 45, np.uint8)
    assert small.pixels.shape == (30, 45, 4)
    assert small.alpha == "straight"


def test_the_map_is_known_without_painting():
    edit = edit_of("curve", ("crop", {"x": 10, "y": 5, "width": 30, "height": 20}))
    painted = render(Image(noise(), "srgb"), edit, named, Kept(), scene_referred=False)
    assert geometry_of(edit, named, (90, 60)) == painted.geometry


def test_the_matte_is_known_at_any_size():
    tools = Kept()
    artifacts = {"cutout": {"matte": tools.put("matte", png(disc(60, 90)), "image/png")}}
    alpha = matte_of(edit_of("cutout", artifacts=artifacts), named, tools, (45, 30))
    assert alpha.shape == (30, 45)
    assert alpha.dtype == np.float32
    assert alpha[15, 22] == 1
    assert alpha[0, 0] == 0
    assert matte_of(edit_of("curve"), named, tools, (45, 30)) is None
