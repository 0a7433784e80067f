from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.routing.calendar import Calendar

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))


def test_a_weekend_and_a_holiday_are_no_business_hours():
    friday, monday = "2026-11-27T16:00:00+00:00", "2026-11-30T11:00:00+00:00"
    assert Calendar().hours_between(friday, monday) == 4.0
    assert Calendar(holidays=frozenset({date(2026, 11, 30)})).hours_between(friday, monday) == 2.0


def test_hours_are_those_of_the_studios_own_zone_summer_time_included():
    berlin = Calendar("Europe/Berlin")
    assert berlin.hours_between("2026-07-01T06:00:00Z", "2026-07-01T09:00:00Z") == 2.0  # 9:00 there is 7:00 UTC
    assert berlin.hours_between("2026-12-01T06:00:00Z", "2026-12-01T09:00:00Z") == 1.0


@given(moments, st.floats(0.01, 200))
def test_what_is_due_after_some_hours_is_that_many_hours_away(start, hours):
    calendar = Calendar("Europe/Berlin")
    due = calendar.after(start.isoformat(), hours)
    assert calendar.hours_between(start.isoformat(), due) == pytest.approx(hours, abs=1e-5)


@given(moments, st.integers(0, 400), st.integers(0, 400))
def test_hours_add_up(start, first, second):
    calendar = Calendar()
    a, b = start + timedelta(hours=first), start + timedelta(hours=first + second)
    parts = calendar.hours_between(start.isoformat(), a.isoformat()) + calendar.hours_between(
        a.isoformat(), b.isoformat()
    )
    assert calendar.hours_between(start.isoformat(), b.isoformat()) == pytest.approx(parts, abs=1e-5)


def test_a_zone_that_nobody_knows_and_a_day_without_hours_are_refused():
    with pytest.raises(ParameterError, match="time zone is 'Mars'; it takes a name like 'Europe/Berlin'"):
        Calendar("Mars")
    with pytest.raises(ParameterError, match="business hours are 18 to 9"):
        Calendar(start_h=18, end_h=9)
