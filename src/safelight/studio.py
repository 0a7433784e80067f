"""The studio: every verb of safelight in one place, each asking once who may, and wiring what does it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safelight.access import Caller, embedded_role, require
from safelight.core.facts import Actor
from safelight.errors import DeclarationError, SafelightError, UnknownNameError

if TYPE_CHECKING:
    from safelight.core.batch import BatchState, FileState
    from safelight.core.facts import NewFact
    from safelight.core.fold import BatchFold
    from safelight.learning.experience import Experience
    from safelight.learning.lessons import Lessons
    from safelight.learning.proposals import ThresholdProposal
    from safelight.reports.kpi import Kpi, Rates
    from safelight.review.briefs import Brief
    from safelight.review.consistency import Inconsistent
    from safelight.review.queues import QueueItem
    from safelight.routing.calendar import Calendar
    from safelight.routing.record import Record
    from safelight.routing.reliability import Override
    from safelight.runs.progress import Progress
    from safelight.runs.run import Order
    from safelight.runs.shoot import Shoot
    from safelight.settings import Settings
    from safelight.store import Store
    from safelight.store.originals import Reference
    from safelight.workflows.guide import Guide
    from safelight.workflows.product_board import ProductState
    from safelight.workflows.products import Needs
    from safelight.workflows.questions import Question
    from safelight.workflows.shot_list import ShotList

OWNER = Actor("person", "the person at this machine")


@dataclass(frozen=True)
class Done:
    """What a verb has to say: lines of data, a summary in words, and how many files are in quarantine."""

    lines: Sequence[Mapping[str, Any]]
    summary: str = ""
    quarantined: int = 0


@dataclass(frozen=True)
class Asked:
    """What a release asks of the person: lines to read, and how many files are in the sample."""

    lines: Sequence[Mapping[str, Any]]
    sample: int


@dataclass(frozen=True)
class Numbers:
    """The floor's numbers: lines of data, text, and a table for a spreadsheet."""

    lines: Sequence[Mapping[str, Any]]
    text: str
    csv: str


class Studio:
    """The verbs that work on a store."""

    def __init__(self, store: Store, settings: Settings, caller: Caller | None = None) -> None:
        self.store, self.settings, self.root, self.caller = store, settings, store.root, caller
        self._folds: dict[str, BatchFold] = {}
        self._lessons: Lessons | None = None
        self._lock = threading.RLock()

    # Pictures come in

    def run(
        self,
        shoot: Path,
        guide: Path | None,
        workflow: str,
        out: Path,
        progress: Progress,
        *,
        adopt: bool = False,
    ) -> Done:
        """Take a shoot through its workflow, write proofs and the report, and say where everything stands.

        A batch stays under the guide that it started with, unless `adopt` takes another for it.
        """
        from safelight.runs.pinned import require_same_guide
        from safelight.runs.run import run_batch

        self._may(OWNER, "run")
        order = self._order(shoot, guide, workflow)
        if not adopt:
            require_same_guide(self.store, order.shoot.folder, order.guide, order.guide_path)
        batch = run_batch(self.store, order, progress)
        self._take_reshoots(batch)
        return self.report(batch, out)

    def _take_reshoots(self, batch: str) -> None:
        """Let new captures take the place of those that were asked for again."""
        from safelight.review.reopen import superseding

        with self._lock:
            self.store.ledger.append(superseding(self.state(batch)))

    def cull(self, folder: Path, guide: Path | None, progress: Progress, out: Path) -> Done:
        """Measure, group and class every frame; nothing is painted. A contact sheet fills while frames come in."""
        from safelight.reports.contact import ContactSheet
        from safelight.reports.lines import cull_lines
        from safelight.runs.run import run_batch

        self._may(OWNER, "cull")
        order = self._order(folder, guide, "")
        batch = run_batch(self.store, order, progress, cull_only=True, looker=lambda name: ContactSheet(out / name))
        state = self.state(batch)
        lines = cull_lines(state)
        page = ContactSheet(out / batch).finish(state)
        return Done(lines, f"contact sheet: {page}", sum(line["class"] == "unreadable" for line in lines))

    def ingest(self, folder: Path, progress: Progress, backup: Path | None = None) -> Done:
        """Copy originals into the store, and into a backup folder where one is named."""
        from safelight.media.names import slug
        from safelight.runs.ingest import ingest_shoot
        from safelight.runs.journal import batch_for
        from safelight.runs.shoot import list_shoot

        self._may(OWNER, "ingest")
        shoot = list_shoot(str(folder))
        batch = batch_for(self.store, shoot.folder, slug(folder.name) or "shoot")
        lines = ingest_shoot(self.store, shoot, batch, progress, None if backup is None else str(backup.absolute()))
        return Done(lines, "", sum(line.get("failed", False) for line in lines))

    def watch(
        self,
        folder: Path,
        guide: Path | None,
        out: Path,
        progress: Progress,
        tell: Callable[[Mapping[str, Any]], None],
        *,
        once: bool,
    ) -> None:
        """Run what arrives whole in a folder, from copies in the store, and put it away."""
        from safelight.runs.hot_folder import HotFolder, watch

        self._may(OWNER, "run")

        def work(claim: Path) -> Sequence[Mapping[str, Any]]:
            self.ingest(claim, progress)
            return self.run(claim, guide, "", out, progress).lines

        check_guide(guide, "")
        watch(HotFolder(folder, work), tell, once=once)

    # Out to a retoucher and back

    def checkout(
        self,
        batch: str,
        files: Sequence[str],
        out: Path,
        name: str,
        *,
        format: str = "psd",
        bits: int = 16,
        space: str = "srgb",
        terms: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Write versions for a retoucher, in layers, with the way back written in; with `terms` as a vendor's batch."""
        from safelight.core.edit import Edit
        from safelight.media.names import slug
        from safelight.review.decide import find_file
        from safelight.review.notes import notes_of
        from safelight.review.retouch import note_for, require_can_go_out, sent, ticket_of
        from safelight.runs.checkout import FORMATS, CheckoutTask, require_format, write_checkout
        from safelight.runs.vendor import require_terms, write_package

        self._may(Actor("person", name), "checkout", batch)
        require_format(format, bits, space)
        given = require_terms(*((terms or {}).get(each, "") for each in ("vendor", "due", "brief")))
        state, resources, lines = self.state(batch), self._guide_files(batch), []
        found = [find_file(state, each) for each in files]
        for file in found:
            require_can_go_out(file)
        out.mkdir(parents=True, exist_ok=True)
        for nth, file in enumerate(found):
            ticket = ticket_of(state, file, nth)
            notes = [each.text for each in notes_of(self.store, file.asset) if not each.done]
            note = note_for(file, notes, given.get("brief", ""))
            target = out / f"{slug(Path(file.path).stem)}_{ticket}{FORMATS[format]}"
            edit, original = Edit.from_data(file.made["edit"]), self._reference(state, file)
            task = CheckoutTask(str(self.root), original, edit, resources, target, ticket, note, format, bits, space)
            painted = write_checkout(task) | {"ticket": ticket}
            with self._lock:
                self.store.ledger.append(sent(state, file, painted, given, name))
            said = f"{file.path}: {target.name}, {painted['width']} x {painted['height']} px, {bits} bits, {space}"
            lines.append({"path": file.path, "out": str(target), "note": note, "said": said, **painted})
        if given:
            write_package(out, batch, given, lines, name)
        return lines

    def checkin(
        self, batch: str, paths: Sequence[Path], name: str, reason: str, *, file: str = "", confirm: bool = False
    ) -> list[dict[str, Any]]:
        """Take what came back as a person's versions; a folder is taken whole, and says what is still missing."""
        from safelight.review.decide import find_file
        from safelight.review.retouch import RETURNED, SENT, out_line, still_out
        from safelight.runs.vendor import OURS

        self._may(Actor("person", name), "checkin", batch)
        only = find_file(self.state(batch), file).path if file else ""
        found, folders = [], [each for each in paths if each.is_dir()]
        for path in paths:
            inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
            found += [each for each in inside if each.name not in OURS and not each.name.startswith(".")]
        lines = [self._check_in(batch, each, name, reason, only, confirm=confirm) for each in found]
        vendors = {each["vendor"] for each in lines if each.get("vendor")}
        if folders and vendors:
            today = self.today()
            facts = self.store.ledger.facts(kind=(SENT, RETURNED), batch=batch)
            missing = [each for each in still_out(facts) if each.body.get("vendor") in vendors]
            shown = {each.get("ticket") for each in lines}
            for each in missing:
                if each.body["ticket"] not in shown:
                    line = out_line(each, today)
                    lines.append(line | {"standing": "missing", "said": f"missing: {line['said']}"})
        return lines

    def ghost(self, batch: str, outer: str, inner: str, name: str, depth: float = 0.25) -> dict[str, Any]:
        """Join an outer and an inner shot into a draft ghost mannequin, in the outer's edit."""
        from safelight.plugins import step_named
        from safelight.review.composites import GHOST, edit_of, joined, joint_lines, require_two_shots
        from safelight.review.decide import find_file
        from safelight.runs.ghost import GhostTask, Shot, make_ghost

        self._may(Actor("person", name), "amend", batch)
        step_named(GHOST).params.accept({"depth": depth})
        state, resources = self.state(batch), self._guide_files(batch)
        files = find_file(state, outer), find_file(state, inner)
        require_two_shots(*files)
        first, second = (Shot(e.path, self._reference(state, e), edit_of(e), resources) for e in files)
        found = make_ghost(GhostTask(str(self.root), first, second, depth))
        reason = f"draft ghost mannequin with {second.path}"
        with self._lock:
            self.store.ledger.append(joined(state, *files, found, depth, name, reason))
        said = f"{first.path}: joined with {second.path} as a draft; run the shoot again to paint it, then check it out"
        return {
            "file": first.path,
            "inner": second.path,
            "by": name,
            "joints": joint_lines(found["joints"]),
            "said": said,
        }

    def sent_out(self, batch: str) -> list[dict[str, Any]]:
        """Return what is out at retouchers and vendors and did not come back."""
        from safelight.review.retouch import RETURNED, SENT, out_line, still_out

        self._may(OWNER, "view", batch)
        self.state(batch)
        facts = self.store.ledger.facts(kind=(SENT, RETURNED), batch=batch)
        return [out_line(each, self.today()) for each in still_out(facts)]

    def watch_returns(
        self,
        folder: Path,
        batch: str,
        name: str,
        out: Path,
        progress: Progress,
        tell: Callable[[Mapping[str, Any]], None],
        *,
        once: bool,
    ) -> None:
        """Check in what retouchers put into a folder, and paint it; what does not belong says why beside it."""
        from safelight.runs.hot_folder import HotFolder, watch

        self._may(Actor("person", name), "checkin", batch)
        state = self.state(batch)
        guide = state.opened.get("guide_path")

        def work(claim: Path) -> Sequence[Mapping[str, Any]]:
            paths = sorted(each for each in claim.rglob("*") if each.is_file())
            taken = [self.checkin(batch, [each], name, f"came back in {folder.name}")[0] for each in paths]
            if any(each["standing"] == "taken" for each in taken):
                self.run(Path(state.opened["folder"]), Path(guide) if guide else None, "", out, progress)
            stays = ("taken", "unchanged", "known")
            return [
                {"file": str(path.relative_to(claim)), "standing": "done" if line["standing"] in stays else "refused"}
                | {"reasons": [line["said"]]}
                for path, line in zip(paths, taken, strict=True)
            ]

        watch(HotFolder(folder, work), tell, once=once)

    def today(self) -> str:
        """Return the day, ISO, where the studio is."""
        from datetime import datetime
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo(self.settings.business_zone)).date().isoformat()

    def _check_in(self, batch: str, path: Path, name: str, reason: str, only: str, *, confirm: bool) -> dict[str, Any]:
        """Take one file in, or say why not."""
        from safelight.errors import MediaError, ReturnRefusedError
        from safelight.review.retouch import RETURNED, SENT, came_back, is_known, returned
        from safelight.runs.bench import blobs, decoder
        from safelight.runs.checkin import look_at_return, return_line
        from safelight.runs.known_again import sent_of

        facts = self.store.ledger.facts(kind=(SENT, RETURNED), batch=batch)
        out = [sent_of(each.body, each.subject, each.at) for each in facts if each.kind == SENT]
        try:
            found = look_at_return(path, out, blobs(str(self.root)), decoder().decode, only=only)
        except (ReturnRefusedError, MediaError) as error:
            return {"file": path.name, "standing": "refused", "said": str(error), "reasons": [str(error)]}
        with self._lock:
            state = self.state(batch)
            file = state.files[found.sent.path]
            line = return_line(path, found, file.version, file.asset, known=is_known(facts, found.sha256))
            if line["standing"] == "asked" and confirm:
                line |= {"standing": "taken", "said": line["said"].replace(" Say yes with --confirm.", "")}
            if line["standing"] in ("taken", "unchanged"):
                self.store.ledger.append(
                    came_back(state, file, found.sent.ticket, line, found.sent.upstream, name, reason)
                )
            elif line["standing"] == "refused":
                self.store.ledger.append([returned(state, file, found.sent.ticket, line, name)])
        return line

    def _guide_files(self, batch: str) -> tuple[tuple[str, str], ...]:
        """Return the files of a batch's guide, by name, as blobs; none where the guide has gone or changed."""
        try:
            guide = guide_of(self.state(batch))
        except SafelightError:
            return ()
        return tuple((name, self.store.blobs.put(each.read())) for name, each in guide.resources.items())

    # People decide

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

    def decide_product(
        self,
        batch: str,
        product: str,
        decided: str,
        name: str,
        reason: str,
        marks: Sequence[str] = (),
        views: Sequence[str] = (),
        also: Sequence[NewFact] = (),
    ) -> list[dict[str, Any]]:
        """Record one decision on a product: all its views that wait, or the named ones."""
        from safelight.review.record import record_product_decision
        from safelight.workflows.product_board import product_named

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            found = product_named(self.products(batch, product), product)
            return record_product_decision(
                self.store,
                self.state(batch),
                found,
                decided,
                name,
                reason,
                marks,
                views,
                self.settings.sample_share,
                also,
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

    def swap(self, batch: str, old: str, new: str, name: str, reason: str) -> list[dict[str, Any]]:
        """Take an alternate in the place of a pick; the next run works on it."""
        from safelight.review.products import swap

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            self.store.ledger.append(swap(self.state(batch), old, new, name, reason))
        return [{"file": new, "instead": old, "by": name, "said": f"{new} in the place of {old}, says {name}"}]

    def waive(self, batch: str, product: str, view: str, name: str, reason: str, channel: str = "") -> dict[str, Any]:
        """Record that a product may leave without a view, for one channel or all."""
        from safelight.review.products import waive
        from safelight.workflows.product_board import product_named

        self._may(Actor("person", name), "release", batch)
        with self._lock:
            found = product_named(self.products(batch, product), product)
            self.store.ledger.append(waive(self.state(batch), found, view, name, reason, channel))
        said = f"{found.key} may leave without {view}{f' for {channel}' if channel else ''}, says {name}"
        return {"product": found.key, "view": view, "channel": channel, "by": name, "said": said}

    def products(self, batch: str, only: str = "") -> list[ProductState]:
        """Return the products of a batch (or one) with their views, where they stand, and what holds them."""
        from safelight.workflows.product_board import product_states

        state = self.state(batch)
        needs, channels = _needs_of(state)
        return product_states(state, needs, channels, only)

    def consistency(self, product: ProductState) -> list[Inconsistent]:
        """Return what does not belong together among a product's views and colorways, before gate 2 looks."""
        from safelight.review.consistency import inconsistencies

        return inconsistencies(product)

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

    def _reference(self, state: BatchState, found: FileState) -> Reference:
        """Say where the original of a file lies, and what it was when it was read."""
        from safelight.store.originals import Reference

        seen = found.seen
        return Reference(f"{state.opened['folder']}/{found.path}", seen["size"], seen["mtime_ns"], found.asset)

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

    def write_sidecars(self, batch: str, name: str, *, settle: bool) -> list[dict[str, Any]]:
        """Write what the ledger says into the sidecars beside the originals."""
        from safelight.review.sidecars import write_sidecars

        self._may(Actor("person", name) if settle else OWNER, "decide" if settle else "cull", batch)
        state = self.state(batch)
        rules = guide_of(state).sidecars
        return write_sidecars(self.store, state, rules, name=name, settle="ledger" if settle else "")

    def hand_off_sidecars(self, batch: str, folder: Path) -> list[dict[str, Any]]:
        """Write what other raw converters have words for, as sidecars in a folder of their own."""
        from safelight.plugins import step_named
        from safelight.review.develop_settings import write_settings

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        return write_settings(self.store, state, guide_of(state).sidecars, folder, step_named)

    def read_sidecars(self, batch: str, name: str, *, settle: bool, trust_names: bool) -> list[dict[str, Any]]:
        """Take what other programs changed into the ledger, as the word of `name`."""
        from safelight.review.sidecars import read_sidecars

        self._may(Actor("person", name), "decide", batch)
        state = self.state(batch)
        rules = guide_of(state).sidecars
        return read_sidecars(self.store, state, rules, name, settle="file" if settle else "", trust_names=trust_names)

    def show_sidecars(self, batch: str) -> list[dict[str, Any]]:
        """Say for each sidecar whether it is in step."""
        from safelight.review.sidecars import show_sidecars

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        return show_sidecars(self.store, state, guide_of(state).sidecars)

    def plan_release(self, batch: str, out: Path) -> Asked:
        """Return what a release would cover and the sample to look at."""
        from safelight.review.record import release_lines
        from safelight.review.release import plan_release

        plan = plan_release(self.state(batch), self.settings.sample_share, self.settings.sample_least)
        return Asked(release_lines(plan, out / batch), len(plan.sample))

    def release(self, batch: str, name: str, out: Path, progress: Progress) -> Done:
        """Record the release by `name`, who has looked at the sample, and deliver."""
        from safelight.review.release import plan_release, release

        self._may(Actor("person", name), "release", batch)
        with self._lock:
            state = self.state(batch)
            plan = plan_release(state, self.settings.sample_share, self.settings.sample_least)
            self.store.ledger.append(release(state, plan, name))
        return self.deliver(batch, out, progress)

    def client_return(self, batch: str, file: str, name: str, reason: str, marks: Sequence[str] = ()) -> dict[str, Any]:
        """Record a client's return of a delivered file: it is open again, a revision and an escape."""
        from safelight.review.record import record_return

        self._may(Actor("person", name), "return", batch)
        with self._lock:
            return record_return(self.store, self.state(batch), file, name, reason, marks)

    def reshoots(self, batch: str) -> list[dict[str, Any]]:
        """Return what the set is asked to shoot again."""
        from safelight.review.reopen import reshoot_lines, reshoot_list

        self._may(OWNER, "view", batch)
        return reshoot_lines(reshoot_list(self.state(batch)))

    def supersede(self, batch: str, old: str, new: str, name: str, reason: str) -> dict[str, Any]:
        """Record that a capture takes another's place under the same product."""
        from safelight.review.decide import find_file
        from safelight.review.reopen import supersede_by_hand

        self._may(Actor("person", name), "decide", batch)
        with self._lock:
            state = self.state(batch)
            first, second = find_file(state, old), find_file(state, new)
            self.store.ledger.append(supersede_by_hand(state, first, second, name, reason))
        return {"file": first.path, "by": second.path, "said": f"{second.path} takes the place of {first.path}"}

    def queue(self, batch: str, now: str = "") -> list[QueueItem]:
        """Return what waits for people in a batch, by product, what comes first first."""
        from datetime import UTC, datetime

        from safelight.review.queues import queue_items

        self._may(OWNER, "view", batch)
        state = self.state(batch)
        lanes = _lanes_of(state)
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
        """Give an approved hero's settings to the files of its category and light."""
        from safelight.review.decide import find_file
        from safelight.review.hero import propagate

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            state = self.state(batch)
            made = propagate(state, find_file(state, hero), steps, name, reason)
            self.store.ledger.append([fact for _, facts in made for fact in facts])
        return [
            {
                "file": file.path,
                "steps": [each.body["step"] for each in facts],
                "by": name,
                "said": f"{file.path}: {len(facts)} steps as on {hero}; run the shoot again to paint them",
            }
            for file, facts in made
        ]

    # Versions

    def versions(self, batch: str, file: str) -> list[dict[str, Any]]:
        """Return a file's lineage: each version with who, when, why, what changed in words, and what was said of it."""
        from safelight.core.batch import AMENDED
        from safelight.review.decide import find_file
        from safelight.review.versions import lineage, node_line

        self._may(OWNER, "view", batch)
        found = find_file(self.state(batch), file)
        facts = {each: self.store.ledger.facts(subject=each, batch=batch) for each in dict.fromkeys(found.versions)}
        amended = self.store.ledger.facts(kind=AMENDED, subject=found.asset)
        return [node_line(each) for each in lineage(found, facts, amended)]

    def restore_version(self, batch: str, file: str, version: str, name: str, reason: str) -> dict[str, Any]:
        """Go back to an earlier version of a file; nothing of the one that stands is lost."""
        from safelight.review.decide import find_file
        from safelight.review.versions import restore, version_named

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            state = self.state(batch)
            found = find_file(state, file)
            wanted = version_named(found, version)
            facts = self.store.ledger.facts(subject=wanted, batch=batch)
            self.store.ledger.append(restore(state, found, wanted, facts, name, reason))
        said = f"{found.path} is at version {wanted} again, says {name}; {found.version} stays in its lineage"
        return {"file": found.path, "version": wanted, "was": found.version, "by": name, "said": said}

    def checkpoint(self, batch: str, label: str, note: str, name: str) -> dict[str, Any]:
        """Remember where a batch stands, to come back to."""
        from safelight.review.versions import set_checkpoint

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            (fact,) = self.store.ledger.append(set_checkpoint(self.state(batch), label, note, name))
        return {"batch": batch, "label": label, "at": fact.at, "said": f"checkpoint {label} of {batch}, by {name}"}

    def restore_checkpoint(self, batch: str, label: str, name: str, reason: str) -> list[dict[str, Any]]:
        """Take every file that is not approved back to where it stood at a checkpoint."""
        from safelight.review.versions import CHECKPOINT, files_at, moved_since

        self._may(Actor("person", name), "amend", batch)
        with self._lock:
            marks = {each.body["label"]: each for each in self.store.ledger.iterate(kind=CHECKPOINT, batch=batch)}
            if label not in marks:
                raise UnknownNameError(f"{batch} has no checkpoint {label!r}; it has: {', '.join(marks) or 'none'}")
            then = files_at(batch, self.store.ledger.iterate(batch=batch), marks[label].body["seq"])
            moved = moved_since(self.state(batch), then)
            return [self.restore_version(batch, now.path, version, name, reason) for now, version in moved]

    def own_look(self, look: Path, owner: str, terms: str, name: str) -> dict[str, Any]:
        """Record who owns a look, by the content of its file, and on what terms it may be used."""
        import hashlib

        from safelight.review.versions import own_look

        self._may(Actor("person", name), "guide")
        digest = hashlib.sha256(look.read_bytes()).hexdigest()
        self.store.ledger.append(own_look(digest, look.name, owner, terms, name))
        return {"look": digest, "owner": owner, "terms": terms, "said": f"{look.name} is owned by {owner}, says {name}"}

    def look_owners(self) -> list[dict[str, Any]]:
        """Return who owns which look."""
        from safelight.review.versions import OWNED

        self._may(OWNER, "view")
        latest = {each.subject: each for each in self.store.ledger.iterate(kind=OWNED)}
        return [
            {"look": sha256, "owner": each.personal.get("owner", "erased"), "at": each.at, **each.body}
            for sha256, each in latest.items()
        ]

    # Numbers

    def numbers(self, batches: Sequence[str] = (), now: str = "") -> Numbers:
        """Return the floor's numbers by category, over some batches or all."""
        from datetime import UTC, datetime

        from safelight.core.batch import OPENED
        from safelight.reports.kpi import measure
        from safelight.reports.kpi_table import kpi_csv, kpi_line, kpi_text
        from safelight.reports.minutes import LABOR, REVIEW, minutes_by_asset

        names = list(batches) or sorted({each.subject for each in self.store.ledger.iterate(kind=OPENED)})
        for each in names:
            self._may(OWNER, "report", each)
        states = [self.state(each) for each in names]
        at = now or datetime.now(UTC).isoformat()
        kinds = (*REVIEW, *LABOR, "version.made")
        facts = (fact for each in names for fact in self.store.ledger.iterate(kind=kinds, batch=each))
        rates = self.rates()
        found = measure(states, minutes_by_asset(facts), at, self.calendar(), rates)
        return Numbers([kpi_line(each) for each in found], kpi_text(found, rates.currency), kpi_csv(found))

    def keyword_outliers(self, days: int) -> list[dict[str, Any]]:
        """Return the words of originals that deliveries of the last days left out, since no guide's list has them."""
        from contextlib import suppress
        from datetime import UTC, datetime, timedelta

        from safelight.core.batch import DELIVERED
        from safelight.errors import UsageError
        from safelight.reports.keywords import keyword_outliers

        self._may(OWNER, "view")
        facts = self.store.ledger.facts(kind=DELIVERED)
        lists: dict[str, Sequence[str]] = {}
        for batch in {fact.batch for fact in facts}:
            with suppress(UsageError):  # a guide that is gone or changed since: its words are told without a list
                lists[batch] = guide_of(self.state(batch)).sidecars.keywords
        since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        return keyword_outliers(facts, since, lists)

    def rates(self) -> Rates:
        """Return the studio's rates and its baseline from before."""
        from safelight.reports.rates import RATED, read_rates

        return read_rates(self.store.ledger.iterate(kind=RATED))

    def rates_line(self) -> dict[str, Any]:
        """Say the rates and the baseline."""
        from safelight.reports.rates import rates_text

        self._may(OWNER, "report")
        rates = self.rates()
        return vars(rates) | {"baseline_min": dict(rates.baseline_min), "said": rates_text(rates)}

    def set_rates(
        self,
        review_h: float | None,
        labor_h: float | None,
        currency: str,
        baseline: Sequence[Sequence[str]],
        name: str,
    ) -> dict[str, Any]:
        """Record rates or a baseline; what is not given stays."""
        from safelight.reports.rates import set_rates

        self._may(Actor("person", name), "accept")
        self.store.ledger.append(set_rates(review_h, labor_h, currency, baseline, name))
        return self.rates_line()

    # What decisions teach

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
        from safelight.learning.moves import move
        from safelight.routing.reliability import reliability_map

        self._may(Actor("person", name), "accept")
        facts = move(reliability_map(), task, values, name, reason, edge=edge, category=category, channel=channel)
        self.store.ledger.append(facts)
        where = edge or category or channel
        said = ", ".join(f"{key} {value}" for key, value in values.items()) or "as it was"
        said = f"{task}: {said}{f' for {where}' if where else ''}, says {name}; the next run routes by it"
        return {"task": task, "where": where, "by": name, "said": said, **dict(values)}

    def explain(self, batch: str, file: str) -> list[str]:
        """Return the whole decision about a file's version: every reason, and each task with both checklists."""
        from safelight.review.decide import find_file
        from safelight.routing.explain import explain
        from safelight.routing.reliability import reliability_map

        self._may(OWNER, "view", batch)
        found = find_file(self.state(batch), file)
        return explain(found.routed, reliability_map()) if found.routed else [f"{found.path} is {found.standing}"]

    # Pictures go out

    def deliver(self, batch: str, out: Path, progress: Progress, *, dry_run: bool = False) -> Done:
        """Write what is approved and not yet delivered, each file checked as it will be seen."""
        from safelight.delivery.deliver import deliver_batch
        from safelight.delivery.outbox import tell_delivery
        from safelight.runs.pool import Pool

        self._may(OWNER, "deliver", batch)
        state = self.state(batch)
        s = self.settings
        with Pool(self._workers(), s.work_timeout_s, s.work_attempts, nice=s.work_nice) as pool:
            folder = out / batch / "delivery"
            lines = deliver_batch(
                self.store,
                state,
                guide_of(state),
                folder,
                pool.answers,
                progress,
                dry_run=dry_run,
                costs=self._costs_of(state),
            )
        if dry_run:
            return Done(lines)
        tell_delivery(self.store, batch, folder)
        return self._told(batch, out, lines)

    def _costs_of(self, state: BatchState) -> dict[str, dict[str, Any]]:
        """Return what people's work on each original of a batch cost."""
        from safelight.reports.costs import costs_by_asset
        from safelight.reports.minutes import LABOR, REVIEW, minutes_by_asset

        facts = self.store.ledger.iterate(kind=(*REVIEW, *LABOR, "version.made"), batch=state.name)
        return costs_by_asset({each.asset for each in state.files.values()}, minutes_by_asset(facts), self.rates())

    def zip_delivery(self, batch: str, out: Path) -> list[dict[str, Any]]:
        """Write each channel of a delivery as one zip."""
        from safelight.delivery.bundle import write_zips

        self._may(OWNER, "deliver", batch)
        return [{"zip": str(each)} for each in write_zips(self.store, out / batch / "delivery")]

    def send_delivery(self, batch: str, out: Path, address: str) -> list[dict[str, Any]]:
        """Put a delivery into a bucket, every object read back; access comes from the environment."""
        import os

        from safelight.delivery.bucket import Bucket
        from safelight.delivery.bundle import send_batch

        self._may(OWNER, "deliver", batch)
        return send_batch(self.store, batch, out / batch / "delivery", Bucket(address, os.environ))

    def add_webhook(self, url: str, secret: str, name: str, *, private: bool) -> dict[str, Any]:
        """Tell another system of deliveries from now on."""
        from safelight.delivery.outbox import add_hook

        self._may(Actor("person", name), "configure")
        return add_hook(self.store, url, secret, name, private=private)

    def remove_webhook(self, url: str, name: str) -> None:
        """Tell another system of nothing any more."""
        from safelight.delivery.outbox import remove_hook

        self._may(Actor("person", name), "configure")
        remove_hook(self.store, url, name)

    def list_webhooks(self) -> list[dict[str, Any]]:
        """Say where events go; secrets are not shown again."""
        from safelight.delivery.outbox import hooks

        self._may(OWNER, "configure")
        return [{"url": each.url, "private": each.private} for each in hooks(self.store)]

    def send_webhooks(self) -> list[dict[str, Any]]:
        """Send every event that a hook has not taken yet."""
        from safelight.delivery.outbox import send_events

        self._may(OWNER, "deliver")
        return send_events(self.store)

    def choose_signer(self, chain: Path | None, key: Path | None, program: Sequence[str], name: str) -> dict[str, Any]:
        """Take who signs delivered files from now on: a certificate, or without one a new key of the store's own."""
        from safelight.delivery.credentials import choose_signer

        actor = Actor("person", name)
        self._may(actor, "configure")
        return choose_signer(self.store, chain, key, program, name)

    def signer(self) -> dict[str, Any]:
        """Say who signs delivered files, until when, and the certificates that vouch for it."""
        from safelight.delivery.credentials import describe_signer

        self._may(OWNER, "view")
        return describe_signer(self.store)

    def report(self, batch: str, out: Path) -> Done:
        """Write proofs and page of a batch and say what was delivered, what waits and why."""
        self._may(OWNER, "report", batch)
        return self._told(batch, out, None)

    def _told(self, batch: str, out: Path, lines: Sequence[Mapping[str, Any]] | None) -> Done:
        from safelight.reports.build import build_report
        from safelight.reports.lines import run_lines
        from safelight.reports.write import write_report
        from safelight.runs.proofs import write_proofs

        state = self.state(batch)
        folder = out / batch
        proofs = write_proofs(self.store, state, folder / "proofs")
        report = build_report(self.store, state, *_asked_of(state), kpis=self._kpis_of(state))
        summary = write_report(report, folder)
        refused = sum(bool(each.refused) for each in state.files.values())
        return Done(run_lines(state, proofs) if lines is None else lines, summary, refused)

    def _kpis_of(self, state: BatchState) -> list[Kpi]:
        """Return a batch's numbers as of its last fact: a page that tells the same stays the same."""
        from safelight.reports.kpi import measure
        from safelight.reports.minutes import LABOR, REVIEW, minutes_by_asset

        facts = self.store.ledger.iterate(kind=(*REVIEW, *LABOR, "version.made"), batch=state.name)
        return measure([state], minutes_by_asset(facts), state.last_at, self.calendar(), self.rates())

    # Memory

    def verify(self, read_data: bool, subset: tuple[int, int] | None) -> tuple[bool, list[dict[str, Any]]]:  # noqa: FBT001
        """Check ledger and blobs; return whether they are clean, and the findings."""
        self._may(OWNER, "verify")
        found = self.store.verify(read_data=read_data, subset=subset)
        return found.is_clean, [{"text": each} for each in found.lines()]

    def backup(self, folder: Path, progress: Progress) -> dict[str, Any]:
        """Write a snapshot of the store into a folder on another disk; what is there already is not copied again."""
        from safelight.store.backup_lines import back_up_line

        self._may(OWNER, "backup")
        return back_up_line(self.store, folder, progress)

    def verify_chain(self, head: Path | None, export: Path | None) -> tuple[bool, list[dict[str, Any]]]:
        """Check the chain alone, in seconds for a million facts; export its end as a signed statement."""
        import json

        from safelight.store.checkpoints import read_head_file

        self._may(OWNER, "verify")
        said = None if head is None else read_head_file(head.read_bytes(), head.name)
        if said is not None and said[1] != self.store.marker.store:
            raise DeclarationError(
                f"{head}: the head is of store {said[1][:8]}…, this is {self.store.marker.store[:8]}…"
            )
        report = self.store.verify_chain(head=said[0] if said else None)
        lines: list[dict[str, Any]] = [{"text": each} for each in report.lines()]
        if export is not None and report.is_clean:
            export.write_text(json.dumps(self.store.export_head(), indent=1) + "\n", encoding="ascii")
            lines.append({"text": f"the ledger's end is in {export}: keep it away from the store"})
        return report.is_clean, lines

    def erase(self, what: str, batch: str, name: str, reason: str, *, dry_run: bool = False) -> list[dict[str, Any]]:
        """Erase an asset (its SHA-256, or a file of `batch`), else a person by the name that facts hold."""
        import re

        from safelight.review.decide import find_file
        from safelight.review.erase import erase_asset, erase_person

        self._may(Actor("person", name), "erase")
        with self._lock:
            asset = find_file(self.state(batch), what).asset if batch else what
            is_asset = bool(batch) or re.fullmatch("[0-9a-f]{64}", what) is not None
            erase = erase_asset if is_asset else erase_person
            lines = erase(self.store, asset, name, reason, dry_run=dry_run)
            self._folds.clear()  # what old facts say is another now
            self.lessons().forget()
            return lines

    def require(self, verb: str) -> None:
        """Ask access for a verb that needs no store, for whoever this studio is opened for."""
        self._may(OWNER, verb)

    def list_batches(self) -> list[dict[str, Any]]:
        """Return the batches that the caller may see: name, dates and how many files stand where."""
        from safelight.store.floor import Floor

        self.require("view")
        rows = Floor(self.store.ledger.database).batches(None, limit=1000)
        return [
            {"batch": each.name, "opened_at": each.opened_at, "last_at": each.last_at, "files": dict(each.counts)}
            for each in rows
        ]

    def list_files(self, batch: str) -> list[dict[str, Any]]:
        """Return where each file of a batch stands and why; nothing is written."""
        from safelight.reports.lines import run_lines

        self._may(OWNER, "view", batch)
        return [dict(each) for each in run_lines(self.state(batch), {})]

    def state(self, batch: str) -> BatchState:
        """Return where a batch stands.

        Raises
        ------
        UnknownNameError
            If there is none of that name; lists those there are.
        """
        from safelight.core.batch import OPENED
        from safelight.core.fold import BatchFold

        with self._lock:
            fold = self._folds.get(batch) or BatchFold(batch)
            fold.add(self.store.ledger.iterate(batch=batch, after=fold.last_seq))
            if fold.last_seq:
                self._folds[batch] = fold
                return fold.state()
        names = sorted({each.subject for each in self.store.ledger.iterate(kind=OPENED)})
        raise UnknownNameError(f"no batch called {batch!r} in this store; there are: {', '.join(names) or 'none'}")

    def _order(self, shoot: Path, guide: Path | None, workflow: str) -> Order:
        from safelight.runs.run import Order
        from safelight.runs.shoot import shots_of

        chosen, found = check_guide(guide, workflow), self._shoot(shoot)
        path = str(guide.absolute()) if guide else ""
        shots = shots_of(found, chosen)
        return Order(found, chosen, shots, self.settings, workflow, path, self.record(), self.moves())

    def _shoot(self, folder: Path) -> Shoot:
        """List a shoot; from the store's own copies where its folder is away and was ingested."""
        from safelight.runs.ingest import ingested_shoot
        from safelight.runs.shoot import list_shoot

        away = None if folder.exists() else ingested_shoot(self.store, str(folder.absolute()))
        return away or list_shoot(str(folder))

    def _workers(self) -> int:
        import os

        return self.settings.workers or os.cpu_count() or 1

    def _may(self, actor: Actor, verb: str, batch: str = "") -> None:
        """Ask access once: the caller's role on the batch's project; at an embedded store the person's own."""
        if self.caller is None:
            require(actor, embedded_role(actor), verb)
            return
        self.caller.require(verb, self._project_of(batch))

    def _project_of(self, batch: str) -> str:
        """Return the project of a batch; all of them for what is about no batch."""
        from safelight.access import EVERYWHERE
        from safelight.store.floor import Floor

        row = Floor(self.store.ledger.database).batch(batch) if batch else None
        return EVERYWHERE if row is None else row.project


# Verbs that need no store


def load(guide: Path | None) -> Guide:
    """Load a style guide, or the house's own, held against what is installed."""
    from safelight.delivery.packs import pack_names, require_packs
    from safelight.workflows.guide_file import load_guide

    found = load_guide(str(guide) if guide else "house", channels=pack_names())
    require_packs(found.own_packs)
    return found


def guide_of(state: BatchState) -> Guide:
    """Load the guide that a batch was worked under.

    Raises
    ------
    DeclarationError
        If it has changed since: a batch stays under the guide it started with.
    """
    path = state.opened.get("guide_path")
    guide = load(Path(path) if path else None)
    if guide.sha256 != state.opened["guide_key"]:
        raise DeclarationError(
            f"style guide {guide.name} has changed since batch {state.name} was worked under it; "
            "run the shoot again to take the new one, or put the old one back"
        )
    return guide


def _asked_of(state: BatchState) -> tuple[Mapping[str, tuple[str, ...]], ShotList]:
    """Return the views that a batch's guide requires and its shot list; nothing where the guide has gone or changed."""
    from safelight.runs.shoot import Shoot, shots_of
    from safelight.workflows.shot_list import NO_SHOTS

    try:
        guide = guide_of(state)
        shots = shots_of(Shoot(state.opened["folder"], {}, ()), guide)
    except SafelightError:
        return {}, NO_SHOTS
    return {name: rule.views for name, rule in guide.categories.items()}, shots


def _needs_of(state: BatchState) -> tuple[Needs, tuple[str, ...]]:
    """Return what a batch's guide asks of products, and its channels; nothing where the guide has gone or changed."""
    from safelight.workflows.products import Needs

    try:
        guide = guide_of(state)
    except SafelightError:
        return Needs(), ()
    return guide.needs(), guide.channels


def _lanes_of(state: BatchState) -> Mapping[str, str]:
    """Return the lane that a batch's guide names for each category; nothing where the guide has gone or changed."""
    try:
        guide = guide_of(state)
    except SafelightError:
        return {}
    return {name: (rule.lane or guide.lane).kind for name, rule in guide.categories.items()}


def return_reasons() -> list[dict[str, Any]]:
    """Return the list that a reviewer marks from, in its order."""
    from safelight.routing.reasons import return_reasons as listed

    return [vars(each) for each in listed().values()]


def check_guide(guide: Path | None, category: str) -> Guide:
    """Hold guide and forced category against what there is, before a store is made or a pixel moves."""
    found = load(guide)
    if category and category not in found.categories:
        raise UnknownNameError(f"--workflow is {category!r}; the guide knows: {', '.join(sorted(found.categories))}")
    return found


def describe_guide(guide: Path) -> str:
    """Return one sentence about a guide that holds."""
    from safelight.workflows.describe import describe

    return describe(load(guide))


def guide_questions() -> tuple[Question, ...]:
    """Return the questions of ``guide new``."""
    from safelight.delivery.packs import pack_names
    from safelight.workflows.questions import questions

    return questions(pack_names())


def new_guide(path: Path, answers: Mapping[str, str]) -> str:
    """Write a guide from answers, hold it against what is installed, and say what it is."""
    from safelight.delivery.packs import pack_names
    from safelight.workflows.describe import write_new

    return write_new(path, answers, pack_names())


def plan_run(shoot: Path, guide: Path | None, category: str) -> list[dict[str, Any]]:
    """Return what ``run`` would do with each file, by name and guide alone."""
    from safelight.runs.foresee import foresee
    from safelight.runs.shoot import list_shoot, shots_of

    check_guide(guide, category)
    found, chosen = list_shoot(str(shoot)), load(guide)
    return foresee(found, chosen, shots_of(found, chosen), category)


def apply_step(name: str, picture: Path, out: Path, settings: Iterable[str]) -> dict[str, Any]:
    """Apply one step to one picture."""
    from safelight.runs import single

    return single.apply_step(name, picture, out, settings)


def write_outline(picture: Path, out: Path, settings: Iterable[str]) -> dict[str, Any]:
    """Write a picture with its clipping path."""
    from safelight.runs import outline

    return outline.write_outline(picture, out, settings)


def check_file(picture: Path, against: Path | None, channel: str, mask: Path | None = None) -> list[dict[str, Any]]:
    """Judge any file by the checks, and by a channel's rules where one is named."""
    from safelight.delivery.foreign import judge_file
    from safelight.runs.inspect import inspect

    return judge_file(picture, channel) if channel else inspect(picture, against, mask)


def restore_store(folder: Path, root: Path, name: str, *, accept_losses: bool, database: str = "") -> dict[str, Any]:
    """Put a snapshot in a store's place; the store that was there is kept beside it."""
    from safelight.store.backup_lines import restore_line

    require(OWNER, embedded_role(OWNER), "restore")
    return restore_line(folder, root, name, accept_losses=accept_losses, database=database)


def list_backups(folder: Path, *, read_data: bool) -> list[dict[str, Any]]:
    """Say which snapshots a folder holds, and with `read_data` whether each is whole."""
    from safelight.store.backup_lines import backup_lines

    return backup_lines(folder, read_data=read_data)


def fix_file(picture: Path, channel: str, out: Path | None) -> dict[str, Any]:
    """Propose the edit that would make any file pass a channel, and write its result where one asks for it."""
    from safelight.delivery import fix
    from safelight.runs.single import paint_steps

    return fix.fix_file(picture, channel, out, paint_steps)


def new_pack(path: Path) -> None:
    """Write the template of a rule pack of one's own."""
    from safelight.delivery import packs

    packs.new_pack(path)


def list_packs() -> list[dict[str, Any]]:
    """Say which channels there are, when each was read and whether that is long ago."""
    from safelight.delivery.packs import pack_lines

    return pack_lines()


def read_credentials(picture: Path, anchors: Path | None) -> dict[str, Any]:
    """Say what a file's content credentials claim, who signed them, and whether they hold; nothing is fetched."""
    from safelight.delivery.credentials import credentials_line

    return credentials_line(picture, anchors)


def examine(root: Path) -> list[dict[str, Any]]:
    """Say what this machine can do."""
    from safelight.runs.examine import examine as look

    return look(root)


def list_models(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the models of the registry and whether they are installed, by size."""
    from safelight.models.lines import model_lines

    return model_lines(names, by_hash=False)


def verify_models(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the models of the registry and whether they are installed, by hash."""
    from safelight.models.lines import model_lines

    return model_lines(names, by_hash=True)


def pull_models(names: Iterable[str], given: Path | None, *, accept_noncommercial: bool) -> list[dict[str, Any]]:
    """Install models, verified."""
    from safelight.models.lines import pull_lines

    return pull_lines(names, given, accept_noncommercial=accept_noncommercial)


def inspect_look(look: Path, category: str) -> dict[str, Any]:
    """Say what a look needs from its source."""
    from safelight.runs import looks

    return looks.inspect_look(look, load, category=category)


def bake_look(source: Path, out: Path, category: str, side: int, space: str) -> dict[str, Any]:
    """Write the grade of a guide or an edit as one table or transform file."""
    from safelight.runs import looks

    return looks.bake_look(source, out, load, category=category, side=side, space=space)


def match_look(reference: Path, pictures: Sequence[Path], out: Path, strength: float, method: str) -> dict[str, Any]:
    """Take the look of a reference for pictures."""
    from safelight.runs import looks

    return looks.match_look(reference, pictures, out, strength=strength, method=looks.method_named(method))
