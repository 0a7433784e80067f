from __future__ import annotations

from dataclasses import replace

import numpy as np

from safelight.pixels.matte.solve import solve_matte
from safelight.pixels.matte.survey import survey_matte
from safelight.steps.cutout.confidence import judge_matte

RED, GRAY, SHADOW = (0.5, 0.02, 0.02), (0.25, 0.25, 0.25), 0.3


def standing(color, *, shadow_kept):
    """A box on paper in a hard contact shadow of 8 px, and its matte with or without that shadow."""
    picture = np.full((300, 400, 3), 0.8, np.float32)
    picture[208:216, 120:280] = 0.8 * SHADOW
    picture[80:208, 120:280] = color
    matte = solve_matte(picture)
    alpha = np.zeros((300, 400), np.float32)
    alpha[80 : 216 if shadow_kept else 208, 120:280] = 1
    return survey_matte(replace(matte, alpha=alpha))


def test_a_shadow_cut_out_with_a_colored_product_is_seen():
    kept, clean = standing(RED, shadow_kept=True), standing(RED, shadow_kept=False)
    assert kept.shaded_rim_share > 0.1
    assert clean.shaded_rim_share < 0.02


def test_a_gray_product_is_no_shadow_of_its_own():
    assert standing(GRAY, shadow_kept=False).shaded_rim_share == 0


def test_a_shadow_in_the_matte_costs_confidence_and_is_told():
    facts = standing(RED, shadow_kept=False)
    clean, kept = (judge_matte(replace(facts, shaded_rim_share=each)) for each in (0.0, 0.12))
    assert kept[0].value < 0.4 * clean[0].value
    assert "a shadow may have been cut out" in kept[1][0].text
