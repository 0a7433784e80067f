"""A service in a process of its own, and the browsers of those who use it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time

import httpx2 as httpx

from tests.journeys.cli import SAFELIGHT

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
        until = time.monotonic() + 600
        while time.monotonic() < until:
            found = re.search(r"serves at (\S+)", self.log.read_text())
            if found:
                self.url = found.group(1)
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{self.url}/api/v1/health", timeout=30).status_code == 200:
                        return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(120)

    def end(self):
        self.process.terminate()
        return self.process.wait(120)

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

    def finished(self, browser, job, within=800):
        until = time.monotonic() + within
        while time.monotonic() < until:
            found = next(each for each in browser.get("/jobs").json()["items"] if each["id"] == job)
            if found["state"] in ("done", "failed"):
                assert found["state"] == "done", found
                return
            time.sleep(0.5)
        raise AssertionError("the job did not end")

    def admin(self):
        """Return the browser of the first admin, who came by the one-time link."""
        link = re.search(r"(/start#\S+)", self.log.read_text()).group(1)
        return self.redeem(link, login="ada", name="Ada Admin")

    def close(self):
        """End the browsers and, if it still lives, the service."""
        for each in self.browsers:
            each.close()
        if self.process.poll() is None:
            self.kill()


def seen(browser, *lines):
    """Return what a person's screen says that it showed: every place of these files that must be seen, at 200 %."""
    found = {}
    for line in lines:
        looks = browser.get(f"/assets/{line['id']}").json()["looks"]
        must = [each for each in looks if each["must"]]
        found[line["id"]] = [{"id": each["id"], "box": each["box"], "percent": 200, "share": 1.0} for each in must]
    return found


def decide(browser, line, decided="approve", **more):
    """Say a word on a file as it was seen; an approval after having looked at what must be seen."""
    shown = seen(browser, line) if decided == "approve" else {}
    body = {"on": {line["id"]: line["etag"]}, "decided": decided, "shown": shown, **more}
    return browser.post("/decisions", json=body)


def look_at_sample(browser, batch):
    """Look at a release's sample as large as is asked, as a person's screen says it; return the plan's ETag."""
    plan = browser.get(f"/batches/{batch}/release").json()
    shown = {}
    for each in plan["sample"]:
        looks = [*each["places"], *browser.get(f"/assets/{each['id']}").json()["looks"]]
        shown[each["version"]] = [
            {"id": e["id"], "box": e["box"], "percent": e["percent"], "share": 1.0} for e in looks if e["must"]
        ]
    done = browser.post(f"/batches/{batch}/shown", json={"shown": shown})
    assert done.status_code == 200, done.text
    return plan["etag"]
