"""The hero of a category: what a person set on it, laid on the frames beside it, which may wait for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from safelight.core.batch import FileState
from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.recipe import HeroRule, Recipe, hero_of, holds, recipe_of
from safelight.core.step import Stage
from safelight.media.names import display_name
from safelight.plugins import step_named
from safelight.runs.assemble import from_result
from safelight.runs.sort import Sorted
from safelight.workflows.plan import Plan
from safelight.workflows.workflow import CheckUse, StepUse

if TYPE_CHECKING:
    from safelight.workflows.guide import Guide

Works = Callable[[Collection[str]], Mapping[str, Mapping[str, Any]]]
JOINTS, PLACING = "joints", "placing"  # what measures a composite of several pictures
LAYOUT, SHADOW = "layout", "shadow"
RETOUCHER = Actor("person", "retoucher")  # who it was stands beside the ledger's facts


@dataclass(frozen=True)
class Lead:
    """A category's hero, by path, and its recipe once a person approved it."""

    hero: str
    rule: HeroRule
    recipe: Recipe | None = None

    def holds(self, path: str) -> bool:
        """Say whether a frame waits for its hero."""
        return holds(self.rule, path, self.hero, approved=self.recipe is not None)

    def recipe_for(self, path: str) -> Recipe | None:
        """Return what is laid on a frame; nothing on the hero, which was set by hand."""
        return None if path == self.hero else self.recipe


def leads_of(
    guide: Guide, frames: Iterable[Sorted], files: Mapping[str, FileState], works: Works
) -> Mapping[str, Lead]:
    """Return the hero of each category that has one.

    Parameters
    ----------
    guide : Guide
    frames : iterable of Sorted
        Those that go on count.
    files : mapping of path to FileState
        Where each stands: an approved hero has a recipe.
    works : callable (keys) -> results by key
        What the machine had proposed for it.

    Notes
    -----
    A hero whose recipe was laid on other frames stays the hero, whatever arrives later. Without a name in the guide it
    is the first pick by capture time.
    """
    by_category: dict[str, list[Sorted]] = {}
    for each in sorted((each for each in frames if each.goes_on), key=lambda each: (each.taken_at, each.path)):
        by_category.setdefault(each.category, []).append(each)
    leads = {}
    for category, members in by_category.items():
        rule = guide.plan(category).hero
        if rule is not None:
            hero = _hero(rule, members, files)
            leads[category] = Lead(hero, rule, _recipe(files[hero], works))
    return leads


def led_plan(guide: Guide, frame: Sorted, state: FileState, lead: Lead | None) -> Plan:
    """Return a frame's plan: with the steps that a person or the hero set, and without a grade while it waits."""
    plan = _led(guide, frame, state, lead)
    came_back = [each for each in state.amended if step_named(each).kind == "base"]
    missing = [each for each in came_back if each not in {use.step for use in plan.steps}]
    if not missing:
        return plan
    # What a person retouched stands right behind the grade, whatever a workflow lists.
    at = max((n for n, use in enumerate(plan.steps, 1) if step_named(use.step).stage <= Stage.GRADE), default=0)
    # A draft comes before what a person rebuilt of it, and its joints are measured.
    missing.sort(key=lambda each: not step_named(each).draft)
    uses = tuple(StepUse(each, {}) for each in missing)
    plan = replace(plan, steps=(*plan.steps[:at], *uses, *plan.steps[at:]))
    asked = [PLACING if each == LAYOUT else JOINTS for each in missing if step_named(each).draft]
    known = {use.check for use in plan.checks}
    new = tuple(CheckUse(each, {}) for each in dict.fromkeys(asked) if each not in known)
    return _with_shadow(replace(plan, checks=(*plan.checks, *new)), state)


def _with_shadow(plan: Plan, state: FileState) -> Plan:
    """A layout's shadow lies under it, whether or not the workflow lists one."""
    if LAYOUT not in state.amended or SHADOW not in state.amended or SHADOW in {use.step for use in plan.steps}:
        return plan
    at = sum(step_named(use.step).stage < Stage.COMPOSITE for use in plan.steps)
    return replace(plan, steps=(*plan.steps[:at], StepUse(SHADOW, {}), *plan.steps[at:]))


def expected_of_layout(amended: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what checks are told of a file's layout: its margin and what was measured when it was composed."""
    placed = amended.get(LAYOUT, {}).get("placed")
    return {} if placed is None else {"layout": dict(placed)}


def _led(guide: Guide, frame: Sorted, state: FileState, lead: Lead | None) -> Plan:
    recipe = None if lead is None else lead.recipe_for(frame.path)
    graded = () if recipe is None else recipe.grade
    plan = guide.plan(frame.category, also={*state.amended, *(each.step for each in graded)})
    if lead is not None and lead.holds(frame.path):
        kept = tuple(each for each in plan.steps if step_named(each.step).stage != Stage.GRADE)
        because = f"it waits for its hero, {display_name(lead.hero)}; approve that one and run the shoot again"
        checks = tuple(each for each in plan.checks if not _judges_looks(each.check))
        return replace(plan, steps=kept, checks=checks, people="hold", because=because)
    if recipe is None:
        return plan
    return replace(plan, steps=tuple(StepUse(u.step, {**u.params, **recipe.wanted(u.step)}) for u in plan.steps))


def is_frozen(state: FileState, recipe: Recipe | None) -> bool:
    """Say whether a frame was approved under another hero, or none: a hero is never laid on approved pixels."""
    return bool(state.approved) and recipe is not None and state.made.get("hero", "") != recipe.hero


def _hero(rule: HeroRule, members: list[Sorted], files: Mapping[str, FileState]) -> str:
    paths = [each.path for each in members]
    named = next((each for each in paths if rule.hero and rule.hero in _names(each)), "")
    led = {files[each].made.get("hero", "") for each in paths} - {""}
    leads = [each for each in paths if files[each].approved and files[each].version in led]
    if leads and not named:
        return leads[0]
    return hero_of(replace(rule, hero=named), paths, {each.path for each in members if each.cull == "pick"})


def _names(path: str) -> tuple[str, str, str]:
    pure = PurePosixPath(path)
    return path, pure.name, pure.stem


def proposals(files: Iterable[FileState], works: Works) -> Callable[[FileState, str], EditStep | None]:
    """Return a look-up of what the machine had proposed for a step of a file; None where that is not known any more."""
    found = works({key for each in files for key in each.made.get("keys", {}).values()})

    def proposed(file: FileState, step: str) -> EditStep | None:
        result = found.get(file.made.get("keys", {}).get(step, ""))
        return None if result is None or "edit_step" not in result else from_result(result)

    return proposed


def _recipe(hero: FileState, works: Works) -> Recipe | None:
    """Read what a person made of the machine's proposals for an approved hero."""
    if not hero.approved:
        return None
    before = approved = Edit.from_data(hero.made["edit"])
    proposed = proposals([hero], works)
    for each in approved.steps:
        if each.amended:
            machine = proposed(hero, each.step)
            before = before.without_step(each.step) if machine is None else before.with_step(machine)
    return recipe_of(before, approved, lambda name: step_named(name).stage, hero.version, RETOUCHER)


def _judges_looks(check: str) -> bool:
    from safelight.plugins import check_named

    return check_named(check).wants_neutral
