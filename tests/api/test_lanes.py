"""Pages of a queue and of a batch by lane and by stakes."""

from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.core.facts import NewFact
from safelight.routing.lanes import lane_of, lane_rules
from tests.api.conftest import lines

GUIDE = {"portrait": "model", "packshot": "marketplace"}
CATEGORIES = ("on_model", "editorial", "packshot", "portrait", "jewelry", "")


@pytest.fixture
def admin(team, say, store):
    """Two clients, of whom one's guide names lanes of its own; a picture of each category and stakes for each."""
    for client, lanes in (("Acme", GUIDE), ("Other", {})):
        opening = {"folder": "/shoots", "guide": "house", "guide_key": "k", "client": client, "lanes": lanes}
        store.ledger.append([NewFact(told.OPENED, client, opening, batch=client)])
        for category in CATEGORIES:
            for stakes in ("high", "standard", "low"):
                say.file(f"{category}_{stakes}.jpg", batch=client, category=category, stakes=stakes)
    return team.admin()


def expected(lane, client):
    named = GUIDE if client == "Acme" else {}
    return {each for each in CATEGORIES if lane_of(each, named.get(each, "")).kind == lane}


@pytest.mark.parametrize("lane", lane_rules())
def test_a_queue_shows_one_lane_as_each_client_named_it(admin, lane):
    items, after = [], ""
    while True:  # by pages of two, so that keys hold across the filter
        page = admin.get("/api/v1/queues/edge_repair", params={"lane": lane, "limit": 2, "after": after}).json()
        items, after = [*items, *page["items"]], page["next"]
        if not after:
            break
    found = [(each["batch"], each["category"], each["stakes"]) for each in items]
    assert len(found) == len(set(found)) == 3 * sum(len(expected(lane, each)) for each in ("Acme", "Other"))
    assert {each[:2] for each in found} == {(c, each) for c in ("Acme", "Other") for each in expected(lane, c)}
    assert [("high", "standard", "low").index(each[2]) for each in found] == sorted(
        ("high", "standard", "low").index(each[2]) for each in found
    )
    board = next(each for each in admin.get("/api/v1/queues").json()["lanes"] if each["queue"] == "edge_repair")
    assert board["lanes"].get(lane, 0) == len(found)
    own = lines(admin, "Acme", lane=lane)
    assert {each["category"] for each in own} == expected(lane, "Acme")


def test_a_queue_shows_only_the_stakes_that_are_asked_for(admin):
    found = admin.get("/api/v1/queues/edge_repair", params={"stakes": "high", "lane": "model"}).json()["items"]
    assert {each["stakes"] for each in found} == {"high"} and len(found) == 3


@pytest.mark.parametrize("wanted", [{"lane": "fast"}, {"stakes": "huge"}])
def test_a_lane_that_there_is_not_is_refused_with_those_that_there_are(admin, wanted):
    refused = admin.get("/api/v1/queues/edge_repair", params=wanted)
    assert refused.status_code in (404, 422)
    assert "there are:" in refused.json()["detail"] and next(iter(wanted.values())) in refused.json()["detail"]
