from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core import batch as told
from safelight.errors import GateClosedError, UsageError
from safelight.review.decide import decide, find_file
from safelight.review.looks import Look
from safelight.review.release import MIDDLE, plan_release, release, require_sample_seen, vouched_by
from safelight.routing.escapes import Audited
from safelight.routing.record import NO_RECORD, Record
from tests.review.story import Story


def shoot(number, route="spot_check"):
    story = Story()
    for n in range(number):
        story.file(f"f{n:03}.jpg", route=route, confidence=round(0.5 + n / (2 * number), 3))
    return story


@given(number=st.integers(1, 120))
def test_the_sample_is_at_least_five_or_all_and_holds_the_worst_and_a_random_tenth(number):
    plan = plan_release(shoot(number).batch())
    drawn = [each.file.path for each in plan.sample]
    assert len(drawn) == len(set(drawn)) >= min(5, number)
    assert drawn[0] == "f000.jpg"
    assert sum(each.why == "drawn at random" for each in plan.sample) >= min(number // 10, number - 5, 1)


def test_the_same_batch_draws_the_same_sample():
    story = shoot(60)
    first, second = plan_release(story.batch()), plan_release(story.batch())
    assert [s.file.path for s in first.sample] == [s.file.path for s in second.sample]


def test_a_release_approves_every_member_and_names_who_looked():
    story = shoot(20)
    batch = story.batch()
    story.take(release(batch, plan_release(batch), "Ines"))
    after = story.batch()
    assert all(each.standing == "approved" for each in after.files.values())
    assert after.releases[0].personal == {"name": "Ines"}
    hows = {d.how for f in after.files.values() for d in f.decisions}
    assert hows == {"sample", "release"}


def test_files_that_wait_for_their_own_look_do_not_leave_with_a_release():
    story = shoot(8)
    story.file("doubt.jpg", route="review")
    story.file("ring.jpg", route="hold")
    batch = story.batch()
    story.take(release(batch, plan_release(batch), "Ines"))
    assert story.batch().files["doubt.jpg"].standing == "waiting"
    assert story.batch().files["ring.jpg"].standing == "waiting"


def test_a_sampled_file_that_was_sent_back_holds_the_batch_until_it_has_another_version():
    story = shoot(8)
    batch = story.batch()
    story.take(decide(batch, find_file(batch, "f000.jpg"), "revise", "Ines", "spill on the rim", how="sample"))
    batch = story.batch()
    with pytest.raises(GateClosedError, match=r"batch spring is held: f000\.jpg was sent back"):
        release(batch, plan_release(batch), "Ines")
    story.version("f000.jpg", 2, route="spot_check")
    batch = story.batch()
    assert release(batch, plan_release(batch), "Ines")[-1].kind == told.RELEASED


def test_a_failed_gate_1_keeps_a_file_out_of_the_members():
    story = shoot(6)
    story.file("bad.jpg", route="spot_check", words=("fail",))
    assert "bad.jpg" not in {each.path for each in plan_release(story.batch()).members}


def test_nothing_leaves_without_a_name_and_nothing_to_release_is_said():
    story = Story()
    story.file("doubt.jpg")
    batch = story.batch()
    with pytest.raises(UsageError, match="a release needs the name of a person: add --as NAME"):
        release(batch, plan_release(batch), "")
    with pytest.raises(GateClosedError, match="batch spring has nothing to release"):
        release(batch, plan_release(batch), "Ines")


def test_high_stakes_never_leave_by_sample():
    story = Story()
    story.file("hero.jpg", route="spot_check", stakes="high")
    batch = story.batch()
    with pytest.raises(GateClosedError, match=r"hero\.jpg has high stakes and needs its own look"):
        release(batch, plan_release(batch), "Ines")


def record_of(number):
    return Record(labels={"": [Audited(0.95, bad=False)] * number}, level=0.01)


def test_files_of_a_kind_that_nothing_vouches_for_are_looked_at_before_they_leave():
    batch = shoot(300).batch()
    plan = plan_release(batch, vouched=vouched_by(NO_RECORD))
    closely = [each for each in plan.sample if each.closely]
    assert [each.file.path for each in closely] == [e.file.path for e in plan_release(batch).sample]
    assert len({each.file.version for each in plan.sample}) == len(plan.sample) >= 290
    assert plan.sample[-1].why == "99% of files like it are looked at: 0 of 99 audited labels"
    (bound,) = plan.bounds.values()
    assert (bound["members"], bound["labels"], bound["share"]) == (300, 0, 0.99)


@pytest.mark.parametrize(("labels", "least", "most"), [(49, 0.40, 0.72), (98, 0.15, 0.30), (99, 0.15, 0.25)])
def test_the_more_audited_labels_are_good_the_fewer_are_looked_at(labels, least, most):
    batch = shoot(300).batch()
    plan = plan_release(batch, vouched=vouched_by(record_of(labels)))
    assert least < len(plan.sample) / 300 < most
    assert labels < 99 or len(plan.sample) == len(plan_release(batch).sample)


def test_a_plan_whose_kind_lost_its_good_name_is_another_plan():
    batch = shoot(300).batch()
    before = plan_release(batch, vouched=vouched_by(record_of(99)))
    assert plan_release(batch, vouched=vouched_by(NO_RECORD)).etag != before.etag


def shown(plan, percent=100):
    whole = {"id": "whole", "box": (0, 0, 1, 1), "percent": percent, "share": 1.0}
    middle = {"id": "middle", "box": MIDDLE.box, "percent": 200, "share": 1.0}
    return {each.file.version: [whole, middle] for each in plan.sample}


def test_a_release_waits_for_a_sample_that_was_not_shown_as_large_as_is_asked():
    plan = plan_release(shoot(3).batch())
    require_sample_seen("spring", plan, {}, shown(plan))
    with pytest.raises(GateClosedError, match=r"3 of the 3 files .* f000\.jpg \(the whole picture at 100 %\); f001"):
        require_sample_seen("spring", plan, {}, shown(plan, percent=50))
    one = dict(list(shown(plan).items())[:2])
    with pytest.raises(GateClosedError, match=r"1 of the 3 .*100 %, its middle at 200 %\); open"):
        require_sample_seen("spring", plan, {}, one)


def test_what_a_version_itself_asks_to_be_seen_is_asked_in_a_sample_too():
    plan = plan_release(shoot(1).batch())
    edge = {plan.sample[0].file.version: [Look("edge:0", (0, 0, 0.1, 0.1), "the edge, upper left", must=True)]}
    with pytest.raises(GateClosedError, match="the edge, upper left at 200 %"):
        require_sample_seen("spring", plan, edge, shown(plan))


def test_a_file_that_is_looked_at_for_its_kind_may_be_seen_at_any_size():
    plan = plan_release(shoot(30).batch(), vouched=vouched_by(NO_RECORD))
    closely = {each.file.version for each in plan.sample if each.closely}
    told_so = shown(plan) | {v: places for v, places in shown(plan, percent=12).items() if v not in closely}
    assert closely != set(told_so)
    require_sample_seen("spring", plan, {}, told_so)


def test_a_release_records_how_it_is_known_that_the_sample_was_looked_at():
    batch = shoot(8).batch()
    plan = plan_release(batch, vouched=vouched_by(NO_RECORD))
    body = release(batch, plan, "Ines", "shown")[-1].body
    assert body["looked"] == "shown" and body["bounds"][""]["looked_at"] == len(body["sample"])
    assert release(batch, plan, "Ines")[-1].body["looked"] == "said"
