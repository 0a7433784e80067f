"""Change the fields of a sidecar by splices into its own bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from safelight.errors import UnreadableError
from safelight.media import sidecar as xmp
from safelight.media.sidecar import BAGS, RDF, SIMPLE, Fields, Sidecar, read_sidecar
from safelight.media.sidecar_labels import COLOR_CLASSES
from safelight.media.sidecar_xml import Element, Name, attribute_text, element_text

PREFIXES = {
    xmp.XMP: "xmp",
    xmp.XMP_DM: "xmpDM",
    xmp.DC: "dc",
    xmp.LR: "lr",
    xmp.OWN: "safelight",
    RDF: "rdf",
    xmp.PHOTO_MECHANIC: "photomechanic",
}
_NOTES = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_WHITE = (b" ", b"\t", b"\n", b"\r")
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="safelight">\n'
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '  <rdf:Description rdf:about=""/>\n'
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>\n'
)


def write_fields(data: bytes | None, wanted: Fields, name: str) -> bytes:
    """Return a sidecar that says `wanted`, with every other byte as it was.

    Parameters
    ----------
    data : bytes or None
        The sidecar as it is; None for a new one.
    wanted : Fields
        All of them; a field that says the same already, and one that is unclear in the file, is not touched.
    name : str
        What errors call it.

    Raises
    ------
    UnreadableError, TooLargeError
        If the file cannot be read, or if what was written would read otherwise than meant: then nothing is to be
        written, and the file stays.

    Notes
    -----
    Writing what is there returns the very same bytes, and writing twice is writing once. Foreign properties are
    compared before and after.

    Examples
    --------
    >>> once = write_fields(None, Fields(rating=-1, keywords=frozenset({"front"})), "a.xmp")
    >>> write_fields(once, Fields(rating=-1, keywords=frozenset({"front"})), "a.xmp") == once
    True
    """
    before = _EMPTY.encode("utf-8") if data is None else data
    read = read_sidecar(before, name)
    if not xmp.descriptions(read.document, name):
        before = _with_description(read)
        read = read_sidecar(before, name)
    after = _Writer(read, name).write(wanted)
    if after == before:
        return before if data is None else data
    _require_meant(read, after, wanted, name)
    return after


def _require_meant(read: Sidecar, after: bytes, wanted: Fields, name: str) -> None:
    """Read what would be written: every field must be what was wanted, and everything else what it was."""
    again = read_sidecar(after, name)
    wrong = [
        each
        for each in (*SIMPLE, *BAGS)
        if each not in read.unclear and not xmp.same(each, getattr(again.fields, each), getattr(wanted, each))
    ]
    if wrong or xmp.foreign(again.document, name) != xmp.foreign(read.document, name):
        raise UnreadableError(
            f"{name} has a form in which {', '.join(wrong) or 'a field'} can't be changed without touching what other "
            "programs wrote; it is left as it is"
        )


def _with_description(read: Sidecar) -> bytes:
    rdf = next(each for each in read.document.root.walk() if each.name == (RDF, "RDF"))
    prefix = f"{rdf.tag.rpartition(':')[0]}:".lstrip(":")
    inner = f'<{prefix}Description xmlns:r="{RDF}" r:about=""/>'.encode()
    if rdf.is_one_tag:
        return read.document.changed([(rdf.inside, rdf.inside + 2, b">" + inner + f"</{rdf.tag}>".encode())])
    return read.document.changed([(rdf.inside, rdf.inside, inner)])


@dataclass
class _Writer:
    """Collects the splices of one write."""

    read: Sidecar
    name: str
    edits: list[tuple[int, int, bytes]] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    new_attributes: list[bytes] = field(default_factory=list)
    new_children: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = xmp.descriptions(self.read.document, self.name)
        self.home = self.places[0]

    def write(self, wanted: Fields) -> bytes:
        now = self.read.fields
        for key, what in SIMPLE.items():
            value = getattr(wanted, key)
            if key not in self.read.unclear and not xmp.same(key, getattr(now, key), value):
                self._set(what, _text(value))
                self._in_step(key, value)
        for key, what in BAGS.items():
            there, value = getattr(now, key), getattr(wanted, key)
            if key not in self.read.unclear and there != value:
                self._take(what, there - value, is_last=not value)
                self._add(what, sorted(value - there))
        self._flush()
        return self.read.document.changed(self.edits)

    def _in_step(self, key: str, value: object) -> None:
        """Keep what other programs derive from a field in step, where it is there already."""
        if key == "pick" and self._has(xmp.GOOD):
            word = {"1": "True", "-1": "False"}.get(str(value))
            self._set(xmp.GOOD, word.lower() if word and self._is_lower(xmp.GOOD) else word)
        number = COLOR_CLASSES.get(str(value).casefold())
        if key == "label" and number and self._has(xmp.COLOR_CLASS):
            self._set(xmp.COLOR_CLASS, str(number))

    def _is_lower(self, what: Name) -> bool:
        return any(str(each).islower() for place in self.places for each in xmp.texts_of(place, what))

    def _has(self, what: Name) -> bool:
        return any(xmp.texts_of(place, what) for place in self.places)

    def _set(self, what: Name, text: str | None) -> None:
        """Put a simple property's text in each place where it stands, or beside the others where it stands nowhere."""
        found = False
        for place in self.places:
            old = place.attributes.get(what)
            if old is not None:
                found = True
                gone = (old.start, old.end, b"")
                self.edits.append(gone if text is None else (old.value_start, old.value_end, attribute_text(text)))
            for child in place.children:
                if child.name == what:
                    found = True
                    self._replace(child, text)
        if not found and text is not None:
            spelled = f"{self._prefix(what[0])}:{what[1]}=".encode()
            self.new_attributes.append(spelled + b'"' + attribute_text(text) + b'"')

    def _replace(self, element: Element, text: str | None) -> None:
        if text is None:
            self._remove(element)
        elif element.is_one_tag:
            closed = b">" + element_text(text) + f"</{element.tag}>".encode()
            self.edits.append((element.inside, element.inside + 2, closed))
        else:
            self.edits.append((element.inside, element.inside_end, element_text(text) + self._notes(element)))

    def _remove(self, element: Element) -> None:
        self.edits.append((self._before(element), element.end, self._notes(element)))

    def _notes(self, element: Element) -> bytes:
        """Return the comments and processing instructions inside an element: they stay when it goes."""
        return b"".join(_NOTES.findall(self.read.document.utf8, element.inside, element.inside_end))

    def _take(self, what: Name, texts: frozenset[str], *, is_last: bool) -> None:
        """Take items away; with `is_last` nothing is added after, and an array without items goes too."""
        for place in self.places:
            for child in [each for each in place.children if each.name == what]:
                items = xmp.items_of(child) or []
                gone = [each for each in items if each.text in texts]
                if is_last and gone and len(gone) == len(items):
                    self._remove(child)
                    continue
                for each in gone:
                    self._remove(each)

    def _add(self, what: Name, texts: list[str]) -> None:
        if not texts:
            return
        there = next((child for place in self.places for child in place.children if child.name == what), None)
        if there is None or not there.children:
            self._new_bag(what, texts, there)
            return
        array = there.children[0]
        prefix = f"{array.tag.rpartition(':')[0]}:".lstrip(":")
        last = array.children[-1] if array.children else None
        lead = b"" if last is None else self.read.document.utf8[self._before(last) : last.start]
        items = b"".join(lead + _tagged(f"{prefix}li", element_text(each)) for each in texts)
        if array.is_one_tag:
            self.edits.append((array.inside, array.inside + 2, b">" + items + f"</{array.tag}>".encode()))
        else:
            at = array.inside if last is None else last.end
            self.edits.append((at, at, items))

    def _new_bag(self, what: Name, texts: list[str], there: Element | None) -> None:
        rdf = (there.prefix_of(RDF) or "") if there else self._prefix(RDF)
        prefix = f"{rdf}:".lstrip(":")
        bag = _tagged(f"{prefix}Bag", b"".join(_tagged(f"{prefix}li", element_text(each)) for each in texts))
        if there is None:
            self.new_children.append(_tagged(f"{self._prefix(what[0])}:{what[1]}", bag))
        else:
            self.edits.append((there.start, there.end, _tagged(there.tag, bag + self._notes(there))))

    def _prefix(self, namespace: str) -> str:
        """Return a prefix that means `namespace` where new properties go, saying so there if nothing does yet."""
        known = self.home.prefix_of(namespace) or self.declared.get(namespace)
        if known:
            return known
        taken = {*self.home.prefixes, *self.declared.values()}
        wish = PREFIXES[namespace]
        prefix = next(each for n in range(len(taken) + 1) if (each := f"{wish}{n or ''}") not in taken)
        self.declared[namespace] = prefix
        return prefix

    def _before(self, element: Element) -> int:
        """Return where the white space before an element begins."""
        text, at = self.read.document.utf8, element.start
        while text[at - 1 : at] in _WHITE:
            at -= 1
        return at

    def _after_white(self, at: int) -> int:
        """Return where the white space that begins here ends."""
        text = self.read.document.utf8
        while text[at : at + 1] in _WHITE:
            at += 1
        return at

    def _flush(self) -> None:
        """Put new declarations, attributes and children into the first description."""
        home, text = self.home, self.read.document.utf8
        ends = [each.end for each in home.attributes.values()]
        at = max(ends, default=home.start + 1 + len(home.tag.encode("utf-8")))
        last = next((each for each in home.attributes.values() if each.end == at), None)
        lead = text[last.start : self._after_white(last.start)] if last else b" "
        declared = [f'xmlns:{prefix}="{uri}"'.encode() for uri, prefix in self.declared.items()]
        if declared or self.new_attributes:
            self.edits.append((at, at, b"".join(lead + each for each in (*declared, *self.new_attributes))))
        if self.new_children:
            inner = b"".join(self.new_children)
            if home.is_one_tag:
                self.edits.append((home.inside, home.inside + 2, b">" + inner + f"</{home.tag}>".encode()))
            else:
                self.edits.append((home.inside_end, home.inside_end, inner))


def _tagged(tag: str, inner: bytes) -> bytes:
    spelled = tag.encode()
    return b"<" + spelled + b">" + inner + b"</" + spelled + b">"


def _text(value: object) -> str | None:
    if value is None:
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)
