"""After delivery and after the set: a client's return reopens a file, a new capture takes an old one's place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.batch import RETURN, SUPERSEDED, BatchState, FileState
from safelight.core.facts import SYSTEM, Actor, NewFact
from safelight.errors import GateClosedError, UsageError
from safelight.media.names import display_name
from safelight.review.returns import return_facts, return_of
from safelight.routing.reasons import reasons_in, reasons_named
from safelight.workflows.product_board import product_key


@dataclass(frozen=True)
class Reshoot:
    """A request for the set's list: what to shoot again, why, who asked, since when."""

    file: str
    sku: str
    view: str
    color: str
    category: str
    reason: str
    reasons: tuple[str, ...]
    by: str
    since: str


def client_return(
    batch: BatchState, file: FileState, name: str, reason: str = "", marks: Sequence[str] = ()
) -> list[NewFact]:
    """Return the facts of a client's return of a delivered version: it is open again, a revision and an escape.

    Parameters
    ----------
    batch, file : BatchState, FileState
    name : str
        The client, or who says so for them.
    reason, marks
        As `safelight.review.decide.decide`.

    Raises
    ------
    UsageError
        For a missing name or reason.
    GateClosedError
        For a file that was not delivered.
    """
    if not name.strip():
        raise UsageError("a return needs the name of who sends it back: add --as NAME")
    marked = reasons_named(marks)
    if not reason.strip() and not marked:
        raise UsageError("a return needs a reason for whoever works on it next: add --reason TEXT or --mark REASON")
    if not file.deliveries:
        raise GateClosedError(f"{file.path} was not delivered ({file.standing}): decide on it instead")
    told = marked or reasons_in(reason)
    said = reason.strip() or "; ".join(each.title for each in told)
    back = return_of(file, told)
    return return_facts(batch, file, "revise", name, said, RETURN, told, back, {}, is_marked=bool(marked))


def reshoot_list(batch: BatchState) -> list[Reshoot]:
    """Return what the set is asked to shoot again, oldest first."""
    found = []
    for file in batch.files.values():
        asked = [each for each in file.decisions if each.decided == "reshoot"]
        if not asked or file.superseded:
            continue
        said = file.sorted
        found.append(
            Reshoot(
                file.path,
                said.get("sku", ""),
                said.get("view", ""),
                said.get("color", ""),
                said.get("category", ""),
                asked[-1].reason,
                asked[-1].reasons,
                asked[-1].by,
                asked[-1].at,
            )
        )
    return sorted(found, key=lambda each: (each.since, each.file))


def superseding(batch: BatchState) -> list[NewFact]:
    """Return the facts of new captures that take the place of what was asked for again: same SKU, colorway and view.

    A capture counts as new if it was first seen after the request. Of several the newest whose place is not taken.
    """
    facts, taken = [], set[str]()
    for asked in reshoot_list(batch):
        if not asked.sku:
            continue
        old = batch.files[asked.file]
        fresh = [
            each
            for each in batch.files.values()
            if each.path != old.path
            and each.seen_at > asked.since
            and each.goes_on
            and each.asset not in taken
            and _place(each) == _place(old)
        ]
        if fresh:
            new = max(fresh, key=lambda each: (each.seen_at, each.path))
            taken.add(new.asset)
            facts.append(supersede(batch, old, new, f"shot again: {asked.reason}"))
    return facts


def supersede(batch: BatchState, old: FileState, new: FileState, reason: str, name: str = "") -> NewFact:
    """Return the fact that a capture takes another's place; `name` is empty where the reshoot loop says so itself."""
    body = {"path": old.path, "by": new.path, "by_asset": new.asset, "reason": reason}
    actor = Actor("person", "reviewer") if name else SYSTEM
    return NewFact(SUPERSEDED, old.asset, body, actor, batch.name, {"name": name} if name else {})


def supersede_by_hand(batch: BatchState, old: FileState, new: FileState, name: str, reason: str) -> list[NewFact]:
    """Return the facts of a person naming the capture that takes another's place.

    Raises
    ------
    UsageError
        Without name or reason, for one file with itself, or for files of two products.
    """
    if not name.strip() or not reason.strip():
        raise UsageError("taking another capture's place needs a name and a reason: add --as NAME --reason TEXT")
    if old.path == new.path:
        raise UsageError(f"{old.path} cannot take its own place")
    if product_key(old) != product_key(new):
        raise UsageError(
            f"{display_name(new.path)} is of {product_key(new)}, {display_name(old.path)} of {product_key(old)}"
        )
    return [supersede(batch, old, new, reason.strip(), name)]


def reshoot_lines(asked: Iterable[Reshoot]) -> list[dict[str, Any]]:
    """Return the set's list as lines of data with their text."""
    lines = []
    for each in asked:
        what = " ".join(part for part in (each.sku, each.color, each.view) if part) or display_name(each.file)
        lines.append(vars(each) | {"text": f"{what}: {each.reason} (asked by {each.by}, {each.since[:16]})"})
    return lines


def _place(file: FileState) -> tuple[str, str, str]:
    said = file.sorted
    return str(said.get("sku", "")), str(said.get("color", "")), str(said.get("view", ""))
