"""Checks of retouching: what was smoothed, moved, copied, or changed outside its mask, and what was not."""

import cv2
import numpy as np
import pytest

from safelight.core.check import FileFacts, Subject, judge
from safelight.core.image import Image
from safelight.errors import UnreadableError
from safelight.plugins import check_named


def texture(side=480, seed=0):
    """Skin color on the left, gray cloth on the right, both with texture over grain, and shapes, uint8."""
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.normal(size=(side, side)).astype(np.float32), (0, 0), 1.0) * 22
    picture = np.full((side, side, 3), (205, 160, 135), np.float32)
    picture[:, side // 2 :] = (120, 122, 125)
    for x, y in rng.integers(30, side - 30, (25, 2)):
        cv2.circle(picture, (int(x), int(y)), 9, tuple(float(e) for e in rng.uniform(80, 200, 1).repeat(3)), 2)
    noise = rng.normal(size=picture.shape).astype(np.float32)
    return np.clip(np.rint(picture + fine[..., None] + noise), 0, 255).astype(np.uint8)


def judged(name, after, before=None, file=None, **expected):
    check = check_named(name)
    original = None if before is None else Image(before, "srgb")
    findings = check.measure(Subject(Image(after, "srgb"), original, None, file, expected))
    values = {each.name: each.value for each in findings.measures}
    return judge(check, findings).word, values, findings.evidence


def png(mask):
    return cv2.imencode(".png", mask)[1].tobytes()


def test_smoothed_skin_is_told_apart_from_cloth():
    before = texture()
    after = before.copy()
    after[:, :240] = cv2.GaussianBlur(before, (0, 0), 1.4)[:, :240]
    word, values, evidence = judged("over_smoothing", after, before)
    assert word == "fail"
    assert values["skin_kept"] < 50
    assert values["other_kept"] > 85
    assert evidence[0].measure == "skin_kept"
    assert evidence[0].box[2] <= 0.62


@pytest.mark.parametrize("curve", [0.8, 1.0, 1.3])
def test_a_curve_smooths_nothing(curve):
    before = texture()
    after = np.rint(255 * (before / 255) ** curve).astype(np.uint8)
    word, values, evidence = judged("over_smoothing", after, before)
    assert word == "pass"
    assert min(values.values()) > 80
    assert evidence == ()


def test_a_pushed_part_is_found_where_it_is():
    before = texture()
    rows, cols = np.mgrid[:480, :480].astype(np.float32)
    push = 6 * np.exp(-((rows - 120) ** 2 + (cols - 360) ** 2) / (2 * 45**2)).astype(np.float32)
    after = cv2.remap(before, cols + push, rows, cv2.INTER_CUBIC)
    word, values, evidence = judged("warp", after, before)
    assert word == "fail"
    assert values["moved"] == pytest.approx(1000 * 6 / 480, rel=0.35)
    x0, y0, x1, y1 = evidence[0].box
    assert x0 < 0.75 < x1
    assert y0 < 0.25 < y1


def test_a_frame_that_moved_as_a_whole_is_not_warped():
    before = texture()
    assert judged("warp", np.roll(before, 3, axis=1), before)[0] == "pass"
    assert judged("warp", before, before)[1]["moved"] < 0.5


def test_a_copy_is_found_and_what_repeats_by_itself_is_not():
    before = texture()
    after = before.copy()
    after[301:381, 33:113] = before[50:130, 340:420]
    word, values, evidence = judged("clone_marks", after, before)
    assert word == "fail"
    assert values["copied"] > 1000
    assert evidence
    assert judged("clone_marks", before, before)[0] == "pass"
    assert judged("clone_marks", after, after)[0] == "pass"


def test_a_lossless_file_may_not_change_by_one_level_outside_its_mask():
    before, mask = texture(), np.zeros((480, 480), np.uint8)
    mask[100:140, 100:140] = 255
    after = before.copy()
    after[100:140, 100:140] = 128
    assert judged("outside_mask", after, before, repair_mask=png(mask))[1]["largest"] == 0
    after[300, 300] = before[300, 300] + np.uint8(3)
    word, values, evidence = judged("outside_mask", after, before, repair_mask=png(mask))
    assert (word, values["largest"], values["spread"]) == ("warn", 3.0, 0.0)
    x0, y0, x1, y1 = evidence[0].box
    assert x0 <= 300 / 480 <= x1
    assert y0 <= 300 / 480 <= y1


def test_a_jpeg_says_how_far_it_spreads():
    before, mask = texture(), np.zeros((480, 480), np.uint8)
    mask[100:140, 100:140] = 255
    after = before.copy()
    after[100:140, 100:140] = 128
    facts = FileFacts("a.jpg", "jpeg", 1, 480, 480, 8, 3, "srgb", profile_embedded=True)
    assert judged("outside_mask", after, before, facts, repair_mask=png(mask))[1]["spread"] == 32


def test_a_recolored_frame_is_said_to_be_one():
    before = texture()
    word, values, _ = judged("outside_mask", before // 2, before, repair_mask=png(np.zeros((480, 480), np.uint8)))
    assert (word, values["largest"]) == ("warn", None)


def test_a_mask_that_is_no_picture_is_refused():
    with pytest.raises(UnreadableError, match="gray PNG"):
        judged("outside_mask", texture(), texture(), repair_mask=b"no")


@pytest.mark.parametrize("name", ["over_smoothing", "warp", "outside_mask"])
def test_without_an_original_there_is_nothing_to_say(name):
    assert judged(name, texture())[1] == {}
