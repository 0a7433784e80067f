"""Gate 2: what a person may say of a version, and the facts that follow from it."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.batch import APPROVED, DECIDED, OWN, RELEASE, RETURN, BatchState, FileState
from safelight.core.facts import DECISIONS, Actor, NewFact
from safelight.errors import GateClosedError, UnknownNameError, UsageError
from safelight.review.returns import edge_failures, return_facts, return_of
from safelight.routing.escapes import is_drawn
from safelight.routing.reasons import ReturnReason, reasons_in, reasons_named

NEEDED_REVIEWERS = {"high": 2}  # R5: high stakes need a second, different person
REVIEWER = Actor("person", "reviewer")

__all__ = ["approvers", "decide", "edge_failures", "find_file", "reviewers_needed", "same_person", "why_closed"]


def decide(
    batch: BatchState,
    file: FileState,
    decided: str,
    name: str,
    reason: str = "",
    how: str = OWN,
    marks: Sequence[str] = (),
    audit_share: float = 0.0,
) -> list[NewFact]:
    """Return the facts of one decision; nothing is written here.

    Parameters
    ----------
    batch, file : BatchState, FileState
        As the ledger tells them now.
    decided : {"approve", "revise", "reject", "reshoot"}
    name : str
        The person's name; a decision without a person is none.
    reason : str
        Needed for everything but ``approve`` (R151), unless `marks` says it.
    how : {"own", "sample", "release"}
        Whether the person looked at this file for itself, in a release's sample, or released it unseen.
    marks : sequence of str
        Codes of `safelight.routing.reasons`. Where none is marked, the words of `reason` give them away.
    audit_share : float, 0..1
        The share of all files that the random audit draws; a decision on a drawn one is a label, and says with which
        probability it was drawn.

    Returns
    -------
    list of NewFact
        The decision, and the approval when this was the last one it needed. What is sent back goes to the queue of
        the step and the person it came from (R155); an edge that fails a second time to a specialist (R4).

    Raises
    ------
    UsageError
        For an unknown decision, a missing name or reason.
    UnknownNameError
        For a mark that is not on the list.
    GateClosedError
        When an approval meets a failed gate 1, or there is nothing to decide on yet.
    """
    marked = _require_words(decided, name, reason, marks)
    if not file.version:
        raise GateClosedError(f"{file.path} has no version to decide on; it is {file.standing}")
    is_label = how != RELEASE and is_drawn(file.version, audit_share)
    audit: dict[str, float] = {"audit": audit_share} if is_label else {}
    if decided == "approve":
        _require_open(file)
        body: dict[str, object] = {"decided": decided, "reason": reason, "how": how, "reasons": [], **audit}
        facts = [NewFact(DECIDED, file.version, body, REVIEWER, batch.name, {"name": name})]
        if not file.approved and _is_last(file, name):
            facts.append(_approval(batch, file, name, how))
        return facts
    _require_not_approved(file, decided)
    told = marked or reasons_in(reason)
    said = reason.strip() or "; ".join(each.title for each in told)
    back = return_of(file, told, decided)
    return return_facts(batch, file, decided, name, said, how, told, back, audit, is_marked=bool(marked))


def reviewers_needed(file: FileState) -> int:
    """Return how many different people must approve: two for high stakes or an overridden verdict, else one."""
    by_stakes = NEEDED_REVIEWERS.get(file.sorted.get("stakes", ""), 1)
    return max(by_stakes, 2) if file.overrides else by_stakes


def approvers(file: FileState) -> set[str]:
    """Return who has approved this version and not sent it back since; one person counts once, however spelled."""
    told: dict[str, tuple[str, str]] = {}
    for each in file.decisions:
        told[_spelled(each.by)] = (each.by, each.decided)
    return {who for who, word in told.values() if word == "approve"}


def same_person(one: str, other: str) -> bool:
    """Say whether two names are one person's: case and spaces make no second reviewer.

    Examples
    --------
    >>> same_person("Ines Weber", " ines  weber"), same_person("Ines", "Tom")
    (True, False)
    """
    return _spelled(one) == _spelled(other)


def why_closed(file: FileState) -> str:
    """Say why a version can't be approved by anybody; "" if gate 2 is open for it."""
    if file.refused:
        return f"{file.path} is refused ({file.refused}): what can't be read is never overridden"
    if not file.version:
        return f"{file.path} has no version to decide on; it is {file.standing}"
    if file.scaffold:
        made = ", ".join(file.scaffold)
        return f"{file.path} holds a draft by {made}: a person must finish it first, and no override lifts that"
    if file.state == "experiment":
        return f"{file.path} is marked as an experiment and is never delivered: mark it as draft first"
    if file.routed.get("route") == "hold":
        why = "; ".join(each["text"] for each in file.routed.get("reasons", ()))
        return f"{file.path} is on hold and can't be approved: {why}"
    if file.open_failures:
        names = ", ".join(file.open_failures)
        return (
            f"{file.path} fails gate 1 ({names}) and can't be approved: decide revise, reject or reshoot, "
            "or let a lead override the verdict"
        )
    if not file.judged.get("verdicts"):
        return f"{file.path} has not been through gate 1 yet: run the shoot again"
    return ""


def _require_words(decided: str, name: str, reason: str, marks: Sequence[str]) -> tuple[ReturnReason, ...]:
    if decided not in DECISIONS:
        raise UsageError(f"decision is {decided!r}; it takes one of {', '.join(DECISIONS)}")
    if not name.strip():
        raise UsageError("a decision needs the name of a person: add --as NAME")
    marked = reasons_named(marks)
    if decided != "approve" and not reason.strip() and not marked:
        raise UsageError(f"{decided} needs a reason for whoever works on it next: add --reason TEXT or --mark REASON")
    if decided != "approve" and [each.code for each in marked] == ["other"] and not reason.strip():
        raise UsageError(f"{decided} is marked 'other', which says nothing by itself: add --reason TEXT")
    return marked


def _require_open(file: FileState) -> None:
    why = why_closed(file)
    if why:
        raise GateClosedError(why)


def _require_not_approved(file: FileState, decided: str) -> None:
    if file.deliveries:
        raise GateClosedError(
            f"{file.path} was delivered; {decided} on it is a client's return: safelight return, with who says so"
        )


def _approval(batch: BatchState, file: FileState, name: str, how: str) -> NewFact:
    others = sorted(each for each in approvers(file) if not same_person(each, name))
    body = {
        "master": file.made["blobs"]["master"],
        "how": how,
        "edit": file.made["edit_key"],
        "overrides": [
            {"check": each.check, "reason": each.reason, "measures": [dict(one) for one in each.measures]}
            for each in file.overrides
        ],
    }
    people = {"name": name} | {f"with_{n}": each for n, each in enumerate(others, start=1)}
    return NewFact(APPROVED, file.version, body, REVIEWER, batch.name, people)


def _is_last(file: FileState, name: str) -> bool:
    own = [each for each in file.decisions if not same_person(each.by, name) or each.how == RETURN]
    sent_back = [each for each in own if each.decided != "approve"]
    if sent_back:
        last = sent_back[-1]
        raise GateClosedError(
            f"{last.by} decided {last.decided} on this version ({last.reason}); it needs another version first"
        )
    people = {_spelled(each) for each in approvers(file)} | {_spelled(name)}
    return len(people) >= reviewers_needed(file)


def _spelled(name: str) -> str:
    return " ".join(name.split()).casefold()


def find_file(batch: BatchState, name: str) -> FileState:
    """Return the file called `name` in `batch`, by path or by base name.

    Raises
    ------
    UnknownNameError
        If there is none, or several share the base name.
    """
    found = batch.file_named(name)
    if found is not None:
        return found
    same = sorted(path for path in batch.files if path.rsplit("/", 1)[-1] == name)
    if same:
        raise UnknownNameError(f"batch {batch.name} has {len(same)} files called {name}; say which: {', '.join(same)}")
    some = ", ".join(sorted(batch.files)[:5])
    raise UnknownNameError(f"batch {batch.name} has no file {name!r}; it begins with: {some}")
