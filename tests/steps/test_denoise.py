"""Denoise: as much as is there, light and color apart, and nothing where there is none."""

import cv2
import numpy as np
import pytest

from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.pixels.detail.denoise import denoise
from safelight.pixels.detail.noise import KNOTS, level_back, level_out, measure_noise
from safelight.plugins import step_named
from tests.steps.pictures import Lent


def scene(side=192):
    """Shapes of several colors with soft shading, (H, W, 3) float32 code values."""
    rows, cols = np.mgrid[0:side, 0:side].astype(np.float32) / side
    picture = np.stack([0.25 + 0.5 * rows, 0.7 - 0.4 * cols, 0.3 + 0.3 * rows * cols], axis=-1)
    cv2.circle(picture, (side // 2, side // 2), side // 4, (0.8, 0.2, 0.2), -1, cv2.LINE_AA)
    for at in range(12, side, 24):
        cv2.line(picture, (at, 10), (at, side // 4), (0.1, 0.1, 0.1), 2)
    return np.ascontiguousarray(picture, np.float32)


def noisy(picture, sigma, seed=0):
    return np.asarray(picture + sigma * np.random.default_rng(seed).normal(size=picture.shape), np.float32)


def psnr(one, two):
    return float(-10 * np.log10(np.mean((one - two) ** 2)))


@pytest.mark.parametrize("sigma", [0.02, 0.06, 0.12])
def test_noise_is_measured_within_a_tenth(sigma):
    assert measure_noise(noisy(scene(512), sigma)).mean() == pytest.approx(sigma, rel=0.1)


def test_noise_that_grows_with_light_is_measured_at_each_lightness():
    ramp = np.repeat(np.tile(np.linspace(0.05, 0.95, 1024, dtype=np.float32), (512, 1))[..., None], 3, axis=2)
    grows = np.asarray(ramp + (0.01 + 0.05 * ramp) * np.random.default_rng(1).normal(size=ramp.shape), np.float32)
    found = measure_noise(grows).mean(axis=1)
    assert found[1:8] == pytest.approx(0.01 + 0.05 * np.linspace(0, 1, KNOTS)[1:8], rel=0.15)


def test_leveled_code_values_come_back():
    picture = noisy(scene(), 0.05)
    noise = np.linspace(0.01, 0.06, KNOTS, dtype=np.float32)[:, None].repeat(3, axis=1)
    leveled, tables = level_out(picture, noise)
    assert np.abs(level_back(leveled, tables) - picture).max() < 2e-3


@pytest.mark.parametrize(("quick", "least"), [(False, 8.0), (True, 7.0)])
def test_a_noisy_picture_comes_nearer_to_the_clean_one(quick, least):
    clean = scene()
    torn = noisy(clean, 0.08)
    gained = psnr(denoise(torn, measure_noise(torn), quick=quick), clean) - psnr(torn, clean)
    assert gained > least


def test_no_noise_changes_nothing():
    clean = scene()
    assert np.array_equal(denoise(clean, np.zeros((KNOTS, 3), np.float32)), clean)


def test_color_alone_leaves_the_light():
    torn = noisy(scene(), 0.05)
    done = denoise(torn, np.full((KNOTS, 3), 0.05, np.float32), luminance=0.0, color=1.0)
    assert np.abs(done.mean(axis=2) - torn.mean(axis=2)).max() < 0.01
    assert psnr(done, scene()) > psnr(torn, scene()) + 2


def test_detail_gives_grain_back():
    torn, noise = noisy(scene(), 0.05), np.full((KNOTS, 3), 0.05, np.float32)
    off = [np.abs(denoise(torn, noise, detail=each) - torn).mean() for each in (0.0, 0.5, 1.0)]
    assert off[0] > off[1] > off[2]


def test_a_tile_more_or_less_shows_no_seam(monkeypatch):
    torn, noise = noisy(scene(), 0.05), np.full((KNOTS, 3), 0.05, np.float32)
    whole = denoise(torn, noise)
    monkeypatch.setattr("safelight.pixels.detail.denoise._TILE_PX", 96)
    assert np.abs(denoise(torn, noise) - whole).mean() < 0.004


def proposed(picture, **wanted):
    step = step_named("denoise")
    codes = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    lent = Lent(Image(np.ascontiguousarray(codes), "srgb"))
    small = Image(np.zeros((8, 8, 3), np.float32), "linear_rec2020")
    return step, step.propose(Picture(small, (codes.shape[1], codes.shape[0])), None, wanted, lent)


def test_the_step_measures_and_takes_out():
    step, found = proposed(noisy(scene(), 0.04))
    assert found.facts["noise_levels"] == pytest.approx(9, rel=0.25)
    assert found.confidence.value < 0.7
    assert {each.code for each in found.reasons} == {"noise", "strong_noise", "grain_or_noise"}
    assert not step.idle(found.params)


def test_a_render_without_noise_is_left_alone():
    step, found = proposed(scene())
    assert step.idle(found.params)
    assert found.reasons[0].code == "no_noise"
    light = np.full((64, 64, 3), 0.2, np.float32)
    assert np.array_equal(step.paint(light, found.params), light)


quickly = pytest.mark.parametrize("quick", [False, True], ids=["full", "fast"])


@quickly
@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (33, 50), (31, 31)])
def test_any_shape_comes_back_as_it_was(quick, shape):
    torn = noisy(np.full((*shape, 3), 0.4, np.float32), 0.05)
    done = denoise(torn, np.full((KNOTS, 3), 0.05, np.float32), quick=quick)
    assert done.shape == torn.shape
    assert np.isfinite(done).all()


@quickly
def test_a_gray_picture_stays_gray(quick):
    gray = noisy(scene(), 0.06).mean(axis=2, keepdims=True).repeat(3, axis=2)
    done = denoise(gray, measure_noise(gray), quick=quick)
    assert np.ptp(done, axis=2).max() < 0.003


@quickly
def test_a_16_bit_picture_keeps_steps_finer_than_8_bits(quick):
    ramp = np.tile(np.linspace(0.30, 0.34, 256, dtype=np.float32), (128, 1))[..., None].repeat(3, axis=2)
    torn = np.asarray(np.rint(noisy(ramp, 0.004) * 65535) / np.float32(65535), np.float32)
    done = denoise(torn, np.full((KNOTS, 3), 0.004, np.float32), quick=quick)
    assert np.abs(done - ramp)[8:-8, 8:-8].mean() < 0.4 * np.abs(torn - ramp).mean()


def test_two_threads_give_what_one_gives(monkeypatch):
    torn, noise = noisy(scene(), 0.05), np.full((KNOTS, 3), 0.05, np.float32)
    monkeypatch.setattr("safelight.pixels.detail.denoise._TILE_PX", 96)
    done = []
    for threads in (1, 2):
        monkeypatch.setattr("safelight.pixels.detail.denoise.cv2.getNumThreads", lambda threads=threads: threads)
        done.append(denoise(torn, noise))
    assert np.array_equal(*done)


def test_a_place_without_a_number_harms_no_other():
    torn, noise = noisy(scene(), 0.05), np.full((KNOTS, 3), 0.05, np.float32)
    broken = torn.copy()
    broken[60, 60] = np.nan
    done, whole = denoise(broken, noise), denoise(torn, noise)
    assert np.isfinite(done).all()
    assert np.abs(done[:20] - whole[:20]).max() < 0.02


def test_film_grain_of_a_finished_file_is_doubted_not_assumed():
    _, found = proposed(noisy(scene(), 0.03))
    assert "grain_or_noise" in {each.code for each in found.reasons if each.doubt}
    assert found.confidence.value < 0.75
