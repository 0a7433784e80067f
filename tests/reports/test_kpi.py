from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core import batch as told
from safelight.core.facts import SYSTEM, Fact
from safelight.errors import UsageError
from safelight.reports.kpi import Rates, measure
from safelight.reports.kpi_table import COLUMNS, kpi_csv, kpi_line, kpi_text
from safelight.reports.minutes import minutes_by_asset
from safelight.reports.page import write_page
from safelight.reports.rates import RATED, rates_text, read_rates, set_rates
from safelight.routing.calendar import Calendar
from safelight.routing.lanes import lane_of
from tests.reports.sample import batch

DAY = "2026-11-23"  # a Monday


class Floor:
    """Facts with their moments, as the ledger would have them."""

    def __init__(self):
        self.facts = []
        self.add("09:00:00", told.OPENED, "b", {"folder": "/s", "guide": "house", "guide_key": "k"})

    def add(self, at, kind, subject, body, name=""):
        personal = {"name": name} if name else {}
        moment = f"{DAY}T{at}+00:00" if "T" not in at else at
        self.facts.append(Fact(len(self.facts) + 1, kind, subject, body, SYSTEM, "b", personal, moment, "", ""))

    def file(self, asset, category="packshot", zone=1):
        self.add("09:00:00", told.SEEN, asset, {"path": f"{asset}.jpg", "size": 1, "mtime_ns": 1})
        capture = {"taken_at": f"{DAY}T08:00:00"}
        self.add("09:00:00", told.MEASURED, asset, {"path": f"{asset}.jpg", "capture": capture})
        self.add("09:00:00", told.SORTED, asset, {"path": f"{asset}.jpg", "class": "pick", "category": category})
        self.version(asset, 1, zone)

    def version(self, asset, number, zone=1, at="09:10:00"):
        made = {"asset": asset, "edit_key": "e", "blobs": {"master": "m"}}
        self.add(at, told.MADE, f"{asset}-{number}", made)
        self.add(at, told.JUDGED, f"{asset}-{number}", {"verdicts": [{"check": "halo", "word": "pass"}]})
        self.add(at, told.ROUTED, f"{asset}-{number}", {"route": "review", "queue": "review", "zone": zone})

    def say(self, at, version, decided, name, reasons=(), how="own"):
        self.add(at, told.DECIDED, version, {"decided": decided, "how": how, "reasons": list(reasons)}, name)

    def approve(self, at, version, name, how="own"):
        self.say(at, version, "approve", name, how=how)
        self.add(at, told.APPROVED, version, {"master": "m", "how": how}, name)

    def deliver(self, at, version):
        self.add(at, told.DELIVERED, version, {"channel": "amazon-main", "name": "n.jpg"})

    def kpis(self, now=f"{DAY}T15:00:00+00:00", rates=None):
        state = told.read_batch("b", self.facts)
        found = measure([state], minutes_by_asset(self.facts), now, Calendar(), rates)
        return {each.category: each for each in found}


def revised_once():
    """One packshot approved at once, one revised by Tom and approved in its second version; both delivered."""
    floor = Floor()
    floor.file("a")
    floor.file("b")
    floor.say("10:00:00", "a-1", "approve", "Tom")
    floor.add("10:00:00", told.APPROVED, "a-1", {"master": "m"}, "Tom")
    floor.say("10:01:00", "b-1", "revise", "Tom", ["too_dark"])
    floor.version("b", 2, at="10:30:00")
    floor.approve("11:00:00", "b-2", "Tom")
    for version in ("a-1", "b-2"):
        floor.deliver("12:00:00", version)
    return floor


def test_first_pass_yield_and_rework_are_counted_by_category_with_their_intervals():
    kpi = revised_once().kpis()["packshot"]
    assert (kpi.first_pass.hits, kpi.first_pass.tries, kpi.revised.value) == (1, 2, 0.5)
    assert kpi.first_pass.interval == pytest.approx((0.0945, 0.9055), abs=1e-3)  # Wilson 1927
    assert (kpi.reaches_target, kpi.alarms) == (False, True)
    assert kpi.causes == (("too_dark", 1, "a light that was moved or a camera that meters by itself"),)


def test_minutes_come_from_events_and_end_after_two_idle_minutes():
    floor = revised_once()
    spent = minutes_by_asset(floor.facts)
    assert (spent["a"].review, spent["b"].review) == (2.0, 3.0)  # 2 idle; then 1 minute and, after a pause, 2
    assert spent["b"].rework == 2.0
    assert floor.kpis()["packshot"].rework_min == 2.0


def test_turnaround_and_days_to_live_end_when_a_file_first_leaves():
    kpi = revised_once().kpis()["packshot"]
    assert kpi.turnaround_h == (3.0, 3.0)  # taken in at nine, delivered at twelve
    assert kpi.days_to_live == pytest.approx(4 / 24, abs=1e-3)


def test_cost_is_peoples_time_at_the_studios_rates_rework_included():
    kpi = revised_once().kpis(rates=Rates(review_h=60.0, currency="EUR"))["packshot"]
    assert kpi.cost == pytest.approx(5.0 / 2)  # five minutes at 60 an hour, two final assets
    assert revised_once().kpis()["packshot"].cost is None


def test_one_category_never_hides_another():
    floor = revised_once()
    floor.file("j", "jewelry", zone=3)
    floor.say("10:05:00", "j-1", "reject", "Tom", ["dirt"])
    found = floor.kpis()
    assert list(found) == ["jewelry", "packshot", "all"]
    assert (found["jewelry"].first_pass.value, found["packshot"].first_pass.value) == (0.0, 0.5)
    assert {zone: each.value for zone, each in found["all"].first_look.items()} == {1: 0.5, 3: 0.0}


def test_a_client_return_of_a_file_nobody_looked_at_is_an_escape_and_its_redo_counts_against_what_was_saved():
    floor = Floor()
    floor.file("a")
    floor.approve("10:00:00", "a-1", "Tom", how="release")
    floor.deliver("10:10:00", "a-1")
    before = floor.kpis(rates=Rates(baseline_min={"retouch": 30.0}))["packshot"]
    assert before.saved_h["net"] == pytest.approx(0.5 - 2 / 60, abs=0.01)
    floor.say("12:00:00", "a-1", "revise", "Client", ["color_off"], how="return")
    floor.version("a", 2, at="12:30:00")
    floor.approve("13:00:00", "a-2", "Tom")
    after = floor.kpis(rates=Rates(baseline_min={"retouch": 30.0}))["packshot"]
    assert (after.escapes, after.redo_min) == (1, 2.0)
    assert after.saved_h["net"] < before.saved_h["net"]


def shot_again():
    """A packshot that left unseen and came back; it was shot again, and what was shot is approved and delivered."""
    floor = Floor()
    floor.file("a")
    floor.approve("10:00:00", "a-1", "Tom", how="release")
    floor.deliver("10:10:00", "a-1")
    floor.say("12:00:00", "a-1", "revise", "Client", ["part_missing"], how="return")
    floor.say("12:10:00", "a-1", "reshoot", "Tom", ["part_missing"])
    floor.file("b")
    body = {"path": "a.jpg", "by": "b.jpg", "by_asset": "b", "reason": "shot again"}
    floor.add("13:00:00", told.SUPERSEDED, "a", body)
    floor.approve("13:10:00", "b-1", "Tom")
    return floor


def test_an_escape_that_is_shot_again_stays_one_and_its_place_is_counted_once():
    floor = shot_again()
    before = floor.kpis()["packshot"]
    floor.deliver("13:20:00", "b-1")
    after = floor.kpis()["packshot"]
    for kpi in (before, after):
        assert (kpi.files, kpi.final, kpi.unseen, kpi.escapes, kpi.redone) == (1, 1, 1, 1, ("b.jpg",))
        assert (kpi.revised.hits, kpi.revised.tries, kpi.first_pass.hits) == (1, 1, 0)
        assert kpi.turnaround_h[0] == pytest.approx(70 / 60, abs=0.01)  # to when its place first left
    # Tom's word that sent it to the set and his look at what came of it; the client's word costs the studio nothing.
    assert after.redo_min == 4.0


def test_the_sets_time_breaks_no_lanes_promise():
    floor = Floor()
    floor.file("a")
    floor.say("2026-11-02T10:00:00+00:00", "a-1", "reshoot", "Tom", ["part_missing"])
    floor.file("b")
    floor.add("13:00:00", told.SUPERSEDED, "a", {"path": "a.jpg", "by": "b.jpg", "by_asset": "b", "reason": "again"})
    floor.approve("13:10:00", "b-1", "Tom")
    kpi = floor.kpis()["packshot"]
    assert (kpi.within_sla.hits, kpi.within_sla.tries) == (1, 1)
    assert (kpi.revised.hits, kpi.first_pass.hits) == (1, 0)  # its place did not pass at the first look


def test_what_waits_ages_in_business_hours_and_the_trend_is_by_week():
    floor = Floor()
    floor.file("a")
    kpi = floor.kpis(now="2026-11-24T10:00:00+00:00")["packshot"]
    assert (kpi.waiting, kpi.oldest_h) == (1, pytest.approx(8.83 + 1, abs=0.01))
    assert revised_once().kpis()["packshot"].trend == (("2026-W48", 0.5),)


def test_an_approval_within_its_lanes_hours_keeps_the_sla():
    assert revised_once().kpis()["packshot"].within_sla.value == 1.0


def test_the_table_has_a_row_a_category_and_runs_no_formula():
    floor = revised_once()
    floor.file("x", "=cmd()")
    floor.say("10:05:00", "x-1", "approve", "Tom")
    rows = kpi_csv(floor.kpis().values()).splitlines()
    assert rows[0].split(",") == list(COLUMNS)
    assert rows[1].startswith("'=cmd()")
    assert len(rows) == 4


def test_every_number_that_steers_a_floor_is_in_data_table_page_and_words_by_category():
    """R192 to R203."""
    floor = revised_once()
    floor.file("ring", "jewelry", zone=3)
    floor.approve("2026-12-01T10:00:00+00:00", "ring-1", "Tom")
    floor.deliver("2026-12-01T11:00:00+00:00", "ring-1")
    floor.file("late")
    floor.approve("2026-12-01T12:00:00+00:00", "late-1", "Tom")
    floor.say("2026-12-02T11:00:00+00:00", "a-1", "revise", "Tom", ["too_dark"], how="return")
    rates = Rates(review_h=60.0, labor_h=30.0, currency="EUR", baseline_min={"retouch": 30.0, "culling": 2.0})
    found = floor.kpis(now="2026-12-02T15:00:00+00:00", rates=rates)
    assert {"packshot", "jewelry", "all"} <= found.keys()
    packshot = found["packshot"]
    line = kpi_line(packshot)
    keys = ("turnaround_h", "days_to_live", "first_pass", "revised", "trend", "cost", "review_min", "labor_min")
    keys += ("rework_min", "redo_min", "first_look", "oldest_h", "median_h", "within_sla", "saved_h", "waiting")
    assert [key for key in keys if line[key] in (None, {}, [])] == []
    assert line["currency"] == "EUR" and {week for week, _ in line["trend"]} == {"2026-W48", "2026-W49"}
    row = dict(zip(COLUMNS, next(csv.reader([kpi_csv([packshot]).splitlines()[1]])), strict=True))
    few = ("zone_", "saved_", "window_")  # a window takes ten working days
    assert [name for name, cell in row.items() if cell == "" and not any(each in name for each in few)] == []
    assert (row["first_look_change"], row["first_look_change_zone_1"], row["window_days"]) == (
        "too_few",
        "too_few",
        "7",
    )
    assert line["window"]["told"].startswith("no window yet for the one that waits: 7 of 10 working days")
    assert row["first_look_zone_1"] == str(round(packshot.first_look[1].value, 4)) and row["first_look_zone_3"] == ""
    assert (row["saved_retouch_h"], row["saved_logging_h"], row["currency"]) == ("1.5", "", "EUR")
    assert row["revision_trend"].startswith("2026-W48 ")
    text = kpi_text([packshot], "EUR")
    assert "approved at the first look: zone 1 67% of 3" in text and "sent back by week: 2026-W48" in text
    page = write_page(replace(batch(), kpis=tuple(found.values())))
    table = page[page.index('id="numbers"') :].partition("</section>")[0]
    for shown in (
        "Shoot to live",
        "by zone",
        "by week",
        "Cost of a final asset",
        "Hours saved",
        "EUR",
        "zone 1",
        "W49",
        "too few to tell a change",
        "no window yet",
    ):
        assert shown in table, shown
    assert table.count("Jewelry") >= 2


def test_the_words_say_the_target_the_alarm_and_the_cause_and_name_no_person():
    text = kpi_text(list(revised_once().kpis(rates=Rates(review_h=60)).values()), "EUR")
    assert "85% not reached" in text
    assert "look at a light that was moved" in text
    assert "2.50 EUR a final asset" in text
    assert "Tom" not in text
    line = kpi_line(revised_once().kpis()["packshot"])
    assert line["first_pass"]["tries"] == 2
    assert "Tom" not in str(line)


def test_rates_are_somebodys_word_and_the_latest_holds():
    facts = []
    for new in (
        *set_rates(40.0, 30.0, "EUR", [("culling", "1.5")], "Lena"),
        *set_rates(None, 35.0, "", [("retouch", "12")], "Lena"),
    ):
        facts.append(Fact(len(facts) + 1, RATED, "", new.body, SYSTEM, "", new.personal, "", "", ""))
    rates = read_rates(facts)
    assert (rates.review_h, rates.labor_h, dict(rates.baseline_min)) == (40.0, 35.0, {"culling": 1.5, "retouch": 12.0})
    assert "culling 1.5 min" in rates_text(rates)
    with pytest.raises(UsageError, match="no baseline for 'lunch'; there are: culling"):
        set_rates(None, None, "", [("lunch", "3")], "Lena")
    with pytest.raises(UsageError, match="the baseline of culling is 'soon'"):
        set_rates(None, None, "", [("culling", "soon")], "Lena")
    with pytest.raises(UsageError, match="somebody's word"):
        set_rates(1.0, None, "", [], "")


def late_reshoot():
    """A and b come in at nine; a leaves at noon; b's second capture comes in at three and leaves an hour later."""
    floor = Floor()
    floor.file("a")
    floor.approve("10:00:00", "a-1", "Tom")
    floor.deliver("12:00:00", "a-1")
    floor.add("15:00:00", told.SEEN, "b", {"path": "b.jpg", "size": 1, "mtime_ns": 1})
    floor.add("15:00:00", told.MEASURED, "b", {"path": "b.jpg", "capture": {"taken_at": f"{DAY}T14:00:00"}})
    floor.add("15:00:00", told.SORTED, "b", {"path": "b.jpg", "class": "pick", "category": "packshot"})
    floor.version("b", 1, at="15:10:00")
    floor.approve("15:20:00", "b-1", "Tom")
    floor.deliver("16:00:00", "b-1")
    return floor


def test_a_frame_that_comes_in_later_does_not_move_the_close_of_what_left_before():
    kpi = late_reshoot().kpis()["packshot"]
    assert kpi.turnaround_h == (2.0, 3.0)  # an hour and three: the median of two, and the slower one
    assert kpi.spread == 1.5


def test_work_that_varies_much_says_that_routing_may_be_too_loose():
    floor = Floor()
    for n in range(11):
        floor.file(f"f{n}")
        floor.approve("09:30:00", f"f{n}-1", "Tom")
        floor.deliver("19:00:00" if n > 8 else "10:00:00", f"f{n}-1")
    kpi = floor.kpis()["packshot"]
    assert (kpi.turnaround_h, kpi.spread) == ((1.0, 10.0), 10.0)
    assert "slow files take 10.0 times as long as most: look whether routing is too loose" in kpi_text([kpi])


def test_what_waits_beyond_its_lanes_hours_has_broken_them_already():
    floor = revised_once()
    floor.file("late")
    kpi = floor.kpis(now="2026-12-04T15:00:00+00:00")["packshot"]
    assert (kpi.waiting, kpi.overdue) == (1, 1)
    assert (kpi.within_sla.hits, kpi.within_sla.tries) == (2, 3)
    assert "1 beyond their lane's hours" in kpi_text([kpi])


def test_a_guides_lane_says_how_long_a_file_may_wait():
    floor = Floor()
    floor.file("a")
    state = told.read_batch("b", floor.facts)
    spans = {}
    for lane in ("catalog", "editorial"):
        found = measure([state], {}, "2026-11-25T16:00:00+00:00", Calendar(), None, {"b": {"packshot": lane}})
        spans[lane] = found[0].overdue
    hours = {lane: lane_of("packshot", lane).sla_h for lane in spans}
    waited = Calendar().hours_between(f"{DAY}T09:10:00+00:00", "2026-11-25T16:00:00+00:00")
    assert {lane: waited > allowed for lane, allowed in hours.items()} == {k: bool(v) for k, v in spans.items()}
    assert len(set(spans.values())) == 2


def test_culling_is_saved_on_every_frame_and_retouching_on_what_went_on():
    floor = revised_once()
    floor.file("blink")
    floor.add("09:05:00", told.SORTED, "blink", {"path": "blink.jpg", "class": "reject", "category": "packshot"})
    kpi = floor.kpis(rates=Rates(baseline_min={"culling": 3.0, "retouch": 30.0}))["packshot"]
    assert (kpi.files, kpi.saved_h["culling"], kpi.saved_h["retouch"]) == (2, 0.15, 1.0)
    assert kpi.saved_h["net"] == pytest.approx(1.15 - 5 / 60, abs=0.006)  # five minutes of people


def test_minutes_on_frames_that_were_left_out_are_part_of_what_a_final_asset_costs():
    floor = revised_once()
    floor.file("first")
    floor.say("11:10:00", "first-1", "reshoot", "Tom", ["dirt"])
    floor.add(
        "11:20:00", told.SUPERSEDED, "first", {"path": "first.jpg", "by": "b.jpg", "by_asset": "b", "reason": "r"}
    )
    kpi = floor.kpis(rates=Rates(review_h=60.0))["packshot"]
    assert kpi.files == 2
    assert kpi.cost == pytest.approx(7.0 / 2)  # two minutes more, on a frame that never left


def test_what_left_unseen_and_came_back_is_named_and_its_minutes_count_once():
    floor = Floor()
    floor.file("a")
    floor.approve("10:00:00", "a-1", "Tom", how="release")
    floor.deliver("10:10:00", "a-1")
    floor.say("12:00:00", "a-1", "revise", "Client", ["color_off"], how="return")
    floor.version("a", 2, at="12:30:00")
    floor.approve("13:00:00", "a-2", "Tom")
    rates = Rates(review_h=60.0, labor_h=30.0, currency="EUR", baseline_min={"retouch": 30.0})
    kpi = floor.kpis(rates=rates)["packshot"]
    assert (kpi.redone, kpi.redo_min, kpi.review_min) == (("a.jpg",), 2.0, 4.0)  # what the client says costs the client
    assert kpi.saved_h["net"] == pytest.approx(0.5 - 4 / 60, abs=0.006)
    assert (kpi.cost, kpi.cost_by_hand) == (4.0, 15.0)
    assert "4.00 EUR a final asset; by hand it was 15.00" in kpi_text([kpi], "EUR")


def test_a_return_of_what_was_looked_at_is_a_revision_and_of_what_was_not_an_escape_too():
    floor = Floor()
    for name, how in (("seen", "sample"), ("spared", "release"), ("well", "release")):
        floor.file(name)
        floor.approve("10:00:00", f"{name}-1", "Tom", how=how)
        floor.deliver("10:10:00", f"{name}-1")
    for name in ("seen", "spared"):
        floor.say("12:00:00", f"{name}-1", "revise", "Client", ["color_off"], how="return")
    kpi = floor.kpis()["packshot"]
    assert (kpi.unseen, kpi.escapes, kpi.redone) == (2, 1, ("spared.jpg",))
    assert (kpi.revised.hits, kpi.revised.tries) == (2, 2)  # nobody ever said a word of the third
    assert (kpi.first_pass.hits, kpi.first_pass.tries) == (0, 2)
    assert "1 escape that clients found among 2 that left unseen" in kpi_text([kpi])
    # A second version that leaves unseen was not what the client sent back.
    floor.version("seen", 2, at="12:30:00")
    floor.approve("13:00:00", "seen-2", "Tom", how="release")
    floor.deliver("13:10:00", "seen-2")
    assert floor.kpis()["packshot"].escapes == 1


def look(floor, at, asset, seconds, name="Tom", room="review"):
    floor.add(at, told.LOOKED, asset, {"path": f"{asset}.jpg", "room": room, "seconds": seconds}, name)


def test_a_screen_that_was_in_use_tells_how_long_and_nothing_is_assumed_on_top():
    floor = Floor()
    floor.file("a")
    look(floor, "10:10:00", "a", 480)
    floor.say("10:10:03", "a-1", "approve", "Tom")
    assert minutes_by_asset(floor.facts)["a"].review == pytest.approx(8 + 3 / 60, abs=0.001)


def test_a_moment_of_a_person_is_never_counted_twice_in_whatever_order_the_screen_tells():
    floor = Floor()
    floor.file("a")
    floor.file("b")
    floor.say("10:10:00", "a-1", "approve", "Tom")  # speaks for two minutes
    look(floor, "10:10:01", "a", 300)  # five, of which two are spoken for
    look(floor, "10:11:00", "b", 600)
    spent = minutes_by_asset(floor.facts)
    assert spent["a"].review == pytest.approx(5, abs=0.001)
    assert spent["b"].review == pytest.approx(5, abs=0.001)  # 10:01 to 10:11 without those five minutes


def test_time_at_the_amending_room_is_work():
    floor = Floor()
    floor.file("a")
    look(floor, "10:10:00", "a", 240, room="amend")
    spent = minutes_by_asset(floor.facts)["a"]
    assert (spent.review, spent.labor) == (0.0, 4.0)


@given(
    st.lists(
        st.tuples(st.integers(0, 7200), st.sampled_from(["a", "b"]), st.one_of(st.none(), st.integers(1, 9000))),
        min_size=1,
        max_size=30,
    )
)
def test_nobodys_minutes_pass_the_clock(events):
    floor = Floor()
    floor.file("a")
    floor.file("b")
    first = min(second - (120 if looked is None else looked) for second, _, looked in events)
    for second, asset, looked in sorted(events, key=lambda each: each[0]):
        at = f"{10 + second // 3600:02}:{second % 3600 // 60:02}:{second % 60:02}"
        if looked is None:
            floor.say(at, f"{asset}-1", "approve", "Tom")
        else:
            look(floor, at, asset, looked)
    spent = minutes_by_asset(floor.facts)
    span = (max(second for second, _, _ in events) - first) / 60
    assert sum(each.total for each in spent.values()) <= span + 0.01


def test_a_persons_hours_go_on_from_batch_to_batch():
    one, other = Floor(), Floor()
    one.file("a")
    other.file("b")
    one.say("10:01:00", "a-1", "approve", "Tom")
    other.say("10:02:00", "b-1", "approve", "Tom")
    spent = minutes_by_asset(sorted([*one.facts, *other.facts], key=lambda each: each.at))
    assert (spent["a"].review, spent["b"].review) == (2.0, 1.0)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf"), 2e6])
def test_a_rate_that_is_none_is_refused_with_what_it_takes(wrong):
    with pytest.raises(UsageError, match="it takes 0 or more, an hour's cost"):
        set_rates(wrong, None, "", [], "Lena")
    with pytest.raises(UsageError, match="it takes minutes an asset, like culling=4.5"):
        set_rates(None, None, "", [("culling", str(wrong))], "Lena")
