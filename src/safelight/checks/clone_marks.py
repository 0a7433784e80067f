"""Find clone marks: places of a picture that are copies of another place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.copies import Copies

_WORK_PX = 1_000


def measure(subject: Subject) -> Findings:
    """Measure how many blocks of the picture recur elsewhere in it and did not in the original, where there is one."""
    from safelight.pixels.measure.copies import find_copies

    before = subject.original
    known = before is not None and before.size == subject.image.size
    found = find_copies(_gray(subject.image), _gray(before) if before is not None and known else None)
    measures = [Measure("copied", float(found.blocks), "blocks")]
    return Findings(tuple(measures), _evidence(measures, found))


def _gray(image: Image) -> NDArray[np.uint8]:
    """By whole steps, not averaged: a copy at any offset stays one."""
    import cv2
    import numpy as np

    pixels: NDArray[Any] = image.pixels[..., :3]
    if pixels.dtype == np.float32:
        pixels = np.clip(pixels, 0, 1) * 255
    elif pixels.dtype == np.uint16:
        pixels = pixels >> 8
    step = max(1, round(max(image.size) / _WORK_PX))
    gray = cv2.cvtColor(np.ascontiguousarray(pixels.astype(np.uint8)), cv2.COLOR_RGB2GRAY)
    return np.ascontiguousarray(cv2.blur(gray, (step, step))[::step, ::step])


def _evidence(measures: list[Measure], found: Copies) -> tuple[Evidence, ...]:
    from safelight.pixels.measure.places import find_places, heat_of

    first = judge(check, Findings(tuple(measures))).judged[0]
    if first.word == "pass":
        return ()
    text = f"{found.blocks} blocks recur at one offset"
    places = find_places(found.map, at_most=4)
    return tuple(Evidence("copied", e.box, float(first.measure.value or 0.0), heat_of(found.map), text) for e in places)


check = Check(
    name="clone_marks",
    version=2,  # 2: twins are held against the capture one by one
    purpose="Finds places that are copies of another place in the picture.",
    specs=(MeasureSpec("copied", "blocks", "of 16 px that recur at one offset", "at_most", 20.0, 400.0),),
    measure=measure,
    wants_unretouched=True,
)
