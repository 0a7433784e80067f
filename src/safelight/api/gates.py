"""Gates: overrides, experiments, causes, returns, reshoots, briefs, heroes, going back, and why a file is here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from safelight.api.assets import Text
from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.api.shapes import Said

router = APIRouter(tags=["gates"], route_class=OnceRoute)
Word = Annotated[str, Field(min_length=1, max_length=200)]


class Overriding(BaseModel):
    """A lead's word against one failed verdict."""

    check: Word
    reason: Text


class Mark(BaseModel):
    """What a version is from now on: ``experiment``, which is never delivered nor learned from, or ``draft``."""

    state: str = Field(max_length=40)
    reason: Text


class Returning(BaseModel):
    """What a client says of a delivered file."""

    reason: Text
    marks: list[str] = Field(default_factory=list, max_length=20)


class Superseding(BaseModel):
    """The id of the capture that takes this one's place."""

    by: Word
    reason: Text


class Capture(BaseModel):
    """A capture that may take the place of what was asked for again."""

    id: str
    file: str


class Reshoot(BaseModel):
    """What the set is to shoot again, why, who asked for it, since when."""

    id: str
    etag: str = Field(description="send it back as If-Match with the capture that takes its place")
    file: str
    sku: str
    view: str
    color: str
    category: str
    reason: str
    reasons: list[str] = Field(description="codes of the list of reasons")
    by: str
    since: str
    text: str
    captures: list[Capture] = Field(description="came in since, of the same article or of none by name; oldest first")


class Reshoots(BaseModel):
    """The set's list, oldest first."""

    items: list[Reshoot]


class Restoring(BaseModel):
    """The version to go back to."""

    version: Word
    reason: Text


class Propagating(BaseModel):
    """Steps whose settings an approved hero gives to the files of its category and light; none are all that may."""

    steps: list[str] = Field(default_factory=list, max_length=50)
    reason: Text


class Point(BaseModel):
    """A place to come back to."""

    label: Word
    note: Text = ""


class Checkpoint(BaseModel):
    """A place to come back to, and what going back to it would change today."""

    label: str
    note: str
    by: str
    at: str
    files: int = Field(description="that there were")
    back: list[str] = Field(description="files that would go back to the version that they stood at; nothing is lost")
    kept: list[str] = Field(description="files that were approved since, and stay")


class Checkpoints(BaseModel):
    """The checkpoints of a batch, the oldest first."""

    items: list[Checkpoint]
    etag: str = Field(description="the batch's: send it back as If-Match to go back to one")


class Reason(BaseModel):
    """Why one may send a version back, and where it goes then."""

    code: str
    title: str
    queue: str
    task: str
    edge: bool
    upstream: str


class Reasons(BaseModel):
    """The list of reasons to mark from."""

    items: list[Reason]


class Cause(BaseModel):
    """A file that may fail for the same cause."""

    id: str
    file: str
    why: str
    standing: str


class Causes(BaseModel):
    """Files that share a cause, those that left or may leave first."""

    items: list[Cause]


class Told(BaseModel):
    """Sentences."""

    lines: list[str]


class SaidMany(BaseModel):
    """What was done, a line each."""

    items: list[Said]


class Picture(BaseModel):
    """A picture of a reference board: its bytes are under /batches/{batch}/board/{sha256}."""

    sha256: str
    caption: str


class Brief(BaseModel):
    """What was said of a job before work began."""

    about: str = Field(description="empty for the whole batch; category:, lane:, queue: or product: and a name")
    text: str
    board: list[Picture]
    by: str
    at: str
    etag: str = Field(description="send it back with another brief about the same; 0 for the first")


class Briefs(BaseModel):
    """The briefs of a batch, the whole batch's first."""

    items: list[Brief]


class BoardPicture(BaseModel):
    """A picture for a reference board: one that is on it by its SHA-256, or a new one as base64."""

    sha256: str = Field("", max_length=64)
    picture: str = Field("", max_length=8_000_000)
    caption: str = Field("", max_length=300)


class NewBrief(BaseModel):
    """What a job is to look like; without text and pictures it is taken back."""

    about: str = Field("", max_length=300)
    text: Text = ""
    board: list[BoardPicture] | None = Field(
        None, max_length=24, description="the board from now on, in this order; left away, it stays as it is"
    )


@router.get("/reasons", summary="Reasons to mark from")
def get_reasons(desk: AtDesk) -> Reasons:
    """Return the list of reasons for which a version is sent back."""
    return Reasons(items=[Reason(**each) for each in desk.reasons()])


@router.post("/assets/{ref}/overrides", summary="Override a verdict")
def post_override(desk: AtDesk, ref: str, body: Overriding, if_match: Match = None) -> Said:
    """Record a lead's word against one failed verdict: it stays a fail, and needs a second reviewer."""
    row = desk.seen_as(ref, seen_of(if_match), "override")
    return Said(**desk.override(row.batch, row.state.path, body.check, desk.name, body.reason))


@router.post("/assets/{ref}/marks", summary="Mark a version")
def post_mark(desk: AtDesk, ref: str, body: Mark, if_match: Match = None) -> Said:
    """Record that a version is an experiment, or a draft again."""
    row = desk.seen_as(ref, seen_of(if_match), "amend")
    return Said(**desk.mark(row.batch, row.state.path, body.state, desk.name, body.reason))


@router.get("/assets/{ref}/causes", summary="Who shares the cause")
def get_causes(desk: AtDesk, ref: str) -> Causes:
    """Return which other files of the batch may fail for the same cause."""
    row = desk.row(ref)
    found = desk.causes(row.batch, row.state.path)
    return Causes(items=[Cause(id=desk.id_of(row.batch, each["file"]), **each) for each in found])


@router.get("/assets/{ref}/explanation", summary="Why it is where it is")
def get_explanation(desk: AtDesk, ref: str) -> Told:
    """Return the whole decision about a file's route: every reason, and each task with both checklists."""
    row = desk.row(ref)
    return Told(lines=desk.explain(row.batch, row.state.path))


@router.post("/assets/{ref}/returns", summary="A client's return")
def post_return(desk: AtDesk, ref: str, body: Returning, if_match: Match = None) -> Said:
    """Record a client's return of a delivered file: it is open again, counts as a revision and as an escape."""
    row = desk.seen_as(ref, seen_of(if_match), "return")
    return Said(**desk.client_return(row.batch, row.state.path, desk.name, body.reason, body.marks))


@router.get("/batches/{batch}/reshoots", summary="The set's list")
def get_reshoots(desk: AtDesk, batch: str) -> Reshoots:
    """Return what the set is asked to shoot again, and which captures came in since that may take each place."""
    return Reshoots(items=[Reshoot(**each) for each in desk.reshoots_of(batch)])


@router.post("/assets/{ref}/superseded", summary="A new capture takes its place")
def post_superseded(desk: AtDesk, ref: str, body: Superseding, if_match: Match = None) -> Said:
    """Record that a capture takes this one's place; one that names no article is sorted and painted as this one was."""
    return Said(**desk.supersede_on(ref, seen_of(if_match), body.by, body.reason))


@router.post("/assets/{ref}/restore", summary="Go back to a version")
def post_restore(desk: AtDesk, ref: str, body: Restoring, if_match: Match = None) -> Said:
    """Go back to an earlier version of a file; nothing of the one that stands is lost."""
    row = desk.seen_as(ref, seen_of(if_match), "amend")
    return Said(**desk.restore_version(row.batch, row.state.path, body.version, desk.name, body.reason))


@router.post("/assets/{ref}/propagate", summary="Give a hero's settings to its set")
def post_propagate(desk: AtDesk, ref: str, body: Propagating, if_match: Match = None) -> SaidMany:
    """Give an approved hero's settings to the files of its category and light; they are painted beside the server."""
    row = desk.seen_as(ref, seen_of(if_match), "amend")
    return SaidMany(items=[Said(**each) for each in desk.propagate_on(row, body.steps, body.reason)])


@router.get("/batches/{batch}/checkpoints", summary="Places to come back to")
def get_checkpoints(desk: AtDesk, batch: str) -> Checkpoints:
    """Return where a batch's people set checkpoints, and what going back to each would change."""
    row = desk.batch_row(batch)
    return Checkpoints(items=[Checkpoint(**vars(each)) for each in desk.checkpoints(batch)], etag=str(row.seq))


@router.post("/batches/{batch}/checkpoints", status_code=201, summary="Remember where a batch stands")
def post_checkpoint(desk: AtDesk, batch: str, body: Point) -> Said:
    """Remember where a batch stands, to come back to."""
    desk.batch_row(batch)
    return Said(**desk.checkpoint(batch, body.label, body.note, desk.name))


@router.post("/batches/{batch}/checkpoints/{label}/restore", summary="Go back to a checkpoint")
def post_checkpoint_restore(desk: AtDesk, batch: str, label: str, body: Returning, if_match: Match = None) -> SaidMany:
    """Take every file that is not approved back to where it stood at a checkpoint; with the batch's ETag."""
    lines = desk.restore_checkpoint_on(batch, seen_of(if_match), label, body.reason)
    return SaidMany(items=[Said(**each) for each in lines])


@router.get("/batches/{batch}/briefs", summary="Briefs")
def get_briefs(
    desk: AtDesk,
    batch: str,
    file: Annotated[str, Query(max_length=200, description="only those that work on this file goes by")] = "",
) -> Briefs:
    """Return what was said of the job, with the boards of reference pictures."""
    desk.batch_row(batch)
    found = desk.briefs_of(batch, file) if file else desk.briefs(batch)
    return Briefs(
        items=[
            Brief(
                about=each.about,
                text=each.text,
                board=[Picture(sha256=sha256, caption=caption) for sha256, caption in each.board],
                by=each.by,
                at=each.at,
                etag=str(each.seq),
            )
            for each in found
        ]
    )


@router.post("/batches/{batch}/briefs", summary="Set a brief")
def post_brief(desk: AtDesk, batch: str, body: NewBrief, if_match: Match = None) -> Said:
    """Say what a job is to look like, with a board of reference pictures; with the ETag of the brief before."""
    board = None if body.board is None else [(e.sha256, e.picture, e.caption) for e in body.board]
    return Said(**desk.brief_on(batch, seen_of(if_match), body.about, body.text, board))
