"""Bands in gradients: stretched 8 bits are found, noise and plain 8 bits are none."""

import cv2
import numpy as np
import pytest

from safelight.checks.banding import check
from safelight.pixels.measure.banding import measure_banding

from .targets import disks, judged, packshot, seen


def gradient(width=900, height=500, low=0.3, high=0.55, noise=0.0, seed=2):
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ramp = low + (high - low) * (0.8 * x / width + 0.2 * y / height)
    ramp = ramp + noise / 255 * np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32)
    return np.repeat(ramp[..., None], 3, axis=2)


def stretched(picture, factor):
    """What is left when 8 bits were compressed by `factor` and stretched again."""
    return np.rint(np.rint(picture * 255 / factor) * factor).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("factor", [2, 3, 4, 6])
def test_stretched_gradients_fail_with_the_height_of_their_steps(factor):
    verdict, values, evidence = judged(check, seen(stretched(gradient(), factor)))
    assert verdict.word == "fail", values
    assert values["step"] == pytest.approx(factor, abs=0.5)
    assert evidence and all((e.box[2] - e.box[0]) * (e.box[3] - e.box[1]) < 0.5 for e in evidence)


def test_a_band_a_hundred_pixels_wide_is_seen():
    wide = stretched(gradient(4800, 2400, 0.4, 0.5), 3)
    assert measure_banding(wide).share > 0.3


@pytest.mark.parametrize("noise", [0.7, 1.5, 4.0])
def test_noisy_gradients_are_clean(noise):
    picture = np.rint(gradient(noise=noise) * 255).astype(np.uint8)
    assert judged(check, seen(picture))[0].word == "pass"


def test_8_bits_alone_are_no_bands():
    assert measure_banding(np.rint(gradient() * 255).astype(np.uint8)).share == 0.0
    assert measure_banding(np.rint(gradient() * 65535).astype(np.uint16)).share == 0.0


def test_noise_before_the_stretch_hides_the_steps():
    assert measure_banding(stretched(gradient(noise=2.5), 3)).share < 0.05


def test_bands_survive_a_jpeg():
    good, data = cv2.imencode(".jpg", stretched(gradient(), 5), [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert good
    assert judged(check, seen(cv2.imdecode(data, cv2.IMREAD_COLOR)))[0].word == "fail"


def test_evidence_points_at_the_half_with_the_bands():
    picture = np.rint(gradient(noise=1.0) * 255).astype(np.uint8)
    picture[:, 480:] = stretched(gradient(), 5)[:, 480:]
    _, _, evidence = judged(check, seen(picture))
    assert evidence[0].box[0] >= 0.4


def test_sharp_pictures_and_flat_ones_have_none():
    for picture in (disks(1.0), packshot()[0], np.full((300, 300, 3), 90, np.uint8)):
        assert measure_banding(picture).share == 0.0


def test_a_picture_without_a_tile_is_said_and_warned_of():
    verdict, values, evidence = judged(check, seen(np.zeros((40, 40, 3), np.uint8)))
    assert verdict.word == "warn" and values == {"banded": None} and evidence == ()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_none_do_not_break_it(value):
    picture = gradient().astype(np.float32)
    picture[50:80, 50:80] = value
    assert measure_banding(picture).share == 0.0
