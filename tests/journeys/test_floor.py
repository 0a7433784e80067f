"""A shoot through the floor: an edge sent back twice, an override, a product with a missing view, a client's return."""

from __future__ import annotations

import hashlib
import json

import pytest

from safelight.cli import terminal
from safelight.cli.main import run_words
from safelight.delivery.manifest import check_manifest
from tests.journeys.cli import lines, safelight
from tests.shoots import jpeg, product

GUIDE = """
client = "Acme"
[delivery]
channels = ["amazon-main", "google-merchant"]
names = "{sku}_{view}.{ext}"
[delivery.views]
amazon-main = ["front"]
[category.packshot]
views = ["front", "back"]
lane = { name = "fast", kind = "marketplace", route = "spot_check", confidence = 0.5 }
acceptance = ["The product is whole and sharp on pure white."]
"""
# The last one is lit 1.1 stops too bright: its highlights clip, and gate 1 says so.
SHOTS = (("A_front", 0, 0.0), ("A_back", 10, 0.0), ("B_front", 1, 0.0), ("C_front", 2, 0.0), ("C_back", 12, 1.1))


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """The studio's folder after intake and routing."""
    folder = tmp_path_factory.mktemp("floor")
    place = folder / "spring" / "packshots"
    place.mkdir(parents=True)
    for n, (name, seed, stops) in enumerate(SHOTS):
        data = jpeg(product(seed=seed, stops=stops), taken=f"2026:03:01 10:{3 * n:02}:00")
        (place / f"{name}.jpg").write_bytes(data)
    (folder / "acme.toml").write_text(GUIDE)
    run(folder)
    return folder


def run(folder):
    """Run the shoot in a process of its own, and return its files by name."""
    done = safelight("run", "spring", "--guide", "acme.toml", "--json", folder=folder)
    return {each["name"].rsplit("/", 1)[-1]: each for each in lines(done)}


def say(folder, *words, code=0):
    """Run a command in this process, as the owner of a store does for others, and return what it said."""
    said = {"out": [], "err": []}
    with terminal.speaking_to(lambda stream, text: said[stream].append(text)):
        found = run_words([*map(str, words)], str(folder))
    assert found == code, f"exit {found}, expected {code}\n{said}"
    return said


def told(folder, *words):
    """Return the JSON lines of a command."""
    return [json.loads(each) for each in say(folder, *words, "--json")["out"]]


def decide(folder, name, word, who, *more):
    (line,) = told(folder, "decide", "spring", name, word, "--as", who, *more)
    return line


def amend(folder, name, step, value, who):
    say(folder, "amend", "spring", name, step, "--set", value, "--as", who, "--reason", "as it should be")


def manifest(folder):
    return json.loads((folder / "out" / "spring" / "delivery" / "manifest.json").read_text())["files"]


def names(files):
    return {each["file"] for each in files}


def test_the_board_knows_what_is_missing_and_a_route_tells_its_whole_decision(floor):
    board = {each["product"]: each for each in told(floor, "products", "spring")}
    assert board["B"]["missing"] == ["back"]
    said = "\n".join(say(floor, "explain", "spring", "A_front.jpg")["out"])
    assert "cutout works on background_removal: zone" in said
    assert "Has it been done well in past projects? unknown: 0 decisions recorded, 30 are needed to judge" in said


def test_an_edge_sent_back_goes_to_its_steps_queue_and_a_second_time_to_a_specialist(floor):
    back = decide(floor, "A_front.jpg", "revise", "Tom", "--mark", "edge_rough")
    assert (back["queue"], back["step"], back["to"]) == ("edge_repair", "cutout", "")
    amend(floor, "A_front.jpg", "cutout", "edge_shift=-0.5", "Rosa")
    run(floor)
    again = decide(floor, "A_front.jpg", "revise", "Tom", "--reason", "the edge is still soft")
    assert "the edge failed again, a specialist cuts it" in again["said"]
    (waits,) = [each for each in told(floor, "queue", "spring") if each["route"] == "specialist"]
    assert (waits["queue"], waits["files"], waits["round"]) == ("edge_repair", ["packshots/A_front.jpg"], 2)


def test_what_the_specialist_made_goes_on_as_others_do(floor):
    amend(floor, "A_front.jpg", "cutout", "edge_shift=-1", "Cem")
    assert run(floor)["A_front.jpg"]["route"] == "spot_check"
    assert decide(floor, "A_front.jpg", "approve", "Ines")["standing"] == "approved"


def test_a_failed_check_is_answered_for_by_a_lead_and_seen_by_two(floor):
    refused = say(floor, "decide", "spring", "C_back.jpg", "approve", "--as", "Lena", code=1)
    assert "fails gate 1 (clipping)" in refused["err"][0]
    (line,) = told(floor, "override", "spring", "C_back.jpg", "clipping", "--as", "Lena", "--reason", "it is the lamp")
    assert "clipping stays a fail" in line["said"]
    first = decide(floor, "C_back.jpg", "approve", "Lena")
    assert first["said"].endswith("needs 1 more reviewer, another person")
    assert decide(floor, "C_back.jpg", "approve", "LENA")["standing"] == "waiting"
    assert decide(floor, "C_back.jpg", "approve", "Tom")["standing"] == "approved"


def test_the_rest_leaves_with_its_sample_and_a_product_without_its_back_is_held(floor):
    done = safelight("release", "spring", "--as", "Ines", "--yes", "--json", folder=floor)
    left = {(each["file"].rsplit("/", 1)[-1], each["channel"]): each for each in lines(done) if "channel" in each}
    assert {name for name, channel in left if channel == "amazon-main"} == {"A_front.jpg", "B_front.jpg", "C_front.jpg"}
    assert left["B_front.jpg", "amazon-main"]["delivered"]
    assert "B is held: no back" in left["B_front.jpg", "google-merchant"]["note"]
    (entry,) = [each for each in manifest(floor) if each["file"] == "google-merchant/C_back.jpg"]
    (overridden,) = entry["overrides"]
    assert (overridden["check"], overridden["by"], overridden["reason"]) == ("clipping", "Lena", "it is the lamp")
    assert "Tom" in overridden["approved_by"]
    assert overridden["measures"][0]["value"] > overridden["measures"][0]["limit"]
    assert entry["cost"]["amount"] is None
    assert entry["cost"]["why"].startswith("no rates are set: `safelight rates")


def test_a_lead_lets_a_product_leave_without_a_view_and_a_clients_return_opens_it_again(floor):
    waiver = ("--as", "Lena", "--reason", "it has no back", "--channel", "google-merchant")
    say(floor, "waive", "spring", "B", "back", *waiver)
    say(floor, "rates", "--review", "40", "--labor", "60", "--currency", "EUR", "--as", "Lena")
    safelight("deliver", "spring", folder=floor)
    costs = [each["cost"] for each in manifest(floor)]
    assert all(
        each["amount"] == pytest.approx((each["review_min"] * 40 + each["labor_min"] * 60) / 60, abs=1e-3)
        for each in costs
    )
    assert max(each["amount"] for each in costs) > 0
    assert {each["currency"] for each in costs} == {"EUR"}
    assert "google-merchant/B_front.jpg" in names(manifest(floor))
    (back,) = told(floor, "return", "spring", "C_front.jpg", "--as", "Acme", "--mark", "too_dark")
    assert (back["standing"], back["queue"]) == ("sent_back", "color")
    (item,) = told(floor, "queue", "spring")
    assert (item["product"], item["lane"], item["why"][0]) == ("C", "marketplace", "a client sent it back")


def test_only_what_the_client_sent_back_leaves_again_beside_what_was_delivered(floor):
    before = {each["file"]: each["sha256"] for each in manifest(floor)}
    amend(floor, "C_front.jpg", "exposure", "stops=0.2", "Rosa")
    run(floor)
    decide(floor, "C_front.jpg", "approve", "Ines")
    safelight("deliver", "spring", folder=floor)
    place = floor / "out" / "spring" / "delivery"
    data = json.loads((place / "manifest.json").read_text())
    after = {each["file"]: each["sha256"] for each in data["files"]}
    places = ("amazon-main/C_front.jpg", "google-merchant/C_front.jpg")
    assert after.keys() - before.keys() == {f"delivery-2/{each}" for each in places}
    said = {each["file"]: each["why"] for each in data["superseded"]}
    assert said == dict.fromkeys(places, "the client sent it back: Too dark or too light")
    lying = {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in (*before, *after)}
    assert lying == before | after
    assert check_manifest(place).holds


def test_lineage_numbers_and_chain_tell_it_all(floor):
    story = told(floor, "versions", "spring", "C_front.jpg")
    assert [(each["made_by"], each["by"], each["state"]) for each in story] == [
        ("machine", [], "approved"),
        ("person", ["Rosa"], "approved"),
    ]
    assert any(each.startswith("exposure: stops") and each.endswith("by Rosa") for each in story[1]["changed"])
    assert told(floor, "checkpoints", "spring") == []
    say(floor, "checkpoint", "spring", "all out", "--as", "Lena", "--note", "delivered")
    (point,) = told(floor, "checkpoints", "spring")
    assert (point["label"], point["by"], point["files"], point["back"]) == ("all out", "Lena", 5, [])
    (kpi,) = told(floor, "numbers")
    assert (kpi["files"], kpi["final"], kpi["overridden"], kpi["waiting"]) == (5, 5, 1, 0)
    assert (kpi["first_pass"]["hits"], kpi["first_pass"]["tries"]) == (3, 5)
    assert {cause for cause, _, _ in kpi["causes"]} == {"edge_rough", "too_dark"}
    assert "clean:" in say(floor, "verify", "--chain", "--export", "head.json")["out"][-2]
    assert "clean:" in say(floor, "verify", "--chain", "--head", "head.json")["out"][-1]
