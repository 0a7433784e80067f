"""Colorways: what color a product is, and which views show the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet(
    "colorway",
    Param(
        "limit", 0.075, "how far apart two views of one colorway may lie, Oklab with lightness halved", "", 0.01, 0.5
    ),
)

_ALL = 0.97  # of the frame: no backdrop is left


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Measure one frame."""
    from safelight.pixels.measure.colorway import measure_colorway

    params = PARAMS.accept(dict(wanted), fill=True)
    pixels: Any = picture.image.pixels
    found = measure_colorway(pixels, picture.alpha)
    colors = [{"oklab": list(each.oklab), "share": each.share, "name": each.name} for each in found.swatches]
    facts = {"name": found.name, "colors": colors, "margin": found.margin, "covers": found.covers}
    return Proposal(params, Confidence(_confidence(facts)), _reasons(facts), facts=facts)


def _confidence(facts: Mapping[str, Any]) -> float:
    """A color that covers the subject and lies near one name alone is named as a person would."""
    if not facts["colors"]:
        return 0.1
    if facts["covers"] > _ALL:
        return 0.5
    share = float(facts["colors"][0]["share"])
    return round(min(0.95, 0.35 + 0.35 * min(1.0, share / 0.7) + 0.35 * min(1.0, float(facts["margin"]) / 0.5)), 3)


def _reasons(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    if not facts["colors"]:
        return (
            Reason("no_subject", "nothing stands out from the backdrop, so there is no color to name", {}, doubt=True),
        )
    main = facts["colors"][0]
    light, a, b = main["oklab"]
    lab = f"Oklab {light:.2f}, {a:+.2f}, {b:+.2f}"
    reasons = [
        Reason("color", f"{main['name']} over {main['share']:.0%} of the subject ({lab})", {"share": main["share"]})
    ]
    if len(facts["colors"]) > 1:
        others = ", ".join(f"{each['name']} {each['share']:.0%}" for each in facts["colors"][1:])
        reasons.append(Reason("more_colors", f"with {others}", {"colors": len(facts["colors"])}))
    if facts["covers"] > _ALL:
        said = "the whole frame is one subject: a swatch, or a frame without any"
        reasons.append(Reason("no_backdrop", said, {"covers": facts["covers"]}, doubt=True))
    if facts["margin"] < 0.15:
        said = f"another name lies nearly as close (margin {facts['margin']:.2f})"
        reasons.append(Reason("between_names", said, {"margin": facts["margin"]}, doubt=True))
    return tuple(reasons)


def _gather(members: Sequence[Member], wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Sort the views of one article into its colorways; a view that was not measured stands under ""."""
    from safelight.pixels.measure.colorway import Colorway, Swatch, group_colorways

    params = PARAMS.accept(dict(wanted), fill=True)
    found = {}
    for each in members:
        facts = each.facts.get("colorway", {})
        swatches = tuple(Swatch(tuple(c["oklab"]), c["share"], c["name"]) for c in facts.get("colors", ()))
        found[each.asset] = Colorway(swatches, float(facts.get("margin", 0.0)))
    groups = group_colorways(found, float(params["limit"]))  # type: ignore[arg-type]
    return {"colorways": {name: list(assets) for name, assets in groups.items()}}


step = Step(
    name="colorway",
    version=1,
    stage=Stage.FACTS,
    kind="facts",
    scale="free",
    reads="neutral",
    params=PARAMS,
    purpose="Name the color of a product and tell its colorways from each other, whatever it stands before.",
    automation="Fully automatic; it changes nothing, and a shot list or file name that says the color counts more.",
    task="auto_tagging",
    propose=_propose,
    gather=_gather,
)
