"""What is going on, as server-sent events: facts as they are written, claims, progress of long work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from safelight.api.desk import AtDesk, signed_in
from safelight.api.wire import RESYNC, as_event, wire_of
from safelight.errors import AccessDeniedError
from safelight.house import Desk

router = APIRouter(tags=["events"])
# A comment at least this often, so that proxies keep the line; as often is looked whether its session has ended.
BEAT_S = 15.0
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "events; each `data` is JSON"}
}


@router.get("/events", response_class=StreamingResponse, responses=_STREAM, summary="Events")
async def get_events(
    desk: AtDesk,
    request: Request,
    after: Annotated[int, Query(ge=0, description="tell what happened after this number first")] = 0,
    last_event_id: Annotated[int | None, Header(ge=0, description="what a browser sends when it comes back")] = None,
) -> StreamingResponse:
    """Tell what happens from now on, or after a number; `resync` says that some was missed: ask for lists again."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _stream(desk, request, last_event_id if last_event_id is not None else after)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(desk: Desk, request: Request, after: int) -> AsyncIterator[bytes]:
    wire = wire_of(desk.house.bulletin)
    screen = wire.join()
    seen: dict[str, bool] = {"": True}
    try:
        yield b"retry: 2000\n\n"
        told = after
        if after:
            facts, whole = await run_in_threadpool(desk.news_after, after)
            told = max([told, *(news.seq for news in facts)])
            yield b"".join([*map(as_event, facts), b"" if whole else RESYNC])
        loop = asyncio.get_running_loop()
        look = loop.time() + BEAT_S
        while not request.app.state.stopping.is_set():
            heard = await screen.heard(max(0.0, look - loop.time()))
            if loop.time() >= look:  # however much happens: a floor at work is never silent for so long
                if not await run_in_threadpool(_still_in, request):
                    yield b"event: signed-out\ndata: {}\n\n"
                    return
                look = loop.time() + BEAT_S
            if not heard:
                yield b": beat\n\n"
                continue
            fresh, missed = screen.take()
            for news, _ in fresh:
                if news.project not in seen:
                    seen[news.project] = desk.may_see(news.project)
            mine = [text for news, text in fresh if seen[news.project] and (not news.seq or news.seq > told)]
            if mine or missed:
                yield b"".join([RESYNC if missed else b"", *mine])
    finally:
        wire.leave(screen)


def _still_in(request: Request) -> bool:
    try:
        request.state.signed_in = None
        signed_in(request)
    except AccessDeniedError:
        return False
    return True
