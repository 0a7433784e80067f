"""The ledger: what happened, in order, chained; what work is done; which assets are known.

Each public method is one transaction. `append` returns when the facts are on
the platter; an error leaves nothing of them. Order is by number, so that a
clock that jumps does no harm.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from safelight.core.canonical import key_of, to_json
from safelight.core.facts import Actor, Asset, Fact, NewFact
from safelight.errors import BlobMissingError, ParameterError
from safelight.store import assets, tables
from safelight.store.assets import Seeing, Seen, Sighting
from safelight.store.blobs import Blobs
from safelight.store.chain import (
    ACTOR_FIELD,
    ERASED,
    ERASURE,
    GENESIS,
    KEY_BYTES,
    Head,
    PersonalRow,
    Row,
    fact_hash,
    personal_digest,
    read,
    spell,
)
from safelight.store.database import Database

Clock = Callable[[], datetime]
Work = tuple[str, Mapping[str, Any]]

_PAGE = 500
_SHA256 = re.compile(r'"([0-9a-f]{64})"')


def utc_now() -> datetime:
    """Return the time of the machine, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Draft:
    """A fact spelled for its row, before it has a number."""

    kind: str
    subject: str
    batch: str
    actor: Actor
    body: str
    personal: Mapping[str, str]
    blobs: Mapping[str, int]


@dataclass(frozen=True)
class _WorkDraft:
    key: str
    result: str
    blobs: Mapping[str, int]


class Ledger:
    """The facts of one store.

    Parameters
    ----------
    database : Database
    blobs : Blobs
        Blobs that facts and work mention are written beside them, so that `verify` knows what must be there.
    clock : callable () -> datetime
        Where dates come from; anything with a zone, kept in UTC.
    """

    def __init__(self, database: Database, blobs: Blobs, clock: Clock = utc_now) -> None:
        self.database = database
        self._blobs = blobs
        self._clock = clock

    def append(self, facts: Sequence[NewFact], work: Sequence[Work] = (), *, blobs: Sequence[str] = ()) -> list[Fact]:
        """Write facts, and the results of the work that led to them, in one transaction.

        Parameters
        ----------
        facts : sequence of NewFact
            Numbered, dated and chained in this order.
        work : sequence of (key, result), optional
            Kept under their keys; a key that is known keeps its first result.
        blobs : sequence of str, optional
            Blobs that the facts rest on. Blobs whose SHA-256 stands in a body, a
            result or as the subject are found without being named here.

        Returns
        -------
        list of Fact

        Raises
        ------
        ParameterError
            If a body is no JSON data, or a personal field starts with ``@``.
        BlobMissingError
            If one of `blobs` is not in the store: blobs come first, then the facts about them.
        StoreError
            If the disk is full or faulty; nothing was written.
        """
        drafts = [self._draft(each, blobs) for each in facts]
        works = [self._draft_work(key, result) for key, result in work]
        if not drafts and not works:
            return []
        with self.database.writing() as connection:
            written = self._write(connection, drafts)
            for each in works:
                self._write_work(connection, each)
        return written

    def append_work(
        self, key: str, result: Mapping[str, Any], facts: Sequence[NewFact] = (), *, blobs: Sequence[str] = ()
    ) -> bool:
        """Write a piece of work and its facts, unless the work is known: doing it twice is harmless.

        Returns
        -------
        bool
            True if it was written; False if the key was known, and then nothing was, the facts neither.

        Raises
        ------
        ParameterError, BlobMissingError, StoreError
            As `append`.
        """
        drafts = [self._draft(each, blobs) for each in facts]
        draft = self._draft_work(key, result)
        with self.database.writing() as connection:
            if not self._write_work(connection, draft):
                return False
            self._write(connection, drafts)
        return True

    def append_assets(self, seen: Sequence[Seen]) -> list[Seeing]:
        """Write assets as they were seen in a batch; one asset for each content, however often it is seen.

        Parameters
        ----------
        seen : sequence of Seen
            Each with the facts to write if this sighting tells something new.

        Returns
        -------
        list of {"new", "again", "known", "changed"}
            ``new``: a new asset. ``again``: a known asset at another path or in another batch.
            ``known``: this batch had this file at this path. ``changed``: this batch had another
            file at this path, and now has this one. Facts are written for all but ``known``.
        """
        drafts = [[self._draft(fact, ()) for fact in each.facts] for each in seen]
        found: list[Seeing] = []
        with self.database.writing() as connection:
            at = self._now()
            for each, facts in zip(seen, drafts, strict=True):
                found.append(assets.see(connection, each, at))
                if found[-1] != "known":
                    self._write(connection, facts)
        return found

    def facts(
        self,
        kind: str | Sequence[str] | None = None,
        subject: str | None = None,
        batch: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Fact]:
        """Return facts in order.

        Parameters
        ----------
        kind, subject, batch : optional
            Only facts of this kind (or one of these kinds), subject, batch.
        after : int
            Only facts with a higher number: the last one of the page before.
        limit : int, optional
            At most so many.

        Notes
        -----
        Use `iterate` for more than a page: it holds no transaction open.
        """
        found: list[Fact] = []
        for each in self.iterate(kind, subject, batch, after):
            if limit is not None and len(found) >= limit:
                break
            found.append(each)
        return found

    def iterate(
        self,
        kind: str | Sequence[str] | None = None,
        subject: str | None = None,
        batch: str | None = None,
        after: int = 0,
    ) -> Iterator[Fact]:
        """Yield what `facts` returns, page by page; facts that are written meanwhile are left out."""
        last = self.head().seq
        query = _filtered(kind, subject, batch)
        while after < last:
            page = query.where(tables.fact.c.seq > after, tables.fact.c.seq <= last).limit(_PAGE)
            with self.database.reading() as connection:
                found = _read_facts(connection, page)
            yield from found
            if len(found) < _PAGE:
                return
            after = found[-1].seq

    def latest(self, kind: str | Sequence[str] | None = None, subject: str | None = None) -> Fact | None:
        """Return the last fact of a kind about a subject, or None."""
        query = _filtered(kind, subject, None).order_by(None).order_by(tables.fact.c.seq.desc()).limit(1)
        with self.database.reading() as connection:
            found = _read_facts(connection, query)
        return found[0] if found else None

    def head(self) -> Head:
        """Return the last fact's number and hash; number 0 for an empty ledger."""
        with self.database.reading() as connection:
            return read_head(connection)

    def work(self, key: str) -> dict[str, Any] | None:
        """Return the result of a piece of work, or None if it is not done."""
        return self.works([key]).get(key)

    def works(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the results of those pieces of work that are done, by key."""
        wanted = {spell(each): each for each in keys}
        names = list(wanted)
        found: dict[str, dict[str, Any]] = {}
        with self.database.reading() as connection:
            for start in range(0, len(names), _PAGE):
                part = names[start : start + _PAGE]
                query = select(tables.work.c.key, tables.work.c.result).where(tables.work.c.key.in_(part))
                found |= {wanted[key]: json.loads(result) for key, result in connection.execute(query)}
        return found

    def asset(self, sha256: str) -> Asset | None:
        """Return the asset of this content, or None."""
        with self.database.reading() as connection:
            return assets.one(connection, sha256)

    def assets(self, batch: str | None = None) -> list[Asset]:
        """Return all assets, or those seen in a batch, in the order they were first seen."""
        with self.database.reading() as connection:
            return assets.every(connection, batch)

    def sightings(self, batch: str | None = None, sha256: str | None = None) -> list[Sighting]:
        """Return where assets were seen, sorted by batch and path."""
        with self.database.reading() as connection:
            return assets.sightings(connection, batch, sha256)

    def erase(self, value: str, actor: Actor) -> list[tuple[int, str]]:
        """Erase every personal field that holds `value`, with its key; the chain still verifies.

        The names of persons who act count as personal fields (``@actor``). That
        something was erased, by whom and in which facts, becomes a fact itself.

        Parameters
        ----------
        value : str
            The whole value: a model's name, a person's address.
        actor : Actor
            Who erases.

        Returns
        -------
        list of (number of the fact, name of the field)

        Notes
        -----
        Freed pages are overwritten and the write-ahead log is emptied. Dumps in
        the store and backups elsewhere still hold the value until they are removed.
        """
        place = tables.personal.c
        with self.database.writing() as connection:
            query = select(place.seq, place.field).where(place.value == spell(value)).order_by(place.seq, place.field)
            erased = [(seq, read(field)) for seq, field in connection.execute(query)]
            if erased:
                gone = update(tables.personal).where(place.value == spell(value)).values(value=None, key=None)
                connection.execute(gone)
                self._write(connection, [self._draft(NewFact(ERASURE, "", {"fields": erased}, actor), ())])
        if erased:
            self.database.fold()
        return erased

    def _now(self) -> str:
        now = self._clock()
        if now.tzinfo is None:
            raise ParameterError(f"the clock says {now.isoformat()} without a zone; it takes a datetime with a zone")
        return now.astimezone(UTC).isoformat(timespec="microseconds")

    def _draft(self, new: NewFact, blobs: Sequence[str]) -> _Draft:
        for each in blobs:
            if not self._blobs.has(each):
                raise BlobMissingError(
                    f"{new.kind} rests on blob {each[:12]}…, which is not in the store: put it first"
                )
        taken = sorted(each for each in new.personal if each.startswith("@"))
        if taken:
            raise ParameterError(f"{new.kind} has the personal field {taken[0]!r}; names with '@' are the ledger's own")
        body = _json(dict(new.body), f"the body of {new.kind}")
        named = [*blobs, new.subject, *_SHA256.findall(body)]
        return _Draft(new.kind, new.subject, new.batch, new.actor, body, dict(new.personal), self._blobs.closure(named))

    def _draft_work(self, key: str, result: Mapping[str, Any]) -> _WorkDraft:
        text = _json(dict(result), f"the result of work {key}")
        return _WorkDraft(key, text, self._blobs.closure(_SHA256.findall(text)))

    def _write(self, connection: Connection, drafts: Sequence[_Draft]) -> list[Fact]:
        head = read_head(connection)
        seq, previous, at = head.seq, head.hash, self._now()
        rows: list[Row] = []
        fields: list[PersonalRow] = []
        for each in drafts:
            seq += 1
            own = _personal_rows(seq, each)
            rows.append(_row(seq, previous, at, each, own))
            fields += own
            previous = rows[-1].hash
        if rows:
            connection.execute(insert(tables.fact), [vars(each) for each in rows])
        if fields:
            connection.execute(insert(tables.personal), [vars(each) for each in fields])
        mentions = [
            {"sha256": sha256, "seq": row.seq, "bytes": size}
            for row, draft in zip(rows, drafts, strict=True)
            for sha256, size in draft.blobs.items()
        ]
        if mentions:
            connection.execute(insert(tables.fact_blob), mentions)
        kept = _by_seq(fields)
        return [_fact(each, kept.get(each.seq, [])) for each in rows]

    def _write_work(self, connection: Connection, draft: _WorkDraft) -> bool:
        key, at, blobs = spell(draft.key), self._now(), to_json(sorted(draft.blobs.items()))
        values = {"key": key, "at": at, "result": draft.result, "blobs": blobs}
        new = insert_or(tables.work).on_conflict_do_nothing()
        done = connection.execute(new.values(**values, digest=work_digest(**values)))
        if done.rowcount == 0:
            return False
        mentions = [{"sha256": sha256, "key": key, "bytes": size} for sha256, size in draft.blobs.items()]
        if mentions:
            connection.execute(insert(tables.work_blob), mentions)
        return True


def work_digest(*, key: str, at: str, result: str, blobs: str) -> str:
    """Return what a row of the work table must carry: the hash of its columns."""
    return key_of(key, at, result, blobs)


def read_head(connection: Connection) -> Head:
    """Return the last fact's number and hash."""
    fact = tables.fact.c
    found = connection.execute(select(fact.seq, fact.hash).order_by(fact.seq.desc()).limit(1)).first()
    return Head(found.seq, found.hash) if found else Head(0, GENESIS)


def read_rows(connection: Connection, query: Select[Any]) -> tuple[list[Row], dict[int, list[PersonalRow]]]:
    """Return the rows of a query on the fact table, and their personal fields by number."""
    rows = [Row(*each) for each in connection.execute(query)]
    place = tables.personal.c
    wanted = select(place.seq, place.field, place.value, place.key).where(place.seq.in_([each.seq for each in rows]))
    return rows, _by_seq(PersonalRow(*each) for each in connection.execute(wanted)) if rows else {}


def _read_facts(connection: Connection, query: Select[Any]) -> list[Fact]:
    rows, personal = read_rows(connection, query)
    return [_fact(each, personal.get(each.seq, [])) for each in rows]


def _filtered(kind: str | Sequence[str] | None, subject: str | None, batch: str | None) -> Select[Any]:
    fact = tables.fact
    query = select(fact).order_by(fact.c.seq)
    if kind is not None:
        kinds = [kind] if isinstance(kind, str) else list(kind)
        query = query.where(fact.c.kind.in_([spell(each) for each in kinds]))
    if subject is not None:
        query = query.where(fact.c.subject == spell(subject))
    if batch is not None:
        query = query.where(fact.c.batch == spell(batch))
    return query


def _personal_rows(seq: int, draft: _Draft) -> list[PersonalRow]:
    fields = dict(draft.personal)
    if draft.actor.kind == "person":
        fields[ACTOR_FIELD] = draft.actor.name
    return [
        PersonalRow(seq, spell(name), spell(value), secrets.token_bytes(KEY_BYTES))
        for name, value in sorted(fields.items())
    ]


def _row(seq: int, previous: str, at: str, draft: _Draft, personal: Sequence[PersonalRow]) -> Row:
    name = "" if draft.actor.kind == "person" else draft.actor.name
    digests = {
        each.field: personal_digest(each.key, seq, each.field, read(each.value))
        for each in personal
        if each.key is not None and each.value is not None
    }
    text = {
        "at": at,
        "kind": spell(draft.kind),
        "subject": spell(draft.subject),
        "batch": spell(draft.batch),
        "actor": to_json([draft.actor.kind, name, draft.actor.version]),
        "body": draft.body,
        "blobs": to_json(sorted(draft.blobs.items())),
        "personal": to_json(digests),
    }
    return Row(seq=seq, previous=previous, hash=fact_hash(previous, seq, **text), **text)


def _fact(row: Row, personal: Sequence[PersonalRow]) -> Fact:
    fields = {read(each.field): read(each.value) for each in personal if each.value is not None}
    actor = Actor.from_data(json.loads(row.actor))
    if actor.kind == "person":
        actor = Actor("person", fields.pop(ACTOR_FIELD, ERASED), actor.version)
    return Fact(
        seq=row.seq,
        kind=read(row.kind),
        subject=read(row.subject),
        body=json.loads(row.body),
        actor=actor,
        batch=read(row.batch),
        personal=fields,
        at=row.at,
        previous=row.previous,
        hash=row.hash,
    )


def _by_seq(fields: Iterable[PersonalRow]) -> dict[int, list[PersonalRow]]:
    found: dict[int, list[PersonalRow]] = {}
    for each in fields:
        found.setdefault(each.seq, []).append(each)
    return found


def _json(data: Mapping[str, Any], what: str) -> str:
    try:
        return to_json(data)
    except (TypeError, ValueError) as problem:
        raise ParameterError(
            f"{what} is no JSON data ({problem}); it takes text, finite numbers, lists, mappings"
        ) from None
