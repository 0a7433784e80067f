"""A senior sets the first hero; the rest of its category follows, each on top of its own baseline."""

from __future__ import annotations

import pytest

from safelight.core.batch import MADE, ROUTED
from safelight.core.edit import Edit
from safelight.store import Store
from tests.journeys.cli import lines, safelight
from tests.journeys.served import Served, decide
from tests.shoots import jpeg, product

GUIDE = """
client = "Acme"
[hero]
waits = true
[category.packshot]
lane = { name = "fast", route = "spot_check", confidence = 0.5 }
acceptance = ["The product is whole and sharp on pure white."]
"""
AS = ("--as", "Ines", "--reason", "the season's mood")


def latest(folder):
    """Each file's last edit and the sentences of its last route, by file name."""
    with Store.open(folder / ".safelight") as store:
        names = {each.subject: each.body["path"].rsplit("/", 1)[-1] for each in store.ledger.facts(kind="file.seen")}
        edits, held, why = {}, {}, {}
        for each in store.ledger.facts(kind=MADE):
            name = names[each.body["asset"]]
            edits[name], held[each.subject] = Edit.from_data(each.body["edit"]), name
        for each in store.ledger.facts(kind=ROUTED):
            why[held[each.subject]] = (each.body["route"], [r["text"] for r in each.body["reasons"]])
    return edits, why


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    place = folder / "spring" / "packshots"
    place.mkdir(parents=True)
    for n, stops in enumerate((0.0, -0.9, -0.4)):
        # Bodies of their own, so that each frame stands in its own light and has its own baseline.
        data = jpeg(product(n, 900, 760, stops=stops), taken=f"2026:03:01 10:{n:02}:00", model=f"Body {n}")
        (place / f"SKU{n:02}_front.jpg").write_bytes(data)
    (folder / "acme.toml").write_text(GUIDE)
    safelight("run", "spring", "--guide", "acme.toml", folder=folder)
    return folder


def run(folder):
    return lines(safelight("run", "spring", "--guide", "acme.toml", "--json", folder=folder))


def test_a_lane_waits_for_its_hero_ungraded_and_cannot_be_approved_meanwhile(studio):
    edits, why = latest(studio)
    route, texts = why["SKU01_front.jpg"]
    assert route == "hold"
    assert any("it waits for its hero, packshots/SKU00_front.jpg; approve that one" in text for text in texts)
    assert why["SKU00_front.jpg"][0] != "hold"
    assert edits["SKU01_front.jpg"].step("cutout") is not None  # only the grade waits
    refused = safelight("decide", "spring", "SKU01_front.jpg", "approve", "--as", "Tom", folder=studio, code=1)
    assert "is on hold" in refused.stderr


def test_the_batch_follows_its_hero_relative_to_each_pictures_own_baseline(studio):
    before, _ = latest(studio)
    own = {name: each.step("exposure").params["stops"] for name, each in before.items()}
    assert own["SKU01_front.jpg"] > own["SKU00_front.jpg"] + 0.3
    wanted = f"stops={own['SKU00_front.jpg'] - 0.2:.2f}"
    safelight("amend", "spring", "SKU00_front.jpg", "exposure", "--set", wanted, *AS, folder=studio)
    mood = ("--set", "contrast=0.3", "--set", "saturation=0.8")
    safelight("amend", "spring", "SKU00_front.jpg", "grade", *mood, *AS, folder=studio)
    run(studio)
    painted, why = latest(studio)
    assert painted["SKU00_front.jpg"].step("grade").params["contrast"] == 0.3
    assert painted["SKU01_front.jpg"].step("grade") is None  # amended is not approved
    assert why["SKU02_front.jpg"][0] == "hold"

    safelight("decide", "spring", "SKU00_front.jpg", "approve", "--as", "Ines", folder=studio)
    told = {each["file"].rsplit("/", 1)[-1]: each for each in run(studio)}
    after, why = latest(studio)
    for name in ("SKU01_front.jpg", "SKU02_front.jpg"):
        assert after[name].step("exposure").params["stops"] == pytest.approx(own[name] - 0.2, abs=0.011)
        graded = after[name].step("grade")
        assert (graded.params["contrast"], graded.params["saturation"]) == (0.3, 0.8)
        assert graded.by.kind == "person"
        assert "on the hero" in graded.reasons[-1].text
        assert why[name][0] != "hold"
        mattes = [each[name].step("cutout").artifacts["matte"].sha256 for each in (painted, after)]
        assert mattes[0] == mattes[1]  # nothing was cut out again
    assert told["SKU00_front.jpg"]["standing"] == "approved"
    assert "on the hero" in (studio / "out" / "spring" / "report.html").read_text()

    versions = {name: each["version"] for name, each in told.items()}
    assert {each["file"].rsplit("/", 1)[-1]: each["version"] for each in run(studio)} == versions


def test_what_the_guides_hero_lays_is_not_handed_on_by_hand_as_well(studio):
    before, _ = latest(studio)
    told = lines(safelight("propagate", "spring", "SKU00_front.jpg", *AS, "--json", folder=studio))
    assert {each["file"].rsplit("/", 1)[-1] for each in told} == {"SKU01_front.jpg", "SKU02_front.jpg"}
    assert [each["steps"] for each in told] == [[], []]
    assert all("by the guide's [hero], on top of its own baseline" in each["said"] for each in told)
    run(studio)
    after, _ = latest(studio)
    assert {name: each.steps for name, each in after.items()} == {name: each.steps for name, each in before.items()}


def test_what_a_person_set_on_a_follower_is_its_own_and_what_is_approved_stays(studio):
    safelight("amend", "spring", "SKU02_front.jpg", "exposure", "--set", "stops=0.05", *AS, folder=studio)
    safelight("decide", "spring", "SKU01_front.jpg", "approve", "--as", "Ines", folder=studio)
    told = {each["file"].rsplit("/", 1)[-1]: each for each in run(studio)}
    edits, _ = latest(studio)
    assert edits["SKU02_front.jpg"].step("exposure").params["stops"] == 0.05
    assert edits["SKU02_front.jpg"].step("grade").params["contrast"] == 0.3
    assert told["SKU01_front.jpg"]["standing"] == "approved"


class Set:
    """A shoot at a running service, and its senior."""

    def __init__(self, folder, guide):
        place = folder / "spring" / "packshots"
        place.mkdir(parents=True)
        for n, stops in enumerate((0.0, -0.7)):
            data = jpeg(product(n, 700, 580, stops=stops), taken=f"2026:03:01 10:{n:02}:00")
            (place / f"SKU{n:02}_front.jpg").write_bytes(data)
        (folder / "acme.toml").write_text(guide)
        self.served = Served(folder, {})
        self.ines = self.served.admin()
        asked = {"folder": str(folder / "spring"), "guide": str(folder / "acme.toml")}
        assert self.ines.post("/jobs", json=asked).status_code == 202
        self.wait()

    def wait(self):
        for each in self.ines.get("/jobs").json()["items"]:
            self.served.finished(self.ines, each["id"])

    def line(self, name):
        files = self.ines.get("/batches/spring/assets").json()["items"]
        return next(each for each in files if each["name"] == name)

    def step(self, name, step):
        edit = self.ines.get(f"/assets/{self.line(name)['id']}").json()["edit"]
        return next((each for each in edit if each["step"] == step), None)

    def amend(self, name, step, **values):
        line = self.line(name)
        body, seen = {"step": step, "values": values, "reason": "the season's mood"}, {"If-Match": line["etag"]}
        assert self.ines.post(f"/assets/{line['id']}/amendments", json=body, headers=seen).status_code == 200
        self.wait()

    def propagate(self, name, **body):
        line = self.line(name)
        told = {"reason": "the season's mood", **body}
        return self.ines.post(f"/assets/{line['id']}/propagate", json=told, headers={"If-Match": line["etag"]})


HERO, OTHER = "SKU00_front.jpg", "SKU01_front.jpg"


def test_at_a_service_the_lane_goes_on_by_itself_once_its_hero_is_approved(tmp_path):
    at = Set(tmp_path, GUIDE)
    try:
        own = {name: at.step(name, "exposure")["params"]["stops"] for name in (HERO, OTHER)}
        held = decide(at.ines, at.line(OTHER))
        assert held.status_code == 409 and "is on hold" in held.json()["detail"]
        at.amend(HERO, "exposure", stops=round(own[HERO] - 0.2, 2))
        done = decide(at.ines, at.line(HERO))
        assert done.status_code == 200, done.text
        at.wait()
        assert at.line(OTHER)["route"] != "hold"
        assert at.step(OTHER, "exposure")["params"]["stops"] == pytest.approx(own[OTHER] - 0.2, abs=0.011)
        (line,) = at.propagate(HERO).json()["items"]
        assert line["steps"] == [] and "by the guide's [hero], on top of its own baseline" in line["said"]
    finally:
        at.served.close()


def test_at_a_service_a_hero_without_a_guides_word_hands_on_what_a_person_changed(tmp_path):
    at = Set(tmp_path, GUIDE.replace("[hero]\nwaits = true\n", ""))
    try:
        own = {name: at.step(name, "exposure")["params"]["stops"] for name in (HERO, OTHER)}
        early = at.propagate(HERO)
        assert early.status_code == 409 and "speaks for others once it is approved" in early.json()["detail"]
        at.amend(HERO, "exposure", stops=round(own[HERO] - 0.2, 2))
        assert decide(at.ines, at.line(HERO)).status_code == 200
        crop = at.propagate(HERO, steps=["crop_to_spec"])
        assert crop.status_code == 422 and "which is: exposure" in crop.json()["detail"]
        for _ in range(2):  # twice is once: it is added to the picture's own baseline, not to what was added before
            (line,) = at.propagate(HERO).json()["items"]
            assert line["steps"] == ["exposure"]
            at.wait()
            assert at.step(OTHER, "exposure")["params"]["stops"] == pytest.approx(own[OTHER] - 0.2, abs=0.011)
        assert at.line(OTHER)["standing"] == "waiting"  # and it still gets a look of its own
    finally:
        at.served.close()
