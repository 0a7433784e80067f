"""A hand's words over HTTP: what is refused, and a client's yes."""

from __future__ import annotations

import base64

import pytest

from tests.api.conftest import lines
from tests.api.test_review import decide

DOT = {"tool": "brush", "points": [[0.5, 0.5]], "adds": True, "radius": 0.01}


def yes(browser, line, words=""):
    return browser.post(f"/api/v1/assets/{line['id']}/yes", json={"words": words}, headers={"If-Match": line["etag"]})


def test_a_client_says_yes_once_and_it_is_a_fact_with_their_words(team, say, store):
    say.batch()
    say.file()
    admin = team.admin()
    rui = team.person(admin, "rui", "client", name="Rui Costa")
    early = yes(rui, lines(rui)[0])
    assert early.status_code == 409, early.text
    assert "not approved by the studio yet" in early.json()["detail"]
    assert decide(admin, lines(admin)[0]).status_code == 200
    line = lines(rui)[0]
    assert yes(rui, line, "just so").status_code == 200
    fact = store.ledger.latest("client.approved")
    assert (fact.subject, fact.body["words"], fact.personal["name"]) == (line["version"], "just so", "Rui Costa")
    told = admin.get(f"/api/v1/assets/{line['id']}/yes").json()
    assert (told["by"], told["words"]) == ("Rui Costa", "just so")
    again = yes(rui, line)
    assert again.status_code == 409
    assert "Rui Costa said yes to a.jpg already" in again.json()["detail"]


def test_a_reviewer_is_no_client(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    ben = team.person(admin, "ben", "reviewer")
    assert decide(admin, lines(admin)[0]).status_code == 200
    assert yes(ben, lines(ben)[0]).status_code == 403


@pytest.mark.parametrize(
    ("change", "said"),
    [({"tool": "hose"}, "tool"), ({"points": []}, "points"), ({"radius": 0}, "radius"), ({"flow": 2}, "flow")],
)
def test_a_stroke_that_says_not_what_it_must_is_refused_by_name(team, say, change, said):
    say.batch()
    say.file()
    admin = team.admin()
    done = admin.post(f"/api/v1/assets/{lines(admin)[0]['id']}/matte", json={"strokes": [DOT | change]})
    assert done.status_code == 422
    assert said in done.text


def test_a_picture_that_was_left_whole_has_no_mask_and_says_so(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    line = lines(admin)[0]
    headers = {"If-Match": line["etag"]}
    done = admin.post(f"/api/v1/assets/{line['id']}/strokes", json={"strokes": [DOT], "reason": "rim"}, headers=headers)
    assert done.status_code in (404, 422), done.text
    assert "the edit of a.jpg has no step 'cutout'" in done.json()["detail"]


def test_a_stroke_needs_the_etag_and_a_role_that_may_amend(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    line = lines(admin)[0]
    body = {"strokes": [DOT], "reason": "rim"}
    assert admin.post(f"/api/v1/assets/{line['id']}/strokes", json=body).status_code == 428
    ben = team.person(admin, "ben", "reviewer")
    assert ben.post(f"/api/v1/assets/{line['id']}/strokes", json=body).status_code == 403


def test_a_reference_that_is_no_picture_is_refused(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    file = lines(admin)[0]["id"]
    done = admin.post("/api/v1/mood", json={"references": ["not base64!"], "files": [file]})
    assert done.status_code == 422
    assert "is no base64" in done.json()["detail"]
    many = [base64.b64encode(b"x").decode()] * 9
    assert admin.post("/api/v1/mood", json={"references": many, "files": [file]}).status_code == 422
