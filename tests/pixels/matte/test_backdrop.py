import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.matte.backdrop import estimate_backdrop
from tests.pixels.matte.scenes import composite, disk, shade, studio


def test_vignetting_and_gradient_are_followed_behind_the_subject():
    backdrop, grain = studio()
    found = estimate_backdrop(composite(disk(), (0.3, 0.05, 0.05), backdrop, grain))
    assert np.abs(found.rgb / backdrop - 1).max() < 0.03
    assert found.border_share > 0.98


def test_a_soft_shadow_is_not_part_of_the_backdrop():
    backdrop, grain = studio()
    alpha = disk()
    lit = backdrop * shade(alpha, 0.5, 12, (10, 25))
    found = estimate_backdrop(composite(alpha, (0.3, 0.05, 0.05), lit, grain))
    assert np.abs(found.rgb / backdrop - 1).max() < 0.06


def test_the_fold_between_wall_and_floor_is_followed():
    backdrop, grain = studio(slope=0)
    rows = np.arange(320)[:, None, None]
    folded = backdrop * (0.8 + 0.2 / (1 + np.exp(-(rows - 230) / 6))).astype(np.float32)
    found = estimate_backdrop(composite(disk(), (0.3, 0.05, 0.05), folded, grain))
    assert np.abs(found.rgb / folded - 1)[:, :60].max() < 0.05


@settings(max_examples=12, deadline=None)
@given(level=st.floats(0.02, 0.95))
def test_an_empty_even_backdrop_is_itself(level):
    flat = np.full((64, 80, 3), level, np.float32)
    found = estimate_backdrop(flat)
    assert found.rgb == pytest.approx(flat, rel=2e-3, abs=1e-4)
    assert found.falloff < 0.01


def test_noise_is_measured():
    backdrop, _ = studio()
    quiet, loud = (
        estimate_backdrop(composite(disk(), (0.3, 0, 0), backdrop, studio(noise=n)[1])) for n in (0.001, 0.01)
    )
    assert 5 < loud.noise_lightness / quiet.noise_lightness < 15


def test_a_busy_background_does_not_fit():
    chance = np.random.default_rng(2).uniform(0.05, 0.9, (20, 20, 3)).astype(np.float32)
    found = estimate_backdrop(np.kron(chance, np.ones((16, 16, 1), np.float32)))
    assert found.border_share < 0.5


def test_not_a_number_is_refused_with_the_way_out():
    broken = np.full((32, 32, 3), np.nan, np.float32)
    with pytest.raises(ValueError, match="NaN or infinity; decode it again"):
        estimate_backdrop(broken)


def test_a_tiny_picture_is_refused():
    with pytest.raises(ValueError, match="16 px a side, got 9 x 40"):
        estimate_backdrop(np.ones((40, 9, 3), np.float32))
