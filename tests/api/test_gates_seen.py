"""What a release must have shown, and the places that a batch can go back to, as clients ask for them."""

from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.review.looks import SHOWN
from tests.api.conftest import lines

RELEASE, WAS_SHOWN = "/api/v1/batches/spring/release", "/api/v1/batches/spring/shown"


@pytest.fixture
def admin(team, say):
    say.batch()
    for n in range(7):
        say.file(f"{n}.jpg", route="spot_check", queue="release")
    return team.admin()


def whole(sample, **other):
    """What a screen says that it showed of a sample: all that is asked, as large as is asked."""
    return {
        each["version"]: [
            {"id": e["id"], "box": e["box"], "percent": e["percent"], "share": 1.0} | other for e in each["places"]
        ]
        for each in sample
    }


def let_leave(browser, plan):
    return browser.post(RELEASE, headers={"If-Match": plan["etag"]})


def test_a_release_whose_sample_was_not_shown_is_refused_with_the_way_out(admin, store):
    plan = admin.get(RELEASE).json()
    assert plan["members"] == 7 and len(plan["sample"]) >= 5
    refused = let_leave(admin, plan)
    assert refused.status_code == 409
    assert "its middle at 200 %" in refused.json()["detail"] and "open it under Release" in refused.json()["detail"]
    assert store.ledger.latest(told.RELEASED) is None and store.ledger.latest("work.asked") is None


@pytest.mark.parametrize("other", [{"percent": 50}, {"share": 0.5}])
def test_too_small_or_too_little_of_it_is_not_shown(admin, other):
    plan = admin.get(RELEASE).json()
    assert admin.post(WAS_SHOWN, json={"shown": whole(plan["sample"], **other)}).status_code == 200
    assert let_leave(admin, plan).status_code == 409


def test_what_was_shown_counts_for_that_person_alone_and_over_several_requests(admin, team):
    plan = admin.get(RELEASE).json()
    ben = team.person(admin, "ben", "lead")
    for each in plan["sample"]:
        assert ben.post(WAS_SHOWN, json={"shown": whole([each])}).status_code == 200
    assert let_leave(admin, plan).status_code == 409
    mine = admin.get(RELEASE).json()["sample"]
    assert not any(each["shown"] for each in mine)
    assert all(each["shown"] for each in ben.get(RELEASE).json()["sample"])
    assert let_leave(ben, plan).status_code == 202


def test_a_version_that_does_not_stand_there_is_shown_to_nobody(admin, store):
    strange = admin.post(
        WAS_SHOWN, json={"shown": {"0" * 16: [{"id": "whole", "box": [0, 0, 1, 1], "percent": 100, "share": 1}]}}
    )
    assert strange.status_code == 404 and store.ledger.latest(SHOWN) is None


def test_files_of_a_kind_without_labels_are_told_with_their_bound(admin):
    plan = admin.get(RELEASE).json()
    (bound,) = plan["bounds"]
    assert (bound["members"], bound["labels"], bound["share"], bound["level"]) == (7, 0, 0.99, 0.01)
    assert bound["looked_at"] == len(plan["sample"])


def test_checkpoints_are_listed_with_what_going_back_would_change(team, say, store):
    say.batch()
    say.file()
    admin = team.admin()
    assert admin.get("/api/v1/batches/spring/checkpoints").json()["items"] == []
    assert admin.post("/api/v1/batches/spring/checkpoints", json={"label": "noon", "note": "before"}).status_code == 201
    (first,) = admin.get("/api/v1/batches/spring/checkpoints").json()["items"]
    assert (first["label"], first["note"], first["by"], first["files"]) == ("noon", "before", "Ada Admin", 1)
    assert first["back"] == []
    asset = lines(admin)[0]["asset"]
    edit = {"schema": 1, "original": asset, "steps": []}
    made = {"asset": asset, "edit_key": "f", "blobs": {"master": "m"}, "edit": edit, "width": 1, "height": 1}
    store.ledger.append([NewFact(told.MADE, "2" * 16, made, batch="spring")])
    found = admin.get("/api/v1/batches/spring/checkpoints").json()
    assert found["items"][0]["back"] == ["a.jpg"]
    path = "/api/v1/batches/spring/checkpoints/noon/restore"
    back = admin.post(path, json={"reason": "the look was wrong"}, headers={"If-Match": found["etag"]})
    assert back.status_code == 200 and "2222222222222222 stays in its lineage" in back.json()["items"][0]["said"]
    assert admin.get("/api/v1/batches/spring/checkpoints").json()["items"][0]["back"] == []
