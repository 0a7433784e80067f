"""Faces and palms: what the single-shot detectors say, turned into boxes and points of the frame."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from safelight.models.people.view import Box, View
from safelight.models.sessions import Session, open_session

# Rows of anchors by the model's stride; from the graphs published with the models (MediaPipe 0.10.21).
_STRIDES: dict[str, tuple[int, ...]] = {
    "face_short_range": (8, 16, 16, 16),
    "face_full_range": (4,),
    "palm": (8, 16, 16, 16),
}
_SAME = 0.3  # overlap from which two boxes are one; the published graphs' own value


@dataclass(frozen=True)
class Found:
    """One thing found: its probability, its box and its points, in px of the work picture."""

    score: float
    box: Box
    points: NDArray[np.float64]

    @property
    def side(self) -> float:
        """The longer side of the box."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


def detect(name: str, view: View, box: Box | None, least: float) -> list[Found]:
    """Return what the model `name` finds in a part of the frame (or all of it), as probable as `least` or more."""
    session = open_session(name)
    square, scale, corner = view.fitted(session.model.input.width, box)
    return [_placed(each, scale, corner) for each in _decoded(session, square, least)]


def merged(found: Sequence[Found]) -> list[Found]:
    """Return the most probable of those that overlap, most probable first."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: -one.score):
        if all(overlap(each.box, other.box) < _SAME and not _holds(other.box, each.box) for other in kept):
            kept.append(each)
    return kept


def overlap(a: Box, b: Box) -> float:
    """Return the area that two boxes share, as a share of what they cover together.

    Examples
    --------
    >>> overlap((0, 0, 2, 2), (1, 0, 3, 2))
    0.3333333333333333
    """
    shared = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    total = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / total if total > 0 else 0.0


def _holds(outer: Box, inner: Box) -> bool:
    """Tell whether the middle of `inner` lies in the middle half of `outer`: a part found once more in a tile."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    width, height = (outer[2] - outer[0]) / 4, (outer[3] - outer[1]) / 4
    return outer[0] + width < x < outer[2] - width and outer[1] + height < y < outer[3] - height


def _decoded(session: Session, square: NDArray[np.float32], least: float) -> list[Found]:
    side = session.model.input.width
    values, scores = session.run(square)
    probability = 1.0 / (1.0 + np.exp(-np.clip(scores.ravel().astype(np.float64), -60, 60)))
    chosen = probability >= least
    anchors = _anchors(side, _STRIDES[session.model.name])[chosen] * side
    numbers = values[chosen].astype(np.float64)
    middle, half = numbers[:, :2] + anchors, numbers[:, 2:4] / 2
    points = numbers[:, 4:].reshape(len(numbers), (values.shape[1] - 4) // 2, 2) + anchors[:, None]
    boxes = np.hstack([middle - half, middle + half])
    return merged(
        [
            Found(float(p), (float(b[0]), float(b[1]), float(b[2]), float(b[3])), at)
            for p, b, at in zip(probability[chosen], boxes, points, strict=True)
            if b[2] > b[0] and b[3] > b[1]
        ]
    )


def _placed(found: Found, scale: float, corner: tuple[float, float]) -> Found:
    x, y = corner
    x0, y0, x1, y1 = found.box
    box = (x0 * scale + x, y0 * scale + y, x1 * scale + x, y1 * scale + y)
    return Found(found.score, box, found.points * scale + np.array(corner))


@cache
def _anchors(side: int, strides: tuple[int, ...]) -> NDArray[np.float64]:
    """Centers 0..1: layers of one stride share their cells, two anchors each; a single layer has one."""
    layers = []
    for stride, same in itertools.groupby(strides):
        cells = side // stride
        each = len(list(same)) * (2 if len(strides) > 1 else 1)
        rows, columns = np.mgrid[0:cells, 0:cells]
        centers = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) / cells
        layers.append(np.repeat(centers, each, axis=0))
    return np.concatenate(layers)
