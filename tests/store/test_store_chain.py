"""A fact that is edited, removed, put in or moved breaks the chain at its number."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.facts import SYSTEM, Actor, NewFact
from safelight.store import Store
from safelight.store.chain import GENESIS, Head, PersonalRow, breaks, fact_hash, personal_digest, read, spell
from safelight.store.rows import Draft, as_fact, chained_row, personal_rows

law = settings(max_examples=40, deadline=None)
bodies = st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=2), min_size=2, max_size=12)
texts = st.text(st.characters(exclude_categories=()), max_size=20)


def chained(contents):
    rows, fields, previous = [], {}, GENESIS
    for number, body in enumerate(contents, 1):
        actor = Actor("person", "Ann") if number % 2 else SYSTEM
        draft = Draft("a.b", f"s{number}", "", actor, json.dumps(body), {"model": "Zoë"}, {})
        fields[number] = personal_rows(number, draft)
        rows.append(chained_row(number, previous, "2026-01-01", draft, fields[number]))
        previous = rows[-1].hash
    return rows, fields


def rehashed(row):
    columns = {k: v for k, v in vars(row).items() if k not in {"hash", "seq", "previous"}}
    return replace(row, hash=fact_hash(row.previous, row.seq, **columns))


@law
@given(bodies)
def test_a_chain_as_written_holds(contents):
    assert list(breaks(*chained(contents))) == []


@law
@given(bodies, st.data())
def test_an_edited_fact_is_named(contents, data):
    rows, fields = chained(contents)
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(["at", "kind", "subject", "batch", "actor", "body", "blobs"]))
    rows[at] = replace(rows[at], **{column: getattr(rows[at], column) + " "})
    assert [each.seq for each in breaks(rows, fields)] == [at + 1]


@law
@given(bodies, st.data())
def test_an_edited_fact_with_a_new_hash_breaks_at_the_next(contents, data):
    rows, fields = chained(contents)
    at = data.draw(st.integers(0, len(rows) - 2))
    rows[at] = rehashed(replace(rows[at], subject="other"))
    assert [each.seq for each in breaks(rows, fields)] == [at + 2]


@law
@given(bodies, st.data())
def test_a_removed_fact_is_named(contents, data):
    rows, fields = chained(contents)
    at = data.draw(st.integers(0, len(rows) - 2))
    del rows[at]
    assert [each.seq for each in breaks(rows, fields)] == [at + 1]


@law
@given(bodies, st.data())
def test_a_fact_put_in_is_named(contents, data):
    rows, fields = chained(contents)
    at = data.draw(st.integers(0, len(rows) - 1))
    rows.insert(at, replace(rows[at], subject="put in"))
    assert at + 1 in {each.seq for each in breaks(rows, fields)}


@law
@given(bodies, st.data())
def test_two_facts_that_changed_places_are_named(contents, data):
    rows, fields = chained(contents)
    one, two = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True))
    rows[one], rows[two] = replace(rows[two], seq=one + 1), replace(rows[one], seq=two + 1)
    assert {one + 1, two + 1} <= {each.seq for each in breaks(rows, fields)}


@law
@given(bodies, st.data())
def test_a_changed_personal_field_is_named_and_an_erased_one_holds(contents, data):
    rows, fields = chained(contents)
    at = data.draw(st.integers(1, len(rows)))
    whole = fields[at]
    fields[at] = [replace(each, value="Eve") for each in whole]
    assert {each.seq for each in breaks(rows, fields)} == {at}
    fields[at] = [replace(each, value=None, key=None) for each in whole]
    assert list(breaks(rows, fields)) == []
    fields[at] = [replace(each, value=None) for each in whole]
    assert {each.seq for each in breaks(rows, fields)} == {at}
    fields[at] = []
    assert {each.seq for each in breaks(rows, fields)} == {at}
    fields[at] = [*whole, PersonalRow(at, "extra", "x", b"k")]
    assert [each.seq for each in breaks(rows, fields)] == [at]


@law
@given(texts)
def test_any_text_is_spelled_in_ascii_and_comes_back(text):
    # A pair of lone surrogates is one character to JSON; file names hold only low ones.
    if not any("\ud800" <= each <= "\udbff" for each in text):
        assert read(spell(text)) == text
    assert spell(text).isascii()
    assert spell(text).isprintable()


def test_a_personal_digest_needs_its_key():
    one, two = (personal_digest(key, 1, "name", "Zoë") for key in (b"a" * 32, b"b" * 32))
    assert one != two
    assert personal_digest(b"a" * 32, 2, "name", "Zoë") != one


def test_an_erased_actor_reads_as_erased():
    rows, fields = chained([{}])
    assert as_fact(rows[0], fields[1]).actor == Actor("person", "Ann")
    assert as_fact(rows[0], []).actor == Actor("person", "(erased)")


def tampered(store: Store, *statements: str) -> list[int]:
    """Change the closed database behind the store's back; return the numbers that verify names."""
    store.close()
    with sqlite3.connect(store.layout.ledger) as connection:
        for each in statements:
            connection.execute(each)
    connection.close()
    with Store.open(store.root, inspect=True) as again:
        return [each.seq for each in again.verify().chain]


@pytest.fixture
def long(store):
    store.ledger.append([NewFact("a.b", str(n), {"n": n}, personal={"p": "q"}) for n in range(2500)])
    return store


def test_tampering_with_the_database_is_found_with_its_number(long):
    assert tampered(long, "UPDATE fact SET body = '{}' WHERE seq = 1234") == [1234]


def test_a_removed_row_is_found_with_its_number(long):
    assert tampered(long, "DELETE FROM personal WHERE seq = 1001", "DELETE FROM fact WHERE seq = 1001") == [1001]


def test_a_row_before_the_first_is_found(long):
    columns = "at, kind, subject, batch, actor, body, blobs, personal, previous, hash"
    assert 0 in tampered(long, f"INSERT INTO fact SELECT 0, {columns} FROM fact WHERE seq = 1")


def test_a_tail_that_was_cut_off_is_found_against_the_head_kept_beside_it(long):
    assert tampered(long, "DELETE FROM personal WHERE seq > 2000", "DELETE FROM fact WHERE seq > 2000") == [2500]


def test_a_tail_that_was_cut_off_is_found_against_an_exported_head(long):
    exported = long.ledger.head()
    assert long.verify(head=exported).is_clean
    long.close()
    long.layout.anchor.unlink()
    with sqlite3.connect(long.layout.ledger) as connection:
        connection.executescript("DELETE FROM personal WHERE seq > 2499; DELETE FROM fact WHERE seq > 2499")
    connection.close()
    with Store.open(long.root) as again:
        assert again.verify().is_clean
        assert [each.seq for each in again.verify(head=exported).chain] == [2500]
        assert [each.seq for each in again.verify(head=Head(7, "0" * 64)).chain] == [7]


def test_an_erasure_that_no_fact_tells_is_found(long):
    assert tampered(long, "UPDATE personal SET value = NULL, key = NULL WHERE seq = 77") == [77]


def test_a_changed_result_of_work_is_found(store):
    store.ledger.append([], [("k", {"n": 1})])
    store.close()
    with sqlite3.connect(store.layout.ledger) as connection:
        connection.execute("""UPDATE work SET result = '{"n":2}'""")
    connection.close()
    with Store.open(store.root) as again:
        assert again.verify().tables == ("work k was changed: it does not hash to its digest",)
