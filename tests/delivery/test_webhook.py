"""Webhooks: F-07 (nothing private is ever knocked at) and F-14 (signed, retried, no replay)."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from safelight.delivery.outbox import (
    MADE,
    SENT,
    add_hook,
    announce_delivery,
    hooks,
    remove_hook,
    send_events,
    tell_delivery,
)
from safelight.delivery.webhook import Event, Hook, check_url, is_public, new_secret, send, sign, verify
from safelight.errors import DeliveryTargetError, UsageError

from .test_deliver import Desk

EVENT = Event("msg_1", "batch.delivered", "2026-03-01T10:00:00+00:00", {"batch": "spring", "files": 3})
SECRET = new_secret()


class Receiver:
    """A receiver that answers what it is told to, last answer for ever, and keeps what came."""

    def __init__(self, *answers, location=""):
        self.answers, self.got, outer = list(answers) or [204], [], self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                self.send_response(status)
                if location:
                    self.send_header("location", location)
                self.send_header("content-length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def hook(receiver):
    return Hook(receiver.url, SECRET, private=True)


# F-14


def test_f_14_an_event_is_signed_and_the_receiver_can_verify_it():
    with Receiver() as receiver:
        assert send(hook(receiver), EVENT) == 1
    headers, body = receiver.got[0]
    assert verify(SECRET, headers, body, time.time()) == "msg_1"
    assert json.loads(body) == {"type": "batch.delivered", "timestamp": EVENT.at, "data": dict(EVENT.data)}
    assert headers["content-type"] == "application/json"


def test_f_14_it_is_retried_with_the_same_id_and_a_fresh_time_until_it_is_taken():
    with Receiver(500, 503, 429, 200) as receiver:
        assert send(hook(receiver), EVENT, waits_s=(0, 0, 0, 0)) == 4
    assert {each[0]["webhook-id"] for each in receiver.got} == {"msg_1"}
    for headers, body in receiver.got:
        verify(SECRET, headers, body, time.time())


def test_f_14_a_refusal_is_not_asked_again_and_a_dead_receiver_is_an_error():
    with (
        Receiver(410) as receiver,
        pytest.raises(DeliveryTargetError, match=r"did not take batch.delivered \(status 410\)"),
    ):
        send(hook(receiver), EVENT, waits_s=(0, 0, 0))
    assert len(receiver.got) == 1
    with socket.socket() as nobody, pytest.raises(DeliveryTargetError, match="ConnectionRefusedError"):
        nobody.bind(("127.0.0.1", 0))  # held, so that nobody else listens there
        send(Hook(f"http://127.0.0.1:{nobody.getsockname()[1]}/in", SECRET, private=True), EVENT, waits_s=(0, 0))


def signed(at):
    """The headers of an empty event."""
    signature = sign(SECRET, "msg_1", at, b"{}")
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}


def test_f_14_a_replay_is_refused_by_id_and_by_time():
    at = 1_760_000_000
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(SECRET, "msg_1", at, b"{}"),
    }
    assert verify(SECRET, headers, b"{}", at + 299) == "msg_1"
    for wrong in (at + 301, at - 301):
        with pytest.raises(UsageError, match="300 s are allowed"):
            verify(SECRET, headers, b"{}", wrong)
    with pytest.raises(UsageError, match="was taken before"):
        verify(SECRET, headers, b"{}", at, seen={"msg_1"})


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "1760000001"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": sign(new_secret(), "msg_1", 1_760_000_000, b"{}")},
    ],
)
def test_f_14_whatever_is_changed_breaks_the_signature(change):
    at = 1_760_000_000
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(SECRET, "msg_1", at, b"{}"),
    }
    with pytest.raises(UsageError, match="is not signed with this secret, or was changed"):
        verify(SECRET, headers | change, b"{}", at)
    with pytest.raises(UsageError, match="was changed"):
        verify(SECRET, headers, b"{ }", at)


def test_a_second_signature_after_a_rotation_is_taken():
    at = 1_760_000_000
    both = f"{sign(new_secret(), 'm', at, b'x')} {sign(SECRET, 'm', at, b'x')}"
    headers = {"Webhook-Id": "m", "Webhook-Timestamp": str(at), "Webhook-Signature": both}
    assert verify(SECRET, headers, b"x", at) == "m"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_!!!!", "whsec_" + "A" * 200])
def test_a_weak_secret_is_refused(secret):
    with pytest.raises(UsageError, match="24 to 64 bytes"):
        sign(secret, "m", 0, b"")


def test_an_event_is_thin():
    with pytest.raises(UsageError, match="a webhook takes under 20,000"):
        Event("m", "t", "", {"x": "y" * 20_000}).body()


# F-07

PRIVATE = (
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    "ff02::1", "2001:db8::1", "::127.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_f_07_no_private_address_in_any_form_is_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_f_07_public_ones_are(address):
    assert is_public(address)


@pytest.fixture
def no_connection(monkeypatch):
    """Fail if anything is connected to."""
    made = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_: made.append(args) or pytest.fail("connected"))
    yield made
    assert made == []


@pytest.mark.parametrize("address", PRIVATE)
def test_f_07_a_name_that_leads_to_a_private_address_gets_no_connection(no_connection, address):
    with pytest.raises(DeliveryTargetError, match="an address of a private network"):
        send(Hook("https://shop.example/in", SECRET), EVENT, resolve=lambda *_: [address], waits_s=(0,))


def test_f_07_one_private_answer_among_public_ones_is_enough(no_connection):
    with pytest.raises(DeliveryTargetError, match=r"10\.0\.0\.1"):
        send(Hook("https://x.example/", SECRET), EVENT, resolve=lambda *_: ["8.8.8.8", "10.0.0.1"], waits_s=(0,))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_f_07_every_spelling_of_this_machine_is_refused(no_connection, host):
    with pytest.raises(DeliveryTargetError, match="private network|did not take"):
        send(Hook(f"https://{host}/in", SECRET), EVENT, waits_s=(0,))


def test_f_07_a_name_that_changes_its_mind_is_asked_once_and_pinned(monkeypatch):
    asked, connected = [], []

    def resolve(host, port):
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address, _timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(DeliveryTargetError, match="ConnectionRefusedError"):
        send(Hook("https://rebind.example/in", SECRET), EVENT, resolve=resolve, waits_s=(0,))
    assert (asked, connected) == (["rebind.example"], [("93.184.216.34", 443)])
    # The next try asks anew, and refuses.
    with pytest.raises(DeliveryTargetError, match="private network"):
        send(Hook("https://rebind.example/in", SECRET), EVENT, resolve=resolve, waits_s=(0,))
    assert len(connected) == 1


def test_f_07_a_redirect_is_not_followed():
    with Receiver() as target, Receiver(302, location=target.url) as receiver:
        with pytest.raises(DeliveryTargetError, match="status 302"):
            send(hook(receiver), EVENT, waits_s=(0,))
        assert (len(receiver.got), target.got) == (1, [])


@pytest.mark.parametrize(
    ("url", "private", "said"),
    [
        ("http://shop.example/in", False, "it takes https://host/path"),
        ("ftp://shop.example/in", True, "it takes https or http"),
        ("file:///etc/passwd", True, "it takes https or http"),
        ("https:///in", False, "it takes https"),
        ("https://me:pw@shop.example/in", False, "carries a name, password or fragment"),
        ("https://shop.example/in\r\nx: y", False, "no spaces or control characters"),
    ],
)
def test_f_07_what_is_no_address_for_events_is_refused_by_its_words(url, private, said):
    with pytest.raises(UsageError, match=said):
        check_url(url, private=private)


# The outbox


@pytest.fixture
def desk(tmp_path, small):
    made = Desk(tmp_path)
    made.approve("A1", small.image, small.alpha)
    made.deliver()
    yield made
    made.store.close()


def test_a_delivery_is_told_once_to_each_hook_and_again_only_where_it_was_not_taken(desk):
    with Receiver(204) as good, Receiver(500, 500, 204) as bad:
        for each in (good, bad):
            add_hook(desk.store, each.url, SECRET, "Ines", private=True)
        tell_delivery(desk.store, "batch", desk.out)  # two tries each
        tell_delivery(desk.store, "batch", desk.out)
        assert send_events(desk.store, waits_s=(0,)) == []
    assert (len(good.got), len(bad.got)) == (1, 3)
    told = json.loads(good.got[0][1])["data"]
    assert (told["batch"], told["files"], told["channels"]) == ("batch", 1, ["amazon-main"])
    assert {each[0]["webhook-id"] for each in bad.got} == {good.got[0][0]["webhook-id"]}
    assert len(desk.store.ledger.facts(kind=SENT)) == 2


def test_a_hook_hears_nothing_of_what_was_before_it(desk):
    announce_delivery(desk.store, "batch", desk.out)
    assert len(desk.store.ledger.facts(kind=MADE)) == 1
    with Receiver() as receiver:
        add_hook(desk.store, receiver.url, SECRET, "Ines", private=True)
        assert send_events(desk.store, waits_s=(0,)) == []
        assert receiver.got == []


def test_hooks_are_kept_close_and_taken_away_by_name(desk):
    line = add_hook(desk.store, "https://shop.example/in", "", "Ines", private=False)
    assert line["secret"].startswith("whsec_")
    path = desk.store.root / "webhooks.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "whsec_" not in str([each.body for each in desk.store.ledger.facts()])
    with pytest.raises(UsageError, match="events go to https://shop.example/in already"):
        add_hook(desk.store, "https://shop.example/in", "", "Ines", private=False)
    with pytest.raises(UsageError, match=r"no events go to https://x/; they go to: https://shop.example/in"):
        remove_hook(desk.store, "https://x/", "Ines")
    remove_hook(desk.store, "https://shop.example/in", "Ines")
    assert hooks(desk.store) == ()
