"""People: are there faces, are their eyes open and sharp, are there hands; found, never identified."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from safelight.core.edit import Confidence, Reason
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools

if TYPE_CHECKING:
    from safelight.models.people.detect import Found
    from safelight.models.people.view import Box, View
    from safelight.steps.people.faces import Face, Faces

PARAMS = ParamSet(
    "people",
    Param("least_eye_px", 16.0, "eyes narrower than this at 100 % can't be told open from closed", "px", 8, 200, 0.5),
    Param("least_face_px", 150.0, "how small a face is searched for where a person stands far away", "px", 40, 2000, 1),
    Param(
        "search",
        "auto",
        "whether tiles are searched when the whole frame shows no face: auto does where people are expected",
        choices=("auto", "never", "always"),
    ),
    Param("hands", default=True, meaning="whether hands are looked for when there is a person"),
)

_MODELS = ("face_short_range", "face_full_range", "face_mesh", "iris", "palm", "person")
_PEOPLE = ("on_model", "editorial", "portrait")
_LEAST_SHARE = 0.02  # of the frame, from which a person counts
_LEAST_PALM = 0.5
_LEAST_SKIN_PX = 64
# A person who fills this much of the frame and shows no face turns away or is cut off: tiles would find nothing.
_NEAR_SHARE = 0.12


def _propose(picture: Picture, _group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Look for people in one frame."""
    from safelight.models.people.view import View
    from safelight.models.sessions import missing_for

    params = PARAMS.accept(dict(wanted), fill=True)
    view = View(picture, tools)
    lacking = missing_for(_MODELS)
    if lacking:
        return _without_models(view, params, lacking)
    return _with_models(view, picture.category, params)


def _with_models(view: View, category: str, params: Mapping[str, Value]) -> Proposal:
    from safelight.models.people.detect import detect
    from safelight.steps.people.faces import find_faces

    share = _person_share(view)
    expected = category in _PEOPLE and share < _NEAR_SHARE
    search = params["search"] == "always" or (params["search"] == "auto" and expected)
    found = find_faces(
        view,
        least_eye_px=float(params["least_eye_px"]),  # type: ignore[arg-type]
        least_face_px=float(params["least_face_px"]),  # type: ignore[arg-type]
        search=search,
    )
    somebody = bool(found.faces or found.unsure) or category in _PEOPLE
    palms = detect("palm", view, None, _LEAST_PALM) if params["hands"] and somebody else []
    facts = _facts(view, found, "models") | {
        "person_share": round(share, 4),
        "hands": [{"score": round(each.score, 3), "box": _box(view, each.box)} for each in palms],
        "hand_count": len(palms),
        "tiles": found.tiles,
    }
    reasons = (*_reasons(found), *_hand_reason(palms))
    return Proposal(params, Confidence(_confidence(found)), reasons, facts=facts)


def _without_models(view: View, params: Mapping[str, Value], lacking: str) -> Proposal:
    from safelight.steps.people.faces import find_faces_by_cascade

    found = find_faces_by_cascade(view, least_eye_px=float(params["least_eye_px"]))  # type: ignore[arg-type]
    facts = _facts(view, found, "cascade") | {"person_share": None, "hands": [], "hand_count": None, "tiles": 0}
    why = Reason(
        "no_people_models", f"looked with a Haar cascade, which errs more and sees no lids: {lacking}", doubt=True
    )
    return Proposal(params, Confidence(0.6 * _confidence(found)), (why, *_reasons(found)), facts=facts)


def _person_share(view: View) -> float:
    from safelight.models.sessions import open_session

    session = open_session("person")
    (mask,) = session.run(view.stretched(session.model.input.width))
    return float((mask > 0.5).mean())


def _facts(view: View, found: Faces, by: str) -> dict[str, Any]:
    faces = [_face_facts(view, each) for each in found.faces]
    return {
        "by": by,
        "face_count": len(faces),
        "faces": faces,
        "unsure": [{"score": round(each.score, 3), "box": _box(view, each.box)} for each in found.unsure],
        "eyes": _eyes(faces),
        "full_size": list(view.full_size),
    }


def _face_facts(view: View, face: Face) -> dict[str, Any]:
    blur, edges = _eye_blur(view, face)
    return {
        "score": round(face.score, 3),
        "box": _box(view, face.box),
        "height_px": round((face.box[3] - face.box[1]) * view.reduction, 1),
        "state": face.state,
        "eyes": [
            {
                "state": each.state,
                "width_px": round(each.width_px, 1),
                "opening": _known(each.opening),
                "hits": each.hits,
                "openness": round(each.openness, 3),
            }
            for each in face.eyes
        ],
        "pitch_deg": _known(face.pitch_deg, 1),
        "yaw_deg": _known(face.yaw_deg, 1),
        "roll_deg": _known(face.roll_deg, 1),
        "smile": _known(face.smile),
        "skin_lab": _skin(view, face),
        "eye_blur_px": blur,
        "eye_edges": edges,
    }


def _skin(view: View, face: Face) -> list[float] | None:
    """Color of the middle of the face as shot, Lab (D50): what tells a frame whose skin lies outside its group's.

    From just under the brows to the mouth, where there is no hair; None for a face of a few px.
    """
    import numpy as np

    from safelight.pixels.color.difference import lab_from

    x0, y0, x1, y1 = face.box
    wide, high = x1 - x0, y1 - y0
    light = view.light((x0 + 0.3 * wide, y0 + 0.4 * high, x1 - 0.3 * wide, y1 - 0.25 * high))
    if light.size < 3 * _LEAST_SKIN_PX:
        return None
    middle = np.median(light.reshape(-1, 3), axis=0).astype(np.float32)
    return [round(float(each), 1) for each in lab_from(middle.reshape(1, 1, 3), "linear_rec2020").ravel()]


def _eye_blur(view: View, face: Face) -> tuple[float | None, int]:
    """Blur of the nearest eye, px at 100 % of the original, and the edge points it rests on; None for too few."""
    from safelight.pixels.measure.focus import find_edges, focus_luma

    if face.nearest is None or face.state == "cant_tell":
        return None, 0
    edges = find_edges(focus_luma(view.at_full_size(face.nearest)))
    blur = edges.typical_px
    return (None if math.isnan(blur) else round(blur * view.shrunk, 3)), len(edges)


def _eyes(faces: list[dict[str, Any]]) -> str:
    """What the frame's eyes are: the worst of the faces that can be told."""
    states = {each["state"] for each in faces}
    order = ("closed", "one_closed", "looking_down", "laughing", "narrowed", "open", "cant_tell")
    return next((each for each in order if each in states), "none")


def _box(view: View, box: Box) -> list[float]:
    sides = (view.width, view.height, view.width, view.height)
    return [round(min(1.0, max(0.0, each / side)), 4) for each, side in zip(box, sides, strict=True)]


def _known(value: float, digits: int = 3) -> float | None:
    return None if math.isnan(value) else round(value, digits)


def _confidence(found: Faces) -> float:
    """Faces are sure or they are not; eyes near the middle between open and closed are where people differ."""
    if not found.faces:
        return 0.5 if found.unsure else 0.9
    sure = min(each.score for each in found.faces)
    clear = min((abs(eye.openness) for each in found.faces for eye in each.eyes), default=0.0)
    told = 0.5 if any(each.state == "cant_tell" for each in found.faces) else 1.0 - math.exp(-2.0 * clear)
    return round(min(0.97, 0.3 + 0.3 * sure + 0.37 * told), 3)


_EYE_WORDS = {
    "open": "eyes open",
    "narrowed": "eyes half shut",
    "closed": "eyes closed",
    "one_closed": "one eye closed",
    "looking_down": "lids down on a lowered head: looking down",
    "laughing": "lids down over a broad smile: laughing",
}


def _reasons(found: Faces) -> tuple[Reason, ...]:
    told = [_face_reason(each, number) for number, each in enumerate(found.faces, start=1)]
    if not told:
        told.append(Reason("no_face", "no face was found"))
    for each in found.unsure:
        text = f"something like a head ({each.score:.0%}) that shows no face: a profile, a back or too dark"
        told.append(Reason("unsure_face", text, {"score": round(each.score, 3)}, doubt=True))
    return tuple(told)


def _face_reason(face: Face, number: int) -> Reason:
    width = max((each.width_px for each in face.eyes), default=0.0)
    values: dict[str, float | str] = {"score": round(face.score, 3), "eye_px": round(width, 1)}
    known = [each for each in face.eyes if not math.isnan(each.opening)]
    if face.state == "cant_tell":
        text = f"face {number}: can't tell its eyes, {width:.0f} px wide at 100 %"
        return Reason("eyes_unknown", text, values, doubt=True)
    opening = min(each.opening for each in known)
    values["opening"] = round(opening, 3)
    how = f"lids {opening:.2f} eye widths apart, {width:.0f} px wide, head {face.pitch_deg:+.0f} degrees down"
    return Reason(
        f"eyes_{face.state}", f"face {number}: {_EYE_WORDS[face.state]} ({how})", values, face.state != "open"
    )


def _hand_reason(palms: list[Found]) -> tuple[Reason, ...]:
    if not palms:
        return ()
    return (Reason("hands", f"{len(palms)} hand{'s' * (len(palms) > 1)}", {"count": len(palms)}),)


step = Step(
    name="people",
    version=4,  # 4: color of the skin
    stage=Stage.FACTS,
    kind="facts",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Find faces, tell open eyes from closed ones and sharp ones from soft ones, and count hands.",
    automation="Fully automatic; it finds people and never says who they are.",
    task="culling",
    propose=_propose,
)
