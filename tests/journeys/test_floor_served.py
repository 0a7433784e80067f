"""A shoot through the floor over HTTP, as clients do it: each person with a session of their own, nobody at a shell."""

from __future__ import annotations

import json

import pytest

from tests.journeys.cli import safelight
from tests.journeys.served import Served, decide, look_at_sample, seen
from tests.journeys.test_floor import GUIDE, SHOTS
from tests.shoots import jpeg, product

TEAM = {"lena": "lead", "tom": "reviewer", "ines": "senior", "rosa": "retoucher", "cem": "specialist"}


class Floor:
    """The service, who works on it, and where things stand."""

    def __init__(self, served):
        self.served, self.ada = served, served.admin()
        for login, role in TEAM.items():
            who = {"login": login, "name": login.title(), "roles": {"Acme": role}}
            who |= {"skills": ["edge_repair"]} if login == "cem" else {}
            setattr(self, login, served.redeem(self.ada.post("/people", json=who).json()["link"]))
        client = {"login": "acme", "name": "Acme", "roles": {"Acme": "client"}}
        self.acme = served.redeem(self.ada.post("/people", json=client).json()["link"])

    def file(self, name, batch="spring"):
        files = self.ada.get(f"/batches/{batch}/assets").json()["items"]
        return next(each for each in files if each["name"] == f"{name}.jpg")

    def shoot(self, *frames, batch="autumn"):
        """Put frames (name, seed, minute, stops) into a shoot's folder, and take it through its workflow."""
        place = self.served.folder / batch / "packshots"
        place.mkdir(parents=True, exist_ok=True)
        for name, seed, minute, stops in frames:
            data = jpeg(product(seed=seed, stops=stops), taken=f"2026:09:01 10:{minute:02}:00")
            (place / f"{name}.jpg").write_bytes(data)
        asked = {"folder": str(place.parent), "guide": str(self.served.folder / "acme.toml")}
        assert self.ada.post("/jobs", json=asked).status_code == 202
        self.wait()

    def wait(self):
        """Wait until no job waits or works; each must have ended well."""
        for each in self.ada.get("/jobs").json()["items"]:
            self.served.finished(self.ada, each["id"])

    def amend(self, browser, name, step, **values):
        line = self.file(name)
        body = {"step": step, "values": values, "reason": "as it should be"}
        done = browser.post(f"/assets/{line['id']}/amendments", json=body, headers={"If-Match": line["etag"]})
        assert done.status_code == 200, done.text
        self.wait()

    def override(self, name):
        line = self.file(name)
        body = {"check": "clipping", "reason": "it is the lamp"}
        done = self.lena.post(f"/assets/{line['id']}/overrides", json=body, headers={"If-Match": line["etag"]})
        assert done.status_code == 200, done.text

    def sent_back_twice_between_overrides(self):
        """C's back has a lead's word on its clipping; its edge goes back twice all the same, and the count stands."""
        (first,) = decide(self.tom, self.file("C_back"), "revise", marks=["edge_rough"]).json()["items"]
        assert (first["queue"], first["route"] == "specialist") == ("edge_repair", False)
        self.amend(self.rosa, "C_back", "cutout", edge_shift=-0.5)
        assert self.file("C_back")["verdicts"]["clipping"] == "fail"
        assert "fails gate 1" in decide(self.lena, self.file("C_back")).json()["detail"]  # the word was about a version
        self.override("C_back")
        (again,) = decide(self.tom, self.file("C_back"), "revise", marks=["edge_rough"]).json()["items"]
        assert (again["queue"], again["route"]) == ("edge_repair", "specialist")
        self.amend(self.cem, "C_back", "cutout", edge_shift=-1)
        self.override("C_back")

    def erase(self, browser, **what):
        return browser.post("/erasures", json={"reason": "asked to be forgotten", **what})

    def waiting(self):
        return {(e["product"], e["queue"]): e for e in self.ada.get("/batches/spring/queue").json()["items"]}

    def manifest(self, batch="spring"):
        place = self.served.folder / "out" / batch / "delivery" / "manifest.json"
        return {each["file"]: each for each in json.loads(place.read_text())["files"]}


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A team at a running service, and a shoot on the disk that nobody has looked at yet."""
    folder = tmp_path_factory.mktemp("served")
    place = folder / "spring" / "packshots"
    place.mkdir(parents=True)
    for n, (name, seed, stops) in enumerate(SHOTS):
        (place / f"{name}.jpg").write_bytes(jpeg(product(seed=seed, stops=stops), taken=f"2026:03:01 10:{3 * n:02}:00"))
    (folder / "acme.toml").write_text(GUIDE)
    served = Served(folder, {})
    yield Floor(served)
    served.close()


def test_intake_and_routing_put_every_file_where_somebody_sees_it(floor):
    asked = {"folder": str(floor.served.folder / "spring"), "guide": str(floor.served.folder / "acme.toml")}
    assert floor.tom.post("/jobs", json=asked).status_code == 403
    assert floor.ada.post("/jobs", json=asked).status_code == 202
    floor.wait()
    files = floor.tom.get("/batches/spring/assets").json()["items"]
    assert {each["standing"] for each in files} == {"waiting"} and all(each["reasons"] for each in files)
    told = floor.tom.get(f"/assets/{floor.file('A_front')['id']}/explanation").json()["lines"]
    assert any("cutout works on background_removal: zone" in each for each in told)


def test_a_product_with_a_missing_view_is_an_exception_on_the_board(floor):
    products = {each["key"]: each for each in floor.tom.get("/batches/spring/products").json()["items"]}
    assert products["B"]["missing"] == ["back"] and "no back" in products["B"]["held"]["google-merchant"]
    assert floor.waiting()["B", "release"]["problems"] == ["no back"]


def test_an_edge_that_was_sent_back_twice_goes_to_the_specialist(floor):
    note = [{"text": "soft here", "points": [[0.4, 0.5]]}]
    back = decide(floor.tom, floor.file("A_front"), "revise", marks=["edge_rough"], notes=note).json()["items"][0]
    assert (back["standing"], back["queue"]) == ("sent_back", "edge_repair")
    floor.amend(floor.rosa, "A_front", "cutout", edge_shift=-0.5)
    assert floor.tom.get(f"/assets/{back['id']}/notes").json()["items"][0]["by"] == "Tom"
    again = decide(floor.tom, floor.file("A_front"), "revise", reason="the edge is still soft").json()["items"][0]
    assert (again["route"], again["queue"]) == ("specialist", "edge_repair")
    waits = floor.waiting()["A", "edge_repair"]
    assert (waits["route"], waits["round"], waits["suggested"]) == ("specialist", 2, "Cem")
    claim = floor.cem.post("/claims", json={"files": [again["id"]]})
    assert claim.status_code == 201
    refused = decide(floor.ines, floor.file("A_front"))
    assert refused.status_code == 409 and "Cem has" in refused.json()["detail"]
    floor.amend(floor.cem, "A_front", "cutout", edge_shift=-1)
    floor.cem.delete(f"/claims/{claim.json()['id']}")
    assert floor.file("A_front")["route"] == "spot_check"
    assert decide(floor.ines, floor.file("A_front")).json()["items"][0]["approved_by"] == "Ines"


def test_an_override_stays_a_fail_and_needs_a_second_reviewer_who_has_looked_too(floor):
    line = floor.file("C_back")
    shut = decide(floor.tom, line)
    assert shut.status_code == 409 and "fails gate 1 (clipping)" in shut.json()["detail"]
    body, seen_as = {"check": "clipping", "reason": "it is the lamp"}, {"If-Match": line["etag"]}
    assert floor.tom.post(f"/assets/{line['id']}/overrides", json=body, headers=seen_as).status_code == 403
    assert floor.lena.post(f"/assets/{line['id']}/overrides", json=body, headers=seen_as).status_code == 200
    floor.sent_back_twice_between_overrides()
    blind = {"on": {line["id"]: floor.file("C_back")["etag"]}, "decided": "approve"}
    unseen = floor.lena.post("/decisions", json=blind)
    assert unseen.status_code == 409 and "seen at 200 %" in unseen.json()["detail"]
    assert "clipping:" in unseen.json()["detail"]
    first = decide(floor.lena, floor.file("C_back")).json()["items"][0]
    assert (first["standing"], first["approvers_needed"]) == ("waiting", 2)
    again = decide(floor.served.sign_in("lena"), floor.file("C_back")).json()["items"][0]
    assert again["standing"] == "waiting"  # one person in two sessions is one person
    blind["on"] = {line["id"]: floor.file("C_back")["etag"]}
    assert floor.tom.post("/decisions", json=blind).status_code == 409  # what Lena saw, Tom did not
    second = decide(floor.tom, floor.file("C_back")).json()["items"][0]
    assert second["standing"] == "approved" and second["verdicts"]["clipping"] == "fail"


def test_the_rest_is_released_by_its_sample_and_the_product_without_its_back_is_held(floor):
    plan = floor.lena.get("/batches/spring/release").json()
    assert (plan["members"], plan["approved"]) == (3, 2)
    assert {each["file"].rsplit("/", 1)[-1] for each in plan["sample"]} == {"A_back.jpg", "B_front.jpg", "C_front.jpg"}
    assert floor.tom.post("/batches/spring/release").status_code == 403
    assert floor.lena.post("/batches/spring/release").status_code == 428  # of what she looked at
    unseen = floor.lena.post("/batches/spring/release", headers={"If-Match": plan["etag"]})
    assert (
        unseen.status_code == 409 and "3 of the 3 files of its sample were not shown to you" in unseen.json()["detail"]
    )
    assert "the whole picture at 100 %" in unseen.json()["detail"]
    look_at_sample(floor.tom, "spring")  # what Tom saw, Lena did not
    assert floor.lena.post("/batches/spring/release", headers={"If-Match": plan["etag"]}).status_code == 409
    assert look_at_sample(floor.lena, "spring") == plan["etag"]
    assert floor.lena.post("/batches/spring/release", headers={"If-Match": plan["etag"]}).status_code == 202
    floor.wait()
    left = floor.manifest()
    assert "amazon-main/B_front.jpg" in left and "google-merchant/B_front.jpg" not in left
    (overridden,) = left["google-merchant/C_back.jpg"]["overrides"]
    assert (overridden["check"], overridden["by"]) == ("clipping", "Lena")
    assert sorted(overridden["approved_by"]) == ["Lena", "Tom"]
    waiver = {"product": "B", "view": "back", "reason": "it has none", "channel": "google-merchant"}
    seen = {"If-Match": floor.lena.get("/batches/spring/products").json()["etag"]}
    assert floor.lena.post("/batches/spring/waivers", json=waiver, headers=seen).status_code == 200
    assert floor.lena.post("/batches/spring/delivery").status_code == 202
    floor.wait()
    assert "google-merchant/B_front.jpg" in floor.manifest()


def test_a_clients_return_opens_what_was_delivered_and_only_that_leaves_again(floor):
    before, line = floor.manifest(), floor.file("C_front")
    assert floor.acme.get("/people").status_code == 403
    body, seen_as = {"reason": "darker than the bag", "marks": ["too_dark"]}, {"If-Match": line["etag"]}
    assert floor.tom.post(f"/assets/{line['id']}/returns", json=body, headers=seen_as).status_code == 403
    assert floor.acme.post(f"/assets/{line['id']}/returns", json=body, headers=seen_as).status_code == 200
    back = floor.file("C_front")
    assert (back["standing"], back["queue"]) == ("sent_back", "color")
    assert floor.waiting()["C", "color"]["why"][0] == "a client sent it back"
    floor.amend(floor.rosa, "C_front", "exposure", stops=0.2)
    assert decide(floor.ines, floor.file("C_front")).status_code == 200
    floor.lena.post("/batches/spring/delivery")
    floor.wait()
    after = floor.manifest()
    places = {"amazon-main/C_front.jpg", "google-merchant/C_front.jpg"}
    assert after.keys() - before.keys() == {f"delivery-2/{each}" for each in places}
    assert before.keys() - after.keys() == places  # they lie where they lay, and are told as superseded
    assert {name: after[name]["sha256"] for name in before if name in after} == {
        name: each["sha256"] for name, each in before.items() if name in after
    }


def test_a_studio_sets_its_rates_and_is_told_what_they_take(floor):
    assert floor.lena.get("/rates").status_code == 403  # of the whole house, and she leads one project
    rates = floor.ada.get("/rates").json()
    assert (rates["review_h"], rates["baseline_min"]) == (0.0, {})
    seen_as = {"If-Match": rates["etag"]}
    wrong = floor.ada.post("/rates", json={"review_h": -3}, headers=seen_as)
    assert wrong.status_code == 422 and "review_h is -3; it takes 0 or more, an hour's cost" in wrong.json()["detail"]
    strange = floor.ada.post("/rates", json={"baseline_min": {"lunch": 30}}, headers=seen_as).json()["detail"]
    assert "no baseline for 'lunch'; there are: culling" in strange
    assert floor.tom.post("/rates", json={"review_h": 1}, headers=seen_as).status_code == 403
    asked = {"review_h": 42, "labor_h": 36, "currency": "EUR", "baseline_min": {"retouch": 30, "culling": 1.5}}
    done = floor.ada.post("/rates", json=asked, headers=seen_as).json()
    assert (done["review_h"], done["currency"], done["baseline_min"]["culling"]) == (42.0, "EUR", 1.5)
    assert floor.ada.post("/rates", json=asked, headers=seen_as).status_code == 409  # somebody was first


def test_the_numbers_and_the_chain_tell_it_all(floor):
    # The client's return was of a file that the sample had looked at: a revision, no escape.
    (kpi,) = floor.lena.get("/figures").json()["categories"]
    assert (kpi["files"], kpi["final"], kpi["overridden"], kpi["waiting"], kpi["overdue"]) == (5, 5, 1, 0, 0)
    assert (kpi["first_pass"]["hits"], kpi["first_pass"]["tries"], kpi["escapes"]) == (2, 5, 0)
    assert {cause for cause, _, _ in kpi["causes"]} == {"edge_rough", "too_dark"}
    assert kpi["review_min"] > 0 and kpi["labor_min"] > 0
    cost = (kpi["review_min"] * 42 + kpi["labor_min"] * 36) / 60 / 5
    assert kpi["cost"] == pytest.approx(cost, abs=0.01)
    assert kpi["cost_by_hand"] == pytest.approx(31.5 * 36 / 60)  # 30 minutes and one and a half, at the rate of work
    by_hand, people = 5 * 31.5 / 60, (kpi["review_min"] + kpi["labor_min"]) / 60
    assert kpi["saved_h"]["net"] == pytest.approx(by_hand - people, abs=0.01)
    assert floor.lena.get("/figures.csv").text.startswith("category,")
    assert floor.acme.get("/figures").status_code == 403
    assert "clean:" in safelight("verify", "--chain", folder=floor.served.folder).stdout
    assert "Traceback" not in floor.served.log.read_text()


def test_a_screens_time_counts_where_it_was_spent_and_moves_nothing_else(floor):
    line, (before,) = floor.file("B_front"), floor.lena.get("/figures").json()["categories"]
    seen_for = {"seconds": 600.0, "room": "review"}
    rosa = floor.served.sign_in("rosa")
    assert floor.acme.post(f"/assets/{line['id']}/looked", json=seen_for).status_code == 403
    assert rosa.post(f"/assets/{line['id']}/looked", json=seen_for | {"seconds": -1}).status_code == 422
    assert rosa.post(f"/assets/{line['id']}/looked", json=seen_for).status_code == 204
    assert floor.file("B_front")["etag"] == line["etag"]
    (after,) = floor.lena.get("/figures").json()["categories"]
    # What Rosa's amendments spoke for already is not counted again.
    assert before["review_min"] < after["review_min"] <= before["review_min"] + 10


def test_what_must_be_seen_is_what_the_screen_is_told(floor):
    whole = floor.tom.get(f"/assets/{floor.file('C_back')['id']}").json()
    doubted = [each["check"] for each in whole["checks"] if each["word"] != "pass" and each["evidence"]]
    assert "clipping" in doubted
    assert {each["id"].split(":")[0] for each in whole["looks"] if each["must"]} >= set(doubted)
    assert seen(floor.tom, whole)[whole["id"]]


def test_a_person_is_forgotten_and_what_left_the_house_under_the_name_is_listed(floor):
    assert floor.erase(floor.lena, person="Tom").status_code == 403
    assert "name one thing" in floor.erase(floor.ada, person="Tom", file="x").json()["detail"]
    planned = floor.erase(floor.ada, person="Tom").json()
    left = {each["left"] for each in planned["items"] if "left" in each}
    assert not planned["erased"] and any(each.endswith("C_back.jpg") for each in left)
    shown = floor.lena.get(f"/assets/{floor.file('C_back')['id']}").text
    assert "Tom" in shown
    gone = floor.erase(floor.ada, person="Tom", really=True).json()
    assert gone["erased"] and {each["left"] for each in gone["items"] if "left" in each} == left
    assert any("was closed for ever: its name, login" in each["text"] for each in gone["items"])
    assert floor.tom.get("/me").status_code == 401  # his session ended with it
    assert "Tom" not in floor.ada.get("/people").text and '"tom"' not in floor.ada.get("/people").text
    assert "Tom" not in floor.lena.get(f"/assets/{floor.file('C_back')['id']}").text
    again = floor.erase(floor.ada, person="Tom", really=True)
    assert again.status_code == 422 and "no personal field of this store is 'Tom'" in again.json()["detail"]
    assert "clean:" in safelight("verify", "--chain", folder=floor.served.folder).stdout


def test_an_asset_is_forgotten_with_its_pixels_and_the_floor_goes_on(floor):
    line = floor.file("C_front")
    assert floor.ada.get(f"/assets/{line['id']}/preview").status_code == 200
    planned = floor.erase(floor.ada, file=line["id"]).json()
    left = {each["left"] for each in planned["items"] if "left" in each}
    assert {each.rsplit("/", 1)[-1] for each in left} == {"C_front.jpg"} and len(left) == 4  # twice to two channels
    assert floor.file("C_front")["id"] == line["id"]
    gone = floor.erase(floor.ada, file=line["id"], really=True).json()
    assert gone["items"][0]["blobs"] > 0 and any(each.get("chain") for each in gone["items"])
    assert any("the original is not the store's" in each["text"] for each in gone["items"])
    files = floor.ada.get("/batches/spring/assets").json()["items"]
    assert "C_front.jpg" not in {each["name"] for each in files} and len(files) == 5
    for place in ("render", "tiles", "before/tiles", "tiles/0/0_0"):
        assert floor.ada.get(f"/versions/{line['version']}/{place}").status_code == 404, place
    assert floor.lena.get("/figures").status_code == 200
    assert "clean:" in safelight("verify", "--chain", folder=floor.served.folder).stdout
    assert "Traceback" not in floor.served.log.read_text()


def test_what_is_shot_again_under_its_name_takes_the_place_by_itself(floor):
    floor.shoot(("K1_front", 5, 0, 0.0), ("K1_back", 6, 3, 0.0))
    old = floor.file("K1_front", "autumn")
    assert decide(floor.ines, old, "reshoot", marks=["part_missing"], reason="the strap is cut off").status_code == 200
    (asked,) = floor.ines.get("/batches/autumn/reshoots").json()["items"]
    assert (asked["sku"], asked["view"], asked["by"], asked["captures"]) == ("K1", "front", "Ines", [])
    told = [each["told"] for each in floor.ines.get("/batches/autumn/exceptions").json()["items"]]
    assert any("shoot again: K1 front: the strap is cut off" in each for each in told)
    floor.shoot(("K1_front_2", 5, 0, 0.05))  # by its picture and its clock a near-duplicate of the first
    assert floor.ines.get("/batches/autumn/reshoots").json()["items"] == []
    gone, new = floor.file("K1_front", "autumn"), floor.file("K1_front_2", "autumn")
    assert (gone["standing"], gone["superseded_by"].rsplit("/", 1)[-1]) == ("left_out", "K1_front_2.jpg")
    assert (new["standing"], new["class"], new["view"]) == ("waiting", "pick", "front")
    kept = floor.ines.get(f"/assets/{gone['id']}/versions").json()
    assert kept["superseded"]["file"].endswith("K1_front_2.jpg") and kept["superseded"]["by"] == ""
    assert [each["decided"] for each in kept["items"][0]["decisions"]] == ["reshoot"]
    (product,) = floor.ines.get("/batches/autumn/products").json()["items"]
    assert (product["missing"], product["doubled"]) == ([], [])


def test_a_capture_without_a_name_takes_a_place_by_a_persons_word_and_goes_through_its_own_gates(floor):
    old = floor.file("K1_back", "autumn")
    assert decide(floor.ines, old, "reshoot", reason="it has fallen over").status_code == 200
    floor.shoot(("IMG_0042", 6, 30, 0.05))
    (asked,) = floor.ines.get("/batches/autumn/reshoots").json()["items"]
    (capture,) = asked["captures"]
    assert capture["file"].endswith("IMG_0042.jpg")
    body, seen_as = {"by": capture["id"], "reason": "shot after lunch"}, {"If-Match": asked["etag"]}
    assert floor.rosa.post(f"/assets/{asked['id']}/superseded", json=body, headers=seen_as).status_code == 403
    done = floor.served.sign_in("ines").post(f"/assets/{asked['id']}/superseded", json=body, headers=seen_as)
    assert done.status_code == 200, done.text
    floor.wait()
    assert floor.ines.get("/batches/autumn/reshoots").json()["items"] == []
    new = floor.file("IMG_0042", "autumn")
    assert (new["sku"], new["view"], new["category"], new["standing"]) == ("K1", "back", "packshot", "waiting")
    assert new["verdicts"] and not new["decisions"]  # judged for itself, and nobody has said yes
    came = floor.ines.get(f"/assets/{new['id']}/versions").json()
    assert [(e["file"].rsplit("/", 1)[-1], e["by"]) for e in came["instead_of"]] == [("K1_back.jpg", "Ines")]
    for name in ("K1_front_2", "IMG_0042"):
        assert decide(floor.ines, floor.file(name, "autumn")).json()["items"][0]["standing"] == "approved"
    assert floor.lena.post("/batches/autumn/delivery").status_code == 202
    floor.wait()
    left = floor.manifest("autumn")
    assert left.keys() == {"amazon-main/K1_front.jpg", "google-merchant/K1_front.jpg", "google-merchant/K1_back.jpg"}
    assert {each["original_sha256"] for each in left.values()} == {
        floor.file("K1_front_2", "autumn")["asset"],
        new["asset"],
    }
    assert "clean:" in safelight("verify", "--chain", folder=floor.served.folder).stdout
