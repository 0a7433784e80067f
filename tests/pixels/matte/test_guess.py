"""From a rough guess to a matte: the closed form's laws, and an edge that a guess had wrong."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte.closed_form import closed_form
from safelight.pixels.matte.guess import solve_guess
from safelight.pixels.matte.trimap import Trimap
from tests.pixels.matte.scenes import disk

SIDE = 240


def busy(side=SIDE, seed=3):
    """A background that no even paper explains: tiles of blues and greens, light and dark."""
    tiles = np.random.default_rng(seed).random((12, 12, 3), dtype=np.float32)
    wall = cv2.resize(tiles, (side, side), interpolation=cv2.INTER_NEAREST)
    return np.float32([0.01, 0.03, 0.06]) + 0.5 * wall * np.float32([0.1, 0.7, 1])


def scene():
    alpha = disk(SIDE, SIDE // 4)
    light = alpha[..., None] * np.float32([0.5, 0.1, 0.05]) + (1 - alpha[..., None]) * busy()
    noise = np.random.default_rng(5).standard_normal(light.shape, dtype=np.float32)
    return np.asarray(light + 0.004 * noise, np.float32), alpha


def rough(alpha, shift=0, blur=4):
    """What a network of few pixels says: the truth, moved and blurred."""
    moved = np.roll(alpha, shift, axis=1)
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), blur), np.float32)


@pytest.mark.parametrize("shift", [0, 5])
def test_the_edge_is_the_pictures_not_the_guess(shift) -> None:
    picture, alpha = scene()
    guess = rough(alpha, shift)
    matte, facts = solve_guess(picture, guess, step_px=4)
    error, of_guess = (float(np.abs(each - alpha).mean()) for each in (matte.alpha, guess))
    assert error < 0.004 < of_guess
    assert facts.overruled_share < 0.2


def test_a_blurred_guess_is_less_sure() -> None:
    picture, alpha = scene()
    (_, sharp), (_, soft) = (solve_guess(picture, rough(alpha, blur=each), step_px=4) for each in (2, 10))
    assert sharp.unsure_share < soft.unsure_share


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_guess_without_a_contour_is_refused(level) -> None:
    with pytest.raises(ValueError, match="sees no subject, or nothing but it"):
        solve_guess(busy(60), np.full((60, 60), level, np.float32), step_px=4)


def test_the_same_picture_gives_the_same_matte() -> None:
    picture, alpha = scene()
    first, second = (solve_guess(picture, rough(alpha, 3), step_px=4)[0].alpha for _ in range(2))
    assert np.array_equal(first, second)


@given(at=st.integers(8, 20), width=st.integers(2, 12), low=st.floats(0, 0.3), high=st.floats(0.6, 1))
@settings(max_examples=20, deadline=None)
def test_closed_form_finds_a_ramp_between_any_two_colors(at, width, low, high) -> None:
    ramp = np.clip((np.arange(40, dtype=np.float32) - at) / width, 0, 1)
    alpha = np.tile(ramp, (10, 1))
    sides = np.float32([low, 0.2, 0.5]), np.float32([high, 0.7, 0.1])
    picture = np.asarray(alpha[..., None] * sides[1] + (1 - alpha[..., None]) * sides[0], np.float32)
    found = closed_form(picture, Trimap(alpha >= 1, alpha <= 0), np.full(alpha.shape, 0.5, np.float32))
    assert np.abs(found - alpha).max() < 0.03


def test_closed_form_keeps_what_the_trimap_knows() -> None:
    picture, alpha = scene()
    known = Trimap(alpha > 0.99, alpha < 0.01)
    found = closed_form(np.sqrt(picture.clip(0, 1)), known, alpha)
    assert (found[known.subject] == 1).all()
    assert (found[known.background] == 0).all()
    assert 0 <= found.min() <= found.max() <= 1


def test_closed_form_is_that_of_pymatting() -> None:
    """Another implementation of the same paper, whole picture, its own solver."""
    estimate = pytest.importorskip("pymatting.alpha.estimate_alpha_cf").estimate_alpha_cf
    picture, alpha = scene()
    codes = np.sqrt(picture.clip(0, 1))
    known = Trimap(alpha > 0.999, alpha < 0.001)
    wide = cv2.dilate(known.unknown.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    known = Trimap(known.subject & ~wide, known.background & ~wide)
    gray = np.where(known.subject, 1.0, np.where(known.background, 0.0, 0.5))
    theirs = estimate(codes.astype(float), gray, laplacian_kwargs={"epsilon": 1e-5})
    ours = closed_form(codes, known, np.full(alpha.shape, 0.5, np.float32))
    assert np.abs(ours - theirs)[known.unknown].mean() < 0.01
