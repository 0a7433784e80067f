"""A shot list: the client's CSV of what each picture shows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from safelight.errors import DeclarationError
from safelight.routing.inputs import STAKES
from safelight.workflows.toml import nearest

MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Columns:
    """The column heads of a client's shot list; case and spaces around them do not count."""

    file: str = "file"
    sku: str = "sku"
    view: str = "view"
    color: str = "color"
    category: str = "category"
    stakes: str = "stakes"
    reference: str = "lab"


@dataclass(frozen=True)
class Shot:
    """One row: what a picture shows. Empty where the list says nothing."""

    row: int
    file: str = ""
    sku: str = ""
    view: str = ""
    color: str = ""
    category: str = ""
    stakes: str = ""
    reference: str = ""


@dataclass(frozen=True)
class ShotList:
    """Rows found by file name, without ending and without regard to case."""

    by_file: Mapping[str, Shot]
    by_sku: Mapping[str, Shot]

    def of_file(self, path: str) -> Shot | None:
        """Return the row of a picture: by its path's end, its name, or its name without ending."""
        return self.by_file.get(_stem(path))

    def of_sku(self, sku: str) -> Shot | None:
        """Return the first row of an article, for its category and stakes."""
        return self.by_sku.get(sku.casefold())


NO_SHOTS = ShotList(MappingProxyType({}), MappingProxyType({}))


def read_shot_list(path: Path, columns: Columns | None = None) -> ShotList:
    """Read a shot list in UTF-8, separated by comma, semicolon or tab.

    Parameters
    ----------
    path : Path
    columns : Columns, optional
        Heads other than the usual ones.

    Raises
    ------
    DeclarationError
        If it cannot be read, has no column of files or articles, or gives one file two rows that differ;
        with the row's line.
    """
    columns = columns or Columns()
    rows = _rows(_text(path), columns, path.name)
    by_file: dict[str, Shot] = {}
    by_sku: dict[str, Shot] = {}
    for shot in rows:
        if shot.file:
            before = by_file.setdefault(_stem(shot.file), shot)
            if _said(before) != _said(shot):
                raise DeclarationError(
                    f"{path.name} line {shot.row}: {shot.file!r} stands in line {before.row} too, and they differ; "
                    "keep one of them"
                )
        if shot.sku:
            by_sku.setdefault(shot.sku.casefold(), shot)
    return ShotList(MappingProxyType(by_file), MappingProxyType(by_sku))


def reference_color(text: str, where: str) -> tuple[float, float, float]:
    """Return a swatch's color as CIE Lab (D50): written as ``"L a b"`` or as ``"#rrggbb"`` in sRGB.

    Parameters
    ----------
    text : str
        Three numbers with spaces, slashes, semicolons or commas between them, or a color in hexadecimal.
    where : str
        What an error calls the place.

    Raises
    ------
    DeclarationError
        If it is neither, or L* lies outside 0 to 100, or a* or b* beyond 128.

    Examples
    --------
    >>> reference_color("47.8 36.3 29.5", "list.csv line 2"), reference_color("#ffffff", "list.csv line 3")
    ((47.8, 36.3, 29.5), (100.0, 0.0, 0.0))
    """
    plain = text.strip()
    if re.fullmatch(r"#[0-9a-fA-F]{6}", plain):
        return _lab_of_hex(plain)
    try:
        numbers = tuple(float(each) for each in re.split(r"[\s/;,]+", plain))
    except ValueError:
        numbers = ()
    if len(numbers) == 3 and 0 <= numbers[0] <= 100 and max(abs(numbers[1]), abs(numbers[2])) <= 128:
        return numbers[0], numbers[1], numbers[2]
    raise DeclarationError(
        f"{where}: the color {text!r} is neither Lab under D50 like '47.8 36.3 29.5' (L 0 to 100, a and b -128 to 128) "
        "nor sRGB like '#b4463c'"
    )


def _lab_of_hex(text: str) -> tuple[float, float, float]:
    import numpy as np

    from safelight.pixels.color.chart_reference import lab_of_light
    from safelight.pixels.color.spaces import decode, matrix_between

    code = np.array([int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)], np.float32)
    light = matrix_between("srgb", "linear_rec2020") @ decode(code, "srgb").astype(np.float64)
    first, second, third = (round(float(each), 3) + 0.0 for each in lab_of_light(light))
    return first, second, third


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DeclarationError(f"{path.name} is larger than {MOST_BYTES} bytes: that is no shot list")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path.name} is not UTF-8 at byte {error.start}; save it as CSV UTF-8") from None


def _rows(text: str, columns: Columns, name: str) -> Iterator[Shot]:
    lines = text.splitlines()
    if not lines:
        raise DeclarationError(f"{name} is empty; its first line holds the column heads")
    separator = max(",;\t", key=lines[0].count)
    reader = csv.reader(lines, delimiter=separator)
    try:
        heads = [each.strip().casefold() for each in next(reader)]
        places = {each.name: _place(heads, getattr(columns, each.name)) for each in fields(Columns)}
        if places["file"] is None and places["sku"] is None:
            wanted = f"{columns.file!r} or {columns.sku!r}"
            raise DeclarationError(
                f"{name} line 1: no column {wanted}{nearest(columns.file, heads)}; it has: {', '.join(heads)}. "
                "Name your columns in the style guide's [shot_list.columns]"
            )
        for row in reader:
            if any(each.strip() for each in row):
                shot = Shot(reader.line_num, **{key: _cell(row, at) for key, at in places.items()})
                if shot.stakes.casefold() not in ("", *STAKES):
                    said = f"stakes is {shot.stakes!r}; it takes one of {', '.join(STAKES)}, or nothing"
                    raise DeclarationError(f"{name} line {shot.row}: {said}")
                if shot.reference:
                    reference_color(shot.reference, f"{name} line {shot.row}")
                yield shot
    except csv.Error as error:
        raise DeclarationError(f"{name} line {reader.line_num}: {error}") from None


def _place(heads: Sequence[str], head: str) -> int | None:
    head = head.strip().casefold()
    return heads.index(head) if head in heads else None


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _stem(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).stem.casefold()


def _said(shot: Shot) -> tuple[str, ...]:
    return shot.sku, shot.view, shot.color, shot.category, shot.stakes, shot.reference
