"""Who may what over HTTP: every route by every role, lists like singles, other people's projects like nothing."""

from __future__ import annotations

import re

import pytest

from safelight.access import roles, table, verbs
from safelight.api.app import openapi, routes
from safelight.people import passes
from tests.api.conftest import Team, Told, lines

ROLES = tuple(roles())
ROUTES = tuple(table()["routes"])
# Bodies that are well formed, so that what is refused is refused for who asks.
DOT = {"tool": "brush", "points": [[0.5, 0.5]], "adds": True}
BODIES = {
    "POST /decisions": {"on": {"{ref}": "*"}, "decided": "approve"},
    "POST /overrulings": {"on": {"{ref}": "*"}, "word": "pick", "reason": "seen"},
    "POST /assets/{ref}/redo": {"step": "cutout", "reason": "seen"},
    "POST /assets/{ref}/amendments": {"step": "exposure", "values": {}, "reason": "seen"},
    "POST /assets/{ref}/notes": {"text": "here"},
    "PATCH /assets/{ref}/notes/{note}": {"done": True},
    "POST /batches/{batch}/product-decisions": {"product": "BAG-01", "on": {"{ref}": "*"}, "decided": "approve"},
    "POST /batches/{batch}/waivers": {"product": "BAG-01", "view": "back", "reason": "seen"},
    "POST /swaps": {"old": "{ref}", "new": "{ref}", "on": {"{ref}": "*"}, "reason": "seen"},
    "POST /assets/{ref}/overrides": {"check": "halo", "reason": "seen"},
    "POST /assets/{ref}/marks": {"state": "experiment", "reason": "seen"},
    "POST /assets/{ref}/returns": {"reason": "seen"},
    "POST /assets/{ref}/checkouts": {"format": "psd"},
    "POST /assets/{ref}/checkins": {},
    "POST /assets/{ref}/superseded": {"by": "{ref}", "reason": "seen"},
    "POST /assets/{ref}/restore": {"version": "x", "reason": "seen"},
    "POST /assets/{ref}/propagate": {"reason": "seen"},
    "POST /batches/{batch}/checkpoints": {"label": "one"},
    "POST /batches/{batch}/checkpoints/{label}/restore": {"reason": "seen"},
    "POST /batches/{batch}/shown": {"shown": {}},
    "POST /batches/{batch}/briefs": {"text": "warm"},
    "POST /assets/{ref}/looked": {"seconds": 5},
    "POST /rates": {"review_h": 40},
    "POST /erasures": {"person": "Nobody Here", "reason": "seen"},
    "POST /claims": {"files": ["{ref}"]},
    "POST /assignments": {"on": {"{ref}": "*"}, "account": ""},
    "POST /proposals/{proposal}/accept": {"reason": "seen"},
    "POST /proposals/{proposal}/refuse": {"reason": "seen"},
    "POST /assets/{ref}/shader": {"changes": {}},
    "POST /assets/{ref}/draft": {"changes": {}},
    "POST /assets/{ref}/matte": {"strokes": [DOT]},
    "POST /assets/{ref}/strokes": {"strokes": [DOT], "reason": "seen"},
    "POST /assets/{ref}/wire": {"start": [0.1, 0.1], "end": [0.2, 0.2]},
    "POST /assets/{ref}/yes": {"words": "just so"},
    "POST /mood": {"references": ["aGVsbG8="], "files": ["{ref}"]},
    "POST /reliability/moves": {"task": "x", "reason": "seen"},
    "POST /jobs": {"folder": "/nowhere"},
    "POST /people": {"login": "new.one", "name": "New One", "roles": {"*": "client"}},
    "PATCH /people/{account}": {"junior": True},
    "POST /keys": {"account": "{account}", "name": "night"},
    "POST /session": {"login": "nobody", "password": "nothing at all"},
    "POST /session/link": {"token": "x", "password": "nothing at all"},
    "PUT /me/password": {"old": "not the old one", "new": "another long password"},
}
# These end or change what the test itself stands on; they have tests of their own.
APART = {"DELETE /session", "GET /events"}


class Place:
    """A batch of one project with one file, and what the routes' ids stand for."""

    def __init__(self, admin, say, batch, client):
        say.batch(batch, client)
        self.asset, self.version = say.file(f"{batch}.jpg", batch=batch)
        self.client, self.batch = client, batch
        self.line = lines(admin, batch)[0]
        self.words = {
            "ref": self.line["id"],
            "batch": batch,
            "version": self.version,
            "sha256": "0" * 64,
            "note": "0" * 16,
            "claim": "0" * 16,
            "queue": "edge_repair",
            "seq": "1",
            "level": "8",
            "tile": "0_0",
            "label": "one",
            "proposal": "none",
            "account": admin.me["account"],
            "key": "0" * 16,
            "ticket": "0" * 10,
        }

    def ask(self, browser, route):
        method, path = route.split(" ", 1)
        body = _filled(BODIES.get(route), self.words)
        query = {"name": "BAG-01"} if path.endswith("/product") else None
        query = {"name": "a.psd", "reason": "seen"} if path.endswith("/checkins") else query
        path = "/api/v1" + path.format(**self.words)
        headers = {"If-Match": '"1"'}
        return browser.request(method, path, json=body, params=query, headers=headers)


def _filled(body, words):
    if isinstance(body, dict):
        return {_filled(key, words): _filled(value, words) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(each, words) for each in body]
    return body.format(**words) if isinstance(body, str) else body


@pytest.fixture
def admin(team):
    return team.admin()


def test_routes_openapi_and_the_permission_table_are_one_list():
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in openapi()["paths"].items()
        for method in methods
    }
    assert described == set(routes()) == set(ROUTES)
    assert set(table()["routes"].values()) <= verbs() | {"open", "self"}


@pytest.fixture(scope="module")
def two_projects(whole_module):
    store, house = whole_module
    team = Team(house)
    admin = team.admin()
    yield team, admin, Place(admin, Told(store), "spring", "Acme"), Place(admin, Told(store), "autumn", "Other")
    team.close()


@pytest.mark.parametrize("role", ROLES)
def test_each_route_lets_in_whom_the_table_says_on_their_own_project_and_nobody_on_another(two_projects, role):
    team, admin, own, other = two_projects
    browser = team.person(admin, f"one.{role}", role, project="Acme")
    everywhere = team.person(admin, f"two.{role}", role, project="*")
    wrong = []
    for route in sorted(set(ROUTES) - APART):
        verb = table()["routes"][route]
        may = verb in ("open", "self") or verb in roles()[role]
        here, there = own.ask(everywhere, route), other.ask(browser, route)
        if (here.status_code == 403) == may and not (here.status_code == 403 and route == "PUT /me/password"):
            wrong.append((route, "on every project", here.status_code, here.json().get("detail")))
        needs_house = verb in table()["house"]
        mine = own.ask(browser, route)
        if not needs_house and (mine.status_code == 403) == may and "{" in route:
            wrong.append((route, "on their own", mine.status_code, mine.json().get("detail")))
        if re.search(r"\{(ref|batch|version)\}", route) and there.status_code not in (403, 404):
            wrong.append((route, "on another's", there.status_code))
        if may and re.search(r"\{(ref|batch|version)\}", route) and there.status_code != 404:
            wrong.append((route, "told that another's is there", there.status_code))
    assert not wrong


def test_nobody_who_is_not_signed_in_gets_further_than_the_door(team, admin, say):
    place, stranger = Place(admin, say, "spring", "Acme"), team.browser()
    for route in sorted(set(ROUTES) - {"GET /events"}):
        expected = {"GET /health": 200, "POST /session": 401, "POST /session/link": 401}.get(route, 401)
        assert place.ask(stranger, route).status_code == expected, route


def test_lists_show_no_more_than_singles_do(team, admin, say):
    Place(admin, say, "spring", "Acme")
    other = Place(admin, say, "autumn", "Other")
    ben = team.person(admin, "ben", "reviewer", project="Acme")
    assert [each["name"] for each in ben.get("/api/v1/batches").json()["items"]] == ["spring"]
    assert ben.get("/api/v1/batches/autumn/assets").status_code == 404
    queue = ben.get("/api/v1/queues/edge_repair").json()["items"]
    assert {each["batch"] for each in queue} == {"spring"}
    lanes = ben.get("/api/v1/queues").json()["lanes"]
    assert sum(each["files"] for each in lanes) == 1
    assert ben.get(f"/api/v1/queues/edge_repair?assigned={other.words['account']}").json()["items"] == []
    assert ben.get(f"/api/v1/assets/{other.asset}").status_code == 404
    assert ben.get(f"/api/v1/versions/{other.version}/render").status_code == 404


def test_a_content_that_lies_in_two_projects_shows_only_ones_own(team, admin, say):
    say.batch("spring", "Acme")
    say.batch("autumn", "Other")
    say.file("a.jpg", batch="spring", asset="a" * 64, version="1" * 16)
    say.file("b.jpg", batch="autumn", asset="a" * 64, version="1" * 16)
    ben = team.person(admin, "ben", "reviewer", project="Other")
    assert ben.get(f"/api/v1/assets/{'a' * 64}").json()["batch"] == "autumn"


def test_a_role_on_one_project_is_none_on_the_house(team, admin):
    boss = team.person(admin, "boss", "admin", project="Acme")
    assert boss.get("/api/v1/people").status_code == 403
    made = boss.post("/api/v1/people", json={"login": "x.y", "name": "X", "roles": {"*": "admin"}})
    assert made.status_code == 403


def test_an_admins_key_with_a_lesser_role_gives_that_role_alone(team, admin, say, house):
    Place(admin, say, "spring", "Acme")
    body = {"account": admin.me["account"], "name": "wall", "roles": {"Acme": "client"}}
    secret = admin.post("/api/v1/keys", json=body).json()["secret"]
    wall = team.browser()
    wall.headers["Authorization"] = f"Bearer {secret}"
    assert wall.get("/api/v1/batches").status_code == 200
    assert wall.get("/api/v1/people").status_code == 403
    assert wall.post("/api/v1/claims", json={"files": ["x"]}).status_code == 403
    kept = house.people.passes("key")[0]
    assert secret not in repr(kept) and passes.digest(secret) == kept.digest


def test_a_key_never_gives_more_than_its_account_has(team, admin, say):
    ben = team.person(admin, "ben", "reviewer", project="Acme")
    body = {"account": ben.me["account"], "name": "night", "roles": {"*": "admin", "Acme": "lead"}}
    secret = admin.post("/api/v1/keys", json=body).json()["secret"]
    night = team.browser()
    night.headers["Authorization"] = f"Bearer {secret}"
    assert night.get("/api/v1/people").status_code == 403
    assert night.get("/api/v1/me").json()["roles"] == {}
