"""Fabric: wrinkles are eased, threads stay, and what is no wrinkle is left alone with a reason."""

import cv2
import numpy as np
import pytest

from safelight.errors import ParameterError
from safelight.pixels.repair.cloth import ease_wrinkles, weave_kept
from tests.steps.repairs import HAND_AT, Done, codes

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
WHOLE = (0.05, 0.05, 0.95, 0.95)


def cloth(height=600, width=900, *, wrinkles=0.12, color=(0.16, 0.2, 0.34), seed=0):
    """A twill of 4 px threads with slanted wrinkles some 40 px wide, linear light, (H, W, 3) float32."""
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    threads = 0.06 * np.sign(np.sin(2 * np.pi * (rows + cols) / 4 + 0.3))
    grain = 0.01 * np.random.default_rng(seed).normal(size=(height, width))
    waves = wrinkles * (np.sin((cols + 0.4 * rows) / 9) + 0.6 * np.sin((rows - 0.2 * cols) / 13))
    stops = threads + grain + waves
    return np.asarray(np.array(color, np.float32) * 2 ** stops[..., None], np.float32)


def written(light, dtype=np.uint8):
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    return codes(255 * code, dtype)


def shading(pixels):
    """Standard deviation of what is 4 to 60 px wide, in stops."""
    code = pixels.astype(np.float32) / np.iinfo(pixels.dtype).max
    logs = np.log2(np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4) @ LUMA)
    band = cv2.GaussianBlur(logs, (0, 0), 4) - cv2.GaussianBlur(logs, (0, 0), 40)
    return float(band[100:-100, 100:-100].std())


def threads_of(pixels):
    code = pixels.astype(np.float32) / np.iinfo(pixels.dtype).max
    logs = np.log2(np.maximum(code, 1e-3) @ LUMA)
    return float((logs - cv2.GaussianBlur(logs, (0, 0), 3))[100:-100, 100:-100].std())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_wrinkles_are_eased_and_threads_stay(dtype):
    before = written(cloth(), dtype)
    done = Done("fabric", before, cloth=WHOLE, strength=0.8, wrinkle=0.08)
    after = done.paint()
    assert shading(after) < 0.6 * shading(before)
    assert threads_of(after) == pytest.approx(threads_of(before), rel=0.03)
    assert done.proposal.facts["weave_kept"] == pytest.approx(1.0, abs=0.02)
    assert done.holds_outside(after)
    assert np.array_equal(after[:25], before[:25])


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.5), (0.5, 0.9)])
def test_more_strength_eases_more(low, high):
    light = cloth()
    eased = [ease_wrinkles(light, 6, 70, each).after for each in (0.0, low, high)]
    assert eased[0] > eased[1] > eased[2]


def test_no_strength_changes_nothing():
    assert not ease_wrinkles(cloth(), 6, 70, 0.0).stops.any()
    assert Done("fabric", written(cloth()), cloth=WHOLE, strength=0.0).codes() == {"nothing_marked"}


def test_smooth_cloth_is_left_as_it_is():
    found = ease_wrinkles(cloth(wrinkles=0.0), 6, 70, 1.0)
    assert np.abs(found.stops).max() < 0.02


def test_a_print_in_another_color_is_no_wrinkle():
    light = cloth()
    cv2.rectangle(light, (380, 250), (520, 350), (0.5, 0.08, 0.05), -1)
    stops = ease_wrinkles(light, 6, 70, 0.8).stops
    assert np.abs(stops[262:338, 392:508]).max() == 0


def test_metal_is_left_alone_and_goes_to_a_person():
    rows, cols = np.mgrid[0:600, 0:900].astype(np.float32)
    mirror = 0.3 * 2 ** (2.2 * np.sign(np.sin(cols / 6)) * np.sin(rows / 40))
    done = Done("fabric", written(np.repeat(mirror[..., None], 3, axis=2)), cloth=WHOLE)
    assert done.codes() == {"no_cloth"}
    assert done.proposal.confidence.value < 0.1
    assert not done.proposal.artifacts


def test_folds_lower_the_confidence():
    smooth, folded = cloth(), cloth()
    folded[:, 300:330] *= 0.25
    sure = [
        Done("fabric", written(each), cloth=WHOLE, wrinkle=0.08).proposal.confidence.value for each in (smooth, folded)
    ]
    assert sure[1] < sure[0]


def test_a_hand_on_the_cloth_goes_to_a_person():
    done = Done("fabric", written(cloth()), facts=HAND_AT, cloth=WHOLE)
    assert "on_hand" in done.codes()
    assert done.proposal.confidence.value < 0.2


def test_a_flat_gray_weave_keeps_all_of_its_energy():
    light = cloth(color=(0.2, 0.2, 0.2))
    found = ease_wrinkles(light, 6, 70, 1.0)
    assert weave_kept(light, found.stops, 6) == pytest.approx(1.0, abs=0.01)
    assert weave_kept(np.full((64, 64, 3), 0.2, np.float32), np.zeros((64, 64), np.float32), 6) == 1.0


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"cloth": (0.2, 0.2, 0.8)}, "fabric.cloth has 3 numbers; it takes groups of 4: x0, y0, x1, y1"),
        ({"cloth": (0.8, 0.2, 0.2, 0.8)}, "it takes x0, y0, x1, y1 with x0 below x1 and y0 below y1, at least 24 px"),
        ({"cloth": WHOLE, "wrinkle": 0.004}, "a wrinkle is at least 3 times as wide as the weave: take wrinkle up to"),
    ],
)
def test_what_cannot_be_worked_on_is_refused_with_the_way_out(wanted, message):
    with pytest.raises(ParameterError, match=message):
        Done("fabric", written(cloth()), **wanted)


def test_a_box_over_the_whole_frame_leaves_its_rim_alone():
    before = written(cloth())
    done = Done("fabric", before, cloth=(0.0, 0.0, 1.0, 1.0), strength=0.8, wrinkle=0.08)
    after = done.paint()
    assert shading(after) < 0.7 * shading(before)
    for rim in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.array_equal(after[rim], before[rim])
