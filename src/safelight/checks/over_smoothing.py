"""Find skin without pores and cloth without weave: fine texture that the original had."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    from safelight.pixels.measure.smoothing import Texture

_NAMES = ("skin_kept", "other_kept")


def measure(subject: Subject) -> Findings:
    """Measure how much of the original's texture is left on skin and elsewhere, by frequency band.

    At full size on the original's pixels; without an original there is nothing to measure, and where the original
    has too little texture there is none to lose.
    """
    import numpy as np

    from safelight.pixels.color.spaces import Pixels, to_float
    from safelight.pixels.measure.smoothing import measure_texture

    original = subject.original
    if original is None:
        return Findings(())
    if original.space.startswith("linear") or original.size != subject.image.size:
        return Findings((Measure("other_kept", None, "%", "no finished original on the same pixels"),))
    parts = [to_float(cast(Pixels, np.ascontiguousarray(each.pixels[..., :3]))) for each in (subject.image, original)]
    found = measure_texture(parts[0], parts[1], subject.image.space)
    kept = zip(_NAMES, (found.skin, found.other), strict=True)
    measures = [Measure(name, 100 * value, "%") for name, value in kept if value is not None]
    return Findings(tuple(measures), _evidence(measures, found, subject.image.size))


def _evidence(measures: list[Measure], found: Texture, size: tuple[int, int]) -> tuple[Evidence, ...]:
    import cv2
    import numpy as np

    from safelight.pixels.measure.places import find_places
    from safelight.pixels.measure.smoothing import TILE_PX

    wrong = [e.measure for e in judge(check, Findings(tuple(measures))).judged if e.word != "pass"]
    wrong = [each for each in wrong if each.value is not None]
    if not wrong:
        return ()
    first = min(wrong, key=lambda each: each.value or 0.0)
    rows, cols = found.lost.shape
    whole = np.zeros((-(-size[1] // TILE_PX), -(-size[0] // TILE_PX)), np.float32)
    whole[:rows, :cols] = found.lost
    heat = np.asarray(np.clip(whole * 255, 0, 255), np.uint8)
    bad = cv2.compare(heat, 102, cv2.CMP_GT)
    text = f"{first.name.split('_')[0]}: {first.value:.0f} % of the original's fine texture is left"
    return tuple(
        Evidence(first.name, each.box, float(first.value or 0.0), heat, text)
        for each in find_places(bad, at_most=3, margin_px=0)
    )


check = Check(
    name="over_smoothing",
    version=2,  # 2: what has no texture can lose none
    purpose="Finds waxy skin and smeared weave: fine texture that the capture had and the picture has not.",
    specs=(
        MeasureSpec("skin_kept", "%", "of the texture of skin color, in its lowest tenth", "at_least", 70.0, 50.0),
        MeasureSpec("other_kept", "%", "of all other texture, in its lowest tenth", "at_least", 70.0, 50.0),
    ),
    measure=measure,
    wants_unretouched=True,
)
