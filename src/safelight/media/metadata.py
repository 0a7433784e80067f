"""What a file carries beside its pixels, as bytes: EXIF, XMP, IPTC and the ICC profile."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from safelight.media.exif import patch_exif

_IPTC = 1028  # Photoshop image resource that holds IPTC-IIM


@dataclass(frozen=True)
class Metadata:
    r"""Raw metadata blocks; None where the file has none.

    Parameters
    ----------
    exif : bytes or None
        A TIFF structure from its byte order mark on, without ``Exif\0\0``.
    xmp : bytes or None
        A whole XMP packet, extended XMP put together.
    iptc : bytes or None
        IPTC-IIM records, as in TIFF tag 33723 and Photoshop resource 1028.
    icc : bytes or None
        The profile as it stood in the file, also where the pixels were converted from it.
    photoshop : bytes
        Image resources to write (saved paths, see `clipping_path.pack_paths`); never read from a file, since paths of
        other pixels would lie.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    icc: bytes | None = None
    photoshop: bytes = b""

    def for_picture(self, width: int, height: int, space: str) -> Metadata:
        """Return metadata that is true for upright, rewritten pixels.

        EXIF is patched in place (see `exif.patch_exif`), orientation and pixel dimensions in XMP likewise;
        everything else keeps its bytes. The profile is dropped: the writer embeds the one of the pixels.
        """
        exif = patch_exif(self.exif, width=width, height=height, space=space) if self.exif else None
        xmp = patch_xmp(self.xmp, width=width, height=height) if self.xmp else None
        return Metadata(exif or None, xmp, self.iptc, None)

    def to_data(self) -> dict[str, str]:
        """Return JSON data, bytes as base64."""
        blocks = {"exif": self.exif, "xmp": self.xmp, "iptc": self.iptc, "icc": self.icc}
        return {name: base64.b64encode(block).decode("ascii") for name, block in blocks.items() if block is not None}

    @staticmethod
    def from_data(data: Mapping[str, str]) -> Metadata:
        """Read what `to_data` wrote."""
        return Metadata(**{name: base64.b64decode(text) for name, text in data.items()})


def patch_xmp(packet: bytes, *, width: int, height: int) -> bytes:
    """Return an XMP packet whose orientation is 1 and whose pixel dimensions are those given; the rest untouched.

    Properties that are absent are not added; both the attribute and the element spelling are found.

    Examples
    --------
    >>> patch_xmp(b'<rdf:Description tiff:Orientation="6" x:y="6"/>', width=1, height=1)
    b'<rdf:Description tiff:Orientation="1" x:y="6"/>'
    """
    for name, value in (
        (b"tiff:Orientation", 1),
        (b"tiff:ImageWidth", width),
        (b"tiff:ImageLength", height),
        (b"exif:PixelXDimension", width),
        (b"exif:PixelYDimension", height),
    ):
        spelled = re.compile(rb"(" + name + rb"(?:\s*=\s*[\"']|\s*>\s*))(\d{1,9})(?=\s*[\"'<])")
        packet = spelled.sub(rb"\g<1>" + str(value).encode("ascii"), packet)
    return packet


def iptc_of_resources(resources: bytes) -> bytes | None:
    """Return the IPTC-IIM records among Photoshop image resources, or None."""
    at = 0
    while at + 12 <= len(resources):
        if resources[at : at + 4] not in (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"):
            return None
        number, name_length = struct.unpack_from(">HB", resources, at + 4)
        size_at = at + 6 + (name_length + 2 & ~1)
        if size_at + 4 > len(resources):
            return None
        (size,) = struct.unpack_from(">I", resources, size_at)
        if number == _IPTC:
            return resources[size_at + 4 : size_at + 4 + size]
        at = size_at + 4 + size + size % 2
    return None


def resources_of_iptc(iptc: bytes) -> bytes:
    """Return IPTC-IIM records as Photoshop image resources, for JPEG's APP13."""
    return b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)


def join_extended_xmp(packet: bytes | None, extended: Mapping[bytes, Mapping[int, bytes]]) -> bytes | None:
    """Put a JPEG's extended XMP back into its main packet; parts that are not announced or not whole are left out.

    References
    ----------
    XMP Specification part 3, 1.1.3.1 (extended XMP in JPEG).
    """
    if packet is None:
        return None
    announced = re.search(rb"xmpNote:HasExtendedXMP(?:\s*=\s*[\"']|\s*>\s*)([0-9A-Fa-f]{32})", packet)
    parts = extended.get(announced.group(1), {}) if announced else {}
    whole = b"".join(parts[at] for at in sorted(parts))
    if (
        not announced
        or hashlib.md5(whole, usedforsecurity=False).hexdigest().upper().encode() != announced.group(1).upper()
    ):
        return packet
    inner = re.search(rb"<rdf:RDF\b[^>]*>(.*)</rdf:RDF>", whole, re.DOTALL)
    if inner is None:
        return packet
    main = re.sub(rb"\s*xmpNote:HasExtendedXMP\s*=\s*(\"[^\"]*\"|'[^']*')", b"", packet)
    main = re.sub(rb"<xmpNote:HasExtendedXMP>[^<]*</xmpNote:HasExtendedXMP>", b"", main)
    end = main.rfind(b"</rdf:RDF>")
    return main[:end] + inner.group(1).strip() + main[end:] if end >= 0 else packet


def split_extended_xmp(packet: bytes, room: int) -> tuple[bytes, bytes]:
    """Return (main packet, extended packet) of an XMP packet; the second is b"" when the first holds it all.

    A packet larger than `room` bytes moves whole into the extended one, and the main one announces it.
    """
    if len(packet) <= room:
        return packet, b""
    body = re.search(rb"<x:xmpmeta\b.*</x:xmpmeta>|<rdf:RDF\b.*</rdf:RDF>", packet, re.DOTALL)
    whole = body.group(0) if body else packet
    name = hashlib.md5(whole, usedforsecurity=False).hexdigest().upper()
    main = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{name}"/></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    )
    return main.encode("utf-8"), whole
