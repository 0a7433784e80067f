"""libvips as a strict loader: one named loader at a time, and an error where data is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError
from safelight.media.probe import Opened


def load(loader: str, opened: Opened, data: bytes | memoryview | None = None, **options: object) -> NDArray[Any]:
    """Decode with the libvips operation `loader`; (H, W, C) of the file's own type.

    Raises
    ------
    UnreadableError
        If libvips reports an error, or data is missing.
    """
    import pyvips

    try:
        image = getattr(pyvips.Image, loader)(
            bytes(opened.data if data is None else data), fail_on="error", access="sequential", **options
        )
        pixels = np.asarray(image.numpy())
    except pyvips.Error as error:
        raise UnreadableError(_sentence(opened, str(error))) from None
    return pixels.reshape(image.height, image.width, image.bands)


def _sentence(opened: Opened, words: str) -> str:
    """Tell the cause: libvips repeats itself over many lines; its last is the cause more often than not."""
    lines = [each.strip() for each in words.splitlines()[1:] if each.strip()] or ["its pixels do not decode"]
    cause = lines[-2] if len(lines) > 1 and lines[-1].endswith("load error") else lines[-1]
    return (
        f"{opened.name} is a damaged or cut {opened.probe.title} (libvips: {cause[:160]}); "
        "copy it again from where it came from"
    )
