"""The reshoot loop: what the set is asked to shoot again, and the new capture that takes an old one's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from safelight.core.batch import ROUTED, SORTED, SUPERSEDED, BatchState, FileState
from safelight.core.facts import SYSTEM, Actor, Fact, NewFact
from safelight.core.overruling import PLACE, class_told
from safelight.core.places import SHOT_AGAIN_FOR_CLIENT, places_taken, was_returned
from safelight.errors import GateClosedError, UsageError
from safelight.media.names import display_name
from safelight.review.release import SPARED
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


def reshoot_list(batch: BatchState) -> list[Reshoot]:
    """Return what the set is asked to shoot again, oldest first; what a new capture took the place of is done."""
    found = []
    for file in batch.files.values():
        # A version that a machine made meanwhile answers no request; a later word of a person does.
        words = (*file.past_decisions, *file.decisions)
        if not words or words[-1].decided != "reshoot" or file.superseded:
            continue
        asked, said = words[-1], file.sorted
        found.append(
            Reshoot(
                file.path,
                said.get("sku", ""),
                said.get("view", ""),
                said.get("color", ""),
                said.get("category", ""),
                asked.reason,
                asked.reasons,
                asked.by,
                asked.at,
            )
        )
    return sorted(found, key=lambda each: (each.since, each.file))


def superseding(batch: BatchState) -> list[NewFact]:
    """Return the facts of new captures that take the place of what was asked for again, by what they are called.

    A capture counts as new if it was first seen after the request. Where it names its view, of several of the same
    article, colorway and view the newest takes the place. One whose slate or folder names the article alone takes it
    where it is the only one, and one view of the article is asked for: otherwise a person says whose place it is.
    """
    facts, taken = [], set[str]()
    asked = [each for each in reshoot_list(batch) if each.sku]
    for each in asked:
        old = batch.files[each.file]
        fresh = [new for new in captures_since(batch, each) if new.asset not in taken]
        same = [new for new in fresh if place_of(new) == place_of(old)] if each.view else []
        if not same and sum(other.sku == each.sku for other in asked) == 1:
            mine = [new for new in fresh if product_key(new) == product_key(old)]
            bare = [new for new in mine if not new.sorted.get("view") and _may_be(new, old, "color")]
            same = bare if len(mine) == len(bare) == 1 else []
        if same:
            new = max(same, key=lambda one: (one.seen_at, one.path))
            taken.add(new.asset)
            facts += supersede(batch, old, new, f"shot again: {each.reason}")
    return facts


def captures_since(batch: BatchState, asked: Reshoot) -> list[FileState]:
    """Return the captures that came in after a request and may take its place: of its article, or of none by name."""
    old = batch.files[asked.file]
    return [
        each
        for each in batch.files.values()
        if each.asset != old.asset
        and each.seen_at > asked.since
        and each.goes_on
        and not each.refused
        and all(_may_be(each, old, name) for name in ("sku", "view", "color"))
    ]


def supersede(batch: BatchState, old: FileState, new: FileState, reason: str, name: str = "") -> list[NewFact]:
    """Return the facts that a capture takes another's place; `name` is empty where the reshoot loop says so itself.

    A capture that does not say what it shows is from now on what the old one was: the fact keeps that under
    ``place``, and runs sort it so. One that is shot in the place of what a client sent back is looked at for itself.
    """
    body: dict[str, Any] = {"path": old.path, "by": new.path, "by_asset": new.asset, "reason": reason}
    actor = Actor("person", "reviewer") if name else SYSTEM
    people = {"name": name} if name else {}
    place = {each: str(old.sorted.get(each, "")) for each in PLACE}
    looked = _to_a_look(batch, old, new)
    if all(new.sorted.get(each, "") == place[each] for each in ("sku", "view", "color")):
        return [NewFact(SUPERSEDED, old.asset, body, actor, batch.name, people), *looked]
    placed = NewFact(SORTED, new.asset, dict(new.sorted) | place, batch=batch.name)
    body |= {"place": place, "was": {each: str(new.sorted.get(each, "")) for each in PLACE}}
    return [NewFact(SUPERSEDED, old.asset, body, actor, batch.name, people), placed, *looked]


def _to_a_look(batch: BatchState, old: FileState, new: FileState) -> list[NewFact]:
    """Return the route to a look of its own for what takes the place of a client's return, if a sample might do."""
    stood = (*places_taken(batch.files.values()).get(old.asset, ()), old)
    if new.approved or new.routed.get("route") not in SPARED or not any(map(was_returned, stood)):
        return []
    reason = {"code": "sent_back", "text": SHOT_AGAIN_FOR_CLIENT, "values": {}, "doubt": True}
    reasons = [reason, *new.routed.get("reasons", ())]
    routed = dict(new.routed) | {"route": "review", "queue": "review", "reasons": reasons}
    return [NewFact(ROUTED, new.version, routed, batch=batch.name)]


def supersede_by_hand(batch: BatchState, old: FileState, new: FileState, name: str, reason: str) -> list[NewFact]:
    """Return the facts of a person naming the capture that takes another's place.

    Raises
    ------
    UsageError
        Without name or reason, for one file with itself, or for files of two products, colorways or views.
    GateClosedError
        For a capture that can't be read, was left out or replaced itself, or is approved as something else; for an
        old one that was delivered: what is wrong with that is a client's return first, and counts as one.
    """
    if not name.strip() or not reason.strip():
        raise UsageError("taking another capture's place needs a name and a reason: add --as NAME --reason TEXT")
    if old.path == new.path:
        raise UsageError(f"{old.path} cannot take its own place")
    if old.asset == new.asset:
        raise UsageError(f"{new.path} holds the very same bytes as {old.path}: nothing was shot again")
    for field, what in (("sku", "product"), ("color", "colorway"), ("view", "view")):
        if not _may_be(new, old, field):
            raise UsageError(
                f"{display_name(new.path)} is of {what} {new.sorted[field]}, {display_name(old.path)} of "
                f"{old.sorted.get(field) or 'none'}: correct the shot list or the file's name, and run the shoot again"
            )
    if old.deliveries:
        raise GateClosedError(
            f"{old.path} was delivered: what is wrong with it is a client's return first (safelight return, with who "
            "says so); then another capture may take its place"
        )
    _require_in_use(batch, new)
    facts = supersede(batch, old, new, reason.strip(), name)
    if new.approved and "place" in facts[0].body:
        raise GateClosedError(
            f"{new.path} was approved by {new.approved['by']} as {_shown(new)}, which freezes it: decide on it first"
        )
    return facts


def give_back(batch: BatchState, file: FileState, fact: Fact, name: str) -> list[NewFact]:
    """Return the facts by which a capture that was replaced by `fact` stands again; its request is open again.

    Raises
    ------
    GateClosedError
        If another took its place since, or the one that took it is approved: then that one would leave unasked for.
    """
    by = str(fact.body["by"])
    if file.superseded.get("by_asset") != fact.body["by_asset"]:
        raise GateClosedError(f"{file.path} was given another place since, or stands again already")
    new = batch.files.get(by)
    if new is not None and new.approved:
        raise GateClosedError(f"{by} was approved in its place by {new.approved['by']}: decide on it first")
    body = {"path": file.path, "by": "", "by_asset": "", "reason": f"taken back: {by} does not take its place"}
    facts = [NewFact(SUPERSEDED, file.asset, body, Actor("person", "reviewer"), batch.name, {"name": name})]
    if new is not None and "place" in fact.body:
        facts.append(NewFact(SORTED, new.asset, dict(new.sorted) | dict(fact.body["was"]), batch=batch.name))
    return facts


def reshoot_lines(batch: BatchState) -> list[dict[str, Any]]:
    """Return the set's list as lines of data with their text, and the captures that may take each place."""
    lines = []
    for each in reshoot_list(batch):
        what = " ".join(part for part in (each.sku, each.color, each.view) if part) or display_name(each.file)
        text = f"{what}: {each.reason} (asked by {each.by}, {each.since[:16]})"
        captures = [one.path for one in sorted(captures_since(batch, each), key=lambda one: (one.seen_at, one.path))]
        lines.append(vars(each) | {"captures": captures, "text": text})
    return lines


def place_of(file: FileState) -> tuple[str, str, str]:
    """Return article, colorway and view."""
    said = file.sorted
    return str(said.get("sku", "")), str(said.get("color", "")), str(said.get("view", ""))


def _may_be(new: FileState, old: FileState, field: str) -> bool:
    """Say whether a capture says the same of itself as another, or nothing."""
    return str(new.sorted.get(field) or "") in ("", str(old.sorted.get(field) or ""))


def _require_in_use(batch: BatchState, new: FileState) -> None:
    """Refuse a capture that would leave the place empty."""
    if new.refused or not new.sorted:
        raise GateClosedError(f"{new.path} can't take a place: {new.refused or 'it was not sorted yet'}")
    if new.superseded:
        raise GateClosedError(f"{new.path} was replaced itself, by {new.superseded['by']}: name that one")
    if not new.goes_on:
        said = class_told(str(new.sorted.get("class", "")))
        raise GateClosedError(
            f"{new.path} is {said} and goes nowhere: say first `safelight overrule {batch.name} "
            f"{display_name(new.path)} pick`"
        )


def _shown(file: FileState) -> str:
    return " ".join(each for each in place_of(file) if each) or "a picture of no article"
