"""Correlated color temperature and tint of a light, as raw converters speak of white balance.

Isotherms stand across the Planckian locus in CIE 1960 (u, v): a light's temperature is read between the two it lies
between, its tint is how far beside the locus it lies.
"""

from __future__ import annotations

import math

# Mired, u and v of the locus, slope of the isotherm. Robertson 1968; Wyszecki & Stiles, Color Science, table 1(3.11).
_ISOTHERMS = (
    (0, 0.18006, 0.26352, -0.24341), (10, 0.18066, 0.26589, -0.25479), (20, 0.18133, 0.26846, -0.26876),
    (30, 0.18208, 0.27119, -0.28539), (40, 0.18293, 0.27407, -0.30470), (50, 0.18388, 0.27709, -0.32675),
    (60, 0.18494, 0.28021, -0.35156), (70, 0.18611, 0.28342, -0.37915), (80, 0.18740, 0.28668, -0.40955),
    (90, 0.18880, 0.28997, -0.44278), (100, 0.19032, 0.29326, -0.47888), (125, 0.19462, 0.30141, -0.58204),
    (150, 0.19962, 0.30921, -0.70471), (175, 0.20525, 0.31647, -0.84901), (200, 0.21142, 0.32312, -1.0182),
    (225, 0.21807, 0.32909, -1.2168), (250, 0.22511, 0.33439, -1.4512), (275, 0.23247, 0.33904, -1.7298),
    (300, 0.24010, 0.34308, -2.0637), (325, 0.24792, 0.34655, -2.4681), (350, 0.25591, 0.34951, -2.9641),
    (375, 0.26400, 0.35200, -3.5814), (400, 0.27218, 0.35407, -4.3633), (425, 0.28039, 0.35577, -5.3762),
    (450, 0.28863, 0.35714, -6.7262), (475, 0.29685, 0.35823, -8.5955), (500, 0.30505, 0.35907, -11.324),
    (525, 0.31320, 0.35968, -15.628), (550, 0.32129, 0.36011, -23.325), (575, 0.32931, 0.36038, -40.770),
    (600, 0.33724, 0.36051, -116.45),
)  # fmt: skip
# Tint counts distance from the locus in (u, v), three thousandths of one a step; positive is green light.
TINT_SCALE = 3000.0


def temperature_of(x: float, y: float) -> tuple[float, float] | None:
    """Return the correlated color temperature and the tint of a light.

    Parameters
    ----------
    x, y : float
        CIE 1931 chromaticity.

    Returns
    -------
    (kelvin, tint) or None
        Tint is 3000 times the distance from the Planckian locus in CIE 1960 (u, v), positive on its green side: what
        raw converters show, and take off again. None for light beyond the isotherms (under 1667 K, bluer than any).

    References
    ----------
    Robertson 1968, Computation of correlated color temperature; Adobe, Digital Negative specification, for the tint's
    scale and sign.

    Examples
    --------
    >>> [round(each) for each in temperature_of(0.3127, 0.3290)]
    [6504, 10]
    """
    bottom = -2.0 * x + 12.0 * y + 3.0
    if not bottom > 0.0:
        return None
    u, v = 4.0 * x / bottom, 6.0 * y / bottom
    before: tuple[float, float, float, float, float] | None = None
    for mired, u0, v0, slope in _ISOTHERMS:
        length = math.hypot(1.0, slope)
        along = (1.0 / length, slope / length)
        # How far the light lies on the warm side of this isotherm.
        off = (v - v0) * along[0] - (u - u0) * along[1]
        if before is not None and off <= 0.0 < before[1]:
            share = before[1] / (before[1] - off)
            warm = before[0] + share * (mired - before[0])
            foot = tuple(a + share * (b - a) for a, b in ((before[2], u0), (before[3], v0)))
            turned = before[4] + share * (math.atan(slope) - before[4])
            beside = (u - foot[0]) * math.cos(turned) + (v - foot[1]) * math.sin(turned)
            return 1e6 / warm, -TINT_SCALE * beside
        before = (mired, off, u0, v0, math.atan(slope))
    return None
