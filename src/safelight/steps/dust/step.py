"""Dust, lint, scratches and hot pixels: found, listed, and healed where they lie on the backdrop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from math import hypot
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
    accepted = [each for each in specks if any(_is_of(dot, each) for dot in added)]
    taken = accepted if crowd else [*chosen, *(each for each in accepted if each not in chosen)]
    spots = [each.spot for each in taken]
    spots += [dot for dot in added if not any(_is_of(dot, each) for each in taken)]
    lights = source_spots(spots, size, lambda boxes: [working_light(e.pixels, e.space) for e in tools.crops(boxes)])
    mends = [each[0] for each in lights if each is not None]
    artifacts = {}
    if mends:
        kept = pack_repairs(mends, size, outside_hash(full.pixels, mends))
        artifacts["repairs"] = tools.put("repairs", kept, "application/json")
    left = _places(params, "leave", ("x", "y"))
    said = {id(each) for each in [*accepted, *(e for e in specks if _lies_at(e, left, size))]}
    confidence, reasons = _judged(specks, taken, said, len(mends), crowd=crowd)
    confidence, reasons = look_at_people(confidence, reasons, [each.box for each in mends], size, picture.facts)
    healed = {id(each) for each in taken}
    listed = [_told(each, size, healed=id(each) in healed) for each in specks[:_LISTED]]
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
    left = _places(params, "leave", ("x", "y"))
    everywhere, least = params["surface"] == "everywhere", float(str(params["least"]))
    return [
        each
        for each in specks
        if each.likely >= least and (everywhere or each.on_backdrop) and not _lies_at(each, left, size)
    ]


def _places(params: Mapping[str, Value], name: str, group: tuple[str, ...]) -> list[tuple[float, ...]]:
    from safelight.pixels.repair.marks import groups_of

    values = params[name]
    return groups_of(values if isinstance(values, tuple) else (), group, f"dust.{name}")


def _lies_at(speck: Speck, places: Sequence[tuple[float, ...]], size: tuple[int, int]) -> bool:
    x0, y0, x1, y1 = speck.spot.box(size, margin=4)
    return any(x0 <= x * size[0] <= x1 and y0 <= y * size[1] <= y1 for x, y in places)


def _is_of(dot: Spot, speck: Speck) -> bool:
    """Whether a person's spot is this speck, accepted from the list: its middle and size, and so its shape."""
    (x, y), (middle_x, middle_y) = dot.points[0], _middle(speck)
    near = max(2.0, 0.2 * speck.spot.radius_px)
    return abs(dot.radius_px - speck.spot.radius_px) <= near and hypot(x - middle_x, y - middle_y) <= near


def _middle(speck: Speck) -> tuple[float, float]:
    x, y = (float(sum(each)) / len(speck.spot.points) for each in zip(*speck.spot.points, strict=True))
    return x, y


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


def _told(speck: Speck, size: tuple[int, int], *, healed: bool) -> dict[str, Any]:
    x, y = _middle(speck)
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
    specks: Sequence[Speck], taken: Sequence[Speck], said: Set[int], healed: int, *, crowd: bool
) -> tuple[Confidence, tuple[Reason, ...]]:
    """A reviewer passes it if every healed speck was one, and none that shows was left; a person's word is no doubt."""
    kinds = sorted({each.spot.label.replace("_", " ") for each in taken})
    text = f"{healed} of {len(specks)} specks healed" + (f": {', '.join(kinds)}" if kinds else "")
    reasons = [Reason("specks", text, {"found": float(len(specks)), "healed": float(healed)})]
    if crowd:
        many = f"{len(specks)} specks stand out: a texture, print or a dirty set, so that none was healed"
        return Confidence(0.1), (Reason("too_many", many, {"specks": float(len(specks))}, doubt=True), *reasons)
    value = 0.96
    for each in taken:
        value *= 1 if id(each) in said else 1 - 0.3 * (1 - each.likely)
    done = said | {id(each) for each in taken}
    left = [each for each in specks if id(each) not in done and each.likely > 0.3]
    if left:
        value *= 0.9 ** min(len(left), 12)
        more = f"{len(left)} more may be specks, on the product or faint: look at the list"
        reasons.append(Reason("left_for_a_look", more, {"specks": float(len(left))}, doubt=True))
    return Confidence(round(max(value, 0.05), 3)), tuple(reasons)


def _idle(params: Mapping[str, Value]) -> bool:
    return params["surface"] == "off" and not params["add"]


step = Step(
    name="dust",
    # 2: hands and hair go to a person; 3: a pattern is left alone; 4: what a person accepts keeps its shape;
    # 5: what is bold on the product is listed and left
    version=5,
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
    upgrades={1: dict, 2: dict, 3: dict, 4: dict},
)
