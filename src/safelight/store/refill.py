"""Move the ledger of a store that is being restored from its file into an empty PostgreSQL database."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from safelight.errors import StoreError
from safelight.store import migrate
from safelight.store.database import Database
from safelight.store.io import Disk, write_whole
from safelight.store.layout import Layout


@dataclass(frozen=True)
class Filled:
    """A database that was empty and holds a ledger now: its address, and by what it was filled."""

    url: str
    address: Path
    disk: Disk
    how: str

    def take_back(self) -> None:
        """Empty it again: the restore did not hold."""
        from safelight.store.postgres import PostgresDatabase

        with (
            contextlib.suppress(StoreError),
            contextlib.closing(PostgresDatabase(self.url, self.address, self.disk)) as it,
        ):
            migrate.remove_tables(it)


def fill_database(draft: Layout, url: str, archive: Path, disk: Disk) -> Filled:
    """Fill an empty database with the ledger of a draft, and let the draft name it in the place of its file.

    Parameters
    ----------
    draft : Layout
        Of the store that is being built; its ledger is a file of the newest schema, or an older one.
    url : str
        ``postgresql://user@host/name``
    archive : Path
        What ``pg_dump`` wrote of the same state; used where it is there, ``pg_restore`` is on this machine and the
        schema has the same name. Else every row is copied from the file.
    disk : Disk

    Raises
    ------
    StoreError
        If the database is not empty, or does not take it; it is empty then.
    UsageError
        If the URL is none.
    """
    from safelight.store.postgres import PostgresDatabase, checked_url
    from safelight.store.postgres_dump import dumped_schema, restore_database, schema_of

    url = checked_url(url)
    target = PostgresDatabase(url, draft.address, disk)
    try:
        with target.reading() as connection:
            migrate.require_empty(connection, url.replace("+psycopg", "", 1))
            schema = schema_of(connection)
        if archive.is_file() and dumped_schema(archive) == schema:
            restore_database(url, archive, schema)
            how = "filled by pg_restore"
        else:
            _copy_rows(draft, target, disk)
            how = "filled row by row"
    finally:
        target.close()
    filled = Filled(url, draft.address, disk, how)
    try:
        disk.unlink(draft.ledger)
        write_whole(disk, draft.address, url.encode("utf-8"), draft.scratch(), 0o600)
    except BaseException:
        filled.take_back()
        raise
    return filled


def _copy_rows(draft: Layout, target: Database, disk: Disk) -> None:
    source = Database(draft.ledger, disk)
    try:
        migrate.upgrade(source, draft, disk)  # of an older safelight: its file is brought to the newest schema first
        with source.reading() as connection:
            migrate.fill(connection, target)
        source.fold()
    finally:
        source.close()
