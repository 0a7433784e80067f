"""A file that came back from a retoucher or a vendor, over HTTP: large, and written down as it arrives."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path, PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from safelight.api.desk import Match, asker, desk_for, house_of, seen_of
from safelight.api.once import answer_once
from safelight.house import House
from safelight.media.names import slug
from safelight.store.people import Account, Pass

router = APIRouter(tags=["retouch"])
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class CheckedIn(BaseModel):
    """What became of a file that came back."""

    standing: str = Field(description="taken, asked (send it again with confirm), unchanged, known or refused")
    said: str
    file: str
    path: str = ""
    ticket: str = ""
    reasons: list[str] = Field(default_factory=list)
    changed: dict[str, Any] = Field(default_factory=dict, description="share of the frame, ΔE00, places in 0..1")
    layers: dict[str, Any] = Field(default_factory=dict, description="layers, notes, guides and path of a PSD")


@router.post("/assets/{ref}/checkins", response_model=CheckedIn, openapi_extra=_BODY, summary="Check a file in")
async def post_checkin(
    request: Request,
    found: Annotated[tuple[Account, Pass], Depends(asker)],
    ref: str,
    name: Annotated[str, Query(max_length=255, description="the file's name")] = "",
    reason: Annotated[str, Query(max_length=2000, description="one is needed")] = "",
    confirm: bool = False,  # noqa: FBT001, FBT002 - a query's word
    if_match: Match = None,
    idempotency_key: Annotated[
        str | None, Header(max_length=128, description="the same key is carried out once; a UUID")
    ] = None,
) -> Response:
    """Take in a file that came back; the body is the file's bytes, which are written to the disk as they arrive.

    Whoever may not is refused before a byte of it is read.
    """
    house, etag = house_of(request), seen_of(if_match)
    desk = desk_for(request, found, "", None)
    row = await run_in_threadpool(desk.row, ref, "checkin")
    folder = Path(await run_in_threadpool(tempfile.mkdtemp, dir=desk.room()))
    try:
        path = folder / _plain(name)
        sha256 = await _received(request, house, found[0], path)

        async def handle(_: Request) -> Response:
            at = desk_for(request, found, print_of, idempotency_key)
            line = await run_in_threadpool(lambda: at.check_in_on(row.id, etag, path, reason, confirm=confirm))
            return JSONResponse(CheckedIn(**line).model_dump())

        print_of = hashlib.sha256(f"{request.url.path}?{request.url.query}\0{sha256}".encode()).hexdigest()
        if idempotency_key is None:
            return await handle(request)
        return await answer_once(request, print_of, handle)
    finally:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)


async def _received(request: Request, house: House, account: Account, path: Path) -> str:
    """Write a body to the disk as it arrives, against the account's share; return its SHA-256."""
    house.quota.require(account.id)
    digest = hashlib.sha256()
    with path.open("wb") as out:
        async for piece in request.stream():
            digest.update(piece)
            house.quota.add(account.id, len(piece))
            await run_in_threadpool(out.write, piece)
    return digest.hexdigest()


def _plain(name: str) -> str:
    """Return a file's name as it may lie in a folder of ours."""
    own = PurePath(name.replace("\\", "/")).name
    return slug(own)
