"""The tables of people and of what lets them in: sessions, API keys, one-time links; secrets as hashes only."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from safelight.core.canonical import to_json
from safelight.store import tables
from safelight.store.chain import read, spell
from safelight.store.database import Database

# Each request asks these: made once, since making a statement costs four times its answer.
_BY_ID = select(tables.account).where(tables.account.c.id == bindparam("name"))
_BY_LOGIN = select(tables.account).where(tables.account.c.login == bindparam("name"))
_BY_DIGEST = select(tables.pass_row).where(tables.pass_row.c.digest == bindparam("name"))

PassKind = Literal["session", "key", "link"]


@dataclass(frozen=True)
class Account:
    """A person or a service that may sign in.

    Parameters
    ----------
    id : str
        For life; what claims, assignments and facts name.
    login : str
        What is typed; unique, lower case.
    name : str
        What stands in the ledger and on manifests.
    password : str
        Its Argon2 hash; "" for one that has none yet.
    roles : mapping of project to role
        ``"*"`` is every project; a role on one project never counts on another.
    skills : tuple of str
        Queues that the person works.
    junior : bool
        Whose decisions are looked at more often.
    disabled : bool
    at : str
    seq : int
        Counts changes; the ETag.
    """

    id: str
    login: str
    name: str
    password: str = field(default="", repr=False)
    roles: Mapping[str, str] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    junior: bool = False
    disabled: bool = False
    at: str = ""
    seq: int = 1


@dataclass(frozen=True)
class Pass:
    """What lets somebody in, known by the SHA-256 of its secret.

    `guard` is a session's CSRF token, made of its secret for whoever brings that, and never kept; `roles`, where there
    are any, are all that the pass gives, whatever its account may do; `until` is when it ends, "" for never.
    """

    digest: str = field(repr=False)
    id: str
    kind: PassKind
    account: str
    name: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    guard: str = field(default="", repr=False)
    at: str = ""
    seen_at: str = ""
    until: str = ""


_Known = TypeVar("_Known", Account, Pass)
_REMEMBERED = 2000
ERASED_NAME = "erased"  # as facts say it


class People:
    """Accounts and passes of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Each request asks who it is from: what was read is remembered until anything is written here.
        self._known: dict[tuple[str, str], Account | Pass | None] = {}
        self._guard, self._writes = threading.Lock(), 0

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Write; what was remembered is forgotten before anybody is told that it was written."""
        try:
            with self._database.writing() as connection:
                yield connection
        finally:
            with self._guard:
                self._writes += 1
                self._known.clear()

    def _remembered(self, query: Select[Any], name: str, make: Callable[[Any], _Known]) -> _Known | None:
        key, before = (make.__name__, name), self._writes
        if key not in self._known:
            with self._database.reading() as connection:
                row = connection.execute(query, {"name": name}).first()
            found = None if row is None else make(row)
            with self._guard:
                if self._writes == before and len(self._known) < _REMEMBERED:
                    self._known[key] = found
            return found
        return cast("_Known | None", self._known.get(key))

    def count(self) -> int:
        """Return how many accounts there are."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(tables.account)).scalar() or 0)

    def accounts(self) -> list[Account]:
        """Return all accounts, by login."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.account).order_by(tables.account.c.login)).all()
        return [_account(each) for each in rows]

    def account(self, account_id: str) -> Account | None:
        """Return the account of an id, or None."""
        return self._remembered(_BY_ID, spell(account_id), _account)

    def by_login(self, login: str) -> Account | None:
        """Return the account of a login, or None."""
        with self._database.reading() as connection:
            found = connection.execute(_BY_LOGIN, {"name": spell(login)}).first()
        return None if found is None else _account(found)

    def add(self, account: Account) -> bool:
        """Write a new account; False if its login is taken."""
        with self._writing() as connection:
            same = select(tables.account.c.id).where(tables.account.c.login == spell(account.login))
            if connection.execute(same).first() is not None:
                return False
            connection.execute(insert(tables.account).values(**_account_row(account)))
        return True

    def change(self, account: Account, seq: int) -> Account | None:
        """Write a changed account over the one with number `seq`; None if that was changed meanwhile."""
        new = replace(account, seq=seq + 1)
        place = tables.account.c
        with self._writing() as connection:
            query = update(tables.account).where(place.id == spell(account.id), place.seq == seq)
            done = connection.execute(query.values(**_account_row(new)))
        return new if done.rowcount else None

    def forget(self, account: Account) -> Account:
        """Close an account for ever: no name, login, password, role or skill, and nothing lets anybody in any more.

        Its id stays: claims and assignments of the past name it, and it says nothing of whose it was.
        """
        blank = Account(account.id, f"erased-{account.id}", ERASED_NAME, disabled=True, at=account.at)
        place, held = tables.account.c, tables.pass_row.c
        with self._writing() as connection:
            connection.execute(delete(tables.pass_row).where(held.account == spell(account.id)))
            query = update(tables.account).where(place.id == spell(account.id))
            gone = replace(blank, seq=account.seq + 1)
            connection.execute(query.values(**_account_row(gone)))
        self._database.fold()  # freed pages are overwritten
        return gone

    def admit(self, new: Pass) -> None:
        """Write a pass."""
        with self._writing() as connection:
            connection.execute(insert(tables.pass_row).values(**_pass_row(new)))

    def find(self, digest: str) -> Pass | None:
        """Return the pass of a secret's digest, or None."""
        return self._remembered(_BY_DIGEST, digest, _pass)

    def remembered(self, digest: str) -> tuple[Account, Pass] | None:
        """Return a pass and its account if both are in memory; never asks the database."""
        found = self._known.get((_pass.__name__, digest))
        account = None if found is None else self._known.get((_account.__name__, spell(cast("Pass", found).account)))
        return None if found is None or account is None else (cast("Account", account), cast("Pass", found))

    def passes(self, kind: PassKind, account: str | None = None) -> list[Pass]:
        """Return all passes of a kind, of one account where one is named, oldest first."""
        place = tables.pass_row.c
        query = select(tables.pass_row).where(place.kind == kind).order_by(place.at, place.id)
        if account is not None:
            query = query.where(place.account == spell(account))
        with self._database.reading() as connection:
            return [_pass(each) for each in connection.execute(query)]

    def seen(self, digest: str, at: str) -> None:
        """Note when a pass was used last; this pass alone is forgotten, since it happens each minute."""
        with self._database.writing() as connection:
            connection.execute(update(tables.pass_row).where(tables.pass_row.c.digest == digest).values(seen_at=at))
        with self._guard:
            self._writes += 1
            self._known.pop((_pass.__name__, digest), None)

    def take(self, digest: str) -> Pass | None:
        """Remove a pass and return it; None if another was quicker: a link works once."""
        with self._writing() as connection:
            found = connection.execute(select(tables.pass_row).where(tables.pass_row.c.digest == digest)).first()
            if found is not None:
                connection.execute(delete(tables.pass_row).where(tables.pass_row.c.digest == digest))
        return None if found is None else _pass(found)

    def revoke(self, kind: PassKind, *, id: str = "", account: str = "") -> int:
        """Remove the pass of an id, or all of a kind of an account; return how many."""
        place = tables.pass_row.c
        where = place.id == id if id else place.account == spell(account)
        with self._writing() as connection:
            return connection.execute(delete(tables.pass_row).where(place.kind == kind, where)).rowcount

    def sweep(self, now: str) -> int:
        """Remove passes that have ended; return how many."""
        place = tables.pass_row.c
        with self._writing() as connection:
            return connection.execute(delete(tables.pass_row).where(place.until != "", place.until < now)).rowcount


_HELD: WeakKeyDictionary[Database, People] = WeakKeyDictionary()
_HOLDING = threading.Lock()


def people_of(database: Database) -> People:
    """Return the people of a database: one for all who ask, so that what one writes no other remembers otherwise."""
    with _HOLDING:
        found = _HELD.get(database)
        if found is None:
            found = _HELD[database] = People(database)
        return found


def _account(row: Any) -> Account:  # noqa: ANN401 - a row
    return Account(
        id=read(row.id),
        login=read(row.login),
        name=read(row.name),
        password=row.password,
        roles=json.loads(row.roles),
        skills=tuple(json.loads(row.skills)),
        junior=bool(row.junior),
        disabled=bool(row.disabled),
        at=row.at,
        seq=row.seq,
    )


def _account_row(account: Account) -> dict[str, Any]:
    return {
        "id": spell(account.id),
        "login": spell(account.login),
        "name": spell(account.name),
        "password": account.password,
        "roles": to_json(dict(account.roles)),
        "skills": to_json(list(account.skills)),
        "junior": int(account.junior),
        "disabled": int(account.disabled),
        "at": account.at,
        "seq": account.seq,
    }


def _pass(row: Any) -> Pass:  # noqa: ANN401 - a row
    return Pass(
        digest=row.digest,
        id=row.id,
        kind=row.kind,
        account=read(row.account),
        name=read(row.name),
        roles=json.loads(row.roles),
        guard=row.guard,
        at=row.at,
        seen_at=row.seen_at,
        until=row.until,
    )


def _pass_row(each: Pass) -> dict[str, Any]:
    return {
        "digest": each.digest,
        "id": each.id,
        "kind": each.kind,
        "account": spell(each.account),
        "name": spell(each.name),
        "roles": to_json(dict(each.roles)),
        "guard": each.guard,
        "at": each.at,
        "seen_at": each.seen_at,
        "until": each.until,
    }
