"""Numbers of any profile to linear Rec.2020, once: the only conversion outside OpenColorIO.

Profiles of a matrix and curves are worked out as ICC.1 annex F.3 writes them. LittleCMS would do the same, but its
16-bit path resamples them to a coarse table: near black it was 0.7 % of full scale off where this is exact.
Profiles of tables (all CMYK, some RGB) go through LittleCMS in libvips, relative colorimetric with black point
compensation as Photoshop does by default, to 16-bit ProPhoto code values, and on to linear Rec.2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.errors import UnreadableError
from safelight.media.icc import Profile
from safelight.pixels.color.spaces import D50, D65, adaptation, matrix_to_xyz, to_integers

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


def curves_to_working(pixels: NDArray[Any], profile: Profile, out: NDArray[Any]) -> None:
    """Write numbers of a matrix-and-curves profile into `out` as linear Rec.2020.

    Parameters
    ----------
    pixels : (H, W, 1 or 3) uint8, uint16 or float32
        As many channels as the profile has curves. Floats beyond 0..1, where curves say nothing, are clipped.
    profile : Profile
        With `colorants` and `curves`.
    out : (H, W, 3 or more) uint16 or float32
        Integers are clipped to what they hold, floats keep colors outside Rec.2020.

    References
    ----------
    ICC.1:2022, annex F.3, three-component matrix-based profiles.
    """
    if profile.colorants is None:
        raise UnreadableError(f"its profile {profile.title} has no matrix")
    matrix = (_to_working() @ profile.colorants).T.astype(np.float32)
    tables = [_table(each, pixels.dtype) for each in profile.curves]
    for rows in _strips(pixels):
        codes = _codes(pixels[rows])
        light = np.stack([table[codes[..., index]] for index, table in enumerate(tables)], axis=-1)
        _store(light @ matrix, out, rows)


def _to_working() -> NDArray[np.float64]:
    return np.asarray(np.linalg.inv(matrix_to_xyz("linear_rec2020")) @ adaptation(D50, D65))


def _table(curve: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[np.float32]:
    step = 257 if dtype == np.uint8 else 1
    return curve[::step].astype(np.float32)


def _codes(strip: NDArray[Any]) -> NDArray[Any]:
    return np.rint(np.clip(strip, 0, 1) * 65535).astype(np.uint16) if strip.dtype == np.float32 else strip


def _strips(pixels: NDArray[Any]) -> Iterator[slice]:
    rows = max(1, _STRIP_PIXELS // pixels.shape[1])
    for top in range(0, pixels.shape[0], rows):
        yield slice(top, top + rows)


def _store(light: NDArray[Any], out: NDArray[Any], rows: slice) -> None:
    out[rows, :, :3] = to_integers(light.astype(np.float32), np.uint16) if out.dtype == np.uint16 else light


def wide_to_working(wide: NDArray[np.uint16], out: NDArray[Any]) -> None:
    """Write ProPhoto code values into `out` ((H, W, 3 or more) uint16 or float32) as linear Rec.2020."""
    from safelight.pixels.color import fused

    dtype: Any = out.dtype.type
    for rows in _strips(wide):
        out[rows, :, :3] = fused.apply(np.ascontiguousarray(wide[rows]), WIDE, (), "linear_rec2020", dtype)


def lab_to_working(lab: NDArray[np.float32], out: NDArray[Any]) -> None:
    """Write CIE Lab D50 into `out` ((H, W, 3 or more) float32) as linear Rec.2020; colors outside it stay outside."""
    matrix = _to_working().T
    x, y = D50
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    for rows in _strips(lab):
        strip = lab[rows].astype(np.float64)
        middle = (strip[..., 0] + 16) / 116
        bent = np.stack((middle + strip[..., 1] / 500, middle, middle - strip[..., 2] / 200), axis=-1)
        # CIE 15:2018, 8.2.1.1, solved for XYZ.
        light = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29))
        _store((light * white) @ matrix, out, rows)
