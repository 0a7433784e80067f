"""Put decisions into the ledger, and say them in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.batch import APPROVED, ROUTED, BatchState, FileState
from safelight.core.facts import NewFact
from safelight.core.fold import after
from safelight.media.names import display_name
from safelight.review.decide import approvers, decide, find_file, reviewers_needed
from safelight.review.override import mark, override
from safelight.review.products import decide_product
from safelight.review.release import ReleasePlan
from safelight.review.reopen import client_return
from safelight.workflows.product_board import ProductState

if TYPE_CHECKING:
    from safelight.store import Store

Line = dict[str, Any]


def record_decisions(
    store: Store,
    batch: BatchState,
    files: Iterable[str],
    decided: str,
    name: str,
    reason: str,
    marks: Sequence[str] = (),
    audit_share: float = 0.0,
    also: Sequence[NewFact] = (),
) -> list[Line]:
    """Record a decision on each file, all or none, and return a line a file; `also` is written with it or not at all.

    Raises
    ------
    UsageError, UnknownNameError, GateClosedError
        As `decide`; then nothing was recorded.
    """
    found = {each.path: each for each in (find_file(batch, name) for name in files)}
    made = [
        (each, decide(batch, each, decided, name, reason, marks=marks, audit_share=audit_share))
        for each in found.values()
    ]
    return _record(store, made, decided, name, also)


def record_product_decision(
    store: Store,
    batch: BatchState,
    product: ProductState,
    decided: str,
    name: str,
    reason: str,
    marks: Sequence[str] = (),
    views: Sequence[str] = (),
    audit_share: float = 0.0,
    also: Sequence[NewFact] = (),
) -> list[Line]:
    """Record one decision on a product's views, all or none, and return a line a file; see `decide_product`."""
    made = decide_product(batch, product, decided, name, reason, marks, views, audit_share)
    return _record(store, made, decided, name, also)


def record_override(store: Store, batch: BatchState, file: str, check: str, name: str, reason: str) -> Line:
    """Record a lead's override of a verdict and return the line that says so; see `override`."""
    found = find_file(batch, file)
    facts = override(batch, found, check, name, reason)
    store.ledger.append(facts)
    measures = ", ".join(
        f"{each['name']} {each['value']:g} {each['unit']}".strip()
        for each in facts[0].body["measures"]
        if each["value"] is not None
    )
    said = (
        f"{check} stays a fail ({measures or 'not measured'}), overridden by {name}: {reason.strip()}; "
        "two different people must approve it now"
    )
    return {"file": found.path, "check": check, "by": name, "version": found.version, "said": said}


def record_return(
    store: Store, batch: BatchState, file: str, name: str, reason: str, marks: Sequence[str] = ()
) -> Line:
    """Record a client's return and return the line that says so; see `client_return`."""
    found = find_file(batch, file)
    facts = client_return(batch, found, name, reason, marks)
    written = store.ledger.append(facts)
    return _line(found, after(found, written), facts, "revise", name)


def record_mark(store: Store, batch: BatchState, file: str, state: str, name: str, reason: str) -> Line:
    """Record that a version is an experiment, or a draft again; see `mark`."""
    found = find_file(batch, file)
    store.ledger.append(mark(batch, found, state, name, reason))
    said = f"version {found.version} is {'an experiment' if state == 'experiment' else 'a draft'}, says {name}"
    return {"file": found.path, "version": found.version, "state": state, "by": name, "said": said}


def _record(
    store: Store,
    made: Sequence[tuple[FileState, list[NewFact]]],
    decided: str,
    name: str,
    also: Sequence[NewFact] = (),
) -> list[Line]:
    written = store.ledger.append([*(fact for _, own in made for fact in own), *also])
    return [_line(file, after(file, written), own, decided, name) for file, own in made]


def _line(before: FileState, now: FileState, facts: Sequence[NewFact], decided: str, name: str) -> Line:
    said = f"{decided} by {name}"
    last = now.decisions[-1] if now.decisions else None
    if decided == "approve" and not any(each.kind == APPROVED for each in facts) and not before.approved:
        missing = reviewers_needed(now) - len(approvers(now))
        said += f"; needs {missing} more reviewer, another person" if missing > 0 else ""
    back = dict(last.returned) if last is not None and decided != "approve" else {}
    if back:
        said += f"; goes to {back['queue'].replace('_', ' ')}"
        said += f", step {back['step']}" if back.get("step") else ""
        said += f", back to {back['to']}" if back.get("to") else ""
        said += "; the edge failed again, a specialist cuts it" if any(each.kind == ROUTED for each in facts) else ""
    line = {"file": before.path, "decided": decided, "by": name, "standing": now.standing, "said": said}
    line |= {"version": before.version, "queue": now.queue, "step": back.get("step", ""), "to": back.get("to", "")}
    return line | {"reasons": list(last.reasons) if last is not None else [], "name": display_name(before.path)}


def release_lines(plan: ReleasePlan, folder: Path) -> list[Line]:
    """Return what a release covers: the sample with the reason each was drawn, then the counts."""
    lines: list[Line] = []
    closely = [each for each in plan.sample if each.closely]
    if plan.sample:
        text = (
            f"Sample of {len(closely)} from {len(plan.members)} files that are spared their own look; "
            f"see them at 100 and 200 % in {folder / 'report.html'}:"
        )
        lines.append({"text": text, "sample": len(plan.sample), "members": len(plan.members)})
    for each in plan.sample:
        if not each.closely and closely:
            count, closely = len(plan.sample) - len(closely), []
            lines.append({"text": f"{count} more that their kind is not vouched for yet, each as before an approval:"})
        text = f"  {each.file.path}: {each.why}"
        lines.append({"text": text, "file": each.file.path, "why": each.why, "version": each.file.version})
    for file in plan.held_by:
        lines.append({"text": f"held: {file.path} was sent back", "file": file.path, "held": True})
    if plan.approved:
        text = f"{len(plan.approved)} files with an approval of their own leave at the same time"
        lines.append({"text": text, "approved": len(plan.approved)})
    return lines
