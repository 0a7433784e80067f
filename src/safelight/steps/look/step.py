"""Look: the client's LUT on top of the neutral picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.pixels.color.spaces import SPACES

_SPACES = tuple(SPACES)

PARAMS = ParamSet(
    "look",
    Param(
        "lut", "", "the style guide's look: .cube, Hald .png, .3dl, .clf, .ctf, .csp, .spi1d, .spi3d; empty for none"
    ),
    Param("input_space", "srgb", "whose code values the LUT takes", choices=_SPACES),
    Param("output_space", "srgb", "whose code values the LUT gives", choices=_SPACES),
    Param("strength", 1.0, "0 leaves the picture as it is, 1 is the LUT", "", 0.0, 1.0, 0.01),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Keep the guide's LUT with the edit, and measure what it does to this picture."""
    from safelight.pixels.measure.look_effect import measure_look

    params = PARAMS.accept(wanted, fill=True)
    if not params["lut"]:
        return Proposal(params, Confidence(1.0), (Reason("no_look", "the style guide names no look"),))
    name = str(params["lut"])
    data = tools.resource(name)
    transform = _transform(data, name, params)
    artifacts = {"lut": tools.put("lut", data, "text/plain")}
    effect = measure_look(picture.image.pixels, picture.image.space, transform)  # type: ignore[arg-type]
    facts = effect.to_facts()
    reasons = [Reason("look", f"the look moves colors by ΔE00 {effect.mean_delta_e:.1f} on the mean", facts)]
    if effect.clips:
        reasons.append(Reason("look_clips", effect.clips, facts, doubt=True))
    return Proposal(params, Confidence(effect.approved), tuple(reasons), artifacts, facts)


def _paint(
    params: Mapping[str, Value], tools: Tools | None = None, artifacts: Mapping[str, Artifact] | None = None
) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    """Return the LUT as a transform; the bytes are those kept with the edit, else the guide's."""
    from safelight.pixels.color import transforms

    kept = (artifacts or {}).get("lut")
    if tools is None or not (params["lut"] or kept):
        return transforms.identity()
    name = str(params["lut"]) or "look.cube"
    return _transform(tools.resource(name) if kept is None else tools.get(kept), name, params)


def _transform(data: bytes, name: str, params: Mapping[str, Value]) -> Any:  # noqa: ANN401 - an OpenColorIO transform
    from safelight.pixels.color.look import lut_look
    from safelight.pixels.color.lut import read_lut

    strength = float(params["strength"])  # type: ignore[arg-type]
    return lut_look(read_lut(data, name), str(params["input_space"]), str(params["output_space"]), strength)


step = Step(
    name="look",
    version=2,
    stage=Stage.GRADE,
    kind="color",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Lay the client's look over the neutral picture.",
    automation="Automatic once the style guide names a LUT; a person sets how strong it is.",
    task="color_grading",
    propose=_propose,
    paint=_paint,
    upgrades={1: dict},  # the same words; colors beyond a LUT's domain now keep their hue
)
