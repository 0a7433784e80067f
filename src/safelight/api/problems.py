"""Errors over HTTP: problem+json (RFC 9457), one clear sentence each; nothing of the machine inside."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from safelight import errors

_LOG = logging.getLogger("safelight.api")
TYPE = "https://safelight.invalid/problems/"

# The first that fits counts; what stands nowhere is a fault of ours and says nothing of itself.
STATUS: tuple[tuple[type[errors.SafelightError], int, str], ...] = (
    (errors.MissingError, 404, "missing"),
    (errors.SignInError, 401, "sign-in"),
    (errors.AccessDeniedError, 403, "access-denied"),
    (errors.UnderwayError, 409, "underway"),
    (errors.ConflictError, 409, "conflict"),
    (errors.GateClosedError, 409, "gate-closed"),
    (errors.OriginalChangedError, 409, "original-changed"),
    (errors.LimitError, 429, "limit"),
    (errors.TooLargeError, 413, "too-large"),
    (errors.UsageError, 422, "usage"),
    (errors.MediaError, 422, "media"),
    (errors.BlobMissingError, 410, "lost"),
    (errors.BlobDamagedError, 410, "lost"),
    (errors.StoreError, 503, "store"),
    (errors.WorkError, 503, "work"),
    (errors.ModelError, 503, "model"),
)
# Seconds after which it is worth asking again; what the store says goes out without (see `_INWARD`).
_WAIT_S = {"underway": "1", "limit": "5", "work": "5", "model": "5"}
# Their sentences name folders of the machine: they go to its log, under a number that the answer carries.
_INWARD = (errors.StoreError,)
_SAID_OUTSIDE = {
    "lost": "these pixels are not in the store as they were; an admin finds out what is lost with safelight verify "
    "--read-data and brings it back from a backup",
    "store": "the store does not answer as it should; tell an admin",
}


class Problem(BaseModel):
    """What went wrong, and the way out."""

    type: str = Field(description="which kind of problem; the last part is a stable word")
    title: str
    status: int
    detail: str = Field(description="one sentence for people")
    trace: str = Field("", description="the number under which the log has more")


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "What was asked can't be done, and why."},
    "5XX": {"model": Problem, "description": "The service can't do it now."},
}
MEDIA = "application/problem+json"


def problem(
    status: int, word: str, detail: str, *, trace: str = "", headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return an error as an answer."""
    title = word.replace("-", " ").capitalize()
    body = Problem(type=TYPE + word, title=title, status=status, detail=detail, trace=trace)
    return JSONResponse(body.model_dump(), status, headers, MEDIA)


def install(app: FastAPI) -> None:
    """Let every error of an app become a problem."""
    app.add_exception_handler(errors.SafelightError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


async def _of_ours(_: Request, error: Exception) -> JSONResponse:
    for kind, status, word in STATUS:
        if isinstance(error, kind):
            if isinstance(error, _INWARD):
                trace = _logged(error)
                return problem(status, word, _SAID_OUTSIDE[word], trace=trace)
            headers = {"Retry-After": _WAIT_S[word]} if word in _WAIT_S else {}
            headers |= {"WWW-Authenticate": "Bearer"} if status == 401 else {}
            return problem(status, word, str(error), headers=headers)
    return problem(500, "internal", "something broke here; tell an admin", trace=_logged(error))


async def _of_validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    told = []
    for each in error.errors()[:5]:
        where = ".".join(str(part) for part in each["loc"] if part not in ("body", "query", "path"))
        told.append(f"{where or each['loc'][0]}: {each['msg']}")
    return problem(422, "usage", "; ".join(told) or "the request can't be read")


async def _of_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    words = {
        404: "missing",
        405: "method",
        408: "too-slow",
        413: "too-large",
        415: "media-type",
        428: "precondition",
        429: "limit",
    }
    return problem(
        error.status_code, words.get(error.status_code, "usage"), str(error.detail), headers=dict(error.headers or {})
    )


def of_anything(error: Exception) -> JSONResponse:
    """Return the last resort: something of ours broke; the log has it under the number that the answer carries."""
    return problem(500, "internal", "something broke here; tell an admin", trace=_logged(error))


def _logged(error: Exception) -> str:
    trace = secrets.token_hex(4)
    _LOG.error("%s %s %r", trace, type(error).__name__, str(error), exc_info=error)
    return trace
