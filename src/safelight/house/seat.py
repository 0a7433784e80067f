"""A desk before anybody does anything: who sits at it, what of the floor is visible there, and what was seen of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from safelight.access import EVERYWHERE, Caller
from safelight.core.batch import FETCHED, BatchState, FileState, read_batch
from safelight.core.facts import Fact, NewFact
from safelight.core.standing import file_id, what_became_of
from safelight.errors import ConflictError, MissingError, UsageError
from safelight.review import claims, told
from safelight.store.floor import BatchRow, Floor, StandingRow
from safelight.store.people import Pass
from safelight.studio import Studio

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from safelight.house.shared import House
    from safelight.store import Store

Seen = Mapping[str, str]
Known = Mapping[str, tuple[FileState, list[Fact]]]
NO_PASS = Pass("", "", "session", "")
Shown = Mapping[str, Sequence[Mapping[str, Any]]]


def _with_ledger(store: Store, ledger: Any) -> Store:  # noqa: ANN401 - a Ledger
    from copy import copy

    mine = copy(store)
    mine.ledger = ledger
    return mine


def number_of(etag: str) -> int:
    """Return the number that an ETag of a note or an account is; refuse anything else."""
    try:
        return int(etag)
    except ValueError:
        raise UsageError(f"If-Match is {etag[:40]!r}; it takes the ETag that came with what you saw") from None


class Seat(Studio):
    """A caller, and the floor as far as it is theirs to see."""

    def __init__(self, house: House, caller: Caller, request: tuple[str, str] | None = None) -> None:
        super().__init__(house.store, house.settings, caller)
        self.house, self.me, self.name = house, caller, caller.actor.name
        self._folds, self._lock = house.studio._folds, house.studio._lock
        self._lessons = house.studio.lessons()
        self._request = None
        if request is not None:
            self._request = (f"request:{caller.account}:{request[0]}", {"fingerprint": request[1]})
        self.ledger = house.store.ledger
        self._expect({})

    def may_see(self, project: str) -> bool:
        """Say whether the caller may see a project."""
        return self.me.may("view", project)

    def batch_row(self, name: str, verb: str = "view") -> BatchRow:
        """Return one batch, or refuse it as one that is not there."""
        row = self.house.floor.batch(name)
        if row is None or not self.may_see(row.project):
            raise MissingError(f"no batch called {name!r}")
        self.me.require(verb, row.project)
        return row

    def row(self, ref: str, verb: str = "view") -> StandingRow:
        """Return a file by its id, or by the SHA-256 of its original or the id of its version."""
        floor, now = self.house.floor, self._now()
        found = floor.files([ref], now) if len(ref) == 24 else []
        found = found or (floor.of_asset(ref, now) if len(ref) == 64 else floor.of_version(ref, now))
        mine = [each for each in found if self.may_see(each.project)]
        if not mine:
            raise MissingError(f"no picture {ref!r}")
        self.me.require(verb, mine[0].project)
        return mine[0]

    def rows(self, seen: Seen, verb: str) -> list[StandingRow]:
        """Return files by id, refusing what changed since it was seen (id to ETag)."""
        found = {each.id: each for each in self.house.floor.files(list(seen), self._now())}
        for ref in seen:
            if ref not in found or not self.may_see(found[ref].project):
                raise MissingError(f"no picture {ref!r}")
            self.me.require(verb, found[ref].project)
        if not found:
            raise UsageError("name one picture at least")
        stale = [row for ref, row in found.items() if seen[ref] not in ("*", str(row.seq))]
        if stale:
            raise ConflictError(what_became_of(stale[0].state))
        if len({each.batch for each in found.values()}) > 1:
            raise UsageError("these pictures are of several batches; send one request a batch")
        self._expect({each.id: each.seq for each in found.values()})
        return [found[each] for each in seen]

    def _expect(
        self,
        seen: Mapping[str, int],
        done_with: Sequence[str] = (),
        look: Callable[[Connection], None] | None = None,
    ) -> None:
        """Let the next facts be written only if these files are still as they were, and the request is new.

        Claims on the files of `done_with` end in the same transaction; `look` is done there, and may refuse.
        """
        also = (lambda connection: Floor.free(connection, done_with)) if done_with else look
        self.ledger = self.house.store.ledger.guarded(seen, self._request, also)
        self.store = _with_ledger(self.house.store, self.ledger)

    def line(self, row: StandingRow) -> dict[str, Any]:
        """Return a file as a list shows it."""
        return told.file_line(row, self.house.names())

    def line_text(self, row: StandingRow) -> str:
        """Return a file as a list shows it, as JSON; told once for as long as nothing of it changes."""
        return self.house.line_text(row)

    def whole(self, row: StandingRow) -> tuple[FileState, list[Fact]]:
        """Return everything that is known of a file, and its story."""
        story = self.house.floor.story(row)
        return read_batch(row.batch, story).files.get(row.state.path, row.state), story

    def seen_as(self, ref: str, etag: str, verb: str) -> StandingRow:
        """Return a file that was seen as it is now, for a word of the caller about it alone."""
        return self.rows({self.row(ref).id: etag}, verb)[0]

    def id_of(self, batch: str, file: FileState | str) -> str:
        """Return the id of a file of a batch."""
        return file_id(batch, file if isinstance(file, str) else file.path)

    def _row_of(self, fact: Fact) -> StandingRow | None:
        now = self._now()
        rows = self.house.floor.of_version(fact.subject, now) or self.house.floor.of_asset(fact.subject, now)
        path = fact.body.get("path")
        return next((each for each in rows if each.batch == fact.batch and path in (None, each.state.path)), None)

    def _project_of(self, batch: str) -> str:
        return self.house.project_of(batch) if batch else EVERYWHERE

    def _seen(self) -> frozenset[str] | None:
        return self.me.projects("view")

    @staticmethod
    def _now() -> str:
        return claims.stamp(datetime.now(UTC))

    def _known(self, rows: Sequence[StandingRow]) -> Known:
        """Return all that is known of files, and their stories, by id."""
        return {each.id: self.whole(each) for each in rows}

    def _partial(self, rows: Sequence[StandingRow], known: Known | None = None) -> BatchState:
        """Return the batch as far as these files go, each with all that is known of it."""
        opened, opened_at = self.house.opening(rows[0].batch)
        files = {each.state.path: (known or self._known([each]))[each.id][0] for each in rows}
        return BatchState(rows[0].batch, opened, opened_at, files, (), "")

    def _again(self, rows: Sequence[StandingRow]) -> list[StandingRow]:
        return self.house.floor.files([each.id for each in rows], self._now())

    def _require_free(self, rows: Sequence[StandingRow], claim: str) -> None:
        if claim:
            claims.require_mine(rows, self.me.account, claim)
        claims.require_free(rows, self.me.account, self.house.names())

    def _end_claims_with(self, rows: Sequence[StandingRow]) -> None:
        """Let the claims on these files end with the next facts."""
        held = [each.id for each in rows if each.claim is not None]
        self._expect({each.id: each.seq for each in rows}, held)

    def _blobs_of(self, version: str) -> Mapping[str, str]:
        """Return the blobs of a version that the caller may see, present or past."""
        return dict(self._made(version)["blobs"])

    def _fetched(self, subject: str, what: str, **body: Any) -> None:  # noqa: ANN401 - JSON data
        """Record that the caller took something out of the house; who and when stand with the fact."""
        self.house.store.ledger.append([NewFact(FETCHED, subject, {"what": what, **body}, self.me.actor)])

    def _made(self, version: str) -> Mapping[str, Any]:
        """Return what was made of a version that the caller may see, present or past."""
        made = self.house.made(version)
        if made is None or not self.may_see(self.house.project_of(made[0])):
            raise MissingError(f"no version {version!r}")
        return made[1]
