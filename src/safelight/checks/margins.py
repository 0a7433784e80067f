"""Hold the subject against its frame: fill, margins, centering, cuts."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge
from safelight.errors import ParameterError

if TYPE_CHECKING:
    from safelight.pixels.measure.margin import Framing

_SIDES = ("left", "top", "right", "bottom")


def measure(subject: Subject) -> Findings:
    """Measure fill, margins, centering and cuts of the subject's box.

    ``expected["fill"]`` is ``[low, high]`` in 0..1, the longest side by default; ``expected["fill_by"]``
    may say ``"area"``. ``expected["bleed"]`` names sides where the subject leaves the frame on purpose.

    Raises
    ------
    ParameterError
        If the expected fill is no pair from 0 to 1, or a bleeding side has another name than the four.
    """
    from safelight.pixels.measure.margin import measure_framing
    from safelight.pixels.measure.region import find_subject

    image = subject.image
    bleed = _bleed(subject)
    region = find_subject(image.pixels, image.space, subject.alpha)
    if region.source == "frame":
        return Findings(
            (Measure("fill", None, "%", "no matte is known and the backdrop is not even: no subject found"),)
        )
    framing = measure_framing(region.mask)
    if framing is None:
        return Findings((Measure("fill", None, "%", "the matte is empty: no subject found"),))
    free = [margin for side, margin in zip(_SIDES, framing.margins, strict=True) if side not in bleed]
    measures = [
        Measure("fill", 100 * framing.fill, "%"),
        Measure("fill_area", 100 * framing.fill_area, "%"),
        *([Measure("fill_miss", 100 * _miss(subject, framing), "points")] if "fill" in subject.expected else []),
        *([Measure("margin", 100 * min(free), "%")] if free else []),
        Measure("cut", float(sum(px for side, px in framing.cut_px.items() if side not in bleed)), "px"),
    ]
    # A subject that leaves the frame on one side is not centered across that side's axis.
    if not bleed & {"left", "right"}:
        measures.append(Measure("off_center_x", 100 * abs(framing.off_x), "%"))
    if not bleed & {"top", "bottom"}:
        measures.append(Measure("off_center_y", 100 * abs(framing.off_y), "%"))
    return Findings(tuple(measures), _evidence(measures, framing, image.size, bleed))


def _bleed(subject: Subject) -> set[str]:
    bleed = set(subject.expected.get("bleed", ()))
    if bleed - set(_SIDES):
        raise ParameterError(f"bleed names {', '.join(sorted(bleed - set(_SIDES)))}; it takes {', '.join(_SIDES)}")
    return bleed


def _miss(subject: Subject, framing: Framing) -> float:
    """Return how far the fill lies outside of what is asked for; 0 inside."""
    asked = subject.expected["fill"]
    try:
        low, high = (float(each) for each in asked)
    except (TypeError, ValueError):
        low, high = -1.0, -1.0
    if not 0 <= low <= high <= 1:
        raise ParameterError(f"fill is {asked!r}; it takes two numbers from 0 to 1, low before high, like [0.8, 0.9]")
    fill = framing.fill_area if subject.expected.get("fill_by") == "area" else framing.fill
    return max(low - fill, fill - high, 0.0)


def _evidence(
    measures: list[Measure], framing: Framing, size: tuple[int, int], bleed: Collection[str]
) -> tuple[Evidence, ...]:
    """Show the subject's box for fill and centering, and the side for a margin or a cut."""
    width, height = size
    x0, y0, x1, y1 = framing.box
    whole = (x0 / width, y0 / height, x1 / width, y1 / height)
    margins = {side: each for side, each in zip(_SIDES, framing.margins, strict=True) if side not in bleed}
    cuts = {side: px for side, px in framing.cut_px.items() if px and side not in bleed}
    shown = []
    for each in judge(check, Findings(tuple(measures))).judged:
        value, name = each.measure.value, each.measure.name
        if each.word == "pass" or value is None:
            continue
        if name == "cut":
            shown += [Evidence(name, _along(side, whole), float(px), text=f"cut {side}") for side, px in cuts.items()]
        elif name == "margin":
            side = min(margins, key=margins.__getitem__)
            shown.append(Evidence(name, _along(side, whole), value, text=f"margin {side} {value:.1f} %"))
        elif (whole[2] - whole[0]) * (whole[3] - whole[1]) < 0.999:
            shown.append(Evidence(name, whole, value, text=f"{name.replace('_', ' ')} {value:.1f} {each.measure.unit}"))
    return tuple(shown)


def _along(side: str, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return a strip of the frame's edge, as long as the subject, 3 % wide or as wide as the margin."""
    x0, y0, x1, y1 = box
    strips = {
        "left": (0.0, y0, max(0.03, x0), y1),
        "right": (min(0.97, x1), y0, 1.0, y1),
        "top": (x0, 0.0, x1, max(0.03, y0)),
        "bottom": (x0, min(0.97, y1), x1, 1.0),
    }
    return strips[side]


check = Check(
    name="margins",
    version=1,
    purpose="Finds subjects that are too small, too large, off center, or cut by the frame.",
    specs=(
        MeasureSpec("fill", "%", "longest side of the subject's box against the frame", "at_most", None, None),
        MeasureSpec("fill_area", "%", "area of the subject's box against the frame", "at_most", None, None),
        MeasureSpec("fill_miss", "points", "how far the fill is outside of the guide's range", "at_most", 0.1, 0.5),
        MeasureSpec("margin", "%", "smallest margin, as a share of the frame's side", "at_least", 1.0, None),
        MeasureSpec("cut", "px", "border pixels that the subject covers", "at_most", None, 0.0),
        MeasureSpec("off_center_x", "%", "box center against frame center, across", "at_most", 3.0, None),
        MeasureSpec("off_center_y", "%", "box center against frame center, up and down", "at_most", 6.0, None),
    ),
    measure=measure,
)
