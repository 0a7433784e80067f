"""A hand's work: strokes on a matte, a path along an edge, a mood board to match, a client's yes."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from safelight.api.assets import Text
from safelight.api.batches import line_of
from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.drafts import Stroke
from safelight.api.once import OnceRoute
from safelight.api.shapes import FileLine, Said
from safelight.errors import UsageError

router = APIRouter(tags=["hand"], route_class=OnceRoute)
Place = tuple[float, float]
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}, "description": "the matte"}}
_MOST_CHARS = 4_000_000  # of a reference in base64: 3 MB; the screen sends some 100 kB


class Drawn(BaseModel):
    """Strokes on the matte of a file, in their order."""

    strokes: list[Stroke] = Field(default_factory=list, max_length=500)


class Saved(Drawn):
    """Strokes that are to become the file's matte, and why."""

    reason: Text


class Wire(BaseModel):
    """Two places of the upright original, 0..1."""

    start: Place
    end: Place


class Along(BaseModel):
    """A way between two places, along the picture's edges."""

    points: list[Place]


class Twice(BaseModel):
    """A place of a path that is worth a second look."""

    kind: str = Field(description="thin_line or sharp_corner")
    box: tuple[float, float, float, float]
    value: float


class Outline(BaseModel):
    """The clipping path of a file's matte, in 0..1 of the upright original."""

    d: str = Field(description="SVG path data, even-odd")
    knots: list[Place]
    places: list[Twice]


class MoodBoard(BaseModel):
    """Reference pictures (JPEG, PNG, ... in base64), and the files that are to look like them."""

    references: list[Annotated[str, Field(max_length=_MOST_CHARS)]] = Field(min_length=1, max_length=8)
    files: list[str] = Field(min_length=1, max_length=6)
    strength: float = Field(1.0, ge=0, le=1)


class Mood(BaseModel):
    """A grade that brings files near to a mood board, and how near."""

    grade: dict[str, Any] = Field(description="numbers of the step grade that become other")
    moved: float = Field(description="mean ΔE00")
    explained: float = Field(description="share of the match that a grade can say")
    distance_before: float
    distance_after: float


class Yes(BaseModel):
    """What a client adds to a yes."""

    words: Text = ""


class YesSaid(BaseModel):
    """The client's yes to a version; all empty where there is none."""

    by: str = ""
    at: str = ""
    words: str = ""


@router.post("/assets/{ref}/matte", response_class=Response, responses=_PNG, summary="A matte, with strokes on it")
def post_matte(desk: AtDesk, ref: str, body: Drawn) -> Response:
    """Return the matte as it would be, small; nothing is recorded."""
    data = desk.drawn_matte(ref, _said(body.strokes))
    return Response(data, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/assets/{ref}/strokes", summary="Draw on a matte")
def post_strokes(desk: AtDesk, ref: str, body: Saved, if_match: Match = None) -> FileLine:
    """Make strokes the file's matte; it is painted anew beside the server, and the matte before stays in the store."""
    if not body.strokes:
        raise UsageError("there is no stroke to save; draw one at least")
    return line_of(desk, desk.draw_on(desk.row(ref).id, seen_of(if_match), _said(body.strokes), body.reason))


@router.post("/assets/{ref}/wire", summary="Follow an edge")
def post_wire(desk: AtDesk, ref: str, body: Wire) -> Along:
    """Return the way between two places that clings to the picture's edges."""
    return Along(points=desk.follow_edge(ref, body.start, body.end))


@router.get("/assets/{ref}/outline", summary="A clipping path")
def get_outline(desk: AtDesk, ref: str) -> Outline:
    """Return the clipping path of a file's matte, and the places of it to look at twice."""
    return Outline(**desk.outline(ref))


@router.post("/mood", summary="Match a mood board")
def post_mood(desk: AtDesk, body: MoodBoard) -> Mood:
    """Return the grade that lends files the palette and mood of reference pictures; nothing is recorded."""
    return Mood(**desk.match(body.files, [_bytes(each) for each in body.references], body.strength))


@router.post("/assets/{ref}/yes", summary="A client's yes")
def post_yes(desk: AtDesk, ref: str, body: Yes, if_match: Match = None) -> Said:
    """Record that the client approves a version as it is."""
    return Said(**desk.say_yes(desk.row(ref).id, seen_of(if_match), body.words))


@router.get("/assets/{ref}/yes", summary="What the client said")
def get_yes(desk: AtDesk, ref: str) -> YesSaid:
    """Return the client's yes to the version as it stands."""
    return YesSaid(**desk.yes_to(desk.row(ref)))


def _said(strokes: list[Stroke]) -> list[dict[str, Any]]:
    return [each.model_dump() for each in strokes]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("a reference is no base64; send the picture's bytes in it") from None
