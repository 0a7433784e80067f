"""Find what compression left: blocks with visible borders, ripples beside edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.compression import Compression


def measure(subject: Subject) -> Findings:
    """Measure how far borders of blocks stand out and, beside an original on the same pixels, ripples along edges."""
    from safelight.pixels.measure.compression import measure_compression

    before = subject.original
    if before is not None and (before.size != subject.image.size or before.space.startswith("linear")):
        before = None
    found = measure_compression(_luma(subject.image), None if before is None else _luma(before))
    named = {"blocking": found.blocking, "ringing": found.ringing}
    measures = [Measure(name, value, "levels") for name, value in named.items() if value is not None]
    return Findings(tuple(measures), _evidence(measures, found))


def _luma(image: Image) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    pixels: NDArray[Any] = np.ascontiguousarray(image.pixels[..., :3])
    top = {"uint8": 255.0, "uint16": 65535.0}.get(pixels.dtype.name, 1.0)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(gray, np.float32) * np.float32(255 / top)


def _evidence(measures: list[Measure], found: Compression) -> tuple[Evidence, ...]:
    import numpy as np

    from safelight.pixels.measure.places import find_places, heat_of

    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        limit = check.spec(each.measure.name).warn
        if each.word == "pass" or each.measure.value is None or limit is None:
            continue
        tiles = found.blocks if each.measure.name == "blocking" else found.ripples
        heat = heat_of(np.clip(tiles * (64 / limit), 0, 255).astype(np.uint8))
        worst = np.where(tiles >= min(limit, float(tiles.max())), 255, 0).astype(np.uint8)
        told = {"blocking": "borders of blocks stand out by", "ringing": "surfaces ripple beside edges by"}
        text = f"{told[each.measure.name]} {each.measure.value:.1f} levels"
        shown += [
            Evidence(each.measure.name, place.box, float(each.measure.value), heat, text)
            for place in find_places(worst, at_most=2, margin_px=0)
        ]
    return tuple(shown)


check = Check(
    name="compression",
    version=1,
    purpose="Finds blocks and ripples that JPEG and its kin left in the file.",
    specs=(
        MeasureSpec("blocking", "levels", "borders of blocks above what lies within, at worst", "at_most", 2.5, 4.5),
        MeasureSpec("ringing", "levels", "ripples beside edges that the original has not", "at_most", 1.05, 2.5),
    ),
    measure=measure,
    reads="delivered",
)
