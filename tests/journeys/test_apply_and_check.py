"""One step, or all checks, on one file; no store needed."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.journeys.cli import lines, safelight
from tests.shoots import jpeg, product


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("single")
    (place / "in.jpg").write_bytes(jpeg(product(3)))
    Pillow.fromarray(product(3)).save(place / "in.png")
    return place


def opened(path):
    return np.asarray(Pillow.open(io.BytesIO(path.read_bytes())))


def test_an_exposure_of_zero_returns_the_picture_within_one_code_value(folder):
    safelight("apply", "exposure", "in.png", "-o", "same.png", "--set", "stops=0", folder=folder)
    difference = np.abs(opened(folder / "same.png").astype(int) - opened(folder / "in.png").astype(int))
    assert difference.max() <= 1


def test_one_stop_doubles_the_light(folder):
    told = safelight("apply", "exposure", "in.png", "-o", "up.png", "--set", "stops=-1", "--json", folder=folder)
    assert json.loads(told.stdout)["params"]["stops"] == -1.0
    before, after = opened(folder / "in.png")[400, 550] / 255, opened(folder / "up.png")[400, 550] / 255
    light = lambda code: np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)  # noqa: E731
    assert light(after) == pytest.approx(light(before) / 2, rel=0.05, abs=0.004)


def test_a_cutout_is_straight_rgba_at_the_size_of_the_picture(folder):
    safelight("apply", "cutout", "in.jpg", "-o", "cut.png", folder=folder)
    cut = opened(folder / "cut.png")
    assert cut.shape == (900, 1100, 4)
    assert cut[5, 5, 3] == 0 and cut[500, 550, 3] == 255


def test_a_cutout_into_a_jpeg_is_refused_with_the_way_out(folder):
    refused = safelight("apply", "cutout", "in.jpg", "-o", "cut.jpg", folder=folder, code=2)
    assert "can't hold the alpha of a cut-out; write .png, .tif or .webp" in refused.stderr


def test_words_that_do_not_fit_are_refused(folder):
    assert (
        "no step called 'cutuot'; installed:"
        in safelight("apply", "cutuot", "in.jpg", "-o", "x.png", folder=folder, code=2).stderr
    )
    assert (
        "exposure.stops is"
        in safelight("apply", "exposure", "in.jpg", "-o", "x.png", "--set", "stops=9", folder=folder, code=2).stderr
    )
    safelight("apply", "exposure", "nothing.jpg", "-o", "x.png", folder=folder, code=3)


def test_a_packshot_on_white_passes_the_channel_and_a_gray_one_fails_with_its_place(folder):
    pixels = np.full((1200, 1200, 3), 255, np.uint8)
    pixels[80:1120, 80:1120] = np.random.default_rng(1).integers(40, 200, (1040, 1040, 3), dtype=np.uint8)
    (folder / "white.jpg").write_bytes(jpeg(pixels, quality=95))
    pixels[:60] = 246
    (folder / "gray.jpg").write_bytes(jpeg(pixels, quality=95))
    told = lines(safelight("check", "gray.jpg", "--channel", "amazon-main", "--json", folder=folder, code=1))
    failed = [each["rule"] for each in told if each["verdict"] == "fail"]
    assert any(each.startswith("white") for each in failed)
    assert any(each["evidence"] for each in told if each["verdict"] == "fail")


def test_a_file_that_is_no_picture_ends_with_3(folder):
    (folder / "words.jpg").write_text("no light here")
    assert "words.jpg" in safelight("check", "words.jpg", folder=folder, code=3).stderr


def test_a_picture_is_judged_beside_its_original_even_when_cropped(folder):
    whole = Pillow.open(folder / "in.jpg")
    whole.crop((200, 120, 950, 860)).save(folder / "crop.jpg", quality=95, subsampling=0)
    told = lines(safelight("check", "crop.jpg", "--against", "in.jpg", "--json", folder=folder, code=0))
    assert "registration" not in {each["check"] for each in told}
    other = lines(safelight("check", "white.jpg", "--against", "in.jpg", "--json", folder=folder, code=0))
    assert "registration" in {each["check"] for each in other}


@pytest.mark.parametrize("kind", ["jpg", "tif", "psd", "svg"])
def test_a_clipping_path_is_written_into_what_prepress_takes(folder, kind):
    told = json.loads(safelight("path", "in.jpg", "-o", f"path.{kind}", "--json", folder=folder).stdout)
    data = (folder / f"path.{kind}").read_bytes()
    assert 4 <= told["knots"] < 400 and told["subpaths"] >= 1
    assert all(0 <= each <= 1 for place in told["places"] for each in place["box"])
    assert (b"<path id=" in data) if kind == "svg" else (b"8BIM\x0b\xb7" in data and b"\x06Path 1" in data)


def test_a_path_for_a_png_is_refused_with_what_takes_one(folder):
    done = safelight("path", "in.jpg", "-o", "path.png", folder=folder, code=2)
    assert "a path goes into one of .jpg, .jpeg, .tif, .tiff, .psd, .svg" in done.stderr


def test_a_spot_is_healed_by_a_command(folder):
    told = lines(
        safelight("apply", "heal", "in.png", "-o", "healed.png", "--set", "spots=0.1 0.1 5", "--json", folder=folder)
    )[0]
    assert "1 spot healed from beside" in told["reasons"][-1]
    changed = (opened(folder / "healed.png").astype(int) != opened(folder / "in.png")).any(axis=2)
    height, width = changed.shape
    rows, cols = np.nonzero(changed)
    assert np.hypot(rows + 0.5 - 0.1 * height, cols + 0.5 - 0.1 * width).max(initial=0) <= 5


def test_a_heal_is_proven_to_have_changed_nothing_outside_its_mask(folder):
    safelight("apply", "heal", "in.png", "-o", "proven.png", "--set", "spots=0.1 0.1 5", folder=folder)
    height, width = opened(folder / "in.png").shape[:2]
    rows, cols = np.mgrid[:height, :width] + 0.5
    mask = np.where(np.hypot(rows - 0.1 * height, cols - 0.1 * width) <= 5, 255, 0).astype(np.uint8)
    Pillow.fromarray(mask).save(folder / "mask.png")
    words = ("check", "proven.png", "--against", "in.png", "--mask", "mask.png", "--json")
    told = {each["check"]: each for each in lines(safelight(*words, folder=folder))}
    [largest] = [each for each in told["outside_mask"]["measures"] if each["name"] == "largest"]
    assert (largest["value"], largest["verdict"]) == (0.0, "pass")
    assert told["warp"]["verdict"] == told["clone_marks"]["verdict"] == "pass"
    refused = safelight("check", "proven.png", "--mask", "mask.png", folder=folder, code=2)
    assert "add --against ORIGINAL" in refused.stderr.replace("\n", " ").replace("│", "")
