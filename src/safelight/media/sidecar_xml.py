"""XML read as a tree whose every element knows its bytes, so that a change touches nothing else.

The parser is expat with document type declarations refused: without one there are no entities, and so no bombs
and no files fetched. Namespaces are resolved here, because a change must reuse the prefixes that the file has.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate
from types import MappingProxyType
from xml.sax.saxutils import escape

from safelight.errors import TooLargeError, UnreadableError

MOST_BYTES = 32 << 20  # Lightroom's masks and darktable's brushes make megabytes; tens of them are no sidecar
MOST_DEPTH = 64  # the deepest develop settings nest some 12 elements
MOST_ELEMENTS = 500_000

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ATTRIBUTE = re.compile(rb"""\s+([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")
_XML = "http://www.w3.org/XML/1998/namespace"
# A character that XML 1.0 cannot hold, in whatever spelling.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Name = tuple[str, str]  # namespace, local name


@dataclass(frozen=True)
class Attribute:
    """One attribute: its value as text, and where it lies; `start` is before the white space that leads to it."""

    value: str
    start: int
    value_start: int
    value_end: int
    end: int


@dataclass
class Element:
    """One element.

    Offsets count bytes of the document's UTF-8: `start` to `end` is all of it, `inside` to `inside_end` what lies
    between its tags (equal, and at ``/>``, where it is one tag).
    """

    name: Name
    start: int
    inside: int
    is_one_tag: bool
    attributes: Mapping[Name, Attribute]
    prefixes: Mapping[str, str]
    tag: str
    inside_end: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it."""
        waiting = [self]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(reversed(each.children))

    def prefix_of(self, namespace: str) -> str | None:
        """Return a prefix that means `namespace` here, or None."""
        return next((prefix for prefix, uri in self.prefixes.items() if uri == namespace and prefix), None)


@dataclass(frozen=True)
class Document:
    """A parsed document: its text in UTF-8, how the file spelled it, and its root."""

    utf8: bytes
    encoding: str
    mark: bytes
    root: Element

    def changed(self, edits: Iterable[tuple[int, int, bytes]]) -> bytes:
        """Return the file's bytes with each ``(start, end, new)`` put in place; all others stay as they are.

        Edits must not overlap; several at one place are put there in their order.
        """
        out, at = [], 0
        for start, end, new in sorted(edits, key=lambda each: (each[0], each[1])):
            out += [self.utf8[at:start], new]
            at = end
        out.append(self.utf8[at:])
        whole = b"".join(out)
        return self.mark + (whole if self.encoding == "utf-8" else whole.decode("utf-8").encode(self.encoding))


def parse(data: bytes, name: str) -> Document:
    """Parse XML in UTF-8 or UTF-16.

    Parameters
    ----------
    data : bytes
    name : str
        What errors call it.

    Raises
    ------
    TooLargeError
        Beyond 32 MiB, 500,000 elements or 64 levels.
    UnreadableError
        If it is no well-formed XML, has a document type declaration, or a prefix that means nothing.

    Examples
    --------
    >>> parse(b"<a x='1'><b/></a>", "a.xmp").root.children[0].start
    9
    """
    if len(data) > MOST_BYTES:
        raise TooLargeError(f"{name} is {len(data)} bytes; a sidecar takes at most {MOST_BYTES}")
    text, encoding, mark = _decoded(data, name)
    builder = _Builder(text, name)
    parser = ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: builder.begin(tag, attributes, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda _: builder.finish(parser.CurrentByteIndex)
    parser.CharacterDataHandler = builder.say
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    except ExpatError as error:
        raise UnreadableError(f"{name} is not well-formed XML: {error}; it is left as it is") from None
    if builder.root is None:
        raise UnreadableError(f"{name} holds no XML; it is left as it is")
    return Document(text, encoding, mark, builder.root)


def attribute_text(value: str) -> bytes:
    """Return `value` as it stands between the quotes of an attribute.

    Raises
    ------
    UnreadableError
        If it holds a character that XML cannot.
    """
    return _spelled(value, {'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def element_text(value: str) -> bytes:
    """Return `value` as it stands between two tags; refuse like `attribute_text`."""
    return _spelled(value, {"\r": "&#13;"})


def _spelled(value: str, more: dict[str, str]) -> bytes:
    if _NO_XML.search(value):
        raise UnreadableError(f"{value!r} holds a character that XML cannot; take it out")
    return escape(value, more).encode("utf-8")


def _decoded(data: bytes, name: str) -> tuple[bytes, str, bytes]:
    """Return the document in UTF-8, its encoding, and its byte order mark."""
    mark = next((each for each in _MARKS if data.startswith(each)), b"")
    encoding = _MARKS.get(mark) or {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(data[:2], "utf-8")
    try:
        return data[len(mark) :].decode(encoding).encode("utf-8"), encoding, mark
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"{name} is not {encoding.upper()} at byte {error.start}; XMP is UTF-8 or UTF-16, so it is left as it is"
        ) from None


class _Builder:
    """Builds the tree from expat's events."""

    def __init__(self, text: bytes, name: str) -> None:
        self.text, self.name = text, name
        self.open: list[Element] = []
        self.said: list[list[str]] = []
        self.root: Element | None = None
        self.count = 0

    def refuse(self, *_: object) -> None:
        raise UnreadableError(
            f"{self.name} has a document type declaration, which XMP has no use for and bombs need; it is left as it is"
        )

    def begin(self, tag: str, attributes: dict[str, str], start: int) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS or len(self.open) >= MOST_DEPTH:
            raise TooLargeError(
                f"{self.name} has more than {MOST_ELEMENTS} elements or {MOST_DEPTH} levels; it is left as it is"
            )
        above: Mapping[str, str] = self.open[-1].prefixes if self.open else MappingProxyType({"xml": _XML})
        own = {key[6:]: uri for key, uri in attributes.items() if key.startswith("xmlns:")}
        if "xmlns" in attributes:
            own[""] = attributes["xmlns"]
        prefixes = {**above, **own} if own else above
        inside, is_one_tag, spans = _scan_tag(self.text, start)
        found = {
            self._name(key, prefixes, is_attribute=True): Attribute(attributes[key], *span)
            for key, span in spans.items()
            if key != "xmlns" and not key.startswith("xmlns:")
        }
        if len(found) + len(own) != len(spans):
            raise UnreadableError(f"{self.name} says an attribute of {tag} twice; it is left as it is")
        element = Element(self._name(tag, prefixes), start, inside, is_one_tag, found, prefixes, tag)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)
        self.said.append([])

    def finish(self, at: int) -> None:
        element = self.open.pop()
        element.text = "".join(self.said.pop())
        if element.is_one_tag:
            element.inside_end = element.inside
            element.end = element.inside + 2
        else:
            element.inside_end = at
            element.end = self.text.index(b">", at) + 1

    def say(self, text: str) -> None:
        if self.said:
            self.said[-1].append(text)

    def _name(self, tag: str, prefixes: Mapping[str, str], *, is_attribute: bool = False) -> Name:
        prefix, colon, local = tag.rpartition(":")
        if not colon:
            return ("" if is_attribute else prefixes.get("", ""), local)
        if prefix not in prefixes:
            raise UnreadableError(f"{self.name} uses the prefix {prefix!r} and never says what it means")
        return prefixes[prefix], local


def _scan_tag(text: bytes, start: int) -> tuple[int, bool, dict[str, tuple[int, int, int, int]]]:
    """Return where a start tag's inside begins (at ``/>`` for one tag), and where its attributes lie."""
    at = start + 1
    while text[at : at + 1] not in (b" ", b"\t", b"\n", b"\r", b">", b"/"):
        at += 1
    spans = {}
    while found := _ATTRIBUTE.match(text, at):
        spans[found[1].decode("utf-8")] = (found.start(), found.start(2) + 1, found.end(2) - 1, found.end())
        at = found.end()
    close = text.index(b">", at)
    is_one_tag = text[close - 1 : close] == b"/"
    return (close - 1 if is_one_tag else close + 1), is_one_tag, spans
