"""What people decided of versions, gathered from the ledger as it comes: labels, outcomes, rework."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from safelight.core.batch import DECIDED, MARKED, OVERRIDDEN, RELEASE, RETURN, ROUTED, UNDONE
from safelight.core.facts import Fact, Told
from safelight.routing.checklist import Outcomes
from safelight.routing.reasons import return_reasons
from safelight.routing.record import Stratum

# The facts that teach; nothing else of a ledger is read for it.
KINDS = (ROUTED, DECIDED, UNDONE, OVERRIDDEN, MARKED, "threshold.accepted")
THRESHOLD = "threshold.accepted"  # stratum: from, to, evidence, reason; personal: name
RECENT = 200  # decided versions of a category that its rework is counted over


@dataclass(frozen=True)
class _Word:
    """One decision of somebody who looked: its fact's number, whether it approves, why not, and the audit's draw."""

    seq: int
    good: bool
    codes: tuple[str, ...]
    audit: float


@dataclass
class _Told:
    """One version as it was routed, and what was said of it since; `order` counts first words over all versions."""

    batch: str
    category: str
    tasks: tuple[str, ...]
    claims: Mapping[str, float]
    stratum: str
    words: tuple[_Word, ...] = ()
    order: int = 0

    @property
    def good(self) -> bool | None:
        """Whether all who looked approved it; None where nobody did."""
        return all(each.good for each in self.words) if self.words else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that were marked against it."""
        return tuple(code for each in self.words if not each.good for code in each.codes)

    @property
    def audit(self) -> float:
        """With which probability the audit drew it; 0 where it did not."""
        return next((each.audit for each in self.words if each.audit), 0.0)


@dataclass(frozen=True)
class _Audited:
    """A version that the audit drew, and what was said of it."""

    version: str
    told: _Told


@dataclass(frozen=True)
class Label:
    """One audited version: its raw claims by step, whether it was bad, and with which probability it was drawn."""

    version: str
    batch: str
    category: str
    claims: Mapping[str, float]
    bad: bool
    probability: float


@dataclass(frozen=True)
class Rework:
    """The latest decided versions of a category: how many, how many were sent back, and for which reasons."""

    category: str
    decided: int
    returned: int
    reasons: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


class Experience:
    """What the ledger teaches, kept up by adding facts in their order; those known are passed over.

    Experiments teach nothing (R130); a version whose verdict was overridden is counted apart; members of a release
    that nobody looked at tell nothing.
    """

    def __init__(self) -> None:
        self.last_seq = 0
        self._versions: dict[str, _Told] = {}
        self._strata: dict[str, Stratum] = {}
        self._overridden: set[str] = set()
        self._experiments: set[str] = set()
        self._returned: dict[str, int] = {}  # by version: how many first words there were when it came back
        self._unseen: set[str] = set()
        self._thresholds: dict[str, float] = {}
        self._steps: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._recent: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=RECENT))
        self._decided = 0

    def add(self, facts: Iterable[Fact | Told]) -> None:
        """Take facts in, oldest first."""
        for fact in facts:
            if fact.seq <= self.last_seq:
                continue
            self.last_seq = fact.seq
            if fact.kind == ROUTED:
                self._route(fact)
            elif fact.kind == DECIDED:
                self._decide(fact)
            elif fact.kind == UNDONE:
                self._undo(fact)
            elif fact.kind == OVERRIDDEN:
                self._overridden.add(fact.subject)
            elif fact.kind == MARKED:
                (self._experiments.add if fact.body["state"] == "experiment" else self._experiments.discard)(
                    fact.subject
                )
            elif fact.kind == THRESHOLD:
                self._thresholds[fact.subject] = float(fact.body["to"])

    def _route(self, fact: Fact | Told) -> None:
        body = fact.body
        stratum = ""
        if "stratum" in body:
            known = Stratum.from_data(body["stratum"])
            stratum = known.key
            self._strata.setdefault(stratum, known)
        before = self._versions.get(fact.subject)
        told = _Told(
            fact.batch,
            body.get("category", "unknown"),
            tuple(body.get("tasks", ())),
            body.get("claims") or {},
            stratum or (before.stratum if before else ""),
        )
        if before is not None:  # routed again: what was said of it stays
            told.words, told.order = before.words, before.order
        self._versions[fact.subject] = told

    def _decide(self, fact: Fact | Told) -> None:
        told = self._versions.get(fact.subject)
        if told is None:
            told = self._versions[fact.subject] = _Told(fact.batch, "unknown", (), {}, "")
        how, good = fact.body.get("how"), fact.body["decided"] == "approve"
        if how == RELEASE:
            self._unseen.add(fact.subject)
            return
        if how == RETURN:
            self._returned.setdefault(fact.subject, self._decided)
        if not told.words:
            self._decided += 1
            told.order = self._decided
            self._recent[told.category].append(fact.subject)
        codes = () if good else tuple(fact.body.get("reasons", ()))
        told.words += (_Word(fact.seq, good, codes, float(fact.body.get("audit") or 0.0)),)

    def _undo(self, fact: Fact | Told) -> None:
        """A decision was taken back: it teaches nothing."""
        told = self._versions.get(fact.subject)
        if told is None or not told.words:
            return
        told.words = tuple(each for each in told.words if each.seq != fact.body["decision"])
        if not told.words and fact.subject in self._recent[told.category]:
            self._recent[told.category].remove(fact.subject)

    def _teaches(self, version: str) -> bool:
        return version not in self._overridden and version not in self._experiments

    # What it teaches

    def outcomes(self) -> Mapping[tuple[str, str], Outcomes]:
        """Return the first-pass outcomes by (task, category).

        A version that was sent back counts against the tasks that its marked reasons name; against all of its tasks
        where they name none of them.
        """
        seen, approved = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for version, told in self._versions.items():
            if told.good is None or not self._teaches(version):
                continue
            blamed = _tasks_of(told.reasons) & set(told.tasks)
            for task in told.tasks:
                if not told.good and blamed and task not in blamed:
                    continue  # nothing was said of it
                seen[task, told.category] += 1
                approved[task, told.category] += told.good
        return {key: Outcomes(seen[key], approved[key]) for key in seen}

    def claims(self, task_of: Mapping[str, str]) -> Mapping[tuple[str, str], tuple[list[float], list[bool]]]:
        """Return claims with their labels by (step, category), as calibration wants them.

        Parameters
        ----------
        task_of : mapping of step to task
            Which row of the reliability map each step belongs to.
        """
        found: dict[tuple[str, str], tuple[list[float], list[bool]]] = defaultdict(lambda: ([], []))
        for version, told in self._versions.items():
            if told.good is None or not self._teaches(version):
                continue
            blamed = _tasks_of(told.reasons) & {task_of.get(step, "") for step in told.claims}
            for step, claim in told.claims.items():
                if not told.good and blamed and task_of.get(step, "") not in blamed:
                    continue
                values, labels = found[step, told.category]
                values.append(claim)
                labels.append(told.good)
        return dict(found)

    def labels(self) -> Mapping[str, list[Label]]:
        """Return the audited labels by stratum, in the order in which they were first decided."""
        return {
            key: [
                Label(e.version, e.told.batch, e.told.category, e.told.claims, not e.told.good, e.told.audit)
                for e in held
            ]
            for key, held in self._audited().items()
        }

    def _audited(self) -> Mapping[str, list[_Audited]]:
        found: dict[str, list[_Audited]] = defaultdict(list)
        for version, told in self._versions.items():
            if told.audit and told.stratum and told.good is not None and self._teaches(version):
                found[told.stratum].append(_Audited(version, told))
        return {key: sorted(held, key=lambda each: each.told.order) for key, held in found.items()}

    def strata(self) -> Mapping[str, Stratum]:
        """Return every stratum that a version was ever routed in, by key."""
        return dict(self._strata)

    def thresholds(self) -> Mapping[str, float]:
        """Return the thresholds that a person accepted, by stratum."""
        return dict(self._thresholds)

    def rework(self) -> Mapping[str, Rework]:
        """Return the rework of each category over its latest decided versions."""
        made = {}
        for category, versions in self._recent.items():
            told = [self._versions[each] for each in versions]
            back = [each for each in told if not each.good]
            codes = Counter(code for each in back for code in dict.fromkeys(each.reasons))
            made[category] = Rework(category, len(told), len(back), dict(codes.most_common()))
        return made

    def known_escapes(self) -> Mapping[str, list[int]]:
        """Return, by stratum, the versions that left without a look of their own and that a client sent back.

        Each is told as how many of the stratum's audited labels were made before it, lowest first. They are no labels:
        nobody drew them, and what a client does not notice is never among them.
        """
        found: dict[str, list[int]] = defaultdict(list)
        labels = self._audited() if self._returned else {}
        for version, decided in self._returned.items():
            told = self._versions[version]
            if version in self._unseen and told.stratum and self._teaches(version):
                before = sum(each.told.order <= decided for each in labels.get(told.stratum, ()))
                found[told.stratum].append(before)
        return {key: sorted(held) for key, held in found.items()}

    def left_unseen(self) -> Mapping[str, int]:
        """Return, by stratum, how many versions were let leave without a look of their own."""
        held = (self._versions[each].stratum for each in self._unseen)
        return dict(Counter(key for key in held if key))

    def summary(self) -> dict[str, Any]:
        """Return counts of what was gathered."""
        return {
            "versions": len(self._versions),
            "decided": self._decided,
            "overridden": len(self._overridden),
            "experiments": len(self._experiments),
            "strata": len(self._strata),
        }


def _tasks_of(codes: Iterable[str]) -> set[str]:
    """Return the tasks that reasons are about."""
    known = return_reasons()
    return {known[code].task for code in codes if code in known}
