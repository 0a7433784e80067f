"""What is installed: steps and checks come in through entry points, our own by the same door.

A plug-in package names its declarations under ``safelight.steps`` and
``safelight.checks``; each entry point leads to a module with ``step`` or ``check``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from safelight.core.check import Check
from safelight.core.step import Step
from safelight.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping


def step_named(name: str) -> Step:
    """Return the step called `name`, importing only it.

    Raises
    ------
    UnknownNameError
        With the list of what is installed.

    Examples
    --------
    >>> step_named("cutuot")
    Traceback (most recent call last):
    safelight.errors.UnknownNameError: no step called 'cutuot'; installed: ...
    """
    found = _entries("safelight.steps").get(name)
    if found is None:
        raise UnknownNameError(f"no step called {name!r}; installed: {', '.join(step_names())}")
    return _load_step(found)


def check_named(name: str) -> Check:
    """Return the check called `name`, importing only it; refuse like `step_named`."""
    found = _entries("safelight.checks").get(name)
    if found is None:
        raise UnknownNameError(f"no check called {name!r}; installed: {', '.join(check_names())}")
    return _load_check(found)


def step_names() -> tuple[str, ...]:
    """Return the names of all installed steps, sorted."""
    return tuple(sorted(_entries("safelight.steps")))


def check_names() -> tuple[str, ...]:
    """Return the names of all installed checks, sorted."""
    return tuple(sorted(_entries("safelight.checks")))


@cache
def _entries(group: str) -> Mapping[str, EntryPoint]:
    installed = {each.name: each for each in entry_points(group=group)}
    return MappingProxyType(installed | _in_checkout(group))


def _in_checkout(group: str) -> dict[str, EntryPoint]:
    """Return our own entry points as this checkout declares them; none where the package is installed for good.

    An editable install keeps the list of the day it was made, so a new step would be missing until it is made again.
    """
    path = Path(__file__).resolve().parents[2] / "pyproject.toml"
    try:
        declared = tomllib.loads(path.read_text("utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return {}
    if declared.get("name") != "safelight":
        return {}
    own = declared.get("entry-points", {}).get(group, {})
    return {name: EntryPoint(name, value, group) for name, value in own.items()}


@cache
def _load_step(entry: EntryPoint) -> Step:
    step: Step = entry.load().step
    if step.name != entry.name:
        raise UnknownNameError(f"the step at {entry.value} calls itself {step.name!r}, its entry point {entry.name!r}")
    return step


@cache
def _load_check(entry: EntryPoint) -> Check:
    check: Check = entry.load().check
    if check.name != entry.name:
        raise UnknownNameError(
            f"the check at {entry.value} calls itself {check.name!r}, its entry point {entry.name!r}"
        )
    return check
