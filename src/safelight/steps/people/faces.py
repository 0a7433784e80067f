"""Where the faces are: the whole frame first, then nearer in tiles where people stand far away; Haar without models."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.models.people.detect import Found, detect, merged, overlap
from safelight.models.people.mesh import Mesh, mesh_of
from safelight.models.people.view import Box, View
from safelight.pixels.measure.eyes import (
    EyeSeen,
    FaceState,
    cascade_file,
    head_of,
    judge_face,
    lid_opening,
    see_eye,
    smile_of,
)
from safelight.pixels.measure.eyes import count_hits as _count_hits

_LEAST_SCORE = 0.45
# The faces measured had 0.99 and more on the mesh's own scale, but for a dark one; of 75 other things one had over 0.8.
_LEAST_MESH = 0.8
_LEAST_TOGETHER = 0.72  # and that one had a detector's probability of 0.49
_UNSURE_SCORE = 0.6
# A face must be 10 of the 192 px that the full-range detector looks at.
_FACES_PER_TILE = 19.0
_TILE_OVERLAP = 0.2
_MOST_FACES = 12
# 69 faces turned by 90 to 180 degrees reach 0.77 where their roll is below 45; 51 upright ones have 0.776 and more.
_LEAST_UPRIGHT = 0.775
_MOST_ROLL_DEG = 45.0
_SAME_FACE = 0.3
# Less unevenness than this over a tile, in code values 0..1, is backdrop.
_EVEN = 0.02


@dataclass(frozen=True)
class Face:
    """One face: how sure, where (px of the work picture), and, where that could be told, its eyes and its bearing."""

    score: float
    box: Box
    eyes: tuple[EyeSeen, ...] = ()
    state: FaceState = "cant_tell"
    pitch_deg: float = float("nan")
    yaw_deg: float = float("nan")
    roll_deg: float = float("nan")
    smile: float = float("nan")
    nearest: Box | None = None


@dataclass(frozen=True)
class Faces:
    """Faces, most probable first, and heads that the mesh did not confirm: profiles, backs, dark ones."""

    faces: tuple[Face, ...]
    unsure: tuple[Found, ...]
    tiles: int


def find_faces(view: View, *, least_eye_px: float, least_face_px: float, search: bool) -> Faces:
    """Find the faces of a frame with the models of the registry.

    Parameters
    ----------
    least_eye_px : float, px at 100 %
        Eyes narrower than that can't be told open from closed.
    least_face_px : float, px at 100 %
        How small a face the search in tiles goes down to.
    search : bool
        Whether to search in tiles when the whole frame shows no face.
    """
    # The full-range model finds nearly all; the other is asked where it found none: very near faces.
    found = detect("face_full_range", view, None, _LEAST_SCORE)
    faces, unsure = _confirmed(view, found, least_eye_px)
    if not faces:
        found = merged([*found, *detect("face_short_range", view, None, _LEAST_SCORE)])
        faces, unsure = _confirmed(view, found, least_eye_px)
    tiles = 0
    tile = max(view.width, view.height) / 2.5
    while search and not faces and tile > least_face_px / view.reduction * _FACES_PER_TILE / 2.5 and tile > 48:
        boxes = [each for each in _tiles(view, tile) if not _is_even(view, each)]
        tiles += len(boxes)
        seen = merged([one for each in boxes for one in detect("face_full_range", view, each, _LEAST_SCORE)])
        faces, more = _confirmed(view, seen, least_eye_px)
        unsure = (*unsure, *more)
        tile /= 2.5
    return Faces(faces, unsure, tiles)


def find_faces_by_cascade(view: View, *, least_eye_px: float) -> Faces:
    """Find upright, frontal faces with OpenCV's Haar cascade: no weights needed, more errors, no lids."""
    side = 640
    square, scale, (x, y) = view.fitted(side)
    gray = np.rint(np.clip(square @ np.array([0.2126, 0.7152, 0.0722], np.float32), 0, 1) * 255).astype(np.uint8)
    cascade = cv2.CascadeClassifier(str(cascade_file("haarcascade_frontalface_default.xml")))
    boxes, _, weights = cascade.detectMultiScale3(gray, 1.1, 6, minSize=(32, 32), outputRejectLevels=True)
    faces = []
    for (left, top, width, height), weight in zip(boxes, np.ravel(weights), strict=True):
        # The weight of the last stage: 0 is just accepted, 6 and more are clear faces.
        score = float(np.clip(0.3 + 0.08 * float(weight), 0.3, 0.8))
        box = (left * scale + x, top * scale + y, (left + width) * scale + x, (top + height) * scale + y)
        faces.append(Face(score, box, _eyes_by_cascade(view, box, least_eye_px)))
    return Faces(tuple(sorted(faces, key=lambda each: -each.score)), (), 0)


def _eyes_by_cascade(view: View, box: Box, least_px: float) -> tuple[EyeSeen, ...]:
    """Look where eyes usually are in a face's box; without lids the cascade alone speaks, and only for open eyes."""
    x0, y0, x1, y1 = box
    width = (x1 - x0) * 0.2  # an eye is about a fifth of a face wide
    seen = []
    for place in (0.3, 0.7):
        center = np.array([x0 + place * (x1 - x0), y0 + 0.39 * (y1 - y0)])
        patch, _ = view.patch(center, max(width * 2.3, 1.0), 0.0, 64)
        hits = _count_hits(patch)
        px = width * view.reduction
        judged = see_eye(px, 0.24, hits, least_px)
        state = "open" if judged.state == "open" else "cant_tell"
        seen.append(EyeSeen(px, float("nan"), hits, judged.openness, state))  # type: ignore[arg-type]
    return tuple(seen)


def _confirmed(view: View, found: list[Found], least_eye_px: float) -> tuple[tuple[Face, ...], tuple[Found, ...]]:
    faces, unsure = [], []
    for each in found[:_MOST_FACES]:
        mesh = mesh_of(view, each)
        if mesh.score >= _LEAST_MESH and (each.score + mesh.score) / 2 >= _LEAST_TOGETHER:
            faces.append(_face(view, each, mesh, least_eye_px))
        elif each.score >= _UNSURE_SCORE:
            unsure.append(each)
    return tuple(faces), tuple(unsure)


def _face(view: View, found: Found, mesh: Mesh, least_eye_px: float) -> Face:
    head, smile = head_of(mesh.points), smile_of(mesh.points)
    eyes = tuple(
        see_eye(
            each.width * view.reduction,
            lid_opening(each.corners, each.upper, each.lower, head),
            _count_hits(each.patch),
            least_eye_px,
        )
        for each in mesh.eyes
    )
    state = judge_face(eyes, head, smile)
    if state not in ("open", "cant_tell") and not _is_upright(view, found, mesh):
        state = "cant_tell"
    nearest = max(mesh.eyes, key=lambda each: each.width)
    x, y = nearest.corners.mean(axis=0)
    half = 0.75 * nearest.width
    return Face(
        score=found.score * mesh.score,
        box=found.box,
        eyes=eyes,
        state=state,
        pitch_deg=head.pitch_deg,
        yaw_deg=head.yaw_deg,
        roll_deg=float(np.degrees(mesh.turn_rad)),
        smile=smile,
        nearest=(float(x - half), float(y - half), float(x + half), float(y + half)),
    )


def _is_upright(view: View, found: Found, mesh: Mesh) -> bool:
    """Tell a head that is held upright: on one that hangs down the mesh takes brow or cheek for shut lids.

    The short-range detector knows upright faces only; looking near, it is surer of them.
    """
    if abs(mesh.turn_rad) > math.radians(_MOST_ROLL_DEG):
        return False
    x, y, reach = (found.box[0] + found.box[2]) / 2, (found.box[1] + found.box[3]) / 2, 1.25 * found.side
    near = (max(0.0, x - reach), max(0.0, y - reach), min(view.width, x + reach), min(view.height, y + reach))
    seen = detect("face_short_range", view, near, _LEAST_UPRIGHT)
    return any(overlap(each.box, found.box) > _SAME_FACE for each in seen)


def _tiles(view: View, side: float) -> list[Box]:
    """Overlapping squares over the frame."""

    def starts(length: int) -> NDArray[np.float64]:
        if length <= side:
            return np.zeros(1)
        count = int(np.ceil((length - side) / (side * (1 - _TILE_OVERLAP)))) + 1
        return np.linspace(0, length - side, count)

    return [
        (float(x), float(y), float(min(x + side, view.width)), float(min(y + side, view.height)))
        for y in starts(view.height)
        for x in starts(view.width)
    ]


def _is_even(view: View, box: Box) -> bool:
    small, _, _ = view.fitted(24, box)
    return float(small.std(axis=(0, 1)).max()) < _EVEN
