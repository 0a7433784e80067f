"""File-name templates: ``{sku}_{view}_{seq:03}.{ext}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from safelight.errors import ParameterError
from safelight.workflows.toml import nearest

TOKENS: Mapping[str, str] = {
    "sku": "the article's number",
    "view": "front, back, detail...",
    "seq": "the picture's place in its product, from 1; {seq:03} writes 001",
    "color": "the colorway",
    "channel": "the channel's id",
    "original": "the original's file name without its ending",
    "ext": "the ending of the delivered format",
}
# What some file system somewhere refuses or reads as something else, and control characters.
ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
DEFAULT = "{sku}_{view}_{seq:02}.{ext}"

_TOKEN = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Token:
    """A place in a template that a value fills; `width` pads a number with zeros."""

    name: str
    width: int = 0


@dataclass(frozen=True)
class Template:
    """A template that has been read: texts and tokens in order."""

    text: str
    parts: tuple[str | Token, ...]

    def tokens(self) -> tuple[str, ...]:
        """Return the names of the tokens it has."""
        return tuple(each.name for each in self.parts if isinstance(each, Token))

    def fill(self, values: Mapping[str, str | int]) -> str:
        """Return the file name for `values`, as they are: nothing is cleaned in silence.

        Raises
        ------
        ParameterError
            If a token has no value; the message says which, and the way out.

        Examples
        --------
        >>> read_template("{sku}_{seq:03}.{ext}").fill({"sku": "A1", "seq": 7, "ext": "jpg"})
        'A1_007.jpg'
        """
        return "".join(each if isinstance(each, str) else self._value(each, values) for each in self.parts)

    def _value(self, token: Token, values: Mapping[str, str | int]) -> str:
        value = values.get(token.name, "")
        if value == "":
            raise ParameterError(
                f"names template {self.text!r} needs {{{token.name}}}, and this file has none: give it in a shot list, "
                f"or take {{{token.name}}} out of the template"
            )
        return f"{value:0{token.width}d}" if isinstance(value, int) else value


def read_template(text: str) -> Template:
    """Read a template.

    Raises
    ------
    ParameterError
        If it has an unknown token or an illegal character, cannot tell two files apart, or does not end in ``.{ext}``.

    Examples
    --------
    >>> read_template("{sku}-{veiw}.{ext}")
    Traceback (most recent call last):
    safelight.errors.ParameterError: names template '{sku}-{veiw}.{ext}' has no token {veiw}; nearest is 'view'; ...
    """
    parts: list[str | Token] = []
    at = 0
    for found in _TOKEN.finditer(text):
        parts += [_plain(text, text[at : found.start()]), _token(text, found[1], found[2])]
        at = found.end()
    parts.append(_plain(text, text[at:]))
    template = Template(text, tuple(each for each in parts if each != ""))
    if not text.endswith(".{ext}"):
        raise ParameterError(f"names template {text!r} does not end in '.{{ext}}': add it, so that the format shows")
    if not {"sku", "original"} & set(template.tokens()):
        raise ParameterError(f"names template {text!r} cannot tell files apart: it takes {{sku}} or {{original}}")
    return template


def _plain(text: str, part: str) -> str:
    found = ILLEGAL.search(part)
    if found:
        raise ParameterError(f"names template {text!r} has {found[0]!r}, which file names cannot have; take it out")
    if "{" in part or "}" in part:
        raise ParameterError(f"names template {text!r} has a brace that opens or closes nothing")
    return part


def _token(text: str, name: str, form: str | None) -> Token:
    if name not in TOKENS:
        known = ", ".join(f"{{{each}}}" for each in TOKENS)
        raise ParameterError(
            f"names template {text!r} has no token {{{name}}}{nearest(name, TOKENS)}; it takes: {known}"
        )
    if form is None:
        return Token(name)
    if name != "seq" or not re.fullmatch(r"0[1-6]", form):
        raise ParameterError(
            f"names template {text!r}: {{{name}:{form}}} is no form; only {{seq:01}} to {{seq:06}} are"
        )
    return Token(name, int(form))
