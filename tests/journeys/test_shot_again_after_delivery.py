"""A delivered picture that has to be shot again, over HTTP: from the client's word to what leaves in its place."""

from __future__ import annotations

import pytest

from tests.journeys.served import decide
from tests.journeys.test_returned_served import Floor
from tests.shoots import jpeg, product


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """Three pictures that were delivered; one that nobody had looked at is sent back, and asked for again."""
    made = Floor(tmp_path_factory.mktemp("shot-again"))
    made.file, made.before = made.spared[0], made.manifest()
    yield made
    made.served.close()


def shoot(floor, name, seed):
    """Bring a capture into the shoot's folder, and take it through the workflow."""
    folder = floor.served.folder
    (folder / "spring" / "packshots" / f"{name}.jpg").write_bytes(
        jpeg(product(seed=seed, stops=0.1), taken="2026:03:02 09:00:00")
    )
    asked = {"folder": str(folder / "spring"), "guide": str(folder / "acme.toml")}
    assert floor.ada.post("/jobs", json=asked).status_code == 202
    floor.wait()


def test_what_was_delivered_is_not_shot_again_behind_the_clients_back(floor):
    line = floor.files()[floor.file]
    said = decide(floor.ines, line, "reshoot", reason="the label is covered")
    assert said.status_code == 409 and "reshoot on it is a client's return" in said.json()["detail"]


def test_a_return_is_asked_of_the_set_by_whoever_reviews_it(floor):
    floor.send_back(floor.file)
    line = floor.files()[floor.file]
    assert decide(floor.ines, line, "reshoot", reason="the label is covered").status_code == 200
    (asked,) = floor.ines.get("/batches/spring/reshoots").json()["items"]
    assert (asked["id"], asked["by"], asked["reason"]) == (floor.file, "Ines", "the label is covered")
    kpi, stratum = floor.numbers()
    assert (kpi["final"], kpi["unseen"], kpi["escapes"], stratum["found_by_clients"]) == (3, 2, 1, 1)


def test_the_new_capture_takes_the_place_and_gets_a_look_of_its_own(floor):
    old = floor.files()[floor.file]
    shoot(floor, f"{old['name'].removesuffix('.jpg')}_2", seed=40)
    assert floor.ines.get("/batches/spring/reshoots").json()["items"] == []
    gone = floor.files()[floor.file]
    new = next(each for each in floor.files().values() if each["file"] == gone["superseded_by"])
    assert (gone["standing"], new["sku"], new["view"]) == ("left_out", old["sku"], old["view"])
    assert (new["standing"], new["route"], new["queue"]) == ("waiting", "review", "review")
    assert new["reasons"][0].startswith("a client sent back what it was shot in the place of")
    floor.new = new["id"]
    assert floor.lena.get("/batches/spring/release").json()["members"] == 0  # no sample lets it leave


def test_an_escape_that_was_shot_again_stays_one_and_the_picture_is_counted_once(floor):
    kpi, stratum = floor.numbers()
    assert (kpi["files"], kpi["final"], kpi["unseen"], kpi["escapes"]) == (3, 3, 2, 1)
    assert (kpi["revised"]["hits"], kpi["first_pass"]["hits"]) == (1, 1)
    assert kpi["redone"] == [floor.files()[floor.new]["file"]]
    assert kpi["days_to_live"] > 0
    assert stratum["found_by_clients"] == 1


def test_it_keeps_its_route_when_the_shoot_is_run_again(floor):
    shoot(floor, "SKU09_front", seed=41)
    assert floor.files()[floor.new]["route"] == "review"


def test_only_what_was_shot_again_leaves_again_under_its_old_name(floor):
    assert decide(floor.ines, floor.files()[floor.new]).json()["items"][0]["standing"] == "approved"
    assert floor.lena.post("/batches/spring/delivery").status_code == 202
    floor.wait()
    after, old = floor.manifest(), floor.files()[floor.file]
    name = f"{old['sku']}_{old['view']}.jpg"
    places = {f"{channel}/{name}" for channel in ("amazon-main", "google-merchant")}
    assert floor.before.keys() - after.keys() == places
    assert after.keys() - floor.before.keys() == {f"delivery-2/{each}" for each in places}
    assert {after[f"delivery-2/{each}"]["original_sha256"] for each in places} == {floor.files()[floor.new]["asset"]}
    assert floor.superseded() == {each: (f"delivery-2/{each}", "the client sent it back: too dark") for each in places}
    untouched = floor.before.keys() & after.keys()
    assert {each: after[each]["sha256"] for each in untouched} == {
        each: floor.before[each]["sha256"] for each in untouched
    }
    kpi, stratum = floor.numbers()
    assert (kpi["final"], kpi["escapes"], stratum["found_by_clients"]) == (3, 1, 1)
    assert "Traceback" not in floor.served.log.read_text()
