"""What people said of earlier work, by task and category: the recorded answer to "done well before?" (R30)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from safelight.core.batch import DECIDED, ROUTED
from safelight.core.facts import Fact
from safelight.routing.checklist import Outcomes


def recorded_outcomes(facts: Iterable[Fact]) -> Mapping[tuple[str, str], Outcomes]:
    """Count decided versions by (task, category); a version counts as approved if nobody sent it back.

    Parameters
    ----------
    facts : ``version.routed`` and ``decision.made`` of all batches, oldest first
        Decisions made for a whole batch by its sample count for the sampled files alone: nobody looked at the others.
    """
    made: dict[str, tuple[str, tuple[str, ...]]] = {}
    words: dict[str, bool] = {}
    for fact in facts:
        if fact.kind == ROUTED:
            made[fact.subject] = (fact.body.get("category", "unknown"), tuple(fact.body.get("tasks", ())))
        elif fact.kind == DECIDED and fact.body.get("how") != "release":
            words[fact.subject] = words.get(fact.subject, True) and fact.body["decided"] == "approve"
    seen, approved = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for version, good in words.items():
        category, tasks = made.get(version, ("unknown", ()))
        for task in tasks:
            seen[task, category] += 1
            approved[task, category] += good
    return {key: Outcomes(seen[key], approved[key]) for key in seen}
