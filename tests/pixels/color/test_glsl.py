"""The browser paints what the CPU paints: one code value of 8 bits at most, on the same float texture."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.pixels.color import fused, transforms
from safelight.pixels.color.ceiling import ceiling_under
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.gamut import gamut_transform
from safelight.pixels.color.glsl import shader_of
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.pixels.color.spaces import to_float, to_integers
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.render.shader import edit_shader

from . import browser

pytestmark = pytest.mark.skipif(not browser.CHROMIUM.exists(), reason="Chromium is not installed")

CODES = np.random.default_rng(7).random((96, 128, 3)).astype(np.float32)
CODES[:16] = np.linspace(0, 1, 128, dtype=np.float32)[None, :, None]
CODES[16:32] *= 0.05


def painted(step, **params):
    declared = step_named(step)
    return declared.paint(declared.params.accept(params, fill=True), None, None)


def film():
    at = np.linspace(0, 1, 9)
    blue, green, red = np.meshgrid(at, at, at, indexing="ij")
    table = np.clip(
        0.9 * np.stack([red, green, blue], -1) ** 1.2 + 0.05 * np.stack([blue, red, green], -1) + 0.02, 0, 1
    )
    rows = "\n".join(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in table.reshape(-1, 3))
    return lut_look(read_lut(f"LUT_3D_SIZE 9\n{rows}\n".encode(), "film.cube"), "srgb", "srgb")


GRADED = {
    "exposure": 0.2,
    "contrast": 0.4,
    "slope": (1.05, 1.0, 0.96),
    "offset": (0.01, 0.0, -0.01),
    "power": (1.0, 1.05, 0.95),
    "curve": (0, 0.02, 0.4, 0.42, 1, 0.98),
    "curve_blue": (0, 0.03, 0.5, 0.5, 1, 0.97),
    "saturation": 1.15,
    "shadows_hue": 220,
    "shadows_tint": 0.4,
}
HUES = {"hue_shift": (8, 0, -6, 0, 5, 0, 0, 3), "hue_saturation": (0.2, -0.3, 0, 0.4, 0, -0.2, 0, 0)}


def chains():
    correction = [painted("white_balance", red=0.2, blue=-0.15), painted("exposure", stops=0.4)]
    view = [painted("develop", baseline_stops=1.2)]
    shoulder = [painted("exposure", stops=0.7, highlight_protection=1.0)]
    grade = [painted("grade", **GRADED)]
    return {
        "exposure and white balance": (correction, "srgb", False),
        "highlight shoulder": (shoulder, "srgb", False),
        "raw through its view": ([*correction, *view], "linear_rec2020", True),
        "grade with curves": (grade, "srgb", False),
        "hue curves": ([painted("grade", **HUES)], "srgb", False),
        "a look": ([film()], "srgb", False),
        "gamut": ([transforms.exposure(0.6), gamut_transform("srgb")], "display_p3", False),
        "everything": ([*correction, *shoulder, painted("grade", **GRADED, **HUES), film()], "srgb", False),
    }


@pytest.fixture(scope="module")
def page():
    with browser.screen() as opened:
        yield opened


def eight_bits(values):
    return np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255).astype(int)


@pytest.mark.parametrize("name", chains())
def test_the_browser_paints_what_the_cpu_paints(page, name):
    chain, space, light = chains()[name]
    picture = CODES if not light else (CODES**2.2).astype(np.float32)
    on_screen = page.paint(json.loads(json.dumps(shader_of(chain, space, "srgb"))), picture)
    on_disk = fused.apply(picture, space, chain, "srgb", np.float32)
    assert np.abs(eight_bits(on_screen) - eight_bits(on_disk)).max() <= 1
    painted_once = fused.apply(picture, space, chain, "srgb", np.uint8)
    assert np.abs(eight_bits(on_screen) - painted_once).max() <= 1


STRONG_HUES = {
    "hue_shift": (25, -20, 15, 0, -25, 25, 10, -10),
    "hue_saturation": (0.5, -0.8, 0.5, -0.5, 0.4, 0.3, -0.6, 0.5),
}


def hostile():
    """Hues all around at every lightness, near-grays, saturated darks, one channel or two at nothing."""
    dice = np.random.default_rng(31)
    turn = np.linspace(0, 2 * np.pi, 128)[None, :, None]
    wheel = 0.5 + 0.5 * np.cos(turn - np.array([0.0, 2.1, 4.2]))
    wheel = np.clip(wheel * np.linspace(0.02, 1.1, 32)[:, None, None], 0, 1)
    near = np.clip(dice.random((16, 128, 1)) + dice.normal(0, 0.01, (16, 128, 3)), 0, 1)
    pure = dice.random((32, 128, 3)) * dice.integers(0, 2, (32, 128, 3))
    return np.concatenate([wheel, near, dice.random((32, 128, 3)) ** 4, pure]).astype(np.float32)


@pytest.mark.parametrize("hues", [HUES, STRONG_HUES], ids=["mild", "strong"])
def test_hue_curves_on_screen_are_those_of_the_file(page, hues):
    pixels = to_integers(hostile(), np.uint16)
    chain = [painted("exposure", stops=0.3, highlight_protection=1.0), painted("grade", contrast=0.3, **hues)]
    on_screen = page.paint(shader_of(chain, "srgb", "srgb"), to_float(pixels))
    assert np.abs(eight_bits(on_screen) - fused.apply(pixels, "srgb", chain, "srgb", np.uint8)).max() <= 1


def test_an_amended_hue_on_screen_is_that_of_the_render(page):
    pixels = to_integers(np.clip(hostile() * 0.7 + 0.1, 0, 1), np.uint8)
    params = step_named("grade").params.accept(HUES, fill=True)
    edit = Edit("ab" * 32).with_step(EditStep("grade", 1, params, Actor("person", "Ines")))
    made = {"scene_referred": False, "from_space": "srgb"}
    on_screen = eight_bits(page.paint(edit_shader(edit, step_named, None, **made), to_float(pixels)))
    file = render(Image(pixels, "srgb"), edit, step_named, None, scene_referred=False, dtype=np.uint8)
    on_disk = file.image.pixels
    inside = ((on_disk > 0) & (on_disk < 255)).all(axis=2)  # outside, the gamut's table stands for its formula
    assert inside.mean() > 0.7
    assert np.abs(on_screen - on_disk)[inside].max() <= 1


MOVES = [
    (lambda stops: [painted("exposure", stops=stops)], (0.1, 0.9)),
    (lambda red: [painted("white_balance", red=red, blue=-red)], (0.05, 0.4)),
    (lambda bent: [painted("grade", contrast=bent, curve=(0, 0, 0.5, 0.5 + bent / 4, 1, 1))], (0.1, 0.5)),
    (lambda turned: [painted("grade", hue_shift=(turned,) * 8)], (2.0, 14.0)),
    (lambda share: [painted("exposure", stops=0.8, highlight_protection=share)], (0.3, 1.0)),
]


@pytest.mark.parametrize(
    "chain_at", [each[0] for each in MOVES], ids=["exposure", "balance", "curve", "hue", "shoulder"]
)
def test_a_slider_moves_uniforms_and_small_textures_and_compiles_nothing(page, chain_at):
    low, high = next(ends for chain, ends in MOVES if chain is chain_at)
    page.paint(shader_of(chain_at(low), "srgb", "srgb"), CODES)
    compiled = page.compiled
    moved = page.paint(shader_of(chain_at(high), "srgb", "srgb"), CODES)
    assert page.compiled == compiled
    assert (
        np.abs(eight_bits(moved) - eight_bits(fused.apply(CODES, "srgb", chain_at(high), "srgb", np.float32))).max()
        <= 1
    )


def test_every_number_in_the_json_is_finite_and_every_texture_as_large_as_it_says():
    chain = shader_of(chains()["everything"][0], "srgb", "srgb")
    text = json.dumps(chain, allow_nan=False)
    assert json.loads(text) == chain
    for each in chain["textures"]:
        assert len(base64.b64decode(each["data"])) == 12 * np.prod(each["size"])
    assert {
        "version",
        "language",
        "function",
        "shader",
        "shader_key",
        "uniforms",
        "textures",
        "uniform_vectors",
    } == set(chain)


def test_a_texture_keeps_its_key_while_its_values_stay():
    one, two = (shader_of([film(), painted("exposure", stops=stops)], "srgb", "srgb") for stops in (0.1, 0.5))
    assert [each["key"] for each in one["textures"]] == [each["key"] for each in two["textures"]]


CLIPPED = np.random.default_rng(11).integers(120, 340, (96, 128, 3)).clip(0, 255).astype(np.uint8)
CLIPPED[:24] = np.linspace(180, 400, 128).clip(0, 255)[None, :, None]
CLIPPED[24:48] = (np.linspace(180, 400, 128)[:, None] * (1.15, 1.0, 0.8)).clip(0, 255)


@pytest.mark.parametrize("stops", [{"red": -0.43, "blue": 0.69}, {"red": 0.29, "blue": -0.36}])
def test_the_browser_raises_what_the_file_clipped_as_the_cpu_does(page, stops):
    chain = [painted("white_balance", **stops)]
    ceiling = ceiling_under(chain, "srgb")
    on_screen = page.paint(shader_of(chain, "srgb", "srgb", ceiling=ceiling), to_float(CLIPPED))
    on_disk = fused.apply(CLIPPED, "srgb", chain, "srgb", np.uint8, ceiling=ceiling)
    assert np.abs(eight_bits(on_screen) - on_disk).max() <= 1
    plain = fused.apply(CLIPPED, "srgb", chain, "srgb", np.uint8)
    assert np.abs(plain.astype(int) - on_disk).max() > 20


def test_an_edit_on_screen_raises_what_the_file_clipped_from_the_page_s_half_floats(page):
    params = step_named("white_balance").params.accept({"red": -0.43, "blue": 0.69}, fill=True)
    edit = Edit("ab" * 32).with_step(EditStep("white_balance", 2, params, Actor("person", "Ines")))
    made = {"scene_referred": False, "from_space": "linear_rec2020", "from_light": True, "clipped_in": "srgb"}
    light = fused.apply(CLIPPED, "srgb", (), "linear_rec2020", np.float32).astype(np.float16).astype(np.float32)
    on_screen = eight_bits(page.paint(edit_shader(edit, step_named, None, **made), light))
    on_disk = render(Image(CLIPPED, "srgb"), edit, step_named, None, scene_referred=False, dtype=np.uint8).image.pixels
    inside = ((on_disk > 0) & (on_disk < 255)).all(axis=2)  # outside, the gamut's table stands for its formula
    assert inside.mean() > 0.2
    assert np.abs(on_screen - on_disk)[inside].max() <= 1
    raw = edit_shader(edit, step_named, None, **{**made, "scene_referred": True})
    assert "raise" not in raw["shader"]


def test_an_edit_on_screen_keeps_hues_as_its_render_does(page):
    light = np.random.default_rng(5).random((64, 96, 3)).astype(np.float32)
    params = step_named("exposure").params.accept({"stops": 0.8}, fill=True)
    edit = Edit("ab" * 32).with_step(EditStep("exposure", 2, params, Actor("person", "Ines")))
    made = edit_shader(edit, step_named, None, scene_referred=False, from_space="srgb")
    on_screen = np.clip(page.paint(made, light), 0, 1).astype(np.float32)
    pixels = to_integers(light, np.uint16)
    on_disk = to_float(render(Image(pixels, "srgb"), edit, step_named, None, scene_referred=False).image.pixels)
    apart = delta_e_2000(lab_from(on_screen, "srgb"), lab_from(on_disk, "srgb"))
    assert (on_disk == 1).any(axis=2).mean() > 0.2
    assert apart.mean() < 0.2
    assert np.percentile(apart, 95) < 1.0
