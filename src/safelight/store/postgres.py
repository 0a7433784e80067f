"""The ledger in a PostgreSQL database: the same tables, the same promises, another engine.

One process owns a store and its ledger, whatever the engine. Writers queue up at a lock of the database as well, so
that the chain stays one chain even if somebody writes beside the owner. Readers see one state (repeatable read).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from safelight.errors import StoreError, StoreLockedError, StoreOfflineError, UsageError
from safelight.store.database import Database
from safelight.store.io import Disk, explained

# Any fixed number: whoever writes a ledger holds this lock for the length of the transaction.
_WRITERS = 7_305_410_917
_TIMEOUT_S = 10


class PostgresDatabase(Database):
    """A ledger at a URL ``postgresql://user@host/name``; a password comes from the environment or ``~/.pgpass``.

    Parameters
    ----------
    url : str
    place : Path
        The file of the store that names the URL: what sentences speak of.
    disk : Disk
        Commits go through it.
    """

    def __init__(self, url: str, place: Path, disk: Disk) -> None:
        self.path = place
        self._disk = disk
        self._pid = os.getpid()
        self.url = checked_url(url)
        self._engine = _engine(url)
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database; keep it short."""
        self._assert_same_process()
        with _spoken(self.path), self._reader.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes, and commit it at the end; an error leaves nothing of it."""
        self._assert_same_process()
        with (
            explained("write the ledger", self.path),
            _spoken(self.path),
            self._engine.connect() as connection,
        ):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TIMEOUT_S}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
            yield connection
            self._disk.commit(connection)

    def fold(self) -> None:
        """Nothing to do: what was overwritten is removed by the database's own vacuum."""

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose(close=self._pid == os.getpid())


def checked_url(url: str) -> str:
    """Return the URL of a ledger for SQLAlchemy and psycopg, or refuse it.

    Raises
    ------
    UsageError
        For another kind of database, or a URL that holds a password: it would lie in the store in the open.

    Examples
    --------
    >>> checked_url("postgresql://floor@db.studio/ledger")
    'postgresql+psycopg://floor@db.studio/ledger'
    """
    bare = re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url.strip())
    try:
        found = make_url(bare)
    except ArgumentError:
        raise UsageError("the database is no URL; it takes postgresql://user@host/name") from None
    if found.drivername != "postgresql+psycopg":
        raise UsageError(f"the database is {found.drivername}; it takes postgresql://user@host/name")
    if found.password:
        raise UsageError(
            "the database's URL holds a password, which would lie in the store in the open: leave it out and set "
            "PGPASSWORD, or put it in ~/.pgpass"
        )
    return found.render_as_string(hide_password=False)


def _engine(url: str) -> Engine:
    try:
        return create_engine(
            checked_url(url),
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=32,
            connect_args={"connect_timeout": _TIMEOUT_S, "application_name": "safelight"},
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise UsageError("a ledger in PostgreSQL needs psycopg; install safelight[postgres]") from None


@contextlib.contextmanager
def _spoken(place: Path) -> Iterator[None]:
    """Turn an error of the driver inside the block into a `StoreError` that says what to do."""
    try:
        yield
    except DBAPIError as problem:
        raise _sentence(problem, place) from problem
    except PoolTimeoutError as problem:
        raise StoreError("too many threads read the ledger at once; try again in a moment") from problem


def _sentence(problem: DBAPIError, place: Path) -> StoreError:
    code = str(getattr(problem.orig, "sqlstate", "") or "")
    if code.startswith("55P03"):
        return StoreLockedError(f"the ledger of {place} is being written for longer than {_TIMEOUT_S} s; run again")
    if code.startswith("53"):
        return StoreError(f"the database of {place} has no room or no connections left ({code}); nothing was recorded")
    if code == "25006":
        return StoreError(f"the database of {place} is read-only; nothing was recorded")
    if not code or code.startswith(("08", "57")):
        return StoreOfflineError(f"the database that {place} names does not answer; is it running, and may you use it?")
    if code.startswith(("28", "3D")):
        return StoreOfflineError(f"the database that {place} names does not let us in ({code}); check user and name")
    return StoreError(f"the database of {place} refused ({code}): {problem.orig}")
