"""Exposure: one anchor for a group, by its white backdrop or its subjects."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Member, Picture, Proposal, Stage, Step, Tools

from .estimate import estimate, headroom_stops, highlights_after

PARAMS = ParamSet(
    "exposure",
    Param("stops", 0.0, "more or less light, as if the shutter had stayed open longer", "stops", -5.0, 5.0, 0.01),
    Param(
        "highlight_protection",
        0.0,
        "how far light above 0.9 of white is bent back under white instead of clipping",
        "",
        0.0,
        1.0,
        0.01,
    ),
)

# A third of a stop is what a person sees between neighbors on a page.
_SINGLED_OUT_STOPS = 0.33
_KNEE = 0.9


def _propose(picture: Picture, group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose the group's stops; a frame that got other light is brought to the group's anchor by its own."""
    metering = picture.facts.get("metering", {})
    own = estimate(metering)
    shared = {} if group is None else group.findings.get("exposure", {})
    stops, error, reasons = own.stops, own.error_stops, list(own.reasons)
    held = 0.0 if shared else max(0.0, stops - headroom_stops(metering))
    if shared:
        off, held = own.stops - shared["wanted_stops"], shared["wanted_stops"] - shared["stops"]
        anchored = own.anchor in ("backdrop", "white backdrop")
        if anchored and abs(off) > _SINGLED_OUT_STOPS:
            text = f"{-off:+.2f} stops of light against the group's {shared['members']} frames: its own correction"
            reasons.append(Reason("singled_out", text, {"stops": round(-off, 2)}, doubt=True))
            error += 0.2
        else:
            stops, error = shared["stops"], max(shared["error_stops"], error if anchored else 0.0)
            held = 0.0
            text = f"one correction of {stops:+.2f} stops for {shared['members']} frames"
            reasons.insert(0, Reason("group", text, {"members": shared["members"], "off_stops": round(off, 2)}))
    if held > 0.005:
        # The background is composited: its paper need not be white, and highlights that clip do not come back.
        stops -= held
        text = f"held {held:.2f} stops back, so that the highlights of the subject do not clip"
        reasons.append(Reason("highlights_kept", text, {"held_stops": round(held, 2)}))
    stops = min(5.0, max(-5.0, stops))
    above = highlights_after(metering, stops)
    protect = 1.0 if stops > 0.0 and above > 1.0 else 0.0
    if protect:
        text = f"the subject's highlights would reach {above:.2f} of white and are bent back under it"
        reasons.append(Reason("highlights", text, {"level": round(above, 2)}, doubt=above > 1.3))
        error += 0.3 * max(0.0, above - 1.0)
    params = PARAMS.accept({"stops": stops, "highlight_protection": protect, **wanted}, fill=True)
    return Proposal(params, Confidence(_approved(error)), tuple(reasons))


def _gather(members: Sequence[Member], _wanted: Mapping[str, Value]) -> Mapping[str, Any]:
    """Find the correction most members share: the median over those with a backdrop, else over all."""
    from safelight.pixels.measure.slate import is_gray_card

    pictures = [each for each in members if not is_gray_card(each.name, each.facts.get("slate", {}))]
    ordered = sorted(pictures, key=lambda each: (each.taken_at, each.name, each.asset))
    found = [estimate(each.facts.get("metering", {})) for each in ordered]
    trusted = [each for each in found if each.anchor in ("backdrop", "white backdrop")] or found
    if not trusted:
        return {}
    wanted = statistics.median(each.stops for each in trusted)
    apart = statistics.median(abs(each.stops - wanted) for each in trusted)
    room = sorted(headroom_stops(each.facts.get("metering", {})) for each in ordered)
    return {
        "wanted_stops": round(wanted, 2),
        "stops": round(min(wanted, room[len(room) // 5]) if wanted > 0 else wanted, 2),
        "error_stops": round(statistics.median(each.error_stops for each in trusted) + apart, 3),
        "anchor": trusted[0].anchor,
        "members": len(found),
    }


def _approved(error_stops: float) -> float:
    """Two thirds of a stop off is sent back about half of the time."""
    return round(1.0 / (1.0 + (error_stops / 0.67) ** 2), 3)


def _paint(params: Mapping[str, Value], _tools: Any = None, _artifacts: Mapping[str, Artifact] | None = None) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    """Return light times 2**stops, with a shoulder above 0.9 of white where protection asks for one.

    Without protection exposures add. The shoulder is k + (1 - k) (1 - exp(-(x - k) / (1 - k))) above k: it leaves k
    with the slope it had and nears white without reaching it.
    """
    import numpy as np

    from safelight.pixels.color import transforms

    light = transforms.exposure(float(params["stops"]))  # type: ignore[arg-type]
    protection = float(params["highlight_protection"])  # type: ignore[arg-type]
    if protection == 0.0:
        return light
    x = np.concatenate([[-1.0, 0.0], np.linspace(_KNEE, 2.0, 400), np.geomspace(2.02, 65000.0, 200)])
    bent = np.where(x > _KNEE, _KNEE + (1 - _KNEE) * (1 - np.exp(-(x - _KNEE) / (1 - _KNEE))), x)
    return transforms.chain(light, transforms.curve(x, x + protection * (bent - x)))


step = Step(
    name="exposure",
    version=2,
    stage=Stage.CORRECTION,
    kind="color",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Give frames the light they were meant to have: white paper near white, a group alike.",
    automation="Automatic by the backdrop; frames that got other light are singled out for a person, who sets stops.",
    task="exposure",
    propose=_propose,
    paint=_paint,
    gather=_gather,
)
