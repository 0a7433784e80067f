import csv

import cv2
import numpy as np
import pytest

from safelight.checks.sharpness import check
from tests.checks.targets import disks, judged, packshot, seen


def test_a_sharp_target_passes_without_evidence():
    verdict, values, evidence = judged(check, seen(disks(0.6)))
    assert verdict.word == "pass"
    assert values["blur"] < 0.8
    assert evidence == ()


@pytest.mark.parametrize(
    ("blur_px", "word", "across"), [(1.0, "pass", 4), (2.0, "fail", 4), (4.0, "fail", 2), (9.0, "fail", 1)]
)
def test_blur_is_judged_in_px(blur_px, word, across):
    verdict, values, evidence = judged(check, seen(disks(blur_px, across=across)))
    assert verdict.word == word
    assert values["blur"] == pytest.approx(blur_px, rel=0.15)
    assert bool(evidence) == (word != "pass")


def test_motion_blur_is_found_although_edges_along_it_stay_sharp():
    shaken = cv2.blur(disks(0.6), (9, 1))
    verdict, values, _ = judged(check, seen(shaken))
    assert verdict.word == "fail"
    assert values["blur"] > 2


def test_the_place_is_where_the_edges_are_and_never_the_whole_frame():
    picture = np.full((640, 640, 3), 60, np.uint8)
    picture[:320, :320] = disks(3.0)[:320, :320]
    _, _, evidence = judged(check, seen(picture))
    (x0, y0, x1, y1) = next(each for each in evidence if each.measure == "blur").box
    assert x1 <= 0.55
    assert y1 <= 0.55
    assert (x1 - x0) * (y1 - y0) < 0.1


def test_a_flat_picture_is_not_known_and_says_why():
    flat = np.full((300, 300, 3), 120, np.uint8)
    flat[100:200, 100:200] = 125
    verdict, values, evidence = judged(check, seen(flat, alpha=np.ones((300, 300), np.float32)))
    assert verdict.word == "warn"
    assert values == {"blur": None}
    assert "no clear edges" in verdict.judged[0].measure.why
    assert evidence == ()


def test_a_subject_of_20_px_is_too_small_and_says_so():
    alpha = np.zeros((300, 300), np.float32)
    alpha[100:120, 100:120] = 1
    verdict, _, _ = judged(check, seen(np.full((300, 300, 3), 120, np.uint8), alpha=alpha))
    assert verdict.judged[0].measure.why == "the subject is 20 × 20 px; blur needs at least 48 px"


def test_blur_of_1_px_added_by_the_work_is_found():
    before = disks(0.8)
    after = cv2.GaussianBlur(before, (0, 0), 1.0)
    verdict, values, evidence = judged(check, seen(after, original=before))
    assert values["added_blur"] == pytest.approx(1.0, abs=0.12)
    assert verdict.word == "fail"
    assert {each.measure for each in evidence} == {"added_blur"}


def test_over_sharpening_is_found_and_mild_sharpening_is_not():
    before = disks(0.8)

    def sharpened(amount, radius):
        soft = cv2.GaussianBlur(before.astype(np.float32), (0, 0), radius)
        return np.clip(np.rint(before + amount * (before - soft)), 0, 255).astype(np.uint8)

    mild, _, nothing = judged(check, seen(sharpened(0.5, 0.6), original=before))
    hard, values, evidence = judged(check, seen(sharpened(2.0, 2.0), original=before))
    assert mild.word == "pass"
    assert nothing == ()
    assert hard.word == "fail"
    assert values["added_overshoot"] > 18
    assert any(each.measure == "added_overshoot" for each in evidence)


def test_an_unchanged_picture_adds_nothing():
    picture = disks(1.0)
    _, values, _ = judged(check, seen(picture, original=picture))
    assert values["added_blur"] == 0
    assert values["added_overshoot"] == 0


def test_a_capture_in_linear_float_is_compared_too():
    before = disks(0.8)
    linear = ((before / 255.0) ** 2.2).astype(np.float32)
    from safelight.core.image import Image

    _, values, _ = judged(check, seen(before, original=Image(linear, "linear_rec2020")))
    assert values["added_blur"] < 0.1


def test_the_subject_and_not_its_crisp_matte_is_judged():
    """A soft product behind a sharp contour is soft."""
    picture, alpha = packshot(width=600, height=700)
    soft = cv2.GaussianBlur(picture, (0, 0), 2.5)
    cutout = np.rint(alpha[..., None] * soft + (1 - alpha[..., None]) * 255).astype(np.uint8)
    verdict, values, _ = judged(check, seen(cutout, alpha=alpha))
    assert verdict.word == "fail"
    assert values["blur"] > 2


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_depth_does_not_change_the_measure(dtype):
    picture = disks(1.0)
    deep = picture.astype(np.uint16) * 257 if dtype == np.uint16 else (picture / 255).astype(np.float32)
    _, values, _ = judged(check, seen(picture))
    _, same, _ = judged(check, seen(deep))
    assert same["blur"] == pytest.approx(values["blur"], abs=0.01)


@pytest.mark.data
def test_real_blur_is_found_from_defocus_radius_3_and_motion_9(shared_data):
    found = {}
    for row in csv.DictReader((shared_data / "blur" / "truth.csv").read_text().splitlines()):
        picture = cv2.imread(str(shared_data / "blur" / row["file"]))[..., ::-1]
        found[row["file"]] = judged(check, seen(picture))[0].word
    strong = [word for name, word in found.items() if "defocus_1.5" not in name]
    assert len(strong) == 8
    assert set(strong) == {"fail"}


@pytest.mark.data
@pytest.mark.slow
def test_sharp_catalogue_pictures_raise_no_alarm(shared_data):
    paths = sorted((shared_data / "ecommerce" / "catalogue").glob("*.jpg"))
    words = [judged(check, seen(cv2.imread(str(path))[..., ::-1]))[0].word for path in paths]
    assert words.count("pass") >= len(paths) - 1
    assert "fail" not in words
