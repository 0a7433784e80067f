"""What the ledger teaches is gathered once, and read anew only where old facts say something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.batch import DECIDED, ROUTED
from safelight.core.facts import Actor, NewFact
from safelight.learning.experience import KINDS, Experience
from safelight.learning.lessons import Lessons
from safelight.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store") as made:
        yield made


def decide(store: Store, *versions: str) -> None:
    person = Actor("person", "Ann")
    for each in versions:
        routed = {"category": "packshot", "tasks": ["cutout"], "claims": {"cutout": 0.9}}
        said = {"decided": "approve", "how": "own"}
        store.ledger.append([NewFact(ROUTED, each, routed, batch="a"), NewFact(DECIDED, each, said, person, "a")])


def test_lessons_are_those_of_the_whole_facts(store):
    decide(store, "v1", "v2", "v3")
    whole = Experience()
    whole.add(store.ledger.iterate(kind=KINDS))
    found = Lessons(store.ledger).experience()
    assert (found.outcomes(), found.summary(), found.last_seq) == (whole.outcomes(), whole.summary(), whole.last_seq)


def test_what_came_since_is_learned_and_the_record_made_anew(store):
    lessons = Lessons(store.ledger)
    decide(store, "v1")
    first = lessons.record(0.01)
    assert lessons.record(0.01) is first
    decide(store, "v2")
    assert lessons.record(0.01) is not first
    assert lessons.experience().summary()["decided"] == 2


def test_reading_ahead_ends_when_it_is_told_to_and_goes_on_later(store):
    decide(store, *(f"v{n}" for n in range(260)))  # more than one page
    lessons = Lessons(store.ledger)
    lessons.gather(lambda: True)
    assert lessons.experience().summary()["decided"] == 260


def test_what_was_forgotten_is_read_again(store):
    lessons = Lessons(store.ledger)
    decide(store, "v1")
    before = lessons.experience()
    lessons.forget()
    assert lessons.experience() is not before
    assert lessons.experience().summary()["decided"] == 1
