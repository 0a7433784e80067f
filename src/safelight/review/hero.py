"""The hero first: a senior sets the tone on one picture, and its settings go to the others of its light (R141)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from safelight.core import batch as told
from safelight.core.batch import BatchState, FileState
from safelight.core.edit import Edit
from safelight.core.facts import Actor, NewFact
from safelight.core.recipe import HeroRule, hero_of
from safelight.core.step import Stage
from safelight.errors import GateClosedError, UsageError
from safelight.plugins import step_named, step_names

RETOUCHER = Actor("person", "retoucher")
# What a hero hands on: correction and grade. Mattes, crops and spots belong to their own picture.
STAGES = (Stage.CORRECTION, Stage.VIEW, Stage.GRADE)


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
    batch: BatchState, hero: FileState, steps: Sequence[str], name: str, reason: str
) -> list[tuple[FileState, list[NewFact]]]:
    """Return the amendments that give a hero's settings to the files it speaks for; each still gets its own look.

    Parameters
    ----------
    batch, hero
    steps : sequence of str
        Steps of correction and grade; none takes all that a person set on the hero.
    name, reason : str

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
    wanted = list(steps) or [each.step for each in edit.steps if each.amended and _hands_on(each.step)]
    for each in wanted:
        if edit.step(each) is None or not _hands_on(each):
            able = ", ".join(one.step for one in edit.steps if _hands_on(one.step)) or "none"
            raise UsageError(f"{each} of {hero.path} is not handed on; its steps of correction and grade are: {able}")
    if not wanted:
        raise UsageError(f"nobody set a step of correction or grade on {hero.path}: say which steps to hand on")
    return [
        (file, [_set(batch, file, edit, each, name, reason) for each in wanted if not _is_own(file, each)])
        for file in followers(batch, hero)
    ]


def _hands_on(step: str) -> bool:
    return step in step_names() and step_named(step).stage in STAGES


def _is_own(file: FileState, step: str) -> bool:
    """Say whether a person set a step on this very picture: no other picture's settings take its place."""
    said = file.amended.get(step)
    return said is not None and not said.get("hero")


def _set(batch: BatchState, file: FileState, hero: Edit, step: str, name: str, reason: str) -> NewFact:
    own = hero.step(step)
    data: dict[str, Any] = own.to_data() if own is not None else {}
    body = {
        "path": file.path,
        "step": step,
        "version": data["version"],
        "params": data["params"],
        "artifacts": data["artifacts"],
        "key": file.made.get("keys", {}).get(step, ""),
        "reason": reason.strip(),
        "hero": hero.original,
    }
    return NewFact(told.AMENDED, file.asset, body, RETOUCHER, batch.name, {"name": name})
