"""ICC profiles: the standard ones as bytes, and recognizing them in files.

A profile is recognized by what it does (colorants and tone curves, sampled), never by its name or hash:
every maker writes its own sRGB.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnknownNameError
from safelight.pixels.color.spaces import D50, SPACES, Curve, adaptation, encode, matrix_to_xyz, space_named

_TITLES = {
    "srgb": "sRGB IEC61966-2.1",
    "linear_srgb": "Linear sRGB",
    "display_p3": "Display P3",
    "adobe_rgb": "Adobe RGB (1998)",
    "prophoto_rgb": "ProPhoto RGB",
    "linear_rec2020": "Linear Rec.2020",
}
_TRC = (b"rTRC", b"gTRC", b"bTRC")
_WHITE = np.array([0.9642, 1.0, 0.8249])  # of the profile connection space, ICC.1 7.2.16
_LARGEST = 32 * 1024 * 1024
# Colorants of makers differ in the fourth decimal (rounding, D50 of 0.9642 or 0.9643); 0.002 keeps P3 and sRGB apart.
_COLORANT_TOLERANCE = 0.002
# Encoded code values; small profiles approximate the sRGB curve with some 40 points, still within a code of 8 bits.
_CURVE_TOLERANCE = 0.75 / 255


@dataclass(frozen=True)
class Profile:
    """What a profile says.

    `model` is its color space as ICC spells it (``"RGB"``, ``"GRAY"``, ``"CMYK"``, ``"Lab"``...); `space` is the
    name from `pixels.color.spaces` that it matches, or "". A profile of a matrix and curves has `colorants` (XYZ D50
    of red, green, blue in columns, or of white for gray) and `curves` (light at 65,536 even codes, by channel);
    one of tables has neither.
    """

    title: str
    model: str
    kind: str
    space: str
    colorants: NDArray[np.float64] | None = None
    curves: tuple[NDArray[np.float64], ...] = ()

    @property
    def label(self) -> str:
        """The known space's name, else the profile's own title."""
        return self.space or self.title


@cache
def standard_profile(space: str) -> bytes:
    """Return the ICC profile of a known color space.

    Parameters
    ----------
    space : str
        A name of `pixels.color.spaces.SPACES`.

    Returns
    -------
    bytes
        A version 4.3 display profile with a parametric curve, about 500 B; the same bytes on every machine
        (its date is fixed).

    Raises
    ------
    UnknownNameError
        If there is no such space; the message lists those there are.

    References
    ----------
    ICC.1:2022 (profile version 4.4), clauses 7 to 10.

    Examples
    --------
    >>> read_profile(standard_profile("display_p3")).space
    'display_p3'
    """
    known = space_named(space)
    to_d50 = adaptation(known.white, D50)
    red, green, blue = (to_d50 @ matrix_to_xyz(space)).T
    curve = _parametric(known.curve)
    tags = [
        (b"desc", _localized(_TITLES[space])),
        (b"cprt", _localized("CC0")),
        # The illuminant of the profile connection space, as ICC.1 7.2.16 rounds it; a v4 display's white is always it.
        (b"wtpt", b"XYZ \0\0\0\0" + _fixed(0.9642, 1.0, 0.8249)),
        (b"chad", b"sf32\0\0\0\0" + _fixed(*to_d50.ravel())),
        *((name, b"XYZ \0\0\0\0" + _fixed(*xyz)) for name, xyz in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue))),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    return _assemble(tags)


def read_profile(data: bytes) -> Profile | None:
    """Read what a profile says and recognize it; None if it is damaged, cut short or no ICC profile.

    Examples
    --------
    >>> read_profile(b"not a profile") is None
    True
    """
    if not 132 <= len(data) <= _LARGEST or data[36:40] != b"acsp":
        return None
    size = int.from_bytes(data[:4])
    if size > len(data):
        return None
    try:
        return _read(data, _tags(data))
    except (struct.error, ValueError, KeyError, IndexError, ZeroDivisionError, OverflowError):
        return None


def _read(data: bytes, tags: dict[bytes, bytes]) -> Profile | None:
    model, kind = data[16:20].decode("ascii").strip(), data[12:16].decode("ascii")
    title = _title(tags.get(b"desc", b"")) or f"an untitled {model} profile"
    if kind in ("link", "abst", "nmcl"):  # a device link or named colors describe no picture
        return None
    if model == "GRAY" and b"kTRC" in tags:
        space = "srgb" if _curves_match(tags, (b"kTRC",), "srgb") else ""
        return Profile(title, model, kind, space, _WHITE[:, None], _curves(tags, (b"kTRC",)))
    if model != "RGB" or b"rXYZ" not in tags or b"A2B0" in tags:
        usable = b"A2B0" in tags or b"A2B1" in tags
        return Profile(title, model, kind, "") if usable else None
    colorants = np.array([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
    return Profile(title, model, kind, _matching_space(tags, colorants), colorants, _curves(tags, _TRC))


def _curves(tags: dict[bytes, bytes], names: tuple[bytes, ...]) -> tuple[NDArray[np.float64], ...]:
    codes: NDArray[np.float64] = np.linspace(0, 1, 65536)
    found = [_evaluate(tags[name], codes) for name in names]
    if not all(each is not None and np.isfinite(each).all() for each in found):
        raise ValueError("a tone curve is of an unknown kind")
    return tuple(each for each in found if each is not None)


def _matching_space(tags: dict[bytes, bytes], colorants: NDArray[np.float64]) -> str:
    for space, known in SPACES.items():
        expected = adaptation(known.white, D50) @ matrix_to_xyz(space)
        if np.abs(colorants - expected).max() > _COLORANT_TOLERANCE:
            continue
        if _curves_match(tags, _TRC, space):
            return space
    return ""


def _curves_match(tags: dict[bytes, bytes], names: tuple[bytes, ...], space: str) -> bool:
    codes: NDArray[np.float64] = np.linspace(0, 1, 256)
    for name in names:
        light = _evaluate(tags[name], codes)
        if light is None or not np.isfinite(light).all():
            return False
        error = np.abs(encode(light.astype(np.float32), space) - codes)
        # Below 1 % of code values a curve table and its formula part without anyone seeing it.
        if error[3:].max() > _CURVE_TOLERANCE or error[:3].max() > 3 * _CURVE_TOLERANCE:
            return False
    return True


def _tags(data: bytes) -> dict[bytes, bytes]:
    count = min(int.from_bytes(data[128:132]), 200)
    found = {}
    for index in range(count):
        name, at, size = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if at + size > len(data) or size < 8:
            raise ValueError("a tag reaches beyond the profile")
        found[name] = data[at : at + size]
    return found


def _xyz(tag: bytes) -> tuple[float, ...]:
    if tag[:4] != b"XYZ ":
        raise ValueError("not an XYZ tag")
    return tuple(each / 65536 for each in struct.unpack_from(">3i", tag, 8))


def _evaluate(tag: bytes, codes: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Sample a curveType or parametricCurveType, ICC.1 clauses 10.6 and 10.18."""
    if tag[:4] == b"curv":
        return _evaluate_table(tag, codes)
    if tag[:4] != b"para":
        return None
    kind = int.from_bytes(tag[8:10])
    counts = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
    if kind not in counts:
        return None
    values = [each / 65536 for each in struct.unpack_from(f">{counts[kind]}i", tag, 12)]
    g, a, b, c, d, e, f = (values + [0.0] * 7)[:7]
    if kind == 0:
        return np.asarray(codes**g)
    if kind in (1, 2):
        low, knee = (0.0 if kind == 1 else c), -b / a
        return np.asarray(np.where(codes >= knee, np.maximum(a * codes + b, 0) ** g + low, low))
    if kind == 3:
        e = f = 0.0
    return np.asarray(np.where(codes >= d, np.maximum(a * codes + b, 0) ** g + e, c * codes + f))


def _evaluate_table(tag: bytes, codes: NDArray[np.float64]) -> NDArray[np.float64]:
    count = int.from_bytes(tag[8:12])
    if count == 0:
        return codes
    if count == 1:
        return np.asarray(codes ** (int.from_bytes(tag[12:14]) / 256))
    table = np.frombuffer(tag, ">u2", count, 12) / 65535
    return np.asarray(np.interp(codes, np.linspace(0, 1, count), table))


def _title(tag: bytes) -> str:
    if tag[:4] == b"desc":
        length = int.from_bytes(tag[8:12])
        return tag[12 : 12 + length].split(b"\0")[0].decode("latin-1").strip()
    if tag[:4] == b"mluc" and len(tag) >= 28:
        length, at = struct.unpack_from(">II", tag, 20)
        return tag[at : at + length].decode("utf-16-be", "replace").strip("\0 ")
    return ""


def _fixed(*values: float) -> bytes:
    """Numbers as s15Fixed16."""
    return struct.pack(f">{len(values)}i", *(round(float(each) * 65536) for each in values))


def _parametric(curve: Curve) -> bytes:
    if not curve.toe:
        return b"para\0\0\0\0\0\0\0\0" + _fixed(curve.gamma)
    scale = 1 + curve.offset
    return b"para\0\0\0\0\0\3\0\0" + _fixed(curve.gamma, 1 / scale, curve.offset / scale, 1 / curve.slope, curve.toe)


def _localized(text: str) -> bytes:
    spelled = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(spelled), 28) + spelled


def _assemble(tags: list[tuple[bytes, bytes]]) -> bytes:
    at = 132 + 12 * len(tags)
    table, body, places = b"", b"", dict[bytes, int]()
    for name, content in tags:
        if content not in places:
            places[content] = at + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, places[content], len(content))
    size = at + len(body)
    date = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)  # fixed: the same bytes on every day
    header = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    header += date + b"acsp" + bytes(28) + _fixed(0.9642, 1.0, 0.8249) + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + body


def known_spaces() -> tuple[str, ...]:
    """Return the names that `standard_profile` takes."""
    return tuple(_TITLES)


def title_of(space: str) -> str:
    """Return a space's name as people know it: ``"Display P3"``."""
    if space not in _TITLES:
        raise UnknownNameError(f"no color space called {space!r}; there are: {', '.join(_TITLES)}")
    return _TITLES[space]
