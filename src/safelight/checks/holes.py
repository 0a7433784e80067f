"""Finds openings that a cut-out left closed: handles, loops and gaps that still show the backdrop."""

from __future__ import annotations

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject


def measure(subject: Subject) -> Findings:
    """Measure what of the subject shows the backdrop of the untouched capture."""
    import numpy as np

    from safelight.pixels.color import spaces
    from safelight.pixels.measure.closed_holes import find_closed_holes
    from safelight.pixels.measure.places import find_places, heat_of

    alpha, original = subject.alpha, subject.original
    if alpha is None or original is None:
        return Findings((Measure("closed", None, "%", "it takes a matte and the untouched capture to tell"),))
    stride = max(1, max(alpha.shape) // 2000)
    code = spaces.to_float(np.ascontiguousarray(original.pixels[::stride, ::stride, :3]))  # type: ignore[arg-type]
    if spaces.space_named(original.space).curve.gamma == 1.0:
        code = spaces.encode(np.clip(code, 0, 1), "srgb")
    cover = np.ascontiguousarray(alpha[::stride, ::stride])
    bad = find_closed_holes(code, cover)
    inside = float((cover > 0.5).mean())
    value = 100 * float((bad > 0).mean()) / inside if inside else 0.0
    heat, text = heat_of(bad), f"backdrop left in an opening: {value:.2g} % of the subject"
    places = find_places(bad, at_most=3) if value > 0 else []
    evidence = tuple(Evidence("closed", place.box, value, heat, text) for place in places)
    return Findings((Measure("closed", value, "%"),), evidence)


check = Check(
    name="holes",
    version=1,
    purpose="Finds openings that a cut-out left closed: handles, loops and gaps that still show the backdrop.",
    specs=(MeasureSpec("closed", "%", "of the subject, where the backdrop was left in", "at_most", 0.02, None),),
    measure=measure,
    reads="master",
)
