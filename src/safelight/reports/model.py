"""What a batch report holds: pure data, frozen, with no file, ledger or clock behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from safelight.core.check import Direction, VerdictWord
from safelight.reports.calibration import Calibration
from safelight.reports.color import BatchDrift, ChartLine
from safelight.reports.discipline import Discipline
from safelight.reports.kpi import Kpi

Standing = Literal["delivered", "approved", "waiting", "sent_back", "working", "left_out", "refused"]
STANDINGS: tuple[Standing, ...] = (
    "delivered",
    "approved",
    "waiting",
    "sent_back",
    "working",
    "left_out",
    "refused",
)

_NO_SECONDS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Thumbnail:
    """An encoded picture, upright, sRGB: JPEG, PNG or WebP bytes with their size in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class ReasonLine:
    """One sentence for people; `doubt` if it lowers the confidence."""

    text: str
    doubt: bool = False


@dataclass(frozen=True)
class StepLine:
    """One step of the edit.

    Parameters
    ----------
    name : str
    params : str
        In words, with units: ``"+0.62 stops"``.
    confidence : float or None
        The probability that a competent reviewer would approve it unchanged.
    calibrated : bool
    reasons : tuple of ReasonLine
    by : str
        Who proposed or amended it.
    amended : bool
        True if a person changed it.
    """

    name: str
    params: str = ""
    confidence: float | None = None
    calibrated: bool = False
    reasons: tuple[ReasonLine, ...] = ()
    by: str = ""
    amended: bool = False


@dataclass(frozen=True)
class MeasureLine:
    """One measure against its limit; `value` None if it could not be measured, and `why` says so."""

    name: str
    value: float | None
    unit: str = ""
    limit: float | None = None
    direction: Direction = "at_most"
    word: VerdictWord = "pass"
    why: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class EvidenceLine:
    """Where a measure comes from, on the after picture.

    Parameters
    ----------
    measure : str
    box : (x0, y0, x1, y1), 0..1 of the after picture's width and height
    text : str
    heat : bytes
        A gray PNG over the whole picture, 255 is worst; empty for none.
    crop : Thumbnail or None
        The place at 100 %.
    """

    measure: str
    box: tuple[float, float, float, float]
    text: str = ""
    heat: bytes = b""
    crop: Thumbnail | None = None


@dataclass(frozen=True)
class CheckLine:
    """What one check says of one picture."""

    check: str
    word: VerdictWord
    measures: tuple[MeasureLine, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()
    purpose: str = ""


@dataclass(frozen=True)
class RuleLine:
    """One rule of a channel on one delivered file."""

    rule: str
    word: VerdictWord
    severity: str = "must"
    value: float | None = None
    unit: str = ""
    limit: float | None = None
    direction: Direction = "at_most"
    text: str = ""


@dataclass(frozen=True)
class DeliveryLine:
    """A file that left, or, with `refused`, the sentence why a channel did not get it."""

    channel: str
    name: str
    rules: tuple[RuleLine, ...] = ()
    bytes: int = 0
    at: str = ""
    refused: str = ""


@dataclass(frozen=True)
class DecisionLine:
    """What a person said: approve, revise, reject, reshoot; `how` is ``"own"`` or ``"sample"``."""

    decided: str
    by: str
    at: str = ""
    reason: str = ""
    how: str = "own"


@dataclass(frozen=True)
class FileReport:
    """One file of a batch and where it stands.

    Parameters
    ----------
    name : str
        As the file is called; shown as text whatever it holds.
    standing : Standing
    sku, view, category : str
    cull_class : str
        pick, alternate, reject, cant_tell or "".
    cull_reasons : tuple of str
    group : str
        Files of one group show the same; "" for none.
    route, queue : str
        Who must look, and the queue it waits in.
    reasons : tuple of ReasonLine
        Why it is routed there, the strictest first.
    confidence : float or None
    calibrated : bool
    stakes : str
        ``"high"``, ``"standard"`` or "".
    before, after : Thumbnail or None
        The original and the proof, on the same view if they are to be toggled.
    thumbnail : Thumbnail or None
        Smaller, for the contact sheet; `after` or `before` where there is none.
    steps, checks, deliveries, decisions
    quarantine : str
        Why the file could not be used; "" if it could.
    seconds : mapping of stage to seconds
    facts : mapping of str to str
        What else is worth a line: camera, size, profile.
    """

    name: str
    standing: Standing
    sku: str = ""
    view: str = ""
    category: str = ""
    cull_class: str = ""
    cull_reasons: tuple[str, ...] = ()
    group: str = ""
    route: str = ""
    queue: str = ""
    reasons: tuple[ReasonLine, ...] = ()
    confidence: float | None = None
    calibrated: bool = False
    stakes: str = ""
    before: Thumbnail | None = None
    after: Thumbnail | None = None
    thumbnail: Thumbnail | None = None
    steps: tuple[StepLine, ...] = ()
    checks: tuple[CheckLine, ...] = ()
    deliveries: tuple[DeliveryLine, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    quarantine: str = ""
    seconds: Mapping[str, float] = field(default_factory=lambda: _NO_SECONDS)
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def picture(self) -> Thumbnail | None:
        """What the contact sheet shows."""
        return self.thumbnail or self.after or self.before

    @property
    def because(self) -> str:
        """The first thing to say of this file: quarantine, the strictest reason, or the culling's."""
        if self.quarantine:
            return self.quarantine
        if self.standing == "left_out" and self.cull_reasons:
            return self.cull_reasons[0]
        if self.reasons:
            return self.reasons[0].text
        return self.cull_reasons[0] if self.cull_reasons else ""


@dataclass(frozen=True)
class ProductReport:
    """A SKU with its files; "" collects files that name none."""

    sku: str
    category: str
    files: tuple[FileReport, ...]
    missing_views: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchReport:
    """A batch at one moment.

    Parameters
    ----------
    name, guide : str
    when : str
        ISO 8601, UTC, from the ledger: the last fact that is told here.
    products : tuple of ProductReport
        Every file of the batch is in exactly one of them, quarantined files too.
    seconds : mapping of stage to seconds
        Work of all files together; by default the sum over the files.
    wall_s : float or None
        How long the run took.
    workers : int or None
    version : str
        Of safelight.
    charts : tuple of ChartLine
        What the charts of the batch measured.
    drift : BatchDrift or None
        Whether neutrals, shadows and skin moved from the first frames to the last.
    discipline : Discipline or None
        Which part of the source is chaotic, and what that costs.
    exceptions : tuple of (title, sentences)
        What does not add up: files that fit nothing, views that are missing.
    calibration : Calibration or None
        Culling's claims against what people said.
    kpis : tuple of Kpi
        The numbers of each category of the batch, and of all together last.
    """

    name: str
    guide: str
    when: str
    products: tuple[ProductReport, ...]
    seconds: Mapping[str, float] = field(default_factory=lambda: _NO_SECONDS)
    wall_s: float | None = None
    workers: int | None = None
    version: str = ""
    charts: tuple[ChartLine, ...] = ()
    drift: BatchDrift | None = None
    discipline: Discipline | None = None
    exceptions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    calibration: Calibration | None = None
    kpis: tuple[Kpi, ...] = ()

    @property
    def files(self) -> tuple[FileReport, ...]:
        """All files, product by product."""
        return tuple(each for product in self.products for each in product.files)
