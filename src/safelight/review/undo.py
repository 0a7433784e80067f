"""Take back and do again: a person's decisions, overrulings, amendments, supersedings, while nothing rests on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Artifact
from safelight.core.facts import Actor, Fact, NewFact
from safelight.core.overruling import read_overrulings
from safelight.errors import GateClosedError, MissingError
from safelight.review.amend import amend
from safelight.review.decide import decide, same_person
from safelight.review.overrule import overrule
from safelight.review.reshoot import give_back

if TYPE_CHECKING:
    from safelight.store import Store

UNDOABLE = (told.DECIDED, told.OVERRULED, told.AMENDED, told.SUPERSEDED)


def undo_facts(store: Store, batch: BatchState, file: FileState, fact: Fact, name: str) -> list[NewFact]:
    """Return the facts that take one back; nothing is written here.

    Raises
    ------
    MissingError
        If it is no decision, overruling, amendment or superseding of this person.
    GateClosedError
        If something rests on it already: another version, a delivery, a later word.
    """
    if fact.kind not in UNDOABLE or fact.personal.get("name") != name:
        raise MissingError("there is nothing of yours to take back under this number")
    if fact.kind == told.DECIDED:
        return [_undecide(batch, file, fact, name)]
    if fact.kind == told.SUPERSEDED:
        return give_back(batch, file, fact, name)
    later = [
        each
        for each in store.ledger.facts(kind=fact.kind, subject=fact.subject, batch=batch.name, after=fact.seq)
        if each.body.get("path") == fact.body.get("path") and _same_field(each, fact)
    ]
    if later:
        raise GateClosedError(f"{later[-1].personal.get('name', 'somebody')} said something else of it since")
    before = _before(store, batch, fact)
    why = "taken back"
    if fact.kind == told.AMENDED:
        if before is None:
            return amend(batch, file, fact.body["step"], {}, name, why)
        kept = {role: Artifact(*each) for role, each in before.body.get("artifacts", {}).items()}
        return amend(batch, file, fact.body["step"], before.body.get("params", {}), name, why, kept)
    word = str(fact.body["from"]) if fact.body["field"] == "class" else ""
    if not word:
        raise GateClosedError("a change of groups is taken back by putting the files together or apart, or by a swap")
    said = read_overrulings(store.ledger.facts(kind=told.OVERRULED, subject=fact.subject, batch=batch.name))
    return overrule(batch, [file], "machine" if word == fact.body["machine"] else word, name, why, said, via="undo")


def redo_facts(
    batch: BatchState, file: FileState, fact: Fact, undone: Collection[int], name: str, audit_share: float = 0.0
) -> list[NewFact]:
    """Return the facts that say a decision again which its person took back; nothing is written here.

    Parameters
    ----------
    undone : collection of int
        The numbers of decisions that were taken back.

    Raises
    ------
    MissingError
        If it is no decision of this person.
    GateClosedError
        If it was not taken back, the file has another version since, or as `decide`.
    """
    if fact.kind != told.DECIDED or fact.personal.get("name") != name:
        raise MissingError("there is no decision of yours under this number")
    if fact.seq not in undone:
        raise GateClosedError(f"the decision on {file.path} was not taken back; it stands")
    if file.version != fact.subject:
        raise GateClosedError(f"{file.path} has another version since: look at it and decide anew")
    if any(same_person(each.by, name) for each in file.decisions):
        raise GateClosedError(f"you said something else of {file.path} since: take that back first")
    body = fact.body
    marks = body["reasons"] if body.get("marked") else ()
    return decide(batch, file, body["decided"], name, body["reason"], marks=marks, audit_share=audit_share)


def _undecide(batch: BatchState, file: FileState, fact: Fact, name: str) -> NewFact:
    own = [each for each in file.decisions if each.seq == fact.seq]
    if not own:
        raise GateClosedError(f"{file.path} has another version since, or the decision was taken back already")
    if file.deliveries:
        raise GateClosedError(f"{file.path} was delivered; what left the house comes back as a return")
    return NewFact(
        told.UNDONE, file.version, {"decision": fact.seq}, Actor("person", "reviewer"), batch.name, {"name": name}
    )


def _before(store: Store, batch: BatchState, fact: Fact) -> Fact | None:
    own = store.ledger.facts(kind=fact.kind, subject=fact.subject, batch=batch.name)
    same: Sequence[Fact] = [
        each for each in own if each.seq < fact.seq and each.body.get("path") == fact.body.get("path")
    ]
    same = [each for each in same if _same_field(each, fact)]
    return same[-1] if same else None


def _same_field(one: Fact, other: Fact) -> bool:
    return all(one.body.get(name) == other.body.get(name) for name in ("step", "field"))


def in_words(fact: Fact) -> dict[str, Any]:
    """Return what a person did, for the list of what can be taken back."""
    body = fact.body
    if fact.kind == told.DECIDED:
        what = str(body["decided"])
    elif fact.kind == told.OVERRULED:
        what = f"{body['field']}: {_told(body['from'])} to {_told(body['to'])}"
    elif fact.kind == told.SUPERSEDED:
        what = f"replaced by {body['by']}" if body["by"] else "stands again"
    else:
        what = f"{body['step']}: {'set by hand' if 'params' in body else 'the machine again'}"
    return {"seq": fact.seq, "kind": fact.kind, "what": what, "reason": body.get("reason", ""), "at": fact.at}


def _told(value: Any) -> str:  # noqa: ANN401 - what stands in a field, JSON data
    """Return what stood in a field: of a place its words alone."""
    return " ".join(filter(None, value.values())) or "nothing" if isinstance(value, dict) else str(value)
