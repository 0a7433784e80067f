"""Heal what a person points at: each spot gets the texture of a place beside it and the light around it."""

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
    from safelight.pixels.repair.spots import Source, Spot

PARAMS = ParamSet(
    "heal",
    Param(
        "spots",
        (),
        "dots to heal: x, y (0..1 of the upright original) and radius in px, again and again",
        "",
        0,
        4000,
        1e-5,
    ),
    Param("lines", (), "strokes to heal: x0, y0, x1, y1 (0..1) and radius in px, again and again", "", 0, 4000, 1e-5),
)


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Find a source for each spot; artifact ``repairs`` holds masks, offsets and the hash of all other pixels."""
    from safelight.pixels.repair.marks import dots, lines
    from safelight.pixels.repair.record import outside_hash, pack_repairs

    params = PARAMS.accept(wanted, fill=True)
    size = picture.full_size
    spots = dots(_numbers(params["spots"]), "heal.spots", size) + lines(_numbers(params["lines"]), "heal.lines", size)
    if not spots:
        return Proposal(params, Confidence(1.0), (Reason("nothing_to_heal", "no spot was marked"),))
    found = _sourced(spots, size, tools)
    mends = [mend for mend, _ in found]
    kept = tools.put("repairs", pack_repairs(mends, size, outside_hash(tools.full().pixels, mends)), "application/json")
    confidence, reasons = _judged([source for _, source in found])
    confidence, reasons = look_at_people(confidence, reasons, [mend.box for mend in mends], size, picture.facts)
    facts = {"spots": len(spots), "worst_misfit": round(max(each.misfit for _, each in found), 4)}
    return Proposal(params, confidence, reasons, {"repairs": kept}, facts)


def _numbers(value: Value) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else ()


def _sourced(spots: list[Spot], size: tuple[int, int], tools: Tools) -> list[tuple[Mend, Source]]:
    """Each spot with the place that it is healed from; refused where the frame holds none."""
    from safelight.pixels.repair.marks import working_light
    from safelight.pixels.repair.sourcing import source_spots

    found = source_spots(spots, size, lambda boxes: [working_light(e.pixels, e.space) for e in tools.crops(boxes)])
    for spot, made in zip(spots, found, strict=True):
        if made is None:
            x, y = spot.points[0]
            raise ParameterError(
                f"heal: the spot at {x / size[0]:.3f}, {y / size[1]:.3f} of radius {spot.radius_px:g} px leaves "
                f"nothing beside it to heal from in a picture of {size[0]} x {size[1]} px; make it smaller"
            )
    return [each for each in found if each is not None]


def _judged(sources: list[Source]) -> tuple[Confidence, tuple[Reason, ...]]:
    """The worst spot decides: one that shows sends the picture back."""
    worst = max(sources, key=lambda each: each.misfit)
    # A smooth patch in a rough surface, or another defect in a source; a few pixels have no texture to speak of.
    rough = max(each.texture for each in sources)
    # Rims that differ by 4 % of code show as a patch of another light.
    value = 0.96 * 0.998 ** len(sources) / (1 + (worst.misfit / 0.04) ** 2) / (1 + max(0.0, rough - 2) / 3)
    values: dict[str, float | str] = {"spots": float(len(sources)), "misfit": round(worst.misfit, 4)}
    many = f"{len(sources)} spot{'s' * (len(sources) != 1)} healed from beside"
    reasons = [Reason("healed", f"{many}; the worst rim differs by {100 * worst.misfit:.1f} % of white", values)]
    if worst.misfit > 0.02:
        text = f"a source's rim is {100 * worst.misfit:.1f} % off its spot's: an edge lies across it"
        reasons.append(Reason("unlike_source", text, values, doubt=True))
    return Confidence(round(min(max(value, 0.01), 0.96), 3)), tuple(reasons)


step = Step(
    name="heal",
    version=2,  # 2: hands and hair go to a person
    stage=Stage.REPAIR,
    kind="repair",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Heal spots and scratches with the texture beside them and the light around them.",
    automation="Only where a person or a guide marks; sources are found. Outside the marks no code value changes.",
    task="object_removal",
    propose=_propose,
    paint=kept_repairs,
    idle=lambda params: not params["spots"] and not params["lines"],
    upgrades={1: dict},
)
