"""Frayed edges, uneven masks, bites and residue: planted, found, and not seen where they are not."""

import cv2
import numpy as np
import pytest

from safelight.core.check import Subject, judge
from safelight.core.image import Image
from safelight.plugins import check_named

SIDE = 700


def matte():
    """A jug: a body, a handle with a true opening, a thin spout."""
    fine = np.zeros((4 * SIDE, 4 * SIDE), np.uint8)
    cv2.ellipse(fine, (1300, 1500), (700, 800), 0, 0, 360, 255, -1)
    cv2.ellipse(fine, (2050, 1500), (420, 420), 0, 0, 360, 255, 160)
    cv2.line(fine, (700, 1200), (260, 700), 255, 90)
    return cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA) / np.float32(255)


def shown(alpha, **more):
    code = np.rint(255 - 205 * alpha[..., None] * np.float32([1, 0.6, 0.4])).astype(np.uint8)
    return Subject(Image(np.ascontiguousarray(code), "srgb"), alpha=alpha, **more)


def said(name, alpha, **more):
    check = check_named(name)
    found = check.measure(shown(alpha, **more))
    return judge(check, found), found


def planted(kind):
    alpha = matte()
    y, x = np.nonzero(cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    chance = np.random.default_rng(7)
    if kind == "frayed_edge":
        for each in chance.choice(len(y), 120, replace=False):
            cv2.circle(
                alpha, (int(x[each]), int(y[each])), int(chance.integers(2, 6)), float(chance.random() > 0.5), -1
            )
    elif kind == "uneven_mask":
        cv2.circle(alpha, (320, 380), 25, 0.8, -1)
    elif kind == "bitten":
        cv2.circle(alpha, (320, 380), 7, 0.0, -1)
    else:
        cv2.circle(alpha, (60, 640), 5, 0.5, -1)
    return alpha


@pytest.mark.parametrize("name", ["frayed_edge", "uneven_mask", "residue"])
def test_a_clean_matte_passes(name):
    verdict, found = said(name, matte())
    assert verdict.word == "pass", [(each.measure.name, each.measure.value) for each in verdict.judged]
    assert found.evidence == ()


@pytest.mark.parametrize(
    ("name", "kind", "measure"),
    [
        ("frayed_edge", "frayed_edge", "frayed"),
        ("uneven_mask", "uneven_mask", "uneven"),
        ("uneven_mask", "bitten", "bitten"),
        ("residue", "residue", "residue"),
    ],
)
def test_a_planted_fault_is_found_and_shown_where_it_is(name, kind, measure):
    verdict, found = said(name, planted(kind))
    assert verdict.word != "pass"
    first = next(each for each in found.evidence if each.measure == measure)
    assert first.heat is not None and first.heat.any()
    if kind != "frayed_edge":
        at = {"uneven_mask": (320, 380), "bitten": (320, 380), "residue": (60, 640)}[kind]
        x0, y0, x1, y1 = (side * SIDE for side in first.box)
        assert x0 < at[0] < x1 and y0 < at[1] < y1


def test_a_hole_that_shows_the_backdrop_is_no_bite():
    alpha = planted("bitten")
    original = np.full((SIDE, SIDE, 3), 190, np.uint8)
    original[matte() > 0.5] = (40, 90, 120)
    assert said("uneven_mask", alpha, original=Image(original.copy(), "srgb"))[0].word != "pass"
    cv2.circle(original, (320, 380), 8, (180, 180, 180), -1)
    assert said("uneven_mask", alpha, original=Image(original, "srgb"))[0].word == "pass"


def test_without_a_matte_the_background_tells():
    subject = shown(planted("residue"))
    found = check_named("residue").measure(Subject(subject.image))
    assert (found.measures[0].value or 0) > 0.02


def test_an_empty_matte_is_not_passed_in_silence():
    verdict, found = said("frayed_edge", np.zeros((80, 80), np.float32))
    assert verdict.word == "warn"
    assert found.measures[0].why == "the matte holds no subject"
