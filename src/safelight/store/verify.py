"""Whether a store is whole: tables, chain, and every blob that a fact rests on.

Without reading data this costs a pass over the ledger and a look at each
blob's size. With it every byte is hashed; a subset spreads that over several
runs, as restic's ``check --read-data-subset=n/t`` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, inspect, select, union

from safelight.errors import BlobMissingError, ParameterError, StoreError
from safelight.store import anchor, tables
from safelight.store.blobs import Blobs
from safelight.store.chain import ERASURE, Break, Head, PersonalRow, Row, breaks, read
from safelight.store.database import Database
from safelight.store.layout import Layout
from safelight.store.lineage import mentions
from safelight.store.redaction import erased_blobs, read_redactions
from safelight.store.report import BlobProblem, BlobTrouble, Report
from safelight.store.rows import read_head, read_rows, work_digest

_PAGE = 1000


@dataclass
class _Notes:
    """What a verification gathers as it goes."""

    tables: list[str] = field(default_factory=list)
    chain: list[Break] = field(default_factory=list)
    erased: list[tuple[int, str]] = field(default_factory=list)
    told: set[tuple[int, str]] = field(default_factory=set)
    facts: int = 0


def verify(
    layout: Layout,
    database: Database,
    blobs: Blobs,
    *,
    read_data: bool = False,
    subset: tuple[int, int] | None = None,
    head: Head | None = None,
) -> Report:
    """Check a store.

    Parameters
    ----------
    layout, database, blobs
    read_data : bool
        Hash every byte of every blob; otherwise sizes are compared.
    subset : (n, t), optional
        With `read_data`: only the n-th of t parts; runs 1/t to t/t cover every blob once.
    head : Head, optional
        The end of the ledger as it was exported once; the one kept in the store is held against it too.

    Returns
    -------
    Report

    Raises
    ------
    ParameterError
        If `subset` is not 1..t of t.
    """
    if subset is not None and not 1 <= subset[0] <= subset[1]:
        raise ParameterError(f"subset is {subset[0]}/{subset[1]}; it takes n/t with n from 1 to t")
    notes = _Notes()
    end = Head(0, "")
    try:
        end = _check_ledger(layout, database, notes, head)
    except StoreError as problem:
        notes.tables.append(str(problem))
    if read_data:
        _check_standings(database, notes)
    trouble, extra, count, size = _check_blobs(database, blobs, notes, read_data=read_data, subset=subset)
    return Report(
        head=end,
        facts=notes.facts,
        blobs=count,
        bytes=size,
        tables=tuple(notes.tables),
        chain=tuple(sorted(notes.chain, key=lambda each: each.seq)),
        trouble=tuple(trouble),
        extra=tuple(extra),
        strays=tuple(str(each) for each in blobs.strays()),
    )


def _check_ledger(layout: Layout, database: Database, notes: _Notes, exported: Head | None) -> Head:
    with database.reading() as connection:
        notes.tables += _table_problems(connection)
        end = read_head(connection)
        for each in (anchor.kept(layout), exported):
            problem = anchor.lost(connection, each) if each else ""
            if problem:
                notes.chain.append(Break(each.seq if each else 0, problem))
    personal: dict[int, list[PersonalRow]] = {}
    redactions = read_redactions(database)
    notes.chain += breaks(_rows(database, end.seq, personal, notes), personal, redactions=redactions)
    for seq, name in notes.erased:
        if (seq, name) not in notes.told:
            notes.chain.append(Break(seq, f"fact {seq}: personal field {name!r} is gone, and no erasure says so"))
    _check_work(database, notes)
    return end


def _table_problems(connection: Connection) -> list[str]:
    found = []
    if connection.dialect.name == "sqlite":  # PostgreSQL holds its foreign keys always, and checks its pages itself
        run = connection.exec_driver_sql
        found += [f"the database: {each}" for (each,) in run("PRAGMA integrity_check(100)") if each != "ok"]
        found += [
            f"the database: row {each[1]} of {each[0]} rests on no {each[2]}"
            for each in run("PRAGMA foreign_key_check")
        ]
    look = inspect(connection)
    known = set(look.get_table_names())
    for table in tables.metadata.sorted_tables:
        columns = {each["name"] for each in look.get_columns(table.name)} if table.name in known else set()
        gone = sorted({each.name for each in table.columns} - columns)
        if gone:
            found.append(f"the database: table {table.name} has no column {', '.join(gone)}")
    return found


def _rows(database: Database, last: int, personal: dict[int, list[PersonalRow]], notes: _Notes) -> Iterator[Row]:
    """Yield all facts page by page; `personal` holds the page's personal fields meanwhile."""
    after = -1
    fact = tables.fact
    while True:
        page = select(fact).where(fact.c.seq > after, fact.c.seq <= last).order_by(fact.c.seq).limit(_PAGE)
        with database.reading() as connection:
            rows, fields = read_rows(connection, page)
            if not rows:
                return
            first, after = rows[0].seq, rows[-1].seq
            place = tables.fact_blob.c
            query = select(place.seq, place.sha256, place.bytes).where(place.seq >= first, place.seq <= after)
            listed: dict[int, list[list[Any]]] = {}
            for seq, sha256, size in connection.execute(query):
                listed.setdefault(seq, []).append([sha256, size])
        personal.clear()
        personal.update(fields)
        for row in rows:
            _note(row, fields.get(row.seq, []), sorted(listed.get(row.seq, [])), notes)
            yield row


def _note(row: Row, fields: list[PersonalRow], listed: list[list[Any]], notes: _Notes) -> None:
    """Remember what a row says of erasures, and hold the index of blobs against it."""
    notes.facts += 1
    notes.erased += [(row.seq, read(each.field)) for each in fields if each.value is None]
    try:
        if row.kind == ERASURE:
            notes.told |= {(seq, name) for seq, name in json.loads(row.body)["fields"]}
        if json.loads(row.blobs) != listed:
            notes.tables.append(f"the database: the index of blobs disagrees with fact {row.seq}")
    except (ValueError, KeyError, TypeError):
        return  # a row that cannot be read does not hash to its hash either, and is named for that


def _check_standings(database: Database, notes: _Notes) -> None:
    """Hold the rows of where files stand against the whole fold of their facts."""
    from safelight.store import standings

    try:
        with database.reading() as connection:
            notes.tables += [
                f"where the files of batch {each} stand is not what its facts say"
                for each in standings.differences(connection)
            ]
    except (StoreError, ValueError, KeyError, TypeError) as problem:
        notes.tables.append(f"where files stand can't be checked: {problem}")


def _check_work(database: Database, notes: _Notes) -> None:
    after = ""
    place = tables.work.c
    while True:
        query = select(tables.work).where(place.key > after).order_by(place.key).limit(_PAGE)
        with database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        for each in rows:
            if work_digest(key=each.key, at=each.at, result=each.result, blobs=each.blobs) != each.digest:
                notes.tables.append(f"work {read(each.key)} was changed: it does not hash to its digest")
        after = rows[-1].key


def _check_blobs(
    database: Database, blobs: Blobs, notes: _Notes, *, read_data: bool, subset: tuple[int, int] | None
) -> tuple[list[BlobTrouble], list[str], int, int]:
    """Walk through what must be there and what is there, both sorted, side by side."""
    trouble: list[BlobTrouble] = []
    extra: list[str] = []
    count = size = 0
    gone = _erased(database, notes)
    wanted = (each for each in _wanted(database, notes) if each[0] not in gone)
    need = next(wanted, None)
    for sha256 in blobs.iterate():
        while need is not None and need[0] < sha256:
            trouble.append(_trouble(database, need[0], "missing", "is missing"))
            need = next(wanted, None)
        count += 1
        if sha256 in gone:
            trouble.append(_trouble(database, sha256, "damaged", "was erased and is still there"))
            continue
        expected = None
        if need is not None and need[0] == sha256:
            expected, need = need[1], next(wanted, None)
        else:
            extra.append(sha256)
        found, hashed = _look(blobs, sha256, expected, read_data=read_data and _is_in(sha256, subset))
        size += hashed
        if found:
            trouble.append(_trouble(database, sha256, *found))
    while need is not None:
        trouble.append(_trouble(database, need[0], "missing", "is missing"))
        need = next(wanted, None)
    return trouble, extra, count, size


def _erased(database: Database, notes: _Notes) -> frozenset[str]:
    try:
        return erased_blobs(database)
    except StoreError as problem:
        notes.tables.append(str(problem))
        return frozenset()


def _look(
    blobs: Blobs, sha256: str, expected: int | None, *, read_data: bool
) -> tuple[tuple[BlobProblem, str] | None, int]:
    """Look at one blob: what is wrong with it, and how many bytes were hashed to know."""
    try:
        size = blobs.size(sha256)
        if expected is not None and size != expected:
            return ("wrong_size", f"has {size} bytes instead of {expected}"), 0
        if not read_data:
            return None, 0
        damaged = blobs.is_damaged(sha256)
    except BlobMissingError:
        return ("missing", "is missing"), 0
    except StoreError as problem:
        return ("damaged", f"cannot be read ({problem})"), 0
    return (("damaged", "is damaged: its bytes hash to another name") if damaged else None), size


def _is_in(sha256: str, subset: tuple[int, int] | None) -> bool:
    return subset is None or int(sha256[:15], 16) % subset[1] == subset[0] - 1


def _wanted(database: Database, notes: _Notes) -> Iterator[tuple[str, int]]:
    """Yield name and size of each blob that a fact or work rests on, sorted."""
    facts, work, after = tables.fact_blob.c, tables.work_blob.c, ""
    try:
        while True:
            of_facts = select(facts.sha256, facts.bytes).where(facts.sha256 > after).distinct()
            of_work = select(work.sha256, work.bytes).where(work.sha256 > after).distinct()
            # SQLite takes a limit inside a union only in a subquery.
            pages = [each.order_by("sha256").limit(_PAGE).subquery() for each in (of_facts, of_work)]
            ordered = union(*[select(each) for each in pages])
            with database.reading() as connection:
                page = connection.execute(ordered.order_by("sha256").limit(_PAGE)).all()
            for sha256, size in page:
                if sha256 != after:
                    yield sha256, size
                after = sha256
            if not page:
                return
    except StoreError as problem:
        notes.tables.append(str(problem))


def _trouble(database: Database, sha256: str, problem: BlobProblem, text: str) -> BlobTrouble:
    found = mentions(database, sha256)
    return BlobTrouble(sha256, problem, f"blob {sha256} {text}; {found.sentence()}", found)
