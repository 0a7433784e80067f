"""Masks at large: quicker ways give the very same answers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.masks import lines_held, majority
from safelight.pixels.matte.parts import Parts


@pytest.mark.parametrize("size", [3, 9, 11, 21])
def test_what_most_are_is_the_median_of_zeros_and_ones_up_to_the_frame(size):
    rough = np.random.default_rng(size).normal(size=(61, 83)).astype(np.float32)
    mask = (cv2.GaussianBlur(rough, (0, 0), 2) > 0).astype(np.uint8)
    assert np.array_equal(majority(mask, size), cv2.medianBlur(mask, size))


def test_lines_that_hold_nothing_are_none():
    assert [each.tolist() for each in lines_held(np.zeros((3, 5), np.float32))] == [[], []]


@settings(deadline=None, max_examples=40)
@given(share=st.floats(0, 1), seed=st.integers(0, 99))
def test_parts_are_counted_alike_however_many_pixels_they_hold(share, seed):
    rng = np.random.default_rng(seed)
    mask, where = rng.random((2, 17, 23)) < np.array([share, 0.5])[:, None, None]
    parts = Parts.of(mask, connectivity=4)
    inside = np.bincount(parts.labels[where], minlength=parts.count)
    assert parts.counts(where).tolist() == [0, *inside[1:]]
    assert parts.sizes().tolist() == [0, *np.bincount(parts.labels.ravel(), minlength=parts.count)[1:]]
    assert parts.sizes().sum() == mask.sum()
