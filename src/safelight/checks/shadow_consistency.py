"""Measure where a subject's shadow falls, how soft and how deep it is, and hold it against its group's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject

if TYPE_CHECKING:
    from safelight.pixels.measure.cast import Cast

_SURE = 0.3  # of a direction, from which it can be held against another


def measure(subject: Subject) -> Findings:
    """Measure the shadow; with ``expected["group_shadow"]`` (strength, direction, softness) also how far off it is."""
    import numpy as np

    from safelight.pixels.color.light import light_of
    from safelight.pixels.measure.cast import measure_cast

    if subject.alpha is None or not bool((subject.alpha > 0.5).any()):
        return Findings((Measure("strength", None, "%", "no matte tells the subject from its shadow"),))
    stride = max(1, max(subject.image.size) // 1600)
    pixels = np.ascontiguousarray(subject.image.pixels[::stride, ::stride, :3])
    light = light_of(pixels, subject.image.space)  # type: ignore[arg-type]
    cast = measure_cast(light, np.ascontiguousarray(subject.alpha[::stride, ::stride]))
    measures = [Measure("strength", 100 * cast.strength, "%")]
    if cast.strength > 0:
        measures.append(Measure("softness", 100 * cast.softness, "%"))
        # What lies around the foot on all sides falls nowhere.
        measures += [Measure("direction", cast.direction_deg, "°")] if cast.sure >= _SURE else []
    shared = subject.expected.get("group_shadow")
    if not shared:
        return Findings(tuple(measures))
    off = _against(cast, shared)
    return Findings((*measures, *off), _evidence(cast, off))


def _against(cast: Cast, shared: dict[str, float]) -> list[Measure]:
    from safelight.pixels.measure.cast import angle_between

    off = []
    if cast.strength > 0 and float(shared.get("strength", 1.0)) > 0:
        if "direction" in shared and cast.sure >= _SURE:
            off.append(Measure("direction_off", angle_between(cast.direction_deg, float(shared["direction"])), "°"))
        if "softness" in shared:
            off.append(Measure("softness_off", abs(100 * cast.softness - float(shared["softness"])), "%"))
    if "strength" in shared:
        off.append(Measure("strength_off", abs(100 * cast.strength - float(shared["strength"])), "%"))
    return off


def _evidence(cast: Cast, off: list[Measure]) -> tuple[Evidence, ...]:
    """Point at the shadow itself, where it is other than the group's."""
    import numpy as np

    from safelight.core.check import judge
    from safelight.pixels.measure.places import find_places, heat_of

    wrong = [each.measure for each in judge(check, Findings(tuple(off))).judged if each.word != "pass"]
    if not wrong or cast.strength <= 0:
        return ()
    bad = np.clip(cast.density * 255 / cast.strength, 0, 255).astype(np.uint8)
    bad[bad < 64] = 0
    words = {"direction_off": "falls elsewhere", "softness_off": "is other in softness", "strength_off": "in depth"}
    told = ", ".join(f"{words[each.name]} by {each.value:.0f} {each.unit}" for each in wrong)
    text, first = f"the shadow {told} than in its group", wrong[0]
    places = find_places(bad, at_most=1)
    return tuple(Evidence(first.name, each.box, float(first.value or 0.0), heat_of(bad), text) for each in places)


check = Check(
    name="shadow_consistency",
    version=2,  # 2: direction by the shadow that fits, and only where one does
    purpose="Measures direction, softness and depth of a subject's shadow, so that those of a group can be compared.",
    specs=(
        MeasureSpec(
            "strength", "%", "of the ground's light, that the shadow takes where it is deepest", "at_most", None, None
        ),
        MeasureSpec("direction", "°", "where it falls: 0 right, 90 down", "at_most", None, None),
        MeasureSpec("softness", "%", "of the subject's height, that its rim is wide", "at_most", None, None),
        MeasureSpec("direction_off", "°", "from the group's direction", "at_most", 20.0, 45.0),
        MeasureSpec("softness_off", "%", "of the subject's height, from the group's softness", "at_most", 4.0, None),
        MeasureSpec("strength_off", "%", "of light, from the group's depth", "at_most", 10.0, 25.0),
    ),
    measure=measure,
    reads="master",
)
