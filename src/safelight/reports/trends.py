"""Whether a share rises: week by week with its counts, and its later half against its earlier one with an interval."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelight.reports.calibration import wilson

LEAST_HALF = 10  # fewer files in a half say nothing of a change
Event = tuple[str, bool]  # when (ISO 8601 with a zone), and whether it was a hit


@dataclass(frozen=True)
class Share:
    """Hits of tries with the 95 % interval of the share."""

    hits: int
    tries: int

    @property
    def value(self) -> float | None:
        """The share; None for no tries."""
        return self.hits / self.tries if self.tries else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.hits, self.tries)

    def told(self) -> str:
        """Say it: ``82 % (41 of 50, 69 to 90 %)``."""
        if self.value is None:
            return "nothing yet"
        low, high = self.interval
        return f"{self.value:.0%} ({self.hits} of {self.tries}, {low:.0%} to {high:.0%})"


@dataclass(frozen=True)
class Change:
    """The earlier half of what was decided, the later half, and the 95 % interval of the difference of their shares."""

    early: Share
    late: Share

    @property
    def interval(self) -> tuple[float, float]:
        """Of late less early, -1..1; the whole of it where a half is empty.

        References
        ----------
        Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17,
        1998, method 10: the Wilson intervals of both shares, squared and added.
        """
        before, since = self.early.value, self.late.value
        if before is None or since is None:
            return -1.0, 1.0
        (low_b, high_b), (low_s, high_s) = self.early.interval, self.late.interval
        down = math.hypot(since - low_s, high_b - before)
        up = math.hypot(high_s - since, before - low_b)
        return max(-1.0, since - before - down), min(1.0, since - before + up)

    @property
    def word(self) -> str:
        """``too_few``, ``rises``, ``falls``, or ``unclear`` where the interval holds 0."""
        if min(self.early.tries, self.late.tries) < LEAST_HALF:
            return "too_few"
        low, high = self.interval
        return "rises" if low > 0 else "falls" if high < 0 else "unclear"

    def told(self) -> str:
        """Say it: ``rises: 60% of 20 before, 90% of 21 since (+3 to +52 points)``."""
        number = self.early.tries + self.late.tries
        if self.word == "too_few":
            return f"too few to tell a change: {number} of {2 * LEAST_HALF}"
        low, high = (round(100 * each) for each in self.interval)
        said = "no change can be told" if self.word == "unclear" else self.word
        return (
            f"{said}: {self.early.value:.0%} of {self.early.tries} before, {self.late.value:.0%} of "
            f"{self.late.tries} since ({low:+d} to {high:+d} points)"
        )


def change_of(events: Iterable[Event]) -> Change:
    """Return how the later half of events compares with the earlier one; of an odd number the later half has one more.

    Examples
    --------
    >>> events = [(f"2026-11-{day:02}T09:00:00+00:00", day > 10) for day in range(1, 21)]
    >>> change_of(events).told()
    'rises: 0% of 10 before, 100% of 10 since (+61 to +100 points)'
    """
    ordered = [hit for _, hit in sorted(events, key=lambda each: _moment(each[0]))]
    half = len(ordered) // 2
    return Change(_share(ordered[:half]), _share(ordered[half:]))


def by_week(events: Iterable[Event]) -> tuple[tuple[str, Share], ...]:
    """Return the share of hits of each ISO week, the oldest first.

    Examples
    --------
    >>> by_week([("2026-11-23T09:00:00+00:00", True), ("2026-11-24T09:00:00+00:00", False)])[0][0]
    '2026-W48'
    """
    weeks: dict[str, list[bool]] = defaultdict(list)
    for at, hit in events:
        year, week, _ = _moment(at).isocalendar()
        weeks[f"{year}-W{week:02}"].append(hit)
    return tuple((week, _share(hits)) for week, hits in sorted(weeks.items()))


def _share(hits: Sequence[bool]) -> Share:
    return Share(sum(hits), len(hits))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
