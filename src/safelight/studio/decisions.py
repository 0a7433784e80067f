"""People decide about files: decisions, overrides, marks, amendments, and what a failure has in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from safelight.core.facts import Actor
from safelight.studio.opened import Opened
from safelight.studio.said import OWNER


class DecisionVerbs(Opened):
    """The verbs by which people decide about files."""

    def decide(
        self, batch: str, files: Iterable[str], decided: str, name: str, reason: str, marks: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Record one decision on each of `files`; what is sent back goes to the queue of its step and person."""
        from safelight.review.record import record_decisions

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            return record_decisions(
                self.store, self.state(batch), files, decided, name, reason, marks, self.settings.sample_share
            )

    def override(self, batch: str, file: str, check: str, name: str, reason: str) -> dict[str, Any]:
        """Record a lead's override of one failed verdict: it stays a fail, and needs a second reviewer."""
        from safelight.review.record import record_override

        self._may(Actor("person", name), "override", batch)
        with self._lock:
            return record_override(self.store, self.state(batch), file, check, name, reason)

    def mark(self, batch: str, file: str, state: str, name: str, reason: str) -> dict[str, Any]:
        """Record that a version is an experiment, which is never delivered nor learned from, or a draft again."""
        from safelight.review.record import record_mark

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            return record_mark(self.store, self.state(batch), file, state, name, reason)

    def causes(self, batch: str, file: str) -> list[dict[str, Any]]:
        """Return which other files of a batch share the cause of a file's failure (R163)."""
        from safelight.review.causes import sharing
        from safelight.review.decide import find_file

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        return [vars(each) for each in sharing(state, find_file(state, file))]

    def overrule(self, batch: str, files: Iterable[str], word: str, name: str, reason: str) -> list[dict[str, Any]]:
        """Record a person's word against culling's class or group of each of `files`."""
        from safelight.review.overrule import record_overrulings

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            return record_overrulings(self.store, self.state(batch), files, word, name, reason)

    def amend(
        self, batch: str, file: str, step: str, values: Mapping[str, str], name: str, reason: str
    ) -> dict[str, Any]:
        """Record a person's own numbers for a step of a file's edit, and for a repair where it copies from."""
        from safelight.review.amend import amended_params, record_amendment
        from safelight.review.decide import find_file
        from safelight.runs.hand import repairs_for

        self._may(Actor("person", name), "amend", batch)
        state = self.state(batch)
        found = find_file(state, file)
        reference = self._reference(state, found)
        repairs = repairs_for(step, lambda: amended_params(found, step, values), reference, self.store.blobs)
        with self._lock:
            return record_amendment(self.store, self.state(batch), file, step, values, name, reason, repairs)

    def draw_matte(
        self, batch: str, file: str, strokes: Sequence[Mapping[str, Any]], name: str, reason: str
    ) -> dict[str, Any]:
        """Draw a person's strokes on a file's matte: an amendment of the same edit."""
        from safelight.review.amend import matte_of, record_matte
        from safelight.review.decide import find_file
        from safelight.runs.hand import paint_strokes

        self._may(Actor("person", name), "amend", batch)
        state = self.state(batch)
        found = find_file(state, file)
        before = self.store.blobs.get(matte_of(found).artifacts["matte"].sha256)
        drawn = paint_strokes(before, strokes, self._reference(state, found), self.store.blobs)
        with self._lock:
            return record_matte(self.store, self.state(batch), file, drawn, len(strokes), name, reason)
