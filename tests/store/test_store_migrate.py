"""Schemas: a dump before each migration, one transaction, and newer ones refused."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from safelight.core.facts import NewFact
from safelight.errors import StoreError
from safelight.store import Store, migrate, tables
from safelight.store.io import Disk
from tests.store.disks import FaultyDisk, Stopped, every_fault

NEWEST = tables.REVISION
FOLLOWING = f"{int(NEWEST) + 1:04}"
NEXT = '''
"""A test's next schema."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "FOLLOWING", "NEWEST", None, None
def upgrade():
    op.add_column("work", sa.Column("cost", sa.Integer()))
    op.execute("UPDATE work SET cost = 7")
    BREAK
def downgrade():
    op.drop_column("work", "cost")
'''


def following(line):
    """Return a migration after the newest, with `line` in it."""
    return NEXT.replace("BREAK", line).replace("FOLLOWING", FOLLOWING).replace("NEWEST", NEWEST)


@pytest.fixture
def scripts(folder) -> Path:
    copy = folder / "migrations"
    shutil.copytree(migrate.SCRIPTS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / f"r{FOLLOWING}_next.py").write_text(following("pass"))
    return copy


@pytest.fixture
def filled(store):
    store.ledger.append([NewFact("a.b", str(n), {}) for n in range(10)], [("k", {"n": 1})])
    return store


def upgrade(store, scripts, disk=None, newest=FOLLOWING):
    return migrate.upgrade(store.ledger.database, store.layout, disk or Disk(), scripts=scripts, newest=newest)


def revision(store):
    with store.ledger.database.reading() as connection:
        return migrate.revision(connection)


def test_the_newest_revision_is_the_head_of_the_scripts():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [tables.REVISION]


def test_the_migrations_make_the_tables_that_the_models_say(folder, store):
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext

    engine = create_engine(f"sqlite:///{folder / 'migrated.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        migrated = _schema(connection)
    with store.ledger.database.reading() as connection:
        assert _schema(connection) == migrated
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert list(_schema(connection)) == ["alembic_version"]
        command.upgrade(config, "head")
        assert _schema(connection) == migrated
    engine.dispose()


def _schema(connection):
    names = [
        each[0] for each in connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY 1")
    ]
    found = {}
    for name in names:
        columns = sorted(tuple(each)[1:] for each in connection.exec_driver_sql(f"PRAGMA table_info({name})"))
        keys = sorted(tuple(each)[2:5] for each in connection.exec_driver_sql(f"PRAGMA foreign_key_list({name})"))
        indices = sorted(each[1] for each in connection.exec_driver_sql(f"PRAGMA index_list({name})"))
        rowid = connection.exec_driver_sql(f"SELECT wr FROM pragma_table_list('{name}')").scalar()
        found[name] = (columns, keys, indices, rowid)
    return found


def test_the_newest_schema_is_left_alone(filled):
    assert migrate.upgrade(filled.ledger.database, filled.layout, FaultyDisk(1, "once")) is None
    assert not any(filled.layout.dumps.iterdir())


def test_an_older_schema_is_dumped_then_migrated(filled, scripts):
    dumped = upgrade(filled, scripts)
    assert revision(filled) == FOLLOWING
    assert len(filled.ledger.facts()) == 10
    assert dumped.parent == filled.layout.dumps
    with sqlite3.connect(dumped) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (NEWEST,)
        assert old.execute("SELECT count(*) FROM fact").fetchone() == (10,)
        assert old.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    old.close()
    with filled.ledger.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT cost FROM work").scalar() == 7


def test_a_dump_can_be_put_back(filled, scripts):
    dumped = upgrade(filled, scripts)
    filled.close()
    for each in filled.root.glob("ledger.sqlite*"):
        each.unlink()
    shutil.copy(dumped, filled.layout.ledger)
    with Store.open(filled.root) as again:
        assert len(again.ledger.facts()) == 10
        assert again.verify().is_clean


def test_a_newer_schema_is_refused_and_left_as_it_is(filled, scripts):
    upgrade(filled, scripts)
    filled.close()
    before = filled.layout.ledger.read_bytes()
    with pytest.raises(StoreError, match=f"written by a newer safelight.*schema {FOLLOWING}, this one knows {NEWEST}"):
        Store.open(filled.root)
    assert filled.layout.ledger.read_bytes() == before


def test_a_database_that_is_none_of_ours_is_refused(filled):
    filled.close()
    for each in filled.root.glob("ledger.sqlite*"):
        each.unlink()
    sqlite3.connect(filled.layout.ledger).execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(StoreError, match="no schema of safelight"):
        Store.open(filled.root)
    filled.layout.ledger.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(filled.root)


def test_a_migration_that_breaks_leaves_the_old_schema_whole(filled, scripts):
    (scripts / "versions" / f"r{FOLLOWING}_next.py").write_text(following("raise RuntimeError('bug')"))
    with pytest.raises(RuntimeError, match="bug"):
        upgrade(filled, scripts)
    assert revision(filled) == NEWEST
    assert "cost" not in {each[1] for each in _columns(filled)}
    assert len(list(filled.layout.dumps.iterdir())) == 1
    filled.ledger.append([NewFact("a.b", "", {})])


def _columns(store):
    with store.ledger.database.reading() as connection:
        return connection.exec_driver_sql("PRAGMA table_info(work)").all()


def test_a_migration_that_stops_anywhere_leaves_one_schema_or_the_other(filled, scripts, folder):
    filled.close()
    count = iter(range(1000))

    def run(disk):
        root = folder / f"copy{next(count)}"
        shutil.copytree(filled.root, root)
        with Store.open(root) as store:
            with contextlib.suppress(StoreError, Stopped):
                upgrade(store, scripts, disk)
            found = revision(store)
            assert ("cost" in {each[1] for each in _columns(store)}) == (found == FOLLOWING)
            if found == FOLLOWING:
                assert any(store.layout.dumps.glob(f"ledger-{NEWEST}-*.sqlite"))
            upgrade(store, scripts)
            assert revision(store) == FOLLOWING
            assert len(store.ledger.facts()) == 10
        shutil.rmtree(root)

    list(every_fault(run, faults=("once", "stop_after")))
