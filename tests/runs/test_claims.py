"""How sure culling is of a class."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import OVERRULED
from safelight.core.facts import SYSTEM, Fact
from safelight.runs.claims import claim_of, claim_of_alternate, claim_of_best, held_against
from safelight.runs.overrule import calibrator_of
from safelight.runs.sort import Similar, name_frames, sort_frames
from safelight.workflows.guide import Culling
from safelight.workflows.shot_list import NO_SHOTS

from .test_sort import GUIDE, frame, sort

shares = st.floats(0.01, 0.99)


def _claim(**what):
    (one,) = sort({"x.jpg": frame(**what)}).values()
    return one.cull, one.confidence


def test_a_frame_far_from_every_limit_is_surer_than_one_near_it():
    (near, unsure), (far, sure) = _claim(blur=1.15), _claim(blur=0.5)
    assert near == far == "pick"
    assert sure > unsure + 0.1


def test_a_hopeless_frame_is_rejected_more_surely_than_one_just_over_the_limit():
    (just, unsure), (far, sure) = _claim(blur=1.7), _claim(blur=6.0)
    assert just == far == "reject"
    assert sure > 0.95 > unsure


def test_what_is_switched_off_is_held_against_nobody():
    assert "blur" not in held_against(frame(blur=9.0), Culling(blur=0.0))


def test_a_frame_whose_framing_nobody_could_measure_is_less_sure():
    seen, unseen = frame("a"), frame("b")
    seen["facts"]["framing"] = {"facts": {"subject_by": "backdrop", "touching": {}}}
    unseen["facts"]["framing"] = {"facts": {"subject_by": "none", "touching": {}}}
    told = sort({"seen.jpg": seen, "unseen.jpg": unseen})
    assert {each.cull for each in told.values()} == {"pick"}
    assert told["unseen.jpg"].confidence < told["seen.jpg"].confidence - 0.05
    assert "framing_unknown" not in held_against(unseen, Culling(touches_frame=0.0))


@given(shares, shares)
def test_more_against_a_frame_never_makes_a_pick_surer(one, other):
    assert claim_of("pick", {"a": one, "b": other}) <= claim_of("pick", {"a": one})


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0, 1)))
def test_every_claim_is_a_probability(held):
    assert all(0.0 <= claim_of(cull, held) <= 1.0 for cull in ("pick", "reject"))


def test_what_culling_cannot_tell_claims_nothing():
    (one,) = sort({"x.jpg": frame(blur=None)}).values()
    assert (one.cull, one.claim, one.confidence) == ("cant_tell", None, None)
    assert claim_of("cant_tell", {"blur": 0.5}) is None


def test_words_do_not_teach_a_claim_that_was_not_made():
    taught = calibrator_of([said(n, "pick", "reject", 0.93) for n in range(80)])
    found = {"x.jpg": frame(blur=None)}
    (one,) = sort_frames(found, name_frames(found, GUIDE, NO_SHOTS), [], GUIDE, calibrator=taught)
    assert one.confidence is None


def test_of_two_frames_as_good_the_choice_is_left_and_each_more_to_choose_from_is_a_doubt_more():
    best, alike = frame(blur=0.7), frame(blur=0.72)
    one, many = claim_of_best(best, [alike]), claim_of_best(best, [alike] * 5)
    assert one > 0.9
    assert many < one - 0.08


def test_of_two_faces_the_expression_may_decide():
    faces = {"facts": {"faces": [{"eyes": [], "state": "cant_tell"}]}}
    one, other = frame(blur=0.7), frame(blur=0.7)
    without = claim_of_best(one, [other])
    one["facts"]["people"] = other["facts"]["people"] = faces
    assert claim_of_best(one, [other]) < without - 0.1
    other["facts"]["focus"]["facts"]["blur_px"] = 2.8  # nobody takes it, whatever the expression
    assert claim_of_best(one, [other]) > 0.99


def test_an_alternate_that_has_a_fault_may_be_called_a_reject():
    best, own = frame("a", blur=0.6), frame("b", blur=0.9)
    assert claim_of_alternate(best, own, {"blur": 0.6}) < claim_of_alternate(best, own, {}) - 0.2


def test_goods_lifted_before_clipped_paper_are_claimed_less_surely():
    def before_paper(darkest, clipped):
        found = frame(blur=0.5)
        found["facts"]["metering"]["facts"] |= {
            "backdrop": {"found": True, "clipped": [1.0, 1.0, 1.0]},
            "subject_percentiles_stops": {"1": darkest},
            "subject_clipped": clipped,
        }
        return claim_of("pick", held_against(found, Culling()))

    assert before_paper(-1.0, 0.04) < before_paper(-5.5, 0.04) - 0.1
    assert before_paper(-1.0, 0.0) > before_paper(-1.0, 0.04) + 0.1


def test_an_exact_copy_is_surer_than_an_alternate_of_a_burst():
    found = {"a.jpg": frame("a"), "b.jpg": frame("a"), "c.jpg": frame("c", blur=0.55)}
    told = sort(found, [Similar("g01", ("a", "c"), "a", "first")])
    assert told["b.jpg"].cull == told["c.jpg"].cull == "alternate"
    assert told["b.jpg"].confidence > 0.98 > told["c.jpg"].confidence


# What people said


def said(seq, machine, word, claim):
    body = {"path": f"{seq}.jpg", "field": "class", "from": machine, "to": word, "machine": machine, "claim": claim}
    return Fact(seq, OVERRULED, f"asset-{seq}", body, SYSTEM, "b", {"name": "Ines"}, f"at {seq}", "", "")


def test_overrulings_teach_the_next_sorting():
    facts = [said(n, "pick", "reject" if n % 2 else "pick", 0.93) for n in range(80)]
    taught = calibrator_of(facts)
    named = name_frames({"x.jpg": frame()}, GUIDE, NO_SHOTS)
    (before,) = sort_frames({"x.jpg": frame()}, named, [], GUIDE)
    (after,) = sort_frames({"x.jpg": frame()}, named, [], GUIDE, calibrator=taught)
    assert before.claim == after.claim == before.confidence
    assert after.confidence < before.confidence - 0.1


def test_the_first_word_on_a_file_is_the_one_that_teaches():
    facts = [said(1, "pick", "reject", 0.9), Fact(2, *list(_fields(said(1, "pick", "pick", 0.9)))[1:])]
    assert (calibrator_of(facts).labels, calibrator_of(facts).good) == (1, 0)


def test_words_on_what_was_left_to_people_teach_nothing():
    facts = [said(n, "cant_tell", "pick", 0.4) for n in range(40)] + [said(99, "pick", "cant_tell", 0.9)]
    assert (calibrator_of(facts).labels, calibrator_of(facts).good) == (1, 0)


def _fields(fact):
    return (getattr(fact, name) for name in fact.__dataclass_fields__)
