"""Declare a parameter once; CLI help, JSON schema, docs and the review screen read it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from safelight.errors import ParameterError

Value = bool | int | float | str | tuple[float, ...]
Kind = Literal["number", "integer", "flag", "choice", "text", "numbers"]
Widget = Literal["slider", "stepper", "switch", "menu", "field", "color", "curve"]

_WIDGETS: dict[Kind, Widget] = {
    "number": "slider",
    "integer": "stepper",
    "flag": "switch",
    "choice": "menu",
    "text": "field",
    "numbers": "curve",
}


@dataclass(frozen=True)
class Param:
    """One parameter of a step or a limit of a check.

    Parameters
    ----------
    name : str
        lower_snake_case; the unit rides in it where the type cannot say it.
    default : bool, int, float, str or tuple of float
        The value when nobody says otherwise; its type is the parameter's type.
    meaning : str
        One sentence in the trade's words.
    unit : str
        ``"px"``, ``"stops"``, ``""`` for a plain number.
    least, most : float or None
        The range, ends included. For ``numbers`` it holds for each of them.
    resolution : float
        Numbers are stored rounded to a multiple of it, so that equal edits are equal bytes.
    choices : tuple of str
        The allowed words of a ``choice``.
    length : int or None
        How many numbers a tuple holds; None for any.
    widget : str or None
        How a screen shows it; None picks by type.
    """

    name: str
    default: Value
    meaning: str
    unit: str = ""
    least: float | None = None
    most: float | None = None
    resolution: float = 0.001
    choices: tuple[str, ...] = ()
    length: int | None = None
    widget: Widget | None = None

    @property
    def kind(self) -> Kind:
        """What sort of value it takes, read off the default."""
        if self.choices:
            return "choice"
        if isinstance(self.default, bool):
            return "flag"
        if isinstance(self.default, int):
            return "integer"
        if isinstance(self.default, float):
            return "number"
        return "numbers" if isinstance(self.default, tuple) else "text"

    @property
    def shown_as(self) -> Widget:
        """The widget a screen draws."""
        return self.widget or _WIDGETS[self.kind]

    def allowed(self) -> str:
        """Say what it takes, in words: ``"0 to 20 px (default 1.5)"``."""
        unit = f" {self.unit}" if self.unit else ""
        default = f" (default {self.default})"
        words = {"choice": f"one of {', '.join(self.choices)}", "flag": "true or false", "text": "text"}
        if self.kind in words:
            return words[self.kind] + default
        many = {None: "numbers", 1: "1 number"}.get(self.length, f"{self.length} numbers")
        of = f"{many}, each " if self.kind == "numbers" else ("a whole number, " if self.kind == "integer" else "")
        if self.least is None and self.most is None:
            return f"{of or 'a number'}{unit}{default}".replace(", each", "")
        if self.most is None:
            return f"{of}{self.least:g}{unit} or more{default}"
        if self.least is None:
            return f"{of}at most {self.most:g}{unit}{default}"
        return f"{of}{self.least:g} to {self.most:g}{unit}{default}"

    def accept(self, value: Any, owner: str) -> Value:  # noqa: ANN401 - whatever a file or a person wrote
        """Return `value` as this parameter stores it, or refuse it.

        Raises
        ------
        ParameterError
            Naming owner and parameter, the value, what is allowed and the default.
        """
        try:
            return self._accept(value)
        except (ValueError, TypeError):
            unit = f" {self.unit}" if self.unit and isinstance(value, (int, float)) else ""
            raise ParameterError(f"{owner}.{self.name} is {value!r}{unit}; it takes {self.allowed()}") from None

    def _accept(self, value: Any) -> Value:  # noqa: ANN401
        kind = self.kind
        if kind == "flag":
            return _flag(value)
        if kind in ("choice", "text"):
            if not isinstance(value, str) or (self.choices and value not in self.choices):
                raise ValueError(value)
            return value
        if kind == "numbers":
            parts = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else list(value)
            if self.length is not None and len(parts) != self.length:
                raise ValueError(value)
            return tuple(self._number(part) for part in parts)
        if isinstance(value, bool):
            raise ValueError(value)
        number = self._number(value)
        if kind == "integer":
            if number != int(number):
                raise ValueError(value)
            return int(number)
        return number

    def _number(self, value: Any) -> float:  # noqa: ANN401
        if isinstance(value, bool):
            raise ValueError(value)
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(value)
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            raise ValueError(value)
        if self.kind == "integer":
            return number
        step = Decimal(str(self.resolution))
        return float((Decimal(repr(number)) / step).quantize(Decimal(1)) * step)

    def schema(self) -> dict[str, Any]:
        """Return this parameter as JSON schema."""
        kinds = {"flag": "boolean", "choice": "string", "text": "string", "number": "number", "integer": "integer"}
        ends = {k: v for k, v in (("minimum", self.least), ("maximum", self.most)) if v is not None}
        if self.kind == "numbers":
            shape: dict[str, Any] = {"type": "array", "items": {"type": "number"} | ends}
            if self.length is not None:
                shape |= {"minItems": self.length, "maxItems": self.length}
        else:
            shape = {"type": kinds[self.kind]} | ends
        if self.choices:
            shape["enum"] = list(self.choices)
        default = list(self.default) if isinstance(self.default, tuple) else self.default
        extra = {"x-unit": self.unit, "x-widget": self.shown_as, "x-resolution": self.resolution}
        return shape | {"default": default, "description": self.meaning} | extra


def _flag(value: Any) -> bool:  # noqa: ANN401
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError(value)


class ParamSet:
    """The parameters of one owner, in the order they are shown.

    Examples
    --------
    >>> cutout = ParamSet("cutout", Param("feather", 1.5, "softness of the edge", "px", 0, 20))
    >>> cutout.accept({"feather": "2"})
    {'feather': 2.0}
    >>> cutout.accept({"feather": 35})
    Traceback (most recent call last):
    safelight.errors.ParameterError: cutout.feather is 35 px; it takes 0 to 20 px (default 1.5)
    """

    def __init__(self, owner: str, *params: Param) -> None:
        self.owner = owner
        self._params = {each.name: each for each in params}
        if len(self._params) != len(params):
            raise ValueError(f"{owner} declares a parameter twice")

    def __iter__(self) -> Iterator[Param]:
        return iter(self._params.values())

    def __len__(self) -> int:
        return len(self._params)

    def __getitem__(self, name: str) -> Param:
        """Return the parameter `name`, or refuse with the list of those there are."""
        if name not in self._params:
            known = ", ".join(self._params) or "none"
            raise ParameterError(f"{self.owner} has no parameter {name!r}; it takes: {known}")
        return self._params[name]

    def defaults(self) -> dict[str, Value]:
        """Return every default."""
        return {each.name: each.default for each in self}

    def accept(self, values: Mapping[str, Any], *, fill: bool = False) -> dict[str, Value]:
        """Check `values`, rounded to their resolution; with `fill`, add the defaults of the rest."""
        taken = {name: self[name].accept(value, self.owner) for name, value in values.items()}
        return self.defaults() | taken if fill else taken

    def schema(self) -> dict[str, Any]:
        """Return the set as JSON schema; unknown names are refused there too."""
        return {
            "title": self.owner,
            "type": "object",
            "properties": {each.name: each.schema() for each in self},
            "additionalProperties": False,
        }
