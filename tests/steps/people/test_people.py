"""People: faces are found, open eyes are never called shut, and nobody is made up."""

from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest
from benchmarks.eyelids import close_eyes

from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.steps.people import step

from ..pictures import Lent

pytestmark = pytest.mark.usefixtures("people_models")

SIDE = 1600


def frame(codes: np.ndarray, category: str = "on_model", space: str = "srgb"):
    """A file of code values as the run hands it to a step: its work picture and its tools."""
    from safelight.pixels.color.spaces import convert, to_float

    full = Image(np.ascontiguousarray(codes), space)
    scale = min(1.0, SIDE / max(codes.shape[:2]))
    size = (max(1, round(codes.shape[1] * scale)), max(1, round(codes.shape[0] * scale)))
    small = codes if scale == 1.0 else cv2.resize(codes, size, interpolation=cv2.INTER_AREA)
    work = convert(to_float(np.ascontiguousarray(small)), space, "linear_rec2020")
    return Picture(Image(np.ascontiguousarray(work), "linear_rec2020"), full.size, category=category), Lent(full)


def look(codes: np.ndarray, category: str = "on_model", **wanted):
    picture, tools = frame(codes, category)
    return step.propose(picture, None, wanted, tools)


def load(path) -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


@pytest.fixture(scope="module")
def portraits(shared_data):
    folder = shared_data / "portraits-hands"
    rows = list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))
    return {row["file"]: (load(folder / row["file"]), row) for row in rows}


@pytest.fixture(scope="module")
def looked(portraits):
    return {name: look(codes) for name, (codes, _) in portraits.items()}


@pytest.mark.data
def test_every_labeled_face_is_found_where_it_is(portraits, looked) -> None:
    for name, (codes, row) in portraits.items():
        if not row["face_x"]:
            continue
        height, width = codes.shape[:2]
        (face,) = looked[name].facts["faces"]
        x0, y0, x1, y1 = face["box"]
        x, y = (x0 + x1) / 2 * width, (y0 + y1) / 2 * height
        assert 0 < x - int(row["face_x"]) < int(row["face_w"]), name
        assert 0 < y - int(row["face_y"]) < int(row["face_h"]), name


@pytest.mark.data
def test_every_portrait_shows_a_face_and_a_dark_one_is_said_to_be_unsure(portraits, looked) -> None:
    for name, found in looked.items():
        assert found.facts["face_count"] + len(found.facts["unsure"]) == 1, name
    dark = looked["hand_call_172ba7f6.jpg"].facts
    assert dark["face_count"] == 0 and dark["eyes"] == "none"


@pytest.mark.data
def test_open_eyes_are_never_called_shut_and_small_ones_cannot_be_told(looked) -> None:
    for name, found in looked.items():
        for face in found.facts["faces"]:
            widest = max(each["width_px"] for each in face["eyes"])
            assert face["state"] == ("open" if widest >= 16 else "cant_tell"), (name, face)
            if face["state"] == "cant_tell":
                assert any(
                    each.code == "eyes_unknown" and each.doubt and "px wide" in each.text for each in found.reasons
                )


@pytest.mark.data
@pytest.mark.parametrize("name", ["kodim04.png", "mh08-red_main.jpg", "mj08-gray_main.jpg", "ms12-red_main.jpg"])
def test_lids_drawn_down_over_the_eyes_are_seen(portraits, name: str) -> None:
    from safelight.models.people.detect import detect
    from safelight.models.people.mesh import mesh_of
    from safelight.models.people.view import View

    codes, _ = portraits[name]
    view = View(*frame(codes))
    mesh = mesh_of(view, detect("face_full_range", view, None, 0.5)[0])
    eyes = [tuple(lid * view.reduction for lid in (each.corners, each.upper, each.lower)) for each in mesh.eyes]
    (face,) = look(close_eyes(codes, eyes, 1.0)).facts["faces"]
    assert all(each["state"] == "closed" for each in face["eyes"])
    assert face["state"] in ("closed", "laughing", "looking_down")


@pytest.mark.data
def test_hands_are_counted(looked) -> None:
    assert looked["mt08-green_main.jpg"].facts["hand_count"] == 2
    assert looked["hand_call_1f5fb137.jpg"].facts["hand_count"] == 1
    assert looked["Giunchedi_Filippo_Myleen_Hollero_CC_BY-SA_3.0.jpg"].facts["hand_count"] == 0


@pytest.mark.data
def test_the_nearest_eye_is_measured_at_full_size(portraits) -> None:
    codes, _ = portraits["kodim04.png"]
    large = cv2.resize(codes, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    (sharp,) = look(codes).facts["faces"]
    (soft,) = look(large).facts["faces"]
    assert sharp["eye_blur_px"] < 0.5
    assert soft["eye_blur_px"] > 3 * sharp["eye_blur_px"]
    assert soft["eyes"][0]["width_px"] == pytest.approx(6 * sharp["eyes"][0]["width_px"], rel=0.08)


@pytest.mark.data
def test_a_mirrored_face_is_the_same_face(portraits) -> None:
    codes, _ = portraits["mh08-red_main.jpg"]
    (plain,) = look(codes).facts["faces"]
    (mirrored,) = look(np.ascontiguousarray(codes[:, ::-1])).facts["faces"]
    assert mirrored["state"] == plain["state"]
    assert mirrored["box"][0] == pytest.approx(1 - plain["box"][2], abs=0.03)
    assert mirrored["yaw_deg"] == pytest.approx(-plain["yaw_deg"], abs=6)


@pytest.mark.data
def test_an_upside_down_face_is_open_or_unsure_but_never_shut(portraits) -> None:
    for name in ("mh08-red_main.jpg", "wj10-orange_main.jpg"):
        codes, _ = portraits[name]
        assert look(np.ascontiguousarray(codes[::-1, ::-1])).facts["eyes"] in ("open", "none", "cant_tell")


@pytest.mark.data
def test_a_small_face_far_away_is_found_in_tiles_only_where_people_are_expected(portraits) -> None:
    codes, _ = portraits["kodim18.png"]
    scene = np.full((2400, 3600, 3), 200, np.uint8)
    noise = np.random.default_rng(4).integers(0, 30, scene.shape, np.uint8)
    scene -= noise
    scene[1700:2000, 2900:3200] = cv2.resize(codes, (300, 300), interpolation=cv2.INTER_AREA)
    assert look(scene, "packshot", least_face_px=40).facts["tiles"] == 0
    found = look(scene, "on_model", least_face_px=40).facts
    assert found["face_count"] == 1 and found["tiles"] > 0
    x0, y0, x1, y1 = found["faces"][0]["box"]
    assert 2900 / 3600 < x0 < x1 < 3200 / 3600 and 1700 / 2400 < y0 < y1 < 2000 / 2400
    assert 25 < found["faces"][0]["height_px"] < 60


@pytest.mark.data
def test_products_are_no_faces(shared_data) -> None:
    for name in ("mg01-bk-0.jpg", "wg01-bk-0.jpg", "wg02-bk-0.jpg", "ug03-bk-0.jpg", "wp08-red_main.jpg"):
        assert look(load(shared_data / "ecommerce" / "catalogue" / name), "packshot").facts["face_count"] == 0, name


@pytest.mark.data
def test_a_capture_four_stops_dark_is_lifted(portraits) -> None:
    codes, _ = portraits["mj08-gray_main.jpg"]
    linear = (codes / 255.0) ** 2.2 / 16
    dark = np.rint(np.clip(linear, 0, 1) * 65535).astype(np.uint16)
    picture, tools = frame(dark, space="linear_rec2020")
    (face,) = step.propose(picture, None, {}, tools).facts["faces"]
    assert face["state"] == "open"


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 800, 3), (700, 2, 3), (60, 60, 3)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_empty_frames_show_nobody(shape: tuple[int, ...], value: int) -> None:
    found = look(np.full(shape, value, np.uint8), search="always")
    assert found.facts["face_count"] == 0 and found.facts["eyes"] == "none"
    assert found.reasons[0].code == "no_face"
    json.dumps(dict(found.facts), allow_nan=False)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_hostile_light_shows_nobody(value: float) -> None:
    work = np.full((300, 400, 3), value, np.float32)
    image = Image(work, "linear_rec2020")
    found = step.propose(Picture(image, (400, 300), category="on_model"), None, {}, Lent(image))
    assert found.facts["face_count"] == 0


def test_noise_shows_nobody() -> None:
    assert look(np.random.default_rng(0).integers(0, 256, (500, 700, 3), np.uint8)).facts["face_count"] == 0


@pytest.mark.data
def test_without_models_a_cascade_looks_and_says_so(portraits, looked, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    codes, _ = portraits["mj08-gray_main.jpg"]
    found = look(codes)
    assert found.facts["by"] == "cascade" and found.facts["face_count"] >= 1
    assert found.reasons[0].code == "no_people_models" and found.reasons[0].doubt
    assert "safelight models pull people" in found.reasons[0].text
    assert found.confidence.value < looked["mj08-gray_main.jpg"].confidence.value
    assert all(face["state"] == "cant_tell" for face in found.facts["faces"])
    json.dumps(dict(found.facts), allow_nan=False)


def test_the_runtime_says_nothing_on_the_terminal(capfd) -> None:
    from safelight.models import sessions

    sessions._opened.cache_clear()
    look(np.full((60, 60, 3), 128, np.uint8))
    assert capfd.readouterr() == ("", "")


@pytest.mark.data
def test_facts_hold_nothing_to_know_a_person_by(looked) -> None:
    text = json.dumps(dict(looked["kodim04.png"].facts), allow_nan=False)
    assert len(text) < 1500
    assert not any(word in text for word in ("mesh", "points", "embedding", "vector"))
