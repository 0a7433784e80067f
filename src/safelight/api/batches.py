"""Batches: what there is, how far it is, its files, and letting it leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.jobs import Job, job_line
from safelight.api.once import OnceRoute
from safelight.api.shapes import (
    FileLine,
    LookLine,
    Page,
    Said,
    Shown,
    ShownPlaces,
    as_json,
    from_cursor,
    places_of,
    to_cursor,
)
from safelight.errors import UsageError
from safelight.house import Desk
from safelight.review import looks
from safelight.review.release import Sampled as Drawn
from safelight.store.floor import BatchRow, Floor, StandingRow, Wanted

router = APIRouter(tags=["batches"], route_class=OnceRoute)
Limit = Annotated[int, Query(ge=1, le=1000)]
After = Annotated[str, Query(max_length=2000, description="`next` of the page before")]
Word = Annotated[str, Query(max_length=200)]
Lane = Annotated[str, Query(max_length=200, description="only this lane: catalog, marketplace, model or editorial")]


class Batch(BaseModel):
    """A batch and how many of its files stand where."""

    name: str
    etag: str
    project: str
    guide: str
    client: str
    opened_at: str
    last_at: str
    files: int
    counts: dict[str, int] = Field(description="files by standing")


class Batches(BaseModel):
    """One page of batches, the one with the latest news first."""

    items: list[Batch]
    next: str


class Sampled(BaseModel):
    """A file that a release must look at, and why it was drawn."""

    id: str
    file: str
    version: str
    why: str
    closely: bool = Field(description="whole at 100 %; the others as before an approval, at any size")
    places: list[LookLine] = Field(description="what must be seen beside the places that the file's `looks` name")
    shown: list[Shown] = Field(description="what of it was on the caller's screen so far")
    seen: list[str] = Field(description="ids of the places that were shown as large as is asked, and enough of them")


class WasShown(BaseModel):
    """What was on a person's screen, by the id of the version."""

    shown: ShownPlaces


class Bound(BaseModel):
    """Files that are alike: how many leave, how many of them are looked at, and the audited labels behind it."""

    stratum: str
    members: int
    looked_at: int
    share: float = Field(description="that must be looked at so that escapes stay at the level")
    labels: int
    level: float


class ReleasePlan(BaseModel):
    """What a release would cover: the sample to look at, how many leave with it, what holds it."""

    sample: list[Sampled]
    members: int
    approved: int
    held_by: list[str]
    bounds: list[Bound]
    etag: str = Field(description="of the sample and of what leaves with it; send it back with the release")


@router.get("/batches", summary="Batches")
def get_batches(desk: AtDesk, after: After = "", limit: Limit = 100) -> Batches:
    """Return the batches that one may see."""
    place = from_cursor(after) if after else None
    if place is not None and not isinstance(place[0], int):
        raise UsageError("`after` is no place in this list; take it from `next` of the page before")
    rows = desk.batches(None if place is None else place[0], limit)
    return Batches(items=[_batch(each) for each in rows], next=to_cursor((rows[-1].seq,)) if len(rows) == limit else "")


@router.get("/batches/{batch}", summary="A batch")
def get_batch(desk: AtDesk, batch: str) -> Batch:
    """Return one batch."""
    return _batch(desk.batch_row(batch))


@router.get("/batches/{batch}/assets", response_model=Page, summary="Files of a batch")
def get_files(
    desk: AtDesk,
    batch: str,
    after: After = "",
    limit: Limit = 200,
    standing: Word = "",
    cull: Annotated[str, Query(alias="class", max_length=200)] = "",
    group: Word = "",
    queue: Word = "",
    route: Word = "",
    sku: Word = "",
    category: Word = "",
    lane: Lane = "",
) -> Response:
    """Return the files of a batch by path, filtered by what is named."""
    wanted = Wanted(
        batch=batch,
        standing=standing,
        cull=cull,
        similar=group,
        queue=queue,
        route=route,
        sku=sku,
        category=category,
    )
    return page_of(desk, wanted, after, limit, lane=lane)


@router.get("/batches/{batch}/release", summary="What a release would cover")
def get_release(desk: AtDesk, batch: str) -> ReleasePlan:
    """Draw the sample of a batch; the same state draws the same sample."""
    plan, shown = desk.release_plan(batch), desk.shown_of(batch)
    sample = [
        Sampled(
            id=desk.id_of(batch, each.file),
            file=each.file.path,
            version=each.file.version,
            why=each.why,
            closely=each.closely,
            places=[LookLine(**vars(place)) for place in each.places],
            shown=[Shown(**place) for place in shown.get(each.file.version, ())],
            seen=_seen(each, shown.get(each.file.version, ())),
        )
        for each in plan.sample
    ]
    return ReleasePlan(
        sample=sample,
        members=len(plan.members),
        approved=len(plan.approved),
        held_by=[each.path for each in plan.held_by],
        bounds=[Bound(stratum=key, **each) for key, each in plan.bounds.items()],
        etag=plan.etag,
    )


@router.post("/batches/{batch}/shown", summary="What was on the screen")
def post_shown(desk: AtDesk, batch: str, body: WasShown) -> Said:
    """Record what of versions was on one's screen, and how large: it counts for a release and for approvals."""
    return Said(**desk.show(batch, places_of(body.shown)))


@router.post("/batches/{batch}/release", status_code=202, summary="Let a batch leave")
def post_release(desk: AtDesk, batch: str, if_match: Match = None) -> Job:
    """Record the release by whoever asks, to whom the whole sample was shown, and deliver beside the server.

    What of the sample was not on one's screen as large as is asked (see `shown`) is told with 409. With the ETag of the
    plan: where another sample would be drawn now, or something else would leave, it is 409 as well.
    """
    return job_line(desk.start_release(batch, seen_of(if_match)))


@router.post("/batches/{batch}/delivery", status_code=202, summary="Deliver what is approved")
def post_delivery(desk: AtDesk, batch: str) -> Job:
    """Write the channels' files of what is approved and not yet delivered, beside the server."""
    return job_line(desk.start_delivery(batch))


@router.post("/batches/{batch}/repaint", status_code=204, summary="Paint anew")
def post_repaint(desk: AtDesk, batch: str) -> None:
    """Paint anew what people changed in a batch, beside the server; what did not change is not worked again."""
    desk.repaint(batch)


def page_of(desk: Desk, wanted: Wanted, after: str, limit: int, *, lane: str = "", stakes: str = "") -> Response:
    """Return a page of files."""
    rows = desk.page(wanted, from_cursor(after) if after else None, limit, lane=lane, stakes=stakes)
    more = to_cursor(Floor.key_of(rows[-1], wanted.order)) if len(rows) == limit else ""
    return as_json(f'{{"items":[{",".join(map(desk.line_text, rows))}],"next":"{more}"}}')


def line_of(desk: Desk, row: StandingRow) -> FileLine:
    """Return a file as lists show it."""
    return FileLine.model_validate(desk.line(row))


def _seen(drawn: Drawn, shown: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the places of a sampled file that were shown large enough; what its own looks ask is the usual zoom."""
    asked = {each.id: each.percent for each in drawn.places}
    return [name for name, at in looks.largest_shown(shown).items() if at >= asked.get(name, looks.PERCENT)]


def _batch(row: BatchRow) -> Batch:
    opened: dict[str, Any] = dict(row.opened)
    return Batch(
        name=row.name,
        etag=str(row.seq),
        project=row.project,
        guide=opened.get("guide", ""),
        client=opened.get("client") or "",
        opened_at=row.opened_at,
        last_at=row.last_at,
        files=sum(row.counts.values()),
        counts=dict(row.counts),
    )
