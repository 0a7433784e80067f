"""Retouch: a picture that a person finished in another program stands in the place of everything up to the grade."""

from __future__ import annotations

from safelight.core.base_step import base_of, proposes_nothing
from safelight.core.params import Param, ParamSet
from safelight.core.step import Stage, Step

PARAMS = ParamSet(
    "retouch",
    Param("ticket", "", "what it went out as, from safelight checkout"),
)


# Only a person retouches by hand.
_NOTHING = "nothing came back from a retoucher: the edit's own steps are painted"

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
    propose=proposes_nothing(PARAMS, "no_retouch", _NOTHING),
    paint=base_of,
)
