"""Verify the chain alone: what is signed by its rows' digest, what is not fact by fact; then sign what was held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from safelight.store import anchor, tables
from safelight.store.chain import ERASURE, Break, Head, PersonalRow, Redactions, breaks, read
from safelight.store.checkpoints import (
    STRETCH,
    AuditKey,
    ChainReport,
    Checkpoint,
    digest_of,
    keep,
    kept,
    rows_between,
    signed,
)
from safelight.store.database import Database
from safelight.store.io import Disk
from safelight.store.layout import Layout
from safelight.store.redaction import read_redactions
from safelight.store.rows import read_head

_PERSONAL_PAGE = 20_000


@dataclass
class _Walk:
    """What a verification has seen so far."""

    found: list[Break] = field(default_factory=list)
    good: list[Checkpoint] = field(default_factory=list)
    facts: int = 0
    held: int = 0
    trusted: int = 0
    broken: bool = False


def verify_chain(
    layout: Layout,
    database: Database,
    store: str,
    disk: Disk,
    now: Callable[[], str],
    *,
    head: Head | None = None,
) -> ChainReport:
    """Check the chain, and sign what was found whole.

    Parameters
    ----------
    layout, database
    store : str
        The store's id.
    disk : Disk
    now : callable () -> str
        Dates of new checkpoints.
    head : Head, optional
        An exported end of the ledger; the one kept in the store is held against it too.

    Notes
    -----
    A change of any column of any fact, a fact put in, taken out or moved, a cut tail, and a personal field that was
    changed or lost are found and named by number. Where a stretch does not hold, nothing after it is signed.
    """
    key = AuditKey(layout, disk)
    known, wrong = kept(layout, store, key.public)
    redactions = read_redactions(database)
    with database.reading() as connection:
        end = read_head(connection)
        lost = [(each, anchor.lost(connection, each)) for each in (anchor.kept(layout), head) if each]
    walk = _Walk(found=[Break(each.seq, said) for each, said in lost if said])
    for each in known:
        _stretch(walk, database, each, redactions)
    _tail(walk, database, end, redactions, key, store, now)
    walk.found += _personal(database)
    if not walk.found and walk.good != known:
        keep(layout, disk, walk.good)
    notes = (f"{wrong}; the facts from there on were held one by one",) if wrong else ()
    return ChainReport(
        end, walk.facts, walk.held, walk.trusted, tuple(sorted(walk.found, key=lambda each: each.seq)), notes
    )


def _stretch(walk: _Walk, database: Database, each: Checkpoint, redactions: Redactions) -> None:
    """Hold a signed stretch against its digest; fact by fact where it is another."""
    first = walk.good[-1].seq + 1 if walk.good else 1
    if walk.broken:
        return
    digest, count, last_hash = digest_of(database, first, each.seq)
    if digest == each.digest and last_hash == each.hash:
        walk.facts, walk.trusted = walk.facts + count, walk.trusted + count
        walk.good.append(each)
        return
    before = walk.good[-1].hash if walk.good else None
    found = list(
        breaks(rows_between(database, first, each.seq), None, first=first, previous=before, redactions=redactions)
    )
    walk.facts, walk.held = walk.facts + count, walk.held + count
    if not found:
        # Every fact hashes to its hash, and yet the rows are not those that were signed: all of them were replaced.
        found = [Break(each.seq, f"facts {first} to {each.seq} are not those that were signed on {each.at[:10]}")]
    walk.found += found
    walk.broken = True


def _tail(
    walk: _Walk,
    database: Database,
    end: Head,
    redactions: Redactions,
    key: AuditKey,
    store: str,
    now: Callable[[], str],
) -> None:
    """Hold what came after the last checkpoint fact by fact, and sign it a stretch at a time."""
    first = (walk.good[-1].seq if walk.good else 0) + 1
    previous = walk.good[-1].hash if walk.good else None
    while first <= end.seq:
        last = min(end.seq, first + STRETCH - 1)
        rows = rows_between(database, first, last)
        found = list(breaks(rows, None, first=first, previous=previous, redactions=redactions))
        digest, count, last_hash = digest_of(database, first, last)
        walk.facts, walk.held = walk.facts + count, walk.held + count
        walk.found += found
        if not found and not walk.broken:
            before = walk.good[-1] if walk.good else None
            walk.good.append(signed(key, store, before, last, last_hash, digest, now()))
        walk.broken = walk.broken or bool(found)
        first, previous = last + 1, last_hash or None


def _personal(database: Database) -> list[Break]:
    """Hold every personal field against its digest in the chain, and every erased one against an erasure."""
    from safelight.store.chain import personal_breaks_of

    erased: list[tuple[int, str]] = []
    found: list[Break] = []
    place, fact = tables.personal.c, tables.fact.c
    after = 0
    while True:
        with database.reading() as connection:
            # Facts that carry personal fields, and the fields themselves, a page at a time.
            query = select(fact.seq, fact.personal).where(fact.seq > after, fact.personal != "{}").order_by(fact.seq)
            rows = connection.execute(query.limit(_PERSONAL_PAGE)).all()
            if not rows:
                break
            last = rows[-1].seq
            span = select(place.seq, place.field, place.value, place.key).where(place.seq > after, place.seq <= last)
            fields: dict[int, list[PersonalRow]] = {}
            for each in connection.execute(span):
                fields.setdefault(each.seq, []).append(PersonalRow(*each))
        for row in rows:
            own = fields.pop(row.seq, [])
            found += personal_breaks_of(row.seq, row.personal, own)
            erased += [(row.seq, read(each.field)) for each in own if each.value is None]
        found += [
            Break(seq, f"fact {seq} was given a personal field {read(own[0].field)!r} that it did not have")
            for seq, own in fields.items()
        ]
        after = last
    return found + _untold(database, erased)


def _untold(database: Database, erased: list[tuple[int, str]]) -> list[Break]:
    import json

    if not erased:
        return []
    with database.reading() as connection:
        query = select(tables.fact.c.body).where(tables.fact.c.kind == ERASURE)
        told = {(seq, name) for body in connection.execute(query).scalars() for seq, name in json.loads(body)["fields"]}
    return [
        Break(seq, f"fact {seq}: personal field {name!r} is gone, and no erasure says so")
        for seq, name in erased
        if (seq, name) not in told
    ]
