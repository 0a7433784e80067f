"""Is culling as sure as it says? Its claimed confidence against the people who looked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.core.overruling import Overruling, first_words_on_classes

FEW = 30  # below so many looks in all, the page says that they are few


@dataclass(frozen=True)
class Look:
    """One class that a person looked at: what was claimed for it, 0..1, and whether it was left as it was."""

    claimed: float
    agreed: bool
    cull: str = ""


@dataclass(frozen=True)
class Bin:
    """Looks whose claims lie from `low` to `high`: their mean claim, and the share agreed with its 95 % interval."""

    low: float
    high: float
    looks: int
    claimed: float
    agreed: float
    least: float
    most: float


@dataclass(frozen=True)
class Calibration:
    """What the looks say of the claims.

    Parameters
    ----------
    looks, agreed : int
    share : (share, least, most)
        Agreed of all, with its 95 % interval.
    bins : tuple of Bin
        The reliability diagram; bins without looks are left out.
    ece : float or None
        Expected calibration error, 0..1: mean distance between claim and truth over the bins, by their looks.
    auc : float or None
        The probability that of an agreed and an overruled look the agreed one was claimed more surely; None unless
        there are both.
    auc_interval : (least, most) or None
        95 %, as of independent pairs.
    sentences : tuple of str
        What to say of it, the reservations too.
    """

    looks: int
    agreed: int
    share: tuple[float, float, float]
    bins: tuple[Bin, ...]
    ece: float | None
    auc: float | None
    auc_interval: tuple[float, float] | None
    sentences: tuple[str, ...]


def looks_of(overrulings: Iterable[Overruling]) -> list[Look]:
    """Return a look for each file whose claimed class a person spoke about; see `first_words_on_classes`."""
    return [
        Look(each.confidence, each.new == each.machine, each.machine)
        for each in first_words_on_classes(overrulings)
        if each.confidence is not None
    ]


def calibrate(looks: Sequence[Look], bins: int = 5, *, left_open: int = 0) -> Calibration:
    """Hold claims against looks.

    Parameters
    ----------
    looks : sequence of Look
    bins : int
        Of equal width over 0..1.
    left_open : int
        Frames beside the looks that culling left to people: neither right nor wrong.

    References
    ----------
    Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015 (ECE).

    Examples
    --------
    >>> found = calibrate([Look(0.9, True)] * 9 + [Look(0.9, False)])
    >>> found.ece, found.auc
    (0.0, 0.5)
    """
    diagram = tuple(_bin(held, place, bins) for place in range(bins) if (held := _within(looks, place, bins)))
    agreed = sum(each.agreed for each in looks)
    ece = sum(each.looks * abs(each.claimed - each.agreed) for each in diagram) / len(looks) if looks else None
    auc = _auc(looks)
    return Calibration(
        looks=len(looks),
        agreed=agreed,
        share=(agreed / len(looks) if looks else 0.0, *wilson(agreed, len(looks))),
        bins=diagram,
        ece=None if ece is None else round(ece, 4),
        auc=auc,
        auc_interval=None if auc is None else _auc_interval(auc, agreed, len(looks) - agreed),
        sentences=tuple(_sentences(len(looks), agreed, ece, auc, left_open)),
    )


def wilson(hits: float, tries: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the interval of a share, honest for few tries; the whole of 0..1 for none.

    Parameters
    ----------
    hits, tries : number
    z : float
        Of the normal distribution; 1.96 for 95 %.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.

    Examples
    --------
    >>> tuple(round(each, 3) for each in wilson(10, 10))
    (0.722, 1.0)
    """
    if tries == 0:
        return 0.0, 1.0
    share, square = hits / tries, z * z
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    half = z / (1 + square / tries) * math.sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    return max(0.0, middle - half), min(1.0, middle + half)


def _within(looks: Sequence[Look], place: int, bins: int) -> list[Look]:
    return [each for each in looks if min(int(each.claimed * bins), bins - 1) == place]


def _bin(looks: Sequence[Look], place: int, bins: int) -> Bin:
    agreed = sum(each.agreed for each in looks)
    claimed = math.fsum(each.claimed for each in looks) / len(looks)
    return Bin(place / bins, (place + 1) / bins, len(looks), claimed, agreed / len(looks), *wilson(agreed, len(looks)))


def _auc(looks: Sequence[Look]) -> float | None:
    good = sorted(each.claimed for each in looks if each.agreed)
    bad = sorted(each.claimed for each in looks if not each.agreed)
    if not good or not bad:
        return None
    from bisect import bisect_left, bisect_right

    won = sum(bisect_left(bad, each) + (bisect_right(bad, each) - bisect_left(bad, each)) / 2 for each in good)
    return round(won / (len(good) * len(bad)), 4)


def _auc_interval(auc: float, good: int, bad: int) -> tuple[float, float]:
    """Return the interval that so many independent pairs of an agreed and an overruled look would give.

    The looks make more pairs than that, but not independent ones, so it is wide rather than narrow; the usual
    formulas say "no doubt" of an area of 1 from three looks.
    """
    pairs = min(good, bad)
    return wilson(auc * pairs, pairs)


def _sentences(looks: int, agreed: int, ece: float | None, auc: float | None, left_open: int) -> Iterable[str]:
    if left_open:
        frames = "one frame more" if left_open == 1 else f"{left_open} frames more"
        yield f"People decided on {frames} that culling could not tell; it claims nothing of those."
    if looks == 0 or ece is None:
        yield "Nobody has said anything of culling's classes yet, so its confidence is not checked."
        return
    yield f"Of {looks} classes that people spoke about, {agreed} were left as they were."
    yield f"What culling claimed lies {ece:.0%} from what people said, on average."
    if auc is None:
        yield "All were left or all were overruled, so it can't be told whether it is less sure where it is wrong."
    if looks < FEW:
        yield f"{looks} looks are few: take the intervals, not the numbers."
    yield (
        "People speak up more about what is wrong than about what is right: confirm some classes at random "
        "(overrule with the class they have), or the claims look worse than they are."
    )
