"""What a senior set on the first hero, as data that the rest of a batch can be given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from safelight.core.edit import Edit, EditStep, Reason
from safelight.core.facts import Actor
from safelight.core.params import ParamSet, Value
from safelight.core.step import Stage

# What belongs to one picture and never to its neighbors.
_OWN = frozenset({"seed"})
_BASELINE = (Stage.CORRECTION, Stage.VIEW)


@dataclass(frozen=True)
class Recipe:
    """A hero's settings, ready to be laid on other edits.

    Parameters
    ----------
    hero : str
        The version they were set on.
    by : Actor
        Who set them.
    grade : tuple of EditStep
        The steps of the grade stage that differ from what was proposed, taken over as they are; none through a mask,
        which belongs to one picture.
    relative : mapping of step to mapping of parameter to float
        How far correction and view were moved from what had been proposed for the hero: added to what
        was proposed for each other picture.
    fixed : mapping of step to mapping of parameter to value
        Words and switches of those stages that were changed: taken over as they are.
    """

    hero: str
    by: Actor
    grade: tuple[EditStep, ...] = ()
    relative: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))
    fixed: Mapping[str, Mapping[str, Value]] = field(default_factory=lambda: MappingProxyType({}))

    def graded(self, step: str) -> EditStep | None:
        """Return the hero's step of the grade stage called `step`; None where it was left as it was."""
        return next((each for each in self.grade if each.step == step), None)

    def wanted(self, step: str) -> dict[str, Value]:
        """Return what a step of the grade stage is told for the hero's sake; a picture's own numbers are left out."""
        found = self.graded(step)
        return {} if found is None else {n: v for n, v in found.params.items() if n not in _OWN}

    def to_data(self) -> dict[str, Any]:
        """Return JSON data, as a group's findings hold it."""
        return {
            "hero": self.hero,
            "by": self.by.to_data(),
            "grade": [each.to_data() for each in self.grade],
            "relative": {step: dict(values) for step, values in self.relative.items()},
            "fixed": {step: dict(values) for step, values in self.fixed.items()},
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Recipe:
        """Read what `to_data` wrote."""
        return Recipe(
            data["hero"],
            Actor.from_data(data["by"]),
            tuple(EditStep.from_data(each) for each in data["grade"]),
            MappingProxyType({step: MappingProxyType(dict(each)) for step, each in data["relative"].items()}),
            MappingProxyType({step: MappingProxyType(dict(each)) for step, each in data["fixed"].items()}),
        )


def recipe_of(proposed: Edit, approved: Edit, stage_of: Callable[[str], Stage], hero: str, by: Actor) -> Recipe:
    """Read a recipe off a hero: what the machine proposed, and what a person made of it.

    Parameters
    ----------
    proposed, approved : Edit
        Of the same original.
    stage_of : callable
        From a step's name to its stage.
    hero : str
        The approved version.
    by : Actor

    Raises
    ------
    ValueError
        If the edits are of different originals.
    """
    if proposed.original != approved.original:
        raise ValueError("a recipe is read off two edits of one original")
    relative: dict[str, Mapping[str, float]] = {}
    fixed: dict[str, Mapping[str, Value]] = {}
    for after in approved.steps:
        before = proposed.step(after.step)
        if before is None or stage_of(after.step) not in _BASELINE:
            continue
        changed = {n: v for n, v in after.params.items() if n not in _OWN and before.params.get(n) != v}
        moved = {n: round(v - before.params[n], 6) for n, v in changed.items() if _are_numbers(v, before.params.get(n))}  # type: ignore[operator]
        if moved:
            relative[after.step] = MappingProxyType(moved)
        if len(moved) < len(changed):
            fixed[after.step] = MappingProxyType({n: v for n, v in changed.items() if n not in moved})
    grade = tuple(each for each in approved.steps if stage_of(each.step) == Stage.GRADE and _is_new(each, proposed))
    return Recipe(hero, by, grade, MappingProxyType(relative), MappingProxyType(fixed))


def lay_on(recipe: Recipe, edit: Edit, params_of: Callable[[str], ParamSet]) -> Edit:
    """Return an edit with a recipe laid on it, relative to the picture's own baseline.

    Parameters
    ----------
    recipe : Recipe
    edit : Edit
        As proposed for this picture.
    params_of : callable
        From a step's name to its parameters: what would leave a range is held at its end, and said so.

    Notes
    -----
    What a person amended on this picture stays as it is. Laying a recipe that changes nothing changes nothing.
    """
    for own in edit.steps:
        edit = edit.with_step(laid(recipe, own, params_of(own.step)))
    for graded in recipe.grade:
        if edit.step(graded.step) is None:
            edit = edit.with_step(_given(graded, None, recipe))
    return edit


def laid(recipe: Recipe, own: EditStep, params: ParamSet) -> EditStep:
    """Return one step of an edit with a recipe laid on it; the very same where the recipe says nothing of it."""
    if own.amended:
        return own
    if own.step in recipe.relative or own.step in recipe.fixed:
        return _moved(own, recipe, params)
    graded = recipe.graded(own.step)
    return own if graded is None else _given(graded, own, recipe)


def _moved(own: EditStep, recipe: Recipe, params: ParamSet) -> EditStep:
    values, told = dict(own.params), []
    held = False
    for name, difference in recipe.relative.get(own.step, {}).items():
        wanted = float(own.params[name]) + difference  # type: ignore[arg-type]
        low, high = params[name].least, params[name].most
        kept = min(wanted if high is None else min(wanted, high), 1e30)
        kept = kept if low is None else max(kept, low)
        held = held or kept != wanted
        values[name] = params[name].accept(kept, own.step)
        told.append(f"{name} {difference:+g}")
    values.update(recipe.fixed.get(own.step, {}))
    told += [f"{name} {value}" for name, value in recipe.fixed.get(own.step, {}).items()]
    text = f"{', '.join(told)} on top of its own baseline, as {recipe.by.name} set the hero"
    text += ", held at the end of the range" if held else ""
    reason = Reason("hero", text, {"hero": recipe.hero}, doubt=held)
    return replace(own, params=MappingProxyType(values), by=recipe.by, reasons=(*own.reasons, reason))


def _given(graded: EditStep, own: EditStep | None, recipe: Recipe) -> EditStep:
    """The hero's step, but for what is the picture's own."""
    params = dict(graded.params)
    reason = Reason("hero", f"as {recipe.by.name} set it on the hero", {"hero": recipe.hero})
    if own is None:
        given = replace(graded, by=recipe.by, reasons=(reason,), amended=False, stale=False)
        return replace(given, params=MappingProxyType(params))
    params.update({name: own.params[name] for name in _OWN if name in params and name in own.params})
    return replace(own, params=MappingProxyType(params), by=recipe.by, reasons=(*own.reasons, reason))


def _is_new(after: EditStep, proposed: Edit) -> bool:
    before = proposed.step(after.step)
    return "mask" not in after.artifacts and (before is None or before.painted() != after.painted())


def _are_numbers(one: Value, two: Value | None) -> bool:
    return all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in (one, two))


@dataclass(frozen=True)
class HeroRule:
    """Whether a lane waits for its hero, and which frame that is.

    Parameters
    ----------
    waits : bool
        True holds a group after correction until its hero is approved; nothing is graded meanwhile.
    hero : str
        A name of the shot list, or "" for the first frame by capture time that is a pick.
    """

    waits: bool = False
    hero: str = ""


def hero_of(rule: HeroRule, members: Sequence[str], picks: Collection[str]) -> str:
    """Return the hero among `members`, names in order of capture; "" if there are none.

    Examples
    --------
    >>> hero_of(HeroRule(), ["a.dng", "b.dng", "c.dng"], {"b.dng", "c.dng"})
    'b.dng'
    """
    if rule.hero in members:
        return rule.hero
    return next((each for each in members if each in picks), members[0] if members else "")


def holds(rule: HeroRule, member: str, hero: str, *, approved: bool) -> bool:
    """Return True while a frame must wait: its lane waits, it is not the hero, and the hero is not approved."""
    return rule.waits and member != hero and not approved
