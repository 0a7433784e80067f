"""The one conversion outside OpenColorIO: numbers of any profile to linear Rec.2020, once, by LittleCMS in libvips.

LittleCMS goes from the file's profile to 16-bit ProPhoto code values (relative colorimetric, black point
compensation, as Photoshop does by default): wide enough for what a file may hold, and fine in the dark.
From there OpenColorIO goes to linear Rec.2020.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError
from safelight.pixels.color.spaces import D50, D65, adaptation, matrix_to_xyz

WIDE = "prophoto_rgb"
# libvips takes the profile to go to as a file only; a test holds it to `icc.standard_profile(WIDE)`.
_WIDE_FILE = Path(__file__).with_name("prophoto_rgb.icc")
_FORMATS = {np.dtype(np.uint8): "uchar", np.dtype(np.uint16): "ushort", np.dtype(np.float32): "float"}
_STRIP_PIXELS = 1_000_000


def to_wide(pixels: NDArray[Any], model: str, profile: bytes) -> NDArray[np.uint16]:
    """Convert numbers of a profile to ProPhoto code values.

    Parameters
    ----------
    pixels : (H, W, 1, 3 or 4) uint8 or uint16, C-contiguous, no alpha
    model : {"gray", "rgb", "cmyk"}
        CMYK as ink: the largest number is full ink.
    profile : bytes
        Whose numbers they are; b"" with ``"cmyk"`` for the general press profile built into libvips.

    Returns
    -------
    (H, W, 3) uint16, ``prophoto_rgb``

    Raises
    ------
    UnreadableError
        If LittleCMS cannot use the profile.
    """
    import pyvips

    height, width, bands = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    wide = pixels.dtype == np.uint16
    kind = {"gray": "grey16" if wide else "b-w", "rgb": "rgb16" if wide else "srgb", "cmyk": "cmyk"}[model]
    try:
        image = pyvips.Image.new_from_memory(pixels.data, width, height, bands, _FORMATS[pixels.dtype])
        image = image.copy(interpretation=kind)
        options: dict[str, Any] = {"input_profile": "cmyk"} if not profile else {"embedded": True}
        if profile:
            image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        converted = image.icc_transform(
            str(_WIDE_FILE), intent="relative", black_point_compensation=True, depth=16, **options
        )
        found = np.asarray(converted.numpy())
    except pyvips.Error as error:
        cause = str(error).strip().splitlines()[-1]
        raise UnreadableError(f"its color profile cannot be used (LittleCMS: {cause[:120]})") from None
    return found.reshape(height, width, 3)


def wide_to_working(wide: NDArray[np.uint16], out: NDArray[Any]) -> None:
    """Write ProPhoto code values into `out` ((H, W, 3 or more) uint16 or float32) as linear Rec.2020."""
    from safelight.pixels.color import fused

    rows = max(1, _STRIP_PIXELS // wide.shape[1])
    dtype: Any = out.dtype.type
    for top in range(0, wide.shape[0], rows):
        strip = np.ascontiguousarray(wide[top : top + rows])
        out[top : top + rows, :, :3] = fused.apply(strip, WIDE, (), "linear_rec2020", dtype)


def lab_to_working(lab: NDArray[np.float32], out: NDArray[Any]) -> None:
    """Write CIE Lab D50 into `out` ((H, W, 3 or more) float32) as linear Rec.2020; colors outside it stay outside."""
    matrix = np.linalg.inv(matrix_to_xyz("linear_rec2020")) @ adaptation(D50, D65)
    x, y = D50
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    rows = max(1, _STRIP_PIXELS // lab.shape[1])
    for top in range(0, lab.shape[0], rows):
        strip = lab[top : top + rows].astype(np.float64)
        middle = (strip[..., 0] + 16) / 116
        bent = np.stack((middle + strip[..., 1] / 500, middle, middle - strip[..., 2] / 200), axis=-1)
        # CIE 15:2018, 8.2.1.1, solved for XYZ.
        light = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29))
        out[top : top + rows, :, :3] = (light * white) @ matrix.T
