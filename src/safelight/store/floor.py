"""Questions to the rows of where files stand: pages of a batch or a queue, the board, claims. Each one query."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from safelight.core.batch import BatchState, FileState
from safelight.core.facts import Fact
from safelight.core.standing import OPEN, STAKES, from_data
from safelight.store import tables
from safelight.store.chain import read, spell
from safelight.store.database import Database
from safelight.store.rows import page, read_facts, read_head, read_story

Order = Literal["path", "urgency"]
Key = tuple[Any, ...]
_STATES_AT_ONCE = 500
_FILE, _CLAIM, _BATCH = tables.file_row.c, tables.claim.c, tables.batch_row.c


@dataclass(frozen=True)
class Claim:
    """Who works on a file, until when; `id` is of the whole claim, which may hold several files."""

    id: str
    account: str
    at: str
    until: str


@dataclass(frozen=True)
class StandingRow:
    """A file of a batch as queues show it.

    `since` is when it came to stand where it stands; `seq` the number of the last fact about it; `kept` its short state
    as the ledger keeps it, which `state` reads.
    """

    id: str
    batch: str
    project: str
    since: str
    seq: int
    queue: str
    kept: str
    claim: Claim | None = None

    @property
    def state(self) -> FileState:
        """Where it stands; read when it is first asked for, since a page that was told before is not read again."""
        # Not a cached_property: up to Python 3.11 it holds one lock for all rows while one of them is read.
        known: FileState | None = self.__dict__.get("_state")
        if known is None:
            known = self.__dict__["_state"] = from_data(json.loads(self.kept))
        return known


@dataclass(frozen=True)
class BatchRow:
    """A batch, its opening, and how many files stand where."""

    name: str
    project: str
    opened_at: str
    last_at: str
    seq: int
    opened: Mapping[str, Any]
    counts: Mapping[str, int]


class BoardRow(NamedTuple):
    """What waits of a category in a queue: since when, files by stakes, high first, and by `OPEN`.

    `project` is "" for all projects that have no row of their own.
    """

    queue: str
    category: str
    project: str
    oldest: str
    stakes: tuple[int, ...]
    standings: tuple[int, ...]


class Categories(NamedTuple):
    """Categories: those that are named, or all but those."""

    names: frozenset[str]
    are_meant: bool


@dataclass(frozen=True)
class Wanted:
    """Which files are asked for; None or "" for no matter.

    `projects` None is all of them; `lanes` takes of each project the categories that are named, or all but those;
    `stakes` is a rank, 0 the highest; `order` ``"path"`` within a batch, ``"urgency"`` by stakes and age.
    """

    projects: frozenset[str] | None = None
    batch: str = ""
    queue: str = ""
    standing: str = ""
    cull: str = ""
    similar: str = ""
    route: str = ""
    sku: str = ""
    category: str = ""
    lanes: Mapping[str, Categories] | None = None
    stakes: int | None = None
    assigned: str = ""
    claimed_by: str = ""
    order: Order = "path"


class Floor:
    """The rows of one store.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # By batch: the number of its last fact, and how many files stood where then.
        self._counted: dict[str, tuple[int, Mapping[str, int]]] = {}

    def page(self, wanted: Wanted, now: str, *, after: Key | None = None, limit: int = 100) -> list[StandingRow]:
        """Return at most `limit` files that come after the key of the last one of the page before."""
        query = self._filtered(wanted, now)
        keys = (_FILE.stakes, _FILE.since, _FILE.id) if wanted.order == "urgency" else (_FILE.batch, _FILE.path)
        if after is not None:
            last = tuple(spell(each) if isinstance(each, str) else each for each in after)
            query = query.where(tuple_(*keys) > last)
        with self._database.reading() as connection:
            return [_standing(each) for each in connection.execute(query.order_by(*keys).limit(limit))]

    @staticmethod
    def key_of(row: StandingRow, order: Order) -> Key:
        """Return the key that the page after `row` starts behind."""
        from safelight.core.standing import rank_of

        return (rank_of(row.state), row.since, row.id) if order == "urgency" else (row.batch, row.state.path)

    def files(self, ids: Sequence[str], now: str) -> list[StandingRow]:
        """Return the files of these ids, in their order; those that are not there are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(_BY_IDS, {"ids": list(ids), "now": now})
            found = {each.id: _standing(each) for each in rows}
        return [found[each] for each in ids if each in found]

    def of_asset(self, sha256: str, now: str) -> list[StandingRow]:
        """Return every file with this content, in whatever batch."""
        return self._all(_joined(now).where(_FILE.asset == spell(sha256)))

    def of_version(self, version: str, now: str) -> list[StandingRow]:
        """Return every file whose version this is now."""
        return self._all(_joined(now).where(_FILE.version == spell(version)))

    def _all(self, query: Select[Any]) -> list[StandingRow]:
        with self._database.reading() as connection:
            return [_standing(each) for each in connection.execute(query.order_by(_FILE.batch, _FILE.path))]

    def story(self, row: StandingRow) -> list[Fact]:
        """Return every fact about one file, oldest first: of its asset, its refusals, and all its versions."""
        with self._database.reading() as connection:
            return _story(connection, row)

    def batches(self, projects: frozenset[str] | None, *, after: int | None = None, limit: int = 100) -> list[BatchRow]:
        """Return batches, the one that something happened to last first."""
        query = select(tables.batch_row).order_by(_BATCH.seq.desc()).limit(limit)
        if projects is not None:
            query = query.where(_BATCH.project.in_([spell(each) for each in sorted(projects)]))
        if after is not None:
            query = query.where(_BATCH.seq < after)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            counts = self._counts(connection, rows)
        return [_batch(each, counts[each.name]) for each in rows]

    def batch(self, name: str) -> BatchRow | None:
        """Return one batch, or None."""
        with self._database.reading() as connection:
            row = connection.execute(select(tables.batch_row).where(_BATCH.name == spell(name))).first()
            return None if row is None else _batch(row, self._counts(connection, [row])[row.name])

    def _counts(self, connection: Connection, rows: Sequence[Any]) -> dict[str, Mapping[str, int]]:
        """Return how many files of each batch stand where; counted again only where something happened since."""
        known = {each.name: self._counted.get(each.name) for each in rows}
        stale = [each for each in rows if (known[each.name] or (0,))[0] != each.seq]
        fresh = _counts(connection, [each.name for each in stale])
        for each in stale:
            self._counted[each.name] = (each.seq, fresh.get(each.name, {}))
        return {each.name: self._counted[each.name][1] for each in rows}

    def opening(self, name: str) -> tuple[Mapping[str, Any], str]:
        """Return what a batch was opened with, and when."""
        with self._database.reading() as connection:
            row = connection.execute(_OPENING, {"batch": spell(name)}).first()
        return (json.loads(row.body), row.opened_at) if row is not None else ({}, "")

    def states(self, name: str, shaped: Callable[[dict[str, Any]], dict[str, Any]]) -> BatchState | None:
        """Return a batch with its files as their rows keep them, or None; a thousandth of the time of all its facts.

        Parameters
        ----------
        name : str
        shaped : callable
            Takes a row's short state as JSON data and returns what of it is wanted: a hundred thousand files fit in
            memory once what nobody reads of them is left out.
        """
        row = self.batch(name)
        if row is None:
            return None
        files: dict[str, FileState] = {}
        last = ""
        while True:
            place = and_(_FILE.batch == spell(name), _FILE.path > last)
            query = select(_FILE.path, _FILE.state).where(place).order_by(_FILE.path).limit(_STATES_AT_ONCE)
            with self._database.reading() as connection:
                rows = connection.execute(query).all()
            if not rows:
                opened, at = self.opening(name)
                return BatchState(name, opened, at, files, (), row.last_at, (), row.seq)
            for path, state in rows:
                files[read(path)] = from_data(shaped(json.loads(state)))
            last = rows[-1].path

    def board(self, projects: frozenset[str] | None, apart: frozenset[str] = frozenset()) -> list[BoardRow]:
        """Return how much waits: a row for each queue and category, with the oldest of it.

        Projects of `apart` have rows of their own; in those of all others no project is named.
        """
        keys: list[ColumnElement[Any]] = [_FILE.queue, _FILE.category, _FILE.stakes, _FILE.standing]
        if apart:
            named = _FILE.project.in_([spell(each) for each in sorted(apart)])
            keys.append(case((named, _FILE.project), else_="").label("project"))
        query = select(*keys, func.count().label("files"), func.min(_FILE.since).label("oldest"))
        # Above "" and not only other than it: then the index of the board is read from there on.
        query = query.where(_FILE.queue > "").group_by(*keys)
        if projects is not None:
            query = query.where(_FILE.project.in_([spell(each) for each in sorted(projects)]))
        part = query.subquery().c
        # Summed up by the database, which holds no interpreter meanwhile; twenty times as many rows came out before.
        kinds = [func.sum(case((part.stakes == each, part.files), else_=0)) for each in range(STAKES)]
        kinds += [func.sum(case((part.standing == each, part.files), else_=0)) for each in OPEN]
        project = part.project if apart else literal("")
        sums = select(part.queue, part.category, project, func.min(part.oldest), *kinds)
        sums = sums.group_by(part.queue, part.category, *([project] if apart else []))
        with self._database.reading() as connection:
            rows = connection.execute(sums).all()
        return [_board_row(each) for each in rows]

    def lanes(self) -> dict[str, Mapping[str, str]]:
        """Return the lane of each category by project, as the batch that was heard of last was opened."""
        last = select(func.max(_BATCH.seq)).group_by(_BATCH.project)
        query = select(_BATCH.project, _BATCH.body).where(_BATCH.seq.in_(last))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {read(each.project): json.loads(each.body).get("lanes", {}) for each in rows}

    # Claims

    def claims(self, now: str, account: str = "") -> list[tuple[str, Claim, str, str]]:
        """Return claims that hold: (file id, claim, batch, queue)."""
        query = select(tables.claim, _FILE.batch, _FILE.queue).join(tables.file_row, _FILE.id == _CLAIM.file)
        query = query.where(_CLAIM.until >= now).order_by(_CLAIM.at, _CLAIM.file)
        if account:
            query = query.where(_CLAIM.account == spell(account))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [(each.file, _claim(each), read(each.batch), read(each.queue)) for each in rows]

    def holders(self, now: str) -> list[tuple[str, str, str, int]]:
        """Return who holds how much of which queue: (queue, project, account, files); the first to take comes first."""
        query = select(_FILE.queue, _FILE.project, _CLAIM.account, func.count()).join_from(
            tables.claim, tables.file_row, _FILE.id == _CLAIM.file
        )
        query = query.where(_CLAIM.until >= now).group_by(_FILE.queue, _FILE.project, _CLAIM.account)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(func.min(_CLAIM.at), _CLAIM.account)).all()
        return [(read(queue), read(project), read(account), files) for queue, project, account, files in rows]

    @staticmethod
    def claim(connection: Connection, files: Sequence[str], new: Claim, now: str) -> list[tuple[str, Claim]]:
        """Take files for somebody, all or none, in a transaction that writes; return what others hold of them."""
        asked = {"files": list(files), "now": now}
        held = [(each.file, _claim(each)) for each in connection.execute(_HELD, asked)]
        others = [(file, claim) for file, claim in held if claim.account != new.account]
        if not others:
            Floor.free(connection, files)
            values = {"id": new.id, "account": spell(new.account), "at": new.at, "until": new.until}
            connection.execute(_CLAIMING, [values | {"file": each} for each in files])
        return others

    @staticmethod
    def free(connection: Connection, files: Sequence[str]) -> None:
        """End whatever claims are on files, in a transaction that writes."""
        connection.execute(_FREEING, {"files": list(files)})

    def renew(self, claim_id: str, account: str, until: str, now: str) -> list[str]:
        """Make a claim hold until later; return its files, none if it had ended or is another's."""
        mine = and_(_CLAIM.id == claim_id, _CLAIM.account == spell(account), _CLAIM.until >= now)
        with self._database.writing() as connection:
            files = connection.execute(select(_CLAIM.file).where(mine).order_by(_CLAIM.file)).scalars().all()
            if files:
                connection.execute(update(tables.claim).where(mine).values(until=until))
        return list(files)

    def release(
        self, *, claim_id: str = "", files: Sequence[str] = (), ended_before: str = ""
    ) -> list[tuple[str, Claim]]:
        """End claims: of an id, on files, or those that ended before a moment; return what was ended."""
        where = _CLAIM.id == claim_id
        if files:
            where = _CLAIM.file.in_(list(files))
        elif ended_before:
            where = _CLAIM.until < ended_before
        with self._database.writing() as connection:
            gone = [(each.file, _claim(each)) for each in connection.execute(select(tables.claim).where(where))]
            if gone:
                connection.execute(delete(tables.claim).where(where))
        return gone

    def _filtered(self, wanted: Wanted, now: str) -> Select[Any]:
        query = _joined(now)
        columns = ("batch", "queue", "standing", "cull", "similar", "route", "sku", "category", "assigned")
        for name in columns:
            value = getattr(wanted, name)
            if value:
                query = query.where(getattr(_FILE, name) == spell(value))
        if wanted.claimed_by:
            query = query.where(_CLAIM.account == spell(wanted.claimed_by))
        if wanted.stakes is not None:
            query = query.where(_FILE.stakes == wanted.stakes)
        if wanted.lanes is not None:
            query = query.where(or_(false(), *[_of(*each) for each in sorted(wanted.lanes.items())]))
        if wanted.projects is not None:
            query = query.where(_FILE.project.in_([spell(each) for each in sorted(wanted.projects)]))
        return query


def _of(project: str, categories: Categories) -> ColumnElement[bool]:
    names = [spell(each) for each in sorted(categories.names)]
    among = _FILE.category.in_(names) if categories.are_meant else _FILE.category.not_in(names)
    return and_(_FILE.project == spell(project), among)


def _joined(now: str | BindParameter[str]) -> Select[Any]:
    held = and_(_CLAIM.file == _FILE.id, _CLAIM.until >= now)
    claim = [_CLAIM.id.label("claim_id"), _CLAIM.account, _CLAIM.at, _CLAIM.until]
    return select(tables.file_row, *claim).join(tables.claim, held, isouter=True)


# Every request asks these: made once, since making a statement costs four times its answer.
_NAMED_FILES = _CLAIM.file.in_(bindparam("files", expanding=True))
_BY_IDS = _joined(bindparam("now")).where(_FILE.id.in_(bindparam("ids", expanding=True)))
_OPENING = select(_BATCH.body, _BATCH.opened_at).where(_BATCH.name == bindparam("batch"))
_HELD = select(tables.claim).where(_NAMED_FILES, _CLAIM.until >= bindparam("now"))
_FREEING = delete(tables.claim).where(_NAMED_FILES)
_CLAIMING = insert(tables.claim)


def _standing(row: Any) -> StandingRow:  # noqa: ANN401 - a row
    claim = Claim(row.claim_id, read(row.account), row.at, row.until) if row.claim_id else None
    return StandingRow(
        row.id,
        read(row.batch),
        read(row.project),
        row.since,
        row.seq,
        read(row.queue),
        row.state,
        claim,
    )


def _board_row(row: Any) -> BoardRow:  # noqa: ANN401 - a row
    sums = [int(each) for each in row[4:]]  # PostgreSQL adds up to decimals
    return BoardRow(read(row[0]), read(row[1]), read(row[2]), row[3], tuple(sums[:STAKES]), tuple(sums[STAKES:]))


def _claim(row: Any) -> Claim:  # noqa: ANN401 - a row
    return Claim(row.id, read(row.account), row.at, row.until)


def _batch(row: Any, counts: Mapping[str, int]) -> BatchRow:  # noqa: ANN401 - a row
    return BatchRow(
        read(row.name), read(row.project), row.opened_at, row.last_at, row.seq, json.loads(row.body), counts
    )


def _counts(connection: Connection, names: Sequence[str]) -> dict[str, dict[str, int]]:
    query = select(_FILE.batch, _FILE.standing, func.count().label("files"))
    query = query.where(_FILE.batch.in_(list(names))).group_by(_FILE.batch, _FILE.standing)
    found: dict[str, dict[str, int]] = {}
    for each in connection.execute(query) if names else ():
        found.setdefault(each.batch, {})[each.standing] = each.files
    return found


def _story(connection: Connection, row: StandingRow) -> list[Fact]:
    refused: list[Fact] = []
    if row.state.refused:
        query = page("file.refused", None, row.batch, after=0, last=read_head(connection).seq, limit=10_000)
        refused = [each for each in read_facts(connection, query) if each.body.get("path") == row.state.path]
    told = read_story(connection, [row.state.asset, *row.state.versions], row.batch) if row.state.asset else []
    found = {each.seq: each for each in (*refused, *told)}
    return [found[seq] for seq in sorted(found)]
