"""The chain in seconds: signed checkpoints, an exported head, and what no tampering gets past."""

from __future__ import annotations

import hashlib
import json
import random

import pytest

from safelight.core.facts import Actor, NewFact
from safelight.errors import StoreError
from safelight.store import Store, checkpoints, tables
from safelight.store.checkpoints import digest_of, read_head_file, rows_between

INES = Actor("person", "Ines")


@pytest.fixture
def small_stretches(monkeypatch):
    """Checkpoints of 100 facts, so that a thousand facts have ten."""
    monkeypatch.setattr("safelight.store.verify_chain.STRETCH", 100)


def fill(store: Store, number: int = 1000) -> None:
    store.ledger.append(
        [
            NewFact("decision.made", f"v{n}", {"n": n}, INES, "batch", {"name": "Ines"} if n % 3 else {})
            for n in range(number)
        ]
    )


def sql(store: Store, statement: str, *values: object) -> None:
    with store.ledger.database.writing() as connection:
        connection.exec_driver_sql(statement, tuple(values))


def test_what_was_signed_once_is_not_held_one_by_one_again(store, small_stretches):
    fill(store)
    first, again = store.verify_chain(), store.verify_chain()
    assert (first.is_clean, first.held, first.signed) == (True, 1000, 0)
    assert (again.is_clean, again.held, again.signed) == (True, 0, 1000)
    fill(store, 30)
    later = store.verify_chain()
    assert (later.held, later.signed, later.facts) == (30, 1000, 1030)


@pytest.mark.parametrize(
    "column", ["at", "kind", "subject", "batch", "actor", "body", "blobs", "personal", "previous", "hash"]
)
def test_a_change_of_any_column_under_a_checkpoint_is_named_by_its_number(store, small_stretches, column):
    fill(store)
    assert store.verify_chain().is_clean
    sql(store, f"UPDATE fact SET {column} = {column} || ' ' WHERE seq = 437")
    report = store.verify_chain()
    assert not report.is_clean
    assert {each.seq for each in report.breaks} & {437, 438}


@pytest.mark.parametrize("seed", range(4))
def test_edits_removals_and_moves_at_random_are_all_found(store, small_stretches, seed):
    fill(store)
    assert store.verify_chain().is_clean
    chance = random.Random(seed)
    seq = chance.randrange(2, 999)
    how = chance.choice(["edit", "remove", "swap"])
    if how == "edit":
        sql(store, "UPDATE fact SET body = ? WHERE seq = ?", '{"n":-1}', seq)
    elif how == "remove":
        sql(store, "DELETE FROM personal WHERE seq = ?", seq)
        sql(store, "DELETE FROM fact WHERE seq = ?", seq)
    else:
        sql(store, "UPDATE fact SET body = (SELECT body FROM fact WHERE seq = ?) WHERE seq = ?", seq + 1, seq)
    found = {each.seq for each in store.verify_chain().breaks}
    assert found & {seq, seq + 1}


@pytest.mark.parametrize("column", ["subject", "actor", "body"])
def test_what_is_put_behind_a_nul_is_found(store, small_stretches, column):
    fill(store)
    assert store.verify_chain().is_clean
    sql(store, f"UPDATE fact SET {column} = {column} || char(0) || 'more' WHERE seq = 437")
    assert 437 in {each.seq for each in store.verify_chain().breaks}


def test_two_facts_that_were_written_as_one_row_of_the_same_bytes_are_found(store, small_stretches):
    fill(store)
    assert store.verify_chain().is_clean
    columns = [each.name for each in tables.fact.columns]
    row = "||char(31)||".join(columns)
    merged = f"UPDATE fact SET hash = hash || char(30) || (SELECT {row} FROM fact WHERE seq = 438) WHERE seq = 437"
    before = digest_of(store.ledger.database, 401, 500)
    sql(store, merged)
    sql(store, "DELETE FROM personal WHERE seq = 438")
    sql(store, "DELETE FROM fact WHERE seq = 438")
    after = digest_of(store.ledger.database, 401, 500)
    assert (before[0], before[2]) == (after[0], after[2])  # the bytes are the same; only their number tells
    assert {each.seq for each in store.verify_chain().breaks} & {437, 438}


def test_a_name_that_was_put_behind_a_nul_is_found(store):
    fill(store, 30)
    assert store.verify_chain().is_clean
    sql(store, "UPDATE personal SET value = value || char(0) || 'more' WHERE seq = 2 AND field = 'name'")
    assert "personal field 'name' was changed" in store.verify_chain().breaks[0].problem


def test_a_whole_ledger_that_was_written_anew_does_not_match_what_was_signed(store, folder, small_stretches):
    fill(store)
    assert store.verify_chain().is_clean
    with Store.create(folder / "other") as other:
        fill(other)
        rows = other.ledger.facts()
        assert rows[0].hash != store.ledger.facts(limit=1)[0].hash
        other_file = (other.layout.root / "ledger.sqlite").read_bytes
        other.ledger.database.fold()
        with store.ledger.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM personal")
            connection.exec_driver_sql("DELETE FROM fact")
            with other.ledger.database.reading() as source:
                for table in ("fact", "personal"):
                    copied = source.exec_driver_sql(f"SELECT * FROM {table}").fetchall()
                    marks = ",".join("?" * len(copied[0]))
                    for row in copied:
                        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", tuple(row))
        assert other_file()
    report = store.verify_chain()
    assert not report.is_clean
    assert "are not those that were signed" in report.breaks[0].problem


def test_a_cut_tail_is_found_by_an_exported_head(store):
    fill(store, 50)
    exported = json.dumps(store.export_head()).encode()
    sql(store, "DELETE FROM personal WHERE seq > 40")
    sql(store, "DELETE FROM fact WHERE seq > 40")
    assert store.verify_chain().is_clean  # nothing inside can tell
    head, of = read_head_file(exported, "head.json")
    assert of == store.marker.store
    report = store.verify_chain(head=head)
    assert "fact 50 was in the ledger and is not" in report.breaks[0].problem


def test_an_exported_head_that_was_changed_is_refused(store):
    fill(store, 5)
    said = store.export_head()
    with pytest.raises(StoreError, match="its signature does not hold"):
        read_head_file(json.dumps(said | {"seq": 4}).encode(), "head.json")
    with pytest.raises(StoreError, match="is no exported head of a ledger"):
        read_head_file(b"[]", "head.json")


def test_a_checkpoint_that_this_store_did_not_sign_is_not_believed(store, small_stretches):
    fill(store)
    assert store.verify_chain().is_clean
    path = store.layout.root / "checkpoints.jsonl"
    lines = [json.loads(each) for each in path.read_text().splitlines()]
    lines[3]["digest"] = "0" * 64
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    report = store.verify_chain()
    assert (report.is_clean, report.signed, report.held) == (True, 300, 700)
    assert "checkpoints.jsonl line 4: the checkpoint is not signed by this store's key" in report.notes[0]


def test_a_personal_field_that_was_changed_lost_or_put_in_is_found(store):
    fill(store, 30)
    assert store.verify_chain().is_clean
    sql(store, "UPDATE personal SET value = 'Tom' WHERE seq = 2 AND field = 'name'")
    sql(store, "DELETE FROM personal WHERE seq = 3 AND field = 'name'")
    sql(store, "UPDATE personal SET value = NULL, key = NULL WHERE seq = 5 AND field = 'name'")
    found = {each.seq: each.problem for each in store.verify_chain().breaks}
    assert "personal field 'name' was changed" in found[2]
    assert "lost its personal field 'name'" in found[3]
    assert "is gone, and no erasure says so" in found[5]


def test_an_erased_name_leaves_the_chain_whole(store, small_stretches):
    fill(store)
    assert store.verify_chain().is_clean
    assert store.ledger.erase("Ines", Actor("person", "Admin"))
    report = store.verify_chain()
    assert report.is_clean
    assert report.signed == 1000
    assert not store.ledger.facts(kind="decision.made", limit=1)[0].personal


def test_the_key_is_readable_by_its_owner_alone(store):
    store.verify_chain()
    assert (store.layout.root / "audit.key").stat().st_mode & 0o777 == 0o600


def test_a_signature_of_other_data_does_not_hold(store):
    key = checkpoints.AuditKey(store.layout, store.io)
    assert checkpoints.is_signed(key.public, key.sign("a", 1), "a", 1)
    assert not checkpoints.is_signed(key.public, key.sign("a", 1), "a", 2)
    assert not checkpoints.is_signed("00" * 32, key.sign("a", 1), "a", 1)


def test_a_stretch_is_digested_as_its_rows_stand(tmp_path):
    with Store.create(tmp_path / "store") as store:
        names = ["plain", "Caf\udce9 %s %d.jpg", "line\nbreak", "日本", "\x1f\x1e\x00"]
        store.ledger.append([NewFact("note.made", each, {"n": each, "percent": "100 %"}) for each in names])
        rows = list(rows_between(store.ledger.database, 1, 5))
        columns = [each.name for each in tables.fact.columns]
        text = "".join("\x1f".join(str(getattr(each, name)) for name in columns) + "\x1e" for each in rows)
        digest, count, last = digest_of(store.ledger.database, 1, 5)
        assert (digest, count, last) == (hashlib.sha256(text.encode("ascii")).hexdigest(), 5, rows[-1].hash)
