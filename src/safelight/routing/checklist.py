"""The two checklists asked before a task is automated, answered from data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from safelight.routing.reliability import Task

Answer = Literal["yes", "no", "unknown"]
Lean = Literal["safe", "creative", "risky", "no_safety_net", "unproven"]
Advice = Literal["automate", "sampled", "draft_only", "do_not_automate"]

LEAST_OUTCOMES = 30  # below it a share says nothing: 30 of 30 still leaves 11 % in doubt
GOOD_SHARE = 0.85  # first-pass approval that counts as done well (R2)


@dataclass(frozen=True)
class Outcomes:
    """What people decided of a task's results in past projects, per category.

    `approved` of `seen` were approved unchanged.
    """

    seen: int = 0
    approved: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 <= self.approved <= self.seen:
            raise ValueError(f"{self.approved} approved of {self.seen} seen cannot be")

    def least_share(self) -> float:
        """Return the lower end of the 95 % interval of the approved share; 0 with nothing seen.

        References
        ----------
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

        Examples
        --------
        >>> round(Outcomes(100, 95).least_share(), 3)
        0.888
        """
        if self.seen == 0:
            return 0.0
        n, p, z = self.seen, self.approved / self.seen, 1.959964
        middle = p + z * z / (2 * n)
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - spread) / (1 + z * z / n)


@dataclass(frozen=True)
class Question:
    """One question with its answer, where the answer comes from, and which way it leans."""

    list: Literal["A", "B"]
    asked: str
    answer: Answer
    told: str
    lean: Lean


@dataclass(frozen=True)
class Checklist:
    """Both checklists of one task, and what they advise.

    `advice` is ``automate``; ``sampled`` when the past does not yet prove it;
    ``draft_only`` when an answer leans creative or risky; ``do_not_automate``
    when there is no safety net, or the past speaks against it.
    """

    task: str
    questions: tuple[Question, ...]
    advice: Advice
    told: str


def ask(task: Task, outcomes: Outcomes | None = None, *, reviewed: bool = True) -> Checklist:
    """Answer both checklists for a task.

    Parameters
    ----------
    task : Task
        Its row of the reliability map says what is repetitive, what a mistake costs, and what one can fall back on.
    outcomes : Outcomes, optional
        Recorded decisions of this task in this category: the only source for "has it done this well".
    reviewed : bool
        Whether a person sees the result, or a sample of its batch, before delivery.

    Returns
    -------
    Checklist
        An answer that leans away never disappears in a sum: one is enough.

    Examples
    --------
    >>> from safelight.routing.reliability import reliability_map
    >>> ask(reliability_map().task("exposure"), Outcomes(200, 190)).advice
    'automate'
    >>> ask(reliability_map().task("artistic_retouching")).advice
    'draft_only'
    """
    outcomes = outcomes or Outcomes()
    questions = (*_first(task, outcomes, reviewed=reviewed), *_second(task, outcomes, reviewed=reviewed))
    leans = {each.lean for each in questions}
    against = [each.told for each in questions if each.lean != "safe"]
    advice: Advice = "automate"
    if "unproven" in leans:
        advice = "sampled"
    if leans & {"creative", "risky"}:
        advice = "draft_only"
    if "no_safety_net" in leans or _done_well(outcomes) == "no":
        advice = "do_not_automate"
    told = f"{task.title.lower()}: {advice.replace('_', ' ')}" + (
        f", because {'; '.join(dict.fromkeys(against))}" * bool(against)
    )
    return Checklist(task.name, questions, advice, told)


def _first(task: Task, outcomes: Outcomes, *, reviewed: bool) -> tuple[Question, ...]:
    well = _done_well(outcomes)
    proof: Lean = {"yes": "safe", "no": "risky", "unknown": "unproven"}[well]  # type: ignore[assignment]
    shown = task.small_mistake
    return (
        Question(
            "A",
            "Is it repetitive rather than creative?",
            _yes(task.repetitive),
            "the work is repetitive" if task.repetitive else "the work is creative",
            "safe" if task.repetitive else "creative",
        ),
        Question(
            "A",
            "Would a small mistake be noticeable or damaging?",
            _yes(shown != "unnoticed"),
            f"a small mistake is {shown}" if shown != "unnoticed" else "a small mistake goes unnoticed",
            "risky" if shown == "damaging" else "safe",
        ),
        Question("A", "Has it been done well in past projects?", well, _past(outcomes), proof),
        Question(
            "A",
            "Does a person review it before delivery?",
            _yes(reviewed),
            "a person reviews before delivery" if reviewed else "no person reviews before delivery",
            "safe" if reviewed else "no_safety_net",
        ),
        Question(
            "A",
            "Is there a fallback if it goes wrong?",
            _yes(task.manual_fallback),
            "the original stays and the work can be done by hand" if task.manual_fallback else "there is no fallback",
            "safe" if task.manual_fallback else "no_safety_net",
        ),
    )


def _second(task: Task, outcomes: Outcomes, *, reviewed: bool) -> tuple[Question, ...]:
    return (
        Question(
            "B",
            "Are there historical examples to learn from?",
            _yes(outcomes.seen > 0),
            f"{outcomes.seen} recorded decisions",
            "safe" if outcomes.seen > 0 else "unproven",
        ),
        Question(
            "B",
            "Is there visual or brand risk?",
            _yes(task.brand_risk),
            "the brand's tone is at risk" if task.brand_risk else "the brand's tone is not at risk",
            "risky" if task.brand_risk and task.stance == "resist" else "safe",
        ),
        Question(
            "B",
            "Does the pipeline have a human review stage?",
            _yes(reviewed),
            "a person reviews before delivery" if reviewed else "no person reviews before delivery",
            "safe" if reviewed else "no_safety_net",
        ),
        Question(
            "B",
            "Can it be done by hand instead?",
            _yes(task.manual_fallback),
            "it can be done by hand" if task.manual_fallback else "it cannot be done by hand",
            "safe" if task.manual_fallback else "no_safety_net",
        ),
    )


def _done_well(outcomes: Outcomes) -> Answer:
    if outcomes.seen < LEAST_OUTCOMES:
        return "unknown"
    return _yes(outcomes.least_share() >= GOOD_SHARE)


def _past(outcomes: Outcomes) -> str:
    if outcomes.seen < LEAST_OUTCOMES:
        return f"{outcomes.seen} decisions recorded, {LEAST_OUTCOMES} are needed to judge"
    return (
        f"{outcomes.approved} of {outcomes.seen} approved unchanged "
        f"(at least {outcomes.least_share():.0%} with 95 % certainty, {GOOD_SHARE:.0%} asked)"
    )


def _yes(claim: bool) -> Answer:  # noqa: FBT001 - the claim is the whole call
    return "yes" if claim else "no"
