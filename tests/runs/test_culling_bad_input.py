"""What cameras and disks do to a cull: each handled, or set aside with a reason."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from safelight.errors import MediaError
from safelight.runs.intake import glance, take_in
from safelight.runs.sort import FACTS_STEPS, name_frames, similar_frames, sort_frames
from safelight.runs.task import IntakeTask, Sizes
from safelight.store import Store
from safelight.store.originals import Reference
from safelight.workflows.shot_list import NO_SHOTS
from tests.media.dng import gray_card, make_dng, with_preview
from tests.shoots import jpeg, product

from .test_sort import GUIDE

STEPS = tuple(each for each in FACTS_STEPS if each != "people")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("store") / "s"
    with Store.create(root):
        return str(root)


@pytest.fixture(scope="module")
def sharp():
    return product(seed=3, width=1200, height=900)


def task(path, store):
    known = path.stat()
    reference = Reference(str(path), known.st_size, known.st_mtime_ns, "")
    return IntakeTask(reference, STEPS, store, Sizes(1600, 1600, 320), cull_only=True)


def taken_in(folder, name, data, store):
    path = folder / name
    path.write_bytes(data)
    found = take_in(task(path, store))
    json.dumps(found, allow_nan=False)
    return found


def classed(found):
    named = name_frames(found, GUIDE, NO_SHOTS)
    groups = similar_frames(found, named, GUIDE.culling)
    return {each.path: each for each in sort_frames(found, named, groups, GUIDE)}


def without_exif(pixels):
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "JPEG", quality=92)
    return out.getvalue()


def test_frames_without_a_time_are_culled_and_grouped(tmp_path, store, sharp):
    found = {
        name: taken_in(tmp_path, name, without_exif(np.roll(sharp, shift, axis=1)), store)
        for name, shift in (("a.jpg", 0), ("b.jpg", 3))
    }
    told = classed(found)
    assert sorted(each.cull for each in told.values()) == ["alternate", "pick"]
    assert told["a.jpg"].group == told["b.jpg"].group != ""


@pytest.mark.parametrize("second", ["2026:03:01 10:00:02", "2031:01:01 00:00:00", "0000:00:00 00:00:00"])
def test_a_clock_that_jumps_changes_groups_and_nothing_else(tmp_path, store, sharp, second):
    first = taken_in(tmp_path, "a.jpg", jpeg(sharp, taken="2026:03:01 10:00:00"), store)
    other = taken_in(tmp_path, "b.jpg", jpeg(np.roll(sharp, 3, axis=1), taken=second), store)
    told = classed({"a.jpg": first, "b.jpg": other})
    together = told["a.jpg"].group != "" and told["a.jpg"].group == told["b.jpg"].group
    assert together == (not second.startswith("2031"))
    assert all(each.cull in ("pick", "alternate") for each in told.values())


def test_two_cameras_in_one_shoot_are_one_shoot(tmp_path, store, sharp):
    found = {
        f"{model}.jpg": taken_in(tmp_path, f"{model}.jpg", jpeg(np.roll(sharp, n, axis=1), model=model), store)
        for n, model in enumerate(("One", "Two"))
    }
    told = classed(found)
    assert {each["capture"]["model"] for each in found.values()} == {"One", "Two"}
    assert told["One.jpg"].group == told["Two.jpg"].group != ""


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_or_mirrored_frame_measures_as_it_stands_upright(tmp_path, store, sharp, orientation):
    exif = Pillow.Exif()
    exif[274] = orientation
    out = io.BytesIO()
    Pillow.fromarray(sharp).save(out, "JPEG", quality=95, exif=exif, subsampling=0)
    plain = io.BytesIO()
    Pillow.fromarray(sharp).save(plain, "JPEG", quality=95, subsampling=0)
    turned = taken_in(tmp_path, "turned.jpg", out.getvalue(), store)
    upright = taken_in(tmp_path, "upright.jpg", plain.getvalue(), store)
    assert (turned["width"], turned["height"]) == ((900, 1200) if orientation >= 5 else (1200, 900))
    one, other = (each["facts"]["focus"]["facts"]["blur_px"] for each in (turned, upright))
    assert one == pytest.approx(other, abs=0.12)


def test_a_mirrored_frame_is_no_duplicate_of_the_other(tmp_path, store, sharp):
    found = {
        "a.jpg": taken_in(tmp_path, "a.jpg", without_exif(sharp), store),
        "b.jpg": taken_in(tmp_path, "b.jpg", without_exif(np.ascontiguousarray(np.roll(sharp, 90, 1)[:, ::-1])), store),
    }
    assert all(each.cull == "pick" for each in classed(found).values())


def test_a_panorama_is_culled_at_100_percent(tmp_path, store, sharp):
    wide = np.ascontiguousarray(np.tile(sharp[300:600], (1, 10, 1)))
    found = taken_in(tmp_path, "wide.jpg", without_exif(wide), store)
    assert (found["width"], found["height"]) == (12_000, 300)
    assert found["facts"]["focus"]["facts"]["kind"] == "sharp"


def test_one_pixel_is_rejected_with_its_size(tmp_path, store):
    out = io.BytesIO()
    Pillow.fromarray(np.full((1, 1, 3), 128, np.uint8)).save(out, "PNG")
    (told,) = classed({"dot.png": taken_in(tmp_path, "dot.png", out.getvalue(), store)}).values()
    assert told.cull == "reject"
    assert told.reasons[0].startswith("1 x 1 px is below the 500 px")


@pytest.mark.slow
def test_three_hundred_megapixels_are_culled_and_one_more_is_refused(tmp_path, store):
    good = tmp_path / "large.png"
    Pillow.new("L", (20_000, 15_000), 128).save(good)
    found = take_in(task(good, store))
    assert (found["width"], found["height"]) == (20_000, 15_000)
    large = tmp_path / "larger.png"
    Pillow.new("L", (20_001, 15_000), 128).save(large)
    with pytest.raises(MediaError, match=r"larger\.png .*300"):
        take_in(task(large, store))


# RAWs by their previews


def test_a_raw_is_culled_by_its_own_full_size_preview(tmp_path, store, sharp):
    found = taken_in(tmp_path, "a.dng", with_preview(without_exif(sharp)), store)
    assert found["by"] == "preview"
    assert found["scene_referred"]
    assert found["facts"]["focus"]["facts"]["kind"] == "sharp"


def test_a_preview_too_small_to_tell_focus_says_so(tmp_path, store, sharp):
    small = without_exif(np.ascontiguousarray(sharp[::2, ::2]))
    found = taken_in(tmp_path, "a.dng", with_preview(small, sensor=(1200, 900)), store)
    focus = found["facts"]["focus"]
    assert focus["facts"]["kind"] == "cant_tell"
    assert focus["reasons"][0]["text"] == "only a preview of 600 px was looked at, 2.0 times smaller than the picture"


@pytest.mark.parametrize("damage", ["cut", "first strip", "none"])
def test_a_preview_that_does_not_hold_is_not_believed(tmp_path, store, sharp, damage):
    whole = without_exif(sharp)
    if damage == "cut":
        data = with_preview(whole).replace(whole, whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    elif damage == "first strip":
        data = with_preview(without_exif(sharp[:100]), sensor=(1200, 900))
    else:
        data = make_dng(gray_card(0.4, 640))
    found = taken_in(tmp_path, "a.dng", data, store)
    assert found["by"] == "original"
    assert found["scene_referred"]


# The first screen


def test_a_first_glance_is_a_thumbnail_and_nothing_more(tmp_path, store, sharp):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(sharp))
    with Pillow.open(io.BytesIO(glance(task(path, store)))) as seen:
        assert seen.size == (320, 240)


def test_a_glance_at_a_file_that_is_no_picture_is_refused_like_the_measuring(tmp_path, store):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"%PDF-1.4 not a picture")
    with pytest.raises(MediaError):
        glance(task(path, store))


def test_a_cull_measures_less_than_a_run(tmp_path, store, sharp):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(sharp))
    asked = task(path, store)
    culled, run = (take_in(each)["facts"]["metering"]["facts"] for each in (asked, replace(asked, cull_only=False)))
    assert set(culled["neutral_gains"]) <= {"backdrop"} < set(run["neutral_gains"])
    assert culled["percentiles_stops"] == run["percentiles_stops"]
    assert culled["mixed_light_deg"] == run["mixed_light_deg"]
