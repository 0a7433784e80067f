"""The subject's color against a reference outside the edit: planted casts are found, shading is none."""

import math

import numpy as np
import pytest

from safelight.checks.color_difference import check
from safelight.core.check import judge
from safelight.errors import ParameterError
from safelight.pixels.color.chart_reference import lab_of_light, light_of_lab, reference_lab
from safelight.pixels.color.spaces import convert, encode, to_integers

from .targets import judged, seen

SWATCH = (48.0, 36.0, 29.0)


def product(lab=SWATCH, *, cast=(0.0, 0.0, 0.0), shade=0.5, second=None, noise=0.01):
    """A disk of `lab` lit from one side (as far as `shade` of it) on white, and its matte; `cast` adds to Lab."""
    side = 320
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    alpha = np.clip(120 - np.hypot(x - 160, y - 160) + 0.5, 0, 1).astype(np.float32)
    colors = np.broadcast_to(light_of_lab(lab), (side, side, 3)).copy()
    if second is not None:
        colors[y < 160] = light_of_lab(second)
    lit = 1.0 - shade * np.clip((x - 120) / 160, 0, 1)
    rng = np.random.default_rng(3)
    light = colors * lit[..., None] * (1 + noise * rng.standard_normal((side, side, 1)))
    if any(cast):
        light = light_of_lab(lab_of_light(light) + np.array(cast))
    mixed = alpha[..., None] * light + (1 - alpha[..., None])
    codes = encode(convert(mixed.astype(np.float32), "linear_rec2020", "linear_srgb"), "srgb")
    return to_integers(codes, np.uint16), alpha


def against(pixels, alpha, lab=SWATCH, **more):
    return judged(check, seen(pixels, alpha=alpha, expected={"reference_lab": lab, "reference": "swatch", **more}))


def test_without_a_reference_it_warns_and_never_passes():
    pixels, alpha = product()
    verdict, values, evidence = judged(check, seen(pixels, alpha=alpha))
    assert verdict.word == "warn"
    assert values == {"delta_e": None}
    assert verdict.judged[0].measure.why.startswith("color not measured")
    assert evidence == ()


@pytest.mark.parametrize("shade", [0.0, 0.4, 0.7])
def test_a_true_color_passes_however_it_is_shaded(shade):
    verdict, values, evidence = against(*product(shade=shade))
    assert verdict.word == "pass", values
    assert values["delta_e"] < 1.0
    assert evidence == ()


@pytest.mark.parametrize("cast", [(0, 12, 0), (0, -10, 0), (0, 0, 12), (0, 0, -10)])
def test_a_planted_cast_is_measured_and_shown_with_its_place(cast):
    pixels, alpha = product(shade=0.2, cast=cast)
    verdict, values, evidence = against(pixels, alpha)
    assert verdict.word != "pass", values
    assert values["delta_e_76"] == pytest.approx(math.hypot(*cast), rel=0.35)
    x0, y0, x1, y1 = evidence[0].box
    assert 0.1 < x0 < x1 < 0.9 and 0.1 < y0 < y1 < 0.9
    assert "the swatch is 48.0, 36.0, 29.0" in evidence[0].text
    assert evidence[0].heat.max() > 100


def test_a_cast_of_5_delta_e_fails_where_a_clean_picture_passes():
    from safelight.pixels.color.difference import delta_e_2000

    cast = np.array([0.0, -10.0, 0.0])
    assert float(delta_e_2000(np.array(SWATCH), np.array(SWATCH) + cast)) > 5
    assert against(*product(cast=tuple(cast)))[0].word == "fail"
    assert against(*product())[0].word == "pass"


WHITE = (99.6, 0.0, 1.0)


def test_white_that_was_blown_does_not_hide_a_cast_on_the_rest_of_it():
    # Half of the article filled every channel and stayed white; the other half shows the cast.
    verdict, values, _ = against(*product(WHITE, second=(96.5, 1.0, 12.0), shade=0.0), lab=WHITE)
    assert verdict.word == "fail"
    assert values["delta_e"] > 5


def test_a_white_article_with_a_dark_part_is_held_by_its_white():
    verdict, values, _ = against(*product(WHITE, second=(35.0, -2.0, -20.0), shade=0.0), lab=WHITE)
    assert verdict.word == "pass", values


def test_the_color_nearest_to_the_swatch_speaks_and_its_share_is_told():
    _, values, _ = against(*product(second=(85.0, 0.0, 5.0)))
    assert values["delta_e"] < 1.5
    assert values["measured_share"] == pytest.approx(50, abs=6)


def test_another_product_fails():
    verdict, values, _ = against(*product(lab=(40.0, -20.0, -20.0)))
    assert verdict.word == "fail" and values["delta_e"] > 20


def test_an_underexposed_product_fails_by_its_lightness():
    verdict, values, _ = against(*product(lab=(30.0, 25.0, 20.0), shade=0.1))
    assert verdict.word == "fail" and values["lightness"] < -10


def test_the_guides_limit_holds():
    pixels, alpha = product(cast=(0, -4, 0))
    findings = check.measure(seen(pixels, alpha=alpha, expected={"reference_lab": SWATCH}))
    assert judge(check, findings, {"delta_e": 1.0}).word == "fail"
    assert judge(check, findings, {"delta_e": 9.0}).word == "pass"


def test_chart_patches_in_view_are_a_reference_too():
    pixels = np.zeros((100, 200, 3), np.float32)
    pixels[:, :100] = convert(light_of_lab([50, 20, 10]).astype(np.float32)[None], "linear_rec2020", "srgb")
    pixels[:, 100:] = convert(light_of_lab([50, -20, 10]).astype(np.float32)[None], "linear_rec2020", "srgb")
    patches = [
        {"name": "red", "box": (0.1, 0.1, 0.4, 0.9), "lab": (50, 20, 10)},
        {"name": "green", "box": (0.6, 0.1, 0.9, 0.9), "lab": (50, -34, 10)},
    ]
    verdict, values, evidence = judged(check, seen(pixels, expected={"reference_patches": patches}))
    assert verdict.word == "fail"
    assert values["worst_patch"] > 6 and values["patches"] == pytest.approx(values["worst_patch"] / 2, abs=0.3)
    assert values["patches_76"] == pytest.approx(14 / 2, abs=0.3)  # a* off by 14 on one patch of two
    assert "green" in evidence[0].text and evidence[0].box == (0.6, 0.1, 0.9, 0.9)


def test_a_subject_without_pixels_is_said_and_warned_of():
    pixels, alpha = product()
    verdict, values, _ = against(pixels, np.zeros_like(alpha))
    assert verdict.word == "warn" and values["delta_e"] is None


@pytest.mark.parametrize("lab", [(1, 2), "red", (150, 0, 0), (float("nan"), 0, 0)])
def test_a_reference_that_is_no_color_is_refused(lab):
    with pytest.raises(ParameterError, match="three numbers: L 0 to 100"):
        against(*product(), lab=lab)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_even_pictures_do_not_break_it(level):
    verdict, values, _ = against(np.full((120, 120, 3), level, np.uint8), None)
    assert verdict.word == "warn" and values == {"delta_e": None}  # all of it is backdrop


def chart(**gains):
    """The patches of a chart as a picture's corrections paint them; `gains` tint all of them."""
    labs = reference_lab("classic_after_2014")
    tint = np.array([gains.get(each, 1.0) for each in ("red", "green", "blue")])
    return [
        {"name": f"patch {n}", "light": list(light_of_lab(lab) * tint), "lab": list(lab)} for n, lab in enumerate(labs)
    ]


def against_chart(patches, **more):
    expected = {"chart_patches": patches, "reference": "chart in c.jpg", **more}
    return judged(check, seen(product()[0], expected=expected))


def test_a_chart_in_the_light_speaks_where_nothing_else_does():
    verdict, values, _ = against_chart(chart())
    assert verdict.word == "pass" and values["patches"] < 0.05
    tinted, off, _ = against_chart(chart(red=1.15, blue=0.87))
    assert tinted.word == "fail" and off["patches_76"] > off["patches"] > 3
    assert "chart in c.jpg, before any look" in tinted.judged[0].measure.why


def test_a_brighter_chart_is_no_other_color():
    verdict, values, _ = against_chart(chart(red=1.4, green=1.4, blue=1.4))
    assert verdict.word == "pass" and values["patches"] < 0.05


def test_a_swatch_goes_before_the_chart():
    pixels, alpha = product()
    expected = {"reference_lab": SWATCH, "chart_patches": chart(red=1.3), "reference": "swatch"}
    verdict, values, _ = judged(check, seen(pixels, alpha=alpha, expected=expected))
    assert verdict.word == "pass" and "patches" not in values


def test_a_chart_whose_light_is_not_proven_is_said_and_warned_of():
    verdict, _, _ = judged(check, seen(product()[0], expected={"unproven": "no paper shows it"}))
    assert verdict.word == "warn" and verdict.judged[0].measure.why == "color not measured: no paper shows it"


def worn(*, cast=(0.0, 0.0, 0.0), skin=(62.0, 14.0, 20.0), behind=(85.0, 0.0, 0.0)):
    """The product as a disk, a limb beside it and an even backdrop, and the matte of both; `cast` adds to Lab."""
    y, x = np.mgrid[0:320, 0:320]
    disk, limb = np.hypot(x - 110, y - 160) < 90, (x > 215) & (x < 285) & (y > 60)
    lab = np.where(disk[..., None], SWATCH, np.where(limb[..., None], skin, behind)) + np.array(cast)
    codes = encode(convert(light_of_lab(lab).astype(np.float32), "linear_rec2020", "linear_srgb"), "srgb")
    return to_integers(codes, np.uint16), (disk | limb).astype(np.float32)


AROUND = {"backdrop": (85.0, 0.0, 0.0), "skin": (62.0, 14.0, 20.0)}


def test_backdrop_and_skin_are_held_against_those_of_the_approved_picture():
    alike, values, _ = against(*worn(skin=(50.0, 14.0, 20.0)), reference_surroundings=AROUND)
    assert alike.word == "pass", values
    assert values["backdrop"] < 0.3 and values["skin"] < 0.3  # skin in less light is no other skin
    redder, off, _ = against(*worn(skin=(62.0, 26.0, 20.0)), reference_surroundings=AROUND)
    assert redder.word == "warn" and off["skin"] > 4 and off["delta_e"] < 1
    warmer, off, _ = against(*worn(behind=(85.0, 0.0, 6.0)), reference_surroundings=AROUND)
    assert warmer.word == "warn" and off["backdrop"] > 3


def test_what_does_not_show_in_both_pictures_is_not_compared():
    _, values, _ = against(*worn(), reference_surroundings={"backdrop": AROUND["backdrop"]})
    assert "skin" not in values
    pixels, alpha = product()
    assert "backdrop" in against(pixels, alpha, reference_surroundings=AROUND)[1]
    scene = np.random.default_rng(1).integers(0, 65535, (20, 20, 3)).astype(np.uint16).repeat(16, 0).repeat(16, 1)
    assert "backdrop" not in against(scene, alpha, reference_surroundings=AROUND)[1]
