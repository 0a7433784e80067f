"""Judge a file as it will be opened: its bytes decoded again, every rule of the channel measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from safelight.core.check import Direction, Findings, Measure, Subject
from safelight.delivery.packs import Pack, Rule, Severity
from safelight.workflows.workflow import FindCheck

RuleWord = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True)
class RuleResult:
    """One rule of a channel, held against a file.

    Parameters
    ----------
    rule, check, measure, source
        Which rule, what measured it, and the channel's own words.
    value, unit, limit, direction
        The measured number against its limit; `value` None where it could not be measured, and `why` says so.
    severity : {"must", "should"}
    word : {"pass", "fail", "unknown"}
        Not knowing is not passing: an unknown `must` is not delivered.
    """

    rule: str
    check: str
    measure: str
    value: float | None
    unit: str
    limit: float
    direction: Direction
    severity: Severity
    word: RuleWord
    source: str
    why: str = ""

    def told(self) -> str:
        """Return the result in words: ``"fill: 0.6 points, at most 0.1 points (must)"``."""
        unit = f" {self.unit}" if self.unit else ""
        if self.value is None:
            return f"{self.rule}: not measured{f', {self.why}' if self.why else ''} ({self.severity})"
        side = self.direction.replace("_", " ")
        why = f", {self.why}" if self.why else ""
        return f"{self.rule}: {self.value:.6g}{unit}, {side} {self.limit:g}{unit}{why} ({self.severity})"

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return {
            "rule": self.rule,
            "check": self.check,
            "measure": self.measure,
            "value": None if self.value is None else round(self.value, 6),
            "unit": self.unit,
            "limit": self.limit,
            "direction": self.direction,
            "severity": self.severity,
            "word": self.word,
        }


def verify_file(
    data: bytes,
    name: str,
    pack: Pack,
    *,
    alpha: NDArray[np.float32] | None = None,
    known: Mapping[str, Any] = MappingProxyType({}),
    find_check: FindCheck | None = None,
) -> tuple[RuleResult, ...]:
    """Decode a file and judge it by every rule of its channel.

    Parameters
    ----------
    data : bytes
        As encoded by safelight, in this process; foreign bytes never come here.
    name : str
        The name it will have.
    alpha : (H, W) float32 or None
        The matte on the file's pixels.
    known : mapping
        What is known of this file: ``"background"``, the color that ``"keep"`` means (white by default), and
        ``"source_type"``, the digital source type of how it was made.
    find_check : callable (name) -> Check, optional
        The installed ones by default.

    Returns
    -------
    tuple of RuleResult
        One a rule, in the pack's order.
    """
    from safelight.media.encode import decode_own
    from safelight.media.file_facts import read

    if find_check is None:
        from safelight.plugins import check_named

        find_check = check_named
    expected = {**known, **pack.expect}
    if expected.get("background") == "keep":
        expected["background"] = known.get("background", "#ffffff")
    subject = Subject(decode_own(data), None, alpha, read(data, name), expected)
    checks = {each: find_check(each) for each in pack.checks()}
    found = {each: _measures(check.measure(subject)) for each, check in checks.items()}
    return tuple(_judged(rule, found[rule.check], checks[rule.check].spec(rule.measure).unit) for rule in pack.rules)


def judge_rules(
    pack: Pack, findings: Mapping[str, Findings], units: Mapping[tuple[str, str], str] | None = None
) -> tuple[RuleResult, ...]:
    """Hold findings that were measured before against the rules of `pack`: a changed pack decodes nothing again.

    Parameters
    ----------
    findings : mapping of check name to Findings
        A check that is missing leaves its rules unknown.
    units : mapping of (check, measure) to unit, optional
        For measures that the findings lack.
    """
    units = units or {}
    return tuple(
        _judged(
            rule,
            _measures(findings[rule.check]) if rule.check in findings else {},
            units.get((rule.check, rule.measure), ""),
        )
        for rule in pack.rules
    )


def refused_by(results: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """Return the rules that forbid delivery: every `must` that does not pass."""
    return tuple(each for each in results if each.severity == "must" and each.word != "pass")


def _measures(findings: Findings) -> Mapping[str, Measure]:
    return {each.name: each for each in findings.measures}


def _judged(rule: Rule, measures: Mapping[str, Measure], unit: str) -> RuleResult:
    measure = measures.get(rule.measure, Measure(rule.measure, None, unit, "the check found nothing to measure"))
    word: RuleWord = "unknown"
    if measure.value is not None:
        sign = 1 if rule.direction == "at_most" else -1
        word = "pass" if sign * measure.value <= sign * rule.limit else "fail"
    return RuleResult(
        rule.id,
        rule.check,
        rule.measure,
        measure.value,
        measure.unit,
        rule.limit,
        rule.direction,
        rule.severity,
        word,
        rule.source,
        measure.why,
    )
