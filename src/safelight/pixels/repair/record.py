"""Repairs as bytes: what an edit carries, and the proof that nothing else was touched."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight.pixels.repair.ease import Ease
from safelight.pixels.repair.mend import Mend

Repair = Mend | Ease

SCHEMA = 2  # 2: fields of light beside masks and offsets
_ZERO = 32768  # shifts and stops are kept as 16-bit code values around it
_STOP = 8192.0  # code values a stop: a ten-thousandth, up to four of them


def pack_repairs(mends: Sequence[Repair], size: tuple[int, int], outside: str = "") -> bytes:
    """Write repairs as JSON.

    Parameters
    ----------
    mends : sequence of Mend or Ease
    size : (width, height) px
        Of the full-size upright original.
    outside : str
        From `outside_hash`.

    Examples
    --------
    >>> dot = Mend((2, 2, 4, 4), np.full((2, 2), 255, np.uint8), np.array([[[0, 9]]], np.int16))
    >>> again = unpack_repairs(pack_repairs([dot], (20, 20)))
    >>> again[0].box, again[0].shifts.tolist(), bool((again[0].cover == dot.cover).all())
    ((2, 2, 4, 4), [[[0, 9]]], True)
    """
    data: dict[str, Any] = {"schema": 1, "size": list(size), "outside": outside}
    data["mends"] = [_to_data(each) for each in mends if isinstance(each, Mend)]
    eases = [_ease_to_data(each) for each in mends if isinstance(each, Ease)]
    if eases:  # what holds none is written as it always was
        data |= {"schema": SCHEMA, "eases": eases}
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()


def unpack_repairs(data: bytes) -> tuple[Repair, ...]:
    """Read what `pack_repairs` wrote: spots and objects first, then fields, as they are painted.

    Raises
    ------
    ValueError
        If the bytes are no repairs, or of a newer schema.
    """
    try:
        said = json.loads(data)
        if said["schema"] not in (1, SCHEMA):
            raise ValueError(f"these repairs have schema {said['schema']}; this version reads 1 and {SCHEMA}")
        mends = [_from_data(each) for each in said["mends"]]
        return (*mends, *(_ease_from_data(each) for each in said.get("eases", ())))
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"these bytes are no repairs ({error}): propose the step again") from error


def said_outside(data: bytes) -> str:
    """Return the hash of the outside that repairs were kept with."""
    return str(json.loads(data).get("outside", ""))


def outside_hash(pixels: NDArray[Any], mends: Sequence[Repair]) -> str:
    """Return what identifies every pixel that no mask covers.

    Parameters
    ----------
    pixels : (H, W, C) uint8, uint16 or float32
        A picture at full size, upright.
    mends : sequence of Mend or Ease

    Returns
    -------
    str
        SHA-256 over shape, depth and code values, covered pixels counted as 0.

    Notes
    -----
    The same for the picture before and after: a repair that changed one code value elsewhere would change it.
    """
    held = np.array(pixels[..., :3])
    for mend in mends:
        x0, y0, x1, y1 = mend.box
        held[y0:y1, x0:x1][mend.cover > 0] = 0
    digest = hashlib.sha256(f"{held.shape} {held.dtype.name}".encode())
    digest.update(held.tobytes())
    return digest.hexdigest()


def covered_by(mends: Sequence[Repair], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the union of all masks over a frame of (width, height), (H, W) uint8, 255 covered."""
    whole = np.zeros((size[1], size[0]), np.uint8)
    for mend in mends:
        x0, y0, x1, y1 = mend.box
        part = whole[y0:y1, x0:x1]
        np.maximum(part, mend.cover, out=part)
    return whole


def _to_data(mend: Mend) -> Mapping[str, Any]:
    one = mend.shifts.shape[:2] == (1, 1)
    shift: Any = [int(each) for each in mend.shifts[0, 0]] if one else _png(_as_codes(mend.shifts))
    how = {"how": mend.how, "label": mend.label}
    return {"box": [int(each) for each in mend.box], "cover": _png(mend.cover), "shift": shift} | how


def _from_data(said: Mapping[str, Any]) -> Mend:
    x0, y0, x1, y1 = (int(each) for each in said["box"])
    cover = _picture(said["cover"])
    if cover.shape != (y1 - y0, x1 - x0):
        raise ValueError(f"a repair's mask is {cover.shape} in a box of {(y1 - y0, x1 - x0)}: propose the step again")
    if isinstance(said["shift"], str):
        codes = _picture(said["shift"]).astype(np.int32)
        shifts = (codes[..., 1:3] - _ZERO).astype(np.int16)
    else:
        shifts = np.array(said["shift"], np.int16).reshape(1, 1, 2)
    return Mend((x0, y0, x1, y1), np.asarray(cover, np.uint8), shifts, said["how"], said["label"])


def _ease_to_data(ease: Ease) -> Mapping[str, Any]:
    codes = np.clip(np.rint(ease.stops * np.float32(_STOP)) + _ZERO, 0, 65535).astype(np.uint16)
    return {"box": [int(each) for each in ease.box], "stops": _png(codes), "label": ease.label}


def _ease_from_data(said: Mapping[str, Any]) -> Ease:
    x0, y0, x1, y1 = (int(each) for each in said["box"])
    if x1 <= x0 or y1 <= y0:
        raise ValueError(f"a field covers a box of {x1 - x0} x {y1 - y0} px: propose the step again")
    stops = (_picture(said["stops"]).astype(np.float32) - np.float32(_ZERO)) / np.float32(_STOP)
    return Ease((x0, y0, x1, y1), np.ascontiguousarray(stops, np.float32), said["label"])


def _as_codes(shifts: NDArray[np.int16]) -> NDArray[np.uint16]:
    codes = np.zeros((*shifts.shape[:2], 3), np.uint16)
    codes[..., 1:] = shifts.astype(np.int32) + _ZERO
    return codes


def _png(pixels: NDArray[Any]) -> str:
    _, data = cv2.imencode(".png", pixels)
    return base64.b64encode(data.tobytes()).decode()


def _picture(text: str) -> NDArray[Any]:
    found = cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise ValueError("a repair's mask is no picture: propose the step again")
    return np.asarray(found)
