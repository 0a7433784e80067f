"""Gates in order: overrides, drafts, second reviewers, and where a failed file goes."""

from __future__ import annotations

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from safelight.core import batch as told
from safelight.core.batch import verdict_key
from safelight.core.fold import BatchFold, after
from safelight.errors import GateClosedError, SafelightError, UnknownNameError, UsageError
from safelight.review.causes import sharing
from safelight.review.decide import approvers, decide, find_file, reviewers_needed, same_person
from safelight.review.override import mark, override
from tests.review.story import Story

HALO = {
    "check": "halo",
    "version": 1,
    "word": "fail",
    "measures": [
        {"name": "rim", "value": 3.1, "unit": "levels", "limit": 2.0, "direction": "at_most", "word": "fail"},
        {"name": "width", "value": 1.0, "unit": "px", "limit": 2.0, "direction": "at_most", "word": "pass"},
    ],
}


def say(story, name, decided, who, reason="", marks=()):
    batch = story.batch()
    story.take(decide(batch, find_file(batch, name), decided, who, reason, marks=marks))


def lead(story, name, check="halo", who="Lena", reason="the rim is the product's own piping"):
    batch = story.batch()
    story.take(override(batch, find_file(batch, name), check, who, reason))


def failing(story, name="mug.jpg"):
    story.file(name)
    story.add(told.JUDGED, f"{name}-v1", {"verdicts": [HALO]})
    return story


def file_of(story, name="mug.jpg"):
    return story.batch().files[name]


def test_an_overridden_verdict_stays_a_fail_and_needs_two_different_people():
    story = failing(Story())
    lead(story, "mug.jpg")
    file = file_of(story)
    assert (file.failed_checks, file.open_failures, reviewers_needed(file)) == (("halo",), (), 2)
    assert not file.passes_gate_1
    say(story, "mug.jpg", "approve", "Lena")
    assert file_of(story).standing == "waiting"
    say(story, "mug.jpg", "approve", " LENA ")
    assert file_of(story).standing == "waiting"
    say(story, "mug.jpg", "approve", "Tom")
    approved = file_of(story).approved
    assert (approved["by"], [who.strip().casefold() for who in approved["with"]]) == ("Tom", ["lena"])
    assert approved["overrides"][0]["measures"] == [
        {"name": "rim", "value": 3.1, "unit": "levels", "limit": 2.0, "direction": "at_most"}
    ]


def test_an_override_is_of_one_verdict_and_lapses_when_it_is_judged_anew():
    story = failing(Story())
    lead(story, "mug.jpg")
    worse = HALO | {"measures": [HALO["measures"][0] | {"value": 9.0}]}
    story.add(told.JUDGED, "mug.jpg-v1", {"verdicts": [worse]})
    assert file_of(story).open_failures == ("halo",)
    with pytest.raises(GateClosedError, match="fails gate 1"):
        say(story, "mug.jpg", "approve", "Tom")


def test_an_override_is_of_one_version():
    story = failing(Story())
    lead(story, "mug.jpg")
    story.version("mug.jpg", 2)
    story.add(told.JUDGED, "mug.jpg-v2", {"verdicts": [HALO]})
    assert file_of(story).open_failures == ("halo",)


@pytest.mark.parametrize("what", ["draft", "gate_2", "second reviewer", "unreadable"])
def test_what_is_never_overridable_is_refused_by_name(what):
    story = failing(Story())
    with pytest.raises(UsageError, match="can't be overridden"):
        lead(story, "mug.jpg", what)


def test_an_override_without_reason_of_a_pass_or_of_a_channels_rule_is_refused():
    story = failing(Story())
    story.add(told.JUDGED, "mug.jpg-v1", {"verdicts": [HALO, {"check": "margins", "word": "warn"}]})
    with pytest.raises(UsageError, match="needs a reason, which gate 2 and the manifest show"):
        lead(story, "mug.jpg", reason=" ")
    with pytest.raises(GateClosedError, match="check margins says warn of mug.jpg: only a fail is overridden"):
        lead(story, "mug.jpg", "margins")
    with pytest.raises(UnknownNameError, match="its musts are never overridden"):
        lead(story, "mug.jpg", "white_corners")


def test_an_unreadable_file_is_never_overridden():
    story = Story()
    story.add(told.REFUSED, "", {"path": "torn.jpg", "sentence": "torn.jpg is cut off"})
    with pytest.raises(GateClosedError, match="can't be read .*never overridden"):
        lead(story, "torn.jpg")


def test_a_draft_never_passes_and_no_override_lifts_it():
    story = failing(Story())
    made = {"asset": "asset-mug.jpg", "edit_key": "e", "blobs": {"master": "m"}, "scaffold": ["ghost_mannequin"]}
    story.add(told.MADE, "mug.jpg-v1", made)
    with pytest.raises(GateClosedError, match="holds a draft by ghost_mannequin: a draft mark is never overridden"):
        lead(story, "mug.jpg")
    story.add(told.JUDGED, "mug.jpg-v1", {"verdicts": [{"check": "halo", "word": "pass"}]})
    with pytest.raises(GateClosedError, match="a person must finish it first"):
        say(story, "mug.jpg", "approve", "Ines")


def test_an_experiment_is_never_approved_until_it_is_a_draft_again():
    story = Story()
    story.file("mug.jpg")
    batch = story.batch()
    story.take(mark(batch, batch.files["mug.jpg"], "experiment", "Ines", "warmer look tried"))
    assert file_of(story).state == "experiment"
    with pytest.raises(GateClosedError, match="marked as an experiment"):
        say(story, "mug.jpg", "approve", "Tom")
    batch = story.batch()
    story.take(mark(batch, batch.files["mug.jpg"], "draft", "Ines", "it is the look now"))
    say(story, "mug.jpg", "approve", "Tom")
    assert file_of(story).state == "approved"


def test_a_rejected_file_goes_to_the_queue_of_its_step_and_the_person_who_set_it():
    story = Story()
    story.file("mug.jpg")
    edit = {"steps": [{"step": "exposure", "version": 1, "params": {}}, {"step": "cutout", "version": 1, "params": {}}]}
    made = {"asset": "asset-mug.jpg", "edit_key": "e", "blobs": {"master": "m"}, "edit": edit}
    story.add(told.MADE, "mug.jpg-v1", made)
    body = {"path": "mug.jpg", "step": "exposure", "version": 1, "params": {}, "artifacts": {}, "reason": "dark"}
    story.add(told.AMENDED, "asset-mug.jpg", body, name="Rosa")
    say(story, "mug.jpg", "revise", "Tom", marks=["too_dark"])
    last = file_of(story).decisions[-1]
    assert (last.returned, last.reasons) == ({"queue": "color", "step": "exposure", "to": "Rosa"}, ("too_dark",))
    assert (file_of(story).queue, last.reason) == ("color", "Too dark or too light")


def test_an_edge_sent_back_twice_goes_to_a_specialist_and_an_override_does_not_reset_it():
    story = failing(Story())
    assert file_of(story).edge_failed == ("mug.jpg-v1",)
    lead(story, "mug.jpg")
    assert file_of(story).edge_failed == ("mug.jpg-v1",)
    story.version("mug.jpg", 2)
    say(story, "mug.jpg", "revise", "Tom", marks=["edge_rough"])
    file = file_of(story)
    assert (file.routed["route"], file.queue) == ("specialist", "edge_repair")
    assert file.routed["reasons"][0]["code"] == "edge_failed_again"


def test_the_edge_of_one_version_fails_once_however_many_say_so():
    story = Story()
    story.file("mug.jpg")
    say(story, "mug.jpg", "revise", "Tom", "the edge is chewed")
    say(story, "mug.jpg", "revise", "Ines", "the edge is chewed")
    assert (file_of(story).edge_failed, file_of(story).routed["route"]) == (("mug.jpg-v1",), "review")


def test_a_word_against_an_approved_file_withdraws_the_approval():
    story = Story()
    story.file("mug.jpg")
    say(story, "mug.jpg", "approve", "Ines")
    say(story, "mug.jpg", "revise", "Tom", "a hair was left", marks=["dirt"])
    assert (file_of(story).standing, file_of(story).queue) == ("sent_back", "retouch")


def test_an_unknown_mark_is_refused_with_the_list():
    story = Story()
    story.file("mug.jpg")
    with pytest.raises(UnknownNameError, match="no reason called 'ugly'; there are: edge_rough"):
        say(story, "mug.jpg", "revise", "Tom", marks=["ugly"])
    with pytest.raises(UsageError, match="marked 'other', which says nothing by itself"):
        say(story, "mug.jpg", "revise", "Tom", marks=["other"])


def test_one_failed_file_shows_which_others_share_its_cause():
    story = Story()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        story.file(name)
        light = "light-2" if name == "c.jpg" else "light-1"
        body = {"path": name, "class": "pick", "stakes": "standard", "category": "packshot", "lighting": light}
        story.add(told.SORTED, f"asset-{name}", body)
    near = {"check": "clipping", "word": "warn"}
    story.add(told.JUDGED, "c.jpg-v1", {"verdicts": [near]})
    say(story, "a.jpg", "revise", "Tom", marks=["too_dark"])
    batch = story.batch()
    found = {each.file: each.why for each in sharing(batch, batch.files["a.jpg"])}
    assert found == {"b.jpg": "in the same light, light-1", "c.jpg": "check clipping is near its limit too"}
    assert sharing(batch, batch.files["b.jpg"]) == []


def test_a_verdict_is_the_same_whatever_its_evidence():
    assert verdict_key(HALO) == verdict_key(HALO | {"evidence": [1]})


def test_folding_facts_one_by_one_gives_what_folding_them_at_once_gives():
    story = failing(Story())
    lead(story, "mug.jpg")
    story.version("mug.jpg", 2)
    say(story, "mug.jpg", "revise", "Tom", marks=["edge_halo"])
    fold = BatchFold("spring")
    states = []
    for fact in story.facts:
        fold.add([fact])
        states.append(fold.state())
    fold.add(story.facts)  # what is known is passed over
    assert fold.state() == story.batch()
    assert states[1].files != states[-1].files  # a state that was handed out does not move


def test_one_file_can_be_carried_on_without_its_batch():
    story = Story()
    story.file("mug.jpg")
    before = file_of(story)
    seq = len(story.facts)
    say(story, "mug.jpg", "approve", "Ines")
    assert after(before, story.facts[seq:]) == file_of(story)


class GateWalk(RuleBasedStateMachine):
    """Every walk through decisions, overrides, marks and new versions, by three people (D-08)."""

    people = st.sampled_from(["Ines", "ines", "Tom", "Lena"])

    @initialize(stakes=st.sampled_from(["standard", "high"]), fails=st.booleans())
    def begin(self, stakes, fails):
        self.story, self.number = Story(), 1
        self.story.file("mug.jpg", stakes=stakes)
        self.judge(fails)

    def judge(self, fails):
        verdict = HALO if fails else {"check": "halo", "word": "pass"}
        self.story.add(told.JUDGED, f"mug.jpg-v{self.number}", {"verdicts": [verdict]})

    def attempt(self, act):
        batch = self.story.batch()
        try:
            self.story.take(act(batch, batch.files["mug.jpg"]))
        except SafelightError:
            assert self.story.batch() == batch  # what is refused leaves nothing

    @rule(who=people)
    def approve(self, who):
        self.attempt(lambda batch, file: decide(batch, file, "approve", who))

    @rule(who=people, code=st.sampled_from(["edge_halo", "too_dark"]))
    def revise(self, who, code):
        self.attempt(lambda batch, file: decide(batch, file, "revise", who, marks=[code]))

    @rule(who=people)
    def override(self, who):
        self.attempt(lambda batch, file: override(batch, file, "halo", who, "because"))

    @rule(who=people, state=st.sampled_from(["draft", "experiment"]))
    def mark(self, who, state):
        self.attempt(lambda batch, file: mark(batch, file, state, who, "because"))

    @precondition(lambda self: self.number < 4)
    @rule(fails=st.booleans())
    def another_version(self, fails):
        self.number += 1
        self.story.version("mug.jpg", self.number)
        self.judge(fails)

    @invariant()
    def an_approval_has_its_people_and_nothing_open(self):
        if not hasattr(self, "story"):
            return
        file = self.story.batch().files["mug.jpg"]
        if file.approved:
            people = {who.casefold() for who in approvers(file)}
            assert len(people) >= reviewers_needed(file)
            assert not file.open_failures
            assert not file.scaffold
            assert set({each.by.casefold(): each.decided for each in file.decisions}.values()) == {"approve"}
            if file.failed_checks:
                assert len(people) >= 2

    @invariant()
    def a_second_edge_failure_by_people_is_a_specialists(self):
        if not hasattr(self, "story"):
            return
        file = self.story.batch().files["mug.jpg"]
        last = file.decisions[-1] if file.decisions else None
        if last is not None and "edge_halo" in last.reasons and len(file.edge_failed) >= 2:
            assert file.routed["route"] == "specialist"


TestGateWalk = GateWalk.TestCase
TestGateWalk.settings = hypothesis_settings(max_examples=40, stateful_step_count=14, deadline=None)


def test_one_person_spelled_in_two_ways_is_one_person():
    assert same_person("Ines  Weber", "ines weber")
