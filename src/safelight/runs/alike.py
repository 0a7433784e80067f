"""Near-duplicates over a whole shoot, compared piece by piece in the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from safelight.core.step import Member
from safelight.errors import SafelightError

Pair = tuple[int, int]
Answers = Callable[[Iterable[tuple[str, Callable[[Any], Any], Any]]], Iterable[tuple[str, Any, SafelightError | None]]]

_FRAMES_A_JOB = 64
_NEIGHBORS = 10  # likeliest frames that each is held against


@dataclass(frozen=True)
class Comparison:
    """Frames as the step ``similarity`` described them, and which pairs of them to hold against each other."""

    frames: tuple[Mapping[str, Any], ...]
    pairs: tuple[Pair, ...]
    similarity: float


def compare_frames(asked: Comparison) -> list[Pair]:
    """Return the pairs that are near-duplicates; in a worker."""
    import cv2

    from safelight.pixels.measure.similarity import Descriptor, near_pairs

    cv2.setNumThreads(1)  # the processes are the parallelism
    return near_pairs([Descriptor.from_data(dict(each)) for each in asked.frames], asked.pairs, asked.similarity)


def with_alikes(members: Sequence[Member], similarity: float, time_gap_s: float, answers: Answers) -> list[Member]:
    """Return the members with what they are alike to, as fact ``alike``.

    Parameters
    ----------
    members : sequence of Member
        Sorted by capture time; each once.
    similarity, time_gap_s : float
        As the guide has them.
    answers : callable
        Runs (name, function, payload) in workers and yields (name, result, error): `Pool.answers`.

    Raises
    ------
    SafelightError
        If a worker could not compare.
    """
    from safelight.pixels.measure.likely import candidates
    from safelight.pixels.measure.similarity import Descriptor

    if any("signature" not in each.facts.get("similarity", {}) for each in members):
        return list(members)  # described by another step, which compares them itself
    signed = [Descriptor.from_data({**each.facts["similarity"], "thumbnail": ""}) for each in members]
    times = [_seconds(each.taken_at) for each in members]
    pairs = candidates(signed, most=_NEIGHBORS, times=times, time_gap_s=time_gap_s)
    alike: list[list[str]] = [[] for _ in members]
    jobs = {str(number): job for number, job in enumerate(_jobs(members, pairs, similarity))}
    for name, found, error in answers((name, compare_frames, job) for name, (job, _) in jobs.items()):
        if error is not None:
            raise error
        places = jobs[name][1]
        for one, other in found:
            alike[places[one]].append(members[places[other]].asset)
    return [
        replace(each, facts={**each.facts, "alike": {"to": told}}) for each, told in zip(members, alike, strict=True)
    ]


def _jobs(
    members: Sequence[Member], pairs: Sequence[Pair], similarity: float
) -> Iterator[tuple[Comparison, tuple[int, ...]]]:
    """Pairs by their first frame, so that neighbors are read once; with the places of each job's frames."""
    blocks: dict[int, list[Pair]] = {}
    for pair in pairs:
        blocks.setdefault(pair[0] // _FRAMES_A_JOB, []).append(pair)
    for block in sorted(blocks):
        places = tuple(sorted({place for pair in blocks[block] for place in pair}))
        at = {place: number for number, place in enumerate(places)}
        frames = tuple(members[place].facts["similarity"] for place in places)
        within = tuple((at[one], at[other]) for one, other in blocks[block])
        yield Comparison(frames, within, similarity), places


def _seconds(taken_at: str) -> float | None:
    try:
        taken = datetime.fromisoformat(taken_at)
    except ValueError:
        return None
    return (taken if taken.tzinfo else taken.replace(tzinfo=UTC)).timestamp()
