from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.errors import GateClosedError, UnknownNameError, UsageError
from safelight.review.decide import decide, find_file
from safelight.review.products import decide_product, swap, waive
from safelight.workflows.product_board import product_line, product_named, product_states
from safelight.workflows.products import Needs, find_exceptions
from tests.review.story import Story

NEEDS = Needs({"packshot": ("front", "back")}, {"amazon-main": ("front",)})
CHANNELS = ("amazon-main", "walmart")


def view(story, name, sku, side, *, color="", cull="pick", stakes="standard"):
    story.file(name, cull=cull)
    body = {"path": name, "class": cull, "stakes": stakes, "category": "packshot", "sku": sku, "view": side}
    story.add(told.SORTED, f"asset-{name}", body | {"color": color})


def board(story, sku="A1"):
    return product_named(product_states(story.batch(), NEEDS, CHANNELS), sku)


def approve(story, *names):
    for name in names:
        batch = story.batch()
        story.take(decide(batch, find_file(batch, name), "approve", "Ines"))


def test_a_product_has_a_place_for_each_required_view_and_says_what_is_missing_and_extra():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    view(story, "a1_detail.jpg", "A1", "detail")
    found = board(story)
    assert [(slot.view, slot.standing, slot.required) for slot in found.slots] == [
        ("front", "waiting", True),
        ("back", "missing", True),
        ("detail", "waiting", False),
    ]
    assert (found.missing, found.extra) == (("back",), ("detail",))
    said = [each.kind for each in find_exceptions(story.batch().files.values(), NEEDS.categories)]
    assert said == ["missing_view", "extra_view"]


def test_a_missing_view_holds_the_product_on_the_channels_that_need_it_alone():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    approve(story, "a1_front.jpg")
    assert board(story).held == {"walmart": "no back"}


def test_a_view_that_is_not_approved_holds_its_product():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    view(story, "a1_back.jpg", "A1", "back")
    approve(story, "a1_front.jpg")
    assert board(story).held == {"walmart": "back not approved yet"}
    approve(story, "a1_back.jpg")
    assert (board(story).held, board(story).standing) == ({}, "approved")


def test_a_waiver_lets_a_product_leave_without_a_view_and_names_who_said_so():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    approve(story, "a1_front.jpg")
    story.take(waive(story.batch(), board(story), "back", "Lena", "a mug's back is its front", "walmart"))
    assert board(story).held == {}
    assert story.batch().waivers[0].personal == {"name": "Lena"}
    with pytest.raises(UnknownNameError, match="neither misses nor has 'side'"):
        waive(story.batch(), board(story), "side", "Lena", "why")
    with pytest.raises(UsageError, match="a waiver needs a reason"):
        waive(story.batch(), board(story), "back", "Lena", "")


def test_approving_a_product_approves_what_waits_of_it_all_or_nothing():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    view(story, "a1_back.jpg", "A1", "back")
    story.add(told.JUDGED, "a1_back.jpg-v1", {"verdicts": [{"check": "halo", "word": "fail"}]})
    with pytest.raises(GateClosedError, match=r"a1_back\.jpg fails gate 1"):
        decide_product(story.batch(), board(story), "approve", "Ines")
    for _, facts in decide_product(story.batch(), board(story), "approve", "Ines", views=["front"]):
        story.take(facts)
    assert story.batch().files["a1_front.jpg"].standing == "approved"
    with pytest.raises(UnknownNameError, match="no frame of view 'side'; it has: back, front"):
        decide_product(story.batch(), board(story), "approve", "Ines", views=["side"])


def test_several_frames_of_one_view_must_be_chosen_from_first():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    view(story, "a1_front_2.jpg", "A1", "front")
    assert board(story).doubled == ("front",)
    assert board(story).held["amazon-main"] == "several frames of front"
    with pytest.raises(GateClosedError, match=r"2 frames of front: a1_front\.jpg, a1_front_2\.jpg"):
        decide_product(story.batch(), board(story), "approve", "Ines")


def test_an_alternate_takes_the_place_and_the_view_of_a_pick():
    story = Story()
    view(story, "a1_front.jpg", "A1", "front")
    view(story, "a1_other.jpg", "A1", "", cull="alternate")
    view(story, "b2_front.jpg", "B2", "front", cull="alternate")
    story.take(swap(story.batch(), "a1_front.jpg", "a1_other.jpg", "Ines", "its label is straight"))
    slot = board(story).slots[0]
    assert ([each.path for each in slot.frames], [each.path for each in slot.alternates]) == (
        ["a1_other.jpg"],
        ["a1_front.jpg"],
    )
    with pytest.raises(UsageError, match=r"b2_front\.jpg is of B2, not of A1"):
        swap(story.batch(), "a1_other.jpg", "b2_front.jpg", "Ines", "")


def test_each_colorway_needs_its_views():
    story = Story()
    for color in ("red", "blue"):
        view(story, f"a1_{color}_front.jpg", "A1", "front", color=color)
    view(story, "a1_red_back.jpg", "A1", "back", color="red")
    assert board(story).missing == ("blue back",)


def test_a_file_that_names_no_article_is_a_unit_of_its_own_and_holds_nothing():
    story = Story()
    story.file("DSC_1.jpg")
    approve(story, "DSC_1.jpg")
    found = board(story, "DSC_1.jpg")
    assert (found.missing, found.held, found.standing) == ((), {}, "approved")
    assert product_line(found)["text"] == "DSC_1.jpg (packshot): no view approved"
