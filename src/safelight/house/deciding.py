"""What is decided at a desk: of files, of products, of heroes and proposals, and the looks that an approval needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safelight.access import EVERYWHERE
from safelight.core.batch import WAIVED, FileState
from safelight.core.facts import NewFact
from safelight.errors import MissingError, UsageError
from safelight.house.seat import Known, Seen, Shown
from safelight.house.seeing import SeeingVerbs
from safelight.house.sharing import SharingVerbs
from safelight.house.working import WorkingVerbs
from safelight.review import looks
from safelight.runs.soft_edges import soft_edges_of
from safelight.store.floor import StandingRow
from safelight.store.unchanged import unless_batch_moved, unless_said

if TYPE_CHECKING:
    from safelight.learning.proposals import ThresholdProposal

REFUSED = "threshold.refused"  # stratum: proposal, from, to, reason; personal: name


class DecidingVerbs(SeeingVerbs, SharingVerbs, WorkingVerbs):
    """The verbs that decide."""

    def decide_on(
        self,
        seen: Seen,
        decided: str,
        reason: str,
        marks: Sequence[str],
        pinned: Sequence[Mapping[str, Any]],
        claim: str,
        shown: Shown | None = None,
    ) -> list[StandingRow]:
        """Record one decision on files that were seen as they are now; return where they stand.

        `shown` says, by file id, which places were on the person's screen and at what zoom: an approval needs all that
        `looks` names, by this person, at 200 % (R6, R7, R82). Decision, notes and what was shown are one transaction.
        """
        from safelight.review.record import record_decisions

        rows = self.rows(seen, "decide")
        self._require_free(rows, claim)
        self._end_claims_with(rows)
        known = self._known(rows)
        if decided == "approve":
            self._require_looks(rows, known, shown or {})
        record_decisions(
            self.store,
            self._partial(rows, known),
            [each.state.path for each in rows],
            decided,
            self.name,
            reason,
            marks,
            self.settings.sample_share,
            self._beside(rows, pinned, shown or {}),
        )
        if decided == "approve":
            self._let_followers_go(rows)
        return self._again(rows)

    def _let_followers_go(self, rows: Sequence[StandingRow]) -> None:
        """Paint anew what waits for a hero in a lane of its guide, once the hero is approved."""
        from safelight.review.hero import leads_by_guide

        batch = rows[0].batch
        rules = {e.state.path: self.house.hero_rule(batch, str(e.state.sorted.get("category", ""))) for e in rows}
        if not any(rules.values()):
            return
        files = self.state(batch).files
        led = [files[path] for path, rule in rules.items() if rule is not None and files[path].approved]
        if any(leads_by_guide(self.state(batch), each, rules[each.path]) for each in led):
            self._repaint(batch)

    def looks_at(self, file: FileState) -> list[looks.Look]:
        """Return the places of a file's version that deserve a look before it is approved."""
        if not file.made:
            return []
        faces = self.intake_facts(file).get("people", {}).get("facts", {}).get("faces") or ()
        return looks.looks_of(file, [each["box"] for each in faces], self._soft_edges(file))

    def _soft_edges(self, file: FileState) -> Sequence[looks.Box]:
        """Return where the edge of a version's cutout is softest; nowhere if it is sure of it."""
        mattes = [each["artifacts"]["matte"][1] for each in looks.cutouts(file) if "matte" in each["artifacts"]]
        if not mattes or not looks.is_unsure_edge(file):
            return ()
        found = self.house.soft_edges.get(mattes[-1])
        if found is None:
            found = soft_edges_of(self.house.store.blobs, mattes[-1])
            self.house.soft_edges.put(mattes[-1], found)
        return found

    def _require_looks(self, rows: Sequence[StandingRow], known: Known, shown: Shown) -> None:
        """Refuse an approval of what the caller has not seen at 200 % where it is at stake, now or before."""
        for row in rows:
            file, story = known[row.id]
            own = [e for e in story if e.kind == looks.SHOWN and e.actor == self.me.actor and e.subject == file.version]
            before = [place for each in own for place in each.body["places"]]
            looks.require_seen(file.path, self.looks_at(file), [*before, *shown.get(row.id, ())])

    def decide_product_on(
        self,
        batch: str,
        product: str,
        seen: Seen,
        decided: str,
        reason: str,
        marks: Sequence[str],
        views: Sequence[str],
        claim: str,
        shown: Shown | None = None,
    ) -> list[StandingRow]:
        """Record one decision on a product whose files were seen as they are now; `shown` as in `decide_on`."""
        self.batch_row(batch)
        rows = self.rows(seen, "decide")
        self._require_free(rows, claim)
        self._end_claims_with(rows)
        if decided == "approve":
            meant = [e for e in rows if e.queue and (not views or e.state.sorted.get("view", "") in views)]
            self._require_looks(meant, self._known(meant), shown or {})
        also = self._beside(rows, (), shown or {})
        lines = self.decide_product(batch, product, decided, self.name, reason, marks, views, also)
        if decided == "approve":
            self._let_followers_go(rows)
        done = self.house.floor.files([self.id_of(batch, each["file"]) for each in lines], self._now())
        return self._again(done)

    def swap_on(self, seen: Seen, old: str, new: str, reason: str) -> list[StandingRow]:
        """Take an alternate in the place of a pick."""
        rows = {each.id: each for each in self.rows(seen, "decide")}
        if old not in rows or new not in rows:
            raise UsageError("`on` takes both files of the swap, with the ETags that they were seen with")
        self.swap(rows[old].batch, rows[old].state.path, rows[new].state.path, self.name, reason)
        self._repaint(rows[old].batch)
        return self._again(list(rows.values()))

    def supersede_on(self, ref: str, etag: str, by: str, reason: str) -> dict[str, Any]:
        """Let a capture take the place of a file that was seen as it is now; what it then shows is painted as that."""
        row, new = self.seen_as(ref, etag, "decide"), self.row(by, "decide")
        if new.batch != row.batch:
            raise UsageError(f"{new.state.path} is of {new.batch}, not of {row.batch}: a place is taken within a batch")
        self._require_free([row, new], "")
        done = self.supersede(row.batch, row.state.path, new.state.path, self.name, reason)
        if done["placed"]:
            self._repaint(row.batch)
        return done | {"id": row.id, "by_id": new.id}

    def propagate_on(self, row: StandingRow, steps: Sequence[str], reason: str) -> list[dict[str, Any]]:
        """Give an approved hero's settings to its set, and paint it beside the other work."""
        lines = self.propagate(row.batch, row.state.path, steps, self.name, reason)
        self._repaint(row.batch)
        return lines

    def waive_on(
        self, batch: str, etag: str, product: str, view: str, reason: str, channel: str = ""
    ) -> dict[str, Any]:
        """Let a product leave without a view, where the waivers of its batch are those that were seen."""
        row = self.batch_row(batch, "release")
        what = f"what the products of {row.name} may leave without"
        self._expect({}, look=unless_said(etag, [WAIVED], batch=row.name, what=what))
        return self.waive(row.name, product, view, self.name, reason, channel)

    def move_on(
        self,
        etag: str,
        task: str,
        values: Mapping[str, str],
        reason: str,
        *,
        edge: str = "",
        category: str = "",
        channel: str = "",
    ) -> dict[str, Any]:
        """Move a task on the reliability map as it was seen."""
        from safelight.learning.moves import MOVED

        self._expect({}, look=unless_said(etag, [MOVED], what="the reliability map"))
        return self.move(task, values, self.name, reason, edge=edge, category=category, channel=channel)

    def restore_checkpoint_on(self, batch: str, etag: str, label: str, reason: str) -> list[dict[str, Any]]:
        """Take a batch back to a checkpoint where nothing was said of it since it was seen."""
        row = self.batch_row(batch, "amend")
        self._expect({}, look=unless_batch_moved(etag, row.name))
        return self.restore_checkpoint(row.name, label, self.name, reason)

    def overrule_on(self, seen: Seen, word: str, reason: str) -> list[StandingRow]:
        """Record the caller's word against culling's."""
        from safelight.review.overrule import record_overrulings

        rows = self.rows(seen, "decide")
        self._require_free(rows, "")
        record_overrulings(self.store, self._partial(rows), [each.state.path for each in rows], word, self.name, reason)
        return self._again(rows)

    def refuse(self, proposal: str, reason: str) -> dict[str, Any]:
        """Record that a person refused a threshold that the audit speaks for; it holds as it was."""
        self.me.require("accept", EVERYWHERE)
        found = next((each for each in self.proposals() if each.id == proposal), None)
        if found is None:
            raise MissingError(f"no proposal {proposal!r} as things stand; labels that came since make it another one")
        if not reason.strip():
            raise UsageError("refusing a threshold needs a reason, which stands in the ledger")
        body = {"proposal": proposal, "from": found.now, "to": found.to, "reason": reason.strip()}
        self.ledger.append([NewFact(REFUSED, found.stratum, body, self.me.actor, "", {"name": self.name})])
        return {"proposal": proposal, "said": f"the threshold stays {found.now:.2f}, says {self.name}"}

    def proposals(self) -> list[ThresholdProposal]:
        """Return the thresholds that the audit speaks for and nobody refused."""
        refused = {each.body["proposal"] for each in self.house.store.ledger.facts(kind=REFUSED)}
        return [each for each in super().proposals() if each.id not in refused]

    def say_yes(self, ref: str, etag: str, words: str) -> dict[str, Any]:
        """Record that the client approves a version as it is; a fact of its own, beside the studio's approval."""
        from safelight.review.yes import record_yes

        row = self.rows({ref: etag}, "return")[0]
        return record_yes(self.store, self._partial([row]), row.state, self.me.actor, words)

    def yes_to(self, row: StandingRow) -> dict[str, str]:
        """Return the client's yes to a file's version, or an empty mapping."""
        from safelight.review.yes import read_yes

        return read_yes(self.store, row.state.version)
