"""Grade: tone and color set by a person, by a style guide, or by the hero of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    from safelight.pixels.color.grade import Grade

_ONES, _ZEROS, _EIGHT = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.0,) * 8
_FOR = "for red, orange, yellow, green, aqua, blue, purple and magenta"
_POINTS = "points x0, y0, x1, y1, ... in code values that the {} curve goes through; empty for none"

PARAMS = ParamSet(
    "grade",
    Param("exposure", 0.0, "more or less light, on top of the correction", "stops", -4.0, 4.0, 0.01),
    Param("contrast", 0.0, "an S through middle gray; black and white stay", "", -1.0, 1.0, 0.01),
    Param("slope", _ONES, "CDL gain of red, green, blue, in code values", "", 0.0, 4.0, 0.001, length=3),
    Param("offset", _ZEROS, "CDL lift of red, green, blue, in code values", "", -1.0, 1.0, 0.001, length=3),
    Param("power", _ONES, "CDL exponent of red, green, blue; above 1 darkens", "", 0.1, 4.0, 0.001, length=3),
    Param("curve", (), _POINTS.format("common"), "", -1.0, 2.0, 0.0001),
    Param("curve_red", (), _POINTS.format("red"), "", -1.0, 2.0, 0.0001),
    Param("curve_green", (), _POINTS.format("green"), "", -1.0, 2.0, 0.0001),
    Param("curve_blue", (), _POINTS.format("blue"), "", -1.0, 2.0, 0.0001),
    Param("hue_shift", _EIGHT, f"turn of the hue {_FOR}", "degrees", -30.0, 30.0, 0.1, length=8),
    Param("hue_saturation", _EIGHT, f"more or less color {_FOR}", "", -1.0, 1.0, 0.01, length=8),
    Param("hue_lightness", _EIGHT, f"lighter or darker, half a stop at 1, {_FOR}", "", -1.0, 1.0, 0.01, length=8),
    Param("saturation", 1.0, "0 is gray of the same luminance, 1 leaves colors as they are", "", 0.0, 2.0, 0.01),
    Param("shadows_hue", 0.0, "color of the shadows: 0 red, 120 green, 240 blue", "degrees", 0.0, 360.0, 1.0),
    Param("shadows_tint", 0.0, "how much of it; black stays black", "", 0.0, 1.0, 0.01),
    Param("highlights_hue", 0.0, "color of the highlights", "degrees", 0.0, 360.0, 1.0),
    Param("highlights_tint", 0.0, "how much of it; white stays white", "", 0.0, 1.0, 0.01),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Take what the guide or the hero fixes, and measure what it does to this picture; invent nothing."""
    params = PARAMS.accept(wanted, fill=True)
    changed = [each.name for each in PARAMS if params[each.name] != each.default]
    if not changed:
        return Proposal(params, Confidence(1.0), (Reason("no_grade", "neither guide nor hero asks for a grade"),))
    from safelight.pixels.measure.look_effect import measure_look

    effect = measure_look(picture.image.pixels, picture.image.space, _paint(params))  # type: ignore[arg-type]
    facts = effect.to_facts()
    text = f"{', '.join(each.replace('_', ' ') for each in changed)}: colors move by ΔE00 {effect.mean_delta_e:.1f}"
    reasons = [Reason("grade", text, facts)]
    if effect.clips:
        reasons.append(Reason("grade_clips", effect.clips, facts, doubt=True))
    return Proposal(params, Confidence(effect.approved), tuple(reasons), facts=facts)


def grade_of(params: Mapping[str, Value]) -> Grade:
    """Return a step's parameters as a grade."""
    from safelight.pixels.color.grade import Grade

    return Grade(**{each.name: params[each.name] for each in PARAMS})  # type: ignore[arg-type]


def _paint(params: Mapping[str, Value], _tools: Any = None, _artifacts: Mapping[str, Artifact] | None = None) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    """Return exposure, contrast, CDL, curves, split tone, hue curves and saturation, in this order."""
    from safelight.pixels.color.grade import grade_transform

    return grade_transform(grade_of(params))


step = Step(
    name="grade",
    version=2,
    stage=Stage.GRADE,
    kind="color",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Give the neutral picture its mood: tone, contrast, color by hue, tinted shadows and highlights.",
    automation="Never invents: a guide, the hero of the batch, a matched reference or a person sets it.",
    task="color_grading",
    propose=_propose,
    paint=_paint,
    upgrades={1: dict},  # the same words; the confidence is measured now
)
