"""Which steps of an edit are painted, in the renderer's order, and where each output pixel comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from safelight.core.edit import Artifact, Edit
from safelight.core.params import Value
from safelight.core.step import Stage, Step, StepKind, Tools
from safelight.errors import UsageError
from safelight.pixels.geometry.map import GeometryMap, fitted

Region = tuple[int, int, int, int]
_RIM = 33  # places along each side of a box: a lens bends its sides


@dataclass(frozen=True)
class Planned:
    """A step of an edit with its declaration, its parameters brought up to date, and its artifacts."""

    step: Step
    params: Mapping[str, Value]
    artifacts: Mapping[str, Artifact]

    def bytes_of(self, tools: Tools) -> dict[str, bytes]:
        """Return the artifacts' bytes by role."""
        return {role: tools.get(each) for role, each in self.artifacts.items()}

    def paint(self, *arguments: Any) -> Any:  # noqa: ANN401 - by kind, see core.step
        """Call the step's paint."""
        if self.step.paint is None:
            raise UsageError(f"step {self.step.name} declares kind {self.step.kind!r} but paints nothing")
        return self.step.paint(*arguments)


def plan(edit: Edit, steps: Callable[[str], Step], until: Stage, *, scene_referred: bool) -> tuple[Planned, ...]:
    """Return what is painted, sorted by stage; within a stage in the order of the edit.

    Parameters
    ----------
    edit : Edit
    steps : callable
        From a step's name to its declaration: `safelight.plugins.step_named`.
    until : Stage
        The last stage that is painted.
    scene_referred : bool
        A display-referred original has had its view transform: the stage VIEW is left out.

    Raises
    ------
    UnknownNameError, ParameterError
        If a step is not installed, or its parameters are of a version that it does not know.
    """
    painted = []
    for each in edit.steps:
        step = steps(each.step)
        if step.kind == "facts" or step.stage in (Stage.FACTS, Stage.ENCODE) or step.stage > until:
            continue
        if step.stage == Stage.VIEW and not scene_referred:
            continue
        if not step.rests(each.version, each.params):
            painted.append(Planned(step, step.upgraded(each.version, each.params), each.artifacts))
    return tuple(sorted(painted, key=lambda each: each.step.stage))


def of_kind(planned: Sequence[Planned], kind: StepKind) -> list[Planned]:
    """Return the planned steps of one kind, in order."""
    return [each for each in planned if each.step.kind == kind]


def composed_geometry(
    planned: Sequence[Planned], full_size: tuple[int, int], long_side: int | None, region: Region | None
) -> GeometryMap:
    """Compose the geometry steps, the output size and the region to one map into the full-size original.

    Parameters
    ----------
    full_size : (width, height) px
        Of the upright original.
    long_side : int or None, px
        The output's longer side; None for full size. Nothing is enlarged.
    region : (x, y, width, height) or None, px of the output
        A tile; held inside the output.

    Raises
    ------
    UsageError
        If the region lies outside the output.
    """
    geometry = GeometryMap.identity(*full_size)
    # Light went through the lens before anybody cropped; a stable sort keeps the others in the edit's order.
    for each in sorted(of_kind(planned, "geometry"), key=lambda each: not _bends(each, full_size)):
        params = each.params if geometry.optics is None else _carried(each, geometry, full_size)
        geometry = geometry.then(each.paint(params, geometry.size))
    if long_side is not None:
        geometry = geometry.resized(*fitted(geometry.size, long_side))
    return geometry if region is None else geometry.part(*_held(region, geometry.size))


def _bends(planned: Planned, size: tuple[int, int]) -> bool:
    """Whether a geometry step leads through a lens."""
    return planned.paint(planned.params, size).optics is not None


def _carried(planned: Planned, lens: GeometryMap, full: tuple[int, int]) -> Mapping[str, Any]:
    """Return a geometry step's parameters with its boxes over the original where the lens's map puts them."""
    params = dict(planned.params)
    for name in planned.step.places:
        box = params[name]
        if isinstance(box, tuple) and any(box):
            params[name] = _carried_box(box, lens, full)  # type: ignore[arg-type]
    return params


def _carried_box(box: tuple[float, float, float, float], lens: GeometryMap, full: tuple[int, int]) -> tuple[float, ...]:
    """The upright hull of a box's rim behind the lens; what lay in the frame stays in it."""
    ways, inside = np.linspace(0, 1, _RIM), min(box) >= 0 and max(box) <= 1
    x0, y0, x1, y1 = (share * side for share, side in zip(box, full * 2, strict=True))
    across, down = x0 + (x1 - x0) * ways, y0 + (y1 - y0) * ways
    sides = [(across, 0 * ways + y0), (across, 0 * ways + y1), (0 * ways + x0, down), (0 * ways + x1, down)]
    seen = lens.from_original(np.concatenate([np.column_stack(each) for each in sides])) / np.array(lens.size)
    hull = (*seen.min(axis=0), *seen.max(axis=0))
    return tuple(float(min(1.0, max(0.0, each)) if inside else each) for each in hull)


def _held(region: Region, size: tuple[int, int]) -> Region:
    x, y, width, height = region
    x0, y0, x1, y1 = max(0, x), max(0, y), min(size[0], x + width), min(size[1], y + height)
    if x0 >= x1 or y0 >= y1:
        raise UsageError(f"region {region} lies outside the output of {size[0]} x {size[1]} px")
    return x0, y0, x1 - x0, y1 - y0
