"""RELIABILITY F-13: fifty secrets go through a running service by every door; it keeps and says none of them."""

from __future__ import annotations

import secrets
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.journeys.served import PASSWORD, Served

PLANTED = 50


class Planter:
    """Makes secrets that are found wherever they come out, and sends them."""

    def __init__(self, served):
        self.served, self.planted, self.refused = served, [], []
        self.ada = served.admin()
        self.planted.append(self.ada.headers["X-CSRF-Token"])
        self.planted += self.ada.cookies.values()

    def secret(self):
        self.planted.append(f"planted-{secrets.token_urlsafe(18)}")
        return self.planted[-1]

    def ask(self, method, path, *, refused=True, **how):
        """Send a request as somebody new at the door; it must be refused, and what was answered is kept."""
        with httpx.Client(base_url=f"{self.served.url}/api/v1", timeout=60) as nobody:
            answer = nobody.request(method, path, **how)
        assert (answer.status_code >= 400) == refused, answer.text
        self.refused.append(answer.text + str(dict(answer.headers)))

    def person(self, login):
        """Somebody who came by a link, with a password, a session and a key, all of which are secrets."""
        who = {"login": login, "name": login.title(), "roles": {"*": "reviewer"}}
        link = self.ada.post("/people", json=who).json()["link"]
        browser = self.served.redeem(link)
        key = self.ada.post("/keys", json={"account": browser.get("/me").json()["account"], "name": "night"})
        self.planted += [link.partition("#")[2], key.json()["secret"], *browser.cookies.values()]
        self.planted.append(browser.headers["X-CSRF-Token"])
        with httpx.Client(base_url=f"{self.served.url}/api/v1") as service:
            asked = service.get("/me", headers={"Authorization": f"Bearer {key.json()['secret']}"})
            assert asked.status_code == 200
        return browser


@pytest.fixture(scope="module")
def planter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    served = Served(folder, {})
    planter = Planter(served)
    plant(planter)
    yield planter
    served.close()


def plant(planter):
    """Send secrets by every door: those that open one, and those that are wrong, misspelled or in the wrong place."""
    for login in ("ben", "cleo", "dan"):
        browser = planter.person(login)
        new = planter.secret()
        assert browser.put("/me/password", json={"old": PASSWORD, "new": new}).status_code in (200, 204)
    for n in range(4):
        planter.ask("POST", "/session", json={"login": f"nobody{n}", "password": planter.secret()})
        planter.ask("POST", "/session", json={"login": planter.secret(), "password": planter.secret()})
        planter.ask("GET", "/me", headers={"Authorization": f"Bearer {planter.secret()}"})
        planter.ask("GET", "/me", headers={"Cookie": f"safelight={planter.secret()}"})
        planter.ask("POST", "/session/link", json={"token": planter.secret(), "password": planter.secret()})
    # In the wrong place, or of the wrong kind: what is refused must not be said again.
    planter.ask("POST", "/session", json={"login": "ada", "password": [planter.secret()]})
    planter.ask("POST", "/session", json={"login": {"a": planter.secret()}, "password": planter.secret()})
    planter.ask("POST", "/session", json={"login": "ada", "password": "x", planter.secret(): 1})
    planter.ask("POST", "/session", content=f'{{"login": "ada", "password": "{planter.secret()}"')
    planter.ask("GET", "/me", headers={"Authorization": f"Basic {planter.secret()}"})
    planter.ask("GET", "/me", params={"token": planter.secret(), "key": planter.secret()})
    short = planter.secret()[:7]
    for body in ({"old": planter.secret(), "new": PASSWORD + "!"}, {"old": PASSWORD, "new": short}):
        answer = planter.ada.put("/me/password", json=body)
        assert answer.status_code >= 400
        planter.refused.append(answer.text)
    answer = planter.ada.post("/claims", json={"files": []}, headers={"X-CSRF-Token": planter.secret()})
    assert answer.status_code == 403
    planter.refused.append(answer.text)


def found_in(planter, text):
    return [each for each in planter.planted if each in text]


def test_fifty_are_planted_by_every_door(planter):
    assert len(set(planter.planted)) >= PLANTED
    assert len(planter.refused) >= 25


def test_no_answer_that_refuses_says_a_secret_again(planter):
    assert [each for each in planter.refused if found_in(planter, each)] == []


def test_none_is_in_the_log_but_the_first_link_that_it_is_there_to_say(planter):
    text = planter.served.log.read_text()
    assert "/start#" in text and found_in(planter, text) == []


def test_none_is_in_the_figures_or_the_news(planter):
    assert found_in(planter, planter.ada.get("/metrics").text) == []
    news = ""
    with planter.ada.stream("GET", "/events", params={"after": 1}) as stream:
        for piece in stream.iter_text():
            news += piece
            if "person.added" in news:
                break
    assert found_in(planter, news) == []


def test_none_is_in_the_store_or_beside_it(planter):
    folder = Path(planter.served.folder)
    files = [each for each in folder.rglob("*") if each.is_file() and not each.is_socket()]
    assert any(each.name == "ledger.sqlite" for each in files)
    holding = {each.name: found_in(planter, each.read_bytes().decode("latin-1")) for each in files}
    assert {name: found for name, found in holding.items() if found} == {}
