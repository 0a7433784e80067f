"""What a client sends back over HTTP: what nobody had looked at is an escape, and only what changed leaves again."""

from __future__ import annotations

import json

import pytest

from tests.journeys.served import Served, decide, look_at_sample
from tests.shoots import SPOT_CHECK_GUIDE, write_shoot

# One file of a release is looked at and no more: what leaves unseen does not depend on what a picture is called.
FEW = {"SAFELIGHT_SAMPLE_LEAST": "1", "SAFELIGHT_SAMPLE_SHARE": "0", "SAFELIGHT_ESCAPE_LEVEL": "1"}
TEAM = {"lena": "lead", "ines": "senior", "rosa": "retoucher", "acme": "client"}


class Floor:
    """Three pictures that were delivered, one of them after a look."""

    def __init__(self, folder):
        write_shoot(folder / "spring", 3)
        (folder / "acme.toml").write_text(SPOT_CHECK_GUIDE)
        self.served = Served(folder, FEW)
        self.ada = self.served.admin()
        for login, role in TEAM.items():
            who = {"login": login, "name": login.title(), "roles": {"Acme": role}}
            setattr(self, login, self.served.redeem(self.ada.post("/people", json=who).json()["link"]))
        asked = {"folder": str(folder / "spring"), "guide": str(folder / "acme.toml")}
        assert self.ada.post("/jobs", json=asked).status_code == 202
        self.wait()
        plan = self.lena.get("/batches/spring/release").json()
        (self.looked_at,) = (each["id"] for each in plan["sample"])
        seen_as = {"If-Match": look_at_sample(self.lena, "spring")}
        assert self.lena.post("/batches/spring/release", headers=seen_as).status_code == 202
        self.wait()
        self.spared = [each["id"] for each in self.files().values() if each["id"] != self.looked_at]

    def files(self):
        return {each["id"]: each for each in self.ada.get("/batches/spring/assets").json()["items"]}

    def wait(self):
        for each in self.ada.get("/jobs").json()["items"]:
            self.served.finished(self.ada, each["id"])

    def send_back(self, file):
        body, seen_as = {"reason": "too dark", "marks": ["too_dark"]}, {"If-Match": self.files()[file]["etag"]}
        done = self.acme.post(f"/assets/{file}/returns", json=body, headers=seen_as)
        assert done.status_code == 200, done.text

    def numbers(self):
        (kpi,) = self.lena.get("/figures").json()["categories"]
        (stratum,) = self.ada.get("/strata").json()["items"]
        return kpi, stratum

    def manifest(self):
        return {each["file"]: each for each in self._told()["files"]}

    def superseded(self):
        """Return what took the place of what was handed over, and why, by its place."""
        return {each["file"]: (each["superseded_by"], each["why"]) for each in self._told()["superseded"]}

    def _told(self):
        return json.loads((self.served.folder / "out" / "spring" / "delivery" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    made = Floor(tmp_path_factory.mktemp("returned"))
    yield made
    made.served.close()


def test_what_left_unseen_is_counted_before_anybody_says_a_word(floor):
    kpi, stratum = floor.numbers()
    assert {each["standing"] for each in floor.files().values()} == {"delivered"}
    assert (kpi["final"], kpi["unseen"], kpi["escapes"]) == (3, 2, 0)
    assert (kpi["first_pass"]["hits"], kpi["first_pass"]["tries"]) == (1, 1)  # of the sample; the others nobody saw
    assert (stratum["unseen"], stratum["found_by_clients"], stratum["labels"]) == (2, 0, 0)


def test_a_return_of_what_was_looked_at_is_a_revision_alone(floor):
    floor.send_back(floor.looked_at)
    kpi, stratum = floor.numbers()
    assert (kpi["revised"]["hits"], kpi["revised"]["tries"], kpi["escapes"]) == (1, 1, 0)
    assert stratum["found_by_clients"] == 0


def test_a_return_of_what_nobody_looked_at_is_a_revision_and_an_escape(floor):
    file = floor.spared[0]
    floor.send_back(file)
    back = floor.files()[file]
    assert (back["standing"], back["queue"]) == ("sent_back", "color")
    kpi, stratum = floor.numbers()
    assert (kpi["revised"]["hits"], kpi["revised"]["tries"]) == (2, 2)
    assert (kpi["unseen"], kpi["escapes"], kpi["redone"]) == (2, 1, [back["file"]])
    assert (stratum["found_by_clients"], stratum["to_clear"]) == (1, 1)
    assert stratum["text"].endswith("1 escape was found by clients among 2 that left unseen")


def test_only_what_changed_leaves_again_and_after_a_look_of_its_own(floor):
    file, before = floor.spared[0], floor.manifest()
    line = floor.files()[file]
    body = {"step": "exposure", "values": {"stops": 0.2}, "reason": "as the client says"}
    done = floor.rosa.post(f"/assets/{file}/amendments", json=body, headers={"If-Match": line["etag"]})
    assert done.status_code == 200, done.text
    floor.wait()
    worked = floor.files()[file]
    assert worked["version"] != line["version"]
    assert (worked["route"], worked["reasons"][0]) == (
        "review",
        "a client sent an earlier version back: this one gets a look of its own",
    )
    assert decide(floor.ines, worked).status_code == 200
    assert floor.lena.post("/batches/spring/delivery").status_code == 202
    floor.wait()
    after = floor.manifest()
    name = worked["name"].replace(".jpg", "")
    places = {f"{channel}/{name}.jpg" for channel in ("amazon-main", "google-merchant")}
    assert before.keys() - after.keys() == places
    assert after.keys() - before.keys() == {f"delivery-2/{each}" for each in places}
    assert {each: after[each]["sha256"] for each in before.keys() & after.keys()} == {
        each: before[each]["sha256"] for each in before.keys() & after.keys()
    }
    kpi, stratum = floor.numbers()
    assert (kpi["final"], kpi["unseen"], kpi["escapes"], stratum["found_by_clients"]) == (3, 2, 1, 1)
    assert (kpi["first_pass"]["hits"], kpi["first_pass"]["tries"]) == (0, 2)
    csv = floor.lena.get("/figures.csv").text.splitlines()
    row = dict(zip(csv[0].split(","), csv[1].split(","), strict=False))
    assert (row["left_unseen"], row["escapes"]) == ("2", "1")
    assert "Traceback" not in floor.served.log.read_text()
