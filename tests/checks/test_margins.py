import numpy as np
import pytest

from safelight.checks.margins import check
from safelight.core.check import judge
from safelight.errors import ParameterError
from tests.checks.targets import judged, seen


def boxed(x0, y0, x1, y1, width=400, height=500):
    picture = np.full((height, width, 3), 255, np.uint8)
    picture[y0:y1, x0:x1] = (120, 80, 60)
    alpha = np.zeros((height, width), np.float32)
    alpha[y0:y1, x0:x1] = 1
    return picture, alpha


@pytest.mark.parametrize("matte", [True, False])
def test_a_centered_subject_in_range_passes(matte):
    picture, alpha = boxed(80, 37, 320, 463)
    subject = seen(picture, alpha=alpha if matte else None, expected={"fill": [0.8, 0.9]})
    verdict, values, evidence = judged(check, subject)
    assert verdict.word == "pass"
    assert evidence == ()
    assert values["fill"] == pytest.approx(85.2, abs=0.3)
    assert values["fill_area"] == pytest.approx(100 * 240 * 426 / 200_000, abs=0.6)
    assert values["margin"] == pytest.approx(7.4, abs=0.3)


def test_a_small_subject_misses_the_range_by_the_difference():
    picture, alpha = boxed(100, 100, 300, 400)
    verdict, values, evidence = judged(check, seen(picture, alpha=alpha, expected={"fill": [0.8, 0.9]}))
    assert values["fill_miss"] == pytest.approx(20.0)
    assert verdict.word == "fail"
    assert evidence[0].box == pytest.approx((0.25, 0.2, 0.75, 0.8))


def test_fill_may_be_asked_for_by_area():
    picture, alpha = boxed(0, 50, 399, 450)
    values = judged(check, seen(picture, alpha=alpha, expected={"fill": [0.75, 0.85], "fill_by": "area"}))[1]
    assert values["fill_miss"] == pytest.approx(0)


def test_a_subject_cut_at_the_bottom_fails_with_its_place():
    picture, alpha = boxed(100, 100, 300, 500)
    verdict, values, evidence = judged(check, seen(picture, alpha=alpha))
    assert verdict.word == "fail"
    assert values["cut"] == 200
    cut = next(each for each in evidence if each.measure == "cut")
    assert cut.text == "cut bottom"
    assert cut.box == pytest.approx((0.25, 0.97, 0.75, 1.0))


def test_a_guide_may_let_the_subject_leave_at_the_bottom():
    picture, alpha = boxed(100, 100, 300, 500)
    verdict, values, _ = judged(check, seen(picture, alpha=alpha, expected={"bleed": ["bottom"]}))
    assert verdict.word == "pass"
    assert values["cut"] == 0
    assert "off_center_y" not in values


def test_off_center_is_told_across_and_up_and_down():
    picture, alpha = boxed(140, 100, 340, 400)
    verdict, values, _ = judged(check, seen(picture, alpha=alpha))
    assert values["off_center_x"] == pytest.approx(10)
    assert values["off_center_y"] == pytest.approx(0)
    assert verdict.word == "warn"


def test_a_speck_of_matte_does_not_move_the_box():
    picture, alpha = boxed(100, 100, 300, 400)
    alpha[5:8, 5:8] = 1
    assert judged(check, seen(picture, alpha=alpha))[1]["fill"] == pytest.approx(60)


def test_a_busy_backdrop_without_a_matte_is_not_known():
    busy = np.random.default_rng(0).integers(0, 255, (300, 300, 3)).astype(np.uint8)
    verdict, values, _ = judged(check, seen(busy))
    assert values == {"fill": None}
    assert verdict.word == "warn"


def test_gray_backdrops_are_found_without_a_matte():
    picture, _ = boxed(100, 100, 300, 400)
    picture[(picture == 255).all(axis=2)] = (206, 206, 204)
    assert judged(check, seen(picture))[1]["fill"] == pytest.approx(60, abs=0.5)


def test_a_changed_limit_judges_the_same_findings_again():
    picture, alpha = boxed(140, 100, 340, 400)
    findings = check.measure(seen(picture, alpha=alpha))
    assert judge(check, findings, {"off_center_x": 5.0}).word == "fail"


@pytest.mark.parametrize("fill", [[0.9, 0.8], [0.8], "large", [-1, 0.5], [0.8, 90]])
def test_a_fill_that_is_no_pair_is_refused(fill):
    picture, alpha = boxed(100, 100, 300, 400)
    with pytest.raises(ParameterError, match="it takes two numbers from 0 to 1, low before high"):
        check.measure(seen(picture, alpha=alpha, expected={"fill": fill}))


def test_an_unknown_side_is_refused():
    picture, alpha = boxed(100, 100, 300, 400)
    with pytest.raises(ParameterError, match="bleed names floor; it takes left, top, right, bottom"):
        check.measure(seen(picture, alpha=alpha, expected={"bleed": ["floor"]}))
