"""Layout: cut-outs of a batch composed on one sheet, by places given as data; a draft until rebuilt."""

from __future__ import annotations

from safelight.core.base_step import base_of, proposes_nothing
from safelight.core.params import Param, ParamSet
from safelight.core.step import Stage, Step

PARAMS = ParamSet(
    "layout",
    Param("plan", "", "the sheet and its places, as JSON; safelight layout writes it from a TOML file"),
)


# One picture does not say what stands beside it; a person names the places.
_NOTHING = "no layout was given: safelight layout BATCH SHEET composes cut-outs"

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
    propose=proposes_nothing(PARAMS, "no_layout", _NOTHING),
    paint=base_of,
    draft=True,
)
