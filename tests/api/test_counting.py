"""Figures over HTTP: counted from rows, by one at a time, and told to nobody who may not see them."""

from __future__ import annotations

import threading

import pytest

from safelight.house import counting
from safelight.reports.kpi import Rates, measure
from safelight.reports.kpi_table import kpi_line
from safelight.reports.minutes import TIMED, minutes_by_asset
from tests.api.conftest import lines


@pytest.fixture
def admin(team, say):
    """Three files: one approved, one sent back, one that nobody has looked at."""
    say.batch()
    for n in range(3):
        say.file(f"{n}.jpg")
    browser = team.admin()
    first, second, _ = lines(browser)
    for line, word in ((first, {"decided": "approve"}), (second, {"decided": "revise", "reason": "the edge is soft"})):
        done = browser.post("/api/v1/decisions", json={"on": {line["id"]: line["etag"]}, **word})
        assert done.status_code == 200, done.text
    return browser


@pytest.fixture
def slow(monkeypatch):
    """However short it took, counting was long."""
    monkeypatch.setattr(counting, "_CHEAP_S", -1.0)
    monkeypatch.setattr(counting, "_AS_LONG_AGAIN", 1e9)


@pytest.fixture
def counted(monkeypatch):
    """How often it was counted."""
    found, numbers = [], counting.CountingVerbs.numbers

    def counting_them(self, *given):
        found.append(given)
        return numbers(self, *given)

    monkeypatch.setattr(counting.CountingVerbs, "numbers", counting_them)
    return found


def test_what_rows_say_is_what_all_the_facts_say(admin, house):
    (told,) = admin.get("/api/v1/figures").json()["categories"]
    state = house.studio.state("spring")
    facts = list(house.store.ledger.facts(kind=TIMED))
    now = admin.get("/api/v1/figures").json()["at"]
    (whole,) = measure([state], minutes_by_asset(facts), now, house.studio.calendar(), Rates())
    expected = kpi_line(whole)
    moving = ("oldest_h", "median_h", "stalled_h", "window")  # go on with the clock
    assert {k: v for k, v in told.items() if k not in moving} == {k: v for k, v in expected.items() if k not in moving}
    assert (told["files"], told["first_pass"]["hits"], told["first_pass"]["tries"]) == (3, 1, 2)
    assert told["review_min"] > 0


def test_what_is_counted_quickly_is_counted_anew_for_everybody(admin, counted):
    admin.get("/api/v1/figures")
    admin.get("/api/v1/figures")
    assert len(counted) == 2


def test_what_takes_long_is_counted_once_for_all_who_ask_and_says_since_when(admin, slow, counted):
    answers = []
    askers = [threading.Thread(target=lambda: answers.append(admin.get("/api/v1/figures").json())) for _ in range(4)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    assert len(counted) == 1 and len({each["at"] for each in answers}) == 1 and answers[0]["at"]
    assert admin.get("/api/v1/figures.csv").text.startswith("category,") and len(counted) == 1


def test_other_rates_are_reckoned_with_at_once(admin, slow, counted):
    admin.get("/api/v1/figures")
    seen = {"If-Match": admin.get("/api/v1/rates").json()["etag"]}
    body = {"review_h": 42, "baseline_min": {"retouch": 30}}
    assert admin.post("/api/v1/rates", json=body, headers=seen).status_code == 200
    (told,) = admin.get("/api/v1/figures").json()["categories"]
    assert "net" in told["saved_h"] and len(counted) == 2


@pytest.mark.parametrize("role", ["client", "reviewer", "retoucher"])
def test_what_was_counted_for_a_lead_is_told_to_nobody_who_may_not_see_it(admin, team, slow, role):
    assert admin.get("/api/v1/figures").status_code == 200
    who = team.person(admin, role, role, "Acme")
    for path in ("figures", "figures.csv"):
        assert who.get(f"/api/v1/{path}").status_code == 403


def test_after_an_answer_is_too_old_it_is_counted_anew(admin, slow, counted, monkeypatch):
    admin.get("/api/v1/figures")
    monkeypatch.setattr(counting, "_AT_MOST_S", 0.0)
    admin.get("/api/v1/figures")
    assert len(counted) == 2
