"""Queues: who waits for what, briefs before work, and a hero whose settings spread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.core.facts import Actor
from safelight.studio.guides import hero_rule_of, lanes_of
from safelight.studio.products import ProductVerbs
from safelight.studio.said import OWNER

if TYPE_CHECKING:
    from safelight.review.briefs import Brief
    from safelight.review.queues import QueueItem
    from safelight.routing.calendar import Calendar


class QueueVerbs(ProductVerbs):
    """The verbs about queues and briefs."""

    def queue(self, batch: str, now: str = "") -> list[QueueItem]:
        """Return what waits for people in a batch, by product, what comes first first."""
        from datetime import UTC, datetime

        from safelight.review.queues import queue_items

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        lanes = lanes_of(state)
        at = now or datetime.now(UTC).isoformat()
        return queue_items(batch, self.products(batch), at, self.calendar(), lanes)

    def calendar(self) -> Calendar:
        """Return the studio's business hours."""
        from safelight.routing.calendar import Calendar

        return Calendar(self.settings.business_zone, self.settings.business_start_h, self.settings.business_end_h)

    def brief(
        self, batch: str, about: str, text: str, pictures: Sequence[tuple[Path, str]], name: str
    ) -> dict[str, Any]:
        """Record what a job is to look like, with a board of reference pictures."""
        from safelight.review.briefs import set_brief
        from safelight.runs.boards import board_picture

        self._may(Actor("person", name), "brief", batch)
        self.state(batch)  # a brief of a batch that is not there is a mistake
        board = [(self.store.blobs.put(board_picture(path)), caption) for path, caption in pictures]
        self.store.ledger.append(set_brief(batch, about, text, board, name))
        said = f"brief for {about or 'the batch'}: {len(board)} pictures on the board"
        return {"batch": batch, "about": about, "text": text, "board": board, "by": name, "said": said}

    def briefs(self, batch: str) -> list[Brief]:
        """Return the briefs of a batch, the whole batch's first."""
        from safelight.review.briefs import BRIEFED, read_briefs

        self._may(OWNER, "view", batch)
        return read_briefs(self.store.ledger.iterate(kind=BRIEFED, batch=batch))

    def propagate(self, batch: str, hero: str, steps: Sequence[str], name: str, reason: str) -> list[dict[str, Any]]:
        """Give an approved hero's settings to the files of its category and light, each on its own baseline."""
        from safelight.review.decide import find_file
        from safelight.review.hero import followers, leads_by_guide, of_category, propagate
        from safelight.runs.hero import proposals

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            state = self.state(batch)
            found = find_file(state, hero)
            known = proposals([found, *followers(state, found)], self.store.ledger.works)
            made = propagate(state, found, steps, name, reason, known)
            if leads_by_guide(state, found, hero_rule_of(state, str(found.sorted.get("category", "")))):
                return [_led_line(each.path, found.path, name) for each in of_category(state, found)]
            self.store.ledger.append([fact for _, facts in made for fact in facts])
        return [
            {
                "file": file.path,
                "steps": [each.body["step"] for each in facts],
                "by": name,
                "said": _handed_on(file.path, len(facts), hero),
            }
            for file, facts in made
        ]


def _handed_on(path: str, count: int, hero: str) -> str:
    if not count:
        return f"{path}: stays as a person set it"
    return f"{path}: {count} steps as on {hero}; run the shoot again to paint them"


def _led_line(path: str, hero: str, name: str) -> dict[str, Any]:
    said = f"{path}: follows {hero} by the guide's [hero], on top of its own baseline; run the shoot again to paint it"
    return {"file": path, "steps": [], "by": name, "said": said}
