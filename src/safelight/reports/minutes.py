"""How long people worked on what: minutes from the events that they left, ended after two idle minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from safelight.core.batch import AMENDED, DECIDED, LOOKED, MADE, MARKED, OVERRIDDEN, OVERRULED, RETURN
from safelight.core.facts import Fact

IDLE_S = 120.0  # whoever leaves no event for so long has stopped
AMEND_ROOM = "amend"  # what was in use there was work, elsewhere it was looking
REVIEW = (DECIDED, OVERRIDDEN, MARKED, LOOKED)
LABOR = (AMENDED, OVERRULED)
WORDS = (*REVIEW, *LABOR)
TIMED = (*WORDS, MADE)  # what `minutes_by_asset` reads; without holders it learns from MADE whose a version is


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


@dataclass
class _Hours:
    """One person's time: spans (start, end) in seconds that are spoken for, apart and in order; and the last look."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    looked: tuple[str, float] = ("", 0.0)

    def take(self, start: float, end: float) -> float:
        """Speak for a span; return how much of it nothing had spoken for, in seconds."""
        free, low, high = max(0.0, end - start), start, end
        later: list[tuple[float, float]] = []
        while self.spans and self.spans[-1][1] >= start:
            first, last = self.spans.pop()
            if first > end:
                later.append((first, last))
                continue
            free -= max(0.0, min(last, end) - max(first, start))
            low, high = min(low, first), max(high, last)
        self.spans += [(low, high), *reversed(later)]
        return max(0.0, free)


def minutes_by_asset(facts: Iterable[Fact], holders: Mapping[str, str] | None = None) -> Mapping[str, Spent]:
    """Return the minutes that people spent on each asset.

    Parameters
    ----------
    facts : iterable of Fact
        Of `TIMED` kinds, oldest first, over all batches that count; those of a person count as events.
    holders : mapping of version to asset, optional
        Where it is known already, facts of `WORDS` are enough, which are a third of them and short.

    Notes
    -----
    Each event speaks for the time before it: a look for the seconds that its screen says it was in use, any other for
    `IDLE_S` at most, and for no more than what followed this person's last look at the very asset. No moment of a
    person is counted twice, so that nobody's minutes pass the clock's. What a client says of a delivered file opens it
    again and costs the studio no time. Names are only used to tell one hand from another; no sum by person leaves this
    function.

    Examples
    --------
    >>> minutes_by_asset([])
    {}
    """
    known = dict(holders or {})
    hours: dict[str, _Hours] = defaultdict(_Hours)
    sent_back: set[str] = set()
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for fact in facts:
        if fact.kind == MADE:
            known[fact.subject] = fact.body["asset"]
        who = fact.personal.get("name", "")
        if not who or fact.kind not in WORDS:
            continue
        asset = known.get(fact.subject, fact.subject)
        if not (fact.kind == DECIDED and fact.body.get("how") == RETURN):
            minutes = _taken(hours[who], asset, fact) / 60.0
            own = spent[asset]
            own[1 if _is_labor(fact) else 0] += minutes
            own[2] += minutes if asset in sent_back else 0.0
        if fact.kind == DECIDED and fact.body["decided"] != "approve":
            sent_back.add(asset)
    return {asset: Spent(*(round(each, 3) for each in own)) for asset, own in spent.items()}


def _taken(hours: _Hours, asset: str, fact: Fact) -> float:
    """Return the seconds that an event adds to its asset."""
    end = datetime.fromisoformat(fact.at.replace("Z", "+00:00")).timestamp()
    if fact.kind == LOOKED:
        hours.looked = (asset, end)
        return hours.take(end - float(fact.body.get("seconds", 0.0)), end)
    seen, at = hours.looked
    known = seen == asset and end - at <= IDLE_S
    return hours.take(max(at, end - IDLE_S) if known else end - IDLE_S, end)


def _is_labor(fact: Fact) -> bool:
    return fact.kind in LABOR or (fact.kind == LOOKED and fact.body.get("room") == AMEND_ROOM)
