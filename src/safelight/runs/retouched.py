"""What a check of retouching is handed: the edit without its retouching, and the mask that its repairs declared."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Edit, EditStep
from safelight.plugins import step_named

if TYPE_CHECKING:
    from safelight.core.step import Tools
    from safelight.pixels.geometry.map import GeometryMap

REPAIRS = "repairs"  # the artifact of a repair that changed something
_KERNEL_PX = 3  # half of the widest kernel that resamples, in pixels of the coarser grid


def retouching(edit: Edit) -> tuple[EditStep, ...]:
    """Return the steps of an edit that changed what the capture shows: repairs, and a person's retouch.

    A repair that found nothing is none, and a draft that a person rebuilt is a new picture: nothing was retouched.
    """
    if any(step_named(each.step).draft and step_named(each.step).kind == "base" for each in edit.steps):
        return ()
    return tuple(each for each in edit.steps if _repaired(each) or step_named(each.step).kind == "base")


def without_retouching(edit: Edit) -> Edit:
    """Return an edit as it would be had nobody retouched: the same color, cutout and frame."""
    gone = {each.step for each in retouching(edit)}
    return Edit(edit.original, tuple(each for each in edit.steps if each.step not in gone))


def repair_mask(edit: Edit, size: tuple[int, int], geometry: GeometryMap, tools: Tools) -> bytes:
    """Return where an edit's repairs may have changed its picture, as a gray PNG on the picture's own pixels.

    Parameters
    ----------
    edit : Edit
    size : (width, height) px
        Of the upright original.
    geometry : GeometryMap
        From the painted picture to the original.
    tools : Tools
        To read what the repairs keep.

    Returns
    -------
    bytes
        255 where a repair reaches, resampling included; empty without repairs, and beside a person's retouch, which
        declares no mask.
    """
    import cv2
    import numpy as np

    from safelight.pixels.geometry.resample import resample
    from safelight.pixels.repair.kept import kept_repairs
    from safelight.pixels.repair.record import covered_by

    steps = retouching(edit)
    if not steps or any(step_named(each.step).kind == "base" for each in steps):
        return b""
    read: list[Any] = [kept_repairs({REPAIRS: tools.get(each.artifacts[REPAIRS])}) for each in steps]
    mask = covered_by([mend for mends in read for mend in mends], size)
    mask = cv2.compare(mask, 0, cv2.CMP_GT)
    if not geometry.is_aligned():
        reach = math.ceil(_KERNEL_PX * max(1.0, geometry.reduction()))
        mask = cv2.dilate(mask, np.ones((2 * reach + 1,) * 2, np.uint8))
    share = resample(np.asarray(mask, np.float32)[..., None] / np.float32(255), geometry)
    found = cv2.compare(np.ascontiguousarray(share[..., 0]), 0.001, cv2.CMP_GT)
    _, png = cv2.imencode(".png", found)
    return png.tobytes()


def _repaired(step: EditStep) -> bool:
    return step_named(step.step).kind == "repair" and REPAIRS in step.artifacts
