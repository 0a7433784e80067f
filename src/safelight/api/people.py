"""People and API keys, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from safelight.api.desk import AtDesk, Match, seen_of
from safelight.api.once import OnceRoute
from safelight.store.people import Account, Pass

router = APIRouter(tags=["people"], route_class=OnceRoute)
Roles = Annotated[dict[str, str], Field(max_length=200, description="role by project; '*' is every project")]


class Person(BaseModel):
    """An account."""

    id: str
    etag: str
    login: str
    name: str
    roles: dict[str, str]
    skills: list[str]
    junior: bool
    disabled: bool
    has_password: bool
    at: str


class People(BaseModel):
    """All accounts."""

    items: list[Person]


class NewPerson(BaseModel):
    """Somebody to invite."""

    login: str = Field(max_length=128)
    name: str = Field(max_length=200)
    roles: Roles
    skills: list[str] = Field(default_factory=list, max_length=100)
    junior: bool = False


class PersonChange(BaseModel):
    """What becomes other of an account."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=200)
    roles: dict[str, str] | None = Field(None, max_length=200)
    skills: list[str] | None = Field(None, max_length=100)
    junior: bool | None = None
    disabled: bool | None = None


class Invited(BaseModel):
    """An account and the link that lets its person set a password, once; it is shown only now."""

    person: Person
    link: str = Field(description="a path of this service; what follows # never reaches a server's log")


class Key(BaseModel):
    """An API key, without its secret."""

    id: str
    account: str
    name: str
    roles: dict[str, str]
    at: str
    seen_at: str
    until: str


class Keys(BaseModel):
    """All API keys."""

    items: list[Key]


class NewKey(BaseModel):
    """A key to make: for whom, for what, with which roles (none: all of the account's), for how long (0: for ever)."""

    account: str = Field(max_length=64)
    name: str = Field(max_length=200)
    roles: Roles = Field(default_factory=dict)
    days: float = Field(0.0, ge=0, le=3660)


class MadeKey(BaseModel):
    """A key and its secret, which is shown only now; send it as Authorization: Bearer."""

    key: Key
    secret: str


@router.get("/people", summary="Accounts")
def get_people(desk: AtDesk) -> People:
    """Return all accounts."""
    return People(items=[_person(each) for each in desk.list_people()])


@router.post("/people", status_code=201, summary="Invite somebody")
def post_person(desk: AtDesk, body: NewPerson) -> Invited:
    """Add an account; its person sets a password with the link."""
    account, secret = desk.invite(body.login, body.name, body.roles, body.skills, junior=body.junior)
    return Invited(person=_person(account), link=f"/start#{secret}")


@router.patch("/people/{account}", summary="Change an account")
def patch_person(desk: AtDesk, account: str, body: PersonChange, if_match: Match = None) -> Person:
    """Change name, roles, skills; close or open an account. Its sessions end where its rights change."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    return _person(desk.change_account(account, seen_of(if_match), changes))


@router.post("/people/{account}/link", status_code=201, summary="Make a new link")
def post_person_link(desk: AtDesk, account: str) -> Invited:
    """Make a link that lets somebody set a new password; the one before ends."""
    secret = desk.relink(account)
    person = next(each for each in desk.list_people() if each.id == account)
    return Invited(person=_person(person), link=f"/start#{secret}")


@router.get("/keys", summary="API keys")
def get_keys(desk: AtDesk) -> Keys:
    """Return all API keys, without their secrets."""
    return Keys(items=[_key(each) for each in desk.list_keys()])


@router.post("/keys", status_code=201, summary="Make an API key")
def post_key(desk: AtDesk, body: NewKey) -> MadeKey:
    """Make an API key; its secret is shown once."""
    secret, made = desk.make_key(body.account, body.name, body.roles, body.days * 86400.0)
    return MadeKey(key=_key(made), secret=secret)


@router.delete("/keys/{key}", status_code=204, summary="Revoke an API key")
def delete_key(desk: AtDesk, key: str) -> None:
    """End an API key."""
    desk.revoke_key(key)


def _person(each: Account) -> Person:
    return Person(
        id=each.id,
        etag=str(each.seq),
        login=each.login,
        name=each.name,
        roles=dict(each.roles),
        skills=list(each.skills),
        junior=each.junior,
        disabled=each.disabled,
        has_password=bool(each.password),
        at=each.at,
    )


def _key(each: Pass) -> Key:
    return Key(
        id=each.id,
        account=each.account,
        name=each.name,
        roles=dict(each.roles),
        at=each.at,
        seen_at=each.seen_at,
        until=each.until,
    )
