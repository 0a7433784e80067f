"""Shapes that several nouns share: files, verdicts, edits, versions, pages."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from safelight.errors import UsageError


class Named(BaseModel):
    """An account and its person's name."""

    account: str
    name: str


class ClaimOn(Named):
    """Who has a file, until when."""

    id: str
    until: str


class DecisionMade(BaseModel):
    """What a person said of a version."""

    seq: int
    version: str
    decided: str
    by: str
    reason: str
    how: str = Field(description="own: looked at for itself; sample or release: in a release; return: a client's")
    at: str
    reasons: list[str] = Field(description="codes of the list of reasons")
    queue: str = Field(description="where it was sent back to")
    step: str = Field(description="the step that is to blame")
    to: str = Field(description="whose work it was")


class OverrideMade(BaseModel):
    """A lead's word against one failed verdict: it stays a fail, and needs a second reviewer."""

    check: str
    reason: str
    by: str
    at: str


class Size(BaseModel):
    """Pixels."""

    width: int
    height: int


class FileLine(BaseModel):
    """A file of a batch as lists and queues show it."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: str
    etag: str = Field(description="send it back with whatever you decide about this file")
    batch: str
    project: str
    file: str
    name: str
    asset: str = Field(description="SHA-256 of the original")
    version: str
    standing: str = Field(description="refused, left_out, working, sent_back, waiting, approved or delivered")
    since: str
    cull: str = Field(alias="class", description="pick, alternate, reject, cant_tell or unreadable")
    machine_class: str
    class_confidence: float | None
    class_reasons: list[str]
    group: str
    sku: str
    view: str
    color: str
    category: str
    stakes: str
    lighting: str
    route: str
    queue: str
    zone: int | None = Field(description="of the reliability map, 1 to 4")
    reasons: list[str]
    confidence: float | None
    calibrated: bool
    verdicts: dict[str, str] = Field(description="pass, warn or fail by check")
    amended: list[str]
    decisions: list[DecisionMade]
    state: str = Field(description="draft, experiment or approved")
    open_failures: list[str] = Field(description="failed checks that no override covers")
    overrides: list[OverrideMade]
    closed: str = Field(description="why nobody can approve it as it is; empty where gate 2 is open")
    approvers: list[str]
    approvers_needed: int
    approved_by: str
    superseded_by: str = Field(description="the capture that took its place; empty where it stands")
    delivered: list[str]
    delivery_refusals: list[str]
    width: int
    height: int
    format: str
    taken_at: str
    made: Size | None
    assigned: Named | None
    claim: ClaimOn | None


class MeasureLine(BaseModel):
    """One measure against its limit."""

    name: str
    value: float | None
    unit: str
    limit: float | None
    direction: str
    word: str
    why: str


class EvidenceLine(BaseModel):
    """Where a measure comes from: a box in 0..1 of the version's width and height, pictures by SHA-256."""

    measure: str
    box: list[float]
    value: float
    text: str
    heat: str = Field(description="a heat map (PNG) over the whole picture: /assets/{id}/parts/{heat}; may be empty")
    crop: str = Field(description="the place at 100 % (JPEG): /assets/{id}/parts/{crop}; may be empty")


class OverrideLine(BaseModel):
    """A lead's word on a failed verdict: the version may be approved by two people, and the verdict stays a fail."""

    by: str
    reason: str
    at: str


class VerdictLine(BaseModel):
    """What a check says."""

    check: str
    word: str
    measures: list[MeasureLine]
    evidence: list[EvidenceLine]
    override: OverrideLine | None = Field(description="a lead's word on this very verdict; it stays what it is")


class ArtifactLine(BaseModel):
    """A small thing that a step carries; its bytes are under /assets/{id}/parts/{sha256}."""

    kind: str
    sha256: str
    media_type: str


class ReasonLine(BaseModel):
    """Why a step is what it is, or why one should doubt it."""

    code: str
    text: str
    doubt: bool


class StepLine(BaseModel):
    """A step of an edit."""

    step: str
    version: int
    params: dict[str, Any]
    proposed: dict[str, Any] = Field(description="what the machine proposed before anybody changed it")
    artifacts: dict[str, ArtifactLine]
    confidence: float | None
    calibrated: bool
    reasons: list[ReasonLine]
    by: str
    amended: bool
    stale: bool


class VersionLine(BaseModel):
    """A version in a file's lineage."""

    version: str
    at: str
    made_by: str
    state: str
    first: bool
    differences: list[str] = Field(description="what changed since the version before, in words")
    width: int
    height: int
    decisions: list[DecisionMade]
    approved_by: str
    delivered: list[str]
    back_by: str = Field(description="who went back to it; empty where nobody did")
    back_why: str


class PlaceLine(BaseModel):
    """A capture that took another's place: the other file, why, who said so, when."""

    id: str
    file: str
    reason: str
    by: str = Field(description="empty where the reshoot loop said so, by what the capture is called")
    at: str


class FaceLine(BaseModel):
    """One face that intake found: where it is, and what could be told of its eyes."""

    box: list[float] = Field(description="x0, y0, x1, y1 in 0..1 of the upright original")
    eyes: str = Field(description="open, closed, one_closed, narrowed, looking_down, laughing or cant_tell")
    blur_px: float | None = Field(description="at the nearest eye, in px of the original; null where it can't be told")


class FrameMeasure(BaseModel):
    """A number that intake measured on the original."""

    name: str
    value: float
    unit: str


class LookLine(BaseModel):
    """A place of a version that deserves a look; where `must`, approving asks that it was shown at `percent`."""

    id: str = Field(description="send it back in `shown`")
    box: tuple[float, float, float, float] = Field(description="0..1 of the version's width and height")
    text: str
    must: bool
    percent: int = Field(200, description="how large it must be shown: 200 shows each pixel as two by two")


class FileWhole(FileLine):
    """Everything about a file."""

    capture: dict[str, Any]
    checks: list[VerdictLine]
    edit: list[StepLine]
    versions: list[VersionLine]
    geometry: list[list[float]] | None = Field(
        description="3 by 3, from pixels of the version to pixels of the upright original (before any lens)"
    )
    blobs: dict[str, str] = Field(description="master, matte, proof, before, after... by SHA-256")
    why: list[ReasonLine] = Field(description="why it is in its queue; doubts lower the confidence")
    looks: list[LookLine] = Field(description="places to look at before a decision")
    measures: list[FrameMeasure] = Field(description="what intake measured on the original")
    intake: list[str] = Field(description="the same in sentences")
    faces: list[FaceLine] = Field(description="faces found on the original; nobody is identified")


class Shown(BaseModel):
    """A place that a person had on the screen before deciding."""

    id: str = Field(max_length=200)
    box: tuple[float, float, float, float] = Field(description="0..1 of the version's width and height")
    percent: int = Field(ge=1, le=6400, description="zoom: 200 shows each pixel as two by two")
    share: float = Field(ge=0, le=1, description="how much of the place was shown")


ShownPlaces = Annotated[
    dict[str, list[Shown]],
    Field(
        default_factory=dict,
        max_length=500,
        description="file (a release's: version) to the places that were on the screen",
    ),
]


class Said(BaseModel):
    """What was done, in a sentence, and the data that goes with it."""

    model_config = ConfigDict(extra="allow")

    said: str


class Page(BaseModel):
    """One page of files; `next` asks for the following one, empty at the end."""

    items: list[FileLine]
    next: str


class Files(BaseModel):
    """Files as they stand now."""

    items: list[FileLine]


def places_of(shown: dict[str, list[Shown]]) -> dict[str, list[dict[str, Any]]]:
    """Return what was on a screen as data, by file id."""
    return {file: [each.model_dump() for each in places] for file, places in shown.items()}


def written(data: Any) -> Response:  # noqa: ANN401 - JSON data
    """Return data of a declared shape as an answer, as it is.

    Holding a page against its shape takes longer than reading it from the ledger; tests hold such answers against it.
    """
    return as_json(json.dumps(data, separators=(",", ":"), allow_nan=False))


def as_json(text: str) -> Response:
    """Return JSON that is spelled already as an answer."""
    return Response(text, media_type="application/json")


def to_cursor(key: tuple[Any, ...]) -> str:
    """Return a key as a page's `after`."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def from_cursor(text: str) -> tuple[Any, ...]:
    """Read what `to_cursor` wrote; refuse anything else."""
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(key, list) or not all(isinstance(each, (str, int)) for each in key) or len(key) > 3:
            raise ValueError
    except (ValueError, binascii.Error):
        raise UsageError("`after` is no place in this list; take it from `next` of the page before") from None
    return tuple(key)
