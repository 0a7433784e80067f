"""Idempotency-Key: a request that is sent again under its key is answered again, not carried out again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from safelight.api.desk import SAFE, fingerprint, house_of, signed_in
from safelight.errors import ConflictError
from safelight.house import House
from safelight.store.answers import Answer

HEADER = "Idempotency-Key"


class OnceRoute(APIRoute):
    """A route whose unsafe requests are carried out once for each key of an account."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, within the look for an earlier answer."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method in SAFE:
                return await handle(request)
            account, _ = await run_in_threadpool(signed_in, request)
            name = hashlib.sha256(f"{account.id}\0{key}".encode()).hexdigest()
            print_of = await fingerprint(request)
            house = house_of(request)
            if not house.begin_request(name):
                raise ConflictError("this request is being carried out at this moment; ask again in a second")
            try:
                return await self._answer(house, name, print_of, handle, request)
            finally:
                house.end_request(name)

        return once

    @staticmethod
    async def _answer(
        house: House,
        name: str,
        print_of: str,
        handle: Callable[[Request], Coroutine[Any, Any, Response]],
        request: Request,
    ) -> Response:
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
