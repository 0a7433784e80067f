"""The app: every route under /api/v1, the review screen's files, and what each answer carries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from safelight import __version__
from safelight.access import verb_of
from safelight.api import (
    assets,
    batches,
    drafts,
    erasures,
    events,
    figures,
    gates,
    hand,
    health,
    jobs,
    numbers,
    people,
    pictures,
    problems,
    products,
    queues,
    retouch,
    session,
    steps,
    uploads,
)
from safelight.api.limits import limited
from safelight.house import House
from safelight.settings import Settings

BASE = "/api/v1"
SCREEN = Path(__file__).resolve().parents[1] / "web"
NOUNS = (
    session,
    batches,
    assets,
    pictures,
    drafts,
    hand,
    products,
    gates,
    queues,
    retouch,
    uploads,
    numbers,
    figures,
    jobs,
    events,
    people,
    erasures,
    steps,
    health,
)
# Nothing from elsewhere, no frames, no plug-ins. Pictures may come from blobs and data of the page itself.
CSP = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HSTS = "max-age=63072000; includeSubDomains"
_EMPTY = (
    "<!doctype html><meta charset=utf-8><title>safelight</title><h1>safelight</h1>"
    "<p>The service runs; the review screen is not part of this build. The API is under /api/v1.</p>"
)


def make_app(house: House | None, *, secure: bool = False) -> FastAPI:
    """Return the app of a house.

    Parameters
    ----------
    house : House or None
        None for an app that only knows its routes: to write openapi.json.
    secure : bool
        True behind TLS: the cookie is bound to the host and sent encrypted only.
    """
    stopping = asyncio.Event()

    @asynccontextmanager
    async def life(_: FastAPI) -> Any:  # noqa: ANN401 - an async generator
        yield
        stopping.set()

    app = FastAPI(
        title="safelight",
        version="1",
        description="The post-production floor of a photo studio: batches, queues, decisions, pictures.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        responses=problems.RESPONSES,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.house, app.state.secure, app.state.stopping = house, secure, stopping
    app.state.metrics = health.Metrics()
    for each in NOUNS:
        app.include_router(each.router, prefix=BASE)
    for route in routes():
        verb_of(route)  # a route that is nobody's keeps the service from starting
    problems.install(app)
    app.add_api_route(f"{BASE}/openapi.json", app.openapi, methods=["GET"], include_in_schema=False)
    app.add_route("/{path:path}", _screen, methods=["GET", "HEAD"], include_in_schema=False)
    limits = house.settings if house is not None else Settings()
    app.add_middleware(_Dressed, secure=secure, limits=limits)
    return app


def _screen(request: Request) -> Response:
    """Return a file of the review screen; its page for every other path, which the screen itself reads."""
    path = request.path_params["path"]
    if path.startswith("api/"):
        return problems.problem(404, "missing", "there is no such route; see /api/v1/openapi.json")
    place = (SCREEN / path).resolve() if "\0" not in path else SCREEN
    if place.is_file() and place.is_relative_to(SCREEN):
        fixed = "/assets/" in f"/{path}"
        kept = "public, max-age=31536000, immutable" if fixed else "no-cache"
        return FileResponse(place, headers={"Cache-Control": kept})
    index = SCREEN / "index.html"
    if index.is_file() and "." not in path.rsplit("/", 1)[-1]:
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
    if not index.is_file() and not path:
        return HTMLResponse(_EMPTY)
    return problems.problem(404, "missing", "there is no such page")


class _Dressed:
    """Puts the headers of safety on every answer, limits what every request may bring, and counts it."""

    def __init__(self, app: ASGIApp, *, secure: bool, limits: Settings) -> None:
        self._app = app
        self._most, self._within_s = limits.request_bytes, limits.request_s
        self._most_of_file, self._file_within_s = limits.max_file_bytes, limits.upload_s
        self._headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        if secure:
            self._headers.append((b"strict-transport-security", HSTS.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, started = time.perf_counter(), 500, False

        async def dressed(message: MutableMapping[str, Any]) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(e for e in self._headers if e[0] not in own)]
                if scope["path"].startswith(BASE) and b"cache-control" not in own:
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        answer: Callable[[MutableMapping[str, Any]], Awaitable[None]] = dressed
        try:
            await self._app(scope, self._limited(scope, receive), answer)
        except Exception as error:  # noqa: BLE001 - the last resort: nothing of the machine leaves it
            sorry = problems.of_anything(error)
            if not started:
                await sorry(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            scope["app"].state.metrics.note(scope["method"], route, status, time.perf_counter() - begun)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Within the limits of a request; a file that comes back may be as large as an original."""
        if scope["method"] == "POST" and scope["path"].startswith(BASE) and scope["path"].endswith("/checkins"):
            return limited(scope, receive, self._most_of_file, self._file_within_s)
        return limited(scope, receive, self._most, self._within_s)


def routes() -> list[str]:
    """Return every route below `BASE` as the permission table writes it: ``"POST /decisions"``."""
    return [f"{method} {route.path}" for noun in NOUNS for route in noun.router.routes for method in route.methods]


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of this safelight, which docs/reference/openapi.json holds."""
    return make_app(None).openapi()


def version() -> str:
    """Return the version of the program behind the API."""
    return __version__
