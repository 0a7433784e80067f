"""Find light of more than one color in a frame: what one white balance cannot make neutral."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.pixels.measure.illuminant_map import LightField

_SIDE_PX = 400


def measure(subject: Subject) -> Findings:
    """Measure how far the color of the light differs over the frame, on the capture where one is at hand.

    The capture tells more than the finished picture: a background laid under the subject hides what the light
    did to the paper, and a look bends it. A foreign file is measured as it is.
    """
    from safelight.pixels.measure.illuminant_map import find_light_field, is_plain
    from safelight.pixels.measure.neutral import spread_of_light

    rgb, usable, behind = _reduced(subject)
    field = find_light_field(rgb, usable)
    paper = behind is not None and is_plain(rgb, behind & usable)
    spread = spread_of_light(rgb, behind & usable) if behind is not None and paper else None
    why = "too little of one material next to itself, unclipped, to tell its light"
    measures = []
    if spread is not None:
        measures.append(Measure("backdrop_spread", round(spread, 2), "deg"))
    if field is not None or spread is None:
        drift = None if field is None else round(field.sure_deg, 2)
        measures.append(Measure("drift", drift, "deg", "" if field is not None else why))
    return Findings(tuple(measures), _evidence(measures, field))


def _reduced(subject: Subject) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_] | None]:
    """Linear light in its own primaries at 400 px, where it is neither clipped nor black, and the backdrop."""
    import cv2
    import numpy as np

    from safelight.pixels.color.light import light_of
    from safelight.pixels.measure.light import clipped_high, clipped_low, find_backdrop

    image = subject.original or subject.image
    height, width = image.pixels.shape[:2]
    stride = max(1, max(height, width) // (2 * _SIDE_PX))
    codes: Any = image.pixels[::stride, ::stride, :3]
    light = light_of(codes, image.space)
    if codes.dtype == np.float32:
        light = np.nan_to_num(light, nan=0.0, posinf=1.0, neginf=0.0)
    red, green, blue = cv2.split(light)
    most = np.asarray(cv2.max(cv2.max(red, green), blue), np.float32)
    lost = clipped_high(most, image.space) | clipped_low(most, image.space)
    scale = min(1.0, _SIDE_PX / max(light.shape[:2]))
    size = (max(1, round(light.shape[1] * scale)), max(1, round(light.shape[0] * scale)))
    rgb = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)
    usable = cv2.resize(lost.astype(np.float32), size, interpolation=cv2.INTER_AREA) < 0.2
    alpha = None
    if subject.alpha is not None:
        alpha = cv2.resize(np.asarray(subject.alpha, np.float32), size, interpolation=cv2.INTER_AREA)
    found = find_backdrop(rgb, alpha)
    return rgb, np.asarray(usable), found.mask if found.found else None


def _evidence(measures: list[Measure], field: LightField | None) -> tuple[Evidence, ...]:
    """Box the places whose light is furthest from the middle of the drift; the map shows all of them."""
    wrong = [each for each in judge(check, Findings(tuple(measures))).judged if each.word != "pass"]
    wrong = [each for each in wrong if each.measure.value is not None]
    if not wrong or field is None:
        return ()
    import cv2
    import numpy as np

    from safelight.pixels.measure.places import find_places

    worst = float(field.off_deg.max())
    # Twelve degrees is daylight beside a lamp; the map is at its end there.
    heat: Any = np.clip(field.off_deg * (255.0 / 12.0), 0, 255).astype(np.uint8)
    size = (min(512, heat.shape[1] * 10), min(512, heat.shape[0] * 10))
    shown = cv2.resize(heat, size, interpolation=cv2.INTER_NEAREST)
    bad = (cv2.resize(field.off_deg, size, interpolation=cv2.INTER_NEAREST) > 0.7 * worst).astype(np.uint8)
    first = max(wrong, key=lambda each: each.measure.value or 0.0).measure
    text = f"the light here is up to {worst:.0f} degrees off the light in the middle of the frame"
    return tuple(
        Evidence(first.name, place.box, float(first.value or 0.0), shown, text) for place in find_places(bad, at_most=2)
    )


check = Check(
    name="mixed_light",
    version=1,
    purpose="Finds light of more than one color in a frame, which one white balance cannot make neutral.",
    specs=(
        MeasureSpec(
            "backdrop_spread", "deg", "how far the light on the backdrop differs from its median", "at_most", 3.0, 6.0
        ),
        MeasureSpec(
            "drift",
            "deg",
            "how far the light drifts over the frame, where one drift explains it",
            "at_most",
            2.0,
            5.0,
        ),
    ),
    measure=measure,
    reads="master",
)
