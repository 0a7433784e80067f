"""The one face that is worked on: its points, its skin, its spots, at a size that shows both."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.core.step import Picture, Tools
from safelight.models.people.detect import Found, detect, merged
from safelight.models.people.mesh import mesh_of, refined
from safelight.models.people.view import View
from safelight.pixels.color.spaces import WORKING, matrix_between
from safelight.pixels.repair.marks import working_light
from safelight.pixels.skin.blemishes import Blemish, find_blemishes
from safelight.pixels.skin.complexion import Complexion, learn_complexion, skin_share, solid
from safelight.pixels.skin.misgivings import Misgivings, look_for_misgivings
from safelight.pixels.skin.regions import BARE, Regions, around, face_regions, px_per_mm

Float32 = NDArray[np.float32]
Box = tuple[int, int, int, int]

LEAST_SCORE, LEAST_MESH = 0.6, 0.9
_MOST_PX_PER_MM = 4.0  # nearer looks show pores and no more spots
_ROOM_MM = 15.0


@dataclass(frozen=True, eq=False)
class Face:
    """A face as it is worked on.

    Parameters
    ----------
    box : (x0, y0, x1, y1), px of the full-size upright original
    step : int
        Original px per px of what follows.
    light : (H, W, 3) float32, linear Rec.2020
    points : (468, 2) float64, px of `light`
    skin : (H, W) bool
    regions, like, like_working, misgivings
        Parts; the skin's color in linear sRGB and in Rec.2020; what speaks against it.
    spots : tuple of Blemish
        In px of `light`.
    sure : float, 0..1
        Of the face.
    """

    box: Box
    step: int
    light: Float32
    points: NDArray[np.float64]
    skin: NDArray[np.bool_]
    regions: Regions
    like: Complexion
    like_working: Complexion
    misgivings: Misgivings
    spots: tuple[Blemish, ...]
    sure: float

    @property
    def px_per_mm(self) -> float:
        """Original px of a millimeter of skin."""
        return self.regions.px_per_mm * self.step

    def placed(self, x: float, y: float) -> tuple[float, float]:
        """Return px of `light` as px of the full-size original."""
        return self.box[0] + x * self.step, self.box[1] + y * self.step


def sure_faces(view: View) -> tuple[list[tuple[Found, NDArray[np.float64], float]], int]:
    """Return the faces found surely with their points (x, y in px of the work picture), and how many are doubtful."""
    found = merged(detect("face_full_range", view, None, 0.45))
    if not found:
        found = merged(detect("face_short_range", view, None, 0.45))
    kept, doubtful = [], 0
    for each in found:
        mesh = mesh_of(view, each)
        if each.score >= LEAST_SCORE and mesh.score >= LEAST_MESH:
            mesh = refined(view, mesh)
        if each.score >= LEAST_SCORE and mesh.score >= LEAST_MESH:
            kept.append((each, mesh.points[:, :2], each.score * mesh.score))
        else:
            doubtful += 1
    return kept, doubtful


def see_face(picture: Picture, tools: Tools, points: NDArray[np.float64], sure: float) -> Face | None:
    """Look closely at one face; None where its skin shows no color to learn."""
    full = points * picture.reduction
    unit = px_per_mm(full)
    low = np.maximum(0, np.floor(full.min(axis=0) - _ROOM_MM * unit)).astype(int)
    high = np.minimum(picture.full_size, np.ceil(full.max(axis=0) + _ROOM_MM * unit)).astype(int)
    step = max(1, int(unit / _MOST_PX_PER_MM))
    size = (high - low) // step
    if (size < 16).any():
        return None
    box = (int(low[0]), int(low[1]), int(low[0] + size[0] * step), int(low[1] + size[1] * step))
    (crop,) = tools.crops([box])
    light = working_light(crop.pixels, crop.space)
    if step > 1:
        small = cv2.resize(light, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
        light = np.asarray(small, np.float32)
    light = np.ascontiguousarray(np.nan_to_num(light, nan=0.0, posinf=1.0, neginf=0.0))
    own = (full - low) / step
    shape = (light.shape[0], light.shape[1])
    regions = face_regions(own, shape)
    bare = around(own, BARE, 3.0 * regions.px_per_mm, shape) & regions.oval & ~regions.apart
    srgb = np.asarray(cv2.transform(light, matrix_between(WORKING, "linear_srgb").astype(np.float32)), np.float32)
    like, like_working = learn_complexion(srgb, bare), learn_complexion(light, bare, WORKING)
    if like is None or like_working is None:
        return None
    share = skin_share(srgb, like)
    skin = solid(np.where(regions.apart, np.float32(0), share), 2.0 * regions.px_per_mm) & regions.oval & ~regions.apart
    misgivings = look_for_misgivings(srgb, own, regions, share, like)
    spots = tuple(find_blemishes(srgb, skin, skin & ~regions.creased, regions.px_per_mm))
    return Face(box, step, light, own, skin, regions, like, like_working, misgivings, spots, sure)
