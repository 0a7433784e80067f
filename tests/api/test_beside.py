"""What is written with a decision, what is done again, and long work that a restart takes up."""

from __future__ import annotations

from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.house import House
from safelight.review.looks import SHOWN
from safelight.runs import asked
from safelight.runs.asked import AskedWork, asked_fact, ended_fact, unfinished
from safelight.settings import Settings
from tests.api.conftest import lines

EVIDENCE = {
    "measure": "rim",
    "box": [0.1, 0.1, 0.2, 0.2],
    "value": 1.0,
    "text": "left edge",
    "heat": None,
    "crop": None,
}
SEEN = {"id": "halo:rim:0", "box": [0.1, 0.1, 0.2, 0.2], "percent": 200, "share": 1.0}


def doubt(store, version):
    """Judge a version anew: a warning with a place to look at."""
    measure = {
        "name": "rim",
        "value": 1.0,
        "unit": "px",
        "limit": 2.0,
        "direction": "at_most",
        "word": "warn",
        "why": "",
    }
    verdict = {"check": "halo", "version": 1, "word": "warn", "measures": [measure], "evidence": [EVIDENCE]}
    store.ledger.append([NewFact(told.JUDGED, version, {"verdicts": [verdict]}, batch="spring")])


def approve(browser, line, **more):
    body = {"on": {line["id"]: line["etag"]}, "decided": "approve", **more}
    return browser.post("/api/v1/decisions", json=body)


def test_an_approval_that_looked_nowhere_is_refused_and_names_the_place(team, say, store):
    say.batch()
    _, version = say.file()
    doubt(store, version)
    admin = team.admin()
    line = lines(admin)[0]
    (look,) = admin.get(f"/api/v1/assets/{line['id']}").json()["looks"]
    assert (look["id"], look["must"]) == ("halo:rim:0", True)
    refused = approve(admin, line)
    assert refused.status_code == 409 and "left edge (halo:rim:0)" in refused.json()["detail"]
    assert approve(admin, line, shown={line["id"]: [SEEN | {"percent": 100}]}).status_code == 409
    assert store.ledger.latest(told.DECIDED) is None
    assert approve(admin, line, shown={line["id"]: [SEEN]}).json()["items"][0]["standing"] == "approved"
    assert store.ledger.latest(SHOWN).body["places"][0]["id"] == "halo:rim:0"


def test_a_product_is_not_approved_around_the_look(team, say, store):
    say.batch()
    _, version = say.file()
    doubt(store, version)
    admin = team.admin()
    line = lines(admin)[0]
    body = {"product": "BAG-01", "on": {line["id"]: line["etag"]}, "decided": "approve"}
    path = "/api/v1/batches/spring/product-decisions"
    assert admin.post(path, json=body).status_code == 409
    assert admin.post(path, json=body | {"shown": {line["id"]: [SEEN]}}).status_code == 200


def test_decision_notes_and_what_was_shown_are_written_together_or_not_at_all(team, say, store):
    say.batch()
    say.file()
    admin = team.admin()
    line = lines(admin)[0]
    before = store.ledger.head().seq
    bad = [{"text": "here", "points": [[0.5, 0.5]]}, {"text": "there", "points": [[2.0, 0.5]]}]
    body = {"on": {line["id"]: line["etag"]}, "decided": "revise", "reason": "edge", "notes": bad}
    assert admin.post("/api/v1/decisions", json=body).status_code == 422
    assert store.ledger.head().seq == before
    done = admin.post("/api/v1/decisions", json=body | {"notes": bad[:1], "shown": {line["id"]: [SEEN]}})
    assert done.status_code == 200, done.text
    kinds = [each.kind for each in store.ledger.facts(after=before)]
    assert kinds == [told.DECIDED, "note.made", SHOWN]
    assert len({each.at for each in store.ledger.facts(after=before)}) == 1


def test_decisions_over_http_are_labels_of_the_audit(team, say, house, store, monkeypatch):
    monkeypatch.setattr(house, "settings", Settings(sample_share=1.0))
    say.batch()
    say.file()
    admin = team.admin()
    assert approve(admin, lines(admin)[0]).status_code == 200
    assert store.ledger.latest(told.DECIDED).body["audit"] == 1.0


def test_what_was_taken_back_is_said_again_after_a_restart(team, say, store, folder):
    say.batch()
    say.file()
    admin = team.admin()
    body = {"on": {(line := lines(admin)[0])["id"]: line["etag"]}, "decided": "revise", "reason": "the edge is soft"}
    assert admin.post("/api/v1/decisions", json=body).status_code == 200
    (action,) = admin.get("/api/v1/batches/spring/actions").json()["items"]
    assert admin.post(f"/api/v1/actions/{action['seq']}/redo").status_code == 409  # it stands
    admin.post(f"/api/v1/actions/{action['seq']}/undo")
    again = team.sign_in("ada")
    (gone,) = again.get("/api/v1/batches/spring/actions", params={"undone": True}).json()["items"]
    assert gone["seq"] == action["seq"]
    now = again.post(f"/api/v1/actions/{gone['seq']}/redo").json()
    assert (now["standing"], now["decisions"][-1]["reason"]) == ("sent_back", "the edge is soft")
    assert again.post(f"/api/v1/actions/{gone['seq']}/redo").status_code == 409


def test_a_step_is_done_again_with_notes(team, say, store, monkeypatch, house):
    monkeypatch.setattr(house, "_carry_out", lambda work, progress: "painted")
    say.batch()
    asset, version = say.file()
    step = {"step": "cutout", "version": 1, "params": {}, "artifacts": {}, "confidence": None, "reasons": []}
    edit = {
        "schema": 1,
        "original": asset,
        "steps": [step | {"by": ["step", "cutout", "1"], "amended": False, "stale": False}],
    }
    old = next(each for each in store.ledger.facts(kind=told.MADE)).body
    store.ledger.append([NewFact(told.MADE, version, dict(old) | {"edit": edit}, batch="spring")])
    verdicts = [{"check": "halo", "version": 1, "word": "pass", "measures": [], "evidence": []}]
    store.ledger.append([NewFact(told.JUDGED, version, {"verdicts": verdicts}, batch="spring")])
    admin = team.admin()
    line = lines(admin)[0]
    headers = {"If-Match": line["etag"]}
    path = f"/api/v1/assets/{line['id']}/redo"
    unknown = admin.post(path, json={"step": "grain", "reason": "coarser"}, headers=headers)
    assert unknown.status_code == 422 and "its edit has: cutout" in unknown.json()["detail"]
    body = {"step": "cutout", "reason": "a rim on the left", "notes": [{"text": "here", "points": [[0.2, 0.5]]}]}
    assert admin.post(path, json=body).status_code == 428
    done = admin.post(path, json=body, headers=headers).json()
    assert (done["standing"], done["queue"]) == ("sent_back", "edge_repair")
    assert done["decisions"][-1]["step"] == "cutout" and done["decisions"][-1]["reasons"] == ["edge_halo"]
    assert admin.get(f"/api/v1/assets/{line['id']}/notes").json()["items"][0]["text"] == "here"


def test_work_that_had_not_ended_is_taken_up_by_the_next_house(store, folder, monkeypatch):
    left, done = AskedWork("a1", "deliver", "spring", "Lena"), AskedWork("b2", "run", "", "Ada", "/shoot")
    store.ledger.append([asked_fact(left), asked_fact(done), ended_fact(done, "done")])
    assert [each.job for each in unfinished(store.ledger.iterate(kind=asked.KINDS))] == ["a1"]
    carried = []
    monkeypatch.setattr(House, "_carry_out", lambda self, work, progress: carried.append(work) or "carried out")
    house = House(store, Settings(), folder / "out")
    (job,) = house.resume()
    house.jobs.close()
    house.jobs._thread.join(120)
    house.close()
    assert (job.id, job.what, job.by, carried[0].batch) == ("a1", "deliver", "Lena", "spring")
    assert unfinished(store.ledger.iterate(kind=asked.KINDS)) == []
    assert store.ledger.latest(asked.ENDED).body == {"state": "done"}
