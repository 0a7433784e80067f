"""Finds what a cut-out left behind: loose pieces, dirt, and veils of shadow."""

from __future__ import annotations

from safelight.checks.matte_evidence import measure_shape
from safelight.core.check import Check, Findings, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure loose pieces and veils beyond the subject's edge."""
    return measure_shape(check, subject, {"residue": "left behind"})


check = Check(
    name="residue",
    version=1,
    purpose="Finds what a cut-out left behind: loose pieces, dirt, and veils of shadow.",
    specs=(
        MeasureSpec(
            "residue", "per mille", "of the frame: loose pieces and veils beyond the edge", "at_most", 0.02, 0.5
        ),
    ),
    measure=measure,
    reads="master",
)
