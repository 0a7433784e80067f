import cv2
import numpy as np
import pytest

from safelight.pixels.color.spaces import encode, to_integers
from safelight.pixels.matte.foreground import EdgeColors, remove_spill
from safelight.pixels.matte.matte_png import decode_matte, encode_matte
from safelight.pixels.matte.refine import refine_matte
from safelight.pixels.matte.shadow_layer import add_shadow
from safelight.pixels.matte.solve import solve_matte
from safelight.pixels.matte.survey import survey_matte
from tests.pixels.matte.scenes import composite, disk, shade, studio

RED = (0.35, 0.04, 0.03)


def difference(found, true):
    return float(np.abs(found - true).mean())


@pytest.mark.parametrize("level", [0.012, 0.2, 0.7, 0.95])
def test_a_disk_is_cut_out_of_any_gray(level):
    backdrop, grain = studio(level=level, noise=0.002 * level + 0.0002)
    alpha = disk()
    assert difference(solve_matte(composite(alpha, RED, backdrop, grain)).alpha, alpha) < 0.002


def test_white_on_white_with_three_percent_contrast_is_cut_out():
    alpha = disk()
    picture = composite(alpha, (0.9, 0.9, 0.9), np.full((320, 320, 3), 0.95, np.float32), studio(noise=0.001)[1])
    assert difference(solve_matte(picture).alpha, alpha) < 0.006


def test_black_on_black_is_cut_out():
    alpha = disk()
    backdrop, grain = studio(level=0.015, noise=0.0003)
    assert difference(solve_matte(composite(alpha, (0.004, 0.004, 0.005), backdrop, grain)).alpha, alpha) < 0.01


@pytest.mark.parametrize(("blur", "depth"), [(10, 0.4), (20, 0.6)])
def test_a_soft_shadow_stays_behind(blur, depth):
    alpha = disk()
    backdrop, grain = studio()
    found = solve_matte(composite(alpha, RED, backdrop * shade(alpha, depth, blur, (8, 24)), grain))
    assert difference(found.alpha, alpha) < 0.004
    assert found.subject.shadow.mean() > 0.01


def test_a_hard_shadow_stays_behind():
    alpha = disk(640, 160)
    backdrop, grain = studio(640)
    picture = composite(alpha, RED, backdrop * shade(alpha, 0.5, 2, (16, 20)), grain)
    assert difference(solve_matte(picture).alpha, alpha) < 0.006


def test_a_gray_side_of_a_box_is_no_shadow():
    alpha = np.zeros((320, 320), np.float32)
    alpha[80:240, 80:230] = 1
    backdrop, grain = studio()
    color = np.full((320, 320, 3), (0.1, 0.2, 0.5), np.float32)
    color[:, 200:] = 0.3
    found = solve_matte(composite(alpha, color, backdrop, grain))
    assert difference(found.alpha, alpha) < 0.005


def test_a_handle_is_open_and_a_small_white_letter_is_not():
    ring = disk(400, 120) - disk(400, 60)
    body = np.maximum(ring, disk(400, 55, (200, 60)))
    picture = composite(body, (0.1, 0.1, 0.3), np.ones((400, 400, 3), np.float32))
    picture[300:306, 198:204] = 1.0
    alpha = solve_matte(picture).alpha
    assert alpha[200, 200] == 0
    assert alpha[303, 201] == 1
    assert solve_matte(picture, holes=False).alpha[200, 200] == 1


def test_a_thread_three_pixels_wide_is_kept():
    alpha = disk()
    alpha[158:161, 240:300] = 1
    backdrop, grain = studio()
    found = solve_matte(composite(alpha, RED, backdrop, grain)).alpha
    assert found[159, 250:295].min() > 0.8


def test_an_empty_backdrop_has_no_subject():
    backdrop, grain = studio()
    facts = survey_matte(solve_matte(np.maximum(backdrop + grain, 0)))
    assert facts.area_share < 0.001
    assert facts.box == (0, 0, 0, 0)


@pytest.mark.parametrize("value", [0.0, 1.0, 5.0])
def test_a_flat_picture_of_any_value_does_not_fail(value):
    assert solve_matte(np.full((40, 60, 3), value, np.float32)).alpha.max() == 0


def test_full_size_alpha_follows_the_full_pixels():
    alpha = disk(960, 240, blur=1.0)
    backdrop, grain = studio(960)
    full = composite(alpha, RED, backdrop, grain)
    code = to_integers(encode(full, "linear_rec2020"), np.uint16)
    small = cv2.resize(full, (320, 320), interpolation=cv2.INTER_AREA)
    found = refine_matte(solve_matte(small), code, "linear_rec2020") / np.float32(65535)
    assert difference(found, alpha) < 0.001


@pytest.mark.parametrize("size", [(333, 517), (320, 320), (801, 640)])
def test_full_size_may_be_any_size(size):
    small = composite(disk(), RED, *studio())
    full = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    found = refine_matte(solve_matte(small), full, "linear_rec2020")
    assert found.shape == full.shape[:2]
    assert abs(found.mean() / 65535 - disk().mean()) < 0.002


def test_spill_is_removed_and_the_inside_is_untouched():
    alpha = disk(blur=2.0)
    backdrop = np.full((320, 320, 3), (0.1, 0.6, 0.2), np.float32)
    picture = composite(alpha, RED, backdrop)
    matte = solve_matte(picture)
    edge = EdgeColors.from_png(matte.colors.within(matte.trimap.unknown).to_png())
    clean = edge.clean(picture, matte.alpha, (0, 0, 1, 1))
    seen = matte.alpha > 0.2
    assert np.abs(clean[seen] - np.float32(RED)).mean() < 0.2 * np.abs(picture[seen & (matte.alpha < 1)] - RED).mean()
    assert (clean[matte.alpha == 1] == picture[matte.alpha == 1]).all()


def test_a_crop_is_cleaned_like_the_whole():
    picture = composite(disk(blur=2.0), RED, *studio())
    matte = solve_matte(picture)
    whole = matte.colors.clean(picture, matte.alpha, (0, 0, 1, 1))
    window = np.s_[80:240, 200:320]
    part = matte.colors.clean(
        np.ascontiguousarray(picture[window]), matte.alpha[window], (200 / 320, 80 / 320, 1, 240 / 320)
    )
    assert part == pytest.approx(whole[window], abs=1e-4)


def test_spill_removal_keeps_what_is_opaque():
    rgb = np.float32([[0.2, 0.3, 0.4]])
    assert remove_spill(rgb, np.float32([1.0]), rgb * 0, rgb * 2) == pytest.approx(rgb)


def test_a_kept_shadow_shades_another_background_alike():
    alpha = disk()
    backdrop, _ = studio()
    lit = backdrop * shade(alpha, 0.5, 12, (10, 24))
    picture = composite(alpha, RED, lit)
    matte = solve_matte(picture)
    both, colors = add_shadow(matte, np.rint(matte.alpha * 65535).astype(np.uint16))
    covered = both / np.float32(65535)
    clean = colors.clean(picture, covered, (0, 0, 1, 1))
    again = covered[..., None] * clean + (1 - covered[..., None]) * backdrop
    below = np.s_[245:280, 140:200]
    assert again[below] == pytest.approx(picture[below], abs=0.03)


def test_a_matte_survives_its_file():
    alpha = np.random.default_rng(1).integers(0, 65536, (40, 30)).astype(np.uint16)
    assert (decode_matte(encode_matte(alpha)) == alpha).all()


def test_an_8_bit_matte_is_read_over_the_full_range():
    data = cv2.imencode(".png", np.uint8([[0, 128, 255]]))[1].tobytes()
    assert decode_matte(data).tolist() == [[0, 32896, 65535]]


def test_other_bytes_are_no_matte():
    with pytest.raises(ValueError, match="gray PNG of 8 or 16 bits"):
        decode_matte(b"no picture")
