import pytest

from safelight.errors import DeclarationError
from safelight.workflows.sidecar_rules import SidecarRules, read_sidecar_rules
from safelight.workflows.toml import read_toml


def rules(text):
    return read_sidecar_rules(read_toml(text, "acme.toml"))


def test_a_guide_without_the_section_writes_stars_and_no_keyword():
    assert rules("") == SidecarRules()
    assert SidecarRules().keywords_for(["front"]) == (frozenset(), frozenset(), ("front",))


def test_the_list_holds_levels_and_leaves():
    found = rules('keywords = ["View|front", "Category|on model", "red"]')
    flat, tree, unlisted = found.keywords_for(["front", "on_model", "RED", "mauve", "", "front"])
    assert flat == {"front", "on model", "red"}
    assert tree == {"View|front", "Category|on model"}
    assert unlisted == ("mauve",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('keywords = ["a||b"]', "empty level"),
        ('keywords = [" a"]', "empty level"),
        ('keywords = ["View|front", "Side|Front"]', "says the same as 'View|front'"),
        ('keywords = ["a", "a"]', "says the same"),
        (f'keywords = ["{"x" * 65}"]', "64 bytes"),
        ("ratings = { best = 5 }", "no key called ratings.best"),
        ("ratings = { pick = 6 }", "-1 to 5"),
        ('naming = "bridge"', "adobe, full"),
        ("words = []", "it takes: keywords, labels, naming, ratings"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_line(text, why):
    with pytest.raises(DeclarationError, match="acme.toml line 1") as refused:
        rules(text)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("rating", "pick", "cull"),
    [
        (None, None, ""),
        (0, 0, ""),
        (1, None, "cant_tell"),
        (2, 0, "alternate"),
        (3, None, "pick"),
        (5, 0, "pick"),
        (0, 1, "pick"),
        (1, 1, "pick"),
        (-1, None, "reject"),
        (-1, -1, "reject"),
        (0, -1, "reject"),
        (2, -1, "reject"),
    ],
)
def test_stars_and_flags_mean_a_class(rating, pick, cull):
    assert SidecarRules().class_of(rating, pick) == cull


@pytest.mark.parametrize(("rating", "pick"), [(-1, 1), (5, -1)])
def test_a_rating_and_a_flag_that_contradict_each_other_mean_none(rating, pick):
    with pytest.raises(ValueError, match="contradict"):
        SidecarRules().class_of(rating, pick)


def test_a_house_with_other_stars_is_read_by_its_own():
    own = rules("ratings = { pick = 5, alternate = 4, cant_tell = 2, reject = -1 }")
    assert [own.class_of(stars, None) for stars in (1, 2, 3, 4, 5)] == [
        "",
        "cant_tell",
        "cant_tell",
        "alternate",
        "pick",
    ]
