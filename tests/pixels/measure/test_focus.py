"""Edge blur in px: known kernels, directions, and pictures that cannot tell."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pixels.color.light import luminance_of
from safelight.pixels.color.spaces import encode
from safelight.pixels.measure.focus import find_edges, focus_luma, focus_luma_of, measure_focus


def _disks(blur_px: float, side: int = 384) -> np.ndarray:
    """Sixteen disks in linear light, blurred by a Gaussian of `blur_px` before sampling at 4 times the size."""
    big = np.full((side * 4, side * 4), 0.2, np.float32)
    for row in range(4):
        for column in range(4):
            middle = (int((column + 0.5) * side), int((row + 0.5) * side))
            cv2.circle(big, middle, int(side * 0.35), 0.6, -1)
    big = cv2.GaussianBlur(big, (0, 0), 4 * blur_px)
    return focus_luma(cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA))


@settings(deadline=None, max_examples=12)
@given(blur=st.floats(0.6, 4.5))
def test_a_gaussian_blur_is_measured_in_px(blur: float) -> None:
    measured = measure_focus([find_edges(_disks(blur))]).blur_px
    assert measured == pytest.approx(blur, rel=0.08, abs=0.12)


def test_a_disk_reads_as_the_gaussian_of_the_same_slope() -> None:
    # Across a straight edge a disk of radius r has the slope 2 / (pi r), a Gaussian 1 / (sigma sqrt(2 pi)).
    sharp, radius = _disks(0.6), 6
    y, x = np.mgrid[-8:9, -8:9]
    disk = (x**2 + y**2 <= radius**2).astype(np.float32)
    found = measure_focus([find_edges(cv2.filter2D(sharp, -1, disk / disk.sum()))])
    assert found.kind == "defocus"
    assert found.blur_px == pytest.approx(radius * np.sqrt(np.pi / 8), rel=0.2)


@pytest.mark.parametrize("angle_deg", [0, 45, 90, 135])
def test_movement_is_told_from_defocus_with_its_direction(angle_deg: int) -> None:
    kernel = np.zeros((15, 15), np.float32)
    radians = np.radians(angle_deg)
    for step in np.linspace(-7, 7, 57):
        kernel[round(7 - step * np.sin(radians)), round(7 + step * np.cos(radians))] = 1
    found = measure_focus([find_edges(cv2.filter2D(_disks(0.6), -1, kernel / kernel.sum()))])
    assert found.kind == "motion"
    assert abs((found.direction_deg - angle_deg + 90) % 180 - 90) < 15
    assert 9 < found.motion_px < 30  # 15 px; real pictures read low, clean edges high


def test_exposure_does_not_change_the_blur() -> None:
    luma = _disks(1.2)
    dim = measure_focus([find_edges(luma * np.float32(0.5))]).blur_px
    assert dim == pytest.approx(measure_focus([find_edges(luma)]).blur_px, abs=0.02)


def test_noise_on_a_flat_field_is_no_sharp_edge() -> None:
    noise = np.random.default_rng(3).normal(0.2, 0.02, (384, 384)).astype(np.float32)
    assert measure_focus([find_edges(focus_luma(noise))]).kind == "cant_tell"


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf, -5.0])
def test_an_empty_picture_cannot_tell(value: float) -> None:
    found = measure_focus([find_edges(focus_luma(np.full((64, 64), value, np.float32)))])
    assert found.kind == "cant_tell"
    assert np.isnan(found.blur_px)


def test_one_pixel_cannot_tell() -> None:
    edges = find_edges(np.zeros((1, 1), np.float32))
    assert len(edges) == 0
    assert np.isnan(edges.typical_px)
    assert measure_focus([]).kind == "cant_tell"


def test_a_soft_background_does_not_make_a_sharp_subject_soft() -> None:
    sharp, soft = find_edges(_disks(0.7)), find_edges(_disks(4.0))
    assert measure_focus([sharp] * 5 + [soft] * 5).kind == "sharp"


def test_8_bit_grays_have_the_luma_of_their_light() -> None:
    codes = np.arange(256, dtype=np.uint8)
    gray = np.repeat(codes[None, :, None], 3, axis=2)
    assert np.abs(focus_luma_of(gray, "srgb") - focus_luma(luminance_of(gray, "srgb"))).max() < 2e-4


@pytest.mark.parametrize("blur", [0.8, 2.0])
@pytest.mark.parametrize("ink", [(0.9, 0.1, 0.1), (0.1, 0.2, 0.9), (0.2, 0.8, 0.3)])
def test_edges_of_colors_are_as_wide_by_codes_as_by_light(ink: tuple[float, ...], blur: float) -> None:
    share = _disks(blur)[..., None] ** 2
    codes = np.rint(255 * encode((share * np.float32(ink)).astype(np.float32), "srgb")).astype(np.uint8)
    by_codes, by_light = focus_luma_of(codes, "srgb"), focus_luma(luminance_of(codes, "srgb"))
    found = [measure_focus([find_edges(each)]).blur_px for each in (by_codes, by_light)]
    assert found[0] == pytest.approx(found[1], rel=0.05)


def test_deeper_pictures_are_decoded_and_not_looked_up() -> None:
    codes = np.full((4, 4, 3), 30_000, np.uint16)
    assert np.array_equal(focus_luma_of(codes, "srgb"), focus_luma(luminance_of(codes, "srgb")))
