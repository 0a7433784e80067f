"""XMP sidecars: what they say of rating, label, pick and keywords, and how to say it without touching the rest.

A change is a splice of text into the file's own bytes. Serializing the parsed document anew was weighed and left:
it loses comments, processing instructions, prefixes and the order that Lightroom and darktable rely on, and turns
every write into a change of the whole file. With splices, nothing changed means no byte changed, and what a change
did not mean to touch is compared before and after and must be equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from safelight.errors import UnreadableError
from safelight.media.sidecar_labels import same_label
from safelight.media.sidecar_xml import Document, Element, Name, parse

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMP = "http://ns.adobe.com/xap/1.0/"
XMP_DM = "http://ns.adobe.com/xmp/1.0/DynamicMedia/"
DC = "http://purl.org/dc/elements/1.1/"
LR = "http://ns.adobe.com/lightroom/1.0/"
PHOTO_MECHANIC = "http://ns.camerabits.com/photomechanic/1.0/"
OWN = "urn:safelight:xmp:1.0:"

RATING, LABEL = (XMP, "Rating"), (XMP, "Label")
PICK, GOOD = (XMP_DM, "pick"), (XMP_DM, "good")
SUBJECT, TREE = (DC, "subject"), (LR, "hierarchicalSubject")
COLOR_CLASS = (PHOTO_MECHANIC, "ColorClass")
CULL, ORIGINAL = (OWN, "Class"), (OWN, "Original")

# What this module may write; all else in a sidecar is foreign.
SIMPLE: Mapping[str, Name] = MappingProxyType(
    {"rating": RATING, "label": LABEL, "pick": PICK, "cull": CULL, "original": ORIGINAL}
)
BAGS: Mapping[str, Name] = MappingProxyType({"keywords": SUBJECT, "tree": TREE})
IN_STEP: frozenset[Name] = frozenset({GOOD, COLOR_CLASS})
OURS: frozenset[Name] = frozenset({*SIMPLE.values(), *BAGS.values(), *IN_STEP})

# Where programs say which photograph a sidecar is about.
_TAKEN = (
    ("http://ns.adobe.com/exif/1.0/", "DateTimeOriginal"),
    ("http://ns.adobe.com/photoshop/1.0/", "DateCreated"),
    (XMP, "CreateDate"),
)
_FOR_EXTENSION = ("http://ns.adobe.com/photoshop/1.0/", "SidecarForExtension")
_MODEL = ("http://ns.adobe.com/tiff/1.0/", "Model")
_ARRAYS = {(RDF, "Bag"), (RDF, "Seq"), (RDF, "Alt")}


@dataclass(frozen=True)
class Fields:
    """What safelight and other programs both say of a photograph.

    Parameters
    ----------
    rating : float or None
        ``xmp:Rating``: 0 to 5 stars, -1 rejected.
    label : str or None
        ``xmp:Label``, a word.
    pick : int or None
        ``xmpDM:pick``: 1 picked, 0 neither, -1 rejected; ``xmpDM:good`` where that alone is there.
    keywords, tree : frozenset of str
        ``dc:subject``, and ``lr:hierarchicalSubject`` with its levels joined by ``|``.
    cull : str or None
        Our class, in our own namespace: digiKam and RawTherapee know no rating of -1.
    original : str or None
        SHA-256 of the original it was written for, in our own namespace.
    """

    rating: float | None = None
    label: str | None = None
    pick: int | None = None
    keywords: frozenset[str] = frozenset()
    tree: frozenset[str] = frozenset()
    cull: str | None = None
    original: str | None = None

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            **{name: getattr(self, name) for name in SIMPLE},
            **{name: sorted(getattr(self, name)) for name in BAGS},
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Fields:
        """Read what `to_data` wrote; what is missing is empty."""
        said: dict[str, Any] = {name: data.get(name) for name in SIMPLE}
        said |= {name: frozenset(data.get(name, ())) for name in BAGS}
        return Fields(**said)


@dataclass(frozen=True)
class Sidecar:
    """A sidecar as read.

    Parameters
    ----------
    document : Document
    fields : Fields
    unclear : mapping of field to sentence
        What stands there in a form this module does not write: it is kept, shown, and never overwritten.
    taken_at : tuple of str
        When the photograph was taken, by each property that says so: ISO 8601, as written.
    model : str
        The camera, or "".
    extension : str
        The ending of its original in lower case, where Adobe's programs say it: ``"cr2"``, or "".
    """

    document: Document
    fields: Fields
    unclear: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    taken_at: tuple[str, ...] = ()
    model: str = ""
    extension: str = ""


def read_sidecar(data: bytes, name: str) -> Sidecar:
    """Read a sidecar.

    Parameters
    ----------
    data : bytes
        XMP as a file of its own, in UTF-8 or UTF-16, with or without ``x:xmpmeta`` and packet wrapper.
    name : str
        What errors call it.

    Raises
    ------
    UnreadableError, TooLargeError
        As `safelight.media.sidecar_xml.parse`, or if it holds no RDF.

    Examples
    --------
    >>> from safelight.media.sidecar_write import write_fields
    >>> read_sidecar(write_fields(None, Fields(rating=3), "a.xmp"), "a.xmp").fields.rating
    3.0
    """
    document = parse(data, name)
    places = descriptions(document, name)
    unclear: dict[str, str] = {}
    said: dict[str, Any] = {}
    for key, what in SIMPLE.items():
        said[key] = _one(places, key, what, unclear)
    if said["pick"] is None and "pick" not in unclear:
        good = _one(places, "pick", GOOD, unclear)
        said["pick"] = None if good is None else {"true": 1, "1": 1}.get(good.strip().lower(), -1)
    for key, what in BAGS.items():
        said[key] = _many(places, key, what, unclear)
    for key, read in (("rating", _rating), ("pick", _pick)):
        if said[key] is not None and not isinstance(said[key], int):
            said[key] = read(said[key], unclear)
    taken = tuple(dict.fromkeys(each for what in _TAKEN if (each := _plain(places, what))))
    model, extension = _plain(places, _MODEL) or "", (_plain(places, _FOR_EXTENSION) or "").lower()
    return Sidecar(document, Fields(**said), MappingProxyType(unclear), taken, model, extension)


def same(name: str, one: object, other: object) -> bool:
    """Say whether two values of a field mean the same: no rating and none given are, and words for one label color."""
    if name == "label":
        return same_label(one, other)  # type: ignore[arg-type]
    if name in ("rating", "pick"):
        return (one or 0) == (other or 0)
    return one == other


def descriptions(document: Document, name: str) -> list[Element]:
    """Return the top ``rdf:Description`` elements; refuse what is no XMP."""
    rdf = next((each for each in document.root.walk() if each.name == (RDF, "RDF")), None)
    if rdf is None:
        raise UnreadableError(f"{name} is XML and holds no RDF: it is no XMP sidecar; it is left as it is")
    return [each for each in rdf.children if each.name == (RDF, "Description")]


def texts_of(place: Element, what: Name) -> list[str | Element]:
    """Return each statement of a property in a description: its text, or the element where it is no plain text."""
    found: list[str | Element] = [place.attributes[what].value] if what in place.attributes else []
    for child in place.children:
        if child.name == what:
            found.append(child if child.children or child.attributes else child.text)
    return found


def items_of(element: Element) -> list[Element] | None:
    """Return the items of an array of plain texts, none for an empty property, or None if it is something else."""
    if not element.children:
        return None if element.text.strip() or element.attributes else []
    array = element.children[0]
    if len(element.children) > 1 or array.name not in _ARRAYS:
        return None
    plain = all(each.name == (RDF, "li") and not each.children and not each.attributes for each in array.children)
    return array.children if plain else None


def foreign(document: Document, name: str) -> list[Any]:
    """Return everything that is not ours, as nested lists that are equal if RDF, order and text are."""
    told: list[Any] = []
    for place in descriptions(document, name):
        said = {what: each.value for what, each in place.attributes.items() if what not in OURS}
        # An empty rdf:about says "this file", and so does none.
        told += [sorted(said.items())] if {what for what in said if said[what] or what != (RDF, "about")} else []
        told += [_canonical(child) for child in place.children if child.name not in OURS]
    return told


def _canonical(element: Element) -> list[Any]:
    attributes = sorted((what, each.value) for what, each in element.attributes.items())
    text = element.text if not element.children else element.text.strip()
    return [element.name, attributes, text, [_canonical(each) for each in element.children]]


def _one(places: list[Element], key: str, what: Name, unclear: dict[str, str]) -> str | None:
    """Return a simple property's text; what is no plain text, or stands twice and differs, is unclear."""
    found = [each for place in places for each in texts_of(place, what)]
    texts = {each for each in found if isinstance(each, str)}
    if len(texts) != len(found) and any(isinstance(each, Element) for each in found):
        unclear[key] = f"{what[1]} is no plain text"
        return None
    if len(texts) > 1:
        unclear[key] = f"{what[1]} stands there more than once: {', '.join(sorted(texts))}"
        return None
    return next(iter(texts), None) or None


def _many(places: list[Element], key: str, what: Name, unclear: dict[str, str]) -> frozenset[str]:
    told: set[str] = set()
    for place in places:
        if what in place.attributes:
            unclear[key] = f"{what[1]} is one text and no list"
        for child in place.children:
            if child.name == what:
                items = items_of(child)
                if items is None:
                    unclear[key] = f"{what[1]} is no list of plain texts"
                told |= {each.text for each in items or () if each.text}
    return frozenset(told)


def _plain(places: list[Element], what: Name) -> str | None:
    found = [each for place in places for each in texts_of(place, what) if isinstance(each, str) and each.strip()]
    return found[0].strip() if found else None


def _rating(text: str, unclear: dict[str, str]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if -1 <= value <= 5:
        return value
    unclear["rating"] = f"Rating is {text!r}; it takes -1 to 5"
    return None


def _pick(text: str, unclear: dict[str, str]) -> int | None:
    if text.strip() in ("-1", "0", "1"):
        return int(text)
    unclear["pick"] = f"pick is {text!r}; it takes -1, 0 or 1"
    return None
