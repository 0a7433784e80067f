"""What decisions teach: outcomes, labels of the audit, rework, and thresholds that a person accepts."""

from __future__ import annotations

import pytest

from safelight.core.batch import DECIDED, MARKED, OVERRIDDEN, ROUTED, UNDONE
from safelight.core.facts import SYSTEM, Fact
from safelight.errors import UnknownNameError, UsageError
from safelight.learning.experience import THRESHOLD, Experience
from safelight.learning.moves import MOVED, move, read_moves
from safelight.learning.proposals import accept, propose_thresholds
from safelight.learning.record import make_record, standing_lines
from safelight.routing.checklist import Outcomes
from safelight.routing.record import Stratum, backdrop_of
from safelight.routing.reliability import reliability_map

CAMERA = {
    "client": "Acme",
    "category": "packshot",
    "backdrop": "white",
    "camera": "Test One",
    "steps": [["exposure", 1]],
}
TASKS = ["exposure", "white_balance"]


class Told:
    """Facts as the ledger numbers them."""

    def __init__(self):
        self.facts = []

    def add(self, kind, subject, body):
        self.facts.append(Fact(len(self.facts) + 1, kind, subject, body, SYSTEM, "b", {"name": "I"}, "", "", ""))
        return self

    def routed(self, version, category="packshot", claim=0.95, stratum=CAMERA):
        claims = {"exposure": claim, "white_balance": 0.99}
        return self.add(ROUTED, version, {"category": category, "tasks": TASKS, "claims": claims, "stratum": stratum})

    def decided(self, version, word, how="own", reasons=(), audit=0.0):
        body = {"decided": word, "how": how, "reasons": list(reasons)}
        return self.add(DECIDED, version, body | ({"audit": audit} if audit else {}))

    def gathered(self):
        made = Experience()
        made.add(self.facts)
        return made


def many(number, bad=0, audit=0.1, claim=0.95):
    told = Told()
    for n in range(number):
        told.routed(f"v{n}", claim=claim if n >= bad else 0.7)
        told.decided(f"v{n}", "revise" if n < bad else "approve", reasons=["too_dark"] if n < bad else (), audit=audit)
    return told


def test_whether_it_was_done_well_before_is_counted_by_task_and_category():
    told = Told().routed("1").routed("2").routed("3", "apparel")
    told.decided("1", "approve").decided("2", "revise").decided("3", "approve")
    assert told.gathered().outcomes()["exposure", "packshot"] == Outcomes(2, 1)
    assert told.gathered().outcomes()["exposure", "apparel"] == Outcomes(1, 1)


def test_a_marked_reason_counts_against_its_own_task_alone():
    told = Told().routed("1").decided("1", "revise", reasons=["too_dark"])
    assert told.gathered().outcomes() == {("exposure", "packshot"): Outcomes(1, 0)}


def test_a_version_that_one_person_sent_back_was_not_done_well():
    told = Told().routed("1").decided("1", "revise").decided("1", "approve")
    assert told.gathered().outcomes()["exposure", "packshot"] == Outcomes(1, 0)


def test_members_of_a_release_that_nobody_looked_at_prove_nothing():
    assert Told().routed("1").decided("1", "approve", how="release").gathered().outcomes() == {}


def test_experiments_and_overridden_verdicts_teach_nothing():
    told = Told().routed("1").routed("2")
    told.add(MARKED, "1", {"state": "experiment"}).add(OVERRIDDEN, "2", {"check": "halo"})
    told.decided("1", "approve", audit=0.1).decided("2", "approve", audit=0.1)
    assert (told.gathered().outcomes(), told.gathered().labels()) == ({}, {})
    told.add(MARKED, "1", {"state": "draft"})
    assert len(told.gathered().labels()) == 1


def test_only_the_random_audit_makes_labels_and_each_knows_its_probability():
    told = Told().routed("1").routed("2").decided("1", "approve", audit=0.1).decided("2", "approve")
    (labels,) = told.gathered().labels().values()
    assert [(each.version, each.probability, each.bad) for each in labels] == [("1", 0.1, False)]


def test_a_clients_return_of_what_was_looked_at_makes_a_label_bad_and_is_no_escape():
    told = many(1).decided("v0", "revise", how="return", reasons=["color_off"])
    ((label,),) = told.gathered().labels().values()
    assert label.bad
    assert told.gathered().known_escapes() == {}


def test_a_clients_return_of_what_nobody_looked_at_is_an_escape_that_closes_its_stratum():
    key = Stratum.from_data(CAMERA).key
    told = many(120).routed("spared").routed("other")
    told.decided("spared", "approve", how="release").decided("other", "approve", how="release")
    (line,) = standing_lines(told.gathered(), make_record(told.gathered(), 0.01))
    assert (line["auto"], line["unseen"], line["found_by_clients"]) == (True, 2, 0)
    told.decided("spared", "revise", how="return", reasons=["color_off"])
    assert told.gathered().known_escapes() == {key: [120]}
    record = make_record(told.gathered(), 0.01)
    (line,) = standing_lines(told.gathered(), record)
    # 120 labels as before: what a client finds was drawn by nobody, and is none. Bound: 1 of 121, by hand.
    assert (line["labels"], line["escaped"], line["bound"]) == (120, 0, pytest.approx(1 / 121))
    assert (line["auto"], line["to_clear"], line["look_share"]) == (False, 20, pytest.approx(0.99))
    assert line["text"].endswith("1 escape was found by clients among 2 that left unseen")
    assert record.standing(key, 0.5).to_clear == 20  # whatever a lane asks
    for n in range(20):
        told.routed(f"w{n}").decided(f"w{n}", "approve", audit=0.1)
    (line,) = standing_lines(told.gathered(), make_record(told.gathered(), 0.01))
    assert (line["auto"], line["to_clear"], line["found_by_clients"]) == (True, 0, 1)


def test_a_stratum_without_a_label_tells_what_clients_found():
    told = Told().routed("spared").decided("spared", "approve", how="release").decided("spared", "revise", how="return")
    (line,) = standing_lines(told.gathered(), make_record(told.gathered(), 0.01))
    assert (line["labels"], line["found_by_clients"], line["unseen"]) == (0, 1, 1)
    assert line["text"].endswith("0 of 99 audited labels; 1 escape was found by clients among 1 that left unseen")


def test_what_was_taken_back_teaches_nothing():
    told = many(2).decided("v1", "revise", reasons=["too_dark"])
    assert [each.bad for each in next(iter(told.gathered().labels().values()))] == [False, True]
    told.add(UNDONE, "v1", {"decision": len(told.facts)})
    assert [each.bad for each in next(iter(told.gathered().labels().values()))] == [False, False]
    assert told.gathered().rework()["packshot"].returned == 0
    first = next(each.seq for each in told.facts if each.kind == DECIDED)
    told.add(UNDONE, "v0", {"decision": first})
    assert len(next(iter(told.gathered().labels().values()))) == 1
    assert told.gathered().rework()["packshot"].decided == 1


def test_99_good_labels_open_auto_and_98_say_how_many_are_missing():
    (line,) = standing_lines(many(98).gathered(), make_record(many(98).gathered(), 0.01))
    assert (line["auto"], line["text"]) == (
        False,
        "Acme packshot, white backdrop, Test One: 98 of 99 audited labels",
    )
    (line,) = standing_lines(many(99).gathered(), make_record(many(99).gathered(), 0.01))
    assert line["auto"]


@pytest.mark.parametrize(
    "change", [{"client": "Other"}, {"backdrop": "gray"}, {"camera": "Test Two"}, {"steps": [["exposure", 2]]}]
)
def test_a_new_client_backdrop_camera_or_step_version_starts_at_zero(change):
    told = many(99).routed("new", stratum=CAMERA | change)
    lines = standing_lines(told.gathered(), make_record(told.gathered(), 0.01))
    assert sorted((line["labels"], line["auto"]) for line in lines) == [(0, False), (99, True)]
    assert Stratum.from_data(CAMERA).key != Stratum.from_data(CAMERA | change).key


def test_rework_beyond_15_percent_raises_an_upstream_alarm_with_its_likely_cause():
    assert make_record(many(40, bad=6).gathered(), 0.01).watched == {}
    watch = make_record(many(40, bad=7).gathered(), 0.01).watched["packshot"]
    assert (watch.decided, watch.returned) == (40, 7)
    assert "a light that was moved or a camera that meters by itself (7 of 7: too dark or too light)" in watch.told()
    assert make_record(many(19, bad=19).gathered(), 0.01).watched == {}


def test_a_threshold_is_proposed_with_evidence_and_changes_when_a_person_accepts_it():
    told = many(150, bad=0, claim=0.80)
    gathered = told.gathered()
    record = make_record(gathered, 0.01)
    (proposal,) = propose_thresholds(gathered, record, 0.01, 0.999)
    assert proposal.to < 0.999
    assert (proposal.spared_now, proposal.spared_then) == (0, 150)
    assert "150 audited labels" in proposal.evidence
    (fact,) = accept([proposal], proposal.id, "Lena", "150 labels without an escape")
    told.add(fact.kind, fact.subject, fact.body)
    assert fact.kind == THRESHOLD
    assert make_record(told.gathered(), 0.01).thresholds == {proposal.stratum: proposal.to}
    assert propose_thresholds(told.gathered(), make_record(told.gathered(), 0.01), 0.01, 0.999) == []


def test_accepting_without_name_or_reason_or_what_is_not_proposed_is_refused():
    with pytest.raises(UsageError, match="changed by a person"):
        accept([], "x", " ", "why")
    with pytest.raises(UsageError, match="needs a reason"):
        accept([], "x", "Lena", "")
    with pytest.raises(UnknownNameError, match="no proposal 'x' as things stand; there are: none"):
        accept([], "x", "Lena", "why")


def test_folding_twice_teaches_once():
    gathered = many(30).gathered()
    gathered.add(many(30).facts)
    assert gathered.summary()["decided"] == 30


def test_a_studio_moves_the_map_by_category_and_channel_and_takes_it_back():
    known, told = reliability_map(), Told()
    for fact in (
        *move(known, "exposure", {"risk": "high"}, "Lena", "returns", category="jewelry"),
        *move(known, "crop", {"risk": "medium"}, "Lena", "strict channel", channel="amazon-main"),
    ):
        told.add(MOVED, fact.subject, fact.body)
    moved = known.changed(read_moves(told.facts), ("amazon-main",))
    assert (moved.zone_of("exposure", "jewelry"), moved.zone_of("exposure", "packshot")) == (3, 1)
    assert (moved.zone_of("crop"), known.changed(read_moves(told.facts), ("walmart",)).zone_of("crop")) == (2, 1)
    (back,) = move(known, "exposure", {}, "Lena", "settled", category="jewelry")
    told.add(MOVED, back.subject, back.body)
    assert known.changed(read_moves(told.facts)).zone_of("exposure", "jewelry") == known.zone_of("exposure", "jewelry")


def test_a_move_that_says_too_little_or_too_much_is_refused():
    known = reliability_map()
    with pytest.raises(UsageError, match="risk of crop is 'huge'; it takes one of low, medium, high"):
        move(known, "crop", {"risk": "huge"}, "Lena", "why")
    with pytest.raises(UsageError, match="say one of them"):
        move(known, "crop", {"risk": "high"}, "Lena", "why", category="a", channel="b")
    with pytest.raises(UnknownNameError, match="no task called 'cropping'"):
        move(known, "cropping", {}, "Lena", "why")


def test_a_backdrop_is_named_coarsely():
    def seen(level, gains=(1.0, 1.0, 1.1)):
        return {"backdrop": {"found": True, "level": level}, "neutral_gains": {"backdrop": list(gains)}}

    assert [backdrop_of(seen(level)) for level in (0.8, 0.3, 0.1, 0.01)] == ["white", "light gray", "gray", "dark"]
    assert backdrop_of(seen(0.3, (1.0, 1.0, 3.0))) == "colored light gray"
