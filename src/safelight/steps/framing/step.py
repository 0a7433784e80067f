"""Framing: margins, cut-off sides and tilt of one frame."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from safelight.core.image import Image
    from safelight.pixels.measure.framing import Placing, Tilt

PARAMS = ParamSet(
    "framing",
    Param("touching_share", 0.015, "share of a side from which a subject counts as cut off there", "", 0.001, 0.5),
)

_LINES_PX = 800
_MOST_TOUCHING = 0.35


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], _tools: Tools) -> Proposal:
    """Measure the framing of one frame."""
    from safelight.pixels.measure.framing import measure_tilt

    params = PARAMS.accept(dict(wanted), fill=True)
    placing, source = _placing(picture)
    tilt = measure_tilt(_gray(picture.image))
    facts = _facts(placing, source, tilt, float(params["touching_share"]), picture.full_size)  # type: ignore[arg-type]
    return Proposal(params, Confidence(_confidence(facts)), _reasons(facts), facts=facts)


def _placing(picture: Picture) -> tuple[Placing | None, str]:
    """Where the subject stands, and by what: the matte, the even backdrop; None where neither is known."""
    import cv2
    import numpy as np

    from safelight.pixels.measure.afar import SIDE_PX, from_afar
    from safelight.pixels.measure.framing import place_subject
    from safelight.pixels.measure.light import subject_mask

    if picture.alpha is not None:
        alpha = np.asarray(picture.alpha, np.float32)
        scale = min(1.0, SIDE_PX / max(alpha.shape))
        return place_subject(cv2.resize(alpha, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) > 0.5), "matte"
    backdrop = from_afar(picture.image).backdrop
    if not backdrop.found:
        return None, "none"
    placing = place_subject(subject_mask(backdrop))
    # What lies on most of the border is no subject: the field that was taken for a backdrop is a wall or a garment.
    if sum(placing.touching) / 4 > _MOST_TOUCHING:
        return None, "none"
    return placing, "backdrop"


def _gray(image: Image) -> NDArray[np.uint8]:
    """Gray code values for the line detector; a square root stands in for the transfer function."""
    import cv2
    import numpy as np

    from safelight.pixels.measure.afar import root_of_light, shrunk

    return np.asarray(cv2.convertScaleAbs(shrunk(root_of_light(image), _LINES_PX), alpha=255.0), np.uint8)


def _facts(
    placing: Placing | None, source: str, tilt: Tilt, least: float, full_size: tuple[int, int]
) -> dict[str, Any]:
    from safelight.pixels.measure.framing import SIDES

    touching = dict(zip(SIDES, placing.touching, strict=True)) if placing else {}
    box = placing.box if placing else None
    margins = (box[1], 1 - box[2], 1 - box[3], box[0]) if box else None
    return {
        "subject_by": source,
        "subject_box": list(box) if box else None,
        "subject_share": round(placing.share, 4) if placing else None,
        "margins": {s: round(m, 4) for s, m in zip(SIDES, margins, strict=True)} if margins else None,
        "touching": {side: round(share, 4) for side, share in touching.items()},
        "cut_off": [side for side, share in touching.items() if share >= least],
        "off_center": [round((box[0] + box[2]) / 2 - 0.5, 4), round((box[1] + box[3]) / 2 - 0.5, 4)] if box else None,
        "tilt_deg": None if math.isnan(tilt.degrees) else round(tilt.degrees, 2),
        "tilt_lines": tilt.lines,
        "tilt_spread_deg": None if math.isnan(tilt.spread_deg) else round(tilt.spread_deg, 2),
        "full_size": list(full_size),
    }


def _confidence(facts: Mapping[str, Any]) -> float:
    """A box before an even backdrop is sure; a cut-off of a few px may be a shadow; a tilt needs lines that agree."""
    if facts["subject_box"] is None:
        return 0.4
    widest = max(facts["touching"].values(), default=0.0)
    sure = 0.95 if widest == 0.0 else 0.6 + 0.35 * min(1.0, widest / 0.1)
    return round(sure if facts["tilt_deg"] is not None else 0.9 * sure, 3)


def _reasons(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    return (*_place_reasons(facts), _tilt_reason(facts))


def _place_reasons(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    if facts["subject_box"] is None:
        return (
            Reason("subject_unknown", "no even backdrop was found, so the subject's margins are unknown", doubt=True),
        )
    margins = facts["margins"]
    text = "margins " + ", ".join(f"{side} {share:.1%}" for side, share in margins.items())
    told = [Reason("margins", text, dict(margins))]
    for side in facts["cut_off"]:
        share = facts["touching"][side]
        text = f"the subject runs out of the frame at the {side}, over {share:.1%} of that side"
        told.append(Reason("cut_off", text, {"side": side, "share": share}, doubt=True))
    return tuple(told)


def _tilt_reason(facts: Mapping[str, Any]) -> Reason:
    lines = facts["tilt_lines"]
    if facts["tilt_deg"] is None:
        return Reason(
            "tilt_unknown", f"can't tell the tilt: {lines} long straight edges, which don't agree", doubt=True
        )
    degrees = facts["tilt_deg"]
    text = f"{lines} long straight edges say that it is tilted by {degrees:+.1f} degrees counter-clockwise"
    return Reason("tilt", text, {"tilt_deg": degrees, "lines": lines})


step = Step(
    name="framing",
    version=5,
    stage=Stage.FACTS,
    kind="facts",
    scale="free",
    reads="original",
    params=PARAMS,
    purpose="Measure the subject's margins, at which sides the frame cuts it off, and how far the picture is tilted.",
    automation="Fully automatic; it changes nothing and people see its numbers.",
    task="culling",
    propose=_propose,
)
