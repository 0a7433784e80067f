"""Queues: the board, what waits in each, who took what, who was given what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from safelight.api.assets import Seen
from safelight.api.batches import After, Limit, Word, line_of, page_of
from safelight.api.batches import Lane as OfLane
from safelight.api.desk import AtDesk
from safelight.api.once import OnceRoute
from safelight.api.shapes import Files, Page
from safelight.store.floor import Wanted

router = APIRouter(tags=["queues"], route_class=OnceRoute)


class OnIt(BaseModel):
    """Somebody who works on a queue, and how many of its files they hold."""

    account: str
    name: str
    files: int


class Lane(BaseModel):
    """A queue: how much waits in it, since when, of which stakes and categories, and who is on it."""

    queue: str
    files: int
    oldest: str
    stakes: dict[str, int]
    categories: dict[str, int]
    standings: dict[str, int]
    lanes: dict[str, int] = Field(description="files by lane: catalog, marketplace, model, editorial")
    due: str = Field(description="when the first of it is due by its lane, in the studio's business hours")
    left_h: float = Field(description="business hours left until then; negative once it is overdue")
    overdue: bool
    on: list[OnIt]


class Board(BaseModel):
    """Every queue with work in it, the most urgent first."""

    lanes: list[Lane]


class Take(BaseModel):
    """Files to take together."""

    files: list[str] = Field(min_length=1, max_length=500)


class Claimed(BaseModel):
    """A claim that holds until its lease ends; renew it while somebody is at work."""

    id: str
    until: str
    files: list[str]


class Claims(BaseModel):
    """One's claims."""

    items: list[Claimed]


class Given(BaseModel):
    """Files and the account that they are given to; empty for nobody."""

    on: Seen
    account: str = Field("", max_length=64)


class Hand(BaseModel):
    """Somebody who may be given work."""

    account: str
    name: str
    skills: list[str]
    junior: bool
    held: int = Field(description="files that they hold now")


class Hands(BaseModel):
    """Who may be given work of a batch."""

    items: list[Hand]


@router.get("/queues", summary="The board")
def get_board(desk: AtDesk) -> Board:
    """Return how much waits where."""
    return Board(lanes=[Lane(**each) for each in desk.board()])


@router.get("/queues/{queue}", response_model=Page, summary="A queue")
def get_queue(
    desk: AtDesk,
    queue: str,
    after: After = "",
    limit: Limit = 100,
    category: Word = "",
    standing: Word = "",
    lane: OfLane = "",
    stakes: Annotated[str, Query(max_length=200, description="only these stakes: high, standard or low")] = "",
    assigned: Annotated[str, Query(max_length=64, description="only what was given to this account")] = "",
) -> Response:
    """Return what waits in a queue: high stakes first, then what has waited longest."""
    wanted = Wanted(queue=queue, category=category, standing=standing, assigned=assigned, order="urgency")
    return page_of(desk, wanted, after, limit, lane=lane, stakes=stakes)


@router.get("/claims", summary="My claims")
def get_claims(desk: AtDesk) -> Claims:
    """Return what one holds."""
    return Claims(items=[Claimed(id=each.id, until=each.until, files=files) for each, files in desk.my_claims()])


@router.post("/claims", status_code=201, summary="Take files")
def post_claim(desk: AtDesk, body: Take) -> Claimed:
    """Take files, all or none; 409 says who has one of them, and until when."""
    claim = desk.claim_on(body.files)
    return Claimed(id=claim.id, until=claim.until, files=body.files)


@router.post("/claims/{claim}/renew", summary="Hold on")
def post_renewal(desk: AtDesk, claim: str) -> Claimed:
    """Hold a claim for another lease from now."""
    until = desk.renew(claim)
    files = next((files for each, files in desk.my_claims() if each.id == claim), [])
    return Claimed(id=claim, until=until, files=files)


@router.delete("/claims/{claim}", status_code=204, summary="Give back")
def delete_claim(desk: AtDesk, claim: str) -> None:
    """Give files back before the lease ends; a lead gives back anybody's."""
    desk.give_back(claim)


@router.get("/batches/{batch}/hands", summary="Who may be given work")
def get_hands(desk: AtDesk, batch: str) -> Hands:
    """Return who may take work of a batch, with their skills and how much they hold now."""
    return Hands(items=[Hand(**each) for each in desk.hands_of(batch)])


@router.post("/assignments", summary="Give files to somebody")
def post_assignment(desk: AtDesk, body: Given) -> Files:
    """Give files to an account, or to nobody."""
    return Files(items=[line_of(desk, each) for each in desk.assign(body.on, body.account)])
