"""What decisions teach: calibration, strata, alarms, proposals, and the reliability map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.studio.guides import (
    load,
)
from safelight.studio.opened import Opened
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.learning.experience import Experience
    from safelight.learning.lessons import Lessons
    from safelight.learning.proposals import ThresholdProposal
    from safelight.routing.record import Record
    from safelight.routing.reliability import Override


class LessonVerbs(Opened):
    """The verbs about what decisions teach."""

    def lessons(self) -> Lessons:
        """Return what the ledger teaches, gathered once for as long as this studio is open."""
        from safelight.learning.lessons import Lessons

        with self._lock:
            if self._lessons is None:
                self._lessons = Lessons(self.store.ledger)
            return self._lessons

    def experience(self) -> Experience:
        """Return what the ledger teaches, as it is now."""
        return self.lessons().experience()

    def record(self) -> Record:
        """Return what the router is told of people's decisions so far."""
        return self.lessons().record(self.settings.escape_level)

    def strata(self) -> list[dict[str, Any]]:
        """Return where each stratum stands: labels of those needed, bound on escapes, whether auto is open."""
        from safelight.learning.record import standing_lines

        self._may(OWNER, "report")
        with self.lessons().held(self.settings.escape_level) as (experience, record):
            return standing_lines(experience, record)

    def alarms(self) -> list[dict[str, Any]]:
        """Return the categories whose rework says that something upstream is wrong."""
        self._may(OWNER, "report")
        watched = self.record().watched.values()
        return [vars(each) | {"share": round(each.share, 4), "text": each.told()} for each in watched]

    def proposals(self) -> list[ThresholdProposal]:
        """Return the thresholds that the audit speaks for, where they differ from what holds."""
        from safelight.learning.proposals import propose_thresholds
        from safelight.learning.record import DEFAULT_THRESHOLD

        self._may(OWNER, "report")
        level = self.settings.escape_level
        with self.lessons().held(level) as (experience, record):
            return propose_thresholds(experience, record, level, DEFAULT_THRESHOLD)

    def accept(self, proposal: str, name: str, reason: str) -> dict[str, Any]:
        """Record that a person accepted a threshold; the next run routes by it."""
        from safelight.learning.proposals import accept

        self._may(Actor("person", name), "accept")
        with self._lock:
            fact = self.store.ledger.append(accept(self.proposals(), proposal, name, reason))[0]
        said = (
            f"threshold {fact.body['from']:.2f} becomes {fact.body['to']:.2f}, says {name}; the next run routes by it"
        )
        return {"proposal": proposal, "stratum": fact.subject, "to": fact.body["to"], "by": name, "said": said}

    def moves(self) -> tuple[Override, ...]:
        """Return what the studio moved on the reliability map."""
        from safelight.learning.moves import MOVED, read_moves

        return read_moves(self.store.ledger.iterate(kind=MOVED))

    def reliability(self, guide: Path | None = None) -> list[dict[str, Any]]:
        """Return the reliability map as the studio and, where one is named, a guide move it: a line a task."""
        from safelight.learning.moves import map_lines

        self._may(OWNER, "view")
        moves = self.moves()
        return map_lines(load(guide).reliability(moves), moves)

    def move(
        self,
        task: str,
        values: Mapping[str, str],
        name: str,
        reason: str,
        *,
        edge: str = "",
        category: str = "",
        channel: str = "",
    ) -> dict[str, Any]:
        """Record another place or stance of a task on the reliability map; the next run routes by it."""
        from safelight.learning.moves import move, move_text
        from safelight.routing.reliability import reliability_map

        self._may(Actor("person", name), "accept")
        facts = move(reliability_map(), task, values, name, reason, edge=edge, category=category, channel=channel)
        self.store.ledger.append(facts)
        where = edge or category or channel
        said = f"{task}: {move_text(values, where)}, says {name}; the next run routes by it"
        return {"task": task, "where": where, "by": name, "said": said, **dict(values)}

    def explain(self, batch: str, file: str) -> list[str]:
        """Return the whole decision about a file's version: every reason, and each task with both checklists."""
        from safelight.review.decide import find_file
        from safelight.routing.explain import explain
        from safelight.routing.reliability import reliability_map

        self._may(OWNER, "view", batch)
        found = find_file(self.state(batch), file)
        return explain(found.routed, reliability_map()) if found.routed else [f"{found.path} is {found.standing}"]
