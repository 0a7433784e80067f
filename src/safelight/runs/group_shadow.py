"""What a run measures and expects of shadows where a style guide lays them on the frames of a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.params import Value

if TYPE_CHECKING:
    from safelight.core.batch import FileState
    from safelight.runs.sort import Sorted
    from safelight.workflows.guide import Guide
    from safelight.workflows.plan import Plan

_CAST = ("natural", "contact", "drop")  # a reflection has no side that light comes from


def measured_for(guide: Guide) -> Mapping[str, Mapping[str, Value]]:
    """Return what the facts steps are asked besides, by step: where shadows fall, if this guide lays any on a group."""
    asks = any(_kind(guide.plan(each)) in _CAST for each in guide.categories)
    return {"metering": {"cast_shadow": True}} if asks else {}


def expected_of(
    plan: Plan, findings: Mapping[str, Any], frame: Sorted, amended: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what checks are told of a frame's shadow: its kind, and its group's; nothing where none is asked for.

    A natural shadow on the wall is not held against those on the floor, nor what a person set against a group.
    """
    by_person = amended.get("shadow", {}).get("params", {})
    kind = by_person.get("kind", _kind(plan))
    if kind == "none":
        return {}
    expects = dict(findings.get("shadow", {}).get("expects", {}))
    own = frame.facts.get("metering", {}).get("cast_shadow", {})
    if by_person or not expects or expects.pop("on", own.get("on")) != own.get("on"):
        return {"shadow": kind}
    return {"shadow": kind, "group_shadow": expects}


def settled_of(file: FileState | None) -> Mapping[str, Mapping[str, Any]]:
    """Return the parameters of the version that a person approved, by step; empty before."""
    if file is None or not file.approved:
        return {}
    return {each["step"]: each["params"] for each in file.made.get("edit", {}).get("steps", ())}


def _kind(plan: Plan) -> Any:  # noqa: ANN401 - a parameter's value
    return next((each.params.get("kind", "none") for each in plan.steps if each.step == "shadow"), "none")
