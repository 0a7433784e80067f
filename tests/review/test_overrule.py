import pytest

from safelight.core import batch as told
from safelight.core.overruling import read_overrulings
from safelight.errors import GateClosedError, UsageError
from safelight.review.overrule import overrule
from tests.review.shoot_store import Shoot
from tests.review.story import Story


@pytest.fixture
def shoot(tmp_path):
    made = Shoot(tmp_path)
    yield made
    made.store.close()


def test_a_word_says_who_when_from_what_to_what_and_what_was_claimed(shoot):
    shoot.file("a.jpg", "reject", confidence=0.83)
    (line,) = shoot.overrule("a.jpg", word="pick", reason="the client asked for motion")
    (said,) = read_overrulings(shoot.store.ledger.facts())
    assert (said.old, said.new, said.machine, said.confidence, said.by) == ("reject", "pick", "reject", 0.83, "Ines")
    assert said.reason == "the client asked for motion"
    assert said.at.startswith("20")
    assert line["said"] == "reject becomes pick, says Ines; run the shoot again to work on it"


def test_the_latest_word_counts_and_the_machines_can_be_had_back(shoot):
    shoot.file("a.jpg", "reject", confidence=0.83)
    for word, counts in (("pick", "pick"), ("alternate", "alternate"), ("machine", "reject"), ("pick", "pick")):
        shoot.overrule("a.jpg", word=word)
        assert shoot.state().files["a.jpg"].sorted["class"] == counts
    assert {each.machine for each in read_overrulings(shoot.store.ledger.facts())} == {"reject"}
    assert [each.old for each in read_overrulings(shoot.store.ledger.facts())] == [
        "reject",
        "pick",
        "alternate",
        "reject",
    ]


def test_the_machines_reasons_stay_beside_the_persons(shoot):
    shoot.file("a.jpg", "reject")
    shoot.overrule("a.jpg", word="pick", reason="fine")
    assert shoot.state().files["a.jpg"].sorted["reasons"] == ["a person said pick: fine", "sharp"]


def test_a_name_is_personal_and_stands_outside_the_chain(shoot):
    shoot.file("a.jpg", "reject")
    shoot.overrule("a.jpg", word="pick", name="Ines")
    fact = shoot.store.ledger.facts(kind=told.OVERRULED)[0]
    assert fact.personal == {"name": "Ines"}
    assert "Ines" not in str(fact.body)


def test_files_can_be_taken_out_of_a_group_and_put_together(shoot):
    shoot.file("a.jpg", group="g01")
    shoot.file("b.jpg", "alternate", group="g01")
    shoot.file("c.jpg")
    shoot.overrule("b.jpg", word="apart")
    assert shoot.state().files["b.jpg"].sorted["group"] == ""
    shoot.overrule("c.jpg", "a.jpg", word="together")
    assert shoot.state().files["c.jpg"].sorted["group"] == "g01"


@pytest.mark.parametrize(
    ("word", "name", "reason", "why"),
    [
        ("best", "Ines", "x", "it takes one of pick, alternate, reject, cant_tell, apart, together, machine"),
        ("pick", " ", "x", "add --as NAME"),
        ("pick", "Ines", " ", "add --reason TEXT"),
        ("together", "Ines", "x", "name all files that belong together"),
    ],
)
def test_an_overruling_that_says_too_little_is_refused(shoot, word, name, reason, why):
    shoot.file("a.jpg")
    with pytest.raises(UsageError, match=why):
        shoot.overrule("a.jpg", word=word, name=name, reason=reason)
    assert not read_overrulings(shoot.store.ledger.facts())


def test_one_refused_file_refuses_all(shoot):
    shoot.file("a.jpg")
    refused = {"path": "b.jpg", "size": 1, "mtime_ns": 1, "sentence": "b.jpg is empty"}
    shoot.store.ledger.append([told_fact(told.REFUSED, "", refused)])
    with pytest.raises(GateClosedError, match="b.jpg is refused"):
        shoot.overrule("a.jpg", "b.jpg", word="reject")
    assert not read_overrulings(shoot.store.ledger.facts())


def told_fact(kind, subject, body):
    from safelight.core.facts import NewFact

    return NewFact(kind, subject, body, batch="shoot")


def test_what_is_approved_is_not_overruled():
    story = Story()
    story.file("a.jpg")
    story.add(told.APPROVED, "a.jpg-v1", {"master": "m", "how": "own"}, name="Otto")
    batch = story.batch()
    with pytest.raises(GateClosedError, match="approved by Otto"):
        overrule(batch, [batch.files["a.jpg"]], "reject", "Ines", "late")
