"""Who asks: from a request's cookie or key to a desk; and what every unsafe request must bring."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from safelight.access import verb_of
from safelight.errors import AccessDeniedError, SignInError, UsageError
from safelight.house import Desk, House
from safelight.store.people import Account, Pass, PassKind

SAFE = ("GET", "HEAD", "OPTIONS")
CSRF = "X-CSRF-Token"


def house_of(request: Request) -> House:
    """Return the house that the app serves."""
    house: House = request.app.state.house
    return house


def cookie_name(request: Request) -> str:
    """Return the session cookie's name: bound to the host where it travels encrypted only."""
    return "__Host-safelight" if request.app.state.secure else "safelight"


def signed_in(request: Request) -> tuple[Account, Pass]:
    """Return who asks, by API key or session; an unsafe request of a session must bring its token.

    Raises
    ------
    SignInError, AccessDeniedError
    """
    known: tuple[Account, Pass] | None = getattr(request.state, "signed_in", None)
    if known is None:
        known = request.state.signed_in = _look_up(request)
    return known


def _look_up(request: Request) -> tuple[Account, Pass]:
    secret, kind = _secret_of(request)
    found = house_of(request).holder_of(secret, kind)
    if found is None and kind == "key":
        raise SignInError("this API key was revoked, has ended, or never was")
    if found is None:
        raise SignInError("nobody is signed in, or the session has ended; sign in and send it again")
    return _guarded(request, found)


def _secret_of(request: Request) -> tuple[str, PassKind]:
    """Return the API key or the session's secret that a request brings, "" for none."""
    bearer = request.headers.get("authorization", "")
    if bearer:
        word, _, secret = bearer.partition(" ")
        return secret.strip() if word.lower() == "bearer" else "", "key"
    return request.cookies.get(cookie_name(request), ""), "session"


def _guarded(request: Request, found: tuple[Account, Pass]) -> tuple[Account, Pass]:
    """Refuse an unsafe request of a session that does not bring what only its own page knows."""
    if found[1].kind == "session" and request.method not in SAFE:
        require_own_page(request)
        if not hmac.compare_digest(request.headers.get(CSRF, "").encode(), found[1].guard.encode()):
            raise AccessDeniedError(f"the request does not carry the session's token; send it as {CSRF} (see /me)")
    return found


def require_own_page(request: Request) -> None:
    """Refuse an unsafe request that another site's page, or a plain form, could have sent.

    Raises
    ------
    AccessDeniedError
        For another origin.
    HTTPException
        415 for a body that is no JSON.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise AccessDeniedError("the request comes from another site's page")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise AccessDeniedError("the request comes from another site's page")
    if "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0":
        require_json(request)


def require_json(request: Request) -> None:
    """Refuse a body that is no JSON, with 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/octet-stream"):
        raise HTTPException(415, f"the body is {kind[:60] or 'of no type'!r}; it takes application/json")


async def asker(request: Request) -> tuple[Account, Pass]:
    """Return who asks, once a request; looked up beside the loop where it is not in memory; see `signed_in`."""
    known: tuple[Account, Pass] | None = getattr(request.state, "signed_in", None)
    if known is None and (found := house_of(request).known_holder_of(*_secret_of(request))) is not None:
        known = request.state.signed_in = _guarded(request, found)
    return known if known is not None else await run_in_threadpool(signed_in, request)


async def who(found: Annotated[tuple[Account, Pass], Depends(asker)]) -> tuple[Account, Pass]:
    """Return account and pass of whoever asks."""
    return found


async def fingerprint(request: Request) -> str:
    """Return what tells a request from another under the same Idempotency-Key."""
    body = await request.body() if request.method not in SAFE else b""
    return hashlib.sha256(b"\0".join((request.method.encode(), str(request.url.path).encode(), body))).hexdigest()


async def desk_of(
    request: Request,
    found: Annotated[tuple[Account, Pass], Depends(asker)],
    print_of: Annotated[str, Depends(fingerprint)],
    idempotency_key: Annotated[
        str | None, Header(max_length=128, description="the same key is carried out once; a UUID")
    ] = None,
) -> Desk:
    """Return the desk of whoever asks."""
    return desk_for(request, found, print_of, idempotency_key)


def desk_for(request: Request, found: tuple[Account, Pass], print_of: str, idempotency_key: str | None) -> Desk:
    """Return the desk of an account for a request that `print_of` tells from others under the same key.

    Raises
    ------
    AccessDeniedError
        If the account may not do the route's verb anywhere.
    UsageError
        For a key that is none.
    """
    caller = house_of(request).caller_of(*found)
    verb = verb_of(f"{request.method} {request.scope['route'].path}")
    if verb != "self":
        caller.require_anywhere(verb)
    if idempotency_key is None or request.method in SAFE:
        return house_of(request).desk(caller)
    if not idempotency_key.isascii() or not idempotency_key.isprintable():
        raise UsageError("Idempotency-Key takes up to 128 plain characters; a UUID is good")
    return house_of(request).desk(caller, request=(idempotency_key, print_of))


AtDesk = Annotated[Desk, Depends(desk_of)]
Who = Annotated[tuple[Account, Pass], Depends(who)]
Match = Annotated[str | None, Header(alias="If-Match", description="the ETag of what was seen")]


def seen_of(if_match: str | None) -> str:
    """Return the ETag that a request carries, bare; 428 without one."""
    if not if_match:
        raise HTTPException(428, "send the ETag of what you saw as If-Match, so that nobody's work is overwritten")
    return if_match.strip().removeprefix("W/").strip('"')
