"""Bring colors into a gamut along their hue; what is inside stays bit for bit."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import cv2
import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - its usual short name
from numpy.typing import NDArray

from safelight.pixels.color import transforms
from safelight.pixels.color.inside import HIGH, LOW, SIDE, mark
from safelight.pixels.color.oklab import lab_of_roots, light_of_cones, roots_of
from safelight.pixels.color.spaces import WORKING, Float32, decode, encode, matrix_between

# Ottosson's alpha: 0 holds lightness and bleaches what is bright, 1 darkens to keep color. At 0.5 colors are as near to
# what they were as clipping leaves them (mean ΔE00 1.5 against 1.4 a fifth of a stop over), their hue kept.
_BALANCE = 0.5
_NEAR_WHITE = 0.8  # from where light in all channels goes over to clipping, so that what is white in all is white
_HALVINGS = 14  # 2**-14 of the way to gray: below a code value of 8 bits
_INSIDE = 1e-5
_BLOCK = 8192  # pixels: a few arrays of them stay in a core's own cache


def into_gamut(light: Float32, space: str, needed: NDArray[Any] | None = None) -> Float32:
    """Bring linear light of the primaries of `space` between 0 and 1 without turning its hue.

    Parameters
    ----------
    light : (..., 3) float32, linear light of the primaries of `space`
        Any values; NaN becomes 0.
    space : str
        A name of `spaces.SPACES` under D65.
    needed : (...,) of numbers, or None
        Where it is 0 nobody will see the color, and its channels are clipped.

    Returns
    -------
    (..., 3) float32, 0 to 1
        A new array. Colors inside are the very same numbers. Those outside go straight towards a gray
        near their lightness, in Oklab, until they are inside; clipping channels instead would
        turn an orange yellow and a violet blue. What reaches 1 in every channel is white, and what
        reaches it nearly goes over to that, so that a backdrop stays clean.

    Notes
    -----
    Doing it twice is doing it once. Grays never take on a color; a gray above white becomes white.

    References
    ----------
    Ottosson, B. (2021), "Gamut clipping", adaptive L0 towards 0.5, alpha 0.5.

    Examples
    --------
    >>> inside = np.float32([[0.2, 0.5, 1.0]])
    >>> bool((into_gamut(inside, "srgb") == inside).all())
    True
    """
    out = np.array(light, np.float32)
    flat = out.reshape(-1, 3)
    outside = _outside(flat)
    if outside.size and needed is not None:
        seen = needed.reshape(-1)[outside] > 0
        flat[outside[~seen]] = np.clip(np.nan_to_num(flat[outside[~seen]], nan=0.0), 0, 1)
        outside = outside[seen]
    if outside.size:
        flat[outside] = _drawn_in(np.nan_to_num(flat[outside], nan=0.0, posinf=65504.0, neginf=0.0), space)
    return out


def _outside(flat: Float32) -> NDArray[np.intp]:
    """Which of (N, 3) values have a channel outside 0 to 1; not a number is outside."""
    if not flat.size:
        return np.empty(0, np.intp)
    channels = cv2.inRange(cast(Any, flat), 0.0, 1.0)
    if cv2.countNonZero(channels) == flat.size:
        return np.empty(0, np.intp)
    return np.flatnonzero(cv2.inRange(cast(Any, flat[None]), (0.0,) * 3, (1.0,) * 3) == 0)


def _drawn_in(light: Float32, space: str) -> Float32:
    """Halve the way to gray until the color is inside, block by block in the cache."""
    out = np.empty_like(light)
    for start in range(0, len(light), _BLOCK):
        part = slice(start, start + _BLOCK)
        out[part] = _block_drawn_in(light[part], space)
    return out


def _block_drawn_in(light: Float32, space: str) -> Float32:
    """On the way, at share t of it, each channel is a cubic of t.

    Cones' roots are L0 + t d in all three, so that a channel is M (L0 + t d)^3 = L0^3 + 3 L0^2 t M d + 3 L0 t^2 M d^2 +
    t^3 M d^3, where the rows of M sum to one.
    """
    roots = roots_of(light, space)
    aim = _aim(lab_of_roots(roots))
    away = np.ascontiguousarray((roots - aim[:, None]).T)
    squared = away * away
    to_light = light_of_cones(space)
    first, second, third = (to_light @ each for each in (away, squared, squared * away))
    first *= 3 * aim * aim
    second *= 3 * aim
    level = aim * aim * aim
    share, step = np.zeros(len(light), np.float32), np.float32(1)
    for _ in range(_HALVINGS):
        step = step / 2
        tried = share + step
        channels = ((third * tried + second) * tried + first) * tried + level
        inside = (channels.min(axis=0) >= -_INSIDE) & (channels.max(axis=0) <= 1 + _INSIDE)
        share += step * inside
    drawn = np.clip((((third * share + second) * share + first) * share + level).T, 0, 1)
    least = np.clip((light.min(axis=1) - _NEAR_WHITE) / (1 - _NEAR_WHITE), 0, 1)
    white = (least * least * (3 - 2 * least))[:, None]
    drawn = drawn + white * (np.clip(light, 0, 1) - drawn)
    drawn[light.max(axis=1) <= 0] = 0
    return np.asarray(drawn, np.float32)


def _aim(lab: Float32) -> Float32:
    """The lightness of the gray that a color goes to: its own, drawn a little to the middle the more it is colored.

    L0 = (1 + sign(Ld) (e - sqrt(e² - 2 |Ld|))) / 2 with Ld = L - 1/2 and e = 1/2 + |Ld| + alpha C.
    """
    away = lab[:, 0] - np.float32(0.5)
    size = np.abs(away)
    e = 0.5 + size + _BALANCE * np.hypot(lab[:, 1], lab[:, 2])
    aim = 0.5 * (1 + np.sign(away) * (e - np.sqrt(np.maximum(e * e - 2 * size, 0))))
    return np.asarray(np.clip(aim, 0, 1), np.float32)


@cache
def gamut_transform(space: str) -> ocio.Transform:
    """Return `into_gamut` as a transform in linear Rec.2020, for chains and for the screen.

    Parameters
    ----------
    space : str
        Whose gamut; with a curve, and under D65.

    Returns
    -------
    OpenColorIO transform
        A table of 41 points a side over code values -0.5 to 2, with points on 0 and 1: inside the gamut it is
        the identity to the last bits of a float, outside within about ΔE00 1 of `into_gamut`.
    """
    axis = np.linspace(LOW, HIGH, SIDE, dtype=np.float32)
    red, green, blue = np.meshgrid(axis, axis, axis, indexing="ij")
    codes = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    mapped = encode(into_gamut(decode(codes, space), space), space)
    inside = ((codes >= 0) & (codes <= 1)).all(axis=1)
    mapped[inside] = codes[inside]
    table = ocio.Lut3DTransform(gridSize=SIDE)
    table.setData(np.ascontiguousarray((mapped - LOW) / (HIGH - LOW), np.float32).ravel())
    table.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    mark(table)
    span = 1 / (HIGH - LOW)
    rows = np.diag([span, span, span, 1.0]).ravel().tolist()
    to_axis = ocio.MatrixTransform(matrix=rows, offset=[-LOW * span] * 3 + [0.0])
    from_axis = ocio.MatrixTransform(matrix=rows, offset=[-LOW * span] * 3 + [0.0])
    from_axis.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return transforms.chain(
        transforms.matrix(matrix_between(WORKING, space)),
        transforms.coding(space),
        to_axis,
        table,
        from_axis,
        transforms.decoding(space),
        transforms.matrix(matrix_between(space, WORKING)),
    )


def keep_hues(codes: Float32, space: str) -> Float32:
    """Return code values of `space` as they are delivered: 0 to 1, those outside drawn in along their hue.

    Code values inside are the very same numbers; others are decoded, brought in and encoded.
    """
    out = np.array(codes, np.float32)
    flat = out.reshape(-1, 3)
    outside = _outside(flat)
    if outside.size:
        light = decode(np.nan_to_num(flat[outside], nan=0.0, posinf=16.0, neginf=0.0), space)
        flat[outside] = np.clip(encode(into_gamut(light, space), space), 0, 1)
    return out
