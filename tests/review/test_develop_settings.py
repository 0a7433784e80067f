"""An edit in other raw converters' words: what maps is exact, what does not is said, nothing is written over."""

from __future__ import annotations

import json
import shutil
import subprocess

import cv2
import pytest

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.media.camera_white import CameraWhite
from safelight.media.sandbox import Decoder
from safelight.media.sidecar import Fields
from safelight.media.sidecar_write import write_fields
from safelight.media.xmp import change_properties
from safelight.plugins import step_named
from safelight.review.develop_settings import CRS, settings_of
from tests.shoots import jpeg, product

SIZE = (6000, 4000)


def edit_of(**steps):
    edit = Edit("ab" * 32)
    for name, given in steps.items():
        step = step_named(name)
        edit = edit.with_step(EditStep(name, step.version, step.params.accept(given, fill=True), Actor("step", name)))
    return edit


def values(edit, size=SIZE):
    found, left = settings_of(edit, step_named, size)
    return {name[1]: each.text for name, each in found.items()}, left


@pytest.mark.parametrize(("stops", "text"), [(0.0, "+0.00"), (0.33, "+0.33"), (-1.5, "-1.50")])
def test_exposure_is_in_stops(stops, text):
    assert values(edit_of(exposure={"stops": stops}))[0]["Exposure2012"] == text


def test_a_crop_inside_the_frame_is_told_in_shares_of_it():
    # A subject from 25 to 75 % across and down, 80 % of a square frame: 2500 px high and wide, centered.
    edit = edit_of(crop_to_spec={"subject": (0.25, 0.25, 0.75, 0.75), "aspect": "3:2", "fill": 0.8, "align": "center"})
    found, left = values(edit)
    assert left == ()
    left_share, right_share = float(found["CropLeft"]), float(found["CropRight"])
    top, bottom = float(found["CropTop"]), float(found["CropBottom"])
    assert left_share + right_share == pytest.approx(1, abs=1e-3)
    assert (right_share - left_share) * 6000 / ((bottom - top) * 4000) == pytest.approx(1.5, abs=0.01)
    assert 0.5 / (right_share - left_share) == pytest.approx(0.8, abs=0.01)
    assert (found["HasCrop"], found["ProcessVersion"]) == ("True", "11.0")


def test_a_frame_beyond_the_original_has_no_words_and_is_said():
    edit = edit_of(crop_to_spec={"subject": (0.02, 0.02, 0.98, 0.98), "aspect": "1:1", "fill": 0.6, "pad": True})
    found, left = values(edit)
    assert "CropLeft" not in found
    assert left == ("no words for a frame that reaches beyond the original",)


def test_a_turned_frame_has_no_words():
    crop = {"subject": (0.3, 0.3, 0.7, 0.7), "straighten_deg": 2.0, "fill": 0.7}
    assert values(edit_of(crop_to_spec=crop))[1] == ("no words for a frame that was turned",)


def test_what_other_converters_cannot_do_is_named():
    assert values(edit_of(cutout={}, background={}, white_balance={}))[1] == (
        "no words for cutout, background, white balance",
    )


# White balance, in kelvin and tint


# A camera as the RAW reader sees it: a matrix of its own, balanced for light a little warmer than daylight.
CAMERA = CameraWhite(
    (1.914, 1.0, 1.75), (2.132, 1.0, 1.469), ((1.533, -0.179, -0.354), (-0.285, 1.679, -0.394), (-0.029, -0.442, 1.471))
)


def balance(camera=CAMERA, **given):
    found, left = settings_of(edit_of(white_balance=given), step_named, SIZE, camera)
    values = {name[1]: each.text for name, each in found.items()}
    return (float(values["Temperature"]), float(values["Tint"])) if "Temperature" in values else left


def test_the_balance_of_the_shot_is_the_light_that_the_camera_took_it_for():
    daylight = CameraWhite(CAMERA.daylight, CAMERA.daylight, CAMERA.to_srgb)
    assert balance(daylight) == (pytest.approx(6504, abs=5), pytest.approx(10, abs=1))
    assert balance()[0] == pytest.approx(5023, abs=15)


def test_a_warmer_picture_is_told_as_bluer_light_and_a_greener_one_as_more_magenta_light():
    kelvin, tint = balance()
    assert balance(red=0.3, blue=-0.3)[0] > kelvin + 300 > kelvin - 300 > balance(red=-0.3, blue=0.3)[0]
    assert balance(red=-0.2, blue=-0.2)[1] < tint < balance(red=0.2, blue=0.2)[1]


def test_half_the_strength_is_half_the_correction():
    assert balance(red=0.4, blue=-0.2, strength=0.5) == balance(red=0.2, blue=-0.1)


@pytest.mark.parametrize(("camera", "given"), [(None, {}), (CAMERA, {"red": 2.0, "blue": -2.0})])
def test_a_finished_file_or_light_beyond_what_converters_take_has_no_words(camera, given):
    assert balance(camera, **given) == ("no words for white balance",)


def test_adobes_own_reading_of_a_shots_light_is_ours(shared_data):
    # Camera Raw wrote into this file what it took the light for: 6200 K, tint -1.
    path = shared_data / "raw" / "canon_eos_6d_lossy_linear.dng"
    with Decoder(threads=1) as decoder:
        kelvin, tint = balance(decoder.camera_white(path))
    assert kelvin == pytest.approx(6200, abs=50)
    assert tint == pytest.approx(-1, abs=1)


def test_a_jpeg_says_nothing_of_its_cameras_white(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(product()))
    with Decoder(threads=1) as decoder:
        assert decoder.camera_white(path) is None


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("darktable-cli") is None, reason="darktable is not installed")
def test_darktable_reads_crop_and_exposure_from_our_sidecar(tmp_path, shared_data):
    original = shared_data / "raw" / "canon_eos_6d_lossy_linear.dng"
    with Decoder(threads=1) as decoder:
        size = decoder.probe(original).size
    crop = {"subject": (0.25, 0.25, 0.75, 0.75), "aspect": "3:2", "fill": 0.8, "align": "center"}

    def developed(stops):
        folder = tmp_path / f"{stops}"
        folder.mkdir()
        shutil.copy(original, folder / "a.dng")
        settings, _ = settings_of(edit_of(exposure={"stops": stops}, crop_to_spec=crop), step_named, size)
        data = change_properties(write_fields(None, Fields(rating=3), "a.xmp"), settings)
        (folder / "a.xmp").write_bytes(data)
        words = [str(folder / "a.dng"), str(folder / "a.png"), "--hq", "false"]
        core = ["--core", "--configdir", str(folder / "c"), "--library", ":memory:", "--disable-opencl"]
        subprocess.run(["darktable-cli", *words, *core], check=True, capture_output=True, timeout=250)
        return cv2.imread(str(folder / "a.png"))

    plain, bright = developed(-1.0), developed(1.0)
    settings, _ = values(edit_of(crop_to_spec=crop), size)
    width = (float(settings["CropRight"]) - float(settings["CropLeft"])) * size[0]
    height = (float(settings["CropBottom"]) - float(settings["CropTop"])) * size[1]
    assert plain.shape[:2] == (pytest.approx(height, abs=2), pytest.approx(width, abs=2))
    assert bright.mean() > 1.5 * plain.mean()


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_them_beside_stars_and_keywords(tmp_path):
    settings, _ = settings_of(edit_of(exposure={"stops": 0.5}, white_balance={}), step_named, SIZE, CAMERA)
    path = tmp_path / "a.xmp"
    once = write_fields(None, Fields(rating=3, keywords=frozenset({"front"})), "a.xmp")
    path.write_bytes(change_properties(once, settings))
    (found,) = json.loads(subprocess.run(["exiftool", "-j", "-n", str(path)], capture_output=True, check=True).stdout)
    assert (found["Exposure2012"], found["Rating"], found["Subject"]) == ("+0.50", 3, "front")
    assert (found["WhiteBalance"], found["ColorTemperature"]) == ("Custom", pytest.approx(5023, abs=15))
    assert not any("Warning" in each for each in found)
    assert CRS.startswith("http://ns.adobe.com/camera-raw-settings/")
