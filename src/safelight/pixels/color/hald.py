"""Read a Hald picture: a 3-D table that somebody graded as if it were a photograph."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np

from safelight.errors import DeclarationError
from safelight.pixels.color.cube import Cube
from safelight.pixels.color.spaces import Pixels, to_float

_MOST_LEVEL = 16  # 256 points a side, 4096 pixels square
_LARGEST_SIDE = 129  # what OpenColorIO's table holds


def read_hald(data: bytes, name: str) -> Cube:
    """Read the bytes of a Hald PNG or TIFF of level L: L³ pixels square, a table of L² points a side.

    Parameters
    ----------
    data : bytes
        8 or 16 bits, color or gray, no alpha.
    name : str
        What errors call it.

    Returns
    -------
    Cube
        Over code values 0 to 1; a table of more than 129 points a side is thinned to 129 or fewer.

    Raises
    ------
    DeclarationError
        If the bytes are no picture, or its size is not that of a Hald.

    References
    ----------
    Quilez, E. (2008), "Hald CLUTs": red runs fastest, then green, then blue, row by row.
    """
    width, height = _size(data, name)
    level = round(width ** (1 / 3))
    if width != height or level**3 != width or not 2 <= level <= _MOST_LEVEL:
        raise DeclarationError(
            f"{name} is {width} x {height} px; a Hald of level L is L³ pixels square: 8, 27, 64, 125, ... 512, 1728 "
            f"(level 2 to {_MOST_LEVEL}); save it uncropped and unscaled"
        )
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        raise DeclarationError(f"{name} ends before its pixels do: it is truncated; fetch it again")
    codes = to_float(cast(Pixels, np.ascontiguousarray(cast(Any, pixels)[..., ::-1])))
    side = level * level
    table = codes.reshape(side, side, side, 3)
    return Cube("", None, np.ascontiguousarray(_thinned(table)))


def _size(data: bytes, name: str) -> tuple[int, int]:
    """Width and height by the header, before any pixel is decoded."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) > 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    raise DeclarationError(f"{name} is no PNG picture; a Hald is read from PNG, 8 or 16 bits")


def _thinned(table: Any) -> Any:  # noqa: ANN401 - (N, N, N, 3) float32
    """A table of at most 129 points a side: every second, third... point where they reach both ends, else resampled."""
    side = len(table)
    if side <= _LARGEST_SIDE:
        return table
    at = np.linspace(0, side - 1, _LARGEST_SIDE)
    for axis in range(3):
        low = np.minimum(at.astype(int), side - 2)
        share = (at - low).astype(np.float32).reshape([-1 if n == axis else 1 for n in range(4)])
        table = np.take(table, low, axis) * (1 - share) + np.take(table, low + 1, axis) * share
    return table.astype(np.float32)
