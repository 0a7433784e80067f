"""Who did what to which: the dated nouns that the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

ActorKind = Literal["person", "step", "check", "plugin", "system"]
Route = Literal["auto", "spot_check", "review", "specialist", "hold"]
Decided = Literal["approve", "revise", "reject", "reshoot"]
CullClass = Literal["pick", "alternate", "reject", "cant_tell", "unreadable"]

ROUTES: tuple[Route, ...] = ("auto", "spot_check", "review", "specialist", "hold")
DECISIONS: tuple[Decided, ...] = ("approve", "revise", "reject", "reshoot")


@dataclass(frozen=True)
class Actor:
    """Who did it: a person, a step or a plug-in, with its version."""

    kind: ActorKind
    name: str
    version: str = ""

    def to_data(self) -> list[str]:
        """Return JSON data."""
        return [self.kind, self.name, self.version]

    @staticmethod
    def from_data(data: list[str]) -> Actor:
        """Read what `to_data` wrote."""
        return Actor(data[0], data[1], data[2])  # type: ignore[arg-type]


SYSTEM = Actor("system", "safelight")


@dataclass(frozen=True)
class NewFact:
    """A fact before the ledger has numbered, dated and chained it.

    Parameters
    ----------
    kind : str
        ``noun.past``: ``"asset.seen"``, ``"version.made"``, ``"decision.made"``.
    subject : str
        The id of what it is about: an asset's SHA-256, a batch, a version.
    body : mapping, JSON data
        What happened.
    actor : Actor
        Who did it.
    batch : str
        The batch it belongs to, or "".
    personal : mapping of str to str
        Fields about a person. They stand beside the chain and enter it as an HMAC
        under a key of their own, so that they can be erased and the chain still verifies.
    """

    kind: str
    subject: str
    body: Mapping[str, Any]
    actor: Actor = SYSTEM
    batch: str = ""
    personal: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Fact:
    """A fact in the ledger: numbered, dated (UTC, ISO 8601) and chained to the one before."""

    seq: int
    kind: str
    subject: str
    body: Mapping[str, Any]
    actor: Actor
    batch: str
    personal: Mapping[str, str]
    at: str
    previous: str
    hash: str


class Told(NamedTuple):
    """A fact without who, when and its chain: what is left when a long ledger is folded for what happened alone."""

    seq: int
    kind: str
    subject: str
    batch: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Capture:
    """What the file says of the moment it was taken; empty where it says nothing.

    `taken_at` is ISO 8601 without a zone (cameras rarely know theirs), or "".
    """

    make: str = ""
    model: str = ""
    lens: str = ""
    taken_at: str = ""
    iso: float | None = None
    shutter_s: float | None = None
    aperture_f: float | None = None
    focal_mm: float | None = None
    flash: bool | None = None


@dataclass(frozen=True)
class Asset:
    """One original as received.

    Parameters
    ----------
    sha256 : str
        Of the whole file; the asset's identity.
    path : str
        Where it was first seen; bytes that are not UTF-8 ride as surrogate escapes.
    bytes : int
        File size.
    format : str
        ``"jpeg"``, ``"tiff"``, ``"png"``, ``"webp"``, ``"avif"``, ``"heif"``, ``"raw"``, by content.
    width, height : int
        Upright, in pixels.
    """

    sha256: str
    path: str
    bytes: int
    format: str
    width: int
    height: int
    bits: int
    profile: str
    capture: Capture


@dataclass(frozen=True)
class Note:
    """A remark pinned to a place of the upright original (x, y in 0..1), or to none."""

    text: str
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Decision:
    """What a person said of a version."""

    version: str
    decided: Decided
    by: Actor
    reason: str = ""
    notes: tuple[Note, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Product:
    """A SKU in a shoot with its views: the unit of review and release."""

    sku: str
    category: str
    assets: tuple[str, ...] = ()
    missing_views: tuple[str, ...] = ()
