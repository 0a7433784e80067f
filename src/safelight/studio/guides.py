"""Style guides: loading them, the guide of a batch, and what it asks of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.errors import DeclarationError, SafelightError, UnknownNameError

if TYPE_CHECKING:
    from safelight.core.batch import BatchState
    from safelight.core.recipe import HeroRule
    from safelight.workflows.guide import Guide
    from safelight.workflows.products import Needs
    from safelight.workflows.questions import Question
    from safelight.workflows.shot_list import ShotList


def load(guide: Path | None) -> Guide:
    """Load a style guide, or the house's own, held against what is installed."""
    from safelight.delivery.packs import pack_names, require_packs
    from safelight.workflows.guide_file import load_guide

    found = load_guide(str(guide) if guide else "house", channels=pack_names())
    require_packs(found.own_packs)
    return found


def guide_of(state: BatchState) -> Guide:
    """Load the guide that a batch was worked under.

    Raises
    ------
    DeclarationError
        If it has changed since: a batch stays under the guide it started with.
    """
    path = state.opened.get("guide_path")
    guide = load(Path(path) if path else None)
    if guide.sha256 != state.opened.get("guide_key"):
        raise DeclarationError(
            f"style guide {guide.name} has changed since batch {state.name} was worked under it; "
            "run the shoot again to take the new one, or put the old one back"
        )
    return guide


def asked_of(state: BatchState) -> tuple[Mapping[str, tuple[str, ...]], ShotList]:
    """Return the views that a batch's guide requires and its shot list; nothing where the guide has gone or changed."""
    from safelight.runs.shoot import Shoot, shots_of
    from safelight.workflows.shot_list import NO_SHOTS

    try:
        guide = guide_of(state)
        shots = shots_of(Shoot(state.opened["folder"], {}, ()), guide)
    except SafelightError:
        return {}, NO_SHOTS
    return {name: rule.views for name, rule in guide.categories.items()}, shots


def source_minutes_of(state: BatchState) -> Mapping[str, float]:
    """Return what a batch's guide says that disorder costs people; nothing where the guide has gone or changed."""
    try:
        return guide_of(state).source_minutes
    except SafelightError:
        return {}


def needs_of(state: BatchState) -> tuple[Needs, tuple[str, ...]]:
    """Return what a batch's guide asks of products, and its channels; nothing where the guide has gone or changed."""
    from safelight.workflows.products import Needs

    try:
        guide = guide_of(state)
    except SafelightError:
        return Needs(), ()
    return guide.needs(), guide.channels


def lanes_of(state: BatchState) -> Mapping[str, str]:
    """Return the lane that a batch's guide names for each category; nothing where the guide has gone or changed."""
    try:
        guide = guide_of(state)
    except SafelightError:
        return {}
    return {name: (rule.lane or guide.lane).kind for name, rule in guide.categories.items()}


def hero_rule_of(state: BatchState, category: str) -> HeroRule | None:
    """Return what a batch's guide says of a category's hero; nothing where it says so, has gone or changed."""
    try:
        return guide_of(state).plan(category).hero
    except SafelightError:
        return None


def check_guide(guide: Path | None, category: str) -> Guide:
    """Hold guide and forced category against what there is, before a store is made or a pixel moves."""
    found = load(guide)
    if category and category not in found.categories:
        raise UnknownNameError(f"--workflow is {category!r}; the guide knows: {', '.join(sorted(found.categories))}")
    return found


def describe_guide(guide: Path) -> str:
    """Return one sentence about a guide that holds."""
    from safelight.workflows.describe import describe

    return describe(load(guide))


def guide_questions() -> tuple[Question, ...]:
    """Return the questions of ``guide new``."""
    from safelight.delivery.packs import pack_names
    from safelight.workflows.questions import questions

    return questions(pack_names())


def new_guide(path: Path, answers: Mapping[str, str]) -> str:
    """Write a guide from answers, hold it against what is installed, and say what it is."""
    from safelight.delivery.packs import pack_names
    from safelight.workflows.describe import write_new

    return write_new(path, answers, pack_names())
