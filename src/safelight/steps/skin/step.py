"""Skin: blemishes healed one by one, tone, light and shine evened by a smooth field; faces, found surely, alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.pixels.repair.kept import kept_repairs

if TYPE_CHECKING:
    from safelight.pixels.repair.ease import Ease
    from safelight.pixels.repair.spots import Spot
    from safelight.pixels.skin.blemishes import Blemish
    from safelight.steps.skin.face import Face

PARAMS = ParamSet(
    "skin",
    Param("spots", "off", "blemishes: found and listed only, or healed one by one", choices=("off", "list", "heal")),
    Param("moles", "keep", "moles and freckles are a person's own, unless heal", choices=("keep", "heal")),
    Param("least", 0.6, "how likely a blemish must be one to be healed", "", 0.05, 0.99, 0.01),
    Param("tone", 0.0, "how much of blotches of color goes; pores and the modeling of the face stay", "", 0, 1, 0.01),
    Param("light", 0.0, "dodge and burn: how much of small unevenness of light goes", "", 0, 1, 0.01),
    Param("shine", 0.0, "how much of shine goes, at most seven tenths: the roll-off stays", "", 0, 1, 0.01),
    Param("teeth", 0.0, "how much lighter and less yellow teeth get", "", 0, 1, 0.01),
    Param("eyes", 0.0, "how much clearer the whites of open eyes get", "", 0, 1, 0.01),
    Param("add", (), "more spots to heal: x, y (0..1 of the upright original) and radius in px", "", 0, 4000, 1e-5),
    Param("leave", (), "places x, y (0..1) of found spots that stay", "", 0, 1, 1e-5),
)
_STRENGTHS = ("tone", "light", "shine", "teeth", "eyes")
_MODELS = ("face_short_range", "face_full_range", "face_mesh", "iris")
_LEAST_PX_PER_MM = 0.9  # of smaller faces a blemish is a pixel
_LISTED = 60
_HEALED = ("blemish",)
_OWN = ("mole", "freckle")


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Find faces, look at their skin; artifact ``repairs`` holds spots, fields and the hash of all other pixels."""
    from safelight.models.people.view import View
    from safelight.models.sessions import missing_for
    from safelight.pixels.repair.marks import dots
    from safelight.steps.skin.face import see_face, sure_faces

    params = PARAMS.accept(wanted, fill=True)
    if _idle(params):
        return Proposal(params, Confidence(1.0), (Reason("left_alone", "skin is left as it is"),))
    added = dots(_numbers(params["add"]), "skin.add", picture.full_size)
    lacking = missing_for(_MODELS)
    if lacking:
        return _by_hand(picture, params, added, tools, Reason("no_people_models", lacking, doubt=True), 0.1)
    found, doubtful = sure_faces(View(picture, tools))
    seen = [see_face(picture, tools, points, sure) for _, points, sure in found]
    faces = [each for each in seen if each is not None and each.px_per_mm >= _LEAST_PX_PER_MM]
    unused = doubtful + len(seen) - len(faces)
    if not faces:
        text = "no face is shown surely and large enough (180 px from hairline to chin): skin is a person's to judge"
        why = Reason("no_sure_face", text, {"doubtful": float(unused)}, doubt=True)
        return _by_hand(picture, params, added, tools, why, 0.15)
    return _worked(picture, params, added, tools, faces, unused)


def _by_hand(
    picture: Picture, params: Mapping[str, Value], added: Sequence[Spot], tools: Tools, why: Reason, sure: float
) -> Proposal:
    """What a person marked, and nothing else."""
    from safelight.steps.skin.work import keep, sourced

    mends = sourced(added, picture.full_size, tools, ())
    artifacts = keep(mends, (), picture.full_size, tools)
    return Proposal(params, Confidence(sure), (why,), artifacts, {"faces": 0, "healed": len(mends), "list": []})


def _worked(
    picture: Picture,
    params: Mapping[str, Value],
    added: Sequence[Spot],
    tools: Tools,
    faces: Sequence[Face],
    unused: int,
) -> Proposal:
    from safelight.steps.skin.confidence import confidence_of, judge_face
    from safelight.steps.skin.work import eases_of, keep, sourced, spot_of

    size, strengths = picture.full_size, {name: float(str(params[name])) for name in _STRENGTHS}
    chosen = [[each for each in face.spots if _heals(each, face, params, size)] for face in faces]
    spots = [spot_of(each, face) for face, own in zip(faces, chosen, strict=True) for each in own]
    mends = sourced([*spots, *added], size, tools, faces)
    eases: list[Ease] = []
    reasons: list[Reason] = []
    for number, face in enumerate(faces, 1):
        fields, said = eases_of(face, strengths, number)
        eases += fields
        reasons += said
    strength = max(strengths["tone"], strengths["light"], strengths["shine"])
    doubts = [
        each
        for number, (face, own) in enumerate(zip(faces, chosen, strict=True), 1)
        for each in judge_face(face, own, number, strength)
    ]
    if unused:
        text = f"{unused} more heads are too small or too unsure to work on"
        doubts.append((0.3, Reason("other_heads", text, {"heads": float(unused)}, doubt=True)))
    left = sum(each.kind in _HEALED and each.likely >= 0.5 for face in faces for each in face.spots)
    left = 0 if params["spots"] == "off" else max(0, left - len(spots))
    reasons = [_told(faces, len(mends)), *reasons, *(each for _, each in doubts)]
    artifacts = keep(mends, eases, size, tools)
    listed = [
        _said(each, face, size, healed=each in own)
        for face, own in zip(faces, chosen, strict=True)
        for each in face.spots
    ]
    facts = {
        "faces": len(faces),
        "healed": len(mends),
        "tone_groups": [each.like.group for each in faces],
        "ita_deg": [round(each.like.ita_deg, 1) for each in faces],
        "list": listed[:_LISTED],
    }
    return Proposal(params, confidence_of(doubts, left=left), tuple(reasons), artifacts, facts)


def _heals(spot: Blemish, face: Face, params: Mapping[str, Value], size: tuple[int, int]) -> bool:
    from safelight.pixels.repair.marks import groups_of

    kinds = _HEALED + (_OWN if params["moles"] == "heal" else ())
    if params["spots"] != "heal" or spot.kind not in kinds or spot.likely < float(str(params["least"])):
        return False
    x, y = face.placed(spot.x, spot.y)
    reach = spot.radius_px * face.step + 4
    left = groups_of(_numbers(params["leave"]), ("x", "y"), "skin.leave")
    return not any(abs(x - px * size[0]) <= reach and abs(y - py * size[1]) <= reach for px, py in left)


def _numbers(value: Value) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else ()


def _told(faces: Sequence[Face], healed: int) -> Reason:
    kinds = [each.kind for face in faces for each in face.spots if each.likely >= 0.5]
    own = sum(each in _OWN for each in kinds)
    groups = ", ".join(sorted({each.like.group.replace("_", " ") for each in faces}))
    text = (
        f"{len(faces)} face{'s' * (len(faces) != 1)} ({groups}): {kinds.count('blemish')} blemishes and {own} moles or "
        f"freckles found, {healed} spots healed"
    )
    return Reason("skin", text, {"healed": float(healed), "own": float(own)})


def _said(spot: Blemish, face: Face, size: tuple[int, int], *, healed: bool) -> dict[str, Any]:
    x, y = face.placed(spot.x, spot.y)
    return {
        "kind": spot.kind,
        "x": round(x / size[0], 5),
        "y": round(y / size[1], 5),
        "radius_px": round(spot.radius_px * face.step, 1),
        "stops": round(spot.stops, 2),
        "share_red": round(spot.share_red, 2),
        "likely": round(spot.likely, 3),
        "healed": healed,
    }


def _idle(params: Mapping[str, Value]) -> bool:
    return params["spots"] == "off" and not params["add"] and not any(params[name] for name in _STRENGTHS)


step = Step(
    name="skin",
    version=1,
    stage=Stage.REPAIR,
    kind="repair",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Heal blemishes one by one and even tone, light and shine, with every pore kept.",
    automation="Off until a guide or a person asks; faces found surely alone; moles and freckles are listed and stay.",
    task="skin_smoothing",
    propose=_propose,
    paint=kept_repairs,
    idle=_idle,
)
