# ruff: noqa: F811 - a fixture is taken by its name
"""SIGKILL at a random moment: what was acknowledged is there, once, and the store is clean."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from safelight.core.facts import NewFact
from safelight.errors import StoreError, StoreLockedError
from safelight.store import Store
from safelight.store.lock import owner_of
from safelight.store.owner import Owner, ask
from tests.store.conftest import folder  # noqa: F401 - fixture

WRITER = Path(__file__).with_name("store_writer.py")


def kill_writers(root: Path, kills: int, seed: int) -> tuple[int, int]:
    """Kill `kills` writers; check after each; return acknowledged operations and verifications."""
    chance = random.Random(seed)
    Store.create(root).close()
    acknowledged: set[str] = set()
    with subprocess.Popen(
        [sys.executable, WRITER, root, str(kills)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin and writer.stdout
        for kill in range(kills):
            pid = int(writer.stdout.readline().split()[1])
            # After a random number of acknowledgments and a moment more: inside any operation, on a busy machine too.
            left, moment = chance.randrange(0, 20), chance.uniform(0.0, 0.02)
            while left > 0:
                acknowledged.add(writer.stdout.readline().strip())
                left -= 1
            time.sleep(moment)
            os.kill(pid, signal.SIGKILL)
            while (line := writer.stdout.readline().strip()) != "dead":
                acknowledged.add(line)
            began = time.process_time()  # of its own work: what the machine does besides is not the store's
            with Store.open(root) as store:
                assert time.process_time() - began < 10
                whole = kill % 10 == 9 or kill == kills - 1
                report = store.verify(read_data=whole)
                assert report.is_clean, report.lines()
            writer.stdin.write("next\n")
            writer.stdin.flush()
    with Store.open(root) as store:
        for each in acknowledged:
            kind, name = each.split()
            if kind == "blob":
                assert store.blobs.has(name)
            elif kind == "work":
                assert store.blobs.has(store.ledger.work(name)["proof"])
        decided = [each.subject for each in store.ledger.facts(kind="decision.made")]
        made = [each.subject for each in store.ledger.facts(kind="version.made")]
        assert len(decided) == len(set(decided))
        assert len(made) == len(set(made))
        assert {f"decision {each}" for each in decided} >= {
            each for each in acknowledged if each.startswith("decision")
        }
        assert {f"work {each}" for each in made} >= {each for each in acknowledged if each.startswith("work")}
    return len(acknowledged), kills


def test_twenty_kills_lose_nothing_acknowledged(tmp_path):
    acknowledged, _ = kill_writers(tmp_path / "store", 20, seed=1)
    assert acknowledged > 100


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_hundred_kills_lose_nothing_acknowledged(tmp_path):
    acknowledged, _ = kill_writers(tmp_path / "store", 500, seed=2)
    assert acknowledged > 2500


OWNER = """
import sys, time
from safelight.store.owner import Owner
def handle(command, cwd):
    if command == ["sleep"]:
        yield {"out": "asleep"}
        time.sleep(600)
    yield {"exit": 0}
with Owner(sys.argv[1], handle):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(folder):
    """A store and another process that owns it."""
    Store.create(folder / "store").close()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, folder / "store"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield folder / "store", process
        process.kill()


def test_the_lock_of_a_killed_owner_is_taken_over(other):
    root, process = other
    assert owner_of(root).pid == process.pid
    with (
        pytest.raises(StoreLockedError, match=f"process {process.pid} since") as refusal,
        Owner(root, lambda *_: iter(())),
    ):
        pass
    assert refusal.value.exit_code == 11
    process.kill()
    process.wait()
    assert owner_of(root) is None
    with Owner(root, lambda command, cwd: iter([{"out": "mine"}])):
        assert list(ask(root, [], "/")) == [{"out": "mine"}, {"exit": 0}]


def test_an_owner_that_is_killed_at_work_is_reported(other):
    root, process = other
    answers = ask(root, ["sleep"], "/")
    assert next(answers) == {"out": "asleep"}
    process.kill()
    with pytest.raises(StoreError, match="ended before the command did"):
        next(answers)


def test_an_owner_that_hangs_is_named_with_the_way_out(other):
    root, process = other
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(StoreLockedError, match=rf"kill {process.pid}") as refusal:
        list(ask(root, ["x"], "/", timeout_s=0.3))
    assert refusal.value.exit_code == 11
    process.send_signal(signal.SIGCONT)
    assert list(ask(root, ["x"], "/")) == [{"exit": 0}]


IMPORTER = """
import os, sys
from safelight.core.facts import Asset, Capture, NewFact
from safelight.store import Store
from safelight.store.assets import Seen, Sighting
from safelight.store.originals import Reference
root, processes = sys.argv[1], int(sys.argv[2])
def work(number):
    with Store.open(root) as store:
        for turn in range(2):
            for n in range(16):
                name = store.blobs.put([b"frame %d" % n, bytes(5000)])
                path = f"/card/{number if n % 4 == 0 else 'same'}/{n}.nef"
                asset = Asset(name, path, 1, "raw", 1, 1, 14, "camera", Capture())
                store.ledger.append_assets([Seen(asset, Sighting("b", Reference(path, 1, 1, name), copied=True),
                    (NewFact("asset.seen", name, {"path": path}),))])
                made = NewFact("version.made", name, {"proof": name})
                store.ledger.append_work(f"proof {n}", {"proof": name}, [made])
children = []
for number in range(processes):
    child = os.fork()
    if child == 0:
        work(number)
        os._exit(0)
    children.append(child)
sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children))
"""


def test_eight_processes_that_import_one_card_twice_make_one_asset_a_file(folder):
    Store.create(folder / "store").close()
    done = subprocess.run([sys.executable, "-c", IMPORTER, folder / "store", "8"], check=False)
    assert done.returncode == 0
    with Store.open(folder / "store") as store:
        assert len(store.ledger.assets()) == 16
        assert len(store.ledger.sightings()) == 12 + 8 * 4
        assert len(store.ledger.facts(kind="asset.seen")) == 44
        assert len(store.ledger.facts(kind="version.made")) == 16
        assert len(list(store.blobs.iterate())) == 16
        assert store.verify(read_data=True).is_clean


def test_two_starters_at_once_give_one_owner(folder):
    Store.create(folder / "store").close()
    handle = lambda command, cwd: iter(())  # noqa: E731
    got: list[bool] = []
    gate, leave = threading.Barrier(8), threading.Event()

    def note(is_owner: bool) -> None:
        got.append(is_owner)
        if len(got) == 8:
            leave.set()

    def start() -> None:
        gate.wait()
        try:
            with Owner(folder / "store", handle, wait_s=0.1):
                note(True)
                leave.wait(120)  # until everybody has tried: who comes late would find the store free
        except StoreLockedError:
            note(False)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got) == [False] * 7 + [True]


def test_a_reader_sees_whole_transactions_while_a_writer_writes(folder):
    with Store.create(folder / "store") as writer, Store.open(folder / "store") as reader:
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                writer.ledger.append([NewFact("a.b", "", {}), NewFact("a.b", "", {})])

        thread = threading.Thread(target=write)
        thread.start()
        try:
            for _ in range(30):
                assert reader.ledger.head().seq % 2 == 0
        finally:
            stop.set()
            thread.join()
