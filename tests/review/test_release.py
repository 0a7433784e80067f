from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core import batch as told
from safelight.errors import GateClosedError, UsageError
from safelight.review.decide import decide, find_file
from safelight.review.release import plan_release, release
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
