"""The ledger: what happened, in order, chained; what work is done; which assets are known.

Each public method is one transaction. `append` returns when the facts are on
the platter; an error leaves nothing of them. Order is by number, so that a
clock that jumps does no harm.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from safelight.core.canonical import to_json
from safelight.core.facts import Actor, Asset, Fact, NewFact, Told
from safelight.errors import BlobMissingError, ConflictError, ParameterError, UnknownNameError
from safelight.store import assets, standings, tables
from safelight.store.assets import Seeing, Seen, Sighting
from safelight.store.blobs import Blobs
from safelight.store.chain import ERASURE, Head, PersonalRow, Row, read, spell
from safelight.store.database import Database, insert_new
from safelight.store.erase import Erasure, erased_body, plan_erasure, redact
from safelight.store.redaction import ASSET_ERASED
from safelight.store.rows import (
    Draft,
    WorkDraft,
    as_fact,
    by_seq,
    chained_row,
    json_text,
    page,
    personal_rows,
    read_facts,
    read_head,
    work_digest,
)

Clock = Callable[[], datetime]
Work = tuple[str, Mapping[str, Any]]
Listener = Callable[[Sequence[Fact]], None]

_PAGE = 500
_NEW_FACTS, _NEW_FIELDS, _NEW_MENTIONS = insert(tables.fact), insert(tables.personal), insert(tables.fact_blob)
_WORK = select(tables.work.c.result).where(tables.work.c.key == bindparam("name"))
_SHA256 = re.compile(r'"([0-9a-f]{64})"')


def utc_now() -> datetime:
    """Return the time of the machine, in UTC."""
    return datetime.now(UTC)


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
        # Told of facts once they are on the platter, in the thread that wrote them: keep it short, and never raise.
        self.listeners: list[Listener] = []
        self._seen: Mapping[str, int] = {}
        self._request: Work | None = None
        self._also: Callable[[Connection], None] | None = None

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
        request = self._request and self._draft_work(*self._request)
        with self.database.writing() as connection:
            if request is not None and not self._write_work(connection, request):
                raise ConflictError("this request was carried out already; look at what it is about again")
            moved = standings.moved(connection, self._seen) if self._seen else []
            if moved:
                raise ConflictError(moved[0])
            if self._also is not None:
                self._also(connection)
            written = self._write(connection, drafts)
            for each in works:
                self._write_work(connection, each)
        self._seen, self._request, self._also = {}, None, None
        self._tell(written)
        return written

    def guarded(
        self,
        seen: Mapping[str, int],
        request: Work | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> Ledger:
        """Return this ledger for one word of one person: its first facts are written only if nobody was first.

        Parameters
        ----------
        seen : mapping of file id to number
            The last fact about each file as the person saw it.
        request : (key, result), optional
            Written as work with the facts: a request that is sent twice is carried out once.
        also : callable (Connection), optional
            Done in the transaction of those facts; if it raises, nothing is written.

        Notes
        -----
        A ledger that is guarded already keeps its request, and what it looked at, beside the new.
        """
        mine, before = copy(self), self._also
        mine._seen, mine._request = {**self._seen, **seen}, request or self._request
        mine._also = also if before is None else _both(before, also)
        return mine

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
            written = self._write(connection, drafts)
        self._tell(written)
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
        written: list[Fact] = []
        with self.database.writing() as connection:
            at = self._now()
            for each, facts in zip(seen, drafts, strict=True):
                found.append(assets.see(connection, each, at))
                if found[-1] != "known":
                    written += self._write(connection, facts)
        self._tell(written)
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
        pages = self._pages(kind, subject, batch, after, _PAGE if limit is None else min(limit, _PAGE))
        found: list[Fact] = []
        for each in pages:
            found += each
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    def iterate(
        self,
        kind: str | Sequence[str] | None = None,
        subject: str | None = None,
        batch: str | None = None,
        after: int = 0,
    ) -> Iterator[Fact]:
        """Yield what `facts` returns, page by page; facts that are written meanwhile are left out."""
        for each in self._pages(kind, subject, batch, after, _PAGE):
            yield from each

    def told(self, kind: str | Sequence[str] | None = None, after: int = 0) -> Iterator[list[Told]]:
        """Yield facts page by page as `iterate` does, without who said them, when, and their chain.

        A fifth of the time of whole facts: for what folds all of a long ledger.
        """
        fact = tables.fact.c
        columns = (fact.seq, fact.kind, fact.subject, fact.batch, fact.body)
        last = self.head().seq
        while after < last:
            query = page(kind, None, None, after=after, last=last, limit=_PAGE).with_only_columns(*columns)
            with self.database.reading() as connection:
                rows = connection.execute(query).all()
            found = [
                Told(seq, read(what), read(of), read(batch), json.loads(body)) for seq, what, of, batch, body in rows
            ]
            yield found
            if len(found) < _PAGE:
                return
            after = found[-1].seq

    def latest(self, kind: str | Sequence[str] | None = None, subject: str | None = None) -> Fact | None:
        """Return the last fact of a kind about a subject, or None."""
        with self.database.reading() as connection:
            last = read_head(connection).seq
            found = read_facts(connection, page(kind, subject, None, after=0, last=last, limit=1, newest=True))
        return found[0] if found else None

    def head(self) -> Head:
        """Return the last fact's number and hash; number 0 for an empty ledger."""
        with self.database.reading() as connection:
            return read_head(connection)

    def work(self, key: str) -> dict[str, Any] | None:
        """Return the result of a piece of work, or None if it is not done."""
        with self.database.reading() as connection:
            found = connection.execute(_WORK, {"name": spell(key)}).scalar()
        return None if found is None else dict(json.loads(found))

    def works(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the results of those pieces of work that are done, by key."""
        wanted = {spell(each): each for each in keys}
        names = list(wanted)
        found: dict[str, dict[str, Any]] = {}
        with self.database.reading() as connection:
            for start in range(0, len(names), _PAGE):
                part = names[start : start + _PAGE]
                query = select(tables.work.c.key, tables.work.c.result).where(tables.work.c.key.in_(part))
                found |= {wanted[key]: _read_result(result) for key, result in connection.execute(query)}
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

    def erase(self, value: str, actor: Actor, field: str = "") -> list[tuple[int, str]]:
        """Erase every personal field that holds `value`, with its key; the chain still verifies.

        The names of persons who act count as personal fields (``@actor``). That
        something was erased, by whom and in which facts, becomes a fact itself.

        Parameters
        ----------
        value : str
            The whole value: a model's name, a person's address.
        actor : Actor
            Who erases.
        field : str
            Only fields of this name: a login may be somebody else's name. "" for all.

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
            meant = [place.value == spell(value), *([place.field == spell(field)] if field else [])]
            query = select(place.seq, place.field).where(*meant).order_by(place.seq, place.field)
            erased = [(seq, read(field)) for seq, field in connection.execute(query)]
            if erased:
                connection.execute(update(tables.personal).where(*meant).values(value=None, key=None))
                for batch in _batches_of(connection, [seq for seq, _ in erased]):
                    standings.refold(connection, batch)
                written = self._write(connection, [self._draft(NewFact(ERASURE, "", {"fields": erased}, actor), ())])
        if erased:
            self.database.fold()
            self._tell(written)
        return erased

    def erase_asset(self, asset: str, actor: Actor, name: str, reason: str, *, dry_run: bool = False) -> Erasure:
        """Redact what the ledger says of an asset and forget its work; the chain still verifies.

        Parameters
        ----------
        asset : str
            Its SHA-256.
        actor, name, reason
            Who erases, and why: a fact of its own.
        dry_run : bool
            Say what would go; nothing does.

        Returns
        -------
        Erasure
            Its blobs are still there: whoever calls removes them, and does so again after a crash.

        Raises
        ------
        UnknownNameError
            If the store never saw it.
        """
        try:
            with self.database.reading() as connection:
                plan = plan_erasure(connection, asset)
            if dry_run:
                return plan
            with self.database.writing() as connection:
                plan = plan_erasure(connection, asset)
                body = erased_body(plan, redact(connection, plan), reason)
                for batch in plan.batches:
                    standings.refold(connection, batch)
                new = NewFact(ASSET_ERASED, asset, body, actor, personal={"name": name})
                written = self._write(connection, [self._draft(new, ())])
        except KeyError:
            raise UnknownNameError(
                f"this store holds no asset {asset[:12]}…: give its SHA-256, or a file of a batch"
            ) from None
        self.database.fold()
        self._tell(written)
        return plan

    def now(self) -> str:
        """Return the time as facts are dated: ISO 8601, UTC."""
        return self._now()

    def _pages(
        self, kind: str | Sequence[str] | None, subject: str | None, batch: str | None, after: int, size: int
    ) -> Iterator[list[Fact]]:
        """Yield pages up to the end as it is now; no transaction is open between them."""
        last = self.head().seq
        while after < last and size > 0:
            query = page(kind, subject, batch, after=after, last=last, limit=size)
            with self.database.reading() as connection:
                found = read_facts(connection, query)
            yield found
            if len(found) < size:
                return
            after = found[-1].seq

    def _now(self) -> str:
        now = self._clock()
        if now.tzinfo is None:
            raise ParameterError(f"the clock says {now.isoformat()} without a zone; it takes a datetime with a zone")
        return now.astimezone(UTC).isoformat(timespec="microseconds")

    def _draft(self, new: NewFact, blobs: Sequence[str]) -> Draft:
        for each in blobs:
            if not self._blobs.has(each):
                raise BlobMissingError(
                    f"{new.kind} rests on blob {each[:12]}…, which is not in the store: put it first"
                )
        taken = sorted(each for each in new.personal if each.startswith("@"))
        if taken:
            raise ParameterError(f"{new.kind} has the personal field {taken[0]!r}; names with '@' are the ledger's own")
        body = json_text(dict(new.body), f"the body of {new.kind}")
        named = [*blobs, new.subject, *_SHA256.findall(body)]
        return Draft(new.kind, new.subject, new.batch, new.actor, body, dict(new.personal), self._blobs.closure(named))

    def _draft_work(self, key: str, result: Mapping[str, Any]) -> WorkDraft:
        text = json_text(dict(result), f"the result of work {key}")
        return WorkDraft(key, text, self._blobs.closure(_SHA256.findall(text)))

    def _write(self, connection: Connection, drafts: Sequence[Draft]) -> list[Fact]:
        head = read_head(connection)
        seq, previous, at = head.seq, head.hash, self._now()
        rows: list[Row] = []
        fields: list[PersonalRow] = []
        for each in drafts:
            seq += 1
            own = personal_rows(seq, each)
            rows.append(chained_row(seq, previous, at, each, own))
            fields += own
            previous = rows[-1].hash
        if rows:
            connection.execute(_NEW_FACTS, [vars(each) for each in rows])
        if fields:
            connection.execute(_NEW_FIELDS, [vars(each) for each in fields])
        mentions = [
            {"sha256": sha256, "seq": row.seq, "bytes": size}
            for row, draft in zip(rows, drafts, strict=True)
            for sha256, size in draft.blobs.items()
        ]
        if mentions:
            connection.execute(_NEW_MENTIONS, mentions)
        kept = by_seq(fields)
        facts = [as_fact(each, kept.get(each.seq, [])) for each in rows]
        standings.follow(connection, facts)
        return facts

    def _tell(self, facts: Sequence[Fact]) -> None:
        for each in self.listeners if facts else ():
            each(facts)

    def _write_work(self, connection: Connection, draft: WorkDraft) -> bool:
        key, at, blobs = spell(draft.key), self._now(), to_json(sorted(draft.blobs.items()))
        values = {"key": key, "at": at, "result": draft.result, "blobs": blobs}
        if not insert_new(connection, tables.work, values | {"digest": work_digest(**values)}):
            return False
        mentions = [{"sha256": sha256, "key": key, "bytes": size} for sha256, size in draft.blobs.items()]
        if mentions:
            connection.execute(insert(tables.work_blob), mentions)
        return True


def _read_result(text: str) -> Any:  # noqa: ANN401 - JSON data
    """Read a result; thousands of them spell their names once, a fifth less memory."""
    return json.loads(text, object_pairs_hook=_with_shared_names)


def _with_shared_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {sys.intern(name): value for name, value in pairs}


def _both(
    one: Callable[[Connection], None], other: Callable[[Connection], None] | None
) -> Callable[[Connection], None]:
    def do(connection: Connection) -> None:
        one(connection)
        if other is not None:
            other(connection)

    return do


def _batches_of(connection: Connection, numbers: Sequence[int]) -> list[str]:
    found: set[str] = set()
    for start in range(0, len(numbers), _PAGE):
        part = numbers[start : start + _PAGE]
        found |= set(connection.execute(select(tables.fact.c.batch).where(tables.fact.c.seq.in_(part))).scalars())
    return sorted(read(each) for each in found if each)
