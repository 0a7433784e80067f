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
    from safelight.pixels.measure.closed_holes import find_closed_holes
    from safelight.pixels.measure.places import find_places, heat_of

    alpha, original = subject.alpha, subject.original
    if alpha is None or original is None:
        return Findings((Measure("closed", None, "%", "it takes a matte and the untouched capture to tell"),))
    # Reduced as it lies, in integers: 24 MP of floats would cost more than the measure.
    small, cover = (_at_look_size(each) for each in (original.pixels, alpha))
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


def _at_look_size(pixels: NDArray[Any]) -> NDArray[Any]:
    """Reduce what is larger than the measure looks at, in two quick steps."""
    import cv2
    import numpy as np

    from safelight.pixels.measure.closed_holes import LOOK_PX
    from safelight.pixels.measure.region import reduce_to

    near = reduce_to(pixels, 2 * LOOK_PX)
    scale = LOOK_PX / max(near.shape[:2])
    if scale >= 1:
        return near
    size = max(1, round(near.shape[1] * scale)), max(1, round(near.shape[0] * scale))
    return np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_AREA))


check = Check(
    name="holes",
    version=1,
    purpose="Finds openings that a cut-out left closed: handles, loops and gaps that still show the backdrop.",
    specs=(MeasureSpec("closed", "%", "of the subject, where the backdrop was left in", "at_most", 0.02, None),),
    measure=measure,
    reads="master",
)
