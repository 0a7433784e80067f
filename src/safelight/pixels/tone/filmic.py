"""A tone curve from the light of a scene to the light of a screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MIDDLE_GRAY = 0.18
_STEEPEST = 12.0


def tone_curve(
    light: NDArray[np.float64], *, white: float, contrast: float, roll_off: float, black: float = 0.0
) -> NDArray[np.float64]:
    """Map scene-linear light to display-linear light: a log-logistic S through middle gray and white.

    Parameters
    ----------
    light : (...) float64, linear
        0.18 is middle gray. Below `black` the result is 0, from `white` on 1.
    white : float, above 0.18
        The light that becomes display white: where the sensor clips, after exposure.
    contrast : float, 1 to 3
        Slope at middle gray in stops out per stop in. Where `white` lies so low that middle gray and
        white could not both be kept, the curve is as steep as it must be.
    roll_off : float, 0 to 1
        0 keeps highlights bright and bends them late, 1 bends them early and long.
    black : float, 0 to 0.1
        Flare or lifted shadows to be taken off.

    Returns
    -------
    (...) float64
        Rising, 0.18 stays 0.18.

    Notes
    -----
    ``y = x^c / (x^(c p) + a)^(1/p)``, divided by its value at white: Naka and Rushton's response with a
    generalised shoulder. `a` follows from the two fixed points, `c` from the slope at middle gray,
    ``c a / (0.18^(c p) + a)``.

    References
    ----------
    Naka, Rushton (1966), "S-potentials from colour units in the retina of fish"; Reinhard, Devlin (2005),
    "Dynamic range reduction inspired by photoreceptor physiology".

    Examples
    --------
    >>> y = tone_curve(np.array([0.0, 0.18, 2.0]), white=2.0, contrast=1.4, roll_off=0.7)
    >>> np.round(y, 6).tolist()
    [0.0, 0.18, 1.0]
    """
    # Taking black off must move neither middle gray nor white.
    scale = MIDDLE_GRAY / (MIDDLE_GRAY - black)
    top = (white - black) * scale
    shape = 4.0 ** (1.0 - roll_off)
    power = _power_for(contrast, top, shape)
    a = _balance(power, top, shape)
    x = np.clip((np.asarray(light, np.float64) - black) * scale, 0.0, top)
    if np.isinf(a):
        return np.asarray(x**power / top**power)
    return np.asarray(np.minimum(_logistic(x, power, shape, a) / _logistic(top, power, shape, a), 1.0))


def _logistic(x: NDArray[np.float64] | float, power: float, shape: float, a: float) -> NDArray[np.float64]:
    bent = np.asarray(x, np.float64) ** (power * shape)
    return np.asarray((bent / (bent + a)) ** (1 / shape))


def _balance(power: float, top: float, shape: float) -> float:
    """The `a` that keeps middle gray where it is and puts white at 1; infinite if the curve is a plain power."""
    u, v, gray = MIDDLE_GRAY ** (power * shape), top ** (power * shape), MIDDLE_GRAY**shape
    room = gray * v - u
    return float("inf") if room <= 1e-12 * v else u * v * (1 - gray) / room


def _power_for(contrast: float, top: float, shape: float) -> float:
    """The `c` with the wanted slope at middle gray, by halving; the slope rises with `c`."""
    # Below this no curve of the family passes both fixed points.
    least = np.log(MIDDLE_GRAY) / (np.log(MIDDLE_GRAY) - np.log(top))
    low, high = float(least), max(_STEEPEST, 2 * float(least))
    for _ in range(60):
        middle = (low + high) / 2
        a, u = _balance(middle, top, shape), MIDDLE_GRAY ** (middle * shape)
        slope = middle if np.isinf(a) else middle * a / (u + a)
        low, high = (middle, high) if slope < contrast else (low, middle)
    return (low + high) / 2
