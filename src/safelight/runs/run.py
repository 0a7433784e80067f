"""Take a shoot through its workflow: the owner's side, which plans, commits and never touches a pixel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from safelight.core import batch as told
from safelight.core.canonical import key_of
from safelight.core.facts import Capture, NewFact
from safelight.core.places import places_taken
from safelight.core.step import Member, Step
from safelight.errors import SafelightError
from safelight.pixels.measure.slate import is_gray_card
from safelight.plugins import step_named
from safelight.routing.record import NO_RECORD, Record
from safelight.runs.ahead import pool_of
from safelight.runs.assemble import assemble, key_of_measure, key_of_render
from safelight.runs.carries import warned
from safelight.runs.chart_color import with_chart
from safelight.runs.color_asked import with_color
from safelight.runs.colorways import with_colorways
from safelight.runs.domain import with_domain
from safelight.runs.group_shadow import expected_of as expected_of_shadow
from safelight.runs.group_shadow import measured_for, settled_of
from safelight.runs.hero import expected_of_layout, is_frozen, leads_of, led_plan
from safelight.runs.hero_color import expected_of, measure_color, speakers, task_of
from safelight.runs.intake import INTAKE_VERSION, glance, take_in
from safelight.runs.journal import Journal, Work, batch_for
from safelight.runs.judge import (
    edge_failures_of,
    judge_findings,
    route_version,
    routed_to_data,
    sent_back_before,
    stratum_of,
    verdict_to_data,
)
from safelight.runs.overrule import PLACES, calibrator_of, overruled, placed, regrouped, shot_again
from safelight.runs.perform import perform
from safelight.runs.pinned import keep_guide
from safelight.runs.pool import Job, Outcome, Pool
from safelight.runs.progress import Looker, Progress
from safelight.runs.shoot import Shoot
from safelight.runs.sort import COLORWAY, FACTS_STEPS, Similar, Sorted, name_frames, similar_frames, sort_frames
from safelight.runs.task import IntakeTask, PerformTask, PlannedStep, Sizes
from safelight.runs.telling import (
    amended_step,
    asset_of,
    first_look_to_data,
    flags_of,
    is_same_stat,
    made_to_data,
    reader_version,
    refusal,
    version_id,
)
from safelight.settings import Settings
from safelight.store.assets import Seen, Sighting
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.routing.reliability import Override, ReliabilityMap
    from safelight.store import Store
    from safelight.workflows.category import Identity
    from safelight.workflows.guide import Guide
    from safelight.workflows.plan import Plan
    from safelight.workflows.shot_list import ShotList

FIRST_SCREEN = 24  # frames that are shown at once
# Frames that are written together, and how long the first of them waits at most for the next: a transaction costs its
# processor as much as three frames in it, and the disk 5 ms.
_AT_ONCE, _AT_MOST_S = 16, 0.5
# Frames from which the models and decoders that workers hold (190 MiB each, and 24 MP) count for more than the second
# in which they start again.
_MANY = 1000


@dataclass(frozen=True)
class Order:
    """What is to be done: a shoot, under a guide, with a category forced on all files where `category` is set.

    `record` is what people decided so far, `moves` what the studio moved on the reliability map.
    """

    shoot: Shoot
    guide: Guide
    shots: ShotList
    settings: Settings
    category: str = ""
    guide_path: str = ""
    record: Record = NO_RECORD
    moves: tuple[Override, ...] = ()


def run_batch(
    store: Store,
    order: Order,
    progress: Progress,
    *,
    cull_only: bool = False,
    looker: Callable[[str], Looker] | None = None,
    pool: Pool | None = None,
) -> str:
    """Take a shoot in, sort it, and, unless `cull_only`, bring every pick to a judged and routed version.

    `looker` is asked by the batch's name for who sees frames as they are taken in; `pool` is one that was started
    ahead, which its owner ends.

    Returns
    -------
    str
        The batch's name. What is known is not worked again; a run that was killed carries on here.
    """
    folder = order.shoot.folder
    wanted = _slug(os.path.basename(folder))  # noqa: PTH119 - bytes that are not UTF-8 stay as they are
    name = batch_for(store, folder, wanted)
    journal = Journal(store, name)
    opening = {
        "folder": folder,
        "guide": order.guide.name,
        "guide_key": order.guide.sha256,
        "guide_path": order.guide_path,
        "guide_text": keep_guide(store, order.guide_path),
        "client": order.guide.client,
        "lanes": {key: (rule.lane or order.guide.lane).kind for key, rule in order.guide.categories.items()},
        "passed_over": [list(each) for each in order.shoot.passed_over],
    }
    journal.say([(told.OPENED, name, opening)])
    with pool_of(order.settings) if pool is None else nullcontext(pool) as at_work:
        run = _Run(store, order, journal, at_work, progress, cull_only=cull_only)
        run.looker = looker(name) if looker is not None else None
        run.take_in()
        frames = run.sort()
        if not cull_only:
            run.perform(frames)
    return name


class _Run:
    """One run: its journal and its pool."""

    def __init__(
        self, store: Store, order: Order, journal: Journal, pool: Pool, progress: Progress, *, cull_only: bool = False
    ) -> None:
        self.store, self.order, self.journal, self.pool, self.progress = store, order, journal, pool, progress
        self.cull_only = cull_only
        self.looker: Looker | None = None
        self.measures = FACTS_STEPS if cull_only else (*FACTS_STEPS, COLORWAY)
        self.asked = {} if cull_only else measured_for(order.guide)
        settings = order.settings
        self.before: Mapping[str, told.FileState] = {}  # where files stood before this run's work
        self.stood: Mapping[str, tuple[told.FileState, ...]] = {}  # what stood where captures took a place, by asset
        self.sizes = Sizes(settings.work_side_px, settings.proof_side_px, settings.thumbnail_side_px)
        self.known_map: ReliabilityMap = order.guide.reliability(order.moves)

    # Intake

    def take_in(self) -> None:
        """Read every file that is new or other than it was; the rest is known."""
        state = self.journal.state()
        jobs = []
        if self.looker is not None:
            self.looker.begin(self.journal.batch, self.order.shoot.files)
        for path, reference in self.order.shoot.files.items():
            before = state.files.get(path)
            if before is not None and self._is_known(before, reference):
                self._show(path, str(before.measured.get("thumbnail", "")))
                continue
            known = reference.sha256
            if before is not None and is_same_stat(before.seen, reference):
                known = before.asset
            task = IntakeTask(
                replace(reference, sha256=known),
                self.measures,
                str(self.store.root),
                self.sizes,
                self.cull_only,
                self.asked,
            )
            jobs.append(Job(path, take_in, task))
        self.progress.stage("intake", len(jobs))
        # The first screen is shown before anything is measured; the rest as it comes.
        first = [] if self.looker is None else [Job(each.name, glance, each.payload) for each in jobs[:FIRST_SCREEN]]
        waiting: list[Outcome] = []
        written = time.monotonic()
        try:
            for outcome in self.pool.run([*first, *jobs]):
                if outcome.job.function is glance:
                    if outcome.error is None and self.looker is not None:
                        self.looker.add(outcome.job.name, outcome.result)
                    continue
                if outcome.error is None:
                    self._show(outcome.job.name, outcome.result["thumbnail"])
                waiting.append(outcome)
                if len(waiting) >= _AT_ONCE or time.monotonic() - written > _AT_MOST_S:
                    self._took_in(waiting)
                    written = time.monotonic()
        finally:
            self._took_in(waiting)

    def _show(self, path: str, thumbnail: str) -> None:
        if self.looker is not None and thumbnail:
            self.looker.add(path, self.store.blobs.get(thumbnail))

    def _is_known(self, before: told.FileState, reference: Reference) -> bool:
        if not is_same_stat(before.seen, reference):
            return False
        if before.refused:
            return bool(before.seen.get("reader") == reader_version())
        return bool(before.measured) and self.journal.known(self._intake_key(before.asset)) is not None

    def _intake_key(self, asset: str) -> str:
        versions = {name: step_named(name).version for name in self.measures}
        inputs = (INTAKE_VERSION, asset, versions, self.sizes.thumbnail, reader_version(), self.cull_only)
        return key_of("intake", *inputs, *([self.asked] if self.asked else []))

    def _took_in(self, waiting: list[Outcome]) -> None:
        """Write what became of several files, and let go of them; a run that is ended before measures them again."""
        outcomes, waiting[:] = list(waiting), []
        seen: list[Seen] = []
        facts: list[tuple[str, str, Mapping[str, Any]]] = []
        works: list[Work] = []
        for outcome in outcomes:
            path, reference = outcome.job.name, outcome.job.payload.reference
            stat = {"path": path, "size": reference.size, "mtime_ns": reference.mtime_ns}
            if outcome.error is not None:
                facts.append((told.REFUSED, "", stat | refusal(outcome.error, path)))
                continue
            found = outcome.result
            asset = asset_of(found, reference)
            news = NewFact(told.SEEN, asset.sha256, stat, batch=self.journal.batch)
            sighting = Sighting(self.journal.batch, replace(reference, sha256=asset.sha256))
            seen.append(Seen(asset, sighting, [news]))
            key = self._intake_key(asset.sha256)
            facts.append((told.SEEN, asset.sha256, stat))
            facts.append((told.MEASURED, asset.sha256, first_look_to_data(found, path, key)))
            works.append((key, found))
        if seen:
            self.store.ledger.append_assets(seen)
            self.journal.refresh()
        self.journal.say(facts, works)
        self.progress.step(len(outcomes))

    # Sorting

    def sort(self) -> list[Sorted]:
        """Group, cull and place every frame that could be read; the whole shoot, so that order does not matter."""
        files = [f for f in self.journal.state().files.values() if f.path in self.order.shoot.files and f.measured]
        intakes = self.store.ledger.works({self._intake_key(each.asset) for each in files})
        found = {each.path: intakes[self._intake_key(each.asset)] for each in files}
        self.progress.stage("sorting", len(found))
        if len(found) > _MANY:
            self.pool.renew()
        said = self.store.ledger.facts(kind=list(PLACES), batch=self.journal.batch)
        called = name_frames(found, self.order.guide, self.order.shots)
        named = placed(called, {path: each["asset"] for path, each in found.items()}, said)
        alike = self._similar(found, named)
        groups = regrouped(shot_again(alike, self.journal.state().files.values()), said)
        taught = calibrator_of(self.store.ledger.facts(kind=told.OVERRULED))
        sorted_ = sort_frames(found, named, groups, self.order.guide, self.order.category, taught)
        if self.cull_only:
            sorted_ = with_colorways(sorted_, found, self.journal, str(self.store.root), self.pool.answers)
        frames = with_domain(overruled(warned(sorted_, found, self.order.guide), said))
        self.journal.say([(told.SORTED, each.asset, each.to_data()) for each in frames])
        if self.looker is not None:
            self.looker.finish(self.journal.state())
        self.progress.step(len(found))
        return frames

    def _similar(self, found: Mapping[str, Mapping[str, Any]], named: Mapping[str, Identity]) -> list[Similar]:
        """Group near-duplicates, unless the same frames were grouped before."""
        frames = sorted(
            [path, each["asset"], each["capture"]["taken_at"], named[path].sku] for path, each in found.items()
        )
        culling = self.order.guide.culling
        rules = [culling.likeness, culling.time_gap_s, culling.duplicates > 0]
        key = key_of("similar", step_named("similarity").version, frames, rules)
        known = self.journal.known(key)
        if known is not None:
            return [Similar(name, tuple(members), *rest) for name, members, *rest in known["groups"]]
        groups = similar_frames(found, named, culling, self.pool.answers) if culling.duplicates > 0 else []
        told = [[each.name, list(each.members), each.best, each.why, dict(each.behind)] for each in groups]
        self.journal.say([], [(key, {"groups": told})])
        return groups

    # Performing

    def perform(self, frames: list[Sorted]) -> None:
        """Bring each asset that goes on to a judged, routed version."""
        self.before = self.journal.state().files
        self.stood = places_taken(self.before.values())
        tasks = self._tasks(frames)
        jobs, ready = [], []
        for task, plan, frame in tasks:
            asked = self._with_known(task)
            if self._is_complete(asked):
                ready.append((asked, plan, frame))
            else:
                jobs.append((asked, plan, frame))
        self.progress.stage("work", len(jobs))
        by_name = {frame.path: (task, plan, frame) for task, plan, frame in jobs}
        for task, plan, frame in ready:
            self._performed(task, plan, frame, task.known, {})
        for outcome in self.pool.run(Job(frame.path, perform, task) for task, _, frame in jobs):
            task, plan, frame = by_name[outcome.job.name]
            self.progress.step()
            if outcome.error is not None:
                self._failed(frame, task, outcome.error)
                continue
            fresh = outcome.result["results"]
            self._performed(task, plan, frame, {**task.known, **fresh}, fresh, outcome.result["seconds"])

    def _tasks(self, frames: list[Sorted]) -> Iterator[tuple[PerformTask, Plan, Sorted]]:
        resources = {name: self.store.blobs.put(each.read()) for name, each in self.order.guide.resources.items()}
        frames = self._with_references(frames)
        by_light: dict[str, list[Sorted]] = {}
        charts = [each for each in frames if _shows_the_light(each)]
        for each in (each for each in frames if each.goes_on and not self.before[each.path].superseded):
            by_light.setdefault(f"{each.category}|{each.lighting}", []).append(each)
        guide = self.order.guide
        leads = leads_of(guide, frames, self.before, self.store.ledger.works)
        for members in by_light.values():
            lead = leads.get(members[0].category)
            plan = guide.plan(members[0].category)
            seen = {each.path: each for each in (*members, *(c for c in charts if c.lighting == members[0].lighting))}
            findings = self._gather(plan, list(seen.values()))
            for frame in (self._with_chart(each, members, charts) for each in members):
                recipe = None if lead is None else lead.recipe_for(frame.path)
                if is_frozen(self.before[frame.path], recipe):
                    continue
                own = with_color(led_plan(guide, frame, self.before[frame.path], lead), guide, frame.expected)
                task = self._task(frame, own, findings, resources)
                said = {} if recipe is None else recipe.to_data()
                yield replace(task, members=tuple(sorted(each.asset for each in members)), recipe=said), own, frame

    def _with_references(self, frames: list[Sorted]) -> list[Sorted]:
        """Return the frames with the color of their article's approved picture, where nobody named a swatch."""
        if not self.order.guide.promises_color:
            return frames
        spoken = speakers(frames, self.before)
        tasks = {hero: task_of(self.before[hero], str(self.store.root)) for hero in sorted(set(spoken.values()))}
        new = [Job(hero, measure_color, task) for hero, task in tasks.items() if self.journal.known(task.key) is None]
        for outcome in self.pool.run(new):
            if outcome.error is not None:
                raise outcome.error  # a master that cannot be read back: verify says which
            self.journal.say([], [(outcome.job.payload.key, outcome.result)])
        told = {hero: expected_of(self.journal.known(task.key) or {}, hero) for hero, task in tasks.items()}
        return [
            replace(each, expected={**each.expected, **told[spoken[each.path]]}) if each.path in spoken else each
            for each in frames
        ]

    def _with_chart(self, frame: Sorted, members: list[Sorted], charts: list[Sorted]) -> Sorted:
        """Return a frame whose color nothing else speaks for with the patches of the chart in its light."""
        if not self.order.guide.promises_color or "reference_lab" in frame.expected:
            return frame
        told = with_chart(frame, members, [each for each in charts if each.lighting == frame.lighting])
        return replace(frame, expected={**frame.expected, **told}) if told else frame

    def _gather(self, plan: Plan, members: list[Sorted]) -> dict[str, Mapping[str, Any]]:
        """Let each step that works on groups see the whole group at once, sorted by capture time, never by arrival."""
        ordered = sorted(members, key=lambda each: (each.taken_at, each.path))
        group = [
            Member(each.asset, each.taken_at, each.path, each.facts, settled_of(self.before.get(each.path)))
            for each in ordered
        ]
        findings: dict[str, Mapping[str, Any]] = {}
        for use in plan.steps:
            step = step_named(use.step)
            if step.gather is not None and step.kind != "facts":
                findings[step.name] = dict(step.gather(group, use.params))
        return findings

    def _task(
        self, frame: Sorted, plan: Plan, findings: Mapping[str, Mapping[str, Any]], resources: Mapping[str, str]
    ) -> PerformTask:
        amended = self.before[frame.path].amended
        asked = {*amended, *(u.step for u in plan.steps if u.params)}
        steps = tuple(
            PlannedStep(u.step, u.params)
            for u in plan.steps
            if _takes_part(step_named(u.step), findings)
            and (frame.scene_referred or u.step in asked or not step_named(u.step).for_raw)
        )
        full = self.order.shoot.files[frame.path]
        shadow, layout = expected_of_shadow(plan, findings, frame, amended), expected_of_layout(amended)
        return PerformTask(
            reference=replace(full, sha256=frame.asset),
            steps=steps,
            checks=tuple(each.check for each in plan.checks),
            expected={**plan.expected, **frame.expected, **shadow, **layout},
            category=frame.category,
            members=(),
            findings=findings,
            facts={name: {"facts": each} for name, each in frame.facts.items()},
            scene_referred=frame.scene_referred,
            capture=Capture(**frame.capture),
            full_size=frame.full_size,
            resources=resources,
            amended={name: amended_step(body) for name, body in amended.items()},
            amended_keys={name: body["key"] for name, body in amended.items()},
            known={},
            store_root=str(self.store.root),
            sizes=self.sizes,
        )

    def _with_known(self, task: PerformTask) -> PerformTask:
        """Return the task with every result that the ledger has for it."""
        walk = assemble(task, self.journal.known)
        keys = list(walk.used)
        if walk.complete:
            render_key = key_of_render(walk.edit, task.resources)
            keys += [render_key, *(key_of_measure(each, render_key, task.expected) for each in task.checks)]
        return replace(task, known=self.store.ledger.works(keys))

    def _is_complete(self, task: PerformTask) -> bool:
        walk = assemble(task, task.known.get)
        if not walk.complete:
            return False
        render_key = key_of_render(walk.edit, task.resources)
        needed = [render_key, *(key_of_measure(each, render_key, task.expected) for each in task.checks)]
        return all(each in task.known for each in needed)

    def _performed(
        self,
        task: PerformTask,
        plan: Plan,
        frame: Sorted,
        results: Mapping[str, Any],
        fresh: Mapping[str, Any],
        seconds: Mapping[str, float] | None = None,
    ) -> None:
        """Commit a version with its verdicts and route: one transaction."""
        assembly = assemble(task, results.get)
        edit = assembly.edit
        state = self.before[frame.path]
        render_key = key_of_render(edit, task.resources)
        findings = {each: results[key_of_measure(each, render_key, task.expected)] for each in task.checks}
        verdicts = judge_findings(plan, findings)
        version = version_id(edit, render_key)
        if state.version == version and state.approved:
            return  # what is approved is not judged again
        fails = edge_failures_of(state.edge_failed, version, verdicts, edit)
        body = frame.to_data()
        flags = flags_of(edit, frame)
        led = {"hero": task.recipe["hero"]} if task.recipe else {}
        keys = dict(zip((each.name for each in task.steps), assembly.used, strict=True))
        stratum = stratum_of(self.order.guide.client, plan.category, frame, edit)
        routed = route_version(
            self.known_map,
            plan,
            assembly,
            verdicts,
            flags,
            body,
            fails,
            self.order.record,
            stratum.key,
            sent_back_before(state, version, self.stood.get(frame.asset, ())),
        )
        facts = [
            (told.MADE, version, made_to_data(edit, render_key, results[render_key]) | {"keys": keys, **led}),
            (told.JUDGED, version, {"verdicts": [verdict_to_data(v, findings[v.check]) for v in verdicts]}),
            (told.ROUTED, version, routed_to_data(routed, edit, plan.category, stratum)),
        ]
        works: list[Work] = list(fresh.items())
        if seconds:
            works.append((f"seconds:{version}", {"seconds": dict(seconds)}))
        self.journal.say(facts, works)

    def _failed(self, frame: Sorted, task: PerformTask, error: SafelightError) -> None:
        stat = {"path": frame.path, "size": task.reference.size, "mtime_ns": task.reference.mtime_ns}
        self.journal.say([(told.REFUSED, "", stat | refusal(error, frame.path))])


def _shows_the_light(frame: Sorted) -> bool:
    """True for charts and gray cards: they speak for their light, whatever category they have."""
    found = bool(frame.facts.get("chart", {}).get("found"))
    return found or is_gray_card(frame.path, frame.facts.get("slate", {}))


def _takes_part(step: Step, findings: Mapping[str, Mapping[str, Any]]) -> bool:
    return step.kind != "facts" and not (step.needs_findings and not findings.get(step.name))


def _slug(name: str) -> str:
    from safelight.media.names import slug

    return slug(name) or "shoot"
