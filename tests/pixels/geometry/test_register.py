from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.pixels.geometry.register import register
from tests.shoots import product

SCENE = product(3)


def at(found, x, y):
    """Return where a point of the picture lies in the original."""
    return (np.array(found.geometry.matrix) @ [x, y, 1])[:2]


def test_two_pictures_of_one_size_lie_as_they_are():
    found = register(SCENE, SCENE)
    assert found.agreement > 0.999
    assert np.allclose(found.geometry.matrix, np.eye(3))


def test_a_crop_is_found_to_the_pixel():
    found = register(np.ascontiguousarray(SCENE[120:860, 200:950]), SCENE)
    assert np.allclose(at(found, 0, 0), (200, 120), atol=1.2)


@pytest.mark.parametrize("angle", [0.0, 2.0])
def test_a_reduced_and_turned_copy_is_found(angle):
    rng = np.random.default_rng(7)
    scene = cv2.resize(rng.integers(0, 255, (90, 120, 3), dtype=np.uint8), (1200, 900), interpolation=cv2.INTER_CUBIC)
    turn = cv2.getRotationMatrix2D((600, 450), angle, 1.0)
    small = cv2.resize(cv2.warpAffine(scene, turn, (1200, 900)), (600, 450), interpolation=cv2.INTER_AREA)
    found = register(small, scene)
    assert np.allclose(at(found, 300, 225), (600, 450), atol=1.5)


def test_other_pictures_are_not_laid_over_each_other():
    other = np.random.default_rng(1).integers(0, 255, SCENE.shape, dtype=np.uint8)
    found = register(other, SCENE)
    assert found.geometry is None
    assert "agree by" in found.why


def test_flat_pictures_are_told_apart_from_matching_ones():
    flat = np.full((300, 300, 3), 200, np.uint8)
    assert register(flat, SCENE).geometry is None
