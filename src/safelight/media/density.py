"""The density that a file states, in pixels an inch: no pixel depends on it, and some channels ask for it."""

from __future__ import annotations

import struct

from safelight.errors import UnreadableError
from safelight.media.tiff_structure import read_directories

_CM_AN_INCH = 2.54
_X_RESOLUTION, _UNIT = 282, 296
_JFIF = b"JFIF\0"


def read_dpi(data: bytes | memoryview, format: str, exif: bytes | None) -> float | None:
    r"""Return the density across that a file states, or None.

    Parameters
    ----------
    data : bytes
        The whole file.
    format : str
        ``"jpeg"``, ``"png"``; of others only EXIF speaks.
    exif : bytes or None
        Its EXIF block, which speaks first.

    Examples
    --------
    >>> read_dpi(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\1\0\x48\0\x48\0\0", "jpeg", None)
    72.0
    """
    said = _of_exif(exif)
    if said is not None:
        return said
    head = bytes(data[:20])
    if format == "jpeg" and head[2:4] == b"\xff\xe0" and head[6:11] == _JFIF and len(head) >= 18:
        unit, across = head[13], struct.unpack(">H", head[14:16])[0]
        return {1: float(across), 2: across * _CM_AN_INCH}.get(unit) if across else None
    return _of_png(bytes(data[: 1 << 16])) if format == "png" else None


def state_dpi(data: bytes, dpi: int) -> bytes:
    """Return a JPEG of ours that states a density in its JFIF segment; not a pixel changes.

    Raises
    ------
    UnreadableError
        If it does not start with one.
    """
    if data[2:4] != b"\xff\xe0" or data[6:11] != _JFIF:
        raise UnreadableError("this JPEG has no JFIF segment to state a density in; write it with safelight first")
    return data[:13] + struct.pack(">BHH", 1, dpi, dpi) + data[18:]


def _of_exif(exif: bytes | None) -> float | None:
    if not exif:
        return None
    view = memoryview(exif)
    try:
        first = read_directories(view, variants=True)[0]
    except (UnreadableError, struct.error):
        return None
    across, unit = first.number(view, _X_RESOLUTION), first.number(view, _UNIT, 2)
    if not 0 < across < 1e6 or unit not in (2, 3):
        return None
    return float(across * (_CM_AN_INCH if unit == 3 else 1))


def _of_png(head: bytes) -> float | None:
    at = head.find(b"pHYs")
    if at < 0 or at + 13 > len(head) or head[at + 12] != 1:
        return None
    return float(struct.unpack(">I", head[at + 4 : at + 8])[0] * _CM_AN_INCH / 100)
