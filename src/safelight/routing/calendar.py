"""Business hours: what an SLA is counted in, so that a Friday evening is no overdue Monday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from safelight.errors import ParameterError


@dataclass(frozen=True)
class Calendar:
    """When a studio works.

    Parameters
    ----------
    zone : str
        A name of the IANA time-zone database.
    start_h, end_h : float
        Hours of the local day.
    days : tuple of int
        0 is Monday.
    holidays : frozenset of date
    """

    zone: str = "UTC"
    start_h: float = 9.0
    end_h: float = 18.0
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a day without hours, and a zone that nobody knows."""
        if not 0 <= self.start_h < self.end_h <= 24:
            raise ParameterError(
                f"business hours are {self.start_h:g} to {self.end_h:g}; they take a start before the end, 0 to 24"
            )
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ParameterError(
                f"the studio's time zone is {self.zone!r}; it takes a name like 'Europe/Berlin' or 'UTC'"
            ) from None

    def hours_between(self, start: str, end: str) -> float:
        """Return the business hours between two moments (ISO 8601 with a zone); 0 if the second is earlier.

        Examples
        --------
        >>> Calendar().hours_between("2026-11-27T17:00:00+00:00", "2026-11-30T10:00:00+00:00")  # Friday to Monday
        2.0
        """
        first, last = self._local(start), self._local(end)
        total, day = 0.0, first.date()
        while day <= last.date():
            total += _overlap_h(self._open(day), first, last)
            day += timedelta(days=1)
        return round(total, 6)

    def after(self, start: str, hours: float) -> str:
        """Return the moment when so many business hours have passed since `start`, in UTC.

        Examples
        --------
        >>> Calendar().after("2026-11-27T17:00:00+00:00", 2.0)
        '2026-11-30T10:00:00+00:00'
        """
        at, left, day = self._local(start), hours, self._local(start).date()
        for _ in range(3700):  # ten years of days
            window = self._open(day)
            if window is not None:
                begins = max(window[0], at)
                there = max(0.0, (window[1] - begins).total_seconds() / 3600)
                if there >= left:
                    return (begins + timedelta(hours=left)).astimezone(ZoneInfo("UTC")).isoformat()
                left -= there
            day += timedelta(days=1)
        raise ParameterError("the calendar has no working day in ten years: give it days")

    def day_of(self, moment: str) -> date:
        """Return the studio's own day of a moment (ISO 8601 with a zone)."""
        return self._local(moment).date()

    def is_working(self, day: date) -> bool:
        """Say whether the studio works on a day.

        Examples
        --------
        >>> Calendar().is_working(date(2026, 11, 29))  # a Sunday
        False
        """
        return self._open(day) is not None

    def _local(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(ZoneInfo(self.zone))

    def _open(self, day: date) -> tuple[datetime, datetime] | None:
        if day.weekday() not in self.days or day in self.holidays:
            return None
        midnight = datetime.combine(day, time(), ZoneInfo(self.zone))
        return midnight + timedelta(hours=self.start_h), midnight + timedelta(hours=self.end_h)


def _overlap_h(window: tuple[datetime, datetime] | None, first: datetime, last: datetime) -> float:
    if window is None:
        return 0.0
    return max(0.0, (min(window[1], last) - max(window[0], first)).total_seconds() / 3600)
