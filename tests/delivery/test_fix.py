"""`fix`: what would make a file pass, shown to pass; and what can't be met said so."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from safelight.delivery.fix import fix_file, steps_for
from safelight.delivery.foreign import judge_file
from safelight.delivery.packs import load_pack
from safelight.errors import UsageError
from safelight.media.encode import decode_own
from safelight.runs.single import paint_steps
from tests.shoots import jpeg, product


def fix(path, channel, out=None):
    return fix_file(path, channel, out, paint_steps)


def words(path, channel):
    """Verdicts of `check FILE --channel`."""
    return {line["rule"]: line["verdict"] for line in judge_file(path, channel)}


@pytest.fixture(scope="module")
def packshot(tmp_path_factory):
    """A packshot on a gray sweep with a soft shadow: nothing that Amazon takes."""
    path = tmp_path_factory.mktemp("fix") / "SKU1.jpg"
    path.write_bytes(jpeg(product(3, 1500, 1200)))
    return path


@pytest.fixture(scope="module")
def fixed(packshot, tmp_path_factory):
    """What `fix` says of it, and the file it wrote."""
    out = tmp_path_factory.mktemp("fixed") / "SKU1.jpg"
    return fix(packshot, "amazon-main", out), out


def test_a_packshot_on_a_gray_sweep_is_cut_out_framed_and_laid_on_white(packshot, fixed):
    assert words(packshot, "amazon-main")["white-border"] == "fail"
    told, out = fixed
    assert [each["step"] for each in told["steps"]] == ["cutout", "crop_to_spec", "background"]
    assert told["would_pass"] and told["written"] == str(out)
    assert min(each["confidence"] for each in told["steps"]) > 0.5
    assert "fail" not in words(out, "amazon-main").values()
    assert decode_own(out.read_bytes()).pixels[0, 0].tolist() == [255, 255, 255]


def test_without_a_place_nothing_is_written_and_the_result_is_judged_all_the_same(packshot, tmp_path):
    told = fix(packshot, "amazon-main")
    assert (told["passes"], told["would_pass"], told["written"]) == (False, True, "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_small_is_refused_with_the_numbers_and_never_enlarged(tmp_path):
    path = tmp_path / "small.jpg"
    path.write_bytes(jpeg(product(1, 900, 740)))
    told = fix(path, "about-you", tmp_path / "out.jpg")
    assert not told["would_pass"]
    assert told["refused"].startswith("too small: the master gives")
    assert "nothing is enlarged" in told["refused"]
    assert not (tmp_path / "out.jpg").exists()


def test_a_wide_profile_a_wrong_format_and_private_fields_need_no_step(tmp_path):
    exif = Pillow.Exif()
    exif.get_ifd(0x8769)[0xA431] = "0042"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    rng = np.random.default_rng(4)
    Pillow.fromarray(rng.integers(0, 256, (700, 700, 3), np.uint8)).save(out, "WEBP", exif=exif)
    path = tmp_path / "a.webp"
    path.write_bytes(out.getvalue())
    told = fix(path, "etsy", tmp_path / "a.jpg")
    assert told["steps"] == []
    assert told["would_pass"], told
    assert any(each.startswith("without EXIF GPS") for each in told["changes"])
    assert "written as jpeg instead of webp" in told["changes"]
    assert words(tmp_path / "a.jpg", "etsy")["private"] == "pass"


def test_a_file_that_passes_is_left_as_it_is(fixed):
    told = fix(fixed[1], "amazon-main")
    assert (told["passes"], told["steps"], told["changes"]) == (True, [], [])


@pytest.mark.parametrize(
    ("name", "said"), [("a.png", r"must end in \.jpg"), ("there.jpg", "is there; nothing is overwritten")]
)
def test_a_place_that_does_not_serve_is_refused_before_any_work(packshot, tmp_path, name, said):
    (tmp_path / "there.jpg").write_bytes(b"mine")
    with pytest.raises(UsageError, match=said):
        fix(packshot, "amazon-main", tmp_path / name)
    assert (tmp_path / "there.jpg").read_bytes() == b"mine"


def test_bytes_are_reached_by_quality_and_never_by_pixels(tmp_path):
    rng = np.random.default_rng(9)
    path = tmp_path / "noise.png"
    noise = rng.integers(90, 166, (2000, 1500, 3), np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(noise).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())
    told = fix(path, "about-you", tmp_path / "noise.jpg")
    assert not told["would_pass"]
    assert "at quality 85 have" in told["refused"] and "lower longest_px" in told["refused"]


def test_steps_are_proposed_for_what_they_cure_alone():
    pack = load_pack("amazon-main")
    assert steps_for((), pack) == ()
