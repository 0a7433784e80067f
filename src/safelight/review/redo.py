"""Have one step of a version done again, with notes: back to that step's queue, the machine's own numbers in it."""

from __future__ import annotations

from safelight.core.batch import BatchState, FileState
from safelight.core.facts import NewFact
from safelight.errors import UnknownNameError, UsageError
from safelight.review.amend import amend
from safelight.review.decide import decide
from safelight.review.returns import task_of
from safelight.routing.reasons import reasons_in, return_reasons


def redo(
    batch: BatchState, file: FileState, step: str, name: str, reason: str, audit_share: float = 0.0
) -> list[NewFact]:
    """Return the facts of having a step done again; nothing is written here.

    Parameters
    ----------
    batch, file : BatchState, FileState
        As the ledger tells them now.
    step : str
        A step of the version's edit.
    name, reason : str
        Who asks, and what shall be otherwise. Words that give a reason of this step away mark it.
    audit_share : float, 0..1
        As for `decide`.

    Returns
    -------
    list of NewFact
        A ``revise`` marked with a reason of the step, which sends it to the step's queue and to the person who set it
        last; and where a person's numbers stand in the step of a version that is not approved, that they are taken
        back, so that the step proposes again.

    Raises
    ------
    UnknownNameError
        If the edit has no such step; names those it has.
    UsageError
        Without name or reason, or for a step that nobody is sent back to.
    GateClosedError
        As `decide`.
    """
    steps = [each["step"] for each in file.made.get("edit", {}).get("steps", ())]
    if step not in steps:
        raise UnknownNameError(f"{file.path} has no step {step!r}; its edit has: {', '.join(steps) or 'none'}")
    own = [each for each in return_reasons().values() if each.task and each.task == task_of(step)]
    if not own:
        sent = [
            each for each in steps if any(one.task and one.task == task_of(each) for one in return_reasons().values())
        ]
        raise UsageError(f"no reason sends a file back to {step}; of its steps these take it: {', '.join(sent)}")
    told = [each for each in reasons_in(reason) if each in own] or own[:1]
    facts = decide(batch, file, "revise", name, reason, marks=[each.code for each in told], audit_share=audit_share)
    if step in file.amended and not file.approved:
        facts += amend(batch, file, step, {}, name, reason)
    return facts
