"""What a delivered file does not tell strangers: where, with which body, whose face.

Taken out, not overwritten: a directory that loses a tag is laid out anew.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from types import MappingProxyType
from typing import Literal

from safelight.errors import UnreadableError
from safelight.media.exif import EXIF_IFD, GPS_IFD
from safelight.media.metadata import Metadata
from safelight.media.sidecar_xml import Name
from safelight.media.tiff_structure import read_directories
from safelight.media.tiff_writing import exif_tree, pack
from safelight.media.xmp import change_properties, property_names

Topic = Literal["gps", "serial_numbers", "faces"]
TOPICS: tuple[Topic, ...] = ("gps", "serial_numbers", "faces")

_EXIF = "http://ns.adobe.com/exif/1.0/"
_EXIF_EX = "http://cipa.jp/exif/1.0/"
_AUX = "http://ns.adobe.com/exif/1.0/aux/"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_GPS_NAMES = (
    "VersionID", "Latitude", "Longitude", "AltitudeRef", "Altitude", "TimeStamp", "Satellites", "Status",
    "MeasureMode", "DOP", "SpeedRef", "Speed", "TrackRef", "Track", "ImgDirectionRef", "ImgDirection", "MapDatum",
    "DestLatitude", "DestLongitude", "DestBearingRef", "DestBearing", "DestDistanceRef", "DestDistance",
    "ProcessingMethod", "AreaInformation", "DateStamp", "Differential", "HPositioningError",
)  # fmt: skip
# EXIF 3.0: owner, body, lens; maker notes hold serial numbers, places and faces in forms of their own.
_EXIF_TAGS = MappingProxyType({"gps": (), "serial_numbers": (0xA430, 0xA431, 0xA435, 0x927C), "faces": (0x927C,)})
_XMP_NAMES: MappingProxyType[str, tuple[Name, ...]] = MappingProxyType(
    {
        "gps": (
            *((_EXIF, f"GPS{each}") for each in _GPS_NAMES),
            (_IPTC_EXT, "LocationCreated"),
            ("http://ns.adobe.com/lightroom/1.0/", "Coordinates"),
        ),
        "serial_numbers": (
            *((_AUX, each) for each in ("SerialNumber", "LensSerialNumber", "OwnerName")),
            *((_EXIF_EX, each) for each in ("BodySerialNumber", "LensSerialNumber", "CameraOwnerName")),
            (_EXIF, "MakerNote"),
        ),
        "faces": (
            ("http://www.metadataworkinggroup.com/schemas/regions/", "Regions"),
            ("http://ns.microsoft.com/photo/1.2/", "RegionInfo"),
            *((_IPTC_EXT, each) for each in ("PersonInImage", "PersonInImageWDetails", "ImageRegion")),
            ("http://ns.apple.com/faceinfo/1.0/", "*"),
            ("http://ns.acdsee.com/regions/", "*"),
        ),
    }
)


def private_fields(metadata: Metadata) -> tuple[str, ...]:
    """Return the names of private fields that metadata hold, sorted: ``"EXIF GPS"``, ``"XMP PersonInImage"``.

    Examples
    --------
    >>> private_fields(Metadata())
    ()
    """
    found = set(_private_exif(metadata.exif))
    held = property_names(metadata.xmp)
    for names in _XMP_NAMES.values():
        found |= {f"XMP {each[1]}" for each in held if each in names or (each[0], "*") in names}
    return tuple(sorted(found))


def without_private(metadata: Metadata, topics: Collection[str] = TOPICS) -> Metadata:
    """Return metadata without what `topics` cover; all else is kept.

    Parameters
    ----------
    metadata : Metadata
    topics : collection of {"gps", "serial_numbers", "faces"}
        Serial numbers and faces take the maker's note with them, which holds both in a form of its own.

    Returns
    -------
    Metadata
        Blocks that cannot be read are left out: what nobody can look into may hold anything.
    """
    if not topics:
        return metadata
    return Metadata(_exif(metadata.exif, topics), _xmp(metadata.xmp, topics), metadata.iptc, metadata.icc)


def _private_exif(block: bytes | None) -> list[str]:
    if not block:
        return []
    try:
        first = read_directories(memoryview(block), variants=True)[0]
    except (UnreadableError, struct.error):
        return []
    names = {0xA430: "owner", 0xA431: "body serial number", 0xA435: "lens serial number", 0x927C: "maker's note"}
    found = [f"EXIF {names[tag]}" for each in first.children.get(EXIF_IFD, ()) for tag in each.entries if tag in names]
    return found + ["EXIF GPS"] * bool(first.children.get(GPS_IFD))


def _exif(block: bytes | None, topics: Collection[str]) -> bytes | None:
    if not block:
        return None
    data = memoryview(block)
    try:
        tree = exif_tree(data, read_directories(data, variants=True))
    except (UnreadableError, struct.error):
        return None
    if "gps" in topics:
        tree.children.pop(GPS_IFD, None)
    inner = tree.children.get(EXIF_IFD)
    for tag in {tag for topic in topics for tag in _EXIF_TAGS[topic]} if inner else ():
        inner.values.pop(tag, None)  # type: ignore[union-attr]
    return b"II*\0\x08\0\0\0" + pack(tree, 8) if tree.values or tree.children else None


def _xmp(packet: bytes | None, topics: Collection[str]) -> bytes | None:
    if not packet:
        return None
    gone = [name for topic in topics for name in _XMP_NAMES[topic]]
    try:
        return change_properties(packet, {}, gone)
    except UnreadableError:
        return None
