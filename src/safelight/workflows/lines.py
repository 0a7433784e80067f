"""Where each key of a TOML text stands: tomllib gives the values, this gives the lines."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Where = tuple[str | int, ...]


def lines_of(text: str) -> dict[Where, int]:
    r"""Return the line, from 1, of every key and list item of TOML that tomllib has accepted.

    Parameters
    ----------
    text : str
        Valid TOML; what tomllib would refuse has no meaning here.

    Returns
    -------
    dict of key path to int
        ``("step", "cutout", "feather")``; the items of a list and the tables of ``[[...]]`` count from 0.

    Examples
    --------
    >>> lines_of("[step.cutout]\nfeather = 2")
    {('step', 'cutout'): 1, ('step', 'cutout', 'feather'): 2}
    """
    return _Scanner(text).scan()


class _Scanner:
    """A cursor over the text, and the lines found so far."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.lines: dict[Where, int] = {}
        self.ends = [each.start() for each in re.finditer("\n", self.text)]
        self.counts: dict[Where, int] = {}

    def scan(self) -> dict[Where, int]:
        """Walk the statements; a header sets the path below which the next keys lie."""
        prefix: Where = ()
        self._skip_blank()
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                prefix = self._header()
            else:
                self._pair(prefix)
            self._skip_blank()
        return self.lines

    def _header(self) -> Where:
        line, many = self._line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._keys()
        self.at += 2 if many else 1
        path: Where = ()
        for each in keys[:-1]:
            path = self._latest((*path, each))
        path = (*path, keys[-1])
        if many:
            self.counts[path] = self.counts.get(path, -1) + 1
            self.lines.setdefault(path, line)
        path = self._latest(path)
        self.lines[path] = line
        return path

    def _latest(self, path: Where) -> Where:
        """Return `path`, stepped into its latest table if it is an array of tables."""
        return (*path, self.counts[path]) if path in self.counts else path

    def _pair(self, prefix: Where) -> None:
        line = self._line()
        path = prefix
        for each in self._keys():
            path = (*path, each)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip_space()
            if self.text[self.at] in "\"'":
                start = self.at
                self._string()
                keys.append(str(tomllib.loads(f"k={self.text[start : self.at]}")["k"]))
            else:
                keys.append(self._past(r"[A-Za-z0-9_-]+"))
            self._skip_space()
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _value(self, path: Where) -> None:
        self._skip_space()
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._past(r"[^,\]}\n#]+")

    def _list(self, path: Where) -> None:
        self.at += 1
        count = 0
        while True:
            self._skip_blank()
            if self.text[self.at] == "]":
                break
            self.lines[(*path, count)] = self._line()
            self._value((*path, count))
            count += 1
            self._skip_blank()
            self.at += self.text[self.at] == ","
        self.at += 1

    def _inline(self, path: Where) -> None:
        self.at += 1
        while True:
            self._skip_blank()
            if self.text[self.at] == "}":
                break
            self._pair(path)
            self._skip_blank()
            self.at += self.text[self.at] == ","
        self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            # A closing run may hold up to two quotes of the text itself; escapes only between double quotes.
            body = r'"""(?:\\.|[^\\])*?"{3,5}(?!")' if quote == '"' else r"'''.*?'{3,5}(?!')"
        else:
            body = r'"(?:\\.|[^"\\])*"' if quote == '"' else r"'[^']*'"
        self._past(body)

    def _skip_space(self) -> None:
        self._past(r"[ \t]*")

    def _skip_blank(self) -> None:
        """Skip white space, line ends and comments."""
        self._past(r"(?:[ \t\n\r]|#[^\n]*)*")

    def _past(self, pattern: str) -> str:
        """Step over what matches `pattern` here and return it; tomllib accepted the text, so something does."""
        found = re.compile(pattern, re.DOTALL).match(self.text, self.at)
        if found is None:
            raise ValueError(f"lines_of takes valid TOML; at character {self.at} it is not")
        self.at = found.end()
        return found[0]

    def _line(self) -> int:
        return bisect_right(self.ends, self.at - 1) + 1
