"""Properties of an XMP packet: read, set and taken out by splices, with every other byte as it was.

The same parser as for sidecars; here any property may be written, so the caller names it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from safelight.errors import MediaError
from safelight.media.sidecar import RDF, descriptions, items_of
from safelight.media.sidecar_xml import Element, Name, element_text, parse

DC = "http://purl.org/dc/elements/1.1/"
XMP_MM = "http://ns.adobe.com/xap/1.0/mm/"
XMP_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
SOURCE_TYPE: Name = (IPTC_EXT, "DigitalSourceType")
PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        DC: "dc",
        XMP_MM: "xmpMM",
        XMP_RIGHTS: "xmpRights",
        PHOTOSHOP: "photoshop",
        IPTC_EXT: "Iptc4xmpExt",
        PLUS: "plus",
        "urn:safelight:xmp:1.0:": "safelight",
        "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    }
)
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="safelight">'
    f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()


@dataclass(frozen=True)
class Text:
    """A simple property."""

    text: str


@dataclass(frozen=True)
class Lang:
    """A language alternative with its ``x-default`` alone."""

    text: str


@dataclass(frozen=True)
class Bag:
    """A list without order."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Seq:
    """A list with order."""

    items: tuple[str, ...]


Value = Text | Lang | Bag | Seq


def change_properties(
    packet: bytes | None, wanted: Mapping[Name, Value], gone: Collection[Name] = (), name: str = "the XMP"
) -> bytes:
    """Return a packet that says `wanted`, and nothing of `gone`.

    Parameters
    ----------
    packet : bytes or None
        None for a new one.
    wanted : mapping of (namespace, name) to value
        Put in the place of what stood there in any form.
    gone : collection of (namespace, name)
        Taken out; a name of ``"*"`` stands for a whole namespace.
    name : str
        What errors call it.

    Raises
    ------
    UnreadableError, TooLargeError
        If the packet is no XMP, or a text holds a character that XML cannot.

    Examples
    --------
    >>> once = change_properties(None, {(PLUS, "DataMining"): Text("DMI-PROHIBITED")})
    >>> read_property(once, (PLUS, "DataMining"))
    ('DMI-PROHIBITED',)
    >>> read_property(change_properties(once, {}, [(PLUS, "DataMining")]), (PLUS, "DataMining"))
    ()
    """
    document = parse(_EMPTY if packet is None else _packet(packet), name)
    places = descriptions(document, name)
    if not places:
        document = parse(_EMPTY, name)
        places = descriptions(document, name)
    names = {*wanted, *gone}
    edits = [edit for place in places for edit in _removals(place, names)]
    added = b"".join(_element(what, value) for what, value in wanted.items())
    if added:
        edits.append(_insertion(next((each for each in places if not each.is_one_tag), places[0]), added))
    return document.changed(edits)


def read_property(packet: bytes | None, what: Name) -> tuple[str, ...]:
    """Return the texts of a property: one of a simple one, each of a list; () where it is absent or unreadable."""
    if packet is None:
        return ()
    try:
        places = descriptions(parse(_packet(packet), "the XMP"), "the XMP")
    except MediaError:
        return ()
    found: list[str] = []
    for place in places:
        if what in place.attributes:
            found.append(place.attributes[what].value)
        for child in place.children:
            if child.name == what:
                found += [child.text] if not child.children else [each.text for each in _items(child)]
    return tuple(each for each in found if each.strip())


def property_names(packet: bytes | None) -> frozenset[Name]:
    """Return the names of the properties that a packet holds; none where it cannot be read."""
    if packet is None:
        return frozenset()
    try:
        places = descriptions(parse(_packet(packet), "the XMP"), "the XMP")
    except MediaError:
        return frozenset()
    return frozenset(name for place in places for name in (*place.attributes, *(each.name for each in place.children)))


def _packet(data: bytes) -> bytes:
    """Return a packet without the zeros that some programs end it with."""
    return data.rstrip(b"\0")


def _items(element: Element) -> list[Element]:
    plain = items_of(element)
    if plain is not None:
        return plain
    return [each for array in element.children for each in array.children if each.name == (RDF, "li")]


def _is_named(name: Name, names: Collection[Name]) -> bool:
    return name in names or (name[0], "*") in names


def _removals(place: Element, names: Collection[Name]) -> list[tuple[int, int, bytes]]:
    found = [(each.start, each.end, b"") for name, each in place.attributes.items() if _is_named(name, names)]
    return found + [(each.start, each.end, b"") for each in place.children if _is_named(each.name, names)]


def _insertion(home: Element, added: bytes) -> tuple[int, int, bytes]:
    if home.is_one_tag:
        return home.inside, home.inside + 2, b">" + added + f"</{home.tag}>".encode()
    return home.inside_end, home.inside_end, added


def _element(what: Name, value: Value) -> bytes:
    """Spell a property that brings its own prefixes along, so that it is right wherever it stands."""
    prefix = PREFIXES.get(what[0], "own")
    tag = f"{prefix}:{what[1]}"
    opened = f'<{tag} xmlns:{prefix}="{what[0]}"'
    if isinstance(value, Text):
        return opened.encode() + b">" + element_text(value.text) + f"</{tag}>".encode()
    kind, items, mark = {
        Lang: ("Alt", (getattr(value, "text", ""),), b' xml:lang="x-default"'),
        Bag: ("Bag", getattr(value, "items", ()), b""),
        Seq: ("Seq", getattr(value, "items", ()), b""),
    }[type(value)]
    inner = b"".join(b"<rdf:li" + mark + b">" + element_text(each) + b"</rdf:li>" for each in items)
    head = f'{opened} xmlns:rdf="{RDF}"><rdf:{kind}>'.encode()
    return head + inner + f"</rdf:{kind}></{tag}>".encode()
