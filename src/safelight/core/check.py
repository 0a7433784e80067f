"""What a check declares, is handed, and finds: one defect, measured, with its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image
from safelight.errors import ParameterError, UnknownNameError

VerdictWord = Literal["pass", "warn", "fail"]
Direction = Literal["at_most", "at_least"]
CheckReads = Literal["master", "delivered"]

_ORDER: dict[VerdictWord, int] = {"pass": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True)
class MeasureSpec:
    """A measure that a check takes, and its limits by default.

    `warn` is the limit beyond which the verdict is ``warn``, `fail` beyond which it is ``fail``;
    None never. `direction` says on which side good lies.
    """

    name: str
    unit: str
    meaning: str
    direction: Direction
    warn: float | None
    fail: float | None


@dataclass(frozen=True)
class Measure:
    """A number with its unit; None where it could not be measured, and `why` says so."""

    name: str
    value: float | None
    unit: str
    why: str = ""


@dataclass(frozen=True)
class Evidence:
    """Where a measure comes from, in the checked picture.

    Parameters
    ----------
    measure : str
        The measure's name.
    box : (x0, y0, x1, y1), 0..1 of the checked picture's width and height
        The place; never empty and never the whole frame.
    value : float
        The measured value there.
    heat : (rows, columns) uint8 or None
        A map over the whole picture, at most 512 a side: 0 is good, 255 is worst.
    text : str
        A few words: "rim 3.1 levels too light, left edge".
    """

    measure: str
    box: tuple[float, float, float, float]
    value: float
    heat: NDArray[np.uint8] | None = None
    text: str = ""

    def __post_init__(self) -> None:
        """Refuse an empty or whole-frame overlay: it shows nobody anything."""
        x0, y0, x1, y1 = self.box
        if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
            raise ValueError(f"evidence box {self.box} is empty or outside 0..1")
        if (x1 - x0) * (y1 - y0) >= 0.999:
            raise ValueError("evidence covers the whole frame; point at the worst place")


@dataclass(frozen=True)
class FileFacts:
    """What a file says of itself, read back from its bytes.

    `dpi` is its stated density, None where it states none; `source_type` its IPTC digital source type (the last word
    of the URI), "" for none; `private` names fields that tell strangers of places, cameras and faces.
    """

    name: str
    format: str
    bytes: int
    width: int
    height: int
    bits: int
    channels: int
    profile: str
    profile_embedded: bool
    subsampling: str = ""
    dpi: float | None = None
    source_type: str = ""
    private: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What a check looks at.

    Parameters
    ----------
    image : Image
        The finished picture, upright, full size or as delivered, display-referred.
    original : Image or None
        The capture before any step, carried onto the same pixels by the renderer's geometry map.
    alpha : (H, W) float32 or None
        The matte on the same pixels, if one is known; None for a file we did not make.
    file : FileFacts or None
        For delivered files.
    expected : mapping
        What the guide or channel asks for: ``{"background": "#ffffff", "profile": "srgb", "fill": [0.8, 0.9]...}``.
    resources : mapping of name to bytes
        The guide's files that `expected` names (a look's LUT).
    neutral : Image or None
        The capture after correction and view, before any look, on the same pixels; for checks that declare
        `wants_neutral`, where a look was laid.
    """

    image: Image
    original: Image | None = None
    alpha: NDArray[np.float32] | None = None
    file: FileFacts | None = None
    expected: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, bytes] = field(default_factory=dict)
    neutral: Image | None = None


@dataclass(frozen=True)
class Findings:
    """What a check measured, before anything was judged."""

    measures: tuple[Measure, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Judged:
    """One measure against its limit."""

    measure: Measure
    limit: float | None
    direction: Direction
    word: VerdictWord


@dataclass(frozen=True)
class Verdict:
    """What a check says of one picture: the worst word of its measures, and each of them."""

    check: str
    version: int
    word: VerdictWord
    judged: tuple[Judged, ...]


@dataclass(frozen=True)
class Check:
    """The declaration of a check; each module of `safelight.checks` exports one as `check`.

    Parameters
    ----------
    measure : callable (Subject) -> Findings
        Blind to who made the picture; never asks which step ran.
    specs : tuple of MeasureSpec
        What it measures and the limits by default; guides and channels may tighten or loosen them.
    reads : {"master", "delivered"}
        Full-size pixels, or the file after encoding and decoding.
    wants_neutral : bool
        Reads `Subject.neutral` and what ``expected["look"]`` says of the look; a plan without a look leaves it out.
    wants_patches : bool
        Reads ``expected["chart_patches"]`` as the edit's corrections and view paint them.
    wants_unretouched : bool
        Holds a retouched picture against the same edit without its retouching, as `Subject.original`, and reads
        ``expected["repair_mask"]``; an edit that retouched nothing is not measured.
    """

    name: str
    version: int
    purpose: str
    specs: tuple[MeasureSpec, ...]
    measure: Callable[[Subject], Findings]
    reads: CheckReads = "master"
    wants_neutral: bool = False
    wants_patches: bool = False
    wants_unretouched: bool = False

    def spec(self, name: str) -> MeasureSpec:
        """Return the spec called `name`, or refuse with the list of those there are."""
        for each in self.specs:
            if each.name == name:
                return each
        raise UnknownNameError(
            f"check {self.name} has no measure {name!r}; it takes: {', '.join(s.name for s in self.specs)}"
        )


def judge(check: Check, findings: Findings, limits: Mapping[str, float] | None = None) -> Verdict:
    """Hold `findings` against the limits; pure, so that a changed limit re-judges without repainting.

    Parameters
    ----------
    check : Check
        Whose defaults hold where `limits` says nothing.
    findings : Findings
        What was measured. A measure without a value is ``warn``: not knowing is not passing.
    limits : mapping of ``"measure"`` or ``"measure.warn"`` to float, optional
        ``"rim"`` sets the fail limit, ``"rim.warn"`` the warn limit.

    Raises
    ------
    ParameterError
        If a limit is not a number or names no measure.
    """
    limits = limits or {}
    for name, value in limits.items():
        check.spec(name.removesuffix(".warn"))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
            raise ParameterError(f"limit {check.name}.{name} is {value!r}; it takes a number")
    judged = tuple(_judge_one(check.spec(each.name), each, limits) for each in findings.measures)
    return Verdict(check.name, check.version, worst([each.word for each in judged]), judged)


def _judge_one(spec: MeasureSpec, measure: Measure, limits: Mapping[str, float]) -> Judged:
    fail = limits.get(spec.name, spec.fail)
    warn = limits.get(f"{spec.name}.warn", spec.warn if spec.name not in limits else None)
    if measure.value is None:
        return Judged(measure, fail, spec.direction, "warn")
    sign = 1.0 if spec.direction == "at_most" else -1.0
    if fail is not None and sign * measure.value > sign * fail:
        return Judged(measure, fail, spec.direction, "fail")
    if warn is not None and sign * measure.value > sign * warn:
        return Judged(measure, warn, spec.direction, "warn")
    return Judged(measure, fail if fail is not None else warn, spec.direction, "pass")


def worst(words: Sequence[VerdictWord]) -> VerdictWord:
    """Return the worst of `words`; ``pass`` for none.

    Examples
    --------
    >>> worst(["pass", "fail", "warn"])
    'fail'
    """
    return max(words, key=_ORDER.__getitem__, default="pass")
