"""Files: everything about one, what people decide on them, notes on them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from safelight.api.batches import line_of
from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.api.shapes import (
    FileLine,
    Files,
    FileWhole,
    PlaceLine,
    ShownPlaces,
    VersionLine,
    as_json,
    places_of,
    written,
)
from safelight.house import Desk
from safelight.review import frame_measures, told
from safelight.review.notes import Pinned

router = APIRouter(tags=["files"], route_class=OnceRoute)
Text = Annotated[str, Field(max_length=4000)]
Seen = Annotated[
    dict[str, str], Field(min_length=1, max_length=500, description="file id to the ETag that it was seen with")
]


class NewNote(BaseModel):
    """A note: where, in 0..1 of the upright original, and what."""

    text: Text = ""
    shape: str = Field("pin", description="pin, box, circle, arrow, line or free")
    points: list[tuple[float, float]] = Field(default_factory=list, max_length=2000)


class NoteChange(BaseModel):
    """What becomes other of a note."""

    model_config = ConfigDict(extra="forbid")

    text: Text | None = None
    points: list[tuple[float, float]] | None = Field(None, max_length=2000)
    done: bool | None = None


class Note(BaseModel):
    """A note as it stands."""

    id: str
    etag: str
    asset: str
    version: str
    text: str
    shape: str
    points: list[tuple[float, float]]
    by: str
    account: str
    at: str
    done: bool


class Notes(BaseModel):
    """The notes on a picture, oldest first."""

    items: list[Note]


class Looked(BaseModel):
    """How long a screen was in use on a file: the seconds in which somebody did something, two idle minutes at most."""

    seconds: float = Field(gt=0, le=14_400, allow_inf_nan=False)
    room: Literal["review", "amend"] = Field("review", description="what was done there: looking, or work")


class Decision(BaseModel):
    """One word on files of one batch, all or none."""

    on: Seen
    decided: str = Field(description="approve, revise, reject or reshoot")
    reason: Text = Field("", description="needed unless approve")
    marks: list[str] = Field(default_factory=list, max_length=20, description="codes of the list of reasons")
    notes: list[NewNote] = Field(default_factory=list, max_length=100, description="pinned to each of the files")
    claim: str = Field("", max_length=64, description="the claim that it is said under; refused if that has ended")
    shown: ShownPlaces


class Overruling(BaseModel):
    """A word against culling's, on files of one batch."""

    on: Seen
    word: str = Field(description="pick, alternate, reject, cant_tell, machine, apart or together")
    reason: Text


class Amendment(BaseModel):
    """A person's numbers for a step of a file's edit; none take an earlier amendment back."""

    step: str = Field(max_length=100)
    values: dict[str, Any] = Field(default_factory=dict)
    reason: Text


class Redo(BaseModel):
    """A step to be done again, what shall be otherwise, and notes pinned to the picture."""

    step: str = Field(min_length=1, max_length=100)
    reason: Text
    notes: list[NewNote] = Field(default_factory=list, max_length=100)


class Action(BaseModel):
    """Something that one did and can take back."""

    seq: int
    kind: str
    what: str
    reason: str
    at: str
    id: str
    file: str


class Actions(BaseModel):
    """What one did in a batch, the latest first."""

    items: list[Action]


class Versions(BaseModel):
    """A file's lineage, oldest first."""

    items: list[VersionLine]
    superseded: PlaceLine | None = Field(description="the capture that took its place")
    instead_of: list[PlaceLine] = Field(description="the captures whose place it took; they keep their own lineage")


@router.get("/assets/{ref}", response_model=FileWhole, summary="A file")
def get_file(desk: AtDesk, ref: str) -> Response:
    """Return everything about a file, by its id, the SHA-256 of its original, or the id of its version."""
    row = desk.row(ref)
    file, story = desk.whole(row)
    made = file.made
    answer = written(
        desk.line(row)
        | {
            "capture": dict(file.measured.get("capture") or {}),
            "checks": told.verdict_lines(file),
            "edit": told.edit_lines(made, told.proposed_params(story)),
            "versions": told.version_lines(story),
            "geometry": made.get("geometry"),
            "blobs": dict(made.get("blobs", {})),
            "why": told.reason_lines(file.routed),
            "looks": [vars(each) for each in desk.looks_at(file)],
            **frame_measures.frame_lines(desk.intake_facts(file)),
        }
    )
    answer.headers["ETag"] = f'"{row.seq}"'
    return answer


@router.get("/assets/{ref}/versions", summary="A file's lineage")
def get_versions(desk: AtDesk, ref: str) -> Versions:
    """Return every version of a file, what changed in words, what was said of each, and who took whose place."""
    row = desk.row(ref)
    gone, taken = desk.places_taken(row)
    return Versions(
        items=[VersionLine(**each) for each in told.version_lines(desk.whole(row)[1])],
        superseded=None if gone is None else PlaceLine(**gone),
        instead_of=[PlaceLine(**each) for each in taken],
    )


@router.post("/decisions", response_model=Files, summary="Decide")
def post_decision(desk: AtDesk, body: Decision) -> Response:
    """Say a word on files that are as they were seen; 409 where somebody was first, and then nothing is recorded."""
    notes = [each.model_dump() for each in body.notes]
    return _files(
        desk, desk.decide_on(body.on, body.decided, body.reason, body.marks, notes, body.claim, places_of(body.shown))
    )


@router.post("/overrulings", response_model=Files, summary="Overrule culling")
def post_overruling(desk: AtDesk, body: Overruling) -> Response:
    """Say a word against culling's class or group."""
    return _files(desk, desk.overrule_on(body.on, body.word, body.reason))


@router.post("/assets/{ref}/amendments", summary="Amend an edit")
def post_amendment(desk: AtDesk, ref: str, body: Amendment, if_match: Match = None) -> FileLine:
    """Set a step's numbers by hand; the file is painted anew beside the server, and events say when."""
    etag = seen_of(if_match)
    return line_of(desk, desk.amend_on(desk.row(ref).id, etag, body.step, body.values, body.reason))


@router.get("/batches/{batch}/actions", summary="What I did")
def get_actions(desk: AtDesk, batch: str, limit: int = 50, undone: bool = False) -> Actions:  # noqa: FBT001, FBT002
    """Return what one did in a batch that can be taken back, or with `undone` what was; it outlives a restart."""
    found = desk.actions(batch, max(1, min(limit, 500)), undone=undone)
    return Actions(items=[Action(**each) for each in found])


@router.post("/actions/{seq}/undo", summary="Take back")
def post_undo(desk: AtDesk, seq: int) -> FileLine:
    """Take back one's own decision, overruling, amendment or superseding, as long as nothing rests on it."""
    return line_of(desk, desk.undo_on(seq))


@router.post("/actions/{seq}/redo", summary="Say it again")
def post_redo(desk: AtDesk, seq: int) -> FileLine:
    """Say again a decision that one took back, as long as the file is as it was."""
    return line_of(desk, desk.redo_on(seq))


@router.post("/assets/{ref}/redo", summary="Do a step again")
def post_step_redo(desk: AtDesk, ref: str, body: Redo, if_match: Match = None) -> FileLine:
    """Have one step of a file done again, with notes: it goes to the step's queue, the machine's numbers in it."""
    notes = [each.model_dump() for each in body.notes]
    return line_of(desk, desk.redo_step_on(ref, seen_of(if_match), body.step, body.reason, notes))


@router.post("/assets/{ref}/looked", status_code=204, summary="How long one looked")
def post_looked(desk: AtDesk, ref: str, body: Looked) -> None:
    """Record how long one's screen was in use on a file: what review and work cost is counted from it."""
    desk.looked_on(ref, body.seconds, body.room)


@router.get("/assets/{ref}/notes", summary="Notes on a file")
def get_notes(desk: AtDesk, ref: str) -> Notes:
    """Return the notes on a picture."""
    return Notes(items=[_note(each) for each in desk.notes(ref)])


@router.post("/assets/{ref}/notes", status_code=201, summary="Pin a note")
def post_note(desk: AtDesk, ref: str, body: NewNote) -> Note:
    """Pin a note; notes of several people never overwrite each other."""
    return _note(desk.pin(ref, body.model_dump()))


@router.patch("/assets/{ref}/notes/{note}", summary="Change a note")
def patch_note(desk: AtDesk, ref: str, note: str, body: NoteChange, if_match: Match = None) -> Note:
    """Change one's own note, or say of any that it is done."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    return _note(desk.change_note(ref, note, seen_of(if_match), changes))


@router.delete("/assets/{ref}/notes/{note}", status_code=204, summary="Take a note away")
def delete_note(desk: AtDesk, ref: str, note: str, if_match: Match = None) -> None:
    """Take one's own note away; a lead takes anybody's."""
    desk.remove_note(ref, note, seen_of(if_match))


def _files(desk: Desk, rows: list[Any]) -> Response:
    return as_json(f'{{"items":[{",".join(map(desk.line_text, rows))}]}}')


def _note(each: Pinned) -> Note:
    return Note(
        id=each.id,
        etag=str(each.seq),
        asset=each.asset,
        version=each.version,
        text=each.text,
        shape=each.shape,
        points=list(each.points),
        by=each.by,
        account=each.account,
        at=each.at,
        done=each.done,
    )
