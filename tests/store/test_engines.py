"""What a ledger promises, it promises in a file and in a PostgreSQL database alike."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text

from safelight.core.facts import Actor, NewFact
from safelight.errors import StoreError, StoreOfflineError, UsageError
from safelight.store import Store, migrate, standings
from safelight.store.io import Disk
from safelight.store.postgres import checked_url
from tests.store import test_store_ledger as ledger
from tests.store import test_store_verify as verify

LAWS = (
    ledger.test_a_new_ledger_is_empty,
    ledger.test_facts_come_back_as_they_were_written,
    ledger.test_facts_are_filtered_and_paged_by_number,
    ledger.test_names_that_are_not_utf_8_survive,
    ledger.test_known_work_keeps_its_first_result_and_its_facts_once,
    ledger.test_many_keys_are_looked_up_at_once,
    ledger.test_a_fact_rests_only_on_blobs_that_are_there,
    ledger.test_one_content_is_one_asset_however_often_it_is_seen,
    ledger.test_personal_names_of_the_ledgers_own_are_refused,
    ledger.test_threads_append_without_loss,
    verify.test_the_assets_that_rest_on_a_blob_are_named,
    verify.test_an_original_that_is_only_referenced_is_not_missed,
    verify.test_a_blob_that_nothing_rests_on_is_extra_and_no_damage,
)

INES = Actor("person", "Ines")


@pytest.fixture
def in_postgres(folder, postgres_url):
    with Store.create(folder / "store", database=postgres_url) as opened:
        yield opened


@pytest.mark.parametrize("law", LAWS, ids=lambda each: each.__name__)
def test_a_ledger_in_postgresql_holds_what_a_file_holds(law, in_postgres):
    law(in_postgres)


def test_a_store_finds_its_database_again_by_itself(in_postgres):
    in_postgres.ledger.append([NewFact("a.b", "x", {"n": 1}, batch="spring")])
    in_postgres.close()
    with Store.open(in_postgres.root) as again:
        assert again.ledger.facts()[0].body == {"n": 1}
        assert again.verify().is_clean
        assert not again.layout.ledger.exists()


def test_an_erased_name_is_gone_from_the_database_and_the_chain_holds(in_postgres):
    in_postgres.ledger.append([NewFact("decision.made", "v", {}, Actor("person", "Zoë"), personal={"name": "Zoë"})])
    assert in_postgres.ledger.erase("Zoë", Actor("person", "Ada"))
    with in_postgres.ledger.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM personal WHERE value LIKE '%Zo%'")).scalar() == 0
    assert in_postgres.verify().is_clean


def test_a_fact_that_was_changed_in_the_database_is_found_with_its_number(in_postgres):
    in_postgres.ledger.append([NewFact("a.b", "x", {"n": n}) for n in range(5)])
    with in_postgres.ledger.database.writing() as connection:
        connection.execute(text("UPDATE fact SET body = :body WHERE seq = 3"), {"body": '{"n":9}'})
    assert [each.seq for each in in_postgres.verify().chain] == [3]


def test_a_database_that_holds_tables_already_is_refused(in_postgres, folder, postgres_url):
    with pytest.raises(StoreError, match="holds tables already; name an empty one"):
        Store.create(folder / "second", database=postgres_url)
    assert not (folder / "second").exists()


def test_a_ledger_in_postgresql_is_copied_as_a_file_that_opens(in_postgres, folder):
    in_postgres.ledger.append([NewFact("a.b", "x", {"n": n}, batch="b") for n in range(1200)])
    dumped = folder / "copy.sqlite"
    migrate.copy_rows(in_postgres.ledger.database, dumped, Disk())
    with sqlite3.connect(dumped) as copy:
        assert copy.execute("SELECT count(*), max(seq) FROM fact").fetchone() == (1200, 1200)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


def test_a_database_that_is_away_is_offline_and_never_empty(in_postgres, folder):
    in_postgres.close()
    in_postgres.layout.address.write_text("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreOfflineError, match="does not answer; is it running"):
        Store.open(in_postgres.root)


def test_a_lost_tail_is_found_in_postgresql_too(in_postgres):
    in_postgres.ledger.append([NewFact("a.b", "x", {"n": n}) for n in range(5)])
    in_postgres.close()
    with Store.open(in_postgres.root) as again, again.ledger.database.writing() as connection:
        connection.execute(text("DELETE FROM fact WHERE seq = 5"))
    with pytest.raises(StoreError, match="fact 5 was in the ledger and is not"):
        Store.open(in_postgres.root)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@here/db", "it takes postgresql://user@host/name"),
        ("nonsense", "it takes postgresql://user@host/name"),
        ("postgresql://ann:secret@here/db", "holds a password.*set PGPASSWORD"),
    ],
)
def test_another_database_or_one_with_a_password_is_refused(url, said):
    with pytest.raises(UsageError, match=said) as refused:
        checked_url(url)
    assert "secret" not in str(refused.value)


def test_a_row_that_says_something_else_than_its_facts_is_found(either):
    from safelight.core import batch as told

    opening = NewFact(told.OPENED, "b", {"folder": "/x"}, batch="b")
    either.ledger.append(
        [opening, NewFact(told.SEEN, "a" * 64, {"path": "1.jpg", "size": 1, "mtime_ns": 1}, batch="b")]
    )
    assert either.verify(read_data=True).is_clean
    with either.ledger.database.writing() as connection:
        connection.execute(text("UPDATE file_row SET state = :other"), {"other": '{"path":"1.jpg"}'})
    assert "where the files of batch b stand is not what its facts say" in either.verify(read_data=True).tables


def test_rows_of_where_files_stand_are_made_again_where_they_are_behind(either):
    from safelight.core import batch as told

    facts = [NewFact(told.OPENED, "b", {"folder": "/x", "client": "Acme"}, batch="b")]
    facts += [
        NewFact(told.SEEN, f"{n:064x}", {"path": f"{n}.jpg", "size": 1, "mtime_ns": n}, batch="b") for n in range(9)
    ]
    either.ledger.append(facts)
    with either.ledger.database.writing() as connection:
        for table in ("file_row", "batch_row", "followed"):
            connection.execute(text(f"DELETE FROM {table}"))
    either.close()
    with Store.open(either.root) as again, again.ledger.database.reading() as connection:
        assert standings.count_rows(connection) == 9
        assert list(standings.differences(connection)) == []
        assert not standings.is_behind(connection)


def test_a_chain_is_signed_held_again_and_a_changed_sign_is_named(either):
    names = ["plain", "Café?", "\x1f\x1e", ""]
    either.ledger.append([NewFact("a.b", f"x{n}", {"n": n}, INES, "b", {"name": each}) for n, each in enumerate(names)])
    assert either.verify_chain().held == len(names)
    assert either.verify_chain().signed == len(names)
    with either.ledger.database.writing() as connection:
        connection.execute(text("UPDATE personal SET value = 'Caf\\u00e9!' WHERE seq = 2 AND field = 'name'"))
    assert [each.problem for each in either.verify_chain().breaks] == ["fact 2: personal field 'name' was changed"]
    with either.ledger.database.writing() as connection:
        connection.execute(text("UPDATE fact SET subject = 'é1' WHERE seq = 2"))
    assert 2 in {each.seq for each in either.verify_chain().breaks}


def test_the_board_counts_a_project_apart_only_where_that_is_asked(either):
    from safelight.core import batch as told
    from safelight.store.floor import Floor
    from tests.api.conftest import Told

    say = Told(either)
    for batch, client, stakes in (("one", "Acme", "high"), ("two", "Other", "low"), ("three", "Third", "low")):
        say.batch(batch, client)
        say.file(f"{batch}.jpg", batch=batch, stakes=stakes)
    floor = Floor(either.ledger.database)
    (all_of_them,) = floor.board(None)
    assert (all_of_them.project, all_of_them.stakes, sum(all_of_them.standings)) == ("", (1, 0, 2), 3)
    apart = {each.project: each.stakes for each in floor.board(None, frozenset(["Acme"]))}
    assert apart == {"Acme": (1, 0, 0), "": (0, 0, 2)}
    assert [each.stakes for each in floor.board(frozenset(["Third"]))] == [(0, 0, 1)]
    assert all_of_them.oldest == either.ledger.facts(kind=told.ROUTED, limit=1)[0].at
