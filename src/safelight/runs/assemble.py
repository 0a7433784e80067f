"""Put an edit together from proposals: known ones are taken, missing ones asked for.

The owner walks a workflow with what the ledger knows to find out whether there
is anything to do; a worker walks it again and proposes what is missing. Both
use the one walk of this module, so that they agree on every key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from safelight.core.canonical import key_of
from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.recipe import Recipe, laid
from safelight.core.step import Group, Proposal, Stage, Step
from safelight.plugins import check_named, step_named
from safelight.runs.task import PerformTask, PlannedStep

Result = Mapping[str, Any]

# A master is not sharpened: output sharpening belongs to a size, and each delivery has its own.
MASTER_UNTIL = Stage.COMPOSITE
Propose = Callable[[Step, PlannedStep, Edit], Proposal]


@dataclass(frozen=True)
class Assembly:
    """An edit as far as it could be put together.

    `fresh` are the results that were proposed now, by key; `used` every key; `facts` what each step measured;
    `complete` is False if a proposal was missing and nobody to ask.
    """

    edit: Edit
    fresh: Mapping[str, Result]
    used: tuple[str, ...]
    facts: Mapping[str, Mapping[str, Any]]
    complete: bool


def assemble(task: PerformTask, known: Callable[[str], Result | None], propose: Propose | None = None) -> Assembly:
    """Walk the workflow of `task` and return its edit.

    Parameters
    ----------
    task : PerformTask
    known : callable (key) -> result or None
        What has been worked before.
    propose : callable or None
        Asked for what is not known; None leaves it out.
    """
    edit, complete = Edit(task.reference.sha256), True
    recipe = Recipe.from_data(task.recipe) if task.recipe else None
    fresh: dict[str, Result] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    used: list[str] = []
    for planned in task.steps:
        step = step_named(planned.name)
        if not complete and step.reads != "original":
            continue  # its key hangs on a proposal that is missing
        key = key_of_proposal(task, step, planned, edit)
        used.append(key)
        result = known(key)
        if planned.name in task.amended:
            if (
                result is None and propose is not None
            ):  # what the machine would have done is what a hero moved away from
                result = fresh[key] = to_result(step, propose(step, planned, edit), key)
            edit = edit.with_step(_amended(task, planned.name, key))
            facts[step.name] = {} if result is None else result["facts"]
            continue
        if result is None:
            if propose is None:
                complete = False
                continue
            result = fresh[key] = to_result(step, propose(step, planned, edit), key)
        own = from_result(result)
        edit = edit.with_step(own if recipe is None else laid(recipe, own, step.params))
        facts[step.name] = result["facts"]
    return Assembly(edit, MappingProxyType(fresh), tuple(used), MappingProxyType(facts), complete)


def _amended(task: PerformTask, name: str, key: str) -> EditStep:
    """Return what a person set; marked stale where the picture it was set on has become another."""
    before = task.amended_keys.get(name, "")
    return replace(task.amended[name], stale=bool(before) and before != key)


def key_of_proposal(task: PerformTask, step: Step, planned: PlannedStep, edit: Edit) -> str:
    """Return what identifies a proposal: the step, what it was told, and only the inputs it declares it reads."""
    from safelight.render.keys import proposal_key, upstream_key

    if step.kind == "base":
        return upstream_key(edit, step_named)
    inputs: list[Any] = [task.reference.sha256, task.category, task.findings.get(step.name, {})]
    if step.reads == "neutral":
        inputs.append([each.painted() for each in edit.steps if step_named(each.step).stage <= Stage.CORRECTION])
    elif step.reads == "upstream":
        inputs.append([each.painted() for each in edit.steps])
    named = _resources_in(planned.wanted, task.resources)
    return proposal_key(step, planned.wanted, *inputs, named, task.sizes.work)


def key_of_render(edit: Edit, resources: Mapping[str, str]) -> str:
    """Return what identifies the finished pixels of `edit`, on this machine and lock file."""
    from safelight.render.keys import render_key

    painted = render_key(edit, step_named, until=MASTER_UNTIL)
    named = [_resources_in(each.params, resources) for each in edit.steps]
    return key_of("master", painted, named)


def key_of_measure(check: str, render_key: str, expected: Mapping[str, Any]) -> str:
    """Return what identifies a measurement; limits are no part of it, so that a new limit measures nothing again."""
    return key_of("measure", check, check_named(check).version, render_key, dict(expected))


def group_of(task: PerformTask, step: Step) -> Group | None:
    """Return the group's findings for `step`, or None if it gathers none."""
    if step.name not in task.findings:
        return None
    found = task.findings[step.name]
    return Group(key_of(found), task.members, {step.name: found})


def to_result(step: Step, proposal: Proposal, key: str) -> dict[str, Any]:
    """Return a proposal as the JSON data that the ledger keeps under its key."""
    taken = EditStep(
        step.name,
        step.version,
        step.params.accept(proposal.params, fill=True),
        Actor("step", step.name, str(step.version)),
        proposal.artifacts,
        proposal.confidence,
        proposal.reasons,
    )
    return {"key": key, "edit_step": taken.to_data(), "facts": dict(proposal.facts)}


def from_result(result: Result) -> EditStep:
    """Read the step of an edit out of what `to_result` kept."""
    return EditStep.from_data(result["edit_step"])


def _resources_in(params: Mapping[str, Any], resources: Mapping[str, str]) -> dict[str, str]:
    """Return the guide's files that `params` name, as blobs."""
    return {each: resources[each] for each in params.values() if isinstance(each, str) and each in resources}
