"""What a desk tells of people's time and of what it costs: how long a screen was in use, and the studio's rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from safelight.access import EVERYWHERE
from safelight.core.batch import LOOKED
from safelight.core.facts import Actor, NewFact
from safelight.house.seat import Seat
from safelight.store.unchanged import last_number, unless_said

REVIEWER = Actor("person", "reviewer")  # who it was stands beside the fact


class TimeVerbs(Seat):
    """The verbs about time and rates."""

    def looked_on(self, ref: str, seconds: float, room: str) -> None:
        """Record how long the caller's screen was in use on a file; it changes nothing of where the file stands."""
        row = self.row(ref, "claim")
        body = {"path": row.state.path, "version": row.state.version, "room": room, "seconds": round(seconds, 1)}
        self.ledger.append([NewFact(LOOKED, row.state.asset, body, REVIEWER, row.batch, {"name": self.name})])

    def tell_fetched_figures(self) -> None:
        """Record that the caller took the figures out of the house as a table."""
        self._fetched("", "figures")

    def rates_etag(self) -> str:
        """Return the ETag of the rates in force."""
        from safelight.reports.rates import RATED

        return str(last_number(self.house.store.ledger.facts(kind=RATED)))

    def set_rates_on(
        self,
        etag: str,
        review_h: float | None,
        labor_h: float | None,
        currency: str,
        baseline: Sequence[tuple[str, str]],
    ) -> dict[str, Any]:
        """Set rates or a baseline where they are those that were seen; what is not given stays."""
        from safelight.reports.rates import RATED

        self.me.require("accept", EVERYWHERE)
        self._expect({}, look=unless_said(etag, [RATED], what="the studio's rates"))
        return self.set_rates(review_h, labor_h, currency, baseline, self.name)
