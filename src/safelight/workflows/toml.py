"""TOML whose every key knows its line, so that an error can point at it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from safelight.errors import DeclarationError
from safelight.workflows.lines import Where, lines_of

MOST_BYTES = 1_000_000  # a style guide is pages, not megabytes; a larger one is some other file


@dataclass(frozen=True)
class Table:
    r"""One table of a TOML file, with the line of each of its keys.

    Every reader takes a key and refuses what does not fit with a
    `DeclarationError` that names file, line, value and what is allowed.

    Parameters
    ----------
    file : str
        The name shown in errors: ``"packshot.toml"``.
    values : mapping
        The table's values as `tomllib` reads them.
    lines : mapping of key path to int
        Lines of the whole file, from 1.
    where : tuple
        This table's key path from the top of the file.

    Examples
    --------
    >>> table = read_toml("title = 'Shoes'\nfill = 1.5", "shoes.toml")
    >>> table.text("title")
    'Shoes'
    >>> table.number("fill", 0.85, least=0.1, most=1.0)
    Traceback (most recent call last):
    safelight.errors.DeclarationError: shoes.toml line 2: fill is 1.5; it takes 0.1 to 1 (default 0.85)
    """

    file: str
    values: Mapping[str, Any]
    lines: Mapping[Where, int] = field(repr=False)
    where: Where = ()

    def line(self, *keys: str | int) -> int:
        """Return the line of a key below this table, or of the nearest thing above it that has one."""
        path = (*self.where, *keys)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, said: str, *keys: str | int) -> DeclarationError:
        """Return the error that says `said` of a key: ``"acme.toml line 7: ..."``."""
        return DeclarationError(f"{self.file} line {self.line(*keys)}: {said}")

    def name_of(self, *keys: str | int) -> str:
        """Return a key's full dotted name: ``"step.cutout.feather"``."""
        return ".".join(str(each) for each in (*self.where, *keys))

    def __contains__(self, key: object) -> bool:
        return key in self.values

    def allow(self, *keys: str) -> None:
        """Refuse any key that is not among `keys`; the error lists them and the nearest."""
        for key in self.values:
            if key not in keys:
                known = ", ".join(sorted(keys))
                raise self.error(f"no key called {self.name_of(key)}{nearest(key, keys)}; it takes: {known}", key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default the key is needed."""
        value = self._value(key, default, "text")
        if not isinstance(value, str):
            raise self._misfit(key, value, "text", default)
        return value

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return one of `choices`."""
        value = self._value(key, default, f"one of {', '.join(choices)}")
        if value not in choices:
            near = nearest(value, choices) if isinstance(value, str) else ""
            raise self._misfit(key, value, f"one of {', '.join(choices)}", default, near=near)
        return str(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self._misfit(key, value, "true or false", str(default).lower())
        return value

    def number(
        self, key: str, default: float | None = None, *, least: float, most: float, unit: str = "", whole: bool = False
    ) -> float:
        """Return a number from `least` to `most`, ends included; with `whole`, a whole one."""
        unit = f" {unit}" if unit else ""
        takes = f"{'a whole number, ' if whole else ''}{least:g} to {most:g}{unit}"
        value = self._value(key, default, takes)
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most
        if not fits or (whole and value != int(value)):
            raise self._misfit(key, value, takes, default, unit=unit)
        return float(value)

    def texts(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.values.get(key, list(default))
        if not isinstance(value, list):
            raise self._misfit(key, value, "a list of texts", None)
        for at, each in enumerate(value):
            if not isinstance(each, str):
                raise self.error(f"{self.name_of(key)} holds {show(each)}; it takes a list of texts", key, at)
        return tuple(value)

    def table(self, key: str) -> Table:
        """Return the table at `key`; an empty one where the key is absent."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"{self.name_of(key)} is {show(value)}; it takes a table: [{self.name_of(key)}]", key)
        return Table(self.file, value, self.lines, (*self.where, key))

    def tables(self, key: str) -> dict[str, Table]:
        """Return the tables inside the table at `key`, by their name, in the order of the file."""
        outer = self.table(key)
        return {name: outer.table(name) for name in outer.values}

    def _value(self, key: str, default: Any, takes: str) -> Any:  # noqa: ANN401 - TOML data
        if key not in self.values and default is None:
            raise self.error(f"{self.name_of(key)} is missing; it takes {takes}")
        return self.values.get(key, default)

    def _misfit(
        self,
        key: str,
        value: Any,  # noqa: ANN401 - TOML data
        takes: str,
        default: Any,  # noqa: ANN401 - TOML data
        *,
        near: str = "",
        unit: str = "",
    ) -> DeclarationError:
        """Say the one sentence of every refused value."""
        shown = show(value) + (unit if isinstance(value, (int, float)) else "")
        kept = "" if default is None else f" (default {default})"
        return self.error(f"{self.name_of(key)} is {shown}{near}; it takes {takes}{kept}", key)


def read_toml(text: str, file: str) -> Table:
    """Read TOML text; `file` is the name that errors show.

    Raises
    ------
    DeclarationError
        If it is no TOML, with the line.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(_told(str(error), text, file)) from None
    except RecursionError:
        raise DeclarationError(f"{file} is nested too deeply to be a style guide or a workflow") from None
    return Table(file, MappingProxyType(values), MappingProxyType(lines_of(text)))


def read_toml_file(path: Path) -> Table:
    """Read a TOML file of at most 1 MB in UTF-8, a byte order mark allowed.

    Raises
    ------
    DeclarationError
        If it is missing, too large, not UTF-8 or no TOML.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DeclarationError(f"{path.name} is larger than {MOST_BYTES} bytes: that is no guide or workflow")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path.name} is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return read_toml(text, path.name)


def nearest(name: str, known: Collection[str]) -> str:
    """Return ``"; nearest is 'feather'"`` if something in `known` looks like `name`, else ``""``."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; nearest is {found[0]!r}" if found else ""


def show(value: Any) -> str:  # noqa: ANN401 - TOML data
    """Return a TOML value as a person wrote it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _told(said: str, text: str, file: str) -> str:
    """Put the line of a tomllib message in front, in our order."""
    found = re.search(r" \(at line (\d+), column \d+\)$", said)
    line = int(found[1]) if found else text.count("\n") + 1
    plain = re.sub(r" \(at .*\)$", "", said)
    return f"{file} line {line}: this is not TOML: {plain[:1].lower()}{plain[1:]}"
