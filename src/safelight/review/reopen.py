"""After delivery: a client's return reopens a file."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.batch import RETURN, BatchState, FileState
from safelight.core.facts import NewFact
from safelight.errors import GateClosedError, UsageError
from safelight.review.returns import return_facts, return_of
from safelight.routing.reasons import reasons_in, reasons_named


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
