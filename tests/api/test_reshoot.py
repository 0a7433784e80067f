"""The set's list and the place that a new capture takes, as clients ask for them."""

from __future__ import annotations

import pytest

from tests.api.conftest import lines

LIST = "/api/v1/batches/spring/reshoots"


@pytest.fixture
def admin(team, say):
    """A front that is to be shot again, and two captures that came in since: one by its name, one without any."""
    say.batch()
    say.file("A_front.jpg", sku="A")
    say.file("A_back.jpg", sku="A", view="back")
    browser = team.admin()
    line = named(browser, "A_front.jpg")
    body = {"on": {line["id"]: line["etag"]}, "decided": "reshoot", "reason": "the label is covered"}
    assert browser.post("/api/v1/decisions", json=body).status_code == 200
    say.file("A_front_2.jpg", sku="A")
    say.file("IMG_7.jpg", sku="", view="", category="unknown")
    return browser


def named(browser, name):
    return next(each for each in lines(browser) if each["name"] == name)


def takes(browser, old, new, etag=None, reason="that is it"):
    line, other = named(browser, old), named(browser, new)
    body = {"by": other["id"], "reason": reason}
    seen = {"If-Match": line["etag"] if etag is None else etag}
    return browser.post(f"/api/v1/assets/{line['id']}/superseded", json=body, headers=seen)


def test_the_list_says_what_to_shoot_again_and_which_captures_may_be_it(admin):
    (asked,) = admin.get(LIST).json()["items"]
    line = named(admin, "A_front.jpg")
    assert (asked["id"], asked["etag"]) == (line["id"], line["etag"])
    assert (asked["sku"], asked["view"], asked["reason"], asked["by"]) == (
        "A",
        "front",
        "the label is covered",
        "Ada Admin",
    )
    assert [each["file"] for each in asked["captures"]] == ["A_front_2.jpg", "IMG_7.jpg"]
    assert asked["captures"][1]["id"] == named(admin, "IMG_7.jpg")["id"]


def test_a_place_is_taken_as_it_was_seen_and_by_who_may_decide(admin, team):
    for role, code in (("retoucher", 403), ("client", 403), ("reviewer", 200)):
        who = team.person(admin, role, role, "Acme")
        assert takes(who, "A_front.jpg", "IMG_7.jpg").status_code == code
    late = takes(admin, "A_front.jpg", "A_front_2.jpg", etag="1")
    assert late.status_code == 409
    assert takes(admin, "A_front.jpg", "A_front_2.jpg", reason=" ").status_code == 422


def test_what_took_a_place_is_told_on_both_lineages_and_the_request_is_closed(admin):
    done = takes(admin, "A_front.jpg", "IMG_7.jpg").json()
    assert done["said"] == "IMG_7.jpg takes the place of A_front.jpg, says Ada Admin"
    old, new = named(admin, "A_front.jpg"), named(admin, "IMG_7.jpg")
    assert (old["standing"], old["superseded_by"]) == ("left_out", "IMG_7.jpg")
    assert (new["sku"], new["view"], new["category"], new["superseded_by"]) == ("A", "front", "packshot", "")
    assert admin.get(LIST).json()["items"] == []
    gone = admin.get(f"/api/v1/assets/{old['id']}/versions").json()
    assert gone["superseded"] | {"at": ""} == {
        "id": new["id"],
        "file": "IMG_7.jpg",
        "reason": "that is it",
        "by": "Ada Admin",
        "at": "",
    }
    assert gone["items"][0]["decisions"][0]["decided"] == "reshoot" and gone["instead_of"] == []
    came = admin.get(f"/api/v1/assets/{new['id']}/versions").json()
    assert came["superseded"] is None
    assert [(each["id"], each["file"]) for each in came["instead_of"]] == [(old["id"], "A_front.jpg")]


def test_a_place_is_taken_within_a_batch(admin, say):
    say.batch("autumn")
    say.file("A_front_3.jpg", "autumn", sku="A")
    (other,) = lines(admin, "autumn")
    line = named(admin, "A_front.jpg")
    body = {"by": other["id"], "reason": "that is it"}
    done = admin.post(f"/api/v1/assets/{line['id']}/superseded", json=body, headers={"If-Match": line["etag"]})
    assert done.status_code == 422 and "is of autumn, not of spring" in done.json()["detail"]


def test_what_another_person_has_taken_is_not_replaced_under_their_hands(admin, team):
    ben = team.person(admin, "ben", "reviewer", "Acme")
    claim = {"files": [named(admin, "A_front.jpg")["id"]]}
    assert ben.post("/api/v1/claims", json=claim).status_code == 201
    done = takes(admin, "A_front.jpg", "A_front_2.jpg")
    assert done.status_code == 409 and "Ben has" in done.json()["detail"]


def test_a_mistake_is_taken_back_and_the_set_is_asked_again(admin):
    takes(admin, "A_front.jpg", "IMG_7.jpg")
    deed = admin.get("/api/v1/batches/spring/actions").json()["items"][0]
    assert (deed["what"], deed["file"]) == ("replaced by IMG_7.jpg", "A_front.jpg")
    assert admin.post(f"/api/v1/actions/{deed['seq']}/undo").status_code == 200
    assert named(admin, "A_front.jpg")["standing"] == "sent_back"
    new = named(admin, "IMG_7.jpg")
    assert (new["sku"], new["category"]) == ("", "unknown")
    assert [each["file"] for each in admin.get(LIST).json()["items"]] == ["A_front.jpg"]
    again = admin.post(f"/api/v1/actions/{deed['seq']}/undo")
    assert again.status_code == 409 and "stands again already" in again.json()["detail"]
