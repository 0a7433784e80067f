"""The hero first: a senior sets the tone on one picture, and its settings go to the others of its light (R141)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor, NewFact
from safelight.core.recipe import HeroRule, Recipe, hero_of, laid, recipe_of
from safelight.core.step import Stage
from safelight.errors import GateClosedError, UsageError
from safelight.plugins import step_named, step_names

RETOUCHER = Actor("person", "retoucher")
# What a hero hands on: correction and grade. Mattes, crops and spots belong to their own picture.
STAGES = (Stage.CORRECTION, Stage.VIEW, Stage.GRADE)
Proposed = Callable[[FileState, str], EditStep | None]


def followers(batch: BatchState, hero: FileState) -> list[FileState]:
    """Return the files that a hero speaks for: same category and light, worked on, and not approved."""
    light = hero.sorted.get("lighting")
    return [each for each in of_category(batch, hero) if each.sorted.get("lighting") == light]


def of_category(batch: BatchState, hero: FileState) -> list[FileState]:
    """Return the other files of a hero's category, worked on and not approved."""
    return [
        each
        for each in batch.files.values()
        if each.asset != hero.asset
        and each.version
        and each.goes_on
        and not each.approved
        and each.sorted.get("category") == hero.sorted.get("category")
    ]


def leads_by_guide(batch: BatchState, hero: FileState, rule: HeroRule | None) -> bool:
    """Say whether a file is the hero that the guide's ``[hero]`` lays on the others of its category by itself.

    Then nothing is handed on by hand: numbers of one picture would take the place of each picture's own baseline, which
    the guide's hero is laid on top of.
    """
    if rule is None:
        return False
    category = hero.sorted.get("category")
    members = [e for e in batch.files.values() if e.version and e.goes_on and e.sorted.get("category") == category]
    led = {each.made.get("hero", "") for each in members} - {""}
    if led:
        return hero.version in led
    members.sort(key=lambda each: (each.measured.get("capture", {}).get("taken_at") or "", each.path))
    pure = PurePosixPath(hero.path)
    if rule.hero in (hero.path, pure.name, pure.stem):
        return True
    picks = {each.path for each in members if each.sorted.get("class") == "pick"}
    return hero_of(rule, [each.path for each in members], picks) == hero.path


def propagate(
    batch: BatchState, hero: FileState, steps: Sequence[str], name: str, reason: str, proposed: Proposed
) -> list[tuple[FileState, list[NewFact]]]:
    """Return the amendments that give a hero's settings to the files it speaks for; each still gets its own look.

    Parameters
    ----------
    batch, hero
    steps : sequence of str
        Steps of correction and grade; none takes all that a person set on the hero.
    name, reason : str
    proposed : callable (file, step) -> EditStep or None
        What the machine had proposed: a correction travels as the difference that a person made, added to each
        picture's own baseline; a grade as it is (`safelight.core.recipe`).

    Raises
    ------
    UsageError
        Without name or reason, for a step that belongs to its own picture, or where there is nothing to hand on.
    GateClosedError
        If the hero is not approved.
    """
    if not name.strip() or not reason.strip():
        raise UsageError("handing a hero's settings on needs a name and a reason: add --as NAME --reason TEXT")
    if not hero.approved:
        raise GateClosedError(f"{hero.path} is {hero.standing}: a hero speaks for others once it is approved")
    edit = Edit.from_data(hero.made["edit"])
    recipe = recipe_of(
        _before(edit, hero, proposed), edit, lambda each: step_named(each).stage, hero.version, RETOUCHER
    )
    able = [
        each.step for each in edit.steps if each.step in {*recipe.relative, *recipe.fixed} or recipe.graded(each.step)
    ]
    wanted = list(steps) or able
    for each in wanted:
        if each not in able:
            raise UsageError(
                f"{each} of {hero.path} is not handed on: a hero gives what a person made of its correction and grade, "
                f"which is: {', '.join(able) or 'nothing'}"
            )
    if not wanted:
        raise UsageError(f"nobody set a step of correction or grade on {hero.path}: amend it there, then hand it on")
    return [
        (
            file,
            [
                fact
                for each in wanted
                for fact in _given(batch, file, recipe, each, (name, reason, hero.asset), proposed)
            ],
        )
        for file in followers(batch, hero)
    ]


def _before(edit: Edit, hero: FileState, proposed: Proposed) -> Edit:
    """Return a hero's edit as the machine had proposed it."""
    for each in edit.steps:
        if each.amended and _hands_on(each.step):
            machine = proposed(hero, each.step)
            edit = edit.without_step(each.step) if machine is None else edit.with_step(machine)
    return edit


def _hands_on(step: str) -> bool:
    return step in step_names() and step_named(step).stage in STAGES


def _is_own(file: FileState, step: str) -> bool:
    """Say whether a person set a step on this very picture: no other picture's settings take its place."""
    said = file.amended.get(step)
    return said is not None and not said.get("hero")


def _given(
    batch: BatchState, file: FileState, recipe: Recipe, step: str, said: tuple[str, str, str], proposed: Proposed
) -> list[NewFact]:
    """Return the amendment of one step of a follower; none where the step is its own, or it has none to move."""
    if _is_own(file, step):
        return []
    graded, edit = recipe.graded(step), Edit.from_data(file.made["edit"])
    mine = proposed(file, step) or edit.step(step) or graded
    if mine is None:
        return []
    given = laid(recipe, replace(mine, amended=False), step_named(step).params)
    name, reason, hero = said
    body = {
        "path": file.path,
        "step": step,
        "version": given.version,
        "params": given.to_data()["params"],
        "artifacts": (graded or given).to_data()["artifacts"],
        "key": file.made.get("keys", {}).get(step, ""),
        "reason": f"{reason.strip()}; {given.reasons[-1].text}",
        "hero": hero,
    }
    return [NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})]
