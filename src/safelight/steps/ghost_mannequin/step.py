"""Ghost mannequin: the inside of a garment's neck, from a second shot, behind its opening; a draft until rebuilt."""

from __future__ import annotations

from safelight.core.base_step import base_of, proposes_nothing
from safelight.core.params import Param, ParamSet
from safelight.core.step import Stage, Step

PARAMS = ParamSet(
    "ghost_mannequin",
    Param("inner", "", "the file that shows the inside of the neck, by its path in the batch"),
    Param("depth", 0.25, "how much of its light the inside loses right behind the front edge", "", 0, 1, 0.01),
)


# One picture does not show the inside; a person names the second.
_NOTHING = "no inner shot was named: safelight ghost BATCH OUTER INNER joins two shots"

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
    propose=proposes_nothing(PARAMS, "no_inner_shot", _NOTHING),
    paint=base_of,
    draft=True,
)
