import numpy as np
import pytest

from safelight.checks.halo import check
from safelight.core.check import Subject, judge
from safelight.core.image import Image
from safelight.pixels.color.spaces import encode, to_integers
from safelight.pixels.measure.edge import measure_rim

cv2 = pytest.importorskip("cv2")


def disk_alpha(side=400, radius=120, blur=1.0):
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    alpha = np.clip(radius - np.hypot(x - side / 2, y - side / 2) + 0.5, 0, 1)
    return cv2.GaussianBlur(alpha, (0, 0), blur)


def composite(alpha, subject, background, texture=0.0, seed=3):
    grain = 1 + texture * np.random.default_rng(seed).standard_normal((*alpha.shape, 1)).astype(np.float32)
    a = alpha[..., None]
    return a * np.float32(subject) * grain + (1 - a) * np.float32(background)


def finished(linear):
    return Image(np.ascontiguousarray(to_integers(encode(np.float32(linear), "srgb"), np.uint8)), "srgb")


def judged(linear, alpha=None):
    findings = check.measure(Subject(finished(linear), alpha=alpha))
    return judge(check, findings), {each.name: each.value for each in findings.measures}, findings.evidence


SUBJECT, WHITE, NIGHT = (0.25, 0.08, 0.05), (1.0, 1.0, 1.0), (0.01, 0.01, 0.02)


@pytest.mark.parametrize("background", [WHITE, NIGHT, SUBJECT])
@pytest.mark.parametrize("known", [True, False])
def test_a_clean_edge_passes_on_any_background(background, known):
    alpha = disk_alpha()
    verdict, values, evidence = judged(composite(alpha, SUBJECT, background, 0.05), alpha if known else None)
    if known or background != SUBJECT:
        assert verdict.word == "pass", values
    assert evidence == ()


def test_backdrop_light_left_in_the_edge_fails_as_a_light_rim():
    alpha = disk_alpha(blur=1.5)
    on_white = composite(alpha, SUBJECT, WHITE)
    verdict, values, evidence = judged(composite(alpha, on_white, NIGHT), alpha)
    assert verdict.word == "fail"
    assert values["light_rim"] > values["dark_rim"]
    assert evidence


def test_a_gray_line_left_around_a_dark_subject_on_white_is_a_dark_rim():
    alpha = disk_alpha()
    shot = composite(alpha, (0.6, 0.6, 0.6), (0.15, 0.15, 0.15))
    wide = disk_alpha(radius=123)
    verdict, values, _ = judged(composite(wide, shot, WHITE), wide)
    assert verdict.word == "fail"
    assert values["dark_rim"] > 10


def test_a_blue_fringe_is_a_colored_rim():
    alpha = disk_alpha(blur=1.5)
    on_blue = composite(alpha, (0.4, 0.4, 0.4), (0.1, 0.2, 0.9))
    _, values, _ = judged(composite(alpha, on_blue, (0.4, 0.4, 0.4)), alpha)
    assert values["color_rim"] > 8


def test_evidence_points_at_the_half_that_has_the_halo():
    alpha = disk_alpha(blur=1.5)
    picture = composite(alpha, SUBJECT, NIGHT)
    haloed = composite(alpha, composite(alpha, SUBJECT, WHITE), NIGHT)
    picture[:, :200] = haloed[:, :200]
    findings = check.measure(Subject(finished(picture), alpha=alpha))
    verdict = judge(check, findings)
    assert verdict.word != "pass"
    for each in findings.evidence:
        assert each.box[0] < 0.5
        assert each.heat.shape == (400, 400)
        assert each.heat[:, 230:].max() < each.heat[:, :200].max()


def test_no_contour_is_said_and_warned_of():
    verdict, values, evidence = judged(np.ones((64, 64, 3)))
    assert verdict.word == "warn"
    assert set(values.values()) == {None}
    assert evidence == ()


@pytest.mark.parametrize("side", [400, 1600])
def test_the_same_halo_measures_alike_at_another_size(side):
    alpha = disk_alpha(side, 0.3 * side, blur=2)
    haloed = composite(alpha, composite(alpha, SUBJECT, WHITE), NIGHT)
    assert measure_rim(finished(haloed).pixels, "srgb", alpha).light > 8


@pytest.mark.data
def test_recall_on_planted_halos_of_real_products(shared_data):
    """Clean composites against ones whose matte was spread by a pixel, on four backgrounds."""
    folder = shared_data / "matting" / "products"
    clean, planted = [], []
    for path in sorted(folder.glob("*_fg_rgba.png"))[:5]:
        rgba = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        subject = (rgba[..., 2::-1].astype(np.float32) / 255) ** 2.2
        alpha = rgba[..., 3].astype(np.float32) / 255
        wide = cv2.GaussianBlur(cv2.dilate(alpha, np.ones((3, 3), np.uint8)), (0, 0), 0.7)
        for new, old in ((WHITE, 0.02), ((0.6,) * 3, 1.0), ((0.03,) * 3, 0.5), ((0.05, 0.2, 0.5), 1.0)):
            scores = []
            for matte, shot in ((alpha, subject), (wide, composite(alpha, subject, (old,) * 3))):
                rim = measure_rim(finished(composite(matte, shot, new)).pixels, "srgb", matte)
                scores.append(max(rim.light, rim.dark))
            clean.append(scores[0])
            planted.append(scores[1])
    recall = np.mean(np.array(planted) > 8.5)
    alarms = np.mean(np.array(clean) > 8.5)
    assert recall >= 0.8, f"recall {recall:.2f} at {alarms:.2f} false alarms"
    assert alarms <= 0.2, f"false alarms {alarms:.2f} at recall {recall:.2f}"
