"""From what a worker measured to verdicts and a route; no pixels, so that a changed limit costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.check import Findings, Measure, Verdict, judge
from safelight.core.edit import Edit
from safelight.plugins import check_named, step_named
from safelight.routing.inputs import Flag, Routed, RouteInputs, use_of
from safelight.routing.policy import route
from safelight.routing.reliability import ReliabilityMap
from safelight.workflows.plan import Plan


def judge_findings(plan: Plan, findings: Mapping[str, Mapping[str, Any]]) -> list[Verdict]:
    """Hold each check's findings against the plan's limits, in the plan's order."""
    verdicts = []
    for use in plan.checks:
        data = findings[use.check]
        measured = Findings(tuple(Measure(*each) for each in data["measures"]))
        verdicts.append(judge(check_named(use.check), measured, use.limits))
    return verdicts


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
    edit: Edit,
    verdicts: list[Verdict],
    flags: frozenset[Flag],
    sorted_as: Mapping[str, Any],
    edge_failures: int,
) -> Routed:
    """Ask the policy who must look at a version."""
    edge_class = edge_class_of(edit)
    uses = tuple(
        use_of(
            known,
            each.step,
            step_named(each.step).task,
            category=plan.category,
            edge_class=edge_class if step_named(each.step).kind == "matte" else "",
            confidence=each.confidence,
        )
        for each in edit.steps
    )
    return route(
        RouteInputs(
            uses=uses,
            verdicts=tuple(verdicts),
            queues=tuple(known.queues.items()),
            category=plan.category,
            stakes=sorted_as["stakes"],
            cull=sorted_as["class"],
            flags=flags,
            lane=plan.lane,
            edge_failures=edge_failures,
            held=plan.because if plan.people == "hold" else "",
            reviewed=plan.because if plan.people == "review" else "",
        )
    )


def edge_class_of(edit: Edit) -> str:
    """Return the edge class that the matte's proposal found, or "" where there is no matte."""
    for each in edit.steps:
        if step_named(each.step).kind == "matte":
            for reason in each.reasons:
                if reason.code == "edge_class":
                    return str(reason.values.get("class", "unknown"))
            return "unknown"
    return ""


def routed_to_data(routed: Routed, edit: Edit) -> dict[str, Any]:
    """Return a route as JSON data, with the least sure confidence behind it."""
    sure = [each.confidence for each in edit.steps if each.confidence is not None]
    least = min(sure, key=lambda each: each.value, default=None)
    return {
        "route": routed.route,
        "queue": routed.queue,
        "zone": routed.zone,
        "reasons": [each.to_data() for each in routed.reasons],
        "confidence": None if least is None else round(least.value, 4),
        "calibrated": bool(sure) and all(each.calibrated for each in sure),
    }
