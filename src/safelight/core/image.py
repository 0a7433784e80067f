"""A picture in memory: pixels, the color space they are in, and their alpha."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Alpha = Literal["none", "straight", "premultiplied"]
Pixels = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Image:
    """Pixels with their color space: the space travels with the picture, never with the dtype.

    Parameters
    ----------
    pixels : (height, width, 3 or 4) uint8, uint16 or float32, C-contiguous
        Integers hold code values over their full range; float32 holds values
        where 1.0 is white and nothing is clipped. Row first, upright.
    space : str
        A name from `safelight.pixels.color.spaces` (``"srgb"``,
        ``"linear_rec2020"``...), or ``"unmanaged"`` for data that is not color.
    alpha : {"none", "straight", "premultiplied"}
        How the fourth channel relates to the first three; ``"none"`` with three channels.

    Raises
    ------
    ValueError
        If shape, dtype, memory order and alpha do not agree.

    Examples
    --------
    >>> gray = Image(np.full((2, 3, 3), 128, np.uint8), "srgb")
    >>> gray.width, gray.height, gray.alpha
    (3, 2, 'none')
    """

    pixels: Pixels
    space: str
    alpha: Alpha = "none"

    def __post_init__(self) -> None:
        """Refuse what could not be painted."""
        shape, dtype = self.pixels.shape, self.pixels.dtype
        if len(shape) != 3 or shape[2] not in (3, 4) or 0 in shape:
            raise ValueError(f"an Image is (height, width, 3 or 4) with no empty side, got {shape}")
        if dtype not in (np.uint8, np.uint16, np.float32):
            raise ValueError(f"an Image is uint8, uint16 or float32, got {dtype}")
        if (shape[2] == 4) != (self.alpha != "none"):
            raise ValueError(f"{shape[2]} channels and alpha {self.alpha!r} do not agree: 4 channels have an alpha")
        if not self.pixels.flags["C_CONTIGUOUS"]:
            # OpenColorIO ignores strides and would overwrite the wrong pixels.
            raise ValueError("an Image is C-contiguous; pass np.ascontiguousarray(pixels)")

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height

    def with_pixels(self, pixels: Pixels) -> Image:
        """Return the same space and alpha with other pixels."""
        return replace(self, pixels=pixels)
