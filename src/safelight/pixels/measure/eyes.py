"""Are the eyes open: lids and cascade as two witnesses, held against the turn of the head and the mouth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

EyeState = Literal["open", "narrowed", "closed", "cant_tell"]
FaceState = Literal["open", "narrowed", "closed", "one_closed", "looking_down", "laughing", "cant_tell"]

# Between open and closed: lids in widths of the eye, hits of the cascade. A quarter of the way to either side of it a
# witness is sure. Set on one half of the measured faces, see the step's README.
_MIDDLE_OPENING, _SPREAD_OPENING = 0.24, 0.05
_MIDDLE_HITS, _SPREAD_HITS = 42.0, 20.0
_SURE = 0.5
# The mesh's forehead lies 8 degrees before its chin on a head held straight (median of the measured faces).
_STRAIGHT_DEG = 8.0
_DOWN_DEG = 14.0
_SMILE = 0.66


@dataclass(frozen=True)
class Head:
    """How a head is held: degrees; `pitch_deg` downward, `yaw_deg` to the picture's right, both 0 when straight."""

    pitch_deg: float
    yaw_deg: float


@dataclass(frozen=True)
class EyeSeen:
    """One eye: its width at 100 %, how far the lids are apart in widths of it, and what the cascade said."""

    width_px: float
    opening: float
    hits: int
    openness: float
    state: EyeState


def head_of(points: NDArray[np.float64]) -> Head:
    """Return how a head is held, from its mesh.

    Parameters
    ----------
    points : (468, 3) float64
        x to the right, y down, z toward the back, in one unit.

    Examples
    --------
    >>> points = np.zeros((468, 3))
    >>> points[152, 1], points[454, 0] = 1.0, 1.0  # chin below the forehead, one cheek right of the other
    >>> points[234, 0] = -1.0
    >>> round(head_of(points).yaw_deg), round(head_of(points).pitch_deg)
    (0, -8)
    """
    down, across = points[152] - points[10], points[454] - points[234]
    pitch = math.degrees(math.atan2(down[2], math.hypot(down[0], down[1])))
    yaw = math.degrees(math.atan2(across[2], math.hypot(across[0], across[1])))
    return Head(pitch - _STRAIGHT_DEG, yaw)


def smile_of(points: NDArray[np.float64]) -> float:
    """Return the mouth's width in distances between the outer corners of the eyes: 0.6 at rest, 0.7 in a laugh."""
    eyes = float(np.linalg.norm(points[33] - points[263]))
    return float(np.linalg.norm(points[61] - points[291])) / eyes if eyes > 0 else 0.0


def lid_opening(
    corners: NDArray[np.float64], upper: NDArray[np.float64], lower: NDArray[np.float64], head: Head
) -> float:
    """Return how far the lids are apart, in widths of the eye, as if the head were held straight.

    Parameters
    ----------
    corners : (2, 2), upper, lower : (n, 2), any unit
        Points of the lower lid lie beneath those of the upper.
    head : Head
        A head that is turned shows its eyes narrower, one that is lowered shows them lower; both are undone, to 45
        degrees.

    References
    ----------
    T. Soukupova and J. Cech, Real-time eye blink detection using facial landmarks, Computer Vision Winter Workshop
    (2016): the eye aspect ratio.

    Examples
    --------
    >>> at = np.array
    >>> round(lid_opening(at([[0.0, 0], [10, 0]]), at([[5.0, -2]]), at([[5.0, 1]]), Head(0, 0)), 2)
    0.3
    """
    width = float(np.linalg.norm(corners[1] - corners[0]))
    if width <= 0:
        return 0.0
    height = float(np.linalg.norm(upper - lower, axis=1).mean())
    yaw, pitch = (math.cos(math.radians(min(abs(each), 45.0))) for each in (head.yaw_deg, head.pitch_deg))
    return height / width * yaw / pitch


def count_hits(patch: NDArray[np.float32]) -> int:
    """Count at how many places and sizes the eye cascade takes a patch for an open eye.

    Parameters
    ----------
    patch : (64, 64, 3) float32, sRGB code values 0..1
        Upright, centered on the eye, 2.3 times as wide as it.

    References
    ----------
    P. Viola and M. Jones, Rapid object detection using a boosted cascade of simple features, CVPR (2001); the cascade
    is the one that comes with OpenCV, asked without merging its hits.
    """
    gray = np.rint(np.clip(patch @ np.array([0.2126, 0.7152, 0.0722], np.float32), 0, 1) * 255).astype(np.uint8)
    found = _cascade().detectMultiScale(gray, 1.1, 0, minSize=(24, 24), maxSize=(54, 54))
    return len(found)


def cascade_file(name: str) -> Path:
    """Return where OpenCV keeps a Haar cascade that comes with it."""
    return Path(cv2.__file__).parent / "data" / name


@cache
def _cascade() -> Any:  # noqa: ANN401 - cv2 has no types here
    return cv2.CascadeClassifier(str(cascade_file("haarcascade_eye.xml")))


def see_eye(width_px: float, opening: float, hits: int, least_px: float) -> EyeSeen:
    """Judge one eye; narrower than `least_px` at 100 % nobody can tell.

    Examples
    --------
    >>> see_eye(80, 0.33, 70, 16).state, see_eye(80, 0.12, 8, 16).state, see_eye(9, 0.33, 70, 16).state
    ('open', 'closed', 'cant_tell')
    """
    by_lids = float(np.clip((opening - _MIDDLE_OPENING) / _SPREAD_OPENING, -2.0, 2.0))
    by_hits = float(np.clip((hits - _MIDDLE_HITS) / _SPREAD_HITS, -2.0, 2.0))
    openness = (by_lids + by_hits) / 2.0
    state: EyeState = "open" if openness > _SURE else "closed" if openness < -_SURE else "narrowed"
    return EyeSeen(width_px, opening, hits, openness, "cant_tell" if width_px < least_px else state)


def main_face(people: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the face that a frame is of, the largest; None where its nearest eye cannot be judged.

    Parameters
    ----------
    people : mapping
        The facts of the step ``people``. `eye_blur_px` of the face is the blur of that eye, px at 100 %.

    Examples
    --------
    >>> near, far = {"height_px": 400, "eye_blur_px": 0.5}, {"height_px": 90, "eye_blur_px": 3.0}
    >>> main_face({"faces": [far, near]})["eye_blur_px"], main_face({"faces": []})
    (0.5, None)
    """
    face = max(people.get("faces", ()), key=lambda each: float(each.get("height_px") or 0.0), default=None)
    return None if face is None or face.get("eye_blur_px") is None else face


def judge_face(eyes: Sequence[EyeSeen], head: Head, smile: float) -> FaceState:
    """Tell a blink from a glance down and from a laugh.

    An eye that the turn of the head makes less than 0.6 times as wide as the
    other has no say. Lids that are down on a lowered head are a glance down; in
    a laugh the cheeks push the eyes shut.
    """
    widest = max((each.width_px for each in eyes), default=0.0)
    states = [each.state for each in eyes if each.width_px >= 0.6 * widest]
    if not states or "cant_tell" in states:
        return "cant_tell"
    if set(states) == {"open"}:
        return "open"
    if set(states) == {"closed", "open"}:
        return "one_closed"
    if smile > _SMILE:
        return "laughing"
    if head.pitch_deg > _DOWN_DEG:
        return "looking_down"
    return "closed" if set(states) == {"closed"} else "narrowed"
