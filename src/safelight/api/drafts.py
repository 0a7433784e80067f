"""Drafts at the amend desk: what an edit would look like with other numbers, before anybody saves it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk
from safelight.api.strict import StrictRoute

router = APIRouter(tags=["drafts"], route_class=StrictRoute)
Values = Annotated[dict[str, dict[str, Any]], Field(max_length=100, description="by step, what becomes other")]
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}, "description": "the picture"}}
_LIGHT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "RGBA, 16-bit floats, row by row"}
}


class Tried(BaseModel):
    """Other numbers for some steps of a file's edit."""

    changes: Values = Field(default_factory=dict)


class Stroke(BaseModel):
    """What a hand drew on a matte, in 0..1 of the upright original."""

    tool: Literal["brush", "scribble", "click", "box", "path"]
    points: list[tuple[float, float]] = Field(min_length=1, max_length=20_000)
    adds: bool = Field(description="true paints subject, false takes it away")
    radius: float = Field(0.01, gt=0, le=0.5, description="of brush and scribble, as a share of the width")
    hardness: float = Field(1.0, ge=0, le=1)
    flow: float = Field(1.0, ge=0, le=1)


class Draft(Tried):
    """Other numbers and a hand's strokes, and how to paint them: whole at a size, or a region at 100 %."""

    strokes: list[Stroke] = Field(default_factory=list, max_length=500)

    size: int | None = Field(None, ge=16, le=4096, description="long side in pixels; nothing is enlarged")
    region: tuple[int, int, int, int] | None = Field(None, description="x, y, width, height in pixels of the version")


class Uniform(BaseModel):
    """A number of a shader."""

    name: str
    type: str
    value: Any


class Table(BaseModel):
    """A texture of a shader: little-endian 32-bit floats in base64."""

    name: str
    kind: str
    size: list[int]
    format: str
    filter: str
    key: str
    data: str


class Shader(BaseModel):
    """A color chain in GLSL ES 3.0: a function, its numbers and its tables."""

    version: int
    language: str
    function: str
    shader: str
    shader_key: str = Field(description="the same for the same text: numbers move without compiling anew")
    uniforms: list[Uniform]
    textures: list[Table]
    uniform_vectors: int


@router.post("/assets/{ref}/shader", summary="An edit's color as a shader")
def post_shader(desk: AtDesk, ref: str, body: Tried) -> Shader:
    """Return what a browser needs to paint the color of an edit, with other numbers, on `/assets/{ref}/light`."""
    return Shader(**desk.shader(ref, body.changes))


@router.post("/assets/{ref}/draft", response_class=Response, responses=_JPEG, summary="A draft, painted")
def post_draft(desk: AtDesk, ref: str, body: Draft) -> Response:
    """Paint an edit with other numbers; nothing is recorded."""
    side = None if body.region else (body.size or 1600)
    data = desk.draft(ref, body.changes, side, body.region, [each.model_dump() for each in body.strokes])
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/assets/{ref}/light", response_class=Response, responses=_LIGHT, summary="A file before its color")
def get_light(desk: AtDesk, ref: str, size: Annotated[int, Query(ge=16, le=2048)] = 1200) -> Response:
    """Return linear Rec.2020 light, straight alpha, on the version's pixels; X-Width, X-Height and X-Ground say how."""
    found = desk.light(ref, size)
    headers = {"X-Width": str(found.width), "X-Height": str(found.height), "X-Ground": found.ground}
    return Response(found.halves, media_type="application/octet-stream", headers=headers)
