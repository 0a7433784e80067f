"""Shadows between subject and background: where they fall, how they mix, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.errors import ParameterError
from safelight.pixels.matte.made_shadow import contact_density, drop_density, find_foot, reflection_foot
from safelight.pixels.matte.matte_png import encode_matte
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.runs.bench import LentTools
from safelight.runs.single import MemoryBlobs

BY = Actor("person", "Ines")
HEIGHT, WIDTH = 240, 320


def box(height=HEIGHT, width=WIDTH, scale=1):
    alpha = np.zeros((height * scale, width * scale), np.float32)
    alpha[60 * scale : 160 * scale, 100 * scale : 220 * scale] = 1
    return alpha


def painted(kind, alpha=None, background="#ffffff", region=None, long_side=None, color=(0.2, 0.4, 0.1), **params):
    """Paint a plain subject on a ground with a shadow; (picture, alpha)."""
    alpha = box() if alpha is None else alpha
    height, width = alpha.shape
    rgb = np.full((height, width, 3), 20000, np.uint16)
    rgb[alpha > 0.5] = (np.array(color) * 65535).astype(np.uint16)
    kept = MemoryBlobs()
    image = Image(rgb, "srgb")
    tools = LentTools(kept, lambda: image, {})
    matte = tools.put("matte", encode_matte(np.rint(alpha * 65535).astype(np.uint16)), "image/png")
    cutout, shadow, ground = (step_named(each) for each in ("cutout", "shadow", "background"))
    edit = Edit("ab" * 32)
    edit = edit.with_step(EditStep("cutout", cutout.version, cutout.params.defaults(), BY, {"matte": matte}))
    wanted = shadow.params.accept({"kind": kind, **params}, fill=True)
    edit = edit.with_step(EditStep("shadow", shadow.version, wanted, BY))
    if background:
        own = ground.params.accept({"color": background}, fill=True)
        edit = edit.with_step(EditStep("background", ground.version, own, BY))
    return render(
        image, edit, step_named, tools, scene_referred=False, dtype=np.uint16, region=region, long_side=long_side
    )


def light(codes):
    from safelight.pixels.color.spaces import decode, to_float

    return decode(to_float(np.ascontiguousarray(codes)), "srgb")


def test_without_a_shadow_the_ground_is_exactly_white():
    found = painted("none")
    assert (found.image.pixels[box() == 0] == 65535).all()


def test_a_contact_shadow_is_darkest_under_the_foot_and_white_stays_exactly_white_away_from_it():
    pixels = painted("contact", strength=0.4).image.pixels[..., 0]
    below = pixels[160:, 160].astype(int)
    assert below[0] == below.min() < 60000
    assert (np.diff(below) >= 0).all()
    assert (pixels[:40] == 65535).all() and (pixels[:, :40] == 65535).all()


def test_strength_is_the_share_of_light_that_is_taken():
    pixels = painted("drop", strength=0.3, softness=0.002, distance=0.3, angle_deg=90.0).image.pixels
    assert light(pixels)[180, 160, 0] == pytest.approx(0.7, abs=0.005)
    gray = painted("drop", strength=0.3, softness=0.002, distance=0.3, background="#808080").image.pixels
    plain = painted("none", background="#808080").image.pixels
    assert light(gray)[180, 160, 0] == pytest.approx(0.7 * light(plain)[180, 160, 0], rel=0.01)


@given(angle=st.floats(-180, 180), distance=st.floats(0.05, 0.2))
@settings(max_examples=20, deadline=None)
def test_a_drop_shadow_falls_where_its_angle_says(angle, distance):
    fallen = drop_density(box(), angle, distance, 0.002)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    middle = [(plane * fallen).sum() / fallen.sum() for plane in (columns, rows)]
    by = distance * 100
    assert middle[0] - 159.5 == pytest.approx(by * np.cos(np.deg2rad(angle)), abs=0.6)
    assert middle[1] - 109.5 == pytest.approx(by * np.sin(np.deg2rad(angle)), abs=0.6)


def test_the_subject_itself_is_never_shaded():
    plain = painted("none").image.pixels[box() == 1]
    for kind in ("contact", "drop", "reflection"):
        assert (painted(kind).image.pixels[box() == 1] == plain).all()


def test_a_reflection_is_the_subject_upside_down_and_fades():
    stripes = box()
    found = painted("reflection", strength=0.49, fade=0.5, alpha=stripes)
    column = light(found.image.pixels)[160:220, 160]
    assert column[1, 1] == pytest.approx(1 - 0.49 * (1 - light(found.image.pixels)[150, 160, 1]), abs=0.03)
    assert (np.diff(column[1:50, 0]) >= -1e-4).all()
    assert (found.image.pixels[211:, 160] == 65535).all()


def test_a_box_seen_over_its_corner_is_mirrored_about_its_own_foot():
    """Its lower edge rises to the right; the reflection meets it in every column."""
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(alpha, [np.array([[100, 60], [220, 60], [220, 144], [100, 160]], np.int32)], 1.0)
    feet, holds = reflection_foot(alpha)
    raw = find_foot(alpha).rows
    assert np.abs(feet[110:210] - raw[110:210] - 1).max() < 1.5 and holds[110:210].min() == 1
    pixels = painted("reflection", strength=0.49, alpha=alpha).image.pixels
    for column in (120, 160, 200):
        foot = int(raw[column])
        assert pixels[foot + 3, column, 0] < 60000


@pytest.mark.parametrize("kind", ["contact", "drop", "reflection"])
def test_a_region_is_the_same_as_its_part_of_the_whole(kind):
    whole = painted(kind).image.pixels
    part = painted(kind, region=(90, 140, 150, 60)).image.pixels
    assert np.abs(part.astype(int) - whole[140:200, 90:240]).max() <= 2


@pytest.mark.parametrize("kind", ["contact", "drop", "reflection"])
def test_a_quarter_is_the_whole_shrunk(kind):
    from safelight.pixels.color.difference import delta_e_2000, lab_from
    from safelight.pixels.color.spaces import to_float
    from safelight.render.views import shrink_finished

    alpha = box(scale=4)
    whole = painted(kind, alpha=alpha)
    small = painted(kind, alpha=alpha, long_side=WIDTH)
    shrunk = shrink_finished(whole.image, WIDTH)
    apart = delta_e_2000(*(lab_from(to_float(each.pixels), "srgb") for each in (small.image, shrunk)))
    assert apart.mean() < 0.5 and np.percentile(apart, 99) < 2


def test_without_a_background_the_shadow_is_see_through_black():
    found = painted("drop", strength=0.3, softness=0.002, distance=0.3, background="").image.pixels
    assert found[180, 160, 3] == pytest.approx(0.3 * 65535, abs=300)
    assert found[180, 160, :3].max() < 300
    assert found[20, 20, 3] == 0


def test_the_coverage_tells_shadow_from_ground_and_leaves_the_outline_at_one_half():
    found = painted("drop", strength=0.49)
    assert ((found.alpha > 32767) == (box() > 0.5)).all()
    assert (found.alpha[box() == 0] > 0).any()


def test_an_empty_matte_casts_nothing():
    assert contact_density(np.zeros((20, 30), np.float32), 0.1).max() == 0
    assert drop_density(np.zeros((20, 30), np.float32), 90, 0.1, 0.1).max() == 0
    assert find_foot(np.zeros((20, 30), np.float32)) is None
    assert (painted("reflection", alpha=np.zeros((HEIGHT, WIDTH), np.float32)).image.pixels == 65535).all()


def test_nothing_is_proposed_where_nothing_was_cut_out_or_the_foot_is_not_in_the_picture():
    step = step_named("shadow")
    image = Image(np.full((HEIGHT, WIDTH, 3), 0.5, np.float32), "linear_rec2020")
    picture = Picture(image, (WIDTH, HEIGHT))
    bare = step.propose(picture, None, {"kind": "contact"}, None)
    assert bare.params["kind"] == "none" and bare.confidence.value < 0.2 and bare.reasons[0].code == "no_matte"
    whole = step.propose(replace(picture, alpha=box()), None, {"kind": "contact"}, None)
    assert whole.confidence.value > 0.8
    cut = box()
    cut[60:, 100:220] = 1
    said = step.propose(replace(picture, alpha=cut), None, {"kind": "contact"}, None)
    assert said.confidence.value <= 0.1 and "foot_cut" in {each.code for each in said.reasons}
    ragged = box()
    ragged[160:168:1, 100:220:9] = 1
    rough = step.propose(replace(picture, alpha=ragged), None, {"kind": "reflection"}, None)
    assert rough.confidence.value < whole.confidence.value
    fallen = step.propose(replace(picture, alpha=box()), None, {"kind": "drop", "distance": 0.5, "angle_deg": 90}, None)
    assert fallen.confidence.value > 0.8
    out = np.roll(box(), 70, axis=0)
    lost = step.propose(replace(picture, alpha=out), None, {"kind": "drop", "distance": 0.5, "angle_deg": 90}, None)
    assert lost.confidence.value < 0.5 and "falls out of the frame" in lost.reasons[-1].text


def test_a_natural_shadow_that_was_never_looked_for_is_refused_with_the_way_out():
    with pytest.raises(ParameterError, match="never looked for the capture's own shadow"):
        painted("natural")


def test_the_capture_s_own_shadow_is_kept_as_deep_as_it_was():
    from tests.shoots import product

    image = Image(product(3), "srgb")
    tools = LentTools(MemoryBlobs(), lambda: image, {})
    step, cutout = step_named("shadow"), step_named("cutout")
    from safelight.render.views import matte_of, work_image

    picture = Picture(work_image(image, 1600), image.size)
    from safelight.runs.assemble import from_result, to_result

    edit = Edit("ab" * 32).with_step(from_result(to_result(cutout, cutout.propose(picture, None, {}, tools), "")))
    alpha = matte_of(edit, step_named, tools, picture.image.size)
    found = step.propose(replace(picture, alpha=alpha), None, {"kind": "natural"}, tools)
    assert found.confidence.value == pytest.approx(0.7) and 0.2 < found.facts["peak"] < 0.6
    edit = edit.with_step(from_result(to_result(step, found, "")))
    ground = step_named("background")
    edit = edit.with_step(EditStep("background", ground.version, ground.params.defaults(), BY))
    pixels = render(image, edit, step_named, tools, scene_referred=False, dtype=np.uint8).image.pixels
    # The planted shadow takes 45 % of the light at its middle, just below the product.
    below = light(np.ascontiguousarray(pixels[740:745, 380:400]))
    assert 0.5 < below.mean() < 0.95
    assert (pixels[:60] == 255).all()
