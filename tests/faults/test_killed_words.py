"""A service that is killed while people work: every kind of word that it said yes to is there after it."""

from __future__ import annotations

import contextlib
import random
import threading
import time

import httpx2 as httpx
import pytest

from safelight.core.batch import RELEASED
from safelight.store import Store
from tests.api.conftest import Told
from tests.journeys.served import Served, look_at_sample

PEOPLE, FILES = 4, 40


class Hand(threading.Thread):
    """Says words of every kind about one file after the other, and remembers what was acknowledged."""

    def __init__(self, url, headers, files):
        super().__init__(daemon=True)
        self.url, self.headers, self.files = url, headers, files
        self.held, self.doubt = {}, None  # what was acknowledged, by what it is about; what is being said

    def run(self):
        with contextlib.suppress(httpx.TransportError), self.browser() as browser:
            for line in self.files:
                self.work(browser, line)

    def browser(self):
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=self.headers, timeout=120)

    def work(self, browser, line):
        ref, path, me = line["id"], line["file"], self.headers["X-Account"]
        on = {ref: "*"}
        note = self.say(browser.post, f"/assets/{ref}/notes", {"text": f"rim of {path}"})
        mine = ("note", ref, note["id"])
        self.held[mine] = f"rim of {path}"
        change, etag = {"text": f"foot of {path}"}, {"If-Match": note["etag"]}
        self.say(browser.patch, f"/assets/{ref}/notes/{note['id']}", change, etag, mine, change["text"])
        over = {"check": "check0", "reason": f"the prop of {path} is meant"}
        self.say(browser.post, f"/assets/{ref}/overrides", over, {"If-Match": "*"}, ("override", ref), over["reason"])
        numbers = {"step": "grain", "values": {"amount": 7.5}, "reason": "as on film"}
        self.say(browser.post, f"/assets/{ref}/amendments", numbers, {"If-Match": "*"}, ("amended", ref), ["grain"])
        given = {"on": on, "account": me}
        self.say(browser.post, "/assignments", given, {}, ("assigned", ref), me)
        word, standing = {"on": on, "decided": "revise", "reason": "the edge"}, ("standing", ref)
        (now,) = self.say(browser.post, "/decisions", word, {}, standing, "sent_back")["items"]
        deed = f"/actions/{now['decisions'][-1]['seq']}"
        self.say(browser.post, f"{deed}/undo", None, {}, standing, "waiting")
        self.say(browser.post, f"{deed}/redo", None, {}, standing, "sent_back")
        brief = {"about": f"product:{path}", "text": f"brief of {path}"}
        path_of_briefs = "/batches/spring/briefs"
        self.say(browser.post, path_of_briefs, brief, {"If-Match": "0"}, ("brief", brief["about"]), brief["text"])
        point = {"label": f"mark {path}"}
        self.say(browser.post, "/batches/spring/checkpoints", point, {}, ("checkpoint", point["label"]), True)
        claim = self.say(browser.post, "/claims", {"files": [ref]})
        self.held["claim", ref] = claim["id"]
        if ref < "8":  # one half is kept, the other given back
            self.doubt = "claim", ref
            assert browser.delete(f"/claims/{claim['id']}").status_code == 204
            self.held["claim", ref], self.doubt = "", None

    def say(self, send, path, body, headers=None, about=None, then=None):
        """Send a word; what it is about is in doubt until it is acknowledged, and then it is as the word says."""
        self.doubt = about
        answer = send(path, json=body, headers=headers or {})
        assert answer.status_code in (200, 201), answer.text
        if about is not None:
            self.held[about] = then
        self.doubt = None
        return answer.json()


def files(browser, **wanted):
    """Return all files of the batch, page by page: forty kills have more of them than a page."""
    found, after = [], ""
    while True:
        params = {"limit": 1000, **wanted, **({"after": after} if after else {})}
        page = browser.get("/batches/spring/assets", params=params).json()
        found, after = [*found, *page["items"]], page["next"]
        if not after:
            return found


def lost(browser, crew):
    """Return what was acknowledged and is not there."""
    lines = {each["id"]: each for each in files(browser)}
    briefs = {each["about"]: each["text"] for each in browser.get("/batches/spring/briefs").json()["items"]}

    def now(kind, what, note=""):
        if kind == "note":
            notes = browser.get(f"/assets/{what}/notes").json()["items"]
            return next((each["text"] for each in notes if each["id"] == note), "")
        if kind == "assigned":
            return (lines[what]["assigned"] or {}).get("account", "")
        if kind == "override":
            return next((each["reason"] for each in lines[what]["overrides"]), "")
        if kind == "amended":
            return lines[what]["amended"]
        if kind == "claim":
            return (lines[what]["claim"] or {}).get("id", "")
        if kind == "checkpoint":  # a label that is taken is told so
            return browser.post("/batches/spring/checkpoints", json={"label": what}).status_code == 409
        return lines[what]["standing"] if kind == "standing" else briefs.get(what, "")

    sure = [(about, then) for each in crew for about, then in each.held.items() if about != each.doubt]
    return [(about, then, now(*about)) for about, then in sure if now(*about) != then]


@contextlib.contextmanager
def service(folder):
    """A service, and the headers of its first admin; whatever becomes of the test, it is ended."""
    with contextlib.closing(Served(folder, {})) as served:
        admin = served.admin()
        account = admin.get("/me").json()["account"]
        secret = admin.post("/keys", json={"account": account, "name": "test"}).json()["secret"]
        yield served, {"Authorization": f"Bearer {secret}", "X-Account": account}


# Forty kills take half an hour beside other work: the wait that ends what hangs in other tests is too short for them.
FORTY = pytest.param(40, marks=[pytest.mark.slow, pytest.mark.timeout(5400)])


@pytest.mark.parametrize("kills", [1, FORTY])
def test_a_killed_service_forgets_no_word_of_any_kind(tmp_path, kills):
    chance = random.Random(kills)
    with Store.create(tmp_path / ".safelight") as store:
        say = Told(store)
        say.batch()
        for n in range(FILES * kills):
            say.file(f"{n:04}.jpg", words=("fail",))
    kinds = set()
    with service(tmp_path) as (served, headers):
        for kill in range(kills):
            with httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120) as browser:
                fresh = files(browser, standing="waiting")
            mine = [each for each in fresh if int(each["file"][:4]) // FILES == kill]
            crew = [Hand(served.url, headers, mine[n::PEOPLE]) for n in range(PEOPLE)]
            for each in crew:
                each.start()
            # From 33 on one of the four has said all eight kinds of a file.
            until, enough = time.monotonic() + 200, chance.randrange(33, 70)
            while sum(len(each.held) for each in crew) < enough and time.monotonic() < until:
                time.sleep(0.01)
            served.kill()
            for each in crew:
                each.join(150)
            kinds |= {about[0] for each in crew for about in each.held}
            served.start()
            with httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120) as browser:
                assert lost(browser, crew) == []
    assert kinds == {"note", "override", "amended", "assigned", "standing", "claim", "brief", "checkpoint"}


def test_a_release_that_was_acknowledged_is_carried_out_once_by_the_service_that_comes_after(tmp_path):
    with Store.create(tmp_path / ".safelight") as store:
        say = Told(store)
        say.batch()
        for n in range(3):
            say.file(f"{n}.jpg", route="spot_check", queue="release")
    with service(tmp_path) as (served, headers):
        with httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120) as browser:
            etag = look_at_sample(browser, "spring")
            done = browser.post("/batches/spring/release", headers={"If-Match": etag})
            served.kill()
        assert done.status_code == 202, done.text
        served.start()
        with httpx.Client(base_url=f"{served.url}/api/v1", headers=headers, timeout=120) as browser:
            until = time.monotonic() + 200
            while {each["standing"] for each in files(browser)} != {"approved"}:
                assert time.monotonic() < until, browser.get("/jobs").text
                time.sleep(0.1)
    with Store.open(tmp_path / ".safelight") as store:
        (released,) = store.ledger.facts(kind=RELEASED)
        assert released.personal["name"] == "Ada Admin"
