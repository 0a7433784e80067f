"""What is going on, as server-sent events: facts as they are written, claims, progress of long work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from safelight.api.desk import AtDesk, signed_in
from safelight.core.canonical import to_json
from safelight.errors import AccessDeniedError
from safelight.house import Desk
from safelight.review.bulletin import News

router = APIRouter(tags=["events"])
_PENDING = 1000
# A comment at least this often, so that proxies keep the line and a session that ended is noticed.
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
    loop = asyncio.get_running_loop()
    pending: asyncio.Queue[News] = asyncio.Queue(_PENDING)
    missed = False

    def put(news: News) -> None:
        nonlocal missed
        try:
            pending.put_nowait(news)
        except asyncio.QueueFull:
            missed = True

    def sink(news: News) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closing
            loop.call_soon_threadsafe(put, news)

    end: Callable[[], None] = desk.house.bulletin.listen(sink)
    try:
        yield b"retry: 2000\n\n"
        told = after
        if after:
            facts, whole = await run_in_threadpool(desk.news_after, after)
            for news in facts:
                told = max(told, news.seq)
                yield _event(news)
            if not whole:
                yield b"event: resync\ndata: {}\n\n"
        while not request.app.state.stopping.is_set():
            try:
                news = await asyncio.wait_for(asyncio.ensure_future(pending.get()), BEAT_S)
            except TimeoutError:
                if not await run_in_threadpool(_still_in, request):
                    yield b"event: signed-out\ndata: {}\n\n"
                    return
                yield b": beat\n\n"
                continue
            if missed:
                missed = False
                yield b"event: resync\ndata: {}\n\n"
            if (not news.seq or news.seq > told) and (not news.project or desk.may_see(news.project)):
                yield _event(news)
    finally:
        end()


def _still_in(request: Request) -> bool:
    try:
        request.state.signed_in = None
        signed_in(request)
    except AccessDeniedError:
        return False
    return True


def _event(news: News) -> bytes:
    head = f"id: {news.seq}\n" if news.seq else ""
    data = to_json({"kind": news.kind, "seq": news.seq, "batch": news.batch, **news.data})
    return f"{head}event: {news.kind}\ndata: {data}\n\n".encode("ascii")
