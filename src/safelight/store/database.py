"""One SQLite file through SQLAlchemy: how it is opened, read, written, and what its errors mean.

WAL with synchronous=FULL, so that a commit that returned survives a power
cut; BEGIN IMMEDIATE for writers, so that a write never fails half way for a
lock; nothing of a connection survives a fork.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from sqlalchemy import Connection, Engine, Insert, Select, Table, bindparam, create_engine, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from safelight.errors import StoreError, StoreLockedError, StoreOfflineError
from safelight.store.io import Disk, explained
from safelight.store.turns import Turns

BUSY_S = 5.0
_CONNECTIONS = 48  # opened as they are needed; more than threads that answer people and work for them at once
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    # An erased value must not linger in a free page.
    "secure_delete=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "cache_size=-8192",  # KiB a connection, as it fills
    # Give the log's space back after a large transaction (bytes).
    "journal_size_limit=67108864",
)


class Database:
    """One open database file.

    Parameters
    ----------
    path : Path
        Must exist, unless `create`.
    disk : Disk
        Commits go through it.
    create : bool
        Make the file.
    busy_s : float, seconds
        How long a writer waits for another process.

    Notes
    -----
    Any thread may use it. Writers of this process queue up at a lock of our
    own, because SQLite's own waiting is a poll with sleeps of up to 0.1 s.
    Those that queue up together are committed together: see `store.turns`.
    """

    def __init__(self, path: Path, disk: Disk, *, create: bool = False, busy_s: float = BUSY_S) -> None:
        self.path = path
        self._disk = disk
        self._pid = os.getpid()
        self._busy_s = busy_s
        self._turns = Turns(self._begin, disk.commit)
        # The file is named by an escaped URI of its bytes: any path works, and a missing file is not made by accident.
        self._uri = f"file:{quote_from_bytes(os.fsencode(path))}?mode={'rwc' if create else 'rw'}"
        # Connections beyond the pool's size would be closed and opened again at each question, a millisecond each time.
        # The one that was used last comes first: its pages are in its memory.
        self._engine: Engine = create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=_CONNECTIONS, pool_use_lifo=True
        )

    @property
    def engine(self) -> Engine:
        """The engine, for migrations."""
        self._assert_same_process()
        return self._engine

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database; keep it short."""
        self._assert_same_process()
        with spoken(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes, and commit it at the end; an error leaves nothing of it."""
        self._assert_same_process()
        with explained("write the ledger", self.path), spoken(self.path), self._turns.writing() as connection:
            yield connection

    def _begin(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
        return connection

    def fold(self) -> None:
        """Move the write-ahead log into the database and empty it; what a reader still needs stays."""
        self._assert_same_process()
        with explained("fold the ledger", self.path), spoken(self.path), self._engine.connect() as connection:
            self._disk.fold(connection)

    def close(self) -> None:
        """Close every connection; the last one empties the write-ahead log."""
        # After a fork the parent's connections are not ours to close: SQLite would drop the parent's locks.
        self._engine.dispose(close=self._pid == os.getpid())

    def _connect(self) -> sqlite3.Connection:
        self._assert_same_process()
        connection = sqlite3.connect(
            self._uri, uri=True, timeout=self._busy_s, isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    def _assert_same_process(self) -> None:
        if os.getpid() != self._pid:
            raise StoreError(
                f"the ledger was opened by process {self._pid} and is used in its child {os.getpid()}; a database "
                "connection does not survive a fork: start workers with 'spawn' and let them return their facts"
            )


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Write a row unless one with its key is there; say whether it was written. Writers come one at a time."""
    same, new = _new_row(table)
    key = {f"own_{column.name}": values[column.name] for column in table.primary_key.columns}
    if connection.execute(same, key).first() is not None:
        return False
    connection.execute(new, dict(values))
    return True


@cache
def _new_row(table: Table) -> tuple[Select[Any], Insert]:
    """Return the two statements of `insert_new`: made once a table, since making one costs four times its answer."""
    columns = table.primary_key.columns
    same = [column == bindparam(f"own_{column.name}") for column in columns]
    return select(*columns).where(*same), insert(table)


@contextlib.contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn an error of the database driver inside the block into a `StoreError` that says what to do."""
    try:
        yield
    except DBAPIError as problem:
        if not isinstance(problem.orig, sqlite3.Error):
            raise
        raise _sentence(problem.orig, path) from problem
    except sqlite3.Error as problem:
        raise _sentence(problem, path) from problem
    except PoolTimeoutError as problem:
        raise StoreError(f"too many threads read {path} at once; try again in a moment") from problem


def _sentence(problem: sqlite3.Error, path: Path) -> StoreError:
    name = getattr(problem, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreLockedError(
            f"the ledger {path} is being written by another process for longer than {BUSY_S:g} s; wait for it, or "
            "end it, and run again"
        )
    if name.startswith("SQLITE_FULL"):
        return StoreError(f"the disk of {path} is full; free some space and run again, nothing was recorded")
    if name.startswith("SQLITE_READONLY"):
        return StoreError(f"the ledger {path} cannot be written (read-only); check the disk and your permissions")
    if name.startswith("SQLITE_CANTOPEN"):
        return StoreOfflineError(f"the ledger {path} cannot be opened; is its disk mounted, and may you read it?")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError(
            f"the ledger {path} is damaged ({problem}); keep it, and restore the store from a backup with "
            "`safelight restore`"
        )
    if name.startswith("SQLITE_IOERR"):
        return StoreError(f"the disk of {path} reports a fault ({name}); nothing was recorded: check the disk")
    return StoreError(f"the ledger {path} refused ({name or type(problem).__name__}): {problem}")
