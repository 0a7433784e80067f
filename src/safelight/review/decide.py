"""Gate 2: what a person may say of a version, and the facts that follow from it."""

from __future__ import annotations

from safelight.core.batch import APPROVED, DECIDED, BatchState, FileState
from safelight.core.facts import DECISIONS, Actor, NewFact
from safelight.errors import GateClosedError, UnknownNameError, UsageError

NEEDED_REVIEWERS = {"high": 2}  # R5: high stakes need a second, different person


def decide(
    batch: BatchState, file: FileState, decided: str, name: str, reason: str = "", how: str = "own"
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
        Needed for everything but ``approve`` (R151).
    how : {"own", "sample"}
        Whether the person looked at this file for itself or in a release's sample.

    Returns
    -------
    list of NewFact
        The decision, and the approval when this was the last one it needed.

    Raises
    ------
    UsageError
        For an unknown decision, a missing name or reason.
    GateClosedError
        When an approval meets a failed gate 1, or there is nothing to decide on yet.
    """
    if decided not in DECISIONS:
        raise UsageError(f"decision is {decided!r}; it takes one of {', '.join(DECISIONS)}")
    if not name.strip():
        raise UsageError("a decision needs the name of a person: add --as NAME")
    if decided != "approve" and not reason.strip():
        raise UsageError(f"{decided} needs a reason for whoever works on it next: add --reason TEXT")
    if not file.version:
        raise GateClosedError(f"{file.path} has no version to decide on; it is {file.standing}")
    if decided == "approve":
        _require_gate_1(file)
    body = {"decided": decided, "reason": reason, "how": how}
    facts = [NewFact(DECIDED, file.version, body, Actor("person", "reviewer"), batch.name, {"name": name})]
    if decided == "approve" and not file.approved and _is_last(file, name):
        master = file.made["blobs"]["master"]
        approval = {"master": master, "how": how, "edit": file.made["edit_key"]}
        facts.append(NewFact(APPROVED, file.version, approval, Actor("person", "reviewer"), batch.name, {"name": name}))
    return facts


def reviewers_needed(file: FileState) -> int:
    """Return how many different people must approve: two for high stakes, else one."""
    return NEEDED_REVIEWERS.get(file.sorted.get("stakes", ""), 1)


def approvers(file: FileState) -> set[str]:
    """Return who has approved this version and not sent it back since."""
    told: dict[str, str] = {}
    for each in file.decisions:
        told[each.by] = each.decided
    return {who for who, word in told.items() if word == "approve"}


def edge_failures(file: FileState) -> int:
    """Return how often the edge of this file was sent back or failed its check (R4)."""
    sent = [each for each in (*file.past_decisions, *file.decisions) if each.decided == "revise"]
    failed = any(v["check"] == "halo" and v["word"] == "fail" for v in file.judged.get("verdicts", ()))
    return sum("edge" in each.reason.lower() for each in sent) + failed


def _is_last(file: FileState, name: str) -> bool:
    sent_back = [each for each in file.decisions if each.decided != "approve" and each.by != name]
    if sent_back:
        last = sent_back[-1]
        raise GateClosedError(
            f"{last.by} decided {last.decided} on this version ({last.reason}); it needs another version first"
        )
    return len(approvers(file) | {name}) >= reviewers_needed(file)


def _require_gate_1(file: FileState) -> None:
    if file.routed.get("route") == "hold":
        why = "; ".join(each["text"] for each in file.routed.get("reasons", ()))
        raise GateClosedError(f"{file.path} is on hold and can't be approved: {why}")
    failed = [each["check"] for each in file.judged.get("verdicts", ()) if each["word"] == "fail"]
    if failed:
        raise GateClosedError(
            f"{file.path} fails gate 1 ({', '.join(failed)}) and can't be approved: decide revise, reject or reshoot"
        )
    if not file.passes_gate_1:
        raise GateClosedError(f"{file.path} has not been through gate 1 yet: run the shoot again")


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
