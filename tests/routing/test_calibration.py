from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.core.edit import Confidence
from safelight.routing.calibration import ISOTONIC_FROM, Calibrator, calibration_error, fit, fit_isotonic


def overconfident(number, seed=0):
    """Claims whose truth is their square: 0.9 is right in 81 of 100."""
    rng = np.random.default_rng(seed)
    claims = rng.uniform(0.3, 1.0, number)
    return claims.tolist(), (rng.uniform(size=number) < claims**2).tolist()


def test_few_labels_leave_a_claim_as_it_is_and_call_it_uncalibrated():
    curve = fit([0.9] * 29, [True] * 29)
    assert (curve.method, curve.labels, curve.apply(0.9)) == ("none", 29, Confidence(0.9, calibrated=False))


def stepped(number, seed=0):
    """Two kinds of pictures behind one number: 0.6 good below 0.8, 0.97 above."""
    rng = np.random.default_rng(seed)
    claims = rng.uniform(0.3, 1.0, number)
    return claims.tolist(), (rng.uniform(size=number) < np.where(claims < 0.8, 0.6, 0.97)).tolist()


@pytest.mark.parametrize(
    ("world", "number", "method"),
    [(overconfident, 200, "beta"), (overconfident, ISOTONIC_FROM, "beta"), (stepped, 3 * ISOTONIC_FROM, "isotonic")],
)
def test_claims_come_nearer_to_the_truth(world, number, method):
    claims, good = world(number)
    curve = fit(claims, good)
    fresh, truth = world(4000, seed=1)
    raw, told = calibration_error(fresh, truth), calibration_error([curve.apply(c).value for c in fresh], truth)
    assert curve.method == method
    assert told < raw / 2


def test_thirty_good_labels_do_not_promise_certainty():
    assert fit([0.9] * 30, [True] * 30).apply(1.0).value < 1.0


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=30, max_size=80), st.floats(0, 1), st.floats(0, 1))
def test_a_surer_claim_is_never_told_less_sure(held, one, other):
    curve = fit([c for c, _ in held], [g for _, g in held])
    low, high = sorted((one, other))
    assert 0 <= curve.apply(low).value <= curve.apply(high).value <= 1


def test_isotonic_never_falls_and_stays_off_zero_and_one():
    claims, good = overconfident(ISOTONIC_FROM)
    good = [g or c > 0.95 for c, g in zip(claims, good, strict=True)]
    knots, shares = fit_isotonic(np.asarray(claims), np.asarray(good, float))
    told = np.interp(np.linspace(0, 1, 101), knots, shares).tolist()
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] < 1


def test_claims_and_labels_of_different_length_are_refused():
    with pytest.raises(ValueError, match="3 claims and 2 labels do not go together"):
        fit([0.1, 0.2, 0.3], [True, False])


def test_a_curve_without_labels_is_the_diagonal():
    assert Calibrator().apply(0.25).value == 0.25
