"""What a batch says of color: whether it drifted from its first frame to its last, and what its charts measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from safelight.core.batch import BatchState, FileState
from safelight.media.names import display_name

if TYPE_CHECKING:
    from safelight.pixels.measure.color_drift import Drift

DRIFT_CHECK = "color_drift"


@dataclass(frozen=True)
class PatchLine:
    """One patch of a chart: ΔE00 to its published color; None where it could not be used."""

    name: str
    before: float | None
    balanced: float | None
    after: float | None
    left_out: float | None


@dataclass(frozen=True)
class DriftLine:
    """How far one marker (neutrals, shadows, skin) moved over a batch; `moved` if by more than its frames differ by.

    `first` and `last` are medians of Lab (D50) over the first and the last quarter of `frames` frames; `delta_e` ΔE00
    between them; `spread` what single frames differ by from their own quarter.
    """

    marker: str
    frames: int
    first: tuple[float, float, float]
    last: tuple[float, float, float]
    delta_e: float
    spread: float
    moved: bool

    @property
    def delta_e_76(self) -> float:
        """ΔE*ab of 1976 between the two ends: the straight distance in Lab."""
        return math.dist(self.first, self.last)


@dataclass(frozen=True)
class BatchDrift:
    """What a batch's frames say of drift, and the names of the first and the last frame that were measured."""

    lines: tuple[DriftLine, ...]
    first_file: str
    last_file: str

    @property
    def moved(self) -> tuple[str, ...]:
        """The markers that moved."""
        return tuple(each.marker for each in self.lines if each.moved)


@dataclass(frozen=True)
class ChartLine:
    """A chart of the batch: the file it stands in, what was made of it, its doubts, and its patches."""

    file: str
    kind: str
    model: str
    mean: tuple[float, float, float]
    worst: tuple[float, float, float]
    doubts: tuple[str, ...]
    patches: tuple[PatchLine, ...]


def drift_of_batch(state: BatchState) -> tuple[Drift, ...]:
    """Compare the batch's first quarter of frames with its last, by what their color_drift checks measured.

    Parameters
    ----------
    state : BatchState
        Frames are taken by capture time, then path, so that the order of arrival does not matter.

    Returns
    -------
    tuple of Drift
        `safelight.pixels.measure.color_drift.is_drift` says which of them are one. Empty where fewer than six frames
        were checked for it.
    """
    from safelight.pixels.measure.color_drift import drift_over

    return drift_over([found for _, found in _measured(state)])


def batch_drift(state: BatchState) -> BatchDrift | None:
    """Return what the report tells of drift; None where too few frames were measured."""
    from safelight.pixels.measure.color_drift import is_drift

    lines = tuple(
        DriftLine(each.marker, each.frames, each.first, each.last, each.delta_e, each.spread, is_drift(each))
        for each in drift_of_batch(state)
    )
    if not lines:
        return None
    paths = [display_name(path) for path, _ in _measured(state)]
    return BatchDrift(lines, paths[0], paths[-1])


def _measured(state: BatchState) -> list[tuple[str, dict[str, tuple[float, float, float]]]]:
    """The files with markers, by capture time, then path."""
    files = sorted(
        (each for each in state.files.values() if each.goes_on and each.judged),
        key=lambda each: (str(each.measured.get("capture", {}).get("taken_at", "")), each.path),
    )
    return [(each.path, found) for each in files if (found := _markers(each))]


def _markers(file: FileState) -> dict[str, tuple[float, float, float]]:
    from safelight.pixels.measure.color_drift import MARKERS

    told = [each for each in file.judged.get("verdicts", ()) if each["check"] == DRIFT_CHECK]
    values = {each["name"]: each["value"] for verdict in told for each in verdict["measures"]}
    found = {}
    for marker in MARKERS:
        lab = [values.get(f"{marker}_{axis}") for axis in "Lab"]
        if all(each is not None for each in lab):
            first, second, third = (float(each) for each in lab if each is not None)
            found[marker] = (first, second, third)
    return found


def chart_line(file: str, facts: Mapping[str, Any], fit: str = "matrix") -> ChartLine | None:
    """Return what a chart in `file` measured, from the facts of the chart step; None without one.

    Parameters
    ----------
    file : str
    facts : mapping
        As `safelight.pixels.measure.chart_facts.read_chart` returns them.
    fit : {"matrix", "whole"}
    """
    if not facts.get("found"):
        return None
    made = facts.get(fit)
    if made is None:
        nothing = (float("nan"),) * 3
        return ChartLine(file, facts["kind"], "", nothing, nothing, tuple(facts["doubts"]), ())
    times = ("balanced", "after", "left_out")
    means, worst = ((*(made["delta_e"][each][at] for each in times),) for at in (0, 1))
    patches = tuple(
        PatchLine(each["name"], *(each[fit][when] for when in ("before", *times))) for each in facts["patches"]
    )
    return ChartLine(file, facts["kind"], made["model"], means, worst, tuple(made["doubts"]), patches)
