import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.measure.acutance import find_edges, measure_again, typical_blur
from tests.checks.targets import disks

EVERYWHERE = np.full((640, 640), 255, np.uint8)


@pytest.mark.parametrize("blur_px", [0.7, 1.0, 1.5, 2.0, 3.0])
def test_a_gaussian_of_s_px_measures_s(blur_px):
    edges = find_edges(disks(blur_px), "srgb", EVERYWHERE)
    assert len(edges) > 100
    assert np.median(edges.blur_px) == pytest.approx(blur_px, rel=0.1)
    assert typical_blur(edges)[0] == pytest.approx(blur_px, rel=0.12)


def test_a_clean_step_has_no_overshoot_and_its_height():
    edges = find_edges(disks(1.0), "srgb", EVERYWHERE)
    assert abs(np.median(edges.overshoot)) < 0.03
    assert np.median(edges.step) == pytest.approx(120, rel=0.05)


def test_variances_add():
    before = disks(1.0)
    after = cv2.GaussianBlur(before, (0, 0), 1.5)
    edges = find_edges(after, "srgb", EVERYWHERE)
    again = measure_again(edges, before, "srgb")
    grown = np.nanmedian(edges.blur_px**2 - again.blur_px**2)
    assert grown**0.5 == pytest.approx(1.5, rel=0.08)


def test_unsharp_masking_shows_as_overshoot():
    before = disks(1.0).astype(np.float32)
    soft = cv2.GaussianBlur(before, (0, 0), 2.0)
    after = np.clip(np.rint(before + 1.5 * (before - soft)), 0, 255).astype(np.uint8)
    assert np.nanmedian(find_edges(after, "srgb", EVERYWHERE).overshoot) > 0.15


@settings(max_examples=10, deadline=None)
@given(low=st.integers(10, 90), step=st.integers(60, 150))
def test_contrast_does_not_change_the_blur(low, step):
    edges = find_edges(disks(1.2, dark=low, light=low + step), "srgb", EVERYWHERE)
    assert np.median(edges.blur_px) == pytest.approx(1.2, rel=0.1)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_the_picture_does_not_change_the_blur(turns):
    one = typical_blur(find_edges(disks(1.2), "srgb", EVERYWHERE))[0]
    other = typical_blur(find_edges(np.ascontiguousarray(np.rot90(disks(1.2), turns)), "srgb", EVERYWHERE))[0]
    assert other == pytest.approx(one, abs=0.08)


def test_edges_outside_the_mask_do_not_count():
    mask = np.zeros((640, 640), np.uint8)
    mask[:, :300] = 255
    edges = find_edges(disks(1.0), "srgb", mask)
    assert edges.columns.max() < 300


@pytest.mark.parametrize("picture", ["flat", "pixel", "thin", "nan", "noise"])
def test_hostile_pictures_give_few_or_no_edges_and_no_error(picture):
    made = {
        "flat": np.full((300, 300, 3), 90, np.uint8),
        "pixel": np.full((1, 1, 3), 90, np.uint8),
        "thin": np.zeros((2, 4000, 3), np.uint16),
        "nan": np.full((64, 64, 3), np.nan, np.float32),
        "noise": np.random.default_rng(0).normal(128, 3, (300, 300, 3)).clip(0, 255).astype(np.uint8),
    }[picture]
    edges = find_edges(made, "srgb", np.full(made.shape[:2], 255, np.uint8))
    assert typical_blur(edges)[0] is None


def test_an_edge_that_the_other_picture_lacks_is_nan():
    edges = find_edges(disks(1.0), "srgb", EVERYWHERE)
    again = measure_again(edges, np.full((640, 640, 3), 90, np.uint8), "srgb")
    assert len(again) == len(edges)
    assert np.isnan(again.blur_px).all()
