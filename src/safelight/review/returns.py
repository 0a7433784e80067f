"""Where a version goes that did not pass: to the queue of the step and the person it came from (R155)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.batch import DECIDED, ROUTED, BatchState, FileState
from safelight.core.facts import Actor, NewFact
from safelight.plugins import step_named, step_names
from safelight.routing.policy import EDGE_FAILURES_TO_SPECIALIST, EDGE_QUEUE
from safelight.routing.reasons import ReturnReason

REVIEWER = Actor("person", "reviewer")
RESHOOT_QUEUE = "reshoot"


@dataclass(frozen=True)
class Returned:
    """Where it goes: a queue, the step that made what is wrong, and the person who set that step last.

    `step` and `person` are "" where no step of the edit is to blame, or no person ever touched it.
    """

    queue: str
    step: str = ""
    person: str = ""


def return_of(file: FileState, reasons: Sequence[ReturnReason], decided: str = "revise") -> Returned:
    """Return where a version goes that is sent back for `reasons`; the first one leads.

    Parameters
    ----------
    file : FileState
    reasons : sequence of ReturnReason, at least one
    decided : str
        ``reshoot`` goes to the set's list, whatever the reason.
    """
    first = reasons[0]
    steps = [each["step"] for each in file.made.get("edit", {}).get("steps", ())]
    step = next((each for each in (*steps, *file.amended) if first.task and task_of(each) == first.task), "")
    person = str(file.amended[step]["by"]) if step in file.amended else ""
    if decided == "reshoot":
        return Returned(RESHOOT_QUEUE, step)
    if first.code == "other":
        return Returned(str(file.routed.get("queue") or first.queue), step, person)
    return Returned(first.queue, step, person)


def task_of(step: str) -> str:
    """Return a step's row of the reliability map; "" for a step that is not installed any more."""
    return step_named(step).task if step in step_names() else ""


def edge_failures(file: FileState) -> int:
    """Return how many versions of this file had an edge that failed at a gate; an override does not reset it (R4)."""
    return len(file.edge_failed)


def return_facts(
    batch: BatchState,
    file: FileState,
    decided: str,
    name: str,
    reason: str,
    how: str,
    reasons: Sequence[ReturnReason],
    back: Returned,
    audit: Mapping[str, float],
    *,
    is_marked: bool,
) -> list[NewFact]:
    """Return the facts of sending a version back: the decision, and its new route if its edge failed again."""
    is_edge = any(each.edge for each in reasons)
    failures = len({*file.edge_failed, file.version}) if is_edge else 0
    specialist = failures >= EDGE_FAILURES_TO_SPECIALIST and decided == "revise"
    body: dict[str, Any] = {
        "decided": decided,
        "reason": reason,
        "reasons": [each.code for each in reasons],
        "marked": is_marked,
        "how": how,
        "edge": is_edge,
        "return": {"queue": EDGE_QUEUE if specialist else back.queue, "step": back.step},
        **audit,
    }
    people = {"name": name} | ({"to": back.person} if back.person and not specialist else {})
    facts = [NewFact(DECIDED, file.version, body, REVIEWER, batch.name, people)]
    if specialist and file.routed.get("route") not in ("specialist", "hold"):
        facts.append(NewFact(ROUTED, file.version, _to_specialist(file, failures), batch=batch.name))
    return facts


def _to_specialist(file: FileState, failures: int) -> dict[str, Any]:
    said = f"the edge failed {failures} times; from {EDGE_FAILURES_TO_SPECIALIST} on a specialist cuts it"
    reason = {"code": "edge_failed_again", "text": said, "values": {"failures": float(failures)}, "doubt": True}
    reasons = [reason, *file.routed.get("reasons", ())]
    return dict(file.routed) | {"route": "specialist", "queue": EDGE_QUEUE, "reasons": reasons}
