"""What a worker is handed: plain, frozen, picklable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from safelight.core.edit import EditStep
from safelight.core.facts import Capture
from safelight.core.params import Value
from safelight.store.originals import Reference


@dataclass(frozen=True)
class Sizes:
    """Long sides in pixels, from the settings."""

    work: int
    proof: int
    thumbnail: int


@dataclass(frozen=True)
class IntakeTask:
    """Read one file for the first time: hash it, probe it, measure it, keep a thumbnail.

    `reference` has no hash yet where the file was never read. With `cull_only` no more is measured than culling needs,
    and a RAW is looked at by its own preview: not enough to correct by. `asked` holds parameters of facts steps.
    """

    reference: Reference
    facts_steps: tuple[str, ...]
    store_root: str
    sizes: Sizes
    cull_only: bool = False
    asked: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedStep:
    """A step of the workflow and the parameters that the style guide fixes for it."""

    name: str
    wanted: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class PerformTask:
    """Take one asset along its workflow: propose, paint, measure.

    `members` are the assets that share its light and `findings` what was found on them, by step;
    `facts` are the asset's own, by facts step; `resources` the guide's files (LUTs) by name as blobs;
    `known` results by key, so that nothing is worked twice; `recipe` what a person set on the
    hero of the batch, as data.
    """

    reference: Reference
    steps: tuple[PlannedStep, ...]
    checks: tuple[str, ...]
    expected: Mapping[str, Any]
    category: str
    members: tuple[str, ...]
    findings: Mapping[str, Mapping[str, Any]]
    facts: Mapping[str, Mapping[str, Any]]
    scene_referred: bool
    capture: Capture
    full_size: tuple[int, int]
    resources: Mapping[str, str]
    amended: Mapping[str, EditStep]
    amended_keys: Mapping[str, str]
    known: Mapping[str, Mapping[str, Any]]
    store_root: str
    sizes: Sizes
    recipe: Mapping[str, Any] = field(default_factory=dict)
