"""Erase a person or an asset from the store: what is ours goes, what left the house is listed, the chain verifies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from safelight.access import EVERYWHERE
from safelight.core.batch import APPROVED, DELIVERED, OPENED
from safelight.core.facts import Actor
from safelight.errors import MediaError, UnknownNameError, UsageError
from safelight.media.names import display_name
from safelight.media.sidecar import read_sidecar
from safelight.media.sidecar_files import read_beside, why_not, write_beside
from safelight.media.sidecar_write import write_fields
from safelight.store.answers import Answers
from safelight.store.people import people_of

if TYPE_CHECKING:
    from safelight.store import Store
    from safelight.store.erase import Erasure
    from safelight.store.people import Account, People

ADMIN = Actor("person", "admin")
Line = dict[str, Any]


def erase_person(store: Store, person: str, name: str, reason: str, *, dry_run: bool = False) -> list[Line]:
    """Erase every personal field that holds a name, and list what left the house with it on the manifest.

    An account of that name is closed for ever with it: name, login, password, roles, sessions, keys; its id stays.

    Raises
    ------
    UsageError
        For a missing name or reason, one's own name, or the last admin.
    UnknownNameError
        If nothing in the store holds it.
    """
    _require(name, reason)
    if person == name:
        raise UsageError(f"{name} would stand in the ledger as who erased it: let another admin erase you")
    people = people_of(store.ledger.database)
    held = [each for each in people.accounts() if each.name == person]
    _require_admin_left(people, held)
    left = _released_by(store, person)
    if dry_run:
        planned = [_closed(each, "would be closed") for each in held]
        return [*planned, *map(_left, left)] or [{"text": f"nothing left the house with {person} on its manifest"}]
    by = Actor("person", name)
    erased = store.ledger.erase(person, by)
    if not erased and not held:
        raise UnknownNameError(f"no personal field of this store is {person!r}, spelled just so; nothing was erased")
    closed = [line for each in held for line in _close(store, people, each, by)]
    Answers(store.ledger.database).sweep("~")  # what was answered holds names, and is kept for a day
    facts = len({seq for seq, _ in erased})
    said = f"erased from {len(erased)} personal fields of {facts} facts; the chain still verifies"
    stays = (
        "what stays: that somebody said it, when and of what, under 'erased'; reasons and notes as they were written"
    )
    return [{"erased": len(erased), "text": said}, *closed, {"text": stays}, *_leftovers(store), *map(_left, left)]


def _require_admin_left(people: People, held: Sequence[Account]) -> None:
    """Refuse to close the last account that may let others in."""
    admins = {e.id for e in people.accounts() if e.roles.get(EVERYWHERE) == "admin" and e.password and not e.disabled}
    if admins and admins <= {each.id for each in held}:
        raise UsageError(f"{held[0].login} is the last admin; make another one first")


def _close(store: Store, people: People, account: Account, by: Actor) -> list[Line]:
    """Close an account for ever, its login and the names of its keys in the ledger with it."""
    for each in people.passes("key", account.id):
        store.ledger.erase(each.name, by, "key_name")
    store.ledger.erase(account.login, by, "login")
    people.forget(account)
    return [_closed(account, "was closed for ever")]


def _closed(account: Account, what: str) -> Line:
    """Say what becomes of an account; never its login, since answers are kept for a day."""
    said = f"account {account.id} {what}: its name, login, password, roles, sessions and keys"
    return {"account": account.id, "text": f"{said}; the id stays, for the claims and assignments that name it"}


def erase_asset(store: Store, asset: str, name: str, reason: str, *, dry_run: bool = False) -> list[Line]:
    """Erase an asset: blobs, derived pixels, previews, our fields in its sidecars, and what its facts say of it.

    Parameters
    ----------
    store : Store
    asset : str
        Its SHA-256.
    name, reason : str
    dry_run : bool
        Say what would go.

    Notes
    -----
    The original in the client's folder is never touched: a line says where it was. A crash in between is finished by
    erasing again; `verify` names blobs that were erased and are still there.
    """
    _require(name, reason)
    if dry_run:
        return _planned(store.ledger.erase_asset(asset, ADMIN, name, reason, dry_run=True))
    folders = {fact.subject: str(fact.body["folder"]) for fact in store.ledger.iterate(kind=OPENED)}
    before = store.ledger.erase_asset(asset, ADMIN, name, reason, dry_run=True)
    store.forget_checkpoints(min(before.facts, default=1))
    plan = store.ledger.erase_asset(asset, ADMIN, name, reason)
    for each in {*before.blobs, *plan.blobs}:
        store.blobs.remove(each)
    store.drop_cache()
    lines: list[Line] = [
        {
            "asset": asset,
            "facts": len(plan.facts),
            "blobs": len(plan.blobs),
            "work": len(plan.work),
            "text": f"erased {asset[:12]}…: {len(plan.blobs)} blobs, {len(plan.facts)} facts redacted, "
            f"{len(plan.work)} pieces of work forgotten",
        }
    ]
    lines += [_sidecar(folders.get(batch, ""), path) for batch, path in plan.sidecars]
    lines += [
        {"text": f"the original is not the store's and was not touched: {display_name(folders.get(batch, ''))}/{path}"}
        for batch in plan.batches
        for path in map(display_name, plan.paths)
    ]
    report = store.verify_chain()
    lines.append({"chain": report.is_clean, "text": report.lines()[-1]})
    return [*lines, *_leftovers(store), *(_left(each) for each in plan.left)]


def _require(name: str, reason: str) -> None:
    if not name.strip():
        raise UsageError("an erasure needs the name of who answers for it: add --as NAME")
    if not reason.strip():
        raise UsageError("an erasure needs a reason, which stands in the ledger: add --reason TEXT")


def _planned(plan: Erasure) -> list[Line]:
    text = (
        f"would erase {plan.asset[:12]}…: {len(plan.blobs)} blobs, {len(plan.facts)} facts, {len(plan.work)} pieces of "
        f"work, {len(plan.sidecars)} sidecars; {len(plan.left)} delivered files left the house"
    )
    return [{"asset": plan.asset, "blobs": len(plan.blobs), "text": text}, *(_left(each) for each in plan.left)]


def _sidecar(folder: str, path: str) -> Line:
    """Take our own fields out of a sidecar; what other programs wrote stays."""
    shown = display_name(path)
    try:
        data = read_beside(folder, path)
        if data is None:
            return {"sidecar": path, "text": f"{shown}: no sidecar lies there any more"}
        fields = read_sidecar(data, shown).fields
        wanted = write_fields(data, replace(fields, cull=None, original=None), shown)
        if wanted != data:
            write_beside(folder, path, wanted, data)
        return {"sidecar": path, "text": f"{shown}: safelight's own fields were taken out; the rest is other programs'"}
    except (OSError, MediaError) as error:
        why = why_not(error, shown) if isinstance(error, OSError) else str(error)
        return {"sidecar": path, "failed": True, "text": f"{why}; take safelight's fields out of it by hand"}


def _leftovers(store: Store) -> list[Line]:
    dumps = sorted(each.name for each in store.layout.dumps.glob("*")) if store.layout.dumps.is_dir() else []
    said = "backups elsewhere, proofs and reports in the output folder still hold it: remove or write them anew"
    return [
        *([{"text": f"dumps in the store still hold it: remove {', '.join(dumps)}"}] if dumps else []),
        {"text": said},
    ]


def _released_by(store: Store, person: str) -> list[tuple[str, str, str]]:
    approved = {f.subject for f in store.ledger.iterate(kind=APPROVED) if person in f.personal.values()}
    return [
        (str(f.body["channel"]), f"{f.body.get('place') or f.body['channel']}/{f.body['name']}", f.at)
        for f in store.ledger.iterate(kind=DELIVERED)
        if f.subject in approved
    ]


def _left(delivered: tuple[str, str, str]) -> Line:
    channel, name, at = delivered
    text = f"left the house: {name} to {channel} on {at[:10]}; ask for it back"
    return {"left": name, "channel": channel, "at": at, "text": text}
