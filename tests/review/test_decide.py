from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.errors import GateClosedError, UnknownNameError, UsageError
from safelight.review.decide import approvers, decide, edge_failures, find_file
from tests.review.story import Story


def say(story, name, decided, who, reason=""):
    batch = story.batch()
    story.take(decide(batch, find_file(batch, name), decided, who, reason))


def standing(story, name):
    return story.batch().files[name].standing


def test_an_approval_of_a_passing_file_freezes_its_master():
    story = Story()
    story.file("mug.jpg")
    assert standing(story, "mug.jpg") == "waiting"
    say(story, "mug.jpg", "approve", "Ines")
    file = story.batch().files["mug.jpg"]
    assert (file.standing, file.approved["master"], file.approved["by"]) == ("approved", "master-mug.jpg-v1", "Ines")


def test_gate_2_does_not_open_before_gate_1_is_passed():
    story = Story()
    story.file("mug.jpg", words=("pass", "fail"))
    with pytest.raises(GateClosedError, match=r"mug\.jpg fails gate 1 \(check1\) and can't be approved"):
        say(story, "mug.jpg", "approve", "Ines")
    story.file("new.jpg", words=())
    with pytest.raises(GateClosedError, match="has not been through gate 1 yet"):
        say(story, "new.jpg", "approve", "Ines")


def test_a_file_on_hold_is_not_approved():
    story = Story()
    story.file("ring.jpg", route="hold")
    with pytest.raises(GateClosedError, match="is on hold and can't be approved: because"):
        say(story, "ring.jpg", "approve", "Ines")


def test_high_stakes_need_a_second_different_person():
    story = Story()
    story.file("hero.jpg", stakes="high")
    say(story, "hero.jpg", "approve", "Ines")
    assert standing(story, "hero.jpg") == "waiting"
    say(story, "hero.jpg", "approve", "Ines")
    assert standing(story, "hero.jpg") == "waiting"
    assert approvers(story.batch().files["hero.jpg"]) == {"Ines"}
    say(story, "hero.jpg", "approve", "Tom")
    assert standing(story, "hero.jpg") == "approved"


def test_a_file_sent_back_by_one_is_not_approved_by_another():
    story = Story()
    story.file("mug.jpg")
    say(story, "mug.jpg", "revise", "Tom", "edge is soft on the left")
    assert standing(story, "mug.jpg") == "sent_back"
    with pytest.raises(GateClosedError, match="Tom decided revise on this version"):
        say(story, "mug.jpg", "approve", "Ines")


def test_an_approval_is_of_pixels_so_another_version_starts_undecided():
    story = Story()
    story.file("mug.jpg")
    say(story, "mug.jpg", "approve", "Ines")
    story.version("mug.jpg", 2)
    file = story.batch().files["mug.jpg"]
    assert (file.standing, len(file.past_decisions)) == ("waiting", 1)


def test_edge_failures_add_up_over_versions():
    story = Story()
    story.file("mug.jpg")
    say(story, "mug.jpg", "revise", "Tom", "edge is soft on the left")
    story.version("mug.jpg", 2)
    say(story, "mug.jpg", "revise", "Tom", "Edge eaten at the handle")
    assert edge_failures(story.batch().files["mug.jpg"]) == 2


@pytest.mark.parametrize(
    ("decided", "who", "reason", "message"),
    [
        ("maybe", "Ines", "", "decision is 'maybe'; it takes one of approve, revise, reject, reshoot"),
        ("approve", " ", "", "a decision needs the name of a person: add --as NAME"),
        (
            "revise",
            "Ines",
            "",
            "revise needs a reason for whoever works on it next: add --reason TEXT or --mark REASON",
        ),
    ],
)
def test_a_decision_that_says_too_little_is_refused(decided, who, reason, message):
    story = Story()
    story.file("mug.jpg")
    with pytest.raises(UsageError) as refusal:
        say(story, "mug.jpg", decided, who, reason)
    assert str(refusal.value) == message


def test_a_file_is_found_by_its_base_name_when_only_one_has_it():
    story = Story()
    story.file("a/mug.jpg")
    story.file("b/mug.jpg")
    story.file("b/pan.jpg")
    assert find_file(story.batch(), "pan.jpg").path == "b/pan.jpg"
    with pytest.raises(UnknownNameError, match="has 2 files called mug.jpg; say which: a/mug.jpg, b/mug.jpg"):
        find_file(story.batch(), "mug.jpg")
    with pytest.raises(UnknownNameError, match="has no file 'jug.jpg'"):
        find_file(story.batch(), "jug.jpg")


def test_a_file_with_other_content_under_the_same_path_starts_anew():
    story = Story()
    story.file("mug.jpg")
    story.add(told.SEEN, "other-asset", {"path": "mug.jpg", "size": 2, "mtime_ns": 2})
    file = story.batch().files["mug.jpg"]
    assert (file.asset, file.version, file.standing) == ("other-asset", "", "working")
