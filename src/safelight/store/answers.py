"""What was answered to requests that carried a key: sent again, they are answered again and not carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from safelight.store import tables
from safelight.store.database import Database, insert_new

_BY_KEY = select(tables.answer).where(tables.answer.c.key == bindparam("name"))


@dataclass(frozen=True)
class Answer:
    """An answer as it was given, and what tells its request from another under the same key."""

    fingerprint: str
    status: int
    body: str


class Answers:
    """The answers of one store.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, key: str) -> Answer | None:
        """Return the answer kept under a key, or None."""
        with self._database.reading() as connection:
            row = connection.execute(_BY_KEY, {"name": key}).first()
        return None if row is None else Answer(row.fingerprint, row.status, row.body)

    def keep(self, answers: Mapping[str, tuple[Answer, str]]) -> None:
        """Keep answers by key, each with when it was given; the first one under a key stays."""
        if not answers:
            return
        with self._database.writing() as connection:
            for key, (answer, at) in answers.items():
                insert_new(connection, tables.answer, {"key": key, "at": at, **vars(answer)})

    def sweep(self, before: str) -> int:
        """Remove answers that were given before a moment; return how many."""
        with self._database.writing() as connection:
            return connection.execute(delete(tables.answer).where(tables.answer.c.at < before)).rowcount
