"""Pictures for the amend desk, in a worker: an edit that nobody has saved yet, painted, or as light for a shader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.step import Stage
from safelight.errors import UnknownNameError, UsageError
from safelight.plugins import step_named
from safelight.runs.bench import LentTools, blobs, render_decoded
from safelight.runs.intake import encode_small
from safelight.runs.pictures import QUALITY, Source, decoded_original
from safelight.workflows.guide import ON_REQUEST

if TYPE_CHECKING:
    from safelight.core.image import Image
    from safelight.media.decode import Decoded

Changes = Mapping[str, Mapping[str, Any]]
_GRADES = ("grade", "look", "grain")
_GIVEN = ", ".join(ON_REQUEST)
# Stages that a shader paints; what is left of an edit without them is the light it works on.
_COLOR = (Stage.CORRECTION, Stage.VIEW, Stage.GRADE)


@dataclass(frozen=True)
class DraftTask:
    """An original with an edit: whole at `long_side`, or `region` (x, y, width, height) of it at 100 %.

    `edit` is JSON data of `Edit`, with what a person changes in it already.
    """

    source: Source
    long_side: int | None = None
    region: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Light:
    """A picture before its color: RGBA halves, linear Rec.2020, straight; and the color it lies on ("" for none)."""

    width: int
    height: int
    halves: bytes
    ground: str


def with_changes(edit: Edit, changes: Changes) -> Edit:
    """Return `edit` with other numbers in some of its steps; nothing is recorded.

    Raises
    ------
    UnknownNameError
        For a step that the edit has not.
    ParameterError
        For a parameter that the step has not, or a value outside its range.
    """
    for name, values in changes.items():
        if edit.step(name) is None and name in ON_REQUEST:
            edit = _with_room_for(edit, name)
        own = edit.step(name)
        if own is None:
            known = ", ".join(each.step for each in edit.steps)
            raise UnknownNameError(f"the edit has no step {name!r}; it has: {known}; it can be given: {_GIVEN}")
        declared = step_named(name)
        before = declared.upgraded(own.version, own.params)
        params = declared.params.accept({**before, **declared.params.accept(dict(values))}, fill=True)
        edit = edit.with_step(replace(own, version=declared.version, params=MappingProxyType(params)))
    return edit


def _with_room_for(edit: Edit, name: str) -> Edit:
    """Put a step that works on request alone where every workflow has it: grade, then the look, then grain."""
    declared = step_named(name)
    new = EditStep(name, declared.version, declared.params.defaults(), Actor("step", name, str(declared.version)))

    def place(step: str) -> tuple[int, int]:
        return step_named(step).stage, _GRADES.index(step) if step in _GRADES else len(_GRADES)

    at = next((n for n, each in enumerate(edit.steps) if place(each.step) > place(name)), len(edit.steps))
    return replace(edit, steps=(*edit.steps[:at], new, *edit.steps[at:]))


def paint_draft(task: DraftTask) -> bytes:
    """Return a JPEG of an original painted with an edit.

    Raises
    ------
    MediaError, OriginalChangedError
        If the original can't be read or is no longer what it was.
    UsageError
        If `region` lies outside.
    """
    return encode_small(_painted(task), QUALITY)


def paint_small(source: Source, long_side: int) -> Image:
    """Return an original painted with its edit at `long_side`, in 8-bit sRGB; errors as `paint_draft`."""
    return _painted(DraftTask(source, long_side))


def _painted(task: DraftTask) -> Image:
    import numpy as np

    decoded, edit, tools = _at_hand(task.source)
    wanted: dict[str, Any] = {"long_side": task.long_side, "region": task.region, "dtype": np.uint8}
    return render_decoded(decoded, edit, tools, **wanted).image


def light_of(task: DraftTask) -> Light:
    """Return what a color shader paints: every stage but color, sharpening and the ground, in linear light.

    Raises
    ------
    MediaError, OriginalChangedError
        As `paint_draft`.
    """
    import numpy as np

    from safelight.pixels.color.spaces import WORKING

    decoded, edit, tools = _at_hand(task.source)
    for each in edit.steps:
        if step_named(each.step).kind == "base" and each.artifacts:
            raise UsageError(
                "this version is a person's retouch, whose color no slider changes: take the retouch back, or send it "
                "out again with safelight checkout"
            )
    ground = ""
    for each in edit.steps:
        stage, kind = step_named(each.step).stage, step_named(each.step).kind
        if kind == "composite":
            ground = str(each.params.get("color", ""))
        if stage in _COLOR or kind == "composite" or stage == Stage.SHARPEN:
            edit = edit.without_step(each.step)
    wanted: dict[str, Any] = {"long_side": task.long_side, "to_space": WORKING, "dtype": np.float32}
    image = render_decoded(decoded, edit, tools, **wanted).image
    return Light(image.width, image.height, _halves(image), ground)


def _halves(image: Image) -> bytes:
    import numpy as np

    rgba = np.ones((image.height, image.width, 4), np.float16)
    rgba[..., : image.pixels.shape[2]] = np.clip(image.pixels, -60000.0, 60000.0)
    return rgba.tobytes()


def _at_hand(source: Source) -> tuple[Decoded, Edit, LentTools]:
    decoded = decoded_original(source)
    tools = LentTools(blobs(source.store_root), lambda: decoded.image, dict(source.resources))
    return decoded, Edit.from_json(source.edit), tools
