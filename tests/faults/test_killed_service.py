"""A service that is killed at any moment while people decide: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import random
import threading
import time

import httpx2 as httpx
import pytest

from safelight.store import Store
from tests.api.conftest import Told
from tests.journeys.cli import safelight
from tests.journeys.served import Served

FILES, PEOPLE = 240, 6


class Reviewer(threading.Thread):
    """Decides one file after the other under a key of their own each, until the line breaks."""

    def __init__(self, url, headers, files):
        super().__init__(daemon=True)
        self.url, self.headers, self.files = url, headers, files
        self.acknowledged, self.open = {}, None

    def run(self):
        with contextlib.suppress(httpx.TransportError), self._browser() as browser:
            while self.files:
                self.open = self.files[0]
                done = self.send(browser, self.open)
                assert done.status_code == 200, done.text
                self.acknowledged[self.open["id"]] = done.json()["items"][0]["decisions"][0]["seq"]
                self.files.pop(0)
                self.open = None

    def _browser(self):
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=self.headers, timeout=120)

    def send(self, browser, line):
        note = [{"text": f"note on {line['file']}", "points": [[0.5, 0.5]]}]
        body = {"on": {line["id"]: line["etag"]}, "decided": "revise", "reason": "the edge", "notes": note}
        return browser.post("/decisions", json=body, headers={"Idempotency-Key": f"key-{line['id']}"})


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.slow)])
def test_a_killed_service_forgets_nothing_that_it_said_yes_to(tmp_path, kills):
    chance = random.Random(kills)
    with Store.create(tmp_path / ".safelight") as store:
        say = Told(store)
        say.batch()
        for n in range(FILES):
            say.file(f"{n:03}.jpg")
    served = Served(tmp_path, {})
    admin = served.admin()
    body = {"account": admin.get("/me").json()["account"], "name": "test"}
    headers = {"Authorization": f"Bearer {admin.post('/keys', json=body).json()['secret']}"}
    acknowledged = {}
    for _ in range(kills):
        with httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120) as browser:
            lines = browser.get("/batches/spring/assets", params={"standing": "waiting", "limit": 1000}).json()["items"]
        crew = [Reviewer(served.url, headers, lines[n::PEOPLE]) for n in range(PEOPLE)]
        for each in crew:
            each.start()
        until, enough = time.monotonic() + 200, chance.randrange(1, 30)
        while sum(len(each.acknowledged) for each in crew) < enough and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.05))
        served.kill()
        for each in crew:
            each.join(150)
            acknowledged |= each.acknowledged
        served.start()
        with httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120) as browser:
            for each in (one for one in crew if one.open is not None):  # sent, and never answered
                again = each.send(browser, each.open)
                assert again.status_code in (200, 409), again.text
                line = browser.get(f"/assets/{each.open['id']}").json()
                assert len(line["decisions"]) == 1
                notes = browser.get(f"/assets/{each.open['id']}/notes").json()["items"]
                assert [one["text"] for one in notes] == [f"note on {line['file']}"]
            now = browser.get("/batches/spring/assets", params={"limit": 1000}).json()["items"]
        said = {each["id"]: [one["seq"] for one in each["decisions"]] for each in now}
        assert {ref: said[ref] for ref in acknowledged} == {ref: [seq] for ref, seq in acknowledged.items()}
    assert acknowledged
    served.close()
    assert "clean:" in safelight("verify", "--chain", folder=tmp_path).stdout
