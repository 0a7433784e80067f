import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.delivery.names import NameWanted, preview_names, problem_of, require_names
from safelight.errors import ParameterError, UsageError
from safelight.workflows.template import read_template


def rows(template, *values, channel="shop"):
    wanted = [NameWanted(f"file{n}", channel, {"ext": "jpg", **each}) for n, each in enumerate(values)]
    return preview_names(wanted, read_template(template))


def test_tokens_are_filled_and_numbers_padded():
    row = rows("{sku}-{color}_{view}_{seq:03}.{ext}", {"sku": "A1", "color": "red", "view": "front", "seq": 7})[0]
    assert (row.name, row.problem) == ("A1-red_front_007.jpg", "")


def test_the_channel_is_a_token():
    assert rows("{sku}.{channel}.{ext}", {"sku": "A1"})[0].name == "A1.shop.jpg"


def test_names_that_differ_in_case_alone_collide():
    first, second = rows("{sku}.{ext}", {"sku": "ab"}, {"sku": "AB"})
    assert "is the name of 'file1' too" in first.problem
    assert "is the name of 'file0' too" in second.problem


def test_names_that_differ_in_composition_alone_collide():
    composed, decomposed = rows("{sku}.{ext}", {"sku": "\u00e9"}, {"sku": "e\u0301"})
    assert composed.problem
    assert decomposed.problem


def test_the_same_name_in_two_channels_is_no_collision():
    wanted = [NameWanted("a", channel, {"sku": "A", "ext": "jpg"}) for channel in ("one", "two")]
    assert not any(row.problem for row in preview_names(wanted, read_template("{sku}.{ext}")))


def test_a_name_given_away_before_collides():
    wanted = [NameWanted("a", "shop", {"sku": "A", "ext": "jpg"})]
    row = preview_names(wanted, read_template("{sku}.{ext}"), taken=[("shop", "a.JPG")])[0]
    assert "is the name of 'an earlier delivery' too" in row.problem


def test_a_missing_article_says_the_way_out():
    row = rows("{sku}_{view}.{ext}", {"view": "front"})[0]
    assert row.problem == (
        "names template '{sku}_{view}.{ext}' needs {sku}, and this file has none: give it in a shot list, "
        "or take {sku} out of the template"
    )


def test_a_delivery_with_one_bad_name_is_refused_whole():
    with pytest.raises(UsageError) as error:
        require_names(rows("{sku}.{ext}", {"sku": "A"}, {"sku": "B/C"}))
    assert str(error.value) == (
        "1 files have no name they could be delivered under: file1: 'B/C.jpg' has '/', which file names cannot have; "
        "rename the article"
    )


@pytest.mark.parametrize("name", ["CON.jpg", "aux", "Com1.tar.jpg", "LPT9.png", "nul .jpg"])
def test_windows_devices_are_no_names(name):
    assert "is a device to Windows" in problem_of(name)


@pytest.mark.parametrize(
    "name",
    ["../x.jpg", "/etc/x.jpg", "a\\b.jpg", "C:x.jpg", "a\x00b.jpg", "..", ".", "", " ", "x.jpg ", "x.", ".hidden.jpg",
     "-rf.jpg", "a\nb.jpg", "what?.jpg", "a\u202egpj.exe", "\udcff.jpg"],
)  # fmt: skip
def test_names_that_lead_elsewhere_or_deceive_are_refused(name):
    assert problem_of(name)


def test_a_name_may_have_255_bytes_and_no_more():
    assert problem_of("ü" * 125 + "x.jpg") == ""
    assert "has 256 bytes; a file name takes 255" in problem_of("ü" * 126 + ".jpg")


@pytest.mark.parametrize(
    "name", ["A1_front.jpg", "4006381333931.MAIN.jpg", "Größe 40 (rot).jpg", "COM10.jpg", "鞋.jpg"]
)
def test_names_of_the_trade_are_taken(name):
    assert problem_of(name) == ""


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=8))
def test_names_without_a_problem_never_meet_in_one_file(skus):
    good = [row.name.casefold() for row in rows("{sku}.{ext}", *({"sku": each} for each in skus)) if not row.problem]
    assert len(good) == len(set(good))


@given(st.text(max_size=30))
def test_a_good_name_is_one_plain_component(name):
    if not problem_of(name):
        assert "/" not in name
        assert "\\" not in name
        assert name not in (".", "..")
        assert len(name.encode()) <= 255


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{sku}", "does not end in '.{ext}'"),
        ("{view}.{ext}", "cannot tell files apart"),
        ("{sku}/{view}.{ext}", "has '/', which file names cannot have"),
        ("{sku}_{seq:3}.{ext}", "{seq:3} is no form"),
        ("{sku:03}.{ext}", "{sku:03} is no form"),
        ("{sku}}.{ext}", "has a brace that opens or closes nothing"),
        ("{skuu}.{ext}", "has no token {skuu}; nearest is 'sku'"),
    ],
)
def test_a_template_that_cannot_work_is_refused(text, said):
    with pytest.raises(ParameterError) as error:
        read_template(text)
    assert said in str(error.value)
