"""What all desks of a service share: people, the floor's rows, workers for pictures, jobs, the bulletin."""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.access import EVERYWHERE, Caller
from safelight.core.batch import MADE, NO_NEWS, OPENED, RELEASED, BatchState
from safelight.core.edit import Artifact
from safelight.core.facts import Fact
from safelight.errors import SafelightError
from safelight.house.counting import Counts
from safelight.house.desk import Desk
from safelight.people import accounts, passes
from safelight.people.attempts import Attempts
from safelight.people.quota import Quota
from safelight.review import claims, looks
from safelight.review.bulletin import Bulletin, News
from safelight.review.release import SHOWN
from safelight.review.told import file_line
from safelight.runs import asked
from safelight.runs.asked import AskedWork
from safelight.runs.crew import Crew
from safelight.runs.jobs import Jobs, JobState
from safelight.runs.recent import Recent
from safelight.runs.shelf import Shelf
from safelight.store.answers import Answer, Answers
from safelight.store.chain import ERASURE
from safelight.store.floor import Floor, StandingRow, Wanted
from safelight.store.people import Account, Pass, PassKind, people_of
from safelight.store.redaction import ASSET_ERASED
from safelight.studio import Studio
from safelight.studio.guides import hero_rule_of

if TYPE_CHECKING:
    from safelight.core.recipe import HeroRule
    from safelight.runs.progress import Progress
    from safelight.settings import Settings
    from safelight.store import Store
    from safelight.store.ledger import Ledger

_SWEEP_S = 2.0
_REST_S = 0.01  # between pages of five hundred facts, which take as long
_NICE = 19  # of a pool beside people who wait at screens: see `runs.pool.stand_back`
_LONG_ROUNDS = 900  # half an hour: what has ended for good is thrown away
_OPENINGS_KEPT = 200  # batches; an opening may hold its guide
_MADE_KEPT = 2_000  # versions whose tiles are asked for
_LINES_KEPT = 40_000  # files whose lines are remembered, some 2 kB each
_AHEAD = 30_000  # of them that are told before anybody asks
_EDGES_KEPT = 500  # mattes whose soft places are remembered


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
        self.people = people_of(store.ledger.database)
        self.floor = Floor(store.ledger.database)
        self.bulletin = Bulletin()
        self.tries = Attempts()
        self.quota = Quota(settings.account_day_bytes)
        self.crew = Crew(min(2, os.cpu_count() or 1))
        self.shelf = Shelf(store.layout.cache, self.crew, settings.screen_cache_bytes)
        self.jobs = Jobs(self._tell_job)
        self.outlines: Recent[dict[str, Any]] = Recent(64)
        self.mattes: Recent[str] = Recent(256)
        self.repairs: Recent[Mapping[str, Artifact]] = Recent(256)
        self.answers = Answers(store.ledger.database)
        self._answers: dict[str, tuple[Answer, str]] = {}
        self._requests: set[str] = set()
        self.lines: Recent[tuple[tuple[Any, ...], str]] = Recent(_LINES_KEPT)
        self.soft_edges: Recent[Sequence[looks.Box]] = Recent(_EDGES_KEPT)
        self._names: dict[str, str] = {}
        self._projects: dict[str, str] = {}
        self._openings: Recent[tuple[Mapping[str, Any], str]] = Recent(_OPENINGS_KEPT)
        self._made: Recent[tuple[str, Mapping[str, Any]]] = Recent(_MADE_KEPT)
        self.counts = Counts()
        self._lanes: Mapping[str, Mapping[str, str]] | None = None
        self._heroes: dict[tuple[str, str], HeroRule | None] = {}
        self._ended, self.gathered = threading.Event(), threading.Event()
        self._is_told = False  # whether the lists that people open first were told since the start
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
            return self.studio.run(
                Path(work.folder), guide, work.workflow, self.out, progress, adopt=work.adopt
            ).summary
        if self.store.ledger.facts(kind=RELEASED, batch=work.batch, after=work.seq, limit=1):
            return self.studio.deliver(work.batch, self.out, progress).summary  # it was released before the end came
        return self.studio.release(work.batch, work.by, self.out, progress, work.seen, SHOWN).summary

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

    def hero_rule(self, batch: str, category: str) -> HeroRule | None:
        """Return what a batch's guide says of a category's hero, remembered until the batch is opened again."""
        if (batch, category) not in self._heroes:
            opened, at = self.opening(batch)
            self._heroes[batch, category] = hero_rule_of(BatchState(batch, opened, at, {}, (), ""), category)
        return self._heroes[batch, category]

    def names(self) -> Mapping[str, str]:
        """Return the name of each account."""
        if not self._names:
            self._names = {each.id: each.name for each in self.people.accounts()}
        return self._names

    def forget_names(self) -> None:
        """Read names anew: an account was added or changed."""
        self._names = {}
        self.lines.clear()

    def line_text(self, row: StandingRow) -> str:
        """Return a file as a list shows it, as JSON; told once for as long as nothing of it changes."""
        key = (row.seq, hash(row.kept), row.project, row.queue, row.since, row.claim)
        known = self.lines.get(row.id)
        if known is None or known[0] != key:
            line = file_line(row, self.names())
            known = (key, json.dumps(line, separators=(",", ":"), allow_nan=False))
            self.lines.put(row.id, known)
        return known[1]

    def get_ready(self, within_s: float) -> int:
        """Tell the lists that people open first and read what the ledger teaches, before anybody is let in.

        A list of 200 files that were told before is there in a quarter of the time. At most so long: what is left is
        done beside those who work, by `tell_ahead`. Returns how many lines were told.
        """
        until = time.monotonic() + within_s
        count = self._tell(rest=0.0, until=until)
        self.gathered.wait(max(0.0, until - time.monotonic()))
        return count

    def tell_ahead(self) -> int:
        """Tell what people open first before they ask: what waits, then the first page of each of the last batches.

        Returns how many lines were told; four times as long as it takes it rests, so that nobody waits for it.
        """
        return 0 if self._is_told else self._tell(rest=4.0)

    def _tell(self, *, rest: float, until: float = math.inf) -> int:
        count = 0
        for row in islice(self._opened_first(), _AHEAD):
            begun = time.monotonic()
            if begun > until:
                return count
            self.line_text(row)
            count += 1
            if self._ended.is_set() or (rest and self._ended.wait(rest * (time.monotonic() - begun))):
                return count
        self._is_told = True
        return count

    def _opened_first(self) -> Iterator[StandingRow]:
        batches = self.floor.batches(None)
        for standing in ("waiting", ""):
            for each in batches:
                wanted = Wanted(batch=each.name, standing=standing)
                yield from self.floor.page(wanted, claims.stamp(datetime.now(UTC)), limit=200)

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
            if each.kind in NO_NEWS:  # what one looked at or fetched moves nothing, and is nobody else's
                continue
            if each.kind == OPENED:
                self._projects.pop(each.batch, None)
                self._openings.drop(each.batch)
                self._lanes = None
                self._heroes.clear()
            elif each.kind == MADE:
                self._made.drop(each.subject)
            elif each.kind in (ASSET_ERASED, ERASURE):  # old facts say something else now
                self._openings.clear()
                self._made.clear()
                self.forget_names()
                self._answers.clear()
                self.counts.known.clear()
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
