"""A lead's override of one verdict of one version: it opens gate 2, and hides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.batch import MARKED, OVERRIDDEN, BatchState, FileState, verdict_key
from safelight.core.facts import Actor, NewFact
from safelight.errors import GateClosedError, UnknownNameError, UsageError

LEAD = Actor("person", "lead")
COLOR_CHECK = "color_difference"  # R1: its measured ΔE00 stands on the manifest
STATES = ("draft", "experiment")
# What people may take for a verdict, and what to say to them: no override reaches these.
_NEVER: Mapping[str, str] = {
    "draft": "a draft is finished by a person, not overridden",
    "gate 2": "gate 2 is people: no override stands for their look",
    "second reviewer": "high stakes and overrides need two different people: no override stands for the second",
    "unreadable": "what can't be read is never overridden",
}


def override(batch: BatchState, file: FileState, check: str, name: str, reason: str) -> list[NewFact]:
    """Return the fact of one override; nothing is written here.

    Parameters
    ----------
    batch, file : BatchState, FileState
    check : str
        The failed check whose verdict on this version is overridden.
    name : str
        The lead's name.
    reason : str
        Why; it is shown at gate 2 and stands on the manifest.

    Returns
    -------
    list of NewFact
        The verdict stays ``fail``; what was measured stands in the fact. The version needs two different approvers
        from now on. Judged anew with another outcome, the override lapses.

    Raises
    ------
    UsageError
        For a missing name or reason, or what no override reaches.
    UnknownNameError
        For a check that never judged this version.
    GateClosedError
        For a verdict that does not fail, a draft, a file on hold or without a version, and one approved already.
    """
    if not name.strip():
        raise UsageError("an override needs the name of a lead: add --as NAME")
    if not reason.strip():
        raise UsageError("an override needs a reason, which gate 2 and the manifest show: add --reason TEXT")
    if check.replace("_", " ") in _NEVER:
        raise UsageError(f"{check} can't be overridden: {_NEVER[check.replace('_', ' ')]}")
    _require_reachable(file)
    verdict = _verdict_of(file, check)
    measures = [_measured(each) for each in verdict.get("measures") or () if each["word"] == "fail"]
    if check == COLOR_CHECK and not any(each["value"] is not None for each in measures):
        raise GateClosedError(f"{file.path}: no color difference was measured, so there is nothing to answer for")
    body = {"check": check, "verdict": verdict_key(verdict), "reason": reason.strip(), "measures": measures}
    return [NewFact(OVERRIDDEN, file.version, body, LEAD, batch.name, {"name": name})]


def mark(batch: BatchState, file: FileState, state: str, name: str, reason: str) -> list[NewFact]:
    """Return the fact that a version is an experiment, or a draft again: experiments are never learned from (R130).

    Raises
    ------
    UsageError
        For another state, a missing name or reason.
    GateClosedError
        For a file without a version, or an approved one.
    """
    if state not in STATES:
        raise UsageError(f"state is {state!r}; it takes one of {', '.join(STATES)}: approving is a decision")
    if not name.strip():
        raise UsageError("a mark needs the name of a person: add --as NAME")
    if not reason.strip():
        raise UsageError("a mark needs a reason: add --reason TEXT")
    if not file.version:
        raise GateClosedError(f"{file.path} has no version to mark; it is {file.standing}")
    if file.approved:
        raise GateClosedError(f"{file.path} was approved by {file.approved['by']}, which freezes its pixels")
    return [NewFact(MARKED, file.version, {"state": state, "reason": reason.strip()}, LEAD, batch.name, {"name": name})]


def _require_reachable(file: FileState) -> None:
    if file.refused:
        raise GateClosedError(f"{file.path} can't be read ({file.refused}): that is never overridden")
    if not file.version:
        raise GateClosedError(f"{file.path} has no version whose verdict could be overridden; it is {file.standing}")
    if file.scaffold:
        made = ", ".join(file.scaffold)
        raise GateClosedError(f"{file.path} holds a draft by {made}: a draft mark is never overridden")
    if file.approved:
        raise GateClosedError(f"{file.path} was approved by {file.approved['by']}: there is nothing to override")


def _verdict_of(file: FileState, check: str) -> Mapping[str, Any]:
    verdicts = file.judged.get("verdicts") or ()
    found: Mapping[str, Any] | None = next((each for each in verdicts if each["check"] == check), None)
    if found is None:
        known = ", ".join(each["check"] for each in verdicts) or "none"
        raise UnknownNameError(
            f"no check called {check!r} judged {file.path}; these did: {known}. "
            "A channel's own rules are judged at delivery, and its musts are never overridden"
        )
    if found["word"] != "fail":
        raise GateClosedError(f"check {check} says {found['word']} of {file.path}: only a fail is overridden")
    return found


def _measured(measure: Mapping[str, Any]) -> dict[str, Any]:
    return {key: measure.get(key) for key in ("name", "value", "unit", "limit", "direction")}
