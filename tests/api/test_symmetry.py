"""RELIABILITY G-02: what asks for many is guarded as what asks for one; nothing is reached without asking who may."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import pytest
from fastapi.routing import APIWebSocketRoute
from starlette.routing import WebSocketRoute

from safelight.access import roles, table
from safelight.api.app import NOUNS, make_app
from safelight.house import Desk

ROUTES = table()["routes"]
CARRIED = ("notes", "versions", "parts/{sha256}", "outline", "causes", "explanation", "yes")
# Routes that do the same thing to one, to several, or by another way in: each row has one verb.
ALIKE = {
    "looking at files": (
        "GET /batches/{batch}/assets",
        "GET /batches/{batch}/out",
        "GET /queues/{queue}",
        "GET /assets/{ref}",
        "GET /events",
    ),
    "pictures": tuple(
        e for e in ROUTES if e.startswith("GET ") and e.endswith(("tile}", "tiles", "render", "preview"))
    ),
    "what a file carries": tuple(f"GET /assets/{{ref}}/{each}" for each in CARRIED),
    "batches": (
        "GET /batches",
        "GET /batches/{batch}",
        "GET /batches/{batch}/products",
        "GET /batches/{batch}/product",
        "GET /batches/{batch}/queue",
        "GET /queues",
    ),
    "deciding": (
        "POST /decisions",
        "POST /batches/{batch}/product-decisions",
        "POST /swaps",
        "POST /overrulings",
        "POST /assets/{ref}/superseded",
        "POST /assets/{ref}/redo",
        "POST /batches/{batch}/shown",
    ),
    "working on the edit": (
        "POST /assets/{ref}/amendments",
        "POST /assets/{ref}/strokes",
        "POST /assets/{ref}/propagate",
        "POST /assets/{ref}/restore",
        "POST /batches/{batch}/checkpoints",
        "POST /batches/{batch}/checkpoints/{label}/restore",
        "POST /batches/{batch}/repaint",
        "POST /assets/{ref}/marks",
    ),
    "trying an edit": (
        "POST /assets/{ref}/draft",
        "POST /assets/{ref}/shader",
        "GET /assets/{ref}/light",
        "POST /assets/{ref}/matte",
        "POST /assets/{ref}/wire",
        "POST /mood",
    ),
    "letting leave": ("POST /batches/{batch}/release", "POST /batches/{batch}/waivers"),
    "figures": ("GET /figures", "GET /figures.csv", "GET /strata", "GET /alarms", "GET /proposals", "GET /metrics"),
    "proposals": ("POST /proposals/{proposal}/accept", "POST /proposals/{proposal}/refuse", "POST /reliability/moves"),
    "notes": tuple(each for each in ROUTES if "/notes" in each and not each.startswith("GET")),
    "claims": tuple(each for each in ROUTES if "/claims" in each and not each.startswith("GET")),
    "accounts": tuple(each for each in ROUTES if "/people" in each or "/keys" in each),
    "hand-offs": tuple(each for each in ROUTES if "/checkouts" in each),
}
# A list and one of its items.
LISTS = [
    (one, other)
    for one in ROUTES
    for other in ROUTES
    if one.startswith("GET ") and re.fullmatch(re.escape(one) + r"/\{\w+\}(/\{\w+\})?", other)
]
GUARDS = {"_may", "require", "require_anywhere", "may", "may_see", "projects", "require_figures", "may_note"}
# What a desk is asked for that is the same for everybody, or is about the caller alone.
OPEN_TO_ALL = {
    "GET /reasons": "the list of reasons is the product's own",
    "GET /steps": "declarations of what is installed",
    "GET /checks": "declarations of what is installed",
    "GET /claims": "one's own claims",
    "POST /claims/{claim}/renew": "one's own claim, found by the caller's account",
}


@pytest.mark.parametrize("what", ALIKE)
def test_what_does_the_same_to_one_and_to_many_asks_for_the_same_verb(what):
    assert len(ALIKE[what]) >= 2 and set(ALIKE[what]) <= set(ROUTES)
    assert len({ROUTES[each] for each in ALIKE[what]}) == 1, {each: ROUTES[each] for each in ALIKE[what]}


@pytest.mark.parametrize(("many", "one"), LISTS)
def test_a_list_lets_in_whom_its_item_lets_in_and_nobody_else(many, one):
    may_list, may_see = ({role for role, verbs in roles().items() if ROUTES[each] in verbs} for each in (many, one))
    assert may_list == may_see


def _methods():
    """The body of every method that a desk has, by name: of each class that defines it."""
    found = {}
    for cls in Desk.__mro__[:-1]:
        for name, value in vars(cls).items():
            if inspect.isfunction(getattr(value, "__func__", value)):
                source = textwrap.dedent(inspect.getsource(getattr(value, "__func__", value)))
                found.setdefault(name, []).append(ast.parse(source))
    return found


def _called(tree):
    """Names that are called on something, and names of methods that are handed on."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _guarded(names, methods):
    """Say whether a call by one of these names, or what it calls in turn, asks who may."""
    seen, todo = set(), set(names)
    while todo:
        name = todo.pop()
        if name in GUARDS:
            return True
        if name in seen or name not in methods:
            continue
        seen.add(name)
        todo |= set().union(*map(_called, methods[name]))
    return False


def test_every_route_that_opens_a_desk_comes_by_a_guard():
    methods, unguarded = _methods(), []
    held = [
        (f"{method} {each.path}", each.endpoint) for e in NOUNS for each in e.router.routes for method in each.methods
    ]
    assert {name for name, _ in held} == set(ROUTES)
    for name, endpoint in held:
        tree = ast.parse(textwrap.dedent(inspect.getsource(endpoint)))
        called = _called(tree)
        for node in ast.walk(tree):  # a helper of the module that is given the desk
            helper = getattr(inspect.getmodule(endpoint), node.id, None) if isinstance(node, ast.Name) else None
            if inspect.isfunction(helper):
                called |= _called(ast.parse(textwrap.dedent(inspect.getsource(helper))))
        opens_desk = "desk" in inspect.signature(endpoint).parameters
        if opens_desk and name not in OPEN_TO_ALL and not _guarded(called, methods):
            unguarded.append(name)
    assert unguarded == []


def test_the_walk_sees_a_route_that_forgets_to_ask():
    assert not _guarded({"line", "id_of"}, _methods())


def test_no_websocket_is_served():
    # F-11: what happens is told by server-sent events alone, which carry the session's cookie and no Origin of others.
    assert not [each for noun in NOUNS for each in noun.router.routes if isinstance(each, APIWebSocketRoute)]
    assert not [each for each in make_app(None).routes if isinstance(each, WebSocketRoute)]
