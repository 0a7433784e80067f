"""Colors outside the delivery space are counted where they are, before they are mapped."""

import numpy as np
import pytest

from safelight.checks.gamut import check
from safelight.core.image import Image
from safelight.pixels.color.spaces import convert, to_integers
from safelight.pixels.measure.gamut import measure_gamut

from .targets import judged, seen


def scene(side=200):
    """A P3 picture: gray, with a square of a green that sRGB does not hold."""
    p3 = np.full((side, side, 3), 120, np.uint8)
    p3[60:120, 60:120] = (20, 250, 40)
    return p3


def delivered(p3):
    return to_integers(np.clip(convert(p3.astype(np.float32) / 255, "display_p3", "srgb"), 0, 1), np.uint8)


def test_a_green_that_srgb_does_not_hold_is_found_with_its_place_and_loss():
    verdict, values, evidence = judged(check, seen(delivered(scene()), original=Image(scene(), "display_p3")))
    assert verdict.word == "warn"
    assert values["outside"] == pytest.approx(100 * 0.09, abs=1.0) or values["outside"] > 50  # of the frame or subject
    assert values["loss"] > 2
    assert evidence[0].box == pytest.approx((0.3, 0.3, 0.6, 0.6), abs=0.05)
    assert evidence[0].heat.max() > 40


def test_a_picture_in_its_own_space_is_inside():
    srgb = delivered(scene())
    verdict, values, evidence = judged(check, seen(srgb, original=Image(srgb, "srgb")))
    assert verdict.word == "pass" and values == {"outside": 0.0, "loss": 0.0} and evidence == ()


def test_light_above_white_is_exposure_and_no_color():
    light = np.full((20, 20, 3), 3.0, np.float32)
    assert measure_gamut(light, "linear_rec2020", "srgb").outside == 0.0


def test_a_wider_delivery_space_holds_it():
    picture, original = scene(), Image(scene(), "display_p3")
    verdict, *_ = judged(check, seen(picture, "display_p3", original=original, expected={"profile": "display_p3"}))
    assert verdict.word == "pass"


def test_without_the_capture_nothing_is_asked():
    assert check.measure(seen(delivered(scene()))).measures == ()


def test_only_the_subject_counts():
    mask = np.zeros((200, 200), np.uint8)
    mask[120:] = 255
    assert measure_gamut(scene(), "display_p3", "srgb", mask).outside == 0.0
