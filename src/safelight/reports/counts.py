"""Counts that never stand without their categories, groups that show the same, queues that wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from safelight.core.facts import ROUTES
from safelight.reports.model import STANDINGS, BatchReport, FileReport, Standing


@dataclass(frozen=True)
class CategoryCount:
    """How many files of one category stand where; `routes` counts those that wait, by who must look."""

    category: str
    files: int
    standings: Mapping[Standing, int]
    routes: Mapping[str, int]

    def share(self, standing: Standing) -> float:
        """Return the share of the category's files that stand there, 0..1; 0 for no files."""
        return self.standings[standing] / self.files if self.files else 0.0


@dataclass(frozen=True)
class Queue:
    """Files that wait for the same people, the least sure first."""

    route: str
    queue: str
    files: tuple[FileReport, ...]


@dataclass(frozen=True)
class StageTime:
    """One stage's work: seconds in all, and a file's mean among those that went through it."""

    stage: str
    seconds: float
    files: int

    @property
    def each(self) -> float | None:
        """Seconds a file; None if no file tells."""
        return self.seconds / self.files if self.files else None


def count_by_category(files: Iterable[FileReport]) -> tuple[CategoryCount, ...]:
    """Count `files` by category, by name, with files of no category last as ``unknown``.

    Examples
    --------
    >>> [each.category for each in count_by_category([FileReport("a", "waiting"), FileReport("b", "waiting")])]
    ['unknown']
    """
    sorted_: dict[str, list[FileReport]] = {}
    for each in files:
        sorted_.setdefault(each.category or "unknown", []).append(each)
    names = sorted(sorted_, key=lambda name: (name == "unknown", name))
    return tuple(count(name, sorted_[name]) for name in names)


def count(category: str, files: Iterable[FileReport]) -> CategoryCount:
    """Count where `files` stand."""
    held = list(files)
    waiting = [each for each in held if each.standing in ("waiting", "sent_back")]
    return CategoryCount(
        category,
        len(held),
        {standing: sum(each.standing == standing for each in held) for standing in STANDINGS},
        {route: sum(each.route == route for each in waiting) for route in ROUTES},
    )


def queues_of(files: Iterable[FileReport]) -> tuple[Queue, ...]:
    """Return what waits, by who must look and in which queue: the strictest route first, the least sure file first."""
    waiting: dict[tuple[str, str], list[FileReport]] = {}
    for each in files:
        if each.standing in ("waiting", "sent_back"):
            waiting.setdefault((each.route, each.queue), []).append(each)
    strictness: dict[str, int] = {route: place for place, route in enumerate(ROUTES)}
    order = sorted(waiting, key=lambda key: (-strictness.get(key[0], -1), key[1]))
    return tuple(Queue(*key, tuple(sorted(waiting[key], key=_least_sure))) for key in order)


def groups_of(files: Iterable[FileReport]) -> dict[str, tuple[FileReport, ...]]:
    """Return the groups of two files and more that show the same, picks first."""
    groups: dict[str, list[FileReport]] = {}
    for each in files:
        if each.group:
            groups.setdefault(each.group, []).append(each)
    rank = {"pick": 0, "alternate": 1, "cant_tell": 2, "reject": 3}
    return {
        name: tuple(sorted(held, key=lambda each: rank.get(each.cull_class, 4)))
        for name, held in sorted(groups.items())
        if len(held) > 1
    }


def stage_times(report: BatchReport) -> tuple[StageTime, ...]:
    """Return the work of each stage, in the order the stages first appear.

    The batch's own sums count where it gives them, else the sum over its files.
    """
    stages = dict.fromkeys([*report.seconds, *(stage for each in report.files for stage in each.seconds)])
    told = []
    for stage in stages:
        own = [each.seconds[stage] for each in report.files if stage in each.seconds]
        told.append(StageTime(stage, report.seconds.get(stage, sum(own)), len(own)))
    return tuple(told)


def pictures_per_hour(report: BatchReport) -> float | None:
    """Return the throughput of the run; None if its duration is not known or no file was read."""
    read = sum(each.standing != "refused" for each in report.files)
    return 3600 * read / report.wall_s if report.wall_s and read else None


def _least_sure(file: FileReport) -> tuple[float, str]:
    return (file.confidence if file.confidence is not None else -1.0, file.name)
