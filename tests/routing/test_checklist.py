from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.routing.checklist import Outcomes, ask
from safelight.routing.reliability import reliability_map

EXPOSURE = reliability_map().task("exposure")


def test_wilsons_interval_has_its_published_value():
    # Newcombe 1998, table I: 81 of 263, Wilson 95 %: 0.2553 to 0.3662
    assert Outcomes(263, 81).least_share() == pytest.approx(0.2553, abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_one_more_approval_never_lowers_the_record(seen, data):
    approved = data.draw(st.integers(0, seen - 1))
    assert Outcomes(seen, approved + 1).least_share() > Outcomes(seen, approved).least_share()


def test_nothing_recorded_means_unknown_and_is_only_sampled():
    answers = ask(EXPOSURE)
    past = next(q for q in answers.questions if "past projects" in q.asked)
    assert (past.answer, past.told) == ("unknown", "0 decisions recorded, 30 are needed to judge")
    assert answers.advice == "sampled"


def test_a_good_record_of_a_safe_task_advises_to_automate():
    assert ask(EXPOSURE, Outcomes(200, 190)).advice == "automate"


def test_a_bad_record_stops_a_task_that_looks_safe():
    answers = ask(EXPOSURE, Outcomes(200, 120))
    assert answers.advice == "do_not_automate"
    assert "120 of 200 approved unchanged (at least 53% with 95 % certainty, 85% asked)" in answers.told


def test_creative_work_is_automated_only_as_a_draft():
    task = replace(EXPOSURE, repetitive=False)
    assert ask(task, Outcomes(200, 195)).advice == "draft_only"


def test_a_damaging_mistake_leans_risky():
    assert ask(replace(EXPOSURE, small_mistake="damaging"), Outcomes(200, 195)).advice == "draft_only"


def test_no_review_before_delivery_is_no_safety_net():
    assert ask(EXPOSURE, Outcomes(200, 195), reviewed=False).advice == "do_not_automate"


def test_no_way_back_is_no_safety_net():
    assert ask(replace(EXPOSURE, manual_fallback=False), Outcomes(200, 195)).advice == "do_not_automate"


def test_both_lists_are_asked_in_full():
    questions = ask(EXPOSURE).questions
    assert [q.list for q in questions] == ["A"] * 5 + ["B"] * 4


def test_more_approved_than_seen_is_refused():
    with pytest.raises(ValueError, match="5 approved of 4 seen cannot be"):
        Outcomes(4, 5)
