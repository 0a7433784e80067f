"""What a check of looks is handed: what the edit says of its LUT, and the picture as it was before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from safelight.core.edit import Edit, EditStep
from safelight.core.step import Stage
from safelight.plugins import step_named

_NAMES = ("lut", "input_space", "output_space", "strength")


def look_step(edit: Edit) -> EditStep | None:
    """Return the step of an edit that lays a LUT; None without one."""
    return next(
        (each for each in edit.steps if step_named(each.step).stage == Stage.GRADE and "lut" in each.artifacts), None
    )


def said_of_look(edit: Edit) -> Mapping[str, Any]:
    """Return what ``expected["look"]`` holds: the LUT's name, spaces and strength, or why it is not read again.

    Empty for an edit without a look.
    """
    own = look_step(edit)
    if own is None:
        return {}
    params = step_named(own.step).upgraded(own.version, own.params)
    said = {name: params[name] for name in _NAMES if name in params}
    over = [each.step for each in edit.steps[edit.steps.index(own) + 1 :] if step_named(each.step).stage == Stage.GRADE]
    if any(step_named(each.step).kind == "base" for each in edit.steps):
        return said | {"because": "a person's retouch stands in the place of the look; it is not read a second time"}
    if "mask" in own.artifacts:
        return said | {"because": "the look is laid through a mask; it is not read a second time"}
    if over:
        return said | {"because": f"{' and '.join(over)} lies over the look; it is not read a second time"}
    return said


def before_look(edit: Edit) -> Edit:
    """Return an edit up to its look: corrections, view, the grade before the LUT, and the frame; nothing cut out.

    Painted, it lies on the pixels of the whole edit's picture.
    """
    own = look_step(edit)
    kept = []
    for each in edit.steps:
        stage = step_named(each.step).stage
        earlier = own is None or edit.steps.index(each) < edit.steps.index(own)
        if stage < Stage.GRADE or stage == Stage.GEOMETRY or (stage == Stage.GRADE and earlier):
            kept.append(each)
    return Edit(edit.original, tuple(kept))
