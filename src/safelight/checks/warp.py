"""Find what was pushed, pulled or bent: parts that moved against the original, beyond the frame as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.displaced import Displaced


def measure(subject: Subject) -> Findings:
    """Measure the farthest local movement against the original on the same pixels; without one there is no measure."""
    from safelight.pixels.measure.displaced import measure_displaced

    original = subject.original
    if original is None:
        return Findings(())
    if original.size != subject.image.size or min(original.size) < 64:
        return Findings((Measure("moved", None, "px", "no original on the same pixels"),))
    found = measure_displaced(_gray(subject.image), _gray(original))
    if found.farthest is None:
        return Findings((Measure("moved", None, "px", "too little structure to follow"),))
    relative = 1000 * found.farthest / max(subject.image.size)
    measures = [Measure("moved", relative, "‰ of the long side"), Measure("moved_share", 100 * found.share, "%")]
    return Findings(tuple(measures), _evidence(measures, found))


def _gray(image: Image) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    pixels: NDArray[Any] = image.pixels[..., :3]
    if pixels.dtype == np.float32:
        pixels = np.clip(pixels, 0, 1) ** (1 / 2.2 if image.space.startswith("linear") else 1.0) * 255
    elif pixels.dtype == np.uint16:
        pixels = pixels >> 8
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels.astype(np.uint8)), cv2.COLOR_RGB2GRAY))


def _evidence(measures: list[Measure], found: Displaced) -> tuple[Evidence, ...]:
    import numpy as np

    from safelight.pixels.measure.places import find_places

    first = judge(check, Findings(tuple(measures))).judged[0]
    if first.word == "pass" or found.farthest is None:
        return ()
    heat = np.asarray(np.clip(found.map / max(found.farthest, 1e-6) * 255, 0, 255), np.uint8)
    bad = np.where(heat > 127, 255, 0).astype(np.uint8)
    text = f"moved by up to {found.farthest:.1f} px against the original"
    places = find_places(bad, at_most=3, margin_px=0)
    return tuple(Evidence("moved", each.box, found.farthest, heat, text) for each in places)


check = Check(
    name="warp",
    version=1,
    purpose="Finds parts that were pushed, pulled or bent against the original.",
    specs=(
        MeasureSpec("moved", "‰ of the long side", "farthest movement beyond the frame's own", "at_most", 1.5, 4.0),
        MeasureSpec("moved_share", "%", "of what shows structure that moved", "at_most", None, None),
    ),
    measure=measure,
    wants_unretouched=True,
)
