"""Who could take what waits: by skill, by load, and never the one who made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from safelight.review.decide import same_person
from safelight.review.queues import QueueItem


@dataclass(frozen=True)
class Worker:
    """Somebody at the desk.

    Parameters
    ----------
    name : str
    skills : frozenset of str
        Queues and categories that they work on: ``"edge_repair"``, ``"jewelry"``...; empty for all.
    load : int
        Files that they hold or were given.
    junior : bool
        Not given high stakes.
    """

    name: str
    skills: frozenset[str] = frozenset()
    load: int = 0
    junior: bool = False


@dataclass(frozen=True)
class Assigned:
    """Who takes it, and why in words; "" where nobody may."""

    name: str
    why: str


def choose(item: QueueItem, workers: Iterable[Worker], made_by: Iterable[str] = ()) -> Assigned:
    """Return who should take an item.

    Parameters
    ----------
    item : QueueItem
    workers : iterable of Worker
    made_by : iterable of str
        Who set a step of it: for a look (queue ``review``) they are passed over, for work they come first.

    Notes
    -----
    Back to the person it came from; then who has the queue among their skills; then its category; then the least load,
    then by name, so that the same desk gives the same answer. Juniors get no high stakes.

    Examples
    --------
    >>> from safelight.review.queues import QueueItem
    >>> item = QueueItem("b", "A1", "A1", "packshot", "catalog", "color", "review", "exposure", "Rosa", "standard", (),
    ...     (), 1, "", "", 0, 0, 1, (), ())
    >>> choose(item, [Worker("Ines", load=2), Worker("Rosa", load=9)]).name
    'Rosa'
    """
    makers = list(made_by)
    able = [each for each in workers if not (each.junior and item.stakes == "high")]
    able = [each for each in able if not each.skills or item.queue in each.skills or item.category in each.skills]
    if item.queue == "review":
        able = [each for each in able if not any(same_person(each.name, who) for who in makers)]
    if not able:
        return Assigned("", f"nobody at the desk works on {item.queue.replace('_', ' ')} of {item.category}")
    back = next((each for each in able if item.person and same_person(each.name, item.person)), None)
    if back is not None:
        return Assigned(back.name, f"it came from {back.name}")
    best = min(
        able,
        key=lambda each: (item.queue not in each.skills, item.category not in each.skills, each.load, each.name),
    )
    skilled = item.queue in best.skills or item.category in best.skills
    return Assigned(best.name, f"{'has the skill, ' if skilled else ''}holds {best.load} files")
