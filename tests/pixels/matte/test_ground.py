"""Ground that was kept with a subject: found where an edge of the subject's own parts the two, doubted elsewhere."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte.ground import find_ground
from safelight.pixels.matte.lightness import Contrast
from safelight.pixels.matte.solve import solve_matte
from safelight.pixels.matte.survey import survey_matte
from safelight.steps.cutout.confidence import judge_matte

SIDE, RADIUS = 400, 120.0
PAPER, RED, PALE = 0.8, (0.5, 0.02, 0.02), (0.79, 0.79, 0.79)


def scene(shade=-40.0, color=40.0):
    """A disk on ground: (lab, contrast, distance from the center)."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    far = np.hypot(x - SIDE / 2, y - SIDE / 2)
    inside = cv2.GaussianBlur((far < RADIUS).astype(np.float32), (0, 0), 0.8)
    depth, hue = shade * inside, color * inside
    lab = np.dstack([80 + depth, hue, np.zeros_like(hue)]).astype(np.float32)
    return lab, Contrast(depth.astype(np.float32), hue.astype(np.float32)), far


def crumb(far, size=16):
    """A piece of ground that was taken for subject, hanging on the disk's right."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    near = (abs(y - SIDE / 2) < size / 2) & (x > SIDE / 2 + RADIUS - 4) & (x < SIDE / 2 + RADIUS + size)
    return near & (far >= RADIUS)


def test_a_crumb_of_ground_is_found_and_the_subject_stays():
    lab, contrast, far = scene()
    kept = crumb(far)
    ground = find_ground(lab, (far < RADIUS) | kept, contrast)
    assert ground.found[kept & (far > RADIUS + 3)].mean() > 0.95
    assert not ground.found[far < RADIUS - 2].any()
    assert not ground.doubtful.any()


def test_nothing_is_found_where_the_mask_is_the_subject():
    lab, contrast, far = scene()
    ground = find_ground(lab, far < RADIUS, contrast)
    assert not ground.found.any()
    assert not ground.doubtful.any()


def test_a_subject_as_pale_as_its_ground_is_doubted_and_not_bitten():
    lab, contrast, far = scene(shade=-1.5, color=0.0)
    ground = find_ground(lab, far < RADIUS, contrast)
    assert not ground.found.any()
    assert ground.doubtful[far < RADIUS].mean() > 0.5


def test_a_gray_border_that_begins_at_an_edge_of_its_own_stays():
    lab, contrast, far = scene()
    border = (far >= RADIUS) & (far < RADIUS + 14)
    shade = contrast.lightness - 25 * border.astype(np.float32)
    lab[..., 0] = 80 + shade
    ground = find_ground(lab, far < RADIUS + 14, Contrast(shade, contrast.color))
    assert not ground.found.any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3), st.integers(10, 18))
def test_turned_pictures_give_the_same_turned(turns, size):
    lab, contrast, far = scene()
    mask = (far < RADIUS) | crumb(far, size)
    straight = find_ground(lab, mask, contrast).found
    turned = find_ground(
        np.ascontiguousarray(np.rot90(lab, turns)),
        np.ascontiguousarray(np.rot90(mask, turns)),
        Contrast(*(np.ascontiguousarray(np.rot90(each, turns)) for each in (contrast.lightness, contrast.color))),
    ).found
    assert (np.rot90(straight, turns) != turned).sum() <= 0.02 * straight.sum()


def test_a_narrow_gap_before_white_is_opened():
    """Two sleeves 14 px apart, closed above: the gap's upper end shows the ground, and no edge parts it from below."""
    picture = np.full((420, 400, 3), PAPER, np.float32)
    picture[60:360, 110:290] = RED
    picture[100:360, 193:207] = PAPER
    matte = solve_matte(picture)
    assert matte.alpha[104:355, 197:203].max() < 0.05
    assert matte.alpha[104:355, 180:190].min() > 0.95


def bitten():
    """A box with cream print that reaches its edge, where a shadow falls; a matte that gave the print to the shadow."""
    picture = np.full((300, 400, 3), PAPER, np.float32)
    picture[80:220, 120:280] = RED
    picture[120:160, 120:150] = (0.6, 0.5, 0.3)
    matte = solve_matte(picture)
    alpha = matte.alpha.copy()
    alpha[118:162, 115:152] = 0
    return survey_matte(matte), survey_matte(replace(matte, alpha=alpha))


def test_colored_ground_beside_a_subject_is_told():
    whole, torn = bitten()
    assert whole.colored_ground_share == 0
    assert torn.colored_ground_share > 0.02
    assert judge_matte(torn)[0].value < 0.4 * judge_matte(replace(torn, colored_ground_share=0.0))[0].value
    assert any("a bitten print, or a colored shade" in each.text for each in judge_matte(torn)[1])


@pytest.mark.parametrize(("share", "told"), [(0.0, False), (0.004, True)])
def test_what_no_edge_parts_from_the_ground_is_a_doubt_with_its_share(share, told):
    facts = replace(bitten()[0], ground_share=share)
    reasons = [each for each in judge_matte(facts)[1] if each.code == "ground_or_subject"]
    assert bool(reasons) is told
    assert not told or "4.0 per mille" in reasons[0].text
