"""Skin on real faces: planted blemishes go, planted moles stay, nothing else moves, and doubts are told."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from benchmarks.skin import BLOOD, MELANIN, Done, free_places, near, planted

from safelight.errors import ParameterError
from safelight.pixels.repair.ease import Ease
from safelight.pixels.repair.record import covered_by, outside_hash, said_outside, unpack_repairs

pytestmark = pytest.mark.usefixtures("people_models")


def load(path):
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


@pytest.fixture(scope="module")
def woman(shared_data, people_models):
    """A face of 475 px, and places on its skin where nothing is."""
    pixels = load(shared_data / "portraits-hands" / "wb04-blue_alt1.jpg")
    places, unit = free_places(pixels, seed=3)
    assert len(places) == 4 and unit > 2
    return pixels, places, unit


@pytest.mark.data
def test_planted_blemishes_are_healed_and_no_other_code_value_changes(woman):
    pixels, places, unit = woman
    spotted = planted(pixels, places, unit, BLOOD, 0.6, 2.0)
    done = Done(spotted, spots="heal")
    size = done.image.size
    for x, y in places:
        assert near(done.spots(healed=True), x, y, size, 4 * unit)
    painted = done.painted()
    mends = unpack_repairs(done.kept)
    assert (painted == spotted)[covered_by(mends, size) == 0].all()
    assert outside_hash(painted, mends) == said_outside(done.kept)
    for x, y in places:
        box = np.s_[y - 3 : y + 4, x - 3 : x + 4]
        off = [np.abs(each[box].mean(axis=(0, 1)) - pixels[box].mean(axis=(0, 1))).max() for each in (spotted, painted)]
        assert off[1] < 0.4 * off[0]


@pytest.mark.data
def test_moles_are_listed_and_stay_unless_someone_asks(woman):
    pixels, places, unit = woman
    spotted = planted(pixels, places, unit, MELANIN, 0.8, 2.0)
    kept, asked = Done(spotted, spots="heal"), Done(spotted, spots="heal", moles="heal")
    size = kept.image.size
    for x, y in places:
        [mole] = near(kept.spots(), x, y, size, 3 * unit)
        assert mole["kind"] in ("mole", "freckle") and not mole["healed"]
        assert near(asked.spots(healed=True), x, y, size, 3 * unit)


@pytest.mark.data
def test_a_person_leaves_and_adds(woman):
    pixels, places, unit = woman
    spotted = planted(pixels, places, unit, BLOOD, 0.6, 2.0)
    width, height = spotted.shape[1], spotted.shape[0]
    x, y = places[0]
    done = Done(spotted, spots="heal", leave=(x / width, y / height), add=(0.4, 0.8, 5))
    assert not near(done.spots(healed=True), x, y, (width, height), 3 * unit)
    middle = (round(0.4 * width), round(0.8 * height))
    assert covered_by(unpack_repairs(done.kept), (width, height))[middle[1], middle[0]] == 255
    with pytest.raises(ParameterError, match="groups of 2: x, y"):
        Done(spotted, spots="heal", leave=(0.5,))


@pytest.mark.data
def test_evening_stays_on_the_face_and_off_eyes_and_lips(woman):
    pixels, _, _ = woman
    done = Done(pixels, tone=0.8, light=0.8, shine=0.8)
    painted = done.painted()
    [ease] = unpack_repairs(done.kept)
    assert isinstance(ease, Ease)
    _x0, y0, _x1, y1 = ease.box
    changed = (painted != pixels).any(axis=2)
    assert changed.sum() > 10_000 and not changed[: y0 + 1].any() and not changed[y1:].any()
    saturated = (pixels.max(axis=2).astype(int) - pixels.min(axis=2)) < 12  # the white paper around
    assert not (changed & saturated & (pixels.min(axis=2) > 250)).any()
    assert np.abs(painted.astype(int) - pixels).max() < 40


@pytest.mark.data
def test_teeth_and_eyes_change_alone(shared_data):
    smiling = load(shared_data / "portraits-hands" / "mj01-yellow_main.jpg")
    done = Done(smiling, teeth=1.0)
    [ease] = unpack_repairs(done.kept)
    painted = done.painted()
    changed = (painted != smiling).any(axis=2)
    x0, y0, x1, y1 = ease.box
    assert changed[y0:y1, x0:x1].sum() == changed.sum() and 100 < changed.sum() < 5000
    before, after = (each[changed].astype(float).mean(axis=0) for each in (smiling, painted))
    assert after[2] - before[2] > 4 + after[0] - before[0]  # less yellow
    assert (after - before) @ np.array([0.2126, 0.7152, 0.0722]) > 0  # and not darker


@pytest.mark.data
def test_beards_make_up_and_small_or_missing_faces_go_to_a_person_with_why(shared_data):
    folder = shared_data / "portraits-hands"
    beard = Done(load(folder / "Giunchedi_Filippo_Myleen_Hollero_CC_BY-SA_3.0.jpg"), spots="heal", tone=0.5).proposal
    assert beard.confidence.value < 0.3 and {"beard", "small_face"} <= {e.code for e in beard.reasons if e.doubt}
    painted = Done(load(folder / "kodim04.png"), spots="heal").proposal
    assert "make_up" in {e.code for e in painted.reasons if e.doubt}
    far = Done(load(folder / "hand_four_116292ef.jpg"), spots="heal", tone=0.5)
    assert far.proposal.confidence.value <= 0.15 and far.kept == b""
    assert "person's to judge" in far.proposal.reasons[0].text
    nobody = Done(np.full((400, 600, 3), 128, np.uint8), spots="heal")
    assert nobody.proposal.reasons[0].code == "no_sure_face" and nobody.kept == b""


@pytest.mark.data
def test_glasses_are_seen(woman):
    pixels, _, unit = woman
    drawn = pixels.copy()
    from safelight.models.people.detect import detect
    from safelight.models.people.mesh import mesh_of
    from safelight.models.people.view import View

    from .test_people import frame

    picture, tools = frame(pixels)
    view = View(picture, tools)
    mesh = mesh_of(view, detect("face_full_range", view, None, 0.45)[0])
    for eye in mesh.eyes:
        x, y = (eye.corners.mean(axis=0) * picture.reduction).round().astype(int).tolist()
        cv2.ellipse(drawn, (x, y), (round(24 * unit), round(20 * unit)), 0, 0, 360, (25, 22, 20), 4, cv2.LINE_AA)
    assert "glasses" in {each.code for each in Done(drawn, spots="heal").proposal.reasons}
    assert "glasses" not in {each.code for each in Done(pixels, spots="heal").proposal.reasons}


def test_without_a_wish_nothing_is_looked_at():
    done = Done(np.zeros((40, 60, 3), np.uint8))
    assert done.proposal.reasons[0].code == "left_alone" and done.proposal.confidence.value == 1.0
    assert done.kept == b""


def test_without_models_a_person_is_asked_and_marks_are_still_healed(monkeypatch, tmp_path):
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    gray = np.clip(np.random.default_rng(0).normal(128, 2, (300, 400, 3)), 0, 255).astype(np.uint8)
    done = Done(gray, spots="heal", add=(0.5, 0.5, 6))
    assert done.proposal.confidence.value == 0.1 and done.proposal.reasons[0].code == "no_people_models"
    assert "models pull" in done.proposal.reasons[0].text
    assert len(unpack_repairs(done.kept)) == 1


@pytest.mark.data
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_other_depths_are_worked_alike(woman, dtype):
    pixels, places, unit = woman
    spotted = planted(pixels, places, unit, BLOOD, 0.6, 2.0)
    deep = spotted.astype(np.float32) / 255 if dtype == np.float32 else spotted.astype(np.uint16) * 257
    assert len(Done(np.asarray(deep, dtype), spots="heal").spots(healed=True)) == len(
        Done(spotted, spots="heal").spots(healed=True)
    )
