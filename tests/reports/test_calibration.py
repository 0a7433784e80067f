import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.overruling import Overruling, count_left_open
from safelight.reports.calibration import Look, calibrate, looks_of, wilson

looks = st.lists(st.builds(Look, st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def word(seq, new, path="a", confidence=0.8, field="class", machine="pick"):
    return Overruling(seq, "x", path, field, machine, new, machine, confidence, "Ines", "at", "seen", "command")


def test_the_first_word_on_a_file_is_the_look_at_the_machines_claim():
    assert looks_of([word(1, "reject"), word(2, "pick")]) == [Look(0.8, False, "pick")]


def test_saying_the_same_class_is_agreeing():
    assert looks_of([word(1, "pick"), word(2, "pick", "b", None), word(3, 5, "c", field="rating")]) == [
        Look(0.8, True, "pick")
    ]


def test_what_was_left_to_people_is_neither_right_nor_wrong():
    words = [word(1, "pick", "a", 0.4, machine="cant_tell"), word(2, "reject", "b", None, machine="cant_tell")]
    assert looks_of(words) == []
    assert count_left_open([*words, word(3, "reject", "b", None, machine="cant_tell")]) == 2
    assert "on 2 frames more that culling could not tell" in calibrate([Look(0.9, True)], left_open=2).sentences[0]


def test_a_person_who_cannot_tell_either_does_not_keep_the_class():
    assert looks_of([word(1, "cant_tell")]) == [Look(0.8, False, "pick")]


def test_claims_that_hold_have_no_error_and_the_diagram_says_so():
    found = calibrate([Look(0.75, True)] * 3 + [Look(0.75, False)] + [Look(0.25, True)] + [Look(0.25, False)] * 3)
    assert found.ece == 0
    assert [(each.low, each.looks, each.agreed) for each in found.bins] == [(0.2, 4, 0.25), (0.6, 4, 0.75)]


def test_a_sure_culling_that_is_wrong_half_the_time_is_half_off():
    found = calibrate([Look(1.0, True), Look(1.0, False)] * 10)
    assert (found.ece, found.auc) == (0.5, 0.5)


def test_the_surer_it_is_where_it_is_right_the_higher_the_area():
    assert calibrate([Look(0.9, True), Look(0.8, True), Look(0.3, False)]).auc == 1
    assert calibrate([Look(0.2, True), Look(0.8, False)]).auc == 0
    assert calibrate([Look(0.9, True)]).auc is None


def test_an_area_of_one_from_three_looks_is_no_certainty():
    low, high = calibrate([Look(0.9, True), Look(0.8, True), Look(0.3, False)]).auc_interval
    assert (low < 0.3, high) == (True, 1)


@pytest.mark.parametrize(
    ("hits", "tries", "least", "most"), [(10, 10, 0.7225, 1), (0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634)]
)
def test_wilsons_interval_is_the_published_one(hits, tries, least, most):
    assert wilson(hits, tries) == pytest.approx((least, most), abs=1e-4)


def test_no_looks_say_nothing_and_few_say_that_they_are_few():
    assert "not checked" in calibrate([]).sentences[0]
    assert any("are few" in each for each in calibrate([Look(0.5, True)] * 3).sentences)


@given(looks=looks)
def test_measures_stay_in_range_and_order_does_not_matter(looks):
    found = calibrate(looks)
    assert 0 <= found.ece <= 1
    assert sum(each.looks for each in found.bins) == len(looks)
    assert all(each.least - 1e-9 <= each.agreed <= each.most + 1e-9 for each in found.bins)
    assert calibrate(looks[::-1]) == found
    if found.auc is not None:
        low, high = found.auc_interval
        assert low - 1e-9 <= found.auc <= high + 1e-9
