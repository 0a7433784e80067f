"""White balance: one correction for a lighting group, by what should be neutral in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

from .estimate import Estimate, angle_between, estimate, median_of

PARAMS = ParamSet(
    "white_balance",
    Param("red", 0.0, "gain of red relative to green; with less blue it warms", "stops", -2.0, 2.0),
    Param("blue", 0.0, "gain of blue relative to green; with less red it cools", "stops", -2.0, 2.0),
    Param("strength", 1.0, "how much of the correction is painted", "", 0.0, 1.0, 0.01),
)

# Paper measures to a degree; frames whose paper differs by more than this did not stand in the same light.
_SINGLED_OUT_DEG = 2.5
# Without paper an estimate may be this far off by its subject alone.
_FAR_DEG = 5.0
# Light of one color measures up to 1.8 on paper beside colored things, and 0.2 as drift.
_MIXED_DEG, _DRIFT_DEG = 3.0, 2.0
_PAPERS = ("backdrop", "white backdrop")
_LEAST_PAPERS = 3  # frames whose paper says what color the paper is


def _propose(picture: Picture, group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose the group's correction, or the frame's own where it has no group or stood in other light."""
    own = _estimate(picture.facts)
    shared = {} if group is None else group.findings.get("white_balance", {})
    red, blue, error, reasons = own.red, own.blue, own.error_deg, list(own.reasons)
    if shared:
        beside = shared.get("paper") if own.source in _PAPERS else None
        apart = angle_between((own.red, own.blue), tuple(beside or (shared["red"], shared["blue"])))
        if apart > (_SINGLED_OUT_DEG if own.is_anchored else _FAR_DEG + own.error_deg):
            reasons.append(_singled_out(apart, len(group.members) if group else 0))
            error = own.error_deg + apart / 4.0
        else:
            red, blue, error = shared["red"], shared["blue"], shared["error_deg"]
            reasons.insert(0, _shared_reason(shared, apart))
    mixed = _mixed(picture.facts.get("metering", {}))
    if mixed is not None:
        error += float(mixed.values["angle_deg"]) / 3.0
        reasons.append(mixed)
    params = PARAMS.accept({"red": _held(red), "blue": _held(blue), **wanted}, fill=True)
    return Proposal(params, Confidence(_approved(error)), tuple(reasons))


def _gather(members: Sequence[Member], _wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Find the light that the members share: the median of the trustworthy estimates."""
    ordered = sorted(members, key=lambda each: (each.taken_at, each.name, each.asset))
    found = [_estimate(each.facts, each.name) for each in ordered]
    if not found:
        return {}
    cards = [each.name for each in ordered if _card(each.facts, each.name) is not None]
    trusted = _trusted(found)
    red, blue = median_of(trusted)
    papers = [each for each in found if each.source in _PAPERS]
    # Where a card or a chart leads, paper may be of a color of its own: frames are told apart by each other's paper.
    tinted = trusted[0].source == "chart" and len(papers) >= _LEAST_PAPERS
    return {
        "red": round(red, 3),
        "blue": round(blue, 3),
        "error_deg": round(_error_of(trusted, (red, blue)), 2),
        "trusted": len(trusted),
        "members": len(found),
        **({"gray_card": cards[0]} if cards else {}),
        **({"paper": [round(each, 3) for each in median_of(papers)]} if tinted else {}),
    }


def _estimate(facts: Mapping[str, Mapping[str, Any]], name: str = "") -> Estimate:
    return estimate(facts.get("metering", {}), _card(facts, name) or facts.get("chart"))


def _card(facts: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """A frame that is a gray card, as a gray patch: the light that all of it shows, linear Rec.2020."""
    from safelight.pixels.measure.slate import is_gray_card

    gains = facts.get("metering", {}).get("neutral_gains", {}).get("shades_of_gray")
    if gains is None or min(gains) <= 0 or not is_gray_card(name, facts.get("slate", {})):
        return None
    return {"neutral_rgb": [1.0 / each for each in gains]}


def _trusted(found: Sequence[Estimate]) -> Sequence[Estimate]:
    """Those that saw a gray patch, else paper, else those that agree with themselves, else all."""
    for sources in (("chart",), _PAPERS, ("statistics",)):
        chosen = [each for each in found if each.source in sources and each.error_deg <= 4.0]
        if chosen:
            return chosen
    return found


def _error_of(trusted: Sequence[Estimate], shared: tuple[float, float]) -> float:
    """Half of what the members differ by, on top of what the median member may be wrong by."""
    errors = sorted(each.error_deg for each in trusted)
    apart = sorted(angle_between((each.red, each.blue), shared) for each in trusted)
    return errors[len(errors) // 2] + 0.5 * apart[len(apart) // 2]


def _mixed(metering: Mapping[str, Any]) -> Reason | None:
    """Say that one correction cannot hold for the whole frame, if so."""
    paper, drift = (float(metering.get(name) or 0.0) for name in ("mixed_light_deg", "light_drift_deg"))
    if paper <= _MIXED_DEG and drift <= _DRIFT_DEG:
        return None
    if paper > _MIXED_DEG:
        text, angle = f"the color of the light differs by {paper:.1f} degrees over the backdrop", paper
    else:
        text, angle = f"the color of the light drifts by {drift:.1f} degrees over the frame", drift
    return Reason("mixed_light", text, {"angle_deg": round(angle, 1)}, doubt=True)


def _shared_reason(shared: Mapping[str, Any], apart: float) -> Reason:
    by = f" by the gray card {shared['gray_card']}" if "gray_card" in shared else ""
    text = f"one correction for {shared['members']} frames of the same light{by}; this one alone is {apart:.1f} deg off"
    return Reason("group", text, {"members": shared["members"], "apart_deg": round(apart, 1)})


def _singled_out(apart: float, members: int) -> Reason:
    text = (
        f"its light is {apart:.1f} degrees off the other {max(0, members - 1)} frames of the group: its own correction"
    )
    return Reason("singled_out", text, {"apart_deg": round(apart, 1)}, doubt=True)


def _approved(error_deg: float) -> float:
    """A cast of 4 degrees is sent back about half of the time; one under 1 degree hardly ever."""
    return round(1.0 / (1.0 + (error_deg / 4.0) ** 2), 3)


def _held(stops: float) -> float:
    return min(2.0, max(-2.0, stops)) + 0.0  # no negative zero in a stored edit


def _paint(params: Mapping[str, Value], _tools: Any = None, _artifacts: Mapping[str, Artifact] | None = None) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    """Return the gains as a transform; corrections add in stops, and opposite ones cancel."""
    from safelight.pixels.color import transforms

    strength = float(params["strength"])  # type: ignore[arg-type]
    red, blue = (2.0 ** (strength * float(params[name])) for name in ("red", "blue"))  # type: ignore[arg-type]
    return transforms.gain(red, 1.0, blue)


step = Step(
    name="white_balance",
    version=2,
    stage=Stage.CORRECTION,
    kind="color",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Make what is neutral in front of the camera neutral in the file, alike for all frames of one light.",
    automation="Automatic where a neutral backdrop shows; frames in other light wait for a person, who sets two gains.",
    task="white_balance",
    propose=_propose,
    paint=_paint,
    gather=_gather,
)
