"""Does a share rise, and when will what waits be done: values by hand, laws, and little data told as little."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safelight.reports.forecast import LEAST_DAYS, Span, chances_by_day, daily_counts, window_of
from safelight.reports.kpi_table import kpi_csv, kpi_line, kpi_text
from safelight.reports.trends import Change, Share, by_week, change_of
from safelight.routing.calendar import Calendar
from tests.reports.test_kpi import Floor

NOW = "2026-12-18T12:00:00+00:00"  # a Friday
# The 14 working days before it, the first a Monday.
DAYS = ["2026-11-30", *(f"2026-12-{d:02}" for d in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17))]


def moments(hits, start=1):
    return [(f"2026-11-{start + n // 24:02}T{n % 24:02}:00:00+00:00", hit) for n, hit in enumerate(hits)]


def test_the_difference_of_two_shares_has_newcombes_interval():
    # Newcombe 1998, table II, (a) 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    found = Change(Share(48, 80), Share(56, 70))
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.word == "rises"
    # and (d) 9/10 - 3/10: 0.1705 to 0.8090
    assert Change(Share(3, 10), Share(9, 10)).interval == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_the_later_half_is_held_against_the_earlier_one_in_the_order_of_looks():
    events = moments([False] * 10 + [True] * 11)
    for held in (events, events[::-1]):
        found = change_of(held)
        assert (found.early, found.late) == (Share(0, 10), Share(11, 11))


def test_fewer_than_ten_in_a_half_say_nothing():
    found = change_of(moments([False] * 9 + [True] * 10))
    assert found.word == "too_few" and found.told() == "too few to tell a change: 19 of 20"
    assert change_of([]).interval == (-1.0, 1.0)


def test_an_interval_that_holds_zero_is_no_change():
    assert change_of(moments([True, False] * 20)).told().startswith("no change can be told: 50% of 20 before, 50%")


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_a_change_turned_round_is_its_own_mirror(a, n, b, m):
    one, other = Change(Share(min(a, n), n), Share(min(b, m), m)), Change(Share(min(b, m), m), Share(min(a, n), n))
    assert one.interval == pytest.approx(tuple(-each for each in reversed(other.interval)))
    low, high = one.interval
    assert low - 1e-12 <= one.late.value - one.early.value <= high + 1e-12


def test_weeks_keep_their_counts():
    events = [("2026-12-27T10:00:00Z", True), ("2026-12-28T10:00:00Z", False), ("2027-01-03T10:00:00Z", True)]
    assert by_week(events) == (("2026-W52", Share(1, 1)), ("2026-W53", Share(1, 2)))


def test_the_chance_that_all_is_done_is_that_of_the_sum_of_days():
    assert chances_by_day(4, [0, 4]) == pytest.approx([0.5, 0.75, 0.875, 0.9375])
    # Two files, days of none or one: two ones among k days. By hand 0, 1/4, 1/2, 11/16, 13/16, 57/64, 15/16.
    assert chances_by_day(2, [0, 1]) == pytest.approx([0, 1 / 4, 1 / 2, 11 / 16, 13 / 16, 57 / 64, 15 / 16])
    assert chances_by_day(5, [5]) == [1.0]
    assert chances_by_day(1, [0])[-1] == 0.0  # and no end of it within a year


@given(st.integers(1, 60), st.lists(st.integers(0, 9), min_size=1, max_size=20))
@example(7, [0, 1, 1])
def test_more_that_waits_is_never_done_sooner(waiting, counts):
    fewer, more = chances_by_day(waiting, counts), chances_by_day(waiting + 1, counts)
    assert all(a >= b - 1e-9 for a, b in zip(fewer, more, strict=False))
    assert fewer == sorted(fewer)


def history(counts=(4,) * 14, waiting=4):
    """So many files approved on each day, and files that have waited since this morning."""
    done = [
        Span(f"{day}T09:00:00+00:00", f"{day}T15:00:00+00:00", (f"{day}T15:00:00+00:00",))
        for day, count in zip(DAYS, counts, strict=True)
        for _ in range(count)
    ]
    first = [Span(f"{DAYS[0]}T09:00:00+00:00", f"{DAYS[-1]}T15:00:00+00:00")]  # something waited every day
    return [*done, *first, *([Span("2026-12-18T09:00:00+00:00", "")] * waiting)]


def test_a_window_is_read_off_the_days_of_work():
    found = window_of(history(), NOW, Calendar())
    # 14 days of 4, and one of none added: 14 of 15 on the first day, which is over nine in ten.
    assert (found.waiting, found.days, found.per_day) == (4, 14, 4.0)
    assert found.early == found.late == "2026-12-21T12:00:00+00:00"  # a working day from Friday noon
    assert found.told() == (
        "the 4 that wait are approved Mon 21 Dec (8 of 10 futures), at the pace of 14 working days, 4.0 a day"
    )


def test_days_that_vary_make_a_wide_window_and_a_weekend_is_no_day():
    found = window_of(history((8, 0) * 7, waiting=8), NOW, Calendar())
    # 7 of 15 days do all of it: chances 0.467, 0.716, 0.848, 0.919, so 1, 2 and 4 days.
    assert [each[:10] for each in (found.early, found.middle, found.late)] == ["2026-12-21", "2026-12-22", "2026-12-24"]
    assert "Mon 21 Dec to Thu 24 Dec" in found.told()


def test_few_days_foretell_nothing():
    few = [each for each in history() if not each.until or each.since[:10] in DAYS[-9:]][1:]
    found = window_of([each for each in few if each.approved or not each.until], NOW, Calendar())
    assert (found.days, found.late, found.is_known) == (9, "", False)
    assert found.told() == f"no window yet for the 4 that wait: 9 of {LEAST_DAYS} working days with work"


def test_nothing_that_waits_needs_no_window_and_standing_still_has_none():
    assert window_of(history(waiting=0), NOW, Calendar()).told() == "nothing waits"
    assert "may take more than a year" in window_of(history((0,) * 14), NOW, Calendar()).told()


def test_today_is_not_over_and_a_saturdays_work_is_fridays():
    spans = [
        Span("2026-12-10T09:00:00+00:00", "2026-12-18T10:00:00+00:00", ("2026-12-18T10:00:00+00:00",)),
        Span("2026-12-10T09:00:00+00:00", "2026-12-12T10:00:00+00:00", ("2026-12-12T10:00:00+00:00",)),
    ]
    assert daily_counts(spans, NOW, Calendar()) == [0, 1, 0, 0, 0, 0]  # Thursday 10th to Thursday 17th


def test_a_day_on_which_nothing_waited_says_nothing_of_the_pace():
    spans = [
        Span("2026-12-10T09:00:00+00:00", "2026-12-10T15:00:00+00:00", ("2026-12-10T15:00:00+00:00",)),
        Span("2026-12-16T09:00:00+00:00", "2026-12-16T15:00:00+00:00", ("2026-12-16T15:00:00+00:00",)),
    ]
    assert daily_counts(spans, NOW, Calendar()) == [1, 1]


def weeks_of_looks():
    """Zone 1: 10 looks with 4 approvals, then 10 with 10; zone 3: 2 looks. Nothing waits but one file."""
    floor = Floor()
    for n in range(20):
        floor.file(f"f{n}")
        at = f"2026-{'11-24' if n < 10 else '12-01'}T10:{n:02}:00+00:00"
        if n < 10 and n >= 4:
            floor.say(at, f"f{n}-1", "revise", "Tom", ["too_dark"])
            floor.version(f"f{n}", 2, at=at.replace("T10", "T11"))
            floor.approve(at.replace("T10", "T12"), f"f{n}-2", "Tom")
        else:
            floor.approve(at, f"f{n}-1", "Tom")
    for n in (20, 21):
        floor.file(f"f{n}", zone=3)
        floor.approve(f"2026-12-02T10:{n:02}:00+00:00", f"f{n}-1", "Tom")
    floor.file("waits")
    return floor.kpis(now="2026-12-03T18:00:00+00:00")["packshot"]


def test_the_pass_rate_at_the_first_look_is_followed_by_week_and_by_complexity():
    kpi = weeks_of_looks()
    assert kpi.first_look_weeks[1] == (("2026-W48", Share(4, 10)), ("2026-W49", Share(10, 10)))
    assert kpi.first_look_weeks[3] == (("2026-W49", Share(2, 2)),)
    assert (kpi.first_look_change[1].word, kpi.first_look_change[3].word) == ("rises", "too_few")
    assert (kpi.first_look_change[0].early, kpi.first_look_change[0].late) == (Share(5, 11), Share(11, 11))
    assert kpi.revised_change.word == "falls"
    line = kpi_line(kpi)
    assert line["first_look_weeks"]["1"][0][1]["hits"] == 4
    assert (line["first_look_change"]["0"]["word"], line["first_look_change"]["3"]["word"]) == ("rises", "too_few")
    text = kpi_text([kpi])
    assert "zone 1 rises: 40% of 10 before, 100% of 10 since" in text and "zone 3 too few to tell" in text
    assert "rises" in kpi_csv([kpi]).splitlines()[1]


def test_work_that_nobody_touches_is_told_as_standing_still():
    kpi = weeks_of_looks()
    # The last word was on Wednesday at 10:21: 7.65 hours of it and nine of Thursday.
    assert kpi.stalled_h == pytest.approx(16.65)
    assert "nobody has said a word for 17 business hours" in kpi_text([kpi])
