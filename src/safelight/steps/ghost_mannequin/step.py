"""Ghost mannequin: the inside of a garment's neck, from a second shot, behind its opening; a draft until rebuilt."""

from __future__ import annotations

from collections.abc import Mapping

from safelight.core.edit import Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

PARAMS = ParamSet(
    "ghost_mannequin",
    Param("inner", "", "the file that shows the inside of the neck, by its path in the batch"),
    Param("depth", 0.25, "how much of its light the inside loses right behind the front edge", "", 0, 1, 0.01),
)


def _propose(_picture: Picture, _group: Group | None, _wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose nothing: one picture does not show the inside; a person names the second."""
    text = "no inner shot was named: safelight ghost BATCH OUTER INNER joins two shots"
    return Proposal(PARAMS.defaults(), None, (Reason("no_inner_shot", text),))


def _paint(artifacts: Mapping[str, bytes]) -> bytes:
    """Return both shots as one picture; empty where none was made."""
    return artifacts.get("base", b"")


step = Step(
    name="ghost_mannequin",
    version=1,
    stage=Stage.GRADE,
    kind="base",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Join the inside of a neck, from a second shot, behind the opening of a garment: a draft to rebuild.",
    automation="Contour, neck and light are proposed; collar, shoulders and shadow are rebuilt by a person: checkout.",
    task="ghost_mannequin",
    propose=_propose,
    paint=_paint,
    draft=True,
)
