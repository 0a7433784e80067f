"""How long people worked on what: minutes from the events that they left, ended after two idle minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from safelight.core.batch import AMENDED, DECIDED, MADE, MARKED, OVERRIDDEN, OVERRULED, SEEN
from safelight.core.facts import Fact

IDLE_S = 120.0  # whoever leaves no event for so long has stopped
REVIEW = (DECIDED, OVERRIDDEN, MARKED)
LABOR = (AMENDED, OVERRULED)


@dataclass(frozen=True)
class Spent:
    """Minutes of people on one asset: looking, working, and how much of both came after it was first sent back."""

    review: float = 0.0
    labor: float = 0.0
    rework: float = 0.0

    @property
    def total(self) -> float:
        """Looking and working together."""
        return self.review + self.labor


def minutes_by_asset(facts: Iterable[Fact]) -> Mapping[str, Spent]:
    """Return the minutes that people spent on each asset.

    Parameters
    ----------
    facts : iterable of Fact
        Of one or more batches, oldest first; those of a person count as events.

    Notes
    -----
    Before each event lies the time since the same person's event before it, at most `IDLE_S`: it is spent on what the
    event is about. Names are only used to tell one hand from another; no sum by person leaves this function.

    Examples
    --------
    >>> minutes_by_asset([])
    {}
    """
    holders: dict[str, str] = {}
    last: dict[str, datetime] = {}
    sent_back: set[str] = set()
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for fact in facts:
        if fact.kind == MADE:
            holders[fact.subject] = fact.body["asset"]
        who = fact.personal.get("name", "")
        if fact.kind == SEEN or not who or fact.kind not in (*REVIEW, *LABOR):
            continue
        at = datetime.fromisoformat(fact.at.replace("Z", "+00:00"))
        gap = (at - last[who]).total_seconds() if who in last else IDLE_S
        last[who] = at
        minutes = max(0.0, min(gap, IDLE_S)) / 60.0
        asset = holders.get(fact.subject, fact.subject)
        own = spent[asset]
        own[0 if fact.kind in REVIEW else 1] += minutes
        own[2] += minutes if asset in sent_back else 0.0
        if fact.kind == DECIDED and fact.body["decided"] != "approve":
            sent_back.add(asset)
    return {asset: Spent(*(round(each, 3) for each in own)) for asset, own in spent.items()}
