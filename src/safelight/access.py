"""Who may do what: one table, one pure function.

The table is a file, ``permissions.toml`` beside this module. An actor comes with a role for each project; `studio`
asks once before each verb. On the embedded store the person at the keyboard is the admin. Deciding and releasing
also need a person with a name, whatever the role: a gate that nobody answers for is no gate.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from safelight.core.facts import Actor
from safelight.errors import AccessDeniedError, UnknownNameError

EVERYWHERE = "*"


@cache
def table() -> Mapping[str, Any]:
    """Return the permission table as its file has it."""
    with Path(__file__).with_name("permissions.toml").open("rb") as file:
        return MappingProxyType(tomllib.load(file))


@cache
def roles() -> Mapping[str, frozenset[str]]:
    """Return each role and its verbs."""
    return MappingProxyType({role: frozenset(own) for role, own in table()["roles"].items()})


@cache
def verbs() -> frozenset[str]:
    """Return every verb there is."""
    return frozenset(table()["verbs"])


@cache
def personal() -> frozenset[str]:
    """Return the verbs that a named person answers for."""
    return frozenset(table()["personal"])


@cache
def house_verbs() -> frozenset[str]:
    """Return the verbs that are about no single project: a role on one project never gives them."""
    return frozenset(table()["house"])


def verb_of(route: str) -> str:
    """Return the verb that a route of the service is; ``"open"`` needs nobody signed in, ``"self"`` anybody.

    Raises
    ------
    UnknownNameError
        For a route that the table does not know: it is nobody's.

    Examples
    --------
    >>> verb_of("POST /decisions")
    'decide'
    """
    found = table()["routes"].get(route)
    if found is None:
        raise UnknownNameError(f"permissions.toml knows no route {route!r}: say there which verb it is")
    return str(found)


@dataclass(frozen=True)
class Caller:
    """Who asks for a verb, and as what.

    Parameters
    ----------
    actor : Actor
    roles : mapping of project to role
        ``"*"`` counts wherever no other is named; a role on one project never counts on another.
    account : str
        The account's id; "" at an embedded store.
    """

    actor: Actor
    roles: Mapping[str, str] = field(default_factory=dict)
    account: str = ""

    def role_on(self, project: str) -> str:
        """Return the role on a project, "" for none.

        Examples
        --------
        >>> ann = Caller(Actor("person", "Ann"), {"*": "reviewer", "Acme": "lead"})
        >>> ann.role_on("Acme"), ann.role_on("Other"), Caller(ann.actor, {"Acme": "admin"}).role_on("Other")
        ('lead', 'reviewer', '')
        """
        return self.roles.get(project, self.roles.get(EVERYWHERE, ""))

    def may(self, verb: str, project: str) -> bool:
        """Say whether the caller may do `verb` on a project; for a verb of the house, everywhere."""
        role = self.role_on(EVERYWHERE if verb in house_verbs() else project)
        return bool(role) and may(self.actor, role, verb)

    def require(self, verb: str, project: str) -> None:
        """Refuse what the caller may not do on a project; `AccessDeniedError` names who may."""
        role = self.role_on(EVERYWHERE if verb in house_verbs() else project)
        if not role:
            raise AccessDeniedError(f"{_named(self.actor)} has no role on {project or 'the house'} and may not {verb}")
        require(self.actor, role, verb)

    def may_anywhere(self, verb: str) -> bool:
        """Say whether there is a project, or the house, where the caller may do `verb`."""
        return any(self.may(verb, each) for each in self.roles) or self.may(verb, EVERYWHERE)

    def require_anywhere(self, verb: str) -> None:
        """Refuse what the caller may do nowhere; what remains is asked of the project once it is known."""
        if not self.may_anywhere(verb):
            own = ", ".join(sorted(set(self.roles.values()))) or "nobody here"
            who = ", ".join(each for each, verbs_of in roles().items() if verb in verbs_of)
            raise AccessDeniedError(f"{_named(self.actor)} is {own} and may not {verb}; those who may: {who}")

    def projects(self, verb: str = "view") -> frozenset[str] | None:
        """Return the projects on which the caller may do `verb`; None for all that there are.

        A role everywhere and a lesser one on some projects would make a list of all but those: then the
        lesser ones are looked at one by one by the caller of this.
        """
        if self.may(verb, EVERYWHERE):
            return None
        return frozenset(each for each in self.roles if each != EVERYWHERE and self.may(verb, each))


def may(actor: Actor, role: str, verb: str) -> bool:
    """Say whether `actor` in `role` may do `verb`.

    Parameters
    ----------
    actor : Actor
        Who; for a verb of `personal` a person with a name.
    role : str
        A role of the table.
    verb : str
        A verb of the table.

    Raises
    ------
    UnknownNameError
        If role or verb is unknown: a misspelled verb is no permission, and no refusal either.

    Examples
    --------
    >>> ann, night = Actor("person", "Ann"), Actor("system", "safelight")
    >>> may(ann, "reviewer", "decide"), may(ann, "retoucher", "decide"), may(night, "admin", "release")
    (True, False, False)
    """
    if role not in roles():
        raise UnknownNameError(f"no role called {role!r}; there are: {', '.join(roles())}")
    if verb not in verbs():
        raise UnknownNameError(f"no verb called {verb!r}; there are: {', '.join(sorted(verbs()))}")
    return verb in roles()[role] and (verb not in personal() or _is_named_person(actor))


def require(actor: Actor, role: str, verb: str) -> None:
    """Refuse what `actor` in `role` may not do.

    Raises
    ------
    AccessDeniedError
        Naming the actor, the verb, and who may.
    UnknownNameError
        As `may`.
    """
    if may(actor, role, verb):
        return
    if verb in roles()[role]:
        raise AccessDeniedError(
            f"{_named(actor)} may not {verb}: a person must answer for it by name; say who with --as NAME"
        )
    who = ", ".join(each for each, own in roles().items() if verb in own)
    raise AccessDeniedError(f"{_named(actor)} is {role} and may not {verb}; those who may: {who}")


def embedded_role(actor: Actor) -> str:
    """Return the role of an actor on a store without accounts: a person is the admin, all else a service.

    Examples
    --------
    >>> embedded_role(Actor("person", "Ann")), embedded_role(Actor("step", "cutout", "1"))
    ('admin', 'service')
    """
    return "admin" if actor.kind == "person" else "service"


def _is_named_person(actor: Actor) -> bool:
    return actor.kind == "person" and bool(actor.name.strip())


def _named(actor: Actor) -> str:
    return f"{actor.kind} {actor.name!r}" if actor.name.strip() else f"a {actor.kind} without a name"
