"""Pictures: originals and versions at any size and in tiles, evidence, mattes; each under a name that never changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from safelight.api.desk import AtDesk
from safelight.runs.shelf import Pyramid

router = APIRouter(tags=["pictures"])
Side = Annotated[int, Query(ge=16, le=16384, description="long side in pixels; nothing is enlarged")]
Tile = Annotated[str, Path(pattern=r"^\d{1,4}_\d{1,4}$", description="column_row")]
Level = Annotated[int, Path(ge=0, le=20)]
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}, "description": "the picture"}}
_PARTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {}, "application/octet-stream": {}}, "description": "the bytes"}
}
# Content never changes under its ETag; who may see it may, so only the browser keeps it.
_CACHE = "private, max-age=86400"
_KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"RIFF", "image/webp"))


class Tiles(BaseModel):
    """A deep-zoom pyramid: `tile_size` px without overlap; level `max_level` holds every pixel, each below half."""

    width: int
    height: int
    tile_size: int
    tile_overlap: int = 0
    min_level: int
    max_level: int
    format: str = "jpg"
    url: str = Field(description="with {level}, {x} and {y} to fill in")


@router.get("/assets/{ref}/preview", response_class=Response, responses=_JPEG, summary="An original at a size")
def get_preview(desk: AtDesk, request: Request, ref: str, size: Side = 1600) -> Response:
    """Return an original, upright, as the camera left it, as an sRGB JPEG."""
    return _answer(request, *desk.original_picture(ref, size))


@router.get("/assets/{ref}/tiles", summary="An original in tiles")
def get_original_tiles(desk: AtDesk, request: Request, ref: str) -> Tiles:
    """Return the pyramid of an original; the first time it is painted, which takes a second or two."""
    _, found = desk.original_tiles(ref)
    return _tiles(found, f"{_base(request)}/assets/{ref}/tiles/{{level}}/{{x}}_{{y}}")


@router.get(
    "/assets/{ref}/tiles/{level}/{tile}", response_class=Response, responses=_JPEG, summary="A tile of an original"
)
def get_original_tile(desk: AtDesk, request: Request, ref: str, level: Level, tile: Tile) -> Response:
    """Return one tile of an original."""
    key, _ = desk.original_tiles(ref)
    return _tile(desk, request, key, level, tile)


@router.get("/assets/{ref}/parts/{sha256}", response_class=Response, responses=_PARTS, summary="A part of a file")
def get_part(
    desk: AtDesk, request: Request, ref: str, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
) -> Response:
    """Return evidence, a matte, a proof: any picture that belongs to a file, by its SHA-256."""
    return _answer(request, sha256, desk.evidence(ref, sha256))


@router.get("/batches/{batch}/board/{sha256}", response_class=Response, responses=_JPEG, summary="A picture of a board")
def get_reference(
    desk: AtDesk, request: Request, batch: str, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
) -> Response:
    """Return a picture of a batch's reference boards, by its SHA-256; see its briefs."""
    return _answer(request, sha256, desk.reference(batch, sha256))


@router.get("/versions/{version}/render", response_class=Response, responses=_JPEG, summary="A version at a size")
def get_render(desk: AtDesk, request: Request, version: str, size: Side = 1600) -> Response:
    """Return a version as painted, as an sRGB JPEG."""
    return _answer(request, *desk.version_picture(version, size))


@router.get("/versions/{version}/tiles", summary="A version in tiles")
def get_version_tiles(desk: AtDesk, request: Request, version: str) -> Tiles:
    """Return the pyramid of a version."""
    _, found = desk.version_tiles(version)
    return _tiles(found, f"{_base(request)}/versions/{version}/tiles/{{level}}/{{x}}_{{y}}")


@router.get(
    "/versions/{version}/tiles/{level}/{tile}", response_class=Response, responses=_JPEG, summary="A tile of a version"
)
def get_version_tile(desk: AtDesk, request: Request, version: str, level: Level, tile: Tile) -> Response:
    """Return one tile of a version."""
    key, _ = desk.version_tiles(version)
    return _tile(desk, request, key, level, tile)


@router.get("/versions/{version}/before/tiles", summary="The original on a version's pixels")
def get_before_tiles(desk: AtDesk, request: Request, version: str) -> Tiles:
    """Return the pyramid of a version's original on the version's own pixels: before and after are the same place."""
    _, found = desk.before_tiles(version)
    return _tiles(found, f"{_base(request)}/versions/{version}/before/tiles/{{level}}/{{x}}_{{y}}")


@router.get(
    "/versions/{version}/before/tiles/{level}/{tile}",
    response_class=Response,
    responses=_JPEG,
    summary="A tile of the original on a version's pixels",
)
def get_before_tile(desk: AtDesk, request: Request, version: str, level: Level, tile: Tile) -> Response:
    """Return one tile of the original on a version's pixels."""
    key, _ = desk.before_tiles(version)
    return _tile(desk, request, key, level, tile)


def _base(request: Request) -> str:
    return str(request.url.path).split("/api/v1/", 1)[0] + "/api/v1"


def _tiles(found: Pyramid, url: str) -> Tiles:
    return Tiles(
        width=found.width,
        height=found.height,
        tile_size=found.tile,
        min_level=found.first,
        max_level=found.last,
        url=url,
    )


def _tile(desk: AtDesk, request: Request, key: str, level: int, tile: str) -> Response:
    x, _, y = tile.partition("_")
    return _answer(request, f"{key}-{level}-{tile}", desk.tile(key, level, int(x), int(y)))


def _answer(request: Request, key: str, data: bytes) -> Response:
    """Return bytes under an ETag, with the type that their first bytes say, never one that a page would run."""
    etag = f'"{key}"'
    headers = {"ETag": etag, "Cache-Control": _CACHE}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kind = next((name for magic, name in _KINDS if data.startswith(magic)), "application/octet-stream")
    if kind == "application/octet-stream":
        headers["Content-Disposition"] = "attachment"
    return Response(data, media_type=kind, headers=headers)
