from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.errors import GateClosedError, UnknownNameError, UsageError
from safelight.review.decide import decide
from safelight.review.versions import (
    difference,
    files_at,
    lineage,
    moved_since,
    node_line,
    restore,
    set_checkpoint,
    version_named,
)
from tests.review.story import Story


def made(number, stops, *, amended=False, asset="asset-mug.jpg"):
    reason = {"code": "amended", "text": "set by a person: too dark", "values": {}, "doubt": False}
    step = {
        "step": "exposure",
        "version": 1,
        "params": {"stops": stops},
        "artifacts": {},
        "confidence": None,
        "reasons": [reason] if amended else [],
        "by": ["person", "retoucher", ""] if amended else ["step", "exposure", "1"],
        "amended": amended,
        "stale": False,
    }
    edit = {"schema": 1, "original": asset, "steps": [step]}
    return {"asset": asset, "edit": edit, "edit_key": f"e{number}", "blobs": {"master": f"m{number}"}, "state": "draft"}


def two_versions():
    """A machine's version and a person's, as the ledger tells them."""
    story = Story()
    story.file("mug.jpg")
    story.add(told.MADE, "mug.jpg-v1", made(1, 0.0))
    body = {"path": "mug.jpg", "step": "exposure", "version": 1, "params": {"stops": 0.3}, "artifacts": {}}
    story.add(told.AMENDED, "asset-mug.jpg", body | {"reason": "too dark"}, name="Rosa")
    story.version("mug.jpg", 2)
    story.add(told.MADE, "mug.jpg-v2", made(2, 0.3, amended=True))
    return story


def of(story, version):
    return [each for each in story.facts if each.subject == version]


def told_of(story):
    file = story.batch().files["mug.jpg"]
    facts = {each: of(story, each) for each in file.versions}
    # The first MADE of the story helper has no edit; the second, complete one stands for it.
    facts = {name: [f for f in own if f.kind != told.MADE or "edit" in f.body] for name, own in facts.items()}
    return lineage(file, facts, [each for each in story.facts if each.kind == told.AMENDED])


def test_what_the_machine_made_and_what_people_made_stand_apart_with_who_and_why():
    story = two_versions()
    batch = story.batch()
    story.take(decide(batch, batch.files["mug.jpg"], "approve", "Ines"))
    first, second = told_of(story)
    assert (first.made_by, first.by, first.state, first.parent) == ("machine", (), "draft", "")
    assert (second.made_by, second.by, second.state, second.parent) == ("person", ("Rosa",), "approved", first.version)
    assert second.changed == ("exposure: stops 0.0 to 0.3 (+0.3), by Rosa",)
    assert second.why == ("set by a person: too dark",)
    assert second.decisions[0].startswith("approve by Ines")
    assert "by Rosa" in node_line(second)["text"]


def test_a_difference_is_told_in_words():
    assert difference(made(1, 0.0), made(2, 0.3)) == ["exposure: stops 0.0 to 0.3 (+0.3), by exposure"]


def test_going_back_loses_nothing_and_paints_the_same_again():
    story = two_versions()
    batch = story.batch()
    file = batch.files["mug.jpg"]
    facts = [each for each in of(story, "mug.jpg-v1") if each.kind != told.MADE or "edit" in each.body]
    story.take(restore(batch, file, "mug.jpg-v1", facts, "Rosa", "the client liked the first"))
    now = story.batch().files["mug.jpg"]
    assert (now.version, now.made["restored_from"], now.standing) == ("mug.jpg-v1", "mug.jpg-v2", "waiting")
    assert now.amended == {}  # the machine's step is the machine's again
    assert now.versions == ("mug.jpg-v1", "mug.jpg-v2", "mug.jpg-v1")
    assert [each.version for each in told_of(story)] == ["mug.jpg-v1", "mug.jpg-v2", "mug.jpg-v1"]
    # and forward again: the amendment comes back with its own numbers
    facts = [each for each in of(story, "mug.jpg-v2") if each.kind != told.MADE or "edit" in each.body]
    batch = story.batch()
    story.take(restore(batch, batch.files["mug.jpg"], "mug.jpg-v2", facts, "Rosa", "no, the second"))
    assert story.batch().files["mug.jpg"].amended["exposure"]["params"] == {"stops": 0.3}


def test_an_approved_file_or_the_version_that_stands_is_not_gone_back_on():
    story = two_versions()
    batch = story.batch()
    with pytest.raises(GateClosedError, match="stands at version mug.jpg-v2 already"):
        restore(batch, batch.files["mug.jpg"], "mug.jpg-v2", of(story, "mug.jpg-v2"), "Rosa", "why")
    with pytest.raises(UsageError, match="needs a name and a reason"):
        restore(batch, batch.files["mug.jpg"], "mug.jpg-v1", [], "Rosa", "")
    story.take(decide(batch, batch.files["mug.jpg"], "approve", "Ines"))
    batch = story.batch()
    with pytest.raises(GateClosedError, match="freezes its pixels"):
        restore(batch, batch.files["mug.jpg"], "mug.jpg-v1", [], "Rosa", "why")


def test_a_version_is_named_by_the_start_of_its_id():
    file = two_versions().batch().files["mug.jpg"]
    assert version_named(file, "mug.jpg-v1") == "mug.jpg-v1"
    with pytest.raises(UnknownNameError, match="has 2 versions 'mug'"):
        version_named(file, "mug")


def test_a_checkpoint_knows_where_every_file_stood():
    story = Story()
    story.file("mug.jpg")
    (fact,) = set_checkpoint(story.batch(), "before grading", "", "Rosa")
    story.add(fact.kind, fact.subject, fact.body, **fact.personal)
    story.version("mug.jpg", 2)
    then = files_at("spring", story.facts, fact.body["seq"])
    ((file, version),) = moved_since(story.batch(), then)
    assert (file.version, version) == ("mug.jpg-v2", "mug.jpg-v1")
