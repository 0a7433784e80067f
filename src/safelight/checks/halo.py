"""Find halos and fringes: a rim along the subject that is lighter, darker or other in color than a clean edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.core.check import Check, Evidence, Findings, Measure, MeasureSpec, Subject, judge

if TYPE_CHECKING:
    from safelight.pixels.measure.edge import Rim

_SIDE_PX = 3000
_NAMES = ("light_rim", "dark_rim", "color_rim")


def measure(subject: Subject) -> Findings:
    """Measure the rim along the subject's contour, by its matte, or without one by what is not background."""
    from safelight.pixels.measure.edge import measure_rim

    # Every second pixel of a 24 MP picture tells as much of its rim; taken whole, so that no mixing is added.
    stride = max(1, round(max(subject.image.size) / _SIDE_PX))
    alpha = None if subject.alpha is None else subject.alpha[::stride, ::stride]
    rim = measure_rim(subject.image.pixels[::stride, ::stride], subject.image.space, alpha)
    why = "" if rim.pieces else "no contour between a subject and a background was found"
    values = (rim.light, rim.dark, rim.color) if rim.pieces else (None, None, None)
    units = ("L*", "L*", "ΔC*ab")
    measures = [Measure(name, value, unit, why) for name, value, unit in zip(_NAMES, values, units, strict=True)]
    measures.append(Measure("rim_share", 100 * rim.share if rim.pieces else None, "%", why))
    return Findings(tuple(measures), _evidence(measures, rim))


def _evidence(measures: list[Measure], rim: Rim) -> tuple[Evidence, ...]:
    from safelight.pixels.measure.places import find_places, heat_of

    wrong = [each.measure for each in judge(check, Findings(tuple(measures))).judged if each.word != "pass"]
    wrong = [each for each in wrong if each.value is not None]
    if not wrong:
        return ()
    heat = heat_of(rim.worst)
    bad = (rim.worst > 255 * 4 / 20).astype("uint8") * rim.worst
    told = {"light_rim": "lighter", "dark_rim": "darker", "color_rim": "other in color", "rim_share": "unclean"}
    first = max(wrong, key=lambda each: each.value if each.unit != "%" and each.value is not None else 0.0)
    words = ", ".join(f"{told[each.name]} by {each.value:.0f} {each.unit}" for each in wrong if each.name in _NAMES)
    text = f"rim {words or 'unclean'} than a clean edge"
    return tuple(
        Evidence(first.name, place.box, float(first.value or 0.0), heat, text) for place in find_places(bad, at_most=3)
    )


check = Check(
    name="halo",
    version=2,  # 2: both sides' colors are read from whole blocks of pixels
    purpose="Finds halos and fringes: rims along the subject that a clean edge would not have.",
    specs=(
        MeasureSpec("light_rim", "L*", "how much too light the rim is, on 75 % of the contour", "at_most", 5.0, 10.0),
        MeasureSpec("dark_rim", "L*", "how much too dark the rim is, on 75 % of the contour", "at_most", 5.0, 10.0),
        MeasureSpec("color_rim", "ΔC*ab", "how far its color is off, on 75 % of the contour", "at_most", 8.0, 16.0),
        MeasureSpec("rim_share", "%", "of the contour, that has such a rim", "at_most", 50.0, 80.0),
    ),
    measure=measure,
    reads="master",
)
