"""What a delivered file says beside its pixels: the original's words, made true, private ones gone, ours added.

IPTC Photo Metadata Standard 2025.1; where XMP and its older twin IIM say the same, XMP is written and IIM follows.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safelight import __version__
from safelight.core.canonical import key_of
from safelight.delivery.provenance import Provenance
from safelight.errors import MediaError
from safelight.media import iim, xmp
from safelight.media.metadata import Metadata
from safelight.media.privacy import without_private
from safelight.media.sidecar_xml import Name
from safelight.media.xmp import SOURCE_TYPE, Bag, Lang, Seq, Text, Value
from safelight.workflows.metadata_rules import DATA_MINING, MetadataRules
from safelight.workflows.sidecar_rules import SidecarRules

_OWN = "urn:safelight:xmp:1.0:"
_PLUS_WORDS = "http://ns.useplus.org/ldf/vocab/"
# Amazon, Seller Central G1881: wholly made-up people are declared by this keyword.
SYNTHETIC_PERFORMER = "contains-synthetic-performer"
_SUBJECT, _TREE = (xmp.DC, "subject"), ("http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject")
# IIM's fields by the XMP property that says the same; where only IIM says it, XMP learns it.
_TWINS: tuple[tuple[int, Name, type[Lang] | type[Seq] | type[Text]], ...] = (
    (iim.TITLE, (xmp.DC, "title"), Lang),
    (iim.CAPTION, (xmp.DC, "description"), Lang),
    (iim.RIGHTS, (xmp.DC, "rights"), Lang),
    (iim.CREATOR, (xmp.DC, "creator"), Seq),
    (iim.HEADLINE, (xmp.PHOTOSHOP, "Headline"), Text),
    (iim.CREDIT, (xmp.PHOTOSHOP, "Credit"), Text),
    (iim.SOURCE, (xmp.PHOTOSHOP, "Source"), Text),
)
# What is true of the original file and false of a picture made from it.
_STALE: tuple[Name, ...] = (
    ("http://ns.adobe.com/xap/1.0/", "Thumbnails"),
    (xmp.PHOTOSHOP, "SidecarForExtension"),
    ("http://purl.org/dc/terms/", "provenance"),
)


@dataclass(frozen=True)
class Said:
    """The metadata of a delivered file, and what was left out of it.

    Parameters
    ----------
    metadata : Metadata
    left_out : tuple of str
        Keywords of the original that are not on the guide's list (R10).
    notes : tuple of str
        What could not be carried on, in words.
    """

    metadata: Metadata
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def describe_delivery(
    original: Metadata,
    provenance: Provenance,
    rules: MetadataRules,
    keywords: SidecarRules,
    words: Sequence[str],
    *,
    asset: str,
    version: str,
    is_performer: bool = False,
) -> Said:
    """Return what a delivered file carries.

    Parameters
    ----------
    original : Metadata
        Of the original; empty where it was not at hand.
    provenance : Provenance
    rules : MetadataRules
        The guide's.
    keywords : SidecarRules
        Its controlled list (R116): with one, nothing else is delivered; without one, the original's keywords are.
    words : sequence of str
        What we know of the picture: view, color, category.
    asset, version : str
        SHA-256 of the original, and the version's id: the file's identity in XMP.
    is_performer : bool
        True if people are in a picture that was made up by a machine.

    Notes
    -----
    Properties of other programs keep their bytes. Private ones are taken out first, see `media.privacy`.
    """
    kept = without_private(original, rules.removed)
    notes = tuple(
        f"the original's {name} could not be read and was left out"
        for name, before, after in (("EXIF", original.exif, kept.exif), ("XMP", original.xmp, kept.xmp))
        if before and not after and rules.removed
    )
    packet, more = _readable(kept.xmp)
    flat, tree, left_out = _keywords(packet, kept.iptc, keywords, words)
    if is_performer:
        flat = (*flat, SYNTHETIC_PERFORMER)
    wanted = _wanted(packet, kept.iptc, provenance, rules, asset, version)
    if flat:
        wanted[_SUBJECT] = Bag(flat)
    if tree:
        wanted[_TREE] = Bag(tree)
    gone = [*_STALE, *([_SUBJECT] if not flat else []), *([_TREE] if keywords.keywords and not tree else [])]
    said = xmp.change_properties(packet, wanted, gone)
    twin = iim.change_iim(kept.iptc, _mirror(said, flat))
    return Said(Metadata(kept.exif, said, twin, None), left_out, (*notes, *more))


def source_type_of(metadata: Metadata) -> str:
    """Return the digital source type that metadata state, as they spell it; "" for none."""
    return next(iter(xmp.read_property(metadata.xmp, SOURCE_TYPE)), "")


def _readable(packet: bytes | None) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the packet, or None and a note where it is no XMP: it cannot be changed then, so it is left out."""
    if packet is None:
        return None, ()
    try:
        xmp.change_properties(packet, {})
    except MediaError as error:
        return None, (f"the original's XMP was left out: {error}",)
    return packet, ()


def _wanted(
    packet: bytes | None, iptc: bytes | None, provenance: Provenance, rules: MetadataRules, asset: str, version: str
) -> dict[Name, Value]:
    wanted: dict[Name, Value] = {}
    for number, name, kind in _TWINS:
        texts = iim.iim_texts(iptc, number)
        if texts and not xmp.read_property(packet, name):
            wanted[name] = Seq(texts) if kind is Seq else kind(texts[0])  # type: ignore[arg-type]
    given: dict[Name, Value | None] = {
        (xmp.DC, "creator"): Seq((rules.creator,)) if rules.creator else None,
        (xmp.DC, "rights"): Lang(rules.rights) if rules.rights else None,
        (xmp.XMP_RIGHTS, "Marked"): Text("True") if rules.rights else None,
        (xmp.PHOTOSHOP, "Credit"): Text(rules.credit) if rules.credit else None,
        (_OWN, "LookOwner"): Text(rules.look_owner) if rules.look_owner else None,
        (xmp.PLUS, "DataMining"): _mining(rules),
        SOURCE_TYPE: Text(provenance.source_uri),
        (_OWN, "Operation"): Text(provenance.operation),
        (_OWN, "Original"): Text(asset),
        ("http://ns.adobe.com/xap/1.0/", "CreatorTool"): Text(f"safelight {__version__}"),
    }
    wanted |= {name: value for name, value in given.items() if value is not None}
    if provenance.ai_systems:
        # IPTC 2025.1: which system made parts of it up. No prompt was written by anybody, so none is named.
        wanted[xmp.IPTC_EXT, "AISystemUsed"] = Text(", ".join(f"safelight {n}" for n, _ in provenance.ai_systems))
        wanted[xmp.IPTC_EXT, "AISystemVersionUsed"] = Text(", ".join(v for _, v in provenance.ai_systems))
    return wanted | _identity(packet, asset, version)


def _identity(packet: bytes | None, asset: str, version: str) -> dict[Name, Value]:
    """XMP media management: a document derived from another, which keeps the first one's id."""
    first = xmp.read_property(packet, (xmp.XMP_MM, "OriginalDocumentID"))
    first = first or xmp.read_property(packet, (xmp.XMP_MM, "DocumentID")) or (_id("did", asset),)
    return {
        (xmp.XMP_MM, "OriginalDocumentID"): Text(first[0]),
        (xmp.XMP_MM, "DocumentID"): Text(_id("did", asset, version)),
        (xmp.XMP_MM, "InstanceID"): Text(_id("iid", asset, version)),
    }


def _id(kind: str, *parts: str) -> str:
    return f"xmp.{kind}:{uuid.UUID(hex=key_of(kind, *parts)[:32], version=4)}"


def _mining(rules: MetadataRules) -> Text | None:
    word = DATA_MINING[rules.data_mining]
    return Text(_PLUS_WORDS + word) if word else None


def _keywords(
    packet: bytes | None, iptc: bytes | None, controlled: SidecarRules, words: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return flat and hierarchical keywords, and what of the original's is not on the list."""
    own = dict.fromkeys((*xmp.read_property(packet, _SUBJECT), *iim.iim_texts(iptc, iim.KEYWORDS)))
    if not controlled.keywords:
        return tuple(own), (), ()
    flat, tree, _ = controlled.keywords_for([*own, *words])
    left = controlled.keywords_for(list(own))[2]
    return tuple(sorted(flat)), tuple(sorted(tree)), left


def _mirror(packet: bytes, flat: Sequence[str]) -> Mapping[int, Sequence[str]]:
    """Return what IIM must say for it to agree with XMP."""
    twins = {number: xmp.read_property(packet, name) for number, name, _ in _TWINS}
    return {
        iim.KEYWORDS: flat,
        **{number: texts[:1] if number != iim.CREATOR else texts for number, texts in twins.items()},
    }
