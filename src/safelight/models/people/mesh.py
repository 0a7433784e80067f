"""The points of one face: the mesh, and each eye's lids and iris on a crop of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelight.models.people.detect import Found
from safelight.models.people.view import View
from safelight.models.sessions import open_session

Points = NDArray[np.float64]

# Points of the mesh by number (MediaPipe's canonical face): outer and inner corner, upper lid, lower lid beneath it.
EYES = (
    {"corners": (33, 133), "upper": (160, 159, 158), "lower": (144, 145, 153)},
    {"corners": (362, 263), "upper": (385, 386, 387), "lower": (380, 374, 373)},
)
# Of the iris model's contour: 0 to 8 along the lower lid from corner to corner, 9 to 15 along the upper.
_CONTOUR = {"corners": (0, 8), "upper": (11, 12, 13), "lower": (3, 4, 5)}
_FACE_MARGIN = 1.5  # as the published graph crops it
_EYE_MARGIN = 2.3


@dataclass(frozen=True)
class Eye:
    """One eye in px of the work picture: corners (2, 2), upper and lower lid (3, 2) each; and the patch of the eye.

    `mesh_upper` and `mesh_lower` are the same lids as the mesh has them, before the closer look.
    """

    corners: Points
    upper: Points
    lower: Points
    mesh_upper: Points
    mesh_lower: Points
    patch: NDArray[np.float32]

    @property
    def width(self) -> float:
        """From corner to corner."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))


@dataclass(frozen=True)
class Mesh:
    """A face's 468 points (x, y in px of the work picture, z toward the back, same unit) and how sure they are."""

    points: Points
    score: float
    eyes: tuple[Eye, Eye]
    turn_rad: float


def mesh_of(view: View, face: Found) -> Mesh:
    """Find the points of a face that a detector found; its first two points are the eyes."""
    across = face.points[1] - face.points[0]
    turn = math.atan2(across[1], across[0])
    middle = np.array([(face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2])
    points, sure = _points(view, middle, face.side * _FACE_MARGIN, turn)
    return Mesh(points, sure, (_eye(view, points, 0, turn), _eye(view, points, 1, turn)), turn)


def refined(view: View, mesh: Mesh) -> Mesh:
    """Find the points once more in a crop laid by the points themselves: on turned heads the box is beside the face."""
    flat = mesh.points[:, :2]
    across = flat[EYES[1]["corners"][1]] - flat[EYES[0]["corners"][0]]
    turn = math.atan2(across[1], across[0])
    middle = (flat.min(axis=0) + flat.max(axis=0)) / 2
    points, sure = _points(view, middle, float(np.ptp(flat, axis=0).max()) * _FACE_MARGIN, turn)
    return Mesh(points, sure, (_eye(view, points, 0, turn), _eye(view, points, 1, turn)), turn)


def _points(view: View, middle: Points, side: float, turn: float) -> tuple[Points, float]:
    """The mesh of what a turned square shows, and its probability."""
    session = open_session("face_mesh")
    out = session.model.input.width
    patch, to_work = view.patch(middle, side, turn, out)
    numbers, score = session.run(patch)
    inside = numbers.reshape(-1, 3).astype(np.float64)
    points = np.hstack([_carried(to_work, inside[:, :2]), inside[:, 2:] * side / out])
    return points, 1.0 / (1.0 + math.exp(-float(np.clip(score.ravel()[0], -60, 60))))


def _eye(view: View, points: Points, number: int, turn: float) -> Eye:
    """The iris model was made for the eye on the picture's left; the other is shown to it in a mirror."""
    session = open_session("iris")
    out = session.model.input.width
    names = EYES[number]
    corners = points[list(names["corners"]), :2]
    side = float(np.linalg.norm(corners[1] - corners[0])) * _EYE_MARGIN
    patch, to_work = view.patch(corners.mean(axis=0), max(side, 1e-3), turn, out)
    mirrored = number == 1
    contour, _ = session.run(np.ascontiguousarray(patch[:, ::-1]) if mirrored else patch)
    lids = _carried(to_work, _unmirrored(contour, out, mirrored=mirrored))
    ends = lids[list(_CONTOUR["corners"])]
    return Eye(
        corners=ends[::-1] if mirrored else ends,
        upper=lids[list(_CONTOUR["upper"])],
        lower=lids[list(_CONTOUR["lower"])],
        mesh_upper=points[list(names["upper"]), :2],
        mesh_lower=points[list(names["lower"]), :2],
        patch=patch,
    )


def _unmirrored(numbers: NDArray[np.float32], out: int, *, mirrored: bool) -> Points:
    points = numbers.reshape(-1, 3)[:, :2].astype(np.float64)
    if mirrored:
        points[:, 0] = out - points[:, 0]
    return points


def _carried(matrix: Points, points: Points) -> Points:
    return points @ matrix[:, :2].T + matrix[:, 2]
