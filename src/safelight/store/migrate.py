"""From no schema, or an older one, to the newest: a dump first, then one transaction."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text, update

from safelight.errors import StoreError
from safelight.store import tables
from safelight.store.database import Database, spoken
from safelight.store.io import Disk, explained
from safelight.store.layout import Layout, Marker

SCRIPTS = Path(__file__).parent / "migrations"


def create(database: Database, marker: Marker) -> None:
    """Make the newest schema in an empty database, in one transaction."""
    with database.writing() as connection:
        require_empty(connection, database.path)
        _make_tables(connection)
        connection.execute(insert(tables.store).values(id=marker.store, generation=marker.generation))


def _make_tables(connection: Connection) -> None:
    tables.metadata.create_all(connection)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": tables.REVISION})


def upgrade(
    database: Database, layout: Layout, disk: Disk, *, scripts: Path = SCRIPTS, newest: str = tables.REVISION
) -> Path | None:
    """Bring the database to the newest schema; dump it first if anything is to be done.

    Parameters
    ----------
    database : Database
    layout : Layout
    disk : Disk
    scripts : Path
        The folder of migrations.
    newest : str
        The revision to reach, a number in digits.

    Returns
    -------
    Path or None
        The dump, or None if the schema was the newest already.

    Raises
    ------
    StoreError
        If the database is newer than this safelight, or has no schema.
    """
    with database.reading() as connection:
        found = revision(connection)
    _refuse_unknown(found, newest, layout)
    if found == newest:
        return None
    dumped = dump(database, layout, disk, found)
    with database.writing() as connection:
        # Another process may have been quicker.
        if revision(connection) != newest:
            _run(connection, scripts, newest)
    return dumped


def dump(database: Database, layout: Layout, disk: Disk, name: str) -> Path:
    """Write a whole copy of the database as one file, and return where it is.

    SQLite copies itself (VACUUM INTO), PostgreSQL by ``pg_dump``, whatever the schema's age; synced, and only then
    named: ``dumps/ledger-NAME-TIME.sqlite`` or ``.pgdump``.

    Raises
    ------
    StoreError
        If the disk is full, or ``pg_dump`` is missing or says no: nothing is migrated without a dump.
    """
    ending = "sqlite" if database.engine.dialect.name == "sqlite" else "pgdump"
    final = layout.dumps / f"ledger-{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.{ending}"
    draft = layout.scratch(ending)
    with explained("dump the ledger before its migration", layout.dumps):
        try:
            _write_dump(database, draft, disk)
            handle = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
            try:
                disk.sync(handle)
            finally:
                os.close(handle)
            disk.make_folders([layout.dumps])
            disk.rename(draft, final)
            disk.sync_folder(layout.dumps)
        except (OSError, StoreError):
            with contextlib.suppress(OSError):
                disk.unlink(draft)
            raise
    return final


def _write_dump(database: Database, path: Path, disk: Disk) -> None:
    """Write a database as it is, whatever its schema: by SQLite itself, or by PostgreSQL's own program."""
    from safelight.store.postgres import PostgresDatabase

    if not isinstance(database, PostgresDatabase):
        write_copy(database, path, disk)
        return
    from safelight.store.postgres_dump import dump_database, schema_of

    with database.reading() as connection:
        schema = schema_of(connection)
    dump_database(database, path, schema)


def write_copy(database: Database, path: Path, disk: Disk) -> None:
    """Write one state of a database as a SQLite file: SQLite copies itself, another engine is copied row by row."""
    if database.engine.dialect.name == "sqlite":
        with spoken(database.path), database.engine.connect() as connection:
            disk.dump(connection, path)
    else:
        copy_rows(database, path, disk)


def copy_rows(database: Database, path: Path, disk: Disk) -> None:
    """Write a database of whatever engine as a SQLite file of the newest schema, which opens as a ledger."""
    with database.reading() as source:
        copy_state(source, path, disk)


def copy_state(source: Connection, path: Path, disk: Disk) -> None:
    """Write the state that a transaction sees as a SQLite file of the newest schema, which opens as a ledger."""
    made = Database(path, disk, create=True)
    try:
        fill(source, made)
        made.fold()
    finally:
        made.close()


def fill(source: Connection, empty: Database) -> None:
    """Make the newest schema in an empty database and copy every row of another ledger into it, all or nothing."""
    from safelight.store.transfer import copy_tables

    with empty.writing() as target:
        require_empty(target, empty.path)
        _make_tables(target)
        copy_tables(source, target)


def require_empty(connection: Connection, place: object) -> None:
    """Refuse a database that holds tables: they are somebody's. `place` is what the sentence calls it."""
    if inspect(connection).get_table_names():
        raise StoreError(f"the database of {place} holds tables already; name an empty one")


def remove_tables(database: Database) -> None:
    """Take a ledger's tables out of a database again, after a restore into it that did not hold."""
    with database.writing() as connection:
        tables.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


def revision(connection: Connection) -> str:
    """Return the schema's revision; "" where there is none."""
    known = inspect(connection).has_table("alembic_version")
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if known else None
    return str(found or "")


def identity(connection: Connection) -> tuple[str, int]:
    """Return the store id and the generation that the database carries."""
    row = connection.execute(select(tables.store.c.id, tables.store.c.generation)).one()
    return row.id, row.generation


def set_generation(database: Database, generation: int) -> None:
    """Write the generation into the database."""
    with database.writing() as connection:
        connection.execute(update(tables.store).values(generation=generation))


def _refuse_unknown(found: str, newest: str, layout: Layout) -> None:
    if not found.isdecimal():
        raise StoreError(
            f"{layout.ledger} has no schema of safelight (revision {found!r}); it is not the store's ledger: restore it"
        )
    if int(found) > int(newest):
        raise StoreError(
            f"{layout.ledger} was written by a newer safelight (schema {found}, this one knows {newest}): update "
            "safelight; nothing was changed"
        )


def _run(connection: Connection, scripts: Path, newest: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, newest)
