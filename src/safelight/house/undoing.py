"""Undoing what a person did, and doing it again."""

from __future__ import annotations

from typing import Any

from safelight.core.batch import AMENDED, SUPERSEDED, UNDONE
from safelight.core.facts import Fact
from safelight.errors import MissingError
from safelight.house.working import WorkingVerbs
from safelight.review import undo
from safelight.store.floor import StandingRow


class UndoingVerbs(WorkingVerbs):
    """The verbs that undo."""

    def actions(self, batch: str, limit: int, *, undone: bool = False) -> list[dict[str, Any]]:
        """Return what the caller did in a batch that can be taken back, or was and can be done again, latest first."""
        self.batch_row(batch)
        facts = self.ledger.facts(kind=[*undo.UNDOABLE, UNDONE], batch=batch)
        gone = {each.body["decision"] for each in facts if each.kind == UNDONE}
        mine = [e for e in facts if e.kind != UNDONE and e.personal.get("name") == self.name]
        own = [each for each in mine if (each.seq in gone) == undone]
        return [undo.in_words(each) | self._place(each) for each in own[: -limit - 1 : -1]]

    def undo_on(self, seq: int) -> StandingRow:
        """Take back what the caller did under this number."""
        fact, row = self._deed(seq)
        other = self.house.floor.files([self.id_of(row.batch, fact.body["by"])], self._now()) if _replaces(fact) else []
        batch = self._partial([row, *other])
        self._expect({each.id: each.seq for each in (row, *other)})
        self.ledger.append(undo.undo_facts(self.store, batch, batch.files[row.state.path], fact, self.name))
        if fact.kind in (AMENDED, SUPERSEDED):
            self._repaint(row.batch)
        return self._again([row])[0]

    def redo_on(self, seq: int) -> StandingRow:
        """Say again a decision that the caller took back."""
        fact, row = self._deed(seq)
        gone = {each.body["decision"] for each in self.ledger.facts(kind=UNDONE, subject=fact.subject)}
        batch = self._partial([row])
        file = batch.files[row.state.path]
        self._expect({row.id: row.seq})
        self.ledger.append(undo.redo_facts(batch, file, fact, gone, self.name, self.settings.sample_share))
        return self._again([row])[0]

    def _deed(self, seq: int) -> tuple[Fact, StandingRow]:
        """Return what was done under a number, and the file it was done on, if the caller may do such things."""
        fact = next(iter(self.ledger.facts(after=seq - 1, limit=1)), None)
        if fact is None or fact.seq != seq or not fact.batch:
            raise MissingError("there is nothing of yours to take back under this number")
        row = self._row_of(fact)
        if row is None or not self.may_see(row.project):
            raise MissingError("what was decided on has another version since")
        self.me.require("amend" if fact.kind == AMENDED else "decide", row.project)
        self._expect({row.id: row.seq})
        return fact, row

    def _place(self, fact: Fact) -> dict[str, Any]:
        row = self._row_of(fact)
        return {"id": row.id if row else "", "file": row.state.path if row else str(fact.body.get("path") or "")}


def _replaces(fact: Fact) -> bool:
    return fact.kind == SUPERSEDED and bool(fact.body["by"])
