"""Finds what a cut-out left behind: loose pieces, dirt, and veils of shadow."""

from __future__ import annotations

from dataclasses import replace

from safelight.checks.matte_evidence import measure_shape
from safelight.core.check import Check, Findings, MeasureSpec, Subject

_SHADE = 0.5  # a shadow covers less


def measure(subject: Subject) -> Findings:
    """Measure loose pieces and veils beyond the subject's edge.

    Where ``expected["shadow"]`` names one that was asked for, what covers less than half is that shadow and no veil.
    """
    if subject.alpha is not None and subject.expected.get("shadow", "none") != "none":
        subject = replace(subject, alpha=subject.alpha * (subject.alpha >= _SHADE))
    return measure_shape(check, subject, {"residue": "left behind"})


check = Check(
    name="residue",
    version=2,  # 2: a shadow that was asked for is none
    purpose="Finds what a cut-out left behind: loose pieces, dirt, and veils of shadow.",
    specs=(
        MeasureSpec(
            "residue", "per mille", "of the frame: loose pieces and veils beyond the edge", "at_most", 0.02, 0.5
        ),
    ),
    measure=measure,
    reads="master",
)
