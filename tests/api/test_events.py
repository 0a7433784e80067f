"""The stream of events ends with the session that opened it (F-11), and tells of nobody else's project (F-04)."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from starlette.requests import Request

from safelight.api import events
from safelight.api.desk import signed_in
from safelight.review.bulletin import News
from tests.api.test_permissions import Place

BEAT_S = 0.4


@pytest.fixture(autouse=True)
def quick_beat(monkeypatch):
    monkeypatch.setattr(events, "BEAT_S", BEAT_S)


class Line:
    """A browser's open line, in this process."""

    def __init__(self, team, browser):
        cookie = f"safelight={browser.cookies['safelight']}".encode()
        scope = {"type": "http", "method": "GET", "path": "/api/v1/events", "headers": [(b"cookie", cookie)]}
        self.request = Request(scope | {"app": team.app, "query_string": b"", "state": {}, "route": None})
        self.house = team.house
        self.app = team.app

    async def hear(self, enough, meanwhile=lambda heard: None):
        """Listen until `enough` says so or the line is closed; `meanwhile` is done after each part."""
        self.app.state.stopping = asyncio.Event()
        desk = self.house.desk(self.house.caller_of(*signed_in(self.request)))
        heard = b""
        async with asyncio.timeout(120):
            async with contextlib.aclosing(events._stream(desk, self.request, 0)) as stream:
                async for part in stream:
                    heard += part
                    if enough(heard):
                        break
                    meanwhile(heard)
        return heard


def news(project="Acme", **data):
    return News("note.made", 0, project, "spring", data)


def test_a_stream_on_which_much_happens_ends_with_its_session(team):
    admin = team.admin()
    line = Line(team, admin)
    ends = []

    def happen(heard):
        if not ends and heard.count(b"note.made") >= 2:
            ends.append(admin.delete("/api/v1/session").status_code)
        team.house.bulletin.tell(news())  # the next thing happens before the next beat

    heard = asyncio.run(line.hear(lambda _: False, happen))
    assert ends == [204]
    assert heard.endswith(b"event: signed-out\ndata: {}\n\n") and heard.count(b"note.made") >= 2


def test_a_silent_stream_is_kept_by_beats_and_ends_with_its_session(team):
    admin = team.admin()
    line = Line(team, admin)
    ends = []

    def end(heard):
        if not ends and b": beat" in heard:
            ends.append(admin.delete("/api/v1/session").status_code)

    assert asyncio.run(line.hear(lambda _: False, end)).endswith(b"event: signed-out\ndata: {}\n\n")
    assert ends == [204]


def test_what_happens_in_anothers_project_is_not_told(team, say):
    admin = team.admin()
    Place(admin, say, "spring", "Acme")
    ben = team.person(admin, "ben", "reviewer", project="Acme")

    def happen(heard):
        if heard.endswith(b"retry: 2000\n\n"):
            team.house.bulletin.tell(news("Other", text="a secret"))
            team.house.bulletin.tell(news("Acme", text="for all"))

    heard = asyncio.run(Line(team, ben).hear(lambda heard: b"for all" in heard, happen))
    assert b"secret" not in heard
    told = [json.loads(each.removeprefix(b"data: ")) for each in heard.splitlines() if each.startswith(b"data: ")]
    assert [each["text"] for each in told] == ["for all"]
