"""The reshoot loop: the set's list, captures that take a place by their names, and by a person's word."""

from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.core.places import places_taken
from safelight.errors import GateClosedError, UsageError
from safelight.review.products import swap
from safelight.review.reopen import client_return
from safelight.review.reshoot import give_back, reshoot_lines, reshoot_list, supersede_by_hand, superseding
from safelight.runs.overrule import PLACES, placed, shot_again
from safelight.runs.sort import Similar
from safelight.workflows.category import Identity
from safelight.workflows.product_board import product_states
from safelight.workflows.products import Needs
from tests.review.story import Story
from tests.review.test_floor import deliver, say, view


def asked(front="a.jpg"):
    """A1's front is to be shot again; its side and B2's front are well."""
    story = Story()
    view(story, front, "A1", "front")
    view(story, "side.jpg", "A1", "side")
    view(story, "b.jpg", "B2", "front")
    say(story, front, "reshoot", "Tom", "the label is covered", marks=["part_missing"])
    return story


def by_hand(story, old, new, name="Tom", reason="that is it"):
    batch = story.batch()
    return supersede_by_hand(batch, batch.files[old], batch.files[new], name, reason)


def test_what_is_asked_for_again_stands_on_the_sets_list_with_what_came_in_since():
    story = asked()
    (line,) = reshoot_lines(story.batch())
    assert (line["sku"], line["view"], line["reason"], line["captures"]) == ("A1", "front", "the label is covered", [])
    view(story, "again.jpg", "A1", "front")
    view(story, "IMG_7.jpg", "", "")
    view(story, "back.jpg", "A1", "back")  # says that it is something else
    view(story, "c.jpg", "C3", "front")
    (line,) = reshoot_lines(story.batch())
    assert line["captures"] == ["again.jpg", "IMG_7.jpg"]


def test_a_new_capture_of_the_same_name_takes_the_place_and_closes_the_request():
    story = asked()
    assert superseding(story.batch()) == []
    view(story, "again.jpg", "A1", "front")
    (fact,) = superseding(story.batch())
    assert (fact.subject, fact.body["by"], fact.personal) == ("asset-a.jpg", "again.jpg", {})
    story.take([fact])
    batch = story.batch()
    assert (batch.files["a.jpg"].standing, batch.files["again.jpg"].standing) == ("left_out", "waiting")
    assert (reshoot_list(batch), superseding(batch)) == ([], [])
    assert batch.files["a.jpg"].decisions[0].decided == "reshoot"  # nothing of the old one is lost
    product = next(each for each in product_states(batch, Needs({"packshot": ("front",)})) if each.sku == "A1")
    assert (product.doubled, product.missing) == ((), ())


def test_a_version_that_a_machine_made_meanwhile_answers_no_request_and_a_persons_word_does():
    story = asked()
    story.version("a.jpg", 2)  # its group became another
    assert [each.file for each in reshoot_list(story.batch())] == ["a.jpg"]
    say(story, "a.jpg", "approve", "Ines")
    assert reshoot_list(story.batch()) == []


def test_a_capture_from_before_the_request_takes_no_place():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    view(story, "early.jpg", "A1", "front")
    say(story, "a.jpg", "reshoot", "Tom", "the label is covered")
    assert superseding(story.batch()) == []


def test_a_slate_that_names_the_article_alone_gives_the_only_place_that_is_asked_for():
    story = asked()
    view(story, "IMG_7.jpg", "A1", "")
    old, new = superseding(story.batch())
    assert old.body["place"] == {"sku": "A1", "view": "front", "color": "", "category": "packshot"}
    assert (new.kind, new.body["view"]) == (told.SORTED, "front")
    view(story, "IMG_8.jpg", "A1", "")
    assert superseding(story.batch()) == []  # two of them: a person says which


def test_of_two_views_that_are_asked_for_a_slate_cannot_tell_which():
    story = asked()
    say(story, "side.jpg", "reshoot", "Tom", "it has fallen over")
    view(story, "IMG_7.jpg", "A1", "")
    assert superseding(story.batch()) == []
    assert [each["captures"] for each in reshoot_lines(story.batch())] == [["IMG_7.jpg"], ["IMG_7.jpg"]]


def test_a_person_says_whose_place_a_capture_without_a_name_takes():
    story = asked()
    story.file("IMG_7.jpg")
    story.add(told.SORTED, "asset-IMG_7.jpg", {"path": "IMG_7.jpg", "class": "pick", "category": "unknown"})
    story.take(by_hand(story, "a.jpg", "IMG_7.jpg"))
    batch = story.batch()
    new = batch.files["IMG_7.jpg"].sorted
    assert (new["sku"], new["view"], new["category"], new["class"]) == ("A1", "front", "packshot", "pick")
    assert batch.files["a.jpg"].superseded["reason"] == "that is it"
    assert reshoot_list(batch) == []


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("b.jpg", r"b\.jpg is of product B2, a\.jpg of A1: correct the shot list or the file's name"),
        ("side.jpg", r"side\.jpg is of view side, a\.jpg of front"),
        ("a.jpg", r"a\.jpg cannot take its own place"),
    ],
)
def test_what_says_that_it_is_something_else_takes_no_place(new, said):
    with pytest.raises(UsageError, match=said):
        by_hand(asked(), "a.jpg", new)


@pytest.mark.parametrize(("name", "reason"), [("", "that is it"), ("Tom", " ")])
def test_a_place_is_given_by_a_named_person_for_a_reason(name, reason):
    story = asked()
    view(story, "again.jpg", "A1", "front")
    with pytest.raises(UsageError, match="needs a name and a reason"):
        by_hand(story, "a.jpg", "again.jpg", name, reason)


def test_a_capture_that_was_left_out_would_leave_the_place_empty():
    story = asked()
    story.file("again.jpg", cull="alternate")
    with pytest.raises(
        GateClosedError, match=r"again\.jpg is alternate .* `safelight overrule spring again\.jpg pick`"
    ):
        by_hand(story, "a.jpg", "again.jpg")


def routed(story, name, route):
    story.add(told.ROUTED, f"{name}-v1", {"route": route, "queue": "release", "confidence": 0.9, "reasons": []})


def delivered_and_returned(route="spot_check"):
    """A1's front had left and a client sent it back; whoever reviews it asks the set, and a capture came in."""
    story = Story()
    view(story, "a.jpg", "A1", "front")
    say(story, "a.jpg", "approve", "Tom")
    deliver(story, "a.jpg")
    batch = story.batch()
    story.take(client_return(batch, batch.files["a.jpg"], "Acme", "the label is covered"))
    say(story, "a.jpg", "reshoot", "Tom", "the label is covered")
    view(story, "again.jpg", "A1", "front")
    routed(story, "again.jpg", route)
    return story


def test_what_was_delivered_is_returned_before_another_takes_its_place():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    view(story, "again.jpg", "A1", "front")
    say(story, "a.jpg", "approve", "Tom")
    deliver(story, "a.jpg")
    with pytest.raises(GateClosedError, match="what is wrong with it is a client's return first"):
        by_hand(story, "a.jpg", "again.jpg")


@pytest.mark.parametrize("route", ["auto", "spot_check"])
def test_what_is_shot_in_the_place_of_a_clients_return_is_looked_at_for_itself(route):
    story = delivered_and_returned(route)
    story.take(superseding(story.batch()))
    new = story.batch().files["again.jpg"]
    assert (new.routed["route"], new.queue, new.standing) == ("review", "review", "waiting")
    assert new.routed["reasons"][0]["text"].startswith("a client sent back what it was shot in the place of")


def test_a_capture_that_more_people_look_at_anyway_keeps_its_route():
    story = delivered_and_returned("specialist")
    (fact,) = superseding(story.batch())
    assert fact.kind == told.SUPERSEDED


def test_of_what_was_shot_again_twice_a_clients_word_on_the_first_still_counts():
    story = delivered_and_returned()
    story.take(superseding(story.batch()))
    say(story, "again.jpg", "reshoot", "Tom", "out of focus")
    view(story, "third.jpg", "A1", "front")
    routed(story, "third.jpg", "spot_check")
    story.take(superseding(story.batch()))
    files = story.batch().files
    stood = places_taken(files.values())[files["third.jpg"].asset]
    assert [each.path for each in stood] == ["a.jpg", "again.jpg"]
    assert files["third.jpg"].routed["route"] == "review"


def test_two_captures_never_take_each_others_places():
    story = asked()
    view(story, "again.jpg", "A1", "front")
    story.take(by_hand(story, "a.jpg", "again.jpg"))
    with pytest.raises(GateClosedError, match=r"a\.jpg was replaced itself, by again\.jpg"):
        by_hand(story, "again.jpg", "a.jpg")


def test_what_is_approved_as_something_else_keeps_its_pixels():
    story = asked()
    view(story, "IMG_7.jpg", "", "")
    say(story, "IMG_7.jpg", "approve", "Ines")
    with pytest.raises(GateClosedError, match="approved by Ines as a picture of no article, which freezes it"):
        by_hand(story, "a.jpg", "IMG_7.jpg")


def test_a_place_that_was_given_by_mistake_is_given_back_and_asked_for_again():
    story = asked()
    view(story, "IMG_7.jpg", "", "")
    story.take(by_hand(story, "a.jpg", "IMG_7.jpg"))
    batch, fact = story.batch(), [each for each in story.facts if each.kind == told.SUPERSEDED][-1]
    story.take(give_back(batch, batch.files["a.jpg"], fact, "Tom"))
    after = story.batch()
    assert after.files["a.jpg"].standing == "sent_back" and after.files["IMG_7.jpg"].sorted["sku"] == ""
    assert [each.file for each in reshoot_list(after)] == ["a.jpg"]
    with pytest.raises(GateClosedError, match="stands again already"):
        give_back(after, after.files["a.jpg"], fact, "Tom")


def test_a_place_is_not_given_back_from_under_an_approval():
    story = asked()
    view(story, "again.jpg", "A1", "front")
    story.take(by_hand(story, "a.jpg", "again.jpg"))
    say(story, "again.jpg", "approve", "Ines")
    batch, fact = story.batch(), [each for each in story.facts if each.kind == told.SUPERSEDED][-1]
    with pytest.raises(GateClosedError, match=r"again\.jpg was approved in its place by Ines"):
        give_back(batch, batch.files["a.jpg"], fact, "Tom")


def test_the_runs_to_come_sort_a_capture_in_the_place_that_it_was_given():
    story = asked()
    view(story, "IMG_7.jpg", "", "")
    story.take(by_hand(story, "a.jpg", "IMG_7.jpg"))
    said = [each for each in story.facts if each.kind in PLACES]
    named = {
        "a.jpg": Identity("A1", "front", "", "packshot", "high", "50 0 0"),
        "IMG_7.jpg": Identity(),
        "b.jpg": Identity("B2", "front", "", "packshot"),
    }
    found = placed(named, {path: f"asset-{path}" for path in named}, said)
    new = found["IMG_7.jpg"]
    assert (new.sku, new.view, new.category, new.stakes, new.reference) == ("A1", "front", "packshot", "high", "50 0 0")
    assert new.read_from["sku"] == "a person"
    assert (found["a.jpg"], found["b.jpg"]) == (named["a.jpg"], named["b.jpg"])
    batch = story.batch()
    story.take(give_back(batch, batch.files["a.jpg"], said[-1], "Tom"))
    said = [each for each in story.facts if each.kind in PLACES]
    assert placed(named, {path: f"asset-{path}" for path in named}, said) == named


def test_a_swapped_in_alternate_keeps_its_view_in_the_runs_to_come():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    story.file("other.jpg", cull="alternate")
    body = {"path": "other.jpg", "class": "alternate", "category": "packshot", "sku": "A1", "view": "", "color": ""}
    story.add(told.SORTED, "asset-other.jpg", body)
    story.take(swap(story.batch(), "a.jpg", "other.jpg", "Lena", "sharper"))
    assert story.batch().files["other.jpg"].sorted["view"] == "front"
    named = {"a.jpg": Identity("A1", "front", category="packshot"), "other.jpg": Identity("A1", category="packshot")}
    found = placed(named, {path: f"asset-{path}" for path in named}, [e for e in story.facts if e.kind in PLACES])
    assert found["other.jpg"].view == "front"


def test_a_new_capture_is_never_the_alternate_of_the_one_that_it_replaces():
    story = asked()
    alike = Similar("g01", ("asset-a.jpg", "asset-second.jpg"), "asset-a.jpg", "sharper")
    view(story, "second.jpg", "A1", "front")
    files = story.batch().files.values()
    assert shot_again([alike], files) == []  # each alone: neither is an alternate
    early = Similar("g01", ("asset-a.jpg", "asset-side.jpg"), "asset-a.jpg", "sharper")
    assert shot_again([early], files) == [early]  # from before the request they stay together
    three = Similar("g01", ("asset-a.jpg", "asset-second.jpg", "asset-third.jpg"), "asset-a.jpg", "sharper")
    view(story, "third.jpg", "A1", "front")
    (fresh,) = shot_again([three], story.batch().files.values())
    assert fresh.members == ("asset-second.jpg", "asset-third.jpg")
    say(story, "third.jpg", "reshoot", "Tom", "the label is covered again")
    view(story, "fourth.jpg", "A1", "front")
    four = Similar("g01", (*three.members, "asset-fourth.jpg"), "asset-a.jpg", "sharper")
    assert [each.members for each in shot_again([four], story.batch().files.values())] == [fresh.members]


def test_nor_is_one_whose_place_it_took_without_a_request():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    view(story, "b.jpg", "A1", "front")
    alike = Similar("g01", ("asset-a.jpg", "asset-b.jpg"), "asset-a.jpg", "sharper")
    assert shot_again([alike], story.batch().files.values()) == [alike]
    story.take(by_hand(story, "a.jpg", "b.jpg"))
    assert shot_again([alike], story.batch().files.values()) == []
