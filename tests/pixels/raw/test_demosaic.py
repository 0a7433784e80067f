"""The demosaic: what it keeps exactly, what it beats, and that strips are the whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.pixels.raw.demosaic import REACH_PX, demosaic, halved

REDS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def mosaic_of(picture, red):
    out = picture[..., 1].copy()
    (ry, rx), (by, bx) = red, (1 - red[0], 1 - red[1])
    out[ry::2, rx::2], out[by::2, bx::2] = picture[ry::2, rx::2, 0], picture[by::2, bx::2, 2]
    return np.ascontiguousarray(out, np.float32)


def scene(seed=3, size=128, stripe=5):
    """Soft shapes with fine stripes across, of all sorts of color."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    colors = cv2.GaussianBlur(rng.uniform(0.02, 1, (size, size, 3)).astype(np.float32), (0, 0), 6)
    colors = (colors - colors.min()) / np.ptp(colors)
    stripes = 0.6 + 0.4 * np.sin(2 * np.pi * (x + 0.4 * y) / stripe)
    return (0.05 + 0.9 * colors * stripes[..., None]).astype(np.float32)


def error_db(found, truth):
    return -10 * np.log10(np.mean((found - truth)[8:-8, 8:-8] ** 2))


@pytest.mark.parametrize("red", REDS)
@given(level=st.floats(0, 4), height=st.integers(4, 9), width=st.integers(4, 9))
def test_an_even_gray_stays_even(red, level, height, width):
    out = demosaic(np.full((height, width), level, np.float32), red)
    assert np.abs(out - np.float32(level)).max() <= 1e-5 * max(level, 1)


@pytest.mark.parametrize("red", REDS)
def test_what_a_site_saw_is_kept(red):
    seen = mosaic_of(scene(), red)
    assert np.allclose(mosaic_of(demosaic(seen, red), red), seen, atol=1e-6)


@pytest.mark.parametrize("red", REDS)
def test_every_layout_gives_the_same_picture(red):
    picture = scene()
    whole = demosaic(mosaic_of(picture, (0, 0)), (0, 0))
    moved = np.roll(picture, red, axis=(0, 1))
    back = np.roll(demosaic(mosaic_of(moved, red), red), [-each for each in red], axis=(0, 1))
    assert np.allclose(whole[16:-16, 16:-16], back[16:-16, 16:-16], atol=1e-5)


def test_fine_stripes_are_nearer_to_the_truth_than_by_linear_interpolation():
    picture = scene()
    seen = mosaic_of(picture, (0, 0))
    codes = np.round(seen * 65535).astype(np.uint16)
    linear = cv2.cvtColor(codes, cv2.COLOR_BayerBG2RGB).astype(np.float32) / 65535
    ours = np.maximum(demosaic(np.sqrt(seen), (0, 0)), 0) ** 2
    assert error_db(ours, picture) > error_db(linear, picture) + 6


def test_a_strip_with_its_reach_is_the_whole():
    seen = mosaic_of(scene(size=200), (0, 1))
    strip = demosaic(np.ascontiguousarray(seen[60 - REACH_PX : 100 + REACH_PX]), (0, 1))
    assert np.array_equal(strip[REACH_PX:-REACH_PX], demosaic(seen, (0, 1))[60:100])


def test_a_mosaic_of_three_rows_is_refused():
    with pytest.raises(ParameterError, match="at least 4 x 4 sites, got 9 x 3"):
        demosaic(np.zeros((3, 9), np.float32), (0, 0))


def test_a_hot_site_spoils_only_its_neighborhood():
    seen = np.full((64, 64), 0.25, np.float32)
    seen[32, 32] = 1e3
    out = demosaic(seen, (0, 0))
    far = np.ones((64, 64), bool)
    far[32 - REACH_PX : 33 + REACH_PX, 32 - REACH_PX : 33 + REACH_PX] = False
    assert np.allclose(out[far], 0.25, atol=1e-5)


@pytest.mark.parametrize("red", REDS)
def test_half_the_size_is_the_mean_of_four_and_without_a_colored_rim(red):
    y, x = np.mgrid[:64, :64].astype(np.float32)
    ramp = np.repeat((0.2 + 0.004 * x + 0.003 * y)[..., None], 3, axis=2)
    small = halved(np.sqrt(mosaic_of(ramp, red)), red)
    truth = cv2.resize(ramp, (32, 32), interpolation=cv2.INTER_AREA)
    assert np.abs(small - truth)[2:-2, 2:-2].max() < 2e-4


def test_half_the_size_agrees_in_color_with_the_whole_where_it_is_used():
    from safelight.pixels.color.difference import delta_e_2000, lab_from

    picture = cv2.GaussianBlur(scene(size=192, stripe=40), (0, 0), 3)
    roots = np.sqrt(mosaic_of(picture, (0, 0)))
    whole = np.maximum(demosaic(roots, (0, 0)), 0) ** 2
    seen = [cv2.resize(each, (48, 48), interpolation=cv2.INTER_AREA) for each in (whole, halved(roots, (0, 0)))]
    off = delta_e_2000(*(lab_from(each, "linear_rec2020") for each in seen))
    assert off.mean() < 0.5
