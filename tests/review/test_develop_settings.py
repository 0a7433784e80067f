"""An edit in other raw converters' words: what maps is exact, what does not is said, nothing is written over."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.media.sidecar import Fields
from safelight.media.sidecar_write import write_fields
from safelight.media.xmp import change_properties
from safelight.plugins import step_named
from safelight.review.develop_settings import CRS, settings_of

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


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_them_beside_stars_and_keywords(tmp_path):
    settings, _ = settings_of(edit_of(exposure={"stops": 0.5}), step_named, SIZE)
    path = tmp_path / "a.xmp"
    once = write_fields(None, Fields(rating=3, keywords=frozenset({"front"})), "a.xmp")
    path.write_bytes(change_properties(once, settings))
    (found,) = json.loads(subprocess.run(["exiftool", "-j", "-n", str(path)], capture_output=True, check=True).stdout)
    assert (found["Exposure2012"], found["Rating"], found["Subject"]) == ("+0.50", 3, "front")
    assert not any("Warning" in each for each in found)
    assert CRS.startswith("http://ns.adobe.com/camera-raw-settings/")
