"""Copy one place onto another as it is, with a soft or a hard edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from safelight.core.edit import Confidence, Reason
from safelight.core.hands_and_hair import look_at_people
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.errors import ParameterError
from safelight.pixels.repair.kept import kept_repairs

if TYPE_CHECKING:
    from safelight.pixels.repair.mend import Mend

PARAMS = ParamSet(
    "clone",
    Param(
        "spots",
        (),
        "copies: x, y (0..1 of the upright original), radius in px, and x, y of what is copied, again and again",
        "",
        0,
        4000,
        1e-5,
    ),
    Param("softness", 0.3, "share of the radius over which a copy fades out", "", 0.0, 1.0, 0.01),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Write down each copy; artifact ``repairs`` holds masks, offsets and the hash of all other pixels."""
    from safelight.pixels.repair.record import outside_hash, pack_repairs

    params = PARAMS.accept(wanted, fill=True)
    numbers = params["spots"] if isinstance(params["spots"], tuple) else ()
    if not numbers:
        return Proposal(params, Confidence(1.0), (Reason("nothing_to_clone", "no place was marked"),))
    mends = _mends(numbers, float(str(params["softness"])), picture.full_size)
    hashed = outside_hash(tools.full().pixels, mends)
    kept = tools.put("repairs", pack_repairs(mends, picture.full_size, hashed), "application/json")
    text = f"{len(mends)} place{'s' * (len(mends) != 1)} copied as a person pointed; only the eye says whether it fits"
    reason = Reason("cloned", text, {"places": float(len(mends))})
    boxes = [each.box for each in mends]
    confidence, reasons = look_at_people(Confidence(0.7), (reason,), boxes, picture.full_size, picture.facts)
    return Proposal(params, confidence, reasons, {"repairs": kept}, {"places": len(mends)})


def _mends(numbers: tuple[float, ...], softness: float, size: tuple[int, int]) -> list[Mend]:
    import numpy as np

    from safelight.pixels.repair.marks import groups_of
    from safelight.pixels.repair.mend import Mend
    from safelight.pixels.repair.spots import Spot

    found = []
    for x, y, radius, from_x, from_y in groups_of(numbers, ("x", "y", "radius_px", "from_x", "from_y"), "clone.spots"):
        spot = Spot(((x * size[0], y * size[1]),), radius, "clone")
        x0, y0, x1, y1 = spot.box(size)
        shift = round((from_y - y) * size[1]), round((from_x - x) * size[0])
        inside = y0 + shift[0] >= 0 and x0 + shift[1] >= 0 and y1 + shift[0] <= size[1] and x1 + shift[1] <= size[0]
        if not inside:
            raise ParameterError(
                f"clone.spots: what lies {radius:g} px around {from_x:g}, {from_y:g} reaches beyond the frame of "
                f"{size[0]} x {size[1]} px; copy from farther inside"
            )
        rows, cols = np.mgrid[y0:y1, x0:x1] + 0.5
        away = np.hypot(rows - y * size[1], cols - x * size[0])
        fade = np.clip((radius - away) / max(softness * radius, 1.0) + (softness == 0) * 0.5, 0, 1)
        cover = np.rint(255 * fade).astype(np.uint8)
        found.append(Mend((x0, y0, x1, y1), cover, np.array(shift, np.int16).reshape(1, 1, 2), "clone", "clone"))
    return found


step = Step(
    name="clone",
    version=2,  # 2: hands and hair go to a person
    stage=Stage.REPAIR,
    kind="repair",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Copy a place onto another, where healing would take the wrong light along.",
    automation="By hand alone: a person points at both places. Outside the marks no code value changes.",
    task="object_removal",
    propose=_propose,
    paint=kept_repairs,
    idle=lambda params: not params["spots"],
    upgrades={1: dict},
)
