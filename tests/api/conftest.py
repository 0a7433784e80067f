"""A service over a store that was told of files, without a pixel having been looked at."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from safelight.api.app import make_app
from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.house import House
from safelight.people import accounts, passwords
from safelight.settings import Settings
from safelight.store import Store

PASSWORD = "moss teapot canyon"
HERE = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """Argon2 with the least memory: what it costs is tested once, with the real figures."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobody.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    yield
    passwords._nobody.cache_clear()


@pytest.fixture(scope="module")
def whole_module() -> Iterator[tuple[Store, House]]:
    """One house for all tests of a module that only look whom it lets in."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="safelight-test-", dir=base))
    with Store.create(path / "store") as opened:
        made = House(opened, Settings(), path / "out")
        yield opened, made
        made.close()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="safelight-test-", dir=base))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def store(folder) -> Iterator[Store]:
    with Store.create(folder / "store") as opened:
        yield opened


@pytest.fixture
def house(store, folder) -> Iterator[House]:
    made = House(store, Settings(), folder / "out")
    yield made
    made.close()


class Team:
    """People of a house and a browser for each."""

    def __init__(self, house: House):
        self.house = house
        self.app = make_app(house)
        self.first = accounts.first_link(house.store, house.people)
        self._open = ExitStack()

    def browser(self) -> TestClient:
        # Entered, it keeps its thread between requests: a tenth of the time.
        return self._open.enter_context(TestClient(self.app, base_url=HERE, raise_server_exceptions=False))

    def close(self):
        self._open.close()

    def admin(self, name="Ada Admin", login="ada") -> TestClient:
        body = {"token": self.first, "login": login, "name": name, "password": PASSWORD}
        return self._in("/api/v1/session/link", body)

    def person(self, admin: TestClient, login: str, role: str, project: str = "*", name: str = "") -> TestClient:
        body = {"login": login, "name": name or login.title(), "roles": {project: role}}
        made = admin.post("/api/v1/people", json=body)
        assert made.status_code == 201, made.text
        token = made.json()["link"].partition("#")[2]
        return self._in("/api/v1/session/link", {"token": token, "password": PASSWORD})

    def sign_in(self, login: str, password: str = PASSWORD) -> TestClient:
        return self._in("/api/v1/session", {"login": login, "password": password})

    def _in(self, path, body) -> TestClient:
        browser = self.browser()
        done = browser.post(path, json=body)
        assert done.status_code == 200, done.text
        browser.headers["X-CSRF-Token"] = done.json()["csrf"]
        browser.me = done.json()
        return browser


@pytest.fixture
def team(house) -> Iterator[Team]:
    made = Team(house)
    yield made
    made.close()


@pytest.fixture(scope="module")
def team_of_module(whole_module) -> Iterator[Team]:
    made = Team(whole_module[1])
    yield made
    made.close()


@pytest.fixture(scope="module")
def signed_in_module(whole_module, team_of_module):
    """An admin's browser, and the store, for all tests of a module that change nothing."""
    return team_of_module.admin(), whole_module[0]


class Told:
    """Writes batches as a run would tell them."""

    def __init__(self, store: Store):
        self.store = store

    def batch(self, name="spring", client="Acme"):
        opening = {"folder": f"/shoots/{name}", "guide": "house", "guide_key": "k", "client": client}
        self.store.ledger.append([NewFact(told.OPENED, name, opening, batch=name)])
        return name

    def file(self, path="a.jpg", batch="spring", route="review", queue="edge_repair", confidence=0.7, **more):
        words = more.pop("words", ("pass",))
        asset = more.pop("asset", "") or f"{abs(hash((batch, path))):064x}"[-64:]
        version = more.pop("version", f"{abs(hash((batch, path, 1))):016x}"[-16:])
        sorted_as = {"path": path, "sku": "BAG-01", "view": "front", "category": "packshot", "stakes": "standard"}
        sorted_as |= {"class": "pick", "reasons": ["sharp"], "group": "", "color": "", "lighting": ""} | more
        capture = {"taken_at": "2026-03-01T10:00:00", "model": "Test", "make": "Test"}
        master = self.store.blobs.put(f"master {batch} {path}".encode())
        edit = {"schema": 1, "original": asset, "steps": []}
        made = {"asset": asset, "edit_key": "e", "blobs": {"master": master}, "edit": edit, "width": 10, "height": 10}
        verdicts = [
            {"check": f"check{n}", "version": 1, "word": word, "measures": [], "evidence": []}
            for n, word in enumerate(words)
        ]
        routed = {"route": route, "queue": queue, "zone": 2, "confidence": confidence, "reasons": [{"text": "why"}]}
        facts = [
            (told.SEEN, asset, {"path": path, "size": 1, "mtime_ns": 1}),
            (told.MEASURED, asset, {"path": path, "format": "jpeg", "width": 10, "height": 10, "capture": capture}),
            (told.SORTED, asset, sorted_as),
            (told.MADE, version, made),
            (told.JUDGED, version, {"verdicts": verdicts}),
            (told.ROUTED, version, routed),
        ]
        self.store.ledger.append([NewFact(kind, subject, body, batch=batch) for kind, subject, body in facts])
        return asset, version


@pytest.fixture
def say(store) -> Told:
    return Told(store)


def lines(browser, batch="spring", **params):
    return browser.get(f"/api/v1/batches/{batch}/assets", params=params).json()["items"]
