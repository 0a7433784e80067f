"""Verify the chain alone: what is signed by its rows' digest, what is not fact by fact; then sign what was held."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from safelight.store import anchor, tables
from safelight.store.chain import ERASURE, Break, Head, PersonalRow, Redactions, breaks, personal_breaks_of, read
from safelight.store.checkpoints import (
    STRETCH,
    AuditKey,
    ChainReport,
    Checkpoint,
    digest_of,
    keep,
    kept,
    personal_digest_of,
    rows_between,
    signed,
)
from safelight.store.database import Database
from safelight.store.io import Disk
from safelight.store.layout import Layout
from safelight.store.redaction import read_redactions
from safelight.store.rows import read_head

_PERSONAL_PAGE = 5_000


@dataclass(frozen=True)
class _Ground:
    """What a verification stands on."""

    database: Database
    store: str
    key: AuditKey
    redactions: Redactions
    now: Callable[[], str]


@dataclass(frozen=True)
class _Seen:
    """A stretch as it stands: its rows' digest and number, the last hash, its personal fields' digest."""

    digest: str
    count: int
    last_hash: str
    personal: str


@dataclass
class _Walk:
    """What a verification has found so far."""

    found: list[Break] = field(default_factory=list)
    good: list[Checkpoint] = field(default_factory=list)
    erased: list[tuple[int, str]] = field(default_factory=list)
    facts: int = 0
    held: int = 0
    trusted: int = 0
    broken: bool = False

    @property
    def next_seq(self) -> int:
        """The number of the first fact that no good checkpoint covers."""
        return self.good[-1].seq + 1 if self.good else 1

    @property
    def last(self) -> tuple[str | None, str]:
        """The last good hash and digest."""
        return (self.good[-1].hash, self.good[-1].digest) if self.good else (None, "")


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
    ground = _Ground(database, store, key, read_redactions(database), now)
    with database.reading() as connection:
        end = read_head(connection)
        lost = [(each, anchor.lost(connection, each)) for each in (anchor.kept(layout), head) if each]
    walk = _Walk(found=[Break(each.seq, said) for each, said in lost if said])
    for each, seen in zip(known, _seen(database, known), strict=True):
        if walk.broken:
            break
        _stretch(walk, ground, each, seen)
    _tail(walk, ground, end)
    walk.found += _untold(database, walk.erased)
    if not walk.found and walk.good != known:
        keep(layout, disk, walk.good)
    notes = (f"{wrong}; the facts from there on were held one by one",) if wrong else ()
    return ChainReport(
        end, walk.facts, walk.held, walk.trusted, tuple(sorted(walk.found, key=lambda each: each.seq)), notes
    )


def _seen(database: Database, known: Sequence[Checkpoint]) -> Iterator[_Seen]:
    """Yield the signed stretches as they stand now."""
    # One after the other: SQLite takes memory under one lock, and two threads are slower than one by the clock too
    # (a million facts 8.2 s, and 15.2 s of processor time, with two; 5.5 s and 5.4 s with one).
    first = 1
    for each in known:
        yield _Seen(*digest_of(database, first, each.seq), personal_digest_of(database, first, each.seq))
        first = each.seq + 1


def _stretch(walk: _Walk, ground: _Ground, each: Checkpoint, seen: _Seen) -> None:
    """Hold a signed stretch against its digests; fact by fact, or field by field, where they are others."""
    first, (previous, before) = walk.next_seq, walk.last
    walk.facts += seen.count
    # Their number too: else two rows could be written as one that has their separators inside.
    if (seen.digest, seen.last_hash, seen.count) != (each.digest, each.hash, each.seq - first + 1):
        rows = rows_between(ground.database, first, each.seq)
        found = list(breaks(rows, None, first=first, previous=previous, redactions=ground.redactions))
        walk.held += seen.count
        walk.broken = True
        # Every fact may hash to its hash, and yet the rows are not those that were signed: all of them were replaced.
        signed_on = f"facts {first} to {each.seq} are not those that were signed on {each.at[:10]}"
        walk.found += found or [Break(each.seq, signed_on)]
        return
    walk.trusted += seen.count
    if seen.personal == each.personal:
        walk.good.append(each)
        return
    found, erased = _personal(ground.database, first, each.seq)
    walk.found, walk.erased = walk.found + found, walk.erased + erased
    walk.broken = bool(found)
    walk.good.append(signed(ground.key, ground.store, before, replace(each, personal=seen.personal)))


def _tail(walk: _Walk, ground: _Ground, end: Head) -> None:
    """Hold what no good checkpoint covers fact by fact, and sign it a stretch at a time while all is whole."""
    first, (previous, _) = walk.next_seq, walk.last
    while first <= end.seq:
        last = min(end.seq, first + STRETCH - 1)
        rows = rows_between(ground.database, first, last)
        found = list(breaks(rows, None, first=first, previous=previous, redactions=ground.redactions))
        off, erased = _personal(ground.database, first, last)
        digest, count, last_hash = digest_of(ground.database, first, last)
        if not walk.broken:
            walk.facts, walk.held = walk.facts + count, walk.held + count
        known = {each.seq for each in walk.found}
        walk.found += [each for each in (*found, *off) if each.seq not in known]
        walk.erased += erased
        walk.broken = walk.broken or bool(found or off)
        if not walk.broken:
            personal = personal_digest_of(ground.database, first, last)
            unsigned = Checkpoint(last, last_hash, digest, personal, ground.now(), "")
            walk.good.append(signed(ground.key, ground.store, walk.last[1], unsigned))
        first, previous = last + 1, last_hash or None


def _personal(database: Database, first: int, last: int) -> tuple[list[Break], list[tuple[int, str]]]:
    """Hold the personal fields of a stretch against their digests in the chain; return the erased ones too."""
    place, fact = tables.personal.c, tables.fact.c
    found: list[Break] = []
    erased: list[tuple[int, str]] = []
    for start in range(first, last + 1, _PERSONAL_PAGE):
        until = min(last, start + _PERSONAL_PAGE - 1)
        fields: dict[int, list[PersonalRow]] = {}
        with database.reading() as connection:
            span = select(place.seq, place.field, place.value, place.key)
            for each in connection.execute(span.where(place.seq >= start, place.seq <= until)):
                fields.setdefault(each.seq, []).append(PersonalRow(*each))
            carrying = select(fact.seq, fact.personal).where(fact.seq >= start, fact.seq <= until)
            rows = connection.execute(carrying.where(fact.personal != "{}")).all()
        digests = {row.seq: row.personal for row in rows}
        for seq in sorted(fields.keys() | digests.keys()):
            own = fields.get(seq, [])
            found += personal_breaks_of(seq, digests.get(seq, "{}"), own)
            erased += [(seq, read(each.field)) for each in own if each.value is None]
    return found, erased


def _untold(database: Database, erased: list[tuple[int, str]]) -> list[Break]:
    """Return the erased fields that no erasure in the ledger speaks of."""
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
