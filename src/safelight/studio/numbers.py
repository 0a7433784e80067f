"""The floor's numbers: KPIs, rates, keyword outliers, and a batch's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.studio.guides import (
    asked_of,
    guide_of,
    lanes_of,
    source_minutes_of,
)
from safelight.studio.queues import QueueVerbs
from safelight.studio.said import OWNER, Done, Numbers

if TYPE_CHECKING:
    from safelight.core.batch import BatchState
    from safelight.reports.kpi import Kpi, Rates


class NumberVerbs(QueueVerbs):
    """The verbs about numbers."""

    def numbers(self, batches: Sequence[str] = (), now: str = "") -> Numbers:
        """Return the floor's numbers by category, over some batches or all."""
        from datetime import UTC, datetime

        from safelight.core.batch import OPENED
        from safelight.reports.kpi import measure
        from safelight.reports.kpi_table import kpi_csv, kpi_line, kpi_text
        from safelight.reports.minutes import WORDS, minutes_by_asset

        names = list(batches) or sorted({each.subject for each in self.store.ledger.iterate(kind=OPENED)})
        for each in names:
            self._may(OWNER, "report", each)
        states = [self._counted(each) for each in names]
        held = {version: file.asset for each in states for file in each.files.values() for version in file.versions}
        at = now or datetime.now(UTC).isoformat()
        # In the order in which they happened: people go from batch to batch, and no minute of theirs counts twice.
        wanted, rates = frozenset(names), self.rates()
        facts = (each for each in self.store.ledger.iterate(kind=WORDS) if each.batch in wanted)
        lanes = _lanes_of_all(states)
        found = measure(states, minutes_by_asset(facts, held), at, self.calendar(), rates, lanes)
        return Numbers([kpi_line(each) for each in found], kpi_text(found, rates.currency), kpi_csv(found))

    def _counted(self, batch: str) -> BatchState:
        """Return what is counted of a batch's files, from the rows of where they stand and not from all its facts."""
        from safelight.reports.kpi import counted
        from safelight.store.floor import Floor

        return Floor(self.store.ledger.database).states(batch, counted) or self.state(batch)

    def keyword_outliers(self, days: int) -> list[dict[str, Any]]:
        """Return the words of originals that deliveries of the last days left out, since no guide's list has them."""
        from contextlib import suppress
        from datetime import UTC, datetime, timedelta

        from safelight.core.batch import DELIVERED
        from safelight.errors import UsageError
        from safelight.reports.keywords import keyword_outliers

        self._may(OWNER, "view")
        facts = self.store.ledger.facts(kind=DELIVERED)
        lists: dict[str, Sequence[str]] = {}
        for batch in {fact.batch for fact in facts}:
            with suppress(UsageError):  # a guide that is gone or changed since: its words are told without a list
                lists[batch] = guide_of(self.state(batch)).sidecars.keywords
        since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        return keyword_outliers(facts, since, lists)

    def rates(self) -> Rates:
        """Return the studio's rates and its baseline from before."""
        from safelight.reports.rates import RATED, read_rates

        return read_rates(self.store.ledger.iterate(kind=RATED))

    def rates_line(self) -> dict[str, Any]:
        """Say the rates and the baseline."""
        from safelight.reports.rates import RATED, rates_history, rates_text

        self._may(OWNER, "report")
        rates, history = self.rates(), rates_history(self.store.ledger.iterate(kind=RATED))
        return vars(rates) | {"baseline_min": dict(rates.baseline_min), "said": rates_text(rates), "history": history}

    def set_rates(
        self,
        review_h: float | None,
        labor_h: float | None,
        currency: str,
        baseline: Sequence[Sequence[str]],
        name: str,
    ) -> dict[str, Any]:
        """Record rates or a baseline; what is not given stays."""
        from safelight.reports.rates import set_rates

        self._may(Actor("person", name), "accept")
        self.store.ledger.append(set_rates(review_h, labor_h, currency, baseline, name))
        return self.rates_line()

    def report(self, batch: str, out: Path) -> Done:
        """Write proofs and page of a batch and say what was delivered, what waits and why."""
        self._may(OWNER, "report", batch)
        return self._told(batch, out, None)

    def _told(self, batch: str, out: Path, lines: Sequence[Mapping[str, Any]] | None) -> Done:
        from safelight.reports.build import build_report
        from safelight.reports.lines import run_lines
        from safelight.reports.write import write_report
        from safelight.runs.proofs import write_proofs

        state = self.state(batch)
        folder = out / batch
        proofs = write_proofs(self.store, state, folder / "proofs")
        kpis, minutes = self._kpis_of(state), source_minutes_of(state)
        report = build_report(self.store, state, *asked_of(state), kpis=kpis, minutes=minutes)
        summary = write_report(report, folder)
        refused = sum(bool(each.refused) for each in state.files.values())
        return Done(run_lines(state, proofs) if lines is None else lines, summary, refused)

    def _kpis_of(self, state: BatchState) -> list[Kpi]:
        """Return a batch's numbers as of its last fact: a page that tells the same stays the same."""
        from safelight.reports.kpi import measure
        from safelight.reports.minutes import TIMED, minutes_by_asset

        facts = self.store.ledger.iterate(kind=TIMED, batch=state.name)
        lanes = {state.name: lanes_of(state)}
        return measure([state], minutes_by_asset(facts), state.last_at, self.calendar(), self.rates(), lanes)


def _lanes_of_all(states: Sequence[BatchState]) -> dict[str, Mapping[str, str]]:
    """Return the lanes of each batch's guide, each guide read once."""
    guides: dict[str, Mapping[str, str]] = {}
    found = {}
    for each in states:
        guide = repr([each.opened.get(name) for name in ("guide", "guide_key", "guide_path", "guide_text")])
        if guide not in guides:
            guides[guide] = lanes_of(each)
        found[each.name] = guides[guide]
    return found
