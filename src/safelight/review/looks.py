"""What a person must have had before their eyes at 200 % before approving a version (R6, R7, R82)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from safelight.core.batch import FileState
from safelight.core.facts import NewFact
from safelight.errors import GateClosedError

SHOWN = "version.shown"  # version: places (id, box in 0..1 of the version, percent, share that was on the screen)
# An edge is doubtful below this confidence of the cutout, as the lanes of the house guide are for spot checks.
SURE_EDGE = 0.9
PERCENT = 200
# Of a place: a corner that the window's frame hides is no reason to send somebody back.
SHARE = 0.9
_TINY = 0.01  # of the frame: what the crop leaves of a place that it cut away
_ROOM = 0.02  # of the frame: a healed spot is judged by what lies around it
_NAMED = 5

# What a repair says of the places that it changed on people (R92, R93), and how a reviewer reads it.
_ON_PEOPLE = {"on_hand": "a hand that was changed", "in_hair": "hair that was changed"}

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Look:
    """A place of a version that deserves a look.

    Parameters
    ----------
    id : str
        ``"halo:rim:0"`` for evidence of a check, ``"edge:0"``, ``"skin:0"``.
    box : (x0, y0, x1, y1)
        In 0..1 of the version's width and height.
    text : str
        What is there, in words.
    must : bool
        True if nobody approves the version without having seen it, at `percent` or more.
    percent : int
        200 shows each pixel as two by two; 1 is any size.
    """

    id: str
    box: Box
    text: str
    must: bool
    percent: int = PERCENT

    @property
    def told(self) -> str:
        """Say it with its size: ``the edge, upper left at 200 %``."""
        return self.text if self.percent <= 1 else f"{self.text} at {self.percent} %"


def looks_of(file: FileState, faces: Iterable[Sequence[float]], edges: Iterable[Sequence[float]]) -> list[Look]:
    """Return the places that deserve a look: what checks doubt, unsure edges, changed hands and hair, skin.

    Parameters
    ----------
    file : FileState
        With its whole edit and its verdicts.
    faces, edges : iterables of (x0, y0, x1, y1)
        In 0..1 of the upright original: faces that intake found, and the softest places of the cutout's edge, which
        count where the cutout is less than `SURE_EDGE` sure.
    """
    found = [each for verdict in file.judged.get("verdicts", ()) for each in _of_verdict(verdict)]
    if is_unsure_edge(file):
        found += _painted(file, edges, "edge", "the edge")
    changed = [each for code, what in _ON_PEOPLE.items() for each in _painted(file, _told(file, code), code, what)]
    return found + changed + _painted(file, faces, "skin", "skin")


def is_unsure_edge(file: FileState) -> bool:
    """Say whether the cutout is less sure of its edge than spares a look at 200 %."""
    told = [each.get("confidence") for each in cutouts(file)]
    return any(each is not None and float(each[0]) < SURE_EDGE for each in told)


def cutouts(file: FileState) -> list[Mapping[str, Any]]:
    """Return the cutouts of a version's edit, with what they carry."""
    steps = file.made.get("edit", {}).get("steps", ())
    return [each for each in steps if each["step"] == "cutout"]


def unseen(looks: Iterable[Look], shown: Iterable[Mapping[str, Any]]) -> list[Look]:
    """Return the places that must be seen and were not.

    Parameters
    ----------
    looks : iterable of Look
    shown : iterable of mapping
        What was on the screen: ``id``, ``percent`` and ``share`` of each place.

    Examples
    --------
    >>> edge = Look("edge:0", (0.0, 0.0, 0.2, 0.2), "the edge, upper left", must=True)
    >>> unseen([edge], [{"id": "edge:0", "percent": 200, "share": 1.0}])
    []
    >>> [each.id for each in unseen([edge], [{"id": "edge:0", "percent": 100, "share": 1.0}])]
    ['edge:0']
    """
    seen = largest_shown(shown)
    return [each for each in looks if each.must and seen.get(each.id, 0) < each.percent]


def largest_shown(shown: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the largest zoom, in percent, at which most of each place was on the screen, by the place's id."""
    seen: dict[str, int] = {}
    for each in shown:
        if each["share"] >= SHARE:
            seen[str(each["id"])] = max(seen.get(str(each["id"]), 0), int(each["percent"]))
    return seen


def require_seen(path: str, looks: Iterable[Look], shown: Iterable[Mapping[str, Any]]) -> None:
    """Refuse an approval by somebody who has not had the places at stake before their eyes.

    Raises
    ------
    GateClosedError
        Naming the places that are missing.
    """
    missing = unseen(looks, shown)
    if not missing:
        return
    named = "; ".join(f"{each.text} ({each.id})" for each in missing[:_NAMED])
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    count = "1 place" if len(missing) == 1 else f"{len(missing)} places"
    raise GateClosedError(
        f"{path} can't be approved before {count} of it were seen at {PERCENT} %: {named}{more}; "
        "look at them and approve again, or send in `shown` what was on the screen"
    )


def shown_fact(batch: str, version: str, places: Sequence[Mapping[str, Any]], actor: Any) -> NewFact:  # noqa: ANN401
    """Return the fact that somebody had places of a version on the screen."""
    return NewFact(SHOWN, version, {"places": [dict(each) for each in places]}, actor, batch)


def _of_verdict(verdict: Mapping[str, Any]) -> list[Look]:
    words = {each["name"]: each["word"] for each in verdict.get("measures", ())}
    made = []
    for n, each in enumerate(verdict.get("evidence", ())):
        word = words.get(each["measure"], verdict["word"])
        told = each["text"] or f"{verdict['check']} {each['measure']}".replace("_", " ")
        name = f"{verdict['check']}:{each['measure']}:{n}"
        made.append(Look(name, _box(each["box"]), told, must=word != "pass"))
    return made


def _told(file: FileState, code: str) -> list[Box]:
    """Return the places that an edit's steps name in reasons of a code, with room around, in 0..1 of the original."""
    steps = file.made.get("edit", {}).get("steps", ())
    told = [why["values"] for step in steps for why in step.get("reasons", ()) if why["code"] == code]
    return [_box((at["x0"] - _ROOM, at["y0"] - _ROOM, at["x1"] + _ROOM, at["y1"] + _ROOM)) for at in told]


def _painted(file: FileState, places: Iterable[Sequence[float]], name: str, what: str) -> list[Look]:
    """Return places of the original where the version shows them; what the crop cut away is nobody's concern."""
    boxes = [_on_version(file, each) for each in places]
    return [
        Look(f"{name}:{n}", box, f"{what}, {_whereabouts(box)}", must=True)
        for n, box in enumerate(boxes)
        if box[2] - box[0] >= _TINY and box[3] - box[1] >= _TINY
    ]


def _on_version(file: FileState, place: Sequence[float]) -> Box:
    made, measured = file.made, file.measured
    to_original = np.asarray(made.get("geometry") or np.eye(3), np.float64)
    size = (measured.get("width") or 1, measured.get("height") or 1)
    corners = np.asarray([[place[0] * size[0], place[1] * size[1], 1.0], [place[2] * size[0], place[3] * size[1], 1.0]])
    x, y, w = np.linalg.inv(to_original) @ corners.T
    width, height = made.get("width") or 1, made.get("height") or 1
    return _box((min(x / w) / width, min(y / w) / height, max(x / w) / width, max(y / w) / height))


def _box(values: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (min(1.0, max(0.0, float(each))) for each in values)
    return x0, y0, x1, y1


def _whereabouts(box: Box) -> str:
    """Say where on the frame a box lies: ``upper left``, ``middle``."""
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    row = "upper" if down < 1 / 3 else "lower" if down > 2 / 3 else ""
    column = "left" if across < 1 / 3 else "right" if across > 2 / 3 else ""
    return " ".join(filter(None, (row, column))) or "middle"
