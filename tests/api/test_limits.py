"""What requests may bring (F-10), and ten thousand that nobody would send (F-12)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import socket
import threading
import time
import tracemalloc

import pytest
import uvicorn
from starlette.exceptions import HTTPException
from uvicorn.server import ServerState

from safelight.access import table
from safelight.api import limits, uploads
from safelight.api.app import make_app
from safelight.api.limits import PromptProtocol, limited
from safelight.core.facts import NewFact
from safelight.house import House
from safelight.people.quota import Quota
from safelight.settings import Settings
from safelight.store.people import Account
from tests.api.conftest import Team, lines
from tests.api.test_permissions import APART, BODIES, _filled
from tests.api.test_security import path_of

LEAKS = ("Traceback", "SELECT ", "sqlite", "safelight-test-", ".py", "site-packages")


def test_a_body_beyond_the_limit_is_refused_by_its_length_and_by_its_bytes(team, house):
    most = house.settings.request_bytes
    admin = team.admin()
    large = b'{"folder": "' + b"x" * most + b'"}'
    headers = {"Content-Type": "application/json"}
    told = admin.post("/api/v1/jobs", content=large, headers=headers)
    assert told.status_code == 413 and str(most) in told.json()["detail"]
    assert told.headers["content-type"] == "application/problem+json"
    assert admin.post("/api/v1/session", content=large, headers=headers).status_code == 413
    just = b'{"folder": "/nowhere"}' + b" " * (most - 100)
    assert admin.post("/api/v1/jobs", content=just, headers=headers).status_code == 422  # read, and no such folder


def test_an_account_that_has_sent_its_share_of_the_day_waits_and_others_do_not(store, folder):
    now = [0.0]
    house = House(store, Settings(account_day_bytes=2000), folder / "out")
    house.quota = Quota(2000, lambda: now[0])
    team = Team(house)
    admin = team.admin()
    ben = team.person(admin, "ben", "reviewer")
    body = {"files": ["x" * 1500]}
    assert [ben.post("/api/v1/claims", json=body).status_code for _ in range(3)] == [404, 404, 429]
    told = ben.post("/api/v1/claims", json=body)
    assert "an account may send 2000 bytes a day, and yours are sent; welcome again in 24 h" in told.json()["detail"]
    assert ben.get("/api/v1/batches").status_code == 200  # looking costs nothing
    assert admin.post("/api/v1/claims", json={"files": ["x"]}).status_code == 404
    now[0] = 86_400.0
    assert ben.post("/api/v1/claims", json=body).status_code == 404
    team.close()
    house.close()


def test_a_body_in_pieces_without_end_is_refused_at_the_limit_and_nothing_of_it_is_kept():
    taken = 0

    async def receive():
        nonlocal taken
        taken += 65_536
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def ask():
        limit = limited({"headers": [(b"content-length", b"many")]}, receive, 8_388_608, 30)
        with pytest.raises(HTTPException) as refused:
            while True:
                await limit()
        return refused.value

    assert asyncio.run(ask()).status_code == 413
    assert taken == 8_388_608 + 65_536


def test_a_body_that_does_not_come_is_not_waited_for():
    async def forever():
        await asyncio.sleep(60)

    async def ask():
        receive = limited({"headers": [(b"transfer-encoding", b"chunked")]}, forever, 1000, 0.05)
        with pytest.raises(HTTPException) as refused:
            await receive()
        return refused.value

    assert asyncio.run(ask()).status_code == 408


def test_a_body_that_has_come_lets_the_end_of_the_line_be_waited_for():
    messages = [{"type": "http.request", "body": b"ok"}, {"type": "http.disconnect"}]

    async def receive():
        await asyncio.sleep(0.1 if len(messages) == 1 else 0)
        return messages.pop(0)

    async def ask():
        limit = limited({"headers": []}, receive, 1000, 0.05)
        return [await limit(), await limit()]

    assert [each["type"] for each in asyncio.run(ask())] == ["http.request", "http.disconnect"]


def test_a_line_whose_head_never_ends_is_closed_and_others_are_answered(house, monkeypatch):
    monkeypatch.setattr(limits, "HEADER_S", 2.0)  # time enough for whoever sends a whole head at once
    config = uvicorn.Config(make_app(house), http=PromptProtocol, log_config=None, lifespan="off", port=0)
    server = uvicorn.Server(config)
    bound = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    until = time.monotonic() + 120
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    slow = [socket.create_connection(bound.getsockname(), 60) for _ in range(20)]
    try:
        for each in slow:
            each.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        with socket.create_connection(bound.getsockname(), 60) as quick:
            quick.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"200 OK" in quick.recv(4096)
            for each in slow:
                assert each.recv(100) == b""
    finally:
        for each in slow:
            each.close()
        server.should_exit = True
        thread.join(60)
        bound.close()


def test_deep_and_doubled_json_is_refused_or_read_and_never_breaks(team):
    admin = team.admin()
    headers = {"Content-Type": "application/json"}
    for body in (b"[" * 100_000, b'{"a":' * 50_000, b'{"folder": 1e999999}', b"\xff\xfe", b"\x00", b"NaN", b""):
        assert admin.post("/api/v1/jobs", content=body, headers=headers).status_code in (400, 422), body[:20]


def test_a_form_of_ten_thousand_parts_is_refused_by_every_route_that_takes_a_body(signed_in_module):
    browser, store = signed_in_module
    before = store.ledger.head()
    part = '--x\r\nContent-Disposition: form-data; name="a{}"\r\n\r\n1\r\n'
    form = "".join(map(part.format, range(10_000))).encode() + b"--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for route in sorted(each for each in table()["routes"] if each.split()[0] in ("POST", "PUT", "PATCH")):
        told = browser.request(route.split()[0], path_of(route), content=form, headers=headers)
        assert told.status_code == (422 if route.startswith("POST /session") else 415), (route, told.status_code)
        assert told.headers["content-type"] == "application/problem+json"
    assert store.ledger.head() == before


def test_a_file_that_is_sent_goes_to_the_disk_as_it_comes_and_not_into_memory(house, folder):
    """F-10: 64 MB of memory for an upload; this one is larger than that, and takes a thirtieth of it."""
    piece, pieces = b"x" * 1_000_000, 150

    class Sent:
        async def stream(self):
            for _ in range(pieces):
                yield bytes(bytearray(piece))  # anew, as a line brings it

    house.quota = Quota(0)
    account = Account(id="a", login="ben", name="Ben", roles={})
    tracemalloc.start()
    try:
        digest = asyncio.run(uploads._received(Sent(), house, account, folder / "sent"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (folder / "sent").stat().st_size == pieces * len(piece)
    assert digest == hashlib.sha256(piece * pieces).hexdigest()
    assert peak < 64_000_000 / 8


class Fuzz:
    """Requests that are almost right, and some that are not at all."""

    def __init__(self, seed, words):
        self.chance, self.words = random.Random(seed), words

    def value(self, depth=0):
        c = self.chance
        plain = [
            lambda: c.choice(
                ("", "approve", "*", "../..", "\x00", "a" * 5000, "\ud800", "=1+1", "'; DROP TABLE fact", "ä")
            ),
            lambda: c.choice((0, -1, 1, 2**63, 2**64, -(2**70), 1e308, -0.0, 0.5)),
            lambda: c.choice((None, True, False)),
            lambda: c.choice(list(self.words.values())),
        ]
        if depth < 3:
            plain.append(lambda: [self.value(depth + 1) for _ in range(c.randrange(4))])
            plain.append(lambda: {str(self.value(3)): self.value(depth + 1) for _ in range(c.randrange(4))})
        return c.choice(plain)()

    def body(self, route):
        good = _filled(BODIES.get(route), self.words)
        if not isinstance(good, dict) or self.chance.random() < 0.2:
            return self.value()
        for name in list(good):
            if self.chance.random() < 0.3:
                good[name] = self.value()
        if self.chance.random() < 0.2:
            good[str(self.value(3))] = self.value()
        return good

    def ask(self, browser, route):
        method, path = route.split(" ", 1)
        odd = ("..", "%2e%2e", "a" * 300, "0", "-1", "ä", "%00", "*")
        words = {
            name: self.chance.choice((value, value, self.chance.choice(odd))) for name, value in self.words.items()
        }
        headers = {"If-Match": self.chance.choice(('"1"', "*", "", "x" * 200, 'W/"7"'))}
        if self.chance.random() < 0.3:
            headers["Idempotency-Key"] = self.chance.choice(("k", "x" * 129, "key-" + str(self.chance.randrange(50))))
        query = {
            c: str(self.value(3))[:300] for c in self.chance.sample(("after", "limit", "size", "queue", "name"), 2)
        }
        query = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
        content = None
        if method not in ("GET", "DELETE"):
            content = json.dumps(self.body(route)).encode()
            headers["Content-Type"] = self.chance.choice(("application/json",) * 9 + ("text/plain",))
        place = "/api/v1" + path.format(**words)
        return browser.request(method, place, content=content, headers=headers, params=query)


@pytest.mark.parametrize(
    "count", [pytest.param(600, id="some"), pytest.param(10_000, id="all", marks=pytest.mark.slow)]
)
def test_whatever_is_asked_nothing_breaks_and_nothing_of_the_inside_is_said(team, say, house, monkeypatch, count):
    monkeypatch.setattr(house, "_carry_out", lambda work, progress: "done")
    say.batch()
    _, version = say.file()
    admin = team.admin()
    line = lines(admin)[0]
    house.store.ledger.append(
        [
            NewFact(
                "note.made",
                line["asset"],
                {"note": "n", "version": version, "text": "t", "shape": "pin", "points": [], "account": "a"},
                batch="spring",
            )
        ]
    )
    words = {
        "ref": line["id"],
        "batch": "spring",
        "version": version,
        "sha256": "0" * 64,
        "note": "n",
        "claim": "0" * 16,
    }
    words |= {
        "queue": "edge_repair",
        "seq": "1",
        "level": "8",
        "tile": "0_0",
        "label": "one",
        "ticket": "0" * 10,
        "proposal": "none",
    }
    words |= {"account": "nobody", "key": "0" * 16}
    own = {"DELETE /session", "PUT /me/password", "POST /session", "POST /session/link"}
    routes = sorted(set(table()["routes"]) - APART - own)
    fuzz = Fuzz(count, words)
    for n in range(count):
        route = routes[n % len(routes)]
        answer = fuzz.ask(admin, route)
        assert answer.status_code < 500, (route, answer.status_code, answer.text[:300], answer.request.content[:300])
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (route, answer.status_code)
            assert not [each for each in LEAKS if each in answer.text], (route, answer.text[:300])
    assert house.store.verify_chain().is_clean


def sent_to_the_protocol(*parts: bytes) -> bytes:
    """Return what the service's protocol writes when a line brings these bytes."""

    class Line(asyncio.Transport):
        def __init__(self) -> None:
            super().__init__()
            self.written, self.closed = b"", False

        def write(self, data: bytes) -> None:
            self.written += data

        def close(self) -> None:
            self.closed = True

        def is_closing(self) -> bool:
            return self.closed

        def pause_reading(self) -> None: ...

        def resume_reading(self) -> None: ...

    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def talk() -> bytes:
        config = uvicorn.Config(app, log_config=None, ws="none", lifespan="off")
        protocol = PromptProtocol(config, ServerState(), {})
        line = Line()
        protocol.connection_made(line)
        for each in parts:
            protocol.data_received(each)
            await asyncio.sleep(0)
            if line.closed:
                break
        for _ in range(10):
            await asyncio.sleep(0)
        protocol.connection_lost(None)
        return line.written

    return asyncio.run(talk())


def test_a_head_without_end_is_refused():
    assert sent_to_the_protocol(b"GET / HTTP/1.1\r\nHost: a\r\nX: ", *[b"a" * 10_000] * 7).startswith(b"HTTP/1.1 400")


def test_what_follows_the_chunks_without_end_is_refused():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: "
    assert b"HTTP/1.1 400" in sent_to_the_protocol(head, *[b"a" * 10_000] * 7)


def test_a_body_is_no_part_of_the_head():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
    assert sent_to_the_protocol(head, *[b"a" * 20_000] * 10).startswith(b"HTTP/1.1 204")


def test_two_lengths_of_one_body_are_refused():
    said = sent_to_the_protocol(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert said.startswith(b"HTTP/1.1 400")
