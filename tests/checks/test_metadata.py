import numpy as np
import pytest

from safelight.checks.metadata import check, measure
from safelight.core.check import FileFacts, Subject, judge
from safelight.core.image import Image

PIXELS = Image(np.zeros((4, 6, 3), np.uint8), "srgb")


def words(source="", private=(), **expected):
    facts = FileFacts("a.jpg", "jpeg", 1, 6, 4, 8, 3, "srgb", True, source_type=source, private=private)
    return {
        each.measure.name: each.word
        for each in judge(check, measure(Subject(PIXELS, None, None, facts, expected))).judged
    }


def test_a_private_field_fails_by_name():
    facts = FileFacts("a.jpg", "jpeg", 1, 6, 4, 8, 3, "srgb", True, private=("EXIF GPS", "XMP PersonInImage"))
    found = measure(Subject(PIXELS, None, None, facts, {}))
    assert (found.measures[0].value, found.measures[0].why) == (2.0, "EXIF GPS, XMP PersonInImage")
    assert words(private=("EXIF GPS",))["private"] == "fail"


@pytest.mark.parametrize(
    ("known", "says", "word"),
    [
        ("trainedAlgorithmicMedia", "trainedAlgorithmicMedia", "pass"),
        ("trainedAlgorithmicMedia", "", "fail"),
        ("trainedAlgorithmicMedia", "digitalCapture", "fail"),
        ("compositeWithTrainedAlgorithmicMedia", "humanEdits", "fail"),
        ("digitalCapture", "trainedAlgorithmicMedia", "fail"),
        ("humanEdits", "algorithmicallyEnhanced", "pass"),
        ("", "", "pass"),
        ("", "trainedAlgorithmicMedia", "pass"),
        ("", "digitalCapture", "pass"),
    ],
)
def test_what_a_machine_made_must_say_so(known, says, word):
    assert words(says, source_type=known)["declared"] == word


def test_a_file_that_says_nothing_of_its_making_is_warned_of():
    assert words()["source_type"] == "warn"
    assert words("digitalCapture")["source_type"] == "pass"


def test_pixels_without_a_file_are_not_measured():
    assert measure(Subject(PIXELS)).measures[0].value is None
