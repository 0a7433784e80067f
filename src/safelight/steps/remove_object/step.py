"""Take an object off its backdrop: masked by a click, a box or a brush, filled from what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Reason
from safelight.core.hands_and_hair import look_at_people
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.errors import ParameterError
from safelight.pixels.repair.kept import kept_repairs
from safelight.steps.remove_object.confidence import judge_removal, nothing_marked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.pixels.repair.mend import Box, Mend

PARAMS = ParamSet(
    "remove_object",
    Param(
        "box",
        (0.0, 0.0, 0.0, 0.0),
        "around the object: x0, y0, x1, y1, 0..1 of the upright original",
        "",
        0,
        1,
        1e-5,
        length=4,
    ),
    Param("click", (), "a point x, y (0..1) on an object that stands alone", "", 0, 1, 1e-5),
    Param("brush", (), "dabs over what goes: x, y (0..1) and radius in px, again and again", "", 0, 4000, 1e-5),
    Param("grow_px", 6.0, "room around what was found in a box or under a click: its soft edge", "px", 0, 200, 0.1),
    Param("seed", 0, "another number looks for another filling", "", 0, 1_000_000),
)

LARGEST_SHARE = 0.25  # of the frame: beyond it there is more to invent than to copy
_WINDOW_PX = 1_200  # a click finds what is at most so large in the first window, four times that in the second


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Mask the object and find what fills its place; artifact ``repairs`` holds mask, shifts and the outside's hash."""
    import numpy as np

    from safelight.pixels.repair.complete import complete
    from safelight.pixels.repair.mend import Mend
    from safelight.pixels.repair.record import outside_hash, pack_repairs
    from safelight.pixels.repair.survey import survey

    params = PARAMS.accept(wanted, fill=True)
    size = picture.full_size
    mask = _mask(params, size, tools)
    if mask is None:
        return nothing_marked(params)
    box, cover = mask
    area = float(np.count_nonzero(cover)) / (size[0] * size[1])
    if area > LARGEST_SHARE:
        raise ParameterError(
            f"remove_object: the mask covers {100 * area:.0f} % of the frame; it takes up to "
            f"{100 * LARGEST_SHARE:.0f} %: what is left shows too little of what lies behind. Mark less"
        )
    side = max(box[2] - box[0], box[3] - box[1])
    window = _grown(box, max(64, round(0.6 * side)), size)
    light = _light(window, tools)
    hole = np.zeros(light.shape[:2], dtype=np.bool_)
    at = np.s_[box[1] - window[1] : box[3] - window[1], box[0] - window[0] : box[2] - window[0]]
    hole[at] = cover > 0
    filling = complete(light, hole, np.zeros_like(hole), int(str(params["seed"])))
    if filling is None:
        raise ParameterError("remove_object: around the mask is nothing whole to copy from; mark less")
    mend = Mend(box, cover, np.ascontiguousarray(filling.shifts[at]), "heal", "object")
    around = survey(light, "linear_rec2020", hole)
    kept = pack_repairs([mend], size, outside_hash(tools.full().pixels, [mend]))
    artifact = tools.put("repairs", kept, "application/json")
    confidence, reasons = judge_removal(around, filling, area)
    confidence, reasons = look_at_people(confidence, reasons, [box], size, picture.facts)
    facts = {"area_share": round(area, 6), "misfit": round(filling.misfit, 5), **vars(around)}
    return Proposal(params, confidence, (_told(mend, size, area), *reasons), {"repairs": artifact}, facts)


def _told(mend: Mend, size: tuple[int, int], area: float) -> Reason:
    x, y = (mend.box[0] + mend.box[2]) / 2 / size[0], (mend.box[1] + mend.box[3]) / 2 / size[1]
    text = (
        f"an object of {100 * area:.2f} % of the frame was taken out at {x:.3f}, {y:.3f}, its place filled from around"
    )
    return Reason("removed", text, {"area_share": round(area, 6), "x": round(x, 4), "y": round(y, 4)})


def _mask(params: Mapping[str, Value], size: tuple[int, int], tools: Tools) -> tuple[Box, NDArray[np.uint8]] | None:
    """The union of what box, click and brush mark, cut to its own box; None where nothing is marked."""
    import numpy as np

    parts: list[tuple[Box, Any]] = []
    box: tuple[float, ...] = params["box"]  # type: ignore[assignment]
    click: tuple[float, ...] = params["click"]  # type: ignore[assignment]
    brush: tuple[float, ...] = params["brush"]  # type: ignore[assignment]
    grow = float(str(params["grow_px"]))
    if any(box):
        parts.append(_in_box(box, size, grow, tools))
    if click:
        parts.append(_under_click(click, size, grow, tools))
    parts += _brushed(brush, size)
    if not parts:
        return None
    x0, y0 = (min(each[0][at] for each in parts) for at in (0, 1))
    x1, y1 = (max(each[0][at] for each in parts) for at in (2, 3))
    whole = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for (px0, py0, px1, py1), cover in parts:
        part = whole[py0 - y0 : py1 - y0, px0 - x0 : px1 - x0]
        np.maximum(part, cover, out=part)
    rows, cols = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    cut = np.ascontiguousarray(whole[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1])
    return (x0 + int(cols[0]), y0 + int(rows[0]), x0 + int(cols[-1]) + 1, y0 + int(rows[-1]) + 1), cut


def _in_box(box: tuple[float, ...], size: tuple[int, int], grow: float, tools: Tools) -> tuple[Box, Any]:
    from safelight.pixels.repair.object_mask import mask_in_box

    x0, y0, x1, y1 = (round(each * side) for each, side in zip(box, size * 2, strict=True))
    if x1 - x0 < 3 or y1 - y0 < 3:
        raise ParameterError(
            f"remove_object.box is {box}; it takes x0, y0, x1, y1 with x0 below x1 and y0 below y1, at least 3 px apart"
        )
    window = _grown((x0, y0, x1, y1), max(12, round(0.25 * max(x1 - x0, y1 - y0))), size)
    light = _light(window, tools)
    inner = (x0 - window[0], y0 - window[1], x1 - window[0], y1 - window[1])
    return window, mask_in_box(light, "linear_rec2020", inner, grow)


def _under_click(click: tuple[float, ...], size: tuple[int, int], grow: float, tools: Tools) -> tuple[Box, Any]:
    from safelight.pixels.repair.marks import groups_of
    from safelight.pixels.repair.object_mask import mask_at_click

    x, y = groups_of(click[:2], ("x", "y"), "remove_object.click")[0]
    at = x * size[0], y * size[1]
    for side in (_WINDOW_PX, 4 * _WINDOW_PX):
        half = side // 2
        window = _grown((int(at[0]), int(at[1]), int(at[0]) + 1, int(at[1]) + 1), half, size)
        light = _light(window, tools)
        found = mask_at_click(light, "linear_rec2020", (at[0] - window[0], at[1] - window[1]), grow)
        if found is not None:
            return window, found
    raise ParameterError(
        f"remove_object.click at {x:g}, {y:g} lies on no object that stands alone on an even surface; "
        "draw a box around it, or brush over it"
    )


def _brushed(brush: tuple[float, ...], size: tuple[int, int]) -> list[tuple[Box, Any]]:
    from safelight.pixels.repair.marks import dots
    from safelight.pixels.repair.spots import cover_of

    spots = dots(brush, "remove_object.brush", size)
    return [(each.box(size), cover_of(each, each.box(size))) for each in spots]


def _light(window: Box, tools: Tools) -> NDArray[np.float32]:
    """A window of the original in linear Rec.2020."""
    from safelight.pixels.repair.marks import working_light

    crop = tools.crops([window])[0]
    return working_light(crop.pixels, crop.space)


def _grown(box: Box, by: int, size: tuple[int, int]) -> Box:
    return max(0, box[0] - by), max(0, box[1] - by), min(size[0], box[2] + by), min(size[1], box[3] + by)


step = Step(
    name="remove_object",
    version=2,  # 2: hands and hair go to a person
    stage=Stage.REPAIR,
    kind="repair",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Take an object off a plain backdrop without halo or residue.",
    automation="Marked by a person or a guide; at shadows, reflections and texture a person is called.",
    task="object_removal",
    propose=_propose,
    paint=kept_repairs,
    idle=lambda params: not any(params["box"]) and not params["click"] and not params["brush"],  # type: ignore[arg-type]
    upgrades={1: dict},
)
