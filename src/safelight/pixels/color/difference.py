"""How far apart two colors look: CIE Lab and the color differences ΔE00 and ΔE*ab."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelight.pixels.color.spaces import Float32

Floats = NDArray[np.floating[Any]]

_CHUNK = 65_536  # pixels at a time: their intermediates stay in the cache
_POWER_7_OF_25 = 25.0**7


def lab_from(rgb: Float32, space: str) -> Float32:
    """Return CIE Lab under D50, the white that ICC profiles and print references use.

    Parameters
    ----------
    rgb : (..., 3) float32, code values of `space`, 1.0 is full scale
    space : str
        A name of `safelight.pixels.color.spaces.SPACES`.

    Returns
    -------
    (..., 3) float32
        L* 0 to 100 for colors a display shows, a* and b* about -128 to 127. White is (100, 0, 0).

    Raises
    ------
    TypeError
        If `rgb` is not floating point.

    References
    ----------
    CIE 15:2018, 8.2.1; Bradford adaptation to D50 as in ICC.1:2022 annex E.

    Examples
    --------
    >>> np.round(lab_from(np.ones((1, 3), np.float32), "srgb"), 2).tolist()
    [[100.0, 0.0, 0.0]]
    """
    from safelight.pixels.color import fused

    if not np.issubdtype(np.asarray(rgb).dtype, np.floating):
        raise TypeError(f"lab_from works on float values with 1.0 as full scale, got {rgb.dtype}: use to_float first")
    values = np.ascontiguousarray(rgb, np.float32)
    lab = fused.to_lab(values.reshape(1, -1, 3), space)
    return lab.reshape(values.shape)


def delta_e_76(lab1: Floats, lab2: Floats) -> Floats:
    """Return ΔE*ab of 1976: the straight distance in Lab. Shapes as in `delta_e_2000`.

    Examples
    --------
    >>> float(delta_e_76(np.array([50.0, 3.0, 0.0]), np.array([50.0, 0.0, 4.0])))
    5.0
    """
    step = np.asarray(lab1) - np.asarray(lab2)
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", step, step)))


def delta_e_2000(lab1: Floats, lab2: Floats) -> Floats:
    """Return the color difference ΔE00 with kL = kC = kH = 1.

    Parameters
    ----------
    lab1, lab2 : (..., 3) float32 or float64, CIE Lab
        Broadcast against each other: one reference may stand for a whole picture.

    Returns
    -------
    (...) of the wider of the two types
        0 for equal colors; about 1 is just noticeable side by side. Symmetric. NaN where a value is NaN.

    References
    ----------
    CIE 142-2001; Sharma, Wu, Dalal (2005), "The CIEDE2000 color-difference formula: implementation
    notes, supplementary test data, and mathematical observations".

    Examples
    --------
    >>> one, two = np.array([50.0, 2.6772, -79.7751]), np.array([50.0, 0.0, -82.7485])
    >>> round(float(delta_e_2000(one, two)), 4)
    2.0425
    """
    kind = np.result_type(np.asarray(lab1), np.asarray(lab2), np.float32)
    one, two = np.broadcast_arrays(np.asarray(lab1, kind), np.asarray(lab2, kind))
    shape = one.shape[:-1]
    one, two = one.reshape(-1, 3), two.reshape(-1, 3)
    out = np.empty(len(one), kind)
    for first in range(0, len(one), _CHUNK):
        part = slice(first, first + _CHUNK)
        out[part] = _ciede2000(one[part], two[part])
    return out.reshape(shape)


def _ciede2000(lab1: Floats, lab2: Floats) -> Floats:
    """Sharma, Wu and Dalal's equations 2 to 22, in their symbols."""
    l1, a1, b1 = np.ascontiguousarray(lab1.T)
    l2, a2, b2 = np.ascontiguousarray(lab2.T)
    c_bar = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 1.5 - 0.5 * np.sqrt(_saturating(c_bar))  # 1 + G
    a1, a2 = g * a1, g * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)

    dl, dc, dh = l2 - l1, c2 - c1, h2 - h1
    # The shorter way round; hues exactly opposite, but for rounding, count as not beyond π.
    beyond = np.abs(dh) > np.pi * (1 + 8 * np.finfo(dh.dtype).eps)
    dh = np.where(beyond, dh - np.copysign(2 * np.pi, dh), dh).astype(dh.dtype)
    big_dh = 2 * np.sqrt(c1 * c2) * np.sin(dh / 2)

    l_bar, c_bar = (l1 + l2) / 2 - 50, (c1 + c2) / 2
    h_bar = h1 + dh / 2
    # An achromatic color has no hue; the other's holds. arctan2 gave 0 for it, so the sum is the other's.
    h_bar = np.where(c1 * c2 == 0, h1 + h2, h_bar).astype(dh.dtype)
    cos, sin = np.cos(h_bar), np.sin(h_bar)
    t = _t(cos, sin)
    square = l_bar * l_bar
    s_l = 1 + 0.015 * square / np.sqrt(20 + square)
    s_c = 1 + 0.045 * c_bar
    s_h = 1 + 0.015 * c_bar * t
    # Δθ is a bump about 275°; the angle from there, the shorter way round.
    degrees = np.degrees(h_bar)
    from_blue = (degrees + 85 + 180) % 360 - 180
    theta = np.radians(60 * np.exp(-((from_blue / 25) ** 2)))  # 2 Δθ
    r_t = -np.sin(theta) * 2 * np.sqrt(_saturating(c_bar))

    x, y, z = dl / s_l, dc / s_c, big_dh / s_h
    return np.asarray(np.sqrt(np.maximum(x * x + y * y + z * z + r_t * y * z, 0)))


def _saturating(chroma: Floats) -> Floats:
    """C^7 / (C^7 + 25^7)."""
    square = chroma * chroma
    seventh = square * square * square * chroma
    return np.asarray(seventh / (seventh + _POWER_7_OF_25))


def _t(cos: Floats, sin: Floats) -> Floats:
    """T = 1 - 0.17 cos(h-30) + 0.24 cos(2h) + 0.32 cos(3h+6) - 0.20 cos(4h-63), by multiple angles."""
    cos2, sin2 = 2 * cos * cos - 1, 2 * cos * sin
    cos3, sin3 = cos * cos2 - sin * sin2, sin * cos2 + cos * sin2
    cos4, sin4 = 2 * cos2 * cos2 - 1, 2 * cos2 * sin2
    turn = np.radians([30.0, 6.0, 63.0])
    (c30, c6, c63), (s30, s6, s63) = np.cos(turn).tolist(), np.sin(turn).tolist()
    return np.asarray(
        1
        - 0.17 * (cos * c30 + sin * s30)
        + 0.24 * cos2
        + 0.32 * (cos3 * c6 - sin3 * s6)
        - 0.20 * (cos4 * c63 + sin4 * s63)
    )
