"""Clipping paths as files carry them: Photoshop image resources 2000 to 2997 and 2999, and SVG."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.errors import ParameterError, UnreadableError

if TYPE_CHECKING:
    from safelight.pixels.matte.bezier import Knot

Curve = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
Subpath = tuple[tuple[Curve, bool], ...]

FIRST_PATH, LAST_PATH, CLIPPING = 2000, 2997, 2999
_CLOSED, _LINKED, _UNLINKED, _OPEN, _FILL_RULE, _START = 0, 1, 2, 3, 6, 8
_RECORD = 26
_ONE = 1 << 24  # 8.24 fixed point, share of the picture's height or width
_MOST = 15.99  # what fits; Photoshop takes points outside the picture


@dataclass(frozen=True)
class NamedPath:
    """A saved path.

    Parameters
    ----------
    name : str
        As Photoshop lists it, at most 255 characters of Latin-1.
    subpaths : tuple of subpaths
        Each a closed ring of (curve, corner): `curve` is (handle in, anchor, handle out), each (x, y) in 0..1 of the
        picture's width and height; `corner` says that the handles move apart.
    """

    name: str
    subpaths: tuple[Subpath, ...]


def pack_paths(paths: Sequence[NamedPath], clipping: str = "") -> bytes:
    """Return Photoshop image resources: each path, and 2999 naming the clipping path.

    Parameters
    ----------
    paths : sequence of NamedPath
    clipping : str
        The name of the one that clips; "" for none.

    Raises
    ------
    ParameterError
        For more than 998 paths, a name that Latin-1 has not or that is empty or longer than 255, a point farther
        than 15 pictures away, or a clipping name that is none of `paths`.

    References
    ----------
    Adobe Photoshop File Formats Specification, "Image resource blocks" and "Path resource format".

    Examples
    --------
    >>> knot = (((0.5, 0.0), (0.5, 0.0), (0.5, 0.0)), True)
    >>> packed = pack_paths([NamedPath("Path 1", ((knot, knot, knot),))], "Path 1")
    >>> read_paths(packed)[0].name, clipping_name(packed)
    ('Path 1', 'Path 1')
    """
    if len(paths) > LAST_PATH - FIRST_PATH + 1:
        raise ParameterError(f"{len(paths)} paths are too many; a file takes {LAST_PATH - FIRST_PATH + 1}")
    known = [each.name for each in paths]
    if clipping and clipping not in known:
        raise ParameterError(f"the clipping path is {clipping!r}; the file has: {', '.join(known) or 'none'}")
    blocks = [
        _block(number, _latin(each.name), b"".join(_records(each))) for number, each in enumerate(paths, FIRST_PATH)
    ]
    if clipping:
        name = _pascal(_latin(clipping))
        # The name, then flatness (16.16, 0 for the device's own) and the even-odd rule left off.
        blocks.append(_block(CLIPPING, b"", name + bytes(len(name) % 2) + struct.pack(">IH", 0, 0)))
    return b"".join(blocks)


def read_paths(resources: bytes) -> tuple[NamedPath, ...]:
    """Return the saved paths among image resources.

    Raises
    ------
    UnreadableError
        If a path's records do not fit together.
    """
    return tuple(
        NamedPath(name.decode("latin-1"), _subpaths(body))
        for number, name, body in iterate_resources(resources)
        if FIRST_PATH <= number <= LAST_PATH
    )


def clipping_name(resources: bytes) -> str:
    """Return the name that resource 2999 gives, or ""."""
    for number, _, body in iterate_resources(resources):
        if number == CLIPPING and body:
            return body[1 : 1 + body[0]].decode("latin-1")
    return ""


def iterate_resources(resources: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (number, name, body) of each image resource; what is cut short ends it."""
    at = 0
    while at + 12 <= len(resources) and resources[at : at + 4] in (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"):
        number, length = struct.unpack_from(">HB", resources, at + 4)
        size_at = at + 6 + (length + 2 & ~1)
        if size_at + 4 > len(resources):
            return
        (size,) = struct.unpack_from(">I", resources, size_at)
        yield number, resources[at + 7 : at + 7 + length], resources[size_at + 4 : size_at + 4 + size]
        at = size_at + 4 + size + size % 2


def svg_of(paths: Sequence[NamedPath], size: tuple[int, int]) -> bytes:
    """Return paths as an SVG drawing in pixels of a picture of `size` (width, height)."""
    from xml.sax.saxutils import quoteattr

    width, height = size

    def at(point: tuple[float, float]) -> str:
        return f"{point[0] * width:.2f},{point[1] * height:.2f}"

    lines = []
    for each in paths:
        drawn = []
        for ring in each.subpaths:
            drawn.append(f"M{at(ring[0][0][1])}")
            for (before, _), (after, _) in zip(ring, (*ring[1:], ring[0]), strict=True):
                drawn.append(f"C{at(before[2])} {at(after[0])} {at(after[1])}")
            drawn.append("Z")
        lines.append(f'  <path id={quoteattr(each.name)} fill-rule="evenodd" d="{" ".join(drawn)}"/>')
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">\n{body}\n</svg>\n'
    ).encode()


def _block(number: int, name: bytes, body: bytes) -> bytes:
    title = _pascal(name)
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + title
        + bytes(len(title) % 2)
        + struct.pack(">I", len(body))
        + body
        + bytes(len(body) % 2)
    )


def _pascal(name: bytes) -> bytes:
    return bytes((len(name),)) + name


def _latin(name: str) -> bytes:
    try:
        packed = name.encode("latin-1")
    except UnicodeEncodeError:
        packed = b""
    if not 1 <= len(packed) <= 255:
        raise ParameterError(f"a path is called {name!r}; it takes 1 to 255 characters of Latin-1, as 'Path 1'")
    return packed


def _records(path: NamedPath) -> Iterator[bytes]:
    yield struct.pack(">H24x", _FILL_RULE)
    yield struct.pack(">HH22x", _START, 0)
    for ring in path.subpaths:
        # The 1 behind the count: combined with what is before by exclusive or, so that holes are holes.
        yield struct.pack(">HHHH18x", _CLOSED, len(ring), 0, 1)
        for curve, corner in ring:
            points = [each for x, y in curve for each in (y, x)]
            if max(abs(each) for each in points) > _MOST:
                raise ParameterError(f"path {path.name} has a point at {curve[1]}, more than 15 pictures away")
            yield struct.pack(">H6i", _UNLINKED if corner else _LINKED, *(round(each * _ONE) for each in points))


def _subpaths(body: bytes) -> tuple[Subpath, ...]:
    found: list[list[tuple[Curve, bool]]] = []
    room = 0
    for at in range(0, len(body) - _RECORD + 1, _RECORD):
        (kind,) = struct.unpack_from(">H", body, at)
        if kind in (_CLOSED, _OPEN):
            (room,) = struct.unpack_from(">H", body, at + 2)
            found.append([])
        elif kind in (_LINKED, _UNLINKED, 4, 5):
            if not found or len(found[-1]) >= room:
                raise UnreadableError("a path has more knots than its subpath announces")
            y0, x0, y1, x1, y2, x2 = (each / _ONE for each in struct.unpack_from(">6i", body, at + 2))
            found[-1].append((((x0, y0), (x1, y1), (x2, y2)), kind in (_UNLINKED, 5)))
    return tuple(tuple(each) for each in found if each)


def named_path(path: tuple[tuple[Knot, ...], ...], name: str, size: tuple[int, int]) -> NamedPath:
    """Return a fitted path (see `pixels.matte.bezier.fit_path`) of a picture of `size` (width, height) px."""
    width, height = size

    def share(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] / width, point[1] / height

    return NamedPath(
        name,
        tuple(
            tuple(((share(each.into), share((each.x, each.y)), share(each.out)), each.corner) for each in knots)
            for knots in path
        ),
    )
