"""A picture that came back, lifted off the ground it lies on: its own pixels, and a cut-out that explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from safelight.core.image import Image, Pixels
from safelight.errors import ReturnRefusedError
from safelight.pixels.color import spaces
from safelight.runs.checkout import ground_light

if TYPE_CHECKING:
    from safelight.render.planes import Plane

_STRIP_ROWS = 256
_STEEPEST = 2.4  # light for each code near white: what rounding of codes makes of coverage
_GROUND_OFF = 1.5  # ΔE00 between the ground as it went out and as it came back


def take_apart(
    image: Image, alpha: Plane, ground: str, tolerance: float, shade: Plane | None = None
) -> tuple[Image, Plane]:
    """Lift a flat picture off the ground it lies on.

    Parameters
    ----------
    image : Image
        (H, W, 3), display-referred, opaque.
    alpha : (H, W) uint16
        The cut-out as it went out.
    ground : str
        ``"#rrggbb"``.
    tolerance : float
        Share of the code range up to which a pixel outside the cut-out is still the ground.
    shade : (H, W) uint16 or None
        The share of the ground's light that a shadow takes: it belongs to the ground.

    Returns
    -------
    (base, alpha)
        uint16 in the picture's space, straight; and the cut-out, at least as large as it was: what a person painted
        beside it covers as little as explains it. Laid on the ground again they are the picture.
    """
    from safelight.pixels.matte.unmix import least_coverage, unmix

    lit = ground_light(ground, image.space)
    base = np.empty(image.pixels.shape, np.uint16)
    cover = alpha.copy()
    slack = round(_STEEPEST * tolerance * 65535)
    for top in range(0, image.height, _STRIP_ROWS):
        box = slice(top, top + _STRIP_ROWS)
        strip = cast(Pixels, np.ascontiguousarray(image.pixels[box]))
        own = cover[box]
        base[box] = _sixteen(strip)
        behind = _shaded(lit, None if shade is None else shade[box])
        away = np.abs(spaces.to_float(strip) - spaces.encode(behind, image.space)).max(axis=-1)
        rows, cols = np.nonzero((own < 65535) & (away > tolerance))
        light = _light_at(strip, rows, cols, image.space)
        least = np.ceil(least_coverage(light, _at(behind, rows, cols)) * 65535).astype(np.int32)
        old = own[rows, cols]
        own[rows, cols] = np.where(least > old.astype(np.int32) + slack, least, old).astype(np.uint16)
        rows, cols = np.nonzero((own > 0) & (own < 65535))
        light = _light_at(strip, rows, cols, image.space)
        over = unmix(light, (own[rows, cols] / np.float32(65535)).astype(np.float32), _at(behind, rows, cols))
        base[top + rows, cols] = spaces.to_integers(spaces.encode(over, image.space), np.uint16)
    return Image(base, image.space), cover


def _shaded(light: NDArray[np.float32], shade: Plane | None) -> NDArray[np.float32]:
    """The ground's light: one color, or (rows, columns, 3) where a shadow lies on it."""
    if shade is None or not shade.any():
        return light
    return np.asarray(light * (1 - shade / np.float32(65535))[..., None], np.float32)


def _at(ground: NDArray[np.float32], rows: NDArray[Any], cols: NDArray[Any]) -> NDArray[np.float32]:
    return ground if ground.ndim == 1 else ground[rows, cols]


def _light_at(pixels: Pixels, rows: NDArray[Any], cols: NDArray[Any], space: str) -> NDArray[np.float32]:
    from safelight.pixels.color.light import light_of

    if not len(rows):
        return np.empty((0, 3), np.float32)
    return np.asarray(light_of(cast(Pixels, np.ascontiguousarray(pixels[rows, cols][None])), space)[0], np.float32)


def own_alpha(image: Image) -> tuple[Image, Plane]:
    """A file that came back see-through brings its own cut-out."""
    alpha = _sixteen(cast(Pixels, np.ascontiguousarray(image.pixels[..., 3:])))[..., 0]
    color = cast(Pixels, np.ascontiguousarray(image.pixels[..., :3]))
    return Image(color, image.space), np.ascontiguousarray(alpha, np.uint16)


def require_ground(image: Image, alpha: Plane, ground: str, name: str) -> None:
    """Refuse another ground than it went out on: all of it would count as painted."""
    from safelight.pixels.color.difference import delta_e_2000, lab_from

    rows, cols = np.nonzero(alpha[::4, ::4] == 0)
    if not len(rows):
        return
    thin = cast(Pixels, np.ascontiguousarray(image.pixels[::4, ::4][rows, cols][None]))
    seen = np.median(spaces.to_float(thin), axis=1).astype(np.float32)
    wanted = spaces.encode(ground_light(ground, image.space), image.space)[None]
    apart = float(delta_e_2000(lab_from(seen, image.space), lab_from(wanted, image.space))[0])
    if apart > _GROUND_OFF:
        srgb = np.rint(spaces.convert(seen, image.space, "srgb").clip(0, 1)[0] * 255).astype(int)
        now = "#" + "".join(f"{each:02x}" for each in srgb)
        raise ReturnRefusedError(
            f"{name} came back on {now} instead of {ground}: leave the background layer as it is, or send it back "
            "see-through"
        )


def in_wide_codes(image: Image) -> Image:
    """A picture that was converted on reading lies in linear light; as a base it is kept in wide code values."""
    if not image.space.startswith("linear") and image.pixels.dtype != np.float32:
        return image
    wide = "prophoto_rgb"
    color = np.empty((image.height, image.width, image.pixels.shape[2]), np.uint16)
    for top in range(0, image.height, _STRIP_ROWS):
        strip = spaces.to_float(cast(Pixels, np.ascontiguousarray(image.pixels[top : top + _STRIP_ROWS])))
        rgb = spaces.convert(np.ascontiguousarray(strip[..., :3]), image.space, wide)
        color[top : top + _STRIP_ROWS, :, :3] = spaces.to_integers(rgb, np.uint16)
        if image.alpha != "none":
            color[top : top + _STRIP_ROWS, :, 3] = np.rint(strip[..., 3].clip(0, 1) * 65535)
    return Image(color, wide, image.alpha)


def _sixteen(pixels: Pixels) -> NDArray[np.uint16]:
    if pixels.dtype == np.uint16:
        return np.asarray(pixels, np.uint16)
    return np.asarray(pixels.astype(np.uint16) * np.uint16(257), np.uint16)
