"""What rests on a blob: facts, work, assets and versions."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from safelight.errors import StoreError
from safelight.store import tables
from safelight.store.chain import read
from safelight.store.database import Database

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN = 5


@dataclass(frozen=True)
class Mentions:
    """What rests on a blob.

    Parameters
    ----------
    facts : tuple of (number, kind, subject)
    work : tuple of str
        Keys.
    assets : tuple of str
        SHA-256 of known assets: the blob itself, or named by one of the facts.
    versions : tuple of str
        Subjects of facts about versions (``version.…``), and versions named in a body as ``"version"``.
    """

    facts: tuple[tuple[int, str, str], ...]
    work: tuple[str, ...]
    assets: tuple[str, ...]
    versions: tuple[str, ...]

    def sentence(self) -> str:
        """Return it in words, the first few of each."""
        parts = [
            _few("asset", self.assets),
            _few("version", self.versions),
            _few("fact", [f"{seq} ({kind})" for seq, kind, _ in self.facts]),
            _few("work", self.work),
        ]
        return "rests on it: " + (", ".join(each for each in parts if each) or "nothing")


def mentions(database: Database, sha256: str) -> Mentions:
    """Return what rests on the blob `sha256`, as far as the ledger can be read."""
    try:
        with database.reading() as connection:
            return _mentions(connection, sha256)
    except StoreError:
        return Mentions((), (), (), ())


def _mentions(connection: Connection, sha256: str) -> Mentions:
    fact, place, work = tables.fact.c, tables.fact_blob.c, tables.work_blob.c
    query = select(fact.seq, fact.kind, fact.subject, fact.body).join(tables.fact_blob, place.seq == fact.seq)
    rows = connection.execute(query.where(place.sha256 == sha256).order_by(fact.seq)).all()
    keys = connection.execute(select(work.key).where(work.sha256 == sha256).order_by(work.key)).scalars()
    names = {sha256} | {name for each in rows for text in (each.subject, each.body) for name in _SHA256.findall(text)}
    versions: dict[str, None] = {}
    for each in rows:
        versions |= dict.fromkeys(_versions(each.kind, each.subject, each.body))
    return Mentions(
        facts=tuple((each.seq, read(each.kind), read(each.subject)) for each in rows),
        work=tuple(read(each) for each in keys),
        assets=tuple(_assets(connection, sorted(names))),
        versions=tuple(versions),
    )


def _assets(connection: Connection, names: Sequence[str]) -> list[str]:
    place = tables.asset.c.sha256
    found: list[str] = []
    for start in range(0, len(names), 500):
        found += connection.execute(select(place).where(place.in_(names[start : start + 500]))).scalars()
    return found


def _versions(kind: str, subject: str, body: str) -> list[str]:
    found = [read(subject)] if kind.startswith("version.") else []
    try:
        data: Any = json.loads(body)
    except ValueError:
        return found
    named = data.get("version") if isinstance(data, dict) else None
    return [*found, named] if isinstance(named, str) and named not in found else found


def _few(noun: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{noun} {', '.join(names[:_SHOWN])}{more}"
