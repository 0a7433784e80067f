from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from safelight.pixels.color.spaces import convert, to_float
from safelight.pixels.matte.foot import find_shadow_foot
from safelight.pixels.matte.lightness import Contrast
from safelight.pixels.matte.solve import solve_matte
from safelight.pixels.matte.survey import survey_matte
from safelight.steps.cutout.confidence import judge_matte


def face(depth, shade):
    """A flat face of one depth to column 50, then a shadow that fades from `shade`."""
    x = np.tile(np.arange(80, dtype=np.float32), (60, 1))
    dark = np.where(x < 50, -depth, -np.maximum(shade - (x - 50) * shade / 28, 0)).astype(np.float32)
    return x, Contrast(dark, x * 0)


def test_a_face_before_bare_paper_keeps_its_contour():
    x, contrast = face(depth=4.0, shade=0.5)
    assert not find_shadow_foot(x < 50, (x >= 50) & (x < 78), contrast, color_tolerance=2.0).any()


def test_a_colored_foot_is_no_shadow():
    x, contrast = face(depth=30.0, shade=28.0)
    colored = replace(contrast, color=np.where(x < 50, np.float32(40), np.float32(0)))
    assert not find_shadow_foot(x < 50, (x >= 50) & (x < 78), colored, color_tolerance=2.0).any()


def test_an_empty_subject_has_no_foot():
    nothing = np.zeros((40, 40), bool)
    plain = Contrast(np.zeros((40, 40), np.float32), np.zeros((40, 40), np.float32))
    assert not find_shadow_foot(nothing, nothing, plain, color_tolerance=2.0).any()


@pytest.fixture(scope="module")
def kettle(request):
    """The rendered kettle of the sample shoot, its matte, and its true alpha."""
    samples = request.config.rootpath / "samples"
    code = np.asarray(Image.open(samples / "shoot" / "KET-09_front.jpg").convert("RGB"))
    true = cv2.imread(str(samples / "truth" / "KET-09_front.png"), cv2.IMREAD_UNCHANGED)
    light = convert(to_float(code), "srgb", "linear_rec2020")
    size = (1414, 1060)
    matte = solve_matte(cv2.resize(light, size, interpolation=cv2.INTER_AREA))
    return matte, cv2.resize(true / np.float32(np.iinfo(true.dtype).max), size, interpolation=cv2.INTER_AREA)


def test_the_kettle_stands_on_no_crumbs_of_its_shadow(kettle):
    matte, true = kettle
    foot = np.zeros(true.shape, bool)
    foot[int(0.7 * len(true)) :] = True
    left = int(((matte.alpha - true > 0.3) & foot).sum())
    assert left < 60, f"{left} pixels of shadow are left at the foot; allowed 60"


def test_a_ragged_foot_costs_confidence(kettle):
    facts = survey_matte(kettle[0])
    assert facts.ragged_foot_share < 0.2
    clean, ragged = (judge_matte(replace(facts, ragged_foot_share=each)) for each in (0.1, 0.5))
    assert ragged[0].value < 0.75 * clean[0].value
    assert any("the foot is ragged along 50 %" in each.text for each in ragged[1])


def test_a_contour_that_breaks_costs_confidence(kettle):
    facts = survey_matte(kettle[0])
    assert facts.ragged_share < 0.15
    clean, broken = (judge_matte(replace(facts, ragged_share=each)) for each in (0.1, 0.4))
    assert broken[0].value < 0.6 * clean[0].value
    assert any("the contour is ragged: 40 %" in each.text for each in broken[1])


def test_crumbs_along_a_contour_make_it_ragged(kettle):
    matte = kettle[0]
    alpha = matte.alpha.copy()
    rows, columns = np.nonzero((alpha > 0.5) & (np.roll(alpha, 1, axis=0) <= 0.5))
    for row, column in list(zip(rows, columns, strict=True))[::9]:
        alpha[max(0, row - 5) : row, column : column + 3] = 1
    assert survey_matte(replace(matte, alpha=alpha)).ragged_share > 2 * survey_matte(matte).ragged_share
