"""Dumps of a ledger in PostgreSQL by its own programs, ``pg_dump`` and ``pg_restore``: one state, its own schema alone.

A password comes from the environment or ``~/.pgpass``, as for the ledger itself; neither program ever asks for one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from safelight.errors import StoreError

if TYPE_CHECKING:
    from safelight.store.postgres import PostgresDatabase

DUMP, RESTORE = "pg_dump", "pg_restore"
WAY_OUT = "install PostgreSQL's client programs (on Debian: apt install postgresql-client)"
_TOLD = 400  # characters of a program's own words


def has_program(name: str) -> bool:
    """Tell whether one of the programs is on this machine."""
    return shutil.which(name) is not None


def schema_of(connection: Connection) -> str:
    """Return the schema that the ledger's tables lie in: the first of the connection's search path."""
    return str(connection.exec_driver_sql("SELECT current_schema()").scalar())


def export_snapshot(connection: Connection) -> str:
    """Return the name of the state that a transaction sees, for `dump_database` while it is open."""
    return str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar())


def dump_database(database: PostgresDatabase, path: Path, schema: str, snapshot: str = "") -> None:
    """Write a ledger's schema as an archive for ``pg_restore``, its own format.

    Parameters
    ----------
    database : PostgresDatabase
    path : Path
        Must not be there.
    schema : str
    snapshot : str, optional
        From `export_snapshot`: that very state, not the present one.

    Raises
    ------
    StoreError
        If ``pg_dump`` is not on this machine or says no: nothing is left at `path` then.
    """
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--schema={_literal(schema)}", f"--file={path}"]
    words += [f"--snapshot={snapshot}"] if snapshot else []
    try:
        _run(DUMP, database.url, words)
    except StoreError:
        path.unlink(missing_ok=True)
        raise


def restore_database(url: str, path: Path, schema: str) -> None:
    """Fill the empty schema of a database from an archive, all of it or nothing.

    Parameters
    ----------
    url : str
        As `postgres.checked_url` gives it.
    path : Path
        Of the archive.
    schema : str
        The one that it was dumped from; it must be there and empty.

    Raises
    ------
    StoreError
        If ``pg_restore`` is not on this machine or says no; the database is as it was.
    """
    words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--schema={schema}"]
    _run(RESTORE, url, [*words, str(path)])


def dumped_schema(path: Path) -> str:
    """Return the schema that an archive was dumped from; "" where it cannot be told."""
    if not has_program(RESTORE):
        return ""
    done = subprocess.run([RESTORE, "--list", str(path)], capture_output=True, text=True, check=False)
    # 215; 1259 16402 TABLE public fact ines
    found = re.search(r"^\d+; \d+ \d+ TABLE (\S+) fact ", done.stdout, re.MULTILINE)
    return found[1] if found else ""


def _run(program: str, url: str, words: list[str]) -> None:
    place = shutil.which(program)
    if place is None:
        raise StoreError(f"{program} is not on this machine, and a ledger in PostgreSQL needs it: {WAY_OUT}")
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    done = subprocess.run(
        [place, "--no-password", f"--dbname={plain}", *words],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PGCONNECT_TIMEOUT": "10"},
    )
    if done.returncode:
        said = " ".join(done.stderr.split()).replace(plain, "the database")[:_TOLD]
        raise StoreError(f"{program} ended with {done.returncode}: {said or 'no word why'}")


def _literal(name: str) -> str:
    """Spell a name so that the program takes it as it stands, and no letter of it as a pattern."""
    return '"' + name.replace('"', '""') + '"'
