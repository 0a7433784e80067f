"""Ease wrinkles in cloth that a person or a guide points at, with every thread kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from safelight.core.doubts import Doubt, left_of, ramp
from safelight.core.edit import Confidence, Reason
from safelight.core.hands_and_hair import look_at_people
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.errors import ParameterError
from safelight.pixels.repair.kept import kept_repairs

if TYPE_CHECKING:
    from safelight.pixels.repair.cloth import Wrinkles
    from safelight.pixels.repair.ease import Ease

PARAMS = ParamSet(
    "fabric",
    Param("cloth", (), "boxes x0, y0, x1, y1 (0..1), each of one piece of cloth of one color", "", 0, 1, 1e-5),
    Param("strength", 0.5, "share of a wrinkle's shading that goes", "", 0, 1, 0.01),
    Param("weave_px", 6.0, "what is finer stays as it is: threads, knit, rib", "px", 2, 60, 0.1),
    Param(
        "wrinkle", 0.03, "width of the widest wrinkle, as share of the long side; form is wider", "", 0.004, 0.2, 0.001
    ),
)
_GRID_PX = 3.0  # of a reduced picture, to `weave_px`
_LEAST_SIDE_PX = 24
_LEAST_CLOTH, _MOST_STEEP = 0.3, 0.15


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Make a field for each box; artifact ``repairs`` holds them and the hash of all other pixels."""
    from safelight.pixels.repair.marks import groups_of
    from safelight.pixels.repair.record import outside_hash, pack_repairs, unpack_repairs

    params = PARAMS.accept(wanted, fill=True)
    given = params["cloth"] if isinstance(params["cloth"], tuple) else ()
    boxes = groups_of(given, ("x0", "y0", "x1", "y1"), "fabric.cloth")
    if _idle(params):
        return Proposal(params, Confidence(1.0), (Reason("nothing_marked", "no cloth was marked"),))
    size = picture.full_size
    worked = [_eased(each, params, size, tools) for each in boxes]
    reasons: list[Reason] = []
    doubts: list[Doubt] = []
    for number, (_, found, kept) in enumerate(worked, 1):
        said, why = _told(number, found, kept)
        reasons += [said] if said else []
        doubts += why
    eases = [ease for ease, _, _ in worked if ease is not None]
    confidence = Confidence(round(left_of(0.85, doubts), 3))
    told = (*reasons, *(each for _, each in doubts))
    confidence, told = look_at_people(confidence, told, [each.box for each in eases], size, picture.facts)
    if not eases:
        return Proposal(params, confidence, told)
    whole = unpack_repairs(pack_repairs(eases, size))  # as they will be read
    kept_ = pack_repairs(whole, size, outside_hash(tools.full().pixels, whole))
    artifacts = {"repairs": tools.put("repairs", kept_, "application/json")}
    facts = {"weave_kept": round(min(each for _, _, each in worked), 4), "pieces": len(eases)}
    return Proposal(params, confidence, told, artifacts, facts)


def _eased(
    where: tuple[float, ...], params: Mapping[str, Value], size: tuple[int, int], tools: Tools
) -> tuple[Ease | None, Wrinkles, float]:
    """One box: its field (None where it is no cloth), its measures, and how much of the weave is kept."""
    import cv2
    import numpy as np

    from safelight.pixels.repair.cloth import ease_wrinkles, weave_kept
    from safelight.pixels.repair.ease import Ease
    from safelight.pixels.repair.marks import working_light

    x0, y0, x1, y1 = (round(each * side) for each, side in zip(where, size * 2, strict=True))
    if min(x1 - x0, y1 - y0) < _LEAST_SIDE_PX:
        raise ParameterError(
            f"fabric.cloth {where} is {x1 - x0} x {y1 - y0} px; it takes x0, y0, x1, y1 with x0 below x1 and y0 below "
            f"y1, at least {_LEAST_SIDE_PX} px apart"
        )
    fine, wide = float(str(params["weave_px"])), float(str(params["wrinkle"])) * max(size)
    if wide < 3 * fine:
        raise ParameterError(
            f"fabric.wrinkle is {wide:.0f} px here and fabric.weave_px {fine:g} px; a wrinkle is at least 3 times as "
            f"wide as the weave: take wrinkle up to {3 * fine / max(size):.3f} or weave_px down"
        )
    crop = tools.crops([(x0, y0, x1, y1)])[0]
    light = working_light(crop.pixels, crop.space)
    step = max(1.0, fine / _GRID_PX)
    small = (max(8, round((x1 - x0) / step)), max(8, round((y1 - y0) / step)))
    reduced = light if step == 1.0 else np.asarray(cv2.resize(light, small, interpolation=cv2.INTER_AREA), np.float32)
    found = ease_wrinkles(reduced, fine / step, wide / step, float(str(params["strength"])))
    if found.cloth < _LEAST_CLOTH or found.steep > _MOST_STEEP:
        return None, found, 1.0
    whole = cv2.resize(found.stops, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    kept = weave_kept(light, np.asarray(whole, np.float32), fine)
    return Ease((x0, y0, x1, y1), np.repeat(found.stops[..., None], 3, axis=2), "cloth"), found, kept


def _told(number: int, found: Wrinkles, kept: float) -> tuple[Reason | None, list[Doubt]]:
    """What was done to one piece, and what speaks against it."""
    values: dict[str, float | str] = {
        "before_stops": round(found.before, 4),
        "after_stops": round(found.after, 4),
        "weave_kept": round(kept, 4),
        "cloth": round(found.cloth, 3),
        "steep": round(found.steep, 3),
    }
    if found.cloth < _LEAST_CLOTH or found.steep > _MOST_STEEP:
        what = (
            f"only {100 * found.cloth:.0f} % of it has one color"
            if found.cloth < _LEAST_CLOTH
            else f"{100 * found.steep:.0f} % of it is too deep in shade for wrinkles: folds, metal or stones"
        )
        text = f"piece {number} was left alone: {what}; a person works on it by hand"
        return None, [(0.9, Reason("no_cloth", text, values, doubt=True))]
    text = (
        f"piece {number}: shading of wrinkles from {found.before:.3f} to {found.after:.3f} stops, "
        f"{100 * kept:.1f} % of the weave's energy kept"
    )
    doubts: list[Doubt] = []
    if found.steep > 0.005:
        why = f"piece {number}: {100 * found.steep:.1f} % is folds or seams, which stay and stand out more"
        doubts.append((0.6 * ramp(found.steep, 0.005, _MOST_STEEP), Reason("folds", why, values, doubt=True)))
    if abs(kept - 1) > 0.02:
        why = f"piece {number}: {100 * kept:.1f} % of what is finer than the weave is left: take weave_px up"
        doubts.append((0.8 * ramp(abs(kept - 1), 0.02, 0.2), Reason("weave_touched", why, values, doubt=True)))
    if found.cloth < 0.7:
        why = f"piece {number}: {100 * (1 - found.cloth):.0f} % of the box is print, backdrop or other cloth"
        doubts.append((0.4 * ramp(found.cloth, 0.7, _LEAST_CLOTH), Reason("mixed", why, values, doubt=True)))
    return Reason("eased", text, values), doubts


def _idle(params: Mapping[str, Value]) -> bool:
    return not params["cloth"] or params["strength"] == 0.0


step = Step(
    name="fabric",
    version=1,
    stage=Stage.REPAIR,
    kind="repair",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Ease wrinkles in cloth by a smooth field of light, with weave and knit kept.",
    automation="Only where a person or a guide marks cloth; folds, print, metal and stones are left alone and said so.",
    task="luxury_fabric",
    propose=_propose,
    paint=kept_repairs,
    idle=_idle,
)
