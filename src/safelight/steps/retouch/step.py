"""Retouch: a picture that a person finished in another program stands in the place of everything up to the grade."""

from __future__ import annotations

from collections.abc import Mapping

from safelight.core.edit import Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet(
    "retouch",
    Param("ticket", "", "what it went out as, from safelight checkout"),
)


def _propose(_picture: Picture, _group: Group | None, _wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose nothing: only a person retouches by hand."""
    text = "nothing came back from a retoucher: the edit's own steps are painted"
    return Proposal(PARAMS.defaults(), None, (Reason("no_retouch", text),))


def _paint(artifacts: Mapping[str, bytes]) -> bytes:
    """Return the picture as it was taken in; empty where nothing came back."""
    return artifacts.get("base", b"")


step = Step(
    name="retouch",
    version=1,
    stage=Stage.GRADE,
    kind="base",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Take what a person retouched in another program as the new base; the edit's color no longer paints.",
    automation="Made by a person alone: safelight checkout writes the file, safelight checkin takes it back.",
    task="artistic_retouching",
    propose=_propose,
    paint=_paint,
)
