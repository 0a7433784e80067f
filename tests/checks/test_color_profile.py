import numpy as np
import pytest

from safelight.checks.color_profile import check, space_of
from safelight.core.check import FileFacts
from tests.checks.targets import judged, seen

PICTURE = np.full((4, 4, 3), 128, np.uint8)


def facts(**changed):
    told = {"name": "a.jpg", "format": "jpeg", "bytes": 10, "width": 4, "height": 4, "bits": 8, "channels": 3}
    return FileFacts(**(told | {"profile": "sRGB IEC61966-2.1", "profile_embedded": True} | changed))


def test_an_embedded_srgb_profile_passes():
    verdict, _, evidence = judged(check, seen(PICTURE, file=facts()))
    assert verdict.word == "pass"
    assert evidence == ()


@pytest.mark.parametrize(
    ("changed", "measure", "why"),
    [
        ({"profile_embedded": False}, "embedded", "no profile is embedded"),
        ({"profile": "Adobe RGB (1998)"}, "expected", "Adobe RGB (1998), asked for srgb"),
        ({"profile": ""}, "expected", "none, asked for srgb"),
        ({"channels": 4, "profile": "Coated FOGRA39"}, "expected", "Coated FOGRA39, asked for srgb"),
        ({"channels": 1}, "rgb", "1 channels, asked for RGB"),
    ],
)
def test_each_defect_fails_and_says_what_it_found(changed, measure, why):
    verdict, values, _ = judged(check, seen(PICTURE, file=facts(**changed)))
    assert verdict.word == "fail"
    assert values[measure] == 0
    assert why in [each.measure.why for each in verdict.judged]


def test_a_profile_that_does_not_fit_the_pixels_fails():
    verdict, values, _ = judged(check, seen(PICTURE, "display_p3", file=facts()))
    assert values["fits_pixels"] == 0
    assert verdict.word == "fail"


def test_16_bits_only_warn():
    assert judged(check, seen(PICTURE, file=facts(bits=16)))[0].word == "warn"
    assert judged(check, seen(PICTURE, file=facts(bits=16), expected={"bits": 16}))[0].word == "pass"


def test_another_profile_may_be_asked_for():
    told = facts(profile="Display P3")
    assert judged(check, seen(PICTURE, "display_p3", file=told, expected={"profile": "display_p3"}))[0].word == "pass"


def test_pixels_without_a_file_are_not_known():
    verdict, _, _ = judged(check, seen(PICTURE))
    assert verdict.word == "warn"


@pytest.mark.parametrize(
    ("profile", "space"),
    [
        ("srgb", "srgb"),
        ("sRGB IEC61966-2.1", "srgb"),
        ("Display P3", "display_p3"),
        ("Adobe RGB (1998)", "adobe_rgb"),
        ("ProPhoto RGB", "prophoto_rgb"),
        ("Dot Gain 20%", ""),
        ("<script>", ""),
    ],
)
def test_profiles_are_known_by_what_they_call_themselves(profile, space):
    assert space_of(profile) == space
