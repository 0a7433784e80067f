import csv

import cv2
import numpy as np
import pytest

from safelight.checks.clipping import check
from tests.checks.targets import judged, packshot, seen


def test_a_sound_packshot_passes_although_its_backdrop_is_pure_white():
    picture, alpha = packshot()
    for subject in (seen(picture, alpha=alpha), seen(picture)):
        verdict, values, evidence = judged(check, subject)
        assert verdict.word == "pass"
        assert values["blown"] == 0
        assert evidence == ()


def test_the_share_is_of_the_subject_and_by_channel():
    picture, alpha = packshot()
    subject = alpha > 0.5
    rows = np.flatnonzero(subject.any(axis=1))
    picture[rows[0] + 5 : rows[0] + 75, :, 0][subject[rows[0] + 5 : rows[0] + 75]] = 255
    verdict, values, _ = judged(check, seen(picture, alpha=alpha))
    assert values["high_red"] == pytest.approx(100 * 70 / len(rows), abs=0.5)
    assert values["high_green"] == 0
    assert verdict.word == "warn"


def test_a_blown_patch_fails_and_is_boxed():
    picture, alpha = packshot()
    picture[200:260, 150:210] = 255
    verdict, values, evidence = judged(check, seen(picture, alpha=alpha))
    assert verdict.word == "fail"
    assert values["blown"] == pytest.approx(100 * 3600 / (alpha > 0.5).sum(), rel=0.01)
    assert values["largest_area"] == pytest.approx(values["blown"], rel=0.05)
    x0, y0, x1, y1 = next(each for each in evidence if each.measure == "blown").box
    assert 0.35 < x0 < 150 / 400
    assert 210 / 400 < x1 < 0.55
    assert y0 < 200 / 500
    assert y1 > 260 / 500


def test_crushed_shadows_fail():
    picture, alpha = packshot()
    picture[200:300, 150:250] = 0
    verdict, values, _ = judged(check, seen(picture, alpha=alpha))
    assert verdict.word == "fail"
    assert values["crushed"] > 6


def test_only_what_the_edit_clipped_counts_as_new():
    before, alpha = packshot()
    before[100:140, 150:200] = 255
    after = before.copy()
    after[300:340, 150:200] = 255
    _, values, evidence = judged(check, seen(after, original=before, alpha=alpha))
    assert values["new_high"] == pytest.approx(100 * 2000 / (alpha > 0.5).sum(), rel=0.01)
    assert values["new_low"] == 0
    box = next(each for each in evidence if each.measure == "new_high").box
    assert box[1] > 0.55


def test_nothing_is_new_in_an_unchanged_picture():
    picture, alpha = packshot()
    picture[100:140, 150:200] = 255
    _, values, _ = judged(check, seen(picture, original=picture, alpha=alpha))
    assert values["new_high"] == values["new_low"] == 0


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_depth_does_not_change_the_measure(dtype):
    picture, alpha = packshot()
    picture[200:260, 150:210] = 255
    deep = picture.astype(np.uint16) * 257 if dtype == np.uint16 else (picture / 255).astype(np.float32)
    assert judged(check, seen(deep, alpha=alpha))[1] == pytest.approx(judged(check, seen(picture, alpha=alpha))[1])


def test_white_seen_through_a_handle_is_backdrop():
    picture, _ = packshot(fill=0.8)
    picture[200:300, 150:250] = 255
    _, values, _ = judged(check, seen(picture))
    assert values["blown"] < 0.2


def test_an_empty_matte_is_not_known():
    picture, alpha = packshot()
    verdict, _, _ = judged(check, seen(picture, alpha=np.zeros_like(alpha)))
    assert verdict.word == "warn"
    assert verdict.judged[0].measure.why == "no subject found"


def test_no_evidence_ever_covers_the_frame():
    white = np.full((300, 300, 3), 255, np.uint8)
    verdict, _, evidence = judged(check, seen(white, alpha=np.ones((300, 300), np.float32)))
    assert verdict.word == "fail"
    assert evidence


@pytest.mark.data
def test_overexposed_catalogue_pictures_do_not_pass(shared_data):
    folder = shared_data / "wb-exposure" / "product"
    rows = csv.DictReader((folder / "truth.csv").read_text().splitlines())
    names = [row["file"] for row in rows if float(row["ev"]) > 0]
    words = [judged(check, seen(cv2.imread(str(folder / name))[..., ::-1]))[0].word for name in names]
    assert len(words) >= 5
    assert sum(word != "pass" for word in words) >= len(words) - 1


@pytest.mark.data
@pytest.mark.slow
def test_catalogue_pictures_rarely_alarm(shared_data):
    paths = sorted((shared_data / "ecommerce" / "catalogue").glob("*.jpg"))
    words = [judged(check, seen(cv2.imread(str(path))[..., ::-1]))[0].word for path in paths]
    assert words.count("pass") >= 0.9 * len(words)
    assert words.count("fail") <= 1
