"""Find subjects that lost detail at the top or the bottom of the code values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHANNELS = ("red", "green", "blue")


def measure(subject: Subject) -> Findings:
    """Measure shares of the subject that are clipped, by channel, in all channels, and since the capture.

    The backdrop does not count. Where no matte is known, white that is
    connected to the border is backdrop, so white products on white need a matte.
    """
    import cv2
    import numpy as np

    from safelight.pixels.measure.clip import measure_clipping, newly_clipped
    from safelight.pixels.measure.region import find_subject

    image = subject.image
    region = find_subject(image.pixels, image.space, subject.alpha)
    mask = region.mask
    if region.source == "backdrop":
        # The soft edge of a subject on white is white by right.
        mask = cv2.erode(mask, np.ones((5, 5), np.uint8), borderValue=255)
    if not cv2.countNonZero(mask):
        return Findings((Measure("blown", None, "%", "no subject found"),))
    pixels = image.pixels if image.pixels.shape[2] == 3 else np.ascontiguousarray(image.pixels[..., :3])
    found = measure_clipping(pixels, mask)
    measures = [Measure(f"high_{name}", 100 * share, "%") for name, share in zip(_CHANNELS, found.high, strict=True)]
    measures += [Measure(f"low_{name}", 100 * share, "%") for name, share in zip(_CHANNELS, found.low, strict=True)]
    measures += [
        Measure("blown", 100 * found.blown, "%"),
        Measure("crushed", 100 * found.crushed, "%"),
        Measure("largest_area", 100 * found.largest, "%"),
    ]
    lost = {
        "blown": found.all_high,
        "crushed": found.all_low,
        "largest_area": cv2.bitwise_or(found.all_high, found.all_low),
    }
    lost |= {f"high_{name}": found.any_high for name in _CHANNELS} | {
        f"low_{name}": found.any_low for name in _CHANNELS
    }
    if subject.original is not None:
        for name, where, high in (("new_high", found.any_high, True), ("new_low", found.any_low, False)):
            count, place = newly_clipped(where, subject.original.pixels, high=high)
            measures.append(Measure(name, 100 * count / found.pixels, "%"))
            if place is not None:
                lost[name] = place
    return Findings(tuple(measures), _evidence(measures, lost))


def _evidence(measures: list[Measure], lost: dict[str, NDArray[np.uint8]]) -> tuple[Evidence, ...]:
    from safelight.pixels.measure.places import find_places, heat_of

    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        value = each.measure.value
        if each.word == "pass" or value is None:
            continue
        bad = lost[each.measure.name]
        heat = heat_of(bad)
        for place in find_places(bad, at_most=2):
            text = f"{each.measure.name.replace('_', ' ')}, {place.pixels:,} px here"
            shown.append(Evidence(each.measure.name, place.box, value, heat, text))
    return tuple(shown)


def _share(name: str, meaning: str, warn: float | None, fail: float | None) -> MeasureSpec:
    return MeasureSpec(name, "%", meaning, "at_most", warn, fail)


# Saturated colors reach the end of one channel in sound pictures (3 of 72 catalogue pictures beyond 12 %),
# so single channels only fail where a third of the subject is gone, and the bottom has no limit.
check = Check(
    name="clipping",
    version=1,
    purpose="Finds subjects whose highlights or shadows lost their detail, and edits that took it.",
    specs=(
        *(_share(f"high_{c}", f"share of the subject at the top of {c}", 12.0, 35.0) for c in _CHANNELS),
        *(_share(f"low_{c}", f"share of the subject at the bottom of {c}", None, None) for c in _CHANNELS),
        _share("blown", "share of the subject at the top of all channels", 1.0, 4.0),
        _share("crushed", "share of the subject at the bottom of all channels", 1.5, 6.0),
        _share("largest_area", "largest connected area without any detail", 0.8, 3.0),
        _share("new_high", "share clipped at the top that the capture had detail in", 0.5, 2.0),
        _share("new_low", "share clipped at the bottom that the capture had detail in", 2.0, 8.0),
    ),
    measure=measure,
)
