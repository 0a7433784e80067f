"""Decisions, claims and notes of several people over HTTP."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from safelight.api.shapes import FileWhole, Page
from safelight.core.facts import NewFact
from safelight.routing.lanes import lane_rules
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


def test_a_request_that_is_being_carried_out_is_asked_for_again_in_a_second(team, say, store, house):
    say.batch()
    say.file()
    admin = team.admin()
    line = lines(admin)[0]
    admin.headers["Idempotency-Key"] = "at it"
    own = admin.get("/api/v1/me").json()["account"]
    name = hashlib.sha256(f"{own}\0at it".encode()).hexdigest()
    assert house.begin_request(name)
    told = decide(admin, line)
    assert (told.status_code, told.headers["Retry-After"]) == (409, "1")
    assert told.json()["type"].endswith("/underway") and "being carried out at this moment" in told.json()["detail"]
    assert not store.ledger.facts(kind="decision.made")
    house.end_request(name)
    assert decide(admin, line).status_code == 200


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


def test_lists_have_the_shape_that_the_api_declares_and_follow_every_change(team, say):
    say.batch()
    say.file("a.jpg")
    say.file("b.jpg")
    admin = team.admin()
    ben = team.person(admin, "ben", "reviewer")
    for path in ("/api/v1/batches/spring/assets", "/api/v1/queues/edge_repair"):
        page = Page.model_validate(admin.get(path).json())
        assert page.model_dump(by_alias=True) == admin.get(path).json() and len(page.items) == 2
    line = lines(admin)[0]
    whole = admin.get(f"/api/v1/assets/{line['id']}")
    assert FileWhole.model_validate(whole.json()).id == line["id"] and whole.headers["etag"] == f'"{line["etag"]}"'
    ben.post("/api/v1/claims", json={"files": [line["id"]]})
    assert lines(admin)[0]["claim"]["name"] == "Ben"
    person = next(each for each in admin.get("/api/v1/people").json()["items"] if each["login"] == "ben")
    seen = {"If-Match": person["etag"]}
    assert admin.patch(f"/api/v1/people/{person['id']}", json={"name": "Ben Two"}, headers=seen).status_code == 200
    assert lines(admin)[0]["claim"]["name"] == "Ben Two"
    assert [each["counts"] for each in admin.get("/api/v1/batches").json()["items"]] == [{"waiting": 2}]
    ben = team.sign_in("ben")
    assert decide(ben, line).status_code == 200
    assert lines(admin)[0]["standing"] == "approved"
    assert admin.get("/api/v1/batches/spring").json()["counts"] == {"approved": 1, "waiting": 1}


def test_the_board_tells_lanes_and_what_is_overdue_in_business_hours(team, say, store, house, monkeypatch):
    opening = {"folder": "/shoots/spring", "guide": "acme", "guide_key": "k", "client": "Acme"}
    store.ledger.append(
        [NewFact("batch.opened", "spring", opening | {"lanes": {"packshot": "editorial"}}, batch="spring")]
    )
    say.file("a.jpg")
    say.batch("autumn", "Other")
    say.file("b.jpg", batch="autumn")
    admin = team.admin()
    (lane,) = admin.get("/api/v1/queues").json()["lanes"]
    assert lane["lanes"] == {"editorial": 1, "catalog": 1} and not lane["overdue"]
    rules = lane_rules()
    assert 0 < lane["left_h"] <= min(rules["editorial"].sla_h, rules["catalog"].sla_h)
    later = (datetime.now(UTC) + timedelta(days=60)).isoformat()
    monkeypatch.setattr("safelight.house.Desk._now", staticmethod(lambda: later))
    (lane,) = admin.get("/api/v1/queues").json()["lanes"]
    assert lane["overdue"] and lane["left_h"] < -100 and lane["due"] < later
