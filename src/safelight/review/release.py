"""Releases: a batch leaves when a named person has decided its sample.

The routes `auto` and `spot_check` spare a file its own look, never the batch
its release. The sample is what is least certain and a random tenth, at least
five; one sampled file that is sent back holds the batch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.core.batch import RELEASE, RELEASED, SAMPLE, BatchState, FileState
from safelight.core.canonical import key_of
from safelight.core.facts import Actor, NewFact
from safelight.errors import ConflictError, GateClosedError, UsageError
from safelight.review.decide import decide, reviewers_needed
from safelight.routing.escapes import is_drawn

SPARED = ("auto", "spot_check")


@dataclass(frozen=True)
class Sampled:
    """A file of the sample and why it was drawn."""

    file: FileState
    why: str


@dataclass(frozen=True)
class ReleasePlan:
    """What a release would cover.

    `members` are spared their own look and leave together; `sample` is what the person must see of
    them at 100 and 200 %; `approved` have their own approval already; `held_by` are members that
    were sent back and hold the others.
    """

    members: tuple[FileState, ...]
    sample: tuple[Sampled, ...]
    approved: tuple[FileState, ...]
    held_by: tuple[FileState, ...]
    share: float = 0.1

    @property
    def etag(self) -> str:
        """What names this very plan: the sample, what leaves with it, what holds it."""
        parts = ([each.file.version for each in self.sample], self.members, self.approved, self.held_by)
        return key_of([parts[0], *([each.version for each in files] for files in parts[1:])])[:16]


def plan_release(batch: BatchState, share: float = 0.1, least: int = 5) -> ReleasePlan:
    """Draw the sample of a batch; the same state draws the same sample.

    Parameters
    ----------
    batch : BatchState
    share : float, 0 to 1
        Random share of the members, on top of the worst confidences.
    least : int
        Smallest sample (all members where there are fewer).
    """
    files = _one_a_version(batch.files.values())
    spared = [each for each in files if each.routed.get("route") in SPARED and each.passes_gate_1]
    members = tuple(each for each in spared if not each.approved and each.standing == "waiting")
    held_by = tuple(each for each in spared if each.standing == "sent_back")
    approved = tuple(each for each in files if each.approved and not each.deliveries)
    return ReleasePlan(members, draw_sample(members, share, least), approved, held_by, share)


def draw_sample(members: Sequence[FileState], share: float, least: int) -> tuple[Sampled, ...]:
    """Return the worst confidences and a random `share`, together at least `least` of `members`.

    Each file is drawn by its own version's id, so that nobody can draw again until it looks better; where that draws
    fewer than `share`, more are added.
    """
    ranked = sorted(members, key=lambda each: (each.routed.get("confidence") or 0.0, each.version))
    tenth = min(len(ranked), math.ceil(share * len(ranked)))
    worst = ranked[: min(len(ranked), max(tenth, least - tenth))]
    rest = ranked[len(worst) :]
    # A file is drawn by its own version, whatever the others are: the audit's labels know their probability.
    drawn = [each for each in rest if is_drawn(each.version, share)]
    short = min(tenth, len(rest)) - len(drawn)
    if short > 0:
        left = sorted((each for each in rest if not is_drawn(each.version, share)), key=lambda e: key_of(e.version))
        drawn += left[:short]
    told = [Sampled(each, f"confidence {each.routed.get('confidence') or 0.0:.2f}, of the lowest") for each in worst]
    return (*told, *(Sampled(each, "drawn at random") for each in drawn))


def require_seen(batch: BatchState, plan: ReleasePlan, seen: str) -> None:
    """Refuse to release another plan than the one that was looked at; "" takes it as it is.

    Raises
    ------
    ConflictError
    """
    if seen and seen != plan.etag:
        raise ConflictError(
            f"what would leave of {batch.name} is another than what you looked at: its sample is "
            f"{len(plan.sample)} of {len(plan.members)} files now; nothing was released, look at it and send it again"
        )


def release(batch: BatchState, plan: ReleasePlan, name: str) -> list[NewFact]:
    """Return the facts of a release by `name`, who has looked at the whole sample and approves.

    The decision on the sample is gate 2 for every member, and is recorded so.

    Raises
    ------
    UsageError
        Without a name.
    GateClosedError
        If a sampled file was sent back, or nothing can leave.
    """
    if not name.strip():
        raise UsageError("a release needs the name of a person: add --as NAME")
    if plan.held_by:
        names = ", ".join(each.path for each in plan.held_by)
        raise GateClosedError(f"batch {batch.name} is held: {names} was sent back; it needs another version first")
    if not plan.members and not plan.approved:
        raise GateClosedError(
            f"batch {batch.name} has nothing to release: no file is approved and none is spared its own look; "
            f"see what waits with: safelight report {batch.name}"
        )
    sampled = {each.file.version for each in plan.sample}
    facts = [
        fact for each in plan.members for fact in _member_facts(batch, each, each.version in sampled, name, plan.share)
    ]
    if plan.members:
        body = {
            "sample": sorted(sampled),
            "members": sorted(each.version for each in plan.members),
            "looked_at": "100 and 200 %",
        }
        facts.append(NewFact(RELEASED, batch.name, body, Actor("person", "reviewer"), batch.name, {"name": name}))
    return facts


def _member_facts(batch: BatchState, file: FileState, sampled: bool, name: str, share: float) -> list[NewFact]:  # noqa: FBT001
    if reviewers_needed(file) > 1:
        raise GateClosedError(f"{file.path} has high stakes and needs its own look: safelight decide")
    return decide(batch, file, "approve", name, how=SAMPLE if sampled else RELEASE, audit_share=share)


def _one_a_version(files: Iterable[FileState]) -> list[FileState]:
    """Return each version once, in the order of paths."""
    first: dict[str, FileState] = {}
    for each in sorted(files, key=lambda file: file.path):
        if each.version and each.goes_on:
            first.setdefault(each.version, each)
    return list(first.values())
