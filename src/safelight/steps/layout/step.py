"""Layout: cut-outs of a batch composed on one sheet, by places given as data; a draft until rebuilt."""

from __future__ import annotations

from collections.abc import Mapping

from safelight.core.edit import Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet(
    "layout",
    Param("plan", "", "the sheet and its places, as JSON; safelight layout writes it from a TOML file"),
)


def _propose(_picture: Picture, _group: Group | None, _wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose nothing: one picture does not say what stands beside it; a person names the places."""
    text = "no layout was given: safelight layout BATCH SHEET composes cut-outs"
    return Proposal(PARAMS.defaults(), None, (Reason("no_layout", text),))


def _paint(artifacts: Mapping[str, bytes]) -> bytes:
    """Return the composed sheet as one picture; empty where none was made."""
    return artifacts.get("base", b"")


step = Step(
    name="layout",
    version=1,
    stage=Stage.GRADE,
    kind="base",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Compose cut-outs of a batch on one sheet by places given as data: a draft to rebuild.",
    automation="Places, scale, order and shadows follow the data; joins and shadows are rebuilt by a person: checkout.",
    task="compositing",
    propose=_propose,
    paint=_paint,
    draft=True,
)
