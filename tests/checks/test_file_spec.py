import numpy as np
import pytest

from safelight.checks.file_spec import check
from safelight.core.check import FileFacts
from safelight.errors import ParameterError
from tests.checks.targets import judged, seen

PICTURE = np.full((4, 4, 3), 128, np.uint8)
CHANNEL = {
    "format": ["jpeg", "png"],
    "max_bytes": 5_000_000,
    "longest_px": [1000, 10_000],
    "shortest_px": [500, None],
    "max_megapixels": 64,
    "name": r"[A-Z0-9]{10}\.(MAIN|PT0[1-8])\.jpg",
}


def facts(**changed):
    told = {"name": "B0ABCDEFGH.MAIN.jpg", "format": "jpeg", "bytes": 2_000_000, "width": 2000, "height": 2500}
    rest = {"bits": 8, "channels": 3, "profile": "srgb", "profile_embedded": True, "subsampling": "4:4:4"}
    return FileFacts(**(told | rest | changed))


def look(expected=CHANNEL, **changed):
    return judged(check, seen(PICTURE, file=facts(**changed), expected=expected))


def test_a_file_as_asked_for_passes():
    verdict, values, evidence = look()
    assert verdict.word == "pass"
    assert values["megabytes"] == 2.0
    assert evidence == ()


@pytest.mark.parametrize(
    ("changed", "measure", "value"),
    [
        ({"format": "png"}, "extension", 0),
        ({"format": "webp", "name": "B0ABCDEFGH.MAIN.webp"}, "format", 0),
        ({"bytes": 6_500_000}, "megabytes_over", 1.5),
        ({"width": 700, "height": 800}, "longest_miss", 200),
        ({"width": 12_000}, "longest_miss", 2000),
        ({"width": 420}, "shortest_miss", 80),
        ({"width": 9000, "height": 9000}, "megapixels_over", 17),
        ({"subsampling": "4:2:0"}, "subsampling", 0),
        ({"name": "shoe front.jpg"}, "name", 0),
        ({"name": "B0ABCDEFGH.MAIN.jpg\n"}, "name", 0),
    ],
)
def test_each_defect_fails(changed, measure, value):
    verdict, values, _ = look(**changed)
    assert values[measure] == pytest.approx(value)
    assert verdict.word == "fail"


def test_what_is_not_asked_for_is_not_judged():
    verdict, values, _ = look(expected={"subsampling": ""}, name="x.jpeg", width=10, height=10, subsampling="4:2:0")
    assert verdict.word == "pass"
    assert set(values) == {"extension", "megabytes", "longest", "shortest", "megapixels"}


def test_the_reason_names_both_sides():
    verdict, _, _ = look(name="B0ABCDEFGH.MAIN.jpg", format="png")
    assert verdict.judged[0].measure.why == "the file is png, its name ends in jpg"


@pytest.mark.parametrize("pair", [1000, [1000], ["1000", None], [True, None]])
def test_a_range_that_is_no_pair_is_refused(pair):
    with pytest.raises(ParameterError, match="longest_px is .*; it takes \\[least, most\\] in px"):
        look(expected={"longest_px": pair})


def test_a_broken_name_rule_is_refused():
    with pytest.raises(ParameterError, match="is no regular expression"):
        look(expected={"name": "(["})


@pytest.mark.parametrize(
    ("size", "asked", "value"),
    [
        ((1801, 2600), "1801:2600", 0),
        ((1500, 2000), "3:4", 0),
        ((1500, 1999), "3:4", 0.017),
        ((2000, 1500), "3:4", 77.7),
    ],
)
def test_a_shape_is_measured_beyond_rounding(size, asked, value):
    values = look({"aspect": asked}, width=size[0], height=size[1])[1]
    assert values["aspect_miss"] == pytest.approx(value, abs=0.05)


def test_a_shape_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="aspect is 'square'; it takes width:height like 3:4"):
        look({"aspect": "square"})


def test_density_is_what_the_file_states():
    assert look({"dpi": 96}, dpi=72.0)[1]["dpi"] == 72.0
    assert look({"dpi": 96})[1]["dpi"] is None
