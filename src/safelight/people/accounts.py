"""Accounts: the first admin, invitations by links that work once, signing in, and changes; each a fact."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from safelight.access import EVERYWHERE, Caller, roles
from safelight.core.facts import SYSTEM, Actor, NewFact
from safelight.errors import ConflictError, LimitError, MissingError, ParameterError, SignInError, UnknownNameError
from safelight.people.attempts import Attempts
from safelight.people.passes import Clock, digest, make_pass, now_utc, stamp
from safelight.people.passwords import hash_password, is_right
from safelight.store.people import Account, Pass, People

if TYPE_CHECKING:
    from safelight.store import Store

ADDED, CHANGED, LINKED, SIGNED_IN = "person.added", "person.changed", "person.linked", "person.signed_in"
KEY_MADE, KEY_REVOKED = "key.made", "key.revoked"
LINK_S = 72 * 3600.0
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_NAME_MOST = 120
WRONG = "login and password don't belong together, or the account is closed"


def actor_of(account: Account) -> Actor:
    """Return an account as the ledger names it: a person, or a service whose every role is one."""
    kinds = set(account.roles.values())
    return Actor("system", account.name) if kinds == {"service"} else Actor("person", account.name)


def caller_of(account: Account, by: Pass) -> Caller:
    """Return who asks: an account, with no more than the pass gives and the account has."""
    given = account.roles if not by.roles else _narrowed(account.roles, by.roles)
    return Caller(actor_of(account), given, account.id)


def first_link(store: Store, people: People, *, clock: Clock = now_utc) -> str | None:
    """Make the secret of the link that makes the first admin; None once there is somebody who can sign in.

    Each start without an admin makes a new link and ends the one before.
    """
    if any(each.password and not each.disabled for each in people.accounts()):
        return None
    people.revoke("link", account="")
    secret, made = make_pass(people, "link", "", lives_s=LINK_S, name="first start", roles={EVERYWHERE: "admin"})
    store.ledger.append([NewFact(LINKED, made.id, {"roles": made.roles, "why": "first start"}, SYSTEM)])
    return secret


def invite(
    store: Store,
    people: People,
    by: Actor,
    login: str,
    name: str,
    given: Mapping[str, str],
    skills: Sequence[str] = (),
    *,
    junior: bool = False,
    clock: Clock = now_utc,
) -> tuple[Account, str]:
    """Add an account without a password and return it with the secret of the link that lets its person set one.

    Raises
    ------
    ParameterError, UnknownNameError
        For a login, name or role that can't be.
    ConflictError
        If the login is taken.
    """
    account = Account(
        secrets.token_hex(8),
        checked_login(login),
        checked_name(name),
        roles=checked_roles(given),
        skills=tuple(skills),
        junior=junior,
        at=stamp(clock()),
    )
    if not people.add(account):
        raise ConflictError(f"the login {account.login} is taken; choose another")
    store.ledger.append([_told(ADDED, account, by)])
    return account, link_for(store, people, by, account)


def link_for(store: Store, people: People, by: Actor, account: Account) -> str:
    """Make a new link for an account and end the ones before; return its secret."""
    people.revoke("link", account=account.id)
    secret, made = make_pass(people, "link", account.id, lives_s=LINK_S, name="invitation")
    body = {"account": account.id, "why": "invitation"}
    store.ledger.append([NewFact(LINKED, made.id, body, by)])
    return secret


def redeem(
    store: Store,
    people: People,
    secret: str,
    password: str,
    login: str = "",
    name: str = "",
    *,
    clock: Clock = now_utc,
) -> Account:
    """Let the holder of a link set a password, and at the first start login and name; the link ends.

    Raises
    ------
    SignInError
        If the link was used, has ended, or never was.
    ParameterError
        If login, name or password can't be; then the link still works.
    """
    found = people.find(digest(secret))
    if found is None or found.kind != "link" or (found.until and found.until < stamp(clock())):
        raise SignInError("this link was used or has ended; ask for another, or start the service again for the first")
    if found.account:
        account = people.account(found.account)
        if account is None or account.disabled:
            raise SignInError("the account of this link is closed; ask an admin")
    else:
        fresh = Account(secrets.token_hex(8), checked_login(login), checked_name(name), at=stamp(clock()))
        account = replace(fresh, roles=found.roles)
    hashed = hash_password(password, account.login, account.name)
    if people.take(found.digest) is None:
        raise SignInError("this link was just used; sign in with the password that was set")
    return _with_password(store, people, account, hashed, is_new=not found.account)


def _with_password(store: Store, people: People, account: Account, hashed: str, *, is_new: bool) -> Account:
    changed = replace(account, password=hashed)
    if is_new:
        if not people.add(changed):
            raise ConflictError(f"the login {account.login} is taken; start the service again for another link")
        store.ledger.append([_told(ADDED, changed, actor_of(changed))])
        return changed
    done = people.change(changed, account.seq)
    if done is None:
        raise ConflictError("the account was changed meanwhile; try again")
    people.revoke("session", account=account.id)
    body = {"account": account.id, "what": ["password"]}
    store.ledger.append([NewFact(CHANGED, account.id, body, actor_of(account))])
    return done


def sign_in(store: Store, people: People, tries: Attempts, login: str, password: str, address: str) -> Account:
    """Return the account whose login and password these are.

    Raises
    ------
    SignInError
        For whatever is wrong, in the same words and the same time.
    LimitError
        After too many tries of this login or from this address.
    """
    key = login.strip().casefold()[:80]
    wait = max(tries.wait_s(f"login {key}"), tries.wait_s(f"address {address}") if address else 0.0)
    if wait > 0:
        raise LimitError(f"too many tries; try again in {wait:.0f} s")
    account = people.by_login(key)
    right = is_right("" if account is None or account.disabled else account.password, password)
    if account is None or not right:
        tries.failed(f"login {key}")
        tries.failed(f"address {address}")
        raise SignInError(WRONG)
    tries.succeeded(f"login {key}")
    store.ledger.append([NewFact(SIGNED_IN, account.id, {"account": account.id}, actor_of(account))])
    return account


def set_password(store: Store, people: People, account: Account, old: str, new: str) -> Account:
    """Change a password by its owner, who knows the old one; every session of the account ends."""
    if not is_right(account.password, old):
        raise SignInError("the old password is another one")
    return _with_password(store, people, account, hash_password(new, account.login, account.name), is_new=False)


def change(store: Store, people: People, by: Actor, account_id: str, seq: int, changes: Mapping[str, Any]) -> Account:
    """Change name, roles, skills, junior or disabled of an account; its sessions end where its rights change.

    Raises
    ------
    MissingError, ConflictError, ParameterError, UnknownNameError
    """
    account = people.account(account_id)
    if account is None:
        raise MissingError(f"no account {account_id!r}")
    new = replace(account, **_checked(changes))
    if _is_admin(account) and not _is_admin(new) and not _others_admin(people, account):
        raise ParameterError(f"{account.login} is the last admin; make another one first")
    done = people.change(new, seq)
    if done is None:
        raise ConflictError(f"the account {account.login} was changed meanwhile; look at it again")
    if new.disabled or new.roles != account.roles:
        people.revoke("session", account=account.id)
    if new.disabled:
        people.revoke("key", account=account.id)
        people.revoke("link", account=account.id)
    store.ledger.append([_told(CHANGED, done, by, sorted(changes))])
    return done


def checked_login(login: str) -> str:
    """Return a login as it is kept, lower case, or refuse it."""
    low = login.strip().casefold()
    if not _LOGIN.fullmatch(low):
        raise ParameterError(
            f"the login is {login[:80]!r}; it takes 2 to 64 of a-z, 0-9 and . _ @ + -, a letter or digit first"
        )
    return low


def checked_name(name: str) -> str:
    """Return a person's name, or refuse one that is empty, long, or holds signs that no name has."""
    clean = " ".join(name.split())
    if not clean or len(clean) > _NAME_MOST or not clean.isprintable():
        raise ParameterError(f"the name is {name[:80]!r}; it takes 1 to {_NAME_MOST} printable signs")
    return clean


def checked_roles(given: Mapping[str, str]) -> dict[str, str]:
    """Return roles by project, or refuse one that there is not."""
    for project, role in given.items():
        if role not in roles():
            raise UnknownNameError(f"no role called {role!r}; there are: {', '.join(roles())}")
        if not project.strip():
            raise ParameterError("a role needs a project; '*' is every project")
    return dict(given)


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: checked_name(str(value)),
        "roles": checked_roles,
        "skills": lambda value: tuple(str(each) for each in value),
        "junior": bool,
        "disabled": bool,
    }
    return {name: checks[name](value) for name, value in changes.items()}


def _narrowed(own: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the roles of a pass as far as the account itself may do what they allow."""
    found = {}
    for project, role in wanted.items():
        has = own.get(project, own.get(EVERYWHERE, ""))
        if has and roles()[role] <= roles()[has]:
            found[project] = role
    return found


def _is_admin(account: Account) -> bool:
    return account.roles.get(EVERYWHERE) == "admin" and not account.disabled


def _others_admin(people: People, account: Account) -> bool:
    return any(_is_admin(each) and each.password and each.id != account.id for each in people.accounts())


def _told(kind: str, account: Account, by: Actor, what: Sequence[str] = ()) -> NewFact:
    body = {
        "account": account.id,
        "roles": dict(account.roles),
        "skills": list(account.skills),
        "junior": account.junior,
        "disabled": account.disabled,
    }
    body |= {"what": list(what)} if what else {}
    return NewFact(kind, account.id, body, by, "", {"login": account.login, "name": account.name})
