"""A workflow: which steps a category takes, in what order, and which checks judge it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from safelight.core.check import Check
from safelight.core.params import Value
from safelight.core.step import Stage, Step
from safelight.errors import ParameterError, UnknownNameError
from safelight.workflows.toml import Table, nearest, read_toml_file

FindStep = Callable[[str], Step]
FindCheck = Callable[[str], Check]
People = Literal["route", "review", "hold"]

PEOPLE: tuple[People, ...] = ("route", "review", "hold")
KEYS = ("title", "category", "people", "because", "steps", "checks", "step", "check")


@dataclass(frozen=True)
class StepUse:
    """A step of a workflow and the parameters fixed for it; the step proposes the others."""

    step: str
    params: Mapping[str, Value]


@dataclass(frozen=True)
class CheckUse:
    """A check of a workflow and the limits set for it, as `safelight.core.check.judge` takes them."""

    check: str
    limits: Mapping[str, float]


@dataclass(frozen=True)
class Workflow:
    """What a category goes through, checked against what is installed.

    Parameters
    ----------
    name : str
        The file's name without its ending.
    sha256 : str
        Of the file's bytes: another text is another workflow.
    category : str
        What it is made for.
    steps, checks
        In the order they are taken.
    people : {"route", "review", "hold"}
        ``route`` asks the policy; ``review`` and ``hold`` send every file there, with the reason `because`.
    """

    name: str
    sha256: str
    title: str
    category: str
    steps: tuple[StepUse, ...]
    checks: tuple[CheckUse, ...]
    people: People = "route"
    because: str = ""

    def step_names(self) -> tuple[str, ...]:
        """Return the names of the steps in order."""
        return tuple(each.step for each in self.steps)


def workflow_names() -> tuple[str, ...]:
    """Return the names of the built-in workflows."""
    return tuple(sorted(each.stem for each in Path(__file__).parent.glob("*.toml")))


def load_workflow(
    name: str, *, find_step: FindStep | None = None, find_check: FindCheck | None = None, folder: Path | None = None
) -> Workflow:
    """Load a workflow and hold it against what is installed, before any pixel moves.

    Parameters
    ----------
    name : str
        A built-in workflow's name, or the path of a ``.toml`` file, relative to `folder`.
    find_step, find_check : callable (name) -> declaration, optional
        Where declarations come from; the installed ones by default.
    folder : Path, optional
        Where a relative path begins; the working directory by default.

    Raises
    ------
    UnknownNameError
        If no workflow has that name; the message lists those there are.
    DeclarationError
        If it names a step, parameter, check or limit that does not hold, with file and line.

    Examples
    --------
    >>> load_workflow("jewelery")
    Traceback (most recent call last):
    safelight.errors.UnknownNameError: no workflow called 'jewelery'; nearest is 'jewelry'; it takes a .toml file, ...
    """
    path = Path(__file__).with_name(f"{name}.toml")
    if name.endswith(".toml"):
        path = (folder or Path()) / name
    elif name not in workflow_names():
        known = ", ".join(workflow_names())
        raise UnknownNameError(
            f"no workflow called {name!r}{nearest(name, workflow_names())}; it takes a .toml file, or one of {known}"
        )
    return read_workflow(read_toml_file(path), path.stem, _hash(path), find_step=find_step, find_check=find_check)


def read_workflow(
    table: Table, name: str, sha256: str, *, find_step: FindStep | None = None, find_check: FindCheck | None = None
) -> Workflow:
    """Read a workflow from TOML that has been read; refuse like `load_workflow`."""
    table.allow(*KEYS)
    people = table.choice("people", PEOPLE, "route")
    because = table.text("because", "")
    if people != "route" and not because:
        raise table.error(f"people is {people!r} with no reason; say why in: because", "people")
    steps = read_steps(table, find_step)
    checks = read_checks(table, find_check)
    if people == "route" and not checks:
        raise table.error("a workflow without checks has no gate 1; list them in: checks", "checks")
    return Workflow(
        name=name,
        sha256=sha256,
        title=table.text("title"),
        category=table.text("category"),
        steps=steps,
        checks=checks,
        people=people,  # type: ignore[arg-type]
        because=because,
    )


def read_steps(table: Table, find_step: FindStep | None = None) -> tuple[StepUse, ...]:
    """Read the list ``steps`` and the tables ``[step.NAME]`` beside it, their order checked."""
    names = table.texts("steps")
    declared = [_declaration(table, "steps", at, name, find_step or _installed_step()) for at, name in enumerate(names)]
    _require_once(table, "steps", names)
    _require_order(table, declared)
    fixed = {name: read_params(inner, _find(declared, name)) for name, inner in _own(table, "step", names).items()}
    return tuple(StepUse(each.name, MappingProxyType(fixed.get(each.name, {}))) for each in declared)


def read_checks(table: Table, find_check: FindCheck | None = None) -> tuple[CheckUse, ...]:
    """Read the list ``checks`` and the tables ``[check.NAME]`` beside it."""
    names = table.texts("checks")
    declared = [
        _declaration(table, "checks", at, name, find_check or _installed_check()) for at, name in enumerate(names)
    ]
    _require_once(table, "checks", names)
    limits = {name: read_limits(inner, _find(declared, name)) for name, inner in _own(table, "check", names).items()}
    return tuple(CheckUse(each.name, MappingProxyType(limits.get(each.name, {}))) for each in declared)


def read_params(table: Table, step: Step) -> dict[str, Value]:
    """Read a table of parameters of one step, each held against its declaration."""
    params: dict[str, Value] = {}
    for name, value in table.values.items():
        try:
            params |= step.params.accept({name: value})
        except ParameterError as error:
            near = nearest(name, [each.name for each in step.params]) if "has no parameter" in str(error) else ""
            raise table.error(f"{error}{near}", name) from None
    return params


def read_limits(table: Table, check: Check) -> dict[str, float]:
    """Read a table of limits of one check: ``rim = 3`` is the fail limit, ``rim = { warn = 2, fail = 3 }`` both."""
    limits: dict[str, float] = {}
    known = [each.name for each in check.specs]
    for name, value in table.values.items():
        if name not in known:
            took = f"it measures: {', '.join(known)}"
            raise table.error(f"check {check.name} has no measure {name!r}{nearest(name, known)}; {took}", name)
        if isinstance(value, dict):
            inner = table.table(name)
            inner.allow("warn", "fail")
            for key in inner.values:
                limits[name if key == "fail" else f"{name}.{key}"] = _limit(inner, key)
        else:
            limits[name] = _limit(table, name)
    return limits


def _limit(table: Table, key: str) -> float:
    return table.number(key, least=-1e9, most=1e9)


def _declaration(table: Table, key: str, at: int, name: str, find: Callable[[str], Any]) -> Any:  # noqa: ANN401
    """Return the step or check called `name`, or refuse with the line that names it."""
    try:
        return find(name)
    except UnknownNameError as error:
        known = str(error).partition("installed: ")[2].split(", ")
        raise table.error(f"{error}{nearest(name, known)}", key, at) from None


def _find(declared: list[Any], name: str) -> Any:  # noqa: ANN401 - a Step or a Check
    return next(each for each in declared if each.name == name)


def _own(table: Table, key: str, names: tuple[str, ...]) -> dict[str, Table]:
    """Return the tables under `key`, each of which must be listed."""
    inner = table.tables(key)
    for name in inner:
        if name not in names:
            listed = ", ".join(names) or "none"
            near = nearest(name, names)
            raise table.error(
                f"[{key}.{name}] sets a {key} that is not listed in {key}s{near}; listed: {listed}", key, name
            )
    return inner


def _require_once(table: Table, key: str, names: tuple[str, ...]) -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            raise table.error(f"{name} is listed twice in {key}; an edit holds a step once", key, at)


def _require_order(table: Table, steps: list[Step]) -> None:
    """Refuse an order that proposals could not follow: a step may only look at what is before it."""
    latest: Step | None = None
    for at, step in enumerate(steps):
        if step.kind == "composite" and not any(each.kind == "matte" for each in steps[:at]):
            raise table.error(
                f"{step.name} needs a matte, and no step before it makes one; add cutout before it", "steps", at
            )
        if step.kind == "facts" and latest is not None:
            raise table.error(f"{step.name} measures the original; move it before {latest.name}", "steps", at)
        if step.kind in ("facts", "matte"):
            continue
        if latest is not None and step.stage < latest.stage:
            here, there = _stage(step), _stage(latest)
            raise table.error(f"{step.name} paints at {here}, after {latest.name} at {there}; move it up", "steps", at)
        latest = step


def _stage(step: Step) -> str:
    return f"stage {int(step.stage)} ({Stage(step.stage).name.lower()})"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _installed_step() -> FindStep:
    from safelight.plugins import step_named

    return step_named


def _installed_check() -> FindCheck:
    from safelight.plugins import check_named

    return check_named
