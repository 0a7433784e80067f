import numpy as np
import pytest
import simplejpeg

from safelight.checks.background_white import check
from safelight.errors import ParameterError
from tests.checks.targets import judged, packshot, seen


def jpeg(pixels, quality=95, subsampling="444"):
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, colorsubsampling=subsampling)
    return simplejpeg.decode_jpeg(data)


@pytest.mark.parametrize("matte", [True, False])
def test_a_perfect_cutout_passes_after_jpeg_95_in_444(matte):
    picture, alpha = packshot()
    verdict, values, evidence = judged(check, seen(jpeg(picture), alpha=alpha if matte else None))
    assert verdict.word == "pass"
    assert values["border"] == values["far"] == 0
    assert values["near_offset"] < 0.5
    assert 0 < values["near_delta_e"] < 2
    assert evidence == ()


def test_one_border_pixel_one_level_off_fails_and_is_boxed():
    picture, alpha = packshot()
    picture[0, 200, 1] = 254
    verdict, values, evidence = judged(check, seen(picture, alpha=alpha))
    assert verdict.word == "fail"
    assert values["border"] == 1
    (x0, y0, x1, y1) = evidence[0].box
    assert x0 < 0.5 < x1
    assert (y0, y1) == pytest.approx((0, 5 / 500))


def test_a_speck_far_from_the_subject_fails_and_one_within_16_px_does_not():
    clean, alpha = packshot()
    top = int(np.flatnonzero((alpha > 0.02).any(axis=1))[0])
    far, near = clean.copy(), clean.copy()
    far[top - 18, 200] = 253
    near[top - 15, 200] = 253
    assert judged(check, seen(far, alpha=alpha))[1]["far"] == 1
    verdict, values, _ = judged(check, seen(near, alpha=alpha))
    assert values["far"] == 0
    assert verdict.word == "pass"


def test_an_off_white_of_252_fails_everywhere_and_the_box_is_not_the_frame():
    picture, alpha = packshot()
    verdict, values, evidence = judged(check, seen(np.minimum(picture, 252), alpha=alpha))
    assert verdict.word == "fail"
    assert values["border"] == 2 * (400 + 500) - 4
    assert values["near_offset"] == pytest.approx(3, abs=0.1)
    for each in evidence:
        x0, y0, x1, y1 = each.box
        assert (x1 - x0) * (y1 - y0) < 0.5
        assert each.heat is not None
        assert each.heat.max() > 0


def test_a_gray_rim_of_residue_within_16_px_fails_by_its_mean_and_difference():
    picture, alpha = packshot()
    rows = np.flatnonzero((alpha > 0.02).any(axis=1))
    columns = np.flatnonzero((alpha > 0.02).any(axis=0))
    picture[rows[0] - 8 : rows[0] - 3, columns] = 240
    verdict, values, _ = judged(check, seen(picture, alpha=alpha))
    assert values["far"] == 0
    assert values["near_offset"] > 0.5
    assert values["near_delta_e"] > 2
    assert verdict.word == "fail"


def test_haze_left_by_a_matte_of_one_percent_is_found():
    picture, alpha = packshot()
    hazy = np.minimum(picture, 254)
    verdict, values, _ = judged(check, seen(hazy, alpha=np.maximum(alpha, 0.01)))
    assert verdict.word == "fail"
    assert values["far"] > 10_000


def test_a_gray_backdrop_in_a_foreign_file_fails_at_the_border():
    picture, _ = packshot()
    picture[(picture == 255).all(axis=2)] = 206
    verdict, values, evidence = judged(check, seen(picture))
    assert verdict.word == "fail"
    assert values["border"] == 2 * (400 + 500) - 4
    assert values["far"] is None
    assert evidence


def test_the_subject_at_the_border_breaks_the_rule_unless_the_guide_lets_it_bleed():
    picture, alpha = packshot()
    picture, alpha = picture[:400], np.ascontiguousarray(alpha[:400])
    assert judged(check, seen(picture, alpha=alpha))[0].word == "fail"
    assert judged(check, seen(picture, alpha=alpha, expected={"bleed": ["bottom"]}))[0].word == "pass"


def test_another_flat_color_is_held_to_the_same_rule():
    picture, alpha = packshot()
    gray = picture.copy()
    gray[alpha <= 0.02] = (0xF0, 0xF1, 0xF2)
    for matte in (alpha, None):
        assert judged(check, seen(gray, alpha=matte, expected={"background": "#f0f1f2"}))[1]["far"] == 0
    verdict, values, _ = judged(check, seen(gray, alpha=alpha, expected={"background": "#f0f0f0"}))
    assert verdict.word == "fail"
    assert values["near_offset"] == pytest.approx(2, abs=0.1)


def test_16_bit_files_are_held_to_65535():
    picture, alpha = packshot()
    deep = picture.astype(np.uint16) * 257
    assert judged(check, seen(deep, alpha=alpha))[0].word == "pass"
    deep[0, 0] = 65534
    assert judged(check, seen(deep, alpha=alpha))[1]["border"] == 1


def test_a_transparent_delivery_has_no_background_to_judge():
    picture, alpha = packshot()
    verdict, values, _ = judged(check, seen(picture, alpha=alpha, expected={"background": "transparent"}))
    assert verdict.word == "pass"
    assert values == {}


def test_an_empty_white_picture_passes_and_one_of_a_pixel_too():
    for size in ((1, 1), (3, 2), (40, 40)):
        verdict, values, _ = judged(check, seen(np.full((*size, 3), 255, np.uint8)))
        assert verdict.word == "pass"
        assert values == {"border": 0, "far": 0}


def test_a_background_that_is_no_color_is_refused():
    picture, alpha = packshot()
    with pytest.raises(ParameterError, match="background is 'snow'; it takes a color like #ffffff"):
        check.measure(seen(picture, alpha=alpha, expected={"background": "snow"}))
