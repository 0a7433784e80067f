"""How many files get out unseen that a reviewer would have sent back, and the bound that is kept on them.

An *escape* is a file delivered without its own look that a competent reviewer would have sent back. What is bounded is
escapes ÷ all files of the stratum, at a level that the studio sets, by conformal risk control: with the losses
``L_i(t) = 1`` where file i is spared at threshold t and was found bad, the smallest t with ::

    (sum w_i L_i(t) + w_max) / (sum w_i + w_max) <= level

keeps the expected share of escapes of the next file at or under `level`, whatever the confidences are worth. The labels
are the random audit alone, and ``w_i = 1 / probability`` of being drawn.

A spot-checked stratum is one that the audit does not vouch for yet: of its files a share is looked at anyway, drawn by
each version's own id, before the rest may leave unseen. With ``L_i(t, s) = (1 - s) 1{spared at t and bad}``, which is
at most ``1 - s``, the same argument gives the smallest share ::

    (1 - s) * bound(t) <= level,   s = 1 - level / bound(t)

Without a label everything but `level` of the files is looked at; with 98 good ones at 1 % a hundredth is; from 99 on
none has to be, and the sample of a release is all that is looked at.

A stream may get worse. One escape in the audit closes the stratum at once, until so many labels after it are good
(`labels_to_clear`); a drift test, which needs two, forgets everything before. Closing spares fewer files and never
more, so the bound holds under it. So does an escape that a client found: it is no label, since nobody drew it, but it
closes the stratum as one of the audit does.

References: Angelopoulos, Bates, Fisch, Lei, Schuster, "Conformal risk control", ICLR 2024; Tibshirani, Foygel Barber,
Candes, Ramdas, "Conformal prediction under covariate shift", NeurIPS 2019 (weights); Clopper, Pearson, Biometrika 26,
1934; Dodge, "A sampling inspection plan for continuous production", Annals of Mathematical Statistics 14, 1943 (one
defect found by sampling brings back full inspection, until so many in a row are clear).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

DRIFT_P = 0.01
# Windows of the latest labels that the drift test looks at while there is little to compare them with; from how many
# labels on it compares the latest with all before. Chosen among three in benchmarks/results/escapes.md.
WINDOWS = (10, 20, 35, 50)
COMPARED_FROM = 150
LATEST = 50
# A stratum that stands at its level shows an escape in 1 / level labels, and waits for a fifth of them after it. Chosen
# among four in benchmarks/results/escapes.md.
CLEARED_SHARE = 0.2
NEVER = math.inf  # the threshold that spares nobody


@dataclass(frozen=True)
class Audited:
    """One label of the random audit.

    Parameters
    ----------
    claim : float, 0..1
        The confidence that the threshold is held against.
    bad : bool
        Whether a reviewer sent it back.
    probability : float, 0..1
        With which it was drawn.
    """

    claim: float
    bad: bool
    probability: float = 1.0


@dataclass(frozen=True)
class Standing:
    """Where a stratum stands at a threshold.

    Parameters
    ----------
    labels, needed : int
        Audited labels there are, and the fewest with which a bound can lie under `level` at all.
    threshold : float
        Files at or above it would be spared.
    escaped : int
        Labels that were bad and would have been spared.
    bound : float, 0..1
        Of escapes ÷ all files, by conformal risk control; 1 where nothing is known.
    clopper_pearson : float, 0..1
        The upper end of the 95 % interval of the same share, from the counts alone.
    level : float
    drifted : bool
        True if the latest labels are worse than the level at p < 0.01: everything before is forgotten.
    to_clear : int
        Good labels that are still to come since the last escape, the audit's or a client's; until then nothing is
        spared.
    known : int
        Escapes that clients found: versions that left without a look of their own and were sent back.
    unseen : int
        Versions that were let leave so.
    """

    labels: int
    needed: int
    threshold: float
    escaped: int
    bound: float
    clopper_pearson: float
    level: float
    drifted: bool = False
    to_clear: int = 0
    known: int = 0
    unseen: int = 0

    @property
    def is_bounded(self) -> bool:
        """True if enough is known, and the bound lies at or under the level."""
        return self.labels >= self.needed and self.bound <= self.level + 1e-12

    @property
    def allows_auto(self) -> bool:
        """True if the bound holds, and no escape among the latest labels is still to be cleared."""
        return self.is_bounded and self.to_clear == 0

    @property
    def look_share(self) -> float:
        """The share of its spared files that somebody must look at, so that escapes stay at the level; 0..1."""
        return look_share(1.0 if self.to_clear else self.bound, self.level)

    def told(self) -> str:
        """Say it in one line: ``43 of 99 audited labels``, or the bound and what stands beside it."""
        if self.labels < self.needed:
            after = ", counted anew since its latest results drifted" if self.drifted else ""
            return f"{self.labels} of {self.needed} audited labels{after}{self._found()}"
        waits = f"closed since an escape until {self.to_clear} more labels are good; " if self.to_clear else ""
        return waits + (
            f"escapes bounded at {self.bound:.2%} of all files ({self.level:.0%} allowed) by {self.labels} audited "
            f"labels, {self.escaped} of them escapes; 95 % Clopper-Pearson at most {self.clopper_pearson:.2%}"
            f"{self._found()}"
        )

    def _found(self) -> str:
        """Say what clients found; nothing where they found nothing."""
        many = "1 escape was" if self.known == 1 else f"{self.known} escapes were"
        return f"; {many} found by clients among {self.unseen} that left unseen" if self.known else ""


def least_labels(level: float) -> int:
    """Return the fewest labels with which a bound can lie at `level`, all of them good.

    Examples
    --------
    >>> least_labels(0.01), least_labels(0.1)
    (99, 9)
    """
    return math.ceil(1.0 / level - 1e-9) - 1


def labels_to_clear(level: float) -> int:
    """Return how many good labels in a row open a stratum again after an escape.

    Examples
    --------
    >>> labels_to_clear(0.01), labels_to_clear(0.1)
    (20, 2)
    """
    return max(1, math.ceil(CLEARED_SHARE / level - 1e-9))


def escape_bound(labels: Sequence[Audited], threshold: float, least_probability: float | None = None) -> float:
    """Return the bound on escapes ÷ all files where files at or above `threshold` are spared; 1 without labels.

    Parameters
    ----------
    labels : sequence of Audited
    threshold : float
    least_probability : float, optional
        The smallest with which any file of the stratum is drawn; by default the smallest among the labels.

    Examples
    --------
    >>> round(escape_bound([Audited(0.9, bad=False)] * 99, 0.8), 4)
    0.01
    """
    if not labels:
        return 1.0
    least = min(each.probability for each in labels) if least_probability is None else least_probability
    heaviest = 1.0 / least
    total = math.fsum(1.0 / each.probability for each in labels)
    lost = math.fsum(1.0 / each.probability for each in labels if each.bad and each.claim >= threshold)
    return (lost + heaviest) / (total + heaviest)


def look_share(bound: float, level: float) -> float:
    """Return the share of spared files to look at, drawn at random, so that ``(1 - share) * bound`` is the level.

    Parameters
    ----------
    bound : float, 0..1
        What `escape_bound` says where none of them is looked at; 1 where nothing is known.
    level : float, 0..1

    Examples
    --------
    >>> look_share(1.0, 0.01), look_share(0.02, 0.01), look_share(0.01, 0.01)
    (0.99, 0.5, 0.0)
    """
    return max(0.0, 1.0 - level / bound) if bound > level + 1e-12 else 0.0


def threshold_for(labels: Sequence[Audited], level: float) -> float:
    """Return the smallest threshold whose bound lies at or under `level`; `NEVER` if none does.

    Examples
    --------
    >>> labels = [Audited(0.9, bad=False)] * 150 + [Audited(0.6, bad=True)] * 10
    >>> threshold_for(labels, 0.01)
    0.9
    """
    if len(labels) < least_labels(level):
        return NEVER
    heaviest = 1.0 / min(each.probability for each in labels)
    total = math.fsum(1.0 / each.probability for each in labels) + heaviest
    ordered = sorted(labels, key=lambda each: each.claim)
    lost = math.fsum(1.0 / each.probability for each in ordered if each.bad)
    before = 0.0  # the weight of bad labels below the threshold: they would have been looked at
    for at, each in enumerate(ordered):
        first = at == 0 or ordered[at - 1].claim < each.claim
        if first and (lost - before + heaviest) / total <= level + 1e-12:
            return each.claim
        before += 1.0 / each.probability if each.bad else 0.0
    return NEVER


def clopper_pearson(hits: int, tries: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a share; the whole of 0..1 for no tries.

    Examples
    --------
    >>> tuple(round(each, 4) for each in clopper_pearson(0, 99))
    (0.0, 0.0366)
    """
    from scipy.special import betaincinv

    if tries == 0:
        return 0.0, 1.0
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if hits == 0 else float(betaincinv(hits, tries - hits + 1, tail))
    high = 1.0 if hits == tries else float(betaincinv(hits + 1, tries - hits, 1.0 - tail))
    return low, high


def drift_p(outcomes: Sequence[bool], level: float) -> float:
    """Return how likely the latest labels are this bad by chance.

    Parameters
    ----------
    outcomes : sequence of bool
        Whether each audited label that would be spared was bad, oldest first.
    level : float

    Notes
    -----
    From `COMPARED_FROM` labels on Fisher's exact test of the latest 50 against all before, one-sided; with fewer the
    chance of so many bad ones at `level` in each window, times the number of windows (Bonferroni).
    """
    if len(outcomes) >= COMPARED_FROM:
        return _fisher(sum(outcomes[-LATEST:]), LATEST, sum(outcomes), len(outcomes))
    found = 1.0
    for window in WINDOWS:
        if len(outcomes) >= window:
            bad = sum(outcomes[-window:])
            found = min(found, len(WINDOWS) * _at_least(bad, window, level))
    return min(1.0, found)


def since_drift(labels: Sequence[Audited], threshold: float, level: float) -> tuple[list[Audited], bool]:
    """Return the labels since the last drift, and whether there was one: after it a stratum starts at zero."""
    kept: list[Audited] = []
    drifted = False
    for each in labels:
        kept.append(each)
        if each.bad and drift_p([one.bad and one.claim >= threshold for one in kept], level) < DRIFT_P:
            kept, drifted = [], True
    return kept, drifted


def stand(
    labels: Sequence[Audited], threshold: float, level: float, found: Sequence[int] = (), unseen: int = 0
) -> Standing:
    """Return where a stratum stands at a threshold, its labels in the order in which they were made.

    Parameters
    ----------
    labels : sequence of Audited
    threshold, level : float
    found : sequence of int
        Escapes that clients found, each as how many labels there were before it.
    unseen : int
        How many versions were let leave without a look of their own.

    Examples
    --------
    >>> stand([Audited(0.9, bad=False)] * 43, 0.8, 0.01).told()
    '43 of 99 audited labels'
    """
    kept, drifted = since_drift(labels, threshold, level)
    escapes = [at for at, each in enumerate(kept) if each.bad and each.claim >= threshold]
    forgotten = len(labels) - len(kept)
    # Where each escape lies among the labels that count: what a client found lies behind those made before it.
    closed_at = [*(at + 1 for at in escapes), *(at - forgotten for at in found if at >= forgotten)]
    to_clear = max(0, labels_to_clear(level) - (len(kept) - max(closed_at))) if closed_at else 0
    escaped = len(escapes)
    return Standing(
        labels=len(kept),
        needed=least_labels(level),
        threshold=threshold,
        escaped=escaped,
        bound=escape_bound(kept, threshold),
        clopper_pearson=clopper_pearson(escaped, len(kept))[1],
        level=level,
        drifted=drifted,
        to_clear=to_clear,
        known=len(found),
        unseen=unseen,
    )


def is_drawn(version: str, share: float) -> bool:
    """Say whether a version is drawn for the audit: by its own id, so that nobody can draw again.

    Parameters
    ----------
    version : str
        Its id, a hash of what it was made of.
    share : float, 0..1
        The probability with which any version is drawn.

    Examples
    --------
    >>> is_drawn("anything", 1.0), is_drawn("anything", 0.0)
    (True, False)
    """
    import hashlib

    digest = hashlib.sha256(f"audit {version}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:7], "big") / 2**56 < share


def _fisher(late_bad: int, late: int, bad: int, labels: int) -> float:
    """Return the chance that so many of all bad ones fall among the latest, if they fall anywhere alike."""
    ways = sum(math.comb(bad, k) * math.comb(labels - bad, late - k) for k in range(late_bad, min(bad, late) + 1))
    return ways / math.comb(labels, late)


def _at_least(hits: int, tries: int, share: float) -> float:
    """Return the binomial chance of at least so many hits."""
    from scipy.special import betainc

    return 1.0 if hits <= 0 else float(betainc(hits, tries - hits + 1, share))
