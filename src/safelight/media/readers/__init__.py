"""One module a format: from an opened file to its numbers, as they are stored or as its library turns them to RGB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.core.image import Alpha
from safelight.media.probe import Opened

Allocate = Callable[[tuple[int, int, int], np.dtype[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Stored:
    """Numbers of a file before its orientation and color are dealt with.

    Parameters
    ----------
    pixels : (H, W, C) uint8, uint16 or float32
        C is that of `model` ("gray" 1, "rgb" 3, "cmyk" 4, "lab" 3), plus one where there is alpha.
    alpha : {"none", "straight", "premultiplied"}
        What the last channel is.
    upright : bool
        True if they are turned already.
    placed : bool
        True if they were written into memory from the allocator.
    """

    pixels: NDArray[Any]
    model: str
    alpha: Alpha = "none"
    upright: bool = False
    placed: bool = False
    reasons: tuple[Reason, ...] = field(default=())


def read_stored(opened: Opened, longest_side: int | None, allocate: Allocate) -> Stored:
    """Decode an opened file.

    Parameters
    ----------
    opened : Opened
        From `probe.open_picture`.
    longest_side : int or None
        A reader that can decode a smaller picture for less work may return one whose long side is at least this.
    allocate : callable
        Gives memory for a result that needs no further work.
    """
    from safelight.media.readers import avif, heif, jpeg, png, psd, raw, tiff, webp

    readers: Mapping[str, Callable[[Opened, int | None, Allocate], Stored]] = MappingProxyType(
        {
            "jpeg": jpeg.read,
            "png": png.read,
            "tiff": tiff.read,
            "webp": webp.read,
            "avif": avif.read,
            "heif": heif.read,
            "psd": psd.read,
            "raw": raw.read,
        }
    )
    return readers[opened.probe.format](opened, longest_side, allocate)
