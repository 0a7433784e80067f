"""The verbs that only a service has: the studio with people in it, each asking as who they are."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from safelight.access import EVERYWHERE, Caller
from safelight.core.batch import MADE, OPENED, RELEASED, UNDONE, BatchState, FileState, read_batch
from safelight.core.canonical import key_of, to_json
from safelight.core.edit import Artifact, Edit
from safelight.core.facts import Fact, NewFact
from safelight.core.standing import file_id, what_became_of
from safelight.errors import ConflictError, GateClosedError, MissingError, SafelightError, UsageError
from safelight.people import accounts, passes
from safelight.people.attempts import Attempts
from safelight.plugins import step_named, step_names
from safelight.review import claims, looks, told, undo
from safelight.review import notes as pins
from safelight.review.amend import matte_of
from safelight.review.bulletin import Bulletin, News
from safelight.runs import asked
from safelight.runs.asked import AskedWork
from safelight.runs.crew import Crew
from safelight.runs.drafts import Changes, DraftTask, Light, light_of, paint_draft, with_changes
from safelight.runs.hand import (
    HandTask,
    RepairTask,
    WireTask,
    draw_in_store,
    follow_edge,
    outline_on_screen,
    repairs_in_store,
    small_matte,
)
from safelight.runs.jobs import Jobs, JobState
from safelight.runs.mood import MoodTask, match_mood
from safelight.runs.pictures import Source
from safelight.runs.recent import Recent
from safelight.runs.shelf import Pyramid, Shelf, key_for
from safelight.runs.soft_edges import soft_edges_of
from safelight.store.answers import Answer, Answers
from safelight.store.chain import ERASURE
from safelight.store.floor import BatchRow, Claim, Floor, StandingRow, Wanted
from safelight.store.people import Account, Pass, PassKind, People
from safelight.store.redaction import ASSET_ERASED
from safelight.studio import Studio, guide_of

if TYPE_CHECKING:
    from safelight.core.image import Image
    from safelight.learning.proposals import ThresholdProposal
    from safelight.review.assign import Assigned
    from safelight.review.queues import QueueItem
    from safelight.review.release import ReleasePlan
    from safelight.runs.progress import Progress
    from safelight.settings import Settings
    from safelight.store import Store
    from safelight.store.ledger import Ledger
    from safelight.workflows.product_board import ProductState

_SWEEP_S = 2.0
_REST_S = 0.01  # between pages of five hundred facts, which take as long
_NICE = 19  # of a pool beside people who wait at screens: see `runs.pool.stand_back`
_LONG_ROUNDS = 900  # half an hour: what has ended for good is thrown away
REFUSED = "threshold.refused"  # stratum: proposal, from, to, reason; personal: name
_LINES_KEPT = 20_000  # files whose lines are remembered, some 2 kB each
_OPENINGS_KEPT = 200  # batches; an opening may hold its guide
_MADE_KEPT = 2_000  # versions whose tiles are asked for
_EDGES_KEPT = 500  # mattes whose soft places are remembered
Seen = Mapping[str, str]
Shown = Mapping[str, Sequence[Mapping[str, Any]]]
Known = Mapping[str, tuple[FileState, list[Fact]]]
Strokes = Sequence[Mapping[str, Any]]
Place = tuple[float, float]


class House:
    """What all desks of a service share: people, the floor's rows, workers for pictures, jobs, the bulletin.

    Parameters
    ----------
    store : Store
    settings : Settings
    out : Path
        Where proofs, reports and deliveries go.
    """

    def __init__(self, store: Store, settings: Settings, out: Path) -> None:
        # People who wait at screens keep one core for themselves.
        free = max(1, (os.cpu_count() or 1) - 1)
        settings = replace(settings, workers=settings.workers or free, work_nice=settings.work_nice or _NICE)
        self.store, self.settings, self.out = store, settings, out
        self.studio = Studio(store, settings)
        self.people = People(store.ledger.database)
        self.floor = Floor(store.ledger.database)
        self.bulletin = Bulletin()
        self.tries = Attempts()
        self.crew = Crew(min(2, os.cpu_count() or 1))
        self.shelf = Shelf(store.layout.cache, self.crew, settings.screen_cache_bytes)
        self.jobs = Jobs(self._tell_job)
        self.outlines: Recent[dict[str, Any]] = Recent(64)
        self.mattes: Recent[str] = Recent(256)
        self.repairs: Recent[Mapping[str, Artifact]] = Recent(256)
        self.answers = Answers(store.ledger.database)
        self._answers: dict[str, tuple[Answer, str]] = {}
        self._requests: set[str] = set()
        self.lines: dict[str, tuple[tuple[Any, ...], str]] = {}
        self.soft_edges: dict[str, Sequence[looks.Box]] = {}
        self._names: dict[str, str] = {}
        self._projects: dict[str, str] = {}
        self._openings: Recent[tuple[Mapping[str, Any], str]] = Recent(_OPENINGS_KEPT)
        self._made: Recent[tuple[str, Mapping[str, Any]]] = Recent(_MADE_KEPT)
        self._lanes: Mapping[str, Mapping[str, str]] | None = None
        self._ended, self.gathered = threading.Event(), threading.Event()
        store.ledger.listeners.append(self._tell_facts)
        self._sweeper = threading.Thread(target=self._sweep, name="safelight-leases", daemon=True)
        self._sweeper.start()
        self._reader = threading.Thread(target=self._gather, name="safelight-lessons", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End workers and jobs; the store stays open."""
        self._ended.set()
        self.store.ledger.listeners.remove(self._tell_facts)
        self.jobs.close()
        self.crew.close()
        self._sweeper.join(5)
        self._reader.join(5)
        self.write_answers()

    def welcome(self, url: str) -> list[str]:
        """Return what the start says: where the service is, and at the first start the link that makes an admin."""
        secret = accounts.first_link(self.store, self.people)
        if secret is None:
            return [f"safelight serves at {url}"]
        return [
            f"safelight serves at {url}",
            f"nobody can sign in yet; within {accounts.LINK_S / 3600:.0f} hours this link makes the first admin, once:",
            f"{url}/start#{secret}",
        ]

    def ask_for(self, work: AskedWork, ledger: Ledger) -> JobState:
        """Record long work that somebody asked for, and do it beside the server; what waits is not asked for twice."""
        waits = self.jobs.waiting(work.what, work.batch)
        if waits is not None:
            return waits
        (fact,) = ledger.append([asked.asked_fact(work)])
        return self._begin(replace(work, seq=fact.seq))

    def resume(self) -> list[JobState]:
        """Take up the work that was asked for and had not ended when the service did; return it."""
        return [self._begin(each) for each in asked.unfinished(self.store.ledger.iterate(kind=asked.KINDS))]

    def _begin(self, work: AskedWork) -> JobState:
        def do(progress: Progress) -> str:
            state = "failed"
            try:
                said = self._carry_out(work, progress)
                state = "done"
            finally:
                self.store.ledger.append([asked.ended_fact(work, state)])
            return said

        project = self.project_of(work.batch) if work.batch else EVERYWHERE
        return self.jobs.add(work.what, work.batch, work.by, project, do, work.job)

    def _carry_out(self, work: AskedWork, progress: Progress) -> str:
        if work.what == "deliver":
            return self.studio.deliver(work.batch, self.out, progress).summary
        if work.what != "release":
            guide = Path(work.guide) if work.guide else None
            return self.studio.run(Path(work.folder), guide, work.workflow, self.out, progress).summary
        if self.store.ledger.facts(kind=RELEASED, batch=work.batch, after=work.seq, limit=1):
            return self.studio.deliver(work.batch, self.out, progress).summary  # it was released before the end came
        return self.studio.release(work.batch, work.by, self.out, progress).summary

    # The door: who comes in, and as whom

    def holder_of(self, secret: str, kind: PassKind) -> tuple[Account, Pass] | None:
        """Return whose session or key a secret is, or None."""
        idle_s = self.settings.session_idle_s if kind == "session" else 0.0
        return passes.holder_of(self.people, secret, kind, idle_s=idle_s) if secret else None

    def known_holder_of(self, secret: str, kind: PassKind) -> tuple[Account, Pass] | None:
        """Return whose session or key a secret is if that can be said at once; None says to ask `holder_of`."""
        idle_s = self.settings.session_idle_s if kind == "session" else 0.0
        return passes.known_holder_of(self.people, secret, kind, idle_s=idle_s) if secret else None

    @staticmethod
    def caller_of(account: Account, by: Pass) -> Caller:
        """Return an account as it asks by a pass."""
        return accounts.caller_of(account, by)

    def sign_in(self, login: str, password: str, address: str) -> Account:
        """Return whose login and password these are; see `accounts.sign_in`."""
        return accounts.sign_in(self.store, self.people, self.tries, login, password, address)

    def redeem(self, token: str, password: str, login: str, name: str) -> Account:
        """Set a password with a link that works once."""
        account = accounts.redeem(self.store, self.people, token, password, login, name)
        self.forget_names()
        return account

    def set_password(self, account: Account, old: str, new: str) -> Account:
        """Change a password; every session of the account ends."""
        return accounts.set_password(self.store, self.people, account, old, new)

    def begin_session(self, account: Account, before: str) -> tuple[str, Pass]:
        """Begin a session under a new secret; the one of the secret `before`, if any, ends."""
        if before:
            self.people.take(passes.digest(before))
        return passes.make_pass(self.people, "session", account.id, lives_s=self.settings.session_s)

    def end_session(self, by: Pass) -> None:
        """End a session."""
        self.people.revoke("session", id=by.id)

    def desk(self, caller: Caller, *, request: tuple[str, str] | None = None) -> Desk:
        """Return the verbs of one caller; with `request` (key, fingerprint) their first facts are written once."""
        return Desk(self, caller, request)

    def begin_request(self, key: str) -> bool:
        """Note that a request is being carried out; False if it is already."""
        if key in self._requests:
            return False
        self._requests.add(key)
        return True

    def end_request(self, key: str) -> None:
        """Note that a request is over."""
        self._requests.discard(key)

    def keep_answer(self, key: str, answer: Answer) -> None:
        """Keep what a request was answered: at once in memory, on the disk within seconds.

        A server that is killed in between knows by the ledger that the request was carried out, and says so.
        """
        self._answers[key] = (answer, claims.stamp(datetime.now(UTC)))

    def answer_to(self, key: str) -> Answer | None:
        """Return what a request was answered, or None."""
        fresh = self._answers.get(key)
        return fresh[0] if fresh is not None else self.answers.find(key)

    def write_answers(self) -> None:
        """Write the answers that are in memory only."""
        fresh = dict(self._answers)
        self.answers.keep(fresh)
        for key in fresh:
            self._answers.pop(key, None)

    def lanes(self) -> Mapping[str, Mapping[str, str]]:
        """Return the lane of each category by project, remembered until a batch is opened."""
        if self._lanes is None:
            self._lanes = self.floor.lanes()
        return self._lanes

    def names(self) -> Mapping[str, str]:
        """Return the name of each account."""
        if not self._names:
            self._names = {each.id: each.name for each in self.people.accounts()}
        return self._names

    def forget_names(self) -> None:
        """Read names anew: an account was added or changed."""
        self._names = {}
        self.lines.clear()

    def project_of(self, batch: str) -> str:
        """Return the project of a batch, remembered."""
        if batch not in self._projects:
            row = self.floor.batch(batch)
            if row is None:
                return EVERYWHERE
            self._projects[batch] = row.project
        return self._projects[batch]

    def opening(self, batch: str) -> tuple[Mapping[str, Any], str]:
        """Return what a batch was opened with, and when; remembered until it is opened again."""
        known = self._openings.get(batch)
        if known is None:
            known = self.floor.opening(batch)
            if known[1]:
                self._openings.put(batch, known)
        return known

    def made(self, version: str) -> tuple[str, Mapping[str, Any]] | None:
        """Return the batch of a version and what was made of it; remembered, since each of its tiles asks."""
        known = self._made.get(version)
        if known is None:
            found = self.store.ledger.latest(kind=MADE, subject=version)
            if found is None:
                return None
            known = found.batch, found.body
            self._made.put(version, known)
        return known

    def news_of(self, fact: Fact) -> News:
        """Return a fact as everybody who may see its project hears of it."""
        project = self.project_of(fact.batch) if fact.batch else ""
        data = {"subject": fact.subject, "by": fact.actor.name if fact.actor.kind == "person" else ""}
        data |= {"at": fact.at, "name": fact.personal.get("name", "")}
        told_of = ("path", "decided", "queue", "files", "account", "why")
        data |= {key: fact.body[key] for key in told_of if key in fact.body}
        return News(fact.kind, fact.seq, project, fact.batch, data)

    def _tell_facts(self, facts: Sequence[Fact]) -> None:
        for each in facts:
            if each.kind == OPENED:
                self._projects.pop(each.batch, None)
                self._openings.drop(each.batch)
                self._lanes = None
            elif each.kind == MADE:
                self._made.drop(each.subject)
            elif each.kind in (ASSET_ERASED, ERASURE):  # old facts say something else now
                self._openings.clear()
                self._made.clear()
                self.lines.clear()
                self.studio.lessons().forget()
            self.bulletin.tell(self.news_of(each))

    def _tell_job(self, job: JobState) -> None:
        data = {name: value for name, value in vars(job).items() if name != "project"}
        self.bulletin.tell(News("progress", 0, job.project, job.batch, data))

    def _gather(self) -> None:
        """Read what the ledger teaches before anybody asks, a little at a time: people at screens come first."""
        with contextlib.suppress(SafelightError):  # whoever asks next is told
            self.studio.lessons().gather(lambda: self._ended.wait(_REST_S))
        self.gathered.set()

    def _sweep(self) -> None:
        rounds = 0
        while not self._ended.wait(_SWEEP_S):
            rounds += 1
            try:
                if rounds % _LONG_ROUNDS == 0:
                    self.people.sweep(claims.stamp(datetime.now(UTC)))
                    self.answers.sweep(claims.stamp(datetime.now(UTC) - timedelta(days=1)))
                claims.sweep(self.store, self.floor, datetime.now(UTC))
                self.write_answers()
            except Exception:  # noqa: BLE001 - a database that is busy is asked again in a moment
                continue


class Desk(Studio):
    """The verbs of one caller."""

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

    # Seeing

    def may_see(self, project: str) -> bool:
        """Say whether the caller may see a project."""
        return self.me.may("view", project)

    def batches(self, after: int | None, limit: int) -> list[BatchRow]:
        """Return batches that the caller may see, the one with the latest news first."""
        return [e for e in self.house.floor.batches(self._seen(), after=after, limit=limit) if self.may_see(e.project)]

    def batch_row(self, name: str, verb: str = "view") -> BatchRow:
        """Return one batch, or refuse it as one that is not there."""
        row = self.house.floor.batch(name)
        if row is None or not self.may_see(row.project):
            raise MissingError(f"no batch called {name!r}")
        self.me.require(verb, row.project)
        return row

    def page(self, wanted: Wanted, after: tuple[Any, ...] | None, limit: int) -> list[StandingRow]:
        """Return a page of files of a batch or a queue."""
        if wanted.batch:
            self.batch_row(wanted.batch)
        return self.house.floor.page(replace(wanted, projects=self._seen()), self._now(), after=after, limit=limit)

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

    def _expect(self, seen: Mapping[str, int], done_with: Sequence[str] = ()) -> None:
        """Let the next facts be written only if these files are still as they were, and the request is new.

        Claims on the files of `done_with` end in the same transaction.
        """
        also = (lambda connection: Floor.free(connection, done_with)) if done_with else None
        self.ledger = self.house.store.ledger.guarded(seen, self._request, also)
        self.store = _with_ledger(self.house.store, self.ledger)

    def line(self, row: StandingRow) -> dict[str, Any]:
        """Return a file as a list shows it."""
        return told.file_line(row, self.house.names())

    def line_text(self, row: StandingRow) -> str:
        """Return a file as a list shows it, as JSON; told once for as long as nothing of it changes."""
        key = (row.seq, hash(row.kept), row.project, row.queue, row.since, row.claim)
        known = self.house.lines.get(row.id)
        if known is None or known[0] != key:
            known = (key, json.dumps(self.line(row), separators=(",", ":"), allow_nan=False))
            while len(self.house.lines) >= _LINES_KEPT:
                self.house.lines.pop(next(iter(self.house.lines)), None)
            self.house.lines[row.id] = known
        return known[1]

    def whole(self, row: StandingRow) -> tuple[FileState, list[Fact]]:
        """Return everything that is known of a file, and its story."""
        story = self.house.floor.story(row)
        return read_batch(row.batch, story).files.get(row.state.path, row.state), story

    def intake_facts(self, file: FileState) -> Mapping[str, Any]:
        """Return what intake measured on a file's original, by step; empty where it was not measured."""
        found = self.house.store.ledger.work(str(file.measured.get("work", "")))
        return dict(found.get("facts", {})) if found else {}

    def board(self) -> list[Any]:
        """Return the board's lanes."""
        floor, seen = self.house.floor, self._seen()
        held = [each for each in floor.holders(self._now()) if self.may_see(each[1])]
        return told.lanes(floor.board(seen), held, self.house.names(), self.house.lanes(), self.calendar(), self._now())

    def release_plan(self, batch: str) -> tuple[ReleasePlan, Mapping[str, str]]:
        """Return what a release would cover, and the ids of its files by path."""
        from safelight.review.release import plan_release

        self.batch_row(batch)
        plan = plan_release(self.state(batch), self.settings.sample_share, self.settings.sample_least)
        return plan, {each.file.path: file_id(batch, each.file.path) for each in plan.sample}

    def step_declarations(self) -> list[dict[str, Any]]:
        """Return every step as it is declared."""
        from safelight.plugins import step_named, step_names
        from safelight.review.declared import step_line

        return [step_line(step_named(each)) for each in step_names()]

    def check_declarations(self) -> list[dict[str, Any]]:
        """Return every check as it is declared."""
        from safelight.plugins import check_named, check_names
        from safelight.review.declared import check_line

        return [check_line(check_named(each)) for each in check_names()]

    # Deciding

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
        return self._again(rows)

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
        kept = self.house.soft_edges
        if mattes[-1] not in kept:
            while len(kept) >= _EDGES_KEPT:
                kept.pop(next(iter(kept)), None)
            kept[mattes[-1]] = soft_edges_of(self.house.store.blobs, mattes[-1])
        return kept[mattes[-1]]

    def _require_looks(self, rows: Sequence[StandingRow], known: Known, shown: Shown) -> None:
        """Refuse an approval of what the caller has not seen at 200 % where it is at stake, now or before."""
        for row in rows:
            file, story = known[row.id]
            own = [e for e in story if e.kind == looks.SHOWN and e.actor == self.me.actor and e.subject == file.version]
            before = [place for each in own for place in each.body["places"]]
            looks.require_seen(file.path, self.looks_at(file), [*before, *shown.get(row.id, ())])

    def _beside(self, rows: Sequence[StandingRow], pinned: Sequence[Mapping[str, Any]], shown: Shown) -> list[NewFact]:
        """Return what is written with a decision: its notes, and what was on the screen."""
        notes = [self._pin_fact(row, each) for row in rows for each in pinned]
        seen = [
            looks.shown_fact(row.batch, row.state.version, shown[row.id], self.me.actor)
            for row in rows
            if shown.get(row.id)
        ]
        return [*notes, *seen]

    def seen_as(self, ref: str, etag: str, verb: str) -> StandingRow:
        """Return a file that was seen as it is now, for a word of the caller about it alone."""
        return self.rows({self.row(ref).id: etag}, verb)[0]

    def id_of(self, batch: str, file: FileState | str) -> str:
        """Return the id of a file of a batch."""
        return file_id(batch, file if isinstance(file, str) else file.path)

    def products_of(self, batch: str) -> list[ProductState]:
        """Return the products of a batch that the caller may see."""
        self.batch_row(batch)
        return self.products(batch)

    def product_whole(self, batch: str, name: str) -> tuple[ProductState, list[StandingRow]]:
        """Return one product, and its files with those that could be swapped in."""
        from safelight.workflows.product_board import product_named

        self.batch_row(batch)
        found = product_named(self.products(batch, name), name)
        files = [each for slot in found.slots for each in (*slot.frames, *slot.alternates)]
        return found, self.house.floor.files([self.id_of(batch, each) for each in files], self._now())

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

    def propagate_on(self, row: StandingRow, steps: Sequence[str], reason: str) -> list[dict[str, Any]]:
        """Give an approved hero's settings to its set, and paint it beside the other work."""
        lines = self.propagate(row.batch, row.state.path, steps, self.name, reason)
        self._repaint(row.batch)
        return lines

    def brief_on(self, batch: str, about: str, text: str) -> dict[str, Any]:
        """Set a brief; its board stays as it is."""
        from safelight.review.briefs import set_brief

        row = self.batch_row(batch, "brief")
        before = next((each for each in self.briefs(batch) if each.about == about), None)
        board = list(before.board) if before is not None and text else []
        self.store.ledger.append(set_brief(row.name, about, text, board, self.name))
        return {"batch": batch, "about": about, "said": f"brief for {about or 'the batch'}, says {self.name}"}

    def sent_out(self, batch: str) -> list[dict[str, Any]]:
        """Return what is out at retouchers and vendors and did not come back; a vendor sees its own alone."""
        row = self.batch_row(batch, "checkout")
        lines = self.house.studio.sent_out(row.name)
        if self.me.role_on(row.project) != "vendor":
            return lines
        return [each for each in lines if each["vendor"].casefold() == self.name.casefold()]

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
            if not each.disabled and accounts.caller_of(each, _NO_PASS).may("claim", project)
        ]
        return [(item, choose(item, people)) for item in self.queue(batch)]

    @staticmethod
    def reasons() -> list[dict[str, Any]]:
        """Return the list of reasons for which a version is sent back."""
        from safelight.routing.reasons import return_reasons

        kept = ("code", "title", "queue", "task", "edge", "upstream")
        return [{name: getattr(each, name) for name in kept} for each in return_reasons().values()]

    def overrule_on(self, seen: Seen, word: str, reason: str) -> list[StandingRow]:
        """Record the caller's word against culling's."""
        from safelight.review.overrule import record_overrulings

        rows = self.rows(seen, "decide")
        self._require_free(rows, "")
        record_overrulings(self.store, self._partial(rows), [each.state.path for each in rows], word, self.name, reason)
        return self._again(rows)

    def amend_on(self, ref: str, etag: str, step: str, values: Mapping[str, Any], reason: str) -> StandingRow:
        """Record the caller's numbers for a step, and paint the file anew beside the other work."""
        from safelight.review.amend import amended_params, record_amendment
        from safelight.review.decide import find_file

        row = self.rows({ref: etag}, "amend")[0]
        self._require_free([row], "")
        batch = self._partial([row])
        repairs = None
        if step in step_names() and step_named(step).kind == "repair":
            repairs = self._repairs(row, step, amended_params(find_file(batch, row.state.path), step, values))
        record_amendment(self.store, batch, row.state.path, step, values, self.name, reason, repairs)
        self._repaint(row.batch)
        return self._again([row])[0]

    def redo_step_on(
        self, ref: str, etag: str, step: str, reason: str, pinned: Sequence[Mapping[str, Any]]
    ) -> StandingRow:
        """Have one step of a file done again, with notes, and paint it beside the other work."""
        from safelight.review.redo import redo

        row = self.seen_as(ref, etag, "decide")
        self._require_free([row], "")
        self._end_claims_with([row])
        batch = self._partial([row])
        file = batch.files[row.state.path]
        facts = redo(batch, file, step, self.name, reason, self.settings.sample_share)
        self.ledger.append([*facts, *self._beside([row], pinned, {})])
        self._repaint(row.batch)
        return self._again([row])[0]

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
        batch = self._partial([row])
        self.ledger.append(undo.undo_facts(self.store, batch, batch.files[row.state.path], fact, self.name))
        if fact.kind == "edit.amended":
            self._repaint(row.batch)
        return self._again([row])[0]

    def redo_on(self, seq: int) -> StandingRow:
        """Say again a decision that the caller took back."""
        fact, row = self._deed(seq)
        gone = {each.body["decision"] for each in self.ledger.facts(kind=UNDONE, subject=fact.subject)}
        batch = self._partial([row])
        file = batch.files[row.state.path]
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
        self.me.require("amend" if fact.kind == "edit.amended" else "decide", row.project)
        self._expect({row.id: row.seq})
        return fact, row

    def _row_of(self, fact: Fact) -> StandingRow | None:
        now = self._now()
        rows = self.house.floor.of_version(fact.subject, now) or self.house.floor.of_asset(fact.subject, now)
        path = fact.body.get("path")
        return next((each for each in rows if each.batch == fact.batch and path in (None, each.state.path)), None)

    def news_after(self, seq: int, most: int = 2000) -> tuple[list[News], bool]:
        """Return the news after a number that the caller may see, and whether that is all of it."""
        facts = self.ledger.facts(after=seq, limit=most + 1)
        found = [self.house.news_of(each) for each in facts[:most]]
        return [each for each in found if not each.project or self.may_see(each.project)], len(facts) <= most

    def require_figures(self) -> None:
        """Refuse the service's own figures to those who may not see numbers."""
        self.me.require("report", EVERYWHERE)

    # What decisions teach

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

    # Claims, notes, assignment

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
        if to is not None and not accounts.caller_of(to, _NO_PASS).may("view", rows[0].project):
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
            _number(etag),
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
            _number(etag),
            self.me.account,
            self.me.actor,
            any_note=self.me.may("assign", row.project),
        )

    # Pictures

    def original_picture(self, ref: str, long_side: int) -> tuple[str, bytes]:
        """Return an original at a size, upright, as the camera left it: (key, JPEG)."""
        row = self.row(ref)
        thumbnail = row.state.measured.get("thumbnail")
        if thumbnail and long_side <= self.settings.thumbnail_side_px:
            return key_for("blob", thumbnail), self.store.blobs.get(thumbnail)
        key = key_for("original", row.state.asset)
        return f"{key}-{long_side}", self.house.shelf.size(key, self._original(row), long_side)

    def version_picture(self, version: str, long_side: int) -> tuple[str, bytes]:
        """Return a version at a size: (key, JPEG)."""
        blobs = self._blobs_of(version)
        for name, side in (("thumbnail", self.settings.thumbnail_side_px), ("proof", self.settings.proof_side_px)):
            if name in blobs and long_side == side:
                return key_for("blob", blobs[name]), self.store.blobs.get(blobs[name])
        key = key_for("blob", blobs["master"])
        source = Source(str(self.root), blobs["master"])
        return f"{key}-{long_side}", self.house.shelf.size(key, source, long_side)

    def original_tiles(self, ref: str) -> tuple[str, Pyramid]:
        """Return the pyramid of an original: (key, pyramid)."""
        row = self.row(ref)
        key = key_for("original", row.state.asset)
        return key, self.house.shelf.pyramid(key, lambda: self._original(row))

    def version_tiles(self, version: str) -> tuple[str, Pyramid]:
        """Return the pyramid of a version: (key, pyramid)."""
        blobs = self._blobs_of(version)
        key = key_for("blob", blobs["master"])
        return key, self.house.shelf.pyramid(key, lambda: Source(str(self.root), blobs["master"]))

    def before_tiles(self, version: str) -> tuple[str, Pyramid]:
        """Return the pyramid of a version's original on the version's own pixels: (key, pyramid)."""
        made = self._made(version)
        row = self.row(str(made["asset"]))
        key = key_for("before", row.state.asset, made["edit_key"])
        edit = to_json(made["edit"])
        return key, self.house.shelf.pyramid(key, lambda: replace(self._original(row), edit=edit, carried=True))

    # Drafts: what a person tries at the amend desk, and nobody has saved

    def draft(
        self,
        ref: str,
        changes: Changes,
        long_side: int | None,
        region: tuple[int, int, int, int] | None,
        strokes: Strokes = (),
    ) -> bytes:
        """Paint a file's edit with other numbers and a hand's strokes: whole at a size, or a region at 100 % (JPEG)."""
        task = DraftTask(self._draft_source(ref, changes, strokes), long_side, region)
        return bytes(self.house.crew.ask("a draft", paint_draft, task))

    def light(self, ref: str, long_side: int) -> Light:
        """Return a file before its color, on its version's pixels, for a shader to paint."""
        task = DraftTask(self._draft_source(ref, {}), long_side)
        return cast(Light, self.house.crew.ask("light", light_of, task))

    def shader(self, ref: str, changes: Changes) -> dict[str, Any]:
        """Return the color of a file's edit, with other numbers in some steps, as a shader on `light`."""
        from safelight.pixels.color.spaces import WORKING
        from safelight.render.shader import edit_shader
        from safelight.runs.bench import LentTools

        row, edit = self._draft_of(ref, changes)
        tools = LentTools(self.store.blobs, _no_pixels, self._resources(row))
        scene = row.state.measured.get("format") == "raw"
        return edit_shader(edit, step_named, tools, scene_referred=scene, from_space=WORKING, from_light=True)

    def _draft_of(self, ref: str, changes: Changes) -> tuple[StandingRow, Edit]:
        row = self.row(ref, "amend")
        made = self.whole(row)[0].made
        if not made:
            raise GateClosedError(f"{row.state.path} has no edit to try on; it is {row.state.standing}")
        return row, with_changes(Edit.from_data(made["edit"]), changes)

    def _draft_source(self, ref: str, changes: Changes, strokes: Strokes = ()) -> Source:
        row, edit = self._draft_of(ref, changes)
        for name in changes:
            repair = edit.step(name)
            if repair is not None and step_named(name).kind == "repair":
                edit = edit.with_step(replace(repair, artifacts=self._repairs(row, name, repair.params)))
        own = edit.step("cutout")
        if strokes and own is not None:
            drawn = Artifact("matte", self._drawn(row, strokes), "image/png")
            edit = edit.with_step(replace(own, artifacts={**own.artifacts, "matte": drawn}))
        return replace(self._original(row), edit=edit.to_json(), resources=tuple(self._resources(row).items()))

    def _resources(self, row: StandingRow) -> dict[str, str]:
        """Return the files of the batch's guide, by name, as blobs."""
        guide = guide_of(self._partial([row]))
        return {name: self.store.blobs.put(each.read()) for name, each in guide.resources.items()}

    # A hand's work on a matte, a mood board, the client's yes

    def drawn_matte(self, ref: str, strokes: Strokes) -> bytes:
        """Return a file's matte with a hand's strokes on it, small, as an 8-bit gray PNG; nothing is recorded."""
        row = self.row(ref, "amend")
        task = HandTask(self._original(row), self._drawn(row, strokes))
        return bytes(self.house.crew.ask("a matte", small_matte, task))

    def draw_on(self, ref: str, etag: str, strokes: Strokes, reason: str) -> StandingRow:
        """Record a hand's strokes as the file's matte, and paint it anew beside the other work."""
        from safelight.review.amend import record_matte

        row = self.rows({ref: etag}, "amend")[0]
        self._require_free([row], "")
        drawn = self.store.blobs.get(self._drawn(row, strokes))
        record_matte(self.store, self._partial([row]), row.state.path, drawn, len(strokes), self.name, reason)
        self._repaint(row.batch)
        return self._again([row])[0]

    def follow_edge(self, ref: str, start: Place, end: Place) -> list[Place]:
        """Return the points of a path that clings to the picture's edges between two places."""
        task = WireTask(self._original(self.row(ref, "amend")), start, end)
        return list(self.house.crew.ask("an edge", follow_edge, task))

    def outline(self, ref: str) -> dict[str, Any]:
        """Return the clipping path of a file's matte for the screen; worked out once for each matte."""
        row = self.row(ref)
        matte = matte_of(self.whole(row)[0]).artifacts["matte"].sha256
        known = self.house.outlines.get(matte)
        if known is None:
            known = self.house.crew.ask("a path", outline_on_screen, HandTask(self._original(row), matte))
            self.house.outlines.put(matte, known)
        return dict(known)

    def match(self, refs: Sequence[str], references: Sequence[bytes], strength: float) -> dict[str, Any]:
        """Return the grade that brings files near to a mood board; nothing is recorded."""
        sources = tuple(self._draft_source(each, {}) for each in refs)
        task = MoodTask(tuple(references), sources, strength)
        return dict(self.house.crew.ask("a match", match_mood, task))

    def say_yes(self, ref: str, etag: str, words: str) -> dict[str, Any]:
        """Record that the client approves a version as it is; a fact of its own, beside the studio's approval."""
        from safelight.review.yes import record_yes

        row = self.rows({ref: etag}, "return")[0]
        return record_yes(self.store, self._partial([row]), row.state, self.me.actor, words)

    def yes_to(self, row: StandingRow) -> dict[str, str]:
        """Return the client's yes to a file's version, or an empty mapping."""
        from safelight.review.yes import read_yes

        return read_yes(self.store, row.state.version)

    def _repairs(self, row: StandingRow, step: str, params: Mapping[str, Any]) -> Mapping[str, Artifact]:
        """Where a repair copies from on a file's original; found once for the same marks."""
        key = key_of(row.state.asset, step, to_json(dict(params)))
        known = self.house.repairs.get(key)
        if known is None:
            known = self.house.crew.ask(
                "a repair", repairs_in_store, RepairTask(self._original(row), step, dict(params))
            )
            self.house.repairs.put(key, known)
        return known

    def _drawn(self, row: StandingRow, strokes: Strokes) -> str:
        """The blob of a file's matte after `strokes`; what was drawn already is not drawn again."""
        before = matte_of(self.whole(row)[0]).artifacts["matte"].sha256
        keys = [key_of(before, to_json(list(strokes[:number]))) for number in range(len(strokes) + 1)]
        done = next((n for n in range(len(strokes), 0, -1) if self.house.mattes.get(keys[n])), 0)
        matte = self.house.mattes.get(keys[done]) or before
        if done < len(strokes):
            task = HandTask(self._original(row), matte, tuple(strokes[done:]))
            matte = self.house.crew.ask("a stroke", draw_in_store, task)
            self.house.mattes.put(keys[-1], matte)
        return matte

    def repaint(self, batch: str) -> None:
        """Paint anew what people changed in a batch, beside the server."""
        self.batch_row(batch, "amend")
        self._repaint(batch)

    def tile(self, key: str, level: int, x: int, y: int) -> bytes:
        """Return a tile of a pyramid that `original_tiles` or `version_tiles` named."""
        return self.house.shelf.tile(key, level, x, y)

    def evidence(self, ref: str, sha256: str) -> bytes:
        """Return a picture that belongs to a file: evidence, a matte, a proof of any of its versions."""
        file, story = self.whole(self.row(ref))
        if not any(sha256 in str(each.body) for each in story) or sha256 == file.asset:
            raise MissingError(f"no picture {sha256!r} belongs to this one")
        return self.store.blobs.get(sha256)

    # Long work

    def start_run(self, shoot: Path, guide: Path | None, workflow: str) -> JobState:
        """Take a shoot through its workflow, beside the server."""
        self._may(self.me.actor, "run")
        if not shoot.is_dir():
            raise UsageError("there is no such folder on the machine that serves; name one that it can see")

        wanted = AskedWork(asked.new_job(), "run", "", self.name, str(shoot), str(guide or ""), workflow)
        return self.house.ask_for(wanted, self.ledger)

    def start_release(self, batch: str) -> JobState:
        """Record the release of a batch by the caller, who has looked at its sample, and deliver it."""
        self.batch_row(batch, "release")
        return self.house.ask_for(AskedWork(asked.new_job(), "release", batch, self.name), self.ledger)

    def start_delivery(self, batch: str) -> JobState:
        """Deliver what is approved and not yet delivered, beside the server."""
        self.batch_row(batch, "deliver")
        return self.house.ask_for(AskedWork(asked.new_job(), "deliver", batch, self.name), self.ledger)

    def jobs(self) -> list[JobState]:
        """Return the jobs that the caller may see, the newest last."""
        return [each for each in self.house.jobs.states() if self.may_see(each.project)]

    # People

    def list_people(self) -> list[Account]:
        """Return all accounts."""
        self.me.require("configure", EVERYWHERE)
        return self.house.people.accounts()

    def invite(
        self, login: str, name: str, roles: Mapping[str, str], skills: Sequence[str], *, junior: bool
    ) -> tuple[Account, str]:
        """Add an account; return it and the secret of its link."""
        self.me.require("configure", EVERYWHERE)
        made = accounts.invite(self.store, self.house.people, self.me.actor, login, name, roles, skills, junior=junior)
        self.house.forget_names()
        return made

    def relink(self, account_id: str) -> str:
        """Make a new link for an account; return its secret."""
        self.me.require("configure", EVERYWHERE)
        account = self.house.people.account(account_id)
        if account is None:
            raise MissingError(f"no account {account_id!r}")
        return accounts.link_for(self.store, self.house.people, self.me.actor, account)

    def change_account(self, account_id: str, etag: str, changes: Mapping[str, Any]) -> Account:
        """Change an account."""
        self.me.require("configure", EVERYWHERE)
        done = accounts.change(self.store, self.house.people, self.me.actor, account_id, _number(etag), changes)
        self.house.forget_names()
        return done

    def list_keys(self) -> list[Pass]:
        """Return all API keys, without their secrets."""
        self.me.require("configure", EVERYWHERE)
        return self.house.people.passes("key")

    def make_key(self, account_id: str, name: str, roles: Mapping[str, str], lives_s: float) -> tuple[str, Pass]:
        """Make an API key for an account; return its secret, once, and what is kept."""
        self.me.require("configure", EVERYWHERE)
        account = self.house.people.account(account_id)
        if account is None or account.disabled:
            raise MissingError(f"no account {account_id!r}")
        secret, made = passes.make_pass(
            self.house.people, "key", account.id, lives_s=lives_s, name=name, roles=accounts.checked_roles(roles)
        )
        body = {"account": account.id, "roles": dict(roles), "until": made.until}
        self.ledger.append([NewFact(accounts.KEY_MADE, made.id, body, self.me.actor, "", {"key_name": name})])
        return secret, made

    def revoke_key(self, key_id: str) -> None:
        """End an API key."""
        self.me.require("configure", EVERYWHERE)
        if not self.house.people.revoke("key", id=key_id):
            raise MissingError(f"no API key {key_id!r}")
        self.ledger.append([NewFact(accounts.KEY_REVOKED, key_id, {}, self.me.actor)])

    # Within

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

    def _place(self, fact: Fact) -> dict[str, Any]:
        row = self._row_of(fact)
        return {"id": row.id if row else "", "file": row.state.path if row else str(fact.body.get("path") or "")}

    def _original(self, row: StandingRow) -> Source:
        from safelight.store.originals import Reference

        found = self.store.ledger.sightings(batch=row.batch, sha256=row.state.asset)
        if not found:
            raise MissingError(f"{row.state.path} was never read; there is no picture of it")
        reference = found[0].reference
        return Source(
            str(self.root), "", Reference(reference.path, reference.size, reference.mtime_ns, row.state.asset)
        )

    def _blobs_of(self, version: str) -> Mapping[str, str]:
        """Return the blobs of a version that the caller may see, present or past."""
        return dict(self._made(version)["blobs"])

    def _made(self, version: str) -> Mapping[str, Any]:
        """Return what was made of a version that the caller may see, present or past."""
        made = self.house.made(version)
        if made is None or not self.may_see(self.house.project_of(made[0])):
            raise MissingError(f"no version {version!r}")
        return made[1]

    def _repaint(self, batch: str) -> None:
        """Run a batch again: only what changed is worked."""
        opened, _ = self.house.opening(batch)
        folder, guide = str(opened.get("folder", "")), str(opened.get("guide_path") or "")
        self.house.ask_for(AskedWork(asked.new_job(), "repaint", batch, self.name, folder, guide), self.ledger)


def _no_pixels() -> Image:
    raise UsageError(
        "a color step reads the picture, which the amend desk has not decoded: save it and let it be painted"
    )


_NO_PASS = Pass("", "", "session", "")


def _with_ledger(store: Store, ledger: Any) -> Store:  # noqa: ANN401 - a Ledger
    from copy import copy

    mine = copy(store)
    mine.ledger = ledger
    return mine


def _number(etag: str) -> int:
    try:
        return int(etag)
    except ValueError:
        raise UsageError(f"If-Match is {etag[:40]!r}; it takes the ETag that came with what you saw") from None
