"""A batch leaves: what a release covers, what of its sample somebody was shown, and the release itself."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from safelight.errors import MissingError
from safelight.house.deciding import DecidingVerbs
from safelight.house.seat import Shown
from safelight.review import looks
from safelight.review.release import ReleasePlan, require_sample_seen, require_seen
from safelight.runs import asked
from safelight.runs.asked import AskedWork
from safelight.runs.jobs import JobState


class ReleasingVerbs(DecidingVerbs):
    """The verbs by which a batch leaves."""

    def release_plan(self, batch: str) -> ReleasePlan:
        """Return what a release would cover."""
        self.batch_row(batch)
        return self._plan(self.state(batch))

    def shown_of(self, batch: str) -> dict[str, list[dict[str, Any]]]:
        """Return what of a batch was on the caller's screen so far, by version."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in self.house.store.ledger.iterate(kind=looks.SHOWN, batch=batch):
            if each.actor == self.me.actor:
                found[each.subject] += each.body["places"]
        return found

    def show(self, batch: str, shown: Shown) -> dict[str, Any]:
        """Record what of versions was on the caller's screen; it counts for a release and for approvals."""
        row = self.batch_row(batch, "decide")
        known = {each.version for each in self.state(row.name).files.values() if each.version}
        strange = next((each for each in shown if each not in known), "")
        if strange:
            raise MissingError(f"no version {strange!r} stands in batch {row.name}; look at what stands there now")
        seen = {version: places for version, places in shown.items() if places}
        facts = [looks.shown_fact(row.name, version, places, self.me.actor) for version, places in seen.items()]
        if facts:
            self.ledger.append(facts)
        return {"batch": row.name, "versions": len(facts), "said": f"{self.name} was shown {len(facts)} versions"}

    def start_release(self, batch: str, etag: str) -> JobState:
        """Record the release by the caller, to whom its sample was shown (the plan's ETag), and deliver the batch."""
        self.batch_row(batch, "release")
        state = self.state(batch)
        plan = self._plan(state)
        require_seen(state, plan, "" if etag == "*" else etag)
        wanted = {each.file.version: self.looks_at(each.file) for each in plan.sample}
        require_sample_seen(batch, plan, wanted, self.shown_of(batch))
        # The job takes this very plan: what a run adds until then was shown to nobody.
        work = AskedWork(asked.new_job(), "release", batch, self.name, seen=plan.etag)
        return self.house.ask_for(work, self.ledger)
