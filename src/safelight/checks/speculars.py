"""Find dulled jewelry, watches and eyewear: highlights gone or made up, contrast lost, edges softened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.speculars import Speculars


def measure(subject: Subject) -> Findings:
    """Measure what is left of the original's small highlights, local contrast and edges, and which are new.

    Without an original on the same pixels there is nothing to measure.
    """
    from safelight.pixels.measure.speculars import measure_speculars

    before = subject.original
    if before is None:
        return Findings(())
    if before.size != subject.image.size or before.space.startswith("linear"):
        return Findings((Measure("contrast_kept", None, "%", "no finished original on the same pixels"),))
    found = measure_speculars(_luma(subject.image), _luma(before))
    named = {
        "highlights_kept": found.highlights_kept,
        "highlights_invented": found.highlights_invented,
        "contrast_kept": found.contrast_kept,
        "edges_kept": found.edges_kept,
    }
    # What the capture never had cannot be lost: such a measure is left out.
    measures = [Measure(name, 100 * value, "%") for name, value in named.items() if value is not None]
    return Findings(tuple(measures), _evidence(measures, found, subject.image.size))


def _luma(image: Image) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    pixels: NDArray[Any] = np.ascontiguousarray(image.pixels[..., :3])
    top = {"uint8": 255.0, "uint16": 65535.0}.get(pixels.dtype.name, 1.0)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(255 / top)


_TOLD = {
    "highlights_kept": "{:.0f} % of the capture's small highlights are left",
    "highlights_invented": "highlights that the capture has not: {:.0f} % of its own",
    "contrast_kept": "{:.0f} % of the local contrast is left",
    "edges_kept": "{:.0f} % of the steepness of edges is left",
}


def _evidence(measures: list[Measure], found: Speculars, size: tuple[int, int]) -> tuple[Evidence, ...]:
    from safelight.pixels.measure.places import find_places

    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        if each.word == "pass" or each.measure.value is None:
            continue
        heat, bad = _map_of(each.measure.name, found, size)
        text = _TOLD[each.measure.name].format(each.measure.value)
        shown += [
            Evidence(each.measure.name, place.box, float(each.measure.value), heat, text)
            for place in find_places(bad, at_most=2)
        ]
    return tuple(shown)


def _map_of(name: str, found: Speculars, size: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A heat map, and what is worst on it."""
    import numpy as np

    from safelight.pixels.measure.places import heat_of
    from safelight.pixels.measure.speculars import TILE_PX

    if name.startswith("highlights"):
        marked = found.lost if name == "highlights_kept" else found.invented
        return heat_of(marked), marked
    kept = found.contrast if name == "contrast_kept" else found.edges
    whole = np.ones((-(-size[1] // TILE_PX), -(-size[0] // TILE_PX)), np.float32)
    rows, cols = (min(one, two) for one, two in zip(kept.shape, whole.shape, strict=True))
    whole[:rows, :cols] = kept[:rows, :cols]
    heat = np.asarray(np.clip((1 - whole) * 255, 0, 255), np.uint8)
    return heat, np.where(whole <= float(np.percentile(whole, 2)), heat, 0).astype(np.uint8)


check = Check(
    name="speculars",
    version=1,
    purpose="Finds jewelry, watches and eyewear that lost highlights, contrast or edges, or got highlights made up.",
    specs=(
        MeasureSpec("highlights_kept", "%", "of small highlights, by size and height", "at_least", 92.0, 60.0),
        MeasureSpec("highlights_invented", "%", "of new ones, against the original's", "at_most", 3.0, 30.0),
        MeasureSpec("contrast_kept", "%", "of contrast over 3 to 12 px, in its worst places", "at_least", 82.0, 60.0),
        MeasureSpec("edges_kept", "%", "of the steepness of edges, in their worst places", "at_least", 82.0, 60.0),
    ),
    measure=measure,
    wants_unretouched=True,
)
