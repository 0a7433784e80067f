"""Measure what should stay the same over a batch, and hold it against the batch's own."""

from __future__ import annotations

from safelight.core.check import Check, Findings, Measure, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure Lab of neutrals, shadows and skin; with ``expected["batch_markers"]`` also how far they are from it.

    ``expected["batch_markers"]`` is what `safelight.pixels.measure.color_drift.markers_of` says of the approved hero or
    of the batch's first quarter. The whole frame speaks, so that there is no single place to point at: the evidence
    of a drift is the first frame beside the last, which the batch's report shows.
    """
    import numpy as np

    from safelight.pixels.color.difference import delta_e_2000
    from safelight.pixels.measure.color_drift import MARKERS, markers_of

    own = markers_of(subject.image.pixels, subject.image.space)
    shared = subject.expected.get("batch_markers") or {}
    measures = []
    for marker in MARKERS:
        if marker in own:
            measures += [Measure(f"{marker}_{axis}", own[marker][at], f"{axis}*") for at, axis in enumerate("Lab")]
        if marker in shared:
            why = "" if marker in own else f"the frame shows no {marker}"
            off = float(delta_e_2000(np.array(own[marker]), np.array(shared[marker]))) if marker in own else None
            measures.append(Measure(f"{marker}_drift", off, "ΔE00", why))
    return Findings(tuple(measures))


def _marker(name: str, said: str) -> tuple[MeasureSpec, ...]:
    values = tuple(
        MeasureSpec(f"{name}_{axis}", f"{axis}*", f"{axis}* of {said}", "at_most", None, None) for axis in "Lab"
    )
    drift = MeasureSpec(f"{name}_drift", "ΔE00", f"{said} against those of the batch, CIEDE2000", "at_most", 4.0, None)
    return (*values, drift)


check = Check(
    name="color_drift",
    version=2,
    purpose="Measures neutrals, shadows and skin of each frame, so that a batch's first and last can be compared.",
    specs=(
        *_marker("neutrals", "what is nearly gray"),
        *_marker("shadows", "shadows"),
        *_marker("skin", "skin and what has its hue"),
    ),
    measure=measure,
    reads="delivered",  # medians over a frame of 320 px: the proof shows them as the master does
)
