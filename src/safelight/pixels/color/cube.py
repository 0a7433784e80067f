"""Read .cube LUTs: 1-D, 3-D, and 3-D behind a 1-D shaper, as Iridas (Adobe) and Resolve write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from safelight.errors import DeclarationError

Domain = tuple[tuple[float, float, float], tuple[float, float, float]]

UNIT: Domain = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
_MOST_1D, _MOST_3D = 65_536, 129  # what OpenColorIO holds
_SIZES = {"LUT_1D_SIZE": _MOST_1D, "LUT_3D_SIZE": _MOST_3D}
_DOMAINS = ("DOMAIN_MIN", "DOMAIN_MAX")
_RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")


@dataclass(frozen=True, eq=False)
class Cube:
    """A LUT on code values.

    Parameters
    ----------
    line : (N, 3) float32 or None
        A curve for each channel over `line_domain`, done first.
    table : (B, G, R, 3) float32 or None
        Colors over `table_domain`; red runs fastest in the file and is the last axis here.
    line_domain, table_domain : ((r, g, b), (r, g, b))
        Code values of the first and last entries; beyond them the end entries hold.
    """

    title: str
    line: NDArray[np.float32] | None
    table: NDArray[np.float32] | None
    line_domain: Domain = UNIT
    table_domain: Domain = UNIT


@lru_cache(maxsize=4)
def read_cube(data: bytes, name: str) -> Cube:
    r"""Read the bytes of a .cube file.

    Parameters
    ----------
    data : bytes
    name : str
        What errors call it.

    Returns
    -------
    Cube

    Raises
    ------
    DeclarationError
        Naming file and line, if a keyword, a size, a number or the count of lines does not hold.

    References
    ----------
    Adobe, "Cube LUT Specification 1.0" (2013); Blackmagic Design, "DaVinci Resolve: LUT .cube format".

    Examples
    --------
    >>> cube = read_cube(b"LUT_1D_SIZE 2\n0 0 0\n0.5 1 1\n", "half.cube")
    >>> cube.line.tolist()
    [[0.0, 0.0, 0.0], [0.5, 1.0, 1.0]]
    """
    said: dict[str, tuple[float, ...]] = {}
    title = ""
    rows: list[tuple[int, str]] = []
    for number, raw in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        if text[0].isalpha() and not re.match(r"(nan|inf)", text, re.IGNORECASE):
            word, _, rest = text.partition(" ")
            if word == "TITLE":
                title = rest.strip().strip('"')
            else:
                said[word] = _keyword(word, rest, f"{name} line {number}", said, begun=bool(rows))
        else:
            rows.append((number, text))
    return _assembled(title, said, rows, name)


def _keyword(word: str, rest: str, where: str, said: dict[str, tuple[float, ...]], *, begun: bool) -> tuple[float, ...]:
    """The numbers behind a keyword, checked."""
    counts = {**dict.fromkeys(_SIZES, 1), **dict.fromkeys(_DOMAINS, 3), **dict.fromkeys(_RANGES, 2)}
    if word not in counts:
        raise DeclarationError(f"{where}: {word[:40]!r} is no keyword of a .cube file; it takes {', '.join(counts)}")
    if word in said:
        raise DeclarationError(f"{where}: {word} is said twice")
    if begun:
        raise DeclarationError(f"{where}: {word} stands behind numbers; keywords come first")
    values = _numbers(rest, where, counts[word])
    most = _SIZES.get(word)
    if most is not None and not (values[0] == int(values[0]) and 2 <= values[0] <= most):
        raise DeclarationError(f"{where}: {word} is {rest.strip()}; it takes a whole number from 2 to {most}")
    if word in _RANGES and not values[0] < values[1]:
        raise DeclarationError(f"{where}: {word} is {rest.strip()}; the first must be below the second")
    return values


def _assembled(title: str, said: dict[str, tuple[float, ...]], rows: list[tuple[int, str]], name: str) -> Cube:
    line, side = int(said.get("LUT_1D_SIZE", (0,))[0]), int(said.get("LUT_3D_SIZE", (0,))[0])
    if not line and not side:
        raise DeclarationError(f"{name} has neither LUT_1D_SIZE nor LUT_3D_SIZE: it is no .cube LUT")
    wanted = line + side**3
    if len(rows) != wanted:
        where = f"{name} line {rows[-1][0]}" if rows else name
        size = " and ".join(f"{word} {int(said[word][0])}" for word in _SIZES if word in said)
        verb = "ends after" if len(rows) < wanted else "goes on to"
        raise DeclarationError(f"{where}: the table {verb} {len(rows)} lines of numbers; {size} takes {wanted}")
    values = _parsed(rows, name)
    both = _both_domains(said, name)
    table = values[line:].reshape(side, side, side, 3) if side else None
    return Cube(title, values[:line] if line else None, table, *both)


def _parsed(rows: list[tuple[int, str]], name: str) -> NDArray[np.float32]:
    """All triples at once; one by one only to say which is wrong."""
    try:
        values = np.array(" ".join(text for _, text in rows).split(), np.float64)
    except ValueError:
        values = np.empty(0)
    if values.size != 3 * len(rows) or not np.isfinite(values).all() or any(len(t.split()) != 3 for _, t in rows):
        values = np.array([_numbers(text, f"{name} line {number}", 3) for number, text in rows])
    return values.reshape(-1, 3).astype(np.float32)


def _numbers(text: str, where: str, count: int) -> tuple[float, ...]:
    parts = text.split()
    try:
        values = tuple(float(each) for each in parts)
    except ValueError:
        values = ()
    if len(values) != count or not np.isfinite(values).all():
        numbers = "one number" if count == 1 else f"{count} numbers"
        raise DeclarationError(f"{where}: {text.strip()[:60]!r} is not {numbers}")
    return values


def _both_domains(said: dict[str, tuple[float, ...]], name: str) -> tuple[Domain, Domain]:
    """The domains of line and table: Iridas says one for both in three numbers, Resolve one for each in two."""
    first, last = said.get("DOMAIN_MIN", UNIT[0]), said.get("DOMAIN_MAX", UNIT[1])
    if any(low >= high for low, high in zip(first, last, strict=True)):
        raise DeclarationError(f"{name}: DOMAIN_MIN {first} is not below DOMAIN_MAX {last} in every channel")
    found = []
    for word in _RANGES:
        low, high = ((each,) * 3 for each in said[word]) if word in said else (first, last)
        found.append(((low[0], low[1], low[2]), (high[0], high[1], high[2])))
    return found[0], found[1]
