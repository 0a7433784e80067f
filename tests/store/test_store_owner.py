"""One process owns a store; the others ask it."""

from __future__ import annotations

import json
import socket
import stat
import threading

import pytest

from safelight.errors import NoStoreError, OwnerLeftError, StoreError, StoreLockedError, UnknownNameError
from safelight.store import Store
from safelight.store.lock import owner_of
from safelight.store.owner import Owner, ask
from tests.store.owners import leaving_owner


def echo(command, cwd):
    for word in command:
        yield {"out": f"{word} in {cwd}"}
    yield {"exit": len(command)}


@pytest.fixture
def root(folder):
    Store.create(folder / "store").close()
    return folder / "store"


def test_an_owner_answers_line_by_line(root):
    with Owner(root, echo):
        assert list(ask(root, ["a", "\udce9\n"], "/home")) == [
            {"out": "a in /home"},
            {"out": "\udce9\n in /home"},
            {"exit": 2},
        ]


def test_an_owner_names_itself_and_is_gone_when_it_leaves(root):
    import os

    assert owner_of(root) is None
    with Owner(root, echo):
        facts = owner_of(root)
        assert facts.pid == os.getpid()
        assert facts.socket == "socket"
        assert stat.S_IMODE((root / "socket").stat().st_mode) == 0o600
    assert owner_of(root) is None
    assert not (root / "socket").exists()
    assert (root / "lock").exists()


def test_a_second_owner_is_refused_with_exit_code_11(root):
    refused = pytest.raises(StoreLockedError, match="is owned by process")
    with Owner(root, echo), refused as refusal, Owner(root, echo, wait_s=0.05):
        pass
    assert refusal.value.exit_code == 11
    with Owner(root, echo):
        pass


def test_a_store_whose_path_is_too_long_for_a_socket_is_answered_all_the_same(folder):
    root = folder / ("long" * 30)
    Store.create(root).close()
    with Owner(root, echo) as owner:
        place = owner_of(root).socket
        assert len(place) < 100
        assert list(ask(root, [], "/")) == [{"exit": 0}]
        assert owner
    assert not (root / "socket").exists()
    from pathlib import Path

    assert not Path(place).exists()


def test_an_answer_without_an_exit_code_exits_0(root):
    with Owner(root, lambda command, cwd: iter([{"out": "x"}])):
        assert list(ask(root, [], "/"))[-1] == {"exit": 0}


def test_errors_of_a_command_are_told_with_their_exit_code_and_the_owner_lives(root):
    def broken(command, cwd):
        yield {"out": "begun"}
        match command:
            case ["unknown"]:
                raise UnknownNameError("no step called 'x'")
            case ["file"]:
                raise FileNotFoundError("gone")
            case _:
                raise ZeroDivisionError("bug")

    with Owner(root, broken):
        assert list(ask(root, ["unknown"], "/"))[1:] == [{"err": "no step called 'x'\n"}, {"exit": 2}]
        assert list(ask(root, ["file"], "/"))[1:] == [{"err": "internal error: FileNotFoundError: gone\n"}, {"exit": 1}]
        assert list(ask(root, ["x"], "/"))[-1] == {"exit": 1}


def test_a_long_silence_is_no_hang(root, monkeypatch):
    from safelight.store import owner as module

    monkeypatch.setattr(module, "_BEAT_S", 0.05)
    done = threading.Event()

    def slow(command, cwd):
        done.wait(4)
        yield {"out": "done"}

    with Owner(root, slow):
        assert list(ask(root, [], "/", timeout_s=3)) == [{"out": "done"}, {"exit": 0}]


def test_a_command_is_cancelled_when_its_asker_goes_away(root):
    cancelled = threading.Event()

    def endless(command, cwd):
        try:
            while True:
                yield {"out": "x" * 1000}
        finally:
            cancelled.set()

    with Owner(root, endless):
        answers = ask(root, [], "/")
        next(answers)
        answers.close()
        assert cancelled.wait(60)


def test_two_commands_are_answered_at_once(root):
    both = threading.Barrier(2)

    def meet(command, cwd):
        both.wait(60)
        yield {"out": "met"}

    def one():
        assert next(iter(ask(root, [], "/"))) == {"out": "met"}

    with Owner(root, meet):
        thread = threading.Thread(target=one)
        thread.start()
        one()
        thread.join()
    assert not both.broken


@pytest.mark.parametrize("words", [b"", b"\n", b"garbage\n", b"[]\n", b'{"command":1}\n', b"\xff\xfe\n", b"{" * 5000])
def test_nonsense_on_the_socket_does_no_harm(root, words):
    with Owner(root, echo):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(root / "socket"))
            line.sendall(words)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""
        assert list(ask(root, [], "/")) == [{"exit": 0}]


def test_an_owner_that_leaves_before_it_takes_a_command_up_says_that_nothing_was_done(root):
    with leaving_owner(root), pytest.raises(OwnerLeftError, match="left before it took the command up; nothing was"):
        list(ask(root, ["x"], "/"))
    assert owner_of(root) is None


def test_asking_where_nobody_is(root, folder):
    with pytest.raises(StoreError, match="nobody owns the store"):
        list(ask(root, [], "/"))
    with pytest.raises(NoStoreError):
        list(ask(folder / "none", [], "/"))


def test_a_lock_that_nobody_answers_for_is_named(root):
    import fcntl

    (root / "lock").write_text(json.dumps({"pid": 4242, "started": "2026-01-01T00:00:00Z", "socket": "socket"}))
    with (root / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreLockedError, match="process 4242 since 2026-01-01.*kill 4242"):
            list(ask(root, [], "/", timeout_s=0.1))
