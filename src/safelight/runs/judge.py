"""From what a worker measured to verdicts and a route; no pixels, so that a changed limit costs nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.batch import EDGE_CHECK, RETURN, FileState
from safelight.core.check import Findings, Measure, Verdict, judge
from safelight.core.edit import Confidence, Edit, EditStep
from safelight.core.places import SHOT_AGAIN_FOR_CLIENT, was_returned
from safelight.plugins import check_named, step_named
from safelight.routing.edges import Edge, class_of_edge
from safelight.routing.inputs import Flag, Routed, RouteInputs, use_of
from safelight.routing.policy import route
from safelight.routing.record import Record, Stratum, backdrop_of
from safelight.routing.reliability import ReliabilityMap
from safelight.runs.assemble import Assembly
from safelight.runs.telling import scaffold_of
from safelight.workflows.plan import Plan
from safelight.workflows.workflow import CheckUse

if TYPE_CHECKING:
    from safelight.runs.sort import Sorted

COLOR_CHECK = "color_difference"


def judge_findings(plan: Plan, findings: Mapping[str, Mapping[str, Any]]) -> list[Verdict]:
    """Hold each check's findings against the plan's limits, in the plan's order.

    A check of retouching has no verdict on a file that nobody retouched: what was not measured did not pass.
    """
    verdicts = []
    for use in plan.checks:
        check, data = check_named(use.check), findings[use.check]
        if check.wants_unretouched and not data["measures"]:
            continue
        measured = Findings(tuple(Measure(*each) for each in data["measures"]))
        verdicts.append(judge(check, measured, limits_of(plan, use)))
    return verdicts


def limits_of(plan: Plan, use: CheckUse) -> Mapping[str, float]:
    """Return a check's limits under a plan: what the guide promises of color (R1) holds where no limit of its own does.

    A color at the guide's ``delta_e`` fails, so that the limit lies just below; from two thirds of it on it warns.
    """
    if use.check != COLOR_CHECK or "delta_e" not in plan.expected:
        return use.limits
    fails = float(plan.expected["delta_e"])
    promised = {
        key: value
        for name in ("delta_e", "patches")
        for key, value in ((name, math.nextafter(fails, 0.0)), (f"{name}.warn", 2.0 * fails / 3.0))
    }
    return {**promised, **use.limits}


def verdict_to_data(verdict: Verdict, findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a verdict and its evidence as JSON data; evidence is kept only of what does not pass."""
    words = {each.measure.name: each.word for each in verdict.judged}
    return {
        "check": verdict.check,
        "version": verdict.version,
        "word": verdict.word,
        "measures": [
            {
                "name": each.measure.name,
                "value": each.measure.value,
                "unit": each.measure.unit,
                "why": each.measure.why,
                "limit": each.limit,
                "direction": each.direction,
                "word": each.word,
            }
            for each in verdict.judged
        ],
        "evidence": [each for each in findings["evidence"] if words.get(each["measure"], "warn") != "pass"],
    }


def route_version(
    known: ReliabilityMap,
    plan: Plan,
    assembly: Assembly,
    verdicts: list[Verdict],
    flags: frozenset[Flag],
    sorted_as: Mapping[str, Any],
    edge_failures: int,
    record: Record,
    stratum: str = "",
    sent_back: tuple[str, str] = ("", ""),
) -> Routed:
    """Ask the policy who must look at a version.

    `record` is what people decided so far: whether this has been done well before is answered from it, not from
    opinion (R30); claims become confidences by it, and the random audit of the `stratum` says whether `auto` is open.
    A step that did nothing to this file asks for nobody. `sent_back` is what `sent_back_before` says.
    """
    edge, scaffold = edge_of(assembly, known), scaffold_of(assembly.edit)
    uses = []
    for each in at_work(assembly.edit):
        step = step_named(each.step)
        uses.append(
            use_of(
                known,
                each.step,
                step.task,
                category=plan.category,
                edge_class=edge.name if step.kind == "matte" and edge is not None else "",
                confidence=calibrated(record, each, plan.category),
                outcomes=record.outcomes.get((step.task, plan.category)),
                draft=each.step in scaffold,
            )
        )
    watch, threshold = record.watched.get(plan.category), record.thresholds.get(stratum)
    asked = plan.lane.confidence if threshold is None else threshold
    return route(
        RouteInputs(
            uses=tuple(uses),
            verdicts=tuple(verdicts),
            queues=tuple(known.queues.items()),
            category=plan.category,
            stakes=sorted_as["stakes"],
            cull=sorted_as["class"],
            flags=flags,
            measured=tuple((each["code"], each["text"]) for each in sorted_as.get("outside", ())),
            lane=plan.lane,
            edge_failures=edge_failures,
            held=plan.because if plan.people == "hold" else "",
            reviewed=plan.because if plan.people == "review" else "",
            stratum=record.standing(stratum, asked) if stratum in record.strata else None,
            threshold=threshold,
            watched=watch.told() if watch is not None else "",
            sent_back=sent_back[0],
            sent_back_to=sent_back[1],
        )
    )


def sent_back_before(file: FileState, version: str, stood: Sequence[FileState] = ()) -> tuple[str, str]:
    """Return why a version asks for people because an earlier one of its file was sent back, and its queue then.

    A machine's new version (its group or guide became another) is no answer to a reviewer: until somebody works on
    the file it stays in the queue that it was sent to. What a client sent back gets a look of its own in any case.

    Parameters
    ----------
    file : FileState
        As it stood before this version.
    version : str
    stood : sequence of FileState
        What it took the place of (`safelight.core.places.places_taken`).

    Returns
    -------
    (str, str)
        Empty where nothing of the kind was said.
    """
    words = [each for each in (*file.past_decisions, *file.decisions) if each.version != version]
    last = words[-1] if words else None
    worked = max((str(each.get("at", "")) for each in file.amended.values()), default="")
    if last is not None and last.decided != "approve" and worked <= last.at:
        # No name: a route's reasons stand in the ledger's body, where nobody's name can be erased.
        said = f"{last.decided} was said of an earlier version ({last.reason}), and nobody has worked on it since"
        return said, last.returned.get("queue", "") or "review"
    if any(each.how == RETURN for each in words):
        return "a client sent an earlier version back: this one gets a look of its own", "review"
    return (SHOT_AGAIN_FOR_CLIENT, "review") if any(map(was_returned, stood)) else ("", "")


def at_work(edit: Edit) -> tuple[EditStep, ...]:
    """Return the steps of an edit whose parameters do something.

    A step of the workflow that rests (no cloth was marked, no spot) is no reason for a look, has not been done well or
    badly, and a claim of 1.0 for it calibrates nothing.
    """
    return tuple(each for each in edit.steps if not step_named(each.step).rests(each.version, each.params))


def calibrated(record: Record, used: EditStep, category: str) -> Confidence | None:
    """Return a step's confidence as its claims in this category have turned out; a person's own step as it stands."""
    if used.confidence is None or used.amended:
        return used.confidence
    curve = record.calibrators.get((used.step, category))
    return used.confidence if curve is None else curve.apply(used.confidence.value)


def edge_of(assembly: Assembly, known: ReliabilityMap) -> Edge | None:
    """Return the class of the subject's edge, from what the matte's step measured; None without a matte."""
    for each in assembly.edit.steps:
        if step_named(each.step).kind == "matte":
            return class_of_edge(assembly.facts.get(each.step, {}), known)
    return None


def edge_failures_of(edge_failed: Sequence[str], version: str, verdicts: Sequence[Verdict], edit: Edit) -> int:
    """Return how many versions' edges failed, this one's included.

    A version whose matte a person set since, and which does not fail, starts anew with the reviewers: it is what the
    specialist made.
    """
    fails = any(each.check == EDGE_CHECK and each.word == "fail" for each in verdicts)
    by_person = any(each.amended and step_named(each.step).kind == "matte" for each in edit.steps)
    if by_person and not fails and version not in edge_failed:
        return 0
    return len({*edge_failed, version} if fails else set(edge_failed))


def routed_to_data(routed: Routed, edit: Edit, category: str, stratum: Stratum) -> dict[str, Any]:
    """Return a route as JSON data: the whole decision, and what later outcomes are counted by.

    ``uses`` holds for each task where it stood and what the checklists advised, on how many recorded decisions:
    enough to tell the whole decision again (`safelight.routing.explain`).
    """
    sure, worked = routed.confidence, at_work(edit)
    advised = {each.task: each for each in routed.checklists}
    return {
        "route": routed.route,
        "queue": routed.queue,
        "zone": routed.zone,
        "reasons": [each.to_data() for each in routed.reasons],
        "confidence": None if sure is None else round(sure.value, 4),
        "asked": routed.asked,
        "category": category,
        "tasks": sorted({step_named(each.step).task for each in worked}),
        "calibrated": sure is not None and sure.calibrated,
        "claims": {each.step: round(each.confidence.value, 4) for each in worked if each.confidence is not None},
        "stratum": stratum.to_data(),
        "uses": [
            {
                "step": each.step,
                "task": each.placed.task,
                "zone": each.placed.zone,
                "complexity": each.placed.complexity,
                "risk": each.placed.risk,
                "stance": each.placed.stance,
                "advice": advised[each.placed.task].advice if each.placed.task in advised else "",
                "seen": each.outcomes.seen,
                "approved": each.outcomes.approved,
            }
            for each in routed.uses
        ],
    }


def stratum_of(client: str, category: str, frame: Sorted, edit: Edit) -> Stratum:
    """Return the stratum of a version: a new client, backdrop, camera or version of a step at work is another one."""
    metering = frame.facts.get("metering", {})
    make, model = (" ".join(str(frame.capture.get(key) or "").split()) for key in ("make", "model"))
    camera = model if model.casefold().startswith(make.casefold()) else f"{make} {model}".strip()
    steps = tuple((each.step, each.version) for each in at_work(edit))
    return Stratum(client, category, backdrop_of(metering), camera, steps)
