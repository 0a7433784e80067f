"""Decisions, claims and notes of several people over HTTP."""

from __future__ import annotations

from tests.api.conftest import lines


def decide(browser, line, decided="approve", reason="", **more):
    body = {"on": {line["id"]: line["etag"]}, "decided": decided, "reason": reason, **more}
    return browser.post("/api/v1/decisions", json=body)


def test_a_decision_is_in_the_ledger_when_it_is_acknowledged(team, say, store):
    say.batch()
    say.file()
    admin = team.admin()
    line = lines(admin)[0]
    done = decide(admin, line)
    assert done.status_code == 200, done.text
    assert done.json()["items"][0]["standing"] == "approved"
    assert store.ledger.latest("decision.made").personal["name"] == "Ada Admin"


def test_the_second_of_two_who_decide_is_told_who_was_first(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    ben = team.person(admin, "ben", "reviewer")
    line = lines(ben)[0]
    assert decide(admin, line).status_code == 200
    late = decide(ben, line, "revise", "edge")
    assert late.status_code == 409
    assert "Ada Admin decided approve on a.jpg" in late.json()["detail"]


def test_what_another_has_taken_cannot_be_taken_or_decided(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    ben = team.person(admin, "ben", "reviewer")
    line = lines(ben)[0]
    assert ben.post("/api/v1/claims", json={"files": [line["id"]]}).status_code == 201
    for done in (admin.post("/api/v1/claims", json={"files": [line["id"]]}), decide(admin, line)):
        assert done.status_code == 409
        assert "Ben has a.jpg until" in done.json()["detail"]


def test_a_request_that_is_sent_twice_is_carried_out_once(team, say, store):
    say.batch()
    say.file()
    admin = team.admin()
    line = lines(admin)[0]
    admin.headers["Idempotency-Key"] = "once"
    first = decide(admin, line)
    again = decide(admin, line)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert len(store.ledger.facts(kind="decision.made")) == 1


def test_a_decision_can_be_taken_back_after_a_reload(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    decide(admin, lines(admin)[0])
    again = team.sign_in("ada")
    action = again.get("/api/v1/batches/spring/actions").json()["items"][0]
    assert action["what"] == "approve"
    assert again.post(f"/api/v1/actions/{action['seq']}/undo").json()["standing"] == "waiting"


def test_two_people_pin_notes_and_both_are_there(team, say):
    say.batch()
    say.file()
    admin = team.admin()
    ben = team.person(admin, "ben", "reviewer")
    line = lines(ben)[0]
    for browser, text in ((admin, "edge"), (ben, "dust")):
        body = {"text": text, "points": [[0.25, 0.5]]}
        assert browser.post(f"/api/v1/assets/{line['id']}/notes", json=body).status_code == 201
    notes = admin.get(f"/api/v1/assets/{line['id']}/notes").json()["items"]
    assert {(each["text"], each["by"]) for each in notes} == {("edge", "Ada Admin"), ("dust", "Ben")}
