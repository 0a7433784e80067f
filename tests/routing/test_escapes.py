from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.routing.escapes import (
    NEVER,
    Audited,
    clopper_pearson,
    drift_p,
    escape_bound,
    is_drawn,
    labels_to_clear,
    least_labels,
    look_share,
    since_drift,
    stand,
    threshold_for,
)

good = Audited(0.9, bad=False)
labels = st.lists(
    st.builds(Audited, st.floats(0, 1), st.booleans(), st.sampled_from([0.05, 0.1, 1.0])), min_size=1, max_size=60
)


def test_fewer_than_99_labels_prove_nothing_at_one_percent():
    assert least_labels(0.01) == 99
    assert not stand([good] * 98, 0.8, 0.01).allows_auto
    assert stand([good] * 98, 0.8, 0.01).told() == "98 of 99 audited labels"
    assert stand([good] * 99, 0.8, 0.01).allows_auto


def test_one_escape_among_a_hundred_labels_closes_auto_at_one_percent():
    standing = stand([*[good] * 150, Audited(0.95, bad=True)], 0.8, 0.01)
    assert (standing.allows_auto, standing.escaped) == (False, 1)
    assert stand([*[good] * 150, Audited(0.7, bad=True)], 0.8, 0.01).allows_auto  # it would have been looked at


def test_one_escape_closes_a_stratum_until_a_fifth_of_a_hundred_labels_after_it_are_good():
    assert (labels_to_clear(0.01), labels_to_clear(0.1), labels_to_clear(0.001)) == (20, 2, 200)
    many = [good] * 1000
    closed = stand([*many, Audited(0.95, bad=True), *[good] * 19], 0.8, 0.01)
    assert closed.is_bounded and not closed.allows_auto and closed.to_clear == 1
    assert closed.told().startswith("closed since an escape until 1 more labels are good; escapes bounded at 0.20%")
    assert stand([*many, Audited(0.95, bad=True), *[good] * 20], 0.8, 0.01).allows_auto
    assert stand([*many, Audited(0.7, bad=True)], 0.8, 0.01).allows_auto  # it would have been looked at


@given(labels, st.lists(st.integers(0, 60), max_size=4), st.sampled_from([0.01, 0.05, 0.2]))
def test_what_clients_find_never_spares_more_and_moves_no_bound(held, found, level):
    before, after = stand(held, 0.5, level), stand(held, 0.5, level, sorted(min(each, len(held)) for each in found), 9)
    assert (after.bound, after.escaped, after.labels) == (before.bound, before.escaped, before.labels)
    assert after.to_clear >= before.to_clear and after.look_share >= before.look_share


@given(labels, st.floats(0, 1), st.sampled_from([0.01, 0.05, 0.2]))
def test_closing_never_opens_what_the_bound_closes(held, threshold, level):
    standing = stand(held, threshold, level)
    assert standing.is_bounded or not standing.allows_auto


def test_a_shift_to_ten_percent_is_withdrawn_within_fifty_labels_wherever_one_bad_file_is_drawn():
    rng = random.Random(11)
    for _ in range(100):
        stream = [*[good] * 300, *(Audited(0.9, bad=rng.random() < 0.1) for _ in range(50))]
        first = next((n for n, each in enumerate(stream) if each.bad), None)
        if first is not None:
            assert not stand(stream[: first + 1], 0.8, 0.01).allows_auto


def test_the_bound_is_the_formula():
    found = escape_bound([*[good] * 8, Audited(0.9, bad=True)], 0.5)
    assert found == pytest.approx((1 + 1) / (9 + 1))


def test_a_label_that_was_seldom_drawn_weighs_more():
    seldom = [*[Audited(0.9, bad=False, probability=1.0)] * 50, Audited(0.9, bad=True, probability=0.1)]
    assert escape_bound(seldom, 0.5) == pytest.approx((10 + 10) / (60 + 10))


def test_the_interval_is_clopper_and_pearsons():
    # Clopper, Pearson 1934: nothing of 10 leaves up to 30.85 %.
    assert clopper_pearson(0, 10)[1] == pytest.approx(0.3085, abs=5e-5)
    assert clopper_pearson(3, 10) == pytest.approx((0.0667, 0.6525), abs=5e-5)
    assert clopper_pearson(0, 0) == (0.0, 1.0)


@given(labels, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_raises_the_bound(held, one, other):
    low, high = sorted((one, other))
    assert escape_bound(held, high) <= escape_bound(held, low) + 1e-12


@given(labels, st.floats(0.02, 0.5))
def test_the_threshold_that_is_found_keeps_the_level(held, level):
    found = threshold_for(held, level)
    assert found == NEVER or escape_bound(held, found) <= level + 1e-9


@given(labels, st.floats(0, 1))
def test_one_more_bad_label_never_lowers_the_bound(held, threshold):
    worse = [*held, Audited(1.0, bad=True, probability=1.0)]
    same = [*held, Audited(1.0, bad=False, probability=1.0)]
    assert escape_bound(worse, threshold) >= escape_bound(same, threshold)


def test_a_shift_is_noticed_and_the_stratum_starts_at_zero():
    rng = random.Random(4)
    stream = [*[good] * 500, *(Audited(0.9, bad=rng.random() < 0.3) for _ in range(50))]
    kept, drifted = since_drift(stream, 0.8, 0.01)
    assert drifted
    assert len(kept) < 50
    assert "counted anew since its latest results drifted" in stand(stream, 0.8, 0.01).told()


def test_files_that_would_have_been_looked_at_are_no_drift():
    stream = [*[good] * 100, *[Audited(0.3, bad=True)] * 50]
    assert since_drift(stream, 0.8, 0.01) == (stream, False)


def test_an_unchanged_stream_rarely_drifts():
    rng = random.Random(7)
    alarms = sum(
        since_drift([Audited(0.9, bad=rng.random() < 0.005) for _ in range(400)], 0.8, 0.01)[1] for _ in range(60)
    )
    assert alarms <= 6


def test_few_labels_are_no_drift():
    assert drift_p([True] * 9, 0.01) == 1.0


def test_the_audit_draws_the_share_it_says_and_always_the_same():
    drawn = [f"version-{n}" for n in range(20_000) if is_drawn(f"version-{n}", 0.1)]
    assert 1850 < len(drawn) < 2150
    assert all(is_drawn(each, 0.1) for each in drawn)
    assert all(is_drawn(each, 0.2) for each in drawn)  # a larger share draws them too


def test_a_stratum_without_labels_is_looked_at_but_for_the_level_and_one_with_99_is_free():
    assert stand([], 0.8, 0.01).look_share == pytest.approx(0.99)
    assert stand([good] * 49, 0.8, 0.01).look_share == pytest.approx(0.5)
    assert stand([good] * 99, 0.8, 0.01).look_share == 0.0
    assert stand([], 0.8, 0.1).look_share == pytest.approx(0.9)


def test_an_escape_brings_the_looks_of_a_stratum_back_to_where_it_began():
    assert stand([*[good] * 500, Audited(0.95, bad=True)], 0.8, 0.01).look_share == pytest.approx(0.99)


@given(labels, st.floats(0, 1), st.sampled_from([0.01, 0.05, 0.2]))
def test_what_leaves_unseen_times_its_bound_never_passes_the_level(held, threshold, level):
    standing = stand(held, threshold, level)
    assert 0.0 <= standing.look_share <= 1.0
    assert (1.0 - standing.look_share) * standing.bound <= level + 1e-9
    assert standing.look_share == 0.0 or not standing.allows_auto


@pytest.mark.parametrize("risk", [0.002, 0.01, 0.03, 0.1, 0.5])
@pytest.mark.parametrize("number", [0, 10, 40, 98, 300])
def test_over_a_thousand_draws_a_spot_checked_stratum_lets_no_more_escape_than_its_level(risk, number):
    # Escapes ÷ all files of the next batch: those that nobody is shown, times how often they are bad.
    rng = np.random.default_rng(46)
    bad = rng.binomial(number, risk, size=1000)
    shares = [look_share((each + 1) / (number + 1), 0.01) for each in bad]
    escaped = (1.0 - np.array(shares)) * risk
    error = escaped.std() / np.sqrt(len(escaped))
    assert escaped.mean() <= 0.01 + 2 * error
