import numpy as np
import pytest

from safelight.checks.mixed_light import check
from safelight.core.check import Subject
from safelight.core.image import Image
from tests.checks.targets import judged, seen
from tests.shoots import encode, product


def linear(seed=0):
    code = product(seed=seed, width=800, height=640).astype(np.float32) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def under_two_lights(light, seed=0):
    way = np.linspace(0, 1, 800, dtype=np.float32)[None, :, None]
    return encode(0.85 * linear(seed) * ((1 - way) + way * np.float32(light)))


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_a_packshot_in_one_light_passes_whatever_its_color(seed):
    for cast in ((1.0, 1.0, 1.0), (1.25, 1.0, 0.7)):
        verdict, values, evidence = judged(check, seen(encode(0.7 * linear(seed) * np.float32(cast))))
        assert verdict.word == "pass", values
        assert evidence == ()


@pytest.mark.parametrize("light", [(1.25, 1.0, 0.6), (0.8, 1.0, 1.3)])
def test_a_lamp_at_one_side_is_found_with_its_place(light):
    verdict, values, evidence = judged(check, seen(under_two_lights(light)))
    assert verdict.word in ("warn", "fail")
    assert values["drift"] > 4.0
    assert evidence
    for each in evidence:
        assert each.heat is not None and each.heat.max() > 60
        assert "degrees off the light in the middle" in each.text


def test_the_capture_is_measured_where_the_finished_picture_hides_the_light():
    finished = np.full((640, 800, 3), 255, np.uint8)
    capture = Image(under_two_lights((1.25, 1.0, 0.6)), "srgb")
    verdict, values, _ = judged(check, Subject(Image(finished, "srgb"), original=capture))
    assert verdict.word != "pass" and values["drift"] > 4.0


def test_a_larger_angle_measures_more():
    read = [judged(check, seen(under_two_lights((1.0, 1.0, blue))))[1]["drift"] for blue in (1.0, 0.85, 0.7, 0.5)]
    assert read == sorted(read) and read[0] < 0.5


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (700, 900)])
def test_a_picture_that_shows_no_light_is_not_called_clean_nor_fails(value, size):
    verdict, _, evidence = judged(check, seen(np.full((*size, 3), value, np.uint8)))
    assert verdict.word in ("pass", "warn")
    assert evidence == ()


def test_pure_white_tells_nothing_and_says_why():
    findings = check.measure(seen(np.full((400, 400, 3), 255, np.uint8)))
    (one,) = findings.measures
    assert one.value is None and "too little of one material" in one.why
