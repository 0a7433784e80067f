"""JSON in which each name stands once: of two values under one name, a proxy may read one and the service the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute


def read_strict(body: bytes) -> Any:  # noqa: ANN401 - JSON data
    """Read JSON.

    Raises
    ------
    HTTPException
        400 for an object that has a name twice; names it.
    json.JSONDecodeError, UnicodeDecodeError
        For what is no JSON.

    Examples
    --------
    >>> read_strict(b'{"decided": "approve", "on": {"a": "1"}}')
    {'decided': 'approve', 'on': {'a': '1'}}
    """
    return json.loads(body, object_pairs_hook=_once_each)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    raise HTTPException(400, f"the body says {twice[:60]!r} twice; say it once, and send it again")


class StrictRequest(Request):
    """A request whose JSON is read by `read_strict`."""

    async def json(self) -> Any:  # noqa: ANN401 - JSON data
        """Return the body as data."""
        if not hasattr(self, "_json"):
            self._json = read_strict(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route whose bodies are read by `read_strict`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, with a request that reads strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict
