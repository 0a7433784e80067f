"""What a production step declares, is handed, and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Literal, Protocol

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.facts import Capture
from safelight.core.image import Image
from safelight.core.params import ParamSet, Value
from safelight.errors import ParameterError


class Stage(IntEnum):
    """The order of painting. It belongs to the renderer; a step names its stage."""

    FACTS = 0
    SENSOR = 1
    REPAIR = 2
    CORRECTION = 3
    VIEW = 4
    GRADE = 5
    GEOMETRY = 6
    COMPOSITE = 7
    SHARPEN = 8
    ENCODE = 9


StepKind = Literal["color", "raster", "repair", "base", "geometry", "matte", "shadow", "composite", "facts"]
Scale = Literal["free", "full"]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
Reads = Literal["original", "neutral", "upstream"]
# How far a step goes, as content credentials and clients are told it: `non_editorial` mends the capture or fits the
# output and says nothing new, `standard` is an edit of what was photographed, `generative` makes up what no camera saw.
Operation = Literal["non_editorial", "standard", "generative"]
_NON_EDITORIAL = frozenset({Stage.FACTS, Stage.SENSOR, Stage.VIEW, Stage.SHARPEN, Stage.ENCODE})


@dataclass(frozen=True)
class Picture:
    """What a step looks at when it proposes.

    Parameters
    ----------
    image : Image
        float32, upright, linear Rec.2020 (``space == "linear_rec2020"``), reduced to the work size.
        For ``reads == "original"`` as decoded; ``"neutral"`` after the correction stage;
        ``"upstream"`` after every step that the edit has so far.
    full_size : (int, int)
        (width, height) of the upright original.
    scene_referred : bool
        True for RAW; False for a file that was already finished for a screen.
    capture : Capture
        What the file says of the moment it was taken.
    facts : mapping
        What facts steps measured, by step name.
    category : str
        ``"packshot"``, ``"apparel"``, ``"jewelry"``, ``"on_model"``, ``"unknown"``...
    alpha : artifact lookup of an earlier matte, or None
        The matte of the edit so far, float32 (height, width) 0..1, at the size of `image`.
    shrunk : float, 1.0 and more
        Original pixels per pixel of `full_size`: above 1 where a file's own preview stands for it.
    """

    image: Image
    full_size: tuple[int, int]
    scene_referred: bool = False
    capture: Capture = field(default_factory=Capture)
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    category: str = "unknown"
    alpha: Any = None
    shrunk: float = 1.0

    @property
    def reduction(self) -> float:
        """Original pixels per pixel of `image`; 1.0 when it is full size."""
        return max(self.full_size) / max(self.image.size)


class Tools(Protocol):
    """What the run lends a step; a step opens no file itself."""

    def put(self, kind: str, data: bytes, media_type: str) -> Artifact:
        """Keep `data` as a blob and return it as an artifact."""

    def get(self, artifact: Artifact) -> bytes:
        """Return an artifact's bytes."""

    def full(self) -> Image:
        """Return the upright original at full size, as decoded (its own space and dtype)."""

    def crops(self, boxes: Sequence[tuple[int, int, int, int]]) -> Sequence[Image]:
        """Return each part (x0, y0, x1, y1) of the upright original at 100 %, as `full` has it, cut to the frame.

        In px of ``picture.full_size``. For what looks at places and not at everything: a run hands them over without
        the rest.
        """

    def reduced(self) -> Image:
        """Return the upright original halved to 800 to 1600 px, as `full` has it: see `pixels.geometry.halve`."""

    def resource(self, name: str) -> bytes:
        """Return a file that the style guide names (a LUT), read and hashed by the run."""


@dataclass(frozen=True)
class Member:
    """One frame of a group, as its facts steps measured it.

    `settled` holds, by step, the parameters of the version that a person approved: what they share with their group
    stands from then on. Empty before.
    """

    asset: str
    taken_at: str
    name: str
    facts: Mapping[str, Mapping[str, Any]]
    settled: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Group:
    """A frozen artifact that members share: illuminant, exposure anchor, light direction, hero edit.

    `key` identifies it; `findings` hold, by step name, what that step's `gather` found.
    """

    key: str
    members: tuple[str, ...]
    findings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Proposal:
    """What a step would do, how sure it is, and why.

    `params` are complete; `facts` are measures that other steps and people may read.
    """

    params: Mapping[str, Value]
    confidence: Confidence | None
    reasons: tuple[Reason, ...] = ()
    artifacts: Mapping[str, Artifact] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Step:
    """The declaration of a step; the step's folder exports one as `step`.

    Parameters
    ----------
    name, version
        A new version whenever its pixels or proposals change.
    stage, kind, scale, reads
        Where it paints, what it returns, whether it may be painted at any size, what its proposal looks at.
    params : ParamSet
        Everything one can set.
    purpose, automation : str
        One sentence each: what it is for; how automatic it is and what a person still controls.
    task : str
        Its row of the reliability map.
    propose : callable (picture, group, wanted, tools) -> Proposal
        `wanted` holds the parameters that the style guide fixes.
    paint : callable or None, by kind
        ``color`` (params, tools, artifacts) -> OpenColorIO transform in linear Rec.2020;
        ``raster`` (rgb, params, pixels_per_original_pixel) -> rgb, float32 (H, W, 3) in the space of its stage;
        ``repair`` (artifacts' bytes by role) -> sequence of `safelight.pixels.repair.Mend` and `Ease`, painted where
        their masks say and nowhere else;
        ``base`` (artifacts' bytes by role) -> the bytes of a picture over the whole upright original, which stands in
        the place of everything up to the grade;
        ``geometry`` (params, (width, height)) -> `safelight.pixels.geometry.GeometryMap`;
        ``composite`` (params) -> (r, g, b) of the background in linear output light;
        ``shadow`` (params, artifacts' bytes by role, matte float32 (h, w)) ->
        `safelight.pixels.matte.made_shadow.Shade` or None;
        ``matte`` (artifacts' bytes by role) -> alpha, float32 or uint16 (H, W); ``facts`` None.
    gather : callable or None
        (members sorted by capture time, wanted) -> findings shared by the group.
    operation : {"", "non_editorial", "standard", "generative"}
        How far it goes; "" takes what its stage says, see `edits_as`. A step whose pixels are made up by a trained
        model must say ``"generative"``: files are labeled by it.
    needs_findings : bool
        Left out of an edit whose group's `gather` found nothing: what changes nothing is no step of an edit.
    for_raw : bool
        Takes part for raw captures alone, unless a guide or a person set any of its parameters: what cameras do to
        their finished files is not done twice.
    idle : callable or None
        (params) -> True where they change nothing, so that nothing is painted.
    places : tuple of str
        Parameters of a geometry step that are boxes x0 y0 x1 y1 in 0..1 of the upright original: where a lens was
        straightened before it, the renderer carries them along.
    upgrades : mapping of int to callable
        ``{1: f}``: f turns parameters of version 1 into those of version 2.
    draft : bool
        True if what it makes is scaffolding that a person finishes (R102): a version with it passes no gate 2 until a
        person has amended the step.
    """

    name: str
    version: int
    stage: Stage
    kind: StepKind
    scale: Scale
    reads: Reads
    params: ParamSet
    purpose: str
    automation: str
    task: str
    propose: Callable[[Picture, Group | None, Mapping[str, Value], Tools], Proposal]
    paint: Callable[..., Any] | None = None
    gather: Callable[[Sequence[Member], Mapping[str, Value]], Mapping[str, Any]] | None = None
    operation: Operation | Literal[""] = ""
    needs_findings: bool = False
    for_raw: bool = False
    idle: Callable[[Mapping[str, Value]], bool] | None = None
    places: tuple[str, ...] = ()
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    draft: bool = False

    @property
    def edits_as(self) -> Operation:
        """How far the step goes: what it declares, else by its stage.

        Sensor, view, output sharpening and encoding fit the capture to a screen; all else is an edit.
        """
        if self.operation:
            return self.operation
        return "non_editorial" if self.stage in _NON_EDITORIAL else "standard"

    def rests(self, version: int, params: Mapping[str, Any]) -> bool:
        """Say whether the step does nothing with these parameters of a version: nothing painted, nothing to judge.

        Raises
        ------
        ParameterError
            As `upgraded`.
        """
        return self.idle is not None and self.idle(self.upgraded(version, params))

    def upgraded(self, version: int, params: Mapping[str, Any]) -> dict[str, Value]:
        """Return `params` of an older version as this version understands them, checked.

        Raises
        ------
        ParameterError
            If the version is newer than this one, or there is no way up from it.
        """
        values = dict(params)
        if version > self.version:
            raise ParameterError(
                f"{self.name} version {version} is newer than the installed {self.version}: update safelight"
            )
        for each in range(version, self.version):
            if each not in self.upgrades:
                raise ParameterError(
                    f"{self.name} has no upgrade from version {each} to {each + 1}: propose the step again"
                )
            values = self.upgrades[each](values)
        return self.params.accept(values, fill=True)
