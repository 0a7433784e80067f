"""What people decided of versions, gathered from the ledger as it comes: labels, outcomes, rework."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from safelight.core.batch import DECIDED, MARKED, OVERRIDDEN, RELEASE, RETURN, ROUTED
from safelight.core.facts import Fact, Told
from safelight.routing.checklist import Outcomes
from safelight.routing.reasons import return_reasons
from safelight.routing.record import Stratum

# The facts that teach; nothing else of a ledger is read for it.
KINDS = (ROUTED, DECIDED, OVERRIDDEN, MARKED, "threshold.accepted")
THRESHOLD = "threshold.accepted"  # stratum: from, to, evidence, reason; personal: name
RECENT = 200  # decided versions of a category that its rework is counted over


@dataclass
class _Told:
    """One version as it was routed, and what was said of it since."""

    batch: str
    category: str
    tasks: tuple[str, ...]
    claims: Mapping[str, float]
    stratum: str
    good: bool | None = None
    blamed: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    audit: float = 0.0
    order: int = 0


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
        self._returned: set[str] = set()
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
            told.good, told.blamed, told.reasons = before.good, before.blamed, before.reasons
            told.audit, told.order = before.audit, before.order
        self._versions[fact.subject] = told

    def _decide(self, fact: Fact | Told) -> None:
        told = self._versions.get(fact.subject)
        if told is None:
            told = self._versions[fact.subject] = _Told(fact.batch, "unknown", (), {}, "")
        how, good = fact.body.get("how"), fact.body["decided"] == "approve"
        if how == RELEASE:
            return
        if how == RETURN:
            self._returned.add(fact.subject)
        if told.good is None:
            self._decided += 1
            told.order = self._decided
            self._recent[told.category].append(fact.subject)
        told.good = good if told.good is None else told.good and good
        told.audit = told.audit or float(fact.body.get("audit") or 0.0)
        if not good:
            codes = tuple(fact.body.get("reasons", ()))
            known = return_reasons()
            told.reasons += codes
            told.blamed += tuple(known[code].task for code in codes if code in known)

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
            blamed = set(told.blamed) & set(told.tasks)
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
            blamed = set(told.blamed) & {task_of.get(step, "") for step in told.claims}
            for step, claim in told.claims.items():
                if not told.good and blamed and task_of.get(step, "") not in blamed:
                    continue
                values, labels = found[step, told.category]
                values.append(claim)
                labels.append(told.good)
        return dict(found)

    def labels(self) -> Mapping[str, list[Label]]:
        """Return the audited labels by stratum, in the order in which they were first decided."""
        found: dict[str, list[tuple[int, Label]]] = defaultdict(list)
        for version, told in self._versions.items():
            if told.audit and told.stratum and told.good is not None and self._teaches(version):
                label = Label(version, told.batch, told.category, told.claims, not told.good, told.audit)
                found[told.stratum].append((told.order, label))
        return {key: [each for _, each in sorted(held, key=lambda pair: pair[0])] for key, held in found.items()}

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

    def client_returns(self) -> frozenset[str]:
        """Return the versions that a client sent back after delivery: escapes that are known."""
        return frozenset(self._returned)

    def summary(self) -> dict[str, Any]:
        """Return counts of what was gathered."""
        return {
            "versions": len(self._versions),
            "decided": self._decided,
            "overridden": len(self._overridden),
            "experiments": len(self._experiments),
            "strata": len(self._strata),
        }
