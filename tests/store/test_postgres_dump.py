"""A ledger in PostgreSQL: backed up by pg_dump, restored into a file or a database, dumped before a migration."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from safelight.errors import StoreError
from safelight.store import Store, migrate, postgres_dump, tables
from safelight.store import restore as restoring
from safelight.store.backup import ARCHIVE, damages
from safelight.store.io import Disk
from safelight.store.restore import restore

from .test_store_backup import decide, numbers, opened


@pytest.fixture
def served(folder, postgres_url):
    """A store whose ledger is in PostgreSQL, with 20 decisions and what they rest on."""
    with Store.create(folder / "served", database=postgres_url) as store:
        for n in range(20):
            decide(store, n)
        yield store


def wiped(url):
    """Empty the database, as a lost server's new one is."""
    import psycopg

    schema = url.rpartition("%3D")[2]
    with psycopg.connect(url.partition("?options")[0], autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA {schema}")


def test_i_01_a_backup_holds_an_archive_by_pg_dump_of_the_same_state_and_comes_back_as_a_file(served, folder):
    made = served.back_up(folder / "backup").snapshot
    decide(served, 20)
    assert (made.facts, ARCHIVE in made.files) == (20, True)
    done = restore(folder / "backup", folder / "restored", Disk())
    with opened(done.root) as restored:
        assert numbers(restored) == list(range(20))
        assert restored.verify(read_data=True).is_clean
        assert restored.ledger.database.engine.dialect.name == "sqlite"


def test_i_01_a_wiped_server_gets_its_ledger_back_by_pg_restore_and_the_store_goes_on(served, folder, postgres_url):
    served.back_up(folder / "backup")
    served.close()
    wiped(postgres_url)
    shutil.move(folder / "served", folder / "lost")
    done = restore(folder / "backup", folder / "served", Disk(), database=postgres_url)
    assert done.filled_by == "filled by pg_restore"
    with opened(done.root) as back:
        assert back.ledger.database.engine.dialect.name == "postgresql"
        assert numbers(back) == list(range(20))
        assert back.verify(read_data=True).is_clean
        decide(back, 20)
        assert numbers(back) == list(range(21))
    assert not (done.root / "ledger.sqlite").exists()
    with pytest.raises(StoreError):  # the store before it is of an earlier generation and takes nothing for its own
        Store.open(folder / "lost")


def test_the_archive_is_of_the_same_state_as_the_file_beside_it(served, folder, monkeypatch):
    dumped = postgres_dump.dump_database

    def while_people_work(*words):
        decide(served, 20)
        dumped(*words)

    monkeypatch.setattr(postgres_dump, "dump_database", while_people_work)
    made = served.back_up(folder / "backup").snapshot
    archive = folder / "backup" / "snapshots" / made.name / ARCHIVE
    said = subprocess.run(
        ["pg_restore", "--data-only", "--table=fact", "--file=-", archive], capture_output=True, text=True, check=True
    )
    rows = said.stdout.partition("FROM stdin;\n")[2].partition("\n\\.")[0].splitlines()
    assert len(rows) == made.facts == 20


def test_without_pg_dump_a_backup_is_whole_and_says_what_it_lacks(served, folder, monkeypatch, postgres_url):
    monkeypatch.setattr(postgres_dump.shutil, "which", lambda name: None)
    made = served.back_up(folder / "backup")
    assert ARCHIVE not in made.snapshot.files
    assert "pg_dump is not on this machine: install PostgreSQL's client programs" in made.notes[0]
    served.close()
    wiped(postgres_url)
    done = restore(folder / "backup", folder / "restored", Disk(), database=postgres_url)
    assert done.filled_by == "filled row by row"
    with opened(done.root) as back:
        assert numbers(back) == list(range(20))
        assert back.verify(read_data=True).is_clean


def test_a_store_in_a_file_moves_into_a_database_by_its_backup(folder, postgres_url):
    with Store.create(folder / "small") as store:
        for n in range(5):
            decide(store, n)
        store.back_up(folder / "backup")
    done = restore(folder / "backup", folder / "grown", Disk(), database=postgres_url)
    with opened(done.root) as grown:
        assert numbers(grown) == list(range(5))
        assert grown.ledger.database.engine.dialect.name == "postgresql"


def test_i_03_a_database_that_holds_something_is_not_restored_into(served, folder, postgres_url):
    served.back_up(folder / "backup")
    with pytest.raises(StoreError, match="holds tables already; name an empty one"):
        restore(folder / "backup", folder / "second", Disk(), database=postgres_url)
    assert not (folder / "second").exists()
    assert numbers(served) == list(range(20))


def test_i_03_a_restore_that_does_not_verify_leaves_the_database_empty(served, folder, postgres_url, monkeypatch):
    served.back_up(folder / "backup")
    served.close()
    wiped(postgres_url)

    def bad(*_, **__):
        raise StoreError("what was restored does not verify")

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "_require_healthy", bad)
        with pytest.raises(StoreError, match="does not verify"):
            restore(folder / "backup", folder / "new", Disk(), database=postgres_url)
    assert not (folder / "new").exists()
    restore(folder / "backup", folder / "new", Disk(), database=postgres_url)


def test_i_03_a_damaged_archive_is_found_and_named(served, folder):
    made = served.back_up(folder / "backup").snapshot
    path = folder / "backup" / "snapshots" / made.name / ARCHIVE
    path.write_bytes(path.read_bytes()[:-100])
    (said,) = damages(folder / "backup", made)
    assert said.startswith(f"{made.name}/{ARCHIVE} is damaged")


def test_a_dump_that_pg_dump_refuses_is_an_error_with_its_words_and_leaves_nothing(served, folder):
    path = folder / "x.pgdump"
    with pytest.raises(StoreError, match="pg_dump ended with 1: .*no matching schemas were found"):
        postgres_dump.dump_database(served.ledger.database, path, "nowhere")
    assert not path.exists()


@pytest.fixture
def first_schema(served):
    """The same store as the first released schema left it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    with served.ledger.database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    root = served.root
    served.close()
    return root


def test_i_05_postgres_is_dumped_before_its_migration_and_the_dump_brings_the_old_schema_back(
    first_schema, folder, postgres_url
):
    with opened(first_schema) as store:
        assert numbers(store) == list(range(20))
        assert store.verify(read_data=True).is_clean
        (dump,) = store.layout.dumps.iterdir()
    assert dump.name.startswith("ledger-0001-")
    wiped(postgres_url)
    plain = postgres_url.replace("postgresql+psycopg", "postgresql")
    schema = postgres_url.rpartition("%3D")[2]
    words = ["--no-owner", "--exit-on-error", "--single-transaction", f"--schema={schema}", f"--dbname={plain}"]
    subprocess.run(["pg_restore", *words, dump], check=True)
    import psycopg

    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert connection.execute("SELECT count(*) FROM fact").fetchone() == (20,)
    (first_schema / "ledger.head").unlink()
    with opened(first_schema) as store:  # and it migrates again
        assert numbers(store) == list(range(20))
        assert len(list(store.layout.dumps.iterdir())) == 2


def test_i_05_without_pg_dump_nothing_is_migrated(first_schema, monkeypatch, postgres_url):
    with monkeypatch.context() as patched:
        patched.setattr(postgres_dump.shutil, "which", lambda name: None)
        with pytest.raises(StoreError, match="pg_dump is not on this machine, and a ledger in PostgreSQL needs it"):
            Store.open(first_schema)
    assert list((first_schema / "tmp").iterdir()) == []
    with opened(first_schema) as store, store.ledger.database.reading() as connection:
        assert migrate.revision(connection) == tables.REVISION
