"""PNG by libpng (imagecodecs), its metadata chunks put in here."""

from __future__ import annotations

import zlib

from safelight.core.image import Image
from safelight.media.icc import read_profile
from safelight.media.metadata import Metadata

_LEVEL = 3  # level 6 is two to three times slower for some 4 % of bytes
_XMP_KEYWORD = b"XML:com.adobe.xmp"


def write(image: Image, metadata: Metadata) -> bytes:
    """Encode (H, W, 3 or 4) uint8 or uint16; see `encode.encode`."""
    from imagecodecs import png_encode

    plain = bytes(png_encode(image.pixels, level=_LEVEL))
    after_header = 33  # signature 8, IHDR 25
    return plain[:after_header] + b"".join(_chunks(metadata)) + plain[after_header:]


def _chunks(metadata: Metadata) -> list[bytes]:
    found = []
    if metadata.icc:
        profile = read_profile(metadata.icc)
        # Latin-1, 1 to 79 characters; PNG specification, 11.3.2.3.
        name = (profile.title if profile else "profile").encode("latin-1", "replace")[:79] or b"profile"
        found.append(_chunk(b"iCCP", name + b"\0\0" + zlib.compress(metadata.icc, 9)))
    if metadata.exif:
        found.append(_chunk(b"eXIf", metadata.exif))
    if metadata.xmp:
        found.append(_chunk(b"iTXt", _XMP_KEYWORD + b"\0\0\0\0\0" + metadata.xmp))
    return found


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
