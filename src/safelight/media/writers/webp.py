"""WebP by Pillow (libwebp)."""

from __future__ import annotations

import io

from safelight.core.image import Image
from safelight.errors import ParameterError
from safelight.media.metadata import Metadata

_SIDE_LIMIT = 16_383


def write(image: Image, metadata: Metadata, *, quality: int, lossless: bool) -> bytes:
    """Encode (H, W, 3 or 4) uint8; see `encode.encode`."""
    import PIL.Image

    if max(image.size) > _SIDE_LIMIT:
        raise ParameterError(f"a WebP side may have {_SIDE_LIMIT} px, this has {max(image.size)}: write jpeg or png")
    out = io.BytesIO()
    PIL.Image.fromarray(image.pixels).save(
        out,
        "WEBP",
        quality=quality,
        lossless=lossless,
        exact=True,  # colors under alpha 0 stay: mattes are amended later
        method=4,
        icc_profile=metadata.icc or b"",
        exif=metadata.exif or b"",
        xmp=metadata.xmp or b"",
    )
    return out.getvalue()
