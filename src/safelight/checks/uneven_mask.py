"""Finds uneven masks: see-through places and bites inside a cut-out."""

from __future__ import annotations

from safelight.checks.matte_evidence import measure_shape
from safelight.core.check import Check, Findings, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure what of the subject is see-through away from its edge, or bitten out of it."""
    return measure_shape(check, subject, {"uneven": "see-through inside", "bitten": "small holes inside"})


check = Check(
    name="uneven_mask",
    version=1,
    purpose="Finds uneven masks: see-through places and bites inside a cut-out.",
    specs=(
        MeasureSpec("uneven", "%", "of the subject, that is see-through away from its edge", "at_most", 0.15, 1.0),
        MeasureSpec("bitten", "%", "of the subject, that small closed openings take", "at_most", 0.02, 0.5),
    ),
    measure=measure,
    reads="master",
)
