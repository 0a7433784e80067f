"""Releases: a batch leaves when a named person has decided its sample.

The routes `auto` and `spot_check` spare a file its own look, never the batch
its release. The sample is what is least certain and a random tenth, at least
five; one sampled file that is sent back holds the batch. Where the audit does
not vouch for files of a kind yet, so many more of them are looked at that
escapes stay bounded (`safelight.routing.escapes`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from safelight.core.batch import RELEASE, RELEASED, SAMPLE, BatchState, FileState
from safelight.core.canonical import key_of
from safelight.core.facts import Actor, NewFact
from safelight.errors import ConflictError, GateClosedError, UsageError
from safelight.review import looks
from safelight.review.decide import decide, reviewers_needed
from safelight.review.looks import Look
from safelight.routing.escapes import Standing, is_drawn
from safelight.routing.record import Record, Stratum

SPARED = ("auto", "spot_check")
# Where a person released: at a screen that told what it showed, or with a word that the sample was looked at.
SHOWN, SAID = "shown", "said"
_ASKED = 0.9  # of a version that was routed before routes said what its lane asks
_NAMED = 5

Vouched = Callable[[FileState], Standing]
Shown = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Sampled:
    """A file of the sample and why it was drawn.

    `closely` is seen whole at 100 % and where it is doubtful at 200 %; the others, which are looked at because their
    kind is not vouched for, as anybody sees a file before approving it.
    """

    file: FileState
    why: str
    closely: bool = True

    @property
    def places(self) -> tuple[Look, ...]:
        """What of it must be seen, beside the places that `looks.looks_of` names."""
        whole = Look("whole", (0.0, 0.0, 1.0, 1.0), "the whole picture", must=True, percent=100 if self.closely else 1)
        return (whole, MIDDLE) if self.closely else (whole,)


MIDDLE = Look("middle", (0.4, 0.4, 0.6, 0.6), "its middle", must=True)


@dataclass(frozen=True)
class ReleasePlan:
    """What a release would cover.

    `members` are spared their own look and leave together; `sample` is what the person must see of
    them, at 100 and 200 % where it says `closely`; `approved` have their own approval already; `held_by` are members
    that were sent back and hold the others. `bounds` says by stratum how many members there are, how many of them are
    looked at, and on which labels that share rests.
    """

    members: tuple[FileState, ...]
    sample: tuple[Sampled, ...]
    approved: tuple[FileState, ...]
    held_by: tuple[FileState, ...]
    share: float = 0.1
    bounds: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def etag(self) -> str:
        """What names this very plan: the sample, what leaves with it, what holds it."""
        parts = ([each.file.version for each in self.sample], self.members, self.approved, self.held_by)
        return key_of([parts[0], *([each.version for each in files] for files in parts[1:])])[:16]


def plan_release(batch: BatchState, share: float = 0.1, least: int = 5, vouched: Vouched | None = None) -> ReleasePlan:
    """Draw the sample of a batch; the same state draws the same sample.

    Parameters
    ----------
    batch : BatchState
    share : float, 0 to 1
        Random share of the members, on top of the worst confidences.
    least : int
        Smallest sample (all members where there are fewer).
    vouched : callable of a file to Standing, optional
        What the audit says of files like it (`vouched_by`): by default that it vouches for all.
    """
    files = _one_a_version(batch.files.values())
    spared = [each for each in files if each.routed.get("route") in SPARED and each.passes_gate_1]
    members = tuple(each for each in spared if not each.approved and each.standing == "waiting")
    held_by = tuple(each for each in spared if each.standing == "sent_back")
    approved = tuple(each for each in files if each.approved and not each.deliveries)
    sample = draw_sample(members, share, least)
    if vouched is None:
        return ReleasePlan(members, sample, approved, held_by, share)
    standings = {each.version: vouched(each) for each in members}
    more = _not_vouched_for(members, sample, standings)
    return ReleasePlan(
        members, (*sample, *more), approved, held_by, share, _bounds(members, (*sample, *more), standings)
    )


def vouched_by(record: Record) -> Vouched:
    """Return what a record says of a file: where its stratum stands at what was asked when it was routed."""
    known: dict[tuple[str, float], Standing] = {}

    def vouched(file: FileState) -> Standing:
        key = _stratum(file), float(file.routed.get("asked") or _ASKED)
        if key not in known:
            known[key] = record.standing(*key)
        return known[key]

    return vouched


def _stratum(file: FileState) -> str:
    return Stratum.from_data(file.routed["stratum"]).key if "stratum" in file.routed else ""


def _not_vouched_for(
    members: Sequence[FileState], sample: Sequence[Sampled], standings: Mapping[str, Standing]
) -> list[Sampled]:
    """Return what is looked at beside the sample: of each stratum the share that keeps its escapes bounded."""
    drawn = {each.file.version for each in sample}
    found = []
    for each in members:
        standing = standings[each.version]
        if each.version not in drawn and is_drawn(each.version, standing.look_share):
            why = f"{standing.look_share:.0%} of files like it are looked at: {standing.told()}"
            found.append(Sampled(each, why, closely=False))
    return found


def _bounds(
    members: Sequence[FileState], sample: Sequence[Sampled], standings: Mapping[str, Standing]
) -> dict[str, dict[str, Any]]:
    looked = Counter(_stratum(each.file) for each in sample)
    counted = Counter(map(_stratum, members))
    held = {_stratum(each): standings[each.version] for each in members}
    return {
        key: {
            "members": counted[key],
            "looked_at": looked[key],
            "share": round(each.look_share, 4),
            "labels": each.labels,
            "level": each.level,
        }
        for key, each in held.items()
    }


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


def require_sample_seen(batch: str, plan: ReleasePlan, wanted: Mapping[str, Sequence[Look]], shown: Shown) -> None:
    """Refuse a release by somebody who has not had its sample before their eyes.

    Parameters
    ----------
    batch : str
    plan : ReleasePlan
    wanted : mapping of version to the places that its own checks, edges and faces ask to be seen
    shown : mapping of version to what was on this person's screen

    Raises
    ------
    GateClosedError
        Naming the files and what is missing of each.
    """
    missing: dict[str, list[Look]] = {}
    for each in plan.sample:
        version = each.file.version
        left = looks.unseen([*each.places, *wanted.get(version, ())], shown.get(version, ()))
        missing |= {each.file.path: left} if left else {}
    if not missing:
        return
    named = "; ".join(
        f"{path} ({', '.join(each.told for each in left[:_NAMED])}{' and more' if len(left) > _NAMED else ''})"
        for path, left in list(missing.items())[:_NAMED]
    )
    more = f"; and {len(missing) - _NAMED} more files" if len(missing) > _NAMED else ""
    raise GateClosedError(
        f"batch {batch} can't leave yet: {len(missing)} of the {len(plan.sample)} files of its sample were not shown "
        f"to you as large as is asked: {named}{more}; open it under Release on the screen, or send what was on yours "
        "as shown, and release it again"
    )


def release(batch: BatchState, plan: ReleasePlan, name: str, looked: str = SAID) -> list[NewFact]:
    """Return the facts of a release by `name`, who has looked at the whole sample and approves.

    The decision on the sample is gate 2 for every member, and is recorded so. `looked` says whether a screen told
    what it showed (`SHOWN`) or the person did (`SAID`).

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
            "closely": sorted(each.file.version for each in plan.sample if each.closely),
            "looked": looked,
            "bounds": {key: dict(each) for key, each in plan.bounds.items()},
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
