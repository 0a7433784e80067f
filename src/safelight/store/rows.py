"""Between facts and the rows they stand in: spelling, chaining, reading back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, union_all

from safelight.core.canonical import key_of, to_json
from safelight.core.facts import Actor, Fact
from safelight.errors import ParameterError
from safelight.store import tables
from safelight.store.chain import (
    ACTOR_FIELD,
    ERASED,
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

_FACT, _FIELD = tables.fact.c, tables.personal.c
# Every request asks these: made once, since making a statement costs four times its answer.
_HEAD = select(_FACT.seq, _FACT.hash).order_by(_FACT.seq.desc()).limit(1)
_PERSONAL = select(_FIELD.seq, _FIELD.field, _FIELD.value, _FIELD.key).where(
    _FIELD.seq.in_(bindparam("numbers", expanding=True))
)
# `|| ''` keeps the planner from the index over batches: a subject has few facts.
_STORY = (
    select(tables.fact)
    .where(_FACT.subject.in_(bindparam("subjects", expanding=True)), _FACT.batch.concat("") == bindparam("batch"))
    .order_by(_FACT.seq)
)


@dataclass(frozen=True)
class Draft:
    """A fact spelled for its row, before it has a number."""

    kind: str
    subject: str
    batch: str
    actor: Actor
    body: str
    personal: Mapping[str, str]
    blobs: Mapping[str, int]


@dataclass(frozen=True)
class WorkDraft:
    """A piece of work spelled for its row."""

    key: str
    result: str
    blobs: Mapping[str, int]


def work_digest(*, key: str, at: str, result: str, blobs: str) -> str:
    """Return what a row of the work table must carry: the hash of its columns."""
    return key_of(key, at, result, blobs)


def read_head(connection: Connection) -> Head:
    """Return the last fact's number and hash."""
    found = connection.execute(_HEAD).first()
    return Head(found.seq, found.hash) if found else Head(0, GENESIS)


def read_rows(connection: Connection, query: Select[Any]) -> tuple[list[Row], dict[int, list[PersonalRow]]]:
    """Return the rows of a query on the fact table, and their personal fields by number."""
    return _with_personal(connection, [Row(*each) for each in connection.execute(query)])


def read_story(connection: Connection, subjects: Sequence[str], batch: str) -> list[Fact]:
    """Return every fact of a batch about these subjects, in order."""
    asked = {"subjects": [spell(each) for each in subjects], "batch": spell(batch)}
    rows, personal = _with_personal(connection, [Row(*each) for each in connection.execute(_STORY, asked)])
    return [as_fact(each, personal.get(each.seq, [])) for each in rows]


def _with_personal(connection: Connection, rows: list[Row]) -> tuple[list[Row], dict[int, list[PersonalRow]]]:
    told = [each.seq for each in rows if each.personal != "{}"]
    found = connection.execute(_PERSONAL, {"numbers": told}) if told else ()
    return rows, by_seq(PersonalRow(*each) for each in found)


def read_facts(connection: Connection, query: Select[Any]) -> list[Fact]:
    """Return the facts of a query on the fact table."""
    rows, personal = read_rows(connection, query)
    return [as_fact(each, personal.get(each.seq, [])) for each in rows]


def page(
    kind: str | Sequence[str] | None,
    subject: str | None,
    batch: str | None,
    *,
    after: int,
    last: int,
    limit: int,
    newest: bool = False,
) -> Select[Any]:
    """Return the query for a page of facts: number above `after`, up to `last`, at most `limit`.

    Each form is answered by walking along one index in order of the number, so
    that a page costs the same in a long ledger; a test reads the plans.
    """
    fact = tables.fact.c
    span = [fact.seq > after, fact.seq <= last]
    order = fact.seq.desc() if newest else fact.seq.asc()
    kinds = None if kind is None else [spell(each) for each in ([kind] if isinstance(kind, str) else kind)]
    if subject is not None:
        # A subject has few facts: `|| ''` keeps the planner from the indices over kinds and batches, which have many.
        span.append(fact.subject == spell(subject))
        if batch is not None:
            span.append(fact.batch.concat("") == spell(batch))
        if kinds is not None:
            span.append(fact.kind.concat("").in_(kinds))
    elif batch is not None:
        span.append(fact.batch == spell(batch))
    if subject is not None or kinds is None:
        return select(tables.fact).where(*span).order_by(order).limit(limit)
    if len(kinds) == 1:
        return select(tables.fact).where(*span, fact.kind == kinds[0]).order_by(order).limit(limit)
    # Several kinds: a page of each, merged; IN would sort all that is left of them.
    if not kinds:
        return select(tables.fact).where(fact.seq == 0)
    each_kind = [select(fact.seq).where(*span, fact.kind == each).order_by(order).limit(limit) for each in kinds]
    found = union_all(*[select(each.subquery()) for each in each_kind])
    return select(tables.fact).where(fact.seq.in_(found)).order_by(order).limit(limit)


def personal_rows(seq: int, draft: Draft) -> list[PersonalRow]:
    """Return the personal fields of a draft, the acting person's name among them, each with a fresh key."""
    fields = dict(draft.personal)
    if draft.actor.kind == "person":
        fields[ACTOR_FIELD] = draft.actor.name
    return [
        PersonalRow(seq, spell(name), spell(value), secrets.token_bytes(KEY_BYTES))
        for name, value in sorted(fields.items())
    ]


def chained_row(seq: int, previous: str, at: str, draft: Draft, personal: Sequence[PersonalRow]) -> Row:
    """Return a draft as the row that follows the fact whose hash is `previous`."""
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


def as_fact(row: Row, personal: Sequence[PersonalRow]) -> Fact:
    """Return a row as a fact; fields that were erased are left out."""
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


def by_seq(fields: Iterable[PersonalRow]) -> dict[int, list[PersonalRow]]:
    """Group personal fields by the number of their fact."""
    found: dict[int, list[PersonalRow]] = {}
    for each in fields:
        found.setdefault(each.seq, []).append(each)
    return found


def json_text(data: Mapping[str, Any], what: str) -> str:
    """Spell JSON data; refuse what is none, naming it as `what`."""
    try:
        return to_json(data)
    except (TypeError, ValueError) as problem:
        raise ParameterError(
            f"{what} is no JSON data ({problem}); it takes text, finite numbers, lists, mappings"
        ) from None
