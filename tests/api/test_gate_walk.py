"""RELIABILITY D-08: every state of a version by every word by every role; a gate cannot be skipped."""

from __future__ import annotations

import pytest

from safelight.access import roles
from safelight.core import batch as told
from safelight.core.facts import Actor, NewFact
from safelight.core.standing import file_id
from tests.api.conftest import Team, Told

REVIEWER = Actor("person", "reviewer")
# What leads on from a state; everything else is refused, whoever asks.
ON = {
    "waiting": {"approve", "revise", "reject", "reshoot"},
    "failed gate 1": {"revise", "reject", "reshoot", "override"},
    "on hold": {"revise", "reject", "reshoot"},
    "an experiment": {"revise", "reject", "reshoot"},
    "sent back": {"revise", "reject", "reshoot"},
    "approved by one of two": {"approve", "revise", "reject", "reshoot"},
    "approved": {"approve", "revise", "reject", "reshoot"},
    "delivered": {"approve", "return"},
}
# A further approval is recorded beside the first, and changes nothing.
STAYS = {("approved", "approve"): "approved", ("delivered", "approve"): "delivered"}
VERB = {"override": "override", "return": "return"}  # the others are decisions
WORDS = ("approve", "revise", "reject", "reshoot", "override", "return")


class Walk:
    """Makes a file in a state, and says a word on it."""

    def __init__(self, store):
        self.store, self.say, self.count = store, Told(store), 0

    def file(self, state):
        self.count += 1
        path = f"{self.count:04}.jpg"
        more = {"on hold": {"route": "hold"}, "failed gate 1": {"words": ("fail",)}}.get(state, {})
        more |= {"stakes": "high"} if state == "approved by one of two" else {}
        _, version = self.say.file(path, **more)
        for kind, body in FACTS.get(state, ()):
            self.store.ledger.append([NewFact(kind, version, body, REVIEWER, "spring", {"name": "Somebody Else"})])
        return path

    @staticmethod
    def line(browser, path):
        return browser.get(f"/api/v1/assets/{file_id('spring', path)}").json()

    @staticmethod
    def ask(browser, line, word):
        ref, on = line["id"], {"If-Match": line["etag"]}
        if word == "override":
            body = {"check": "check0", "reason": "it is meant"}
            return browser.post(f"/api/v1/assets/{ref}/overrides", json=body, headers=on)
        if word == "return":
            return browser.post(f"/api/v1/assets/{ref}/returns", json={"reason": "too dark"}, headers=on)
        body = {"on": {ref: line["etag"]}, "decided": word, "reason": "" if word == "approve" else "the edge"}
        return browser.post("/api/v1/decisions", json=body)


APPROVED = (told.DECIDED, {"decided": "approve", "reason": "", "how": "own", "reasons": []})
FROZEN = (told.APPROVED, {"master": "m", "how": "own", "edit": "e"})
FACTS = {
    "an experiment": [(told.MARKED, {"state": "experiment", "reason": "a try"})],
    "sent back": [(told.DECIDED, {"decided": "revise", "reason": "the edge", "how": "own", "reasons": ["edge_rough"]})],
    "approved by one of two": [APPROVED],
    "approved": [APPROVED, FROZEN],
    "delivered": [APPROVED, FROZEN, (told.DELIVERED, {"channel": "shop", "name": "a.jpg", "sha256": "0" * 64})],
}


@pytest.fixture(scope="module")
def house(whole_module):
    store, made = whole_module
    team, walk = Team(made), Walk(store)
    admin = team.admin()
    walk.say.batch()
    yield team, admin, walk
    team.close()


@pytest.mark.parametrize("role", roles())
def test_only_the_edges_of_the_gates_lead_on_and_only_for_who_may(house, role):
    team, admin, walk = house
    browser = team.person(admin, f"walk.{role}", role, name=f"Walker {role}")
    wrong = []
    for state, leads in ON.items():
        for word in WORDS:
            path = walk.file(state)
            line = walk.line(admin, path)
            answer = walk.ask(browser, line, word)
            may = VERB.get(word, "decide") in roles()[role]
            if (answer.status_code == 200) != (word in leads and may):
                wrong.append((state, word, answer.status_code, answer.json().get("detail", "")))
            after = walk.line(admin, path)
            if answer.status_code != 200 and after["etag"] != line["etag"]:
                wrong.append((state, word, "refused, and yet something was written"))
            if after["standing"] != STAYS.get((state, word), after["standing"]):
                wrong.append((state, word, f"now {after['standing']}"))
            if after["standing"] == "approved" and after["open_failures"] and not after["overrides"]:
                wrong.append((state, word, "approved beyond gate 1"))
    assert wrong == []


def test_two_sessions_of_one_person_are_one_person(house):
    team, admin, walk = house
    lena = team.person(admin, "lena", "lead", name="Lena")
    again = team.sign_in("lena")
    walk.say.file("pair.jpg", stakes="high")
    line = walk.line(lena, "pair.jpg")
    assert line["approvers_needed"] == 2
    assert walk.ask(lena, line, "approve").status_code == 200
    line = walk.line(again, "pair.jpg")
    walk.ask(again, line, "approve")  # said twice, by one
    line = walk.line(admin, "pair.jpg")
    assert (line["standing"], line["approvers"]) == ("waiting", ["Lena"])
    assert walk.ask(admin, line, "approve").json()["items"][0]["standing"] == "approved"
