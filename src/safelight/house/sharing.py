"""How several people share a floor: claims, assignments, and notes on pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from safelight.core.facts import NewFact
from safelight.errors import MissingError, UsageError
from safelight.house.seat import NO_PASS, Seat, Seen, Shown, number_of
from safelight.people import accounts
from safelight.review import claims, looks
from safelight.review import notes as pins
from safelight.store.floor import Claim, StandingRow


class SharingVerbs(Seat):
    """The verbs by which people share work."""

    def _beside(self, rows: Sequence[StandingRow], pinned: Sequence[Mapping[str, Any]], shown: Shown) -> list[NewFact]:
        """Return what is written with a decision: its notes, and what was on the screen."""
        notes = [self._pin_fact(row, each) for row in rows for each in pinned]
        seen = [
            looks.shown_fact(row.batch, row.state.version, shown[row.id], self.me.actor)
            for row in rows
            if shown.get(row.id)
        ]
        return [*notes, *seen]

    def claim_on(self, ids: Sequence[str]) -> Claim:
        """Take files."""
        rows = self.rows(dict.fromkeys(ids, "*"), "claim")
        return claims.take(
            self.store,
            rows,
            self.me.account,
            self.me.actor,
            lease_s=self.settings.lease_s,
            now=datetime.now(UTC),
            names=self.house.names(),
        )

    def my_claims(self) -> list[tuple[Claim, list[str]]]:
        """Return the caller's claims and their files."""
        found: dict[str, tuple[Claim, list[str]]] = {}
        for file, claim, _, _ in self.house.floor.claims(self._now(), self.me.account):
            found.setdefault(claim.id, (claim, []))[1].append(file)
        return list(found.values())

    def renew(self, claim_id: str) -> str:
        """Hold a claim for another lease."""
        lease = self.settings.lease_s
        return claims.renew(self.house.floor, claim_id, self.me.account, lease_s=lease, now=datetime.now(UTC))

    def give_back(self, claim_id: str) -> list[str]:
        """End a claim; a lead ends anybody's."""
        held = [e for e in self.house.floor.claims(self._now()) if e[1].id == claim_id]
        lead = bool(held) and self.me.may("assign", self.house.project_of(held[0][2]))
        return claims.give_back(self.store, self.house.floor, claim_id, self.me.account, self.me.actor, any_claim=lead)

    def assign(self, seen: Seen, account: str) -> list[StandingRow]:
        """Give files to somebody, or to nobody ("")."""
        rows = self.rows(seen, "assign")
        to = self.house.people.account(account) if account else None
        if account and (to is None or to.disabled):
            raise MissingError(f"no account {account!r}")
        if to is not None and not accounts.caller_of(to, NO_PASS).may("view", rows[0].project):
            raise UsageError(f"{to.name} has no role on {rows[0].project}; give them one first")
        personal = {"to_name": to.name} if to is not None else {}
        new = [
            NewFact(
                "work.assigned",
                e.state.asset,
                {"path": e.state.path, "to": account},
                self.me.actor,
                e.batch,
                personal,
            )
            for e in rows
        ]
        self.ledger.append(new)
        return self._again(rows)

    def notes(self, ref: str) -> list[pins.Pinned]:
        """Return the notes on a picture."""
        return pins.notes_of(self.store, self.row(ref).state.asset)

    def pin(self, ref: str, note: Mapping[str, Any]) -> pins.Pinned:
        """Pin a note to a picture."""
        return pins.read_notes(self.store.ledger.append([self._pin_fact(self.row(ref, "note"), note)]))[0]

    def change_note(self, ref: str, note_id: str, etag: str, changes: Mapping[str, Any]) -> pins.Pinned:
        """Change a note."""
        row = self.row(ref, "note")
        return pins.change(
            self.store,
            row.batch,
            row.state.asset,
            note_id,
            number_of(etag),
            changes,
            self.me.account,
            self.me.actor,
        )

    def remove_note(self, ref: str, note_id: str, etag: str) -> None:
        """Take a note away; a lead takes anybody's."""
        row = self.row(ref, "note")
        pins.remove(
            self.store,
            row.batch,
            row.state.asset,
            note_id,
            number_of(etag),
            self.me.account,
            self.me.actor,
            any_note=self.me.may("assign", row.project),
        )

    def _pin_fact(self, row: StandingRow, note: Mapping[str, Any]) -> NewFact:
        return pins.pin_fact(
            row.batch,
            row.state.asset,
            row.state.version,
            str(note.get("text", "")),
            note.get("points", ()),
            str(note.get("shape", "pin")),
            self.me.account,
            self.me.actor,
        )
