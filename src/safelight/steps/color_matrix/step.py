"""Color matrix: what the chart in a lighting group says of the camera, painted on every frame of the group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet(
    "color_matrix",
    Param("matrix", (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), "rows of red, green, blue", "", -4, 4, 1e-6, length=9),
    Param("roots", (0.0,) * 9, "rows on the roots of r g, g b, b r: a root polynomial", "", -4, 4, 1e-6, length=9),
    Param(
        "gains", (1.0, 1.0, 1.0), "gains before the matrix; the chart's own with `whole`", "", 0.01, 100, 1e-6, length=3
    ),
    Param("tone", (0.0, 1.0, 0.0), "level, exponent, bend that undo a camera's contrast", "", -4, 4, 1e-6, length=3),
    Param("whole", default=False, meaning="balance, expose and undo contrast by the chart too"),
    Param("strength", 1.0, "how much of the correction is painted", "", 0.0, 1.0, 0.01),
)
_FITS = ("model", "rows", "gains", "tone", "condition", "delta_e", "tried", "doubts")


def _propose(picture: Picture, group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Propose the group's correction; without a group that of a chart in the frame itself; else nothing."""
    asked = PARAMS.accept(wanted)
    shared = {} if group is None else group.findings.get("color_matrix", {})
    found = shared or _own(picture, tools, alone=group is None)
    if not found.get("found"):
        why = found.get("why", "no chart in this light")
        reason = Reason("no_chart", f"{why}: the camera's colors stand as they are", doubt=why != "no chart")
        return Proposal(PARAMS.accept(asked, fill=True), Confidence(0.7 if why == "no chart" else 0.5), (reason,))
    fit = found["whole" if asked.get("whole") else "matrix"]
    if fit["doubts"]:
        reasons = tuple(Reason("chart_refused", f"nothing is corrected: {each}", doubt=True) for each in fit["doubts"])
        return Proposal(PARAMS.accept(asked, fill=True), Confidence(0.3), reasons, facts={"delta_e": fit["delta_e"]})
    params = PARAMS.accept({**_params_of(fit, whole=bool(asked.get("whole"))), **asked}, fill=True)
    facts = {"delta_e": fit["delta_e"], "model": fit["model"], "tried": fit["tried"], "chart": found.get("name", "")}
    facts["patches"] = found.get("patches", [])
    return Proposal(params, Confidence(_approved(fit)), _reasons(found, fit), facts=facts)


def _own(picture: Picture, tools: Tools, *, alone: bool) -> Mapping[str, Any]:
    """The chart in this very frame: as the facts step read it, or, for a picture alone, read now."""
    known = picture.facts.get("chart")
    if known is None and alone:
        import cv2
        import numpy as np

        from safelight.pixels.color.spaces import matrix_between
        from safelight.pixels.measure.chart_facts import read_chart
        from safelight.pixels.measure.light import clipped_high

        space = tools.full().space
        light = np.ascontiguousarray(picture.image.pixels[..., :3], np.float32)
        own = np.asarray(cv2.transform(light, matrix_between("linear_rec2020", space)), np.float32)
        clipped = np.asarray(clipped_high(own.reshape(light.shape), space).any(axis=2), np.bool_)
        known = read_chart(light, clipped, scene_referred=picture.scene_referred)
    if known is None or not known.get("found"):
        return known or {}
    if "matrix" not in known:
        return {"found": False, "why": "; ".join(known["doubts"])}
    return {"charts": 1, "name": "this frame", **known}


def _gather(members: Sequence[Member], _wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Take the group's best chart: the one that predicts patches left out best, then the first taken."""
    charts = [each for each in members if each.facts.get("chart", {}).get("found")]
    usable = [each for each in charts if "matrix" in each.facts["chart"] and not each.facts["chart"]["doubts"]]
    if not usable:
        told = [doubt for each in charts for doubt in each.facts["chart"]["doubts"]]
        return {"found": False, "why": told[0]} if told else {}
    ordered = sorted(usable, key=lambda each: (each.taken_at, each.name, each.asset))
    best = min(ordered, key=lambda each: each.facts["chart"]["matrix"]["delta_e"]["left_out"][0])
    facts = best.facts["chart"]
    patches = [{key: each[key] for key in ("name", "reference_lab", "matrix", "whole")} for each in facts["patches"]]
    fits = {name: {key: facts[name][key] for key in _FITS} for name in ("matrix", "whole")}
    return {"found": True, "name": best.name, "charts": len(usable), "patches": patches} | fits


def _params_of(fit: Mapping[str, Any], *, whole: bool) -> dict[str, Value]:
    rows = fit["rows"]
    params: dict[str, Value] = {
        "matrix": tuple(each for row in rows for each in row[:3]),
        "roots": tuple(each for row in rows for each in row[3:]),
    }
    return params | {"gains": tuple(fit["gains"]), "tone": tuple(fit["tone"])} if whole else params


def _approved(fit: Mapping[str, Any]) -> float:
    """Three ΔE00 on patches it has not seen is what R1 allows; a correction that good is approved most of the time."""
    mean, worst = (float(each) for each in fit["delta_e"]["left_out"])
    return round(1.0 / (1.0 + (mean / 4.0) ** 2 + (worst / 20.0) ** 2), 3)


def _reasons(found: Mapping[str, Any], fit: Mapping[str, Any]) -> tuple[Reason, ...]:
    before, after, left_out = (fit["delta_e"][each] for each in ("balanced", "after", "left_out"))
    model = {"identity": "balance alone", "linear_white": "a matrix that keeps gray", "linear_free": "a free matrix"}
    said = model.get(fit["model"], "a root polynomial of degree 2")
    text = (
        f"{said} by the chart in {found['name']}: ΔE00 {before[0]:.1f} (worst {before[1]:.1f}) to "
        f"{after[0]:.1f} ({after[1]:.1f}), {left_out[0]:.1f} ({left_out[1]:.1f}) on patches left out"
    )
    values = {"before": before[0], "after": after[0], "left_out": left_out[0], "worst": left_out[1]}
    return (Reason("chart", text, values, doubt=left_out[0] > 3.0),)


def _paint(params: Mapping[str, Value], _tools: Any = None, _artifacts: Mapping[str, Artifact] | None = None) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    """Return gains, tone and rows as one transform; strength 0 changes nothing."""
    from safelight.pixels.color.chart_transform import correction_transform

    strength = float(params["strength"])  # type: ignore[arg-type]
    matrix, roots, gains, tone = (params[each] for each in ("matrix", "roots", "gains", "tone"))
    return correction_transform(matrix, roots, gains, tone, strength)  # type: ignore[arg-type]


step = Step(
    name="color_matrix",
    version=1,
    stage=Stage.CORRECTION,
    kind="color",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Bring the camera's colors to the chart's published ones, alike for all frames of one light.",
    automation="Automatic where a chart was photographed in the same light; without one nothing is changed.",
    task="development",
    operation="non_editorial",
    propose=_propose,
    paint=_paint,
    gather=_gather,
    needs_findings=True,
)
