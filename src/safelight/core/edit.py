"""An edit is data: an ordered list of steps with parameters and a few small artifacts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from safelight.core.canonical import key_of, to_json
from safelight.core.facts import Actor
from safelight.core.params import Value
from safelight.errors import UsageError

SCHEMA = 1
State = Literal["draft", "experiment", "approved"]


@dataclass(frozen=True)
class Reason:
    """Why a proposal is what it is, or why one should doubt it: a sentence that names measured values.

    Parameters
    ----------
    code : str
        A short, stable word for counting: ``"clipped_highlights"``.
    text : str
        One sentence for people, with numbers and units.
    values : mapping of str to float or str
        What was measured.
    doubt : bool
        True if it lowers the confidence.
    """

    code: str
    text: str
    values: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))
    doubt: bool = False

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {"code": self.code, "text": self.text, "values": dict(self.values), "doubt": self.doubt}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Reason:
        """Read what `to_data` wrote."""
        return Reason(data["code"], data["text"], MappingProxyType(dict(data["values"])), data["doubt"])


@dataclass(frozen=True)
class Confidence:
    """The probability that a competent reviewer would approve this result unchanged.

    Until a step is calibrated in a category, `calibrated` is False and the
    number never yields the route `auto`.
    """

    value: float
    calibrated: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        if not 0.0 <= self.value <= 1.0:
            raise ValueError(f"a confidence is a probability from 0 to 1, got {self.value}")


@dataclass(frozen=True)
class Artifact:
    """A small thing an edit carries (a matte, a path, spots, a LUT), kept as a blob.

    Parameters
    ----------
    kind : str
        ``"matte"``, ``"mask"``, ``"path"``, ``"repairs"``, ``"lut"``.
    sha256 : str
        Its blob.
    media_type : str
        ``"image/png"``, ``"application/json"``...; pictures lie on the grid of the upright original
        or a reduction of it, both reaching from edge to edge.
    """

    kind: str
    sha256: str
    media_type: str


@dataclass(frozen=True)
class EditStep:
    """One step of an edit as somebody proposed or amended it.

    `stale` marks what a person amended before its input changed: it is shown, never recomputed.
    """

    step: str
    version: int
    params: Mapping[str, Value]
    by: Actor
    artifacts: Mapping[str, Artifact] = field(default_factory=lambda: MappingProxyType({}))
    confidence: Confidence | None = None
    reasons: tuple[Reason, ...] = ()
    amended: bool = False
    stale: bool = False

    def painted(self) -> list[Any]:
        """Return the part that pixels depend on, as JSON data: names, numbers and blobs; no opinions."""
        arts = {role: each.sha256 for role, each in sorted(self.artifacts.items())}
        return [self.step, self.version, dict(self.params), arts]

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        arts = {role: [a.kind, a.sha256, a.media_type] for role, a in sorted(self.artifacts.items())}
        sure = None if self.confidence is None else [self.confidence.value, self.confidence.calibrated]
        return {
            "step": self.step,
            "version": self.version,
            "params": dict(self.params),
            "artifacts": arts,
            "confidence": sure,
            "reasons": [each.to_data() for each in self.reasons],
            "by": self.by.to_data(),
            "amended": self.amended,
            "stale": self.stale,
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> EditStep:
        """Read what `to_data` wrote."""
        params = {k: tuple(v) if isinstance(v, list) else v for k, v in data["params"].items()}
        sure = data["confidence"]
        return EditStep(
            step=data["step"],
            version=data["version"],
            params=MappingProxyType(params),
            artifacts=MappingProxyType({role: Artifact(*a) for role, a in data["artifacts"].items()}),
            confidence=None if sure is None else Confidence(*sure),
            reasons=tuple(Reason.from_data(each) for each in data["reasons"]),
            by=Actor.from_data(data["by"]),
            amended=data["amended"],
            stale=data["stale"],
        )


@dataclass(frozen=True)
class Edit:
    """What was done to one original: steps in the order they were proposed.

    The order of painting belongs to the renderer; an edit holds at most one
    step of a name. Frozen: `with_step` returns another edit.

    Examples
    --------
    >>> by = Actor("step", "exposure", "1")
    >>> edit = Edit("ab" * 32).with_step(EditStep("exposure", 1, {"stops": 0.3}, by))
    >>> Edit.from_json(edit.to_json()) == edit
    True
    """

    original: str
    steps: tuple[EditStep, ...] = ()

    def step(self, name: str) -> EditStep | None:
        """Return the step called `name`, if this edit has it."""
        return next((each for each in self.steps if each.step == name), None)

    def with_step(self, new: EditStep) -> Edit:
        """Return this edit with `new` in the place of its namesake, or at the end."""
        if self.step(new.step) is None:
            return replace(self, steps=(*self.steps, new))
        return replace(self, steps=tuple(new if each.step == new.step else each for each in self.steps))

    def without_step(self, name: str) -> Edit:
        """Return this edit without the step called `name`."""
        return replace(self, steps=tuple(each for each in self.steps if each.step != name))

    def painted_key(self) -> str:
        """Return what identifies the pixels: same key, same picture. Confidence and reasons do not count."""
        return key_of(self.original, [each.painted() for each in self.steps])

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {"schema": SCHEMA, "original": self.original, "steps": [each.to_data() for each in self.steps]}

    def to_json(self) -> str:
        """Return the edit as canonical JSON."""
        return to_json(self.to_data())

    @staticmethod
    def from_json(text: str) -> Edit:
        """Read an edit from JSON."""
        return Edit.from_data(json.loads(text))

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Edit:
        """Read what `to_data` wrote; an edit of a newer schema is refused with the way out."""
        if data.get("schema") != SCHEMA:
            raise UsageError(
                f"the edit has schema {data.get('schema')!r}; this safelight reads {SCHEMA}: "
                "open it with the version that wrote it"
            )
        return Edit(data["original"], tuple(EditStep.from_data(each) for each in data["steps"]))


def describe_difference(before: Edit, after: Edit) -> list[str]:
    """Say in words what changed between two edits of one original.

    Examples
    --------
    >>> by = Actor("person", "Ines")
    >>> one = Edit("00").with_step(EditStep("exposure", 1, {"stops": 0.0}, by))
    >>> describe_difference(one, one.with_step(EditStep("exposure", 1, {"stops": 0.3}, by)))
    ['exposure: stops 0.0 to 0.3 (+0.3), by Ines']
    """
    told = []
    for name in dict.fromkeys([s.step for s in before.steps] + [s.step for s in after.steps]):
        old, new = before.step(name), after.step(name)
        if new is None:
            told.append(f"{name}: taken out")
        elif old is None:
            told.append(f"{name}: added, by {new.by.name}")
        elif old.painted() != new.painted():
            told.append(f"{name}: {_changes(old, new)}, by {new.by.name}")
    return told


def _changes(old: EditStep, new: EditStep) -> str:
    parts = []
    for name in dict.fromkeys([*old.params, *new.params]):
        was, now = old.params.get(name), new.params.get(name)
        if was == now:
            continue
        numbers = isinstance(was, float) and isinstance(now, float)
        parts.append(f"{name} {was} to {now}" + (f" ({now - was:+g})" if numbers else ""))  # type: ignore[operator]
    roles = dict.fromkeys([*old.artifacts, *new.artifacts])
    parts += [f"another {role}" for role in roles if old.artifacts.get(role) != new.artifacts.get(role)]
    if old.version != new.version:
        parts.append(f"version {old.version} to {new.version}")
    return ", ".join(parts)
