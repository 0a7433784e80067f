"""What a delivered file says of itself, read back from its bytes."""

from __future__ import annotations

from safelight.core.check import FileFacts
from safelight.media.density import read_dpi
from safelight.media.privacy import private_fields
from safelight.media.probe import open_picture
from safelight.media.xmp import SOURCE_TYPE, read_property
from safelight.settings import Settings


def read(data: bytes, name: str, limits: Settings | None = None) -> FileFacts:
    """Read the facts that file checks need, from the header alone.

    Parameters
    ----------
    data : bytes
        The whole file. Its header is read by Python code, no native decoder sees it.
    name : str
        How it is called.
    limits : Settings, optional
        As in `probe.open_picture`.

    Returns
    -------
    FileFacts
        `profile` is a known space's name (``"srgb"``, ``"display_p3"``...) where the profile does what that space
        does, else the profile's own title; ``profile_embedded`` is False where it is only assumed.
        `subsampling` is that of a JPEG's color (``"4:4:4"``), else "".

    Raises
    ------
    MediaError
        If it is damaged, or not a picture.

    Examples
    --------
    >>> import numpy as np
    >>> from safelight.core.image import Image
    >>> from safelight.media.encode import encode
    >>> facts = read(encode(Image(np.zeros((4, 6, 3), np.uint8), "srgb"), "jpeg"), "a.jpg")
    >>> facts.width, facts.bits, facts.profile, facts.profile_embedded, facts.subsampling
    (6, 8, 'srgb', True, '4:4:4')
    """
    opened = open_picture(memoryview(data), name, limits)
    probe = opened.probe
    return FileFacts(
        name=name,
        format=probe.format,
        bytes=len(data),
        width=probe.width,
        height=probe.height,
        bits=probe.bits,
        channels=probe.channels,
        profile=probe.profile,
        profile_embedded=probe.profile_embedded,
        subsampling=opened.header.subsampling if probe.format == "jpeg" else "",
        dpi=read_dpi(data, probe.format, opened.metadata.exif),
        source_type=next(iter(read_property(opened.metadata.xmp, SOURCE_TYPE)), "").rsplit("/", 1)[-1],
        private=private_fields(opened.metadata),
    )
