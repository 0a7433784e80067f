"""What one category goes through under one style guide: the workflow with the guide's words filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from safelight.core.canonical import key_of
from safelight.core.recipe import HeroRule
from safelight.routing.inputs import Lane
from safelight.workflows.workflow import CheckUse, People, StepUse


@dataclass(frozen=True)
class Plan:
    """A category's way through the house.

    Parameters
    ----------
    category, workflow : str
        The category as found, and the name of the workflow that takes it.
    steps, checks
        In order, with the parameters and limits that workflow and guide fix.
    expected : mapping
        What the checks of the master are told that the guide asks for.
    lane : Lane
        How far its files may go without a look of their own.
    views : tuple of str
        Views that each product must have.
    acceptance : tuple of str
        What people accept, in words.
    people, because
        ``hold`` and ``review`` send every file there, for that reason.
    hero : HeroRule or None
        What a person sets on the category's hero goes to its other frames, which may wait for it; None leaves each
        frame to itself.
    """

    category: str
    workflow: str
    steps: tuple[StepUse, ...]
    checks: tuple[CheckUse, ...]
    expected: Mapping[str, Any]
    lane: Lane
    views: tuple[str, ...] = ()
    acceptance: tuple[str, ...] = ()
    people: People = "route"
    because: str = ""
    hero: HeroRule | None = None

    def limits(self) -> Mapping[str, Mapping[str, float]]:
        """Return the limits set for each check; the check's own hold where nothing is set."""
        return MappingProxyType({each.check: each.limits for each in self.checks})

    def key(self) -> str:
        """Return what identifies the work: same key, same steps, checks and expectations."""
        steps = [[each.step, dict(each.params)] for each in self.steps]
        checks = [[each.check, dict(each.limits)] for each in self.checks]
        return key_of("plan", self.workflow, steps, checks, dict(self.expected))
