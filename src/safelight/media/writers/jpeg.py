"""JPEG by libjpeg-turbo, its metadata segments put together here."""

from __future__ import annotations

import io
from functools import cache

from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.media.metadata import Metadata, resources_of_iptc, split_extended_xmp

# A segment's length field counts itself: 65,535 - 2.
_ROOM = 65_533
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_SIDE_LIMIT = 65_500  # libjpeg's JPEG_MAX_DIMENSION
# At these qualities the standard table of chroma costs more color than a brand allows; a quarter more bytes mend it.
# From 95 on the file is the standard's.
_FINE_CHROMA = range(90, 95)


def write(image: Image, metadata: Metadata, *, quality: int, subsampling: str) -> bytes:
    """Encode (H, W, 3) uint8; see `encode.encode`."""
    import simplejpeg

    if max(image.size) > _SIDE_LIMIT:
        raise ParameterError(f"a JPEG side may have {_SIDE_LIMIT} px, this has {max(image.size)}: write tiff")
    if subsampling == "444" and quality in _FINE_CHROMA:
        return insert_segments(_with_fine_chroma(image, quality), metadata)
    plain = simplejpeg.encode_jpeg(image.pixels, quality=quality, colorspace="RGB", colorsubsampling=subsampling)
    return insert_segments(plain, metadata)


def _with_fine_chroma(image: Image, quality: int) -> bytes:
    """Encode chroma in even steps as fine as luma's first: of tables of a size, the one with the least ΔE00 seen."""
    import PIL.Image

    out, luma = io.BytesIO(), list(_luma_table(quality))
    PIL.Image.fromarray(image.pixels).save(out, "JPEG", qtables=[luma, luma[:1] * 64], subsampling=0)
    return out.getvalue()


@cache
def _luma_table(quality: int) -> tuple[int, ...]:
    """The table that libjpeg quantizes luma by at a quality, as it writes it into a file."""
    import PIL.Image

    out = io.BytesIO()
    PIL.Image.new("RGB", (8, 8)).save(out, "JPEG", quality=quality)
    with PIL.Image.open(out) as written:
        tables: dict[int, list[int]] = written.quantization  # type: ignore[attr-defined]
    return tuple(tables[0])


def insert_segments(plain: bytes, metadata: Metadata) -> bytes:
    """Put metadata segments behind a JPEG's start and JFIF segment."""
    at = 2
    if plain[2:4] == b"\xff\xe0":
        at += 2 + int.from_bytes(plain[4:6])
    return plain[:at] + b"".join(_segments(metadata)) + plain[at:]


def _segments(metadata: Metadata) -> list[bytes]:
    found = []
    if metadata.exif and len(metadata.exif) + 6 <= _ROOM:
        found.append(_segment(0xE1, b"Exif\0\0" + metadata.exif))
    if metadata.xmp:
        main, extended = split_extended_xmp(metadata.xmp, _ROOM - len(_XMP))
        found.append(_segment(0xE1, _XMP + main))
        found += _extended(main, extended)
    resources = (resources_of_iptc(metadata.iptc) if metadata.iptc else b"") + metadata.photoshop
    if resources:
        found += _photoshop(resources)
    if metadata.icc:
        found += _profile(metadata.icc)
    return found


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def _extended(main: bytes, extended: bytes) -> list[bytes]:
    """XMP specification part 3, 1.1.3.1: name, full length, offset, piece."""
    if not extended:
        return []
    name = main.split(b'HasExtendedXMP="')[1][:32]
    room = _ROOM - len(_XMP_EXTENDED) - 40
    return [
        _segment(0xE1, _XMP_EXTENDED + name + len(extended).to_bytes(4) + at.to_bytes(4) + extended[at : at + room])
        for at in range(0, len(extended), room)
    ]


def _photoshop(resources: bytes) -> list[bytes]:
    head = b"Photoshop 3.0\0"
    room = _ROOM - len(head)
    return [_segment(0xED, head + resources[at : at + room]) for at in range(0, len(resources), room)]


def _profile(icc: bytes) -> list[bytes]:
    """ICC.1 annex B.4: numbered pieces, at most 255."""
    room = _ROOM - 14
    pieces = [icc[at : at + room] for at in range(0, len(icc), room)]
    if len(pieces) > 255:
        raise ParameterError(f"the ICC profile has {len(icc)} B; a JPEG takes {255 * room}")
    count = len(pieces)
    return [
        _segment(0xE2, b"ICC_PROFILE\0" + bytes((number, count)) + piece)
        for number, piece in enumerate(pieces, start=1)
    ]
