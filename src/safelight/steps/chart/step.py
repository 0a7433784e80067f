"""Chart: a ColorChecker in the frame, its patches' colors and what they say of light and camera."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Pixels

PARAMS = ParamSet(
    "chart",
    Param(
        "pigments",
        "by fit",
        "which published values hold: charts changed in November 2014; `by fit` takes the nearer ones",
        choices=("by fit", "after 2014", "before 2014"),
    ),
)
_CHARTS = {
    "by fit": ("classic_after_2014", "classic_before_2014"),
    "after 2014": ("classic_after_2014",),
    "before 2014": ("classic_before_2014",),
}
# From here on a frame is a picture of the chart: nobody sells it.
CHART_FRAME_SHARE = 0.08


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Find the chart and read it; a frame without one has no doubt, only nothing to say."""
    from safelight.pixels.measure.afar import from_afar
    from safelight.pixels.measure.chart import may_hold_chart
    from safelight.pixels.measure.chart_facts import no_chart, read_chart

    params = PARAMS.accept(dict(wanted), fill=True)
    if not may_hold_chart(from_afar(picture.image).rgb):
        facts = no_chart()
        return Proposal(params, Confidence(_confidence(facts)), tuple(_reasons(facts)), facts=facts)
    light, clipped = _light(picture, tools)
    charts = _CHARTS[str(params["pigments"])]
    facts = read_chart(light, clipped, charts=charts, scene_referred=picture.scene_referred)
    if facts["found"]:
        facts["chart_frame"] = facts["share"] >= CHART_FRAME_SHARE
    return Proposal(params, Confidence(_confidence(facts)), tuple(_reasons(facts)), facts=facts)


def _light(picture: Picture, tools: Tools) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The picture's light, and where its file's own space is at an end in any channel; finer than `picture` if it is.

    A patch that is read needs some px.
    """
    import cv2
    import numpy as np

    from safelight.pixels.color.light import light_of
    from safelight.pixels.color.spaces import matrix_between
    from safelight.pixels.measure.light import any_channel, clipped_high

    small = tools.reduced()
    if max(small.size) > max(picture.image.size):
        own = light_of(cast("Pixels", np.ascontiguousarray(small.pixels[..., :3])), small.space)
        light = cv2.transform(own, matrix_between(small.space, "linear_rec2020"))
    else:
        light = np.ascontiguousarray(picture.image.pixels[..., :3], np.float32)
        own = cv2.transform(light, matrix_between("linear_rec2020", small.space))
    own = np.asarray(own, np.float32).reshape(*light.shape[:2], 3)
    return np.asarray(light, np.float32).reshape(own.shape), any_channel(clipped_high(own, small.space))


def _confidence(facts: Mapping[str, Any]) -> float:
    """A frame without a chart is known as such; a chart is as good as what it predicts of patches left out."""
    if not facts["found"]:
        return 0.98 if facts["why"] == "no chart" else 0.9
    if "matrix" not in facts:
        return 0.2
    error = float(facts["matrix"]["delta_e"]["left_out"][0])
    return round((0.3 if facts["doubts"] else 1.0) / (1.0 + (error / 4.0) ** 2), 3)


def _reasons(facts: Mapping[str, Any]) -> Iterator[Reason]:
    if not facts["found"]:
        yield Reason("no_chart" if facts["why"] == "no chart" else "chart_refused", facts["why"])
        return
    known = sum(each["usable"] for each in facts["patches"])
    text = f"a ColorChecker {facts['kind']} over {facts['share']:.0%} of the frame; {known} of 24 patches are usable"
    yield Reason("chart", text, {"share": facts["share"], "patches": known})
    if "matrix" in facts:
        before, after = facts["matrix"]["delta_e"]["balanced"], facts["matrix"]["delta_e"]["left_out"]
        left_out = f"{after[0]:.1f} ({after[1]:.1f}) on patches left out of the fit"
        text = f"ΔE00 {before[0]:.1f} (worst {before[1]:.1f}) balanced, {left_out}"
        yield Reason("chart_fit", text, {"balanced": before[0], "left_out": after[0], "worst": after[1]})
    for each in facts["doubts"]:
        yield Reason("chart_doubt", each, doubt=True)


def _gather(members: Sequence[Member], _wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Return the group's best chart: the one that predicts patches left out best, then the first taken."""
    usable = [each for each in members if _is_usable(each.facts.get("chart", {}))]
    if not usable:
        return {}
    ordered = sorted(usable, key=lambda each: (each.taken_at, each.name, each.asset))
    best = min(ordered, key=lambda each: each.facts["chart"]["matrix"]["delta_e"]["left_out"][0])
    facts = best.facts["chart"]
    kept = ("chart", "kind", "neutral_rgb", "exposure_stops", "matrix", "whole")
    return {"name": best.name, "asset": best.asset, "charts": len(usable)} | {key: facts[key] for key in kept}


def _is_usable(facts: Mapping[str, Any]) -> bool:
    return bool(facts.get("found")) and "matrix" in facts and not facts["doubts"]


step = Step(
    name="chart",
    version=3,
    stage=Stage.FACTS,
    kind="facts",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Find a ColorChecker in the frame and read what it says of the light and the camera.",
    automation="Fully automatic; a chart that glares, is cut off or mirrored is refused with the reason.",
    task="culling",
    propose=_propose,
    gather=_gather,
)
