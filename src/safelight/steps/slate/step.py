"""Slates and test frames: read QR codes and barcodes, and see lens caps and blank frames."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image, Pixels
    from safelight.pixels.measure.slate import Code

PARAMS = ParamSet(
    "slate",
    Param("least_share", 0.02, "share of the frame from which a code makes a slate; smaller ones are labels", "", 0, 1),
)

_LOOK_PX = 1200
_BLANK_PX = 400
_MOST_PLACES = 4
_READ_PX = 1200
_FAR_PX = 300
_MARGIN = 0.03  # of the long side

Box = tuple[float, float, float, float]


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Look for codes and for emptiness in one frame."""
    from safelight.pixels.measure.slate import find_blank

    params = PARAMS.accept(dict(wanted), fill=True)
    light = _reduced(picture, _LOOK_PX)
    blank = find_blank(_shrunk(light, _BLANK_PX))
    codes = [] if blank != "none" else _read(picture, light, tools)
    facts = _facts(codes, blank, float(params["least_share"]), float(light.mean()))  # type: ignore[arg-type]
    return Proposal(params, Confidence(_confidence(facts)), _reasons(facts), facts=facts)


def _reduced(picture: Picture, side: int) -> NDArray[np.float32]:
    import numpy as np

    from safelight.pixels.color.spaces import luminance

    light = luminance(cast("NDArray[np.float32]", picture.image.pixels[..., :3]))
    return _shrunk(np.nan_to_num(light, posinf=1.0, neginf=0.0).astype(np.float32), side)


def _shrunk(light: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    height, width = light.shape
    scale = min(1.0, side / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)


def _read(picture: Picture, light: NDArray[np.float32], tools: Tools) -> list[tuple[Code, Box]]:
    """Read codes at the busy places, in pixels of the full-size original; boxes in 0..1 of it."""
    from safelight.pixels.measure.slate import busy_places, read_codes

    found: dict[str, tuple[Code, Box]] = {}
    places = []
    # Large modules look busy only from afar.
    for coarse in (light, _shrunk(light, _FAR_PX)):
        part = max(coarse.shape)
        places += [tuple(each / part for each in box) for box in busy_places(_codes(coarse))[:_MOST_PLACES]]
    if not places:
        return []
    full = tools.full()
    for place in places:
        cut, x, y, shrink = _cut(full, place)
        for code in read_codes(cut):
            x0, y0, x1, y1 = (each * shrink for each in code.box)
            box = ((x0 + x) / full.width, (y0 + y) / full.height, (x1 + x) / full.width, (y1 + y) / full.height)
            found.setdefault(code.text, (code, box))
    return list(found.values())


def _cut(full: Image, place: tuple[float, ...]) -> tuple[NDArray[np.uint8], int, int, float]:
    """A place (in long sides of the frame) of the full-size picture with a margin, as gray code values.

    With its corner in px, and how far it is reduced.
    """
    import cv2
    import numpy as np

    from safelight.pixels.color.spaces import convert, luminance, to_float

    long = max(full.size)
    x0, y0 = (max(0, math.floor((each - _MARGIN) * long)) for each in place[:2])
    x1 = min(full.width, math.ceil((place[2] + _MARGIN) * long))
    y1 = min(full.height, math.ceil((place[3] + _MARGIN) * long))
    cut = np.ascontiguousarray(full.pixels[y0:y1, x0:x1, :3])
    shrink = max(1.0, max(x1 - x0, y1 - y0) / _READ_PX)
    if shrink > 1.0:
        size = (max(1, round((x1 - x0) / shrink)), max(1, round((y1 - y0) / shrink)))
        cut = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA))
    light = luminance(convert(np.nan_to_num(to_float(cast("Pixels", cut))), full.space, "linear_rec2020"))
    return _codes(light), x0, y0, shrink


def _codes(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear light as code values, lifted so that its lightest hundredth is white: slates are often shot dark."""
    import numpy as np

    top = max(float(np.percentile(light, 99)), 1e-3)
    return np.asarray(np.rint(np.sqrt(np.clip(light / top, 0, 1)) * 255), np.uint8)


def _facts(codes: list[tuple[Code, Box]], blank: str, least: float, level: float) -> dict[str, Any]:
    from safelight.pixels.measure.slate import sku_in

    told = [
        {
            "text": code.text,
            "kind": code.kind,
            "sku": sku_in(code.text),
            "box": [round(min(1, max(0, v)), 4) for v in box],
        }
        for code, box in codes
    ]
    large = [each for each in told if _area(each["box"]) >= least]
    kind = "slate" if large else "label" if told else blank
    named = next((each["sku"] for each in (large or told) if each["sku"]), "")
    return {"kind": kind, "sku": named, "codes": told, "level": round(level, 5)}


def _area(box: Any) -> float:  # noqa: ANN401 - four numbers from JSON data
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _confidence(facts: Mapping[str, Any]) -> float:
    """What decoded carries its own check digits; an even frame may be cloth; no code may be one too small to read."""
    return {"slate": 0.98, "label": 0.9, "black": 0.97, "even": 0.6}.get(str(facts["kind"]), 0.9)


def _reasons(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    told = [
        Reason("code", f"{each['kind']} code {each['text']!r}" + (f", article {each['sku']}" if each["sku"] else ""))
        for each in facts["codes"]
    ]
    if facts["kind"] == "black":
        told.append(
            Reason("black", f"black all over ({facts['level']:.4f} of white): a lens cap or a flash that failed")
        )
    if facts["kind"] == "even":
        text = f"one even tone all over ({facts['level']:.2f} of white): a test frame, a gray card or plain cloth"
        told.append(Reason("even", text, {"level": facts["level"]}, doubt=True))
    return tuple(told) or (Reason("no_code", "no code was read"),)


step = Step(
    name="slate",
    version=1,
    stage=Stage.FACTS,
    kind="facts",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Read codes that name the article, and see lens caps and blank frames.",
    automation="Fully automatic; a slate is kept and its article goes to the frames after it when a person agrees.",
    task="culling",
    propose=_propose,
)
