"""A team at `safelight serve`, over HTTP as a client would: run, look, decide, kill, go on, release."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time

import httpx2 as httpx
import pytest

from tests.journeys.cli import SAFELIGHT, lines, safelight
from tests.shoots import write_shoot

PASSWORD = "moss teapot canyon"


class Served:
    """A service in a process of its own."""

    def __init__(self, folder, environment):
        self.folder, self.environment, self.browsers = folder, environment, []
        self.start()

    def start(self):
        self.log = self.folder / "serve.log"
        with self.log.open("w") as log:
            words = [*SAFELIGHT, "serve", "--port", "0"]
            env = {**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"}
            self.process = subprocess.Popen(words, cwd=self.folder, stdout=log, stderr=log, env=env)
        until = time.monotonic() + 120
        while time.monotonic() < until:
            found = re.search(r"serves at (\S+)", self.log.read_text())
            if found:
                self.url = found.group(1)
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{self.url}/api/v1/health", timeout=5).status_code == 200:
                        return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def end(self):
        self.process.terminate()
        return self.process.wait(60)

    def browser(self, body, path="/session"):
        browser = httpx.Client(base_url=f"{self.url}/api/v1", timeout=120)
        self.browsers.append(browser)
        done = browser.post(path, json=body)
        assert done.status_code == 200, done.text
        browser.headers["X-CSRF-Token"] = done.json()["csrf"]
        return browser

    def sign_in(self, login):
        return self.browser({"login": login, "password": PASSWORD})

    def redeem(self, link, **who):
        return self.browser({"token": link.partition("#")[2], "password": PASSWORD, **who}, "/session/link")

    def finished(self, browser, job, within=240):
        until = time.monotonic() + within
        while time.monotonic() < until:
            found = next(each for each in browser.get("/jobs").json()["items"] if each["id"] == job)
            if found["state"] in ("done", "failed"):
                assert found["state"] == "done", found
                return
            time.sleep(0.5)
        raise AssertionError("the job did not end")


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    write_shoot(tmp_path / "spring", 2)
    service = Served(tmp_path, {"SAFELIGHT_DATABASE": url} if url else {})
    yield service
    for each in service.browsers:
        each.close()
    if service.process.poll() is None:
        service.kill()


def decide(browser, line, decided="approve", **more):
    return browser.post("/decisions", json={"on": {line["id"]: line["etag"]}, "decided": decided, **more})


def test_a_shoot_goes_through_a_team_and_a_killed_server_loses_nothing(served):
    link = re.search(r"(/start#\S+)", served.log.read_text()).group(1)
    ada = served.redeem(link, login="ada", name="Ada Admin")
    folder = str(served.folder / "spring")
    job = ada.post("/jobs", json={"folder": folder}).json()["id"]
    served.finished(ada, job)

    files = ada.get("/batches/spring/assets").json()["items"]
    assert [each["standing"] for each in files] == ["waiting", "waiting"]
    assert all(each["reasons"] and each["route"] == "review" for each in files)
    first, second = files
    for picture in (
        f"/assets/{first['id']}/preview?size=600",
        f"/versions/{first['version']}/render?size=900",
        ada.get(f"/versions/{first['version']}/tiles").json()["url"].removeprefix("/api/v1").format(level=9, x=0, y=0),
    ):
        answer = ada.get(picture)
        assert answer.status_code == 200 and answer.content.startswith(b"\xff\xd8\xff"), picture
        assert ada.get(picture, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304

    invited = ada.post("/people", json={"login": "ben", "name": "Ben", "roles": {"*": "reviewer"}}).json()
    ben = served.redeem(invited["link"])
    assert ben.post("/claims", json={"files": [first["id"]]}).status_code == 201
    assert decide(ada, first).status_code == 409
    assert decide(ben, first).status_code == 200
    sent = decide(ada, second, "revise", reason="the edge is soft", notes=[{"text": "here", "points": [[0.4, 0.5]]}])
    assert sent.status_code == 200 and sent.json()["items"][0]["queue"] == "edge_repair"
    served.kill()  # acknowledged is on the disk

    served.start()
    ada, ben = served.sign_in("ada"), served.sign_in("ben")
    files = {each["id"]: each for each in ada.get("/batches/spring/assets").json()["items"]}
    assert files[first["id"]]["approved_by"] == "Ben"
    assert files[second["id"]]["decisions"][0]["reason"] == "the edge is soft"
    assert ada.get(f"/assets/{second['id']}/notes").json()["items"][0]["text"] == "here"
    late = decide(ben, second)
    assert late.status_code == 409 and "Ada Admin decided revise" in late.json()["detail"]
    undone = ada.post(f"/actions/{ada.get('/batches/spring/actions').json()['items'][0]['seq']}/undo")
    assert undone.json()["standing"] == "waiting"
    again = decide(ada, undone.json(), "revise", reason="the edge is soft")
    assert again.json()["items"][0]["standing"] == "sent_back"

    told = lines(safelight("report", "spring", "--json", folder=served.folder))  # another process asks the owner
    assert {each["standing"] for each in told} == {"approved", "sent_back"}
    refused = ben.post("/batches/spring/release")
    assert refused.status_code == 403 and "those who may: admin, lead" in refused.json()["detail"]
    served.finished(ada, ada.post("/batches/spring/release").json()["id"])
    now = {each["id"]: each["standing"] for each in ada.get("/batches/spring/assets").json()["items"]}
    assert now == {first["id"]: "delivered", second["id"]: "sent_back"}
    assert list((served.folder / "out" / "spring" / "delivery").rglob("*.jpg"))
    assert ada.get("/strata").status_code == 200

    with ada.stream("GET", "/events", params={"after": 1}) as stream:
        text = ""
        for piece in stream.iter_text():
            text += piece
            if "decision.undone" in text:
                break
    assert "event: file.seen" in text
    assert served.end() in (0, -signal.SIGTERM)
    assert "Traceback" not in served.log.read_text()
    safelight("verify", "--read-data", folder=served.folder)


def test_an_address_in_the_open_without_tls_is_refused(tmp_path):
    refused = safelight("serve", "--host", "0.0.0.0", "--port", "0", folder=tmp_path, code=2)
    assert "passwords would travel in the open" in refused.stderr
    assert not (tmp_path / ".safelight").exists()
