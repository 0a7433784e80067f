"""What a desk shows: batches, pages of files, the board, products, what waits, what steps and checks declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from safelight.access import EVERYWHERE
from safelight.core.batch import NO_NEWS, SUPERSEDED, WAIVED, FileState
from safelight.core.facts import Fact
from safelight.core.standing import rank_named
from safelight.errors import MissingError
from safelight.house.seat import NO_PASS, Seat
from safelight.people import accounts
from safelight.plugins import step_named, step_names
from safelight.review import told
from safelight.review.briefs import Brief, briefs_for
from safelight.review.bulletin import News
from safelight.routing.lanes import categories_of, lane_of, require_lane
from safelight.store.floor import BatchRow, Categories, StandingRow, Wanted
from safelight.store.unchanged import last_number

if TYPE_CHECKING:
    from safelight.review.assign import Assigned
    from safelight.review.queues import QueueItem
    from safelight.workflows.product_board import ProductState


class SeeingVerbs(Seat):
    """The verbs that show."""

    def batches(self, after: int | None, limit: int) -> list[BatchRow]:
        """Return batches that the caller may see, the one with the latest news first."""
        return [e for e in self.house.floor.batches(self._seen(), after=after, limit=limit) if self.may_see(e.project)]

    def page(
        self, wanted: Wanted, after: tuple[Any, ...] | None, limit: int, *, lane: str = "", stakes: str = ""
    ) -> list[StandingRow]:
        """Return a page of files of a batch or a queue; of one lane, of some stakes."""
        if wanted.batch:
            self.batch_row(wanted.batch)
        if lane:
            kind = require_lane(lane)
            of = {name: Categories(*categories_of(kind, each)) for name, each in self.house.lanes().items()}
            wanted = replace(wanted, lanes=of)
        if stakes:
            wanted = replace(wanted, stakes=rank_named(stakes))
        return self.house.floor.page(replace(wanted, projects=self._seen()), self._now(), after=after, limit=limit)

    def intake_facts(self, file: FileState) -> Mapping[str, Any]:
        """Return what intake measured on a file's original, by step; empty where it was not measured."""
        found = self.house.store.ledger.work(str(file.measured.get("work", "")))
        return dict(found.get("facts", {})) if found else {}

    def briefs_of(self, batch: str, ref: str) -> list[Brief]:
        """Return the briefs that work on one file of a batch goes by, from the widest to the narrowest."""
        row = self.row(ref)
        if row.batch != self.batch_row(batch).name:
            raise MissingError(f"no file {ref!r} in batch {batch!r}")
        state = row.state
        category = str(state.sorted.get("category", ""))
        lane = lane_of(category, self.house.lanes().get(row.project, {}).get(category, "")).kind
        held = self.briefs(row.batch)
        return briefs_for(held, category=category, lane=lane, queue=row.queue, product=str(state.sorted.get("sku", "")))

    def board(self) -> list[Any]:
        """Return the board's lanes."""
        floor, seen = self.house.floor, self._seen()
        held = [each for each in floor.holders(self._now()) if self.may_see(each[1])]
        lanes = self.house.lanes()
        # Only a guide that names lanes of its own makes a project count apart.
        rows = floor.board(seen, frozenset(project for project, named in lanes.items() if named))
        return told.lanes(rows, held, self.house.names(), lanes, self.calendar(), self._now())

    def step_declarations(self) -> list[dict[str, Any]]:
        """Return every step as it is declared."""
        from safelight.review.declared import step_line

        return [step_line(step_named(each)) for each in step_names()]

    def check_declarations(self) -> list[dict[str, Any]]:
        """Return every check as it is declared."""
        from safelight.plugins import check_named, check_names
        from safelight.review.declared import check_line

        return [check_line(check_named(each)) for each in check_names()]

    def products_of(self, batch: str) -> list[ProductState]:
        """Return the products of a batch that the caller may see."""
        self.batch_row(batch)
        return self.products(batch)

    def exceptions_of(self, batch: str) -> list[dict[str, Any]]:
        """Return what of a batch's products needs somebody: odd views, and what the set is to shoot again."""
        from safelight.workflows.product_board import odd_views

        self.batch_row(batch)
        lines = []
        for each in self.products(batch):
            odd = list(odd_views(each))
            # Before gate 2 looks: what is decided already was seen so.
            unlike = [one.text for one in self.consistency(each)] if each.needs_people else []
            if odd or unlike:  # one line a product, whatever is odd about it
                kind, files = "views" if odd else "together", [self.id_of(batch, file) for file in each.files]
                lines.append({"kind": kind, "product": each.key, "files": files, "told": "; ".join([*odd, *unlike])})
        asked = [
            {
                "kind": "reshoot",
                "product": each["sku"] or each["file"],
                "files": [self.id_of(batch, each["file"])],
                "told": f"shoot again: {each['text']}",
            }
            for each in self.reshoots(batch)
        ]
        return [*asked, *lines]

    def reshoots_of(self, batch: str) -> list[dict[str, Any]]:
        """Return the set's list with the ids and ETags of files, and the captures that may take each place."""
        self.batch_row(batch)
        asked = self.reshoots(batch)
        wanted = {path: self.id_of(batch, path) for each in asked for path in (each["file"], *each["captures"])}
        rows = {each.state.path: each for each in self.house.floor.files(list(wanted.values()), self._now())}
        return [
            each
            | {"id": rows[each["file"]].id, "etag": str(rows[each["file"]].seq)}
            | {"captures": [{"id": rows[path].id, "file": path} for path in each["captures"] if path in rows]}
            for each in asked
            if each["file"] in rows
        ]

    def places_taken(self, row: StandingRow) -> tuple[dict[str, str] | None, list[dict[str, str]]]:
        """Return what took a file's place, None for nothing, and whose places the file took, the oldest first."""
        last: dict[str, Fact] = {}
        for each in self.house.store.ledger.iterate(kind=SUPERSEDED, batch=row.batch):
            last[each.subject] = each
        gone = last.get(row.state.asset) if row.state.superseded else None
        mine = [each for each in last.values() if each.body["by_asset"] == row.state.asset]
        return (
            None
            if gone is None
            else told.place_line(gone, str(gone.body["by"]), self.id_of(row.batch, gone.body["by"])),
            [told.place_line(each, str(each.body["path"]), self.id_of(row.batch, each.body["path"])) for each in mine],
        )

    def waivers_etag(self, batch: str) -> str:
        """Return the ETag of what a batch's products may leave without."""
        return str(last_number(self.house.store.ledger.facts(kind=WAIVED, batch=self.batch_row(batch).name)))

    def moves_etag(self) -> str:
        """Return the ETag of the reliability map as the studio moved it."""
        from safelight.learning.moves import MOVED

        return str(last_number(self.house.store.ledger.facts(kind=MOVED)))

    def product_whole(self, batch: str, name: str) -> tuple[ProductState, list[StandingRow]]:
        """Return one product, and its files with those that could be swapped in."""
        from safelight.workflows.product_board import product_named

        self.batch_row(batch)
        found = product_named(self.products(batch, name), name)
        files = [each for slot in found.slots for each in (*slot.frames, *slot.alternates)]
        return found, self.house.floor.files([self.id_of(batch, each) for each in files], self._now())

    def sent_out(self, batch: str) -> list[dict[str, Any]]:
        """Return what is out and did not come back: a vendor sees its own alone, a client nothing of it."""
        row = self.batch_row(batch)
        role = self.me.role_on(row.project)
        if role == "client":
            return []
        lines = self.house.studio.sent_out(row.name)
        mine = [each for each in lines if role != "vendor" or each["vendor"].casefold() == self.name.casefold()]
        return [each | {"id": self.id_of(row.name, each["path"])} for each in mine]

    def waiting(self, batch: str) -> list[tuple[QueueItem, Assigned]]:
        """Return what waits in a batch, by product, each with who should take it."""
        from safelight.review.assign import Worker, choose

        project = self.batch_row(batch).project
        held: dict[str, int] = {}
        for _, claim, _, _ in self.house.floor.claims(self._now()):
            held[claim.account] = held.get(claim.account, 0) + 1
        people = [
            Worker(each.name, frozenset(each.skills), held.get(each.id, 0), each.junior)
            for each in self.house.people.accounts()
            if not each.disabled and accounts.caller_of(each, NO_PASS).may("claim", project)
        ]
        return [(item, choose(item, people)) for item in self.queue(batch)]

    @staticmethod
    def reasons() -> list[dict[str, Any]]:
        """Return the list of reasons for which a version is sent back."""
        from safelight.routing.reasons import return_reasons

        kept = ("code", "title", "queue", "task", "edge", "upstream")
        return [{name: getattr(each, name) for name in kept} for each in return_reasons().values()]

    def news_after(self, seq: int, most: int = 2000) -> tuple[list[News], bool]:
        """Return the news after a number that the caller may see, and whether that is all of it."""
        facts = self.ledger.facts(after=seq, limit=most + 1)
        found = [self.house.news_of(each) for each in facts[:most] if each.kind not in NO_NEWS]
        return [each for each in found if not each.project or self.may_see(each.project)], len(facts) <= most

    def require_figures(self) -> None:
        """Refuse the service's own figures to those who may not see numbers."""
        self.me.require("report", EVERYWHERE)
