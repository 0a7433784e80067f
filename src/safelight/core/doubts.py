"""What doubts leave of a confidence: each takes its share of what the others left."""

from __future__ import annotations

from collections.abc import Iterable

from safelight.core.edit import Reason

Doubt = tuple[float, Reason]  # the share of the probability that it takes, 0..1, and why


def ramp(value: float, fine: float, bad: float) -> float:
    """Return 0 at `fine`, 1 at `bad`, straight between and held beyond; either may be the larger.

    Examples
    --------
    >>> ramp(3.0, 2.0, 4.0), ramp(5.0, 2.0, 4.0), ramp(0.9, 1.0, 0.5)
    (0.5, 1.0, 0.19999999999999996)
    """
    return min(max((value - fine) / (bad - fine), 0.0), 1.0)


def left_of(most: float, doubts: Iterable[Doubt]) -> float:
    """Return what `doubts` leave of a probability that begins at `most`.

    Examples
    --------
    >>> left_of(0.5, [(0.5, Reason("soft_edge", "the edge is soft")), (0.2, Reason("small", "it is small"))])
    0.2
    """
    value = most
    for weight, _ in doubts:
        value *= 1 - weight
    return value
