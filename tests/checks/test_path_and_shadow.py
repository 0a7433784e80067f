"""path_deviation, holes and shadow_consistency: clean pictures pass, planted defects are found where they are."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from safelight.core.check import Subject, judge
from safelight.core.image import Image
from safelight.pixels.matte.bezier import fit_path, flatten_path
from safelight.pixels.matte.contour import trace_contours
from safelight.plugins import check_named
from tests.shoots import encode, product

SIZE = 600, 800


def shape(kind="vase", size=SIZE, soft=0.0):
    """A matte drawn four times as large and shrunk: (H, W) float32."""
    height, width = size
    big = np.zeros((height * 4, width * 4), np.uint8)
    if kind == "vase":
        cv2.ellipse(big, (2 * width, 2 * height), (int(width * 0.9), int(height * 1.3)), 0, 0, 360, 255, -1)
        cv2.rectangle(big, (int(1.7 * width), int(0.3 * height)), (int(2.3 * width), 2 * height), 255, -1)
    else:
        cv2.rectangle(big, (width, height), (3 * width, 3 * height), 255, -1)
    alpha = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cv2.GaussianBlur(alpha, (0, 0), soft) if soft else alpha


def rings_of(alpha):
    return [ring / np.array(alpha.shape[::-1]) for ring in flatten_path(fit_path(trace_contours(alpha)))]


def judged(name, subject):
    check = check_named(name)
    found = check.measure(subject)
    return judge(check, found), {each.name: each.value for each in found.measures}, found.evidence


def plain(alpha, color=0.3):
    light = np.full((*alpha.shape, 3), 1.0, np.float32) * (1 - alpha[..., None]) + color * alpha[..., None]
    return Image(encode(light), "srgb")


# path_deviation


@pytest.mark.parametrize("kind", ["vase", "box"])
@pytest.mark.parametrize("known", [True, False])
def test_a_fitted_path_lies_within_half_a_pixel_of_a_hard_edge(kind, known):
    alpha = shape(kind)
    subject = Subject(plain(alpha), alpha=alpha if known else None, expected={"path": rings_of(alpha)})
    verdict, values, _ = judged("path_deviation", subject)
    assert verdict.word == "pass" and values["off_hard_edge"] <= 0.5 and values["far_off"] == 0


@pytest.mark.parametrize("off", [1.0, 2.5, 4.0])
def test_a_path_that_was_moved_is_measured_by_as_much(off):
    alpha = shape("box")
    rings = [ring + np.array([off, 0]) / np.array(alpha.shape[::-1]) for ring in rings_of(alpha)]
    verdict, values, evidence = judged("path_deviation", Subject(plain(alpha), alpha=alpha, expected={"path": rings}))
    # Two of the four sides are moved along themselves and stay on the edge.
    assert values["off_hard_edge"] == pytest.approx(off, abs=0.3)
    assert verdict.word == ("fail" if off > 1.5 else "warn")
    assert evidence or off <= 1.0


def test_a_planted_dent_is_found_and_pointed_at():
    """Twenty dents of 3 px depth, one at a time: all are found, in their place."""
    alpha = shape("vase", (900, 1200))
    height, width = alpha.shape
    rings, image, hits = rings_of(alpha), plain(alpha), 0
    for n in range(20):
        bent = [ring.copy() * np.array([width, height]) for ring in rings]
        at = bent[0][n * len(bent[0]) // 20]
        away = np.hypot(*(bent[0] - at).T)
        toward = np.array([width / 2, height / 2]) - at
        bent[0] += np.exp(-((away / 14) ** 2))[:, None] * 3 * toward / np.hypot(*toward)
        subject = Subject(image, alpha=alpha, expected={"path": [r / np.array([width, height]) for r in bent]})
        verdict, _, evidence = judged("path_deviation", subject)
        inside = any(
            b.box[0] * width - 2 <= at[0] <= b.box[2] * width + 2
            and b.box[1] * height - 2 <= at[1] <= b.box[3] * height + 2
            for b in evidence
        )
        hits += verdict.word != "pass" and inside
    assert hits >= 19


def test_a_soft_edge_is_no_place_to_measure_a_path_at():
    alpha = shape("vase", soft=6.0)
    rings = [ring + 3 / 800 for ring in rings_of(alpha)]
    verdict, values, _ = judged("path_deviation", Subject(plain(alpha), alpha=alpha, expected={"path": rings}))
    assert values["off_hard_edge"] is None and "no hard edge" in verdict.judged[0].measure.why


def test_a_path_in_the_middle_of_nowhere_is_far_off():
    ring = np.array([[0.02, 0.02], [0.1, 0.02], [0.1, 0.1], [0.02, 0.1]])
    verdict, values, _ = judged("path_deviation", Subject(plain(shape()), alpha=shape(), expected={"path": [ring]}))
    assert verdict.word == "fail" and values["far_off"] == 100


def test_no_path_is_said_and_never_passes():
    verdict, _, _ = judged("path_deviation", Subject(plain(shape()), alpha=shape()))
    assert verdict.word == "warn" and "no clipping path" in verdict.judged[0].measure.why


# holes


@cache
def pictured(seed):
    return product(seed)


def with_opening(seed, side, opened=False):
    """A capture with a window through the product; the matte is closed over it unless `opened`."""
    picture = pictured(seed).copy()
    alpha = np.zeros(picture.shape[:2], np.float32)
    alpha[261:739, 374:727] = 1
    if side:
        top, left = 400 + 13 * seed, 450 + 7 * seed
        picture[top : top + side, left : left + side] = picture[150 : 150 + side, left : left + side]
        if opened:
            alpha[top : top + side, left : left + side] = 0
    return Subject(Image(picture, "srgb"), original=Image(picture, "srgb"), alpha=alpha)


def test_planted_openings_are_found_and_a_product_without_one_passes():
    found = [judged("holes", with_opening(seed, side))[0].word != "pass" for seed in range(6) for side in (24, 40, 80)]
    clean = [judged("holes", with_opening(seed, 0))[0].word == "pass" for seed in range(6)]
    assert sum(found) == len(found) and all(clean)


def test_an_opening_that_was_cut_out_is_no_defect():
    assert judged("holes", with_opening(1, 60, opened=True))[0].word == "pass"


def test_the_evidence_points_at_the_opening():
    _, values, evidence = judged("holes", with_opening(0, 60))
    x0, y0, x1, y1 = evidence[0].box
    assert x0 * 1100 - 8 < 450 and x1 * 1100 + 8 > 510 and y0 * 900 - 8 < 400 and y1 * 900 + 8 > 460
    assert values["closed"] == pytest.approx(100 * 3600 / (478 * 353), rel=0.25)


def test_a_white_subject_on_white_is_not_called_a_hole():
    picture = np.full((300, 400, 3), 235, np.uint8)
    alpha = np.zeros((300, 400), np.float32)
    alpha[80:220, 100:300] = 1
    assert (
        judged("holes", Subject(Image(picture, "srgb"), original=Image(picture, "srgb"), alpha=alpha))[0].word == "pass"
    )


def test_without_the_capture_nothing_is_claimed():
    assert judged("holes", Subject(plain(shape()), alpha=shape()))[0].word == "warn"


# shadow_consistency


def shadowed(angle, strength=0.35, softness=0.03, distance=0.12):
    from safelight.pixels.matte.made_shadow import drop_density

    alpha = np.zeros((600, 800), np.float32)
    alpha[150:400, 300:500] = 1
    density = drop_density(alpha, angle, distance, softness) * strength
    light = np.where(alpha[..., None] > 0.5, 0.2, 1 - density[..., None]).astype(np.float32)
    return Subject(Image(encode(np.repeat(light, 3, 2)), "srgb"), alpha=np.maximum(alpha, density))


@pytest.mark.parametrize("angle", [30.0, 60.0, 90.0, 120.0, 150.0])
def test_direction_and_depth_of_a_shadow_are_measured(angle):
    _, values, _ = judged("shadow_consistency", shadowed(angle))
    assert abs(values["direction"] - angle) < 12
    assert values["strength"] == pytest.approx(35, abs=4)


def test_a_softer_shadow_measures_softer():
    soft = [judged("shadow_consistency", shadowed(60, softness=each))[1]["softness"] for each in (0.01, 0.03, 0.06)]
    assert soft[0] < soft[1] < soft[2]


def test_a_picture_without_a_shadow_has_none_and_passes():
    verdict, values, _ = judged("shadow_consistency", Subject(plain(shape()), alpha=shape()))
    assert values == {"strength": 0.0} and verdict.word == "pass"


def test_planted_outsiders_of_a_group_are_found_and_its_members_pass():
    group = judged("shadow_consistency", shadowed(60))[1]
    shared = {name: group[name] for name in ("strength", "direction", "softness")}

    def word(subject):
        return judged(
            "shadow_consistency", Subject(subject.image, alpha=subject.alpha, expected={"group_shadow": shared})
        )

    assert all(word(shadowed(60 + by))[0].word == "pass" for by in (-6, -3, 0, 3, 6))
    outsiders = [shadowed(120), shadowed(0), shadowed(60, strength=0.1), shadowed(60, strength=0.49), shadowed(-120)]
    outsiders.append(shadowed(60, softness=0.12))
    found = [word(each) for each in outsiders]
    assert all(verdict.word != "pass" for verdict, _, _ in found)
    assert all(evidence for _, _, evidence in found[:3])


def test_the_views_of_a_product_are_held_against_each_other():
    from types import SimpleNamespace

    from safelight.review.consistency import inconsistencies

    def file(name, **values):
        measures = [{"name": key, "value": value} for key, value in values.items()]
        judged_as = {"verdicts": [{"check": "shadow_consistency", "word": "pass", "measures": measures}]}
        return SimpleNamespace(path=name, asset=name, version="1", judged=judged_as, sorted={}, made={})

    def product_of(*files):
        return SimpleNamespace(slots=[SimpleNamespace(view=each.path, color="", frames=(each,)) for each in files])

    one = file("front", strength=35.0, direction=60.0)
    alike = inconsistencies(product_of(one, file("side", strength=33.0, direction=70.0)))
    apart = inconsistencies(product_of(one, file("side", strength=33.0, direction=130.0)))
    bare = inconsistencies(product_of(one, file("side", strength=0.0)))
    assert not alike
    assert [each.kind for each in apart] == ["shadow"] and "fall 70° apart" in apart[0].text
    assert "take 35 and 0 % of the light" in bare[0].text
