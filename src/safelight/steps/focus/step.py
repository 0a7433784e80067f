"""Focus: blur in px at 100 % on the edges of the subject, defocus told from movement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Pixels
    from safelight.pixels.measure.focus import Edges, Focus

PARAMS = ParamSet(
    "focus",
    Param("limit_px", 1.2, "blur up to which a frame counts as sharp, Gaussian sigma at 100 %", "px", 0.4, 10.0, 0.01),
)

_TILE_PX = 256
_TILES = 10
# Where the strongest tiles agree that a frame is sharp by far, the others are not looked at.
_FIRST_TILES, _MANY_EDGES, _BY_FAR = 6, 1000, 0.6
# Below, a frame was scaled down, and its blur with it.
_LEAST_SIDE_PX = 640
# A blur of 1.2 px is 0.8 px of a preview that is two thirds as wide; what is smaller hides it.
_MOST_SHRUNK = 1.5

Box = tuple[int, int, int, int]


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Measure the frame's focus in crops of the full-size original."""
    from safelight.pixels.measure.focus import measure_focus

    params = PARAMS.accept(dict(wanted), fill=True)
    limit = float(params["limit_px"])  # type: ignore[arg-type]
    boxes = _where_edges_are(picture)
    crops = _edges_in(boxes[:_FIRST_TILES], picture, tools)
    # Where no tile is sharp by far the frame is not, and they need not be summed up to know it.
    by_far = any(each.typical_px <= _BY_FAR * limit / picture.shrunk for each in crops)
    seen = measure_focus(crops, limit_px=limit / picture.shrunk) if by_far else None
    if seen is None or not _is_clearly_sharp(seen, limit / picture.shrunk):
        crops += _edges_in(boxes[_FIRST_TILES:], picture, tools)
        seen = measure_focus(crops, limit_px=limit / picture.shrunk)
    found, boxes = _at_original_size(seen, picture.shrunk), boxes[: len(crops)]
    small = max(picture.full_size) < _LEAST_SIDE_PX or picture.shrunk > _MOST_SHRUNK
    facts = _facts(found, "cant_tell" if small else found.kind, picture)
    facts |= _tile_facts([each.typical_px for each in crops], boxes, picture.full_size)
    reasons = (_reason(found, limit, picture, small=small),)
    return Proposal(params, Confidence(_confidence(found, limit, small=small)), reasons, facts=facts)


def _edges_in(boxes: list[Box], picture: Picture, tools: Tools) -> list[Edges]:
    """The edges of the subject in parts of the original at 100 %."""
    import numpy as np

    from safelight.pixels.measure.focus import find_edges, focus_luma_of

    lumas = (
        focus_luma_of(cast("Pixels", np.ascontiguousarray(each.pixels[..., :3])), each.space)
        for each in tools.crops(boxes)
    )
    return [find_edges(luma, mask=_on_subject(picture, box)) for luma, box in zip(lumas, boxes, strict=True)]


def _is_clearly_sharp(found: Focus, limit_px: float) -> bool:
    """Whether more tiles would not change the word: what is sharp by far, on many edges, stays sharp."""
    return found.edges >= _MANY_EDGES and found.blur_px <= _BY_FAR * limit_px


def _at_original_size(found: Focus, shrunk: float) -> Focus:
    """Return the focus of the original that a smaller picture of it stands for."""
    blur, least, motion = (each * shrunk for each in (found.blur_px, found.least_px, found.motion_px))
    return replace(found, blur_px=blur, least_px=least, motion_px=motion)


def _where_edges_are(picture: Picture) -> list[Box]:
    """The tiles (x0, y0, x1, y1), in px of the full picture, with the strongest edges of the subject."""
    import cv2
    import numpy as np

    from safelight.pixels.measure.afar import root_of_light

    luma = root_of_light(picture.image)
    steep = cv2.magnitude(cv2.Scharr(luma, cv2.CV_32F, 1, 0), cv2.Scharr(luma, cv2.CV_32F, 0, 1))
    if picture.alpha is not None:
        near = cv2.dilate((np.asarray(picture.alpha) > 0.1).astype(np.uint8), np.ones((5, 5), np.uint8))
        steep = steep * near
    width, height = picture.full_size
    columns, rows = math.ceil(width / _TILE_PX), math.ceil(height / _TILE_PX)
    # Beyond one strong edge a tile tells no more: the root keeps a checked shirt from taking all tiles.
    energy = cv2.resize(np.sqrt(steep), (columns, rows), interpolation=cv2.INTER_AREA)
    order = np.argsort(-energy, axis=None, kind="stable")[:_TILES]
    found = []
    for row, column in zip(*np.unravel_index(order, (rows, columns)), strict=True):
        x = max(0, min(int(column) * _TILE_PX, width - _TILE_PX))
        y = max(0, min(int(row) * _TILE_PX, height - _TILE_PX))
        found.append((x, y, min(x + _TILE_PX, width), min(y + _TILE_PX, height)))
    return list(dict.fromkeys(found))


def _on_subject(picture: Picture, box: Box) -> NDArray[np.bool_] | None:
    """Where the matte, widened by 2 px of the work size, covers a tile; None without a matte."""
    import cv2
    import numpy as np

    if picture.alpha is None:
        return None
    near = cv2.dilate((np.asarray(picture.alpha) > 0.1).astype(np.uint8), np.ones((5, 5), np.uint8))
    x0, y0, x1, y1 = box
    columns = np.minimum(
        ((np.arange(x0, x1) + 0.5) * near.shape[1] / picture.full_size[0]).astype(int), near.shape[1] - 1
    )
    rows = np.minimum(((np.arange(y0, y1) + 0.5) * near.shape[0] / picture.full_size[1]).astype(int), near.shape[0] - 1)
    return np.asarray(near[np.ix_(rows, columns)] > 0)


def _facts(found: Focus, kind: str, picture: Picture) -> dict[str, Any]:
    def known(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 3)

    return {
        "kind": kind,
        "blur_px": known(found.blur_px),
        "least_blur_px": known(found.least_px),
        "direction_deg": known(found.direction_deg),
        "motion_px": known(found.motion_px),
        "edges": found.edges,
        "full_size": list(picture.full_size),
    }


def _tile_facts(blurs: list[float], boxes: list[Box], size: tuple[int, int]) -> dict[str, Any]:
    """Which tile is sharpest, and what share is softer than twice that: a shallow depth of field."""
    known = [(blur, box) for blur, box in zip(blurs, boxes, strict=True) if not math.isnan(blur)]
    if not known:
        return {"sharpest_box": None, "soft_share": None}
    least, (x0, y0, x1, y1) = min(known)
    soft = sum(blur > 2.0 * max(least, 0.5) for blur, _ in known) / len(known)
    box = [x0 / size[0], y0 / size[1], x1 / size[0], y1 / size[1]]
    return {"sharpest_box": [round(each, 4) for each in box], "soft_share": round(soft, 3)}


def _confidence(found: Focus, limit: float, *, small: bool) -> float:
    """Near the limit people differ; far from it and with many edges they do not."""
    enough = min(1.0, found.edges / 400.0)
    if small or math.isnan(found.blur_px):
        return round(0.2 + 0.2 * enough, 3)
    return round(0.4 + 0.57 * enough * (1.0 - math.exp(-3.0 * abs(math.log2(found.blur_px / limit)))), 3)


def _reason(found: Focus, limit: float, picture: Picture, *, small: bool) -> Reason:
    if math.isnan(found.blur_px):
        text = f"only {found.edges} edge points were found, too few to tell"
        return Reason("too_few_edges", text, {"edges": found.edges}, doubt=True)
    values = {"blur_px": round(found.blur_px, 2), "edges": found.edges}
    side = max(picture.full_size)
    if picture.shrunk > _MOST_SHRUNK:
        text = f"only a preview of {side} px was looked at, {picture.shrunk:.1f} times smaller than the picture"
        return Reason("preview_too_small", text, values | {"shrunk": round(picture.shrunk, 2)}, doubt=True)
    if small:
        text = f"with {side} px on its long side it is too small to tell; edges are {found.blur_px:.1f} px wide"
        return Reason("too_small", text, values, doubt=True)
    if found.kind == "motion":
        along = f"{found.blur_px:.1f} px wide along {found.direction_deg:.0f} degrees"
        text = f"edges are {along} but {found.least_px:.1f} px elsewhere: movement"
        return Reason("motion_blur", text, values)
    if found.kind == "defocus":
        text = f"edges are {found.blur_px:.1f} px wide in all directions; up to {limit:g} px counts as sharp"
        return Reason("out_of_focus", text, values)
    text = f"edges are {found.blur_px:.1f} px wide at 100 %; up to {limit:g} px counts as sharp"
    return Reason("sharp", text, values)


step = Step(
    name="focus",
    version=4,
    stage=Stage.FACTS,
    kind="facts",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Measure how sharp a frame is at 100 % where the subject has edges, and tell defocus from movement.",
    automation="Fully automatic; a person sees the number and the sharpest place, and may move the limit.",
    task="culling",
    propose=_propose,
)
