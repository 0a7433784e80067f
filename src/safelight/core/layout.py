"""A layout as data: a sheet, and where on it the cut-outs of a batch stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.core.params import Param, ParamSet, Value
from safelight.errors import ParameterError, UsageError

SHEET = ParamSet(
    "layout.sheet",
    Param("aspect", "original", "width to height of the sheet, like 4:5; or original, as the sheet's file has it"),
    Param("margin", 0.05, "least empty edge on every side, share of the sheet's shorter side", "", 0, 0.4),
    Param("ground", "", "color behind it all, # and six hexadecimal digits; empty leaves the file's own background"),
    Param("shadow", "contact", "what lies under every piece, in one light", choices=("none", "contact", "drop")),
    Param("strength", 0.35, "light that a shadow takes where it is deepest", "", 0, 0.49),
    Param("angle_deg", 90.0, "where shadows fall: 0 right, 90 down", "°", -180, 180, 0.1),
)
PLACE = ParamSet(
    "layout.place",
    Param("file", "", "a file of the batch, whose cut-out stands there"),
    Param("at", (0.5, 0.9), "x and y of the middle of its foot, in 0..1 of the sheet", "", 0, 1, 1e-4, length=2),
    Param("scale", 0.5, "height of the subject, share of the sheet's height", "", 0.01, 1.5, 1e-4),
    Param("order", 0, "what lies over what: higher is nearer; equal ones as they are listed", "", -99, 99),
)
MOST_PLACES = 40
_GAP = 0.04  # of the sheet's width, between pieces of a row


@dataclass(frozen=True)
class Place:
    """Where one cut-out stands: `at` (x, y) of the middle of its foot and `scale`, its height, in 0..1 of the sheet."""

    file: str
    at: tuple[float, float]
    scale: float
    order: int = 0


@dataclass(frozen=True)
class Layout:
    """A sheet and its places, farthest first; the fields are the parameters of `SHEET`."""

    places: tuple[Place, ...]
    aspect: str = "original"
    margin: float = 0.05
    ground: str = ""
    shadow: str = "contact"
    strength: float = 0.35
    angle_deg: float = 90.0

    def to_json(self) -> str:
        """Return it as one line of JSON, equal for equal layouts."""
        sheet = {each.name: getattr(self, each.name) for each in SHEET}
        places = [{**vars(each), "at": list(each.at)} for each in self.places]
        return json.dumps({"sheet": sheet, "place": places}, sort_keys=True, ensure_ascii=False)

    def rect(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the sheet, (x, y, width, height) in px: the largest of its aspect in the middle of a picture.

        Examples
        --------
        >>> Layout((), aspect="1:1").rect(600, 400)
        (100, 0, 400, 400)
        """
        ratio = aspect_ratio(self.aspect)
        if ratio is None:
            return 0, 0, width, height
        across = min(width, max(1, round(height * ratio)))
        down = min(height, max(1, round(width / ratio)))
        return (width - across) // 2, (height - down) // 2, across, down


def aspect_ratio(aspect: str) -> float | None:
    """Return width over height of an aspect like ``"4:5"``; None for ``"original"``.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if aspect == "original":
        return None
    try:
        across, down = (float(each) for each in aspect.split(":"))
        ratio = across / down
    except (ValueError, ZeroDivisionError):
        ratio = 0.0
    if not 0.1 <= ratio <= 10:
        raise ParameterError(f"layout.sheet.aspect is {aspect!r}; it takes two numbers like 4:5, from 1:10 to 10:1")
    return ratio


def layout_from_data(data: Mapping[str, Any]) -> Layout:
    """Read a layout from what a TOML file or a step's parameter says.

    Parameters
    ----------
    data : mapping
        ``sheet`` (parameters of `SHEET`, may be left out) and ``place``, a list of parameters of `PLACE`.

    Raises
    ------
    ParameterError, UsageError
        If it names what there is not, a value lies outside its range, or no place or too many are named.

    Examples
    --------
    >>> read = layout_from_data({"place": [{"file": "a.jpg", "order": 1}, {"file": "b.jpg", "at": [0.2, 0.8]}]})
    >>> [each.file for each in read.places], read.shadow
    (['b.jpg', 'a.jpg'], 'contact')
    """
    strange = set(data) - {"sheet", "place"}
    if strange:
        raise UsageError(f"a layout has no {', '.join(sorted(strange))}; it takes [sheet] and [[place]]")
    if not isinstance(data.get("sheet", {}), Mapping) or not _are_tables(data.get("place", ())):
        raise UsageError("a layout is a table [sheet] and tables [[place]], one for each cut-out")
    sheet = SHEET.accept(data.get("sheet", {}), fill=True)
    aspect_ratio(str(sheet["aspect"]))
    taken = [PLACE.accept(each, fill=True) for each in data.get("place", ())]
    if not 1 <= len(taken) <= MOST_PLACES:
        raise UsageError(f"a layout has {len(taken)} places; it takes 1 to {MOST_PLACES}, each a [[place]] with file")
    unnamed = [str(n) for n, each in enumerate(taken, 1) if not each["file"]]
    if unnamed:
        raise UsageError(f"place {', '.join(unnamed)} of the layout names no file: add file = a picture of the batch")
    return Layout(tuple(sorted(map(_place, taken), key=lambda each: each.order)), **_fields(sheet))


def in_a_row(files: Sequence[str], shapes: Sequence[tuple[float, float]], sheet: Layout, ratio: float) -> Layout:
    """Stand cut-outs beside one another, all to one scale, as large as the sheet's margins let them be, in the middle.

    Parameters
    ----------
    files : sequence of str
    shapes : sequence of (width, height)
        Of each subject, in one unit: captures of one camera keep the sizes that products have to one another.
    sheet : Layout
        Its margin and the rest; places are not looked at.
    ratio : float
        Width over height of the sheet.

    Examples
    --------
    >>> row = in_a_row(["a", "b"], [(1, 1), (1, 2)], Layout((), margin=0.1), 1.0)
    >>> [each.at for each in row.places], [each.scale for each in row.places]
    ([(0.29, 0.88), (0.71, 0.88)], [0.38, 0.76])
    """
    short = min(1.0, ratio)
    edge_x, edge_y = sheet.margin * short / ratio, sheet.margin * short
    gaps = _GAP * (len(files) - 1)
    wide = sum(each[0] for each in shapes) / ratio
    unit = min((1 - 2 * edge_x - gaps) / wide, (1 - 2 * edge_y) / max(each[1] for each in shapes))
    if unit <= 0:
        raise UsageError(f"{len(files)} cut-outs leave no room on the sheet: name fewer, or a smaller margin")
    line = (1 + unit * max(each[1] for each in shapes)) / 2
    left, places = (1 - wide * unit - gaps) / 2, []
    for file, (width, height) in zip(files, shapes, strict=True):
        own = width * unit / ratio
        places.append({"file": file, "at": [left + own / 2, line], "scale": height * unit})
        left += own + _GAP
    taken = [PLACE.accept(each, fill=True) for each in places]
    return Layout(tuple(map(_place, taken)), **{each.name: getattr(sheet, each.name) for each in SHEET})


def _place(values: Mapping[str, Value]) -> Place:
    at = values["at"]
    x, y = at if isinstance(at, tuple) else (0.5, 0.9)
    return Place(str(values["file"]), (float(x), float(y)), float(str(values["scale"])), int(str(values["order"])))


def _fields(sheet: Mapping[str, Value]) -> dict[str, Any]:
    return dict(sheet)


def _are_tables(places: Any) -> bool:  # noqa: ANN401 - whatever a file holds
    return isinstance(places, Iterable) and not isinstance(places, str) and all(isinstance(e, Mapping) for e in places)
