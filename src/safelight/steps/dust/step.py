"""Dust, lint, scratches and hot pixels: found, listed, and healed where they lie on the backdrop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.canonical import to_json
from safelight.core.edit import Confidence, Reason
from safelight.core.hands_and_hair import look_at_people
from safelight.core.image import Image
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.pixels.repair.kept import kept_repairs

if TYPE_CHECKING:
    from safelight.pixels.repair.dust import Speck
    from safelight.pixels.repair.spots import Spot

PARAMS = ParamSet(
    "dust",
    Param(
        "surface",
        "off",
        "where what was found is healed: off; backdrop lists what lies on the product; everywhere heals that, too",
        choices=("off", "backdrop", "everywhere"),
    ),
    Param("least", 0.5, "how likely a speck must be one that a retoucher takes out", "", 0.05, 0.99, 0.01),
    Param("most", 120, "more than so many are a texture or a dirty set: none is healed and a person looks", "", 1, 400),
    Param("add", (), "more spots to heal: x, y (0..1 of the upright original) and radius in px", "", 0, 4000, 1e-5),
    Param("leave", (), "places x, y (0..1) of found spots that stay", "", 0, 1, 1e-5),
)
_PATTERN, _SAME = 40, 0.6  # specks, and the share of them that is alike, from which they are a pattern
_LISTED = 60  # of the likeliest, for people to look through


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Find, list and heal.

    Artifact ``repairs`` holds masks, offsets and the hash of all other pixels; ``specks`` lists what was found, for a
    person to look through.
    """
    from safelight.pixels.repair.dust import find_dust
    from safelight.pixels.repair.marks import dots, working_light
    from safelight.pixels.repair.record import outside_hash, pack_repairs
    from safelight.pixels.repair.sourcing import source_spots

    params = PARAMS.accept(wanted, fill=True)
    if _idle(params):
        return Proposal(params, Confidence(1.0), (Reason("left_alone", "dust is not looked for"),))
    full, size = tools.full(), picture.full_size
    specks = find_dust(_codes(full)) if params["surface"] != "off" else []
    chosen = _chosen(specks, params, size)
    added = dots(params["add"] if isinstance(params["add"], tuple) else (), "dust.add", size)
    crowd = len(chosen) > int(str(params["most"])) or _is_pattern(specks)
    spots: list[Spot] = [*([] if crowd else (each.spot for each in chosen)), *added]
    lights = source_spots(spots, size, lambda boxes: [working_light(e.pixels, e.space) for e in tools.crops(boxes)])
    mends = [each[0] for each in lights if each is not None]
    artifacts = {}
    if mends:
        kept = pack_repairs(mends, size, outside_hash(full.pixels, mends))
        artifacts["repairs"] = tools.put("repairs", kept, "application/json")
    confidence, reasons = _judged(specks, chosen, len(mends), crowd=crowd)
    confidence, reasons = look_at_people(confidence, reasons, [each.box for each in mends], size, picture.facts)
    healed = {id(each) for each in chosen}
    listed = [_said(each, size, healed=id(each) in healed and not crowd) for each in specks[:_LISTED]]
    if listed:
        artifacts["specks"] = tools.put("specks", to_json({"specks": listed}).encode(), "application/json")
    return Proposal(
        params, confidence, reasons, artifacts, {"found": len(specks), "healed": len(mends), "list": listed}
    )


def _codes(full: Image) -> Any:  # noqa: ANN401 - (H, W, 3) uint8 or uint16
    """The original as a screen shows it; linear captures get a curve, or their shadows would show no dust."""
    import numpy as np

    from safelight.pixels.color.light import codes_of
    from safelight.pixels.color.spaces import to_float

    if full.space.startswith("linear") or full.pixels.dtype == np.float32:
        pixels: Any = np.ascontiguousarray(full.pixels[..., :3])
        return codes_of(to_float(pixels), full.space, "srgb")
    return full.pixels[..., :3]


def _chosen(specks: Sequence[Speck], params: Mapping[str, Value], size: tuple[int, int]) -> list[Speck]:
    from safelight.pixels.repair.marks import groups_of

    left = groups_of(params["leave"] if isinstance(params["leave"], tuple) else (), ("x", "y"), "dust.leave")
    everywhere, least = params["surface"] == "everywhere", float(str(params["least"]))
    return [
        each
        for each in specks
        if each.likely >= least
        and (everywhere or each.on_backdrop)
        and not any(_covers(each.spot, x * size[0], y * size[1], size) for x, y in left)
    ]


def _is_pattern(specks: Sequence[Speck]) -> bool:
    """Whether so many are of one size and near one contrast that somebody printed them: dust is of all sizes."""
    if len(specks) < _PATTERN:
        return False
    radii, contrasts = sorted(each.spot.radius_px for each in specks), sorted(each.contrast for each in specks)
    radius, contrast = radii[len(radii) // 2], contrasts[len(contrasts) // 2]
    same = [
        abs(each.spot.radius_px - radius) < 0.15 * radius and abs(each.contrast - contrast) < 0.35 * abs(contrast)
        for each in specks
    ]
    return sum(same) > _SAME * len(specks)


def _covers(spot: Spot, x: float, y: float, size: tuple[int, int]) -> bool:
    x0, y0, x1, y1 = spot.box(size, margin=4)
    return x0 <= x <= x1 and y0 <= y <= y1


def _said(speck: Speck, size: tuple[int, int], *, healed: bool) -> dict[str, Any]:
    x, y = (sum(each) / len(speck.spot.points) for each in zip(*speck.spot.points, strict=True))
    return {
        "kind": speck.spot.label,
        "x": round(x / size[0], 5),
        "y": round(y / size[1], 5),
        "radius_px": round(speck.spot.radius_px, 1),
        "contrast": round(speck.contrast, 1),
        "likely": round(speck.likely, 3),
        "on_backdrop": speck.on_backdrop,
        "healed": healed,
    }


def _judged(
    specks: Sequence[Speck], chosen: Sequence[Speck], healed: int, *, crowd: bool
) -> tuple[Confidence, tuple[Reason, ...]]:
    """A reviewer passes it if every healed speck was one, and none that shows was left."""
    kinds = sorted({each.spot.label.replace("_", " ") for each in chosen})
    text = f"{healed} of {len(specks)} specks healed" + (f": {', '.join(kinds)}" if kinds else "")
    reasons = [Reason("specks", text, {"found": float(len(specks)), "healed": float(healed)})]
    if crowd:
        many = f"{len(specks)} specks stand out: a texture, print or a dirty set, so that none was healed"
        return Confidence(0.1), (Reason("too_many", many, {"specks": float(len(specks))}, doubt=True), *reasons)
    value = 0.96
    for each in chosen:
        value *= 1 - 0.3 * (1 - each.likely)
    taken = {id(each) for each in chosen}
    left = [each for each in specks if id(each) not in taken and each.likely > 0.3]
    if left:
        value *= 0.9 ** min(len(left), 12)
        more = f"{len(left)} more may be specks, on the product or faint: look at the list"
        reasons.append(Reason("left_for_a_look", more, {"specks": float(len(left))}, doubt=True))
    return Confidence(round(max(value, 0.05), 3)), tuple(reasons)


def _idle(params: Mapping[str, Value]) -> bool:
    return params["surface"] == "off" and not params["add"]


step = Step(
    name="dust",
    version=3,  # 2: hands and hair go to a person; 3: a pattern is left alone
    stage=Stage.REPAIR,
    kind="repair",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Take out dust, lint, scratches and hot pixels, and list what lies on the product.",
    automation="Off until a guide asks; heals on the backdrop, lists what is on the product; a person adds and leaves.",
    task="object_removal",
    propose=_propose,
    paint=kept_repairs,
    idle=_idle,
    upgrades={1: dict, 2: dict},
)
