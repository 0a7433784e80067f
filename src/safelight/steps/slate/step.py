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

_MOST_PLACES = 4
_READ_PX = 1200
_FAR_PX = 300
_MARGIN = 0.03  # of the long side
_WHITE = 245  # code value

Box = tuple[float, float, float, float]


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Look for codes and for emptiness in one frame."""
    from safelight.pixels.measure.afar import from_afar
    from safelight.pixels.measure.slate import find_blank

    params = PARAMS.accept(dict(wanted), fill=True)
    seen = from_afar(picture.image)
    light = seen.luminance
    blank = find_blank(light, seen.ranked)
    codes = [] if blank != "none" else _read(picture, tools)
    facts = _facts(codes, blank, float(params["least_share"]), float(light.mean()))  # type: ignore[arg-type]
    return Proposal(params, Confidence(_confidence(facts)), _reasons(facts), facts=facts)


def _read(picture: Picture, tools: Tools) -> list[tuple[Code, Box]]:
    """Read codes at the busy places, in pixels of the full-size original; boxes in 0..1 of it."""
    from safelight.pixels.measure.slate import busy_places, read_codes

    found: dict[str, tuple[Code, Box]] = {}
    places = []
    near, far = _gray_from_near_and_afar(tools.reduced())
    # Large modules look busy only from afar.
    for codes in (near, far):
        part = max(codes.shape)
        places += [tuple(each / part for each in box) for box in busy_places(codes)[:_MOST_PLACES]]
    boxes = [_around(place, picture.full_size) for place in places]
    for box, image in zip(boxes, tools.crops(boxes), strict=True):
        codes, shrink = _readable(image)
        for code in read_codes(codes):
            x0, y0, x1, y1 = (each * shrink for each in code.box)
            (x, y), (width, height) = box[:2], picture.full_size
            place = ((x0 + x) / width, (y0 + y) / height, (x1 + x) / width, (y1 + y) / height)
            found.setdefault(code.text, (code, place))
    return list(found.values())


def _around(place: tuple[float, ...], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A place (in long sides of the frame) with a margin, in px."""
    long = max(size)
    x0, y0 = (max(0, math.floor((each - _MARGIN) * long)) for each in place[:2])
    x1, y1 = (min(side, math.ceil((each + _MARGIN) * long)) for each, side in zip(place[2:], size, strict=True))
    return x0, y0, x1, y1


def _readable(image: Image) -> tuple[NDArray[np.uint8], float]:
    """A part of the original as gray code values for a reader, and how far it is reduced."""
    from safelight.pixels.measure.afar import shrunk

    codes = _gray(image)
    small = shrunk(codes, _READ_PX)
    return small, codes.shape[1] / small.shape[1]


def _gray_from_near_and_afar(image: Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A picture as gray code values, lifted by what is light from afar, and the same at 300 px."""
    from safelight.pixels.measure.afar import shrunk

    near = _plain_gray(image)
    far = shrunk(near, _FAR_PX)
    top = _lightest(far)
    return _raised(near, top), _raised(far, top)


def _gray(image: Image) -> NDArray[np.uint8]:
    """A picture as gray code values, times what makes its lightest hundredth white: slates are often shot dark."""
    codes = _plain_gray(image)
    return _raised(codes, _lightest(codes))


def _plain_gray(image: Image) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    from safelight.pixels.color.light import luminance_of

    pixels = cast("NDArray[np.uint8]", np.ascontiguousarray(image.pixels[..., :3]))
    if pixels.dtype == np.uint8 and not image.space.startswith("linear"):
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    return _codes(np.nan_to_num(luminance_of(cast("Pixels", pixels), image.space), posinf=1.0, neginf=0.0))


def _lightest(codes: NDArray[np.uint8]) -> int:
    """The code value that a hundredth lies above."""
    import cv2
    import numpy as np

    counts = np.asarray(cv2.calcHist([codes], [0], None, [256], [0, 256])).ravel()
    return max(8, int(np.searchsorted(np.cumsum(counts), 0.99 * codes.size)))


def _raised(codes: NDArray[np.uint8], top: int) -> NDArray[np.uint8]:
    """Code values times what makes `top` white; as they are where that changes nothing to speak of."""
    import cv2
    import numpy as np

    if top >= _WHITE:
        return codes
    table = np.minimum(np.arange(256) * (255 / top), 255).astype(np.uint8)
    return np.asarray(cv2.LUT(codes, table), np.uint8)


def _codes(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear light as code values, lifted so that its lightest hundredth is white: slates are often shot dark."""
    import numpy as np

    from safelight.pixels.measure.ranked import percentiles

    top = max(float(percentiles(light, (99,))[0]), 1e-3)
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
    version=4,
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
