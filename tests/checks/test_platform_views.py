import cv2
import numpy as np
import pytest

from safelight.checks.platform_views import check, measure
from safelight.core.check import Subject, judge
from safelight.core.image import Image


def white_with(width, height, box, color=(40, 60, 120), noise=0):
    """A flat product on white, with its matte."""
    rng = np.random.default_rng(5)
    pixels = np.full((height, width, 3), 255, np.uint8)
    alpha = np.zeros((height, width), np.float32)
    x0, y0, x1, y1 = box
    pixels[y0:y1, x0:x1] = color
    alpha[y0:y1, x0:x1] = 1
    if noise:
        dirt = rng.integers(0, noise, pixels.shape, np.uint8)
        pixels = np.where(alpha[..., None] > 0, pixels, 255 - dirt).astype(np.uint8)
    return Image(pixels, "srgb"), alpha


def values(image, alpha):
    return {each.name: each.value for each in measure(Subject(image, None, alpha)).measures}


def test_a_square_tile_cuts_what_stands_outside_of_the_middle():
    # 1200 x 800: a tile keeps the middle 800, columns 200 to 1000. A bar over all 1200 loses a third.
    found = values(*white_with(1200, 800, (0, 300, 1200, 500)))
    assert found["square_loss"] == pytest.approx(100 / 3, abs=0.3)
    assert values(*white_with(1200, 800, (200, 100, 1000, 700)))["square_loss"] == pytest.approx(0, abs=0.3)


def test_a_card_cuts_a_tall_picture():
    # 800 x 1200: 1.91:1 keeps 800 x 419 of 1200 rows.
    found = values(*white_with(800, 1200, (300, 0, 500, 1200)))
    assert found["card_loss"] == pytest.approx(100 * (1 - 419 / 1200), abs=0.5)
    assert found["portrait_loss"] == pytest.approx(100 * (1 - 1000 / 1200), abs=0.5)


def test_what_a_crop_cuts_is_pointed_at():
    image, alpha = white_with(1200, 800, (0, 300, 700, 500))
    findings = measure(Subject(image, None, alpha))
    shown = next(each for each in findings.evidence if each.measure == "square_loss")
    assert shown.box[0] == 0 and shown.box[2] == pytest.approx(1 / 6, abs=0.01)
    assert "outside of the square crop" in shown.text


def test_zoom_is_how_often_a_view_of_500_px_can_be_enlarged():
    assert values(*white_with(2000, 1500, (500, 500, 900, 900)))["zoom"] == 4.0


def test_a_clean_packshot_stays_clean_on_a_phone_and_a_dirty_one_does_not():
    assert values(*white_with(1600, 1600, (300, 300, 1300, 1300)))["phone_dirt"] == 0
    rng = np.random.default_rng(8)
    image, alpha = white_with(1600, 1600, (500, 500, 1100, 1100))
    speckled = image.pixels.copy()
    for x, y in rng.integers(20, 440, (60, 2)):
        cv2.circle(speckled, (int(x), int(y)), 2, (120, 120, 120), -1)
    assert values(Image(speckled, "srgb"), alpha)["phone_dirt"] > 0.1


def test_fine_texture_suffers_more_on_a_phone_than_a_flat_color():
    flat = values(*white_with(1600, 1600, (300, 300, 1300, 1300)))["phone_difference"]
    image, alpha = white_with(1600, 1600, (300, 300, 1300, 1300))
    y, x = np.mgrid[:1600, :1600]
    stripes = np.where(((x // 4 + y // 4) % 2)[..., None] & (alpha > 0)[..., None], 220, image.pixels).astype(np.uint8)
    assert values(Image(stripes, "srgb"), alpha)["phone_difference"] > flat + 1


def test_without_a_subject_crops_are_not_judged():
    noise = np.random.default_rng(1).integers(0, 256, (600, 900, 3), np.uint8)
    findings = measure(Subject(Image(noise, "srgb")))
    assert next(each for each in findings.measures if each.name == "square_loss").value is None
    assert "no subject found" in findings.measures[0].why
    assert judge(check, findings).word == "warn"
