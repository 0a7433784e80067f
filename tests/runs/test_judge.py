"""Who must look is asked about steps that did something; one that rests asks for nobody."""

from __future__ import annotations

import pytest

from safelight.core import batch as told
from safelight.core.batch import DecisionTaken, FileState
from safelight.core.edit import Confidence, Edit, EditStep
from safelight.core.facts import Actor
from safelight.delivery.packs import pack_names
from safelight.plugins import step_named
from safelight.routing.record import NO_RECORD, Stratum
from safelight.routing.reliability import reliability_map
from safelight.runs.assemble import Assembly
from safelight.runs.judge import at_work, route_version, routed_to_data, sent_back_before, stratum_of
from safelight.runs.sort import Sorted
from safelight.workflows.guide_file import load_guide

SORTED_AS = {"stakes": "standard", "class": "pick"}
RESTING = ("heal", "clone", "remove_object", "fabric", "dust", "skin", "denoise")


def used(step, confidence=0.95, **params):
    declared = step_named(step)
    values = declared.params.accept(params, fill=True)
    return EditStep(step, declared.version, values, Actor("step", step, "1"), {}, Confidence(confidence))


def routed(*steps):
    edit = Edit("a" * 64, steps)
    plan = load_guide(channels=pack_names()).plan("apparel")
    found = route_version(
        reliability_map(), plan, Assembly(edit, {}, (), {}, True), [], frozenset(), SORTED_AS, 0, NO_RECORD
    )
    return found, routed_to_data(found, edit, "apparel", Stratum("c", "apparel", "", "", ()))


@pytest.mark.parametrize("name", RESTING)
def test_a_step_that_rests_is_routed_as_if_it_were_not_there(name):
    without, told_without = routed(used("exposure", stops=0.3))
    with_it, told = routed(used("exposure", stops=0.3), used(name, confidence=1.0))
    assert with_it == without
    assert told == told_without


def test_cloth_that_was_eased_asks_for_whoever_finishes_luxury_fabric():
    found, told = routed(used("exposure", stops=0.3), used("fabric", cloth=(0.2, 0.2, 0.8, 0.8)))
    assert found.route == "specialist"
    assert any("fabric is zone 3" in each.text and "luxury fabrics" in each.text for each in found.reasons)
    assert "luxury_fabric" in told["tasks"] and "fabric" in told["claims"]


def test_cloth_without_strength_rests_and_a_step_without_a_rule_is_always_at_work():
    edit = Edit("a" * 64, (used("fabric", cloth=(0.2, 0.2, 0.8, 0.8), strength=0.0), used("white_balance")))
    assert [each.step for each in at_work(edit)] == ["white_balance"]


def test_a_stratum_is_told_apart_by_what_worked_on_a_file():
    frame = Sorted(
        path="a.jpg", asset="a" * 64, sku="A", view="front", color="", category="apparel", stakes="standard",
        cull="pick", reasons=(), group="", lighting="", taken_at="", facts={}, scene_referred=False, capture={},
        full_size=(900, 1100), expected={},
    )  # fmt: skip
    resting = stratum_of("c", "apparel", frame, Edit("a" * 64, (used("exposure"), used("fabric"))))
    eased = stratum_of(
        "c", "apparel", frame, Edit("a" * 64, (used("exposure"), used("fabric", cloth=(0.2, 0.2, 0.8, 0.8))))
    )
    assert [name for name, _ in resting.steps] == ["exposure"]
    assert [name for name, _ in eased.steps] == ["exposure", "fabric"]


def sent_back(decided="revise", how=told.OWN, **more):
    said = DecisionTaken(
        "v1", decided, "Tom", "soft edge", how, "2026-03-01T10:00:00Z", ("edge_rough",), {"queue": "edge_repair"}
    )
    return FileState("a.jpg", "a" * 64, version="v1", decisions=(said,), **more)


def test_a_version_that_the_machine_made_meanwhile_is_no_answer_to_whoever_sent_it_back():
    said, queue = sent_back_before(sent_back(), "v2")
    assert (said, queue) == (
        "revise was said of an earlier version (soft edge), and nobody has worked on it since",
        "edge_repair",
    )
    assert "Tom" not in said  # a route's reasons are never erased
    edit = Edit("a" * 64, (used("exposure", stops=0.3),))
    plan = load_guide(channels=pack_names()).plan("apparel")
    words = (Assembly(edit, {}, (), {}, True), [], frozenset(), SORTED_AS, 0, NO_RECORD)
    found = route_version(reliability_map(), plan, *words, sent_back=(said, queue))
    assert (found.route, found.queue, found.reasons[0].code) == ("review", "edge_repair", "sent_back")


def test_what_somebody_worked_on_since_goes_on_as_others_do():
    late = {"cutout": {"step": "cutout", "at": "2026-03-01T11:00:00Z"}}
    assert sent_back_before(sent_back(amended=late), "v2") == ("", "")
    early = {"cutout": {"step": "cutout", "at": "2026-03-01T09:00:00Z"}}
    assert sent_back_before(sent_back(amended=early), "v2")[1] == "edge_repair"


def test_what_a_client_sent_back_gets_a_look_of_its_own_worked_on_or_not():
    late = {"exposure": {"step": "exposure", "at": "2026-03-01T11:00:00Z"}}
    said, queue = sent_back_before(sent_back(how=told.RETURN, amended=late), "v2")
    assert (said, queue) == ("a client sent an earlier version back: this one gets a look of its own", "review")


def test_what_was_shot_in_the_place_of_a_clients_return_gets_a_look_of_its_own():
    new, old = FileState("b.jpg", "b" * 64, version="w1"), sent_back(how=told.RETURN)
    said, queue = sent_back_before(new, "w1", (old,))
    assert (said, queue) == (
        "a client sent back what it was shot in the place of: this one gets a look of its own",
        "review",
    )
    assert sent_back_before(new, "w1", (sent_back("reshoot"),)) == ("", "")


@pytest.mark.parametrize("file", [sent_back("approve"), FileState("a.jpg", "a" * 64, version="v1")])
def test_nothing_asks_for_people_where_nothing_was_sent_back(file):
    assert sent_back_before(file, "v2") == ("", "")


def test_the_very_version_that_was_sent_back_keeps_its_route():
    assert sent_back_before(sent_back(), "v1") == ("", "")
