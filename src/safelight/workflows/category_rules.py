"""The sections of a style guide that name steps, checks and tasks: category, step, check, reliability."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from safelight.core.params import Value
from safelight.core.step import Step
from safelight.errors import DeclarationError, UnknownNameError
from safelight.routing.inputs import STAKES, Lane, Stakes
from safelight.routing.reliability import EDGE_CLASSES, LEVELS, STANCES, Override, reliability_map
from safelight.workflows.guide import CategoryRule
from safelight.workflows.sections import read_lane
from safelight.workflows.toml import Table, nearest
from safelight.workflows.workflow import (
    FindCheck,
    FindStep,
    Workflow,
    load_workflow,
    read_limits,
    read_params,
    workflow_names,
)


@dataclass(frozen=True)
class Installed:
    """Where declarations are found while a guide is read: steps, checks, and the ids of the channels."""

    step: FindStep
    check: FindCheck
    channels: Collection[str]


# [category.NAME]


def read_categories(table: Table, folder: Path, lane: Lane, installed: Installed) -> Mapping[str, CategoryRule]:
    """Read every ``[category.NAME]``; built-in workflows that no section names keep their own."""
    named = table.tables("category")
    rules = {name: _category(name, inner, folder, lane, installed) for name, inner in named.items()}
    for name in workflow_names():
        if name not in rules:
            empty = Table(table.file, {}, table.lines, ("category", name))
            rules[name] = _category(name, empty, folder, lane, installed)
    return MappingProxyType(rules)


def _category(name: str, table: Table, folder: Path, lane: Lane, installed: Installed) -> CategoryRule:
    table.allow("workflow", "stakes", "lane", "views", "words", "acceptance", "step", "check")
    default = name if name in workflow_names() else None
    asked = table.text("workflow", default)
    try:
        flow = load_workflow(asked, find_step=installed.step, find_check=installed.check, folder=folder)
    except (UnknownNameError, DeclarationError) as error:
        raise table.error(f"{table.name_of('workflow')}: {error}", "workflow") from None
    own_lane = read_lane(table.table("lane"), lane) if "lane" in table else None
    acceptance = table.texts("acceptance")
    rule_lane = own_lane or lane
    if rule_lane.route != "review" and flow.people == "route" and not acceptance:
        raise table.error(
            f"{table.name_of('acceptance')} is empty, and lane {rule_lane.name} lets files go by {rule_lane.route}; "
            "write down what people accept before it is automated",
            "lane",
        )
    return CategoryRule(
        name=name,
        workflow=flow,
        stakes=cast("Stakes", table.choice("stakes", STAKES)) if "stakes" in table else None,
        lane=own_lane,
        views=table.texts("views"),
        words=table.texts("words"),
        acceptance=acceptance,
        steps=read_step_params(table, installed, flow),
        checks=read_check_limits(table, installed, flow),
    )


# [step.NAME], [check.NAME]


def read_step_params(
    table: Table, installed: Installed, flow: Workflow | None = None
) -> Mapping[str, Mapping[str, Value]]:
    """Read ``[step.NAME]`` tables, each held against the step; with `flow`, only steps of that workflow."""
    used = None if flow is None else flow.step_names()
    read: dict[str, Mapping[str, Value]] = {}
    for name, inner in table.tables("step").items():
        _require_used(table, "step", name, used)
        step: Step = _found(table, "step", name, installed.step)
        read[name] = MappingProxyType(read_params(inner, step))
    return MappingProxyType(read)


def read_check_limits(
    table: Table, installed: Installed, flow: Workflow | None = None
) -> Mapping[str, Mapping[str, float]]:
    """Read ``[check.NAME]`` tables, each held against the check; with `flow`, only checks of that workflow."""
    used = None if flow is None else tuple(each.check for each in flow.checks)
    read: dict[str, Mapping[str, float]] = {}
    for name, inner in table.tables("check").items():
        _require_used(table, "check", name, used)
        read[name] = MappingProxyType(read_limits(inner, _found(table, "check", name, installed.check)))
    return MappingProxyType(read)


def _require_used(table: Table, key: str, name: str, used: tuple[str, ...] | None) -> None:
    if used is not None and name not in used:
        listed = ", ".join(used) or "none"
        raise table.error(f"{table.name_of(key, name)}: its workflow has no such {key}; it has: {listed}", key, name)


def _found(table: Table, key: str, name: str, find: Callable[[str], Any]) -> Any:  # noqa: ANN401 - a Step or a Check
    try:
        return find(name)
    except UnknownNameError as error:
        known = str(error).partition("installed: ")[2].split(", ")
        raise table.error(f"{table.name_of(key, name)}: {error}{nearest(name, known)}", key, name) from None


# [reliability.TASK]


def read_overrides(table: Table) -> tuple[Override, ...]:
    """Read ``[reliability.TASK]``: axes, stance, and moves by edge class, category or channel."""
    known = reliability_map().tasks
    made: list[Override] = []
    for task, inner in table.tables("reliability").items():
        if task not in known:
            raise table.table("reliability").error(
                f"no task called {task!r} on the reliability map{nearest(task, known)}; it has: {', '.join(known)}",
                task,
            )
        inner.allow("complexity", "risk", "stance", "edge", "category", "channel")
        made.append(Override(task, **_axes(inner), stance=_maybe(inner, "stance", STANCES)))
        for edge, axes in inner.tables("edge").items():
            if edge not in EDGE_CLASSES:
                listed = ", ".join(EDGE_CLASSES)
                raise inner.error(f"no edge class called {edge!r}; there are: {listed}", "edge", edge)
            axes.allow("complexity", "risk")
            made.append(Override(task, **_axes(axes), edge=edge))
        for category, axes in inner.tables("category").items():
            axes.allow("complexity", "risk")
            made.append(Override(task, **_axes(axes), category=category))
        for channel, axes in inner.tables("channel").items():
            axes.allow("complexity", "risk")
            made.append(Override(task, **_axes(axes), channel=channel))
    return tuple(made)


def _axes(table: Table) -> dict[str, Any]:
    return {key: _maybe(table, key, LEVELS) for key in ("complexity", "risk")}


def _maybe(table: Table, key: str, words: tuple[str, ...]) -> Any:  # noqa: ANN401 - a Literal word or None
    return table.choice(key, words) if key in table else None
