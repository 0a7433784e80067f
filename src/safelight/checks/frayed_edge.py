"""Finds frayed edges: spikes, nicks and crumbs along a cut-out's contour."""

from __future__ import annotations

from safelight.checks.matte_evidence import measure_shape
from safelight.core.check import Check, Findings, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure how much of the contour leaves its own smooth line."""
    return measure_shape(check, subject, {"frayed": "spikes and nicks"})


check = Check(
    name="frayed_edge",
    version=1,
    purpose="Finds frayed edges: spikes, nicks and crumbs along a cut-out's contour.",
    specs=(MeasureSpec("frayed", "%", "of the contour, whose line leaves its own middle", "at_most", 20.0, 40.0),),
    measure=measure,
    reads="master",
)
