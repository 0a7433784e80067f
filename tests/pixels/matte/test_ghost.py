"""Two shots of a garment as one: where its neck opens, how the second lies on the first, and what its joint shows."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.matte.ghost import (
    Placement,
    find_opening,
    join_shots,
    place_inner,
    without_mannequin,
)
from safelight.pixels.measure.joints import measure_joints
from tests.ghosts import CLOTH, ghost


@pytest.fixture(scope="module")
def shots():
    return ghost(600)


@pytest.fixture(scope="module")
def garment(shots):
    return without_mannequin(shots.outer, shots.outer_alpha)[0]


@pytest.fixture(scope="module")
def opening(garment):
    return find_opening(garment)


def joined(shots, garment, opening, moved=(0.0, 0.0), **more):
    matrix = shots.matrix + np.array([[0, 0, moved[0]], [0, 0, moved[1]]])
    return join_shots(shots.outer, garment, shots.inner, shots.inner_alpha, opening, Placement(matrix, 0.0), **more)


def codes(rgb, alpha):
    flat = rgb * alpha[..., None] + 1 - alpha[..., None]
    return (np.clip(flat, 0, 1) ** (1 / 2.2)).astype(np.float32)


def seen(shots, found):
    return measure_joints(codes(found.rgb, found.alpha), (shots.outer ** (1 / 2.2)).astype(np.float32), found.alpha)


def test_a_mannequins_neck_is_taken_out_of_the_garment(shots, garment) -> None:
    assert np.abs(shots.outer_alpha - shots.garment_alpha).mean() > 0.01
    assert np.abs(garment - shots.garment_alpha).mean() < 0.001  # a pixel of its edge goes along


def test_a_garment_without_a_neck_on_top_is_left_as_it_is(shots) -> None:
    alpha, share = without_mannequin(shots.outer, shots.garment_alpha)
    assert share == 0.0
    assert alpha is shots.garment_alpha


def test_a_mannequin_of_the_garments_color_is_not_told_from_it(shots) -> None:
    same = np.full_like(shots.outer, 0.1) * np.float32(CLOTH)
    alpha, share = without_mannequin(same, shots.outer_alpha)
    assert share == 0.0
    assert find_opening(alpha) is None


def test_a_subject_with_a_level_top_has_no_opening() -> None:
    block = np.zeros((200, 200), np.float32)
    block[40:180, 30:170] = 1
    assert find_opening(block) is None
    assert find_opening(np.zeros((200, 200), np.float32)) is None


@pytest.mark.parametrize(("turn", "scale", "shift"), [(0, 1, (0, 0)), (4, 0.9, (25, -18)), (-3, 1.06, (-30, 12))])
def test_the_second_shot_is_placed_within_half_a_pixel(turn, scale, shift) -> None:
    shots = ghost(600, turn=turn, scale=scale, shift=shift)
    opening = find_opening(shots.garment_alpha)
    found = place_inner(shots.garment_alpha, shots.inner_alpha, opening)
    corners = np.array([[240, 90, 1], [300, 90, 1], [270, 150, 1]], float).T
    assert np.abs(found.matrix @ corners - shots.matrix @ corners).max() < 0.5
    assert found.misfit < 0.002
    assert abs(found.scale - 1 / scale) < 0.003


def test_another_garment_lies_apart_and_that_is_said(shots, opening) -> None:
    wide = np.zeros_like(shots.inner_alpha)
    wide[60:560, 40:500] = 1
    assert place_inner(shots.garment_alpha, wide, opening).misfit > 0.01


def test_both_shots_as_one_are_the_garment_with_its_inside(shots, garment, opening) -> None:
    found = joined(shots, garment, opening, depth=0.0)
    assert np.abs(found.alpha - shots.truth_alpha).mean() < 0.0005
    inside = (found.piece > 0.99) & (shots.truth_alpha > 0.99)
    assert np.abs(found.rgb[inside] - shots.inside[inside]).mean() < 0.01
    assert found.gap < 0.02
    assert found.neck_step < 0.02


def test_the_second_shots_light_is_matched_over_the_cloth_that_both_show(shots, garment, opening) -> None:
    assert joined(shots, garment, opening).gain == pytest.approx((1.25, 1.25, 1.25), rel=0.02)  # it was shot at 0.8


def test_nothing_changes_outside_of_the_opening(shots, garment, opening) -> None:
    found = joined(shots, garment, opening)
    rest = found.piece == 0
    assert np.array_equal(found.rgb[rest], shots.outer[rest])
    assert np.array_equal(found.alpha[rest], garment[rest])


def test_the_inside_darkens_toward_the_front_edge(shots, garment, opening) -> None:
    plain, deep = (joined(shots, garment, opening, depth=each) for each in (0.0, 0.5))
    column = (opening.left[0] + opening.right[0]) // 2
    bottom = int(opening.rim.max()) - 4
    ratio = deep.rgb[:, column].sum(axis=-1) / plain.rgb[:, column].sum(axis=-1)
    assert ratio[bottom] < 0.65 < 0.8 < ratio[bottom - 50]


def test_a_part_joined_alone_is_that_part_of_the_whole(shots, garment, opening) -> None:
    matrix = Placement(shots.matrix, 0.0)
    whole = join_shots(shots.outer, garment, shots.inner, shots.inner_alpha, opening, matrix)
    box = slice(40, 300), slice(120, 420)
    part = join_shots(
        shots.outer[box],
        garment[box],
        shots.inner,
        shots.inner_alpha,
        opening.within(box),
        matrix.within(box),
    )
    assert np.abs(part.alpha - whole.alpha[box]).max() < 0.04  # places are rounded to 1/32 px


def test_an_inside_that_lies_too_high_steps_out_of_the_outline(shots, garment, opening) -> None:
    assert joined(shots, garment, opening, (0, -12)).neck_step > 0.04


def test_an_inside_that_lies_too_low_leaves_the_opening_open(shots, garment, opening) -> None:
    assert joined(shots, garment, opening, (0, 12)).gap > 0.05


def test_joints_of_a_clean_composite_are_closed_and_level(shots, garment, opening) -> None:
    found = seen(shots, joined(shots, garment, opening))
    assert found.share == pytest.approx(
        float((shots.truth_alpha - shots.garment_alpha).sum()) / shots.truth_alpha.sum(), rel=0.2
    )
    assert found.gap < 0.02
    assert found.step < 0.01
    assert found.shade < 8


def test_a_slit_along_the_joint_is_measured(shots, garment, opening) -> None:
    made = joined(shots, garment, opening)
    alpha = made.alpha.copy()
    alpha[148:152] = np.where(made.piece[148:152] > 0.5, 0, alpha[148:152])
    found = measure_joints(codes(made.rgb, alpha), (shots.outer ** (1 / 2.2)).astype(np.float32), alpha)
    assert found.gap > 0.1
    assert found.bad.any()


def test_an_inside_in_another_light_shows_where_the_collars_meet(shots, garment, opening) -> None:
    assert seen(shots, joined(shots, garment, opening, depth=0.9)).shade > 8


def test_a_garment_as_it_was_photographed_has_no_joint(shots, garment) -> None:
    was = (shots.outer ** (1 / 2.2)).astype(np.float32)
    assert measure_joints(np.clip(was * 1.1, 0, 1), was, garment) is None
