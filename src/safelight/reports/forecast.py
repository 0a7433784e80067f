"""When what waits will have been approved: a window from the days of work so far; none where they are few (R199)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from safelight.routing.calendar import Calendar

LEAST_DAYS = 10  # working days with work, below which nothing is foretold
MOST_DAYS = 20  # the latest ones count: a studio changes
_AHEAD = 250  # working days in a year
EARLY, MIDDLE, LATE = 0.1, 0.5, 0.9


@dataclass(frozen=True)
class Span:
    """A file that somebody had to look at: since when, until when ("" while it waits), when versions of it passed."""

    since: str
    until: str
    approved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """When what waits now will have been approved.

    Parameters
    ----------
    waiting : int
    days : int
        Working days with work that it rests on, of `LEAST_DAYS` at least.
    per_day : float
        Files approved a day on those.
    early, middle, late : str
        Moments (ISO 8601, UTC) by which all of it is approved in one, five and nine of ten such futures; "" where that
        is more than a year away, or where nothing is foretold.
    """

    waiting: int
    days: int
    per_day: float = 0.0
    early: str = ""
    middle: str = ""
    late: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is anything to foretell, and enough to do it by."""
        return self.waiting > 0 and self.days >= LEAST_DAYS

    def told(self) -> str:
        """Say it in one line."""
        if not self.waiting:
            return "nothing waits"
        one = self.waiting == 1
        who = "the one that waits" if one else f"the {self.waiting} that wait"
        if not self.is_known:
            return f"no window yet for {who}: {self.days} of {LEAST_DAYS} working days with work"
        pace = f"at the pace of {self.days} working days, {self.per_day:.1f} a day"
        if not self.late:
            return f"{who} may take more than a year, {pace}"
        first = f"{_day(self.early)} to {_day(self.late)}" if self.early[:10] != self.late[:10] else _day(self.late)
        return f"{who} {'is' if one else 'are'} approved {first} (8 of 10 futures), {pace}"


def window_of(spans: Sequence[Span], now: str, calendar: Calendar) -> Window:
    """Return when all that waits will have been approved.

    Parameters
    ----------
    spans : sequence of Span
        Every file of the category that somebody had to look at.
    now : str
        ISO 8601 with a zone.
    calendar : Calendar

    Notes
    -----
    Each working day to come is taken to be like one of the latest on which something waited, any of them as likely as
    another, in whatever order; what waits now goes before what comes in later. Days without an approval count, and one
    more such day is added, so that a short record promises less. No day is assumed to be like the one before, and no
    curve is fitted: a release lets a hundred files leave in one moment.
    """
    waiting = sum(not each.until for each in spans)
    counts = daily_counts(spans, now, calendar)
    if not waiting or len(counts) < LEAST_DAYS:
        return Window(waiting, len(counts))
    chances = chances_by_day(waiting, [*counts, 0])
    hours = calendar.end_h - calendar.start_h
    at = [next((day for day, chance in enumerate(chances, 1) if chance >= level), 0) for level in (EARLY, MIDDLE, LATE)]
    early, middle, late = (calendar.after(now, day * hours) if day else "" for day in at)
    return Window(waiting, len(counts), round(sum(counts) / len(counts), 2), early, middle, late)


def daily_counts(spans: Iterable[Span], now: str, calendar: Calendar) -> list[int]:
    """Return how many files were approved on each of the latest working days on which something waited, oldest first.

    Today is not over and does not count. What is approved on a day off counts for the working day before it.
    """
    today = calendar.day_of(now)
    work: set[date] = set()
    done: Counter[date] = Counter()
    for each in spans:
        first, last = calendar.day_of(each.since), calendar.day_of(each.until) if each.until else today
        day = max(first, today - timedelta(days=20 * MOST_DAYS))
        while day <= min(last, today):
            work.add(day)
            day += timedelta(days=1)
        done.update(_worked(calendar.day_of(at), calendar) for at in each.approved)
    days = sorted(day for day in {*work, *done} if day < today and calendar.is_working(day))
    return [done[day] for day in days[-MOST_DAYS:]]


def chances_by_day(waiting: int, counts: Sequence[int]) -> list[float]:
    """Return the chance that so many files are approved by the end of each day to come, up to nine in ten or a year.

    Parameters
    ----------
    waiting : int
        One or more.
    counts : sequence of int
        Approvals of days, one of which each day to come is like.

    Examples
    --------
    >>> chances_by_day(4, [0, 4])
    [0.5, 0.75, 0.875, 0.9375]
    """
    shares: Mapping[int, float] = {count: number / len(counts) for count, number in Counter(counts).items()}
    still = np.zeros(waiting)  # the chance of each number that is approved so far, below all
    still[0] = 1.0
    found: list[float] = []
    while len(found) < _AHEAD and (not found or found[-1] < LATE):
        after = np.zeros(waiting)
        for count, share in shares.items():
            if count < waiting:
                after[count:] += share * still[: waiting - count]
        still = after
        found.append(max(found[-1] if found else 0.0, float(1.0 - still.sum())))  # rounding takes nothing back
    return found


def _worked(day: date, calendar: Calendar) -> date:
    for back in range(15):
        if calendar.is_working(day - timedelta(days=back)):
            return day - timedelta(days=back)
    return day


def _day(moment: str) -> str:
    return date.fromisoformat(moment[:10]).strftime("%a %d %b")
