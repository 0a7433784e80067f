import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.routing.edges import class_of_edge
from safelight.routing.reliability import EDGE_CLASSES, reliability_map

KNOWN = reliability_map()


def edge(soft, like=0.0):
    return class_of_edge({"soft_share": soft, "like_backdrop_share": like}, KNOWN)


@pytest.mark.parametrize(("soft", "name"), [(0.03, "hard"), (0.45, "soft"), (0.80, "hair")])
def test_a_bag_a_garment_and_fur_have_their_class(soft, name):
    assert edge(soft).name == name


def test_a_subject_like_its_backdrop_is_translucent():
    assert edge(0.05, 0.12).name == "translucent"
    assert edge(0.05, 0.12).why == "12 % of the subject looks like the backdrop (from 10 %)"


@pytest.mark.parametrize("facts", [{}, {"soft_share": None, "like_backdrop_share": 0.0}, {"soft_share": float("nan")}])
def test_what_was_not_measured_is_unknown(facts):
    assert class_of_edge(facts, KNOWN).name == "unknown"


def test_a_person_is_believed():
    assert class_of_edge({"soft_share": 0.0, "like_backdrop_share": 0.0}, KNOWN, said="open_weave").name == "open_weave"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.09))
def test_a_softer_edge_is_never_in_a_safer_zone(one, other, like):
    zones = [KNOWN.zone_of("background_removal", "packshot", edge(soft, like).name) for soft in sorted((one, other))]
    assert zones[0] <= zones[1]


@given(st.dictionaries(st.sampled_from(["soft_share", "like_backdrop_share"]), st.none() | st.floats() | st.text()))
def test_any_facts_are_answered(facts):
    found = class_of_edge(facts, KNOWN)
    assert found.name in EDGE_CLASSES
    assert found.why


@pytest.mark.parametrize(
    ("name", "share"), [("hair", 0.24), ("open_weave", 0.11), ("translucent", 0.21), ("reflective", 0.15)]
)
def test_a_class_that_a_hand_repairs_is_said_by_its_share_of_the_contour(name, share):
    facts = {"soft_share": 0.0, "like_backdrop_share": 0.0, "edge_shares": {"hard": 1 - share, name: share}}
    found = class_of_edge(facts, KNOWN)
    assert found.name == name
    assert f"{100 * share:.0f} % of the contour is {name.replace('_', ' ')}" in found.why
    assert KNOWN.zone_of("background_removal", "packshot", found.name) == 3


def test_a_little_of_a_class_does_not_take_the_file_from_the_machines():
    facts = {"soft_share": 0.02, "like_backdrop_share": 0.0, "edge_shares": {"hard": 0.97, "hair": 0.03}}
    assert class_of_edge(facts, KNOWN).name == "hard"
