"""Out to retouchers and vendors: what is out and what is late, and a version as a layered file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO, Literal

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from safelight.api.assets import Text
from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.house.handing import MEDIA_TYPES

router = APIRouter(tags=["retouch"], route_class=OnceRoute)
_PIECE = 1 << 20
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {each: {} for each in MEDIA_TYPES.values()}, "description": "the file"}
}


class Out(BaseModel):
    """A file that went out and did not come back."""

    id: str
    path: str
    ticket: str = Field(description="written into the file: by it a return is known again")
    file: str = Field(description="the name it went out under")
    version: str
    vendor: str = Field(description="empty for a retoucher of the house")
    due: str = Field(description="the vendor's deadline, YYYY-MM-DD, or empty")
    late: bool
    brief: str = Field(description="what the vendor is asked to do, or empty")
    by: str
    at: str
    said: str
    url: str = Field(description="where the file is fetched; empty where no copy of it was kept")


class AllOut(BaseModel):
    """All of a batch that is out."""

    items: list[Out]
    late: int


@router.get("/batches/{batch}/out", summary="What is out")
def get_out(desk: AtDesk, request: Request, batch: str) -> AllOut:
    """Return what is out at retouchers and vendors and did not come back.

    A vendor sees its own files alone, a client none.
    """
    lines = desk.sent_out(batch)
    items = [Out(**each, url=_url(request, each["id"], each["ticket"]) if each["kept"] else "") for each in lines]
    return AllOut(items=items, late=sum(each.late for each in items))


class Wanted(BaseModel):
    """How a version is written for a hand, and a vendor's terms."""

    format: Literal["psd", "tiff"] = "psd"
    bits: Literal[8, 16] = 16
    space: Literal["srgb", "adobe_rgb", "display_p3", "prophoto_rgb"] = "srgb"
    vendor: str = Field("", max_length=200, description="empty for a retoucher of the house")
    due: str = Field("", max_length=10, description="the vendor's deadline, YYYY-MM-DD")
    brief: Text = ""


class CheckedOut(BaseModel):
    """A version that went out."""

    path: str
    ticket: str = Field(description="written into the file: by it a return is known again")
    file: str
    bytes: int
    sha256: str
    width: int
    height: int
    format: str
    bits: int
    space: str
    layers: list[str] = Field(description="lowest first; empty for a flat file")
    note: str = Field(description="what the file itself says to the retoucher")
    said: str
    url: str = Field(description="where the file is fetched")


@router.post("/assets/{ref}/checkouts", status_code=201, summary="Check a version out")
def post_checkout(desk: AtDesk, request: Request, ref: str, body: Wanted, if_match: Match = None) -> CheckedOut:
    """Write a version for a retoucher, with its way back written in; the answer says where it is fetched."""
    terms = {"vendor": body.vendor, "due": body.due, "brief": body.brief}
    row = desk.row(ref, "checkout")
    line = desk.check_out_on(row.id, seen_of(if_match), body.format, body.bits, body.space, terms)
    return CheckedOut(**line, url=_url(request, row.id, line["ticket"]))


@router.get(
    "/assets/{ref}/checkouts/{ticket}",
    response_class=StreamingResponse,
    responses=_FILE,
    summary="A file that went out",
)
def get_checkout(desk: AtDesk, ref: str, ticket: str) -> StreamingResponse:
    """Return the file that was written under a ticket; a vendor gets its own alone."""
    name, body, size = desk.checked_out(ref, ticket)
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}"'}
    kind = MEDIA_TYPES.get(PurePath(name).suffix, "application/octet-stream")
    return StreamingResponse(_pieces(body), media_type=kind, headers=headers)


def _url(request: Request, ref: str, ticket: str) -> str:
    base = str(request.url.path).rsplit("/assets/", 1)[0].rsplit("/batches/", 1)[0]
    return f"{base}/assets/{ref}/checkouts/{ticket}"


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    with body:
        while piece := body.read(_PIECE):
            yield piece
