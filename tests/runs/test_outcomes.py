from __future__ import annotations

from safelight.core.batch import DECIDED, ROUTED
from safelight.core.facts import SYSTEM, Fact
from safelight.routing.checklist import Outcomes
from safelight.runs.outcomes import recorded_outcomes


def told(*stories):
    return [
        Fact(n, kind, version, body, SYSTEM, "b", {}, "", "", "") for n, (kind, version, body) in enumerate(stories)
    ]


def routed(version, category="packshot"):
    return ROUTED, version, {"category": category, "tasks": ["exposure"]}


def decided(version, word, how="own"):
    return DECIDED, version, {"decided": word, "how": how}


def test_whether_it_was_done_well_before_is_counted_by_task_and_category():
    found = recorded_outcomes(
        told(
            routed("1"),
            routed("2"),
            routed("3", "apparel"),
            decided("1", "approve"),
            decided("2", "revise"),
            decided("3", "approve"),
        )
    )
    assert found == {("exposure", "packshot"): Outcomes(2, 1), ("exposure", "apparel"): Outcomes(1, 1)}


def test_a_version_that_one_person_sent_back_was_not_done_well():
    assert recorded_outcomes(told(routed("1"), decided("1", "revise"), decided("1", "approve"))) == {
        ("exposure", "packshot"): Outcomes(1, 0)
    }


def test_files_that_left_with_a_release_and_nobody_looked_at_count_for_nothing():
    assert recorded_outcomes(told(routed("1"), decided("1", "approve", how="release"))) == {}
