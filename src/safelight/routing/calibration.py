"""Confidence that is true: what a step claims, mapped to how often people approved it unchanged."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Confidence

Method = Literal["none", "beta", "isotonic"]

LEAST_LABELS = 30  # below it a claim stays as it is and is called uncalibrated: 30 of 30 still leave 11 % in doubt
# Below it isotonic regression follows the noise; from here on the better of the two curves on labels that it was not
# fitted to is taken (benchmarks/results/escapes.md).
ISOTONIC_FROM = 1000
_FOLDS = 4
_KNOTS = 33  # points at which a beta curve is kept
_EPS = 1e-3  # claims of exactly 0 and 1 have no logarithm


@dataclass(frozen=True)
class Calibrator:
    """A rising curve from claims to shares, and what it rests on.

    Parameters
    ----------
    method : {"none", "beta", "isotonic"}
    claims, shares : tuple of float, rising
        The curve; straight between its points, level beyond them.
    labels, good : int
        Decisions behind it, and how many of them approved.
    """

    method: Method = "none"
    claims: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    labels: int = 0
    good: int = 0

    def apply(self, claim: float) -> Confidence:
        """Return the confidence behind a claim; with too few labels the claim itself, uncalibrated.

        Examples
        --------
        >>> Calibrator().apply(0.8)
        Confidence(value=0.8, calibrated=False)
        """
        if self.method == "none":
            return Confidence(claim, calibrated=False)
        share = float(np.interp(claim, self.claims, self.shares))
        return Confidence(min(1.0, max(0.0, round(share, 4))), calibrated=True)


def fit(claims: Sequence[float], good: Sequence[bool]) -> Calibrator:
    """Fit a curve to decisions.

    Parameters
    ----------
    claims : sequence of float, 0..1
        What a step claimed for each result.
    good : sequence of bool
        Whether a reviewer approved it unchanged.

    Returns
    -------
    Calibrator
        None below `LEAST_LABELS`; a beta curve drawn towards the claims themselves up to `ISOTONIC_FROM`, so that few
        labels move it little; beyond, isotonic regression where it tells held-out labels better (Brier score).

    Raises
    ------
    ValueError
        If the two are not of one length.

    References
    ----------
    Kull, Silva Filho, Flach, "Beta calibration", AISTATS 2017. Zadrozny, Elkan, "Transforming classifier scores into
    accurate multiclass probability estimates", KDD 2002 (isotonic).

    Examples
    --------
    >>> fit([0.9] * 40, [True] * 20 + [False] * 20).apply(0.9).value < 0.75
    True
    """
    if len(claims) != len(good):
        raise ValueError(f"{len(claims)} claims and {len(good)} labels do not go together")
    labels = len(claims)
    if labels < LEAST_LABELS:
        return Calibrator(labels=labels, good=sum(good))
    x, y = np.asarray(claims, np.float64), np.asarray(good, np.float64)
    method: Method = "isotonic" if labels >= ISOTONIC_FROM and _is_isotonic_better(x, y) else "beta"
    knots, shares = fit_isotonic(x, y) if method == "isotonic" else fit_beta(x, y)
    # n good ones of n leave room for one bad among the next: nothing is told surer than that (Laplace).
    shares = np.minimum(shares, (labels + 1) / (labels + 2))
    return Calibrator(method, _rounded(knots), _rounded(shares), labels, int(y.sum()))


def _is_isotonic_better(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    """Say which curve tells labels better that it was not fitted to: every fourth in turn."""
    fold = np.arange(len(x)) % _FOLDS
    errors = [0.0, 0.0]
    for held in range(_FOLDS):
        own, other = fold == held, fold != held
        for place, curve in enumerate((fit_beta, fit_isotonic)):
            told = np.interp(x[own], *curve(x[other], y[other]))
            errors[place] += float(np.square(told - y[own]).sum())
    return errors[1] < errors[0]


def fit_beta(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return knots and shares of a beta curve, held near the diagonal by a prior worth a few labels.

    ``share = 1 / (1 + exp(-(a ln c - b ln(1 - c) + k)))`` with a, b >= 0, so that it never falls; the prior is
    a, b = 1 and k = 0, the diagonal, with a standard deviation of 1.
    """
    from scipy.optimize import minimize

    c = np.clip(x, _EPS, 1 - _EPS)
    features = np.stack([np.log(c), -np.log1p(-c), np.ones_like(c)], axis=1)
    middle = np.array([1.0, 1.0, 0.0])

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = features @ theta
        value = np.logaddexp(0.0, z) - y * z
        slope = features.T @ (1 / (1 + np.exp(-z)) - y)
        return float(value.sum() + 0.5 * ((theta - middle) ** 2).sum()), slope + (theta - middle)

    found = minimize(loss, middle, jac=True, method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)])
    knots = np.linspace(_EPS, 1 - _EPS, _KNOTS)
    a, b, k = found.x
    return knots, 1 / (1 + np.exp(-(a * np.log(knots) - b * np.log1p(-knots) + k)))


def fit_isotonic(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return knots and shares of isotonic regression; each level is kept off 0 and 1 by one label of either kind."""
    from scipy.optimize import isotonic_regression

    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    values, starts = np.unique(x, return_index=True)  # equal claims are one point
    counts = np.diff([*starts, len(x)]).astype(np.float64)
    means = np.add.reduceat(y, starts) / counts
    found = isotonic_regression(means, weights=counts)
    blocks = found.blocks
    knots, shares = [], []
    for first, after in itertools.pairwise(blocks):
        held = counts[first:after].sum()
        share = (found.x[first] * held + 1.0) / (held + 2.0)
        knots += [values[first], values[after - 1]]
        shares += [share, share]
    kept = np.maximum.accumulate(np.asarray(shares))
    return np.asarray(knots), kept


def calibration_error(claims: Sequence[float], good: Sequence[bool], bins: int = 10) -> float:
    """Return the expected calibration error: mean distance of claim and share over bins of equal count, 0..1.

    Examples
    --------
    >>> calibration_error([0.9] * 10, [True] * 9 + [False], bins=1)
    0.0
    """
    if not len(claims):
        return math.nan
    order = np.argsort(np.asarray(claims, np.float64), kind="stable")
    x, y = np.asarray(claims, np.float64)[order], np.asarray(good, np.float64)[order]
    parts = np.array_split(np.arange(len(x)), min(bins, len(x)))
    return round(float(sum(len(p) * abs(x[p].mean() - y[p].mean()) for p in parts) / len(x)), 6)


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    rounded: list[Any] = np.round(values, 5).tolist()
    return tuple(float(each) for each in rounded)
