"""Finds openings that a cut-out left closed: handles, loops and gaps that still show the backdrop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject

if TYPE_CHECKING:
    from numpy.typing import NDArray


def measure(subject: Subject) -> Findings:
    """Measure what of the subject shows the backdrop of the untouched capture."""
    import numpy as np

    from safelight.pixels.color import spaces
    from safelight.pixels.measure.closed_holes import LOOK_PX, find_closed_holes
    from safelight.pixels.measure.places import find_places, heat_of
    from safelight.pixels.measure.region import reduce_to

    alpha, original = subject.alpha, subject.original
    if alpha is None or original is None:
        return Findings((Measure("closed", None, "%", "it takes a matte and the untouched capture to tell"),))
    # Reduced as it lies, in integers: 24 MP of floats would cost more than the measure.
    small, cover = (_halved(reduce_to(each, 2 * LOOK_PX)) for each in (original.pixels, alpha))
    code = spaces.to_float(np.ascontiguousarray(small[..., :3]))
    if spaces.space_named(original.space).curve.gamma == 1.0:
        code = spaces.encode(np.clip(code, 0, 1), "srgb")
    cover = np.asarray(cover, np.float32)
    bad = find_closed_holes(code, cover)
    inside = float((cover > 0.5).mean())
    value = 100 * float((bad > 0).mean()) / inside if inside else 0.0
    heat, text = heat_of(bad), f"backdrop left in an opening: {value:.2g} % of the subject"
    places = find_places(bad, at_most=3) if value > 0 else []
    evidence = tuple(Evidence("closed", place.box, value, heat, text) for place in places)
    return Findings((Measure("closed", value, "%"),), evidence)


def _halved(pixels: NDArray[Any]) -> NDArray[Any]:
    """Halve what is larger than the measure looks at, each pixel the mean of four."""
    import cv2
    import numpy as np

    from safelight.pixels.measure.closed_holes import LOOK_PX

    if max(pixels.shape[:2]) <= LOOK_PX:
        return pixels
    size = max(1, (pixels.shape[1] + 1) // 2), max(1, (pixels.shape[0] + 1) // 2)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


check = Check(
    name="holes",
    version=1,
    purpose="Finds openings that a cut-out left closed: handles, loops and gaps that still show the backdrop.",
    specs=(MeasureSpec("closed", "%", "of the subject, where the backdrop was left in", "at_most", 0.02, None),),
    measure=measure,
    reads="master",
)
