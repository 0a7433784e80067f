"""Idempotency-Key: a request that is sent again under its key is answered again, not carried out again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from safelight.api.desk import SAFE, asker, fingerprint, house_of
from safelight.api.strict import StrictRequest
from safelight.errors import AccessDeniedError, SignInError, UnderwayError
from safelight.house import House
from safelight.store.answers import Answer

HEADER = "Idempotency-Key"
# Questions answered at once, in the order in which they came. More of them would take the interpreter from each other
# at every step, and all would be as late as the last; pictures are made in other processes and have no part in this.
# What is written waits for the disk, together (see `store.turns`), and has turns of its own: a list waits for no disk.
READING, WRITING = 3, 6
_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[asyncio.Semaphore, asyncio.Semaphore]] = WeakKeyDictionary()


def _turns(loop: asyncio.AbstractEventLoop, *, writes: bool) -> asyncio.Semaphore:
    kinds = _TURNS.get(loop)
    if kinds is None:
        kinds = _TURNS[loop] = asyncio.Semaphore(READING), asyncio.Semaphore(WRITING)
    return kinds[writes]


async def _take_body(request: Request) -> None:
    """Take the body before a turn, since a slow line takes nobody's; an account that has sent its share is refused."""
    try:
        account, _ = await asker(request)
    except (SignInError, AccessDeniedError):  # the route says so itself, or is for strangers
        await request.body()
        return
    quota = house_of(request).quota
    quota.require(account.id)
    quota.add(account.id, len(await request.body()))


class OnceRoute(APIRoute):
    """A route whose unsafe requests are carried out once for each key of an account."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, within the look for an earlier answer."""
        handle = super().get_route_handler()

        async def once(plain: Request) -> Response:
            request = StrictRequest(plain.scope, plain.receive)
            if request.method not in SAFE:
                await _take_body(request)
            async with _turns(asyncio.get_running_loop(), writes=request.method not in SAFE):
                return await carry_out(request)

        async def carry_out(request: Request) -> Response:
            if request.headers.get(HEADER) is None or request.method in SAFE:
                return await handle(request)
            return await answer_once(request, await fingerprint(request), handle)

        return once


Handle = Callable[[Request], Coroutine[Any, Any, Response]]


async def answer_once(request: Request, print_of: str, handle: Handle) -> Response:
    """Answer a request that brings an `Idempotency-Key`: by `handle`, or as it was answered before.

    Raises
    ------
    UnderwayError
        While the same request is being carried out.
    HTTPException
        422 for a key under which another request was sent.
    """
    account, _ = await asker(request)
    name = hashlib.sha256(f"{account.id}\0{request.headers[HEADER]}".encode()).hexdigest()
    house = house_of(request)
    if not house.begin_request(name):
        raise UnderwayError("this request is being carried out at this moment; ask again in a second")
    try:
        return await _answer(house, name, print_of, handle, request)
    finally:
        house.end_request(name)


async def _answer(house: House, name: str, print_of: str, handle: Handle, request: Request) -> Response:
    known = await run_in_threadpool(house.answer_to, name)
    if known is not None:
        if known.fingerprint != print_of:
            raise HTTPException(422, f"another request was sent under this {HEADER}; give each its own")
        return Response(
            known.body or None, known.status, {"Idempotency-Replayed": "true"}, media_type="application/json"
        )
    answer = await handle(request)
    if answer.status_code < 300:
        body = bytes(answer.body).decode()
        house.keep_answer(name, Answer(print_of, answer.status_code, body))
    return answer
