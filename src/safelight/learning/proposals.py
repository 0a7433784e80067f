"""Thresholds that the audit speaks for: proposals with their evidence, which a person accepts or leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from safelight.core.canonical import key_of
from safelight.core.facts import Actor, NewFact
from safelight.errors import UnknownNameError, UsageError
from safelight.learning.experience import THRESHOLD, Experience
from safelight.learning.record import audited
from safelight.routing.escapes import NEVER, least_labels, stand, threshold_for
from safelight.routing.record import Record

LEAD = Actor("person", "lead")
_STEP = 0.005  # a threshold that would move by less is left alone


@dataclass(frozen=True)
class ThresholdProposal:
    """Another threshold for one stratum, and what speaks for it.

    Parameters
    ----------
    id : str
        Names this very proposal: with more labels it is another one.
    stratum, told : str
    now, to : float
        What holds, and the smallest threshold whose bound lies at or under the level; 1 or more spares nobody.
    spared_now, spared_then : int
        Of the audited labels, how many would be spared.
    evidence : str
    """

    id: str
    stratum: str
    told: str
    now: float
    to: float
    spared_now: int
    spared_then: int
    evidence: str


def propose_thresholds(
    experience: Experience, record: Record, level: float, threshold: float
) -> list[ThresholdProposal]:
    """Return the thresholds that the audited labels speak for, where they differ from what holds.

    Parameters
    ----------
    experience, record
    level : float
        Escapes ÷ all files that the studio allows.
    threshold : float
        What holds where no person accepted another.
    """
    from safelight.routing.escapes import since_drift

    made = []
    strata = experience.strata()
    for key, labels in experience.labels().items():
        now = record.thresholds.get(key, threshold)
        known, _ = since_drift(audited(labels, record.calibrators), now, level)
        if len(known) < least_labels(level):
            continue
        found = threshold_for(known, level)
        to = 1.01 if found == NEVER else round(found, 4)
        if abs(to - now) < _STEP:
            continue
        found_of, unseen = record.found.get(key, ()), record.unseen.get(key, 0)
        forgotten = len(labels) - len(known)
        since = [at - forgotten for at in found_of if at >= forgotten]
        then, before = (stand(known, at, level, since, unseen) for at in (to, now))
        evidence = f"at {to:.2f}: {then.told()}; at {now:.2f}: {before.told()}"
        spared = tuple(sum(each.claim >= at for each in known) for at in (now, to))
        if spared[0] == spared[1] and before.is_bounded:
            continue  # it would change nothing
        name = key_of("threshold", key, now, to, len(known))[:10]
        made.append(ThresholdProposal(name, key, strata[key].told(), now, to, spared[0], spared[1], evidence))
    return made


def accept(proposals: Iterable[ThresholdProposal], wanted: str, name: str, reason: str) -> list[NewFact]:
    """Return the fact that a person accepted a proposal.

    Raises
    ------
    UsageError
        For a missing name or reason.
    UnknownNameError
        If there is no such proposal any more: with another label it is another one.
    """
    if not name.strip():
        raise UsageError("a threshold is changed by a person: add --as NAME")
    if not reason.strip():
        raise UsageError("accepting a threshold needs a reason, which stands in the ledger: add --reason TEXT")
    listed = list(proposals)
    found = next((each for each in listed if each.id == wanted), None)
    if found is None:
        there = ", ".join(each.id for each in listed) or "none"
        raise UnknownNameError(
            f"no proposal {wanted!r} as things stand; there are: {there}. Labels that came since make it another one"
        )
    body = {"from": found.now, "to": found.to, "evidence": found.evidence, "reason": reason.strip()}
    return [NewFact(THRESHOLD, found.stratum, body, LEAD, "", {"name": name})]
