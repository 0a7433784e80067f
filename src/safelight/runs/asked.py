"""Long work that somebody asked for, as the ledger knows it: a server that was ended takes it up when it starts."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from safelight.core.facts import SYSTEM, Actor, Fact, NewFact

ASKED = "work.asked"  # job: what, folder, guide, workflow, seen; personal: name
ENDED = "work.ended"  # job: state (done, failed)
KINDS = (ASKED, ENDED)


@dataclass(frozen=True)
class AskedWork:
    """A piece of long work.

    Parameters
    ----------
    job : str
        Its id, which it keeps over a restart.
    what : {"run", "repaint", "release", "deliver"}
    batch : str
        "" for a run of a shoot that has none yet.
    by : str
        Who asked.
    folder, guide, workflow : str
        What a run takes; empty for the others.
    seen : str
        The ETag of the plan that a release was asked for with.
    seq : int
        The number of its fact.
    adopt : bool
        Whether a run takes its guide for a batch that was worked under another.
    """

    job: str
    what: str
    batch: str
    by: str
    folder: str = ""
    guide: str = ""
    workflow: str = ""
    seq: int = 0
    seen: str = ""
    adopt: bool = False


def new_job() -> str:
    """Return the id of a new piece of work."""
    return secrets.token_hex(6)


def asked_fact(work: AskedWork) -> NewFact:
    """Return the fact that work was asked for: it is written before anybody is told that it will be done."""
    body = {"what": work.what, "folder": work.folder, "guide": work.guide, "workflow": work.workflow}
    if work.seen:
        body["seen"] = work.seen
    if work.adopt:
        body["adopt"] = "yes"
    return NewFact(ASKED, work.job, body, Actor("person", work.by), work.batch, {"name": work.by})


def ended_fact(work: AskedWork, state: str) -> NewFact:
    """Return the fact that work came to its end, good or bad."""
    return NewFact(ENDED, work.job, {"state": state}, SYSTEM, work.batch)


def unfinished(facts: Iterable[Fact]) -> list[AskedWork]:
    """Return the work that was asked for and never ended, in the order in which it was asked for."""
    found: dict[str, AskedWork] = {}
    for each in facts:
        if each.kind == ASKED:
            found[each.subject] = _work_of(each.subject, each.batch, each.body, each.personal.get("name", ""), each.seq)
        elif each.kind == ENDED:
            found.pop(each.subject, None)
    return list(found.values())


def _work_of(job: str, batch: str, body: Mapping[str, str], by: str, seq: int) -> AskedWork:
    seen = body.get("seen", "")
    return AskedWork(
        job,
        body["what"],
        batch,
        by,
        body["folder"],
        body["guide"],
        body["workflow"],
        seq,
        seen,
        bool(body.get("adopt")),
    )
