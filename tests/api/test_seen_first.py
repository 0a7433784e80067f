"""Two people at once: every word about what others change too carries what was seen, and the second of two is told."""

from __future__ import annotations

import threading

import pytest

from safelight.access import table
from safelight.core import batch as told
from safelight.core.facts import NewFact
from tests.api.conftest import lines
from tests.api.test_permissions import BODIES, Place, _filled

UNSAFE = {each for each in table()["routes"] if not each.startswith("GET")}
# In the body: file ids with the ETags that they were seen with.
IN_BODY = {
    "POST /decisions",
    "POST /overrulings",
    "POST /batches/{batch}/product-decisions",
    "POST /swaps",
    "POST /assignments",
}
# What carries no ETag, and why nobody's word is lost by it.
NO_ETAG = {
    "POST /session": "begins something of one's own",
    "POST /session/link": "a link works once",
    "DELETE /session": "ends something of one's own",
    "PUT /me/password": "the old password is what was seen",
    "POST /people": "adds; a login that is taken is refused",
    "POST /people/{account}/link": "adds; the link before ends",
    "POST /keys": "adds",
    "DELETE /keys/{key}": "ends for good; a second time changes nothing",
    "POST /claims": "takes what is free; a claim of another is 409",
    "POST /claims/{claim}/renew": "one's own claim; an ended one is 409",
    "DELETE /claims/{claim}": "one's own claim; an ended one is 404",
    "POST /assets/{ref}/notes": "adds a note of its own",
    "POST /assets/{ref}/looked": "adds how long one's own screen showed it",
    "POST /erasures": "names what is erased for good; a second time finishes what is left",
    "POST /actions/{seq}/undo": "its number names the very word that is taken back",
    "POST /actions/{seq}/redo": "its number names the very word that is said again",
    "POST /batches/{batch}/checkpoints": "adds; a label that is taken is 409",
    "POST /batches/{batch}/shown": "adds what was on one's own screen, by the version's id",
    "POST /batches/{batch}/delivery": "delivers what is approved; what was delivered is not again",
    "POST /batches/{batch}/repaint": "paints what people said",
    "POST /jobs": "a run of what is there",
    "POST /proposals/{proposal}/accept": "its id names the very proposal with its labels",
    "POST /proposals/{proposal}/refuse": "its id names the very proposal with its labels",
    "POST /assets/{ref}/shader": "records nothing",
    "POST /assets/{ref}/draft": "records nothing",
    "POST /assets/{ref}/matte": "records nothing",
    "POST /assets/{ref}/wire": "records nothing",
    "POST /mood": "records nothing",
}
IF_MATCH = UNSAFE - IN_BODY - set(NO_ETAG)


@pytest.fixture
def admin(team):
    return team.admin()


def at_once(*asks):
    """Send requests from threads that start together; return their answers in order."""
    gate, answers = threading.Barrier(len(asks)), [None] * len(asks)

    def go(n, ask):
        gate.wait(120)
        answers[n] = ask()

    crew = [threading.Thread(target=go, args=each) for each in enumerate(asks)]
    for each in crew:
        each.start()
    for each in crew:
        each.join(120)
    return answers


def test_every_route_that_writes_says_how_it_knows_what_was_seen():
    assert set(NO_ETAG) <= UNSAFE and IN_BODY <= UNSAFE
    assert all("on" in BODIES[each] for each in IN_BODY)
    assert len(IF_MATCH) >= 16


@pytest.mark.parametrize("route", sorted(IF_MATCH))
def test_a_word_without_the_etag_of_what_was_seen_is_not_taken(admin, say, store, route):
    place = Place(admin, say, "spring", "Acme")
    method, path = route.split(" ", 1)
    before = store.ledger.head()
    body = BODIES.get(route)
    bare = admin.request(method, "/api/v1" + path.format(**place.words), json=_filled(body, place.words))
    assert bare.status_code == 428 and "If-Match" in bare.json()["detail"], bare.text
    headers = {"If-Match": '"the day before"'}
    stale = admin.request(
        method, "/api/v1" + path.format(**place.words), json=_filled(body, place.words), headers=headers
    )
    assert stale.status_code in (400, 404, 409, 422), stale.text
    assert store.ledger.head() == before


@pytest.fixture
def floor(team, admin, say, store):
    """One picture with a failed check, a note on it, two leads who look at it, and somebody to give work to."""
    say.batch()
    say.file(words=("fail",))
    ben = team.person(admin, "ben", "lead")
    line = lines(admin)[0]
    note = admin.post(f"/api/v1/assets/{line['id']}/notes", json={"text": "the rim", "points": [[0.5, 0.5]]}).json()
    return admin, ben, line, note, store


def _asset(path, body):
    def ask(browser, line, **_):
        on = {"If-Match": line["etag"]}
        return lambda: browser.post(f"/api/v1/assets/{line['id']}/{path}", json=body, headers=on)

    return ask


def _on(path, body):
    def ask(browser, line, **_):
        return lambda: browser.post(f"/api/v1/{path}", json=body | {"on": {line["id"]: line["etag"]}})

    return ask


def _assign(browser, line, ben, **_):
    body = {"on": {line["id"]: line["etag"]}, "account": ben.me["account"]}
    return lambda: browser.post("/api/v1/assignments", json=body)


def _claim(browser, line, **_):
    return lambda: browser.post("/api/v1/claims", json={"files": [line["id"]]})


def _brief(browser, **_):
    return lambda: browser.post("/api/v1/batches/spring/briefs", json={"text": "warm"}, headers={"If-Match": "0"})


def _note_done(browser, line, note, **_):
    path, on = f"/api/v1/assets/{line['id']}/notes/{note['id']}", {"If-Match": note["etag"]}
    return lambda: browser.patch(path, json={"done": True}, headers=on)


def _note_gone(browser, line, note, **_):
    path, on = f"/api/v1/assets/{line['id']}/notes/{note['id']}", {"If-Match": note["etag"]}
    return lambda: browser.delete(path, headers=on)


def _move(browser, **_):
    body = {"task": "culling", "values": {"stance": "calibrate"}, "reason": "seen"}
    etag = browser.get("/api/v1/reliability").json()["etag"]
    return lambda: browser.post("/api/v1/reliability/moves", json=body, headers={"If-Match": etag})


def _checkpoint(browser, **_):
    return lambda: browser.post("/api/v1/batches/spring/checkpoints", json={"label": "noon"})


# Each word by two people at once; of what kind the facts are that it writes, and how many one word writes.
WORDS = {
    "a decision": (_on("decisions", {"decided": "revise", "reason": "the edge"}), told.DECIDED),
    "an overruling": (_on("overrulings", {"word": "reject", "reason": "blurred"}), told.OVERRULED),
    "an assignment": (_assign, "work.assigned"),
    "an override": (_asset("overrides", {"check": "check0", "reason": "the prop is meant"}), "verdict.overridden"),
    "a mark": (_asset("marks", {"state": "experiment", "reason": "a try"}), "version.marked"),
    "a claim": (_claim, "claim.taken"),
    "a brief": (_brief, "brief.set"),
    "a note that is seen to": (_note_done, "note.changed"),
    "a note that is taken away": (_note_gone, "note.removed"),
    "a move on the map": (_move, None),
    "a checkpoint": (_checkpoint, None),
}


@pytest.mark.parametrize("word", WORDS)
def test_of_two_who_say_it_at_once_one_counts_and_the_other_is_told(floor, word):
    admin, ben, line, note, store = floor
    ask, kind = WORDS[word]
    before = store.ledger.head().seq
    answers = at_once(*(ask(browser, line=line, note=note, ben=ben) for browser in (admin, ben)))
    codes = sorted(each.status_code for each in answers)
    assert codes[0] in (200, 201, 204) and codes[1] in (404, 409), [each.text for each in answers]
    if codes[1] == 404:
        assert word == "a note that is taken away"  # there is nothing left to be told of
    late = next(each for each in answers if each.status_code == codes[1]).json()["detail"]
    assert len(late) > 20 and "\n" not in late
    said = [each for each in store.ledger.facts(after=before) if each.kind == (kind or each.kind)]
    assert said
    people = {each.actor.name for each in said} | {each.personal.get("name", "") for each in said}
    assert len({"Ada Admin", "Ben"} & people) <= 1, said


@pytest.mark.parametrize("change", [{"name": "Ben Two"}, {"skills": ["edges"]}, {"junior": True}])
def test_of_two_admins_who_change_an_account_one_counts(team, admin, change):
    eve = team.person(admin, "eve", "admin")
    team.person(admin, "ben", "reviewer")
    ben = next(each for each in admin.get("/api/v1/people").json()["items"] if each["login"] == "ben")
    on = {"If-Match": ben["etag"]}
    answers = at_once(
        *(
            lambda browser=browser: browser.patch(f"/api/v1/people/{ben['id']}", json=change, headers=on)
            for browser in (admin, eve)
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 409]


def test_a_brief_is_changed_by_who_saw_it_and_a_first_one_by_who_saw_none(floor):
    admin, ben, *_ = floor
    path = "/api/v1/batches/spring/briefs"
    assert admin.post(path, json={"text": "warm"}, headers={"If-Match": "0"}).status_code == 200
    late = ben.post(path, json={"text": "cold"}, headers={"If-Match": "0"})
    assert late.status_code == 409 and late.json()["detail"].startswith("Ada Admin was first: the brief for the batch")
    (brief,) = ben.get(path).json()["items"]
    assert ben.post(path, json={"text": "cold"}, headers={"If-Match": brief["etag"]}).status_code == 200
    about = {"about": "category:jewelry", "text": "sparkle"}  # another brief is nobody's business
    assert admin.post(path, json=about, headers={"If-Match": "0"}).status_code == 200
    assert {each["text"] for each in admin.get(path).json()["items"]} == {"cold", "sparkle"}


def test_a_file_is_told_the_briefs_that_its_own_work_goes_by(floor):
    admin, _, line, *_ = floor
    path = "/api/v1/batches/spring/briefs"
    for about, text in (("", "warm"), (f"category:{line['category']}", "crisp"), ("category:other", "never")):
        assert admin.post(path, json={"about": about, "text": text}, headers={"If-Match": "0"}).status_code == 200
    told = admin.get(path, params={"file": line["id"]}).json()["items"]
    assert [each["text"] for each in told] == ["warm", "crisp"]
    assert admin.get(path, params={"file": "f" * 20}).status_code == 404


def test_a_picture_that_is_on_no_board_is_not_there(floor):
    admin, *_ = floor
    answer = admin.get(f"/api/v1/batches/spring/board/{'0' * 64}")
    assert answer.status_code == 404
    assert "is on a reference board of spring" in answer.json()["detail"]


def test_a_batch_goes_back_to_a_checkpoint_only_as_it_was_seen(floor, store):
    admin, ben, line, *_ = floor
    assert admin.post("/api/v1/batches/spring/checkpoints", json={"label": "noon"}).status_code == 201
    seen = admin.get("/api/v1/batches/spring").json()["etag"]
    body = {"on": {line["id"]: line["etag"]}, "decided": "revise", "reason": "the edge"}
    assert ben.post("/api/v1/decisions", json=body).status_code == 200
    path = "/api/v1/batches/spring/checkpoints/noon/restore"
    # A second version, so that there is something to go back from.
    file = admin.get(f"/api/v1/assets/{line['id']}").json()
    made = {
        "asset": file["asset"],
        "edit_key": "f",
        "blobs": {},
        "edit": {"schema": 1, "original": file["asset"], "steps": []},
    }
    store.ledger.append([NewFact(told.MADE, "2" * 16, made | {"width": 1, "height": 1}, batch="spring")])
    late = admin.post(path, json={"reason": "wrong look"}, headers={"If-Match": seen})
    assert late.status_code == 409 and "has worked on batch spring since" in late.json()["detail"]


def test_nothing_else_leaves_than_the_plan_that_was_looked_at(team, say, store):
    say.batch()
    for n in range(3):
        say.file(f"{n}.jpg", route="auto", queue="")
    admin = team.admin()
    plan = admin.get("/api/v1/batches/spring/release").json()
    assert plan["members"] == 3
    say.file("late.jpg", route="auto", queue="")
    late = admin.post("/api/v1/batches/spring/release", headers={"If-Match": plan["etag"]})
    assert late.status_code == 409 and "another than what you looked at" in late.json()["detail"]
    assert store.ledger.latest(told.RELEASED) is None and store.ledger.latest("work.asked") is None
    again = admin.get("/api/v1/batches/spring/release").json()
    assert again["members"] == 4 and again["etag"] != plan["etag"]
