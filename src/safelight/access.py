"""Who may do what: one table, one pure function.

An actor comes with a role; `studio` asks once before each verb. On the
embedded store the person at the keyboard is the admin. Deciding and releasing
also need a person with a name, whatever the role: a gate that nobody answers
for is no gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from safelight.core.facts import Actor
from safelight.errors import AccessDeniedError, UnknownNameError

_LOOK = frozenset({"view", "check", "apply", "doctor", "models"})
_DESK = _LOOK | {"claim", "note"}
_HAND = _LOOK | {"note", "checkout", "checkin"}
_FLOOR = frozenset({"run", "cull", "ingest"})
_LEAD = (
    _DESK
    | _HAND
    | _FLOOR
    | {"amend", "decide", "override", "accept", "release", "deliver", "assign", "guide"}
    | {"report", "verify", "backup", "serve"}
)
_ADMIN = _LEAD | {"restore", "erase", "configure", "second"}

# A role and its verbs. `second` is the second look at high stakes; `decide` is gate 2; `release` lets a batch leave;
# `override` is a lead's word against one failed verdict, `accept` takes a proposal or moves the reliability map.
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "admin": _ADMIN,
        "lead": _LEAD | {"second"},
        "senior": _DESK | _HAND | {"cull", "amend", "decide", "second", "guide", "report"},
        "reviewer": _DESK | {"decide", "second"},
        "specialist": _HAND | {"claim", "amend"},
        "retoucher": _HAND | {"claim", "amend"},
        "vendor": frozenset({"view", "note", "checkout", "checkin"}),
        "client": frozenset({"view", "note"}),
        "service": _LOOK | _FLOOR | {"deliver", "report", "verify", "backup"},
    }
)
VERBS: frozenset[str] = _ADMIN
# Verbs that a named person answers for.
PERSONAL: frozenset[str] = frozenset({"decide", "override", "accept", "second", "release", "erase"})


def may(actor: Actor, role: str, verb: str) -> bool:
    """Say whether `actor` in `role` may do `verb`.

    Parameters
    ----------
    actor : Actor
        Who; for a verb of `PERSONAL` a person with a name.
    role : str
        A key of `ROLES`.
    verb : str
        One of `VERBS`.

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
    if role not in ROLES:
        raise UnknownNameError(f"no role called {role!r}; there are: {', '.join(ROLES)}")
    if verb not in VERBS:
        raise UnknownNameError(f"no verb called {verb!r}; there are: {', '.join(sorted(VERBS))}")
    return verb in ROLES[role] and (verb not in PERSONAL or _is_named_person(actor))


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
    if verb in ROLES[role]:
        raise AccessDeniedError(
            f"{_named(actor)} may not {verb}: a person must answer for it by name; say who with --as NAME"
        )
    who = ", ".join(each for each, verbs in ROLES.items() if verb in verbs)
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
