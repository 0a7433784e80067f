"""What people's decisions so far say, as the router is told it: one frozen value, from recorded facts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from safelight.core.canonical import key_of
from safelight.routing.calibration import Calibrator
from safelight.routing.checklist import Outcomes
from safelight.routing.escapes import Audited, Standing, stand

REWORK_ALARM = 0.15  # R3: rework beyond it is an upstream problem, not a retoucher's
FIRST_PASS_TARGET = 0.85  # R2
LEAST_DECIDED = 20  # fewer decided files raise no alarm


@dataclass(frozen=True)
class Stratum:
    """Files that are alike enough to vouch for each other.

    A new client, category, backdrop, camera or step version is another stratum, and starts without labels.
    """

    client: str
    category: str
    backdrop: str
    camera: str
    steps: tuple[tuple[str, int], ...]

    @property
    def key(self) -> str:
        """What identifies it: 12 hex digits."""
        return key_of("stratum", *self.to_data().values())[:12]

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "client": self.client,
            "category": self.category,
            "backdrop": self.backdrop,
            "camera": self.camera,
            "steps": [list(each) for each in self.steps],
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Stratum:
        """Read what `to_data` wrote."""
        steps = tuple((str(name), int(version)) for name, version in data["steps"])
        return Stratum(data["client"], data["category"], data["backdrop"], data["camera"], steps)

    def told(self) -> str:
        """Say it in words: ``Acme packshot, white backdrop, Canon EOS R5``."""
        where = f"{self.backdrop} backdrop" if self.backdrop else "no backdrop"
        return f"{self.client} {self.category}, {where}, {self.camera or 'unknown camera'}"


@dataclass(frozen=True)
class Watch:
    """A category whose rework passed `REWORK_ALARM`: the shares, the likely cause, and what it means for routing."""

    category: str
    decided: int
    returned: int
    cause: str

    @property
    def share(self) -> float:
        """Files sent back ÷ files decided."""
        return self.returned / self.decided if self.decided else 0.0

    def told(self) -> str:
        """Say it in one sentence, about causes and not about people."""
        return (
            f"{self.returned} of {self.decided} files of {self.category} were sent back ({self.share:.0%}, "
            f"{REWORK_ALARM:.0%} is the alarm): look upstream first: {self.cause or 'no reason stands out'}"
        )


@dataclass(frozen=True)
class Record:
    """Outcomes by (task, category), calibrators by (step, category), strata by key, watched categories by name.

    `thresholds` are those that a person accepted, by stratum; `labels` the audited labels behind `strata`, which are
    judged at those thresholds, or at a lane's usual one; `found` and `unseen` the escapes that clients found and what
    left unseen, as `stand` takes them.
    """

    outcomes: Mapping[tuple[str, str], Outcomes] = field(default_factory=lambda: MappingProxyType({}))
    calibrators: Mapping[tuple[str, str], Calibrator] = field(default_factory=lambda: MappingProxyType({}))
    strata: Mapping[str, Standing] = field(default_factory=lambda: MappingProxyType({}))
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    watched: Mapping[str, Watch] = field(default_factory=lambda: MappingProxyType({}))
    labels: Mapping[str, Sequence[Audited]] = field(default_factory=lambda: MappingProxyType({}))
    found: Mapping[str, Sequence[int]] = field(default_factory=lambda: MappingProxyType({}))
    unseen: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    level: float = 0.01

    def standing(self, stratum: str, asked: float) -> Standing:
        """Return where a stratum stands where files at or above `asked` are spared: another lane, another bound."""
        known = self.strata.get(stratum)
        if known is not None and known.threshold == asked:
            return known
        found, unseen = self.found.get(stratum, ()), self.unseen.get(stratum, 0)
        return stand(self.labels.get(stratum, ()), asked, self.level, found, unseen)


NO_RECORD = Record()


def backdrop_of(metering: Mapping[str, Any]) -> str:
    """Return the kind of a backdrop, from what metering measured: coarse, so that a lamp's warmth makes no new one.

    Parameters
    ----------
    metering : mapping
        The facts of step ``metering``: ``backdrop`` (found, level in linear light) and ``neutral_gains``.

    Examples
    --------
    >>> backdrop_of({"backdrop": {"found": True, "level": 0.8}, "neutral_gains": {"backdrop": [1.0, 1.0, 1.02]}})
    'white'
    >>> backdrop_of({})
    ''
    """
    found = metering.get("backdrop") or {}
    if not found.get("found"):
        return ""
    level = float(found.get("level") or 0.0)
    gains = (metering.get("neutral_gains") or {}).get("backdrop") or ()
    colored = bool(gains) and min(gains) > 0 and max(gains) / min(gains) > 1.5
    name = "white" if level >= 0.5 else "light gray" if level >= 0.25 else "gray" if level >= 0.08 else "dark"
    return f"colored {name}" if colored else name
