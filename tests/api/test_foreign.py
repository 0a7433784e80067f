"""What belongs to another's project is not there, by whatever door it is named (F-04): children, lists, many."""

from __future__ import annotations

import pytest

from tests.api.conftest import Team, Told
from tests.api.test_permissions import Place


class Two:
    """A lead of one project, and what lies in another: a file with a note, a claim, an action, a checkpoint."""

    def __init__(self, store, house):
        self.team, self.store = Team(house), store
        admin = self.admin = self.team.admin()
        self.own, self.other = (Place(admin, Told(store), *each) for each in (("spring", "Acme"), ("autumn", "Other")))
        self.ben = self.team.person(admin, "ben", "lead", project="Acme")
        ref = self.other.words["ref"]
        self.note = admin.post(f"/api/v1/assets/{ref}/notes", json={"text": "theirs"}).json()
        self.claim = admin.post("/api/v1/claims", json={"files": [ref]}).json()["id"]
        admin.post("/api/v1/batches/autumn/checkpoints", json={"label": "noon"})
        admin.post("/api/v1/keys", json={"account": admin.me["account"], "name": "night"})
        self.key = admin.get("/api/v1/keys").json()["items"][0]["id"]
        body = {"on": {ref: "*"}, "decided": "revise", "reason": "the edge", "claim": self.claim}
        done = admin.post("/api/v1/decisions", json=body).json()
        self.seq = done["items"][0]["decisions"][-1]["seq"]
        self.claim = admin.post("/api/v1/claims", json={"files": [ref]}).json()["id"]


@pytest.fixture(scope="module")
def two(whole_module):
    made = Two(*whole_module)
    yield made
    made.team.close()


MINE = "/assets/{own}/notes/{note}"
# 409 and 422 are what a claim that has ended, a label and a version that nothing has are answered with.
FOREIGN = {
    "a note under one's own file": ("PATCH", MINE, {"text": "mine now"}, 404),
    "a note under one's own file, taken away": ("DELETE", MINE, None, 404),
    "a claim, held on": ("POST", "/claims/{claim}/renew", None, 409),
    "a claim, given back": ("DELETE", "/claims/{claim}", None, 404),
    "an action, taken back": ("POST", "/actions/{seq}/undo", None, 404),
    "a checkpoint under one's own batch": ("POST", "/batches/spring/checkpoints/noon/restore", {"reason": "x"}, 422),
    "a version as one's own file's": ("POST", "/assets/{own}/restore", {"version": "{version}", "reason": "x"}, 422),
    "a file in the place of one's own": ("POST", "/assets/{own}/superseded", {"by": "{ref}", "reason": "x"}, 404),
    "a decision on one's own and theirs": (
        "POST",
        "/decisions",
        {"on": {"{own}": "*", "{ref}": "*"}, "decided": "revise", "reason": "x"},
        404,
    ),
    "a claim on one's own and theirs": ("POST", "/claims", {"files": ["{own}", "{ref}"]}, 404),
    "a file given to somebody": ("POST", "/assignments", {"on": {"{own}": "*", "{ref}": "*"}, "account": ""}, 404),
    "a swap with theirs": (
        "POST",
        "/swaps",
        {"old": "{own}", "new": "{ref}", "on": {"{own}": "*", "{ref}": "*"}, "reason": "x"},
        404,
    ),
    "a product of theirs": ("GET", "/batches/autumn/product?name=BAG-01", None, 404),
    "a mood of their file": ("POST", "/mood", {"references": ["aGVsbG8="], "files": ["{own}", "{ref}"]}, 404),
    "a key of the house": ("DELETE", "/keys/{key}", None, 403),
}


def filled(body, words):
    if isinstance(body, dict):
        return {filled(key, words): filled(value, words) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(each, words) for each in body]
    return body.format(**words) if isinstance(body, str) else body


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_anothers_is_not_there_and_nothing_is_written(two, what):
    method, path, body, code = FOREIGN[what]
    words = {**two.other.words, "own": two.own.words["ref"], "note": two.note["id"], "claim": two.claim}
    words |= {"seq": str(two.seq), "key": two.key}
    before = two.store.ledger.head()
    etag = two.note["etag"] if "/notes/" in path else "*"
    answer = two.ben.request(
        method, "/api/v1" + path.format(**words), json=filled(body, words), headers={"If-Match": etag}
    )
    assert answer.status_code == code, answer.text
    assert "theirs" not in answer.text and "autumn.jpg" not in answer.text
    assert two.store.ledger.head() == before


@pytest.mark.parametrize(
    "path",
    [
        "/queues/edge_repair",
        "/queues/edge_repair?standing=sent_back",
        "/queues/edge_repair?lane=catalog&stakes=standard",
        "/queues",
        "/batches",
        "/claims",
        "/jobs",
        "/figures",
        "/figures.csv",
        "/strata",
        "/alarms",
        "/proposals",
        "/metrics",
    ],
)
def test_no_list_filter_or_sum_tells_of_anothers(two, path):
    answer = two.ben.get("/api/v1" + path)
    assert answer.status_code in (200, 403), answer.text
    for word in ("autumn", "Other", two.other.words["ref"], two.other.asset, "theirs"):
        assert word not in answer.text, word


def test_what_was_guessed_is_answered_like_what_is_anothers(two):
    guessed, foreign = "f" * 24, two.other.words["ref"]
    answers = [two.ben.get(f"/api/v1/assets/{each}") for each in (guessed, foreign)]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].json()["detail"].replace(guessed, "") == answers[1].json()["detail"].replace(foreign, "")
