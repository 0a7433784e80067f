"""From what was seen on a face to repairs: spots with their sources, and fields with the parts they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Artifact, Reason
from safelight.core.step import Tools
from safelight.pixels.repair.ease import Ease
from safelight.pixels.repair.marks import working_light
from safelight.pixels.repair.mend import Mend
from safelight.pixels.repair.record import Repair, outside_hash, pack_repairs, unpack_repairs
from safelight.pixels.repair.sourcing import source_spots
from safelight.pixels.repair.spots import Spot
from safelight.pixels.skin.blemishes import Blemish
from safelight.pixels.skin.evening import even_tone, skin_weight
from safelight.pixels.skin.whites import eyes_field, teeth_field
from safelight.steps.skin.face import Face

Box = tuple[int, int, int, int]
_GRID_PX_PER_MM = 1.2  # of a field that is smooth over 2 mm


def spot_of(spot: Blemish, face: Face) -> Spot:
    """Return a blemish as what is healed, in px of the full-size original."""
    return Spot((face.placed(spot.x, spot.y),), spot.radius_px * face.step, spot.kind)


def sourced(spots: Sequence[Spot], size: tuple[int, int], tools: Tools, faces: Sequence[Face]) -> list[Mend]:
    """Return the repairs of spots, each healed from skin beside it; those without a source are left out."""

    def kept_off(box: Box) -> NDArray[np.bool_]:
        """What is no skin, and every mole that stays, where a face was looked at."""
        away = np.zeros((box[3] - box[1], box[2] - box[0]), np.bool_)
        for face in faces:
            left, top = max(box[0], face.box[0]), max(box[1], face.box[1])
            right, bottom = min(box[2], face.box[2]), min(box[3], face.box[3])
            if right <= left or bottom <= top:
                continue
            rows = (np.arange(top, bottom) - face.box[1]) // face.step
            cols = (np.arange(left, right) - face.box[0]) // face.step
            away[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] |= _taken(face)[np.ix_(rows, cols)]
        return away

    found = source_spots(
        spots, size, lambda boxes: [working_light(e.pixels, e.space) for e in tools.crops(boxes)], kept_off
    )
    return [each[0] for each in found if each is not None]


def _taken(face: Face) -> NDArray[np.bool_]:
    return ~face.skin | _spot_mask(face)


def _spot_mask(face: Face) -> NDArray[np.bool_]:
    mask = np.zeros(face.skin.shape, np.uint8)
    for each in face.spots:
        if each.likely >= 0.3:
            cv2.circle(mask, (int(each.x), int(each.y)), round(each.radius_px), 1, -1)
    return np.asarray(mask > 0, np.bool_)


def eases_of(face: Face, strengths: Mapping[str, float], number: int) -> tuple[list[Ease], list[Reason]]:
    """Return the fields of one face and what is to be said of each."""
    made: list[Ease] = []
    said: list[Reason] = []
    unit = face.regions.px_per_mm
    asked = {name: strengths[name] for name in ("tone", "light", "shine")}
    if any(asked.values()):
        weight = skin_weight(face.skin, _spot_mask(face), unit)
        how = {"color": asked["tone"], "shade": asked["light"], "shine": asked["shine"]}
        field = even_tone(face.light, weight, unit, like=face.like_working, **how)
        made.append(_as_ease(field, face, "skin", min(1.0, _GRID_PX_PER_MM / unit)))
        moved = np.abs(field).max(axis=2)[weight > 0.5]
        typical = float(np.percentile(moved, 90)) if len(moved) else 0.0
        text = f"face {number}: skin evened by up to {typical:.2f} stops on nine tenths of it, over 2 mm and more"
        said.append(Reason("evened", text, {"stops": round(typical, 3)}))
    for name, field_of, lacks in (
        ("teeth", teeth_field, "no row of teeth shows"),
        ("eyes", eyes_field, "the whites of the eyes are too small to be told"),
    ):
        if strengths[name] <= 0:
            continue
        small = field_of(face.light, face.points, unit, strengths[name], face.like_working)
        if small is None:
            said.append(Reason(f"no_{name}", f"face {number}: {lacks}", doubt=True))
            continue
        made.append(_cut(small, face, name))
        said.append(Reason(name, f"face {number}: {name} by {float(np.abs(small).max()):.2f} stops at most"))
    return made, said


def _as_ease(field: NDArray[np.float32], face: Face, label: str, share: float) -> Ease:
    size = (max(2, round(field.shape[1] * share)), max(2, round(field.shape[0] * share)))
    small = field if share >= 1 else cv2.resize(field, size, interpolation=cv2.INTER_AREA)
    return Ease(face.box, np.ascontiguousarray(small, np.float32), label)


def _cut(field: NDArray[np.float32], face: Face, label: str) -> Ease:
    """The part of a field that is not 0, with a px around."""
    moved = np.abs(field).max(axis=2) > 0
    rows, cols = (np.flatnonzero(moved.any(axis=axis)) for axis in (1, 0))
    y0, y1 = max(0, int(rows[0]) - 1), min(field.shape[0], int(rows[-1]) + 2)
    x0, x1 = max(0, int(cols[0]) - 1), min(field.shape[1], int(cols[-1]) + 2)
    (left, top), (right, bottom) = face.placed(x0, y0), face.placed(x1, y1)
    return Ease((int(left), int(top), int(right), int(bottom)), np.ascontiguousarray(field[y0:y1, x0:x1]), label)


def keep(mends: Sequence[Mend], eases: Sequence[Ease], size: tuple[int, int], tools: Tools) -> dict[str, Artifact]:
    """Keep repairs as an edit's artifact, with the hash of every pixel that none of them touches."""
    if not mends and not eases:
        return {}
    # As they will be read: fields are kept in ten-thousandths of a stop.
    whole: tuple[Repair, ...] = unpack_repairs(pack_repairs([*mends, *eases], size))
    kept = pack_repairs(whole, size, outside_hash(tools.full().pixels, whole))
    return {"repairs": tools.put("repairs", kept, "application/json")}
