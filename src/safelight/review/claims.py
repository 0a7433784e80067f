"""Claims: work that somebody took from a queue, with a lease that ends by itself when its browser is closed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from safelight.core.facts import Actor, NewFact
from safelight.errors import ConflictError, MissingError, UsageError
from safelight.store.floor import Claim, Floor, StandingRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from safelight.store import Store

TAKEN, ENDED = "claim.taken", "claim.ended"  # claim: files, account, until | files, account, why
Clock = Callable[[], datetime]


def stamp(moment: datetime) -> str:
    """Return a moment as the ledger writes it; such texts sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def take(
    store: Store,
    rows: Sequence[StandingRow],
    account: str,
    actor: Actor,
    *,
    lease_s: float,
    now: datetime,
    names: Mapping[str, str],
) -> Claim:
    """Claim files together, all or none.

    Parameters
    ----------
    store : Store
    rows : sequence of StandingRow
        What is taken: a product's views, or one file.
    account, actor
        Who takes it.
    lease_s : float, seconds
        How long it holds unless it is renewed.
    now : datetime
    names : mapping of account to name
        To say who has it.

    Raises
    ------
    ConflictError
        If another has one of them; names who, and until when.
    UsageError
        If there is nothing to take.
    """
    if not rows:
        raise UsageError("a claim takes one file at least; name what you take")
    new = Claim(secrets.token_hex(8), account, stamp(now), stamp(now + timedelta(seconds=lease_s)))
    paths = {each.id: each.state.path for each in rows}

    def take_rows(connection: Connection) -> None:
        others = Floor.claim(connection, list(paths), new, stamp(now))
        if others:
            raise ConflictError("; ".join(_held(paths[file], claim, names) for file, claim in others[:5]))

    body = {"files": list(paths), "account": account, "until": new.until}
    store.ledger.guarded({}, also=take_rows).append([NewFact(TAKEN, new.id, body, actor, rows[0].batch)])
    return new


def renew(floor: Floor, claim_id: str, account: str, *, lease_s: float, now: datetime) -> str:
    """Make a claim hold for another lease from now; return until when.

    Raises
    ------
    ConflictError
        If it has ended: the work is in its queue again, or with another.
    """
    until = stamp(now + timedelta(seconds=lease_s))
    if not floor.renew(claim_id, account, until, stamp(now)):
        raise ConflictError("the claim has ended and its files are in their queue again; take them anew")
    return until


def give_back(store: Store, floor: Floor, claim_id: str, account: str, actor: Actor, *, any_claim: bool) -> list[str]:
    """End a claim before its time; `any_claim` lets a lead end another's. Return the files."""
    held = [(file, claim) for file, claim, _, _ in floor.claims("") if claim.id == claim_id]
    if not held or (held[0][1].account != account and not any_claim):
        raise MissingError(f"no claim {claim_id!r} of yours; it may have ended by itself")
    gone = floor.release(claim_id=claim_id)
    return _tell(store, gone, actor, "given back")


def sweep(store: Store, floor: Floor, now: datetime) -> list[str]:
    """Put what nobody renewed back into its queue; return the files."""
    gone = floor.release(ended_before=stamp(now))
    return _tell(store, gone, Actor("system", "safelight"), "the lease ended")


def require_free(rows: Sequence[StandingRow], account: str, names: Mapping[str, str]) -> None:
    """Refuse to work on what another holds.

    Raises
    ------
    ConflictError
        Naming who, and until when.
    """
    held = [each for each in rows if each.claim is not None and each.claim.account != account]
    if held:
        raise ConflictError("; ".join(_held(e.state.path, e.claim, names) for e in held[:5] if e.claim is not None))


def require_mine(rows: Sequence[StandingRow], account: str, claim_id: str) -> None:
    """Refuse a late word: one under a claim that has ended or is another's.

    Raises
    ------
    ConflictError
    """
    late = [each for each in rows if each.claim is None or (each.claim.id, each.claim.account) != (claim_id, account)]
    if late:
        raise ConflictError(
            f"your claim on {late[0].state.path} has ended and it is in its queue again; nothing was recorded: "
            "take it anew and send this once more"
        )


def _held(path: str, claim: Claim, names: Mapping[str, str]) -> str:
    return f"{names.get(claim.account, 'somebody')} has {path} until {claim.until[11:16]} UTC"


def _tell(store: Store, gone: Sequence[tuple[str, Claim]], actor: Actor, why: str) -> list[str]:
    by_claim: dict[str, list[str]] = {}
    accounts = {}
    for file, claim in gone:
        by_claim.setdefault(claim.id, []).append(file)
        accounts[claim.id] = claim.account
    facts = [
        NewFact(ENDED, each, {"files": files, "account": accounts[each], "why": why}, actor)
        for each, files in by_claim.items()
    ]
    if facts:
        store.ledger.append(facts)
    return [file for file, _ in gone]
