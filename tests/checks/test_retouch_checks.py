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


def test_knit_that_repeats_in_the_capture_is_no_clone_mark():
    rng = np.random.default_rng(3)
    tile = cv2.GaussianBlur(rng.normal(size=(60, 60)).astype(np.float32), (0, 0), 1.5) * 60 + 128
    knit = np.clip(np.tile(tile, (6, 6)), 0, 255).astype(np.uint8)
    before = np.repeat(knit[..., None], 3, axis=2)
    assert judged("clone_marks", before)[1]["copied"] > 400
    lighter = np.rint(255 * (before / 255) ** 0.85).astype(np.uint8)
    word, values, _ = judged("clone_marks", lighter, before)
    assert word == "pass"
    assert values["copied"] == 0


def pressed(picture, quality):
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def print_on_paper(side=384):
    """Paper with a soft gradient and some tooth, black print in its middle, uint8."""
    rows, cols = np.mgrid[:side, :side]
    tooth = cv2.GaussianBlur(np.random.default_rng(1).normal(size=(side, side)), (0, 0), 1.5) * 12
    paper = 150 + 80 * rows / side + 12 * np.sin(cols / 20) + tooth
    picture = np.repeat(np.clip(paper, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    for row in range(120, 260, 24):
        cv2.putText(picture, "SAFELIGHT 60 W", (90, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1, cv2.LINE_AA)
    return picture


def test_strong_compression_leaves_blocks_and_ripples_and_mild_does_not():
    before = print_on_paper()
    word, values, evidence = judged("compression", pressed(before, 20), before)
    assert word == "fail"
    assert values["blocking"] > 2.5
    assert values["ringing"] > 1.05
    assert {each.measure for each in evidence} == {"blocking", "ringing"}
    ripples = [each for each in evidence if each.measure == "ringing"]
    assert all(0.1 < (each.box[1] + each.box[3]) / 2 < 0.8 for each in ripples)
    mild, less, none = judged("compression", pressed(before, 95), before)
    assert mild == "pass"
    assert less["ringing"] < values["ringing"] / 4
    assert none == ()


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, 5), (4, 6)])
def test_blocks_are_found_where_a_crop_has_shifted_their_grid(right, down):
    shifted = pressed(print_on_paper(), 20)[down:, right:]
    assert judged("compression", np.ascontiguousarray(shifted))[1]["blocking"] > 2.5


def test_ripples_are_not_guessed_without_the_capture():
    assert set(judged("compression", print_on_paper())[1]) == {"blocking"}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_compression_means_the_same_in_any_bit_depth(dtype):
    top = {np.uint8: 1, np.uint16: 257, np.float32: 1 / 255}[dtype]
    eight = pressed(print_on_paper(), 30)
    given = (eight.astype(np.float64) * top).astype(dtype)
    expected = judged("compression", eight)[1]["blocking"]
    assert judged("compression", given)[1]["blocking"] == pytest.approx(expected, abs=0.3)


def ring(side=384):
    """A dark band with facets and glints on white, uint8."""
    picture = np.full((side, side, 3), 245, np.uint8)
    cv2.circle(picture, (side // 2, side // 2), 110, (70, 72, 75), 40, cv2.LINE_AA)
    rng = np.random.default_rng(5)
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        y, x = side / 2 + 110 * np.sin(angle), side / 2 + 110 * np.cos(angle)
        corners = np.array([x, y]) + rng.uniform(-14, 14, (4, 2))
        cv2.fillPoly(picture, [corners.astype(np.int32)], tuple([int(rng.integers(30, 150))] * 3), cv2.LINE_AA)
        cv2.circle(picture, (int(x), int(y)), 2, (250, 250, 250), -1, cv2.LINE_AA)
    return picture


def test_a_ring_whose_glints_were_taken_away_fails_and_says_where():
    before = ring()
    after = before.copy()
    left = after[:, :192]
    left[:] = np.where(left > 200, cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), left)
    word, values, evidence = judged("speculars", after, before)
    assert word == "fail"
    assert values["highlights_kept"] == pytest.approx(50, abs=15)
    assert values["highlights_invented"] < 3
    assert evidence[0].box[2] < 0.55


def test_glints_that_nobody_photographed_are_told():
    before = ring()
    after = before.copy()
    for x in (60, 80, 100, 120):
        cv2.circle(after, (x + 20, 192), 2, (255, 255, 255), -1, cv2.LINE_AA)
    word, values, evidence = judged("speculars", after, before)
    assert word in ("warn", "fail")
    assert values["highlights_invented"] > 3
    assert values["highlights_kept"] > 95
    assert {each.measure for each in evidence} == {"highlights_invented"}


@pytest.mark.parametrize(
    ("name", "spoiled"),
    [
        ("edges_kept", lambda picture: cv2.GaussianBlur(picture, (0, 0), 1.6)),
        (
            "contrast_kept",
            lambda picture: (0.4 * picture + 0.6 * cv2.GaussianBlur(picture, (0, 0), 9)).astype(np.uint8),
        ),
    ],
)
def test_a_softened_or_flattened_ring_fails(name, spoiled):
    before = ring()
    word, values, evidence = judged("speculars", spoiled(before), before)
    assert word == "fail"
    assert values[name] < 70
    assert name in {each.measure for each in evidence}


@pytest.mark.parametrize("curve", [0.75, 1.0, 1.3])
def test_a_curve_takes_nothing_from_a_ring(curve):
    before = ring()
    after = np.rint(255 * (before / 255) ** curve).astype(np.uint8)
    word, values, _ = judged("speculars", after, before)
    assert word == "pass"
    assert values["highlights_kept"] > 95


def test_a_blank_picture_has_no_highlights_to_lose():
    word, values, _ = judged("speculars", np.full((96, 96, 3), 255, np.uint8), np.full((96, 96, 3), 250, np.uint8))
    assert word == "pass"
    assert set(values) == {"highlights_invented"}
