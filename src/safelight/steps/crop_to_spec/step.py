"""Crop to spec: the frame a channel asks for around the subject, at the original's own scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

from .framing import Box, Frame, Spec, aspect_of, frame_for, frame_of_box, outside_share, subject_box

if TYPE_CHECKING:
    from safelight.pixels.geometry.map import GeometryMap

_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_NO_BOX: Box = (0.0, 0.0, 0.0, 0.0)

PARAMS = ParamSet(
    "crop_to_spec",
    Param(
        "subject", _WHOLE, "box of the subject: x0 y0 x1 y1 in 0..1 of the upright original", "", 0, 1, 1e-5, length=4
    ),
    Param("aspect", "1:1", "width to height of the frame, like 4:5; or original"),
    Param("fill", 0.85, "the subject's longest box side as share of the frame's side along it", "", 0.2, 1.0),
    Param("align", "center", "where the subject sits in the frame's height", choices=("center", "baseline", "top")),
    Param(
        "baseline",
        0.075,
        "with align baseline or top: from the frame's edge to the subject, share of its height",
        "",
        0.0,
        0.5,
    ),
    Param("margin", 0.0, "least empty edge on every side, share of the frame's side", "", 0.0, 0.4),
    Param("pad", default=False, meaning="let the frame reach beyond the original, where only background is"),
    Param(
        "straighten_deg", 0.0, "turns the picture counter-clockwise about the frame's middle", "deg", -45.0, 45.0, 0.01
    ),
    Param(
        "box",
        _NO_BOX,
        "a frame cut by hand instead: x0 y0 x1 y1 of the upright original; four zeros for none",
        "",
        -2,
        3,
        1e-5,
        length=4,
    ),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Propose the frame around the subject's matte; without one the whole picture, with a doubt."""
    width, height = picture.full_size
    box, specks = _subject(picture, wanted)
    if box is None:
        # A guide's aspect is for subjects that are cut out: without one it would cut into the picture blindly.
        aspect_of(str(wanted.get("aspect", "original")), width, height)
        params = PARAMS.accept({**wanted, "aspect": "original", "fill": 1.0}, fill=True)
        text = "no matte and no subject box is known, so the whole frame is kept"
        return Proposal(params, Confidence(0.15), (Reason("no_subject", text, doubt=True),))
    params = PARAMS.accept({"subject": box, "pad": picture.alpha is not None, **wanted}, fill=True)
    frame = _frame(params, width, height)
    reasons, confidence = _judge(box, specks, frame, width, height)
    return Proposal(params, Confidence(confidence), reasons)


def _subject(picture: Picture, wanted: Mapping[str, Value]) -> tuple[Box | None, float]:
    if isinstance(given := wanted.get("subject"), tuple) and len(given) == 4:
        return (given[0], given[1], given[2], given[3]), 0.0
    if picture.alpha is not None:
        return subject_box(picture.alpha)
    known = picture.facts.get("cutout", {}).get("subject_box")
    if known is None:
        return None, 0.0
    x0, y0, x1, y1 = (float(each) for each in known)
    return (x0, y0, x1, y1), 0.0


def _judge(box: Box, specks: float, frame: Frame, width: int, height: int) -> tuple[tuple[Reason, ...], float]:
    longest = max((box[2] - box[0]) * width / frame.width, (box[3] - box[1]) * height / frame.height)
    values: dict[str, float | str] = {"fill": round(longest, 3), "width": frame.width, "height": frame.height}
    text = f"{frame.width} x {frame.height} px with the subject at {longest:.0%} of the frame"
    reasons, doubt = [Reason("frame", text, values)], 0.0
    sides = ("left", "top", "right", "bottom")
    ends = (box[0] * width, box[1] * height, (1 - box[2]) * width, (1 - box[3]) * height)
    # A matte at work size is good to about a pixel in a thousand.
    cut = [side for side, gap in zip(sides, ends, strict=True) if gap < 0.001 * max(width, height)]
    if cut:
        text = f"the subject touches the {' and '.join(cut)} edge of the original: it may be cut off"
        reasons.append(Reason("touches_edge", text, {"sides": " ".join(cut)}, doubt=True))
        doubt += 0.25 * len(cut)
    if longest > 1.0:
        text = f"the subject is larger than the frame that fits into the original ({longest:.0%})"
        reasons.append(Reason("does_not_fit", text, values, doubt=True))
        doubt += 0.4
    beyond = outside_share(frame, width, height)
    if beyond > 0.0:
        text = f"{beyond:.0%} of the frame lies beyond the original and shows background only"
        reasons.append(Reason("padded", text, {"share": round(beyond, 3)}))
        doubt += 0.1 * beyond
    if max(frame.width, frame.height) < 1000:
        text = (
            f"the frame is {max(frame.width, frame.height)} px on its long side, too few to zoom; nothing is enlarged"
        )
        reasons.append(Reason("few_pixels", text, values, doubt=True))
        doubt += 0.15
    if specks > 0.001:
        text = f"{specks:.1%} of the matte are specks and were left out"
        reasons.append(Reason("specks", text, {"share": round(specks, 4)}, doubt=True))
        doubt += min(0.2, 5.0 * specks)
    return tuple(reasons), round(max(0.05, 0.95 - doubt), 3)


def _frame(params: Mapping[str, Value], width: int, height: int) -> Frame:
    values: dict[str, Any] = dict(params)
    if tuple(values["box"]) != _NO_BOX:
        return frame_of_box(values["box"], width, height)
    names = ("aspect", "fill", "align", "baseline", "margin", "pad")
    return frame_for(values["subject"], Spec(**{name: values[name] for name in names}), width, height)


def _paint(params: Mapping[str, Value], size: tuple[int, int]) -> GeometryMap:
    """Return the map of the frame: whole pixels unless it turns, and never enlarged."""
    import numpy as np

    from safelight.pixels.geometry.map import GeometryMap

    frame = _frame(params, *size)
    turn = math.radians(float(params["straighten_deg"]))  # type: ignore[arg-type]
    if turn == 0.0:
        return GeometryMap.of_crop(frame.x, frame.y, frame.width, frame.height)
    middle = (frame.x + frame.width / 2.0, frame.y + frame.height / 2.0)
    # y runs downwards: a picture turned counter-clockwise is looked up clockwise.
    cosine, sine = math.cos(turn), math.sin(turn)
    look = np.array([[cosine, -sine, middle[0]], [sine, cosine, middle[1]], [0.0, 0.0, 1.0]])
    start = np.array([[1.0, 0.0, -frame.width / 2.0], [0.0, 1.0, -frame.height / 2.0], [0.0, 0.0, 1.0]])
    return GeometryMap.of_matrix(look @ start, frame.width, frame.height)


step = Step(
    name="crop_to_spec",
    version=1,
    stage=Stage.GEOMETRY,
    kind="geometry",
    scale="free",
    reads="upstream",
    params=PARAMS,
    purpose="Frame the subject as the channel asks: aspect, fill, alignment, straight; at the original's own scale.",
    automation="Automatic from the matte; a person amends fill, alignment and turn, or draws the frame by hand.",
    task="crop",
    propose=_propose,
    paint=_paint,
    places=("subject", "box"),
)
