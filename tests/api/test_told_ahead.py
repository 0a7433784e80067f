"""Lists are told before anybody asks, and told anew where something changed."""

from __future__ import annotations

import pytest

from safelight.house import shared
from tests.api.conftest import lines


@pytest.fixture
def told(monkeypatch):
    """The files that were told, in their order."""
    found, tell = [], shared.file_line

    def telling(row, names):
        found.append(row.state.path)
        return tell(row, names)

    monkeypatch.setattr(shared, "file_line", telling)
    return found


def test_what_waits_is_told_first_and_nothing_is_told_twice(team, say, house, told):
    admin = team.admin()
    say.batch()
    for n in range(4):
        say.file(f"{n}.jpg")
    back = {"on": {each["id"]: each["etag"] for each in lines(admin)[:2]}, "decided": "revise", "reason": "the edge"}
    assert admin.post("/api/v1/decisions", json=back).status_code == 200
    house.lines.clear()
    told.clear()
    assert house.tell_ahead() >= 4
    assert told[:2] == ["2.jpg", "3.jpg"] and sorted(told) == [f"{n}.jpg" for n in range(4)]
    told.clear()
    listed = lines(admin)
    assert len(listed) == 4 and told == []
    body = {"on": {listed[3]["id"]: listed[3]["etag"]}, "decided": "revise", "reason": "the edge"}
    assert admin.post("/api/v1/decisions", json=body).status_code == 200
    assert lines(admin)[3]["standing"] == "sent_back" and told == ["3.jpg"]


def test_no_more_is_told_ahead_than_is_kept_and_nothing_once_the_house_closes(say, house, told, monkeypatch):
    say.batch()
    for n in range(5):
        say.file(f"{n}.jpg")
    monkeypatch.setattr(shared, "_AHEAD", 3)
    assert house.tell_ahead() == 3 == len(told)
    assert shared._LINES_KEPT > 30_000
    house._ended.set()
    house._is_told = False
    monkeypatch.setattr(shared, "_AHEAD", 100)
    assert house.tell_ahead() == 1


def test_who_is_let_in_finds_lists_told_and_nothing_is_told_again_beside_them(say, house, told):
    say.batch()
    for n in range(4):
        say.file(f"{n}.jpg")
    assert house.get_ready(60.0) >= 4
    assert sorted(set(told)) == [f"{n}.jpg" for n in range(4)] and house.gathered.is_set()
    assert house.tell_ahead() == 0


def test_a_start_waits_no_longer_than_it_may_and_the_rest_is_told_beside(say, house, told):
    say.batch()
    for n in range(4):
        say.file(f"{n}.jpg")
    assert house.get_ready(-1.0) == 0 == len(told)
    assert house.tell_ahead() >= 4
