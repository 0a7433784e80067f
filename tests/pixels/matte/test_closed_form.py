"""Alpha in a band by the closed form: pymatting's numbers, both ways of solving, and bands at a frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte import closed_form as module
from safelight.pixels.matte.closed_form import closed_form
from safelight.pixels.matte.trimap import Trimap


def scene(size=40, soft=6.0, seed=1, center=None):
    """A disk of one colored texture before another, with a soft edge: codes, trimap, alpha."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    at = center or (size / 2, size / 2)
    away = size * 0.3 - np.hypot(y - at[0], x - at[1])
    alpha = np.clip(away / soft + 0.5, 0, 1).astype(np.float32)
    chance = np.random.default_rng(seed)
    front = np.float32([0.8, 0.3, 0.2]) + 0.04 * chance.standard_normal((size, size, 3), np.float32)
    behind = np.float32([0.2, 0.4, 0.7]) + 0.04 * chance.standard_normal((size, size, 3), np.float32)
    codes = alpha[..., None] * front + (1 - alpha[..., None]) * behind
    return codes.astype(np.float32), Trimap(away > soft, away < -soft), alpha


def half(alpha):
    return np.full(alpha.shape, 0.5, np.float32)


def test_it_agrees_with_pymatting_where_both_are_as_strict(monkeypatch):
    from pymatting import cf_laplacian
    from scipy.sparse.linalg import spsolve

    codes, trimap, alpha = scene(soft=8.0)
    monkeypatch.setattr(module, "_LOOSE", 1e-5)
    monkeypatch.setattr(module, "_STRICT", 1e-5)
    theirs = cf_laplacian(codes.astype(np.float64), epsilon=1e-5 / 9 / 1.0).tocsr()
    unknown = trimap.unknown.ravel()
    rest = theirs[unknown][:, unknown]
    pull = -theirs[unknown][:, ~unknown] @ trimap.subject.ravel()[~unknown].astype(float)
    wanted = np.clip(spsolve(rest.tocsc(), pull), 0, 1)
    found = closed_form(codes, trimap, half(alpha))[trimap.unknown]
    assert np.abs(found - wanted).mean() < 2e-3


def test_a_soft_edge_between_two_textures_is_found():
    codes, trimap, alpha = scene(size=80)
    assert np.abs(closed_form(codes, trimap, half(alpha)) - alpha)[trimap.unknown].mean() < 0.05


def test_what_is_known_stays_as_it_is_and_no_band_is_no_work():
    codes, trimap, alpha = scene()
    found = closed_form(codes, trimap, half(alpha))
    assert (found[trimap.subject] == 1).all() and (found[trimap.background] == 0).all()
    sure = Trimap(alpha > 0.5, alpha <= 0.5)
    assert np.array_equal(closed_form(codes, sure, half(alpha)), sure.subject.astype(np.float32))


@pytest.mark.parametrize("limit", ["_MOST_TAIL", "_MOST_WORK"])
def test_a_band_too_wide_to_be_factored_gives_the_same_by_gradients(monkeypatch, limit):
    codes, trimap, alpha = scene(soft=8.0)
    factored = closed_form(codes, trimap, half(alpha))
    monkeypatch.setattr(module, limit, 0)
    monkeypatch.setattr(module, "_TOLERANCE", 1e-7)
    monkeypatch.setattr(module, "_ROUNDS", 5000)
    assert np.abs(closed_form(codes, trimap, half(alpha)) - factored).max() < 5e-3


def crowd(size=90):
    """Three soft disks of one texture, two of them apart, beside one wide as a fur: bands in pieces of other widths."""
    parts = [scene(size, soft, 4, at) for soft, at in ((4.0, (18, 18)), (9.0, (60, 62)))]
    subject = parts[0][1].subject | parts[1][1].subject
    unknown = (parts[0][1].unknown | parts[1][1].unknown) & ~subject
    alpha = np.maximum(parts[0][2], parts[1][2])
    codes = np.where((parts[0][2] > parts[1][2])[..., None], parts[0][0], parts[1][0])
    return codes, Trimap(subject, ~subject & ~unknown), alpha


@pytest.mark.parametrize(("part", "piece"), [(16, 16), (64, 10), (10_000, 10_000)])
def test_a_band_factored_in_parts_or_pieces_gives_the_same_as_in_one(monkeypatch, part, piece):
    codes, trimap, alpha = crowd()
    monkeypatch.setattr(module, "_MOST_WORK", 0)
    monkeypatch.setattr(module, "_TOLERANCE", 1e-9)
    monkeypatch.setattr(module, "_ROUNDS", 20_000)
    wanted = closed_form(codes, trimap, half(alpha))
    monkeypatch.setattr(module, "_MOST_WORK", 1e12)
    monkeypatch.setattr(module, "_PART", part)
    monkeypatch.setattr(module, "_PIECE", piece)
    assert np.abs(closed_form(codes, trimap, half(alpha)) - wanted).max() < 1e-3


def test_bands_that_share_no_window_are_pieces_of_their_own(monkeypatch):
    monkeypatch.setattr(module, "_PIECE", 1)
    farthest = np.array([2, 2, 2, 4, 4, 5], np.int32)
    assert module._pieces(farthest) == [(0, 3), (3, 5), (5, 6)]
    monkeypatch.setattr(module, "_PIECE", 3)
    assert module._pieces(farthest) == [(0, 3), (3, 6)]


def test_a_piece_of_the_band_that_touches_nothing_known_stays_finite():
    codes, _, alpha = scene()
    nothing = np.zeros(alpha.shape, np.bool_)
    found = closed_form(codes, Trimap(nothing, nothing), half(alpha))
    assert np.isfinite(found).all() and found.min() >= 0 and found.max() <= 1


@given(turn=st.integers(0, 3), row=st.floats(0, 40), column=st.floats(0, 40))
@settings(max_examples=20, deadline=None)
def test_a_picture_that_is_turned_or_cut_by_its_frame_gives_the_same_turned(turn, row, column):
    codes, trimap, alpha = scene(center=(row, column))
    plain = closed_form(codes, trimap, half(alpha))
    turned = Trimap(np.rot90(trimap.subject, turn).copy(), np.rot90(trimap.background, turn).copy())
    other = closed_form(np.ascontiguousarray(np.rot90(codes, turn)), turned, half(np.rot90(alpha, turn)))
    assert np.abs(np.rot90(plain, turn) - other).max() < 0.01


def test_trust_keeps_near_the_first_alpha():
    codes, trimap, alpha = scene()
    first = np.full(alpha.shape, 0.25, np.float32)
    assert np.abs(closed_form(codes, trimap, first, trust=1e6) - 0.25)[trimap.unknown].max() < 0.01
