"""What lets people in: sessions with limits, API keys with scopes, links that work once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from safelight.access import roles as known_roles
from safelight.errors import UnknownNameError, UsageError
from safelight.store.people import Account, Pass, PassKind, People

Clock = Callable[[], datetime]
KEY_PREFIX = "slk_"
_SECRET_BYTES = 32
# Writing `seen_at` at each request would be a transaction a click; within this a session counts as just seen.
_SEEN_STEP_S = 60.0


def now_utc() -> datetime:
    """Return the time of the machine, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Return a moment as the ledger writes it; such texts sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def digest(secret: str) -> str:
    """Return what is kept of a secret. It has 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def guard_of(secret: str) -> str:
    """Return a session's CSRF token, made of its secret: who has the one can say the other, and neither is kept."""
    made = hmac.new(secret.encode(), b"safelight csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


def make_pass(
    people: People,
    kind: PassKind,
    account: str,
    *,
    lives_s: float,
    name: str = "",
    roles: Mapping[str, str] | None = None,
    clock: Clock = now_utc,
) -> tuple[str, Pass]:
    """Make a pass and return its secret, which is kept nowhere, and what is kept.

    Parameters
    ----------
    people : People
    kind : {"session", "key", "link"}
    account : str
        An account's id; "" for a link to no account yet.
    lives_s : float, seconds
        0 for a pass that does not end.
    name : str
        What it is for, in the words of whoever made it.
    roles : mapping of project to role, optional
        All that it gives.
    """
    for role in (roles or {}).values():
        if role not in known_roles():
            raise UnknownNameError(f"no role called {role!r}; there are: {', '.join(known_roles())}")
    if kind == "key" and not name.strip():
        raise UsageError("an API key needs a name that says what it is for")
    now, secret = clock(), secrets.token_urlsafe(_SECRET_BYTES)
    secret = KEY_PREFIX + secret if kind == "key" else secret
    new = Pass(
        digest=digest(secret),
        id=secrets.token_hex(8),
        kind=kind,
        account=account,
        name=name,
        roles=dict(roles or {}),
        at=stamp(now),
        seen_at=stamp(now),
        until=stamp(now + timedelta(seconds=lives_s)) if lives_s else "",
    )
    people.admit(new)
    return secret, _guarded(new, secret)


def holder_of(
    people: People, secret: str, kind: PassKind, *, idle_s: float = 0.0, clock: Clock = now_utc
) -> tuple[Account, Pass] | None:
    """Return whose secret it is; None for one that is unknown, ended, idle too long, or of somebody disabled."""
    found = people.find(digest(secret))
    account = None if found is None else people.account(found.account)
    now = clock()
    if found is None or account is None or not _holds(found, account, kind, idle_s, now):
        return None
    if _is_stale(found, now):
        people.seen(found.digest, stamp(now))
        found = replace(found, seen_at=stamp(now))
    return account, _guarded(found, secret)


def known_holder_of(
    people: People, secret: str, kind: PassKind, *, idle_s: float = 0.0, clock: Clock = now_utc
) -> tuple[Account, Pass] | None:
    """Return whose secret it is if that is in memory and nothing is to be written; None says to ask `holder_of`."""
    known, now = people.remembered(digest(secret)), clock()
    if known is None or not _holds(known[1], known[0], kind, idle_s, now) or _is_stale(known[1], now):
        return None
    return known[0], _guarded(known[1], secret)


def _guarded(found: Pass, secret: str) -> Pass:
    return replace(found, guard=guard_of(secret)) if found.kind == "session" else found


def _holds(found: Pass, account: Account, kind: PassKind, idle_s: float, now: datetime) -> bool:
    ended = bool(found.until) and found.until < stamp(now)
    idle = bool(idle_s) and found.seen_at < stamp(now - timedelta(seconds=idle_s))
    return found.kind == kind and not ended and not idle and not account.disabled


def _is_stale(found: Pass, now: datetime) -> bool:
    return found.seen_at < stamp(now - timedelta(seconds=_SEEN_STEP_S))
