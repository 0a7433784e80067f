"""How sure culling is of a class."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import OVERRULED
from safelight.core.facts import SYSTEM, Fact
from safelight.runs.claims import claim_of, claim_of_best, held_against
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
    assert sure > unsure + 0.2


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
    assert all(0.0 <= claim_of(cull, held) <= 1.0 for cull in ("pick", "reject", "cant_tell"))


def test_a_best_that_is_hardly_better_is_doubted():
    sharp, alike, soft = frame(blur=0.7), frame(blur=0.72), frame(blur=2.0)
    assert claim_of_best(sharp, [soft]) > claim_of_best(sharp, [alike]) > 0.5


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


def _fields(fact):
    return (getattr(fact, name) for name in fact.__dataclass_fields__)
