"""A style guide: what one client wants, as a TOML file that is checked before any pixel moves."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from safelight.core.params import Value
from safelight.core.recipe import HeroRule
from safelight.errors import DeclarationError
from safelight.routing.inputs import Lane, Stakes
from safelight.routing.reliability import Override, ReliabilityMap, reliability_map
from safelight.workflows.category import WORDS, Identity, identify
from safelight.workflows.metadata_rules import MetadataRules
from safelight.workflows.plan import Plan
from safelight.workflows.products import Needs
from safelight.workflows.shot_list import NO_SHOTS, Columns, ShotList
from safelight.workflows.sidecar_rules import SidecarRules
from safelight.workflows.template import Template
from safelight.workflows.workflow import CheckUse, StepUse, Workflow

# Which step takes what the guide's [picture] says; a workflow without the step has no use for it.
GIVES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "background": ("background", "color"),
        "fill": ("crop_to_spec", "fill"),
        "aspect": ("crop_to_spec", "aspect"),
        "look": ("look", "lut"),
    }
)

# Steps that work only where a guide, a person or the hero of a batch sets any of their parameters.
ON_REQUEST = ("denoise", "dust", "heal", "clone", "remove_object", "skin", "grade", "grain", "shadow")


@dataclass(frozen=True)
class Resource:
    """A file that a guide brings: its name in the guide, where it lies, and its hash when the guide was read."""

    name: str
    path: Path
    sha256: str

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises
        ------
        DeclarationError
            If it is gone or has changed since the guide was read.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise DeclarationError(f"{self.path} cannot be read: {error.strerror or error}") from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise DeclarationError(f"{self.name} has changed since the guide was read; start the run again")
        return data


@dataclass(frozen=True)
class Culling:
    """What culling goes by, set before import: a sensitivity per fault, 0 (off) to 1 (strict).

    `similarity` and `time_gap_s` say when two frames show the same; see `likeness`.
    """

    blur: float = 0.5
    underexposed: float = 0.5
    overexposed: float = 0.5
    touches_frame: float = 0.5
    closed_eyes: float = 0.5
    duplicates: float = 0.5
    similarity: float = 0.9
    time_gap_s: float = 60.0

    @property
    def likeness(self) -> float:
        """How alike the frames of one group have to be: `similarity` as it stands at the usual sensitivity.

        A tenth less where `duplicates` is strict, so that more frames are left out as alternates; nearly a tenth more
        where it is close to 0, so that what differs at all is kept.

        Examples
        --------
        >>> Culling().likeness, Culling(duplicates=1.0).likeness, Culling(duplicates=0.1).likeness
        (0.9, 0.8, 0.98)
        """
        return round(min(1.0, max(0.0, self.similarity + 0.1 * (1.0 - 2.0 * self.duplicates))), 4)


@dataclass(frozen=True)
class CategoryRule:
    """What a guide says of one category beyond what it says of all."""

    name: str
    workflow: Workflow
    stakes: Stakes | None = None
    lane: Lane | None = None
    views: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    acceptance: tuple[str, ...] = ()
    steps: Mapping[str, Mapping[str, Value]] = field(default_factory=lambda: MappingProxyType({}))
    checks: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Guide:
    """One client's wishes, held against the installed steps, checks and channels.

    Parameters
    ----------
    name, sha256 : str
        The file's name without its ending, and the hash of its bytes and of every file it brings.
    background : str
        ``"#rrggbb"``, sRGB.
    fill : (float, float)
        Least and most share of the frame's side that the subject's longest side takes.
    aspect : str
        ``"original"`` or ``"4:5"``: width to height.
    look : str
        The name of the look's file in `resources`, or "".
    delta_e : float
        ΔE00 at or above which a file fails against the brand's reference (R1).
    names : Template
    shot_list : str
        The name of the shot list that a shoot's folder may hold.
    stakes, view_stakes, categories, lane, culling, columns, file_names
        Who must look, and how files are sorted.
    steps, checks
        Parameters and limits for all categories; a category's own have the last word.
    overrides
        What the guide moves on the reliability map.
    sidecars : SidecarRules
        The controlled keywords, and what each class is in a sidecar.
    channel_views : mapping of channel to views
        The views that a channel takes; one that is not listed takes all.
    source_minutes : mapping of fault to minutes
        What disorder in a shoot costs this studio's people, where it knows better than we do.
    own_packs : mapping of channel to path
        Rule packs that lie beside the guide.
    metadata : MetadataRules
        What delivered files say of owner, look, training and privacy, and whether they are signed.
    hero : HeroRule or None
        With it, what a person sets on a category's hero is laid on its other frames.
    swatches : mapping of str to str
        Colors of articles that the brand measured, by article or by article and colorway, in lower case: what
        color_difference holds pictures against where the shot list says nothing.
    """

    name: str
    sha256: str
    client: str
    background: str
    fill: tuple[float, float]
    aspect: str
    look: str
    delta_e: float
    promises_color: bool
    channels: tuple[str, ...]
    names: Template
    stakes: Stakes
    view_stakes: Mapping[str, Stakes]
    lane: Lane
    culling: Culling
    shot_list: str
    columns: Columns
    file_names: tuple[str, ...]
    categories: Mapping[str, CategoryRule]
    overrides: tuple[Override, ...]
    resources: Mapping[str, Resource]
    steps: Mapping[str, Mapping[str, Value]]
    checks: Mapping[str, Mapping[str, float]]
    sidecars: SidecarRules = field(default_factory=SidecarRules)
    metadata: MetadataRules = field(default_factory=MetadataRules)
    hero: HeroRule | None = None
    swatches: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    own_packs: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    channel_views: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    source_minutes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def needs(self) -> Needs:
        """Return which views a product must have, by category and channel."""
        return Needs({name: rule.views for name, rule in self.categories.items() if rule.views}, self.channel_views)

    def category_rule(self, category: str) -> CategoryRule:
        """Return the rule of a category; an unlisted one has the rule of ``unknown``."""
        return self.categories.get(category, self.categories["unknown"])

    def plan(self, category: str, also: Collection[str] = ()) -> Plan:
        """Return what a category goes through under this guide; all of it can be handed to a worker.

        Steps of `also` that the workflow lists take part even where nobody set anything of them (a person did).
        """
        rule = self.category_rule(category)
        flow = rule.workflow
        return Plan(
            category=category,
            workflow=flow.name,
            steps=tuple(
                StepUse(each.step, self._params(each, rule))
                for each in flow.steps
                if each.step in also or self._is_used(each, rule)
            ),
            checks=tuple(
                CheckUse(each.check, self._limits(each, rule)) for each in flow.checks if self._judges(each, rule)
            ),
            expected=self.expected(),
            lane=rule.lane or self.lane,
            views=rule.views,
            acceptance=rule.acceptance,
            people=flow.people,
            because=flow.because,
            hero=self.hero,
        )

    def identify(self, path: str, shots: ShotList = NO_SHOTS) -> Identity:
        """Say what a picture is, by the shot list, its folder and its name, in this client's words."""
        named = {name: (*WORDS.get(name, ()), *rule.words) for name, rule in self.categories.items()}
        words = {name: known for name, known in {**WORDS, **named}.items() if name != "unknown"}
        views = [view for rule in self.categories.values() for view in rule.views]
        return self.referenced(identify(path, shots, patterns=self.file_names, words=words, views=views))

    def referenced(self, what: Identity) -> Identity:
        """Return what a picture is with its swatch's color, where this guide names it and nothing did so before."""
        if what.reference or not what.sku:
            return what
        names = [f"{what.sku}{between}{what.color}" for between in ("-", " ", "_")] if what.color else []
        found = next((self.swatches[n.casefold()] for n in (*names, what.sku) if n.casefold() in self.swatches), "")
        if not found:
            return what
        read_from = MappingProxyType({**what.read_from, "reference": f"style guide {self.name}"})
        return replace(what, reference=found, read_from=read_from)

    def stakes_of(self, category: str, view: str = "") -> Stakes:
        """Return the stakes of a picture: ``high`` if its view or its category is, else what the guide says of all."""
        by_view, by_category = self.view_stakes.get(view), self.category_rule(category).stakes
        if "high" in (by_view, by_category):
            return "high"
        return by_view or by_category or self.stakes

    def expected(self) -> Mapping[str, Any]:
        """Return what the checks of the master are told that this guide asks for."""
        return {
            "background": self.background,
            "profile": "srgb",
            "fill": list(self.fill),
            "aspect": self.aspect,
            "delta_e": self.delta_e,
        }

    def reliability(self, studio: Iterable[Override] = ()) -> ReliabilityMap:
        """Return the reliability map as the studio and then this guide move it."""
        return reliability_map().changed([*studio, *self.overrides], self.channels)

    def _is_used(self, use: StepUse, rule: CategoryRule) -> bool:
        """What changes nothing is no step of the edit: a look that names no file, a grade that nobody set."""
        step, param = GIVES["look"]
        if use.step in ON_REQUEST:
            return bool(self._params(use, rule))
        return use.step != step or bool(self._params(use, rule).get(param))

    def _judges(self, use: CheckUse, rule: CategoryRule) -> bool:
        """A look that nobody laid and a shadow that nobody made are not judged."""
        if use.check == "shadow_consistency":
            return any(each.step == "shadow" and self._is_used(each, rule) for each in rule.workflow.steps)
        if use.check == "look_kept":
            return any(each.step == GIVES["look"][0] and self._is_used(each, rule) for each in rule.workflow.steps)
        return True

    def _params(self, use: StepUse, rule: CategoryRule) -> Mapping[str, Value]:
        """Merge what is fixed for a step: workflow, then the guide's picture, its step, its category's step."""
        own: dict[str, Value] = {
            "background": self.background,
            "fill": round(sum(self.fill) / 2, 3),
            "aspect": self.aspect,
            "look": self.look,
        }
        given = {GIVES[key][1]: value for key, value in own.items() if GIVES[key][0] == use.step and value != ""}
        mine = self.steps.get(use.step, {})
        theirs = rule.steps.get(use.step, {})
        return {**use.params, **given, **mine, **theirs}

    def _limits(self, use: CheckUse, rule: CategoryRule) -> Mapping[str, float]:
        mine, theirs = self.checks.get(use.check, {}), rule.checks.get(use.check, {})
        return {**use.limits, **mine, **theirs}
