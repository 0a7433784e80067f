"""Read a look of any of the trade's formats: .cube and Hald by our own readers, the rest by OpenColorIO's."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name

from safelight.errors import DeclarationError
from safelight.pixels.color import transforms
from safelight.pixels.color.cube import UNIT, Cube, Domain, read_cube
from safelight.pixels.color.flatten import leaves_of
from safelight.pixels.color.hald import read_hald
from safelight.pixels.color.spaces import Float32
from safelight.pixels.color.tables import evaluate

_BY_OCIO = (".3dl", ".clf", ".csp", ".ctf", ".spi1d", ".spi3d")
ENDINGS = (".cube", ".png", *_BY_OCIO)
_LARGEST = 64 << 20  # bytes; a 129-point .cube is 60 MB
_NOT_FINITE = re.compile(rb"(?<![\w.])[-+]?(nan|inf(inity)?)(?![\w.])", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Lut:
    """A look as a transform on its own code values.

    Parameters
    ----------
    title : str
    kind : str
        In words: ``"1-D, 1024 entries"``, ``"3-D, 33 points a side"``.
    transform : OpenColorIO transform
        Values beyond its domain are held, in tables.
    domain : ((r, g, b), (r, g, b))
        Code values that it was made for.
    cube : Cube or None
        The tables themselves, where our own readers read them.
    """

    title: str
    kind: str
    transform: Any
    domain: Domain = UNIT
    cube: Cube | None = None


@lru_cache(maxsize=4)
def read_lut(data: bytes, name: str) -> Lut:
    r"""Read the bytes of a look; the name's ending says the format.

    Parameters
    ----------
    data : bytes
        Of a ``.cube`` (Iridas, Resolve), Hald ``.png``, ``.3dl``, ``.clf``, ``.ctf``, ``.csp``, ``.spi1d`` or
        ``.spi3d``.
    name : str
        What errors call it.

    Raises
    ------
    DeclarationError
        If the format is none of these, the file is truncated, of a wrong size, holds what is no number, runs
        backwards, or refers to other files.

    Examples
    --------
    >>> read_lut(b"LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "plain.cube").kind
    '1-D, 2 entries'
    """
    from safelight.pixels.color.look import lut_transform

    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        raise DeclarationError(f"{name} ends in {ending or 'nothing'!r}; a look is read from {', '.join(ENDINGS)}")
    if len(data) > _LARGEST:
        raise DeclarationError(f"{name} has {len(data)} bytes; a look takes at most {_LARGEST}: bake it smaller")
    if ending in _BY_OCIO:
        return _by_ocio(data, name, ending)
    cube = read_cube(data, name) if ending == ".cube" else read_hald(data, name)
    transform = lut_transform(cube)
    domain = cube.table_domain if cube.line is None else cube.line_domain
    return Lut(cube.title, _kind([leaf for leaf in leaves_of(transform) if _entries(leaf)]), transform, domain, cube)


def _by_ocio(data: bytes, name: str, ending: str) -> Lut:
    _require_whole(data, name, ending)
    with tempfile.TemporaryDirectory(prefix="look-") as folder:
        path = Path(folder) / f"look{ending}"
        path.write_bytes(data)
        try:
            leaves = leaves_of(ocio.FileTransform(str(path), interpolation=ocio.INTERP_BEST))
        except ocio.Exception as error:
            raise DeclarationError(f"{name} cannot be read as a look: {_sentence(error, folder)}") from None
    tables = [leaf for leaf in leaves if _entries(leaf)]
    if not leaves:
        raise DeclarationError(f"{name} holds no table and no operation: it is no look")
    for leaf in tables:
        if not np.isfinite(np.array(leaf.getData())).all():
            raise DeclarationError(f"{name} holds an entry that is no number")
        if isinstance(leaf, ocio.Lut3DTransform):
            leaf.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    made = Lut("", _kind(tables), transforms.chain(*leaves), _domain(data, ending))
    if not np.isfinite(evaluate([made.transform], _corners())).all():
        raise DeclarationError(f"{name} turns colors between 0 and 1 into what is no number")
    return made


def _require_whole(data: bytes, name: str, ending: str) -> None:
    """What OpenColorIO lets pass and nobody wants."""
    if ending in (".clf", ".ctf"):
        if b"<Reference" in data or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise DeclarationError(f"{name} refers to other files; write it in one piece")
        if b"</ProcessList>" not in data:
            raise DeclarationError(f"{name} ends before </ProcessList>: it is truncated or no CLF; fetch it again")
    found = _NOT_FINITE.search(data)
    if found and ending not in (".clf", ".ctf"):
        line = data[: found.start()].count(b"\n") + 1
        raise DeclarationError(f"{name} line {line}: {found.group().decode()!r} is not a number")
    if ending == ".spi1d":
        said = re.search(rb"^\s*From\s+(\S+)\s+(\S+)", data, re.MULTILINE)
        if said and not _rising(said.groups()):
            first, last = (each.decode("ascii", "replace") for each in said.groups())
            raise DeclarationError(f"{name}: From {first} {last} runs backwards; the first must be below the second")
    if ending == ".csp":
        _require_rising_csp(data, name)
    if ending == ".3dl":
        _require_rising_3dl(data, name)


def _require_rising_3dl(data: bytes, name: str) -> None:
    """The grid of a .3dl: its first line of more than three numbers; colors are lines of three."""
    for raw in data.decode("latin-1").splitlines():
        words = raw.split("#")[0].split()
        if len(words) > 3 and words[0].lstrip("-").isdigit():
            if not _rising(words):
                raise DeclarationError(f"{name}: the grid of inputs runs backwards or stands still: {raw.strip()[:60]}")
            return
        if len(words) == 3 and words[0].isdigit():
            return  # a table without a grid


def _require_rising_csp(data: bytes, name: str) -> None:
    for channel, inputs in zip(("red", "green", "blue"), _csp_shapers(data), strict=False):
        if not _rising(inputs):
            raise DeclarationError(f"{name}: the {channel} shaper runs backwards: {' '.join(inputs)[:60]}")


def _csp_shapers(data: bytes) -> list[list[str]]:
    """The inputs of the three shapers of a .csp: a count, a line of inputs, a line of outputs, each."""
    lines = [line.strip() for line in data.decode("latin-1").splitlines() if line.strip()]
    upper = [line.upper() for line in lines]
    lines = lines[upper.index("END METADATA") + 1 :] if "END METADATA" in upper else lines[2:]
    whole = len(lines) > 8 and all(lines[at].isdigit() for at in (0, 3, 6))
    return [lines[at + 1].split() for at in (0, 3, 6) if lines[at] != "0"] if whole else []


def _domain(data: bytes, ending: str) -> Domain:
    """Code values a .csp or .spi1d says it was made for; the others are over 0 to 1."""
    said = re.search(rb"^\s*From\s+(\S+)\s+(\S+)", data, re.MULTILINE) if ending == ".spi1d" else None
    if said:
        low, high = (float(each) for each in said.groups())
        return (low, low, low), (high, high, high)
    shapers = _csp_shapers(data) if ending == ".csp" else []
    if len(shapers) != 3:
        return UNIT
    (a, b, c), (x, y, z) = zip(*((float(each[0]), float(each[-1])) for each in shapers), strict=True)
    return (a, b, c), (x, y, z)


def _rising(words: Any) -> bool:  # noqa: ANN401 - a sequence of str or bytes
    try:
        values = [float(each) for each in words]
    except ValueError:
        return True  # OpenColorIO says which is no number
    return all(one < two for one, two in pairwise(values))


def _sentence(error: Exception, folder: str) -> str:
    """What OpenColorIO says, without the paths of this machine."""
    text = re.sub(re.escape(folder) + r"/?", "", str(error)).replace("'look.", "'*.")
    text = " ".join(text.split())
    text = text.rpartition("failed with: ")[2]
    return text[:240] + ("..." if len(text) > 240 else "")


def _entries(leaf: Any) -> int:  # noqa: ANN401 - an ocio.Transform
    if isinstance(leaf, ocio.Lut1DTransform):
        return int(leaf.getLength())
    return int(leaf.getGridSize()) if isinstance(leaf, ocio.Lut3DTransform) else 0


def _kind(tables: list[Any]) -> str:
    words = [
        f"1-D, {_entries(each)} entries"
        if isinstance(each, ocio.Lut1DTransform)
        else f"3-D, {_entries(each)} points a side"
        for each in tables
    ]
    return " then ".join(words) or "a formula"


def _corners() -> Float32:
    axis = np.linspace(0, 1, 5, dtype=np.float32)
    red, green, blue = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.ascontiguousarray(np.stack([red, green, blue], axis=-1).reshape(1, -1, 3))
