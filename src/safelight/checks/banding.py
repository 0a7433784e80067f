"""Find gradients that broke into bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    from safelight.pixels.measure.banding import Banding


def measure(subject: Subject) -> Findings:
    """Measure the share of the picture whose gradients show steps, and how high these are."""
    from safelight.pixels.measure.banding import measure_banding

    found = measure_banding(subject.image.pixels)
    if not found.steps.size:
        return Findings((Measure("banded", None, "%", "the picture is smaller than a tile of 96 px"),))
    measures = [Measure("banded", 100 * found.share, "%"), Measure("step", found.step, "levels")]
    return Findings(tuple(measures), _evidence(measures, found))


def _evidence(measures: list[Measure], found: Banding) -> tuple[Evidence, ...]:
    import numpy as np

    from safelight.pixels.measure.places import find_places, heat_of

    first = judge(check, Findings(tuple(measures))).judged[0]
    if first.word == "pass":
        return ()
    bad = np.where(found.steps > 0, 255, 0).astype(np.uint8)
    heat = heat_of(np.clip(found.steps * 32, 0, 255).astype(np.uint8))
    text = f"steps of {found.step:.0f} levels in a smooth gradient"
    return tuple(
        Evidence("banded", place.box, float(first.measure.value or 0.0), heat, text)
        for place in find_places(bad, at_most=2, margin_px=0)
    )


check = Check(
    name="banding",
    version=1,
    purpose="Finds smooth gradients that broke into bands: work on too few bits.",
    specs=(
        MeasureSpec("banded", "%", "of the picture, where gradients show steps without noise", "at_most", 0.5, 3.0),
        MeasureSpec("step", "levels", "height of the steps, in levels of 8 bits", "at_most", None, None),
    ),
    measure=measure,
)
