"""Who must look is asked about steps that did something; one that rests asks for nobody."""

from __future__ import annotations

import pytest

from safelight.core.edit import Confidence, Edit, EditStep
from safelight.core.facts import Actor
from safelight.delivery.packs import pack_names
from safelight.plugins import step_named
from safelight.routing.record import NO_RECORD, Stratum
from safelight.routing.reliability import reliability_map
from safelight.runs.assemble import Assembly
from safelight.runs.judge import at_work, route_version, routed_to_data, stratum_of
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
