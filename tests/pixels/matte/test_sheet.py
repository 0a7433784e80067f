"""Cut-outs on one sheet: where they stand, what covers what, what shadows take, and what was measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte.sheet import Piece, box_of_subject, compose_sheet

RED, BLUE = (0.5, 0.05, 0.05), (0.05, 0.1, 0.6)


def block(color=RED, width=40, height=60, room=6, at=(50.0, 90.0), to=60.0, *, soft=True):
    """A colored block whose edge is mixed over one pixel, its colors clean."""
    alpha = np.zeros((height + 2 * room, width + 2 * room), np.float32)
    alpha[room:-room, room:-room] = 1
    if soft:
        alpha[room - 1, room:-room] = alpha[room:-room, room - 1] = alpha[room:-room, -room] = 0.4
    rgb = np.full((*alpha.shape, 3), color, np.float32)
    return Piece(rgb, alpha, at, to)


def test_a_piece_at_its_own_size_is_shown_value_for_value():
    piece = block()
    made = compose_sheet([piece], (120, 100), shadow="none")
    assert box_of_subject(made.alpha) == (30, 30, 70, 90)
    inside = made.alpha > 0.1
    np.testing.assert_allclose(made.rgb[inside], np.broadcast_to(RED, made.rgb[inside].shape), atol=1e-6)
    assert made.alpha.sum() == pytest.approx(piece.alpha.sum())
    assert made.enlarged == 1.0


def test_a_piece_stands_where_its_place_says_as_high_as_its_scale_says():
    made = compose_sheet([block(at=(80.0, 70.0), to=30.0)], (160, 100), shadow="none")
    assert box_of_subject(made.alpha) == (70, 40, 90, 70)
    assert made.enlarged == pytest.approx(0.5)


def test_the_later_piece_lies_over_the_earlier():
    made = compose_sheet([block(RED, at=(50, 90)), block(BLUE, at=(70, 90))], (140, 100), shadow="none")
    np.testing.assert_allclose(made.rgb[60, 60], BLUE, atol=1e-6)
    np.testing.assert_allclose(made.rgb[60, 40], RED, atol=1e-6)
    assert made.hidden[1] == 0.0
    assert made.hidden[0] == pytest.approx(0.5, abs=0.03)


def test_a_half_covered_edge_mixes_light_with_what_lies_behind():
    front = block(BLUE, at=(70, 90))
    made = compose_sheet([block(RED, at=(50, 90)), front], (140, 100), shadow="none")
    np.testing.assert_allclose(made.rgb[60, 49], 0.4 * np.float32(BLUE) + 0.6 * np.float32(RED), atol=1e-5)
    assert made.alpha[60, 49] == pytest.approx(1.0)


spots = st.tuples(st.floats(30, 150), st.floats(60, 118))


@settings(max_examples=25)
@given(first=spots, second=spots)
def test_coverage_does_not_depend_on_the_order(first, second):
    pieces = block(RED, at=first), block(BLUE, at=second)
    forth, back = (compose_sheet(each, (180, 120), shadow="none").alpha for each in (pieces, pieces[::-1]))
    np.testing.assert_allclose(forth, back, atol=1e-6)


@settings(max_examples=25)
@given(by=st.integers(-20, 20))
def test_moving_a_place_moves_the_picture(by):
    one, other = (compose_sheet([block(at=(90.0 + each, 100.0))], (180, 120)) for each in (0, by))
    np.testing.assert_allclose(np.roll(one.alpha, by, axis=1), other.alpha, atol=1e-6)
    np.testing.assert_allclose(np.roll(one.density, by, axis=1), other.density, atol=2e-3)


@pytest.mark.parametrize("kind", ["contact", "drop"])
def test_a_shadow_takes_its_strength_of_the_ground_and_no_more(kind):
    made = compose_sheet([block(at=(90, 80))], (180, 140), shadow=kind, strength=0.3)
    assert made.density.max() == pytest.approx(0.3, abs=0.01)
    assert compose_sheet([block()], (180, 140), shadow=kind, strength=0.0).density.max() == 0


def test_a_drop_shadow_darkens_the_piece_behind_it():
    far, near = block(RED, width=120, at=(90, 130), to=100.0, height=100), block(BLUE, at=(90, 120), to=40.0)
    plain, shaded = (compose_sheet([far, near], (200, 150), shadow=each, angle_deg=0.0) for each in ("none", "drop"))
    beside = np.s_[100, 105:110]
    assert shaded.rgb[beside].mean() < 0.95 * plain.rgb[beside].mean()
    np.testing.assert_array_equal(plain.alpha, shaded.alpha)


def test_shadows_of_a_small_and_a_tall_piece_are_equally_soft():
    rims = []
    for other in (block(at=(300, 190), to=180.0), block(at=(300, 190), to=90.0)):
        made = compose_sheet([block(at=(100, 190), to=180.0), other], (400, 240), shadow="drop", angle_deg=0.0)
        row = made.density[190 - 45]
        cover = made.alpha[190 - 45]
        right = row[300 + int(np.flatnonzero(cover[300:] < 0.01)[0]) :]
        rims.append(int((right > 0.02).sum()))
    assert abs(rims[0] - rims[1]) <= 2


def test_a_piece_beyond_the_sheet_is_cut_and_told():
    made = compose_sheet([block(at=(0.0, 90.0))], (120, 100), shadow="none")
    assert made.outside[0] == pytest.approx(0.5, abs=0.03)
    assert made.margin == 0
    gone = compose_sheet([block(at=(50, 90)), block(at=(50.0, 0.0))], (120, 100))
    assert gone.outside[1] == 1.0
    assert np.isfinite(gone.rgb).all()


def test_a_clean_seam_is_quiet_and_a_fringe_of_the_old_backdrop_is_told():
    far = block(RED, width=120, height=100, at=(90, 130), to=100.0)
    near = block(BLUE, at=(90, 110), to=60.0)
    assert compose_sheet([far, near], (200, 150), shadow="none").seam == 0.0
    dirty = near.rgb.copy()
    dirty[(near.alpha > 0) & (near.alpha < 1)] = 0.9  # paper, left in the edge's color
    fringed = compose_sheet([far, Piece(dirty, near.alpha, near.at, near.height)], (200, 150), shadow="none")
    assert fringed.seam > 0.9


def test_nothing_to_place_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="name at least one cut-out"):
        compose_sheet([], (100, 100))
    empty = Piece(np.zeros((20, 20, 3), np.float32), np.zeros((20, 20), np.float32), (5, 5), 10)
    with pytest.raises(ValueError, match="cut it out first"):
        compose_sheet([empty], (100, 100))
