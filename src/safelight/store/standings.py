"""The rows of where batches and files stand: written with the facts they follow from, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from safelight.core.batch import MADE, OPENED, FileState
from safelight.core.canonical import to_json
from safelight.core.facts import Fact
from safelight.core.fold import BatchFold, tells_of_a_version, tells_of_files
from safelight.core.standing import file_id, from_data, queue_of, rank_of, shortened, to_data, what_became_of
from safelight.store import tables
from safelight.store.chain import read, spell
from safelight.store.rows import page, read_facts, read_head

NAME = "standing"
_PART = 400  # names in one IN
_PAGE = 2000
_FILE, _BATCH = tables.file_row.c, tables.batch_row.c
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
# Every word of a person asks these: made once, since making a statement costs four times its answer.
_SEEN = select(_FILE.id, _FILE.path, _FILE.seq, _FILE.state).where(_FILE.id.in_(_IDS))
_OLD_ROWS, _NEW_ROWS = delete(tables.file_row).where(_FILE.id.in_(_IDS)), insert(tables.file_row)
_PROJECT = select(_BATCH.project, _BATCH.opened_at).where(_BATCH.name == bindparam("batch"))
_NEWS = (
    update(tables.batch_row)
    .where(_BATCH.name == bindparam("of"))
    .values(last_at=bindparam("at"), seq=bindparam("number"))
)
_MARK = update(tables.followed).where(tables.followed.c.name == bindparam("of")).values(seq=bindparam("number"))
_STATES = {
    each: select(_FILE.path, _FILE.state, _FILE.since).where(
        _FILE.batch == bindparam("batch"), _FILE[each].in_(bindparam("names", expanding=True))
    )
    for each in ("path", "asset", "version")
}
# Whose batch it is where its guide names no client.
HOUSE = "house"


def project_of(opened: Mapping[str, Any]) -> str:
    """Return the project that a batch belongs to: the client of its guide, or the house.

    Examples
    --------
    >>> project_of({"client": "Acme"}), project_of({})
    ('Acme', 'house')
    """
    return str(opened.get("client") or HOUSE)


def follow(connection: Connection, facts: Sequence[Fact]) -> None:
    """Bring the rows up to `facts`, which were just written and follow the last ones that were followed."""
    by_batch: dict[str, list[Fact]] = {}
    for each in facts:
        if each.batch:
            by_batch.setdefault(each.batch, []).append(each)
    for batch, own in by_batch.items():
        _follow_batch(connection, batch, own)
    if facts:
        _mark(connection, facts[-1].seq)


def catch_up(connection: Connection) -> int:
    """Fold what was written since the rows were last brought up to date; return how many facts that was.

    All of a ledger that was written before there were rows; nothing in a ledger whose writer follows.
    """
    done = connection.execute(select(tables.followed.c.seq).where(tables.followed.c.name == NAME)).scalar() or 0
    last, count = read_head(connection).seq, 0
    while done < last:
        facts = read_facts(connection, page(None, None, None, after=done, last=last, limit=_PAGE))
        if not facts:
            break
        follow(connection, facts)
        done, count = facts[-1].seq, count + len(facts)
    return count


def is_behind(connection: Connection) -> bool:
    """Say whether there are facts that the rows do not know."""
    done = connection.execute(select(tables.followed.c.seq).where(tables.followed.c.name == NAME)).scalar() or 0
    return bool(done < read_head(connection).seq)


def moved(connection: Connection, seen: Mapping[str, int]) -> list[str]:
    """Say of each file (by id) about which there are facts after the number that was seen what became of it."""
    rows = connection.execute(_SEEN, {"ids": list(seen)})
    return [what_became_of(from_data(json.loads(each.state))) for each in rows if each.seq != seen[each.id]]


def refold(connection: Connection, batch: str) -> None:
    """Make the rows of one batch again from all its facts: after an erasure, which changes what old facts say."""
    connection.execute(delete(tables.file_row).where(tables.file_row.c.batch == spell(batch)))
    after, last = 0, read_head(connection).seq
    while True:
        facts = read_facts(connection, page(None, None, batch, after=after, last=last, limit=_PAGE))
        if not facts:
            return
        _follow_batch(connection, batch, facts)
        after = facts[-1].seq


def differences(connection: Connection) -> Iterator[str]:
    """Yield the batches whose rows are not what their facts say."""
    names = connection.execute(select(tables.batch_row.c.name).order_by(tables.batch_row.c.name)).scalars().all()
    for name in names:
        fold = BatchFold(read(name))
        after, last = 0, read_head(connection).seq
        while facts := read_facts(connection, page(None, None, read(name), after=after, last=last, limit=_PAGE)):
            for each in facts:
                fold.take(each)
            after = facts[-1].seq
        wanted = {path: to_json(to_data(shortened(file))) for path, file in fold.state().files.items()}
        place = tables.file_row.c
        rows = connection.execute(select(place.path, place.state).where(place.batch == name))
        if {read(path): state for path, state in rows} != wanted:
            yield read(name)


def _follow_batch(connection: Connection, batch: str, facts: Sequence[Fact]) -> None:
    project = _follow_opening(connection, batch, facts)
    before = _rows_for(connection, batch, facts)
    fold = BatchFold(batch, {path: state for path, (state, _) in before.items()})
    since = {path: (state.standing, queue_of(state), at) for path, (state, at) in before.items()}
    touched: dict[str, int] = {}
    for fact in facts:
        for path in fold.take(fact):
            file = shortened(fold.file(path))
            fold.put(file)
            now = (file.standing, queue_of(file))
            if since.get(path, ("", "", ""))[:2] != now:
                since[path] = (*now, fact.at)
            touched[path] = fact.seq
    rows = [_row(batch, project, fold.file(path), since[path][2], seq) for path, seq in touched.items()]
    for start in range(0, len(rows), _PART):
        part = rows[start : start + _PART]
        connection.execute(_OLD_ROWS, {"ids": [each["id"] for each in part]})
        connection.execute(_NEW_ROWS, part)


def _follow_opening(connection: Connection, batch: str, facts: Sequence[Fact]) -> str:
    """Write the batch's own row and return its project."""
    place, name = tables.batch_row.c, spell(batch)
    known = connection.execute(_PROJECT, {"batch": name}).first()
    opening = next((each for each in reversed(facts) if each.kind == OPENED), None)
    values: dict[str, Any] = {"last_at": facts[-1].at, "seq": facts[-1].seq}
    if opening is not None:
        values |= {"project": spell(project_of(opening.body)), "body": to_json(dict(opening.body))}
    if known is None:
        first = {"name": name, "project": HOUSE, "opened_at": facts[0].at, "body": "{}"}
        connection.execute(insert(tables.batch_row).values(first | values))
        return read(values.get("project", HOUSE))
    if opening is None:
        connection.execute(_NEWS, {"of": name, "at": values["last_at"], "number": values["seq"]})
        return read(known.project)
    connection.execute(update(tables.batch_row).where(place.name == name).values(values))
    project = values.get("project", known.project)
    if project != known.project:
        moved = update(tables.file_row).where(tables.file_row.c.batch == name)
        connection.execute(moved.values(project=project))
    return read(project)


def _rows_for(connection: Connection, batch: str, facts: Sequence[Fact]) -> dict[str, tuple[FileState, str]]:
    """Return the states, and since when, of every file that `facts` could be about."""
    told = [each for each in facts if tells_of_files(each.kind)]
    paths = {str(each.body["path"]) for each in told if "path" in each.body}
    assets = {str(each.body.get("asset", "")) for each in told if each.kind == MADE}
    assets |= {each.subject for each in told if each.subject and not tells_of_a_version(each.kind)}
    versions = {each.subject for each in told if tells_of_a_version(each.kind)}
    found = {}
    for column, wanted in (("path", paths), ("asset", assets), ("version", versions)):
        for part in _parts(sorted(spell(each) for each in wanted)):
            rows = connection.execute(_STATES[column], {"batch": spell(batch), "names": list(part)})
            for path, state, since in rows:
                found[read(path)] = (from_data(json.loads(state)), since)
    return found


def _parts(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + _PART] for start in range(0, len(names), _PART))


def _row(batch: str, project: str, file: FileState, since: str, seq: int) -> dict[str, Any]:
    routed, sort = file.routed, file.sorted
    words = {
        "batch": batch,
        "project": project,
        "path": file.path,
        "asset": file.asset,
        "version": file.version,
        "sku": sort.get("sku", ""),
        "view": sort.get("view", ""),
        "category": sort.get("category", ""),
        "cull": "unreadable" if file.refused else sort.get("class", ""),
        "similar": sort.get("group", ""),
        "route": routed.get("route", ""),
        "queue": queue_of(file),
        "standing": file.standing,
        "assigned": file.assigned,
    }
    return {name: spell(str(value or "")) for name, value in words.items()} | {
        "id": file_id(batch, file.path),
        "stakes": rank_of(file),
        "confidence": routed.get("confidence"),
        "since": since,
        "seq": seq,
        "state": to_json(to_data(file)),
    }


def _mark(connection: Connection, seq: int) -> None:
    done = connection.execute(_MARK, {"of": NAME, "number": seq})
    if done.rowcount == 0:
        connection.execute(insert(tables.followed).values(name=NAME, seq=seq))


def count_rows(connection: Connection) -> int:
    """Return how many files have a row."""
    return int(connection.execute(select(func.count()).select_from(tables.file_row)).scalar() or 0)
