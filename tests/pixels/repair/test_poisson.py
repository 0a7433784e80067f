"""Poisson's equation in holes of any shape, against a direct solution."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.repair.poisson import solve_poisson

KERNEL = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)


def laplacian(values):
    return cv2.filter2D(values, -1, KERNEL, borderType=cv2.BORDER_REPLICATE).reshape(values.shape)


def cloud(side, seed, soft):
    noise = np.random.default_rng(seed).normal(size=(side, side, 3)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), soft)


@pytest.mark.parametrize("side", [40, 121, 250])
def test_a_picture_is_found_again_from_its_laplacian_and_its_rim(side):
    truth = cloud(side, 1, side / 20) + 0.05 * cloud(side, 2, 1)
    hole = cloud(side, 3, side / 12)[..., 0]
    hole = hole > np.percentile(hole, 60)
    torn = truth.copy()
    torn[hole] = 9
    found = solve_poisson(torn, laplacian(truth), hole)
    assert np.abs(found - truth).max() < 0.02 * truth.std()
    assert np.array_equal(found[~hole], truth[~hole])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_membrane_stays_between_the_values_around_it(seed):
    start = cloud(30, seed, 2)
    hole = np.zeros((30, 30), dtype=np.bool_)
    hole[8:22, 5:25] = True
    found = solve_poisson(start, None, hole)
    rim = start[~hole]
    assert found.min() >= rim.min() - 1e-4
    assert found.max() <= rim.max() + 1e-4


def test_no_hole_changes_nothing():
    start = cloud(12, 1, 1)
    assert np.array_equal(solve_poisson(start, None, np.zeros((12, 12), dtype=np.bool_)), start)


def test_a_hole_of_everything_has_no_rim_and_stays_finite():
    start = cloud(12, 1, 1)
    assert np.isfinite(solve_poisson(start, None, np.ones((12, 12), dtype=np.bool_))).all()
