"""Find change outside the mask that a retouch declared, beyond what writing the file spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    from safelight.pixels.measure.outside import Outside

_BLOCK_PX = 16  # a JPEG block with its halved color


def measure(subject: Subject) -> Findings:
    """Measure how far the picture strays from its original where ``expected["repair_mask"]`` says nothing was done.

    ``expected["repair_mask"]`` is a gray picture's bytes over the whole frame, 255 repaired; without it the check has
    no measure. A change may reach beyond the mask: by 0 px in lossless files of the original's size, by two blocks in
    a JPEG. Where the whole frame was recolored nothing can be said pixel by pixel, and that is said.
    """
    from safelight.pixels.measure.outside import measure_outside

    mask = subject.expected.get("repair_mask")
    if not mask:
        return Findings(())
    why = ""
    if subject.original is None:
        why = "no original to hold it against"
    elif subject.original.size != subject.image.size or subject.original.space != subject.image.space:
        why = "the original is not on the same pixels"
    if why or subject.original is None:
        return Findings((Measure("largest", None, "levels", why),))
    lossy = subject.file is not None and subject.file.format == "jpeg"
    spread = 2 * _BLOCK_PX if lossy else 0
    found = measure_outside(subject.image.pixels, subject.original.pixels, bytes(mask), spread)
    if found.everywhere:
        return Findings(
            (Measure("largest", None, "levels", "the whole frame was recolored; compare before the grade"),)
        )
    measures = [
        Measure("largest", max(0.0, found.largest - (found.usual if lossy else 0.0)), "levels"),
        Measure("changed", 100 * found.share, "%"),
        Measure("spread", float(spread), "px"),
    ]
    return Findings(tuple(measures), _evidence(measures, found))


def _evidence(measures: list[Measure], found: Outside) -> tuple[Evidence, ...]:
    from safelight.pixels.measure.places import find_places, heat_of

    first = judge(check, Findings(tuple(measures))).judged[0]
    if first.word == "pass":
        return ()
    text = f"changed by {found.largest:.0f} levels outside the mask"
    places = find_places(found.bad, at_most=3)
    return tuple(Evidence("largest", each.box, found.largest, heat_of(found.heat), text) for each in places)


check = Check(
    name="outside_mask",
    version=1,
    purpose="Proves that a retouch changed nothing outside its mask.",
    specs=(
        MeasureSpec(
            "largest", "levels", "largest change outside the mask, of 255, beyond its spread", "at_most", 0.0, 4.0
        ),
        MeasureSpec("changed", "%", "of the outside that changed by a level and more", "at_most", None, None),
        MeasureSpec("spread", "px", "how far beyond the mask a change may reach in such a file", "at_most", None, None),
    ),
    measure=measure,
    wants_unretouched=True,
)
