"""Charts are found where they are, read rightly, and refused with the reason."""

from functools import cache

import cv2
import numpy as np
import pytest

from safelight.pixels.color.chart_reference import reference_lab
from safelight.pixels.color.difference import delta_e_2000, lab_from
from safelight.pixels.color.spaces import convert
from safelight.pixels.measure.chart import find_chart
from safelight.pixels.measure.chart_facts import read_chart
from tests.charts import draw_chart, photograph

AFTER = "classic_after_2014"


@cache
def chart_picture(angle: float = 5.0, tilt: float = 0.1, fill: float = 0.6) -> np.ndarray:
    return draw_chart(AFTER, (900, 700), angle=angle, tilt=tilt, fill=fill)


def seen(path) -> tuple[np.ndarray, np.ndarray]:
    code = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
    return convert(code.astype(np.float32) / 255, "srgb", "linear_rec2020"), (code >= 254).any(axis=2)


def facts_of(light, clipped=None):
    """Facts with the pigments known and no contrast looked for: a third of the time."""
    return read_chart(light, clipped, charts=(AFTER,), scene_referred=True)


@pytest.mark.parametrize("angle", [0, 12, 90, 180, 268])
def test_patches_are_read_in_order_however_the_chart_lies(angle):
    found = find_chart(chart_picture(angle))
    assert found.found, found.why
    lab = lab_from(found.rgb.astype(np.float32), "linear_rec2020")
    assert delta_e_2000(lab, reference_lab(AFTER).astype(np.float32)).max() < 0.6


@pytest.mark.parametrize("stops", [-3.0, -1.0, 1.0])
def test_exposure_and_cast_do_not_hide_it(stops):
    rng = np.random.default_rng(4)
    light = photograph(chart_picture(), rng, stops=stops, cast=(1.5, 1, 0.5), mix=0.8, fall=0.2, noise=0.03)
    found = find_chart(light)
    assert found.found, found.why
    assert 0.01 < np.median(found.noise) < 0.2


def test_a_mirrored_chart_is_refused_either_way():
    for flipped in (chart_picture()[:, ::-1], chart_picture()[::-1]):
        found = find_chart(np.ascontiguousarray(flipped))
        assert not found.found
        assert found.why == "the chart is mirrored: the picture was flipped"


def test_a_chart_that_the_frame_cuts_off_is_refused():
    for part in (chart_picture(0, 0)[:, 300:], chart_picture(0, 0)[:430]):
        found = find_chart(np.ascontiguousarray(part))
        assert not found.found
        assert found.why == "no chart" or "cuts off" in found.why


def test_a_tiny_chart_is_refused():
    found = find_chart(draw_chart(AFTER, (900, 700), fill=0.06))
    assert not found.found


@pytest.mark.parametrize("level", [0.0, 0.18, 1.0, np.nan, np.inf])
def test_even_pictures_have_no_chart(level):
    assert find_chart(np.full((200, 300, 3), level, np.float32)).why == "no chart"


def test_a_picture_of_few_pixels_is_refused_in_words():
    assert "smaller than 32 px" in find_chart(np.zeros((8, 900, 3), np.float32)).why


def test_noise_alone_is_no_chart():
    assert not find_chart(np.random.default_rng(1).random((400, 600, 3)).astype(np.float32)).found


def test_glare_over_the_chart_is_a_doubt_with_its_number_and_forbids_the_matrix():
    facts = facts_of(chart_picture() + np.float32(0.08))
    assert facts["found"]
    assert any(each.startswith("glare: ") and "of white lies over the black patch" in each for each in facts["doubts"])
    assert facts["matrix"]["doubts"]


def test_clipped_patches_do_not_speak():
    light = chart_picture() * 1.35
    facts = facts_of(np.minimum(light, 1.0), (light >= 1.0).any(axis=2))
    silent = [each["name"] for each in facts["patches"] if not each["usable"]]
    assert "white" in silent and "black" not in silent
    assert facts["matrix"]["delta_e"]["left_out"][0] < 1.0


def test_a_chart_overexposed_all_over_gives_no_matrix():
    light = chart_picture() * 8.0
    facts = facts_of(np.minimum(light, 1.0), (light >= 1.0).any(axis=2))
    assert not facts["found"] or facts["doubts"]


def test_facts_tell_the_cast_and_the_exposure_of_the_light():
    light = photograph(
        chart_picture(), np.random.default_rng(1), stops=-1.0, cast=(1.2, 1.0, 0.7), mix=0.0, fall=0.0, noise=0.0
    )
    facts = facts_of(light)
    ratio = np.array(facts["neutral_rgb"]) / facts["neutral_rgb"][1]
    assert ratio == pytest.approx([1.2, 1.0, 0.7], rel=0.02)
    assert facts["exposure_stops"] == pytest.approx(np.log2(0.5 * (0.2627 * 1.2 + 0.678 + 0.0593 * 0.7)), abs=0.05)


def test_the_chart_of_the_sample_shoot_is_found_with_its_true_colors(request):
    picture = request.config.rootpath / "samples" / "shoot" / "IMG_0401.jpg"
    facts = read_chart(*seen(picture), scene_referred=True)
    assert facts["found"] and facts["kind"] == "classic" and facts["chart"] == "classic_before_2014"
    assert facts["matrix"]["delta_e"]["left_out"][0] < 1.0
    assert facts["share"] == pytest.approx(0.236, abs=0.01)


@pytest.mark.data
def test_photographed_charts_are_found_and_bad_ones_refused_with_the_reason(shared_data):
    folder = shared_data / "colorchecker"
    for name, kind in (
        ("classic.png", "classic"),
        ("calibrite-passport.png", "passport"),
        ("source1_img.png", "classic"),
    ):
        found = find_chart(*seen(folder / name))
        assert found.found and found.kind == kind, (name, found.why)
    assert "cuts off" in find_chart(*seen(folder / "source2_img_chart_cut_off.png")).why
    assert "glare" in find_chart(*seen(folder / "seedhead-rgb.jpg")).why
