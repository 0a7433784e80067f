"""One light direction for a group: by the guide, an approved frame, or what its frames' own shadows show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.step import Group, Member, Picture
from safelight.plugins import step_named
from tests.steps.test_shadow import box


def own(direction, *, on="floor", sure=0.8, drop=None):
    drop = drop if drop is not None else (60 if abs(direction) < 90 else 120) if on == "floor" else direction
    return {"direction_deg": direction, "drop_deg": drop, "on": on, "sure": sure, "strength": 0.3}


def member(number, shadow, settled=None):
    facts = {"metering": {"cast_shadow": shadow}} if shadow else {"metering": {}}
    return Member(f"{number:02}", f"2026-01-01T10:00:{number:02}", f"{number}.jpg", facts, settled or {})


def gathered(*shadows, settled=None, **wanted):
    members = [member(n, each, (settled or {}).get(n)) for n, each in enumerate(shadows)]
    return step_named("shadow").gather(members, {"kind": "drop", **wanted})


def proposed(found, shadow, **wanted):
    from safelight.core.image import Image

    work = Image(np.ones((*box().shape, 3), np.float32), "linear_rec2020")
    facts = {"metering": {"cast_shadow": shadow}} if shadow else {}
    picture = Picture(work, (320, 240), alpha=box(), facts=facts)
    group = Group("key", (), {"shadow": found}) if found else None
    return step_named("shadow").propose(picture, group, {"kind": "drop", **wanted}, None)


def codes(proposal):
    return {each.code for each in proposal.reasons}


def test_a_group_has_the_direction_of_most_and_one_outsider_turns_nothing():
    found = gathered(own(-30), own(-36), own(-28), own(-150), None)
    assert (found["drop_deg"], found["by"]) == (60.0, "measured")
    assert (found["measured"], found["agree"], found["members"]) == (4, 3, 5)
    assert found["own_deg"] in (-30.0, -35.0) and found["expects"] == {"direction": 60.0}


@given(st.permutations([(0, own(-30)), (1, own(-36)), (2, own(-28)), (3, own(40, on="wall"))]))
def test_the_order_of_arrival_changes_nothing(frames):
    members = [member(*each) for each in frames]
    gather = step_named("shadow").gather
    assert gather(members, {"kind": "drop"}) == gather(sorted(members, key=lambda m: m.asset), {"kind": "drop"})


def test_what_is_not_sure_does_not_count_and_nothing_known_is_said():
    found = gathered(own(-30, sure=0.2), None)
    assert (found["drop_deg"], found["by"], found["measured"]) == (90.0, "", 0)
    plain = proposed(found, None)
    assert plain.params["angle_deg"] == 90.0 and "no_light_direction" in codes(plain)
    assert plain.confidence.value < 0.7 * proposed({}, None).confidence.value


def test_the_guide_has_the_last_word_then_the_approved_frame_then_the_light():
    shadows = (own(-30), own(-32), own(-28))
    assert gathered(*shadows, angle_deg=120.0)["by"] == "guide"
    assert gathered(*shadows, angle_deg=120.0)["drop_deg"] == 120.0
    settled = {1: {"shadow": {"angle_deg": 75.0}}}
    assert gathered(*shadows, settled=settled)["drop_deg"] == 75.0
    assert gathered(*shadows, settled=settled)["by"] == "approved"
    assert gathered(*shadows)["by"] == "measured"


def test_a_frame_lit_from_elsewhere_is_singled_out_and_keeps_the_groups_direction():
    shadows = (own(-30), own(-36), own(-28), own(-150))
    found = gathered(*shadows)
    fits, off = (proposed(found, each) for each in (shadows[0], shadows[3]))
    assert fits.params["angle_deg"] == off.params["angle_deg"] == 60.0
    assert "singled_out" in codes(off) and "singled_out" not in codes(fits)
    assert off.confidence.value < 0.5 * fits.confidence.value


def test_a_guide_against_the_light_is_told():
    found = gathered(own(-30), own(-36), own(-28), angle_deg=170.0)
    assert "against_the_light" in codes(proposed(found, own(-30), angle_deg=170.0))
    fair = gathered(own(-30), own(-36), own(-28), angle_deg=75.0)
    assert "against_the_light" not in codes(proposed(fair, own(-30), angle_deg=75.0))


def test_a_reflection_has_no_side():
    found = gathered(own(-30), own(-36), kind="reflection")
    assert not codes(proposed(found, own(-150), kind="reflection")) & {"light_direction", "singled_out"}


def test_no_shadow_asked_for_gathers_nothing():
    assert step_named("shadow").gather([member(0, own(-30))], {"kind": "none"}) == {}


def test_natural_shadows_expect_the_groups_own_direction():
    assert gathered(own(-30), own(-36), own(-28), kind="natural")["expects"] == {"direction": -30.0, "on": "floor"}


@pytest.mark.parametrize(("angle", "side"), [(20.0, 1), (160.0, -1)])
def test_a_contact_shadow_leans_away_from_the_light(angle, side):
    from safelight.pixels.matte.made_shadow import contact_density

    columns = np.arange(320)
    upright, leaned = (contact_density(box(), 0.1, each).sum(axis=0) for each in (90.0, angle))
    middle = [(columns * each).sum() / each.sum() for each in (upright, leaned)]
    assert side * (middle[1] - middle[0]) > 1
    assert np.array_equal(contact_density(box(), 0.1), contact_density(box(), 0.1, 90.0))


def test_a_contact_shadow_of_version_1_stays_upright():
    old = {"kind": "contact", "angle_deg": 20.0}
    assert step_named("shadow").upgraded(1, old)["angle_deg"] == 90.0
    assert step_named("shadow").upgraded(1, {**old, "kind": "drop"})["angle_deg"] == 20.0
