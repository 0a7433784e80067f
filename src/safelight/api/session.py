"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from safelight.access import verbs
from safelight.api.desk import Who, cookie_name, house_of, require_json, require_own_page
from safelight.api.strict import StrictRoute
from safelight.house import House
from safelight.review import looks
from safelight.store.people import Account, Pass

router = APIRouter(tags=["session"], route_class=StrictRoute)
Secret = Annotated[str, Field(min_length=1, max_length=1024)]


class SignIn(BaseModel):
    """A login and its password."""

    login: str = Field(min_length=1, max_length=128)
    password: Secret


class Redeem(BaseModel):
    """A link's secret and what its holder sets; login and name count for the link of the first start only."""

    token: Secret
    password: Secret
    login: str = Field("", max_length=128)
    name: str = Field("", max_length=200)


class Passwords(BaseModel):
    """The old password and the new one."""

    old: Secret
    new: Secret


class Me(BaseModel):
    """Who is signed in, what they may do where, and the token that unsafe requests carry as X-CSRF-Token."""

    account: str
    login: str
    name: str
    roles: dict[str, str] = Field(description="by project; '*' is every project")
    verbs: dict[str, list[str]] = Field(description="what each of the roles may do")
    skills: list[str]
    junior: bool
    csrf: str
    until: str
    session_idle_s: float
    lease_s: float
    look_percent: int = Field(description="how large a place in doubt must be on the screen before an approval")
    look_share: float = Field(description="of such a place, how much must have been shown")


@router.post("/session", summary="Sign in")
def post_session(body: SignIn, request: Request, response: Response) -> Me:
    """Sign in with login and password; answers are the same, and take as long, for a login that is not there."""
    require_own_page(request)
    require_json(request)
    house = house_of(request)
    address = request.client.host if request.client else ""
    account = house.sign_in(body.login, body.password, address)
    return _begin(request, response, house, account)


@router.post("/session/link", summary="Use a link")
def post_link(body: Redeem, request: Request, response: Response) -> Me:
    """Set a password with a link that works once, and be signed in."""
    require_own_page(request)
    require_json(request)
    house = house_of(request)
    account = house.redeem(body.token, body.password, body.login, body.name)
    return _begin(request, response, house, account)


@router.delete("/session", status_code=204, summary="Sign out")
def delete_session(who: Who, request: Request, response: Response) -> None:
    """End this session here and on the server."""
    house_of(request).end_session(who[1])
    response.delete_cookie(cookie_name(request), path="/", secure=request.app.state.secure, httponly=True)


@router.get("/me", summary="Who I am")
def get_me(who: Who, request: Request) -> Me:
    """Return who is signed in and what they may do."""
    return _me(house_of(request), *who)


@router.put("/me/password", summary="Change my password")
def put_password(body: Passwords, who: Who, request: Request, response: Response) -> Me:
    """Change the password; every other session of the account ends, and this one gets a new cookie."""
    house = house_of(request)
    account = house.set_password(who[0], body.old, body.new)
    return _begin(request, response, house, account)


def _begin(request: Request, response: Response, house: House, account: Account) -> Me:
    """Begin a session under a new secret; the one that the browser brought ends."""
    secret, made = house.begin_session(account, request.cookies.get(cookie_name(request), ""))
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(house.settings.session_s),
        path="/",
        secure=request.app.state.secure,
        httponly=True,
        samesite="strict",
    )
    return _me(house, account, made)


def _me(house: House, account: Account, by: Pass) -> Me:
    caller = house.caller_of(account, by)
    own: dict[str, Any] = {
        project: sorted(verb for verb in verbs() if caller.may(verb, project)) for project in caller.roles
    }
    return Me(
        account=account.id,
        login=account.login,
        name=account.name,
        roles=dict(caller.roles),
        verbs=own,
        skills=list(account.skills),
        junior=account.junior,
        csrf=by.guard if by.kind == "session" else "",
        until=by.until,
        session_idle_s=house.settings.session_idle_s,
        lease_s=house.settings.lease_s,
        look_percent=looks.PERCENT,
        look_share=looks.SHARE,
    )
