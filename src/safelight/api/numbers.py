"""Numbers: where automation is open, alarms, proposals to accept, the reliability map."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from safelight.api.assets import Text
from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.api.shapes import Said

router = APIRouter(tags=["numbers"], route_class=OnceRoute)


class Lines(BaseModel):
    """Lines of data; their keys are only ever added to."""

    items: list[dict[str, Any]]


class Map(Lines):
    """The reliability map, a line a task."""

    etag: str = Field(description="send it back with a move")


class Accepting(BaseModel):
    """Why a proposal is taken."""

    reason: Text


class Moving(BaseModel):
    """Another place or stance of a task, for an edge class, a category or a channel."""

    task: str = Field(max_length=100)
    values: dict[str, str] = Field(default_factory=dict, max_length=20)
    reason: Text
    edge: str = Field("", max_length=100)
    category: str = Field("", max_length=100)
    channel: str = Field("", max_length=100)


@router.get("/strata", summary="Where automation is open")
def get_strata(desk: AtDesk) -> Lines:
    """Return where each stratum stands: labels of those needed, bound on escapes, whether auto is open."""
    return Lines(items=desk.strata())


@router.get("/alarms", summary="Alarms")
def get_alarms(desk: AtDesk) -> Lines:
    """Return the categories whose rework says that something upstream is wrong, with the likely cause."""
    return Lines(items=desk.alarms())


@router.get("/proposals", summary="Thresholds to accept or leave")
def get_proposals(desk: AtDesk) -> Lines:
    """Return the thresholds that the audit speaks for, where they differ from what holds."""
    return Lines(items=[asdict(each) for each in desk.proposals()])


@router.post("/proposals/{proposal}/accept", summary="Accept a threshold")
def post_accept(desk: AtDesk, proposal: str, body: Accepting) -> Said:
    """Record that a person accepted a threshold; the next run routes by it."""
    return Said(**desk.accept(proposal, desk.name, body.reason))


@router.get("/reliability", summary="The reliability map")
def get_reliability(desk: AtDesk) -> Map:
    """Return the reliability map as the studio moved it, a line a task."""
    etag = desk.moves_etag()
    return Map(items=desk.reliability(), etag=etag)


@router.post("/reliability/moves", summary="Move a task on the map")
def post_move(desk: AtDesk, body: Moving, if_match: Match = None) -> Said:
    """Record another place or stance of a task; the next run routes by it. With the map's ETag."""
    said = desk.move_on(
        seen_of(if_match),
        body.task,
        body.values,
        body.reason,
        edge=body.edge,
        category=body.category,
        channel=body.channel,
    )
    return Said(**said)
