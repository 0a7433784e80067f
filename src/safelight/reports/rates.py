"""A studio's rates and baseline: facts that somebody answers for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from safelight.core.facts import Actor, Fact, NewFact
from safelight.errors import UsageError
from safelight.reports.kpi import Rates

RATED = "rates.set"  # "": review_h, labor_h, currency, baseline_min; personal: name
TASKS = ("culling", "tagging", "retouch", "logging", "rough_cut")


def read_rates(facts: Iterable[Fact]) -> Rates:
    """Return the rates in force: the latest word on each."""
    review_h, labor_h, currency = 0.0, 0.0, ""
    baseline: dict[str, float] = {}
    for fact in facts:
        if fact.kind == RATED:
            body = fact.body
            review_h, labor_h = float(body.get("review_h", review_h)), float(body.get("labor_h", labor_h))
            currency = str(body.get("currency", currency))
            baseline |= {str(task): float(minutes) for task, minutes in body.get("baseline_min", {}).items()}
    return Rates(review_h, labor_h, currency, baseline)


def set_rates(
    review_h: float | None, labor_h: float | None, currency: str, baseline: Iterable[Sequence[str]], name: str
) -> list[NewFact]:
    """Return the fact of rates or a baseline; what is not given stays.

    Raises
    ------
    UsageError
        For a missing name, a negative rate, an unknown task or minutes that are none.
    """
    if not name.strip():
        raise UsageError("rates and baselines are somebody's word: add --as NAME")
    body: dict[str, Any] = {}
    for key, value in (("review_h", review_h), ("labor_h", labor_h)):
        if value is not None:
            if not 0 <= value < 1e6:
                raise UsageError(f"{key} is {value:g}; it takes 0 or more, an hour's cost")
            body[key] = value
    if currency:
        body["currency"] = currency
    minutes = dict(_minutes(task, text) for task, text in baseline)
    body |= {"baseline_min": minutes} if minutes else {}
    return [NewFact(RATED, "", body, Actor("person", "lead"), "", {"name": name})]


def rates_history(facts: Iterable[Fact]) -> list[dict[str, str]]:
    """Return who set what and when, the newest first: ``by``, ``at``, ``said``; "erased" for a name that was erased."""
    lines = []
    for fact in facts:
        if fact.kind == RATED:
            body = fact.body
            hours = {"an hour of looking": "review_h", "an hour of working": "labor_h", "currency": "currency"}
            said = [f"{word} {body[key]}" for word, key in hours.items() if key in body]
            said += [f"{task} {minutes:g} min by hand" for task, minutes in body.get("baseline_min", {}).items()]
            lines.append({"by": fact.personal.get("name", "erased"), "at": fact.at, "said": ", ".join(said)})
    return lines[::-1]


def rates_text(rates: Rates) -> str:
    """Say the rates and the baseline in one line."""
    before = ", ".join(f"{task} {minutes:g} min" for task, minutes in rates.baseline_min.items()) or "none set"
    return (
        f"an hour of looking {rates.review_h:g}, of working {rates.labor_h:g} {rates.currency or '(no currency)'}; "
        f"baseline by hand, an asset: {before}"
    )


def _minutes(task: str, text: str) -> tuple[str, float]:
    if task not in TASKS:
        raise UsageError(f"no baseline for {task!r}; there are: {', '.join(TASKS)}")
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < 1e5:
        raise UsageError(f"the baseline of {task} is {text!r}; it takes minutes an asset, like {task}=4.5")
    return task, minutes
