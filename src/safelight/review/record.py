"""Put decisions into the ledger, and say them in words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.batch import APPROVED, BatchState, read_batch
from safelight.review.decide import approvers, decide, find_file, reviewers_needed
from safelight.review.release import ReleasePlan

if TYPE_CHECKING:
    from safelight.store import Store


def record_decisions(
    store: Store, batch: BatchState, files: Iterable[str], decided: str, name: str, reason: str
) -> list[dict[str, Any]]:
    """Record a decision on each file, all or none, and return a line a file.

    Raises
    ------
    UsageError, UnknownNameError, GateClosedError
        As `decide`; then nothing was recorded.
    """
    found = [find_file(batch, each) for each in files]
    facts = [decide(batch, each, decided, name, reason) for each in found]
    store.ledger.append([fact for each in facts for fact in each])
    after = read_batch(batch.name, store.ledger.facts(batch=batch.name))
    lines = []
    for file, own in zip(found, facts, strict=True):
        now = after.files[file.path]
        said = f"{decided} by {name}"
        if decided == "approve" and not any(each.kind == APPROVED for each in own) and not file.approved:
            missing = reviewers_needed(now) - len(approvers(now))
            said += f"; needs {missing} more reviewer, another person" if missing > 0 else ""
        lines.append({"file": file.path, "decided": decided, "by": name, "standing": now.standing, "said": said})
    return lines


def release_lines(plan: ReleasePlan, folder: Path) -> list[dict[str, Any]]:
    """Return what a release covers: the sample with the reason each was drawn, then the counts."""
    lines: list[dict[str, Any]] = []
    if plan.sample:
        text = (
            f"Sample of {len(plan.sample)} from {len(plan.members)} files that are spared their own look; "
            f"see them at 100 and 200 % in {folder / 'report.html'}:"
        )
        lines.append({"text": text, "sample": len(plan.sample), "members": len(plan.members)})
    for each in plan.sample:
        text = f"  {each.file.path}: {each.why}"
        lines.append({"text": text, "file": each.file.path, "why": each.why, "version": each.file.version})
    for file in plan.held_by:
        lines.append({"text": f"held: {file.path} was sent back", "file": file.path, "held": True})
    if plan.approved:
        text = f"{len(plan.approved)} files with an approval of their own leave at the same time"
        lines.append({"text": text, "approved": len(plan.approved)})
    return lines
