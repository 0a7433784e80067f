"""Develop: the view that a raw capture gets, and a file finished for a screen has had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet(
    "develop",
    Param("baseline_stops", 0.0, "lift of the capture's light before the tone curve", "stops", -2.0, 5.0, 0.01),
    Param("contrast", 1.3, "slope at middle gray, in stops on the screen per stop of light", "", 1.0, 2.5, 0.01),
    Param("roll_off", 0.7, "0 bends highlights late and hard, 1 early and long", "", 0.0, 1.0, 0.01),
    Param("black_point", 0.0, "light taken off as flare, 0.18 being middle gray", "", 0.0, 0.05, 0.0001),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Choose lift and black by the light of a raw capture; leave a finished file alone."""
    from .metered import meter

    if not picture.scene_referred:
        text = (
            f"the file of {picture.full_size[0]} x {picture.full_size[1]} px was finished for a screen: nothing to do"
        )
        return Proposal(PARAMS.accept(wanted, fill=True), Confidence(1.0), (Reason("display_referred", text),))
    found = meter(picture.image)
    chosen = {"baseline_stops": found.stops, "black_point": found.black}
    params = PARAMS.accept({**chosen, **wanted}, fill=True)
    # A third of a stop off is hardly seen, two thirds are sent back about half of the time.
    confidence = Confidence(round(1.0 / (1.0 + (found.error_stops / 0.67) ** 2), 3))
    return Proposal(params, confidence, found.reasons, facts={"error_stops": round(found.error_stops, 3)})


def _paint(params: Mapping[str, Value], _tools: Any = None, _artifacts: Mapping[str, Artifact] | None = None) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    """Lift, then the tone curve from sensor clipping to display white, hues kept."""
    from safelight.pixels.color import transforms
    from safelight.pixels.tone.filmic import tone_curve
    from safelight.pixels.tone.hue import hue_keeping_curve

    stops, contrast, roll_off, black = (float(params[each.name]) for each in PARAMS)  # type: ignore[arg-type]
    white = 2.0**stops
    light = transforms.shaped_light(white)
    curve = tone_curve(light, white=white, contrast=contrast, roll_off=roll_off, black=black)
    return transforms.chain(transforms.exposure(stops), hue_keeping_curve(curve, white))


step = Step(
    name="develop",
    version=2,
    stage=Stage.VIEW,
    kind="color",
    scale="free",
    reads="neutral",
    params=PARAMS,
    purpose="Turn the light of a raw capture into a picture for a screen: lifted, with contrast, highlights kept.",
    automation="Automatic by the light; files finished for a screen are left alone; a person has four values.",
    task="development",
    propose=_propose,
    paint=_paint,
    upgrades={1: dict},
)
