"""Tint: a hint of warmth or cold over the whole picture, as a studio's own step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet("tint", Param("warmth", 0.0, "warmer above 0, colder below", "", -1.0, 1.0, 0.01))


def propose(_picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose what the guide asks for; left alone, nothing is changed."""
    params = PARAMS.accept(dict(wanted), fill=True)
    reason = Reason("tint", f"warmth {params['warmth']:+.2f}, as the guide says", {"warmth": params["warmth"]})
    return Proposal(params, Confidence(0.9), (reason,))


def paint(params: Mapping[str, Value], _tools: Any = None, _artifacts: Any = None) -> Any:
    """Return the transform: red up and blue down by a tenth of `warmth`, in linear light."""
    import PyOpenColorIO

    warmth = float(params["warmth"])
    red, blue = 1 + 0.1 * warmth, 1 - 0.1 * warmth
    return PyOpenColorIO.MatrixTransform([red, 0, 0, 0, 0, 1, 0, 0, 0, 0, blue, 0, 0, 0, 0, 1], [0.0, 0.0, 0.0, 0.0])


step = Step(
    name="tint",
    version=1,
    stage=Stage.GRADE,
    kind="color",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Give pictures the hint of warmth that the house is known for.",
    automation="As the guide says; a person moves one slider.",
    task="development",
    propose=propose,
    paint=paint,
)
