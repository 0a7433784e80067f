"""Lens and vignetting: what is proposed for whom, what is painted, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor, Capture
from safelight.core.image import Image
from safelight.core.step import Picture, Stage
from safelight.plugins import step_named
from safelight.render.plan import Planned, _carried, plan
from safelight.render.renderer import render
from safelight.runs.assemble import from_result, to_result
from safelight.steps.lens.step import step as lens
from safelight.steps.vignetting.step import step as vignetting

SIZE = (600, 400)
CANON = Capture(make="Canon", model="Canon EOS 6D", lens="EF24-105mm f/4L IS USM", focal_mm=24.0, aperture_f=4.0)
GOPRO = Capture(make="GoPro", model="HERO4 Silver", focal_mm=3.0, aperture_f=2.8)
STRANGER = Capture(make="Hasselblad", model="X2D 100C", lens="XCD 90V", focal_mm=90.0, aperture_f=4.0)
BARREL = (1.0, 0.0, -0.05, 0.0, 0.0)


def propose(step, capture, *, raw=True, **wanted):
    image = Image(np.full((400, 600, 3), 0.2, np.float32), "linear_rec2020")
    return step.propose(Picture(image, SIZE, raw, capture), None, wanted, None)


def painted(step, pixels, proposal, **more):
    edit = Edit("ab" * 32)
    if proposal is not None:
        edit = edit.with_step(from_result(to_result(step, proposal, "")))
    image = Image(pixels, "srgb")
    return render(image, edit, step_named, None, scene_referred=False, to_space="srgb", dtype=np.uint8, **more)


def test_a_raw_capture_of_a_known_lens_is_corrected_and_the_row_is_named():
    proposal = propose(lens, CANON)
    told = {each.code: each for each in proposal.reasons}["corrected"]
    assert "Canon EF 24-105mm f/4L IS USM on Canon EOS 6D at 24 mm (lensfun)" in told.text
    assert told.values["shift_px"] > 1
    assert told.values["red_px"] > 0
    assert proposal.params["distortion"] != (1.0, 0.0, 0.0, 0.0, 0.0)


def test_a_stranger_is_left_alone_and_it_is_said():
    proposal = propose(lens, STRANGER)
    assert [each.code for each in proposal.reasons] == ["no_match"]
    assert "lensfun has no camera Hasselblad X2D 100C" in proposal.reasons[0].text
    assert lens.paint(proposal.params, SIZE).is_aligned()


def test_a_finished_file_is_left_alone_unless_the_guide_asks():
    assert propose(lens, CANON, raw=False).reasons[0].code == "left_alone"
    assert propose(lens, CANON, raw=False, source="database").reasons[0].code == "corrected"


def test_a_fisheye_is_straightened_only_on_request():
    kept, wanted = propose(lens, GOPRO), propose(lens, GOPRO, fisheye="straighten")
    assert kept.params["projection"] == "rectilinear"
    assert wanted.params["projection"] == "equisolid"
    assert wanted.confidence.value < kept.confidence.value


def test_numbers_by_hand_are_taken_as_they_are():
    proposal = propose(lens, STRANGER, raw=False, distortion=BARREL)
    assert proposal.params["source"] == "manual"
    assert proposal.params["distortion"] == BARREL
    assert lens.paint(proposal.params, SIZE).optics is not None


def test_nothing_to_correct_is_bit_for_bit_the_picture():
    pixels = np.random.default_rng(1).integers(0, 256, (400, 600, 3), np.uint8)
    assert np.array_equal(painted(lens, pixels, propose(lens, STRANGER)).image.pixels, pixels)


def test_a_crop_before_the_lens_in_the_edit_is_still_painted_after_it():
    crop = step_named("crop_to_spec")
    pixels = np.random.default_rng(2).integers(0, 256, (400, 600, 3), np.uint8)
    wanted = {"box": (0.1, 0.1, 0.8, 0.8)}
    image = Image(np.full((400, 600, 3), 0.2, np.float32), "linear_rec2020")
    cropped = crop.propose(Picture(image, SIZE), None, wanted, None)
    bent = propose(lens, STRANGER, distortion=BARREL)
    steps = [from_result(to_result(*each, "")) for each in ((crop, cropped), (lens, bent))]
    both = [Edit("ab" * 32).with_step(one).with_step(two) for one, two in (steps, steps[::-1])]
    how = {"scene_referred": False, "to_space": "srgb", "dtype": np.uint8}
    first, second = (render(Image(pixels, "srgb"), each, step_named, None, **how) for each in both)
    assert first.geometry == second.geometry
    assert np.array_equal(first.image.pixels, second.image.pixels)
    assert first.image.size == (426, 285)  # 420 x 280 of the original, as wide as the lens puts them


def test_a_small_render_is_the_large_one_shrunk():
    import cv2

    from safelight.pixels.color.difference import delta_e_2000, lab_from

    rng = np.random.default_rng(3)
    pixels = cv2.GaussianBlur(rng.integers(0, 256, (400, 600, 3), np.uint8), (0, 0), 6)
    proposal = propose(lens, STRANGER, distortion=BARREL)
    large = painted(lens, pixels, proposal).image.pixels
    small = painted(lens, pixels, proposal, long_side=150).image.pixels
    shrunk = cv2.resize(large, (150, 100), interpolation=cv2.INTER_AREA)
    labs = [lab_from((each / 255).astype(np.float32), "srgb") for each in (small, shrunk)]
    assert delta_e_2000(*labs).mean() < 0.5


def test_a_corner_that_the_lens_darkened_is_as_bright_as_the_middle():
    y, x = np.mgrid[:400, :600]
    squared = ((x - 299.5) ** 2 + (y - 199.5) ** 2) / (300**2 + 200**2)
    k1, k2, k3 = falloff = (-0.5, 0.1, -0.05)
    light = 0.4 * (1 + k1 * squared + k2 * squared**2 + k3 * squared**3)
    rgb = np.repeat(light[..., None], 3, axis=2).astype(np.float32)
    out = vignetting.paint(rgb, propose(vignetting, STRANGER, falloff=falloff).params, 1.0)
    assert np.abs(out / 0.4 - 1).max() < 0.001


def test_the_fall_off_of_a_known_lens_is_taken_from_its_row():
    proposal = propose(vignetting, CANON)
    assert "on Canon EOS 6D at 24 mm f/4 (lensfun): corners gain" in proposal.reasons[0].text
    assert proposal.facts["corner_stops"] > 0.5


@pytest.mark.parametrize("step", [lens, vignetting])
def test_strangers_and_switched_off_change_nothing(step):
    for proposal in (propose(step, STRANGER), propose(step, CANON, source="off"), propose(step, CANON, raw=False)):
        if step is vignetting:
            rgb = np.full((40, 60, 3), 0.3, np.float32)
            assert step.paint(rgb, proposal.params, 1.0) is rgb
        else:
            assert step.paint(proposal.params, SIZE).is_aligned()


@pytest.mark.parametrize("step", [lens, vignetting])
def test_a_file_that_says_nothing_is_told_why(step):
    assert "names no camera" in propose(step, Capture()).reasons[0].text


@pytest.mark.data
def test_a_chess_board_is_straight_again(shared_data):
    import cv2

    from safelight.media.decode import decode_bytes

    path = shared_data / "lens" / "GOPR0032.jpg"
    decoded = decode_bytes(path.read_bytes(), path.name)
    picture = Picture(decoded.image, decoded.full_size, False, decoded.probe.capture)
    proposal = lens.propose(picture, None, {"source": "database", "fisheye": "straighten"}, None)
    made = painted(lens, decoded.image.pixels, proposal).image.pixels

    def bow(pixels):
        found, corners = cv2.findChessboardCorners(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (8, 6))
        assert found
        worst = 0.0
        for line in corners.reshape(6, 8, 2):
            along = (line[-1] - line[0]) / np.linalg.norm(line[-1] - line[0])
            worst = max(worst, float(np.abs((line - line[0]) @ [-along[1], along[0]]).max()))
        return worst

    assert bow(decoded.image.pixels) > 10
    assert bow(made) < 3


def disc_frame(**lens_params):
    """A dark disc in a corner of a bent frame, cut to its box over the bent original; where it comes to lie."""
    y, x = np.mgrid[0:800, 0:1200]
    inside = (x - 200) ** 2 + (y - 150) ** 2 < 100**2
    pixels = np.where(inside[..., None], np.uint8(20), np.uint8(240)).repeat(3, axis=2)
    box = (100 / 1200, 50 / 800, 300 / 1200, 250 / 800)
    edit = Edit("ab" * 32)
    for name, params in (
        ("lens", {"source": "manual", "distortion": (1.0, 0.0, -0.12, 0.0, 0.0), **lens_params}),
        ("crop_to_spec", {"subject": box, "aspect": "1:1", "fill": 0.8, "pad": True}),
    ):
        declared = step_named(name)
        accepted = declared.params.accept(params, fill=True)
        edit = edit.with_step(EditStep(name, declared.version, accepted, Actor("person", "Ines")))
    image = render(Image(pixels, "srgb"), edit, step_named, None, scene_referred=False, dtype=np.uint8).image.pixels
    rows, columns = np.nonzero(image[..., 0] < 128)
    height, width = image.shape[:2]
    return (columns.min(), width - 1 - columns.max(), rows.min(), height - 1 - rows.max()), width


def test_a_crop_follows_its_subject_through_the_lens():
    gaps, width = disc_frame()
    straight, _ = disc_frame(source="off")
    assert max(straight) - min(straight) <= 2
    # The disc touches its box between the corners, which bend more: that is all that may be left over.
    assert max(gaps[:2]) - min(gaps[:2]) < 0.04 * width
    assert max(gaps[2:]) - min(gaps[2:]) < 0.04 * width
    assert 0.74 < (width - gaps[0] - gaps[1]) / width < 0.82


def test_a_box_over_the_whole_picture_stays_the_whole_picture():
    whole = plan_boxes((0.0, 0.0, 1.0, 1.0))
    assert whole == pytest.approx((0.0, 0.0, 1.0, 1.0), abs=0.02)
    assert plan_boxes((0.0, 0.0, 0.0, 0.0)) == (0.0, 0.0, 0.0, 0.0)  # none drawn stays none


def plan_boxes(box):
    """Where the renderer carries crop_to_spec's hand-drawn box behind a lens."""
    params = step_named("lens").params.accept({"source": "manual", "distortion": BARREL}, fill=True)
    behind = lens.paint(params, SIZE)
    own = step_named("crop_to_spec").params.accept({"box": box}, fill=True)
    return _carried(Planned(step_named("crop_to_spec"), own, {}), behind, SIZE)["box"]


def test_a_step_that_changes_nothing_is_not_painted():
    left = propose(vignetting, STRANGER)
    assert vignetting.idle(left.params)
    assert not vignetting.idle(propose(vignetting, CANON).params)
    edit = Edit("ab" * 32).with_step(from_result(to_result(vignetting, left, "")))
    assert plan(edit, step_named, Stage.SHARPEN, scene_referred=True) == ()
